"""The scopes of a graph: names, control dependencies, devices, colocation."""

from __future__ import annotations

import pytest

from evergraph_conformance.messages import exact, raises, row

pytestmark = pytest.mark.uses("AddV2", "Identity")


VALID = r"/re.compile('^[A-Za-z0-9.][A-Za-z0-9_.\\\\/>-]*$')/"


@pytest.fixture
def graph(tf):
    """The default graph, with a constant `c`."""
    tf.constant(5.0, name="c")
    return tf.get_default_graph()


def elsewhere(tf):
    with tf.Graph().as_default():
        return tf.constant(1.0, name="d")


# Names


@pytest.mark.parametrize("name", [row("260 space", "a b"), row("261 underscore", "_x")])
def test_a_name_that_is_not_valid_is_refused(tf, name):
    with raises(
        exact(
            "ValueError",
            f"`{name}` is not a valid node name. Accepted names conform to Regex {VALID}",
        )
    ):
        tf.constant(1.0, name=name)


def test_a_scope_name_that_is_not_valid_is_refused(tf):
    """Row 262."""
    with (
        raises(
            exact(
                "ValueError",
                "'a b' is not a valid root scope name. A root scope name has to match the "
                r"following pattern: ^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$",
            )
        ),
        tf.get_default_graph().name_scope("a b"),
    ):
        pass


def test_names_are_made_unique(tf):
    """Row 263."""
    names = [tf.constant(1.0, name=n).name for n in ("x", "x", "x", "X")]
    assert names == ["x:0", "x_1:0", "x_2:0", "X_3:0"]


def test_a_name_that_was_made_unique_is_not_given_again(tf):
    names = [tf.constant(1.0, name=n).name for n in ("x_1", "x", "x", "x_1", "x")]
    assert names == ["x_1:0", "x:0", "x_2:0", "x_1_1:0", "x_3:0"]


def test_a_name_is_unique_without_being_used(graph):
    """Row 352."""
    assert [graph.unique_name("a") for _ in range(2)] == ["a", "a_1"]
    assert graph.unique_name("a", mark_as_used=False) == "a_2"
    assert graph.unique_name("a") == "a_2"


def test_name_scopes_nest_and_are_made_unique(tf):
    graph = tf.get_default_graph()
    with graph.name_scope("a") as outer:
        with graph.name_scope("b") as inner:
            assert tf.constant(1.0, name="x").name == "a/b/x:0"
            assert graph.get_name_scope() == "a/b"
        with graph.name_scope("b") as again:
            assert tf.constant(1.0, name="x").name == "a/b_1/x:0"
    with graph.name_scope("a"):
        assert tf.constant(1.0, name="x").name == "a_1/x:0"
    with graph.name_scope(outer):
        assert tf.constant(1.0, name="y").name == "a/y:0"
        with graph.name_scope(None) as root:
            assert tf.constant(1.0, name="y").name == "y:0"
    assert (outer, inner, again, root) == ("a/", "a/b/", "a/b_1/", "")
    assert graph.get_name_scope() == ""


def test_a_name_scope_may_begin_with_an_underscore_inside_another(tf):
    with tf.name_scope("a"), tf.name_scope("_b"):
        assert tf.constant(1.0, name="x").name == "a/_b/x:0"


def test_a_name_scope_ends_with_an_error(tf):
    with pytest.raises(KeyError), tf.name_scope("a"):
        raise KeyError
    assert tf.constant(1.0, name="x").name == "x:0"


# Control dependencies


@pytest.mark.parametrize(
    ("inputs", "error"),
    [
        row(
            "265 another graph",
            lambda tf: [elsewhere(tf)],
            exact(
                "ValueError",
                'Tensor Tensor("d:0", shape=(), dtype=float32) is not an element of this graph.',
            ),
        ),
        row(
            "266 int",
            lambda tf: [3],
            exact("TypeError", "Can not convert a int into a Tensor or Operation."),
        ),
    ],
)
def test_what_cannot_be_waited_for_is_refused(tf, inputs, error):
    given = inputs(tf)
    with raises(error), tf.control_dependencies(given):
        pass


def test_control_dependencies_add_up_and_can_be_cleared(tf):
    a, b, c = (tf.no_op(n) for n in "abc")
    with tf.control_dependencies([a, b.name]):
        one = tf.no_op("one")
        with tf.control_dependencies([c]):
            two = tf.no_op("two")
        with tf.control_dependencies(None):
            none = tf.no_op("none")
            with tf.control_dependencies([c]):
                three = tf.no_op("three")
        four = tf.no_op("four")
    want = [{a, b}, {a, b, c}, set(), {c}, {a, b}]
    assert [set(op.control_inputs) for op in (one, two, none, three, four)] == want


def test_what_waits_already_does_not_wait_again(tf):
    x, a = tf.constant(1.0), tf.no_op("a")
    with tf.control_dependencies([a]):
        first = tf.identity(x)
        second = tf.identity(first)
        own = tf.identity(x)
    with tf.control_dependencies([x]):
        direct = tf.identity(x)
    assert first.op.control_inputs == own.op.control_inputs == [a]
    assert second.op.control_inputs == []
    assert direct.op.control_inputs == []


# Devices


def test_a_device_that_is_none_is_refused(tf):
    """Row 267."""
    with (
        raises(
            exact(
                "ValueError",
                "Unknown attribute 'foo' is encountered while parsing the device spec: '/foo:bar'.",
            )
        ),
        tf.device("/foo:bar"),
    ):
        tf.constant(1.0)


@pytest.mark.parametrize(
    ("device", "want"),
    [
        row("short", "/cpu:0", "/device:CPU:0"),
        row("lower case", "/device:gpu:1", "/device:GPU:1"),
        row("any index", "/gpu:*", "/device:GPU:*"),
        row("full", "/job:w/replica:0/task:1/device:CPU:2", "/job:w/replica:0/task:1/device:CPU:2"),
        row("job", "/job:w", "/job:w"),
        row("empty", "", ""),
        row("None", None, ""),
    ],
)
def test_a_device_is_written_in_one_way(tf, device, want):
    with tf.device(device):
        assert tf.constant(1.0).device == want


def test_inner_devices_fill_in_what_outer_ones_say(tf):
    with tf.device("/job:w/task:1/cpu:0"):
        with tf.device("/gpu:2"):
            gpu = tf.constant(1.0)
        with tf.device("/task:3"):
            task = tf.constant(1.0)
        with tf.device(None):
            none = tf.constant(1.0)
        after = tf.constant(1.0)
    assert [t.device for t in (gpu, task, none, after)] == [
        "/job:w/task:1/device:GPU:2",
        "/job:w/task:3/device:CPU:0",
        "",
        "/job:w/task:1/device:CPU:0",
    ]


def test_a_function_chooses_devices(tf):
    with tf.device(lambda op: "/device:CPU:1" if op.type == "NoOp" else "/device:CPU:2"):
        op, tensor = tf.no_op(), tf.constant(1.0)
    assert (op.device, tensor.device) == ("/device:CPU:1", "/device:CPU:2")


def test_device_blocks_left_in_another_order_are_an_error(tf):
    """Row 278."""
    graph = tf.Graph()
    outer, inner = graph.device("/cpu:0"), graph.device("/cpu:1")
    outer.__enter__()
    inner.__enter__()
    with raises(exact("RuntimeError", "Exiting device scope without proper scope nesting.")):
        outer.__exit__(None, None, None)


def test_colocation_is_written_as_a_class(tf):
    graph = tf.get_default_graph()
    with tf.device("/cpu:1"):
        a = tf.constant(1.0, name="a")
    with graph.colocate_with(a.op):
        b = tf.constant(1.0, name="b")
    assert b.op.colocation_groups() == b.op.get_attr("_class") == [b"loc:@a"]
    assert b.device == a.device == "/device:CPU:1"
    assert a.op.colocation_groups() == [b"loc:@a"]
