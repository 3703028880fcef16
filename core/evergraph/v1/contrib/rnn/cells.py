"""Cells of contrib: LSTM with layer normalization, block cells by their maths, NASCell, UGRNN."""

from __future__ import annotations

from typing import Any

from evergraph import v1 as tf
from evergraph.v1.contrib.layers.normalization import layer_norm
from evergraph.v1.rnn.cells import LayerRNNCell, LSTMStateTuple, RNNCell


def linear(inputs: Any, size: int, use_bias: bool = True, prefix: str = "") -> Any:
    """Return a product of matrices, joined along axis 1, with a kernel, plus a bias."""
    parts = inputs if isinstance(inputs, list | tuple) else [inputs]
    joined = parts[0] if len(parts) == 1 else tf.concat(list(parts), 1)
    depth = joined.shape.as_list()[1]
    if depth is None:
        raise ValueError(f"linear expects shape[1] to be provided for shape {joined.shape}")
    kernel = tf.get_variable(f"{prefix}kernel", [depth, size], dtype=joined.dtype)
    product = tf.matmul(joined, kernel)
    if not use_bias:
        return product
    bias = tf.get_variable(
        f"{prefix}bias", [size], dtype=joined.dtype, initializer=tf.zeros_initializer()
    )
    return tf.nn.bias_add(product, bias)


class LayerNormBasicLSTMCell(RNNCell):
    """An LSTM cell whose gates and memory are normalized, with dropout of what is written.

    Args:
      num_units: the size of the state.
      forget_bias: what is added to the gate that forgets.
      input_size: not used.
      activation: the function of what is written and shown.
      layer_norm: whether there is normalization.
      norm_gain, norm_shift: the first values of `gamma` and `beta`.
      dropout_keep_prob: how probable it is that an element of what is written is kept: a number or
        a scalar tensor.
      dropout_prob_seed: the seed of that.
      reuse: whether variables are shared.
    """

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        input_size: Any = None,
        activation: Any = tf.tanh,
        layer_norm: bool = True,
        norm_gain: float = 1.0,
        norm_shift: float = 0.0,
        dropout_keep_prob: Any = 1.0,
        dropout_prob_seed: int | None = None,
        reuse: Any = None,
    ) -> None:
        del input_size
        super().__init__(_reuse=reuse)
        self._num_units = num_units
        self._forget_bias = forget_bias
        self._activation = activation
        self._layer_norm = layer_norm
        self._first = {"gamma": norm_gain, "beta": norm_shift}
        self._keep_prob = dropout_keep_prob
        self._seed = dropout_prob_seed

    @property
    def state_size(self) -> Any:
        """The sizes of the state."""
        return LSTMStateTuple(self._num_units, self._num_units)

    @property
    def output_size(self) -> Any:
        """The size of the output."""
        return self._num_units

    def call(self, inputs: Any, state: Any) -> Any:
        """Return output and new state."""
        c, h = state
        gates = linear([inputs, h], 4 * self._num_units, use_bias=not self._layer_norm)
        parts = tf.split(gates, 4, axis=1)
        names = ("input", "transform", "forget", "output")
        i, j, f, o = (self._normalized(x, n) for x, n in zip(parts, names, strict=True))
        written = self._activation(j)
        if not isinstance(self._keep_prob, float) or self._keep_prob < 1:
            written = tf.nn.dropout(written, self._keep_prob, seed=self._seed)
        new_c = c * tf.sigmoid(f + self._forget_bias) + tf.sigmoid(i) * written
        new_c = self._normalized(new_c, "state")
        new_h = self._activation(new_c) * tf.sigmoid(o)
        return new_h, LSTMStateTuple(new_c, new_h)

    def _normalized(self, x: Any, name: str) -> Any:
        if not self._layer_norm:
            return x
        with tf.variable_scope(name):
            for part, value in self._first.items():
                first = tf.constant_initializer(value)
                tf.get_variable(part, x.shape[-1:], dtype=x.dtype, initializer=first)
        return layer_norm(x, reuse=True, scope=name)


class LSTMBlockCell(LayerRNNCell):
    """An LSTM cell as the fused op of that name computes it.

    Args:
      num_units: the size of the state.
      forget_bias: what is added to the gate that forgets.
      cell_clip: the bound of the memory's values, or None.
      use_peephole: whether gates see the memory.
      dtype: the type of the variables.
      reuse: whether variables of that name are shared.
      name: the name of the layer.
    """

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        cell_clip: float | None = None,
        use_peephole: bool = False,
        dtype: Any = None,
        reuse: Any = None,
        name: str = "lstm_cell",
    ) -> None:
        super().__init__(dtype=dtype, _reuse=reuse, name=name)
        self._num_units = num_units
        self._forget_bias = forget_bias
        self._cell_clip = cell_clip
        self._use_peephole = use_peephole

    @property
    def state_size(self) -> Any:
        """The sizes of the state."""
        return LSTMStateTuple(self._num_units, self._num_units)

    @property
    def output_size(self) -> Any:
        """The size of the output."""
        return self._num_units

    def build(self, input_shape: Any) -> None:
        """Make kernel, bias and peepholes.

        Raises:
          ValueError: the size of the inputs is not known.
        """
        units = self._num_units
        depth = self._input_depth(input_shape)
        self._kernel = self.add_weight("kernel", [depth + units, 4 * units])
        self._bias = self._bias_of("bias", 4 * units)
        if self._use_peephole:
            names = ("w_i_diag", "w_f_diag", "w_o_diag")
            self._peepholes = [self.add_weight(name, [units]) for name in names]
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        """Return output and new state."""
        c, h = state
        gates = tf.nn.bias_add(tf.matmul(tf.concat([inputs, h], 1), self._kernel), self._bias)
        i, j, f, o = tf.split(gates, 4, axis=1)
        f += self._forget_bias
        if self._use_peephole:
            i += self._peepholes[0] * c
            f += self._peepholes[1] * c
        new_c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(j)
        if self._cell_clip is not None and self._cell_clip > 0:
            new_c = tf.clip_by_value(new_c, -self._cell_clip, self._cell_clip)
        if self._use_peephole:
            o += self._peepholes[2] * new_c
        new_h = tf.tanh(new_c) * tf.sigmoid(o)
        return new_h, LSTMStateTuple(new_c, new_h)


class GRUBlockCellV2(tf.nn.rnn_cell.GRUCell):  # type: ignore[misc]  # the namespace is lazy
    """A GRU cell as the fused op of that name computes it; see `tf.nn.rnn_cell.GRUCell`.

    Args:
      num_units, cell_size: the size of the state, under its new and its old name.
      reuse: whether variables of that name are shared.
      name: the name of the layer.

    Raises:
      ValueError: there are two sizes, or none.
    """

    def __init__(
        self,
        num_units: int | None = None,
        cell_size: int | None = None,
        reuse: Any = None,
        name: str = "gru_cell",
    ) -> None:
        if (num_units is None) is (cell_size is None):
            raise ValueError("Exactly one of num_units or cell_size must be provided.")
        super().__init__(num_units or cell_size, reuse=reuse, name=name)


class NASCell(RNNCell):
    """The cell that Zoph and Le (2017) found by a search for architectures.

    Args:
      num_units: the size of the memory.
      num_proj: the size of the output, which is projected; None for no projection.
      use_bias: whether there is a bias.
      reuse: whether variables are shared.
    """

    def __init__(
        self, num_units: int, num_proj: int | None = None, use_bias: bool = False, reuse: Any = None
    ) -> None:
        super().__init__(_reuse=reuse)
        self._num_units = num_units
        self._num_proj = num_proj
        self._use_bias = use_bias

    @property
    def state_size(self) -> Any:
        """The sizes of the state."""
        return LSTMStateTuple(self._num_units, self.output_size)

    @property
    def output_size(self) -> Any:
        """The size of the output."""
        return self._num_proj or self._num_units

    def call(self, inputs: Any, state: Any) -> Any:
        """Return output and new state.

        Raises:
          ValueError: the size of the inputs is not known.
        """
        c, h = state
        units = self._num_units
        depth = inputs.shape.with_rank(2).as_list()[1]
        if depth is None:
            raise ValueError("Could not infer input size from inputs.get_shape()[-1]")
        of_state = tf.get_variable("recurrent_kernel", [self.output_size, 8 * units], inputs.dtype)
        of_inputs = tf.get_variable("kernel", [depth, 8 * units], inputs.dtype)
        left, right = tf.matmul(inputs, of_inputs), tf.matmul(h, of_state)
        if self._use_bias:
            zeros = tf.zeros_initializer()
            bias = tf.get_variable("bias", [8 * units], inputs.dtype, initializer=zeros)
            right = tf.nn.bias_add(right, bias)
        x, y = tf.split(left, 8, axis=1), tf.split(right, 8, axis=1)
        first = [
            tf.sigmoid(x[0] + y[0]),
            tf.nn.relu(x[1] + y[1]),
            tf.sigmoid(x[2] + y[2]),
            tf.nn.relu(x[3] * y[3]),
            tf.tanh(x[4] + y[4]),
            tf.sigmoid(x[5] + y[5]),
            tf.tanh(x[6] + y[6]),
            tf.sigmoid(x[7] + y[7]),
        ]
        written = tf.tanh(first[0] * first[1])
        kept = tf.tanh(first[2] + first[3])
        third, fourth = tf.tanh(first[4] * first[5]), tf.sigmoid(first[6] + first[7])
        new_c = tf.tanh(written + c) * kept
        new_h = tf.tanh(new_c * tf.tanh(third + fourth))
        if self._num_proj is not None:
            shape = [units, self._num_proj]
            new_h = tf.matmul(new_h, tf.get_variable("projection_weights", shape, inputs.dtype))
        return new_h, LSTMStateTuple(new_c, new_h)


class UGRNNCell(RNNCell):
    """A cell between an LSTM and a basic one: one gate says what is kept (Collins et al., 2017).

    Args:
      num_units: the size of the state.
      initializer: of the kernel; see `tf.get_variable`.
      forget_bias: what is added to the gate.
      activation: the function of the candidate.
      reuse: whether variables are shared.
    """

    def __init__(
        self,
        num_units: int,
        initializer: Any = None,
        forget_bias: float = 1.0,
        activation: Any = tf.tanh,
        reuse: Any = None,
    ) -> None:
        super().__init__(_reuse=reuse)
        self._num_units = num_units
        self._initializer = initializer
        self._forget_bias = forget_bias
        self._activation = activation

    @property
    def state_size(self) -> Any:
        """The size of the state."""
        return self._num_units

    @property
    def output_size(self) -> Any:
        """The size of the output."""
        return self._num_units

    def call(self, inputs: Any, state: Any) -> Any:
        """Return output and new state."""
        with tf.variable_scope(tf.get_variable_scope(), initializer=self._initializer):
            both = linear([inputs, state], 2 * self._num_units)
        gate, candidate = tf.split(both, 2, axis=1)
        gate = tf.sigmoid(gate + self._forget_bias)
        new = gate * state + (1.0 - gate) * self._activation(candidate)
        return new, new
