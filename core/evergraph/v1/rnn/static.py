"""tf.nn.static_rnn: a cell along a list of inputs, a part of the graph for each."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast
from evergraph.graph.slicing import concat, stack
from evergraph.graph.slicing import shape as shape_of
from evergraph.shapes import TensorShape
from evergraph.v1 import nest
from evergraph.v1.filling import zeros
from evergraph.v1.reductions import reduce_max, reduce_min
from evergraph.v1.rnn.states import joined
from evergraph.v1.rnn.steps import cache_reads, initial_state, state_dtype, step_within
from evergraph.v1.rnn.wrappers import assert_like_rnncell
from evergraph.v1.shaping import reverse_sequence, unstack
from evergraph.v1.variable_scopes import variable_scope


def static_rnn(
    cell: Any,
    inputs: Any,
    initial_state: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> Any:
    """Run a cell along a list of inputs.

    Args:
      cell: the cell; see `tf.nn.rnn_cell`.
      inputs: a list with a tensor of shape [batch, size], or a structure of such, for each step.
      initial_state: the first state; zeros by default.
      dtype: the type of that, if it is not given.
      sequence_length: a vector with the length of each sequence of the batch: after its end, its
        outputs are zeros and its state stays.
      scope: the variable scope, "rnn" by default.

    Returns:
      The outputs of all steps in a list, and the last state.

    Raises:
      TypeError: the cell is none, or the inputs are no list.
      ValueError: there are no inputs, sizes are not known or do not fit, or there is no type.
    """
    assert_like_rnncell("cell", cell)
    _check_sequence(inputs)
    with variable_scope(scope or "rnn") as found:
        cache_reads(found)
        first, known = _checked_batch(inputs)
        batch_size = known or shape_of(first)[0]
        state = _start(cell, initial_state, batch_size, dtype)
        bounded = None
        if sequence_length is not None:
            kind = state_dtype(dtype, state)
            bounded = _prepared(cell, sequence_length, batch_size, known, kind)
        outputs = []
        for time, value in enumerate(inputs):
            if time > 0:
                found.reuse_variables()

            def call_cell(value: Any = value, state: Any = state) -> Any:
                return cell(value, state)

            if bounded is None:
                output, state = call_cell()
            else:
                output, state = step_within(time, *bounded, state, call_cell)
            outputs.append(output)
        return outputs, state


_start = initial_state


def _check_sequence(inputs: Any) -> None:
    if not nest.is_nested(inputs):
        raise TypeError(f"Argument `inputs` must be a sequence. Received: {inputs}")
    if not inputs:
        raise ValueError("Argument `inputs` must not be empty.")


def _checked_batch(inputs: Any) -> tuple[Any, int | None]:
    """Return the first input, and the size of the batch if it is known."""
    first = nest.flatten(inputs)[0]
    if first.shape.rank == 1:
        return first, first.shape.as_list()[0]
    batch = first.shape.with_rank_at_least(2).dims[0]
    for value in nest.flatten(inputs):
        shape = value.shape.with_rank_at_least(2)
        batch.assert_is_compatible_with(shape.dims[0])
        for i, size in enumerate(shape.as_list()[1:]):
            if size is None:
                raise ValueError(
                    f"Input size (dimension {i} of input {value}) must be accessible via shape "
                    "inference, but saw value None."
                )
    return first, batch.value


def _prepared(
    cell: Any, sequence_length: Any, batch_size: Any, known: int | None, dtype: Any
) -> tuple[Any, tuple[Any, Any], Any]:
    """Return lengths, the least and the greatest of them, and zeros as outputs."""
    lengths = convert_to_tensor(sequence_length, name="sequence_length")
    if lengths.shape.rank not in (None, 1):
        raise ValueError(
            f"Argument `sequence_length` must be a vector of length {batch_size}. Received "
            f"sequence_length={lengths}."
        )

    def zero_output(size: Any) -> Any:
        output = zeros(stack(joined(batch_size, size)), dtype)
        output.set_shape(TensorShape(joined(known, size, static=True)))
        return output

    flat = [zero_output(size) for size in nest.flatten(cell.output_size)]
    outputs = nest.pack_sequence_as(cell.output_size, flat)
    lengths = cast(lengths, dtypes.int32)
    return lengths, (reduce_min(lengths), reduce_max(lengths)), outputs


def static_bidirectional_rnn(
    cell_fw: Any,
    cell_bw: Any,
    inputs: Any,
    initial_state_fw: Any = None,
    initial_state_bw: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> Any:
    """Run one cell along a list of inputs, and another against it.

    Args:
      cell_fw, cell_bw: the cells.
      initial_state_fw, initial_state_bw: their first states; zeros by default.
      inputs, dtype, sequence_length: see `static_rnn`.
      scope: the variable scope, "bidirectional_rnn" by default.

    Returns:
      The outputs of both, joined along axis 1, in a list; and the last state of either.

    Raises:
      TypeError, ValueError: as `static_rnn`.
    """
    assert_like_rnncell("cell_fw", cell_fw)
    assert_like_rnncell("cell_bw", cell_bw)
    _check_sequence(inputs)
    with variable_scope(scope or "bidirectional_rnn"):
        with variable_scope("fw") as fw_scope:
            forward, state_fw = static_rnn(
                cell_fw, inputs, initial_state_fw, dtype, sequence_length, scope=fw_scope
            )
        with variable_scope("bw") as bw_scope:
            backward, state_bw = static_rnn(
                cell_bw,
                _reversed(inputs, sequence_length),
                initial_state_bw,
                dtype,
                sequence_length,
                scope=bw_scope,
            )
    backward = _reversed(backward, sequence_length)
    pairs = zip(nest.flatten(forward), nest.flatten(backward), strict=True)
    outputs = nest.pack_sequence_as(forward, [concat(pair, 1) for pair in pairs])
    return outputs, state_fw, state_bw


def _reversed(inputs: Any, lengths: Any) -> list[Any]:
    """Return a list of inputs in reverse order, each sequence up to its length."""
    if lengths is None:
        return list(reversed(inputs))
    columns = []
    for sequence in zip(*(nest.flatten(value) for value in inputs), strict=True):
        shape = TensorShape([None] * sequence[0].shape.rank)
        for value in sequence:
            shape = shape.merge_with(value.shape)
        column = unstack(reverse_sequence(stack(sequence), lengths, 0, 1))
        for value in column:
            value.set_shape(shape)
        columns.append(column)
    rows = zip(*columns, strict=True)
    return [nest.pack_sequence_as(one, list(row)) for one, row in zip(inputs, rows, strict=True)]
