"""TFRecord files, written and read in Python."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from typing import Any, ClassVar, Final

from evergraph.errors import FailedPreconditionError
from evergraph.files import open_file, system_errors
from evergraph.readers.checksums import masked_crc32c
from evergraph.readers.kinds import TFRecords


class TFRecordCompressionType:
    """The compressions of TFRecord files."""

    NONE: Final = 0
    ZLIB: Final = 1
    GZIP: Final = 2


class TFRecordOptions:
    """How a TFRecord file is compressed.

    Args:
      compression_type: one of `TFRecordCompressionType`, or its name; None for no compression.
      flush_mode, input_buffer_size, output_buffer_size, window_bits: for zlib; None for its own.
      compression_level, compression_method, mem_level, compression_strategy: as well.

    Raises:
      ValueError: there is no such compression.
    """

    compression_type_map: ClassVar[dict[int, str]] = {
        TFRecordCompressionType.ZLIB: "ZLIB",
        TFRecordCompressionType.GZIP: "GZIP",
        TFRecordCompressionType.NONE: "",
    }

    def __init__(
        self,
        compression_type: Any = None,
        flush_mode: int | None = None,
        input_buffer_size: int | None = None,
        output_buffer_size: int | None = None,
        window_bits: int | None = None,
        compression_level: int | None = None,
        compression_method: int | None = None,
        mem_level: int | None = None,
        compression_strategy: int | None = None,
    ) -> None:
        self.get_compression_type_string(compression_type)
        self.compression_type = compression_type
        self.flush_mode = flush_mode
        self.input_buffer_size = input_buffer_size
        self.output_buffer_size = output_buffer_size
        self.window_bits = window_bits
        self.compression_level = compression_level
        self.compression_method = compression_method
        self.mem_level = mem_level
        self.compression_strategy = compression_strategy

    @classmethod
    def get_compression_type_string(cls, options: Any) -> str:
        """Return the name of a compression: `ZLIB`, `GZIP`, or "" for none.

        Args:
          options: a `TFRecordOptions`, one of `TFRecordCompressionType`, or the name.

        Raises:
          ValueError: there is no such compression.
        """
        if isinstance(options, TFRecordOptions):
            options = options.compression_type
        if not options:
            return ""
        if options in cls.compression_type_map:
            return cls.compression_type_map[options]
        if options in cls.compression_type_map.values():
            return str(options)
        raise ValueError(f'Not a valid compression_type: "{options}"')


class TFRecordWriter:
    """Writes a TFRecord file; as a context manager it is closed at the end.

    Args:
      path: the name of the file; what was in it is lost.
      options: a `TFRecordOptions`, one of `TFRecordCompressionType`, or the name of a compression.

    Raises:
      ValueError: there is no such compression.
      NotFoundError, FailedPreconditionError, PermissionDeniedError: it cannot be written.
    """

    def __init__(self, path: Any, options: Any = None) -> None:
        self._path = os.fspath(path)
        self._deflate = _compressor(options)
        self._file = open_file(os.fsencode(path), "wb")

    def write(self, record: Any) -> None:
        """Write a record.

        Args:
          record: bytes, or a string, which is encoded in UTF-8.

        Raises:
          TypeError: it is neither.
          FailedPreconditionError: the file is closed.
        """
        if not isinstance(record, str | bytes | bytearray | memoryview):
            raise TypeError(f"a record is bytes or a string, not a {type(record).__name__}")
        data = record.encode() if isinstance(record, str) else bytes(record)
        length = len(data).to_bytes(8, "little")
        for part in (length, data):
            self._put(part + masked_crc32c(part).to_bytes(4, "little"))

    def flush(self) -> None:
        """Let others see what has been written.

        Raises:
          FailedPreconditionError: the file is closed.
        """
        self._check_open()
        with system_errors(self._path):
            if self._deflate is not None:
                self._file.write(self._deflate.flush(zlib.Z_SYNC_FLUSH))
            self._file.flush()

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        if self._file.closed:
            return
        with system_errors(self._path):
            if self._deflate is not None:
                self._file.write(self._deflate.flush())
            self._file.close()

    def __enter__(self) -> TFRecordWriter:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _put(self, data: bytes) -> None:
        self._check_open()
        with system_errors(self._path):
            self._file.write(data if self._deflate is None else self._deflate.compress(data))

    def _check_open(self) -> None:
        if self._file.closed:
            raise FailedPreconditionError(None, None, "Writer is closed.")


def tf_record_iterator(path: Any, options: Any = None) -> Iterator[bytes]:
    """Return the records of a TFRecord file, one after the other.

    Args:
      path: the name of the file.
      options: a `TFRecordOptions`, one of `TFRecordCompressionType`, or the name of a compression.

    Raises:
      ValueError: there is no such compression.
      NotFoundError: there is no such file.
      DataLossError: while it iterates, the file is damaged.
    """
    compression = TFRecordOptions.get_compression_type_string(options)
    return _records(TFRecords(os.fsencode(path), compression))


def _records(source: TFRecords) -> Iterator[bytes]:
    try:
        while (record := source.next()) is not None:
            yield record[1]
    finally:
        source.close()


#: What zlib adds to the bits of its window for a file of GZIP.
_GZIP: Final = 16


def _compressor(options: Any) -> Any:
    """Return what compresses, or None."""
    compression = TFRecordOptions.get_compression_type_string(options)
    if not compression:
        return None
    given = options if isinstance(options, TFRecordOptions) else TFRecordOptions()
    bits = zlib.MAX_WBITS if given.window_bits is None else given.window_bits
    level = given.compression_level
    memory, strategy = given.mem_level, given.compression_strategy
    return zlib.compressobj(
        zlib.Z_DEFAULT_COMPRESSION if level is None else level,
        zlib.DEFLATED,
        bits + _GZIP if compression == "GZIP" else bits,
        zlib.DEF_MEM_LEVEL if memory is None else memory,
        zlib.Z_DEFAULT_STRATEGY if strategy is None else strategy,
    )
