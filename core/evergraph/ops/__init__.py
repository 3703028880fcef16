"""The operations, one file per family."""

from __future__ import annotations

from functools import cache
from importlib import import_module

FAMILIES = (
    "arithmetic",
    "comparison",
    "math",
    "reduction",
    "array",
    "indexing",
    "joining",
    "shaping",
    "space",
    "diagonal",
    "linear",
    "convolution",
    "pooling",
    "activation",
    "normalization",
    "resize",
    "flow",
    "variables",
    "streams",
    "stateless",
)


@cache
def load() -> None:
    """Import every family, which defines its ops."""
    for family in FAMILIES:
        import_module(f"evergraph.ops.{family}")
