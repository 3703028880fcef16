"""tf.data: datasets, and what gives their elements to the steps of a session."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        "evergraph.v1.data.dataset": "Dataset",
        "evergraph.v1.data.base": ("AUTOTUNE INFINITE_CARDINALITY UNKNOWN_CARDINALITY"),
        "evergraph.v1.data.iterators": (
            "Iterator get_output_classes get_output_shapes get_output_types "
            "make_initializable_iterator make_one_shot_iterator"
        ),
        "evergraph.v1.data.files": "FixedLengthRecordDataset TFRecordDataset TextLineDataset",
        "evergraph.v1.data.options": "Options ThreadingOptions",
        "evergraph.v1.data.experimental": "experimental=",
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
