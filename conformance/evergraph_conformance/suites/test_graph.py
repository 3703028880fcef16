"""`Graph`: finding things, several graphs, collections, and the graph as a message."""

from __future__ import annotations

import pytest

from evergraph_conformance.messages import core, exact, raises, row, typed

pytestmark = pytest.mark.uses("AddV2", "Identity")


@pytest.fixture
def graph(tf):
    """The default graph, with a constant `c`."""
    tf.constant(5.0, name="c")
    return tf.get_default_graph()


def elsewhere(tf):
    with tf.Graph().as_default():
        return tf.constant(1.0, name="d")


# Finding


@pytest.mark.parametrize(
    ("look_up", "error"),
    [
        row(
            "251 tensor by an operation's name",
            lambda g: g.get_tensor_by_name("c"),
            exact(
                "ValueError",
                "The name 'c' refers to an Operation, not a Tensor. Tensor names must be of the "
                'form "<op_name>:<output_index>".',
            ),
        ),
        row(
            "252 unknown tensor",
            lambda g: g.get_tensor_by_name("nope:0"),
            exact(
                "KeyError",
                "The name 'nope:0' refers to a Tensor which does not exist. The operation, "
                "'nope', does not exist in the graph.",
            ),
        ),
        row(
            "253 output",
            lambda g: g.get_tensor_by_name("c:1"),
            exact(
                "KeyError",
                "The name 'c:1' refers to a Tensor which does not exist. The operation, 'c', "
                "exists but only has 1 outputs.",
            ),
        ),
        row(
            "254 tensor by an int",
            lambda g: g.get_tensor_by_name(3),
            exact("TypeError", "Tensor names are strings (or similar), not int."),
        ),
        row(
            "255 operation by a tensor's name",
            lambda g: g.get_operation_by_name("c:0"),
            exact("ValueError", "Name 'c:0' appears to refer to a Tensor, not a Operation."),
        ),
        row(
            "256 unknown operation",
            lambda g: g.get_operation_by_name("nope"),
            exact("KeyError", "The name 'nope' refers to an Operation not in the graph."),
        ),
        row(
            "257 operation by an int",
            lambda g: g.get_operation_by_name(3),
            exact("TypeError", "Operation names are strings (or similar), not int."),
        ),
        row(
            "258 no element",
            lambda g: g.as_graph_element(int),
            exact("TypeError", "Can not convert a type into a Tensor or Operation."),
        ),
        row(
            "259 neither",
            lambda g: g.as_graph_element("c", allow_tensor=False, allow_operation=False),
            exact("ValueError", "allow_tensor and allow_operation can't both be False."),
        ),
        row(
            "operation where a tensor is wanted",
            lambda g: g.as_graph_element(g.get_operations()[0], allow_operation=False),
            exact("TypeError", "Can not convert a Operation into a Tensor."),
        ),
        row(
            "unknown name where a tensor is wanted",
            lambda g: g.get_tensor_by_name("nope"),
            exact(
                "ValueError",
                "The name 'nope' looks like an (invalid) Operation name, not a Tensor. Tensor "
                'names must be of the form "<op_name>:<output_index>".',
            ),
        ),
        row(
            "280 attribute",
            lambda g: g.get_operation_by_name("c").get_attr("zz"),
            exact("ValueError", "Operation 'c' has no attr named 'zz'."),
        ),
    ],
)
def test_what_is_not_there_is_not_found(graph, look_up, error):
    with raises(error):
        look_up(graph)


def test_elements_are_found(graph):
    op, tensor = graph.get_operation_by_name("c"), graph.get_tensor_by_name("c:0")
    assert op.outputs[0] is tensor
    assert graph.as_graph_element("c") is graph.as_graph_element(b"c") is op
    assert graph.as_graph_element("c:0") is graph.as_graph_element(tensor) is tensor
    assert graph.get_operations() == [op]


# Several graphs


def test_tensors_of_two_graphs_do_not_mix(tf, graph):
    """Row 264."""
    d = elsewhere(tf)
    with raises(
        core(
            "ValueError",
            'Tensor("d:0", shape=(), dtype=float32) must be from the same graph as '
            'Tensor("c:0", shape=(), dtype=float32) (graphs are ',
        )
    ):
        tf.add(graph.get_tensor_by_name("c:0"), d)


def test_graphs_are_the_default_inside_their_blocks(tf, graph):
    other = tf.Graph()
    with other.as_default() as entered:
        assert tf.get_default_graph() is entered is other
        with graph.as_default():
            assert tf.get_default_graph() is graph
        assert tf.get_default_graph() is other
    assert tf.get_default_graph() is graph


# Constants


@pytest.mark.parametrize(
    ("make", "error"),
    [
        row(
            "276 float for int32",
            lambda tf: tf.constant(1.5, tf.int32),
            exact("TypeError", "Expected int32, but got 1.5 of type 'float'."),
        ),
        row(
            "277 None",
            lambda tf: tf.constant(None),
            exact("ValueError", "None values not supported."),
        ),
        row(
            "string for float32",
            lambda tf: tf.constant("a", tf.float32),
            core("TypeError", "Expected float32, but got"),
        ),
        row(
            "placeholder without a type",
            lambda tf: tf.placeholder(None),
            typed("TypeError"),
        ),
        row(
            "finalized",
            lambda tf: (tf.get_default_graph().finalize(), tf.constant(1.0)),
            exact("RuntimeError", "Graph is finalized and cannot be modified."),
        ),
    ],
)
def test_a_node_that_cannot_be_made_is_refused(tf, make, error):
    with raises(error):
        make(tf)


# The graph itself


def test_a_new_graph_has_its_versions(tf):
    """Row 279."""
    graph = tf.Graph()
    assert graph.version == 0
    with graph.as_default():
        tf.constant(1.0)
    assert (graph.version, graph.seed, graph.finalized) == (1, None, False)
    assert graph.graph_def_versions.producer == 2474
    assert not graph.building_function


def test_collections_keep_what_is_added(tf, graph):
    graph.add_to_collection("a", 1)
    graph.add_to_collections(["a", "b"], 2)
    tf.add_to_collection("a", graph.get_operations()[0])
    assert graph.get_collection("a") == [1, 2, graph.get_operations()[0]]
    assert graph.get_collection("a", scope="c") == [graph.get_operations()[0]]
    assert graph.get_collection("a", scope="zz") == []
    assert graph.get_collection("none") == []
    assert graph.get_collection("a") is not graph.get_collection("a")
    graph.get_collection_ref("b").append(3)
    assert tf.get_collection("b") == [2, 3]
    assert sorted(graph.get_all_collection_keys()) == ["a", "b"]
    graph.clear_collection("a")
    assert graph.get_collection("a") == []


def test_a_graph_is_written_node_by_node(tf):
    with tf.device("/cpu:0"):
        p = tf.placeholder(tf.float32, [None, 2], "p")
    with tf.control_dependencies([tf.no_op("o")]):
        tf.identity(p, "i")
    written = tf.get_default_graph().as_graph_def(add_shapes=True)
    assert [(n.name, n.op, list(n.input), n.device) for n in written.node] == [
        ("p", "Placeholder", [], "/device:CPU:0"),
        ("o", "NoOp", [], ""),
        ("i", "Identity", ["p", "^o"], ""),
    ]
    shape = written.node[2].attr["_output_shapes"].list.shape[0]
    assert [d.size for d in shape.dim] == [-1, 2]
    assert "_output_shapes" not in tf.get_default_graph().as_graph_def().node[2].attr
    assert written.versions.producer == 2474


# TF: `from_version` is documented, and ignored.
def test_the_nodes_since_a_version_can_be_written(tf):
    graph = tf.get_default_graph()
    tf.constant(1.0, name="a")
    version = graph.version
    tf.constant(1.0, name="b")
    assert [n.name for n in graph.as_graph_def(from_version=version).node] == ["b"]


def test_an_operation_knows_where_it_was_made(graph):
    frames = graph.get_operations()[0].traceback
    assert any(frame.filename == __file__ for frame in frames)


def test_what_may_be_fed_and_fetched_can_be_asked(graph):
    c = graph.get_tensor_by_name("c:0")
    assert graph.is_feedable(c)
    assert graph.is_fetchable(c)
    graph.prevent_feeding(c)
    graph.prevent_fetching(c.op)
    assert not graph.is_feedable(c)
    assert not graph.is_fetchable(c)
    assert not graph.is_fetchable(c.op)


def test_an_operation_that_fails_to_be_made_consumes_nothing(tf):
    x = tf.placeholder(tf.float32, [2])
    with raises(typed("ValueError")):
        x[0, 0]
    assert x.consumers() == []


def test_gradients_are_made_in_the_graph_of_what_they_are_of(tf):
    with tf.Graph().as_default() as graph:
        x = tf.constant(3.0)
        y = x * x
    (dx,) = tf.gradients(y, x)
    assert dx.graph is graph
    with tf.Session(graph=graph) as session:
        assert session.run(dx) == 6.0


@pytest.mark.parametrize(
    ("value", "dtype", "expected"),
    [
        (True, "int32", 1),
        ([True, False], "float32", [1.0, 0.0]),
        (300, "uint8", 44),
        (-1, "uint32", 4294967295),
        ([70000], "int16", [4464]),
        (0xFFFFFFFF, "int32", -1),
        (2**63, None, 2**63),
    ],
)
def test_python_numbers_become_constants_as_in_c(tf, session, value, dtype, expected):
    found = session.run(tf.constant(value, dtype))
    assert found.tolist() == expected
    assert dtype is None or found.dtype.name == dtype


@pytest.mark.parametrize(
    ("value", "dtype", "expected"),
    [
        (2**64, "int64", typed("OverflowError")),
        (2**70, None, core("TypeError", "Failed to convert elements of")),
        (5, "resource", typed("TypeError")),
    ],
)
def test_python_numbers_that_no_constant_can_hold(tf, value, dtype, expected):
    with raises(expected):
        tf.constant(value, None if dtype is None else tf.as_dtype(dtype))


def test_a_bool_is_a_number_beside_a_tensor(tf, session):
    assert session.run(tf.constant([1, 2]) + True).tolist() == [2, 3]


def test_the_static_value_of_arithmetic_is_not_known(tf, session):
    x = tf.constant([1, 2])
    assert tf.get_static_value(x + x) is None
    assert tf.get_static_value(tf.concat([x, tf.zeros([1], tf.int32)], 0)).tolist() == [1, 2, 0]
    check = tf.assert_equal(x, x + x)
    with raises(core("InvalidArgumentError", "Condition x == y did not hold")):
        session.run(check)


@pytest.mark.parametrize(
    ("shape", "expected"), [([-5], typed("ValueError")), ([1.5], typed("TypeError"))]
)
def test_a_placeholder_of_an_impossible_shape_is_refused(tf, shape, expected):
    with raises(expected):
        tf.placeholder(tf.float32, shape)
