"""What decoders read next: given sequences, or what they have emitted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evergraph import v1 as tf
from evergraph.v1 import nest
from evergraph.v1.contrib.rnn.stacks import transpose_batch_time


class Helper:
    """Chooses what a decoder emits, and what it reads next; a class of one's own has all of it."""

    @property
    def batch_size(self) -> Any:
        """How many sequences there are, a scalar tensor."""
        raise NotImplementedError("batch_size has not been implemented")

    @property
    def sample_ids_shape(self) -> Any:
        """The shape of what is chosen for one sequence."""
        raise NotImplementedError("sample_ids_shape has not been implemented")

    @property
    def sample_ids_dtype(self) -> Any:
        """The type of what is chosen."""
        raise NotImplementedError("sample_ids_dtype has not been implemented")

    def initialize(self, name: str | None = None) -> Any:
        """Return which sequences have ended, and the first inputs."""
        raise NotImplementedError("initialize has not been implemented")

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """Return what is chosen."""
        raise NotImplementedError("sample has not been implemented")

    def next_inputs(
        self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None
    ) -> Any:
        """Return which sequences have ended, the next inputs, and the next state."""
        raise NotImplementedError("next_inputs has not been implemented")


class CustomHelper(Helper):
    """A helper made of functions.

    Args:
      initialize_fn, sample_fn, next_inputs_fn: see the methods of `Helper`; the last two are called
        by keyword, without a name.
      sample_ids_shape: a scalar's by default.
      sample_ids_dtype: int32 by default.
    """

    def __init__(
        self,
        initialize_fn: Callable[..., Any],
        sample_fn: Callable[..., Any],
        next_inputs_fn: Callable[..., Any],
        sample_ids_shape: Any = None,
        sample_ids_dtype: Any = None,
    ) -> None:
        self._initialize_fn = initialize_fn
        self._sample_fn = sample_fn
        self._next_inputs_fn = next_inputs_fn
        self._batch_size: Any = None
        self._shape = tf.TensorShape(sample_ids_shape or [])
        self._dtype = sample_ids_dtype or tf.int32

    @property
    def batch_size(self) -> Any:
        """How many sequences there are.

        Raises:
          ValueError: it has not been initialized.
        """
        if self._batch_size is None:
            raise ValueError("batch_size accessed before initialize was called")
        return self._batch_size

    @property
    def sample_ids_shape(self) -> Any:
        """The shape of what is chosen for one sequence."""
        return self._shape

    @property
    def sample_ids_dtype(self) -> Any:
        """The type of what is chosen."""
        return self._dtype

    def initialize(self, name: str | None = None) -> Any:
        """Return which sequences have ended, and the first inputs."""
        with tf.name_scope(name, "CustomHelperInitialize"):
            finished, next_inputs = self._initialize_fn()
            if self._batch_size is None:
                self._batch_size = tf.size(finished)
        return finished, next_inputs

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """Return what is chosen."""
        with tf.name_scope(name, "CustomHelperSample", [time, outputs, state]):
            return self._sample_fn(time=time, outputs=outputs, state=state)

    def next_inputs(
        self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None
    ) -> Any:
        """Return which sequences have ended, the next inputs, and the next state."""
        with tf.name_scope(name, "CustomHelperNextInputs", [time, outputs, state]):
            return self._next_inputs_fn(
                time=time, outputs=outputs, state=state, sample_ids=sample_ids
            )


class _OfClasses(Helper):
    """A helper that chooses classes."""

    _batch: Any

    @property
    def batch_size(self) -> Any:
        """How many sequences there are, a scalar tensor."""
        return self._batch

    @property
    def sample_ids_shape(self) -> Any:
        """The shape of a class: a scalar's."""
        return tf.TensorShape([])

    @property
    def sample_ids_dtype(self) -> Any:
        """The type of classes: int32."""
        return tf.int32


class TrainingHelper(_OfClasses):
    """Reads given sequences; what is chosen has no effect.

    Args:
      inputs: a tensor [batch, time, …], or a structure of such.
      sequence_length: the lengths, int32 [batch].
      time_major: whether the inputs are [time, batch, …].
      name: a name scope.

    Raises:
      ValueError: the lengths are no vector.
    """

    def __init__(
        self, inputs: Any, sequence_length: Any, time_major: bool = False, name: str | None = None
    ) -> None:
        with tf.name_scope(name, type(self).__name__, [*nest.flatten(inputs), sequence_length]):
            inputs = nest.map_structure(tf.convert_to_tensor, inputs)
            self._inputs = inputs
            if not time_major:
                inputs = nest.map_structure(transpose_batch_time, inputs)
            self._arrays = nest.map_structure(_unstacked, inputs)
            self._length = tf.convert_to_tensor(sequence_length, name="sequence_length")
            if self._length.shape.rank != 1:
                raise ValueError(
                    "Expected sequence_length to be a vector, but received shape: "
                    f"{self._length.shape}"
                )
            self._zeros = nest.map_structure(lambda x: tf.zeros_like(x[0, :]), inputs)
            self._shapes = nest.map_structure(lambda x: x.shape[1:], inputs)
            self._batch = tf.size(self._length)

    @property
    def inputs(self) -> Any:
        """The inputs, as they were given."""
        return self._inputs

    @property
    def sequence_length(self) -> Any:
        """The lengths."""
        return self._length

    def initialize(self, name: str | None = None) -> Any:
        """Return which sequences are empty, and the first elements."""
        with tf.name_scope(name, "TrainingHelperInitialize"):
            return self._at(0)

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """Return the most probable classes."""
        del state
        with tf.name_scope(name, "TrainingHelperSample", [time, outputs]):
            return tf.argmax(outputs, axis=-1, output_type=tf.int32)

    def next_inputs(
        self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None
    ) -> Any:
        """Return which sequences have ended, the next elements, and the state."""
        del sample_ids
        with tf.name_scope(name, "TrainingHelperNextInputs", [time, outputs]):
            return (*self._at(time + 1), state)

    def _at(self, time: Any) -> tuple[Any, Any]:
        """Return which sequences have ended, and the elements; zeros if all have."""
        finished = tf.greater_equal(time, self._length)
        found = tf.cond(
            tf.reduce_all(finished),
            lambda: self._zeros,
            lambda: nest.map_structure(lambda array: array.read(time), self._arrays),
        )
        flat = zip(nest.flatten(found), nest.flatten(self._shapes), strict=True)
        for value, shape in flat:
            value.set_shape(shape)
        return finished, found


def _unstacked(x: Any) -> Any:
    shape = x.shape[1:]
    return tf.TensorArray(x.dtype, size=tf.shape(x)[0], element_shape=shape).unstack(x)


class ScheduledEmbeddingTrainingHelper(TrainingHelper):
    """Reads given sequences, in which some elements are replaced by what was emitted.

    Args:
      inputs, sequence_length, time_major, name: see `TrainingHelper`.
      embedding: a table, or a function from classes to inputs.
      sampling_probability: how probable it is that an element is replaced: a scalar.
      seed: the seed of what is chosen.
      scheduling_seed: the seed of which elements are replaced.

    Raises:
      ValueError: the probability is no scalar.
    """

    def __init__(
        self,
        inputs: Any,
        sequence_length: Any,
        embedding: Any,
        sampling_probability: Any,
        time_major: bool = False,
        seed: int | None = None,
        scheduling_seed: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(inputs, sequence_length, time_major, name)
        self._embedding = _embedding_fn(embedding)
        self._probability = tf.convert_to_tensor(sampling_probability, tf.float32)
        if self._probability.shape.rank not in (0, 1):
            raise ValueError(
                "sampling_probability must be either a scalar or a vector. saw shape: "
                f"{self._probability.shape}"
            )
        self._seed = seed
        self._scheduling_seed = scheduling_seed

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """Return classes that are drawn, -1 where the given elements are read."""
        del state
        with tf.name_scope(name, "ScheduledEmbeddingTrainingHelperSample", [time, outputs]):
            uniform = tf.random_uniform([self._batch], seed=self._scheduling_seed)
            drawn = _drawn(outputs, self._seed)
            return tf.where(uniform < self._probability, drawn, tf.fill([self._batch], -1))

    def next_inputs(
        self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None
    ) -> Any:
        """Return which sequences have ended, the next inputs, and the state."""
        with tf.name_scope(name, "ScheduledEmbeddingTrainingHelperNextInputs", [time, outputs]):
            finished, given = self._at(time + 1)
            replaced = self._embedding(tf.maximum(sample_ids, 0))
            return finished, tf.where(sample_ids > -1, replaced, given), state


class GreedyEmbeddingHelper(_OfClasses):
    """Reads what was most probable in the step before.

    Args:
      embedding: a table, or a function from classes to inputs.
      start_tokens: the first classes, int32 [batch].
      end_token: the class at which a sequence ends, an int32 scalar.

    Raises:
      ValueError: the first classes are no vector, or the last is no scalar.
    """

    def __init__(self, embedding: Any, start_tokens: Any, end_token: Any) -> None:
        self._embedding = _embedding_fn(embedding)
        self._start = tf.convert_to_tensor(start_tokens, tf.int32, name="start_tokens")
        self._end = tf.convert_to_tensor(end_token, tf.int32, name="end_token")
        if self._start.shape.rank != 1:
            raise ValueError("start_tokens must be a vector")
        if self._end.shape.rank != 0:
            raise ValueError("end_token must be a scalar")
        self._batch = tf.size(self._start)
        self._first = self._embedding(self._start)

    def initialize(self, name: str | None = None) -> Any:
        """Return that no sequence has ended, and the first inputs."""
        del name
        return tf.fill([self._batch], False), self._first

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """Return the most probable classes.

        Raises:
          TypeError: the outputs are no tensor.
        """
        del time, state, name
        _check_tensor(outputs)
        return tf.argmax(outputs, axis=-1, output_type=tf.int32)

    def next_inputs(
        self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None
    ) -> Any:
        """Return which sequences have ended, the inputs of the classes, and the state."""
        del time, outputs, name
        finished = tf.equal(sample_ids, self._end)
        following = tf.cond(
            tf.reduce_all(finished), lambda: self._first, lambda: self._embedding(sample_ids)
        )
        return finished, following, state


class SampleEmbeddingHelper(GreedyEmbeddingHelper):
    """Reads what was drawn in the step before.

    Args:
      embedding, start_tokens, end_token: see `GreedyEmbeddingHelper`.
      softmax_temperature: what logits are divided by, or None.
      seed: the op's seed.
    """

    def __init__(
        self,
        embedding: Any,
        start_tokens: Any,
        end_token: Any,
        softmax_temperature: Any = None,
        seed: int | None = None,
    ) -> None:
        super().__init__(embedding, start_tokens, end_token)
        self._temperature = softmax_temperature
        self._seed = seed

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """Return classes that are drawn.

        Raises:
          TypeError: the outputs are no tensor.
        """
        del time, state, name
        _check_tensor(outputs)
        logits = outputs if self._temperature is None else outputs / self._temperature
        return _drawn(logits, self._seed)


class InferenceHelper(Helper):
    """Reads what a function makes of what another has chosen.

    Args:
      sample_fn: from outputs to what is chosen.
      sample_shape, sample_dtype: shape and type of that, for one sequence.
      start_inputs: the first inputs, [batch, …].
      end_fn: from what is chosen to whether sequences have ended.
      next_inputs_fn: from what is chosen to the next inputs; by default they are the same.
    """

    def __init__(
        self,
        sample_fn: Callable[[Any], Any],
        sample_shape: Any,
        sample_dtype: Any,
        start_inputs: Any,
        end_fn: Callable[[Any], Any],
        next_inputs_fn: Callable[[Any], Any] | None = None,
    ) -> None:
        self._sample_fn = sample_fn
        self._end_fn = end_fn
        self._shape = tf.TensorShape(sample_shape)
        self._dtype = sample_dtype
        self._next_inputs_fn = next_inputs_fn
        self._start = tf.convert_to_tensor(start_inputs, name="start_inputs")
        self._batch = tf.shape(self._start)[0]

    @property
    def batch_size(self) -> Any:
        """How many sequences there are, a scalar tensor."""
        return self._batch

    @property
    def sample_ids_shape(self) -> Any:
        """The shape of what is chosen for one sequence."""
        return self._shape

    @property
    def sample_ids_dtype(self) -> Any:
        """The type of what is chosen."""
        return self._dtype

    def initialize(self, name: str | None = None) -> Any:
        """Return that no sequence has ended, and the first inputs."""
        del name
        return tf.fill([self._batch], False), self._start

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """Return what is chosen."""
        del time, state, name
        return self._sample_fn(outputs)

    def next_inputs(
        self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None
    ) -> Any:
        """Return which sequences have ended, the next inputs, and the state."""
        del time, outputs, name
        chosen = sample_ids if self._next_inputs_fn is None else self._next_inputs_fn(sample_ids)
        return self._end_fn(sample_ids), chosen, state


def _embedding_fn(embedding: Any) -> Callable[[Any], Any]:
    return embedding if callable(embedding) else lambda ids: tf.nn.embedding_lookup(embedding, ids)


def _drawn(logits: Any, seed: int | None) -> Any:
    return tf.multinomial(logits, 1, seed=seed, output_dtype=tf.int32)[:, 0]


def _check_tensor(outputs: Any) -> None:
    if not isinstance(outputs, tf.Tensor):
        raise TypeError(f"Expected outputs to be a single Tensor, got: {type(outputs)}")
