"""tf.summary: values that TensorBoard shows, and the files that it reads."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        "evergraph.protos": "Event SessionLog Summary SummaryDescription TaggedRunMetadata",
        "evergraph.v1.file_writer": "FileWriter FileWriterCache",
        "evergraph.v1.summaries": (
            "all_v2_summary_ops audio get_summary_description histogram image initialize merge "
            "merge_all scalar tensor_summary text"
        ),
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
