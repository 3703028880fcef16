"""`get_seed`: the two seeds of a random op."""

from __future__ import annotations

from evergraph.graph.stacks import get_default_graph
from evergraph.seeds import seeds


def get_seed(op_seed: int | None) -> tuple[int | None, int | None]:
    """Return the attributes `seed` and `seed2` of a random op of the default graph.

    Args:
      op_seed: the op's own seed. Without one, a graph that has a seed (`tf.set_random_seed`) gives
        0, 1, 2, … to its ops; without either, both results are None and every run differs.
    """
    graph = get_default_graph()
    count = graph._random_ops
    if graph.seed is not None and op_seed is None:
        graph._random_ops += 1
    return seeds(graph.seed, op_seed, count)
