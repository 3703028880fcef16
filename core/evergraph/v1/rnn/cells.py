"""Recurrent cells: basic ones, LSTM, GRU, and stacks of cells."""

from __future__ import annotations

from typing import Any, NamedTuple

from evergraph.dtypes import as_dtype
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.operators import matmul, node
from evergraph.graph.slicing import concat
from evergraph.graph.slicing import shape as shape_of
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape
from evergraph.v1 import nest
from evergraph.v1.activations import bias_add
from evergraph.v1.arithmetic import sigmoid
from evergraph.v1.clipping import clip_by_value
from evergraph.v1.framework import get_static_value, name_scope
from evergraph.v1.init_ops import constant_initializer, zeros_initializer
from evergraph.v1.layers.base import InputSpec, Layer
from evergraph.v1.partitions import PartitionedVariable, fixed_size_partitioner
from evergraph.v1.rnn.states import zero_states
from evergraph.v1.shaping import slice as slice_of
from evergraph.v1.shaping import split
from evergraph.v1.variable_lists import trainable_variables
from evergraph.v1.variable_scopes import get_variable_scope, variable_scope


class RNNCell(Layer):
    """One step of a recurrent network: from an input and a state to an output and a state.

    A class of one's own has `state_size`, `output_size`, and `call(inputs, state)`, which makes
    variables by `tf.get_variable`, or in `build`.

    Args:
      trainable, name, dtype, kwargs: see `tf.layers.Layer`.
    """

    def __init__(
        self, trainable: bool = True, name: Any = None, dtype: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(trainable=trainable, name=name, dtype=dtype, **kwargs)
        self._entered: Any = None

    def __call__(self, inputs: Any, state: Any, scope: Any = None, **kwargs: Any) -> Any:
        """Return output and new state.

        Args:
          inputs: a tensor of shape [batch, size], or a structure of such.
          state: the state, as `state_size` says.
          scope: the variable scope, by default named after the class.
          kwargs: what else `call` takes.
        """
        if scope is not None:
            with variable_scope(scope, custom_getter=self._kept) as found:
                return super().__call__(inputs, state, scope=found, **kwargs)
        if self._entered is None:
            self._entered = variable_scope(get_variable_scope(), custom_getter=self._kept)
        with self._entered:
            return super().__call__(inputs, state, **kwargs)

    def _kept(self, getter: Any, *args: Any, **kwargs: Any) -> Any:
        """Return what the getter returns, and keep it as a weight."""
        variable = getter(*args, **kwargs)
        if all(variable is not other for other, _ in self._weights):
            first = next(iter(variable)) if isinstance(variable, PartitionedVariable) else variable
            self._weights.append((variable, any(first is v for v in trainable_variables())))
        return variable

    @property
    def state_size(self) -> Any:
        """The sizes of the state: a number, a shape, or a structure of these."""
        raise NotImplementedError("Abstract method")

    @property
    def output_size(self) -> Any:
        """The size of the output, as those of the state."""
        raise NotImplementedError("Abstract method")

    def get_initial_state(
        self, inputs: Any = None, batch_size: Any = None, dtype: Any = None
    ) -> Any:
        """Return zeros as a state.

        Args:
          inputs: a tensor that has the batch's size and the type; or None.
          batch_size: the size of the batch, if there are no inputs.
          dtype: the type, if there are no inputs.

        Raises:
          ValueError: they are not known, or given twice and not the same.
        """
        if inputs is not None:
            inputs = convert_to_tensor(inputs, name="inputs")
            known = inputs.shape.as_list()[0]
            if batch_size is not None:
                given = batch_size
                if isinstance(batch_size, Tensor):
                    given = get_static_value(batch_size, partial=True)
                if known != given:
                    raise ValueError(
                        "batch size from input tensor is different from the input param. Input "
                        f"tensor batch: {known}, batch_size: {batch_size}"
                    )
            if dtype is not None and inputs.dtype != dtype:
                raise ValueError(
                    "dtype from input tensor is different from the input param. Input tensor "
                    f"dtype: {inputs.dtype}, dtype: {dtype}"
                )
            batch_size = known or shape_of(inputs)[0]
            dtype = inputs.dtype
        if batch_size is None or dtype is None:
            raise ValueError(
                "batch_size and dtype cannot be None while constructing initial state: "
                f"batch_size={batch_size}, dtype={dtype}"
            )
        return self.zero_state(batch_size, dtype)

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Return zeros as a state.

        Args:
          batch_size: a number or a scalar tensor.
          dtype: the type.
        """
        with name_scope(f"{type(self).__name__}ZeroState"):
            return zero_states(self.state_size, batch_size, dtype)


class LayerRNNCell(RNNCell):
    """A cell that makes its variables in `build`."""

    def __init__(self, activation: Any = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(dtype=dtype, **kwargs)
        _check_dtype(self.dtype)
        self.input_spec = InputSpec(ndim=2)
        self._activation = activation or _tanh

    def __call__(self, inputs: Any, state: Any, scope: Any = None, **kwargs: Any) -> Any:
        """Return output and new state; see `RNNCell`."""
        return Layer.__call__(self, inputs, state, scope=scope, **kwargs)

    def _input_depth(self, input_shape: Any) -> int:
        _check_dtype(self.dtype)
        shape = TensorShape(input_shape).as_list()
        depth = shape[-1]
        if depth is None:
            raise ValueError(
                f"Expected inputs.shape[-1] to be known, received shape: {tuple(shape)}"
            )
        return depth

    def _bias_of(self, name: str, size: int, value: float = 0.0) -> Any:
        """Return a new bias."""
        first = constant_initializer(value, self.dtype) if value else zeros_initializer(self.dtype)
        return self.add_weight(name, shape=[size], initializer=first)


class BasicRNNCell(LayerRNNCell):
    """The output, which is the state as well, is a function of input and state.

    Args:
      num_units: the size of the state.
      activation: the function; tanh by default.
      reuse: whether variables of that name are shared.
      name, dtype, kwargs: see `tf.layers.Layer`.
    """

    def __init__(
        self,
        num_units: int,
        activation: Any = None,
        reuse: bool | None = None,
        name: Any = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activation, dtype, _reuse=reuse, name=name, **kwargs)
        self._num_units = num_units

    @property
    def state_size(self) -> Any:
        """The size of the state."""
        return self._num_units

    @property
    def output_size(self) -> Any:
        """The size of the output."""
        return self._num_units

    def build(self, input_shape: Any) -> None:
        """Make kernel and bias.

        Raises:
          ValueError: the size of the inputs is not known.
        """
        depth = self._input_depth(input_shape)
        units = self._num_units
        self._kernel = self.add_weight("kernel", shape=[depth + units, units])
        self._bias = self._bias_of("bias", units)
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        """Return output and new state."""
        _check_dtypes([inputs, state])
        output = self._activation(_gates(inputs, state, self._kernel, self._bias))
        return output, output


class GRUCell(LayerRNNCell):
    """A cell with gates that say how much of the state is kept.

    Args:
      num_units: the size of the state.
      activation: the function of the candidate; tanh by default.
      reuse: whether variables of that name are shared.
      kernel_initializer, bias_initializer: see `tf.get_variable`; biases of gates are 1 by default.
      name, dtype, kwargs: see `tf.layers.Layer`.
    """

    def __init__(
        self,
        num_units: int,
        activation: Any = None,
        reuse: bool | None = None,
        kernel_initializer: Any = None,
        bias_initializer: Any = None,
        name: Any = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activation, dtype, _reuse=reuse, name=name, **kwargs)
        self._num_units = num_units
        self._kernel_initializer = kernel_initializer
        self._bias_initializer = bias_initializer

    @property
    def state_size(self) -> Any:
        """The size of the state."""
        return self._num_units

    @property
    def output_size(self) -> Any:
        """The size of the output."""
        return self._num_units

    def build(self, input_shape: Any) -> None:
        """Make the kernels and biases of gates and candidate.

        Raises:
          ValueError: the size of the inputs is not known.
        """
        depth = self._input_depth(input_shape)
        made = []
        for part, size, value in (
            ("gates", 2 * self._num_units, 1.0),
            ("candidate", self._num_units, 0.0),
        ):
            made.append(
                self.add_weight(
                    f"{part}/kernel",
                    shape=[depth + self._num_units, size],
                    initializer=self._kernel_initializer,
                )
            )
            if self._bias_initializer is None:
                made.append(self._bias_of(f"{part}/bias", size, value))
            else:
                first = self._bias_initializer
                made.append(self.add_weight(f"{part}/bias", shape=[size], initializer=first))
        self._gate_kernel, self._gate_bias, self._candidate_kernel, self._candidate_bias = made
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        """Return output and new state."""
        _check_dtypes([inputs, state])
        gates = sigmoid(_gates(inputs, state, self._gate_kernel, self._gate_bias))
        reset, update = split(value=gates, num_or_size_splits=2, axis=1)
        kept = reset * state
        candidate = self._activation(
            _gates(inputs, kept, self._candidate_kernel, self._candidate_bias)
        )
        new = update * state + (1 - update) * candidate
        return new, new


class LSTMStateTuple(NamedTuple):
    """The state of an LSTM cell.

    Attributes:
      c: its memory.
      h: its output.
    """

    c: Any
    h: Any

    @property
    def dtype(self) -> Any:
        """The type of both.

        Raises:
          TypeError: they are of two types.
        """
        if self.c.dtype != self.h.dtype:
            raise TypeError(
                f"Inconsistent dtypes for internal state: {self.c.dtype} vs {self.h.dtype}"
            )
        return self.c.dtype


class BasicLSTMCell(LayerRNNCell):
    """A cell with a memory, which gates write, forget and show.

    Args:
      num_units: the size of the state.
      forget_bias: what is added to the gate that forgets.
      state_is_tuple: whether a state is an `LSTMStateTuple`, or one tensor.
      activation: the function of what is written and shown; tanh by default.
      reuse: whether variables of that name are shared.
      name, dtype, kwargs: see `tf.layers.Layer`.
    """

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        state_is_tuple: bool = True,
        activation: Any = None,
        reuse: bool | None = None,
        name: Any = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activation, dtype, _reuse=reuse, name=name, **kwargs)
        self._num_units = num_units
        self._forget_bias = forget_bias
        self._state_is_tuple = state_is_tuple

    @property
    def state_size(self) -> Any:
        """The sizes of the state."""
        units = self._num_units
        return LSTMStateTuple(units, units) if self._state_is_tuple else 2 * units

    @property
    def output_size(self) -> Any:
        """The size of the output."""
        return self._num_units

    def build(self, input_shape: Any) -> None:
        """Make kernel and bias.

        Raises:
          ValueError: the size of the inputs is not known.
        """
        depth = self._input_depth(input_shape)
        units = self._num_units
        self._kernel = self.add_weight("kernel", shape=[depth + units, 4 * units])
        self._bias = self._bias_of("bias", 4 * units)
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        """Return output and new state."""
        _check_dtypes([inputs, state])
        # TF: the axis is a tensor here, and is shared.
        one = constant(1)
        if self._state_is_tuple:
            c, h = state
        else:
            c, h = split(value=state, num_or_size_splits=2, axis=one)
        gates = _gates(inputs, h, self._kernel, self._bias)
        i, j, f, o = split(value=gates, num_or_size_splits=4, axis=one)
        forget_bias = constant(self._forget_bias, f.dtype)
        forgotten = node("Mul", x=c, y=sigmoid(node("AddV2", "Add", x=f, y=forget_bias)))
        written = node("Mul", x=sigmoid(i), y=self._activation(j))
        new_c = node("AddV2", "Add", x=forgotten, y=written)
        new_h = node("Mul", x=self._activation(new_c), y=sigmoid(o))
        if self._state_is_tuple:
            return new_h, LSTMStateTuple(new_c, new_h)
        return new_h, concat([new_c, new_h], 1)


class LSTMCell(LayerRNNCell):
    """An LSTM cell with peepholes, a projection of the output, and bounds.

    Args:
      num_units: the size of the memory.
      use_peepholes: whether gates see the memory.
      cell_clip: the bound of the memory's values, or None.
      initializer: of the weights; see `tf.get_variable`.
      num_proj: the size of the output, which is projected; None for no projection.
      proj_clip: the bound of the output's values, or None.
      num_unit_shards, num_proj_shards: into how many parts variables are divided.
      forget_bias, state_is_tuple, activation, reuse, name, dtype, kwargs: see `BasicLSTMCell`.
    """

    def __init__(
        self,
        num_units: int,
        use_peepholes: bool = False,
        cell_clip: float | None = None,
        initializer: Any = None,
        num_proj: int | None = None,
        proj_clip: float | None = None,
        num_unit_shards: int | None = None,
        num_proj_shards: int | None = None,
        forget_bias: float = 1.0,
        state_is_tuple: bool = True,
        activation: Any = None,
        reuse: bool | None = None,
        name: Any = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activation, dtype, _reuse=reuse, name=name, **kwargs)
        self._num_units = num_units
        self._use_peepholes = use_peepholes
        self._cell_clip = cell_clip
        self._initializer = initializer
        self._num_proj = num_proj
        self._proj_clip = proj_clip
        self._num_unit_shards = num_unit_shards
        self._num_proj_shards = num_proj_shards
        self._forget_bias = forget_bias
        self._state_is_tuple = state_is_tuple

    @property
    def state_size(self) -> Any:
        """The sizes of the state."""
        sizes = (self._num_units, self.output_size)
        return LSTMStateTuple(*sizes) if self._state_is_tuple else sum(sizes)

    @property
    def output_size(self) -> Any:
        """The size of the output."""
        return self._num_proj or self._num_units

    def _weight(self, name: str, shape: list[int], shards: int | None = None) -> Any:
        return self.add_weight(
            name,
            shape=shape,
            initializer=self._initializer,
            partitioner=None if shards is None else fixed_size_partitioner(shards),
        )

    def build(self, input_shape: Any) -> None:
        """Make the variables.

        Raises:
          ValueError: the size of the inputs is not known.
        """
        depth = self._input_depth(input_shape)
        units = self._num_units
        rows = depth + self.output_size
        self._kernel = self._weight("kernel", [rows, 4 * units], self._num_unit_shards)
        self._bias = self._bias_of("bias", 4 * units)
        if self._use_peepholes:
            self._w_f_diag = self._weight("w_f_diag", [units])
            self._w_i_diag = self._weight("w_i_diag", [units])
            self._w_o_diag = self._weight("w_o_diag", [units])
        if self._num_proj is not None:
            shape = [units, self._num_proj]
            self._proj_kernel = self._weight("projection/kernel", shape, self._num_proj_shards)
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        """Return output and new state.

        Raises:
          ValueError: the size of the inputs is not known.
        """
        _check_dtypes([inputs, state])
        c, m = self._parts(state)
        if inputs.shape.with_rank(2).as_list()[1] is None:
            raise ValueError(
                "Could not infer input size from inputs.get_shape()[-1].Received input shape: "
                f"{inputs.shape}"
            )
        gates = _gates(inputs, m, self._kernel, self._bias)
        i, j, f, o = split(value=gates, num_or_size_splits=4, axis=1)
        f = f + self._forget_bias
        if self._use_peepholes:
            f = f + self._w_f_diag * c
            kept = sigmoid(f) * c
            i = i + self._w_i_diag * c
        else:
            kept = sigmoid(f) * c
        c = kept + sigmoid(i) * self._activation(j)
        if self._cell_clip is not None:
            c = clip_by_value(c, -self._cell_clip, self._cell_clip)
        if self._use_peepholes:
            o = o + self._w_o_diag * c
        m = sigmoid(o) * self._activation(c)
        if self._num_proj is not None:
            m = matmul(m, self._proj_kernel)
            if self._proj_clip is not None:
                m = clip_by_value(m, -self._proj_clip, self._proj_clip)
        return m, LSTMStateTuple(c, m) if self._state_is_tuple else concat([c, m], 1)

    def _parts(self, state: Any) -> Any:
        if self._state_is_tuple:
            return state
        units = self._num_units
        c = slice_of(state, [0, 0], [-1, units])
        return c, slice_of(state, [0, units], [-1, self.output_size])


class MultiRNNCell(RNNCell):
    """A stack of cells: each takes the output of the one before.

    Args:
      cells: the cells.
      state_is_tuple: whether a state is a tuple of those of the cells, or one tensor.

    Raises:
      ValueError: there are no cells, or their states cannot be one tensor.
      TypeError: they are no list or tuple.
    """

    def __init__(self, cells: Any, state_is_tuple: bool = True) -> None:
        super().__init__()
        if not cells:
            raise ValueError("Must specify at least one cell for MultiRNNCell.")
        if not nest.is_nested(cells):
            raise TypeError(f"cells must be a list or tuple, but received: {cells}.")
        self._cells = cells
        self._state_is_tuple = state_is_tuple
        if not state_is_tuple and any(nest.is_nested(cell.state_size) for cell in cells):
            raise ValueError(
                "Some cells return tuples of states, but the flag state_is_tuple is not set. "
                f"State sizes are: {[cell.state_size for cell in cells]}"
            )

    @property
    def state_size(self) -> Any:
        """The sizes of the state."""
        sizes = tuple(cell.state_size for cell in self._cells)
        return sizes if self._state_is_tuple else sum(sizes)

    @property
    def output_size(self) -> Any:
        """The size of the output: that of the last cell."""
        return self._cells[-1].output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Return zeros as a state; see `RNNCell`."""
        with name_scope(f"{type(self).__name__}ZeroState"):
            if self._state_is_tuple:
                return tuple(cell.zero_state(batch_size, dtype) for cell in self._cells)
            return super().zero_state(batch_size, dtype)

    @property
    def trainable_weights(self) -> list[Any]:
        """The variables of the cells that are for the optimizer."""
        return self._of_cells("trainable_weights") if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Any]:
        """The other variables of the cells."""
        others = self._of_cells("non_trainable_weights")
        return others if self.trainable else self._of_cells("trainable_weights") + others

    def _of_cells(self, what: str) -> list[Any]:
        layers = [cell for cell in self._cells if isinstance(cell, Layer)]
        return [variable for layer in layers for variable in getattr(layer, what)]

    def call(self, inputs: Any, state: Any) -> Any:
        """Return the output of the last cell, and the new states of all.

        Raises:
          ValueError: the state is no tuple though it must be.
        """
        if self._state_is_tuple and not nest.is_nested(state):
            raise ValueError(
                f"Expected state to be a tuple of length {len(self.state_size)}, but received: "
                f"{state}"
            )
        position = 0
        states = []
        for i, cell in enumerate(self._cells):
            with variable_scope(f"cell_{i}"):
                if self._state_is_tuple:
                    part = state[i]
                else:
                    part = slice_of(state, [0, position], [-1, cell.state_size])
                    position += cell.state_size
                inputs, new = cell(inputs, part)
                states.append(new)
        return inputs, tuple(states) if self._state_is_tuple else concat(states, 1)


def _gates(inputs: Any, state: Any, kernel: Any, bias: Any) -> Any:
    """Return the product of input and state with a kernel, plus a bias."""
    return bias_add(matmul(concat([inputs, state], 1), kernel), bias)


def _tanh(x: Any) -> Any:
    return node("Tanh", x=x)


def _check_dtypes(tensors: Any) -> None:
    for tensor in nest.flatten(tensors):
        _check_dtype(tensor.dtype)


def _check_dtype(dtype: Any) -> None:
    """Fail if a type is not one that cells compute with.

    Raises:
      ValueError: it is no floating-point type.
    """
    if dtype is None:
        return
    found = as_dtype(dtype)
    if not (found.is_floating or found.is_complex):
        raise ValueError(
            f"RNN cell only supports floating point inputs, but received dtype: {found}"
        )
