"""tf.nn.dropout and tf.nn.embedding_lookup: values, gradients, and errors of a run."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.messages import core, raises, row
from evergraph_conformance.variables import BOTH

pytestmark = [
    pytest.mark.dtypes("float32"),
    pytest.mark.uses(
        "RandomUniform",
        "SelectV2",
        "GreaterEqual",
        "DynamicPartition",
        "ParallelDynamicStitch",
        "GatherV2",
        "ResourceGather",
        "VarHandleOp",
        "VariableV2",
    ),
]

ONES = np.ones((2, 4), np.float32)
#: What is kept of eight elements at a rate of 0.5, with the seeds 7 and 3; from TensorFlow.
KEPT = np.array([[0, 0, 0, 0], [1, 0, 1, 0]], np.float32)


# Dropout


def seeded(tf, x, **arguments):
    """Return `x` with elements dropped, always the same ones."""
    tf.set_random_seed(7)
    return tf.nn.dropout(x, seed=3, **arguments)


def test_the_elements_that_are_dropped_are_tensorflows(tf, run, same):
    same(run(seeded(tf, 3.0 * ONES, rate=0.5)), 6.0 * KEPT)


def test_what_is_kept_can_be_said_instead(tf, run, same):
    same(run(seeded(tf, ONES, keep_prob=0.5)), 2.0 * KEPT)


def test_a_rate_can_be_fed(tf, session, same):
    x, rate = tf.constant(ONES), tf.placeholder(tf.float32, [])
    y = seeded(tf, x, rate=rate)
    same(session.run(y, {rate: 0.5}), 2.0 * KEPT)
    same(session.run(y, {rate: 0.0}), ONES)


def test_elements_can_share_their_fate(tf, run):
    y = run(tf.nn.dropout(np.ones((50, 4), np.float32), rate=0.5, noise_shape=[None, 1], seed=1))
    assert set(y.sum(axis=1)) == {0.0, 8.0}


def test_every_run_drops_others(tf, session):
    y = seeded(tf, np.ones(1000, np.float32), rate=0.5)
    first, second = session.run(y), session.run(y)
    assert (first != second).any()
    assert 400 < np.count_nonzero(first) < 600


def test_a_rate_of_zero_drops_nothing(tf, run, same):
    same(run(tf.nn.dropout(tf.constant(ONES), rate=0.0)), ONES)


def test_what_is_dropped_has_no_gradient(tf, run, same):
    x = tf.constant(ONES)
    y = seeded(tf, x, rate=0.5)
    found, slope = run([y, tf.gradients(y, x)[0]])
    same(found, slope)
    same(slope, 2.0 * KEPT)


# Rows of several tables


TABLE = np.arange(14, dtype=np.float32).reshape(7, 2)


def divided(strategy, count=3):
    """Return the table in parts."""
    return [TABLE[i::count] for i in range(count)] if strategy == "mod" else _blocks(count)


def _blocks(count):
    return np.array_split(TABLE, count)


STRATEGIES = pytest.mark.parametrize("strategy", ["mod", "div"])


@STRATEGIES
@pytest.mark.parametrize("ids", [[5], [], [[6, 0], [3, 3]], 4], ids=str)
def test_rows_of_several_tables(tf, run, same, strategy, ids):
    ids = np.array(ids, np.int32)
    same(run(tf.nn.embedding_lookup(divided(strategy), ids, strategy)), TABLE[ids])


@STRATEGIES
def test_rows_of_tables_of_unknown_sizes(tf, session, same, strategy):
    tables = [tf.placeholder(tf.float32) for _ in range(3)]
    for table in tables:
        table.set_shape([None, None])
    ids = tf.placeholder(tf.int64)
    y = tf.nn.embedding_lookup(tables, ids, strategy)
    feeds = {**dict(zip(tables, divided(strategy), strict=True)), ids: [[6, 2, 0]]}
    same(session.run(y, feeds), TABLE[[[6, 2, 0]]])


@STRATEGIES
@BOTH
def test_rows_of_several_variables_and_their_gradients(tf, session, same, strategy, resource):
    tables = [
        tf.get_variable(f"t{i}", initializer=part, use_resource=resource)
        for i, part in enumerate(divided(strategy))
    ]
    rows = tf.nn.embedding_lookup(tables, [1, 6, 1], strategy)
    slopes = [tf.convert_to_tensor(g) for g in tf.gradients(rows * [[1.0], [2.0], [4.0]], tables)]
    session.run(tf.global_variables_initializer())
    same(session.run(rows), TABLE[[1, 6, 1]])
    whole = np.zeros((7, 2), np.float32)
    whole[1], whole[6] = 5.0, 2.0
    parts = [whole[i::3] for i in range(3)] if strategy == "mod" else np.array_split(whole, 3)
    for slope, part in zip(session.run(slopes), parts, strict=True):
        same(slope, part)


def test_rows_of_a_partitioned_variable(tf, session, same):
    table = tf.get_variable("table", [7, 2], partitioner=tf.fixed_size_partitioner(3))
    rows = tf.nn.embedding_lookup(table, [6, 0, 3], "div")
    session.run(tf.global_variables_initializer())
    same(session.run(rows), session.run(table.as_tensor())[[6, 0, 3]])


@pytest.mark.parametrize("count", [row("one table", 1), row("several", 3)])
def test_rows_can_be_limited(tf, run, same, count):
    rows = run(tf.nn.embedding_lookup(divided("mod", count), [0, 6, 2], max_norm=2.0))
    norms = np.maximum(np.linalg.norm(TABLE[[0, 6, 2]], axis=1, keepdims=True), 2.0)
    same(rows, TABLE[[0, 6, 2]] * 2.0 / norms)


@STRATEGIES
def test_a_row_that_there_is_not_is_an_error(tf, session, same, strategy):
    ids = tf.placeholder(tf.int32, [None])
    y = tf.nn.embedding_lookup(divided(strategy), ids, strategy)
    with raises(core("InvalidArgumentError", "is not in [0, 3)")):
        session.run(y, {ids: [-9] if strategy == "mod" else [70]})
    same(session.run(y, {ids: [3]}), TABLE[[3]])
