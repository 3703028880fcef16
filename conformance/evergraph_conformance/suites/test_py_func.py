"""`tf.py_func`: nodes that call Python functions."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises, typed

pytestmark = [pytest.mark.uses("PyFunc"), pytest.mark.needs("in_process")]


def test_a_function_gets_values_and_gives_values(tf, session):
    x = tf.placeholder(tf.float32, [None])
    y = tf.py_func(lambda a, b: a * b, [x, 2.0], tf.float32)
    assert y.shape.rank is None
    got = session.run(y, {x: [1.0, 2.0]})
    assert got.dtype == np.float32
    assert got.tolist() == [2.0, 4.0]


def test_arguments_are_arrays_and_scalars(tf, session):
    seen: list[Any] = []

    def look(*values):
        seen.extend(type(v).__name__ for v in values)
        seen.append(values[3].dtype)
        return np.float32(1)

    inputs = [tf.constant(1.0), tf.constant([1, 2]), tf.constant("a"), tf.constant(["a", "bc"])]
    session.run(tf.py_func(look, inputs, tf.float32))
    assert seen == ["float32", "ndarray", "bytes", "ndarray", np.dtype(object)]


def test_several_results_are_a_list(tf, session):
    both = tf.py_func(lambda x: (x + 1, np.int64(7)), [1.0], [tf.float32, tf.int64])
    assert isinstance(both, list)
    assert session.run(both) == [2.0, 7]
    assert session.run(tf.py_func(lambda x: [x], [1.0], [tf.float32])) == [1.0]


def test_a_function_without_results_is_an_operation(tf, session):
    calls: list[Any] = []
    op = tf.py_func(calls.append, [5.0], [])
    assert isinstance(op, tf.Operation)
    assert session.run(op) is None
    assert calls == [5.0]


@pytest.mark.parametrize(
    ("value", "want"),
    [("é", "é".encode()), (b"a\0b", b"a\0b")],
)
def test_strings_become_bytes(tf, session, value, want):
    assert session.run(tf.py_func(lambda: value, [], tf.string)) == want


def test_arrays_of_strings_become_bytes(tf, session):
    got = session.run(tf.py_func(lambda: np.array(["a", "bc"]), [], tf.string))
    assert got.tolist() == [b"a", b"bc"]


def test_what_changes_an_argument_changes_nothing_else(tf, session):
    x = tf.placeholder(tf.float32, [2])
    value = np.array([1.0, 2.0], np.float32)

    def spoil(a):
        a = np.array(a)
        a[:] = 0.0
        return a

    zeros, kept = session.run([tf.py_func(spoil, [x], tf.float32), x + 0.0], {x: value})
    assert zeros.tolist() == [0.0, 0.0]
    assert kept.tolist() == [1.0, 2.0]
    assert value.tolist() == [1.0, 2.0]


def test_each_node_calls_once_a_step(tf, session):
    calls: list[Any] = []

    def count(x):
        calls.append(x)
        return x

    y = tf.py_func(count, [1.0], tf.float32)
    session.run([y, y + 1.0, y * 2.0])
    assert len(calls) == 1
    session.run(tf.constant(1.0))
    assert len(calls) == 1


def test_nodes_are_pure_only_when_said(tf):
    assert tf.py_func(abs, [1.0], tf.float32).op.type == "PyFunc"
    stateless = tf.py_func(abs, [1.0], tf.float32, stateful=False)
    assert stateless.op.type == "PyFuncStateless"
    assert tf.numpy_function(abs, [1.0], tf.float32).op.type == "PyFunc"


def test_a_function_must_be_callable(tf):
    with raises(core("ValueError", "Expected func to be callable. Received func=3")):
        tf.py_func(3, [1.0], tf.float32)


class _Own(Exception):
    """An exception that nobody knows."""


@pytest.mark.parametrize(
    ("error", "type"),
    [
        (ValueError("boom"), "InvalidArgumentError"),
        (TypeError("boom"), "InvalidArgumentError"),
        (StopIteration("boom"), "OutOfRangeError"),
        (MemoryError("boom"), "ResourceExhaustedError"),
        (NotImplementedError("boom"), "UnimplementedError"),
        (KeyError("boom"), "UnknownError"),
        (_Own("boom"), "UnknownError"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_an_exception_becomes_an_error_of_the_node(tf, session, error, type):
    """Rows 187 to 190."""

    def fail(x):
        raise error

    node = tf.py_func(fail, [1.0], tf.float32, name="failing")
    with raises(core(type, f"{error.__class__.__name__}: {error}")) as found:
        session.run(node)
    assert found.value.op.name == "failing"
    assert "in fail" in str(found.value)
    assert session.run(tf.constant(1.0)) == 1.0


def test_the_type_of_a_result_must_be_the_promised_one(tf, session):
    """Row 191."""
    with raises(core("InvalidArgumentError", "is double, but expects float")):
        session.run(tf.py_func(lambda: np.float64(1), [], tf.float32))
    with raises(core("InvalidArgumentError", "is int64, but expects int32")):
        session.run(tf.py_func(lambda: 1, [], tf.int32))


@pytest.mark.parametrize(
    ("result", "wanted", "given"), [((1.0, 2.0), 1, 2), (None, 1, 0), (1.0, 2, 1)]
)
def test_the_number_of_results_must_be_the_promised_one(tf, session, result, wanted, given):
    """Rows 192 and 193."""
    nodes = tf.py_func(lambda: result, [], [tf.float64] * wanted)
    text = f"returns {given} values, but expects to see {wanted} values."
    with raises(core("InvalidArgumentError", text)):
        session.run(nodes)


def test_what_is_no_tensor_is_refused(tf, session):
    with raises(exact("InternalError", "Unsupported object type object")):
        session.run(tf.py_func(object, [], tf.float32))


def test_a_session_may_run_within_its_own_run(tf, session):
    """Row 331."""
    x = tf.placeholder(tf.float32, [])
    doubled = x * 2.0
    inner = tf.py_func(lambda v: session.run(doubled, {x: v}), [2.0], tf.float32)
    assert session.run(inner + 1.0) == 5.0


@pytest.mark.uses("VariableV2", "Assign", "AssignAdd")
def test_a_function_may_train_the_session_that_calls_it(tf, session):
    v = tf.get_variable("v", [], initializer=tf.zeros_initializer())
    session.run(v.initializer)
    add = v.assign_add(1.0)
    inner = tf.py_func(lambda: session.run(add), [], tf.float32)
    with tf.control_dependencies([inner]):
        after = tf.identity(v) + 0.0
    assert session.run(after) == 1.0
    assert session.run([inner, after]) == [2.0, 2.0]


@pytest.mark.uses("VariableV2", "Assign", "AssignAdd")
def test_a_function_may_wait_for_another_thread_that_runs(tf, session):
    v = tf.get_variable("v", [], initializer=tf.zeros_initializer())
    session.run(v.initializer)
    add = v.assign_add(1.0)

    def elsewhere():
        thread = threading.Thread(target=session.run, args=(add,))
        thread.start()
        thread.join(20)
        return np.bool_(thread.is_alive())

    stuck = tf.py_func(elsewhere, [], tf.bool)
    with tf.control_dependencies([stuck]):
        after = v + 0.0
    assert session.run([stuck, after]) == [False, 1.0]


@pytest.mark.uses("VariableV2", "Assign")
def test_a_variable_is_read_when_its_function_is_called(tf, session):
    v = tf.get_variable("v", [2], initializer=tf.zeros_initializer())
    session.run(v.initializer)
    with tf.control_dependencies([v.assign([1.0, 2.0])]):
        total = tf.py_func(lambda a: a.sum(), [v], tf.float32)
    assert session.run(total) == 3.0


@pytest.mark.uses("AddV2", "Assign")
def test_a_fetched_reference_is_read_after_what_a_function_gave_is_written(tf, session):
    v = tf.Variable(1.0, use_resource=False)
    session.run(v.initializer)
    x = tf.placeholder(tf.float32, [])
    assigned = tf.assign(v, tf.py_func(lambda value: value * 2, [x], tf.float32))
    last = x + 1.0
    for value in (3.0, 4.0):
        got = session.run([v, assigned, last], {x: value})
        assert got == [2 * value, 2 * value, value + 1]


@pytest.mark.uses("Greater", "LogicalAnd", "Assign")
@pytest.mark.parametrize("resource", [False, True])
def test_whether_a_variable_has_a_value_goes_with_what_a_function_gives(tf, session, resource):
    v = tf.Variable(1.0, use_resource=resource)
    x = tf.placeholder(tf.float32, [])
    result = tf.py_func(lambda value: value * 2, [x], tf.float32)
    both = tf.logical_and(tf.is_variable_initialized(v), result > 5.0)
    assert [session.run(both, {x: value}) for value in (1.0, 3.0)] == [False, False]
    session.run(v.initializer)
    assert [session.run(both, {x: value}) for value in (1.0, 3.0)] == [False, True]


def test_functions_run_in_the_order_of_control_dependencies(tf, session):
    order = []
    first = tf.py_func(lambda: order.append("first"), [], [])
    with tf.control_dependencies([first]):
        second = tf.py_func(lambda: order.append("second"), [], [])
    with tf.control_dependencies([second]):
        third = tf.identity(tf.py_func(lambda: np.int64(len(order)), [], tf.int64))
    assert session.run(third) == 2
    assert order == ["first", "second"]


@pytest.mark.uses("AddV2", "Mul")
def test_what_needs_more_functions_may_be_built_before_what_it_uses(tf, session):
    a, b = (tf.py_func(lambda v=v: np.float32(v), [], tf.float32) for v in (2, 3))
    total = a + b
    double = b * 2.0
    assert session.run(total * double) == 30.0


def test_a_result_is_the_callers_own(tf, session):
    kept = np.array([1.0, 2.0], np.float32)
    got = session.run(tf.py_func(lambda: kept, [], tf.float32))
    got[:] = 0.0
    assert kept.tolist() == [1.0, 2.0]


def test_a_function_lives_as_long_as_its_graph(tf):
    class Function:
        def __call__(self):
            return np.float32(1)

    graph = tf.Graph()
    function = Function()
    reference = weakref.ref(function)
    with graph.as_default():
        y = tf.py_func(function, [], tf.float32)
    del function
    gc.collect()
    with tf.Session(graph=graph) as session:
        assert session.run(y) == 1.0
    assert reference() is not None


def test_a_node_without_its_function_says_so(tf, session):
    graph_def = tf.Graph().as_graph_def()
    node = graph_def.node.add(name="call", op="PyFunc")
    node.attr["token"].s = b"pyfunc_999999"
    node.attr["Tin"].list.SetInParent()
    node.attr["Tout"].list.type.append(tf.float32.as_datatype_enum)
    (call,) = tf.import_graph_def(graph_def, return_elements=["call:0"])
    with raises(
        core(
            "InvalidArgumentError", "Could not find callback with key=pyfunc_999999 in the registry"
        )
    ):
        session.run(call)


def test_a_gradient_does_not_pass(tf):
    x = tf.constant(1.0)
    assert tf.gradients(tf.py_func(abs, [x], tf.float32), x) == [None]


def test_functions_are_called_from_the_thread_that_runs(tf, session):
    threads = []
    node = tf.py_func(lambda: threads.append(threading.get_ident()), [], [])
    session.run(node)
    assert len(threads) == 1


def test_an_error_leaves_the_other_functions_alone(tf, session):
    def fail():
        raise ValueError("no")

    with raises(typed("InvalidArgumentError")):
        session.run([tf.py_func(fail, [], tf.float32), tf.py_func(lambda: 1.0, [], tf.float64)])
    assert session.run(tf.py_func(lambda: 1.0, [], tf.float64)) == 1.0


def test_the_traceback_ends_with_the_error(tf, session):
    def fail():
        raise KeyError("lost")

    with pytest.raises(tf.errors.UnknownError) as caught:
        session.run(tf.py_func(fail, [], tf.float32, name="failing"))
    head, _, trace = caught.value.message.partition("Traceback (most recent call last):")
    assert "KeyError: 'lost'" in head
    assert "in fail" in trace
    assert "\nKeyError: 'lost'\n" in trace


def test_a_function_that_outlasts_the_time_of_the_run_is_an_error(tf, session):
    late = threading.Event()
    y = tf.py_func(lambda: np.int32(late.wait(0.4)), [], tf.int32)
    with raises(core("DeadlineExceededError", "Timed out waiting for notification")):
        session.run(y, options=tf.RunOptions(timeout_in_ms=50))
    late.set()
    assert session.run(y, options=tf.RunOptions(timeout_in_ms=30_000)) == 1


def test_a_function_in_which_its_session_is_closed_ends_the_run(tf):
    entered, closed = threading.Event(), threading.Event()

    def wait():
        entered.set()
        closed.wait(10)
        return np.int32(1)

    y = tf.py_func(wait, [], tf.int32)
    session = tf.Session()
    caught: list[BaseException] = []

    def run():
        try:
            session.run(y)
        except tf.errors.OpError as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert entered.wait(10)
    closer = threading.Thread(target=session.close)
    closer.start()
    closer.join(0.2)
    closed.set()
    thread.join(10)
    closer.join(10)
    assert [type(e).__name__ for e in caught] == ["CancelledError"]
    assert "Run call was cancelled" in str(caught[0])
