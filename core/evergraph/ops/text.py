"""Strings: StringJoin, StaticRegexFullMatch."""

from __future__ import annotations

import re

import numpy as np

from evergraph import attributes
from evergraph.errors import InvalidArgumentError
from evergraph.files import CLASSES
from evergraph.op import define, no_gradient
from evergraph.ops.rules import merged, same_shape
from evergraph.shapes import bracketed


def join(xp, inputs, *, separator=""):
    shapes = {np.shape(value) for value in inputs} - {()}
    if len(shapes) > 1:
        first, other = [bracketed(s) for s in dict.fromkeys(map(np.shape, inputs)) if s][:2]
        raise InvalidArgumentError(None, None, f"Input shapes do not match: {first} vs. {other}")
    between = attributes.data(separator)
    arrays = np.broadcast_arrays(*[np.asarray(value, object) for value in inputs])
    joined = np.empty(arrays[0].shape, object)
    flat = joined.reshape(-1)
    for i, parts in enumerate(zip(*[a.reshape(-1).tolist() for a in arrays], strict=True)):
        flat[i] = between.join(parts)
    return joined


def joined_shape(inputs, *, separator=""):
    if any(shape is None for shape in inputs):
        return None
    found = ()
    for shape in inputs:
        if shape:
            found = merged(found, shape) if found else shape
    return found


#: What the library's patterns lack of RE2's, inside of brackets.
_CLASSES = {name.encode(): inside.encode() for name, inside in CLASSES.items()} | {
    b"ascii": rb"\x00-\x7f",
    b"blank": rb" \t",
    b"cntrl": rb"\x00-\x1f\x7f",
    b"graph": b"!-~",
    b"print": b" -~",
    b"punct": rb"!-/:-@\[-`{-~",
    b"word": rb"\w",
}


def _expression(pattern):
    """Return a pattern of RE2's as one of the library's."""
    return re.sub(
        rb"\[:([a-z]+):\]|\\(.)",
        lambda m: rb"\Z" if m[2] == b"z" else _CLASSES.get(m[1], m[0]),
        pattern,
        flags=re.DOTALL,
    )


def full_match(xp, input, *, pattern):
    try:
        matches = re.compile(_expression(attributes.data(pattern))).fullmatch
    except re.error as error:
        raise InvalidArgumentError(
            None, None, f"Invalid pattern: {pattern}, error: {error}"
        ) from error
    texts = np.asarray(input, object)
    found = [matches(text) is not None for text in texts.reshape(-1).tolist()]
    return np.array(found, bool).reshape(texts.shape)


define("StringJoin", join, shape=joined_shape, unknown_rank=True, gradient=no_gradient)
define("StaticRegexFullMatch", full_match, shape=same_shape, unknown_rank=True)
