"""Opening checkpoints, of whichever version."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np

from evergraph.checkpoints.commits import held, index_name
from evergraph.checkpoints.first_version import FirstVersion, matching
from evergraph.checkpoints.reading import Checkpoint
from evergraph.checkpoints.slices import Slice
from evergraph.dtypes import DType
from evergraph.errors import NotFoundError


class CheckpointSource(Protocol):
    """The tensors of a checkpoint, of either version."""

    def names(self) -> list[bytes]:
        """Return the names of all tensors, in order."""
        ...

    def __contains__(self, name: bytes) -> bool: ...

    def missing(self, names: Sequence[bytes]) -> str:
        """Return what is said of names that it does not have."""
        ...

    def dtype(self, name: bytes) -> DType:
        """Return the type of a tensor; NotFoundError if there is none of that name."""
        ...

    def shape(self, name: bytes) -> tuple[int, ...]:
        """Return the shape of a tensor; NotFoundError if there is none of that name."""
        ...

    def read(self, name: bytes, part: Slice | None = None) -> np.ndarray[Any, Any]:
        """Return a tensor, or a part of it, as an array of its own."""
        ...

    def close(self) -> None:
        """Close the files."""
        ...


@contextmanager
def opened(prefix: str) -> Iterator[CheckpointSource]:
    """Return, as a context, the checkpoint of that prefix, or of the first version the file.

    Raises:
      NotFoundError: there is none.
      DataLossError: it is damaged.
    """
    source = open_checkpoint(prefix)
    try:
        yield source
    finally:
        source.close()


def open_checkpoint(prefix: str) -> CheckpointSource:
    """Return what `opened` does; it must be closed."""
    if os.path.exists(index_name(prefix)) or held(prefix):
        return Checkpoint(prefix)
    files = matching(prefix)
    if not files:
        raise NotFoundError(
            None,
            None,
            "Unsuccessful TensorSliceReader constructor: Failed to find any matching files for "
            f"{prefix}",
        )
    return FirstVersion(prefix, files)
