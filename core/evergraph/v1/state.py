"""`tf.assign`, `tf.scatter_add` and the rest: changes of variables, of either kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evergraph.builder import build
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import scope
from evergraph.graph.slicing import concat, shape


def _is_reference(ref: Any) -> bool:
    return bool(ref.dtype._is_ref_dtype)


def assign(
    ref: Any,
    value: Any,
    validate_shape: bool | None = None,
    use_locking: bool | None = None,
    name: str | None = None,
) -> Any:
    """Return what sets a variable when it runs.

    Args:
      ref: the variable.
      value: the new value.
      validate_shape: whether its shape must be the variable's.
      use_locking: kept in the node; every step is a transaction anyway.
      name: the name of the node.
    """
    if not _is_reference(ref):
        return ref.assign(value, name=name)
    arguments = {"ref": ref, "value": value}
    more = {"validate_shape": validate_shape, "use_locking": use_locking}
    return build("Assign", arguments | more, name)


def assign_add(ref: Any, value: Any, use_locking: bool | None = None, name: Any = None) -> Any:
    """Return what adds to a variable when it runs; the arguments are those of `assign`."""
    if not _is_reference(ref):
        return ref.assign_add(value)
    return build("AssignAdd", {"ref": ref, "value": value, "use_locking": use_locking}, name)


def assign_sub(ref: Any, value: Any, use_locking: bool | None = None, name: Any = None) -> Any:
    """Return what subtracts from a variable when it runs; see `assign`."""
    if not _is_reference(ref):
        return ref.assign_sub(value)
    return build("AssignSub", {"ref": ref, "value": value, "use_locking": use_locking}, name)


def count_up_to(ref: Any, limit: int, name: str | None = None) -> Any:
    """Return what adds 1 when it runs, and fails at the limit; its value is the one before.

    Raises:
      OutOfRangeError: when it runs, the limit is reached.
    """
    if _is_reference(ref):
        return build("CountUpTo", {"ref": ref, "limit": limit}, name)
    arguments = {"resource": ref.handle, "limit": limit, "T": ref.dtype}
    return build("ResourceCountUpTo", arguments, name)


def is_initialized(ref: Any, name: str | None = None) -> Any:
    """Return whether a variable, or a reference to one, has a value."""
    if _is_reference(ref):
        return build("IsVariableInitialized", {"ref": ref}, name)
    return ref.is_initialized(name=name)


def is_variable_initialized(variable: Any) -> Any:
    """Return whether a variable has a value."""
    return is_initialized(variable)


def _scatter(how: str, what: str, use_locking: bool = False, nd: bool = False) -> Any:
    kind = "ScatterNd" if nd else "Scatter"
    handle = "ref" if nd else "resource"

    def function(
        ref: Any, indices: Any, updates: Any, use_locking: bool = use_locking, name: Any = None
    ) -> Any:
        arguments = {"indices": indices, "updates": updates}
        if _is_reference(ref):
            more = {"ref": ref, "use_locking": use_locking}
            return build(f"{kind}{how}", arguments | more, name)
        arguments["updates"] = convert_to_tensor(updates, ref.dtype)
        op = build(f"Resource{kind}{how}", {handle: ref.handle} | arguments, name)
        return ref._lazy_read(op)

    function.__name__ = function.__qualname__ = f"scatter_{'nd_' if nd else ''}{how.lower()}"
    where = "the elements" if nd else "the rows"
    function.__doc__ = f"Return what {what} {where} of a variable at `indices` when it runs."
    return function


scatter_update: Callable[..., Any] = _scatter("Update", "replaces", use_locking=True)
scatter_add: Callable[..., Any] = _scatter("Add", "adds `updates` to")
scatter_sub: Callable[..., Any] = _scatter("Sub", "subtracts `updates` from")
scatter_mul: Callable[..., Any] = _scatter("Mul", "multiplies by `updates`")
scatter_div: Callable[..., Any] = _scatter("Div", "divides by `updates`")
scatter_min: Callable[..., Any] = _scatter("Min", "takes the minimum with `updates` of")
scatter_max: Callable[..., Any] = _scatter("Max", "takes the maximum with `updates` of")
scatter_nd_update: Callable[..., Any] = _scatter("Update", "replaces", use_locking=True, nd=True)
scatter_nd_add: Callable[..., Any] = _scatter("Add", "adds `updates` to", nd=True)
scatter_nd_sub: Callable[..., Any] = _scatter("Sub", "subtracts `updates` from", nd=True)


def batch_scatter_update(
    ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None
) -> Any:
    """Return what replaces rows batch by batch when it runs.

    Args:
      ref: the variable.
      indices: in the last dimension which rows; those before are the batches.
      updates: the rows.
      use_locking: kept in the node.
      name: a name scope.

    Raises:
      ValueError: the rank of `indices` is not known.
    """
    with scope(name):
        indices = convert_to_tensor(indices, name="indices")
        sizes = shape(indices)
        rank = indices.ndim
        if rank is None:
            raise ValueError("batch_gather does not allow indices with unknown shape.")
        from evergraph.v1.filling import ones_like
        from evergraph.v1.shaping import expand_dims, reshape

        last = expand_dims(indices, axis=-1)
        parts = []
        for i in range(rank - 1):
            size = sizes[i]
            alone: list[Any] = [1] * (rank + 1)
            alone[i] = size
            each = build("Range", {"start": 0, "limit": size, "delta": 1})
            each = reshape(each, alone)
            if each.dtype.base_dtype is not last.dtype:
                each = build("Cast", {"x": each, "DstT": last.dtype})
            parts.append(each * ones_like(last))
        where = concat([*parts, last], axis=-1)
        return scatter_nd_update(ref, where, updates, use_locking=use_locking)
