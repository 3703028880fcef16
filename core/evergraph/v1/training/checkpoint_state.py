"""The file `checkpoint`, which says what checkpoints there are; and whether they are there."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Sequence
from typing import Any

from google.protobuf import text_format

from evergraph import protos
from evergraph.checkpoints.commits import write_atomically
from evergraph.errors import NotFoundError, OpError
from evergraph.files import matching_files, read_file, system_errors

_LOG = logging.getLogger("evergraph")


def _state_file(save_dir: Any, latest_filename: str | None) -> str:
    name = "checkpoint" if latest_filename is None else latest_filename
    return os.path.join(os.fspath(save_dir), name)


def generate_checkpoint_state_proto(
    save_dir: str,
    model_checkpoint_path: str,
    all_model_checkpoint_paths: list[str] | None = None,
    all_model_checkpoint_timestamps: Sequence[float] | None = None,
    last_preserved_timestamp: float | None = None,
) -> Any:
    """Return a `CheckpointState`: which checkpoint is the latest, and which others there are.

    Args:
      save_dir: the folder; if it is relative, so become the paths in it.
      model_checkpoint_path: the latest.
      all_model_checkpoint_paths: all, from the oldest to the latest, which is added if missing.
      all_model_checkpoint_timestamps: when they were written, in seconds since 1970.
      last_preserved_timestamp: when the last one that is kept for good was written.

    Raises:
      ValueError: there are not as many times as paths.
    """
    paths = all_model_checkpoint_paths if all_model_checkpoint_paths is not None else []
    if not paths or paths[-1] != model_checkpoint_path:
        paths.append(model_checkpoint_path)
    times = all_model_checkpoint_timestamps
    if times and len(times) != len(paths):
        raise ValueError(
            "Checkpoint timestamps, if provided, must match checkpoint paths (got paths "
            f"{paths} and timestamps {times})"
        )
    if not os.path.isabs(save_dir):
        model_checkpoint_path = _relative(model_checkpoint_path, save_dir)
        # TF: in place; what is returned and what is given agree.
        paths[:] = [_relative(path, save_dir) for path in paths]
    return protos.CheckpointState(
        model_checkpoint_path=model_checkpoint_path,
        all_model_checkpoint_paths=paths,
        all_model_checkpoint_timestamps=times,
        last_preserved_timestamp=last_preserved_timestamp,
    )


def _relative(path: str, save_dir: str) -> str:
    return path if os.path.isabs(path) else os.path.relpath(path, save_dir)


def update_checkpoint_state(
    save_dir: str,
    model_checkpoint_path: str,
    all_model_checkpoint_paths: list[str] | None = None,
    latest_filename: str | None = None,
    all_model_checkpoint_timestamps: Sequence[float] | None = None,
    last_preserved_timestamp: float | None = None,
) -> None:
    """Write the state file of a folder; see `generate_checkpoint_state_proto`.

    Args:
      save_dir, model_checkpoint_path, all_model_checkpoint_paths: see there.
      latest_filename: the name of the file, "checkpoint" by default.
      all_model_checkpoint_timestamps, last_preserved_timestamp: see there.

    Raises:
      RuntimeError: a checkpoint would have the name of the file.
      OpError: it cannot be written; which type says why.
    """
    write_state(
        save_dir,
        model_checkpoint_path,
        all_model_checkpoint_paths,
        latest_filename,
        False,
        all_model_checkpoint_timestamps,
        last_preserved_timestamp,
    )


def write_state(
    save_dir: str,
    model_checkpoint_path: str,
    all_model_checkpoint_paths: list[str] | None = None,
    latest_filename: str | None = None,
    save_relative_paths: bool = False,
    all_model_checkpoint_timestamps: Sequence[float] | None = None,
    last_preserved_timestamp: float | None = None,
) -> None:
    """Do what `update_checkpoint_state` does, with paths that may be relative to the folder."""
    latest, paths = model_checkpoint_path, all_model_checkpoint_paths
    if save_relative_paths:
        latest = os.path.relpath(latest, save_dir) if os.path.isabs(latest) else latest
        paths = [os.path.relpath(p, save_dir) if os.path.isabs(p) else p for p in paths or ()]
    state = generate_checkpoint_state_proto(
        save_dir, latest, paths, all_model_checkpoint_timestamps, last_preserved_timestamp
    )
    file = _state_file(save_dir, latest_filename)
    if file == state.model_checkpoint_path:
        raise RuntimeError(
            f"Save path '{model_checkpoint_path}' conflicts with path used for checkpoint state.  "
            "Please use a different save path."
        )
    write_atomically(file, text_format.MessageToString(state).encode())


def get_checkpoint_state(checkpoint_dir: Any, latest_filename: str | None = None) -> Any:
    """Return the `CheckpointState` of a folder, with paths that begin with it.

    Args:
      checkpoint_dir: the folder.
      latest_filename: the name of the state file, "checkpoint" by default.

    Returns:
      The message; None if there is no such file, or it cannot be read.

    Raises:
      ValueError: the file names no checkpoint.
    """
    checkpoint_dir = os.fspath(checkpoint_dir)
    file = _state_file(checkpoint_dir, latest_filename)
    state = protos.CheckpointState()
    try:
        text_format.Merge(read_file(os.fsencode(file)), state)
    except NotFoundError:
        return None
    except (OpError, text_format.ParseError, UnicodeDecodeError) as error:
        _LOG.warning("%s: %s", type(error).__name__, error)
        _LOG.warning("%s: Checkpoint ignored", file)
        return None
    if not state.model_checkpoint_path:
        raise ValueError(f"Invalid checkpoint state loaded from {checkpoint_dir}")
    state.model_checkpoint_path = os.path.join(checkpoint_dir, state.model_checkpoint_path)
    paths = [os.path.join(checkpoint_dir, path) for path in state.all_model_checkpoint_paths]
    state.all_model_checkpoint_paths[:] = paths
    return state


def latest_checkpoint(checkpoint_dir: Any, latest_filename: str | None = None) -> str | None:
    """Return the prefix of the latest checkpoint in a folder, None if there is none.

    Args:
      checkpoint_dir: the folder.
      latest_filename: the name of the state file, "checkpoint" by default.

    Raises:
      ValueError: the state file names no checkpoint.
    """
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is None:
        return None
    latest = str(state.model_checkpoint_path)
    if checkpoint_exists(latest):
        return latest
    _LOG.error("Couldn't match files for checkpoint %s", latest)
    return None


def checkpoint_exists(checkpoint_prefix: Any) -> bool:
    """Return whether there is a checkpoint of that prefix, of either version."""
    return next(_found(checkpoint_prefix), None) is not None


def _found(prefix: Any) -> Iterator[str]:
    """Return the files that show that there is a checkpoint: indices before others."""
    for pattern in (f"{os.fspath(prefix)}.index", os.fspath(prefix)):
        # The prefix of a checkpoint of several files of the first version is a pattern.
        names = [os.fsencode(pattern)]
        if not os.path.exists(pattern):
            names = sorted(matching_files(names[0]))
        yield from map(os.fsdecode, names)


def get_checkpoint_mtimes(checkpoint_prefixes: Sequence[Any]) -> list[float]:
    """Return when checkpoints were written, in seconds since 1970; what is not there is left out.

    Args:
      checkpoint_prefixes: the prefixes.
    """
    found = [next(_found(prefix), None) for prefix in checkpoint_prefixes]
    times = []
    for name in found:
        if name is not None:
            with system_errors(name):
                times.append(os.stat(name).st_mtime)
    return times


def remove_checkpoint(
    checkpoint_prefix: str,
    checkpoint_format_version: int = protos.SaverDef.V2,
    meta_graph_suffix: str = "meta",
) -> None:
    """Remove the files of a checkpoint, and its MetaGraphDef.

    Args:
      checkpoint_prefix: the prefix.
      checkpoint_format_version: the version, `SaverDef.V1` or `SaverDef.V2`.
      meta_graph_suffix: the ending of the MetaGraphDef's file.

    Raises:
      OpError: a file cannot be removed; which type says why.
    """
    _remove(_escaped(meta_graph_filename(checkpoint_prefix, meta_graph_suffix)))
    if checkpoint_format_version == protos.SaverDef.V2:
        # The index first: without it there is no checkpoint, rather than a damaged one.
        prefix = _escaped(checkpoint_prefix)
        _remove(f"{prefix}.index")
        _remove(f"{prefix}.data-?????-of-?????")
    else:
        _remove(checkpoint_prefix)


def _escaped(name: str) -> str:
    """Return a pattern that stands for a name alone."""
    return re.sub(r"([*?\[\\])", r"\\\1", name)


def _remove(pattern: str) -> None:
    for name in matching_files(os.fsencode(pattern)):
        try:
            with system_errors(os.fsdecode(name)):
                os.unlink(name)
        except NotFoundError:
            _LOG.warning("'%s' was removed by somebody else", os.fsdecode(name))


def meta_graph_filename(checkpoint_filename: str, meta_graph_suffix: str = "meta") -> str:
    """Return the name of the file of the MetaGraphDef that belongs to a checkpoint."""
    return f"{re.sub(r'-[0-9?]+-of-[0-9]+$', '', checkpoint_filename)}.{meta_graph_suffix}"
