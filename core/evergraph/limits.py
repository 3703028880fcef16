"""Limits on what a graph may ask for, checked before memory is taken."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache

from evergraph.dtypes import DType
from evergraph.errors import ResourceExhaustedError

#: Nodes in one GraphDef.
MAX_NODES = 10_000_000
#: Tensors that one input or output of a node may stand for.
MAX_TENSORS = 1_000_000


@cache
def memory_limit() -> int:
    """Return how many bytes one tensor may take.

    `EVERGRAPH_MEMORY_LIMIT` (bytes) if set, else four fifths of the machine's memory.
    """
    given = os.environ.get("EVERGRAPH_MEMORY_LIMIT")
    if given:
        return int(given)
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 4 // 5
    except (AttributeError, ValueError, OSError):
        return 16 << 30


def check_allocation(shape: Iterable[int], dtype: DType) -> None:
    """Raise ResourceExhaustedError if a tensor of that shape is larger than `memory_limit`."""
    dims = [int(d) for d in shape]
    size = max(dtype.size, 1)
    for d in dims:
        size *= d
    if size > memory_limit():
        raise ResourceExhaustedError(
            None,
            None,
            f"OOM when allocating tensor with shape[{','.join(map(str, dims))}] and type "
            f"{_runtime_name(dtype)}: {size} bytes, the limit is {memory_limit()} "
            "(EVERGRAPH_MEMORY_LIMIT)",
        )


def _runtime_name(dtype: DType) -> str:
    return {"float32": "float", "float64": "double", "float16": "half"}.get(dtype.name, dtype.name)
