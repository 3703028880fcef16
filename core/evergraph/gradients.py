"""`tf.gradients`: nodes that compute the derivatives of tensors, walking back through the graph."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from evergraph.gradient_functions import BUILDERS, zeros_like
from evergraph.gradient_walk import Walk
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import scope
from evergraph.graph.tensor import Tensor
from evergraph.slices import IndexedSlices

#: From an operation and the gradients of its outputs to the gradients of its inputs.
Gradient = Callable[..., Any]


class UnconnectedGradients(Enum):
    """What `gradients` returns for an input that the outputs do not depend on."""

    NONE = "none"
    ZERO = "zero"


def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    name: str = "gradients",
    colocate_gradients_with_ops: bool = False,
    gate_gradients: bool = False,
    aggregation_method: int | None = None,
    stop_gradients: Any = None,
    unconnected_gradients: UnconnectedGradients = UnconnectedGradients.NONE,
) -> list[Any]:
    """Return the derivatives of the sum of `ys` with respect to each of `xs`.

    Args:
      ys: a tensor or a list of tensors.
      xs: a tensor or a list of tensors; variables are meant by what they convert to.
      grad_ys: the gradients of `ys`; ones unless given.
      name: the scope of the new nodes.
      colocate_gradients_with_ops: put the gradient of an operation on its device.
      gate_gradients: wait for all gradients of an operation before any is used.
      aggregation_method: accepted for compatibility: sums are sums.
      stop_gradients: tensors that count as constants.
      unconnected_gradients: what stands for a gradient that is not there.

    Returns:
      A tensor, an IndexedSlices or None for each of `xs`.

    Raises:
      LookupError: an operation in between has no gradient.
      TypeError: a type is not one that can be differentiated.
      ValueError: shapes or numbers of gradients do not fit.
    """
    del aggregation_method
    ys, xs = _as_list(ys), _as_list(xs)
    stops = _as_list(stop_gradients) if stop_gradients is not None else []
    given = [None] * len(ys) if grad_ys is None else _as_list(grad_ys)
    if len(given) != len(ys):
        raise ValueError(f"Passed {len(given)} grad_ys for {len(ys)} ys")
    with scope(name or "gradients", values=(*ys, *xs, *given, *stops)):
        ys = [convert_to_tensor(y, name="y") for y in ys]
        sources = [_source(x) for x in xs]
        stopped = {id(_source(t)) for t in stops}
        walk = Walk(ys, sources, stopped, gate_gradients, colocate_gradients_with_ops)
        for i, (y, dy) in enumerate(zip(ys, given, strict=True)):
            walk.seed(y, _initial(y, dy, i))
        walk.run()
        found = [walk.result(x) for x in sources]
        if UnconnectedGradients(unconnected_gradients) is UnconnectedGradients.ZERO:
            found = [zeros_like(x) if g is None else g for x, g in zip(sources, found, strict=True)]
        return found


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _source(x: Any) -> Tensor:
    """Return the tensor that the gradient is taken of: a resource variable's is its handle."""
    if isinstance(x, Tensor):
        return x
    handle = getattr(x, "handle", None)
    if isinstance(handle, Tensor):
        return handle
    if isinstance(x, IndexedSlices):
        return x.values
    return convert_to_tensor(x, name="x", as_ref=True)


def _initial(y: Tensor, dy: Any, index: int) -> Any:
    if dy is None:
        if y.dtype.base_dtype.is_complex:
            raise TypeError(
                f"Gradients of complex tensors ({y}) must set grad_ys (y.dtype = {y.dtype!r})"
            )
        name = f"grad_ys_{index}"
        one = convert_to_tensor(1, y.dtype.base_dtype, name=f"{name}/Const")
        return BUILDERS.Fill(BUILDERS.shape(y, name=f"{name}/Shape"), one, name=name)
    if isinstance(dy, IndexedSlices):
        return dy
    dy = convert_to_tensor(dy, name=f"grad_ys_{index}")
    theirs, ours = dy.dtype.base_dtype, y.dtype.base_dtype
    floating = ours.is_floating or ours.is_complex
    if floating and theirs is not ours:
        raise TypeError(
            f"Gradient type {theirs.name} generated for tensor {y.name} with type {ours.name} is "
            "not the same"
        )
    return dy
