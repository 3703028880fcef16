"""`Tensor` and `Operation` as Python objects."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises, row, typed

pytestmark = pytest.mark.uses("AddV2", "Identity")


@pytest.fixture
def c(tf):
    """A constant 5.0 named `c`."""
    return tf.constant(5.0, name="c")


def branch(c):
    return 1 if c else 2


def assign_item(c):
    c[0] = 1


@pytest.mark.parametrize(
    ("use", "error"),
    [
        row(
            "240 bool",
            lambda tf, c: bool(c),
            core(
                "OperatorNotAllowedInGraphError",
                "Using a symbolic `tf.Tensor` as a Python `bool` is not allowed.",
            ),
        ),
        row(
            "240 if",
            lambda tf, c: branch(c),
            core("OperatorNotAllowedInGraphError", "as a Python `bool` is not allowed"),
        ),
        row(
            "240 and",
            lambda tf, c: c and c,
            core("OperatorNotAllowedInGraphError", "as a Python `bool` is not allowed"),
        ),
        row(
            "240 chained comparison",
            lambda tf, c: 0.0 < c < 1.0,
            core("OperatorNotAllowedInGraphError", "as a Python `bool` is not allowed"),
        ),
        row(
            "241 iteration",
            lambda tf, c: list(tf.constant([1.0, 2.0])),
            core(
                "OperatorNotAllowedInGraphError",
                "Iterating over a symbolic `tf.Tensor` is not allowed.",
            ),
        ),
        row(
            "242 iteration, unknown size",
            lambda tf, c: list(tf.placeholder(tf.float32)),
            core(
                "OperatorNotAllowedInGraphError",
                "Iterating over a symbolic `tf.Tensor` is not allowed.",
            ),
        ),
        row(
            "242 unpacking",
            lambda tf, c: dict(*tf.constant([1.0, 2.0])),
            core("OperatorNotAllowedInGraphError", "Iterating over a symbolic `tf.Tensor`"),
        ),
        row(
            "243 len",
            lambda tf, c: len(tf.constant([1.0, 2.0])),
            exact(
                "TypeError",
                "len is not well defined for a symbolic Tensor (Const:0). Please call `x.shape` "
                "rather than `len(x)` for shape information.",
            ),
        ),
        row(
            "244 np.array",
            lambda tf, c: np.array(c),
            exact(
                "NotImplementedError",
                "Cannot convert a symbolic tf.Tensor (c:0) to a numpy array. This error may "
                "indicate that you're trying to pass a Tensor to a NumPy call, which is not "
                "supported.",
            ),
        ),
        row(
            "245 float",
            lambda tf, c: float(c),
            core("TypeError", "float() argument must be a string or a real number, not "),
        ),
        row("245 int", lambda tf, c: int(c), core("TypeError", "int() argument must be")),
        row(
            "246 numpy()",
            lambda tf, c: c.numpy(),
            core("AttributeError", "object has no attribute 'numpy'"),
        ),
        row(
            "250 item assignment",
            lambda tf, c: assign_item(c),
            core("TypeError", "object does not support item assignment"),
        ),
        row("in", lambda tf, c: 5.0 in c, typed("TypeError")),
    ],
)
def test_a_tensor_has_no_python_value(tf, c, use, error):
    with raises(error):
        use(tf, c)


@pytest.mark.parametrize("value", ["ij,jk->ik", "SAME", "", 3.5, [1]])
def test_what_stands_for_no_element_type_is_refused(tf, value):
    with pytest.raises(TypeError, match="Cannot convert the argument `type_value`"):
        tf.as_dtype(value)


def test_tensors_are_compared_and_hashed_by_identity(tf, c):
    """Row 247."""
    d = tf.constant(5.0)
    assert (c == c, c == d, c != d, c == 5.0, c is None) == (True, False, True, False, False)
    assert type(c == d) is bool
    assert hash(c) == hash(c)
    assert {c: 1, d: 2}[c] == 1
    assert c in [d, c]
    assert c not in {d}


def test_a_reference_is_equal_for_the_same_tensor(tf, c):
    d = tf.constant(5.0)
    assert c.ref() == c.ref()
    assert c.ref() != d.ref()
    assert c.ref().deref() is c
    assert {c.ref(): 1}[c.ref()] == 1


def test_a_tensor_and_an_operation_show_what_they_are(tf, c):
    """Rows 248 and 249."""
    assert repr(c) == "<tf.Tensor 'c:0' shape=() dtype=float32>"
    assert repr(c.op) == "<tf.Operation 'c' type=Const>"
    assert str(c) == 'Tensor("c:0", shape=(), dtype=float32)'
    assert str(tf.no_op("n")) == 'name: "n"\nop: "NoOp"\n'


@pytest.mark.parametrize(
    ("shape", "shown", "printed"),
    [
        row("unknown", None, "<unknown>", ""),
        row("partly known", [None, 3], "(?, 3)", ", shape=(?, 3)"),
        row("vector", [2], "(2,)", ", shape=(2,)"),
    ],
)
def test_a_tensor_shows_its_static_shape(tf, shape, shown, printed):
    p = tf.placeholder(tf.int32, shape, "p")
    assert repr(p) == f"<tf.Tensor 'p:0' shape={shown} dtype=int32>"
    assert str(p) == f'Tensor("p:0"{printed}, dtype=int32)'


def test_a_tensor_shows_its_device(tf):
    with tf.device("/cpu:0"):
        c = tf.constant(1.0, name="c")
    assert str(c) == 'Tensor("c:0", shape=(), dtype=float32, device=/device:CPU:0)'
    assert c.device == c.op.device == "/device:CPU:0"


def test_a_tensor_knows_its_place(tf, c):
    d = tf.add(c, c, name="d")
    assert (c.name, c.value_index, c.dtype, c.ndim) == ("c:0", 0, tf.float32, 0)
    assert c.graph is c.op.graph is tf.get_default_graph()
    assert c.op.outputs == [c]
    assert list(d.op.inputs) == [c, c]
    # One entry per use.
    assert c.consumers() == [d.op, d.op]
    assert d.consumers() == []


def test_a_shape_is_a_tensor_shape_of_dimensions(tf):
    p = tf.placeholder(tf.float32, [None, 3])
    assert p.shape.as_list() == p.get_shape().as_list() == [None, 3]
    assert (p.shape[0].value, p.shape[1].value) == (None, 3)
    assert str(p.shape) == "(?, 3)"
    assert not p.shape.is_fully_defined()


def test_set_shape_adds_to_what_is_known(tf):
    p = tf.placeholder(tf.float32, None)
    p.set_shape([None, 3])
    p.set_shape([2, None])
    assert p.shape.as_list() == [2, 3]


@pytest.mark.parametrize(
    ("shape", "error"),
    [
        row("275 rank", [1], "Shapes must be equal rank, but are 2 and 1"),
        row(
            "dimension",
            [2, 4],
            "Dimension 1 in both shapes must be equal, but are 3 and 4. Shapes are [?,3] and "
            "[2,4].",
        ),
    ],
)
def test_a_shape_that_contradicts_is_refused(tf, shape, error):
    p = tf.placeholder(tf.float32, [None, 3])
    with raises(exact("ValueError", error)):
        p.set_shape(shape)
    assert p.shape.as_list() == [None, 3]


def test_a_shape_that_was_set_is_checked_when_feeding(tf, session):
    p = tf.placeholder(tf.float32, None, "p")
    p.set_shape([2])
    with raises(
        exact("ValueError", "Cannot feed value of shape (3,) for Tensor p:0, which has shape (2,)")
    ):
        session.run(tf.identity(p), {p: [1.0, 2.0, 3.0]})


def test_a_copy_of_a_tensor_is_a_tensor_of_that_name(c):
    """Row 334."""
    assert repr(copy.copy(c)) == "<tf.Tensor 'c:0' shape=() dtype=float32>"


@pytest.mark.parametrize(
    ("what", "copier"),
    [
        row("333 pickled session", "session", pickle.dumps),
        row("333 pickled graph", "graph", pickle.dumps),
        row("333 pickled tensor", "tensor", pickle.dumps),
        row("333 pickled operation", "operation", pickle.dumps),
        row("334 deep copy of a tensor", "tensor", copy.deepcopy),
        row("deep copy of an operation", "operation", copy.deepcopy),
        row("deep copy of a graph", "graph", copy.deepcopy),
    ],
)
def test_what_belongs_to_a_graph_cannot_be_pickled(session, c, what, copier):
    things = {"session": session, "graph": c.graph, "tensor": c, "operation": c.op}
    with raises(core("TypeError", "cannot pickle")):
        copier(things[what])


def test_an_array_leaves_the_operator_to_the_tensor(tf, session, c):
    array = np.array([1.0, 2.0], np.float32)
    left, right = array + c, c + array
    assert left.op.type == right.op.type == "AddV2"
    assert session.run([left, right])[0].tolist() == [6.0, 7.0]


@pytest.mark.parametrize(
    ("dims", "shape", "message"),
    [
        ([None, 2], [5], "Dimension size must be evenly divisible by 2 but is 5"),
        ([None, 0], [5], "0 elements"),
        ([None, 2], [-2], "Invalid value in tensor used for shape: -2"),
    ],
)
def test_a_reshape_that_no_value_allows_is_refused_where_it_is_made(tf, dims, shape, message):
    x = tf.placeholder(tf.float32, dims)
    with pytest.raises(ValueError, match=message):
        tf.reshape(x, shape)
