"""States of recurrent cells: their shapes, and zeros."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.graph.convert import constant
from evergraph.graph.inference import constant_value
from evergraph.graph.slicing import concat
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape
from evergraph.v1 import nest
from evergraph.v1.filling import zeros
from evergraph.v1.shaping import expand_dims


def joined(prefix: Any, suffix: Any, static: bool = False) -> Any:
    """Return one shape after another.

    Args:
      prefix, suffix: a size, a shape, or a tensor of either.
      static: whether sizes that are not known are None, in a list; otherwise a tensor is returned.

    Raises:
      ValueError: one is a matrix, or a size is not known that must be.
    """
    parts = [_part(name, value) for name, value in (("Prefix", prefix), ("suffix", suffix))]
    if static:
        known: list[int | None] = []
        for _, sizes in parts:
            if sizes is None:
                return None
            known += sizes
        return known
    tensors = [tensor for tensor, _ in parts]
    if any(tensor is None for tensor in tensors):
        raise ValueError(
            f"Prefix or suffix can't be None. Received prefix = {prefix} and suffix = {suffix}"
        )
    return concat(tensors, 0)


def _part(name: str, value: Any) -> tuple[Any, list[int | None] | None]:
    """Return sizes as a tensor, if they are known, and as a list."""
    known: list[int | None] | None = None
    if isinstance(value, Tensor):
        if value.shape.rank not in (0, 1):
            raise ValueError(
                f"{name} tensor must be either a scalar or vector, but received tensor: {value}"
            )
        array = constant_value(value)
        if array is not None:
            known = [int(size) for size in array.ravel()]
        return (value if value.shape.rank else expand_dims(value, 0)), known
    shape = TensorShape([value] if isinstance(value, int) or value is None else value)
    if shape.rank is None:
        return None, None
    known = list(shape.as_list())
    return (constant(known, dtypes.int32) if shape.is_fully_defined() else None), known


def zero_states(state_size: Any, batch_size: Any, dtype: Any) -> Any:
    """Return zeros for each state of a cell, for each element of a batch."""

    def zero_state(size: Any) -> Any:
        state = zeros(joined(batch_size, size), dtype)
        state.set_shape(joined(batch_size, size, static=True))
        return state

    return _map_sizes(zero_state, state_size)


def _map_sizes(function: Any, sizes: Any) -> Any:
    """Apply a function to each size, of which a `TensorShape` is one."""
    if isinstance(sizes, TensorShape):
        return function(sizes)
    return nest.map_structure(function, sizes)
