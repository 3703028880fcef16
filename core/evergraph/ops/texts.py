"""Texts in other forms: DecodeCSV, DecodeCompressed, base 64, hashes and joined strings."""

from __future__ import annotations

import base64
import re
import zlib
from typing import Any

import numpy as np

from evergraph import attributes
from evergraph.errors import DataLossError, InvalidArgumentError, OutOfRangeError
from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.rules import same_shape
from evergraph.ops.strings import each

_MASK = 2**64 - 1


def _failure(message):
    return InvalidArgumentError(None, None, message)


# Comma-separated values.


def decode_csv(
    xp,
    records,
    record_defaults,
    *,
    OUT_TYPE,
    field_delim=",",
    use_quote_delim=True,
    na_value="",
    select_cols=(),
):
    delimiter = attributes.data(field_delim)
    if len(delimiter) != 1:
        raise _failure("field_delim should be only 1 char")
    defaults = [np.asarray(d, object).reshape(-1).tolist() for d in record_defaults]
    for i, default in enumerate(defaults):
        if len(default) > 1:
            raise _failure(
                f"There should only be 1 default per field but field {i} has {len(default)}"
            )
    missing = {b"", attributes.data(na_value)}
    records = np.asarray(records, object)
    columns = [np.empty(records.size, dtype) for dtype in OUT_TYPE]
    for row, record in enumerate(records.reshape(-1).tolist()):
        fields = _fields(record, delimiter, use_quote_delim)
        if select_cols:
            fields = [fields[i] for i in select_cols if i < len(fields)]
        if len(fields) != len(columns):
            raise _failure(f"Expect {len(columns)} fields but have {len(fields)} in record {row}")
        for i, field in enumerate(fields):
            if field not in missing:
                columns[i][row] = _value(field, columns[i].dtype, i, row)
            elif defaults[i]:
                columns[i][row] = defaults[i][0]
            else:
                raise _failure(f"Field {i} is required but missing in record {row}!")
    return [column.reshape(records.shape) for column in columns]


def _fields(record, delimiter, use_quote_delim):
    """Return the fields of a line; one in quotes may have anything in it, quotes doubled."""
    if not record:
        return []
    if not use_quote_delim or delimiter == b'"':
        if re.search(rb"[\r\n]", record):
            raise _failure("Unquoted fields cannot have quotes/CRLFs inside")
        return record.split(delimiter)
    fields = []
    position = 0
    while True:
        if record[position : position + 1] == b'"':
            field, position = _quoted(record, position + 1, delimiter)
        else:
            end = record.find(delimiter, position)
            end = len(record) if end < 0 else end
            field, position = record[position:end], end
            if re.search(rb'["\r\n]', field):
                raise _failure("Unquoted fields cannot have quotes/CRLFs inside")
        fields.append(field)
        if position >= len(record):
            return fields
        position += 1


def _quoted(record, position, delimiter):
    parts = []
    while True:
        end = record.find(b'"', position)
        if end < 0:
            raise _failure("Quoted field has to end with quote followed by delim or end")
        parts.append(record[position:end])
        after = record[end + 1 : end + 2]
        if after != b'"':
            break
        parts.append(b'"')
        position = end + 2
    if after not in (b"", delimiter):
        raise _failure("Quote inside a string has to be escaped by another quote")
    return b"".join(parts), end + 1


_INTEGER = re.compile(rb"\s*[+-]?[0-9]+\s*")
_NAMES = {"int32": "int32", "int64": "int64", "float32": "float", "float64": "double"}


def _value(field, dtype, column, row):
    if dtype.kind == "O":
        return field
    try:
        if dtype.kind == "f":
            return dtype.type(float(field))
        if _INTEGER.fullmatch(field):
            return dtype.type(int(field))
    except (ValueError, OverflowError):
        pass
    raise _failure(
        f"Field {column} in record {row} is not a valid {_NAMES[dtype.name]}: "
        f"{field.decode(errors='replace')}"
    )


def decode_csv_shape(records, record_defaults):
    for default in record_defaults:
        if default is not None and len(default) > 1:
            raise ShapeError(f"Shape must be at most rank 1 but is rank {len(default)}")
        if default and default[0] is not None and default[0] > 1:
            raise ShapeError(
                "Shape of a default must be a length-0 or length-1 vector, or a scalar."
            )
    return [records] * len(record_defaults)


# Compression, and base 64.

#: How zlib finds what it is given, by compression.
_WINDOWS = {b"ZLIB": 15, b"GZIP": 31}


def decode_compressed(xp, bytes, *, compression_type=""):
    kind = attributes.data(compression_type)
    if not kind:
        return np.asarray(bytes, object)
    if kind not in _WINDOWS:
        raise _failure("Only ZLIB, ZSTD, GZIP or NONE are supported compressions")

    def unpacked(data):
        try:
            return zlib.decompressobj(_WINDOWS[kind]).decompress(data)
        except zlib.error as error:
            text = str(error).rpartition(": ")[2]
            raise DataLossError(None, None, f"inflate() failed with error -3: {text}") from error

    return each(unpacked, bytes)


def encode_base64(xp, input, *, pad=False):
    def encoded(text):
        found = base64.urlsafe_b64encode(text)
        return found if pad else found.rstrip(b"=")

    return each(encoded, input)


def decode_base64(xp, input):
    def decoded(text):
        plain = text[:-2].rstrip(b"=") + text[-2:].rstrip(b"=") if len(text) % 4 == 0 else text
        if re.search(rb"[^A-Za-z0-9_-]", plain) or (len(plain) % 4 == 1 and len(text) % 4 == 0):
            raise _failure("Invalid character found in base64.")
        if len(plain) % 4 == 1:
            raise _failure("Base64 string length cannot be 1 modulo 4.")
        return base64.urlsafe_b64decode(plain + b"=" * (-len(plain) % 4))

    return each(decoded, input)


# Hashes.


def hash_bucket(xp, string_tensor, *, num_buckets):
    return each(lambda text: _hash64(text) % num_buckets, string_tensor, np.int64)


def _hash64(text, seed=0xDECAFCAFFE):
    m = 0xC6A4A7935BD1E995
    h = (seed ^ (len(text) * m)) & _MASK
    whole = len(text) // 8 * 8
    for i in range(0, whole, 8):
        k = int.from_bytes(text[i : i + 8], "little") * m & _MASK
        k = (k ^ (k >> 47)) * m & _MASK
        h = (h ^ k) * m & _MASK
    if whole < len(text):
        h = (h ^ int.from_bytes(text[whole:], "little")) * m & _MASK
    h = (h ^ (h >> 47)) * m & _MASK
    return h ^ (h >> 47)


def strong_hash_bucket(xp, input, *, num_buckets, key):
    if len(key) != 2:
        raise _failure("Key must have 2 elements")
    return each(lambda text: _sip_hash(text, *key) % num_buckets, input, np.int64)


def _sip_hash(text, k0, k1):
    """Return the SipHash-2-4 of a text."""
    k0, k1 = k0 & _MASK, k1 & _MASK
    v = [
        k0 ^ 0x736F6D6570736575,
        k1 ^ 0x646F72616E646F6D,
        k0 ^ 0x6C7967656E657261,
        k1 ^ 0x7465646279746573,
    ]
    padded = text.ljust((len(text) // 8 + 1) * 8 - 1, b"\0") + bytes([len(text) & 255])
    for i in range(0, len(padded), 8):
        word = int.from_bytes(padded[i : i + 8], "little")
        v[3] ^= word
        _rounds(v, 2)
        v[0] ^= word
    v[2] ^= 255
    _rounds(v, 4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def _rounds(v, count):
    for _ in range(count):
        v[0] = (v[0] + v[1]) & _MASK
        v[1] = _rotated(v[1], 13) ^ v[0]
        v[0] = _rotated(v[0], 32)
        v[2] = (v[2] + v[3]) & _MASK
        v[3] = _rotated(v[3], 16) ^ v[2]
        v[0] = (v[0] + v[3]) & _MASK
        v[3] = _rotated(v[3], 21) ^ v[0]
        v[2] = (v[2] + v[1]) & _MASK
        v[1] = _rotated(v[1], 17) ^ v[2]
        v[2] = _rotated(v[2], 32)


def _rotated(x, count):
    return (x << count | x >> (64 - count)) & _MASK


# Joined strings.


def reduce_join(xp, inputs, reduction_indices, *, keep_dims=False, separator=""):
    texts = np.asarray(inputs, object)
    axes = np.asarray(reduction_indices).reshape(-1).tolist()
    for axis in axes:
        if not -texts.ndim <= axis < texts.ndim:
            raise OutOfRangeError(
                None,
                None,
                f"Invalid reduction dimension {axis} for input with {texts.ndim} dimension(s)",
            )
    whole = [axis % texts.ndim for axis in axes]
    for i, axis in enumerate(whole):
        if axis in whole[:i]:
            raise _failure(f"Duplicate reduction dimension {axes[i]}")
    kept = [axis for axis in range(texts.ndim) if axis not in whole]
    between = attributes.data(separator)
    # The first one listed changes fastest.
    moved = texts.transpose(*kept, *reversed(whole))
    lead = moved.shape[: len(kept)]
    rows = moved.reshape(int(np.prod(lead, dtype=np.int64)), -1 if texts.size else 0)
    made = np.empty(len(rows), object)
    for i, row in enumerate(rows):
        made[i] = between.join(row.tolist())
    if keep_dims:
        lead = tuple(1 if axis in whole else d for axis, d in enumerate(texts.shape))
    return made.reshape(lead)


def reduce_join_shape(inputs, reduction_indices, *, keep_dims=False):
    if inputs is None or reduction_indices is None:
        return (None,) * len(inputs) if inputs is not None and keep_dims else None
    rank = len(inputs)
    gone = set()
    for axis in np.asarray(reduction_indices).reshape(-1).tolist():
        if not -rank <= axis < rank:
            raise ShapeError(
                f"Invalid reduction dimension {axis} for input with {rank} dimensions."
            )
        gone.add(axis % rank)
    pairs = enumerate(inputs)
    return tuple(1 if i in gone else d for i, d in pairs if keep_dims or i not in gone)


define("DecodeCSV", decode_csv, shape=decode_csv_shape, unknown_rank=True)
define("DecodeCompressed", decode_compressed, shape=same_shape, unknown_rank=True)
_PLAIN: dict[str, Any] = {
    "EncodeBase64": encode_base64,
    "DecodeBase64": decode_base64,
    "StringToHashBucket": hash_bucket,
    "StringToHashBucketStrong": strong_hash_bucket,
}
for _type, _kernel in _PLAIN.items():
    define(_type, _kernel, shape=same_shape, unknown_rank=True, gradient=no_gradient)
define(
    "ReduceJoin",
    reduce_join,
    shape=reduce_join_shape,
    host="reduction_indices",
    unknown_rank=True,
    gradient=no_gradient,
)
