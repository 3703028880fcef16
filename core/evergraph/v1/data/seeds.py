"""The seeds of datasets, as tensors."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.builder import build
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.operators import scope
from evergraph.graph.tensor import Tensor
from evergraph.v1.indexing import where_v2
from evergraph.v1.random_seed import get_seed as graph_and_own


def get_seed(seed: Any) -> tuple[Tensor, Tensor]:
    """Return the seeds of a dataset, from its own and that of the graph; zeros if there are none.

    Args:
      seed: an integer, a tensor, or None.
    """
    first: Any
    second: Any
    if isinstance(seed, Tensor):
        first, second = graph_and_own(0)[0], seed
    else:
        first, second = graph_and_own(seed)
    if first is None:
        return constant(0, dtypes.int64, name="seed"), constant(0, dtypes.int64, name="seed2")
    one = convert_to_tensor(first, dtypes.int64, name="seed")
    # Two zeros would ask for seeds that nobody can know.
    with scope("seed2", "seed2", []) as name:
        two = convert_to_tensor(second, dtypes.int64)
        zeros = [build("Equal", {"x": each, "y": 0}) for each in (one, two)]
        both = build("LogicalAnd", {"x": zeros[0], "y": zeros[1]})
        return one, where_v2(both, constant(2**31 - 1, dtypes.int64), two, name=name)
