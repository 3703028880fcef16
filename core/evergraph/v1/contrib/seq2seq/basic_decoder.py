"""`BasicDecoder`: a cell, and a helper that chooses what it reads."""

from __future__ import annotations

from typing import Any, NamedTuple

from evergraph import v1 as tf
from evergraph.v1 import nest
from evergraph.v1.contrib.seq2seq.decoder import Decoder
from evergraph.v1.contrib.seq2seq.helpers import Helper
from evergraph.v1.rnn.wrappers import assert_like_rnncell


class BasicDecoderOutput(NamedTuple):
    """What is emitted in a step.

    Attributes:
      rnn_output: the output of the cell, after the layer.
      sample_id: what the helper has chosen.
    """

    rnn_output: Any
    sample_id: Any


class BasicDecoder(Decoder):
    """A cell in steps, the inputs of which a helper chooses.

    Args:
      cell: the cell.
      helper: the helper.
      initial_state: the first state.
      output_layer: a layer that is applied to outputs, or None.

    Raises:
      TypeError: an argument is not what it must be.
    """

    def __init__(
        self, cell: Any, helper: Any, initial_state: Any, output_layer: Any = None
    ) -> None:
        assert_like_rnncell("cell", cell)
        if not isinstance(helper, Helper):
            raise TypeError(f"helper must be a Helper, received: {type(helper)}")
        if output_layer is not None and not isinstance(output_layer, tf.layers.Layer):
            raise TypeError(f"output_layer must be a Layer, received: {type(output_layer)}")
        self._cell = cell
        self._helper = helper
        self._initial_state = initial_state
        self._output_layer = output_layer

    @property
    def batch_size(self) -> Any:
        """How many sequences there are."""
        return self._helper.batch_size

    @property
    def output_size(self) -> Any:
        """The sizes of what is emitted."""
        return BasicDecoderOutput(self._output_shape(), self._helper.sample_ids_shape)

    @property
    def output_dtype(self) -> Any:
        """The types of what is emitted."""
        dtype = nest.flatten(self._initial_state)[0].dtype
        return BasicDecoderOutput(dtype, self._helper.sample_ids_dtype)

    def _output_shape(self) -> Any:
        size = self._cell.output_size
        if self._output_layer is None:
            return size
        units = getattr(self._output_layer, "units", None)
        if units is not None:
            return tf.TensorShape([units])
        example = tf.zeros([1, size])
        return self._output_layer(example).shape[1:]

    def initialize(self, name: str | None = None) -> Any:
        """Return which sequences have ended, the first inputs, and the first state."""
        del name
        return (*self._helper.initialize(), self._initial_state)

    def step(self, time: Any, inputs: Any, state: Any, name: str | None = None) -> Any:
        """Return what is emitted, the next state, the next inputs, and what has ended."""
        with tf.name_scope(name, "BasicDecoderStep", [time, *nest.flatten(inputs)]):
            outputs, state = self._cell(inputs, state)
            if self._output_layer is not None:
                outputs = self._output_layer(outputs)
            chosen = self._helper.sample(time=time, outputs=outputs, state=state)
            finished, following, state = self._helper.next_inputs(
                time=time, outputs=outputs, state=state, sample_ids=chosen
            )
        return BasicDecoderOutput(outputs, chosen), state, following, finished
