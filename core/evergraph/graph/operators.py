"""The operators of a tensor: `x + y`, `x[0]` and the rest, and the builders behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from evergraph import dtypes
from evergraph.dtypes import DType, as_dtype

if TYPE_CHECKING:
    from evergraph.graph.graph import Graph
    from evergraph.graph.tensor import Tensor

    #: What makes the node of an operator.
    Builder: TypeAlias = Callable[..., Tensor]

# `builder` and `convert` import `Tensor`, which inherits from the class below: they are imported
# where they are used.


class Operators:
    """The overloaded operators of `Tensor`.

    Each builds a node and returns its output. `==` and `!=` compare identity, as in TensorFlow 1.
    """

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def dtype(self) -> DType: ...

    def __add__(self, other: Any) -> Tensor:
        return _forward("add", _add, self, other)

    def __radd__(self, other: Any) -> Tensor:
        return _reflected("add", _add, self, other)

    def __sub__(self, other: Any) -> Tensor:
        return _forward("sub", _raw("Sub"), self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return _reflected("sub", _raw("Sub"), self, other)

    def __mul__(self, other: Any) -> Tensor:
        return _forward("mul", _multiply, self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return _reflected("mul", _multiply, self, other)

    def __truediv__(self, other: Any) -> Tensor:
        return _forward("truediv", truediv, self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return _reflected("truediv", truediv, self, other)

    def __div__(self, other: Any) -> Tensor:
        return _forward("div", div, self, other)

    def __rdiv__(self, other: Any) -> Tensor:
        return _reflected("div", div, self, other)

    def __floordiv__(self, other: Any) -> Tensor:
        return _forward("floordiv", floordiv, self, other)

    def __rfloordiv__(self, other: Any) -> Tensor:
        return _reflected("floordiv", floordiv, self, other)

    def __mod__(self, other: Any) -> Tensor:
        return _forward("mod", _modulo, self, other)

    def __rmod__(self, other: Any) -> Tensor:
        return _reflected("mod", _modulo, self, other)

    def __pow__(self, other: Any) -> Tensor:
        return _forward("pow", pow, self, other)

    def __rpow__(self, other: Any) -> Tensor:
        return _reflected("pow", pow, self, other)

    def __matmul__(self, other: Any) -> Tensor:
        return _forward("matmul", _matrix_product, self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return _reflected("matmul", _matrix_product, self, other)

    def __and__(self, other: Any) -> Tensor:
        return _forward("and", _logic("LogicalAnd", "BitwiseAnd"), self, other)

    def __rand__(self, other: Any) -> Tensor:
        return _reflected("and", _logic("LogicalAnd", "BitwiseAnd"), self, other)

    def __or__(self, other: Any) -> Tensor:
        return _forward("or", _logic("LogicalOr", "BitwiseOr"), self, other)

    def __ror__(self, other: Any) -> Tensor:
        return _reflected("or", _logic("LogicalOr", "BitwiseOr"), self, other)

    def __xor__(self, other: Any) -> Tensor:
        return _forward("xor", _exclusive_or, self, other)

    def __rxor__(self, other: Any) -> Tensor:
        return _reflected("xor", _exclusive_or, self, other)

    def __lt__(self, other: Any) -> Tensor:
        return _raw("Less")(self, other, None)

    def __le__(self, other: Any) -> Tensor:
        return _raw("LessEqual")(self, other, None)

    def __gt__(self, other: Any) -> Tensor:
        return _raw("Greater")(self, other, None)

    def __ge__(self, other: Any) -> Tensor:
        return _raw("GreaterEqual")(self, other, None)

    def __neg__(self) -> Tensor:
        result: Tensor = node("Neg", x=self)
        return result

    def __abs__(self) -> Tensor:
        result: Tensor = abs(self)
        return result

    def __invert__(self) -> Tensor:
        logical = self.dtype.base_dtype is dtypes.bool
        result: Tensor = node("LogicalNot" if logical else "Invert", x=self)
        return result

    def __getitem__(self, key: Any) -> Tensor:
        from evergraph.graph.slicing import getitem

        result: Tensor = getitem(self, key)
        return result


# How an operator reaches its builder


def _forward(operator: str, function: Builder, x: Any, y: Any) -> Tensor:
    with scope(None, operator, (x, y)) as name:
        try:
            return function(x, y, name)
        except (TypeError, ValueError):
            # An operand that knows better how to deal with tensors gets its turn.
            reflected = getattr(type(y), f"__r{operator}__", None)
            if reflected is None:
                raise
            try:
                result: Tensor = reflected(y, x)
            except (TypeError, ValueError):
                result = NotImplemented
            if result is NotImplemented:
                raise
            return result


def _reflected(operator: str, function: Builder, y: Any, x: Any) -> Tensor:
    with scope(None, operator, (x, y)) as name:
        return function(_tensor(x, y.dtype.base_dtype, "x"), y, name)


@contextmanager
def scope(
    name: str | None, default_name: str | None = None, values: Iterable[Any] = ()
) -> Iterator[str]:
    """Enter a name scope in the graph of `values`, which is the default graph inside.

    Args:
      name: the scope; by default `default_name`.
      default_name: what is used where the caller of a builder gives no name.
      values: among them the tensors, operations and variables that decide on the graph.
    """
    from evergraph.graph.stacks import get_default_graph

    graph = graph_of(values)
    chosen = default_name if name is None else name
    if graph is None or graph is get_default_graph():
        with get_default_graph().name_scope(chosen) as entered:
            yield entered
    else:
        with graph.as_default(), graph.name_scope(chosen) as entered:
            yield entered


def graph_of(values: Iterable[Any]) -> Graph | None:
    """Return the graph of the tensors, operations and variables among `values`, or None.

    Raises:
      ValueError: they are of several graphs.
    """
    from evergraph.graph.operation import Operation
    from evergraph.graph.stacks import get_default_graph
    from evergraph.graph.tensor import Tensor

    default = get_default_graph()
    if default.building_function:
        return default  # it takes what is outside as well
    found: Any = None
    for value in values:
        element = value
        if not isinstance(value, Tensor | Operation):
            convert = getattr(type(value), "_as_graph_element", None)
            element = None if convert is None else convert(value)
        if element is None:
            continue
        if found is None:
            found = element
        elif element.graph is not found.graph:
            raise ValueError(
                f"{element} must be from the same graph as {found} (graphs are {element.graph} and "
                f"{found.graph})."
            )
    return None if found is None else found.graph


def node(type: str, name: str | None = None, /, **arguments: Any) -> Any:
    """Build a node from keyword arguments; see `evergraph.builder.build`."""
    from evergraph.builder import build

    return build(type, arguments, name)


def _raw(type: str) -> Builder:
    return lambda x, y, name: node(type, name, x=x, y=y)


def _tensor(value: Any, dtype: Any = None, name: str | None = None, hint: Any = None) -> Tensor:
    from evergraph.graph.convert import convert_to_tensor

    return convert_to_tensor(value, dtype, name, hint)


def _is_tensor(value: Any) -> bool:
    from evergraph.graph.tensor import Tensor

    return isinstance(value, Tensor)


def _pair(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """Convert both operands, the second to the type of the first where that is possible."""
    x = _tensor(x, name="x")
    return x, _tensor(y, name="y", hint=x.dtype.base_dtype)


# Arithmetic


def _add(x: Any, y: Any, name: str | None) -> Any:
    if not _is_tensor(y):
        y = _tensor(y, name="y", hint=x.dtype.base_dtype)
    return node("Add" if x.dtype.base_dtype is dtypes.string else "AddV2", name, x=x, y=y)


def _multiply(x: Any, y: Any, name: str | None) -> Any:
    if any(_is_tensor(v) and v.dtype.base_dtype is dtypes.bool for v in (x, y)):
        x, y = (node("Cast", x=v, DstT=dtypes.int32) for v in (x, y))
        return node("Cast", x=node("Mul", name, x=x, y=y), DstT=dtypes.bool)
    return node("Mul", name, x=x, y=y)


#: What integers become before a true division.
_QUOTIENTS: Final[dict[DType, DType]] = {
    **dict.fromkeys((dtypes.uint8, dtypes.int8, dtypes.uint16, dtypes.int16), dtypes.float32),
    **dict.fromkeys((dtypes.uint32, dtypes.int32, dtypes.uint64, dtypes.int64), dtypes.float64),
    **{
        t: t
        for t in (
            dtypes.bfloat16,
            dtypes.float16,
            dtypes.float32,
            dtypes.float64,
            dtypes.complex64,
            dtypes.complex128,
        )
    },
}


def for_division(x: Any, y: Any, where: str) -> tuple[Tensor, Tensor]:
    """Return two tensors of the same type, integers as floats.

    Raises:
      TypeError: the types differ, or cannot be divided.
    """
    _check_same_type(x, y)
    dtype = x.dtype.base_dtype
    if dtype not in _QUOTIENTS:
        names = ", ".join(repr(t) for t in _QUOTIENTS)
        raise TypeError(f"Invalid dtype {dtype!r} in {where}. Expected one of {{{names}}}.")
    wanted = _QUOTIENTS[dtype]
    return (x, y) if wanted is dtype else (cast(x, wanted), cast(y, wanted))


def _check_same_type(x: Any, y: Any) -> None:
    if x.dtype.base_dtype is not y.dtype.base_dtype:
        raise TypeError(
            f"`x` and `y` must have the same dtype, got {x.dtype.base_dtype!r} != "
            f"{y.dtype.base_dtype!r}."
        )


def truediv(x: Any, y: Any, name: str | None = None) -> Any:
    """Divide element-wise; integers are divided as floats.

    Raises:
      TypeError: the types differ, or cannot be divided.
    """
    with scope(name, "truediv", (x, y)) as name:
        x, y = for_division(*_pair(x, y), "__truediv__")
        return node("RealDiv", name, x=x, y=y)


def div(x: Any, y: Any, name: str | None = None) -> Any:
    """Divide element-wise as Python 2 does: integers are rounded down.

    Raises:
      TypeError: the types differ.
    """
    with scope(name, "div", (x, y)) as name:
        x = _tensor(x, name="x")
        y = _tensor(y, x.dtype.base_dtype, "y")
        _check_same_type(x, y)
        real = x.dtype.base_dtype.is_floating or x.dtype.base_dtype.is_complex
        return node("RealDiv" if real else "FloorDiv", name, x=x, y=y)


def floordiv(x: Any, y: Any, name: str | None = None) -> Any:
    """Divide element-wise and round down."""
    with scope(name, "floordiv", (x, y)) as name:
        return node("FloorDiv", name, x=x, y=y)


def _modulo(x: Any, y: Any, name: str | None) -> Any:
    with scope(name, "mod", (x, y)) as name:
        return node("FloorMod", name, x=x, y=y)


def pow(x: Any, y: Any, name: str | None = None) -> Any:
    """Raise `x` to the power `y`, element-wise."""
    with scope(name, "Pow", (x,)) as name:
        return node("Pow", name, x=x, y=y)


def abs(x: Any, name: str | None = None) -> Any:
    """Return the absolute value, element-wise; of a complex tensor a real one."""
    with scope(name, "Abs", (x,)) as name:
        x = _tensor(x, name="x")
        if x.dtype.base_dtype.is_complex:
            return node("ComplexAbs", name, x=x, Tout=x.dtype.real_dtype)
        return node("Abs", name, x=x)


def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """Return `x` with elements of another type; the tensor itself if it has that type."""
    base = as_dtype(dtype).base_dtype
    # TF: a resource variable of that type is returned as it is, to be read by what takes it.
    if (_is_tensor(x) or _is_tensor(getattr(x, "handle", None))) and x.dtype is base:
        return x
    with scope(name, "Cast", (x,)) as name:
        x = _tensor(x, name="x")
        return x if x.dtype is base else node("Cast", name, x=x, DstT=base)


# Logic


def _logic(logical: str, bitwise: str) -> Builder:
    def function(x: Any, y: Any, name: str | None) -> Any:
        if x.dtype.base_dtype is dtypes.bool:
            return node(logical, name, x=x, y=y)
        # TF: the name is not passed on here, so the node lies inside the operator's scope.
        return node(bitwise, x=x, y=y)

    return function


def _exclusive_or(x: Any, y: Any, name: str) -> Any:
    if x.dtype.base_dtype is dtypes.bool:
        return logical_xor(x, y, name)
    return node("BitwiseXor", x=x, y=y)


def logical_xor(x: Any, y: Any, name: str = "LogicalXor") -> Any:
    """Return whether exactly one of `x` and `y` is true, element-wise."""
    either = node("LogicalOr", x=x, y=y)
    not_both = node("LogicalNot", x=node("LogicalAnd", x=x, y=y))
    return node("LogicalAnd", name, x=either, y=not_both)


# Products of matrices


def _matrix_product(a: Any, b: Any, name: str | None) -> Any:
    return matmul(a, b, name=name)


def conj(x: Any, name: str | None = None) -> Any:
    """Return the complex conjugate, element-wise; a real tensor itself.

    Raises:
      TypeError: the elements are not numbers.
    """
    if _is_tensor(x) and (x.dtype.is_floating or x.dtype.is_integer):
        return x
    with scope(name, "Conj", (x,)) as name:
        x = _tensor(x, name="x")
        if x.dtype.is_complex or x.dtype.base_dtype is dtypes.variant:
            return node("Conj", name, input=x)
        if x.dtype.is_floating or x.dtype.is_integer:
            return x
        raise TypeError(f"Expected numeric or variant tensor, got dtype {x.dtype!r}.")


def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    output_type: Any = None,
    grad_a: bool = False,
    grad_b: bool = False,
    name: str | None = None,
) -> Any:
    """Multiply matrices: the inner two dimensions; the others, if any, are broadcast batches.

    Args:
      a, b: tensors of the same type, of rank 2 or more.
      transpose_a, transpose_b: whether an operand is transposed first.
      adjoint_a, adjoint_b: whether it is conjugated and transposed first.
      a_is_sparse, b_is_sparse: whether an operand is mostly zeros; a hint.
      output_type: the type of the result, by default that of the operands.
      grad_a, grad_b: kept in the node for its gradient.
      name: the name of the node.

    Raises:
      ValueError: an operand is to be both transposed and conjugated, or shapes do not fit.
    """
    for which, transposed, adjoint in (
        ("a", transpose_a, adjoint_a),
        ("b", transpose_b, adjoint_b),
    ):
        if transposed and adjoint:
            raise ValueError(
                f"Only one of `transpose_{which}` and `adjoint_{which}` can be True. Received "
                f"`transpose_{which}`={transposed}, `adjoint_{which}`={adjoint}."
            )
    with scope(name, "MatMul", (a, b)) as name:
        a = _tensor(a, name="a")
        b = _tensor(b, name="b", hint=a.dtype.base_dtype)
        types = (a.dtype.base_dtype, b.dtype.base_dtype)
        widened = output_type is not None and any(t != output_type for t in types)
        sparse = a_is_sparse or b_is_sparse
        gradients = {"grad_x": grad_a, "grad_y": grad_b}
        if not sparse and any(t._dims is None or len(t._dims) > 2 for t in (a, b)):
            # A transposed batch is the adjoint of its conjugate.
            a, adjoint_a = (conj(a), True) if transpose_a else (a, adjoint_a)
            b, adjoint_b = (conj(b), True) if transpose_b else (b, adjoint_b)
            adjoints = {"adj_x": adjoint_a, "adj_y": adjoint_b}
            if widened:
                return node(
                    "BatchMatMulV3", name, x=a, y=b, Tout=output_type, **adjoints, **gradients
                )
            return node("BatchMatMulV2", name, x=a, y=b, **adjoints, **gradients)
        a, transpose_a = (conj(a), True) if adjoint_a else (a, transpose_a)
        b, transpose_b = (conj(b), True) if adjoint_b else (b, transpose_b)
        transposed_both = {"transpose_a": transpose_a, "transpose_b": transpose_b}
        floats = (dtypes.bfloat16, dtypes.float32)
        mixed = types[0] is not types[1] and dtypes.bfloat16 in types
        bytes_ = any(t in (dtypes.int8, dtypes.uint8) for t in types)
        if (sparse and all(t in floats for t in types)) or (mixed and not bytes_):
            flags = {"a_is_sparse": a_is_sparse, "b_is_sparse": b_is_sparse}
            result = node("SparseMatMul", name, a=a, b=b, **transposed_both, **flags)
            return cast(result, types[0]) if types == (dtypes.bfloat16,) * 2 else result
        if widened:
            adjoints = {"adj_x": adjoint_a or transpose_a, "adj_y": adjoint_b or transpose_b}
            return node("BatchMatMulV3", name, x=a, y=b, Tout=output_type, **adjoints, **gradients)
        return node("MatMul", name, a=a, b=b, grad_a=grad_a, grad_b=grad_b, **transposed_both)
