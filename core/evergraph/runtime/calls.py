"""Calls of functions, as planned: what the functions do, in place of the calls.

Functional conditionals and loops (`If`, `While` …) become the nodes that Switch and Enter become.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from evergraph import dtypes, protos
from evergraph.errors import InvalidArgumentError
from evergraph.gradients import UnconnectedGradients, gradients
from evergraph.graph.bodies import Body, add_argument, body_of
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.runtime.nesting import add_choice, add_repeated, constant
from evergraph.runtime.program import Slot
from evergraph.runtime.resources import Variable

if TYPE_CHECKING:
    from evergraph.runtime.planner import Planner

#: A value, or what a handle stands for.
_Known: TypeAlias = Slot | Variable


def is_call(op: Operation) -> bool:
    """Whether an operation calls functions of its graph."""
    return op._type in CALLS or op._type in op._graph._functions


def bodies(op: Operation) -> Iterator[Body]:
    """Return what an operation may call.

    Raises:
      OpError: the graph has no such function, or it is not valid.
    """
    return CALLS.get(op._type, _Call)(op).bodies()


def add_call(planner: Planner, op: Operation) -> None:
    """Add what an operation that calls functions does to a plan.

    Raises:
      OpError: the graph has no such function, or it is not valid.
    """
    call = CALLS.get(op._type, _Call)(op)
    known = call.add(planner)
    for tensor, result in zip(op._outputs, known, strict=True):
        planner.slots.setdefault(tensor, result)


class _Call:
    """A call of one function, with all inputs of the operation."""

    def __init__(self, op: Operation) -> None:
        self.op = op

    def _function(self, name: str = "f") -> protos.NameAttrList:
        if self.op._type in self.op._graph._functions:
            return protos.NameAttrList(name=self.op._type)
        function: protos.NameAttrList = self.op._attributes[name]
        return function

    def bodies(self) -> Iterator[Body]:
        """Return what may be called."""
        yield body_of(self.op, self._function(), self.op._inputs)

    def add(self, planner: Planner) -> Sequence[_Known]:
        """Add what is done; return the results."""
        (body,) = self.bodies()
        return _results(planner, self.op, body, _known(planner, self.op, self.op._inputs))


class _SymbolicGradient(_Call):
    """The gradient of a function: its inputs are those of the function, and of its gradient."""

    def bodies(self) -> Iterator[Body]:
        op, function = self.op, self._function()
        own = op._graph._gradient_functions.get(function.name)
        if own is not None:
            function = protos.NameAttrList(name=own, attr=function.attr)
            yield body_of(op, function, op._inputs)
            return
        found = op._graph._bodies.get((op, "gradient"))
        if found is None:
            found = op._graph._bodies[op, "gradient"] = self._differentiated(function)
        yield found

    def _differentiated(self, function: protos.NameAttrList) -> Body:
        op = self.op
        count = len(op._inputs) - len(_results_of(op, function))
        body = body_of(op, function, op._inputs[:count])
        arriving = [
            add_argument(body.graph, f"{op._name}/gradient", t._dtype, t._dims, op._frames)
            for t in op._inputs[count:]
        ]
        with body.graph.as_default():
            leaving = gradients(
                body.results,
                body.arguments,
                arriving,
                unconnected_gradients=UnconnectedGradients.ZERO,
            )
        return replace(
            body,
            arguments=(*body.arguments, *arriving),
            results=tuple(map(convert_to_tensor, leaving)),
        )


class _If(_Call):
    """A choice between two functions."""

    def bodies(self) -> Iterator[Body]:
        given = self.op._inputs[1:]
        for name in ("else_branch", "then_branch"):
            yield body_of(self.op, self._function(name), given)

    def add(self, planner: Planner) -> Sequence[_Known]:
        predicate, *given = self.op._inputs
        no, yes = self.bodies()
        slot = truth(planner, self.op, planner.value(predicate, self.op))
        return _chosen(planner, self.op, [(slot, yes)], no, _known(planner, self.op, given))


class _Case(_Call):
    """A choice between any number of functions, by index; the last one for any other index."""

    def bodies(self) -> Iterator[Body]:
        for function in self.op._attributes["branches"]:
            yield body_of(self.op, function, self.op._inputs[1:])

    def add(self, planner: Planner) -> Sequence[_Known]:
        index, *given = self.op._inputs
        slot = planner.value(index, self.op)
        *first, last = self.bodies()
        choices = []
        for i, body in enumerate(first):
            here = planner.new_slot(dtypes.bool, ())
            number = constant(planner, dtypes.int32, i)
            values = {"T": dtypes.int32, "incompatible_shape_error": True}
            planner.append(self.op, "Equal", values, (slot, number), (here,))
            choices.append((here, body))
        return _chosen(planner, self.op, choices, last, _known(planner, self.op, given))


class _While(_Call):
    """A function repeated as long as another one says so."""

    def bodies(self) -> Iterator[Body]:
        for name in ("cond", "body"):
            yield body_of(self.op, self._function(name), self.op._inputs, same_shapes=False)

    def add(self, planner: Planner) -> Sequence[_Known]:
        test, body = self.bodies()
        given = _known(planner, self.op, self.op._inputs)
        if len(body.results) != len(given) or len(test.results) != 1:
            raise InvalidArgumentError(
                None,
                self.op,
                f"the body of '{self.op.name}' takes {len(given)} values and returns "
                f"{len(body.results)}; its condition returns {len(test.results)}, and must one",
            )
        # What an iteration hands on as it is stays outside of the loop, as variables do.
        changing = [
            i for i, (a, r) in enumerate(zip(body.arguments, body.results, strict=True))
            if _origin(r) is not a
        ]  # fmt: skip
        for i in changing:
            _check_value(self.op, given[i])

        def together(values: Sequence[Slot]) -> list[_Known]:
            every = list(given)
            for i, slot in zip(changing, values, strict=True):
                every[i] = slot
            return every

        def condition(values: Sequence[Slot]) -> Slot:
            (result,) = _results(planner, self.op, test, together(values))
            return truth(planner, self.op, _check_value(self.op, result))

        def iteration(values: Sequence[Slot]) -> list[Slot]:
            results = _results(planner, self.op, body, together(values))
            return [_check_value(self.op, results[i]) for i in changing]

        initial = [_check_value(self.op, given[i]) for i in changing]
        outputs = [self.op._outputs[i] for i in changing]
        types = [(planner.plan.types[s][0], t._dims) for s, t in zip(initial, outputs, strict=True)]
        finals = add_repeated(planner, self.op, initial, types, condition, iteration)
        return together(finals)


CALLS: Final[dict[str, type[_Call]]] = {
    "PartitionedCall": _Call,
    "StatefulPartitionedCall": _Call,
    "SymbolicGradient": _SymbolicGradient,
    "If": _If,
    "StatelessIf": _If,
    "Case": _Case,
    "StatelessCase": _Case,
    "While": _While,
    "StatelessWhile": _While,
}


def _results_of(op: Operation, function: protos.NameAttrList) -> Sequence[object]:
    definition = op._graph._functions.get(function.name)
    return () if definition is None else definition.signature.output_arg


def _known(planner: Planner, op: Operation, tensors: Sequence[Tensor]) -> list[_Known]:
    return [planner.known(t, op) for t in tensors]


def _results(
    planner: Planner, op: Operation, body: Body, given: Sequence[_Known]
) -> Sequence[_Known]:
    """Add what a function does, and return its results."""
    with planner.scope() as own:
        own.update(zip(body.arguments, given, strict=True))
        with planner.inline():
            for item in planner.items_of(op, body):
                planner.add(item)
        return [planner.known(t, op) for t in body.results]


def _chosen(
    planner: Planner,
    op: Operation,
    choices: Sequence[tuple[Slot, Body]],
    other: Body,
    given: Sequence[_Known],
) -> Sequence[_Known]:
    """Add the first choice that is true, or else another one; return its results."""
    if not choices:
        return _results(planner, op, other, given)
    (predicate, body), *rest = choices
    handles: list[dict[int, Variable]] = []

    def values(known: Sequence[_Known]) -> list[Slot]:
        # A handle that both return is no value that is chosen.
        handles.append({i: each for i, each in enumerate(known) if isinstance(each, Variable)})
        if handles[-1] != handles[0]:
            _check_value(op, next(iter((handles[-1] or handles[0]).values())))
        return [each for each in known if not isinstance(each, Variable)]

    slots = iter(
        add_choice(
            planner,
            op,
            predicate,
            lambda: values(_chosen(planner, op, rest, other, given)),
            lambda: values(_results(planner, op, body, given)),
        )
    )
    return [handles[0][i] if i in handles[0] else next(slots) for i in range(len(op._outputs))]


def _check_value(op: Operation, known: _Known) -> Slot:
    if isinstance(known, Variable):
        raise InvalidArgumentError(
            None, op, f"'{op.name}' decides between variables ('{known.name}'), not their values"
        )
    return known


def _origin(tensor: Tensor) -> Tensor:
    while tensor._op._type == "Identity":
        tensor = tensor._op._inputs[0]
    return tensor


def truth(planner: Planner, op: Operation, slot: Slot) -> Slot:
    """Return the slot of whether a value is true: a number that is not 0, or anything not empty."""
    dtype, dims = planner.plan.types[slot]
    if dtype is dtypes.bool and dims in (None, ()):
        return slot
    result = planner.new_slot(dtypes.bool, ())
    if dims in (None, ()) and dtype is not dtypes.string:
        planner.append(
            op, "Cast", {"SrcT": dtype, "DstT": dtypes.bool, "Truncate": False}, (slot,), (result,)
        )
        return result
    if dims in (None, ()):
        empty = planner.new_slot(dtypes.string, ())
        planner.plan.constants[empty] = b""
        values = {"T": dtype, "incompatible_shape_error": True}
        planner.append(op, "NotEqual", values, (slot, empty), (result,))
        return result
    size = planner.new_slot(dtypes.int32, ())
    planner.append(op, "Size", {"T": dtype, "out_type": dtypes.int32}, (slot,), (size,))
    values = {"SrcT": dtypes.int32, "DstT": dtypes.bool, "Truncate": False}
    planner.append(op, "Cast", values, (size,), (result,))
    return result
