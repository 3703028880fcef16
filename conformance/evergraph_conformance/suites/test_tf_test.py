"""`tf.test`: test cases of programs, and what their assertions accept and refuse."""

from __future__ import annotations

import os
import unittest

import numpy as np
import pytest


def run(tf, body):
    """Run a function as the only test of a `tf.test.TestCase`, and return the result."""

    Case = type("Case", (tf.test.TestCase,), {"test_body": body})
    result = unittest.TestResult()
    Case("test_body").run(result)
    return result


@pytest.mark.uses("RandomUniform")
def test_each_test_has_a_graph_of_its_own_and_a_seed(tf):
    found = []

    def body(case):
        with case.session() as session:
            assert session is tf.get_default_session()
            x = tf.random_uniform([2])
            found.append((x.op.name, session.run(x).tolist(), np.random.random()))  # noqa: NPY002

    assert run(tf, body).wasSuccessful()
    assert run(tf, body).wasSuccessful()
    assert found[0] == found[1]
    assert found[0][0].startswith("random_uniform")


def test_evaluate_runs_tensors_in_any_structure(tf):
    def body(case):
        a, b = tf.constant(1.0), tf.constant([2, 3])
        with case.cached_session() as session:
            with case.test_session() as again:
                assert again is session
            assert case.evaluate({"a": a, "b": (b,)})["a"] == 1.0
            case.assertAllEqual(b, [2, 3])

    assert run(tf, body).wasSuccessful()


ASSERTIONS = {
    "close": lambda c: c.assertAllClose([1.0, 2.0], np.array([1.0, 2.0 + 1e-7])),
    "close in a dict": lambda c: c.assertAllClose({"a": [1.0]}, {"a": [1.0]}),
    "equal": lambda c: c.assertAllEqual([[1, 2]], np.array([[1, 2]])),
    "equal strings": lambda c: c.assertAllEqual(np.array([b"a"], object), [b"a"]),
    "equal NaN": lambda c: c.assertAllEqual([np.nan], [np.nan]),
    "near": lambda c: c.assertNear(1.0, 1.05, 0.1),
    "arrays near": lambda c: c.assertArrayNear([1.0, 2.0], [1.05, 2.0], 0.1),
    "shapes": lambda c: c.assertShapeEqual(np.zeros((2, 3)), np.ones((2, 3))),
    "range": lambda c: c.assertAllInRange([1, 2, 3], 1, 3),
    "set": lambda c: c.assertAllInSet([1, 2, 1], {1, 2}),
    "greater": lambda c: c.assertAllGreater([2, 3], 1),
    "not close": lambda c: c.assertNotAllClose([1.0], [2.0]),
    "half": lambda c: c.assertAllCloseAccordingToType(np.float16(1.0), np.float16(1.0005)),
    "begins": lambda c: c.assertStartsWith("abc", "ab"),
    "length": lambda c: c.assertLen([1, 2], 2),
    "items": lambda c: c.assertItemsEqual([1, 2], [2, 1]),
}
REFUSED = {
    "not close": lambda c: c.assertAllClose([1.0, 2.0], [1.0, 2.1]),
    "other shape": lambda c: c.assertAllEqual([1, 1], [[1, 1]]),
    "other keys": lambda c: c.assertAllClose({"a": 1.0}, {"b": 1.0}),
    "not equal": lambda c: c.assertAllEqual([1, 2], [1, 3]),
    "not near": lambda c: c.assertNear(1.0, 1.2, 0.1),
    "out of range": lambda c: c.assertAllInRange([1, 2, 3], 1, 3, open_upper_bound=True),
    "not in the set": lambda c: c.assertAllInSet([1, 3], {1, 2}),
    "close after all": lambda c: c.assertNotAllClose([1.0], [1.0]),
    "empty": lambda c: c.assertNotEmpty([]),
}


@pytest.mark.parametrize("name", ASSERTIONS)
def test_an_assertion_holds(tf, name):
    assert run(tf, ASSERTIONS[name]).wasSuccessful()


@pytest.mark.parametrize("name", REFUSED)
def test_an_assertion_fails(tf, name):
    result = run(tf, REFUSED[name])
    assert len(result.failures) == 1
    assert not result.errors


def test_errors_of_operations_are_matched_by_text(tf):
    def body(case):
        x = tf.placeholder(tf.int32, [])
        with case.session() as session, case.assertRaisesOpError("must feed a value"):
            session.run(x)

    assert run(tf, body).wasSuccessful()


def test_an_error_that_does_not_come_is_a_failure(tf):
    def body(case):
        with case.assertRaisesOpError("anything"):
            pass

    assert len(run(tf, body).failures) == 1


def test_a_thread_gives_its_error_to_who_joins_it(tf):
    def fail():
        raise ValueError("from the thread")

    def body(case):
        thread = case.checkedThread(target=fail)
        thread.start()
        with pytest.raises(Exception, match="from the thread"):
            thread.join()

    assert run(tf, body).wasSuccessful()


def test_gradients_are_compared_with_differences(tf, session):
    x = tf.placeholder(tf.float64, [2, 2])
    weights = tf.constant([[1.0], [2.0]], tf.float64)
    y = tf.matmul(x, weights)
    start = np.array([[1.0, 2.0], [3.0, 4.0]])
    with session.as_default():
        exact, near = tf.test.compute_gradient(x, [2, 2], y, [2, 1], start)
        error = tf.test.compute_gradient_error(x, [2, 2], tf.sin(y), [2, 1], start)
    assert exact.tolist() == [[1.0, 0.0], [2.0, 0.0], [0.0, 1.0], [0.0, 2.0]]
    np.testing.assert_allclose(near, exact, atol=1e-6)
    assert 0 < error < 1e-4


def test_what_a_test_asks_about_its_surroundings(tf):
    assert os.path.isdir(tf.test.get_temp_dir())
    available = tf.test.is_gpu_available()
    assert tf.test.gpu_device_name() == ("/device:GPU:0" if available else "")
    assert tf.test.is_built_with_cuda() in (True, False)


def test_graphs_are_compared_node_by_node(tf):
    a = tf.constant(1.0, name="a")
    one = tf.get_default_graph().as_graph_def()
    tf.test.assert_equal_graph_def(one, one)
    tf.negative(a, name="n")
    with pytest.raises(AssertionError, match="n"):
        tf.test.assert_equal_graph_def(tf.get_default_graph().as_graph_def(), one)


def test_there_are_no_estimators(tf):
    """Row 345."""
    with pytest.raises(AttributeError, match="estimator"):
        _ = tf.estimator
