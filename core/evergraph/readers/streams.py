"""What is in files, byte after byte: as it is, or decompressed."""

from __future__ import annotations

import re
import weakref
import zlib
from typing import IO, Final

from evergraph.errors import DataLossError, OpError
from evergraph.files import open_file, system_errors

#: How much is read at a time.
_CHUNK: Final = 256 * 1024

#: zlib's `wbits` by the name of the compression; any other name stands for none.
_WINDOWS: Final = {"ZLIB": 15, "GZIP": 31}


class Stream:
    """A file that is read from its beginning to its end.

    Args:
      name: of the file.
      compression: `ZLIB` or `GZIP`; any other means none.

    Attributes:
      compressed: whether it is.
      short: how errors say that there is not enough left.

    Raises:
      OpError: the file cannot be opened.
    """

    def __init__(self, name: bytes, compression: str = "") -> None:
        self._file: Final[IO[bytes]] = open_file(name)
        # A session that is closed forgets its readers, wherever in a file they are.
        weakref.finalize(self, self._file.close)
        self._name = name.decode(errors="surrogateescape")
        self._window = _WINDOWS.get(compression)
        self._inflate = None if self._window is None else zlib.decompressobj(self._window)
        self._ready = b""
        self.compressed = self._window is not None
        self.short = "reached end of file" if self._window is None else "EOF reached"

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def line(self) -> bytes:
        """Return what is left of a line, with its end; it is not compressed."""
        with system_errors(self._name):
            return self._file.readline()

    def read(self, count: int) -> bytes:
        """Return that many bytes, or what is left.

        Raises:
          DataLossError: the file is not what its compression says.
          OpError: the file cannot be read.
        """
        parts = []
        while count:
            part = self._some(count)
            if not part:
                break
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _some(self, limit: int) -> bytes:
        """Return at least one byte, if there is any left."""
        if self._inflate is None:
            return self._load(min(limit, _CHUNK))
        if not self._ready:
            self._ready = self._inflated()
        part, self._ready = self._ready[:limit], self._ready[limit:]
        return part

    def _inflated(self) -> bytes:
        assert self._inflate is not None
        assert self._window is not None
        made = b""
        while not made:
            pending = self._inflate.unconsumed_tail
            if self._inflate.eof:
                pending = self._inflate.unused_data or self._load(_CHUNK)
                if self._window != _WINDOWS["GZIP"] or not pending:
                    return b""
                # Files of this kind may be put one behind the other.
                self._inflate = zlib.decompressobj(self._window)
            try:
                given = pending or self._load(_CHUNK)
                made = self._inflate.decompress(given, _CHUNK)
            except zlib.error as error:
                raise _as_data_loss(error) from error
            if not given:
                break
        return made

    def _load(self, count: int) -> bytes:
        with system_errors(self._name):
            return self._file.read(count)


def _as_data_loss(error: zlib.error) -> OpError:
    said = re.match(r"Error (-?\d+) while .*?: (.*)", str(error))
    how = f"{said[1]}: {said[2]}" if said else str(error)
    return DataLossError(None, None, f"inflate() failed with error {how}")
