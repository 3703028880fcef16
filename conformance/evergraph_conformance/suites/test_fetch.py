"""What `Session.run` takes as fetches, and what it gives back."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, namedtuple
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises, row

Pair = namedtuple("Pair", ["a", "b"])  # the fields of a test need no types


class Attributed:
    """Looks like an instance of a class made with `attrs`."""

    __attrs_attrs__ = (SimpleNamespace(name="x"), SimpleNamespace(name="y"))

    def __init__(self, x: Any, y: Any) -> None:
        self.x, self.y = x, y


class Kept(dict[str, Any]):
    """A dict of the user's own."""


@pytest.fixture
def c(tf):
    """A constant 5.0 named `c`, beside an operation `o` and an int32 constant `i`."""
    tf.no_op("o")
    tf.constant(1, name="i")
    return tf.constant(5.0, name="c")


def elsewhere(tf, make):
    with tf.Graph().as_default():
        return make()


REFUSED = [
    row(
        "1 None",
        lambda tf, c: None,
        exact("TypeError", 'Argument `fetch` = None has invalid type "NoneType". Cannot be None'),
    ),
    row(
        "2 None in a list",
        lambda tf, c: [c, None],
        exact("TypeError", 'Argument `fetch` = None has invalid type "NoneType". Cannot be None'),
    ),
    row(
        "2 None in a dict",
        lambda tf, c: {"c": c, "n": (None,)},
        exact("TypeError", 'Argument `fetch` = None has invalid type "NoneType". Cannot be None'),
    ),
    row(
        "3 an int",
        lambda tf, c: 1,
        exact(
            "TypeError",
            'Argument `fetch` = 1 has invalid type "int" must be a string or Tensor. '
            "(Can not convert a int into a Tensor or Operation.)",
        ),
    ),
    row(
        "4 an array",
        lambda tf, c: np.array(3.0),
        exact(
            "TypeError",
            'Argument `fetch` = 3.0 has invalid type "ndarray" must be a string or Tensor. '
            "(Can not convert a ndarray into a Tensor or Operation.)",
        ),
    ),
    row(
        "5 a set",
        lambda tf, c: {1, 2},
        exact(
            "TypeError",
            'Argument `fetch` = {1, 2} has invalid type "set" must be a string or Tensor. '
            "(Can not convert a set into a Tensor or Operation.)",
        ),
    ),
    row(
        "6 a set of tensors",
        lambda tf, c: {c},
        exact(
            "TypeError",
            "Argument `fetch` = {<tf.Tensor 'c:0' shape=() dtype=float32>} has invalid type "
            '"set" must be a string or Tensor. '
            "(Can not convert a set into a Tensor or Operation.)",
        ),
    ),
    row(
        "12 an unknown tensor",
        lambda tf, c: "nope:0",
        exact(
            "ValueError",
            "Argument `fetch` = nope:0 cannot be interpreted as a Tensor. (\"The name 'nope:0' "
            "refers to a Tensor which does not exist. The operation, 'nope', does not exist in "
            'the graph.")',
        ),
    ),
    row(
        "13 an unknown operation",
        lambda tf, c: "nope",
        exact(
            "ValueError",
            "Argument `fetch` = nope cannot be interpreted as a Tensor. (\"The name 'nope' refers "
            'to an Operation not in the graph.")',
        ),
    ),
    row(
        "14 an output that the operation lacks",
        lambda tf, c: "c:7",
        exact(
            "ValueError",
            "Argument `fetch` = c:7 cannot be interpreted as a Tensor. (\"The name 'c:7' refers "
            "to a Tensor which does not exist. The operation, 'c', exists but only has 1 "
            'outputs.")',
        ),
    ),
    # TF: the last output. A negative index is a slip more often than it is meant.
    row(
        "15 a negative output",
        lambda tf, c: "c:-1",
        exact(
            "ValueError",
            "Argument `fetch` = c:-1 cannot be interpreted as a Tensor. (The name 'c:-1' looks a "
            "like a Tensor name, but is not a valid one. Tensor names must be of the form "
            '"<op_name>:<output_index>".)',
        ),
    ),
    row(
        "16 two colons",
        lambda tf, c: "c:0:1",
        exact(
            "ValueError",
            "Argument `fetch` = c:0:1 cannot be interpreted as a Tensor. (The name 'c:0:1' looks "
            "a like a Tensor name, but is not a valid one. Tensor names must be of the form "
            '"<op_name>:<output_index>".)',
        ),
    ),
    row(
        "17 an output that is no number",
        lambda tf, c: "c:a",
        exact(
            "ValueError",
            "Argument `fetch` = c:a cannot be interpreted as a Tensor. (The name 'c:a' looks a "
            "like a Tensor name, but is not a valid one. Tensor names must be of the form "
            '"<op_name>:<output_index>".)',
        ),
    ),
    row(
        "18 an empty name",
        lambda tf, c: "",
        exact(
            "ValueError",
            "Argument `fetch` =  cannot be interpreted as a Tensor. (\"The name '' refers to an "
            'Operation not in the graph.")',
        ),
    ),
    row(
        "20 a tensor of another graph",
        lambda tf, c: elsewhere(tf, lambda: tf.constant(1.0, name="d")),
        exact(
            "ValueError",
            'Argument `fetch` = Tensor("d:0", shape=(), dtype=float32) cannot be interpreted as a '
            'Tensor. (Tensor Tensor("d:0", shape=(), dtype=float32) is not an element of this '
            "graph.)",
        ),
    ),
    row(
        "21 an operation of another graph",
        lambda tf, c: elsewhere(tf, lambda: tf.no_op("d")),
        exact(
            "ValueError",
            'Argument `fetch` = name: "d"\nop: "NoOp"\n cannot be interpreted as a Tensor. '
            '(Operation name: "d"\nop: "NoOp"\n is not an element of this graph.)',
        ),
    ),
    row(
        "37 a graph",
        lambda tf, c: tf.get_default_graph(),
        core(
            "TypeError",
            'has invalid type "Graph" must be a string or Tensor. '
            "(Can not convert a Graph into a Tensor or Operation.)",
        ),
    ),
    row(
        "38 a generator",
        lambda tf, c: (t for t in [c]),
        core(
            "TypeError",
            'has invalid type "generator" must be a string or Tensor. '
            "(Can not convert a generator into a Tensor or Operation.)",
        ),
    ),
    row(
        "an int deep inside",
        lambda tf, c: {"x": [c, (c, {"y": 3})]},
        exact(
            "TypeError",
            'Argument `fetch` = 3 has invalid type "int" must be a string or Tensor. '
            "(Can not convert a int into a Tensor or Operation.)",
        ),
    ),
    row(
        "an unknown tensor as bytes",
        lambda tf, c: b"nope:0",
        core("ValueError", "The name 'nope:0' refers to a Tensor which does not exist."),
    ),
]


@pytest.mark.parametrize(("fetches", "error"), REFUSED)
def test_what_is_neither_tensor_nor_operation_of_the_graph_is_refused(
    tf, session, c, fetches, error
):
    with raises(error):
        session.run(fetches(tf, c))


@pytest.mark.parametrize("element", ["tensor", "operation", "name"])
def test_an_operation_marked_as_not_fetchable_is_refused(tf, session, c, element):
    """Row 36."""
    tf.get_default_graph().prevent_fetching(c.op)
    with raises(
        exact(
            "InaccessibleTensorError",
            "Operation c has been marked as not fetchable. Typically this happens when it is "
            "defined in another function or code block. Use return values, explicit Python "
            "locals or TensorFlow collections to access it.",
        )
    ):
        session.run({"tensor": c, "operation": c.op, "name": "c:0"}[element])


@pytest.mark.parametrize(
    ("fetches", "want"),
    [
        row("7 list", [], []),
        row("8 dict", {}, {}),
        row("9 tuple", (), ()),
        row("nested", [(), {"x": []}, {}], [(), {"x": []}, {}]),
    ],
)
@pytest.mark.usefixtures("c")
def test_nothing_fetched_gives_the_empty_structure(session, fetches, want):
    got = session.run(fetches)
    assert got == want
    assert type(got) is type(want)


@pytest.mark.parametrize(
    ("fetch", "want"),
    [
        row("10 tensor name", "c:0", np.float32(5.0)),
        row("11 operation name", "c", None),
        row("19 bytes", b"c:0", np.float32(5.0)),
        row("operation without outputs", "o", None),
        row("names in a list", ["c:0", "i:0", "o"], [np.float32(5.0), np.int32(1), None]),
    ],
)
@pytest.mark.usefixtures("c")
def test_names_are_fetched(session, fetch, want):
    assert session.run(fetch) == want


def test_an_operation_is_run_and_gives_none(tf, session, c):
    assert session.run(c.op) is None
    assert session.run(tf.group(c)) is None


@pytest.mark.usefixtures("c")
def test_nested_structures_keep_their_types(session):
    """Row 23."""
    got = session.run(
        {
            "x": ["c:0", ("c:0", "i:0")],
            "y": Pair("c:0", "i:0"),
            "z": OrderedDict([("q", "c:0"), ("p", "i:0")]),
            "o": "o",
        }
    )
    assert got == {"x": [5.0, (5.0, 1)], "y": Pair(5.0, 1), "z": {"q": 5.0, "p": 1}, "o": None}
    assert [type(v) for v in got.values()] == [list, Pair, OrderedDict, type(None)]
    assert type(got["x"][1]) is tuple
    assert list(got["z"]) == ["q", "p"]
    assert [type(v) for v in got["y"]] == [np.float32, np.int32]


@pytest.mark.usefixtures("c")
def test_a_defaultdict_keeps_its_factory(session):
    got = session.run(defaultdict(str, {"x": "c:0"}))
    assert type(got) is defaultdict
    assert got.default_factory is str
    assert got["x"] == 5.0


@pytest.mark.usefixtures("c")
def test_a_subclass_of_dict_is_kept(session):
    got = session.run(Kept(x="c:0"))
    assert type(got) is Kept
    assert got == {"x": 5.0}


def test_an_attrs_instance_is_rebuilt(session, c):
    """Row 33."""
    got = session.run(Attributed(c, [c]))
    assert type(got) is Attributed
    assert (got.x, got.y) == (5.0, [5.0])


def test_keys_of_a_fetched_dict_may_be_anything(session, c):
    key = (1, "a")
    assert session.run({key: c, 3: [c]}) == {key: 5.0, 3: [5.0]}


def test_a_tensor_fetched_twice_is_one_object(session, c):
    """Row 24."""
    first, second = session.run([c, c])
    assert first is second


def test_a_vector_fetched_twice_is_one_writable_object(tf, session):
    """Row 25."""
    v = tf.constant([1.0, 2.0])
    first, (second, third) = session.run([v, (v.name, v)])
    assert first is second is third
    assert first.flags.writeable
    assert first.flags.owndata


def test_two_runs_give_two_arrays(tf, session):
    v = tf.constant([1.0, 2.0])
    assert session.run(v) is not session.run(v)


@pytest.mark.parametrize(
    ("value", "dtype", "kind"),
    [
        row("float32", 1.0, "float32", np.float32, marks=pytest.mark.dtypes("float32")),
        row("float64", 1.0, "float64", np.float64, marks=pytest.mark.dtypes("float64")),
        row("float16", 1.0, "float16", np.float16, marks=pytest.mark.dtypes("float16")),
        row("int32", 1, "int32", np.int32, marks=pytest.mark.dtypes("int32")),
        row("int64", 1, "int64", np.int64, marks=pytest.mark.dtypes("int64")),
        row("uint8", 1, "uint8", np.uint8, marks=pytest.mark.dtypes("uint8")),
        row("bool", True, "bool", np.bool_, marks=pytest.mark.dtypes("bool")),
        row("string", b"s", "string", bytes, marks=pytest.mark.dtypes("string")),
        row(
            "complex128",
            1 + 2j,
            "complex128",
            np.complex128,
            marks=pytest.mark.dtypes("complex128"),
        ),
    ],
)
def test_a_scalar_comes_as_a_numpy_scalar(tf, session, value, dtype, kind):
    """Row 27."""
    for fetched in (tf.constant(value, dtype), tf.identity(tf.constant(value, dtype))):
        got = session.run(fetched)
        assert type(got) is kind
        assert got == value


@pytest.mark.dtypes("bfloat16")
def test_a_bfloat16_scalar_comes_as_one(tf, session):
    """Row 27."""
    got = session.run(tf.constant(1.5, tf.bfloat16))
    assert type(got).__name__ == "bfloat16"
    assert got == 1.5


@pytest.mark.dtypes("string")
def test_a_string_vector_comes_as_an_object_array_of_bytes(tf, session):
    """Row 28."""
    got = session.run(tf.constant(["a", "bc"]))
    assert got.dtype == object
    assert got.tolist() == [b"a", b"bc"]


@pytest.mark.dtypes("string")
def test_strings_keep_trailing_nul_bytes(tf, session):
    assert session.run(tf.identity(tf.constant(b"a\x00b\x00"))) == b"a\x00b\x00"
    assert session.run(tf.constant([b"a\x00", b""])).tolist() == [b"a\x00", b""]
