"""tf.gfile: files, under the names that they had first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from evergraph.v1 import file_io
from evergraph.v1.file_io import GFile

__all__ = [
    "Copy",
    "DeleteRecursively",
    "Exists",
    "FastGFile",
    "GFile",
    "Glob",
    "IsDirectory",
    "ListDirectory",
    "MakeDirs",
    "MkDir",
    "Open",
    "Remove",
    "Rename",
    "Stat",
    "Walk",
]

Open = GFile


class FastGFile(GFile):
    """A file; see `GFile`."""


def Copy(oldpath: Any, newpath: Any, overwrite: bool = False) -> None:
    """Copy a file; see `tf.io.gfile.copy`."""
    file_io.copy(oldpath, newpath, overwrite)


def DeleteRecursively(dirname: Any) -> None:
    """Remove a folder with all that is in it; see `tf.io.gfile.rmtree`."""
    file_io.rmtree(dirname)


def Exists(filename: Any) -> bool:
    """Return whether there is a file or folder of a name."""
    return file_io.exists(filename)


def Glob(filename: Any) -> list[str]:
    """Return the names that a pattern, or one of several, matches; see `tf.io.gfile.glob`."""
    return file_io.glob(filename)


def IsDirectory(dirname: Any) -> bool:
    """Return whether there is a folder of a name."""
    return file_io.isdir(dirname)


def ListDirectory(dirname: Any) -> list[str]:
    """Return the names of what is in a folder; see `tf.io.gfile.listdir`."""
    return file_io.listdir(dirname)


def MakeDirs(dirname: Any) -> None:
    """Make a folder, and those around it; see `tf.io.gfile.makedirs`."""
    file_io.makedirs(dirname)


def MkDir(dirname: Any) -> None:
    """Make a folder; see `tf.io.gfile.mkdir`."""
    file_io.mkdir(dirname)


def Remove(filename: Any) -> None:
    """Remove a file; see `tf.io.gfile.remove`."""
    file_io.remove(filename)


def Rename(oldname: Any, newname: Any, overwrite: bool = False) -> None:
    """Give a file or folder another name; see `tf.io.gfile.rename`."""
    file_io.rename(oldname, newname, overwrite)


def Stat(filename: Any) -> file_io.FileStatistics:
    """Return what is known of a file; see `tf.io.gfile.stat`."""
    return file_io.stat(filename)


def Walk(top: Any, in_order: bool = True) -> Iterator[tuple[str, list[str], list[str]]]:
    """Go through a folder and all in it; see `tf.io.gfile.walk`.

    Args:
      top: the folder.
      in_order: whether a folder comes before those in it.
    """
    return file_io.walk(top, in_order)
