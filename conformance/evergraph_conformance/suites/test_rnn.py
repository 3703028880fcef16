"""tf.nn.dynamic_rnn and its kin: values, lengths, gradients, loops of one's own, and errors."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.messages import core, raises

pytestmark = [
    pytest.mark.dtypes("float32"),
    pytest.mark.uses("MatMul", "Tanh", "ConcatV2", "Transpose", "Select", "ReverseSequence"),
]

#: A batch of three sequences with four steps of two numbers.
X = np.linspace(-1, 1, 24, dtype=np.float32).reshape(3, 4, 2)
KERNEL = np.array([[0.5, -0.25], [0.25, 1.0], [0.75, 0.1], [-0.5, 0.3]], np.float32)
LENGTHS = np.array([4, 2, 3], np.int32)
CLOSE = (1e-5, 1e-6, 0.0)


class Cell:
    """A basic cell, written without a library of cells."""

    state_size = 2
    output_size = 2

    def __init__(self, tf):
        self.tf = tf

    def __call__(self, inputs, state, scope=None):
        del scope
        new = self.tf.tanh(self.tf.matmul(self.tf.concat([inputs, state], 1), KERNEL))
        return new, new

    def zero_state(self, batch_size, dtype):
        return self.tf.zeros([batch_size, 2], dtype)


def expected(x, lengths=None, state=None):
    """Return outputs and last state, step by step."""
    state = np.zeros((len(x), 2), np.float32) if state is None else state
    outputs = []
    for time in range(x.shape[1]):
        new = np.tanh(np.concatenate([x[:, time], state], 1) @ KERNEL)
        live = np.full((len(x), 1), True) if lengths is None else (time < lengths)[:, None]
        outputs.append(np.where(live, new, np.float32(0)))
        state = np.where(live, new, state)
    return np.stack(outputs, 1), state


def in_reverse(x, lengths):
    found = x.copy()
    for i, length in enumerate(lengths):
        found[i, :length] = x[i, :length][::-1]
    return found


@pytest.mark.parametrize("shape", [[3, 4, 2], [None, None, 2]], ids=["known", "unknown"])
@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["whole", "lengths"])
def test_a_cell_runs_along_sequences(tf, same, shape, lengths):
    x = tf.placeholder(tf.float32, shape)
    outputs, state = tf.nn.dynamic_rnn(Cell(tf), x, lengths, dtype=tf.float32)
    wanted, last = expected(X, lengths)
    with tf.Session() as session:
        found = session.run([outputs, state], {x: X})
    same(found[0], wanted, CLOSE)
    same(found[1], last, CLOSE)


def test_time_may_come_first_and_a_state_be_given(tf, run, same):
    start = np.array([[1.0, -1.0], [0.5, 0.0], [2.0, 1.0]], np.float32)
    outputs, state = tf.nn.dynamic_rnn(
        Cell(tf),
        tf.constant(X.transpose(1, 0, 2)),
        initial_state=tf.constant(start),
        time_major=True,
    )
    wanted, last = expected(X, state=start)
    same(run(outputs), wanted.transpose(1, 0, 2), CLOSE)
    same(run(state), last, CLOSE)


def test_a_batch_may_have_another_number_of_steps_in_each_run(tf, same):
    x = tf.placeholder(tf.float32, [None, None, 2])
    outputs, _ = tf.nn.dynamic_rnn(Cell(tf), x, dtype=tf.float32)
    with tf.Session() as session:
        for steps in (4, 1, 3):
            wanted, _ = expected(X[:, :steps])
            same(session.run(outputs, {x: X[:, :steps]}), wanted, CLOSE)


@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["whole", "lengths"])
def test_lists_of_inputs(tf, same, lengths):
    steps = [tf.constant(X[:, i]) for i in range(4)]
    outputs, state = tf.nn.static_rnn(Cell(tf), steps, dtype=tf.float32, sequence_length=lengths)
    wanted, last = expected(X, lengths)
    with tf.Session() as session:
        found, got = session.run([outputs, state])
    same(np.stack(found, 1), wanted, CLOSE)
    same(got, last, CLOSE)


def test_two_cells_run_both_ways(tf, same):
    outputs, states = tf.nn.bidirectional_dynamic_rnn(
        Cell(tf), Cell(tf), tf.constant(X), LENGTHS, dtype=tf.float32
    )
    forward, last = expected(X, LENGTHS)
    backward, first = expected(in_reverse(X, LENGTHS), LENGTHS)
    with tf.Session() as session:
        found, got = session.run([outputs, states])
    same(found[0], forward, CLOSE)
    same(found[1], in_reverse(backward, LENGTHS), CLOSE)
    same(got[0], last, CLOSE)
    same(got[1], first, CLOSE)


def test_the_gradient_is_that_of_lists_of_inputs(tf, same):
    x = tf.constant(X)
    outputs, _ = tf.nn.dynamic_rnn(Cell(tf), x, LENGTHS, dtype=tf.float32)
    lists, _ = tf.nn.static_rnn(
        Cell(tf), tf.unstack(x, axis=1), dtype=tf.float32, sequence_length=LENGTHS
    )
    weights = np.linspace(0.5, 2, 24, dtype=np.float32).reshape(3, 4, 2)
    losses = [tf.reduce_sum(y * weights) for y in (outputs, tf.stack(lists, 1))]
    with tf.Session() as session:
        one, other = session.run([tf.gradients(loss, x)[0] for loss in losses])
    same(one, other, CLOSE)


def test_a_loop_of_ones_own_chooses_its_inputs(tf, same):
    cell = Cell(tf)
    rows = tf.TensorArray(tf.float32, size=4, clear_after_read=False).unstack(X.transpose(1, 0, 2))

    def loop_fn(time, output, state, loop_state):
        ended = time >= LENGTHS
        state = cell.zero_state(3, tf.float32) if output is None else state
        following = rows.read(tf.minimum(time, 3))
        following.set_shape([3, 2])
        return ended, following, state, output, loop_state

    arrays, state, _ = tf.nn.raw_rnn(cell, loop_fn)
    wanted, last = expected(X, LENGTHS)
    with tf.Session() as session:
        found, got = session.run([arrays.stack(), state])
    same(found, wanted.transpose(1, 0, 2), CLOSE)
    same(got, last, CLOSE)


def test_lengths_must_be_as_many_as_sequences(tf):
    lengths = tf.placeholder(tf.int32, [None])
    outputs, _ = tf.nn.dynamic_rnn(Cell(tf), tf.constant(X), lengths, dtype=tf.float32)
    with tf.Session() as session:
        with raises(core("InvalidArgumentError", "Expected shape for Tensor")):
            session.run(outputs, {lengths: [4, 2]})
        assert session.run(outputs, {lengths: LENGTHS}).shape == (3, 4, 2)


def test_a_state_or_a_type_is_needed(tf):
    with raises(core("ValueError", "If no initial_state is provided, argument `dtype` must")):
        tf.nn.dynamic_rnn(Cell(tf), tf.constant(X))


def test_what_is_no_cell(tf):
    with raises(core("TypeError", "is not an RNNCell")):
        tf.nn.dynamic_rnn(3, tf.constant(X), dtype=tf.float32)
