"""tf.contrib.legacy_seq2seq: sequences as lists of tensors, a part of the graph for each step."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from evergraph import v1 as tf
from evergraph.v1 import nest
from evergraph.v1.contrib.rnn.cells import linear
from evergraph.v1.contrib.rnn.wrappers import EmbeddingWrapper, OutputProjectionWrapper

__all__ = [
    "attention_decoder",
    "basic_rnn_seq2seq",
    "embedding_attention_decoder",
    "embedding_attention_seq2seq",
    "embedding_rnn_decoder",
    "embedding_rnn_seq2seq",
    "model_with_buckets",
    "rnn_decoder",
    "sequence_loss",
    "sequence_loss_by_example",
    "tied_rnn_seq2seq",
]

_TINY = 1e-12


def rnn_decoder(
    decoder_inputs: Any,
    initial_state: Any,
    cell: Any,
    loop_function: Callable[[Any, int], Any] | None = None,
    scope: Any = None,
) -> tuple[list[Any], Any]:
    """Run a cell along a list of inputs, or along what it emits itself.

    Args:
      decoder_inputs: a list of tensors [batch, size].
      initial_state: the first state.
      cell: the cell.
      loop_function: from the last output and the number of the step to the next input, in place of
        the inputs after the first; or None.
      scope: the variable scope, "rnn_decoder" by default.

    Returns:
      The outputs in a list, and the last state.
    """
    with tf.variable_scope(scope or "rnn_decoder"):
        state = initial_state
        outputs: list[Any] = []
        for step, given in enumerate(decoder_inputs):
            value = _next_input(given, outputs, step, loop_function)
            if step > 0:
                tf.get_variable_scope().reuse_variables()
            output, state = cell(value, state)
            outputs.append(output)
    return outputs, state


def _next_input(given: Any, outputs: list[Any], step: int, loop_function: Any) -> Any:
    if loop_function is None or not outputs:
        return given
    with tf.variable_scope("loop_function", reuse=True):
        return loop_function(outputs[-1], step)


def basic_rnn_seq2seq(
    encoder_inputs: Any, decoder_inputs: Any, cell: Any, dtype: Any = tf.float32, scope: Any = None
) -> tuple[list[Any], Any]:
    """Run a copy of a cell along one list, and the cell along another from its last state.

    Args:
      encoder_inputs, decoder_inputs: lists of tensors [batch, size].
      cell: the cell.
      dtype: the type of the first state.
      scope: the variable scope, "basic_rnn_seq2seq" by default.

    Returns:
      The outputs of the second run in a list, and the last state.
    """
    with tf.variable_scope(scope or "basic_rnn_seq2seq"):
        _, state = tf.nn.static_rnn(copy.deepcopy(cell), encoder_inputs, dtype=dtype)
        return rnn_decoder(decoder_inputs, state, cell)


def tied_rnn_seq2seq(
    encoder_inputs: Any,
    decoder_inputs: Any,
    cell: Any,
    loop_function: Callable[[Any, int], Any] | None = None,
    dtype: Any = tf.float32,
    scope: Any = None,
) -> tuple[list[Any], Any]:
    """Do what `basic_rnn_seq2seq` does, with the same variables in both runs.

    Args:
      loop_function: see `rnn_decoder`.
      scope: the variable scope, "combined_tied_rnn_seq2seq" by default.
      encoder_inputs, decoder_inputs, cell, dtype: see `basic_rnn_seq2seq`.
    """
    with tf.variable_scope("combined_tied_rnn_seq2seq"):
        scope = scope or "tied_rnn_seq2seq"
        _, state = tf.nn.static_rnn(cell, encoder_inputs, dtype=dtype, scope=scope)
        tf.get_variable_scope().reuse_variables()
        return rnn_decoder(decoder_inputs, state, cell, loop_function, scope=scope)


def _embedded_argmax(
    embedding: Any, output_projection: Any, update_embedding: bool
) -> Callable[[Any, int], Any]:
    """Return the loop function that reads the row of the most probable class."""

    def loop_function(previous: Any, _: int) -> Any:
        if output_projection is not None:
            previous = tf.nn.xw_plus_b(previous, *output_projection)
        rows = tf.nn.embedding_lookup(embedding, tf.argmax(previous, 1))
        return rows if update_embedding else tf.stop_gradient(rows)

    return loop_function


def embedding_rnn_decoder(
    decoder_inputs: Any,
    initial_state: Any,
    cell: Any,
    num_symbols: int,
    embedding_size: int,
    output_projection: Any = None,
    feed_previous: bool = False,
    update_embedding_for_previous: bool = True,
    scope: Any = None,
) -> tuple[list[Any], Any]:
    """Run a cell along rows of a table.

    Args:
      decoder_inputs: a list of vectors of numbers, which name rows.
      initial_state: the first state.
      cell: the cell.
      num_symbols, embedding_size: how many rows the table has, and their size.
      output_projection: weights and biases from outputs to classes, or None.
      feed_previous: whether it reads what it emits, after the first input.
      update_embedding_for_previous: whether the table has gradients of what is read so.
      scope: the variable scope, "embedding_rnn_decoder" by default.

    Returns:
      The outputs in a list, and the last state.
    """
    with tf.variable_scope(scope or "embedding_rnn_decoder"):
        table = tf.get_variable("embedding", [num_symbols, embedding_size])
        loop_function = None
        if feed_previous:
            loop_function = _embedded_argmax(
                table, output_projection, update_embedding_for_previous
            )
        rows = [tf.nn.embedding_lookup(table, ids) for ids in decoder_inputs]
        return rnn_decoder(rows, initial_state, cell, loop_function)


def embedding_rnn_seq2seq(
    encoder_inputs: Any,
    decoder_inputs: Any,
    cell: Any,
    num_encoder_symbols: int,
    num_decoder_symbols: int,
    embedding_size: int,
    output_projection: Any = None,
    feed_previous: Any = False,
    dtype: Any = None,
    scope: Any = None,
) -> tuple[list[Any], Any]:
    """Run a cell along rows of a table, and another from its last state along rows of another.

    Args:
      encoder_inputs, decoder_inputs: lists of vectors of numbers, which name rows.
      cell: the cell.
      num_encoder_symbols, num_decoder_symbols: how many rows the tables have.
      embedding_size: the size of rows.
      output_projection: weights and biases from outputs to classes; None to make such.
      feed_previous: whether it reads what it emits: a bool, or a scalar tensor.
      dtype: the type of the first state; that of the scope by default.
      scope: the variable scope, "embedding_rnn_seq2seq" by default.

    Returns:
      The outputs in a list, and the last state.
    """
    with tf.variable_scope(scope or "embedding_rnn_seq2seq") as found:
        encoder = EmbeddingWrapper(copy.deepcopy(cell), num_encoder_symbols, embedding_size)
        _, state = tf.nn.static_rnn(encoder, encoder_inputs, dtype=dtype or found.dtype)
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols)

        def decoded(previous: bool) -> tuple[list[Any], Any]:
            return embedding_rnn_decoder(
                decoder_inputs,
                state,
                cell,
                num_decoder_symbols,
                embedding_size,
                output_projection=output_projection,
                feed_previous=previous,
                update_embedding_for_previous=isinstance(feed_previous, bool),
            )

        return _either(feed_previous, decoded, len(decoder_inputs), state)


def _either(
    feed_previous: Any,
    decoded: Callable[[bool], tuple[list[Any], Any]],
    steps: int,
    state: Any,
) -> tuple[list[Any], Any]:
    """Return what is decoded from inputs, or from what was emitted, as a bool or a tensor says."""
    if isinstance(feed_previous, bool):
        return decoded(feed_previous)

    def flat(previous: bool) -> list[Any]:
        # The second branch shares the variables of the first.
        reuse = None if previous else True
        with tf.variable_scope(tf.get_variable_scope(), reuse=reuse):
            outputs, last = decoded(previous)
        return [*outputs, *nest.flatten(last)]

    found: list[Any] = tf.cond(feed_previous, lambda: flat(True), lambda: flat(False))
    return found[:steps], nest.pack_sequence_as(state, found[steps:])


def attention_decoder(
    decoder_inputs: Any,
    initial_state: Any,
    attention_states: Any,
    cell: Any,
    output_size: int | None = None,
    num_heads: int = 1,
    loop_function: Callable[[Any, int], Any] | None = None,
    dtype: Any = None,
    scope: Any = None,
    initial_state_attention: bool = False,
) -> tuple[list[Any], Any]:
    """Run a cell along a list of inputs, which attends to given states.

    Args:
      decoder_inputs: a list of tensors [batch, size].
      initial_state: the first state.
      attention_states: what it attends to, [batch, length, size].
      cell: the cell.
      output_size: the size of outputs, by default that of the cell's.
      num_heads: how often it attends in a step.
      loop_function: see `rnn_decoder`.
      dtype: the type of the first state; that of the scope by default.
      scope: the variable scope, "attention_decoder" by default.
      initial_state_attention: whether it attends by the first state already.

    Returns:
      The outputs in a list, and the last state.

    Raises:
      ValueError: there are no inputs, no heads, or a size is not known.
    """
    if not decoder_inputs:
        raise ValueError("Must provide at least 1 input to attention decoder.")
    if num_heads < 1:
        raise ValueError("With less than 1 heads, use a non-attention decoder.")
    if attention_states.shape.as_list()[2] is None:
        raise ValueError(f"Shape[2] of attention_states must be known: {attention_states.shape}")
    size_of_outputs: int = cell.output_size if output_size is None else output_size
    with tf.variable_scope(scope or "attention_decoder", dtype=dtype) as found:
        heads = _Heads(attention_states, num_heads, found.dtype)
        state = initial_state
        outputs: list[Any] = []
        attended = heads.zeros(tf.shape(decoder_inputs[0])[0])
        if initial_state_attention:
            attended = heads.attend(initial_state)
        for step, given in enumerate(decoder_inputs):
            if step > 0:
                tf.get_variable_scope().reuse_variables()
            value = _next_input(given, outputs, step, loop_function)
            size = value.shape.with_rank(2).as_list()[1]
            if size is None:
                raise ValueError(f"Could not infer input size from input: {value.name}")
            cell_output, state = cell(linear([value, *attended], size), state)
            shared = True if step == 0 and initial_state_attention else None
            with tf.variable_scope(tf.get_variable_scope(), reuse=shared):
                attended = heads.attend(state)
            with tf.variable_scope("AttnOutputProjection"):
                outputs.append(linear([cell_output, *attended], size_of_outputs))
    return outputs, state


class _Heads:
    """What attends to given states, with variables in the current scope."""

    def __init__(self, states: Any, count: int, dtype: Any) -> None:
        self._length = states.shape.as_list()[1] or tf.shape(states)[1]
        self._size = size = states.shape.as_list()[2]
        self._dtype = dtype
        self._hidden = tf.reshape(states, [-1, self._length, 1, size])
        self._heads = []
        for i in range(count):
            weights = tf.get_variable(f"AttnW_{i}", [1, 1, size, size], dtype)
            features = tf.nn.conv2d(self._hidden, weights, [1, 1, 1, 1], "SAME")
            self._heads.append((features, tf.get_variable(f"AttnV_{i}", [size], dtype)))

    def zeros(self, batch_size: Any) -> list[Any]:
        """Return what is attended to before there is a state."""
        found = []
        for _ in self._heads:
            value = tf.zeros(tf.stack([batch_size, self._size]), self._dtype)
            value.set_shape([None, self._size])
            found.append(value)
        return found

    def attend(self, state: Any) -> list[Any]:
        """Return what is attended to by a state, for each head."""
        query = tf.concat(nest.flatten(state), 1)
        found = []
        for i, (features, vector) in enumerate(self._heads):
            with tf.variable_scope(f"Attention_{i}"):
                wanted = tf.reshape(linear(query, self._size), [-1, 1, 1, self._size])
                scores = tf.reduce_sum(vector * tf.tanh(features + wanted), [2, 3])
                shares = tf.reshape(tf.nn.softmax(scores), [-1, self._length, 1, 1])
                value = tf.reduce_sum(shares * self._hidden, [1, 2])
                found.append(tf.reshape(value, [-1, self._size]))
        return found


def embedding_attention_decoder(
    decoder_inputs: Any,
    initial_state: Any,
    attention_states: Any,
    cell: Any,
    num_symbols: int,
    embedding_size: int,
    num_heads: int = 1,
    output_size: int | None = None,
    output_projection: Any = None,
    feed_previous: bool = False,
    update_embedding_for_previous: bool = True,
    dtype: Any = None,
    scope: Any = None,
    initial_state_attention: bool = False,
) -> tuple[list[Any], Any]:
    """Run a cell along rows of a table, which attends to given states.

    Args:
      decoder_inputs, num_symbols, embedding_size, output_projection, feed_previous,
        update_embedding_for_previous: see `embedding_rnn_decoder`.
      initial_state, attention_states, cell, num_heads, output_size, dtype,
        initial_state_attention: see `attention_decoder`, whose results these are.
      scope: the variable scope, "embedding_attention_decoder" by default.
    """
    output_size = cell.output_size if output_size is None else output_size
    with tf.variable_scope(scope or "embedding_attention_decoder", dtype=dtype):
        table = tf.get_variable("embedding", [num_symbols, embedding_size])
        loop_function = None
        if feed_previous:
            loop_function = _embedded_argmax(
                table, output_projection, update_embedding_for_previous
            )
        return attention_decoder(
            [tf.nn.embedding_lookup(table, ids) for ids in decoder_inputs],
            initial_state,
            attention_states,
            cell,
            output_size=output_size,
            num_heads=num_heads,
            loop_function=loop_function,
            initial_state_attention=initial_state_attention,
        )


def embedding_attention_seq2seq(
    encoder_inputs: Any,
    decoder_inputs: Any,
    cell: Any,
    num_encoder_symbols: int,
    num_decoder_symbols: int,
    embedding_size: int,
    num_heads: int = 1,
    output_projection: Any = None,
    feed_previous: Any = False,
    dtype: Any = None,
    scope: Any = None,
    initial_state_attention: bool = False,
) -> tuple[list[Any], Any]:
    """Do what `embedding_rnn_seq2seq` does, with attention to the outputs of the first run.

    Args:
      num_heads, initial_state_attention: see `attention_decoder`.
      scope: the variable scope, "embedding_attention_seq2seq" by default.
      encoder_inputs, decoder_inputs, cell, num_encoder_symbols, num_decoder_symbols,
        embedding_size, output_projection, feed_previous, dtype: see `embedding_rnn_seq2seq`.
    """
    with tf.variable_scope(scope or "embedding_attention_seq2seq", dtype=dtype) as found:
        encoder = EmbeddingWrapper(copy.deepcopy(cell), num_encoder_symbols, embedding_size)
        outputs, state = tf.nn.static_rnn(encoder, encoder_inputs, dtype=found.dtype)
        states = tf.concat([tf.reshape(x, [-1, 1, cell.output_size]) for x in outputs], 1)
        output_size = None
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols)
            output_size = num_decoder_symbols

        def decoded(previous: bool) -> tuple[list[Any], Any]:
            return embedding_attention_decoder(
                decoder_inputs,
                state,
                states,
                cell,
                num_decoder_symbols,
                embedding_size,
                num_heads=num_heads,
                output_size=output_size,
                output_projection=output_projection,
                feed_previous=previous,
                update_embedding_for_previous=isinstance(feed_previous, bool),
                initial_state_attention=initial_state_attention,
            )

        return _either(feed_previous, decoded, len(decoder_inputs), state)


def sequence_loss_by_example(
    logits: Any,
    targets: Any,
    weights: Any,
    average_across_timesteps: bool = True,
    softmax_loss_function: Any = None,
    name: str | None = None,
) -> Any:
    """Return the weighted cross entropy of each sequence.

    Args:
      logits: a list of tensors [batch, classes].
      targets: a list of vectors of classes.
      weights: a list of vectors, how much each step counts.
      average_across_timesteps: whether the sum is divided by the sum of the weights.
      softmax_loss_function: a function of `labels` and `logits` in place of the cross entropy.
      name: a name scope.

    Returns:
      A vector with a loss for each sequence.

    Raises:
      ValueError: the lists have other lengths.
    """
    if len(targets) != len(logits) or len(weights) != len(logits):
        raise ValueError(
            "Lengths of logits, weights, and targets must be the same "
            f"{len(logits)}, {len(weights)}, {len(targets)}."
        )
    loss = softmax_loss_function or tf.nn.sparse_softmax_cross_entropy_with_logits
    with tf.name_scope(name, "sequence_loss_by_example", [*logits, *targets, *weights]):
        losses = []
        for values, classes, weight in zip(logits, targets, weights, strict=True):
            if softmax_loss_function is None:
                classes = tf.reshape(classes, [-1])
            losses.append(loss(labels=classes, logits=values) * weight)
        total = tf.add_n(losses)
        if average_across_timesteps:
            total /= tf.add_n(list(weights)) + _TINY
    return total


def sequence_loss(
    logits: Any,
    targets: Any,
    weights: Any,
    average_across_timesteps: bool = True,
    average_across_batch: bool = True,
    softmax_loss_function: Any = None,
    name: str | None = None,
) -> Any:
    """Return the sum of the losses of sequences, or their mean.

    Args:
      average_across_batch: whether it is the mean.
      logits, targets, weights, average_across_timesteps, softmax_loss_function, name: see
        `sequence_loss_by_example`, whose errors these are.
    """
    with tf.name_scope(name, "sequence_loss", [*logits, *targets, *weights]):
        losses = sequence_loss_by_example(
            logits, targets, weights, average_across_timesteps, softmax_loss_function
        )
        total = tf.reduce_sum(losses)
        if not average_across_batch:
            return total
        return total / tf.cast(tf.shape(targets[0])[0], total.dtype)


def model_with_buckets(
    encoder_inputs: Any,
    decoder_inputs: Any,
    targets: Any,
    weights: Any,
    buckets: Any,
    seq2seq: Callable[[Any, Any], Any],
    softmax_loss_function: Any = None,
    per_example_loss: bool = False,
    name: str | None = None,
) -> tuple[list[Any], list[Any]]:
    """Return outputs and losses of a model for sequences of several lengths.

    Args:
      encoder_inputs, decoder_inputs, targets, weights: lists of tensors, a step each.
      buckets: pairs of the lengths of both inputs, the longest last.
      seq2seq: from inputs of the one and the other kind to outputs and a state.
      softmax_loss_function: see `sequence_loss`.
      per_example_loss: whether losses are those of examples.
      name: a name scope.

    Returns:
      The outputs of each bucket, a list each, and the loss of each.

    Raises:
      ValueError: a list is shorter than the last bucket.
    """
    longest = buckets[-1]
    for label, values, length in (
        ("encoder_inputs", encoder_inputs, longest[0]),
        ("targets", targets, longest[1]),
        ("weights", weights, longest[1]),
    ):
        if len(values) < length:
            raise ValueError(
                f"Length of {label} ({len(values)}) must be at least that of last bucket "
                f"({length})."
            )
    loss = sequence_loss_by_example if per_example_loss else sequence_loss
    outputs, losses = [], []
    with tf.name_scope(
        name, "model_with_buckets", [*encoder_inputs, *decoder_inputs, *targets, *weights]
    ):
        for number, (first, second) in enumerate(buckets):
            with tf.variable_scope(tf.get_variable_scope(), reuse=True if number else None):
                found, _ = seq2seq(encoder_inputs[:first], decoder_inputs[:second])
            outputs.append(found)
            losses.append(
                loss(
                    found,
                    targets[:second],
                    weights[:second],
                    softmax_loss_function=softmax_loss_function,
                )
            )
    return outputs, losses
