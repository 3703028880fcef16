"""What is known of places when a step is planned: the rest need not be known to compile it."""

from __future__ import annotations

from typing import Any

from evergraph.graph.inference import partial_value
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.op import Op


def with_places(op: Operation, known: Op) -> Any:
    """Return the attributes of a node, with what is known of its places if not all need be."""
    assert known.placed is not None
    exact = [p for p in known.host if p not in known.shape_like]
    parts = {p: _partly_known(op._inputs[p]) for p in exact}
    places = [parts[p] for p in known.places]
    if None in parts.values() or not any(None in place for place in places if place):
        return op._attributes
    if len({len(part) for part in parts.values() if part is not None}) > 1:
        return op._attributes
    if not known.placed(list(parts.values()), op._attributes):
        return op._attributes
    return {**op._attributes, "_known": tuple(places)}


def _partly_known(tensor: Tensor) -> tuple[int | None, ...] | None:
    """Return the elements of a vector, None for those that are not known; None for no vector."""
    dims = tensor._dims
    if dims is None or len(dims) != 1 or dims[0] is None:
        return None
    found = partial_value(tensor)
    if found is None:
        return (None,) * dims[0]
    return tuple(int(v) if k else None for v, k in zip(*found, strict=True))
