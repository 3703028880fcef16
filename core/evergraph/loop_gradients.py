"""The gradient of a loop: a loop that runs as often, backwards.

What the forward loop computes and the backward one needs is pushed to lists in the one and popped
in the other. The lists are variables of both loops, and of all loops around them, so that nothing
has an effect, and the gradient can be differentiated again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from evergraph import dtypes
from evergraph.builder import build
from evergraph.graph.contexts import merged, source_of, switched
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.guards import Guards
from evergraph.graph.inference import constant_value
from evergraph.graph.loop_context import LoopContext, is_constant_enter, loop_of
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor

#: From tensors and their gradients, and tensors to be differentiated by, to gradients.
Differentiate = Callable[[list[Tensor], list[Any], list[Tensor], LoopContext], list[Any]]

#: Larger constants are not made again for the backward loop.
_SMALL = 1024


@dataclass(frozen=True)
class Head:
    """A variable of a loop, by its nodes: Enter, Merge, Switch, and the Exit if there is one."""

    enter: Operation
    merge: Operation
    switch: Operation
    exit: Operation | None

    @property
    def start(self) -> Tensor:
        """The value at the start of an iteration."""
        return self.switch._outputs[1]

    @property
    def next(self) -> Tensor:
        """The value at the end of an iteration."""
        return self.merge._inputs[1]._op._inputs[0]


class LoopGradient:
    """What a backward loop knows of its forward loop.

    Args:
      forward: the loop.
      backward: the loop that computes the gradient.
    """

    def __init__(self, forward: LoopContext, backward: LoopContext) -> None:
        self.forward = forward
        self.backward = backward
        outer = backward.outer
        found = None if outer is None else outer.loop
        #: That of the loop around the forward one, which the backward loop is inside of.
        self.outer: LoopGradient | None = None if found is None else found.gradient
        if self.outer is not None and self.outer.forward is not _loop_around(forward):
            self.outer = None

    def real_value(self, value: Tensor) -> Tensor:
        """Return what a tensor of the forward loop was in the iteration that is undone."""
        if value.dtype.base_dtype is dtypes.bool:
            # One list for a predicate, by whatever name it goes.
            source = source_of(value)
            if source is not value and loop_of(source._op) is self.forward:
                return self.backward.inside(source)
        given = _handle(value) if value.dtype is dtypes.resource else value
        if is_constant_enter(given._op):
            return self.backward.inside(given._op._inputs[0])
        if value._op._type == "Const":
            known = constant_value(value)
            if known is not None and known.size <= _SMALL:
                with self.backward.graph.control_dependencies(None), self.backward.entered():
                    return convert_to_tensor(known, value.dtype)
        return self._accumulated(value)

    def _accumulated(self, value: Tensor) -> Tensor:
        graph = self.backward.graph
        gradients: list[LoopGradient] = [self]
        while gradients[0].outer is not None:
            gradients.insert(0, gradients[0].outer)
        around = gradients[0].forward.outer
        path = _path(value, [g.forward for g in gradients])
        shape = _element_shape(value)
        dtype = value.dtype.base_dtype
        with graph.control_dependencies(None), graph._in_context(around):
            empty = build(
                "EmptyTensorList",
                {"element_shape": shape, "max_num_elements": -1, "element_dtype": dtype},
                "accumulator",
            )
            pushed = _threaded(path, empty, lambda state: _push(state, value))
        mirror = {g.forward: g.backward for g in gradients}
        popped: list[Tensor] = []

        def pop(state: Tensor) -> Tensor:
            arguments = {"input_handle": state, "element_shape": shape, "element_dtype": dtype}
            rest, element = build("TensorListPopBack", arguments)
            element.set_shape(value.shape)
            popped.append(element)
            return rest  # type: ignore[no-any-return]

        outermost = gradients[0].backward
        with graph.control_dependencies(None), graph._in_context(outermost.outer):
            _threaded(path, pushed, pop, mirror)
        return popped[0]


def _handle(value: Tensor) -> Tensor:
    """Return what a handle was outside of the conditions of its loop: lists hold no handles."""
    while value._op._type == "Switch":
        value = value._op._inputs[0]
    return value


def _loop_around(context: LoopContext) -> LoopContext | None:
    found: LoopContext | None = None if context.outer is None else context.outer.loop
    return found


def _push(state: Tensor, value: Tensor) -> Tensor:
    result: Tensor = build("TensorListPushBack", {"input_handle": state, "tensor": value})
    return result


def _element_shape(value: Tensor) -> Any:
    dims = value._dims
    return np.array(-1 if dims is None else [-1 if d is None else d for d in dims], np.int32)


#: What a value is inside of: a loop, or a branch of the condition on a predicate.
_Step: TypeAlias = LoopContext | tuple[Tensor, int]


def _path(value: Tensor, loops: Sequence[LoopContext]) -> list[_Step]:
    """Return what a value is inside of, from the first of these loops inwards."""
    path: list[_Step] = []
    for loop, inner in zip(loops, [*loops[1:], None], strict=True):
        guards = Guards(loop)
        path.append(loop)
        path += guards.of(value) if inner is None else guards.of_loop(inner)
    return path


def _threaded(
    path: Sequence[_Step],
    state: Tensor,
    leaf: Callable[[Tensor], Tensor],
    mirror: dict[LoopContext, LoopContext] | None = None,
) -> Tensor:
    """Pass a value through loops and conditions, change it inside of all, and bring it back.

    Args:
      path: what it passes, outermost first; the current context is around it.
      state: the value.
      leaf: changes it.
      mirror: the loops to be used in place of those in the path.
    """
    if not path:
        return leaf(state)
    step, *inner = path
    if isinstance(step, tuple):
        predicate, branch = step
        pair = switched(state, predicate)
        branches = list(pair)
        branches[branch] = _threaded(inner, pair[branch], leaf, mirror)
        return merged(branches)
    loop = step if mirror is None else mirror[step]
    if loop.outer is not None:
        state = loop.outer.inside(state)
    return add_variable(loop, state, lambda start: _threaded(inner, start, leaf, mirror))


def add_variable(
    loop: LoopContext, initial: Tensor, follow: Callable[[Tensor], Tensor], name: str | None = None
) -> Tensor:
    """Add a variable to a loop, and return its value after the loop.

    Args:
      loop: the loop; the current context is the one around it.
      initial: the first value.
      follow: from the value in an iteration to the next one.
      name: of its nodes.
    """
    entered = loop.enter(initial, constant=False)
    entered.set_shape(initial.shape)
    if loop.outer is not None:
        loop.outer.add_inner(entered.op)
    loop.settle([entered])
    loop.known.add(entered)
    assert loop.test is not None
    with loop.entered():
        merge = merged([entered, entered], name)
        leaving, start = switched(merge, loop.test)
        following = follow(start)
        merge.op._close_loop(build("NextIteration", {"data": following}))
        result: Tensor = build("Exit", {"data": leaving}, name)
        loop.leave([result])
    return result


def trip_count(loop: LoopContext) -> Tensor:
    """Return how many iterations a loop has had, an int32 scalar."""
    if loop.count is None:
        with loop.graph.control_dependencies(None), loop.graph._in_context(loop.outer):
            zero = convert_to_tensor(0, dtypes.int32, name="f_count")
            loop.count = add_variable(loop, zero, lambda n: n + 1, "f_count")
    return loop.count


def heads(loop: LoopContext) -> list[Head]:
    """Return the variables of a loop."""
    found = []
    for entered in loop.enters:
        if is_constant_enter(entered._op):
            continue
        merge = next(op for op in entered.consumers() if op._type in ("Merge", "RefMerge"))
        switch = next(
            op
            for op in merge._outputs[0].consumers()
            if op._type in ("Switch", "RefSwitch") and op._inputs[1] is loop.test
        )
        exits = [op for op in switch._outputs[0].consumers() if op._type in ("Exit", "RefExit")]
        found.append(Head(entered._op, merge, switch, exits[0] if exits else None))
    return found


def gradient_of_loop(
    loop: LoopContext,
    of_results: dict[Operation, Any],
    between: set[Operation],
    zeros_of: Callable[[Tensor], Tensor],
    differentiate: Differentiate,
) -> dict[Tensor, Any]:
    """Build the backward loop.

    Args:
      loop: the forward loop.
      of_results: the gradients of its results, by Exit operation.
      between: the operations that the gradient passes.
      zeros_of: returns zeros like a tensor (or like the variable of a handle).
      differentiate: differentiates what is inside of the loop.

    Returns:
      The gradients of what enters the loop.
    """
    if not loop.back_prop:
        return {}
    variables = [h for h in heads(loop) if h.merge in between and trainable(h.start)]
    wanted = _reached_from(loop, variables, of_results, between)
    invariants = [
        e._op for e in loop.enters if is_constant_enter(e._op) and e._op in between and trainable(e)
    ]
    if not wanted:
        return {}
    graph = loop.graph
    count = trip_count(loop)
    backward = LoopContext(
        graph, "while_context", loop.parallel_iterations, loop.maximum_iterations
    )
    backward.gradient = LoopGradient(loop, backward)
    first: list[Tensor] = []
    for head in wanted:
        given = None if head.exit is None else of_results.get(head.exit)
        if given is None:
            like = head.enter._inputs[0] if head.exit is None else head.exit._outputs[0]
            given = zeros_of(like)
        first.append(convert_to_tensor(given))
    first += [zeros_of(enter._inputs[0]) for enter in invariants]
    outer = backward.outer
    initial = [count, *first]
    if outer is not None:
        initial = [outer.inside(t) for t in initial]
    return _backward(backward, loop, wanted, invariants, initial, differentiate)


def _backward(
    backward: LoopContext,
    loop: LoopContext,
    wanted: list[Head],
    invariants: list[Operation],
    initial: list[Tensor],
    differentiate: Differentiate,
) -> dict[Tensor, Any]:
    graph = loop.graph
    outer = backward.outer
    with graph.control_dependencies(None), graph._in_context(outer):
        enters = [backward.enter(t, constant=False) for t in initial]
        for entered, value in zip(enters, initial, strict=True):
            # The shape of a gradient may be known worse than that of its zeros.
            entered.set_shape(value.shape if len(initial) == 1 else None)
            if outer is not None:
                outer.add_inner(entered.op)
    backward.settle(enters)
    backward.known = set(enters)
    with graph.control_dependencies(None), backward.entered():
        merges = [merged([e, e]) for e in enters]
        backward.condition_pivot = merges[0]
        one = convert_to_tensor(1, dtypes.int32)
        more = build("GreaterEqual", {"x": merges[0], "y": one})
        test = backward.test = build("LoopCond", {"input": more})
        pairs = [switched(m, test) for m in merges]
        inside = [build("Identity", {"input": yes}) for _, yes in pairs]
        backward.body_pivot = inside[0]
        for tensor, head in zip(inside[1:], wanted, strict=False):
            if tensor.dtype is not dtypes.variant:
                tensor.set_shape(head.start.shape)
        following = [inside[0] - 1]
        dys = inside[1 : 1 + len(wanted)]
        sources = [h.start for h in wanted] + [e._outputs[0] for e in invariants]
        found = differentiate([h.next for h in wanted], list(dys), sources, loop)
        for i, (before, gradient) in enumerate(zip(inside[1:], found, strict=True)):
            if i < len(wanted):
                following.append(_or_zeros(gradient, before))
            elif gradient is None:
                following.append(before)
            else:
                total = [before, convert_to_tensor(gradient)]
                following.append(build("AddN", {"inputs": total}))
        for merge, value in zip(merges, following, strict=True):
            merge.op._close_loop(build("NextIteration", {"data": value}))
        exits = [build("Exit", {"data": no}) for no, _ in pairs]
        backward.exits = exits
        backward.leave(exits)
    results: dict[Tensor, Any] = {}
    entering = [h.enter for h in wanted] + invariants
    for enter, result in zip(entering, exits[1:], strict=True):
        source = enter._inputs[0]
        if source.dtype not in (dtypes.resource, dtypes.variant):
            result.set_shape(source.shape)
        results[source] = result if source not in results else results[source] + result
    return results


def _or_zeros(gradient: Any, like: Tensor) -> Tensor:
    if gradient is None:
        zeros: Tensor = build("ZerosLike", {"x": like})
        return zeros
    return convert_to_tensor(gradient)


def _reached_from(
    loop: LoopContext,
    variables: list[Head],
    of_results: dict[Operation, Any],
    between: set[Operation],
) -> list[Head]:
    """Return the variables that have a gradient, in some iteration."""
    by_switch = {h.switch: h for h in variables}
    stack = [h for h in variables if h.exit is not None and of_results.get(h.exit) is not None]
    found = set(stack)
    while stack:
        ops, seen = [stack.pop().next._op], set[Operation]()
        while ops:
            op = ops.pop()
            if op in seen or op not in between:
                continue
            seen.add(op)
            head = by_switch.get(op)
            if head is not None:
                if head not in found:
                    found.add(head)
                    stack.append(head)
                continue
            if op._type not in ("Enter", "RefEnter") or op._control_flow_context is not loop:
                ops.extend(t._op for t in op._inputs)
    return [h for h in variables if h in found]


def trainable(t: Tensor) -> bool:
    """Whether a tensor can have a gradient."""
    dtype = t._dtype.base_dtype
    return dtype.is_floating or dtype.is_complex or dtype in (dtypes.resource, dtypes.variant)
