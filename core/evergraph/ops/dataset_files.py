"""Datasets of what is in files: TextLineDataset, TFRecordDataset …"""

from __future__ import annotations

from typing import Any

import numpy as np

from evergraph.data.caches import FileCached
from evergraph.data.csv import Csv
from evergraph.data.dataset import Dataset
from evergraph.data.files import Records, fixed_length, text_lines, tf_records
from evergraph.data.sources import length
from evergraph.data.transforms import Cached
from evergraph.errors import InvalidArgumentError
from evergraph.op import define

_COMPRESSIONS = ("", "ZLIB", "GZIP")


def _invalid(message):
    return InvalidArgumentError(None, None, message)


def _names(filenames):
    if np.ndim(filenames) > 1:
        raise _invalid("`filenames` must be a scalar or a vector.")
    return np.asarray(filenames, object).reshape(-1).tolist()


def _text(value, name):
    if np.ndim(value):
        raise _invalid(f"{name} must be a scalar")
    return np.asarray(value, object).item().decode()


def _compression(value):
    found = _text(value, "compression_type")
    if found not in _COMPRESSIONS:
        raise _invalid(f"Unsupported compression_type {found}.")
    return found


def text_line(xp, filenames, compression_type, buffer_size):
    return Records(_names(filenames), text_lines(_compression(compression_type)))


def tf_record(xp, filenames, compression_type, buffer_size):
    return Records(_names(filenames), tf_records(_compression(compression_type)))


def fixed_length_record(xp, filenames, header_bytes, record_bytes, footer_bytes, buffer_size):
    return fixed_length_record_v2(
        xp, filenames, header_bytes, record_bytes, footer_bytes, buffer_size, b""
    )


def fixed_length_record_v2(
    xp, filenames, header_bytes, record_bytes, footer_bytes, buffer_size, compression_type
):
    header, record, footer = length(header_bytes), length(record_bytes), length(footer_bytes)
    for size, name, least in (
        (header, "header_bytes", 0),
        (record, "record_bytes", 1),
        (footer, "footer_bytes", 0),
    ):
        if size < least:
            raise _invalid(f"`{name}` must be >{'' if least else '='} 0")
    opener = fixed_length(header, record, footer, _compression(compression_type))
    return Records(_names(filenames), opener)


def csv(
    xp,
    filenames,
    compression_type,
    buffer_size,
    header,
    field_delim,
    use_quote_delim,
    na_value,
    select_cols,
    record_defaults,
    exclude_cols=(),
):
    delimiter = np.asarray(field_delim, object).item()
    if len(delimiter) != 1:
        raise _invalid("field_delim should be only 1 char")
    for default in record_defaults:
        if np.ndim(default) > 1 or np.size(default) > 1:
            raise _invalid("Each record default should be at most rank 1 and have 1 value at most")
    chosen = [int(c) for c in np.asarray(select_cols).tolist()]
    if any(c < 0 for c in chosen) or sorted(set(chosen)) != chosen:
        raise _invalid("select_cols should be strictly increasing and not negative")
    if chosen and len(chosen) != len(record_defaults):
        raise _invalid("select_cols should match output size")
    return Csv(
        _names(filenames),
        _compression(compression_type),
        bool(header),
        delimiter,
        bool(use_quote_delim),
        np.asarray(na_value, object).item(),
        chosen,
        {int(c) for c in np.asarray(exclude_cols).tolist()},
        record_defaults,
    )


def cache(xp, input_dataset, filename, *, output_types):
    if not isinstance(input_dataset, Dataset):
        raise _invalid("The tensor must be a Dataset object.")
    name = _text(filename, "filename")
    return FileCached(input_dataset, name.encode(), output_types) if name else Cached(input_dataset)


def scalar(*inputs):
    return ()


_OPS: dict[str, Any] = {
    "TextLineDataset": text_line,
    "TFRecordDataset": tf_record,
    "FixedLengthRecordDataset": fixed_length_record,
    "FixedLengthRecordDatasetV2": fixed_length_record_v2,
    "CSVDataset": csv,
    "CSVDatasetV2": csv,
    "CacheDataset": cache,
}
for _type, _kernel in _OPS.items():
    define(_type, _kernel, shape=scalar, effects="fs_read", unknown_rank=True)
