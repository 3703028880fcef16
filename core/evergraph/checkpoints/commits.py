"""How files of a checkpoint come to be: all of them or none, and by one writer at a time.

What is written has a temporary name first, `NAME.tempstateTOKEN` with one token for all files of a
save. Once its index is complete under that name, the new checkpoint holds: who reads prefers it,
and who writes next gives it its names, should the process that wrote it have ended before it could.
So at every moment the checkpoint is the old one or the new one, though it has several files.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from evergraph.checkpoints.tables import read_table
from evergraph.errors import AbortedError, DataLossError
from evergraph.files import system_errors

fcntl: Any
try:
    import fcntl
except ImportError:  # where there are no such locks
    fcntl = None

_MARK: Final = ".tempstate"


def index_name(prefix: str) -> str:
    """Return the name of the file that makes a checkpoint one."""
    return f"{prefix}.index"


def data_name(prefix: str, shard: int, shards: int) -> str:
    """Return the name of a file of values."""
    return f"{prefix}.data-{shard:05d}-of-{shards:05d}"


class Commit:
    """The files of one save to a prefix."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self._suffix = f"{_MARK}{secrets.randbits(64)}"
        self._data: list[str] = []
        self._holds = False

    def data(self, shard: int, shards: int) -> str:
        """Return the temporary name of a file of values, which is to be put there."""
        name = data_name(self.prefix, shard, shards)
        self._data.append(name)
        return name + self._suffix

    def finish(self, index: bytes) -> None:
        """Make the checkpoint hold, and give its files their names."""
        name = index_name(self.prefix)
        with system_errors(name):
            write_durably(name + self._suffix, index)
            # From now on there is no way back: what has a new name would not fit the old index.
            self._holds = True
            _rename(self.prefix, self._suffix, self._data)

    def abandon(self) -> None:
        """Remove what was written, unless the checkpoint holds."""
        if self._holds:
            return
        for name in [*self._data, index_name(self.prefix)]:
            with contextlib.suppress(OSError):
                os.unlink(name + self._suffix)


def _rename(prefix: str, suffix: str, data: Sequence[str]) -> None:
    sync_folder(prefix)
    for name in data:
        os.replace(name + suffix, name)
    index = index_name(prefix)
    os.replace(index + suffix, index)
    sync_folder(prefix)


@contextmanager
def committing(prefix: str) -> Iterator[Commit]:
    """Return, as a context, what the files of a save are written with.

    The folder is made if its parent exists. What another save left unfinished is finished if it
    holds, or else removed.

    Raises:
      AbortedError: somebody else saves there.
      OpError: the system does not let us write there.
    """
    folder = os.path.dirname(prefix) or "."
    with contextlib.suppress(OSError):
        os.mkdir(folder)
    with system_errors(folder):
        os.stat(folder)
    with exclusive(prefix):
        for suffix in _suffixes(prefix):
            _settle(prefix, suffix)
        commit = Commit(prefix)
        try:
            yield commit
        except BaseException:
            commit.abandon()
            raise


def _suffixes(prefix: str) -> list[str]:
    """Return the endings that the temporary names of saves to a prefix have."""
    names = _beside(prefix)
    return sorted({_MARK + name.rpartition(_MARK)[2] for name in names if _MARK in name})


def _beside(prefix: str) -> list[str]:
    """Return the names, in their folder, of the files that a prefix has."""
    folder, base = os.path.split(prefix)
    try:
        names = os.listdir(folder or ".")
    except OSError:
        return []
    return [name for name in names if name.startswith((f"{base}.index", f"{base}.data-"))]


def _settle(prefix: str, suffix: str) -> None:
    folder = os.path.dirname(prefix)
    left = [os.path.join(folder, n) for n in _beside(prefix) if n.endswith(suffix)]
    with system_errors(prefix):
        if _holds(prefix, suffix):
            index = index_name(prefix) + suffix
            _rename(prefix, suffix, [n.removesuffix(suffix) for n in left if n != index])
        else:
            for name in left:
                os.unlink(name)


def _holds(prefix: str, suffix: str) -> bool:
    """Whether an unfinished save is complete, and the last one."""
    index = index_name(prefix)
    try:
        with open(index + suffix, "rb") as file:
            written = os.fstat(file.fileno()).st_mtime_ns
            read_table(file.read(), index)
    except (OSError, DataLossError):
        return False
    with contextlib.suppress(OSError):
        return written >= os.stat(index).st_mtime_ns
    return True


def held(prefix: str) -> str:
    """Return the ending that the names of the checkpoint's files have: mostly none."""
    return next((s for s in _suffixes(prefix) if _holds(prefix, s)), "")


# What they are made of


@contextmanager
def exclusive(prefix: str) -> Iterator[None]:
    """Keep other processes, and threads, from saving to a prefix meanwhile.

    Raises:
      AbortedError: somebody saves there.
      OpError: the system does not let us write there.
    """
    if fcntl is None:
        yield
        return
    path = f"{prefix}.lock"
    with system_errors(path):
        descriptor = _locked(path, prefix)
    try:
        yield
    finally:
        # Before it is given up: nobody can be waiting for it.
        with contextlib.suppress(OSError):
            os.unlink(path)
        os.close(descriptor)


def _locked(path: str, prefix: str) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Who had the lock may have removed the file since.
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                return descriptor
        except BlockingIOError as error:
            os.close(descriptor)
            raise AbortedError(
                None,
                None,
                f"checkpoint {prefix} is being written by another process or thread (its lock is "
                f"{path})",
            ) from error
        except FileNotFoundError:
            pass
        except OSError as error:
            if error.errno in (errno.ENOLCK, errno.EOPNOTSUPP):
                return descriptor  # a file system without locks
            os.close(descriptor)
            raise
        os.close(descriptor)


def write_durably(path: str, contents: bytes) -> None:
    """Write a file, such that what is in it outlives the system."""
    with open(path, "wb") as file:
        file.write(contents)
        file.flush()
        os.fsync(file.fileno())


def write_atomically(path: str, contents: bytes) -> None:
    """Write a file that has its old contents, or its new ones, at any moment.

    Raises:
      OpError: it cannot be written; which type says why.
    """
    temporary = f"{path}{_MARK}{secrets.randbits(64)}"
    with system_errors(path):
        try:
            write_durably(temporary, contents)
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        sync_folder(path)


def sync_folder(path: str) -> None:
    """Make what was renamed in a file's folder outlive the system, where that can be asked for."""
    with contextlib.suppress(OSError):
        descriptor = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
