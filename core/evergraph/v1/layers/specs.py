"""What a layer demands of its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evergraph.dtypes import as_dtype
from evergraph.shapes import TensorShape


@dataclass
class InputSpec:
    """Type, rank and sizes that an input must have, each where it is not None.

    Attributes:
      dtype: the type.
      shape: the shape; None where a size is free.
      ndim, max_ndim, min_ndim: the rank, or its bounds.
      axes: from an axis to its size.
    """

    dtype: Any = None
    shape: Any = None
    ndim: int | None = None
    max_ndim: int | None = None
    min_ndim: int | None = None
    axes: Mapping[int, int | None] | None = None


def check_inputs(specs: Any, inputs: Sequence[Any], layer: str) -> None:
    """Compare a layer's inputs with what it demands.

    Raises:
      ValueError: there are more or fewer inputs, or one is not as it must be.
    """
    if not specs:
        return
    specs = list(specs) if isinstance(specs, list | tuple) else [specs]
    if len(inputs) != len(specs):
        raise ValueError(
            f'Layer "{layer}" expects {len(specs)} input(s), but it received {len(inputs)} input '
            f"tensors. Inputs received: {list(inputs)}"
        )
    for i, (tensor, spec) in enumerate(zip(inputs, specs, strict=True)):
        if spec is None:
            continue
        complaint = _complaint(spec, tensor)
        if complaint:
            raise ValueError(
                f'Input {i} of layer "{layer}" is incompatible with the layer: {complaint}'
            )


def _complaint(spec: InputSpec, tensor: Any) -> str:
    """Return what is wrong about an input, or nothing."""
    shape = TensorShape(tensor.shape)
    rank = shape.rank
    if spec.dtype is not None and tensor.dtype.base_dtype != as_dtype(spec.dtype):
        return f"expected dtype={as_dtype(spec.dtype).name}, found dtype={tensor.dtype}"
    if rank is None:
        return ""
    received = f"Full shape received: {tuple(shape)}"
    if spec.ndim is not None and rank != spec.ndim:
        return f"expected ndim={spec.ndim}, found ndim={rank}. {received}"
    if spec.max_ndim is not None and rank > spec.max_ndim:
        return f"expected max_ndim={spec.max_ndim}, found ndim={rank}"
    if spec.min_ndim is not None and rank < spec.min_ndim:
        return f"expected min_ndim={spec.min_ndim}, found ndim={rank}. {received}"
    sizes = shape.as_list()
    for axis, size in (spec.axes or {}).items():
        if size is not None and sizes[axis] not in (size, None):
            return (
                f"expected axis {axis} of input shape to have value {size}, but received input "
                f"with shape {tuple(sizes)}"
            )
    if spec.shape is not None:
        wanted = TensorShape(spec.shape).as_list()
        pairs = list(zip(wanted, sizes, strict=False))
        if len(wanted) != rank or any(None not in pair and len({*pair}) > 1 for pair in pairs):
            return f"expected shape={tuple(wanted)}, found shape={tuple(sizes)}"
    return ""
