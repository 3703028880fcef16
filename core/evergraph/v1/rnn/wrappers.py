"""Cells around a cell: dropout, residual connections, devices."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any

from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.inference import constant_value
from evergraph.graph.operators import node
from evergraph.graph.slicing import concat
from evergraph.shapes import TensorShape
from evergraph.v1 import nest
from evergraph.v1.arithmetic import divide
from evergraph.v1.dropping import dropout
from evergraph.v1.framework import device, name_scope
from evergraph.v1.random_ops import random_uniform
from evergraph.v1.rnn.cells import LSTMStateTuple, RNNCell


def assert_like_rnncell(cell_name: str, cell: Any) -> None:
    """Fail if something is no cell.

    Raises:
      TypeError: it lacks sizes or a state, or cannot be called.
    """
    sizes = ("output_size", "state_size")
    missing = [f"{name!r} property is missing" for name in sizes if not _has(cell, name)]
    if not (_has(cell, "zero_state") or _has(cell, "get_initial_state")):
        missing.append("either 'zero_state' or 'get_initial_state' method is required")
    if not callable(cell):
        missing.append("is not callable")
    if missing:
        raise TypeError(
            f"The argument {cell_name!r} ({cell}) is not an RNNCell: {', '.join(missing)}."
        )


def _has(cell: Any, name: str) -> bool:
    """Whether something has an attribute; a property that is not implemented is one."""
    try:
        getattr(cell, name)
    except AttributeError:
        return False
    except NotImplementedError:
        return True
    return True


class _Wrapper(RNNCell):
    """What wrappers share.

    Args:
      cell: the cell.
      kwargs: see `tf.layers.Layer`.

    Raises:
      TypeError: it is no cell.
    """

    def __init__(self, cell: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        assert_like_rnncell("cell", cell)
        self.cell = cell

    @property
    def wrapped_cell(self) -> Any:
        """The cell inside."""
        return self.cell

    @property
    def state_size(self) -> Any:
        """The sizes of the cell's state."""
        return self.cell.state_size

    @property
    def output_size(self) -> Any:
        """The size of the cell's output."""
        return self.cell.output_size

    def build(self, input_shape: Any) -> None:
        """Build the cell."""
        self.cell.build(input_shape)
        self.built = True

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Return zeros as a state; see `RNNCell`."""
        with name_scope(f"{type(self).__name__}ZeroState"):
            return self.cell.zero_state(batch_size, dtype)


class DropoutWrapper(_Wrapper):
    """A cell of whose inputs, outputs and states elements become zero at random.

    Args:
      cell: the cell.
      input_keep_prob, output_keep_prob, state_keep_prob: how probable it is that an element is
        kept: numbers or scalar tensors.
      variational_recurrent: whether the same elements are dropped at each step.
      input_size: the sizes of inputs, for that.
      dtype: the type, for that.
      seed: the seed.
      dropout_state_filter_visitor: a function from a part of a state to whether it is dropped: a
        bool, or a structure of such; by default not the memory of an LSTM.
      kwargs: see `tf.layers.Layer`.

    Raises:
      TypeError: it is no cell, or the filter cannot be called.
      ValueError: a probability is not in [0, 1], or something is missing.
    """

    def __init__(
        self,
        cell: Any,
        input_keep_prob: Any = 1.0,
        output_keep_prob: Any = 1.0,
        state_keep_prob: Any = 1.0,
        variational_recurrent: bool = False,
        input_size: Any = None,
        dtype: Any = None,
        seed: Any = None,
        dropout_state_filter_visitor: Callable[[Any], Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(cell, dtype=dtype, **kwargs)
        if dropout_state_filter_visitor is not None and not callable(dropout_state_filter_visitor):
            raise TypeError(
                "dropout_state_filter_visitor must be callable. Received: "
                f"{dropout_state_filter_visitor}"
            )
        self._filter = dropout_state_filter_visitor or _but_the_memory
        self._seed = seed
        given = {"input": input_keep_prob, "state": state_keep_prob, "output": output_keep_prob}
        with name_scope("DropoutWrapperInit"):
            self._keep = {
                what: _probability(f"{what}_keep_prob", value) for what, value in given.items()
            }
        self._noise: dict[str, Any] | None = None
        if variational_recurrent:
            self._noise = self._variational_noise(input_size, dtype)

    def _variational_noise(self, input_size: Any, dtype: Any) -> dict[str, Any]:
        if dtype is None:
            raise ValueError("When variational_recurrent=True, dtype must be provided")
        sizes = {"state": self.cell.state_size, "output": self.cell.output_size}
        if self._drops("input"):
            if input_size is None:
                raise ValueError(
                    "When variational_recurrent=True and input_keep_prob < 1.0 or is unknown, "
                    "input_size must be provided"
                )
            sizes = {"input": input_size, **sizes}

        def noise(what: str, i: int, size: Any) -> Any:
            shape = TensorShape([size] if isinstance(size, int) else size).as_list()
            return random_uniform(concat(([1], shape), 0), seed=self._seed_of(what, i), dtype=dtype)

        return {what: _numbered(size, partial(noise, what)) for what, size in sizes.items()}

    def _seed_of(self, what: str, i: int) -> int | None:
        if self._seed is None:
            return None
        text = f"{self._seed}{what}_{i}".encode()
        return int(hashlib.md5(text, usedforsecurity=False).hexdigest()[:8], 16) & 0x7FFFFFFF

    def _drops(self, what: str) -> bool:
        keep = self._keep[what]
        return not isinstance(keep, float) or keep < 1

    def _dropped(self, what: str, values: Any, wanted: Any = True) -> Any:
        """Return values, elements of which are dropped where that is wanted."""
        if not self._drops(what):
            return values
        keep = self._keep[what]
        flat = nest.flatten(values)
        chosen = _spread(wanted, values)
        noises = [None] * len(flat) if self._noise is None else nest.flatten(self._noise[what])
        found = []
        for i, (value, noise, choice) in enumerate(zip(flat, noises, chosen, strict=True)):
            if not choice:
                found.append(value)
            elif noise is None:
                found.append(dropout(value, rate=1.0 - keep, seed=self._seed_of(what, i)))
            else:
                mask = node("Floor", x=keep + noise)
                kept = divide(value, keep) * mask
                kept.set_shape(value.shape)
                found.append(kept)
        return nest.pack_sequence_as(values, found)

    def __call__(self, inputs: Any, state: Any, scope: Any = None, **kwargs: Any) -> Any:
        """Return output and new state of the cell, elements of which are dropped."""
        inputs = self._dropped("input", inputs)
        output, new_state = self.cell(inputs, state, scope=scope, **kwargs)
        new_state = self._dropped("state", new_state, self._filter)
        return self._dropped("output", output), new_state


def _but_the_memory(part: Any) -> Any:
    """Return what of a state is dropped: all but the memory of an LSTM."""
    if isinstance(part, LSTMStateTuple):
        return LSTMStateTuple(c=False, h=True)
    return True


def _spread(wanted: Any, values: Any) -> list[bool]:
    """Return for each leaf whether it is wanted: a bool, or a function as a filter is."""
    choice = wanted(values) if callable(wanted) else wanted
    if not nest.is_nested(values):
        return [bool(choice)]
    if isinstance(choice, bool):
        if not choice or not callable(wanted):
            return [choice] * len(nest.flatten(values))
        parts = values.values() if isinstance(values, dict) else values
        return [leaf for part in parts for leaf in _spread(wanted, part)]
    return [bool(leaf) for leaf in nest.flatten(choice)]


def _numbered(structure: Any, function: Callable[[int, Any], Any]) -> Any:
    """Apply a function to each leaf and its number."""
    leaves = [function(i, leaf) for i, leaf in enumerate(nest.flatten(structure))]
    return nest.pack_sequence_as(structure, leaves)


def _probability(name: str, value: Any) -> Any:
    """Return a probability as a float, or as a tensor if its value is not known.

    Raises:
      ValueError: it is not in [0, 1].
    """
    tensor = convert_to_tensor(value)
    known = constant_value(tensor)
    if known is None:
        return tensor
    if known < 0 or known > 1:
        raise ValueError(f"Parameter {name} must be between 0 and 1. Received {known}")
    return float(known)


class ResidualWrapper(_Wrapper):
    """A cell whose output is added to its input.

    Args:
      cell: the cell.
      residual_fn: what is done instead: a function of inputs and outputs.
      kwargs: see `tf.layers.Layer`.
    """

    def __init__(
        self, cell: Any, residual_fn: Callable[[Any, Any], Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(cell, **kwargs)
        self._residual_fn = residual_fn or _sums

    def __call__(self, inputs: Any, state: Any, scope: Any = None, **kwargs: Any) -> Any:
        """Return the sum of input and output, and the new state.

        Raises:
          ValueError: input and output have other shapes.
        """
        output, new_state = self.cell(inputs, state, scope=scope, **kwargs)
        return self._residual_fn(inputs, output), new_state


def _sums(inputs: Any, outputs: Any) -> Any:
    def total(one: Any, other: Any) -> Any:
        TensorShape(one.shape).assert_is_compatible_with(other.shape)
        return one + other

    nest.assert_same_structure(inputs, outputs)
    return nest.map_structure(total, inputs, outputs)


class DeviceWrapper(_Wrapper):
    """A cell on a device.

    Args:
      cell: the cell.
      device: the device, or a function; see `tf.device`.
      kwargs: see `tf.layers.Layer`.
    """

    def __init__(self, cell: Any, device: Any, **kwargs: Any) -> None:
        super().__init__(cell, **kwargs)
        self._device = device

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Return zeros as a state; see `RNNCell`."""
        with name_scope(f"{type(self).__name__}ZeroState"), device(self._device):
            return self.cell.zero_state(batch_size, dtype)

    def __call__(self, inputs: Any, state: Any, scope: Any = None, **kwargs: Any) -> Any:
        """Return output and new state of the cell."""
        with device(self._device):
            return self.cell(inputs, state, scope=scope, **kwargs)
