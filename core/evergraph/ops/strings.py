"""Strings made of others, and numbers made of strings: Substr, StringSplit, DecodeRaw …"""

from __future__ import annotations

import re

import numpy as np

from evergraph import attributes
from evergraph.dtypes import as_dtype
from evergraph.errors import InvalidArgumentError
from evergraph.op import define, no_gradient
from evergraph.ops.fingerprints import fingerprint
from evergraph.ops.rules import broadcast, same_shape, with_rank
from evergraph.ops.text import _expression
from evergraph.shapes import bracketed


def each(function, texts, dtype=object):
    """Return an array of what a function makes of each element."""
    texts = np.asarray(texts, object) if not isinstance(texts, np.ndarray) else texts
    made = np.empty(texts.size, dtype)
    for i, text in enumerate(texts.reshape(-1).tolist()):
        made[i] = function(text)
    return made.reshape(texts.shape)


def _failure(message):
    return InvalidArgumentError(None, None, message)


def strip(xp, input):
    return each(lambda text: text.strip(b" \t\n\v\f\r"), input)


def lower(xp, input, *, encoding=""):
    return each(_cased(bytes.lower, str.lower, encoding), input)


def upper(xp, input, *, encoding=""):
    return each(_cased(bytes.upper, str.upper, encoding), input)


def _cased(of_bytes, of_text, encoding):
    if not encoding:
        return of_bytes
    if encoding.lower() != "utf-8":
        raise _failure(f"only utf8 or '' (no encoding) is supported, received {encoding}")
    return lambda text: of_text(text.decode("utf-8", "replace")).encode()


def length(xp, input, *, unit="BYTE"):
    count = len if unit == "BYTE" else _characters
    return each(count, input, np.int32)


def _characters(text):
    return sum(byte & 0xC0 != 0x80 for byte in text)


def substr(xp, input, pos, len, *, unit="BYTE"):
    pos, size = np.asarray(pos), np.asarray(len)
    if pos.shape != size.shape:
        raise _failure(
            f"pos and len should have the same shape, got: {_plain(pos.shape)} vs. {_plain(size.shape)}"
        )
    texts, starts, sizes = np.broadcast_arrays(np.asarray(input, object), pos, size)
    cut = np.empty(texts.size, object)
    rows = zip(texts.reshape(-1).tolist(), starts.flat, sizes.flat, strict=True)
    for i, (text, start, count) in enumerate(rows):
        cut[i] = _cut(text, int(start), int(count), unit, i if texts.ndim else None)
    return cut.reshape(texts.shape)


def _plain(shape):
    return "[" + ",".join(map(str, shape)) + "]"


def _cut(text, start, count, unit, index):
    units = text
    if unit != "BYTE":
        units = [m[0] for m in re.finditer(rb"[\x00-\x7f\xc0-\xff][\x80-\xbf]*", text)]
    size = len(units)
    if not -size <= start <= size:
        where = "" if index is None else f" at index {index}"
        raise _failure(f"pos {start} out of range for string{where}")
    first = start + size if start < 0 else start
    found = units[first : first + max(count, 0)]
    return found if unit == "BYTE" else b"".join(found)


def substr_shape(input, pos, len, *, unit="BYTE"):
    if pos is not None and len is not None:
        with_rank(pos, -1 if pos is None else pos.__len__())
    if None in (input, pos, len):
        return None
    return broadcast(input, pos)


def _compiled(pattern):
    try:
        return re.compile(_expression(pattern))
    except re.error as error:
        raise _failure(
            f"Invalid pattern: {pattern.decode(errors='replace')}, error: {error}"
        ) from error


def _replaced(input, pattern, rewrite, replace_global):
    parts = re.split(rb"\\([0-9\\])", rewrite)

    def written(match):
        made = [
            part if i % 2 == 0 else b"\\" if part == b"\\" else match[int(part)] or b""
            for i, part in enumerate(parts)
        ]
        return b"".join(made)

    expression = _compiled(pattern)
    return each(lambda t: expression.sub(written, t, 0 if replace_global else 1), input)


def regex_replace(xp, input, pattern, rewrite, *, replace_global=True):
    pattern, rewrite = (np.asarray(t, object).item() for t in (pattern, rewrite))
    return _replaced(input, pattern, rewrite, replace_global)


def regex_replace_shape(input, pattern, rewrite):
    with_rank(pattern, 0)
    with_rank(rewrite, 0)
    return input


def static_regex_replace(xp, input, *, pattern, rewrite, replace_global=True):
    return _replaced(input, attributes.data(pattern), attributes.data(rewrite), replace_global)


def regex_full_match(xp, input, pattern):
    matches = _compiled(np.asarray(pattern, object).item()).fullmatch
    return each(lambda text: matches(text) is not None, input, bool)


def regex_full_match_shape(input, pattern):
    with_rank(pattern, 0)
    return input


def as_string(xp, input, *, precision=-1, scientific=False, shortest=False, width=-1, fill=""):
    x = np.asarray(input)
    if x.dtype == object:
        return x
    kind = x.dtype.kind
    if len(fill) > 1:
        raise _failure(f"Fill string must be one or fewer characters: {fill}")
    if scientific and shortest:
        raise _failure("Cannot select both scientific and shortest notation")
    inexact = kind not in "iub"
    if not inexact and (scientific or shortest):
        raise _failure(
            f"scientific and shortest format not supported for datatype {as_dtype(x.dtype).name}"
        )
    if not inexact and precision > -1:
        raise _failure(f"precision not supported for datatype {as_dtype(x.dtype).name}")
    flags = "" if width == -1 else fill
    size = "" if width == -1 else str(width)
    if kind == "b":
        return each(lambda v: (b"false", b"true")[v], x.astype(object))
    if kind in "iu":
        return each(lambda v: f"%{flags}{size}d".__mod__(v).encode(), x)
    letter = "e" if scientific else "g" if shortest else "f"
    form = f"%{flags}{size}{f'.{precision}' if precision > -1 else ''}{letter}"
    if kind == "c":
        return each(lambda v: f"({form % v.real},{form % v.imag})".encode(), x)
    return each(lambda v: (form % v).encode(), x.astype(np.float64))


_INTEGER = re.compile(rb"[+-]?[0-9]+")
_FLOAT = re.compile(
    rb"[+-]?([0-9]+\.?[0-9]*([eE][+-]?[0-9]+)?|\.[0-9]+([eE][+-]?[0-9]+)?|inf(inity)?|nan)", re.I
)


def to_number(xp, string_tensor, *, out_type=None):
    dtype = xp.float32 if out_type is None else out_type
    whole = np.dtype(dtype).kind in "iu"
    form, convert = (_INTEGER, int) if whole else (_FLOAT, float)

    def number(text):
        stripped = text.strip()
        value = convert(stripped) if form.fullmatch(stripped) else None
        if value is None or (whole and not _within(value, dtype)):
            raise _failure(
                f"StringToNumberOp could not correctly convert string: {text.decode(errors='replace')}"
            )
        return value

    with np.errstate(over="ignore"):
        return each(number, string_tensor, dtype)


def _within(value, dtype):
    return np.iinfo(dtype).min <= value <= np.iinfo(dtype).max


def hash_bucket(xp, input, *, num_buckets):
    return each(lambda text: fingerprint(text) % num_buckets, input, np.int64)


def split(xp, input, delimiter, *, skip_empty=True):
    separators = np.asarray(delimiter, object).item()

    def parts(text):
        if not separators:
            return [text[i : i + 1] for i in range(len(text))]
        found = re.split(b"[" + re.escape(separators) + b"]", text) if text else []
        return [part for part in found if part] if skip_empty else found

    return _sparse(np.asarray(input, object), parts)


def split_v2(xp, input, sep, *, maxsplit=-1):
    separator = np.asarray(sep, object).item() or None

    def parts(text):
        if maxsplit == 0:
            return [text]
        found = text.split(separator, maxsplit)
        # TF: after the last split at white space comes what is left, even if nothing is.
        return [*found, b""] if separator is None and len(found) == maxsplit else found

    return _sparse(np.asarray(input, object), parts)


def _sparse(texts, parts):
    """Return the parts of each string as a sparse matrix, a row for each."""
    if texts.ndim != 1:
        raise _failure(f"input must be a vector, got shape: {bracketed(texts.shape)}")
    rows = [parts(text) for text in texts.tolist()]
    places = [(i, j) for i, row in enumerate(rows) for j in range(len(row))]
    values = np.empty(len(places), object)
    values[:] = [part for row in rows for part in row]
    indices = np.array(places, np.int64).reshape(-1, 2)
    return indices, values, np.array([len(rows), max(map(len, rows), default=0)], np.int64)


def split_shape(input, separator):
    with_rank(input, 1)
    with_rank(separator, 0)
    return [(None, 2), (None,), (2,)]


def decode_raw(xp, bytes, *, out_type, little_endian=True):
    texts = np.asarray(bytes, object)
    dtype = np.dtype(out_type)
    flat = texts.reshape(-1).tolist()
    if not flat:
        return np.zeros((*texts.shape, 0), dtype)
    size = len(flat[0])
    for i, text in enumerate(flat):
        if len(text) != size:
            raise _failure(
                "DecodeRaw requires input strings to all be the same size, but element "
                f"{i} has size {len(text)} != {size}"
            )
    if size % dtype.itemsize:
        raise _failure(
            f"Input to DecodeRaw has length {size} that is not a multiple of "
            f"{dtype.itemsize}, the size of {as_dtype(dtype).name}"
        )
    # Of a complex number, each half has its own order.
    part = np.dtype(f"f{dtype.itemsize // 2}") if dtype.kind == "c" else dtype
    words = np.frombuffer(b"".join(flat), np.uint8).view(f"u{part.itemsize}")
    if not little_endian:
        words = words.byteswap()
    return words.view(dtype).reshape(*texts.shape, size // dtype.itemsize)


def decode_raw_shape(bytes):
    return None if bytes is None else (*bytes, None)


define("StringStrip", strip, shape=same_shape, unknown_rank=True)
define("StringLower", lower, shape=same_shape, unknown_rank=True)
define("StringUpper", upper, shape=same_shape, unknown_rank=True)
define("StringLength", length, shape=same_shape, unknown_rank=True)
define("Substr", substr, shape=substr_shape, unknown_rank=True)
define(
    "RegexReplace",
    regex_replace,
    shape=regex_replace_shape,
    unknown_rank=True,
    gradient=no_gradient,
)
define("StaticRegexReplace", static_regex_replace, shape=same_shape, unknown_rank=True)
define("RegexFullMatch", regex_full_match, shape=regex_full_match_shape, unknown_rank=True)
define("AsString", as_string, shape=same_shape, unknown_rank=True, gradient=no_gradient)
define("StringToNumber", to_number, shape=same_shape, unknown_rank=True, gradient=no_gradient)
define(
    "StringToHashBucketFast",
    hash_bucket,
    shape=same_shape,
    unknown_rank=True,
    gradient=no_gradient,
)
define("StringSplit", split, shape=split_shape, unknown_rank=True, gradient=no_gradient)
define("StringSplitV2", split_v2, shape=split_shape, unknown_rank=True)
define("DecodeRaw", decode_raw, shape=decode_raw_shape, unknown_rank=True, gradient=no_gradient)
