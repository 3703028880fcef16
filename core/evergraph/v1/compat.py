"""tf.compat: text and bytes, and versions."""

from __future__ import annotations

import codecs
import datetime
import numbers
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np

from evergraph import v1
from evergraph.shapes import dimension_at_index, dimension_value

__all__ = [
    "as_bytes",
    "as_str",
    "as_str_any",
    "as_text",
    "bytes_or_text_types",
    "complex_types",
    "dimension_at_index",
    "dimension_value",
    "forward_compatibility_horizon",
    "forward_compatible",
    "integral_types",
    "path_to_str",
    "real_types",
    "v1",
]

bytes_or_text_types: Final = (bytes, str)
integral_types: Final = (numbers.Integral, np.integer)
real_types: Final = (numbers.Real, np.integer, np.floating)
complex_types: Final = (numbers.Complex, np.number)


def as_bytes(bytes_or_text: Any, encoding: str = "utf-8") -> bytes:
    """Return bytes, text encoded; TypeError if it is neither."""
    codec = codecs.lookup(encoding).name
    if isinstance(bytes_or_text, bytearray):
        return bytes(bytes_or_text)
    if isinstance(bytes_or_text, str):
        return bytes_or_text.encode(codec)
    if isinstance(bytes_or_text, bytes):
        return bytes_or_text
    raise TypeError(f"Expected binary or unicode string, got {bytes_or_text!r}")


def as_text(bytes_or_text: Any, encoding: str = "utf-8") -> str:
    """Return text, bytes decoded; TypeError if it is neither."""
    codec = codecs.lookup(encoding).name
    if isinstance(bytes_or_text, str):
        return bytes_or_text
    if isinstance(bytes_or_text, bytes):
        return bytes_or_text.decode(codec)
    raise TypeError(f"Expected binary or unicode string, got {bytes_or_text!r}")


def as_str(bytes_or_text: Any, encoding: str = "utf-8") -> str:
    """Return what `as_text` does."""
    return as_text(bytes_or_text, encoding)


def as_str_any(value: Any, encoding: str = "utf-8") -> str:
    """Return anything as a string, bytes decoded."""
    return as_text(value, encoding) if isinstance(value, bytes) else str(value)


def path_to_str(path: Any) -> Any:
    """Return a path object as a string, and anything else as it is."""
    return as_str_any(path.__fspath__()) if hasattr(path, "__fspath__") else path


_horizon: datetime.date | None = None


def forward_compatible(year: int, month: int, day: int) -> bool:
    """Return whether a program may rely on what came after that date.

    Everything is as TensorFlow 2.21 has it, so this is True unless a
    `forward_compatibility_horizon` says otherwise.
    """
    return _horizon is None or _horizon > datetime.date(year, month, day)


@contextmanager
def forward_compatibility_horizon(year: int, month: int, day: int) -> Iterator[None]:
    """Set the date that `forward_compatible` compares with, inside a `with` block."""
    global _horizon
    old = _horizon
    _horizon = datetime.date(year, month, day)
    try:
        yield
    finally:
        _horizon = old
