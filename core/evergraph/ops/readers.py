"""Readers: TextLineReader, TFRecordReader …, and what reads with them."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import define, no_gradient
from evergraph.ops.rules import scalar, with_rank
from evergraph.queues.queue import Queue
from evergraph.readers.kinds import FixedLength, Identity, TextLines, TFRecords, WholeFile
from evergraph.readers.reader import Reader


def _found(kind, context, container, shared_name, node, open, *, single=False):
    """Return the reader of a node, which is made if need be."""
    if shared_name.startswith("_"):
        raise _invalid(f"shared_name cannot start with '_':{shared_name}")
    # TF: readers of one name may differ in everything else; the first one is all of them.
    return context.resource(
        container,
        f"reader/{shared_name or '_' + node}",
        lambda: Reader(kind, node, open, single),
    )


def identity_reader(xp, context, *, container, shared_name, _node):
    return _found("IdentityReader", context, container, shared_name, _node, Identity, single=True)


def whole_file_reader(xp, context, *, container, shared_name, _node):
    return _found("WholeFileReader", context, container, shared_name, _node, WholeFile, single=True)


def text_line_reader(xp, context, *, skip_header_lines, container, shared_name, _node):
    _check_not_negative(skip_header_lines=skip_header_lines)
    open = partial(TextLines, skipped=skip_header_lines)
    return _found("TextLineReader", context, container, shared_name, _node, open)


def fixed_length_record_reader(
    xp,
    context,
    *,
    header_bytes,
    record_bytes,
    footer_bytes,
    hop_bytes,
    container,
    shared_name,
    _node,
):
    sizes = header_bytes, record_bytes, footer_bytes, hop_bytes
    return _fixed_length(context, container, shared_name, _node, sizes)


def fixed_length_record_reader_v2(
    xp,
    context,
    *,
    header_bytes,
    record_bytes,
    footer_bytes,
    hop_bytes,
    container,
    shared_name,
    encoding,
    _node,
):
    sizes = header_bytes, record_bytes, footer_bytes, hop_bytes
    return _fixed_length(context, container, shared_name, _node, sizes, encoding)


def _fixed_length(context, container, shared_name, node, sizes, encoding=""):
    names = "header_bytes", "record_bytes", "footer_bytes", "hop_bytes"
    _check_not_negative(**dict(zip(names, sizes, strict=True)))
    open = partial(FixedLength, sizes=sizes, encoding=encoding)
    return _found("FixedLengthRecordReader", context, container, shared_name, node, open)


def tf_record_reader(xp, context, *, container, shared_name, compression_type, _node):
    open = partial(TFRecords, compression=compression_type)
    return _found("TFRecordReader", context, container, shared_name, _node, open)


def _check_not_negative(**attributes):
    for name, value in attributes.items():
        if value < 0:
            raise _invalid(f"{name} must be >= 0 not {value}")


def _invalid(message):
    return InvalidArgumentError(None, None, message)


def _used(handle, kind=Reader, what="reader"):
    if not isinstance(handle, kind):
        raise _invalid(
            "Trying to access a handle's resource using the wrong type. The handle does not stand "
            f"for a {what}."
        )
    return handle


def read(xp, context, reader_handle, queue_handle):
    return _used(reader_handle).read(_used(queue_handle, Queue, "queue"))


def read_up_to(xp, context, reader_handle, queue_handle, num_records):
    if np.ndim(num_records):
        raise _invalid("num_records must be a scalar")
    queue = _used(queue_handle, Queue, "queue")
    return _used(reader_handle).read(queue, int(num_records))


def records_produced(xp, context, reader_handle):
    return np.int64(_used(reader_handle).records_produced())


def work_units_completed(xp, context, reader_handle):
    return np.int64(_used(reader_handle).work_units_completed())


def reset(xp, context, reader_handle):
    _used(reader_handle).reset()
    return ()


def serialize_state(xp, context, reader_handle):
    return _used(reader_handle).serialize_state()


def restore_state(xp, context, reader_handle, state):
    if np.ndim(state):
        raise _invalid("Reader state must be scalar")
    _used(reader_handle).restore_state(np.asarray(state, object).item())
    return ()


def record(reader_handle, queue_handle):
    return [(), ()]


def records(reader_handle, queue_handle, num_records):
    with_rank(num_records, 0)
    return [(None,), (None,)]


def nothing(reader_handle, state=None):
    with_rank(state, 0)
    return []


def fake_queue(xp, context, resource):
    # TF: old readers take references, and new nodes make handles of queues.
    return resource


def reference(*inputs):
    """A reference is to two strings, the name of a container and that of a queue or reader."""
    return (2,)


def handle():
    return ()


_READERS: dict[str, Any] = {
    "IdentityReader": identity_reader,
    "IdentityReaderV2": identity_reader,
    "WholeFileReader": whole_file_reader,
    "WholeFileReaderV2": whole_file_reader,
    "TextLineReader": text_line_reader,
    "TextLineReaderV2": text_line_reader,
    "FixedLengthRecordReader": fixed_length_record_reader,
    "FixedLengthRecordReaderV2": fixed_length_record_reader_v2,
    "TFRecordReader": tf_record_reader,
    "TFRecordReaderV2": tf_record_reader,
}
for _type, _create in _READERS.items():
    define(
        _type,
        _create,
        shape=handle if _type.endswith("V2") else reference,
        effects="state",
        context=True,
        # TF: only those of the first version are registered as having none.
        gradient=None if _type.endswith("V2") else no_gradient,
    )

#: By op type: the kernel, the shape rule, and whether the node may wait.
_OPS: dict[str, Any] = {
    "ReaderRead": (read, record, True),
    "ReaderReadUpTo": (read_up_to, records, True),
    "ReaderNumRecordsProduced": (records_produced, scalar, False),
    "ReaderNumWorkUnitsCompleted": (work_units_completed, scalar, False),
    "ReaderReset": (reset, nothing, False),
    "ReaderSerializeState": (serialize_state, scalar, False),
    "ReaderRestoreState": (restore_state, nothing, False),
}
for _type, (_kernel, _rule, _waits) in _OPS.items():
    for _version in ("", "V2"):
        define(
            _type + _version,
            _kernel,
            shape=_rule,
            effects="state",
            unknown_rank=True,
            context=True,
            blocking=_waits,
            gradient=None if _version else no_gradient,
        )

define(
    "FakeQueue",
    fake_queue,
    shape=reference,
    effects="state",
    unknown_rank=True,
    context=True,
)
