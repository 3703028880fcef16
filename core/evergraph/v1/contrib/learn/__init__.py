"""tf.contrib.learn: what prepares texts."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import table
from evergraph.v1.contrib.advice import look_up_here

_PUBLIC = table(
    {
        "evergraph.v1.contrib.learn.preprocessing": "preprocessing=",
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up_here(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
