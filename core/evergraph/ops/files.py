"""Files, read and written whole, and found by patterns: ReadFile, WriteFile, MatchingFiles."""

from __future__ import annotations

import numpy as np

from evergraph import files
from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.rules import with_rank
from evergraph.shapes import bracketed


def read(xp, filename):
    return files.read_file(_scalar(filename, "Input filename"))


def write(xp, filename, contents):
    files.write_file(_scalar(filename, "Input filename"), _scalar(contents, "Contents"))
    return ()


def matching(xp, pattern):
    patterns = np.asarray(pattern, object)
    if patterns.ndim > 1:
        raise InvalidArgumentError(
            None,
            None,
            "Input patterns tensor must be scalar or vector, but had shape: "
            f"{bracketed(patterns.shape)}",
        )
    found = sorted(name for p in patterns.reshape(-1) for name in files.matching_files(p))
    names = np.empty(len(found), object)
    names[:] = found
    return names


def _scalar(value, what):
    if np.ndim(value):
        raise InvalidArgumentError(
            None,
            None,
            f"{what} tensor must be scalar, but had shape: {bracketed(np.shape(value))}",
        )
    return np.asarray(value, object).item()


def scalar(filename):
    with_rank(filename, 0)
    return ()


def nothing(filename, contents):
    with_rank(filename, 0)
    with_rank(contents, 0)
    return []


def names(pattern):
    if pattern is not None and len(pattern) > 1:
        raise ShapeError(f"Shape must be at most rank 1 but is rank {len(pattern)}")
    return (None,)


define(
    "ReadFile",
    read,
    shape=scalar,
    effects="fs_read",
    unknown_rank=True,
)
define(
    "WriteFile",
    write,
    shape=nothing,
    effects="fs_write",
    unknown_rank=True,
)
define(
    "MatchingFiles",
    matching,
    shape=names,
    effects="fs_read",
    unknown_rank=True,
)
