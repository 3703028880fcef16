"""tf.manip: tensors in another shape or order."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        "evergraph.v1.indexing": "gather_nd",
        "evergraph.v1.plain": ("batch_to_space_nd reverse scatter_nd space_to_batch_nd tile"),
        "evergraph.v1.shaping": "reshape roll",
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
