"""tf.dtypes: element types."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        "evergraph.dtypes": (
            "DType as_dtype bfloat16 bool complex128 complex64 double float16 float32 float64 half "
            "int16 int32 int64 int8 qint16 qint32 qint8 quint16 quint8 resource string uint16 "
            "uint32 uint64 uint8 variant"
        ),
        "evergraph.graph.operators": "cast",
        "evergraph.v1.conversion": "complex saturate_cast",
        "evergraph.v1.framework": "QUANTIZED_DTYPES",
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
