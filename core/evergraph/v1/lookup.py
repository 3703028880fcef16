"""tf.lookup: tables from keys to values."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        "evergraph.v1.lookup_experimental": "experimental=",
        "evergraph.v1.tables": (
            "KeyValueTensorInitializer StaticHashTable StaticVocabularyTable TextFileIndex "
            "TextFileInitializer"
        ),
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
