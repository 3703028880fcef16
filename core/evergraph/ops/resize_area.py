"""Resizing by the areas that pixels cover: ResizeArea."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from evergraph.op import define
from evergraph.ops.resize import checked_size, resized_shape


def resize_area(xp, images, size, *, align_corners=False):
    rows, columns = checked_size(images, size, False, False)
    if not images.shape[0]:
        return xp.zeros((0, rows, columns, images.shape[3]), dtype=xp.float32)
    x = xp.astype(images, xp.float32)
    down = xp.asarray(_weights(images.shape[1], rows, align_corners))
    across = xp.asarray(_weights(images.shape[2], columns, align_corners))
    return xp.ext.einsum("bijc,yi,xj->byxc", x, down, across)


@lru_cache(maxsize=64)
def _weights(size, count, align_corners):
    """Return how much of each element is in each result, float32 [count, size]."""
    if align_corners and count > 1:
        scale = np.float32(size - 1) / np.float32(count - 1)
    else:
        scale = np.float32(size) / np.float32(count)
    found = np.zeros((count, size), np.float32)
    for i in range(count):
        start, end = np.float32(i) * scale, np.float32(i + 1) * scale
        for j in range(int(np.floor(start)), int(np.ceil(end))):
            if j < start:
                part = float(scale if j + 1 > end else j + 1 - start)
            else:
                part = float(end - j) if j + 1 > end else 1.0
            # Beyond the edge, the last element counts again.
            found[i, min(max(j, 0), size - 1)] += np.float32(part)
    return found / scale


define("ResizeArea", resize_area, shape=resized_shape, host="size:1", unknown_rank=True)
