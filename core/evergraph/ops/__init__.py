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
    "selection",
    "slicing",
    "indexing",
    "tensor_scatter",
    "segment",
    "sparse_segment",
    "joining",
    "sequences",
    "stitching",
    "shaping",
    "coordinates",
    "bits",
    "optionals",
    "padding",
    "space",
    "diagonal",
    "linear",
    "einsum",
    "decomposition",
    "spectral",
    "convolution",
    "convolution_backprop",
    "depthwise_backprop",
    "convolution_3d",
    "pooling",
    "pooling_backprop",
    "pooling_3d_backprop",
    "pooling_argmax",
    "dilation",
    "activation",
    "normalization",
    "normalization_backprop",
    "losses",
    "resize",
    "resize_backprop",
    "flow",
    "control",
    "lists",
    "list_tensors",
    "variables",
    "gamma_derivative",
    "streams",
    "candidates",
    "stateless",
    "training",
    "sessions",
    "python",
    "queues",
    "files",
    "checkpoints",
    "text",
    "strings",
    "texts",
    "parsing",
    "image_files",
    "sequence_parsing",
    "single_sequence_parsing",
    "printing",
    "sparse",
    "summaries",
    "media_summaries",
    "readers",
    "tables",
)


@cache
def load() -> None:
    """Import every family, which defines its ops."""
    for family in FAMILIES:
        import_module(f"evergraph.ops.{family}")
