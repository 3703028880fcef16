"""`dynamic_decode`: a decoder in a loop, until all sequences have ended."""

from __future__ import annotations

from typing import Any

from evergraph import v1 as tf
from evergraph.v1 import nest
from evergraph.v1.contrib.rnn.stacks import transpose_batch_time
from evergraph.v1.rnn.states import joined


class Decoder:
    """What makes sequences step by step; a class of one's own has all of it."""

    @property
    def batch_size(self) -> Any:
        """How many sequences there are."""
        raise NotImplementedError

    @property
    def output_size(self) -> Any:
        """The sizes of what is emitted in a step, a structure."""
        raise NotImplementedError

    @property
    def output_dtype(self) -> Any:
        """The types of what is emitted, a structure."""
        raise NotImplementedError

    def initialize(self, name: str | None = None) -> Any:
        """Return which sequences have ended, the first inputs, and the first state."""
        raise NotImplementedError

    def step(self, time: Any, inputs: Any, state: Any, name: str | None = None) -> Any:
        """Return what is emitted, the next state, the next inputs, and what has ended."""
        raise NotImplementedError

    def finalize(self, outputs: Any, final_state: Any, sequence_lengths: Any) -> Any:
        """Return outputs and state as `dynamic_decode` returns them."""
        raise NotImplementedError

    @property
    def tracks_own_finished(self) -> bool:
        """Whether a sequence that has ended may begin anew, as beams do."""
        return False


def dynamic_decode(
    decoder: Any,
    output_time_major: bool = False,
    impute_finished: bool = False,
    maximum_iterations: Any = None,
    parallel_iterations: int = 32,
    swap_memory: bool = False,
    scope: Any = None,
) -> tuple[Any, Any, Any]:
    """Run a decoder until all sequences have ended.

    Args:
      decoder: the decoder.
      output_time_major: whether outputs are [time, batch, …], or [batch, time, …].
      impute_finished: whether outputs are zeros after the end of a sequence, and its state stays.
      maximum_iterations: a limit for the steps, an int32 scalar, or None.
      parallel_iterations, swap_memory: see `tf.while_loop`.
      scope: the variable scope, "decoder" by default.

    Returns:
      The outputs, the last state, and the lengths.

    Raises:
      TypeError: it is no decoder.
      ValueError: the limit is no scalar.
    """
    if not isinstance(decoder, Decoder):
        raise TypeError(f"Expected decoder to be type Decoder, but saw: {type(decoder)}")
    with tf.variable_scope(scope, "decoder"):
        if maximum_iterations is not None:
            maximum_iterations = tf.convert_to_tensor(
                maximum_iterations, tf.int32, name="maximum_iterations"
            )
            if maximum_iterations.shape.rank != 0:
                raise ValueError("maximum_iterations must be a scalar")
        finished, inputs, state = decoder.initialize()
        if maximum_iterations is not None:
            finished = tf.logical_or(finished, maximum_iterations <= 0)
        loop = _Loop(decoder, impute_finished, maximum_iterations)
        start = (
            tf.constant(0, tf.int32),
            loop.arrays(),
            state,
            inputs,
            finished,
            tf.zeros_like(finished, tf.int32),
        )
        _, arrays, state, _, _, lengths = tf.while_loop(
            _goes_on,
            loop.step,
            start,
            parallel_iterations=parallel_iterations,
            swap_memory=swap_memory,
        )
        outputs = nest.map_structure(lambda array: array.stack(), arrays)
        if type(decoder).finalize is not Decoder.finalize:
            outputs, state = decoder.finalize(outputs, state, lengths)
        if not output_time_major:
            outputs = nest.map_structure(transpose_batch_time, outputs)
    return outputs, state, lengths


def _goes_on(*variables: Any) -> Any:
    """Return whether a sequence has not ended, from the variables of the loop."""
    return tf.logical_not(tf.reduce_all(variables[4]))


class _Loop:
    """The body of the loop."""

    def __init__(self, decoder: Any, impute_finished: bool, maximum_iterations: Any) -> None:
        self._decoder = decoder
        self._impute = impute_finished
        self._limit = maximum_iterations
        self._zeros: Any = None
        if impute_finished:
            sizes, types = decoder.output_size, decoder.output_dtype
            self._zeros = _map_sizes(
                lambda size, dtype: tf.zeros(joined(decoder.batch_size, size), dtype), sizes, types
            )

    def arrays(self) -> Any:
        """Return an empty array for each part of what is emitted."""
        known = tf.get_static_value(tf.convert_to_tensor(self._decoder.batch_size))

        def array(size: Any, dtype: Any) -> Any:
            shape = tf.TensorShape([known]).concatenate(tf.TensorShape(size))
            return tf.TensorArray(dtype, size=0, dynamic_size=True, element_shape=shape)

        return _map_sizes(array, self._decoder.output_size, self._decoder.output_dtype)

    def step(
        self, time: Any, arrays: Any, state: Any, inputs: Any, finished: Any, lengths: Any
    ) -> Any:
        """Return the variables of the loop after a step."""
        outputs, new_state, new_inputs, ended = self._decoder.step(time, inputs, state)
        own = self._decoder.tracks_own_finished
        new_finished = ended if own else tf.logical_or(ended, finished)
        if self._limit is not None:
            new_finished = tf.logical_or(new_finished, time + 1 >= self._limit)
        lengths = tf.where(finished, lengths, tf.fill(tf.shape(lengths), time + 1))
        nest.assert_same_structure(state, new_state)
        if self._impute:
            outputs = nest.map_structure(
                lambda zero, new: tf.where(finished, zero, new), self._zeros, outputs
            )
            new_state = nest.map_structure(
                lambda old, new: _kept(finished, old, new), state, new_state
            )
        arrays = nest.map_structure(lambda array, value: array.write(time, value), arrays, outputs)
        return time + 1, arrays, new_state, new_inputs, new_finished, lengths


def _kept(finished: Any, old: Any, new: Any) -> Any:
    """Return a part of a state, the old one where a sequence has ended; counters go on."""
    if isinstance(old, tf.TensorArray) or old.shape.rank == 0:
        return new
    new.set_shape(old.shape)
    return tf.where(finished, old, new)


def _map_sizes(function: Any, sizes: Any, types: Any) -> Any:
    """Apply a function to each size and its type; a `TensorShape` is a size."""
    if isinstance(sizes, tf.TensorShape | int):
        return function(sizes if isinstance(sizes, tf.TensorShape) else [sizes], types)
    parts = [_map_sizes(function, s, t) for s, t in zip(sizes, types, strict=True)]
    return type(sizes)(*parts) if hasattr(sizes, "_fields") else type(sizes)(parts)
