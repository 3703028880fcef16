"""tf.io.gfile: files."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        "evergraph.v1.file_io": (
            "GFile copy exists get_registered_schemes glob isdir join listdir makedirs mkdir "
            "remove rename rmtree stat walk"
        ),
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
