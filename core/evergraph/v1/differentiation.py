"""Gradients that users define, and derivatives of derivatives."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Final

from evergraph import gradients as engine
from evergraph.builder import build
from evergraph.gradient_functions import BUILDERS, register
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operation import Operation
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor


class AggregationMethod:
    """How gradients of one tensor are added up; here all of them do the same."""

    ADD_N: Final = 0
    DEFAULT: Final = ADD_N
    EXPERIMENTAL_TREE: Final = 1
    EXPERIMENTAL_ACCUMULATE_N: Final = 2


class RegisterGradient:
    """A decorator: the function is the gradient of an op type, or of a name.

    `f(op, *gradients)` returns one gradient per input of the operation. The name counts where
    `Graph.gradient_override_map` maps an op type to it.

    Raises:
      TypeError: the name is not a string.
      KeyError: when it decorates, the name has a gradient already.
    """

    def __init__(self, op_type: str) -> None:
        if not isinstance(op_type, str):
            raise TypeError("op_type must be a string")
        self._op_type = op_type

    def __call__(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """Register the function and return it."""
        register(self._op_type, f)
        return f


def no_gradient(op_type: str) -> None:
    """Register that an op type has no gradient: what is behind it is a constant.

    Raises:
      TypeError: the name is not a string.
      KeyError: the op type has a gradient already.
    """
    if not isinstance(op_type, str):
        raise TypeError("op_type must be a string")
    register(op_type, None)


def custom_gradient(f: Callable[..., Any] | None = None) -> Any:
    """Return a function whose gradient is the one that it returns beside its result.

    Args:
      f: from tensors to `(result, gradient)`; `gradient(*dys)` returns one gradient per argument.

    Raises:
      TypeError: when it is called, there are keyword arguments.
    """
    if f is None:
        return custom_gradient

    def decorated(*arguments: Any, **kwargs: Any) -> Any:
        if kwargs:
            raise ValueError(
                "The custom_gradient decorator currently supports keywords arguments only when "
                "eager execution is enabled."
            )
        return _with_gradient(f, arguments)

    decorated.__name__ = getattr(f, "__name__", "custom_gradient")
    decorated.__doc__ = f.__doc__
    decorated.__wrapped__ = f  # type: ignore[attr-defined]  # as functools.wraps does
    return decorated


def _with_gradient(f: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    given = [convert_to_tensor(a) for a in arguments]
    result, function = f(*given)
    several = isinstance(result, list | tuple)
    results = [convert_to_tensor(r) for r in (result if several else [result])]
    variables = _variables_between(given, results)
    takes_variables = _takes_variables(function)
    if variables and not takes_variables:
        raise TypeError(
            "@tf.custom_gradient grad_fn must accept keyword argument 'variables', since function "
            f"uses variables: {variables}"
        )

    def gradient(op: Operation, *dys: Any) -> list[Any]:
        del op
        dys = dys[: len(results)]
        of_variables: Sequence[Any] = []
        if variables:
            of_inputs, of_variables = function(*dys, variables=variables)
            if len(of_variables) != len(variables):
                raise ValueError(
                    "Must return gradient for each variable from @custom_gradient grad_fn."
                )
        else:
            of_inputs = function(*dys)
        single = not isinstance(of_inputs, list | tuple)
        return [None] * len(results) + ([of_inputs] if single else [*of_inputs, *of_variables])

    name = f"CustomGradient-{next(_COUNTER)}"
    register(name, gradient)
    with get_default_graph().gradient_override_map({"IdentityN": name}):
        tensors = [*results, *given, *(convert_to_tensor(v) for v in variables)]
        passed = build("IdentityN", {"input": tensors})[: len(results)]
    return type(result)(passed) if several else passed[0]


_COUNTER: Final = count()


def _takes_variables(function: Callable[..., Any]) -> bool:
    parameters = inspect.signature(function).parameters
    return "variables" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _variables_between(given: list[Tensor], results: list[Tensor]) -> list[Any]:
    """Return the trainable variables that the results depend on, but not through what was given."""
    graph = get_default_graph()
    known = {v.op.name: v for v in graph.get_collection("trainable_variables")}
    stack, seen, found = list(results), {id(t) for t in given}, {}
    while stack:
        tensor = stack.pop()
        if id(tensor) in seen:
            continue
        seen.add(id(tensor))
        if tensor.op.name in known:
            found[tensor.op.name] = known[tensor.op.name]
        stack.extend(tensor.op.inputs)
    return [found[name] for name in sorted(found)]


def hessians(
    ys: Any,
    xs: Any,
    name: str = "hessians",
    colocate_gradients_with_ops: bool = False,
    gate_gradients: bool = False,
    aggregation_method: int | None = None,
) -> list[Tensor]:
    """Return the second derivatives of the sum of `ys` with respect to each of `xs`.

    Args:
      ys: a tensor or a list of tensors.
      xs: a tensor or a list of tensors; where the shape of one is not known, the number of its
        elements must be.
      name: the scope of the new nodes.
      colocate_gradients_with_ops, gate_gradients, aggregation_method: see `gradients`.

    Returns:
      For each of `xs` a tensor of its shape twice.

    Raises:
      ValueError: the number of elements of one of `xs` is not known.
    """
    sources = list(xs) if isinstance(xs, list | tuple) else [xs]
    options: dict[str, Any] = {
        "colocate_gradients_with_ops": colocate_gradients_with_ops,
        "gate_gradients": gate_gradients,
        "aggregation_method": aggregation_method,
    }
    found = []
    for i, (x, first) in enumerate(
        zip(sources, engine.gradients(ys, sources, name=name, **options), strict=True)
    ):
        with get_default_graph().name_scope(f"{name}_reshape_{i}"):
            size = x.shape.num_elements()
            if size is None:
                raise ValueError(f"the number of elements of {x} is not known when it is built")
            flat = BUILDERS.Reshape(convert_to_tensor(first), [-1])
        rows = []
        for j in range(size):
            one = BUILDERS.StridedSlice(flat, [j], [j + 1], [1], shrink_axis_mask=1)
            (row,) = engine.gradients(
                one,
                x,
                unconnected_gradients=engine.UnconnectedGradients.ZERO,
                **options,
            )
            rows.append(convert_to_tensor(row))
        shape = BUILDERS.constant(x.shape.as_list(), "int32")
        stacked = BUILDERS.Pack(rows)
        found.append(BUILDERS.Reshape(stacked, BUILDERS.ConcatV2([shape, shape], 0)))
    return found
