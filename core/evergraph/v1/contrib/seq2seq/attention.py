"""Attention: how much of each element of a memory a query is given."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from evergraph import v1 as tf
from evergraph.v1 import nest


class AttentionMechanism:
    """What `AttentionWrapper` asks for alignments."""

    @property
    def alignments_size(self) -> Any:
        """How many elements the memory has."""
        raise NotImplementedError

    @property
    def state_size(self) -> Any:
        """The size of the state."""
        raise NotImplementedError


class _OfMemory(AttentionMechanism):
    """What mechanisms share: the memory as values and as keys, and masked scores.

    Args:
      memory: the elements, [batch, time, …].
      memory_sequence_length: how many of them count, [batch], or None for all.
      memory_layer: what makes keys of values, or None.
      probability_fn: from scores to alignments; a softmax by default.
      score_mask_value: the score of what does not count; -inf by default.
      custom_key_value_fn: from keys and values to both, or None.
      name: a name scope.
    """

    def __init__(
        self,
        memory: Any,
        memory_sequence_length: Any,
        memory_layer: Any,
        query_layer: Any,
        probability_fn: Callable[[Any], Any] | None,
        score_mask_value: Any,
        custom_key_value_fn: Callable[[Any, Any], Any] | None,
        name: str,
    ) -> None:
        self.query_layer = query_layer
        self.memory_layer = memory_layer
        self._probability_fn = probability_fn or tf.nn.softmax
        with tf.name_scope(name, "BaseAttentionMechanismInit", nest.flatten(memory)):
            memory = tf.convert_to_tensor(memory, name="memory")
            self._length = memory_sequence_length
            if memory_sequence_length is not None:
                self._length = tf.convert_to_tensor(memory_sequence_length)
            self.values = self._masked(memory)
            self.keys = self.values if memory_layer is None else memory_layer(self.values)
            if custom_key_value_fn is not None:
                self.keys, self.values = custom_key_value_fn(self.keys, self.values)
            sizes = self.keys.shape.as_list()
            self.batch_size = sizes[0] or tf.shape(self.keys)[0]
            self._count = sizes[1] or tf.shape(self.keys)[1]
        self._mask_value = (
            self.values.dtype.as_numpy_dtype(-math.inf)
            if score_mask_value is None
            else score_mask_value
        )

    def _masked(self, memory: Any) -> Any:
        """Return the memory with zeros for what does not count."""
        if self._length is None:
            return memory
        if memory.shape[2:].rank is None or not memory.shape[2:].is_fully_defined():
            raise ValueError(f"Expected memory to have fully defined inner dims: {memory.shape}")
        mask = tf.sequence_mask(self._length, maxlen=tf.shape(memory)[1], dtype=memory.dtype)
        for _ in range(memory.shape.rank - 2):
            mask = tf.expand_dims(mask, -1)
        return memory * mask

    @property
    def alignments_size(self) -> Any:
        """How many elements the memory has."""
        return self._count

    @property
    def state_size(self) -> Any:
        """The size of the state, which is the last alignments."""
        return self._count

    def initial_alignments(self, batch_size: Any, dtype: Any) -> Any:
        """Return alignments of zeros."""
        return tf.zeros(tf.stack([batch_size, self._count]), dtype)

    def initial_state(self, batch_size: Any, dtype: Any) -> Any:
        """Return the first state."""
        return self.initial_alignments(batch_size, dtype)

    def _aligned(self, score: Any) -> tuple[Any, Any]:
        """Return alignments, which are the next state as well."""
        if self._length is not None:
            mask = tf.sequence_mask(self._length, maxlen=tf.shape(score)[1])
            score = tf.where(mask, score, self._mask_value * tf.ones_like(score))
        alignments = self._probability_fn(score)
        return alignments, alignments


class LuongAttention(_OfMemory):
    """Scores that are products of query and key (Luong et al., 2015).

    Args:
      num_units: the size of keys, which is that of queries.
      memory: the elements, [batch, time, …].
      memory_sequence_length: how many of them count, [batch], or None for all.
      scale: whether scores are multiplied by a variable.
      probability_fn: from scores to alignments; a softmax by default.
      score_mask_value: the score of what does not count; -inf by default.
      dtype: the type of variables.
      custom_key_value_fn: from keys and values to both, or None.
      name: a name scope.
    """

    def __init__(
        self,
        num_units: int,
        memory: Any,
        memory_sequence_length: Any = None,
        scale: bool = False,
        probability_fn: Callable[[Any], Any] | None = None,
        score_mask_value: Any = None,
        dtype: Any = None,
        custom_key_value_fn: Callable[[Any, Any], Any] | None = None,
        name: str = "LuongAttention",
    ) -> None:
        super().__init__(
            memory,
            memory_sequence_length,
            _projection(num_units, "memory_layer", dtype),
            None,
            probability_fn,
            score_mask_value,
            custom_key_value_fn,
            name,
        )
        self._scale = scale

    def __call__(self, query: Any, state: Any) -> tuple[Any, Any]:
        """Return alignments and the next state.

        Args:
          query: [batch, size].
          state: the last alignments.

        Raises:
          ValueError: the query has another size than the keys.
        """
        del state
        with tf.variable_scope(None, "luong_attention", [query]):
            size, wanted = query.shape.as_list()[-1], self.keys.shape.as_list()[-1]
            if size != wanted:
                raise ValueError(
                    "Incompatible or unknown inner dimensions between query and keys.  Query "
                    f"({query}) has units: {size}.  Keys ({self.keys}) have units: {wanted}.  "
                    "Perhaps you need to set num_units to the keys' dimension "
                    f"({wanted})?"
                )
            product = tf.matmul(tf.expand_dims(query, 1), self.keys, transpose_b=True)
            score = tf.squeeze(product, [1])
            if self._scale:
                first = tf.ones_initializer()
                score *= tf.get_variable("attention_g", [], query.dtype, initializer=first)
        return self._aligned(score)


class BahdanauAttention(_OfMemory):
    """Scores of a layer of tanh units (Bahdanau et al., 2015).

    Args:
      num_units: how many units it has.
      normalize: whether their weights are normalized, by a variable length.
      memory, memory_sequence_length, probability_fn, score_mask_value, dtype,
        custom_key_value_fn, name: see `LuongAttention`.
    """

    def __init__(
        self,
        num_units: int,
        memory: Any,
        memory_sequence_length: Any = None,
        normalize: bool = False,
        probability_fn: Callable[[Any], Any] | None = None,
        score_mask_value: Any = None,
        dtype: Any = None,
        custom_key_value_fn: Callable[[Any, Any], Any] | None = None,
        name: str = "BahdanauAttention",
    ) -> None:
        super().__init__(
            memory,
            memory_sequence_length,
            _projection(num_units, "memory_layer", dtype),
            _projection(num_units, "query_layer", dtype),
            probability_fn,
            score_mask_value,
            custom_key_value_fn,
            name,
        )
        self._num_units = num_units
        self._normalize = normalize

    def __call__(self, query: Any, state: Any) -> tuple[Any, Any]:
        """Return alignments and the next state; see `LuongAttention`."""
        del state
        with tf.variable_scope(None, "bahdanau_attention", [query]):
            wanted = tf.expand_dims(self.query_layer(query), 1)
            weights = tf.get_variable("attention_v", [self._num_units], query.dtype)
            hidden = self.keys + wanted
            if self._normalize:
                first = tf.constant_initializer(math.sqrt(1.0 / self._num_units))
                length = tf.get_variable("attention_g", [], query.dtype, initializer=first)
                zeros = tf.zeros_initializer()
                bias = tf.get_variable(
                    "attention_b", [self._num_units], query.dtype, initializer=zeros
                )
                weights = length * weights * tf.rsqrt(tf.reduce_sum(tf.square(weights)))
                hidden += bias
            score = tf.reduce_sum(weights * tf.tanh(hidden), [2])
        return self._aligned(score)


def _projection(num_units: int, name: str, dtype: Any) -> Any:
    return tf.layers.Dense(num_units, name=name, use_bias=False, dtype=dtype or tf.float32)


def hardmax(logits: Any, name: str | None = None) -> Any:
    """Return rows with 1 at the greatest logit, and zeros elsewhere.

    Args:
      logits: a tensor whose last size is known.
      name: a name scope.
    """
    with tf.name_scope(name, "Hardmax", [logits]):
        logits = tf.convert_to_tensor(logits, name="logits")
        depth = logits.shape.as_list()[-1] or tf.shape(logits)[-1]
        return tf.one_hot(tf.argmax(logits, -1), depth, dtype=logits.dtype)
