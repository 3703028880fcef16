"""Datasets of what is in files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from evergraph.data.dataset import Dataset, Elements, Failed, Run
from evergraph.errors import InvalidArgumentError, OpError
from evergraph.files import path_of, system_errors
from evergraph.readers.kinds import TFRecords
from evergraph.readers.streams import Stream

#: How many bytes are looked through for the end of a line at a time.
_CHUNK: Final = 64 * 1024

#: Opens a file, and returns its records.
Opener = Callable[[bytes], Iterator[bytes]]


class Records(Dataset):
    """The records of files, one file after the other.

    Args:
      names: of the files.
      opener: opens one.
    """

    def __init__(self, names: Sequence[bytes], opener: Opener) -> None:
        self._names = names
        self._opener = opener

    def elements(self, run: Run) -> Elements:
        """Yield the records; what cannot be read ends its file."""
        for name in self._names:
            try:
                records = self._opener(name)
            except OpError as error:
                # TF: tries to open it again for ever.
                yield Failed(error)
                continue
            while True:
                stop = run.stopped()
                if stop is not None:
                    yield stop
                try:
                    record = next(records, None)
                except OpError as error:
                    yield Failed(error)
                    break
                if record is None:
                    break
                yield (record,)


def text_lines(compression: str) -> Opener:
    """Return what opens a file of lines."""
    return lambda name: _lines(Stream(name, compression))


def _lines(stream: Stream) -> Iterator[bytes]:
    left = b""
    while True:
        chunk = stream.read(_CHUNK)
        *lines, left = (left + chunk).split(b"\n")
        yield from (_without_returns(line) for line in lines)
        if not chunk:
            break
    if left:
        yield _without_returns(left)
    stream.close()


def _without_returns(line: bytes) -> bytes:
    # TF: leaves them out wherever they are.
    return line.replace(b"\r", b"") if b"\r" in line else line


def tf_records(compression: str) -> Opener:
    """Return what opens a file of records."""

    def records(source: TFRecords) -> Iterator[bytes]:
        while (record := source.next()) is not None:
            yield record[1]
        source.close()

    return lambda name: records(TFRecords(name, compression))


def fixed_length(header: int, record: int, footer: int, compression: str) -> Opener:
    """Return what opens a file of pieces of one length.

    Args:
      header, footer: what is left out at the beginning and the end.
      record: the length.
      compression: of the file.
    """
    return partial(_open_fixed, header, record, footer, compression)


def _open_fixed(
    header: int, record: int, footer: int, compression: str, name: bytes
) -> Iterator[bytes]:
    stream = Stream(name, compression)
    if not stream.compressed:
        path = path_of(name)
        with system_errors(path):
            size = os.path.getsize(path)
        _check_body(path, size - header - footer, header, record, footer)
    return _pieces(stream, name, header, record, footer)


def _pieces(stream: Stream, name: bytes, header: int, record: int, footer: int) -> Iterator[bytes]:
    stream.read(header)
    ahead = stream.read(record + footer)
    while len(ahead) == record + footer:
        yield ahead[:record]
        ahead = ahead[record:] + stream.read(record)
    if stream.compressed:
        _check_body(path_of(name), len(ahead) - footer, header, record, footer)
    stream.close()


def _check_body(path: str, size: int, header: int, record: int, footer: int) -> None:
    if size < 0 or size % record:
        raise InvalidArgumentError(
            None,
            None,
            f"Excluding the header ({header} bytes) and footer ({footer} bytes), input file "
            f'"{path}" has body length {size} bytes, which is not an exact multiple of the record '
            f"length ({record} bytes).",
        )
