"""Which format a file of an image has, and what is said of one that is damaged."""

from __future__ import annotations

from typing import Final

_BEGINNINGS: Final = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF8": "GIF",
    b"BM": "BMP",
}


class DamagedImageError(ValueError):
    """A file of an image is not what it should be."""


def format_of(data: bytes) -> str | None:
    """Return the format that a file begins like; None if it is none of those known."""
    found = [name for start, name in _BEGINNINGS.items() if data.startswith(start)]
    return found[0] if found else None
