"""tf.nn.dynamic_rnn: a cell along sequences, in a loop."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.operators import cast, node
from evergraph.graph.slicing import concat, stack
from evergraph.graph.slicing import shape as shape_of
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape
from evergraph.v1 import nest
from evergraph.v1.filling import rank as rank_of
from evergraph.v1.flow import Assert, identity
from evergraph.v1.framework import get_static_value, name_scope
from evergraph.v1.loops import while_loop
from evergraph.v1.reductions import reduce_all, reduce_max, reduce_min
from evergraph.v1.rnn.states import joined
from evergraph.v1.rnn.steps import (
    cache_reads,
    initial_state,
    state_dtype,
    step_within,
    zero_outputs,
)
from evergraph.v1.rnn.wrappers import assert_like_rnncell
from evergraph.v1.sequences import range as range_of
from evergraph.v1.shaping import reverse_sequence, transpose
from evergraph.v1.tensor_array import TensorArray
from evergraph.v1.variable_scopes import variable_scope

_start = initial_state


def dynamic_rnn(
    cell: Any,
    inputs: Any,
    sequence_length: Any = None,
    initial_state: Any = None,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    swap_memory: bool = False,
    time_major: bool = False,
    scope: Any = None,
) -> Any:
    """Run a cell along sequences, in a loop.

    Args:
      cell: the cell; see `tf.nn.rnn_cell`.
      inputs: a tensor of shape [batch, time, ...], or a structure of such.
      sequence_length: a vector with the length of each sequence of the batch: after its end, its
        outputs are zeros and its state stays.
      initial_state: the first state; zeros by default.
      dtype: the type of that, if it is not given.
      parallel_iterations, swap_memory: see `tf.while_loop`.
      time_major: whether inputs and outputs have the shape [time, batch, ...].
      scope: the variable scope, "rnn" by default.

    Returns:
      The outputs, joined along time, and the last state.

    Raises:
      TypeError: the cell is none.
      ValueError: sizes are not known or do not fit, or there is no type.
    """
    assert_like_rnncell("cell", cell)
    with variable_scope(scope or "rnn") as found:
        cache_reads(found)
        flat = nest.flatten(inputs)
        if not time_major:
            flat = [convert_to_tensor(value) for value in flat]
            flat = [_batch_and_time_swapped(value) for value in flat]
        lengths = None if sequence_length is None else _lengths(sequence_length)
        batch_size = _batch_size(flat)
        state = _start(cell, initial_state, batch_size, dtype)
        if lengths is not None:
            with get_default_graph().control_dependencies([_one_for_each(lengths, batch_size)]):
                lengths = identity(lengths, name="CheckSeqLen")
        rows = nest.pack_sequence_as(inputs, flat)
        outputs, state = _loop(
            cell, rows, state, parallel_iterations or 32, swap_memory, lengths, dtype
        )
        if not time_major:
            outputs = nest.map_structure(_batch_and_time_swapped, outputs)
        return outputs, state


def _batch_and_time_swapped(x: Any) -> Any:
    """Return a tensor with its first two dimensions swapped."""
    known = TensorShape(x.shape)
    if known.rank is not None and known.rank < 2:
        return x
    swapped = transpose(x, concat(([1, 0], range_of(2, rank_of(x))), 0))
    if known.rank is not None:
        time, batch, *others = known.as_list()
        swapped.set_shape([batch, time, *others])
    return swapped


def _lengths(sequence_length: Any) -> Any:
    lengths = cast(sequence_length, dtypes.int32)
    if lengths.shape.rank not in (None, 1):
        raise ValueError(
            "Argument sequence_length must be a vector of length batch_size. Received "
            f"sequence_length={lengths} of shape: {lengths.shape}"
        )
    return identity(lengths, name="sequence_length")


def _one_for_each(lengths: Any, batch_size: Any) -> Any:
    """Return the operation that checks that there is a length for each sequence."""
    found = shape_of(lengths)
    wanted = stack([batch_size])
    data = [f"Expected shape for Tensor {lengths.name} is ", wanted, " but saw shape: ", found]
    return Assert(reduce_all(node("Equal", x=found, y=wanted)), data)


def _batch_size(flat: Any) -> Any:
    """Return the size of the batch: a number if an input's is known, else a tensor."""
    for value in flat:
        shape = TensorShape(value.shape)
        if shape.rank is None:
            continue
        if shape.rank < 2:
            raise ValueError(
                f"Input tensor should have rank >= 2. Received input={value} of rank {shape.rank}"
            )
        if shape.as_list()[1] is not None:
            return shape.as_list()[1]
    return shape_of(flat[0])[1]


def _checked_shapes(flat: Any) -> list[TensorShape]:
    """Return the shapes of the inputs.

    Raises:
      ValueError: a size is not known, or inputs have other numbers of steps or sequences.
    """
    shapes = [TensorShape(value.shape).with_rank_at_least(3) for value in flat]
    steps, batch = shapes[0].as_list()[:2]
    for value, shape in zip(flat, shapes, strict=True):
        if not shape[2:].is_fully_defined():
            raise ValueError(
                "Input size (depth of inputs) must be accessible via shape inference, but saw "
                f"value None for input={value}."
            )
        got_steps, got_batch = shape.as_list()[:2]
        if got_steps != steps:
            raise ValueError(
                "Time steps is not the same for all the elements in the input in a batch. "
                f"Received time steps={got_steps} for input={value}."
            )
        if got_batch != batch:
            raise ValueError(
                "Batch_size is not the same for all the elements in the input. Received batch "
                f"size={got_batch} for input={value}."
            )
    return shapes


def _loop(
    cell: Any,
    inputs: Any,
    state: Any,
    parallel_iterations: int,
    swap_memory: bool,
    lengths: Any,
    dtype: Any,
) -> tuple[Any, Any]:
    """Return all outputs, and the last state."""
    flat = nest.flatten(inputs)
    sizes = nest.flatten(cell.output_size)
    steps = shape_of(flat[0])[0]
    batch_size = _batch_size(flat)
    shapes = _checked_shapes(flat)
    static_steps, static_batch = shapes[0].as_list()[:2]
    kind = state_dtype(dtype, state)
    zero_output = zero_outputs(cell, batch_size, kind)
    longest = steps
    if lengths is not None:
        # TF: the least is computed, and used by nothing.
        reduce_min(lengths)
        longest = reduce_max(lengths)
    time = constant(0, dtypes.int32, name="time")
    with name_scope("dynamic_rnn") as base:
        pass
    outputs = tuple(
        TensorArray(
            kind,
            size=steps,
            element_shape=TensorShape([static_batch]).concatenate(static_size(size)),
            tensor_array_name=f"{base}output_{i}",
        )
        for i, size in enumerate(sizes)
    )
    empty = [
        TensorArray(
            value.dtype,
            size=steps,
            element_shape=value.shape[1:],
            tensor_array_name=f"{base}input_{i}",
        )
        for i, value in enumerate(flat)
    ]
    rows = [array.unstack(value) for array, value in zip(empty, flat, strict=True)]

    def step(time: Any, outputs: Any, state: Any) -> Any:
        values = [array.read(time) for array in rows]
        for value, shape in zip(values, shapes, strict=True):
            value.set_shape(shape[1:])
        current = nest.pack_sequence_as(inputs, values)

        def call_cell() -> Any:
            return cell(current, state)

        if lengths is None:
            output, new_state = call_cell()
        else:
            output, new_state = step_within(time, lengths, None, zero_output, state, call_cell)
        pairs = zip(outputs, nest.flatten(output), strict=True)
        return time + 1, tuple(array.write(time, value) for array, value in pairs), new_state

    # One step at least, from which arrays learn their shapes.
    bound = node("Minimum", x=steps, y=node("Maximum", x=1, y=longest))
    _, outputs, state = while_loop(
        lambda time, *_: time < bound,
        step,
        (time, outputs, state),
        parallel_iterations=parallel_iterations,
        maximum_iterations=steps,
        swap_memory=swap_memory,
    )
    stacked = [array.stack() for array in outputs]
    for output, size in zip(stacked, sizes, strict=True):
        output.set_shape(joined([static_steps, static_batch], size, static=True))
    return nest.pack_sequence_as(cell.output_size, stacked), state


def static_size(size: Any) -> Any:
    """Return a size as a shape, as far as it is known."""
    if isinstance(size, Tensor):
        return TensorShape(get_static_value(size))
    return TensorShape([size] if isinstance(size, int) else size)


def bidirectional_dynamic_rnn(
    cell_fw: Any,
    cell_bw: Any,
    inputs: Any,
    sequence_length: Any = None,
    initial_state_fw: Any = None,
    initial_state_bw: Any = None,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    swap_memory: bool = False,
    time_major: bool = False,
    scope: Any = None,
) -> Any:
    """Run one cell along sequences, and another against them.

    Args:
      cell_fw, cell_bw: the cells.
      initial_state_fw, initial_state_bw: their first states; zeros by default.
      inputs, sequence_length, dtype, parallel_iterations, swap_memory, time_major: see
        `dynamic_rnn`.
      scope: the variable scope, "bidirectional_rnn" by default.

    Returns:
      The outputs of both, and the last states of both.

    Raises:
      TypeError, ValueError: as `dynamic_rnn`.
    """
    assert_like_rnncell("cell_fw", cell_fw)
    assert_like_rnncell("cell_bw", cell_bw)
    time_axis, batch_axis = (0, 1) if time_major else (1, 0)

    def reversed_in_time(value: Any) -> Any:
        if sequence_length is None:
            return node("ReverseV2", tensor=value, axis=[time_axis])
        return reverse_sequence(value, sequence_length, seq_axis=time_axis, batch_axis=batch_axis)

    further = {
        "sequence_length": sequence_length,
        "dtype": dtype,
        "parallel_iterations": parallel_iterations,
        "swap_memory": swap_memory,
        "time_major": time_major,
    }
    with variable_scope(scope or "bidirectional_rnn"):
        with variable_scope("fw") as fw_scope:
            forward, state_fw = dynamic_rnn(
                cell_fw, inputs, initial_state=initial_state_fw, scope=fw_scope, **further
            )
        with variable_scope("bw") as bw_scope:
            backwards = nest.map_structure(reversed_in_time, inputs)
            backward, state_bw = dynamic_rnn(
                cell_bw, backwards, initial_state=initial_state_bw, scope=bw_scope, **further
            )
    return (forward, nest.map_structure(reversed_in_time, backward)), (state_fw, state_bw)
