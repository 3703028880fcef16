"""Wrappers of contrib around cells: projections, embeddings, attention to earlier outputs."""

from __future__ import annotations

import math
from typing import Any

from evergraph import v1 as tf
from evergraph.v1.contrib.rnn.cells import linear
from evergraph.v1.rnn.cells import RNNCell
from evergraph.v1.rnn.wrappers import assert_like_rnncell


class OutputProjectionWrapper(RNNCell):
    """A cell whose output is projected to another size.

    Args:
      cell: the cell.
      output_size: the size.
      activation: a function of the projected output, or None.
      reuse: whether variables are shared.

    Raises:
      TypeError: it is no cell.
      ValueError: the size is below 1.
    """

    def __init__(
        self, cell: Any, output_size: int, activation: Any = None, reuse: Any = None
    ) -> None:
        super().__init__(_reuse=reuse)
        assert_like_rnncell("cell", cell)
        if output_size < 1:
            raise ValueError(f"Parameter output_size must be > 0: {output_size}.")
        self._cell = cell
        self._output_size = output_size
        self._activation = activation

    @property
    def state_size(self) -> Any:
        """The sizes of the cell's state."""
        return self._cell.state_size

    @property
    def output_size(self) -> Any:
        """The size of the output."""
        return self._output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Return zeros as a state; see `RNNCell`."""
        with tf.name_scope(f"{type(self).__name__}ZeroState"):
            return self._cell.zero_state(batch_size, dtype)

    def call(self, inputs: Any, state: Any) -> Any:
        """Return the projected output, and the new state."""
        output, new_state = self._cell(inputs, state)
        projected = linear(output, self._output_size)
        return projected if self._activation is None else self._activation(projected), new_state


class InputProjectionWrapper(RNNCell):
    """A cell whose input is projected to another size.

    Args:
      cell: the cell.
      num_proj: the size.
      activation: a function of the projected input, or None.
      input_size: not used.
      reuse: whether variables are shared.

    Raises:
      TypeError: it is no cell.
    """

    def __init__(
        self,
        cell: Any,
        num_proj: int,
        activation: Any = None,
        input_size: Any = None,
        reuse: Any = None,
    ) -> None:
        del input_size
        super().__init__(_reuse=reuse)
        assert_like_rnncell("cell", cell)
        self._cell = cell
        self._num_proj = num_proj
        self._activation = activation

    @property
    def state_size(self) -> Any:
        """The sizes of the cell's state."""
        return self._cell.state_size

    @property
    def output_size(self) -> Any:
        """The size of the cell's output."""
        return self._cell.output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Return zeros as a state; see `RNNCell`."""
        with tf.name_scope(f"{type(self).__name__}ZeroState"):
            return self._cell.zero_state(batch_size, dtype)

    def call(self, inputs: Any, state: Any) -> Any:
        """Return output and new state."""
        projected = linear(inputs, self._num_proj)
        return self._cell(
            projected if self._activation is None else self._activation(projected), state
        )


class EmbeddingWrapper(RNNCell):
    """A cell whose inputs are numbers, each of which stands for a row of a table.

    Args:
      cell: the cell.
      embedding_classes: how many rows there are.
      embedding_size: the size of a row.
      initializer: of the table; by default that of the scope, or uniform between the roots of 3.
      reuse: whether variables are shared.

    Raises:
      TypeError: it is no cell.
      ValueError: a size is below 1.
    """

    def __init__(
        self,
        cell: Any,
        embedding_classes: int,
        embedding_size: int,
        initializer: Any = None,
        reuse: Any = None,
    ) -> None:
        super().__init__(_reuse=reuse)
        assert_like_rnncell("cell", cell)
        if embedding_classes <= 0 or embedding_size <= 0:
            raise ValueError(
                "Both embedding_classes and embedding_size must be > 0: "
                f"{embedding_classes}, {embedding_size}."
            )
        self._cell = cell
        self._shape = [embedding_classes, embedding_size]
        self._initializer = initializer

    @property
    def state_size(self) -> Any:
        """The sizes of the cell's state."""
        return self._cell.state_size

    @property
    def output_size(self) -> Any:
        """The size of the cell's output."""
        return self._cell.output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Return zeros as a state; see `RNNCell`."""
        with tf.name_scope(f"{type(self).__name__}ZeroState"):
            return self._cell.zero_state(batch_size, dtype)

    def call(self, inputs: Any, state: Any) -> Any:
        """Return output and new state."""
        with tf.device("/cpu:0"):
            initializer = self._initializer or tf.get_variable_scope().initializer
            if initializer is None:
                bound = math.sqrt(3)
                initializer = tf.random_uniform_initializer(-bound, bound)
            dtype = tf.contrib.framework.nest.flatten(state)[0].dtype
            table = tf.get_variable("embedding", self._shape, dtype, initializer=initializer)
            rows = tf.nn.embedding_lookup(table, tf.reshape(inputs, [-1]))
        return self._cell(rows, state)


class AttentionCellWrapper(RNNCell):
    """A cell that attends to its last outputs.

    Its state is that of the cell, what it attended to last, and the last outputs, flat.

    Args:
      cell: the cell.
      attn_length: how many outputs are kept.
      attn_size: the size of what it attends to, and of the output; by default that of the cell's.
      attn_vec_size: the size of the features by which outputs are compared; likewise.
      input_size: the size to which the input is projected; by default its own.
      state_is_tuple: whether the state is a tuple of the three, or one tensor.
      reuse: whether variables are shared.

    Raises:
      TypeError: it is no cell.
      ValueError: the cell's state is a tuple and this one's is not, or a length is below 1.
    """

    def __init__(
        self,
        cell: Any,
        attn_length: int,
        attn_size: int | None = None,
        attn_vec_size: int | None = None,
        input_size: int | None = None,
        state_is_tuple: bool = True,
        reuse: Any = None,
    ) -> None:
        super().__init__(_reuse=reuse)
        assert_like_rnncell("cell", cell)
        if isinstance(cell.state_size, tuple | list) and not state_is_tuple:
            raise ValueError(
                f"Cell returns tuple of states, but the flag state_is_tuple is not set. State size "
                f"is: {cell.state_size}"
            )
        if attn_length <= 0:
            raise ValueError(f"attn_length should be greater than zero, got {attn_length}")
        self._cell = cell
        self._length = attn_length
        self._size = cell.output_size if attn_size is None else attn_size
        self._vec_size = cell.output_size if attn_vec_size is None else attn_vec_size
        self._input_size = input_size
        self._state_is_tuple = state_is_tuple

    @property
    def state_size(self) -> Any:
        """The sizes of the state."""
        sizes = (self._cell.state_size, self._size, self._size * self._length)
        return sizes if self._state_is_tuple else sum(sizes)

    @property
    def output_size(self) -> Any:
        """The size of the output."""
        return self._size

    def call(self, inputs: Any, state: Any) -> Any:
        """Return output and new state."""
        if self._state_is_tuple:
            inner, attended, kept = state
        else:
            inner, attended, kept = tf.split(
                state, [self._cell.state_size, self._size, self._size * self._length], axis=1
            )
        kept = tf.reshape(kept, [-1, self._length, self._size])
        size = inputs.shape.as_list()[1] if self._input_size is None else self._input_size
        projected = linear([inputs, attended], size)
        cell_output, new_inner = self._cell(projected, inner)
        query = new_inner
        if self._state_is_tuple:
            query = tf.concat(tf.contrib.framework.nest.flatten(new_inner), 1)
        attended, others = self._attended(query, kept)
        with tf.variable_scope("attn_output_projection"):
            output = linear([cell_output, attended], self._size)
        kept = tf.concat([others, tf.expand_dims(output, 1)], 1)
        kept = tf.reshape(kept, [-1, self._length * self._size])
        new_state: Any = (new_inner, attended, kept)
        return output, new_state if self._state_is_tuple else tf.concat(list(new_state), 1)

    def _attended(self, query: Any, kept: Any) -> tuple[Any, Any]:
        """Return a mean of the outputs that are kept, and all of them but the oldest."""
        with tf.variable_scope("attention"):
            shape = [1, 1, self._size, self._vec_size]
            weights = tf.get_variable("attn_w", shape, query.dtype)
            vector = tf.get_variable("attn_v", [self._vec_size], query.dtype)
            hidden = tf.reshape(kept, [-1, self._length, 1, self._size])
            features = tf.nn.conv2d(hidden, weights, [1, 1, 1, 1], "SAME")
            wanted = tf.reshape(linear(query, self._vec_size), [-1, 1, 1, self._vec_size])
            scores = tf.reduce_sum(vector * tf.tanh(features + wanted), [2, 3])
            shares = tf.reshape(tf.nn.softmax(scores), [-1, self._length, 1, 1])
            attended = tf.reshape(tf.reduce_sum(shares * hidden, [1, 2]), [-1, self._size])
            return attended, kept[:, 1:, :]


class HighwayWrapper(RNNCell):
    """A cell between whose input and output a gate chooses (Srivastava et al., 2015).

    Args:
      cell: the cell, of inputs and outputs of one size.
      couple_carry_transform_gates: whether what is carried is what is not transformed; the other
        way is not implemented.
      carry_bias_init: the first value of the bias of what is carried.

    Raises:
      NotImplementedError: the gates are not coupled.
    """

    def __init__(
        self,
        cell: Any,
        couple_carry_transform_gates: bool = True,
        carry_bias_init: float = 1.0,
    ) -> None:
        super().__init__()
        if not couple_carry_transform_gates:
            raise NotImplementedError(
                "HighwayWrapper with couple_carry_transform_gates=False is not implemented"
            )
        self._cell = cell
        self._carry_bias_init = carry_bias_init

    @property
    def state_size(self) -> Any:
        """The sizes of the cell's state."""
        return self._cell.state_size

    @property
    def output_size(self) -> Any:
        """The size of the cell's output."""
        return self._cell.output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Return zeros as a state; see `RNNCell`."""
        with tf.name_scope(f"{type(self).__name__}ZeroState"):
            return self._cell.zero_state(batch_size, dtype)

    def __call__(self, inputs: Any, state: Any, scope: Any = None, **kwargs: Any) -> Any:
        """Return the chosen mixture, and the new state.

        Raises:
          ValueError: input and output have other sizes.
        """
        outputs, new_state = self._cell(inputs, state, scope=scope, **kwargs)
        inputs.shape.assert_is_compatible_with(outputs.shape)
        with tf.variable_scope("carry_gate"):
            size = inputs.shape.as_list()[-1]
            weights = tf.get_variable("carry_w", [size, size], inputs.dtype)
            first = tf.constant_initializer(self._carry_bias_init)
            bias = tf.get_variable("carry_b", [size], inputs.dtype, initializer=first)
            carried = tf.sigmoid(tf.nn.xw_plus_b(inputs, weights, bias))
        return carried * inputs + (1 - carried) * outputs, new_state
