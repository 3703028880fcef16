"""Stacks of cells that run along sequences and against them, layer by layer."""

from __future__ import annotations

from typing import Any

from evergraph import v1 as tf


def stack_bidirectional_rnn(
    cells_fw: Any,
    cells_bw: Any,
    inputs: Any,
    initial_states_fw: Any = None,
    initial_states_bw: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> Any:
    """Run layers of two cells each along a list of inputs; see `tf.nn.static_bidirectional_rnn`.

    Args:
      cells_fw, cells_bw: lists of cells, of one length.
      initial_states_fw, initial_states_bw: their first states; zeros by default.
      inputs, dtype, sequence_length: see `tf.nn.static_bidirectional_rnn`.
      scope: the variable scope, "stack_bidirectional_rnn" by default.

    Returns:
      The outputs of the last layer, and the last states of the cells, forward and backward.

    Raises:
      ValueError: lists are none, empty, or of other lengths.
    """
    layers = _layers(cells_fw, cells_bw, initial_states_fw, initial_states_bw)
    states_fw, states_bw = [], []
    with tf.variable_scope(scope or "stack_bidirectional_rnn"):
        for i, (cell_fw, cell_bw, state_fw, state_bw) in enumerate(layers):
            with tf.variable_scope(f"cell_{i}"):
                inputs, last_fw, last_bw = tf.nn.static_bidirectional_rnn(
                    cell_fw,
                    cell_bw,
                    inputs,
                    initial_state_fw=state_fw,
                    initial_state_bw=state_bw,
                    sequence_length=sequence_length,
                    dtype=dtype,
                )
            states_fw.append(last_fw)
            states_bw.append(last_bw)
    return inputs, tuple(states_fw), tuple(states_bw)


def stack_bidirectional_dynamic_rnn(
    cells_fw: Any,
    cells_bw: Any,
    inputs: Any,
    initial_states_fw: Any = None,
    initial_states_bw: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    parallel_iterations: int | None = None,
    time_major: bool = False,
    scope: Any = None,
    swap_memory: bool = False,
) -> Any:
    """Run layers of two cells each along sequences; see `tf.nn.bidirectional_dynamic_rnn`.

    Args:
      cells_fw, cells_bw: lists of cells, of one length.
      initial_states_fw, initial_states_bw: their first states; zeros by default.
      inputs, dtype, sequence_length, parallel_iterations, time_major, swap_memory: see
        `tf.nn.bidirectional_dynamic_rnn`.
      scope: the variable scope, "stack_bidirectional_rnn" by default.

    Returns:
      The outputs of the last layer, of both directions joined; and the last states of the cells,
      forward and backward.

    Raises:
      ValueError: lists are none, empty, or of other lengths.
    """
    layers = _layers(cells_fw, cells_bw, initial_states_fw, initial_states_bw)
    states_fw, states_bw = [], []
    with tf.variable_scope(scope or "stack_bidirectional_rnn"):
        for i, (cell_fw, cell_bw, state_fw, state_bw) in enumerate(layers):
            with tf.variable_scope(f"cell_{i}"):
                outputs, (last_fw, last_bw) = tf.nn.bidirectional_dynamic_rnn(
                    cell_fw,
                    cell_bw,
                    inputs,
                    initial_state_fw=state_fw,
                    initial_state_bw=state_bw,
                    sequence_length=sequence_length,
                    parallel_iterations=parallel_iterations,
                    dtype=dtype,
                    swap_memory=swap_memory,
                    time_major=time_major,
                )
                inputs = tf.concat(outputs, 2)
            states_fw.append(last_fw)
            states_bw.append(last_bw)
    return inputs, tuple(states_fw), tuple(states_bw)


def _layers(cells_fw: Any, cells_bw: Any, states_fw: Any, states_bw: Any) -> Any:
    """Return for each layer the two cells, and their first states."""
    for label, value in (
        ("cells_fw", cells_fw),
        ("cells_bw", cells_bw),
        ("initial_states_fw", states_fw),
        ("initial_states_bw", states_bw),
    ):
        if value is None and label.startswith("initial"):
            continue
        if not isinstance(value, list | tuple) or not value:
            raise ValueError(f"{label} must be a list of one element for each layer (nonempty).")
        if len(value) != len(cells_fw):
            raise ValueError(f"Forward and backward must have the same depth: {label}")
    nothing = [None] * len(cells_fw)
    return zip(cells_fw, cells_bw, states_fw or nothing, states_bw or nothing, strict=True)


def transpose_batch_time(x: Any) -> Any:
    """Return a tensor with its first two dimensions swapped.

    Raises:
      ValueError: there are fewer.
    """
    rank = x.shape.rank
    if rank is not None and rank < 2:
        raise ValueError(
            f"Expected input tensor {x} to have rank at least 2, but saw shape: {x.shape}"
        )
    others = tf.range(2, tf.rank(x))
    swapped = tf.transpose(x, tf.concat([[1, 0], others], 0))
    if rank is not None:
        first, second, *rest = x.shape.as_list()
        swapped.set_shape([second, first, *rest])
    return swapped
