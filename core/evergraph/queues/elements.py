"""Elements of queues: tuples of NumPy values, taken out of batches and put together to batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from evergraph.dtypes import DType
from evergraph.shapes import Dims

#: A value for each component; of rank 0, a NumPy scalar or `bytes`.
Element = tuple[Any, ...]


def owned(value: Any) -> Any:
    """Return a copy of a value, which nobody else can write to."""
    copy = np.array(value)
    return copy[()] if copy.ndim == 0 else copy


def rows(batches: Sequence[Any]) -> Iterator[Element]:
    """Return the elements of batches, one for each index of their first dimension.

    A batch is copied at once: who gave it may change it while an enqueue waits.
    """
    kept = [np.array(b) for b in batches]
    for i in range(len(kept[0])):
        yield tuple([owned(b[i]) if b.ndim > 1 else b[i] for b in kept])


def batched(
    elements: Sequence[Element], dtypes: Sequence[DType], shapes: Sequence[Dims]
) -> list[Any]:
    """Return a batch for each component.

    Args:
      elements: what goes into the batches, in order.
      dtypes: of the components.
      shapes: of the components. Where a size is not known, the batch has the largest one, and
        smaller values are followed by zeros, or by empty strings.
    """
    made = []
    for k, (dtype, shape) in enumerate(zip(dtypes, shapes, strict=True)):
        values = [e[k] for e in elements]
        sizes = tuple(
            max((np.shape(v)[j] for v in values), default=0) if d is None else d
            for j, d in enumerate(shape or ())
        )
        filled = b"" if dtype.name == "string" else 0
        batch = np.full((len(values), *sizes), filled, dtype.as_numpy_dtype)
        for i, value in enumerate(values):
            where: Any = (i, *map(slice, np.shape(value)))
            batch[where] = value
        made.append(batch)
    return made
