"""Readers: what reads the records of files whose names come out of a queue."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.builder import build, build_operation
from evergraph.graph.collections import GraphKeys
from evergraph.graph.operation import Operation
from evergraph.graph.operators import scope
from evergraph.graph.tensor import Tensor
from evergraph.v1.tf_record import TFRecordOptions
from evergraph.v1.variables import Variable


class ReaderBase:
    """A reader, by the tensor that stands for it.

    It takes units of work, mostly names of files, out of a queue, and produces the records of one
    after the other. It is kept by the session; sessions have separate ones.

    Args:
      reader_ref: the tensor.
      supports_serialize: whether `serialize_state` and `restore_state` can be run.
    """

    def __init__(self, reader_ref: Any, supports_serialize: bool = False) -> None:
        self._reader_ref = reader_ref
        self._supports_serialize = supports_serialize

    @property
    def reader_ref(self) -> Any:
        """The tensor that stands for the reader."""
        return self._reader_ref

    @property
    def supports_serialize(self) -> bool:
        """Whether the state of the reader can be saved and restored."""
        return self._supports_serialize

    def read(self, queue: Any, name: str | None = None) -> Any:
        """Return the next record; it waits while it needs a unit of work and the queue is empty.

        Args:
          queue: a `QueueBase` of string scalars, or the tensor that stands for it.
          name: the name of the operation.

        Returns:
          A pair of string scalars, `key` and `value`.

        Raises:
          InvalidArgumentError: when it runs, the queue has other elements.
          OutOfRangeError: when it runs, there are no more records, and the queue is closed.
          NotFoundError: when it runs, there is no such file.
          DataLossError: when it runs, the file is damaged.
          CancelledError: when it runs, the session is closed while it waits.
        """
        return self._built("Read", name, queue_handle=self._queue_ref(queue))

    def read_up_to(self, queue: Any, num_records: Any, name: str | None = None) -> Any:
        """Return the next records of one unit of work; otherwise as `read`.

        Args:
          queue: a `QueueBase` of string scalars, or the tensor that stands for it.
          num_records: the largest number, an int64 scalar.
          name: the name of the operation.

        Returns:
          A pair of string vectors, `keys` and `values`.
        """
        handle = self._queue_ref(queue)
        return self._built("ReadUpTo", name, queue_handle=handle, num_records=num_records)

    def num_records_produced(self, name: str | None = None) -> Any:
        """Return how many records have been read: an int64 scalar."""
        return self._built("NumRecordsProduced", name)

    def num_work_units_completed(self, name: str | None = None) -> Any:
        """Return how many units of work have been read to their ends: an int64 scalar."""
        return self._built("NumWorkUnitsCompleted", name)

    def serialize_state(self, name: str | None = None) -> Any:
        """Return the state of the reader: a string scalar.

        Raises:
          UnimplementedError: when it runs, this kind of reader has none.
        """
        return self._built("SerializeState", name)

    def restore_state(self, state: Any, name: str | None = None) -> Operation:
        """Return an operation that gives the reader a state.

        Args:
          state: a string scalar that `serialize_state` returned.
          name: the name of the operation.

        Raises:
          InvalidArgumentError: when it runs, `state` is none.
          UnimplementedError: when it runs, this kind of reader has none.
        """
        return self._operation("RestoreState", name, state=state)

    def reset(self, name: str | None = None) -> Operation:
        """Return an operation after which the reader begins anew, with another unit of work."""
        return self._operation("Reset", name)

    def _queue_ref(self, queue: Any) -> Any:
        handle = queue if isinstance(queue, Tensor) else queue.queue_ref
        if self._is_resource:
            return handle
        return build("FakeQueue", {"resource": handle})

    def _built(self, what: str, name: str | None, **inputs: Any) -> Any:
        return build(self._type(what), {"reader_handle": self._reader_ref} | inputs, name)

    def _operation(self, what: str, name: str | None, **inputs: Any) -> Operation:
        return build_operation(self._type(what), {"reader_handle": self._reader_ref} | inputs, name)

    @property
    def _is_resource(self) -> bool:
        return bool(self._reader_ref.dtype == dtypes.resource)

    def _type(self, what: str) -> str:
        return f"Reader{what}{'V2' if self._is_resource else ''}"


class IdentityReader(ReaderBase):
    """A reader whose records are the units of work: both key and value.

    Args:
      name: the name of the node.
    """

    def __init__(self, name: str | None = None) -> None:
        super().__init__(build("IdentityReaderV2", {}, name), supports_serialize=True)


class WholeFileReader(ReaderBase):
    """A reader of whole files: the key is the file's name, the value what is in it.

    Args:
      name: the name of the node.
    """

    def __init__(self, name: str | None = None) -> None:
        super().__init__(build("WholeFileReaderV2", {}, name), supports_serialize=True)


class TextLineReader(ReaderBase):
    """A reader of lines, without their ends; the keys are FILE:LINE, beginning with 1.

    Args:
      skip_header_lines: how many lines to leave out at the beginning of each file.
      name: the name of the node.

    Raises:
      InvalidArgumentError: when it runs, the number is negative.
    """

    def __init__(self, skip_header_lines: int | None = None, name: str | None = None) -> None:
        attributes = {"skip_header_lines": skip_header_lines or 0}
        super().__init__(build("TextLineReaderV2", attributes, name))


class FixedLengthRecordReader(ReaderBase):
    """A reader of records of one length; the keys are FILE:NUMBER, beginning with 0.

    Args:
      record_bytes: how many bytes a record has.
      header_bytes: how many to leave out at the beginning of each file.
      footer_bytes: how many to leave out at its end.
      hop_bytes: how many there are from one record to the next; 0 for those of a record.
      name: the name of the node.
      encoding: `ZLIB` or `GZIP` for compressed files.

    Raises:
      InvalidArgumentError: when it runs, a number is negative.
    """

    def __init__(
        self,
        record_bytes: int,
        header_bytes: int | None = None,
        footer_bytes: int | None = None,
        hop_bytes: int | None = None,
        name: str | None = None,
        encoding: str | None = None,
    ) -> None:
        attributes = {
            "record_bytes": record_bytes,
            "header_bytes": header_bytes or 0,
            "footer_bytes": footer_bytes or 0,
            "hop_bytes": hop_bytes or 0,
            "encoding": encoding or "",
        }
        super().__init__(build("FixedLengthRecordReaderV2", attributes, name))


class TFRecordReader(ReaderBase):
    """A reader of TFRecord files; the keys are FILE:OFFSET.

    Args:
      name: the name of the node.
      options: a `tf.python_io.TFRecordOptions` or `TFRecordCompressionType`.

    Raises:
      ValueError: there is no such compression.
    """

    def __init__(self, name: str | None = None, options: Any = None) -> None:
        attributes = {"compression_type": TFRecordOptions.get_compression_type_string(options)}
        super().__init__(build("TFRecordReaderV2", attributes, name))


def read_file(filename: Any, name: str | None = None) -> Any:
    """Return what is in a file: a string scalar.

    Args:
      filename: a string scalar.
      name: the name of the operation.

    Raises:
      ValueError: `filename` is no scalar.
      NotFoundError: when it runs, there is no such file.
    """
    return build("ReadFile", {"filename": filename}, name)


def write_file(filename: Any, contents: Any, name: str | None = None) -> Operation:
    """Return an operation that writes a file, in folders that are made if need be.

    Args:
      filename, contents: string scalars.
      name: the name of the operation.

    Raises:
      ValueError: one is no scalar.
      FailedPreconditionError, PermissionDeniedError: when it runs, it cannot be written.
    """
    return build_operation("WriteFile", {"filename": filename, "contents": contents}, name)


def matching_files(pattern: Any, name: str | None = None) -> Any:
    """Return the names of the files that match patterns: a string vector, sorted.

    Args:
      pattern: a string scalar or vector; `*`, `?` and `[a-c]` stand for what is in a name.
      name: the name of the operation.

    Raises:
      ValueError: `pattern` has a higher rank.
    """
    return build("MatchingFiles", {"pattern": pattern}, name)


def match_filenames_once(pattern: Any, name: str | None = None) -> Variable:
    """Return a local variable of the names that match; they are looked for once.

    Args:
      pattern: as for `matching_files`.
      name: the name of the variable.
    """
    with scope(name, "matching_filenames", [pattern]) as name:
        return Variable(
            name=name,
            initial_value=matching_files(pattern),
            trainable=False,
            validate_shape=False,
            collections=[GraphKeys.LOCAL_VARIABLES],
        )
