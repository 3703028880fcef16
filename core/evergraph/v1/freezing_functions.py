"""Functions that take variables, made into functions of their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from evergraph.errors import InvalidArgumentError, NotFoundError, UnimplementedError

#: What hands a variable on.
PASSING: Final = frozenset(
    ["Enter", "Exit", "Identity", "Merge", "NextIteration", "Switch", "_SwitchN"]
)
#: What calls functions: their attributes, the one with the types of their arguments, and how many
#: inputs come before these.
CALLING: Final[dict[str, tuple[tuple[str, ...], str, int]]] = {
    "PartitionedCall": (("f",), "Tin", 0),
    "StatefulPartitionedCall": (("f",), "Tin", 0),
    "If": (("then_branch", "else_branch"), "Tin", 1),
    "StatelessIf": (("then_branch", "else_branch"), "Tin", 1),
    "Case": (("branches",), "Tin", 1),
    "StatelessCase": (("branches",), "Tin", 1),
    "While": (("cond", "body"), "T", 0),
    "StatelessWhile": (("cond", "body"), "T", 0),
}
#: From the type of what reads a variable to the name of its output, and of that of its successor.
_OUTPUTS: Final = {"ReadVariableOp": ("value", "output")}

#: A tensor: the name of its node or argument, and its number; None for all of them.
_Key = tuple[str, int | None]


class Scope:
    """The nodes of a graph, or of a function's body, in which variables become values.

    Args:
      nodes: the nodes, a repeated field.
      of: the function, if they are one's.
    """

    def __init__(self, nodes: Any, of: Any = None) -> None:
        self.node = nodes
        self.function = of
        self.calls: dict[str, tuple[Any, dict[int, int]]] = {}
        #: The tensors that are values now, with their types.
        self.values: dict[_Key, int] = {}
        self._readers: dict[str, list[tuple[Any, int]]] = {}
        for node in nodes:
            for position, input in enumerate(node.input):
                if not input.startswith("^"):
                    self._readers.setdefault(input.partition(":")[0], []).append((node, position))

    def output(self, name: str) -> str:
        """Return how an input names the first output of a node that has one called `output`."""
        return name if self.function is None else f"{name}:output:0"

    def readers(self, name: str, dtype: int) -> Iterator[Any]:
        """Yield the nodes that read a variable, those that hand it on dealt with.

        Args:
          name: of the variable's node, or of the argument.
          dtype: the type of its value.
        """
        waiting: list[_Key] = [(name, None)]
        while waiting:
            key = waiting.pop()
            if key in self.values:
                continue
            self.values[key] = dtype
            for node, position in self._readers.get(key[0], ()):
                if key[1] is not None and _number(node.input[position]) != key[1]:
                    continue
                if node.op in PASSING:
                    node.attr["T"].type = dtype
                    node.attr.pop("_output_shapes", None)
                    waiting.append((node.name, None))
                elif node.op in CALLING:
                    _, taken = self.calls.setdefault(node.name, (node, {}))
                    taken[position] = dtype
                    if node.op.endswith("While"):
                        waiting.append((node.name, position))
                else:
                    yield node

    def type_of(self, input: str) -> int | None:
        """Return the type that a tensor has now if it was a variable."""
        name = input.partition(":")[0]
        return self.values.get((name, None), self.values.get((name, _number(input))))

    def rename_output(self, name: str, op: str) -> None:
        """Let inputs name the output of a node as it is called now; it had the type `op`."""
        if self.function is None or op not in _OUTPUTS:
            return
        before, after = (f"{name}:{output}:" for output in _OUTPUTS[op])
        for node in self.node:
            for i, input in enumerate(node.input):
                if input.startswith(before):
                    node.input[i] = after + input.removeprefix(before)
        for key, input in self.function.ret.items():
            if input.startswith(before):
                self.function.ret[key] = after + input.removeprefix(before)


def _number(input: str) -> int:
    last = input.rpartition(":")[2]
    return int(last) if last.isdigit() and ":" in input else 0


class Functions:
    """The functions of a graph, and those of values that are made of them.

    Args:
      graph: the graph; it gets the new functions.
      convert: makes what reads a variable read a value: `convert(scope, node)`; False if it cannot.
    """

    def __init__(self, graph: Any, convert: Any) -> None:
        self._library = graph.library
        self._known = {f.signature.name: f for f in graph.library.function}
        self._convert = convert
        self._made: dict[Any, str] = {}

    def convert_calls(self, scope: Scope) -> None:
        """Let the calls in a scope that took variables call functions of values.

        Raises:
          NotFoundError: the graph has no such function.
          InvalidArgumentError: a call has more inputs than its types say.
          UnimplementedError: a function does with a variable what cannot be done with a value.
        """
        for node, taken in scope.calls.values():
            attributes, types, lead = CALLING[node.op]
            arguments = {position - lead: dtype for position, dtype in taken.items()}
            listed = node.attr[types].list.type
            if len(listed) <= max(arguments):
                raise InvalidArgumentError(
                    None, None, f"{node.op} node '{node.name}' has more inputs than {types} says"
                )
            for i, dtype in arguments.items():
                listed[i] = dtype
                if "output_shapes" in node.attr and types == "T":
                    shapes = node.attr["output_shapes"].list.shape
                    if i < len(shapes):
                        shapes[i].Clear()
                        shapes[i].unknown_rank = True
            node.attr.pop("_output_shapes", None)
            for attribute in attributes:
                value = node.attr[attribute]
                for function in value.list.func if value.HasField("list") else [value.func]:
                    function.name = self._of_values(node, function.name, arguments)

    def _of_values(self, call: Any, name: str, arguments: dict[int, int]) -> str:
        key = name, tuple(sorted(arguments.items()))
        if key in self._made:
            return self._made[key]
        if name not in self._known:
            raise NotFoundError(
                None, None, f"Function {name} is not defined, which '{call.name}' calls."
            )
        made = f"{name}_of_values"
        while made in self._known:
            made += "_"
        function = self._library.function.add()
        function.CopyFrom(self._known[name])
        function.signature.name = self._made[key] = made
        self._known[made] = function
        function.resource_arg_unique_id.clear()
        scope = Scope(function.node_def, function)
        for i, dtype in arguments.items():
            argument = function.signature.input_arg[i]
            argument.type = dtype
            argument.ClearField("handle_data")
            if i in function.arg_attr:
                del function.arg_attr[i]
            for node in list(scope.readers(argument.name, dtype)):
                op = node.op
                if not self._convert(scope, node):
                    raise UnimplementedError(
                        None,
                        None,
                        f"'{node.name}' ({op}) in function {name}, which '{call.name}' calls, does "
                        "with a variable what cannot be done with its value. Put the variable in "
                        "variable_names_blacklist.",
                    )
                scope.rename_output(node.name, op)
        self.convert_calls(scope)
        for result in function.signature.output_arg:
            found = scope.type_of(function.ret[result.name])
            if found is not None:
                result.type = found
                result.ClearField("handle_data")
        return made

    def drop_unused(self, graph: Any) -> None:
        """Drop the functions that nothing calls any more."""
        used: set[str] = set()
        waiting: list[Any] = [graph.node]
        while waiting:
            for node in waiting.pop():
                called = [node.op]
                for value in node.attr.values():
                    called += [f.name for f in (value.func, *value.list.func)]
                for name in called:
                    if name in self._known and name not in used:
                        used.add(name)
                        waiting.append(self._known[name].node_def)
        kept = [f for f in graph.library.function if f.signature.name in used]
        del graph.library.function[:]
        graph.library.function.extend(kept)
