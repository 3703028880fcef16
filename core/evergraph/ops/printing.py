"""Values that are shown on the process's standard error: Print."""

from __future__ import annotations

import itertools
import sys

import numpy as np

from evergraph import attributes
from evergraph.op import define


def print_values(xp, context, input, data, *, message="", first_n=-1, summarize=3, _node, _device):
    if first_n < 0 or next(_count(context, _node)) < first_n:
        shown = "".join(f"[{summary(np.asarray(value), summarize)}]" for value in data)
        text = attributes.data(message).decode("utf-8", "replace")
        sys.stderr.write(f"{text}{shown}\n")
        sys.stderr.flush()
    return input


def _count(context, node):
    """Return what counts how often a node has run in this session."""
    return context.resources.object("", f"{node}/printed", itertools.count)


def summary(value, limit):
    """Return the first elements of an array as TensorFlow shows them, all if `limit` is negative."""
    if value.size == 0:
        return ""
    limit = value.size if limit < 0 else limit
    if value.ndim == 0:
        return shown(value.item() if value.dtype == object else value[()])
    text, _ = _rows(value, limit, outer=True)
    return f"{text}..." if value.size > limit else text


def _rows(value, left, *, outer):
    """Return the text of an array, and how many elements may follow it."""
    if value.ndim == 1:
        words = [shown(v) for v in value[:left]]
        more = "..." if not outer and value.size > left else ""
        return " ".join(words) + more, left - len(words)
    text = ""
    for row in value:
        if left <= 0:
            break
        inside, left = _rows(row, left, outer=False)
        text += f"[{inside}]"
    return text, left


def shown(value):
    if isinstance(value, bytes):
        return "".join(_escaped(byte) for byte in value)
    if isinstance(value, np.bool_):
        return str(int(value))
    if isinstance(value, np.complexfloating):
        return "?"
    if isinstance(value, np.integer):
        return str(value)
    if not isinstance(value, np.float64):
        value = np.float32(value)
    few, many = (15, 17) if isinstance(value, np.float64) else (6, 9)
    short = f"{float(value):.{few}g}"
    return short if type(value)(short) == value or value != value else f"{float(value):.{many}g}"


_ESCAPES = {9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 39: "\\'", 92: "\\\\"}


def _escaped(byte):
    return _ESCAPES.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}")


def first_shape(input, data):
    return input


def print_gradient(tf, op, dy):
    return dy, *(None for _ in op.inputs[1:])


define(
    "Print",
    print_values,
    shape=first_shape,
    unknown_rank=True,
    effects="process",
    context=True,
    gradient=print_gradient,
)
