"""What follows from shapes alone: Shape, Size, Rank and ShapeN give NumPy values everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, Final

import numpy as np

from evergraph.dtypes import DType
from evergraph.errors import InvalidArgumentError

Dims = Sequence[int]


def _integers(value: Any, dtype: DType | None) -> Any:
    try:
        return np.array(value, np.int32 if dtype is None else dtype.numpy)[()]
    except OverflowError:
        text = f"Value is out of int32 range: {np.max(value)}"
        raise InvalidArgumentError(None, None, text) from None


#: What is known of a list while it is traced.
OF_LIST: Final = frozenset({"TensorListLength", "TensorListElementShape"})

#: From the (fully known) input shapes and `out_type` to the outputs.
OF_SHAPE: Final[dict[str, Callable[[Sequence[Dims], DType | None], Sequence[Any]]]] = {
    "Shape": lambda dims, t: (_integers(dims[0], t),),
    "VariableShape": lambda dims, t: (_integers(dims[0], t),),
    "ShapeN": lambda dims, t: [_integers(d, t) for d in dims],
    "Size": lambda dims, t: (_integers(prod(dims[0]), t),),
    "Rank": lambda dims, _: (np.int32(len(dims[0])),),
}
