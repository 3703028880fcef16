"""Files as nodes name them: read and written whole, and found by patterns."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final

from evergraph.errors import (
    AlreadyExistsError,
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
    OpError,
    PermissionDeniedError,
    ResourceExhaustedError,
    UnimplementedError,
    UnknownError,
)

#: TensorFlow's error for a code of the system; UnknownError for all others.
_ERRORS: Final[dict[int | None, type[OpError]]] = {
    errno.ENOENT: NotFoundError,
    errno.EISDIR: FailedPreconditionError,
    errno.ENOTDIR: FailedPreconditionError,
    errno.EACCES: PermissionDeniedError,
    errno.EPERM: PermissionDeniedError,
    errno.EROFS: PermissionDeniedError,
    errno.EEXIST: AlreadyExistsError,
    errno.ENAMETOOLONG: InvalidArgumentError,
    errno.EINVAL: InvalidArgumentError,
    errno.ENOSPC: ResourceExhaustedError,
    errno.EMFILE: ResourceExhaustedError,
    errno.ENFILE: ResourceExhaustedError,
}

_SCHEME: Final = re.compile(r"([a-zA-Z][0-9a-zA-Z.]*)://")

#: The named sets of characters, as the inside of a regular expression's brackets.
CLASSES: Final = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "lower": "a-z",
    "space": r"\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}


def open_file(name: bytes, mode: str = "rb") -> IO[bytes]:
    """Open a file for reading, or with "wb" for writing.

    Raises:
      OpError: it cannot be opened; which type says why.
    """
    path = path_of(name)
    with system_errors(path):
        return open(path, mode)


def path_of(name: bytes) -> str:
    """Return the path that a name means, which may begin with `file://`.

    Raises:
      InvalidArgumentError: it has a zero byte.
      UnimplementedError: it is in another file system.
    """
    path = os.fsdecode(name)
    if "\0" in path:
        raise InvalidArgumentError(None, None, f"a file name has no zero byte, but {name!r} has")
    scheme = _SCHEME.match(path)
    if scheme is None:
        return path
    if scheme[1] != "file":
        raise UnimplementedError(
            None, None, f"File system scheme '{scheme[1]}' not implemented (file: '{path}')"
        )
    return path[scheme.end() :]


@contextmanager
def system_errors(path: str) -> Iterator[None]:
    """Turn the system's errors about a file into TensorFlow's.

    Raises:
      OpError: there was one.
    """
    try:
        yield
    except OSError as error:
        kind = _ERRORS.get(error.errno, UnknownError)
        named = path if error.filename is None else error.filename
        raise kind(None, None, f"{named}; {error.strerror}") from error


def read_file(name: bytes) -> bytes:
    """Return what is in a file.

    Raises:
      OpError: it cannot be read; which type says why.
    """
    with open_file(name) as file, system_errors(os.fsdecode(name)):
        return file.read()


def write_file(name: bytes, contents: bytes) -> None:
    """Write a file, in folders that are made if need be; what was in it is lost.

    Raises:
      OpError: it cannot be written; which type says why.
    """
    path = path_of(name)
    folder = os.path.dirname(path)
    with system_errors(path):
        if folder and not os.path.exists(folder):
            os.makedirs(folder, exist_ok=True)
    with open_file(name, "wb") as file, system_errors(path):
        file.write(contents)


def matching_files(pattern: bytes) -> list[bytes]:
    """Return the names that a pattern matches; no wildcard stands for a slash.

    Args:
      pattern: `*` is any text, also one that begins with a dot, `?` one character, `[a-c]` one of
        a set, `[^a-c]` and `[!a-c]` one that is not in it, and a backslash makes what follows stand
        for itself.
    """
    path = path_of(pattern)
    special = re.search(r"[*?\[\\]", path)
    if special is None:
        return [os.fsencode(path)] if os.path.exists(path) else []
    if "//" in path:
        return []  # TF: wildcards match nothing beside an empty name
    folder, slash, _ = path[: special.start()].rpartition("/")
    start = len(folder) + len(slash)
    found = [folder if slash else "."]
    for level in path[start:].rstrip("/").split("/"):
        matches = re.compile(_expression(level), re.DOTALL).fullmatch
        found = [f"{f}/{name}" for f in found for name in _names(f or "/") if matches(name)]
    return [os.fsencode(f) for f in found]


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        # Whatever it is, nothing in it can be read.
        return []


def _expression(pattern: str) -> str:
    """Return the regular expression of a pattern for one name."""
    made = ""
    at = 0
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == "[":
            found = _set(pattern, at)
            if found is not None:
                text, at = found
                made += text
                continue
        if character == "\\":
            # A last one has nothing to stand for.
            character, at = pattern[at : at + 1], at + 1
            made += re.escape(character) or "(?!)"
        else:
            made += {"*": ".*", "?": "."}.get(character) or re.escape(character)
    return made


def _set(pattern: str, at: int) -> tuple[str, int] | None:
    """Return the expression of a set that begins at a position, and where it ends, if it does."""
    negated = pattern[at : at + 1] in ("!", "^")
    at = first = at + negated
    inside = ""
    while at < len(pattern) and (pattern[at] != "]" or at == first):
        named = re.match(r"\[:([a-z]+):\]", pattern[at:])
        if named and named[1] in CLASSES:
            inside += CLASSES[named[1]]
            at += named.end()
            continue
        low, at = _member(pattern, at)
        if pattern[at : at + 1] == "-" and pattern[at + 1 : at + 2] not in ("", "]"):
            high, at = _member(pattern, at + 1)
            if low <= high:
                inside += f"{re.escape(low)}-{re.escape(high)}"
        else:
            inside += re.escape(low)
    if at >= len(pattern):
        return None
    nothing, everything = "(?!)", "."
    if not inside:
        return everything if negated else nothing, at + 1
    return f"[{'^' if negated else ''}{inside}]", at + 1


def _member(pattern: str, at: int) -> tuple[str, int]:
    at += pattern[at] == "\\" and at + 1 < len(pattern)
    return pattern[at], at + 1
