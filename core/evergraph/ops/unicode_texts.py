"""Texts as code points, in other encodings, in parts and in templates; tensors as strings."""

from __future__ import annotations

import base64
import codecs
from itertools import pairwise

import numpy as np
from google.protobuf.message import DecodeError

from evergraph import attributes, protos
from evergraph.dtypes import as_dtype
from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.printing import shown
from evergraph.ops.rules import same_shape, with_rank
from evergraph.ops.strings import each
from evergraph.shapes import bracketed
from evergraph.tensor_proto import make_ndarray


def _failure(message):
    return InvalidArgumentError(None, None, message)


# Code points

_LAST = 0x10FFFF
_CONTROLS = frozenset(range(32))


def _reader(encoding):
    """Return the function from a string to its code points (None where it has none) and places."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise _failure(f"Could not create converter for input encoding: {encoding}") from None
    # Without a mark, the higher byte comes first.
    name = {"utf-16": "utf-16-be", "utf-32": "utf-32-be"}.get(name, name)

    def read(text):
        points: list[int | None] = []
        starts: list[int] = []
        at = 0
        while at < len(text):
            end, skipped = len(text), len(text)
            try:
                found = text[at:].decode(name)
            except UnicodeDecodeError as error:
                end, skipped = at + error.start, at + error.end
                found = text[at:end].decode(name)
            for character in found:
                points.append(ord(character))
                starts.append(at)
                at += len(character.encode(name))
            if skipped > end:
                points.append(None)
                starts.append(end)
            at = skipped
        return points, starts

    return read


def _decoded(input_encoding, errors, replacement_char, replace_control_characters):
    """Return the function from a string to its code points and where they begin."""
    read = _reader(input_encoding)

    def decode(text):
        made = []
        for point, start in zip(*read(text), strict=True):
            if point is None:
                if errors == "strict":
                    raise _failure("Invalid formatting on input string")
                if errors == "ignore":
                    continue
                point = replacement_char
            elif replace_control_characters and point in _CONTROLS:
                point = replacement_char
            made.append((point, start))
        return made

    return decode


def decode_with_offsets(
    xp,
    input,
    *,
    input_encoding,
    errors="replace",
    replacement_char=65533,
    replace_control_characters=False,
    Tsplits=None,
):
    decode = _decoded(input_encoding, errors, replacement_char, replace_control_characters)
    rows = [decode(text) for text in np.asarray(input, object).reshape(-1).tolist()]
    splits = np.cumsum([0, *map(len, rows)]).astype(np.int64 if Tsplits is None else Tsplits)
    points = [point for row in rows for point, _ in row]
    starts = [start for row in rows for _, start in row]
    return splits, np.array(points, np.int32), np.array(starts, np.int64)


def decode(
    xp,
    input,
    *,
    input_encoding,
    errors="replace",
    replacement_char=65533,
    replace_control_characters=False,
    Tsplits=None,
):
    splits, points, _ = decode_with_offsets(
        xp,
        input,
        input_encoding=input_encoding,
        errors=errors,
        replacement_char=replacement_char,
        replace_control_characters=replace_control_characters,
        Tsplits=Tsplits,
    )
    return splits, points


def _splits_shape(input):
    if input is None or None in input:
        return (None,)
    return (int(np.prod(input, dtype=np.int64)) + 1,)


def decoded_shape(input):
    return [_splits_shape(input), (None,)]


def decoded_with_offsets_shape(input):
    return [_splits_shape(input), (None,), (None,)]


def _written(points, encoding):
    # What stands for half a character has no place in UTF-16 or UTF-32.
    return "".join(map(chr, points)).encode(encoding, "replace")


def encode(
    xp, input_values, input_splits, *, output_encoding, errors="replace", replacement_char=65533
):
    values, splits = np.asarray(input_values), np.asarray(input_splits)
    if not splits.size:
        raise _failure(
            "Input_splits should contain elements, but given input_values has 0 elements"
        )
    if splits[0] != 0:
        raise _failure("First value in input_splits must be zero.")
    if (np.diff(splits) < 0).any():
        raise _failure("Values in input_splits must be equal or in ascending order.")
    if splits[-1] != len(values):
        raise _failure("Last value in input_splits must be equal to length of input_tensor.")
    made = np.empty(len(splits) - 1, object)
    for i, (begin, end) in enumerate(pairwise(splits)):
        points = []
        for point in values[begin:end].tolist():
            if not (0 <= point <= _LAST) or 0xD800 <= point <= 0xDFFF:
                if errors == "strict":
                    raise _failure("Code point is out of range for Unicode, or is a surrogate.")
                if errors == "ignore":
                    continue
                point = replacement_char
            points.append(point)
        made[i] = _written(points, output_encoding)
    return made


def encoded_shape(input_values, input_splits):
    with_rank(input_values, 1)
    with_rank(input_splits, 1)
    if input_splits is None or input_splits[0] is None:
        return (None,)
    if not input_splits[0]:
        raise ShapeError("Negative dimension size caused by subtracting 1 from 0")
    return (input_splits[0] - 1,)


def transcode(
    xp,
    input,
    *,
    input_encoding,
    output_encoding,
    errors="replace",
    replacement_char=65533,
    replace_control_characters=False,
):
    decode = _decoded(input_encoding, errors, replacement_char, replace_control_characters)
    return each(lambda text: _written([p for p, _ in decode(text)], output_encoding), input)


# Parts of sequences


def ngrams(
    xp,
    data,
    data_splits,
    *,
    separator,
    ngram_widths,
    left_pad,
    right_pad,
    pad_width,
    preserve_short_sequences,
):
    words, splits = np.asarray(data, object).tolist(), np.asarray(data_splits)
    if any(width < 1 for width in ngram_widths):
        raise _failure("ngram_widths must contain positive values")
    if splits.size:
        if splits[0] != 0:
            raise _failure(f"First split value must be 0, got {splits[0]}")
        for least, split in pairwise(splits):
            if not least <= split <= len(words):
                raise _failure(f"Invalid split value {split}, must be in [{least}, {len(words)}]")
        if splits[-1] != len(words):
            raise _failure(
                f"Last split value must be data size. Expected {len(words)}, got {splits[-1]}"
            )
    between, left, right = map(attributes.data, (separator, left_pad, right_pad))
    made: list[bytes] = []
    ends = [0] if splits.size else []
    for begin, end in pairwise(splits):
        row, before = words[begin:end], len(made)
        for width in ngram_widths:
            pad = width - 1 if pad_width < 0 else min(pad_width, width - 1)
            padded = [left] * pad + row + [right] * pad
            count = len(padded) - width + 1
            made += [between.join(padded[i : i + width]) for i in range(count)]
        if preserve_short_sequences and row and len(made) == before:
            pad = max(pad_width, 0)
            made.append(between.join([left] * pad + row + [right] * pad))
        ends.append(len(made))
    found = np.empty(len(made), object)
    found[:] = made
    return found, np.array(ends, splits.dtype)


def ngrams_shape(data, data_splits):
    with_rank(data, 1)
    with_rank(data_splits, 1)
    return [(None,), data_splits]


# Templates


def format_text(xp, inputs, *, template="%s", placeholder="%s", summarize=3):
    parts = attributes.data(template).split(attributes.data(placeholder))
    text = parts[0]
    for value, after in zip(inputs, parts[1:], strict=True):
        text += _nested(np.asarray(value), summarize, 0).encode() + after
    return np.array(text, object)


def _nested(value, limit, depth):
    """Return the text of an array, with the first and the last elements of long dimensions."""
    if not value.ndim:
        text = shown(value.item() if value.dtype == object else value[()])
        return f'"{text}"' if value.dtype == object else text
    rows = list(value)
    texts = [_nested(np.asarray(row, value.dtype), limit, depth + 1) for row in rows]
    if limit >= 0 and len(texts) > 2 * limit:
        texts = [*texts[:limit], "...", *texts[len(texts) - limit :]]
    between = "\n" * (value.ndim - 1) + " " * (depth + 1) if value.ndim > 1 else " "
    return f"[{between.join(texts)}]"


def format_shape(inputs, *, template="%s", placeholder="%s"):
    count = attributes.data(template).count(attributes.data(placeholder))
    if count != len(inputs):
        raise ShapeError(
            f"num placeholders in template and num inputs must match: {count} vs. {len(inputs)}"
        )
    return ()


# Bytes of numbers


def decode_padded_raw(xp, input_bytes, fixed_length, *, out_type, little_endian=True):
    texts, dtype = np.asarray(input_bytes, object), np.dtype(out_type)
    if np.ndim(fixed_length):
        raise _failure(f"k must be scalar, got shape {bracketed(np.shape(fixed_length))}")
    size = int(fixed_length)
    if size <= 0:
        raise _failure(f"fixed_length ({size}) must be greater than zero.")
    if size % dtype.itemsize:
        raise _failure(
            f"fixed_length ({size}) must be a multiple of the size of out_type ({dtype.itemsize})"
        )
    whole = b"".join(t[:size].ljust(size, b"\0") for t in texts.reshape(-1).tolist())
    words = np.frombuffer(whole, f"u{dtype.itemsize}")
    if not little_endian:
        words = words.byteswap()
    return words.view(dtype).reshape(*texts.shape, size // dtype.itemsize).copy()


def decode_padded_raw_shape(input_bytes, fixed_length, *, out_type):
    if input_bytes is None:
        return None
    if fixed_length is None:
        return (*input_bytes, None)
    with_rank(fixed_length.shape, 0)
    size, width = int(fixed_length), as_dtype(out_type).size
    if size <= 0:
        return (*input_bytes, None)
    if size % width:
        raise ShapeError(f"Dimension size must be evenly divisible by {width} but is {size}")
    return (*input_bytes, size // width)


#: What TensorFlow calls types in messages, where it is another word.
_WORDS = {"float32": "float", "float64": "double", "float16": "half"}


def parse_tensor(xp, serialized, *, out_type):
    if np.ndim(serialized):
        raise _failure(
            f"Expected `serialized` to be a scalar, got shape: {bracketed(np.shape(serialized))}"
        )
    proto = protos.TensorProto()
    text = np.asarray(serialized, object).item()
    try:
        proto.ParseFromString(text)
    except DecodeError:
        coded = base64.b64encode(text).decode()
        raise _failure(f"Could not parse `serialized` as TensorProto, base64: {coded}") from None
    try:
        value = make_ndarray(proto)
    except (TypeError, ValueError) as error:
        raise _failure(f"Cannot parse tensor from proto: {error}") from error
    found, wanted = as_dtype(proto.dtype), as_dtype(out_type)
    if found != wanted:
        raise _failure(
            f"Type mismatch between parsed tensor ({_WORDS.get(found.name, found.name)}) "
            f"and dtype ({_WORDS.get(wanted.name, wanted.name)})"
        )
    return value


def parse_tensor_shape(serialized):
    return None


def serialize_tensor(xp, tensor):
    value = np.asarray(tensor)
    proto = protos.TensorProto(dtype=as_dtype(value.dtype).as_datatype_enum)
    proto.tensor_shape.SetInParent()
    for size in value.shape:
        proto.tensor_shape.dim.add().size = size
    if value.dtype == object:
        proto.string_val.extend(value.reshape(-1).tolist())
    else:
        proto.tensor_content = np.ascontiguousarray(value).tobytes()
    return np.array(proto.SerializeToString(), object)


def serialize_tensor_shape(tensor):
    return ()


define("UnicodeDecode", decode, shape=decoded_shape, unknown_rank=True)
define(
    "UnicodeDecodeWithOffsets",
    decode_with_offsets,
    shape=decoded_with_offsets_shape,
    unknown_rank=True,
)
define("UnicodeEncode", encode, shape=encoded_shape, unknown_rank=True)
define("UnicodeTranscode", transcode, shape=same_shape, unknown_rank=True)
define("StringNGrams", ngrams, shape=ngrams_shape, unknown_rank=True)
define("StringFormat", format_text, shape=format_shape, unknown_rank=True)
define(
    "DecodePaddedRaw",
    decode_padded_raw,
    shape=decode_padded_raw_shape,
    host="fixed_length",
    unknown_rank=True,
    gradient=no_gradient,
)
define(
    "ParseTensor",
    parse_tensor,
    shape=parse_tensor_shape,
    unknown_rank=True,
    gradient=no_gradient,
)
define(
    "SerializeTensor",
    serialize_tensor,
    shape=serialize_tensor_shape,
    unknown_rank=True,
    gradient=no_gradient,
)
