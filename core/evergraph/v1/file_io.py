"""Files as programs use them: `tf.io.gfile`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any, Final, Self

from evergraph.errors import (
    AlreadyExistsError,
    InvalidArgumentError,
    NotFoundError,
    PermissionDeniedError,
)
from evergraph.files import matching_files, path_of, system_errors

_MODES: Final = ("r", "w", "a", "r+", "w+", "a+")


class GFile:
    """A file, which is opened when it is first read or written.

    As a context manager it is closed at the end; it iterates over its lines.

    Args:
      name: of the file.
      mode: `r`, `w`, `a`, `r+`, `w+` or `a+`, with a `b` for bytes rather than strings.

    Raises:
      InvalidArgumentError: there is no such mode.
    """

    def __init__(self, name: Any, mode: str = "r") -> None:
        self._name = name
        self._mode = mode
        self._plain = mode.replace("b", "")
        if self._plain not in _MODES:
            raise InvalidArgumentError(
                None, None, "mode is not 'r' or 'w' or 'a' or 'r+' or 'w+' or 'a+'"
            )
        self._path = _path(name)
        self._file: IO[bytes] | None = None

    @property
    def name(self) -> Any:
        """The name of the file."""
        return self._name

    @property
    def mode(self) -> str:
        """How it is opened."""
        return self._mode

    def size(self) -> int:
        """Return how many bytes it has."""
        self.flush()
        return stat(self._name).length

    def read(self, n: int = -1) -> Any:
        """Return what follows, as a string or as bytes.

        Args:
          n: how many bytes at most; -1 for all.

        Raises:
          PermissionDeniedError: the file is not open for reading.
          OpError: it cannot be read; which type says why.
        """
        file = self._to_read()
        with system_errors(self._path):
            return self._given(file.read(n))

    def readline(self) -> Any:
        """Return the next line, with its end; nothing at the end of the file."""
        file = self._to_read()
        with system_errors(self._path):
            return self._given(file.readline())

    def readlines(self) -> list[Any]:
        """Return the lines that follow, with their ends."""
        return list(self)

    def write(self, file_content: Any) -> None:
        """Write a string, in UTF-8, or bytes.

        Raises:
          PermissionDeniedError: the file is not open for writing.
          TypeError: `file_content` is neither.
          OpError: it cannot be written; which type says why.
        """
        if self._plain == "r":
            raise PermissionDeniedError(None, None, "File isn't open for writing")
        if isinstance(file_content, str):
            file_content = file_content.encode()
        elif not isinstance(file_content, bytes):
            raise TypeError(f"Expected binary or unicode string, got {file_content!r}")
        file = self._opened()
        with system_errors(self._path):
            file.write(file_content)

    def seek(self, offset: int | None = None, whence: int = 0, position: int | None = None) -> None:
        """Go to a place of the file.

        Args:
          offset: in bytes.
          whence: from where: 0 the beginning, 1 the current place, 2 the end.
          position: the old name of `offset`.

        Raises:
          TypeError: there is no `offset`.
          InvalidArgumentError: the place is before the beginning, or there is no such `whence`.
        """
        offset = position if offset is None else offset
        if offset is None:
            raise TypeError("seek(): offset argument required")
        if whence not in (0, 1, 2):
            raise InvalidArgumentError(
                None, None, f"Invalid whence argument: {whence}. Valid values are 0, 1, or 2."
            )
        if whence == 0 and offset < 0:
            raise InvalidArgumentError(None, None, f"Seeking to a negative position: {offset}")
        file = self._to_read()
        with system_errors(self._path):
            file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place of the file that is read or written next."""
        return self._opened().tell()

    def seekable(self) -> bool:
        """Return whether `seek` works: it does."""
        return True

    def flush(self) -> None:
        """Let others see what has been written."""
        if self._file is not None:
            with system_errors(self._path):
                self._file.flush()

    def close(self) -> None:
        """Close the file; whoever reads or writes it again opens it anew."""
        file, self._file = self._file, None
        if file is not None:
            with system_errors(self._path):
                file.close()

    def next(self) -> Any:
        """Return the next line."""
        return self.__next__()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _to_read(self) -> IO[bytes]:
        if self._plain in ("w", "a"):
            raise PermissionDeniedError(None, None, "File isn't open for reading")
        return self._opened()

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            with system_errors(self._path):
                self._file = open(self._path, f"{self._plain}b")  # noqa: SIM115  # closed by close()
                if self._plain == "a+":
                    self._file.seek(0)
        return self._file

    def _given(self, data: bytes) -> Any:
        return data if "b" in self._mode else data.decode()


@dataclass(frozen=True)
class FileStatistics:
    """What is known of a file.

    Attributes:
      length: how many bytes it has.
      mtime_nsec: when it was last written, in nanoseconds since 1970.
      is_directory: whether it is a folder.
    """

    length: int
    mtime_nsec: int
    is_directory: bool


def exists(path: Any) -> bool:
    """Return whether there is a file or folder of a name."""
    return os.path.exists(_path(path))


def isdir(path: Any) -> bool:
    """Return whether there is a folder of a name."""
    return os.path.isdir(_path(path))


def stat(path: Any) -> FileStatistics:
    """Return what is known of a file.

    Raises:
      NotFoundError: there is none.
    """
    name = _path(path)
    with system_errors(name):
        found = os.stat(name)
    return FileStatistics(found.st_size, found.st_mtime_ns, os.path.isdir(name))


def glob(pattern: Any) -> list[str]:
    """Return the names that a pattern, or one of several, matches; see `tf.io.matching_files`."""
    patterns = pattern if isinstance(pattern, list | tuple) else [pattern]
    return [os.fsdecode(n) for p in patterns for n in matching_files(os.fsencode(_path(p)))]


def listdir(path: Any) -> list[str]:
    """Return the names of what is in a folder.

    Raises:
      NotFoundError: there is no such folder.
    """
    name = _path(path)
    if not os.path.isdir(name):
        raise NotFoundError(None, None, f"Could not find directory {name}")
    with system_errors(name):
        return os.listdir(name)


def mkdir(path: Any) -> None:
    """Make a folder; one that exists is left alone.

    Raises:
      NotFoundError: there is no folder to make it in.
    """
    name = _path(path)
    if not os.path.isdir(name):
        with system_errors(name):
            os.mkdir(name)


def makedirs(path: Any) -> None:
    """Make a folder, and those around it; what exists is left alone.

    Raises:
      OpError: it cannot be made; which type says why.
    """
    name = _path(path)
    with system_errors(name):
        os.makedirs(name, exist_ok=True)


def remove(path: Any) -> None:
    """Remove a file.

    Raises:
      NotFoundError: there is none.
      FailedPreconditionError: it is a folder.
    """
    name = _path(path)
    with system_errors(name):
        os.remove(name)


def rmtree(path: Any) -> None:
    """Remove a folder with all that is in it, or a file.

    Raises:
      NotFoundError: there is none.
    """
    name = _path(path)
    if not os.path.lexists(name):
        raise NotFoundError(None, None, f"{name} not found")
    with system_errors(name):
        if os.path.isdir(name) and not os.path.islink(name):
            shutil.rmtree(name)
        else:
            os.remove(name)


def rename(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Give a file or folder another name.

    Args:
      src: its name.
      dst: its new name.
      overwrite: whether a file of that name is replaced.

    Raises:
      NotFoundError: there is no `src`.
      AlreadyExistsError: there is a `dst`, and it is not to be replaced.
    """
    old, new = _path(src), _path(dst)
    _check_free(new, overwrite)
    with system_errors(old):
        os.replace(old, new)


def copy(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Copy a file.

    Args:
      src: its name.
      dst: the name of the copy.
      overwrite: whether a file of that name is replaced.

    Raises:
      NotFoundError: there is no `src`.
      AlreadyExistsError: there is a `dst`, and it is not to be replaced.
      FailedPreconditionError: one of them is a folder.
    """
    old, new = _path(src), _path(dst)
    _check_free(new, overwrite)
    with system_errors(old):
        shutil.copyfile(old, new)


def walk(
    top: Any, topdown: bool = True, onerror: Callable[[Any], Any] | None = None
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Go through a folder and all in it; yield name, names of folders and names of files of each.

    Args:
      top: the folder; if there is none, there is nothing.
      topdown: whether a folder comes before those in it.
      onerror: called with the error where a folder cannot be read.
    """
    for folder, folders, files in os.walk(_path(top), topdown=topdown, onerror=onerror):
        folders.sort()
        yield folder, folders, sorted(files)


def join(path: Any, *paths: Any) -> Any:
    """Join parts of a name."""
    return os.path.join(path, *paths)


def get_registered_schemes() -> list[str]:
    """Return which file systems there are: what a name may begin with, before its `://`."""
    return ["file", ""]


def _check_free(path: str, overwrite: bool) -> None:
    if not overwrite and os.path.exists(path):
        raise AlreadyExistsError(None, None, "file already exists")


def _path(name: Any) -> str:
    try:
        return path_of(os.fsencode(name))
    except TypeError as error:
        raise TypeError(f"Expected binary or unicode string, got {name!r}") from error
