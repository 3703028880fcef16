"""What checkpoints have in them, without a graph."""

from __future__ import annotations

import logging
import os
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from evergraph.checkpoints.opening import open_checkpoint
from evergraph.dtypes import DType
from evergraph.shapes import bracketed
from evergraph.v1.training.checkpoint_state import latest_checkpoint
from evergraph.vocabulary import dtype_enum_text

_LOG = logging.getLogger("evergraph")


class CheckpointReader:
    """The tensors of a checkpoint.

    Args:
      filepattern: the prefix.

    Raises:
      NotFoundError: there is no such checkpoint.
      DataLossError: it is damaged.
    """

    def __init__(self, filepattern: Any) -> None:
        source = self._source = open_checkpoint(os.fsdecode(filepattern))
        weakref.finalize(self, source.close)
        found = [(name.decode(errors="replace"), name) for name in source.names()]
        self._shapes = {text: list(source.shape(name)) for text, name in found}
        self._dtypes = {text: source.dtype(name) for text, name in found}

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """Return the shapes of all tensors by their names."""
        return {name: list(shape) for name, shape in self._shapes.items()}

    def get_variable_to_dtype_map(self) -> dict[str, DType]:
        """Return the types of all tensors by their names."""
        return dict(self._dtypes)

    def has_tensor(self, tensor_str: str) -> bool:
        """Return whether there is a tensor of that name."""
        return tensor_str in self._shapes

    def get_tensor(self, tensor_str: str) -> Any:
        """Return a tensor: a NumPy array, a scalar, or bytes.

        Raises:
          NotFoundError: there is no tensor of that name.
          DataLossError: it is damaged.
        """
        return self._source.read(os.fsencode(tensor_str))[()]

    def debug_string(self) -> bytes:
        """Return a line for each tensor, with its type and its shape."""
        lines = [
            f"{name} ({dtype_enum_text(self._dtypes[name])}) {bracketed(shape)}\n"
            for name, shape in self._shapes.items()
        ]
        return "".join(lines).encode()


def NewCheckpointReader(filepattern: Any) -> CheckpointReader:
    """Return a reader of the checkpoint of that prefix; see `CheckpointReader`."""
    return CheckpointReader(filepattern)


def checkpoint_at(ckpt_dir_or_file: Any) -> str | None:
    """Return the prefix of the latest checkpoint of a folder; of anything else, itself."""
    name = os.fsdecode(ckpt_dir_or_file)
    return latest_checkpoint(name) if os.path.isdir(name) else name


def load_checkpoint(ckpt_dir_or_file: Any) -> CheckpointReader:
    """Return a reader of a checkpoint.

    Args:
      ckpt_dir_or_file: the prefix, or a folder, of which the latest is read.

    Raises:
      ValueError: there is no checkpoint in the folder.
      NotFoundError: there is no checkpoint of that prefix.
      DataLossError: it is damaged.
    """
    prefix = checkpoint_at(ckpt_dir_or_file)
    if prefix is None:
        raise ValueError(
            "Couldn't find 'checkpoint' file or checkpoints in given directory "
            f"{os.fsdecode(ckpt_dir_or_file)}"
        )
    return CheckpointReader(prefix)


def load_variable(ckpt_dir_or_file: Any, name: str) -> Any:
    """Return the value that a variable has in a checkpoint; see `load_checkpoint`."""
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name.removesuffix(":0"))


def list_variables(ckpt_dir_or_file: Any) -> list[tuple[str, list[int]]]:
    """Return the names and shapes of all tensors of a checkpoint; see `load_checkpoint`."""
    return sorted(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())


def checkpoints_iterator(
    checkpoint_dir: Any,
    min_interval_secs: float = 0,
    timeout: float | None = None,
    timeout_fn: Callable[[], Any] | None = None,
) -> Iterator[str]:
    """Yield the prefixes of checkpoints as they appear in a folder.

    Args:
      checkpoint_dir: the folder.
      min_interval_secs: the least time from one to the next.
      timeout: how long it waits for one; None for ever.
      timeout_fn: when it has waited that long, says whether it ends; without it, it does.
    """
    last: str | None = None
    while True:
        found = _wait(checkpoint_dir, last, timeout)
        if found is not None:
            started = time.time()
            last = found
            yield found
            time.sleep(max(0.0, started + min_interval_secs - time.time()))
        elif timeout_fn is None:
            _LOG.info("Timed-out waiting for a checkpoint.")
            return
        if timeout_fn is not None and timeout_fn():
            return


def _wait(folder: Any, last: str | None, timeout: float | None) -> str | None:
    """Return the next checkpoint, None if there is none in time."""
    end = None if timeout is None else time.time() + timeout
    while True:
        found = latest_checkpoint(folder)
        if found is not None and found != last:
            return found
        if end is not None and time.time() + 1 > end:
            return None
        time.sleep(1)
