"""Checks that are made when the graph is built, as far as possible, and else when it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import numpy as np

from evergraph import dtypes
from evergraph.dtypes import DType, as_dtype
from evergraph.errors import InvalidArgumentError
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import abs, node, scope
from evergraph.graph.slicing import shape
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.v1._arguments import renamed
from evergraph.v1.filling import rank as rank_of
from evergraph.v1.flow import Assert, with_dependencies
from evergraph.v1.framework import get_static_value
from evergraph.v1.reductions import reduce_all

# Every check takes `data`, the tensors that its error shows, `summarize`, how many elements of
# each, `message`, what the error begins with, and `name`, a name scope. It returns an operation.
# InvalidArgumentError is raised at once if what it is about is known and wrong.


def assert_equal(
    x: Any, y: Any, data: Any = None, summarize: Any = None, message: Any = None, name: Any = None
) -> Any:
    """Check that x == y, element-wise."""
    with scope(name, "assert_equal", (x, y, data)):
        if x is y:
            return node("NoOp")
    return _compare("assert_equal", x, y, data, summarize, message, name)


def assert_none_equal(
    x: Any, y: Any, data: Any = None, summarize: Any = None, message: Any = None, name: Any = None
) -> Any:
    """Check that x != y, element-wise."""
    return _compare("assert_none_equal", x, y, data, summarize, message, name)


def assert_less(
    x: Any, y: Any, data: Any = None, summarize: Any = None, message: Any = None, name: Any = None
) -> Any:
    """Check that x < y, element-wise."""
    return _compare("assert_less", x, y, data, summarize, message, name)


def assert_less_equal(
    x: Any, y: Any, data: Any = None, summarize: Any = None, message: Any = None, name: Any = None
) -> Any:
    """Check that x <= y, element-wise."""
    return _compare("assert_less_equal", x, y, data, summarize, message, name)


def assert_greater(
    x: Any, y: Any, data: Any = None, summarize: Any = None, message: Any = None, name: Any = None
) -> Any:
    """Check that x > y, element-wise."""
    return _compare("assert_greater", x, y, data, summarize, message, name)


def assert_greater_equal(
    x: Any, y: Any, data: Any = None, summarize: Any = None, message: Any = None, name: Any = None
) -> Any:
    """Check that x >= y, element-wise."""
    return _compare("assert_greater_equal", x, y, data, summarize, message, name)


_COMPARISONS: Final[dict[str, tuple[str, str, Callable[..., Any]]]] = {
    "assert_equal": ("==", "Equal", np.equal),
    "assert_none_equal": ("!=", "NotEqual", np.not_equal),
    "assert_less": ("<", "Less", np.less),
    "assert_less_equal": ("<=", "LessEqual", np.less_equal),
    "assert_greater": (">", "Greater", np.greater),
    "assert_greater_equal": (">=", "GreaterEqual", np.greater_equal),
}


def _compare(
    check: str, x: Any, y: Any, data: Any, summarize: Any, message: Any, name: str | None
) -> Any:
    symbol, type, static = _COMPARISONS[check]
    with scope(name, check, (x, y, data)):
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, name="y")
        if data is None:
            data = [f"Condition x {symbol} y did not hold element-wise:"]
            data += [f"x ({x.name}) = ", x, f"y ({y.name}) = ", y]
        if message is not None:
            data = [message, *data]
        condition = reduce_all(node(type, x=x, y=y))
        known = [get_static_value(t) for t in (x, y)]
        if all(value is not None for value in known) and not np.all(static(*known)):
            raise InvalidArgumentError(None, None, "\n".join(_known_text(item) for item in data))
        return Assert(condition, data, summarize)


def _known_text(item: Any) -> str:
    value = get_static_value(item)
    return str(item if value is None else value)


def _prefix(message: Any) -> str:
    return f"{message}.  " if message else ""


def assert_positive(
    x: Any, data: Any = None, summarize: Any = None, message: Any = None, name: Any = None
) -> Any:
    """Check that x > 0, element-wise."""
    return _against_zero("assert_positive", "x > 0", x, data, summarize, message, name)


def assert_negative(
    x: Any, data: Any = None, summarize: Any = None, message: Any = None, name: Any = None
) -> Any:
    """Check that x < 0, element-wise."""
    return _against_zero("assert_negative", "x < 0", x, data, summarize, message, name)


def assert_non_negative(
    x: Any, data: Any = None, summarize: Any = None, message: Any = None, name: Any = None
) -> Any:
    """Check that x >= 0, element-wise."""
    return _against_zero("assert_non_negative", "x >= 0", x, data, summarize, message, name)


def assert_non_positive(
    x: Any, data: Any = None, summarize: Any = None, message: Any = None, name: Any = None
) -> Any:
    """Check that x <= 0, element-wise."""
    return _against_zero("assert_non_positive", "x <= 0", x, data, summarize, message, name)


def _against_zero(
    check: str, condition: str, x: Any, data: Any, summarize: Any, message: Any, name: Any
) -> Any:
    with scope(name, check, (x, data)):
        x = convert_to_tensor(x, name="x")
        if data is None:
            words = f"Condition {condition} did not hold element-wise:"
            shown = f"x ({x.name}) = "
            # TF: one string for this check, two for the others.
            parts = [words + shown] if check == "assert_non_positive" else [words, shown]
            data = [_prefix(message), *parts, x]
        zero = convert_to_tensor(0, x.dtype)
        low, high = (x, zero) if "<" in condition else (zero, x)
        inner = assert_less_equal if "=" in condition else assert_less
        return inner(low, high, data=data, summarize=summarize)


def assert_near(
    x: Any,
    y: Any,
    rtol: Any = None,
    atol: Any = None,
    data: Any = None,
    summarize: Any = None,
    message: Any = None,
    name: Any = None,
) -> Any:
    """Check that |x - y| < atol + rtol * |y|, element-wise.

    Args:
      x, y: tensors of the same type.
      rtol, atol: tolerances; by default ten times the type's precision.
      data, summarize, message, name: see `Assert`.
    """
    with scope(name, "assert_near", (x, y, rtol, atol, data)):
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, x.dtype, "y")
        dtype = x.dtype.real_dtype if x.dtype.is_complex else x.dtype
        default = 10 * np.finfo(dtype.as_numpy_dtype).eps
        rtol = convert_to_tensor(default if rtol is None else rtol, dtype, "rtol")
        atol = convert_to_tensor(default if atol is None else atol, dtype, "atol")
        if data is None:
            data = [_prefix(message)]
            data += [f"x and y not equal to tolerance rtol = {rtol}, atol = {atol}"]
            data += [f"x ({x.name}) = ", x, f"y ({y.name}) = ", y]
        tolerance = atol + rtol * abs(y)
        condition = reduce_all(node("Less", x=abs(x - y), y=tolerance))
        return Assert(condition, data, summarize)


# Ranks


def assert_rank(
    x: Any,
    rank: Any,
    data: Any = None,
    summarize: Any = None,
    message: Any = None,
    name: Any = None,
) -> Any:
    """Check that a tensor has some rank; ValueError if it is known not to."""
    with scope(name, "assert_rank", (x, rank, *(data or []))):
        return _rank_check("", "Equal", x, rank, data, summarize, message)


def assert_rank_at_least(
    x: Any,
    rank: Any,
    data: Any = None,
    summarize: Any = None,
    message: Any = None,
    name: Any = None,
) -> Any:
    """Check that a tensor has at least some rank; ValueError if it is known not to."""
    with scope(name, "assert_rank_at_least", (x, rank, *(data or []))):
        return _rank_check(" at least", "GreaterEqual", x, rank, data, summarize, message)


def _rank_check(
    words: str, type: str, x: Any, wanted: Any, data: Any, summarize: Any, message: Any
) -> Any:
    x = convert_to_tensor(x, name="x")
    wanted = convert_to_tensor(wanted, name="rank")
    if data is None:
        data = [_prefix(message), f"Tensor {x.name} must have rank{words}", wanted]
        data += ["Received shape: ", shape(x)]
    assert_type(wanted, dtypes.int32)
    known = _scalar(wanted)
    if known is not None and x.ndim is not None:
        if x.ndim != known if type == "Equal" else x.ndim < known:
            raise ValueError(
                f"{_prefix(message)}Tensor {x.name} must have rank{words} {known}.  Received rank "
                f"{x.ndim}, shape {x.shape}"
            )
        return node("NoOp", "static_checks_determined_all_ok")
    condition = node(type, x=rank_of(x), y=wanted)
    if known is None:
        condition = _with_scalar(condition, wanted)
    return Assert(condition, data, summarize)


def _scalar(wanted: Any) -> int | None:
    value = get_static_value(wanted)
    if value is not None and value.ndim:
        raise ValueError("Rank must be a scalar.")
    return None if value is None else int(value)


def _with_scalar(condition: Any, wanted: Any) -> Any:
    """Return the condition, available only after a check that the rank wanted is a scalar."""
    data = ["Rank must be a scalar. Received rank: ", wanted]
    return with_dependencies([assert_rank(wanted, 0, data=data)], condition)


def assert_rank_in(
    x: Any,
    ranks: Iterable[Any],
    data: Any = None,
    summarize: Any = None,
    message: Any = None,
    name: Any = None,
) -> Any:
    """Check that a tensor has one of some ranks; ValueError if it is known not to."""
    ranks = tuple(ranks)
    with scope(name, "assert_rank_in", (x, *ranks, *(data or []))):
        x = convert_to_tensor(x, name="x")
        wanted = [convert_to_tensor(r, name="rank") for r in ranks]
        if data is None:
            data = [_prefix(message), f"Tensor {x.name} must have rank in", *wanted]
            data += ["Received shape: ", shape(x)]
        for r in wanted:
            assert_type(r, dtypes.int32)
        known = [_scalar(r) for r in wanted]
        if None not in known and x.ndim is not None:
            if x.ndim not in known:
                raise ValueError(
                    f"{_prefix(message)}Tensor {x.name} must have rank in {tuple(known)}.  "
                    f"Received rank {x.ndim}, shape {x.shape}"
                )
            return node("NoOp", "static_checks_determined_all_ok")
        condition = _is_one_of(rank_of(x), wanted)
        for r, value in zip(wanted, known, strict=True):
            if value is None:
                condition = _with_scalar(condition, r)
        return Assert(condition, data, summarize)


def _is_one_of(actual: Any, wanted: Sequence[Any]) -> Any:
    if not wanted:
        return convert_to_tensor(False)
    result = node("Equal", x=wanted[0], y=actual)
    for r in wanted[1:]:
        result = node("LogicalOr", x=result, y=node("Equal", x=r, y=actual))
    return result


def assert_scalar(tensor: Any, name: Any = None, message: Any = None) -> Any:
    """Return the tensor; ValueError if it is not a scalar."""
    with scope(name, "assert_scalar", (tensor,)) as entered:
        tensor = convert_to_tensor(tensor, name=entered)
        if tensor.ndim != 0:
            raise ValueError(
                f"{_prefix(message)}Expected scalar shape for {tensor.name}, saw shape: "
                f"{tensor.shape}."
            )
        return tensor


# Types


def assert_type(tensor: Any, tf_type: Any, message: Any = None, name: Any = None) -> Any:
    """Return an operation that does nothing; TypeError if the tensor has another type."""
    wanted = as_dtype(tf_type)
    with scope(name, "assert_type", (tensor,)):
        tensor = convert_to_tensor(tensor, name="tensor")
        if tensor.dtype is not wanted:
            raise TypeError(
                f"{_prefix(message)}{tensor.name} must be of type {wanted!r}; got {tensor.dtype!r}"
            )
        return node("NoOp", "statically_determined_correct_type")


def assert_integer(x: Any, message: Any = None, name: Any = None) -> Any:
    """Return an operation that does nothing; TypeError if the elements are not integers."""
    with scope(name, "assert_integer", (x,)):
        x = convert_to_tensor(x, name="x")
        if not x.dtype.is_integer:
            raise TypeError(
                f'{_prefix(message)}Expected "x" to be integer type.  Found: {x.name} of dtype '
                f"{x.dtype}"
            )
        return node("NoOp", "statically_determined_was_integer")


def is_numeric_tensor(tensor: Any) -> bool:
    """Return whether this is a tensor of numbers."""
    return isinstance(tensor, Tensor) and tensor.dtype.is_numeric


def assert_proper_iterable(values: Any) -> None:
    """Raise TypeError unless this is an iterable other than a tensor, an array or a string."""
    if isinstance(values, Tensor | np.ndarray | bytes | str):
        raise TypeError(
            f'Expected argument "values" to be a "proper" iterable.  Found: {type(values)}'
        )
    if not hasattr(values, "__iter__"):
        raise TypeError(f'Expected argument "values" to be iterable.  Found: {type(values)}')


def assert_same_float_dtype(tensors: Any = None, dtype: Any = None) -> DType:
    """Return the floating type that tensors have in common, float32 by default.

    Raises:
      ValueError: they have several types, or one that is not floating.
    """
    found: DType | None = None if dtype is None else as_dtype(dtype)
    first = ""
    for item in tensors or ():
        if item is None:
            continue
        actual = item.dtype.base_dtype
        label = getattr(item, "name", str(item))
        if found is None:
            found, first = actual, f" as {label}"
        elif found != actual:
            raise ValueError(f"{label}, type={actual}, must be of the same type ({found}){first}.")
    if found is not None and not found.is_floating:
        raise ValueError(f"Expected floating point type, got {found}.")
    return found or dtypes.float32


def verify_tensor_all_finite(
    t: Any = None, msg: Any = None, name: Any = None, x: Any = None, message: Any = None
) -> Any:
    """Return the tensor, checked when it runs to be finite.

    Args:
      t: the tensor.
      msg: what the error says.
      name: a name scope.
      x, message: other names of `t` and `msg`.
    """
    x = renamed("x", x, "t", t)
    message = renamed("message", message, "msg", msg)
    with scope(name, "VerifyFinite", (x,)):
        x = convert_to_tensor(x, name="x")
        with get_default_graph().colocate_with(x):
            checked = node("CheckNumerics", tensor=x, message=message)
            return with_dependencies([checked], x)
