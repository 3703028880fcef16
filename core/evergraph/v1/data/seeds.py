"""The seeds of datasets, as tensors."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.operators import scope
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.v1 import random_seed
from evergraph.v1.indexing import where_v2
from evergraph.v1.plain import equal, logical_and


def get_seed(seed: Any) -> tuple[Tensor, Tensor]:
    """Return the seeds of a dataset, from its own and that of the graph; zeros if there are none.

    Args:
      seed: an integer, a tensor, or None.
    """
    if isinstance(seed, Tensor):
        graph_seed = get_default_graph().seed
        first: Any = 87654321 if graph_seed is None else graph_seed
        second = seed
    else:
        first, second = random_seed.get_seed(seed)
    if first is None:
        return constant(0, dtypes.int64, name="seed"), constant(0, dtypes.int64, name="seed2")
    one = convert_to_tensor(first, dtypes.int64, name="seed")
    # Two zeros would ask for seeds that nobody can know.
    with scope("seed2", "seed2", []) as name:
        two = convert_to_tensor(second, dtypes.int64)
        both = logical_and(equal(one, 0), equal(two, 0))
        return one, where_v2(both, constant(2**31 - 1, dtypes.int64), two, name=name)
