"""The kinds of readers: which records there are in a unit of work, which is mostly a file."""

from __future__ import annotations

from typing import ClassVar, Final

from evergraph.errors import DataLossError, OpError, OutOfRangeError
from evergraph.files import read_file
from evergraph.readers.checksums import masked_crc32c
from evergraph.readers.streams import Stream

#: A key and a value.
Record = tuple[bytes, bytes]


class Source:
    """The records of one unit of work. Making it opens the file.

    Args:
      work: the unit.

    Attributes:
      single: whether a unit is one record. A reader of this kind is never within a unit, so its
        state can be saved.
    """

    single: ClassVar[bool] = False

    def __init__(self, work: bytes) -> None:
        self.work = work

    def next(self) -> Record | None:
        """Return the next record; None if there is none.

        Raises:
          OpError: it cannot be read; nor can any after it.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Close the file."""


class Identity(Source):
    """A record whose key and value are the unit of work itself."""

    single = True

    def __init__(self, work: bytes) -> None:
        super().__init__(work)
        self._done = False

    def next(self) -> Record | None:
        """Return the only record, once."""
        if self._done:
            return None
        record = self._record()
        self._done = True
        return record

    def _record(self) -> Record:
        return self.work, self.work


class WholeFile(Identity):
    """A file as one record; its key is the name of the file."""

    def _record(self) -> Record:
        return self.work, read_file(self.work)


class TextLines(Source):
    """The lines of a file; their keys are FILE:NUMBER, beginning with 1.

    Args:
      work: the name of the file.
      skipped: how many lines to leave out at the beginning.
    """

    def __init__(self, work: bytes, skipped: int) -> None:
        super().__init__(work)
        self._stream = Stream(work)
        self._number = 0
        for _ in range(skipped):
            if self.next() is None:
                break

    def next(self) -> Record | None:
        """Return the next line, without its end."""
        line = self._stream.line()
        if not line:
            return None
        self._number += 1
        return b"%s:%d" % (self.work, self._number), line.removesuffix(b"\n").removesuffix(b"\r")

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


class FixedLength(Source):
    """Pieces of a file, all of one length; their keys are FILE:NUMBER, beginning with 0.

    Args:
      work: the name of the file.
      sizes: how many bytes the header, a record and the footer have, and how many there are from
        one record to the next; 0 for those of a record.
      encoding: `ZLIB` or `GZIP`; any other means that it is not compressed.
    """

    def __init__(self, work: bytes, sizes: tuple[int, int, int, int], encoding: str) -> None:
        super().__init__(work)
        self._stream = Stream(work, encoding)
        header, self._record, self._footer, hop = sizes
        self._hop = hop or self._record
        self._number = 0
        self._ahead = b""
        try:
            if len(self._stream.read(header)) < header:
                raise OutOfRangeError(None, None, self._stream.short)
        except OpError:
            self.close()
            raise

    def next(self) -> Record | None:
        """Return the next record, if there is enough for it and the footer."""
        wanted = self._record + self._footer
        self._ahead += self._stream.read(max(0, wanted - len(self._ahead)))
        if len(self._ahead) < wanted:
            return None
        key, value = b"%s:%d" % (self.work, self._number), self._ahead[: self._record]
        self._number += 1
        if self._hop > len(self._ahead):
            self._stream.read(self._hop - len(self._ahead))
        self._ahead = self._ahead[self._hop :]
        return key, value

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


class TFRecords(Source):
    """The records of a TFRecord file; their keys are FILE:OFFSET.

    Args:
      work: the name of the file.
      compression: `ZLIB` or `GZIP`; any other means that it is not compressed.
    """

    #: Bytes of a record before its data, its length and a checksum, and of a checksum.
    _BEFORE: Final = 12
    _CHECKSUM: Final = 4

    def __init__(self, work: bytes, compression: str) -> None:
        super().__init__(work)
        self._stream = Stream(work, compression)
        self._offset = 0
        self._failed = ""

    def next(self) -> Record | None:
        """Return the next record; one whose length is cut off is none.

        Raises:
          DataLossError: it is not whole, or not what its checksums say; and ever after.
        """
        if self._failed:
            raise DataLossError(None, None, self._failed)
        try:
            return self._next()
        except DataLossError as error:
            self._failed = error.message
            self.close()
            raise

    def _next(self) -> Record | None:
        offset = self._offset
        before = self._stream.read(self._BEFORE)
        if len(before) < self._BEFORE:
            return None
        where = f"{offset}{'' if offset else ' (Is this even a TFRecord file?)'}"
        length = int.from_bytes(self._checked(before, where), "little")
        behind = self._stream.read(length + self._CHECKSUM)
        if len(behind) < length + self._CHECKSUM:
            raise DataLossError(
                None, None, f"truncated record at {offset}' failed with {self._short}"
            )
        data = self._checked(behind, str(offset + self._BEFORE))
        self._offset += self._BEFORE + len(behind)
        return b"%s:%d" % (self.work, offset), data

    def _checked(self, data: bytes, where: str) -> bytes:
        """Return bytes without the checksum behind them."""
        found, checksum = data[: -self._CHECKSUM], data[-self._CHECKSUM :]
        if masked_crc32c(found) != int.from_bytes(checksum, "little"):
            raise DataLossError(None, None, f"corrupted record at {where}")
        return found

    @property
    def _short(self) -> str:
        compressed = self._stream.compressed
        return self._stream.short if compressed else "Read less bytes than requested"

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
