"""Functions of a graph's library, made into operations: what a call of one does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from evergraph import attributes as attribute_values
from evergraph import protos
from evergraph.dtypes import DType
from evergraph.errors import InvalidArgumentError, NotFoundError, UnimplementedError
from evergraph.graph import traceback
from evergraph.graph.graph import Graph
from evergraph.graph.import_checks import copied, function_signature
from evergraph.graph.importer import import_body
from evergraph.graph.inference import infer
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.shapes import Dims, TensorShape
from evergraph.vocabulary import Argument, Signature, vocabulary

#: Calls inside calls; more of them are taken to be endless.
_DEEPEST: Final = 100


@dataclass(frozen=True)
class Body:
    """What one call of a function does.

    Attributes:
      graph: its operations, made for this call: their names begin with that of the call.
      arguments: the tensors that stand for what the call is given.
      results: what it returns.
      targets: the operations that run whether or not a result needs them.
    """

    graph: BodyGraph
    arguments: tuple[Tensor, ...]
    results: tuple[Tensor, ...]
    targets: tuple[Operation, ...]


class BodyGraph(Graph):
    """The operations of a function's body.

    Args:
      outer: the graph that has the function.
      depth: how many calls this one is inside of.
    """

    def __init__(self, outer: Graph, depth: int) -> None:
        super().__init__()
        self._functions = outer._functions
        self._gradient_functions = outer._gradient_functions
        self.depth = depth

    @property
    def building_function(self) -> bool:
        """Whether this graph is the body of a function: it is."""
        return True


def body_of(
    op: Operation,
    function: protos.NameAttrList,
    given: Sequence[Tensor],
    same_shapes: bool = True,
) -> Body:
    """Return what a call does.

    Args:
      op: the operation that calls.
      function: the function, and values for the attributes that it leaves open.
      given: the tensors that the call hands over.
      same_shapes: whether what the function is given has their static shapes; in a loop it may not.

    Raises:
      NotFoundError: the graph has no such function.
      InvalidArgumentError: it takes other arguments, or is not valid.
      UnimplementedError: it calls itself without an end.
    """
    graph = op._graph
    key = op, function.SerializeToString(deterministic=True)
    found = graph._bodies.get(key)
    if found is None:
        found = graph._bodies[key] = _maker(op, function).body(given, same_shapes)
    return found


def instance_of(graph: Graph, function: protos.NameAttrList, name: str) -> Body:
    """Return what a function does where no operation calls it: a dataset's, for each element.

    Args:
      graph: the graph that has the function.
      function: the function, and values for the attributes that it leaves open.
      name: what the names of its operations begin with.

    Raises:
      NotFoundError, InvalidArgumentError, UnimplementedError: as `body_of`.
    """
    definition = graph._functions.get(function.name)
    if definition is None:
        raise NotFoundError(None, None, f"Function {function.name} is not defined.")
    maker = _Maker(graph, definition, dict(function.attr), name, None)
    return maker.body()


def _maker(op: Operation, function: protos.NameAttrList) -> _Maker:
    definition = op._graph._functions.get(function.name)
    if definition is None:
        raise NotFoundError(
            None, op, f"Function {function.name} is not defined, which '{op.name}' calls."
        )
    depth = getattr(op._graph, "depth", 0)
    if depth >= _DEEPEST:
        raise UnimplementedError(
            None,
            op,
            f"'{op.name}' calls {function.name}, {depth} calls deep: evergraph runs no functions "
            "that call themselves",
        )
    values = dict(function.attr)
    if op._type == function.name:
        values |= dict(op.node_def.attr)
    return _Maker(op._graph, definition, values, op._name, op)


def add_argument(
    graph: Graph, name: str, dtype: DType, dims: Dims, frames: traceback.Frames
) -> Tensor:
    """Add a tensor that stands for what a function is given.

    Args:
      graph: the function's body.
      name: of its operation, to be made unique.
      dtype, dims: of the tensor.
      frames: where the function is called.
    """
    signature = vocabulary().get("Placeholder")
    assert signature is not None
    values = {"dtype": dtype, "shape": TensorShape._of(dims)}
    name = graph._names.unique(name)
    op = Operation(graph, graph._next_id, name, signature, values, (), (), "", frames)
    infer(op)
    graph._add(op)
    return op._outputs[0]


class _Maker:
    """Makes the operations of a function.

    Args:
      outer: the graph that has the function.
      definition: the function.
      values: of its attributes.
      prefix: what the names of its operations begin with.
      op: the operation that calls it; None if there is none.
    """

    def __init__(
        self,
        outer: Graph,
        definition: protos.FunctionDef,
        values: dict[str, protos.AttrValue],
        prefix: str,
        op: Operation | None,
    ) -> None:
        self._definition = definition
        self._op = op
        self._prefix = prefix
        self._frames = () if op is None else op._frames
        self._graph = BodyGraph(outer, getattr(outer, "depth", 0) + 1)
        attributes = definition.signature.attr
        defaults = {a.name: a.default_value for a in attributes if a.HasField("default_value")}
        self._values = defaults | values
        #: By what a function's nodes call tensors: what a GraphDef's nodes call them.
        self._names: dict[str, list[str]] = {}

    def body(self, given: Sequence[Tensor] | None = None, same_shapes: bool = False) -> Body:
        """Return the body.

        Args:
          given: the tensors of the call, if there is one.
          same_shapes: whether what the function is given has their static shapes.
        """
        definition = self._definition
        try:
            signature = function_signature(
                protos.NodeDef(name=self._prefix, op=definition.signature.name), definition
            )
            decoded = {n: attribute_values.from_proto(v) for n, v in self._values.items()}
            arguments = self._arguments(signature, decoded, given, same_shapes)
            nodes = [self._substituted(n) for n in definition.node_def]
            for node in nodes:
                self._note(node)
            for node in nodes:
                inputs = [name for text in node.input for name in self._inputs(text, node.name)]
                node.ClearField("input")
                node.input.extend(inputs)
            graph_def = protos.GraphDef(node=nodes, versions=self._graph._versions)
            scope = f"{self._prefix}/"
            made, tensors = import_body(self._graph, graph_def, scope, arguments, self._frames)
            results = [tensors[n] for o in signature.outputs for n in self._result(o, decoded)]
        except (KeyError, TypeError, ValueError) as error:
            text = error.args[0] if error.args else error
            raise InvalidArgumentError(
                None, self._op, f"function {definition.signature.name}: {text}"
            ) from error
        controls = [made[n] for n in definition.control_ret.values() if n in made]
        stateful = [o for o in made.values() if o._signature.is_stateful]
        targets = tuple(dict.fromkeys([*controls, *stateful]))
        return Body(self._graph, tuple(arguments.values()), tuple(results), targets)

    def _arguments(
        self,
        signature: Signature,
        decoded: Mapping[str, Any],
        given: Sequence[Tensor] | None,
        same_shapes: bool,
    ) -> dict[str, Tensor]:
        """Make the tensors that stand for what the function is given, by name in a GraphDef."""
        arguments: dict[str, Tensor] = {}
        for position, argument in enumerate(signature.inputs):
            known = _known_shapes(self._definition, position)
            names = self._names[argument.name] = []
            for i, dtype in enumerate(argument.dtypes(decoded)):
                dims = known[i] if i < len(known) else None
                if given is not None and len(arguments) < len(given):
                    tensor = given[len(arguments)]
                    if tensor._dtype.base_dtype is not dtype:
                        raise ValueError(
                            f"argument '{argument.name}' is {dtype.name}, but is given "
                            f"{tensor.name}, which is {tensor.dtype.name}"
                        )
                    dims = tensor._dims if dims is None and same_shapes else dims
                # No node has such a name.
                name = f"\0{argument.name}:{i}"
                arguments[name] = add_argument(
                    self._graph, f"{self._prefix}/{argument.name}", dtype, dims, self._frames
                )
                self._names[f"{argument.name}:{i}"] = [name]
                names.append(name)
        if given is not None and len(given) != len(arguments):
            raise ValueError(f"takes {len(arguments)} arguments, but is given {len(given)}")
        return arguments

    def _substituted(self, node: protos.NodeDef) -> protos.NodeDef:
        """Return a node with values for the attributes that the function leaves open."""
        result = copied(node)
        for value in result.attr.values():
            self._fill(value)
        return result

    def _fill(self, value: protos.AttrValue) -> None:
        if value.WhichOneof("value") == "placeholder":
            if value.placeholder not in self._values:
                raise ValueError(f"attr '{value.placeholder}' has no value")
            value.CopyFrom(self._values[value.placeholder])
        for called in (value.func, *value.list.func) if _calls(value) else ():
            for inner in called.attr.values():
                self._fill(inner)

    def _note(self, node: protos.NodeDef) -> None:
        """Note what nodes call the outputs of one."""
        signature = vocabulary().get(node.op)
        if signature is None and node.op in self._graph._functions:
            signature = function_signature(node, self._graph._functions[node.op])
        if signature is None:
            return  # importing it says so
        values = {n: a.default for n, a in signature.attributes.items()}
        for name, value in node.attr.items():
            if name in values and value.WhichOneof("value") in ("i", "type", "list"):
                values[name] = attribute_values.from_proto(value)
        position = 0
        self._names[node.name] = []  # what waits for it; nobody takes a tensor by that name
        for output in signature.outputs:
            names = self._names[f"{node.name}:{output.name}"] = []
            for i, _ in enumerate(output.dtypes(values)):
                name = f"{node.name}:{position}"
                self._names[f"{node.name}:{output.name}:{i}"] = [name]
                names.append(name)
                position += 1

    def _inputs(self, text: str, reader: str) -> list[str]:
        """Return an input of a node as a GraphDef has it."""
        if text[:1] == "^":
            is_argument = any(a.name == text[1:] for a in self._definition.signature.input_arg)
            return [] if is_argument else [text]
        found = self._names.get(text)
        if not found:
            raise ValueError(f"node '{reader}' takes '{text}', which there is not")
        return found

    def _result(self, output: Argument, decoded: Mapping[str, Any]) -> list[str]:
        """Return the names of the tensors of one result."""
        source = self._definition.ret.get(output.name)
        if source is None:
            raise ValueError(f"the result '{output.name}' comes from nowhere")
        found = self._names.get(source, [])
        if len(found) != len(output.dtypes(decoded)):
            raise ValueError(f"the result '{output.name}' is '{source}', which there is not")
        return found


def _calls(value: protos.AttrValue) -> bool:
    return value.WhichOneof("value") in ("func", "list")


def _known_shapes(definition: protos.FunctionDef, position: int) -> list[Dims]:
    """Return the static shapes of an argument's tensors, as far as the function tells."""
    if position not in definition.arg_attr:
        return []
    shapes = definition.arg_attr[position].attr.get("_output_shapes")
    return [] if shapes is None else [TensorShape(s)._dims for s in shapes.list.shape]
