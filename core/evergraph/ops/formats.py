"""Axes of images by their letters: DataFormatDimMap, DataFormatVecPermute."""

from __future__ import annotations

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import define
from evergraph.ops.rules import same_shape
from evergraph.shapes import bracketed


def _check(src_format, dst_format):
    for name, text in (("Source", src_format), ("Destination", dst_format)):
        if len(text) not in (4, 5):
            text = (
                f"{name} format must be of length 4 or 5, received {name.lower()}_format = {text}"
            )
            raise InvalidArgumentError(None, None, text)
    if sorted(src_format) != sorted(dst_format) or len(set(src_format)) != len(src_format):
        text = f"Destination and source formats must be permutations: {src_format}, {dst_format}"
        raise InvalidArgumentError(None, None, text)


def dim_map(xp, x, *, src_format="NHWC", dst_format="NCHW"):
    _check(src_format, dst_format)
    rank = len(src_format)
    table = xp.asarray(np.array([dst_format.index(c) for c in src_format]), dtype=x.dtype)
    # TF: on the CPU, what is out of range is read beside the table.
    at = xp.clip(xp.where(x < 0, x + rank, x), 0, rank - 1)
    return xp.ext.gather(table, at, axis=0)


def vec_permute(xp, x, *, src_format="NHWC", dst_format="NCHW"):
    _check_rank(x.shape, src_format)
    _check(src_format, dst_format)
    source, target = src_format, dst_format
    if x.shape[0] == len(source) - 2:
        # Only the sizes in space are there.
        source, target = ("".join(c for c in text if c not in "NC") for text in (source, target))
    order = np.array([source.index(c) for c in target])
    return xp.take(x, xp.asarray(order), axis=0)


def _check_rank(x, src_format):
    full = len(src_format)
    if len(x) not in (1, 2):
        text = f"input must be a vector or 2D tensor, but got shape {bracketed(x)}"
        raise InvalidArgumentError(None, None, text)
    if x[0] not in (full, full - 2):
        text = f"1D input must be of size {full - 2} or {full}, but got shape {bracketed(x)}"
        raise InvalidArgumentError(None, None, text)
    if len(x) == 2 and x[1] != 2:
        text = f"Second dimension of 2D input must be of size 2, but got shape {bracketed(x)}"
        raise InvalidArgumentError(None, None, text)


define("DataFormatDimMap", dim_map, shape=same_shape)
define("DataFormatVecPermute", vec_permute, shape=same_shape, unknown_rank=True)
