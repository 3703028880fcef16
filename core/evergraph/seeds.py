"""Seeds: how a graph's seed and an op's seed become the two attributes of a random op."""

from __future__ import annotations

from typing import Final

#: The graph's seed where only the op has one.
DEFAULT_GRAPH_SEED: Final = 87654321
_LARGEST: Final = 2**31 - 1


def seeds(
    graph_seed: int | None, op_seed: int | None, random_op_count: int
) -> tuple[int | None, int | None]:
    """Return the attributes `seed` and `seed2` of a random op; (None, None) if nothing is seeded.

    Args:
      graph_seed: the graph's seed, if it has one.
      op_seed: the op's own seed, if it has one.
      random_op_count: how many ops of this graph have asked for a seed without having one of their
        own while the graph had one.
    """
    if graph_seed is None and op_seed is None:
        return None, None
    first = DEFAULT_GRAPH_SEED if graph_seed is None else graph_seed % _LARGEST
    second = (random_op_count if op_seed is None else op_seed) % _LARGEST
    # Two zeros would ask for seeds that nobody can know.
    return (first, second) if (first, second) != (0, 0) else (0, _LARGEST)
