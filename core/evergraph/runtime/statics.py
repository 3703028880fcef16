"""What follows from shapes alone: Shape, Size, Rank and ShapeN give NumPy values everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from evergraph.dtypes import DType

Dims = Sequence[int]


def _integer(dtype: DType | None) -> Any:
    return np.int32 if dtype is None else dtype.numpy


#: From the (fully known) input shapes and `out_type` to the outputs.
OF_SHAPE: Final[dict[str, Callable[[Sequence[Dims], DType | None], Sequence[Any]]]] = {
    "Shape": lambda dims, t: (np.array(dims[0], _integer(t)),),
    "VariableShape": lambda dims, t: (np.array(dims[0], _integer(t)),),
    "ShapeN": lambda dims, t: [np.array(d, _integer(t)) for d in dims],
    "Size": lambda dims, t: (np.prod(dims[0], dtype=np.int64).astype(_integer(t)),),
    "Rank": lambda dims, _: (np.int32(len(dims[0])),),
}
