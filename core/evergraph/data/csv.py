"""Datasets of the records of CSV files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

import numpy as np

from evergraph.data.dataset import Dataset, Element, Elements, Failed, Run, array_of
from evergraph.errors import InvalidArgumentError, OpError
from evergraph.readers.streams import Stream

_CHUNK: Final = 64 * 1024
_QUOTE: Final = ord('"')
_ENDS: Final = b"\r\n"


class Csv(Dataset):
    """The records of files, one file after the other.

    Args:
      names: of the files.
      compression: of the files.
      header: whether the first record of each is left out.
      delimiter: the byte between fields.
      quoted: whether fields may be in quotation marks.
      missing: what stands for no value, beside nothing.
      columns: the numbers of the columns, in order; all if it is empty.
      excluded: the numbers of the columns that are left out.
      defaults: for each column, an array of its type; empty if there must be a value.
    """

    def __init__(
        self,
        names: Sequence[bytes],
        compression: str,
        header: bool,
        delimiter: bytes,
        quoted: bool,
        missing: bytes,
        columns: Sequence[int],
        excluded: Collection[int],
        defaults: Sequence[Any],
    ) -> None:
        self._names = names
        self._compression = compression
        self._header = header
        self._delimiter = delimiter[0]
        self._quoted = quoted
        self._missing = missing
        self._columns = columns
        self._excluded = excluded
        self._defaults = [array_of(d) for d in defaults]

    def elements(self, run: Run) -> Elements:
        """Yield the records."""
        for name in self._names:
            try:
                records = self._records(Stream(name, self._compression))
                if self._header:
                    next(records, None)
            except OpError as error:
                yield Failed(error)
                continue
            while True:
                stop = run.stopped()
                if stop is not None:
                    yield stop
                try:
                    fields = next(records, None)
                except OpError as error:
                    yield Failed(error)
                    break
                if fields is None:
                    break
                yield self._element(fields) if isinstance(fields, list) else fields

    def _element(self, fields: list[bytes]) -> Element | Failed:
        if self._columns:
            last = self._columns[-1]
            if last >= len(fields):
                return _invalid(f"Expect at least {last + 1} fields but have {len(fields)}")
            fields = [fields[c] for c in self._columns]
        else:
            fields = [f for i, f in enumerate(fields) if i not in self._excluded]
        made: list[Any] = []
        for i, (field, default) in enumerate(zip(fields, self._defaults, strict=False)):
            if not field or field == self._missing:
                if not default.size:
                    return _invalid(f"Field {i} is required but missing in record!")
                made.append(default.reshape(-1)[0])
                continue
            try:
                made.append(_parsed(field, default.dtype))
            except (ValueError, OverflowError):
                kind = _KINDS.get(default.dtype.name, default.dtype.name)
                text = field.decode(errors="replace")
                return _invalid(f"Field {i} in record is not a valid {kind}: {text}")
        if len(fields) != len(self._defaults):
            found = "more" if len(fields) > len(self._defaults) else len(fields)
            return _invalid(f"Expect {len(self._defaults)} fields but have {found} in record")
        return tuple(made)

    def _records(self, stream: Stream) -> Iterator[list[bytes] | Failed]:
        """Return the fields of each record, or why they are none."""
        buffer, at = b"", 0
        while True:
            end = self._end(buffer, at)
            while end is None:
                more = stream.read(_CHUNK)
                if not more:
                    break
                buffer, at = buffer[at:] + more, 0
                end = self._end(buffer, at)
            record = buffer[at:].removesuffix(b"\r") if end is None else buffer[at:end]
            if record or end is not None:
                yield self._fields(record)
            if end is None:
                stream.close()
                return
            at = end + (2 if buffer[end : end + 2] == _ENDS else 1)

    def _end(self, buffer: bytes, at: int) -> int | None:
        """Return where a record ends; None if its end is not there yet."""
        ends = [e for e in (buffer.find(b"\n", at), buffer.find(b"\r", at)) if e >= 0]
        end = min(ends, default=len(buffer))
        if self._quoted and _QUOTE in buffer[at:end]:
            end = self._unquoted_end(buffer, at)
        # What follows the last byte may belong to it.
        return None if end >= len(buffer) - (buffer[-1:] == b"\r") else end

    def _unquoted_end(self, buffer: bytes, at: int) -> int:
        """Return the first end of a line that is not in quotation marks, or the end of all."""
        begins = True
        while at < len(buffer):
            byte = buffer[at]
            if begins and byte == _QUOTE:
                at = _closed(buffer, at + 1)
                begins = False
                continue
            if byte in _ENDS:
                return at
            begins = byte == self._delimiter
            at += 1
        return len(buffer)

    def _fields(self, record: bytes) -> list[bytes] | Failed:
        if not self._quoted or _QUOTE not in record:
            return record.split(bytes([self._delimiter]))
        fields: list[bytes] = []
        at = 0
        while True:
            if record[at : at + 1] == b'"':
                field = bytearray()
                at += 1
                while True:
                    end = record.find(b'"', at)
                    if end < 0:
                        return _invalid(
                            "Reached end of file without closing quoted field in record"
                        )
                    field += record[at:end]
                    at = end + 1
                    if record[at : at + 1] != b'"':
                        break
                    field += b'"'
                    at += 1
                if at < len(record) and record[at] != self._delimiter:
                    return _invalid("Quote inside a string has to be escaped by another quote")
                fields.append(bytes(field))
            else:
                end = record.find(bytes([self._delimiter]), at)
                field_end = len(record) if end < 0 else end
                if b'"' in record[at:field_end]:
                    return _invalid("Unquoted fields cannot have quotes inside")
                fields.append(record[at:field_end])
                at = field_end
            if at >= len(record):
                return fields
            at += 1


def _closed(buffer: bytes, at: int) -> int:
    """Return where what is in quotation marks has been closed; two of them stand for one."""
    while at < len(buffer):
        at = buffer.find(b'"', at) + 1
        if not at:
            break
        if buffer[at : at + 1] != b'"':
            return at
        at += 1
    return len(buffer)


_KINDS: Final = {"float32": "float", "float64": "double"}


def _parsed(field: bytes, dtype: Any) -> Any:
    if dtype.kind == "O":
        return field
    text = field.decode()
    if "_" in text:
        raise ValueError  # Python's alone
    if dtype.kind == "f":
        return dtype.type(float(text))
    number = int(text)
    if not np.iinfo(dtype).min <= number <= np.iinfo(dtype).max:
        raise OverflowError
    return dtype.type(number)


def _invalid(message: str) -> Failed:
    return Failed(InvalidArgumentError(None, None, message))
