"""Every op with inputs that do not fit: a value or a clear error, within bounds.

The inputs are those of the conformance cases, with one or two of them spoilt.
"""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest

import evergraph.v1 as tf
from evergraph.op import registry
from evergraph.plugin import LISTS, numpy_table
from evergraph_conformance import training
from evergraph_conformance.cases import FAMILIES, Case, built, family_cases

#: Classes of errors that a user may see. An InternalError is one only where a kernel raises it, as
#: TensorFlow's does: it is also what an exception becomes that nobody thought of.
ALLOWED = (ValueError, TypeError, tf.errors.OpError)
#: What an error says where memory ran out instead of being refused.
UNCHECKED = ("Unable to allocate", "out of memory:", "std::bad_alloc")

INT32, INT64 = 2**31 - 1, 2**63 - 1
INTEGERS = (-1, 0, 1, -2, 7, 1000, INT32, -INT32 - 1, INT64, -INT64 - 1, 2**32, 2**62, 65536)
FLOATS = (0.0, -1.0, float("nan"), float("inf"), -float("inf"), 1e30, -0.0, 1e-40)
DIMS = (0, 0, 1, 2, 3, 5)
#: Attributes that are sizes, axes or rates take these; floats, texts and shapes their own.
NAMED = {
    "padding": ("SAME", "VALID", "EXPLICIT"),
    "data_format": ("NHWC", "NCHW"),
    "equation": ("ij,jk->ik", "", "->", "...", "ii->i", "a,b,c", "ij->ijk", "i...,...->...", "é"),
}

KNOWN = [c for family in FAMILIES for c in family_cases(family)]
KNOWN += [training.first_step(tf, c) for c in training.CASES]
CASES = {op: cases for op in sorted(numpy_table()) if (cases := [c for c in KNOWN if c.op == op])}
#: Claimed ops that no case knows; they are reached through newer forms of the same op.
WITHOUT_CASES = {
    "ApproximateEqual",
    "BatchNormWithGlobalNormalization",
    "BatchNormWithGlobalNormalizationGrad",
    "BlockLSTMGrad",
    "BlockLSTMGradV2",
    "Concat",
    "DeserializeSparse",
    "RandomPoisson",
    "SerializeManySparse",
    "SerializeSparse",
    "ThreadUnsafeUnigramCandidateSampler",
}


def test_every_claimed_op_has_inputs_to_spoil():
    # What needs a session's queues, kept values, Python functions or files has suites of its own.
    files = ("fs_read", "fs_write")
    own = {op.type for op in registry() if op.context or op.open or op.effects in files}
    # So have lists, which cannot be fetched, summaries and file names; graphs hold no `_Loop` …
    own |= LISTS | {t for t in numpy_table() if t.startswith("_") or "Summary" in t}
    own |= {t for t in numpy_table() if "Dataset" in t or "Optional" in t}
    own |= {"ShardedFilename", "ShardedFilespec", "StaticRegexFullMatch", "StringJoin"}
    assert set(numpy_table()) - CASES.keys() - own == WITHOUT_CASES


@pytest.mark.parametrize("op", CASES)
def test_bad_inputs_are_errors(op, sample, guard):
    for i in range(sample.count(2, 600)):
        random = sample.random(op, i)
        case = random.choice(CASES[op])
        inputs, attributes = spoilt(case, random)
        label = f"{case.id}, try {i}: {described(inputs)}, {attributes}; {sample}"
        fed = random.random() < 0.5
        with guard(label):
            error = outcome(op, inputs, attributes, fed)
        if error is not None:
            assert isinstance(error, ALLOWED), f"{label}: {error!r}"
            thought_of = isinstance(error.__cause__, tf.errors.OpError)
            assert thought_of or not isinstance(error, tf.errors.InternalError), f"{label}: {error}"
            assert not any(text in str(error) for text in UNCHECKED), f"{label}: {error}"


def outcome(op: str, inputs: list[Any], attributes: dict[str, Any], fed: bool) -> Any:
    """Build and run an op, and return the error, or None."""
    case = Case(op, "spoilt", tuple(inputs), attributes)
    try:
        with tf.Graph().as_default() as graph:
            spoilt_graph = built(tf, case, "fed" if fed else "constant")
            with tf.Session(graph=graph) as session:
                spoilt_graph.answers(session.run)
    except Exception as error:
        return error
    return None


def spoilt(case: Case, random: Random) -> tuple[list[Any], dict[str, Any]]:
    """Return the inputs and attributes of a case with one or two of them changed."""
    inputs, attributes = list(case.inputs), dict(case.attributes)
    op_def = tf.get_default_graph().op_def_for_type(case.op)
    changes = [("input", i) for i in range(len(inputs))] * 3
    changes += [("attr", a) for a in op_def.attr if a.type in ATTRIBUTES]
    for _ in range(random.choice((1, 1, 2))):
        if not changes:
            break
        what, which = random.choice(changes)
        if what == "input":
            inputs[which] = spoilt_input(inputs[which], random)
        else:
            attributes[which.name] = spoilt_attribute(which, attributes.get(which.name), random)
    return inputs, attributes


def spoilt_input(value: Any, random: Random) -> Any:
    if not isinstance(value, list):
        return random.choice(ARRAYS)(value, random)
    items = list(value)
    change = random.randrange(4)
    if change == 0:
        return items[:-1]
    if change == 1 or not items:
        return items * 2
    at = random.randrange(len(items))
    items[at] = random.choice(ARRAYS)(items[at], random)
    return items


def other_shape(a: Any, random: Random) -> Any:
    return filled([random.choice(DIMS) for _ in range(random.randrange(7))], a, random)


def one_dimension(a: Any, random: Random) -> Any:
    dims = list(a.shape)
    if dims:
        dims[random.randrange(len(dims))] = random.choice(DIMS)
    return filled(dims, a, random)


def one_rank(a: Any, random: Random) -> Any:
    dims = list(a.shape)
    if dims and random.random() < 0.5:
        del dims[random.randrange(len(dims))]
    else:
        dims.insert(random.randrange(len(dims) + 1), random.choice(DIMS))
    return filled(dims, a, random)


def empty(a: Any, random: Random) -> Any:
    dims = list(a.shape) or [0]
    dims[random.randrange(len(dims))] = 0
    return np.zeros(dims, a.dtype)


def other_values(a: Any, random: Random) -> Any:
    """Some of the elements are what nobody expects."""
    result = a.copy()
    flat = result.reshape(-1)
    for i in range(flat.size):
        if random.random() < max(0.3, 1 / flat.size):
            flat[i] = element(a.dtype, random)
    return flat.reshape(a.shape)


def element(dtype: np.dtype[Any], random: Random) -> Any:
    if dtype.kind == "O":
        return random.choice((b"", b"\xff\x00", "é".encode(), b"x" * 100_000))
    if dtype.kind == "b":
        return random.random() < 0.5
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return min(max(random.choice(INTEGERS), int(info.min)), int(info.max))
    with np.errstate(all="ignore"):
        return np.asarray(random.choice(FLOATS)).astype(dtype)


def filled(dims: list[int], a: Any, random: Random) -> Any:
    """Return an array of that shape with the elements of `a`, repeated."""
    if not a.size:
        return np.zeros(dims, a.dtype)
    return np.resize(a, dims) if dims else np.asarray(random.choice(list(a.reshape(-1))), a.dtype)


ARRAYS = (other_shape, one_dimension, one_rank, empty, other_values, other_values)


def spoilt_attribute(attribute: Any, value: Any, random: Random) -> Any:
    kind = attribute.type.removeprefix("list(").removesuffix(")")
    if kind == attribute.type:
        return ATTRIBUTES[attribute.type](attribute.name, random)
    items = list(value) if isinstance(value, list | tuple) else []
    change = random.randrange(4)
    if change == 0 and items:
        items[random.randrange(len(items))] = ATTRIBUTES[kind](attribute.name, random)
    elif change == 1:
        items = items[:-1]
    else:
        items = [ATTRIBUTES[kind](attribute.name, random) for _ in range(random.randrange(7))]
    return items


def dims_of(name: str, random: Random) -> Any:
    if random.random() < 0.1:
        return None
    return [random.choice((*DIMS, None, 2**40, -1, 2**62)) for _ in range(random.randrange(4))]


ATTRIBUTES: dict[str, Any] = {
    "int": lambda name, random: random.choice((*INTEGERS, 2, 3, 4)),
    "float": lambda name, random: random.choice(FLOATS),
    "bool": lambda name, random: random.random() < 0.5,
    "string": lambda name, random: random.choice(NAMED.get(name, ("", "REFLECT", "é"))),
    "shape": dims_of,
}
ATTRIBUTES |= {f"list({kind})": make for kind, make in list(ATTRIBUTES.items())}


def described(value: Any) -> str:
    """Return inputs as text, large ones by their dtypes and shapes."""
    if isinstance(value, list):
        return f"[{', '.join(map(described, value))}]"
    if value.size > 12 or value.dtype.kind == "O":
        return f"{value.dtype}{list(value.shape)}"
    return f"{value.dtype}({value.tolist()})" if value.size else f"{value.dtype}{list(value.shape)}"
