"""`AttentionWrapper`: a cell that reads what it attends to, and emits it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from evergraph import v1 as tf
from evergraph.v1 import nest
from evergraph.v1.contrib.seq2seq.attention import AttentionMechanism
from evergraph.v1.rnn.cells import RNNCell
from evergraph.v1.rnn.wrappers import assert_like_rnncell


class AttentionWrapperState(NamedTuple):
    """The state of an `AttentionWrapper`.

    Attributes:
      cell_state: the state of the cell.
      attention: what was attended to last.
      time: the number of the step.
      alignments: of the last step, one for each mechanism.
      alignment_history: arrays of all alignments, or ().
      attention_state: the states of the mechanisms.
    """

    cell_state: Any
    attention: Any
    time: Any
    alignments: Any
    alignment_history: Any
    attention_state: Any

    def clone(self, **kwargs: Any) -> AttentionWrapperState:
        """Return a state with other parts, of the same static shapes."""
        return self._replace(**kwargs)


class AttentionWrapper(RNNCell):
    """A cell that reads its input and what it attended to, and attends by its output.

    Args:
      cell: the cell.
      attention_mechanism: how it attends, such as `LuongAttention`; or a list of such.
      attention_layer_size: the size to which output and context are projected; or a list; None for
        the context as it is.
      alignment_history: whether the state has all alignments.
      cell_input_fn: from input and what was attended to to what the cell reads; both joined by
        default.
      output_attention: whether it emits what it attends to, or the output of the cell.
      initial_cell_state: the cell's first state, for `zero_state`; zeros by default.
      name: see `tf.layers.Layer`.
      attention_layer: a layer in place of a size; or a list.
      attention_fn: what computes attention, alignments and state, of a mechanism, an output, a
        state and a layer.

    Raises:
      TypeError: a mechanism is none, or the function cannot be called.
      ValueError: there is a size and a layer, or not one for each mechanism.
    """

    def __init__(
        self,
        cell: Any,
        attention_mechanism: Any,
        attention_layer_size: Any = None,
        alignment_history: bool = False,
        cell_input_fn: Callable[[Any, Any], Any] | None = None,
        output_attention: bool = True,
        initial_cell_state: Any = None,
        name: str | None = None,
        attention_layer: Any = None,
        attention_fn: Callable[..., Any] | None = None,
    ) -> None:
        super().__init__(name=name)
        assert_like_rnncell("cell", cell)
        self._is_multi = isinstance(attention_mechanism, list | tuple)
        self._mechanisms = list(attention_mechanism) if self._is_multi else [attention_mechanism]
        for mechanism in self._mechanisms:
            if not isinstance(mechanism, AttentionMechanism):
                raise TypeError(
                    "attention_mechanism must be an AttentionMechanism or list of multiple "
                    f"AttentionMechanism instances, saw type: {type(mechanism).__name__}"
                )
        if cell_input_fn is not None and not callable(cell_input_fn):
            raise TypeError(
                f"cell_input_fn must be callable, saw type: {type(cell_input_fn).__name__}"
            )
        self._layers_of = self._made_layers(attention_layer_size, attention_layer)
        self._size = self._attention_size()
        self._cell = cell
        self._cell_input_fn = cell_input_fn or (lambda x, attention: tf.concat([x, attention], -1))
        self._output_attention = output_attention
        self._alignment_history = alignment_history
        self._initial_cell_state = initial_cell_state
        self._attention_fn = attention_fn or attend

    def _made_layers(self, sizes: Any, layers: Any) -> list[Any]:
        if sizes is not None and layers is not None:
            raise ValueError("Only one of attention_layer_size and attention_layer should be set")
        given = sizes if layers is None else layers
        if given is None:
            return [None] * len(self._mechanisms)
        listed = list(given) if isinstance(given, list | tuple) else [given]
        if len(listed) != len(self._mechanisms):
            raise ValueError(
                "If provided, attention_layer_size or attention_layer must contain exactly one "
                f"entry per attention_mechanism, saw: {len(listed)} vs {len(self._mechanisms)}"
            )
        if layers is not None:
            return listed
        return [tf.layers.Dense(size, name="attention_layer", use_bias=False) for size in listed]

    def _attention_size(self) -> int:
        sizes = [
            mechanism.values.shape.as_list()[-1] if layer is None else layer.units
            for mechanism, layer in zip(self._mechanisms, self._layers_of, strict=True)
        ]
        return sum(sizes)

    def _of_mechanisms(self, parts: Any) -> Any:
        return tuple(parts) if self._is_multi else next(iter(parts))

    @property
    def output_size(self) -> Any:
        """The size of the output."""
        return self._size if self._output_attention else self._cell.output_size

    @property
    def state_size(self) -> Any:
        """The sizes of the state."""
        return AttentionWrapperState(
            cell_state=self._cell.state_size,
            attention=self._size,
            time=tf.TensorShape([]),
            alignments=self._of_mechanisms(m.alignments_size for m in self._mechanisms),
            alignment_history=self._of_mechanisms(
                m.alignments_size if self._alignment_history else () for m in self._mechanisms
            ),
            attention_state=self._of_mechanisms(m.state_size for m in self._mechanisms),
        )

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Return a first state: zeros, but for the given state of the cell."""
        with tf.name_scope(f"{type(self).__name__}ZeroState"):
            cell_state = self._initial_cell_state
            if cell_state is None:
                cell_state = self._cell.zero_state(batch_size, dtype)
            else:
                cell_state = nest.map_structure(tf.identity, cell_state)
            alignments = [m.initial_alignments(batch_size, dtype) for m in self._mechanisms]
            return AttentionWrapperState(
                cell_state=cell_state,
                attention=tf.zeros(tf.stack([batch_size, self._size]), dtype),
                time=tf.zeros([], tf.int32),
                alignments=self._of_mechanisms(alignments),
                alignment_history=self._of_mechanisms(self._history(dtype, a) for a in alignments),
                attention_state=self._of_mechanisms(
                    m.initial_state(batch_size, dtype) for m in self._mechanisms
                ),
            )

    def _history(self, dtype: Any, alignments: Any) -> Any:
        if not self._alignment_history:
            return ()
        shape = alignments.shape
        return tf.TensorArray(dtype, size=0, dynamic_size=True, element_shape=shape)

    def call(self, inputs: Any, state: Any) -> Any:
        """Return output and new state.

        Raises:
          TypeError: the state is none of an `AttentionWrapper`.
        """
        if not isinstance(state, AttentionWrapperState):
            raise TypeError(
                "Expected state to be instance of AttentionWrapperState. Received type "
                f"{type(state)} instead."
            )
        read = self._cell_input_fn(inputs, state.attention)
        cell_output, cell_state = self._cell(read, state.cell_state)
        attentions, alignments, states, histories = [], [], [], []
        previous = nest.flatten(state.attention_state)
        history = state.alignment_history if self._is_multi else (state.alignment_history,)
        for mechanism, layer, old, kept in zip(
            self._mechanisms, self._layers_of, previous, history, strict=True
        ):
            attention, aligned, new = self._attention_fn(mechanism, cell_output, old, layer)
            attentions.append(attention)
            alignments.append(aligned)
            states.append(new)
            histories.append(kept.write(state.time, aligned) if self._alignment_history else ())
        attention = attentions[0] if len(attentions) == 1 else tf.concat(attentions, 1)
        new_state = AttentionWrapperState(
            cell_state=cell_state,
            attention=attention,
            time=state.time + 1,
            alignments=self._of_mechanisms(alignments),
            alignment_history=self._of_mechanisms(histories),
            attention_state=self._of_mechanisms(states),
        )
        return (attention if self._output_attention else cell_output), new_state


def attend(mechanism: Any, cell_output: Any, attention_state: Any, attention_layer: Any) -> Any:
    """Return what is attended to, the alignments, and the next state of a mechanism."""
    alignments, next_state = mechanism(cell_output, state=attention_state)
    context = tf.squeeze(tf.matmul(tf.expand_dims(alignments, 1), mechanism.values), [1])
    if attention_layer is None:
        return context, alignments, next_state
    return attention_layer(tf.concat([cell_output, context], 1)), alignments, next_state
