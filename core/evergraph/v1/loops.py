"""`while_loop`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from evergraph.builder import build
from evergraph.graph.composite import CompositeTensor
from evergraph.graph.contexts import merged, switched
from evergraph.graph.convert import convert_n_to_tensor, convert_to_tensor
from evergraph.graph.loop_context import LoopContext, is_constant_enter
from evergraph.graph.operators import scope
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape, as_shape
from evergraph.v1 import nest
from evergraph.v1.conditions import after_summaries, as_flow, as_given


def while_loop(
    cond: Any,
    body: Any,
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
    maximum_iterations: Any = None,
    return_same_structure: bool = False,
) -> Any:
    """Return the values of variables of a loop after it: `while cond(*vars): vars = body(*vars)`.

    Args:
      cond: a function of the variables that returns a scalar bool tensor.
      body: a function of the variables that returns their next values, in the same structure.
      loop_vars: a list or tuple of tensors, TensorArrays, or structures of them.
      shape_invariants: for each variable the shape that all its values have; by default that of
        its first one.
      parallel_iterations: how many iterations TensorFlow may run at once; it changes nothing here.
      back_prop: whether gradients may be taken.
      swap_memory: accepted for compatibility.
      name: a name scope.
      maximum_iterations: an integer scalar; the loop ends after so many iterations.
      return_same_structure: whether a list of one variable is returned as a list.

    Raises:
      TypeError: a function cannot be called, or an argument is not of its type.
      ValueError: there are no variables, or `body` returns other structures or shapes.
    """
    with scope(name, "while", nest.flatten(loop_vars) if loop_vars is not None else ()):
        if not loop_vars:
            raise ValueError("'loop_vars' must be provided.")
        if not callable(cond):
            raise TypeError("'cond' must be callable.")
        if not callable(body):
            raise TypeError("'body' must be callable.")
        if parallel_iterations < 1:
            raise TypeError("'parallel_iterations' must be a positive integer.")
        limit = None
        if maximum_iterations is not None:
            limit = convert_to_tensor(maximum_iterations, name="maximum_iterations")
            if limit.shape.ndims not in (None, 0):
                raise ValueError(
                    f"'maximum_iterations' must be a scalar. Received shape: {limit.shape}"
                )
            counter = convert_to_tensor(0, limit.dtype, name="iteration_counter")
            cond, body = _limited(cond, body, limit, len(loop_vars) == 1)
            first = loop_vars[0] if len(loop_vars) == 1 else loop_vars
            loop_vars = (counter, first)
            if shape_invariants is not None:
                shapes = shape_invariants[0] if len(shape_invariants) == 1 else shape_invariants
                shape_invariants = (TensorShape([]), shapes)
        context = LoopContext(
            get_default_graph(),
            parallel_iterations=parallel_iterations,
            maximum_iterations=limit,
            back_prop=back_prop,
            swap_memory=swap_memory,
        )
        result = _build(context, cond, body, loop_vars, shape_invariants, return_same_structure)
        return result if limit is None else result[1]


def _limited(
    cond: Callable[..., Any], body: Callable[..., Any], limit: Tensor, single: bool
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return the functions of a loop that counts its iterations first."""

    def goes_on(i: Tensor, values: Any) -> Tensor:
        more = build("Less", {"x": i, "y": limit})
        again = cond(values) if single else cond(*values)
        return build("LogicalAnd", {"x": more, "y": again})  # type: ignore[no-any-return]

    def iteration(i: Tensor, values: Any) -> Any:
        following = i + 1
        return following, (body(values) if single else body(*values))

    return goes_on, iteration


def _build(
    context: LoopContext,
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    shape_invariants: Any,
    keep: bool,
) -> Any:
    leaves = nest.flatten(loop_vars, expand_composites=True)
    values = convert_n_to_tensor([as_flow(v) for v in leaves])
    shapes = _invariants(loop_vars, values, shape_invariants)
    with context.entered():
        merges = _heads(context, values, shapes)
        test = convert_to_tensor(cond(*_packed(loop_vars, leaves, merges)))
        goes_on = context.test = build("LoopCond", {"input": test}, "LoopCond")
        pairs = [switched(m, goes_on) for m in merges]
        inside = [_identity(yes) for _, yes in pairs]
        context.body_pivot = inside[0]
        given = _packed(loop_vars, leaves, inside)
        result = after_summaries(lambda: body(*given))
        if not nest.is_nested(result):
            result = [result]
        nest.assert_same_structure(
            list(given), list(result), check_types=False, expand_composites=True
        )
        result_leaves = nest.flatten(result, expand_composites=True)
        following = convert_n_to_tensor([as_flow(v) for v in result_leaves])
        for merge, value in zip(merges, following, strict=True):
            _close(merge, value)
        exits = [
            build("RefExit" if no.dtype._is_ref_dtype else "Exit", {"data": no}) for no, _ in pairs
        ]
        context.exits = exits
        context.leave(exits)
    results = [as_given(r, e) for r, e in zip(result_leaves, exits, strict=True)]
    packed = nest.pack_sequence_as(result, results, expand_composites=True)
    return packed if keep or len(exits) != 1 else packed[0]


def _packed(structure: Any, leaves: Sequence[Any], tensors: Sequence[Tensor]) -> Any:
    """Return tensors in the structure of the variables of a loop."""
    values = [as_given(leaf, t) for leaf, t in zip(leaves, tensors, strict=True)]
    return nest.pack_sequence_as(structure, values, expand_composites=True)


def _invariants(structure: Any, values: Sequence[Tensor], given: Any) -> list[TensorShape]:
    """Return the shapes that the variables of a loop keep.

    Raises:
      ValueError: the first value of one has another one.
    """
    if given is None:
        return [v.shape for v in values]
    nest.assert_same_structure(structure, given, check_types=False)
    shapes: list[Any] = []
    for leaf, shape in zip(nest.flatten(structure), nest.flatten(given), strict=True):
        # Of the components of a composite value, the rank alone is known beforehand.
        parts = leaf._components() if isinstance(leaf, CompositeTensor) else [None]
        shapes += [shape if p is None else _of_rank(p.shape.ndims) for p in parts]
    result = []
    for value, shape in zip(values, shapes, strict=True):
        wanted = as_shape(shape)
        if not _is_within(value.shape, wanted):
            raise ValueError(
                f"The shape invariant specified for {value.name} is not compatible with the "
                "initial shape of the loop variable. It enters the loop with shape "
                f"{value.shape}, but the specified shape invariant is {wanted}."
            )
        result.append(wanted)
    return result


def _of_rank(rank: int | None) -> TensorShape:
    return TensorShape(None if rank is None else [None] * rank)


def _is_within(shape: TensorShape, wider: TensorShape) -> bool:
    """Whether every value of one shape has the other one."""
    if wider.dims is None:
        return True
    if shape.dims is None or shape.ndims != wider.ndims:
        return False
    pairs = zip(shape.as_list(), wider.as_list(), strict=True)
    return all(w is None or s == w for s, w in pairs)


def _heads(
    context: LoopContext, values: Sequence[Tensor], shapes: Sequence[TensorShape]
) -> list[Tensor]:
    """Return the tensors that the variables are at the start of an iteration."""
    outer = context.outer
    graph = context.graph
    context.known = set(values)
    entering = [v if outer is None else outer.inside(v) for v in values]
    with graph.control_dependencies(None):
        enters = []
        for value, shape in zip(entering, shapes, strict=True):
            entered = context.enter(value, constant=False)
            entered.set_shape(shape)
            if outer is not None:
                outer.add_inner(entered.op)
            enters.append(entered)
    if outer is not None:
        # TF: what enters from an invariant of a loop around would be there too soon.
        for entered in enters:
            if is_constant_enter(entered.op.inputs[0].op):
                entered.op._wait_for([outer.pivot.op])
    context.settle(enters)
    context.known = set(enters)
    merges = [merged([e, e]) for e in enters]
    context.condition_pivot = merges[0]
    return merges


def _identity(value: Tensor) -> Tensor:
    kind = "RefIdentity" if value.dtype._is_ref_dtype else "Identity"
    return build(kind, {"input": value})  # type: ignore[no-any-return]


def _close(merge: Tensor, value: Tensor) -> None:
    """Let a value be the next one of a variable.

    Raises:
      ValueError: its shape is not that of the variable.
    """
    kind = "RefNextIteration" if value.dtype._is_ref_dtype else "NextIteration"
    following = build(kind, {"data": value})
    first = merge.op.inputs[0].op.inputs[0]
    if not _is_within(following.shape, merge.shape):
        raise ValueError(
            f"Input tensor '{first.name}' enters the loop with shape {first.shape}, but has shape "
            f"{following.shape} after one iteration. To allow the shape to vary across iterations, "
            "use the `shape_invariants` argument of tf.while_loop to specify a less-specific shape."
        )
    if following.dtype.base_dtype is not merge.dtype.base_dtype:
        raise TypeError(
            f"Input tensor '{first.name}' enters the loop with type {first.dtype.name}, but has "
            f"type {following.dtype.name} after one iteration."
        )
    merge.op._close_loop(following)
