"""Short graphs of recurrent cells, and of what runs them; see `snippets.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Snippet = Callable[[Any], Any]


def sequence(tf: Any, count: int = 2, batch: int | None = 3) -> list[Any]:
    return [tf.placeholder(tf.float32, [batch, 4], name="x") for _ in range(count)]


def named(structure: Any, tf: Any) -> list[str]:
    return [v.name for v in tf.nest.flatten(structure)]


def once(tf: Any, cell: Any, batch: int | None = 3) -> Any:
    x = sequence(tf, 1, batch)[0]
    state = cell.zero_state(batch or tf.shape(x)[0], tf.float32)
    result = cell(x, state)
    return named(result, tf), named(tf.global_variables(), tf), str(cell.state_size)


def own_cell(tf: Any) -> Any:
    class Doubled(tf.nn.rnn_cell.RNNCell):  # type: ignore[misc]
        @property
        def state_size(self) -> int:
            return 4

        @property
        def output_size(self) -> int:
            return 4

        def call(self, inputs: Any, state: Any) -> Any:
            scale = tf.get_variable("scale", [4])
            return inputs * scale, state + inputs

    cell = Doubled()
    outputs, state = tf.nn.static_rnn(cell, sequence(tf), dtype=tf.float32)
    return named([outputs, state, cell.weights], tf)


def stacked(tf: Any) -> Any:
    cells = [tf.nn.rnn_cell.BasicLSTMCell(n) for n in (4, 2)]
    cell = tf.nn.rnn_cell.MultiRNNCell(cells)
    outputs, state = tf.nn.static_rnn(cell, sequence(tf), dtype=tf.float32)
    return named([outputs, state], tf), named(tf.global_variables(), tf), len(cell.weights)


def stacked_flat(tf: Any) -> Any:
    cells = [tf.nn.rnn_cell.GRUCell(n) for n in (4, 2)]
    cell = tf.nn.rnn_cell.MultiRNNCell(cells, state_is_tuple=False)
    return once(tf, cell)


def static(tf: Any) -> Any:
    cell = tf.nn.rnn_cell.BasicRNNCell(5)
    with tf.variable_scope("model"):
        outputs, state = tf.nn.static_rnn(cell, sequence(tf, 3, None), dtype=tf.float32)
    return named([outputs, state], tf), [str(o.shape) for o in outputs]


def static_given(tf: Any) -> Any:
    cell = tf.nn.rnn_cell.LSTMCell(5)
    state = cell.zero_state(3, tf.float32)
    outputs, state = tf.nn.static_rnn(cell, sequence(tf), initial_state=state, scope="mine")
    return named([outputs, state], tf), type(state).__name__


def static_lengths(tf: Any) -> Any:
    cell = tf.nn.rnn_cell.BasicLSTMCell(5)
    lengths = tf.placeholder(tf.int64, [3])
    outputs, state = tf.nn.static_rnn(cell, sequence(tf), dtype=tf.float32, sequence_length=lengths)
    return named([outputs, state], tf)


def static_both_ways(tf: Any) -> Any:
    cells = [tf.nn.rnn_cell.BasicLSTMCell(5) for _ in range(2)]
    found = tf.nn.static_bidirectional_rnn(*cells, sequence(tf), dtype=tf.float32)
    return named(found, tf), named(tf.global_variables(), tf)


def static_both_ways_lengths(tf: Any) -> Any:
    cells = [tf.nn.rnn_cell.GRUCell(5) for _ in range(2)]
    found = tf.nn.static_bidirectional_rnn(
        *cells, sequence(tf), dtype=tf.float32, sequence_length=tf.placeholder(tf.int32, [3])
    )
    return named(found, tf)


def dropped(tf: Any) -> Any:
    cell = tf.nn.rnn_cell.BasicLSTMCell(4)
    cell = tf.nn.rnn_cell.DropoutWrapper(
        cell, input_keep_prob=0.9, output_keep_prob=tf.placeholder(tf.float32, []), seed=3
    )
    return once(tf, cell)


def dropped_states(tf: Any) -> Any:
    cell = tf.nn.rnn_cell.DropoutWrapper(tf.nn.rnn_cell.LSTMCell(4), state_keep_prob=0.5)
    return once(tf, cell)


def dropped_always(tf: Any) -> Any:
    cell = tf.nn.rnn_cell.DropoutWrapper(
        tf.nn.rnn_cell.GRUCell(4),
        input_keep_prob=0.5,
        state_keep_prob=0.5,
        output_keep_prob=0.5,
        variational_recurrent=True,
        input_size=4,
        dtype=tf.float32,
        seed=1,
    )
    return once(tf, cell)


def residual(tf: Any) -> Any:
    return once(tf, tf.nn.rnn_cell.ResidualWrapper(tf.nn.rnn_cell.GRUCell(4)))


def on_a_device(tf: Any) -> Any:
    cell = tf.nn.rnn_cell.DeviceWrapper(tf.nn.rnn_cell.BasicRNNCell(4), "/cpu:0")
    return once(tf, cell)


def lstm(**arguments: Any) -> Snippet:
    return lambda tf: once(tf, tf.nn.rnn_cell.LSTMCell(4, **arguments))


def batch(tf: Any, *sizes: int | None) -> Any:
    return tf.placeholder(tf.float32, sizes or [3, 7, 4], name="x")


def shaped(structure: Any, tf: Any) -> Any:
    """Return types and shapes, and the names of variables: those of tensors are others."""
    flat = tf.nest.flatten(structure)
    return [f"{t.dtype.name} {t.shape}" for t in flat], named(tf.global_variables(), tf)


def dynamic(tf: Any) -> Any:
    found = tf.nn.dynamic_rnn(tf.nn.rnn_cell.BasicLSTMCell(5), batch(tf), dtype=tf.float32)
    return shaped(found, tf)


def dynamic_unknown(tf: Any) -> Any:
    with tf.variable_scope("model"):
        cell = tf.nn.rnn_cell.GRUCell(5)
        found = tf.nn.dynamic_rnn(cell, batch(tf, None, None, 4), dtype=tf.float32)
    return shaped(found, tf)


def dynamic_lengths(tf: Any) -> Any:
    found = tf.nn.dynamic_rnn(
        tf.nn.rnn_cell.LSTMCell(5),
        batch(tf),
        sequence_length=tf.placeholder(tf.int64, [None]),
        dtype=tf.float32,
    )
    return shaped(found, tf)


def dynamic_given(tf: Any) -> Any:
    cell = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.GRUCell(n) for n in (5, 3)])
    state = cell.zero_state(3, tf.float32)
    x = batch(tf, 7, 3, 4)
    found = tf.nn.dynamic_rnn(cell, x, initial_state=state, time_major=True, scope="mine")
    return shaped(found, tf)


def dynamic_both_ways(tf: Any) -> Any:
    cells = [tf.nn.rnn_cell.BasicLSTMCell(5) for _ in range(2)]
    found = tf.nn.bidirectional_dynamic_rnn(*cells, batch(tf), dtype=tf.float32)
    return shaped(found, tf)


def dynamic_both_ways_lengths(tf: Any) -> Any:
    cells = [tf.nn.rnn_cell.GRUCell(5) for _ in range(2)]
    found = tf.nn.bidirectional_dynamic_rnn(
        *cells, batch(tf, 7, 3, 4), tf.placeholder(tf.int32, [3]), dtype=tf.float32, time_major=True
    )
    return shaped(found, tf)


def raw(tf: Any) -> Any:
    x = tf.TensorArray(tf.float32, size=7).unstack(batch(tf, 7, 3, 4))
    cell = tf.nn.rnn_cell.LSTMCell(5)

    def loop_fn(time: Any, output: Any, state: Any, loop_state: Any) -> Any:
        state = cell.zero_state(3, tf.float32) if output is None else state
        ended = time >= tf.constant([2, 7, 3])
        following = tf.cond(tf.reduce_all(ended), lambda: tf.zeros([3, 4]), lambda: x.read(time))
        following.set_shape([3, 4])
        return ended, following, state, output, loop_state

    arrays, state, loop_state = tf.nn.raw_rnn(cell, loop_fn)
    return shaped(state, tf), str(arrays.stack().shape), loop_state is None


SNIPPETS: dict[str, Snippet] = {
    "cells: BasicRNN": lambda tf: once(tf, tf.nn.rnn_cell.BasicRNNCell(4)),
    "cells: BasicRNN unknown batch": lambda tf: once(tf, tf.nn.rnn_cell.BasicRNNCell(4), None),
    "cells: BasicLSTM": lambda tf: once(tf, tf.nn.rnn_cell.BasicLSTMCell(4)),
    "cells: BasicLSTM one tensor": lambda tf: once(
        tf, tf.nn.rnn_cell.BasicLSTMCell(4, forget_bias=0.0, state_is_tuple=False)
    ),
    "cells: BasicLSTM relu": lambda tf: once(
        tf, tf.nn.rnn_cell.BasicLSTMCell(4, activation=tf.nn.relu, name="mine")
    ),
    "cells: GRU": lambda tf: once(tf, tf.nn.rnn_cell.GRUCell(4)),
    "cells: GRU initializers": lambda tf: once(
        tf,
        tf.nn.rnn_cell.GRUCell(
            4,
            kernel_initializer=tf.ones_initializer(),
            bias_initializer=tf.constant_initializer(0.5),
        ),
    ),
    "cells: LSTM": lstm(),
    "cells: LSTM peepholes": lstm(use_peepholes=True, cell_clip=2.0),
    "cells: LSTM projection": lstm(num_proj=3, proj_clip=1.0, forget_bias=0.5),
    "cells: LSTM one tensor": lstm(state_is_tuple=False, num_proj=3),
    "cells: LSTM parts": lstm(num_unit_shards=2),
    "cells: dropped": dropped,
    "cells: dropped states": dropped_states,
    "cells: dropped always": dropped_always,
    "cells: residual": residual,
    "cells: on a device": on_a_device,
    "cells: own": own_cell,
    "cells: stacked": stacked,
    "cells: stacked flat": stacked_flat,
    "rnn: static": static,
    "rnn: static given": static_given,
    "rnn: static lengths": static_lengths,
    "rnn: static both ways": static_both_ways,
    "rnn: static both ways lengths": static_both_ways_lengths,
    "rnn: dynamic": dynamic,
    "rnn: dynamic unknown": dynamic_unknown,
    "rnn: dynamic lengths": dynamic_lengths,
    "rnn: dynamic given": dynamic_given,
    "rnn: dynamic both ways": dynamic_both_ways,
    "rnn: dynamic both ways lengths": dynamic_both_ways_lengths,
    "rnn: raw": raw,
}


def basic(tf: Any) -> Any:
    return tf.nn.rnn_cell.BasicRNNCell(4)


def zeros_of(tf: Any) -> Any:
    return basic(tf).zero_state(3, tf.float32)


ERRORS: dict[str, Snippet] = {
    "rnn static no list": lambda tf: tf.nn.static_rnn(basic(tf), sequence(tf)[0]),
    "rnn static empty": lambda tf: tf.nn.static_rnn(basic(tf), []),
    "rnn static no type": lambda tf: tf.nn.static_rnn(basic(tf), sequence(tf)),
    "rnn static no cell": lambda tf: tf.nn.static_rnn(4, sequence(tf), dtype=tf.float32),
    "rnn static lengths": lambda tf: tf.nn.static_rnn(
        basic(tf), sequence(tf), dtype=tf.float32, sequence_length=tf.constant(2)
    ),
    "rnn static size": lambda tf: tf.nn.static_rnn(
        basic(tf), [tf.placeholder(tf.float32, [3, None])], dtype=tf.float32
    ),
    "rnn dynamic no type": lambda tf: tf.nn.dynamic_rnn(basic(tf), batch(tf)),
    "rnn dynamic no cell": lambda tf: tf.nn.dynamic_rnn(4, batch(tf), dtype=tf.float32),
    "rnn dynamic rank": lambda tf: tf.nn.dynamic_rnn(basic(tf), batch(tf, 3), dtype=tf.float32),
    "rnn dynamic rank 2": lambda tf: tf.nn.dynamic_rnn(
        basic(tf), batch(tf, 3, 4), dtype=tf.float32
    ),
    "rnn dynamic size": lambda tf: tf.nn.dynamic_rnn(
        basic(tf), batch(tf, 3, 7, None), dtype=tf.float32
    ),
    "rnn dynamic lengths": lambda tf: tf.nn.dynamic_rnn(
        basic(tf), batch(tf), tf.constant(2), dtype=tf.float32
    ),
    "rnn dynamic other type": lambda tf: tf.nn.dynamic_rnn(basic(tf), batch(tf), dtype=tf.float64),
    "rnn raw no function": lambda tf: tf.nn.raw_rnn(basic(tf), 3),
    "cells int": lambda tf: basic(tf)(tf.zeros([3, 4], tf.int32), zeros_of(tf)),
    "cells int type": lambda tf: tf.nn.rnn_cell.GRUCell(4, dtype=tf.int32),
    "cells rank": lambda tf: basic(tf)(tf.zeros([3]), zeros_of(tf)),
    "cells size": lambda tf: basic(tf)(tf.placeholder(tf.float32, [3, None]), zeros_of(tf)),
    "cells state": lambda tf: basic(tf)(tf.zeros([3, 4]), tf.zeros([3, 7])),
    "cells no cells": lambda tf: tf.nn.rnn_cell.MultiRNNCell([]),
    "cells no list of cells": lambda tf: tf.nn.rnn_cell.MultiRNNCell(basic(tf)),
    "cells tuples": lambda tf: tf.nn.rnn_cell.MultiRNNCell(
        [tf.nn.rnn_cell.LSTMCell(2)], state_is_tuple=False
    ),
    "cells keep_prob": lambda tf: tf.nn.rnn_cell.DropoutWrapper(basic(tf), 1.5),
    "cells always without a type": lambda tf: tf.nn.rnn_cell.DropoutWrapper(
        basic(tf), 0.5, variational_recurrent=True
    ),
    "cells always without a size": lambda tf: tf.nn.rnn_cell.DropoutWrapper(
        basic(tf), 0.5, variational_recurrent=True, dtype=tf.float32
    ),
    "cells around none": lambda tf: tf.nn.rnn_cell.ResidualWrapper(3),
    "cells initial state": lambda tf: basic(tf).get_initial_state(batch_size=3),
    "cells initial state batch": lambda tf: basic(tf).get_initial_state(tf.zeros([2, 4]), 3),
}
