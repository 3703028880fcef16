"""From a `GraphDef` to operations of a graph."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from evergraph import dtypes, limits, protos
from evergraph.errors import NotFoundError, UnimplementedError
from evergraph.graph import inference, traceback
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.device import canonical
from evergraph.graph.graph import Graph
from evergraph.graph.import_arguments import (
    as_graph_def,
    check_versions,
    checked_elements,
    checked_map,
)
from evergraph.graph.import_checks import (
    apply_output_shapes,
    attribute_error,
    check_inputs,
    check_value,
    copied,
    decoded,
    function_signature,
    type_problem,
    undeclared,
)
from evergraph.graph.operation import Operation
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape, bracketed, check_size
from evergraph.vocabulary import (
    MISSING,
    TENSORFLOW_VERSION,
    Signature,
    dtype_text,
    vocabulary,
)

_NAME: Final = re.compile(r"^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$")
_MERGES: Final = ("Merge", "RefMerge")
_BACK_EDGES: Final = ("NextIteration", "RefNextIteration")


def import_graph_def(
    graph_def: Any,
    input_map: Mapping[str, Any] | None = None,
    return_elements: Sequence[str] | None = None,
    name: str | None = None,
    op_dict: Any = None,
    producer_op_list: Any = None,
) -> list[Any] | None:
    """Import the nodes of a `GraphDef` into the default graph.

    Args:
      graph_def: the graph.
      input_map: tensors to use instead of the tensors of these names in `graph_def`.
      return_elements: names of operations and tensors in `graph_def` to return.
      name: the name scope to import into; by default `import`. Empty for none.
      op_dict: accepted for compatibility.
      producer_op_list: the OpList of the program that wrote the graph; attributes that it knows
        and evergraph does not are dropped where they have their default.

    Returns:
      The elements named by `return_elements`, or None.

    Raises:
      TypeError: an argument is not of its type.
      ValueError: the graph is not valid; the message names the node.
      NotFoundError: an op type is not in the vocabulary.
      UnimplementedError: an op type was removed before the version of this graph.
    """
    del op_dict
    graph_def = as_graph_def(graph_def)
    mapped = checked_map(input_map)
    wanted = checked_elements(return_elements)
    graph = get_default_graph()
    graph._check_not_finalized()
    check_versions(graph_def.versions)
    if name is not None and not isinstance(name, str):
        raise TypeError(f"expected string or bytes-like object, got {type(name).__name__!r}")
    with graph._lock, graph.name_scope("import" if name is None else name) as scope:
        inputs = {}
        if mapped:
            inputs = _converted(graph, scope, mapped)
            for key, tensor in inputs.items():
                if tensor.graph is not graph:
                    raise ValueError(
                        f"node '{tensor.op.name}' in input_map does not exist in graph (input_map "
                        f"entry: {_tensor_key(key)}->{tensor.name})"
                    )
        work = _Import(graph, graph_def, scope, inputs, producer_op_list)
        work.run()
        return None if wanted is None else [work.element(e) for e in wanted]


def extend_graph(graph: Graph, graph_def: protos.GraphDef) -> None:
    """Add nodes to a graph, by their own names; their inputs may be nodes that it has.

    Args:
      graph: the graph.
      graph_def: the nodes.

    Raises:
      ValueError, TypeError, NotFoundError, UnimplementedError: as `import_graph_def`, or the graph
        has a node of that name.
    """
    graph._check_not_finalized()
    check_versions(graph_def.versions)
    with graph.as_default(), graph._lock:
        taken = [node.name for node in graph_def.node if node.name in graph._by_name]
        if taken:
            raise ValueError(f"Node '{taken[0]}' is not unique")
        _Import(graph, graph_def, "", {}, None, graph._by_name).run()


def import_body(
    graph: Graph,
    graph_def: protos.GraphDef,
    scope: str,
    arguments: Mapping[str, Tensor],
    frames: traceback.Frames,
) -> tuple[Mapping[str, Operation], Mapping[str, Tensor]]:
    """Make the nodes of a function's body.

    Args:
      graph: takes them.
      graph_def: the nodes.
      scope: what their names begin with.
      arguments: the tensors of the function's arguments, by the names that inputs have.
      frames: where the call was made.

    Returns:
      The operations and the tensors, the arguments among them, by their names in `graph_def`.

    Raises:
      ValueError, TypeError, NotFoundError, UnimplementedError: as `import_graph_def`.
    """
    with graph.as_default(), graph._lock:
        work = _Import(graph, graph_def, scope, dict(arguments), None)
        work.frames, work.is_body = frames, True
        work.run()
    return work.made, work.tensors | work.map


def _converted(graph: Graph, scope: str, mapped: Mapping[str, Any]) -> dict[str, Tensor]:
    """Return the values of `input_map` as tensors; those that are none are made in a scope."""
    if all(isinstance(value, Tensor) for value in mapped.values()):
        return dict(mapped)
    if not scope:
        raise ValueError(
            "tf.import_graph_def() requires a non-empty `name` if `input_map` contains non-Tensor "
            "values. Try calling tf.convert_to_tensor() on `input_map` values before calling "
            "tf.import_graph_def()."
        )
    with graph.name_scope("_inputs"):
        return {key: convert_to_tensor(value) for key, value in mapped.items()}


class _Import:
    """One import under way: the nodes made so far, by their names in the GraphDef.

    `existing` are nodes that the graph has, and that the new ones may refer to.
    """

    def __init__(
        self,
        graph: Graph,
        graph_def: protos.GraphDef,
        scope: str,
        inputs: dict[str, Tensor],
        producer_op_list: Any,
        existing: Mapping[str, Operation] | None = None,
    ) -> None:
        self.existing = {} if existing is None else existing
        self.extends = existing is not None
        #: Whether it is a function's body, which may leave arguments unused.
        self.is_body = False
        self.graph = graph
        self.graph_def = graph_def
        self.scope = scope
        self.map = {_tensor_key(key): tensor for key, tensor in inputs.items()}
        self.map_keys = {_tensor_key(key): key for key in inputs}
        self.used: set[str] = set()
        self.made: dict[str, Operation] = {}
        self.tensors: dict[str, Tensor] = {}
        # Whoever extends a graph copies it from elsewhere, where the nodes were defined.
        self.frames = () if self.extends else traceback.capture()
        self.signatures: dict[str, Signature] = {}
        self.producer = graph_def.versions.producer
        self.back_edges: list[tuple[Operation, int, str]] = []
        self.producer_ops = (
            {}
            if producer_op_list is None
            else {op.name: op for op in protos.adopt(producer_op_list, protos.OpList).op}
        )

    def run(self) -> None:
        """Make every node; none is left behind if one is not valid."""
        graph = self.graph
        by_name = self._by_name()
        self.names = by_name.keys()
        nodes = self._ordered(by_name)
        start, next_id = len(graph._operations), graph._next_id
        functions = graph._functions.copy(), graph._gradient_functions.copy()
        controllers = [c for s in graph._scopes.controllers for c in s.inputs]
        try:
            self._add_library()
            for node in nodes:
                self._make(node, controllers)
            self._close_loops()
            missing = sorted(self.map_keys[k] for k in set(self.map) - self.used)
            if missing and not self.is_body:
                raise ValueError(
                    "Attempted to map inputs that were not found in graph_def: "
                    f"[{', '.join(missing)}]"
                )
        except BaseException:
            self._undo(start, next_id)
            graph._functions, graph._gradient_functions = functions
            raise
        versions = self.graph._versions
        if self.producer < versions.producer:
            versions.producer = self.producer

    def _undo(self, start: int, next_id: int) -> None:
        graph = self.graph
        for op in graph._operations[start:]:
            del graph._by_name[op._name]
        for t in self.map.values():
            if t._consumers:
                t._consumers = [c for c in t._consumers if c._id < next_id]
        del graph._operations[start:]
        graph._next_id = next_id

    def _add_library(self) -> None:
        library = self.graph_def.library
        for function in library.function:
            if vocabulary().get(function.signature.name) is not None:
                raise ValueError(
                    f"Cannot add function '{function.signature.name}' because an op with the same "
                    "name already exists."
                )
            known = self.graph._functions.get(function.signature.name)
            if known is not None and known != function:
                raise ValueError(
                    f"Cannot add function '{function.signature.name}' because a different function "
                    "with the same name already exists."
                )
            self.graph._functions[function.signature.name] = copied(function)
        for gradient in library.gradient:
            self.graph._gradient_functions[gradient.function_name] = gradient.gradient_func

    def _by_name(self) -> dict[str, protos.NodeDef]:
        if len(self.graph_def.node) > limits.MAX_NODES:
            raise ValueError(f"GraphDef has more than {limits.MAX_NODES} nodes")
        nodes: dict[str, protos.NodeDef] = {}
        valid = _NAME.match
        for node in self.graph_def.node:
            name = node.name
            if not valid(name):
                raise ValueError(f"Node '{name}': Node name contains invalid characters")
            if name in nodes:
                raise ValueError(f"Node '{name}' is not unique")
            nodes[name] = node
        return nodes

    def _ordered(self, nodes: dict[str, protos.NodeDef]) -> list[protos.NodeDef]:
        """Return the nodes with inputs before consumers; as they come, where that allows it."""
        done: set[str] = set()
        order: list[protos.NodeDef] = []
        waiting: dict[str, int] = {}
        consumers: dict[str, list[str]] = {}
        for name, node in nodes.items():
            sources = self._sources(node, nodes)
            missing = [s for s in sources if s not in done]
            if missing:
                waiting[name] = len(missing)
                for s in missing:
                    consumers.setdefault(s, []).append(name)
                continue
            ready = [name]
            while ready:
                current = ready.pop()
                done.add(current)
                order.append(nodes[current])
                for consumer in reversed(consumers.pop(current, ())):
                    waiting[consumer] -= 1
                    if not waiting[consumer]:
                        del waiting[consumer]
                        ready.append(consumer)
        if waiting:
            names = ", ".join(f"'{n}'" for n in list(waiting)[:5])
            raise ValueError(f"{len(waiting)} nodes in a cycle (or behind one): {names}")
        return order

    def _sources(self, node: protos.NodeDef, nodes: dict[str, protos.NodeDef]) -> list[str]:
        """Names of the nodes that must be made before this one."""
        found = []
        merge = node.op in _MERGES
        for text in node.input:
            name = text
            if text[:1] == "^":
                name = text[1:]
            elif ":" in text:
                head, _, index = text.rpartition(":")
                name = head if _is_index(index) else text
            source = nodes.get(name)
            if source is None:
                if self.map and _tensor_key(text) in self.map:
                    continue
                if name in self.existing:
                    self._note(name, self.existing[name])
                    continue
                raise ValueError(f"Node '{node.name}': Unknown input node '{text}'")
            if merge and source.op in _BACK_EDGES and text[:1] != "^":
                continue
            found.append(name)
        return found

    def _signature(self, node: protos.NodeDef) -> Signature:
        type = node.op
        if not type:
            raise ValueError(f"Node '{node.name}' does not specify an operation")
        signature = vocabulary().get(type)
        if signature is None and type in self.graph._functions:
            signature = function_signature(node, self.graph._functions[type])
        if signature is None:
            raise NotFoundError(
                None,
                None,
                f"Op type not registered '{type}' in evergraph's vocabulary (TensorFlow "
                f"{TENSORFLOW_VERSION} and the installed plugins); node '{node.name}'. Make sure "
                "the Op and Kernel are registered in the binary running in this process: an op of "
                "your own comes with a plugin.",
            )
        deprecation = signature.op_def.deprecation
        if deprecation.version and self.producer >= deprecation.version:
            raise UnimplementedError(
                None,
                None,
                f"Op {type} is not available in GraphDef version {self.producer}. It has been "
                f"removed in version {deprecation.version}. {deprecation.explanation}.",
            )
        self.signatures[type] = signature
        return signature

    def _make(self, node: protos.NodeDef, controllers: list[Operation]) -> None:
        graph = self.graph
        signature = self.signatures.get(node.op) or self._signature(node)
        scope = self.scope
        name = node.name
        if self.extends:
            graph._names.take(name)
        else:
            name = graph._names.unique(scope + name)
        inputs, control = self._node_inputs(node)
        values, shapes = self._attributes(node, signature, name)
        check_inputs(signature, values, inputs, name)
        if controllers:
            control = tuple(dict.fromkeys((*control, *controllers)))
        try:
            device = canonical(node.device) if node.device else ""
        except ValueError as error:
            raise ValueError(f"{error} (node '{node.name}')") from None
        real = tuple([t for t in inputs if t is not None])
        op = Operation(
            graph, graph._next_id, name, signature, values, real, control, device, self.frames
        )
        if len(real) == len(inputs):
            self._infer(op)
        else:
            for index, tensor in enumerate(inputs):
                if tensor is None:
                    self.back_edges.append((op, index, node.input[index]))
        if not graph._scopes.plain:
            graph._apply_scopes(op, True)
        if shapes is not None:
            apply_output_shapes(op, shapes)
        if "_class" in values:
            self._check_colocation(node, values)
        graph._add(op)
        self._note(node.name, op)

    def _note(self, name: str, op: Operation) -> None:
        """Let nodes refer to an operation by its name in the GraphDef."""
        self.made[name] = op
        tensors = self.tensors
        outputs = op._outputs
        if outputs:
            tensors[name] = outputs[0]
            for i in range(len(outputs)):
                tensors[f"{name}:{i}"] = outputs[i]

    def _infer(self, op: Operation) -> None:
        # TF: up to version 21 a scalar shape of a placeholder meant an unknown one.
        if op._type == "Placeholder" and self.producer <= 21:
            if op._attributes["shape"]._dims == ():
                op._attributes["shape"] = TensorShape._of(None)
        elif op._type == "Const":
            dims = op._attributes["value"].tensor_shape.dim
            if any(d.size < 0 for d in dims):
                raise ValueError(
                    f"Shape {bracketed([None if d.size < 0 else d.size for d in dims])} is not "
                    f"fully defined for '{{{{node {op._name}}}}} = Const'."
                )
            try:
                check_size(tuple([d.size for d in dims]))
            except ValueError as error:
                raise ValueError(f"{error} for '{{{{node {op._name}}}}} = Const'.") from None
        inference.infer(op)

    def _node_inputs(
        self, node: protos.NodeDef
    ) -> tuple[list[Tensor | None], tuple[Operation, ...]]:
        inputs: list[Tensor | None] = []
        control: list[Operation] = []
        tensors, replaced = self.tensors, self.map
        for text in node.input:
            if text[:1] == "^":
                op = self.made[text[1:]]
                control.append(op)
                continue
            if control:
                raise ValueError(
                    f"Node '{node.name}': Control dependencies must come after regular dependencies"
                )
            if replaced:
                key = _tensor_key(text)
                if key in replaced:
                    self.used.add(key)
                    inputs.append(replaced[key])
                    continue
            tensor = tensors.get(text)
            if tensor is None and not self._is_back_edge(node, text):
                self._invalid_output(node, text)
            inputs.append(tensor)
        return inputs, tuple(control)

    def _is_back_edge(self, node: protos.NodeDef, text: str) -> bool:
        return node.op in _MERGES and text.split(":")[0] not in self.made

    def _invalid_output(self, node: protos.NodeDef, text: str) -> None:
        head, _, index = text.rpartition(":")
        source = self.made[head if _is_index(index) else text]
        at = index if _is_index(index) else 0
        raise ValueError(
            f"Node '{node.name}': Connecting to invalid output {at} of source node "
            f"{source.name.removeprefix(self.scope)} which has {len(source._outputs)} outputs."
        )

    def _attributes(
        self, node: protos.NodeDef, signature: Signature, name: str
    ) -> tuple[dict[str, Any], Any]:
        values: dict[str, Any] = {}
        shapes = None
        declared = signature.attributes
        by_enum = dtypes._BY_ENUM
        for key, proto in node.attr.items():
            field = proto.WhichOneof("value")
            attribute = declared.get(key)
            if field == "type" and attribute is not None and attribute.kind == "type":
                value: Any = by_enum.get(proto.type)
                if value is None or value._is_ref_dtype:
                    raise attribute_error(name, signature, type_problem(proto.type), key)
            elif attribute is None:
                if key == "_output_shapes":
                    shapes = proto.list.shape
                    continue
                if self._is_producer_default(node.op, key, proto):
                    continue
                value = undeclared(proto)
                if key == "_class" and not isinstance(value, tuple):
                    raise TypeError(
                        f"Node '{node.name}': the attribute _class must be a list of strings"
                    )
            else:
                value = decoded(name, signature, attribute, proto, field)
            values[key] = value
            if attribute is not None and (
                attribute.allowed is not None or attribute.minimum is not None
            ):
                check_value(name, signature, attribute, value)
        if not declared.keys() <= values.keys():
            for key, attribute in declared.items():
                if key not in values:
                    if attribute.default is MISSING:
                        raise ValueError(
                            f"NodeDef missing attr '{key}' from {signature.text}; NodeDef: "
                            f"{{{{node {name}}}}}"
                        )
                    values[key] = attribute.default
        return values, shapes

    def _is_producer_default(self, type: str, key: str, proto: protos.AttrValue) -> bool:
        op_def = self.producer_ops.get(type)
        if op_def is None:
            return False
        return any(a.name == key and a.default_value == proto for a in op_def.attr)

    def _check_colocation(self, node: protos.NodeDef, values: dict[str, Any]) -> None:
        """Check that a node is colocated with nodes that exist, and name them as imported."""
        groups = []
        for group in values["_class"]:
            if isinstance(group, str) and group.startswith("loc:@"):
                other = group[5:]
                if other not in self.names and other not in self.existing:
                    if self.is_body:
                        # An argument, or a node outside: TensorFlow lets it pass there.
                        continue
                    raise ValueError(
                        f"Node '{node.name}' expects to be colocated with unknown node '{other}'"
                    )
                group = f"loc:@{self.scope}{other}"
            groups.append(group)
        values["_class"] = tuple(groups)

    def _close_loops(self) -> None:
        """Connect the back edges of loops, and infer what waited for them."""
        for op, index, text in self.back_edges:
            tensor = self.tensors.get(text)
            if tensor is None:
                name, _, at = text.rpartition(":")
                source = self.made[name]
                raise ValueError(
                    f"Node '{op._name}': Output {at} of node {source._name} does not exist. Node "
                    f"only has {len(source._outputs)} outputs."
                )
            if tensor._dtype.base_dtype is not op._outputs[0]._dtype.base_dtype:
                raise ValueError(
                    f"Input {index} of node {op._name} was passed {dtype_text(tensor._dtype)} from "
                    f"{tensor.name} incompatible with expected {dtype_text(op._outputs[0]._dtype)}."
                )
            inputs = list(op._inputs)
            inputs.insert(index, tensor)
            op._inputs = tuple(inputs)
            tensor._consumers = [*(tensor._consumers or ()), op]
            self.graph._unordered = True

    def element(self, text: str) -> Any:
        """Return an element of the GraphDef by its name there."""
        if ":" not in text:
            op = self.made.get(text)
            if op is None:
                raise ValueError(f"Requested return node '{text}' not found in graph def")
            return op
        name, _, index = text.rpartition(":")
        if not _is_index(index):
            raise ValueError(
                f"Cannot convert {text!r} to a tensor name. Second component of the name following "
                f"the `:` should be an int. Got {index}."
            )
        if _tensor_key(text) in self.map:
            return self.map[_tensor_key(text)]
        op = self.made.get(name)
        if op is None:
            raise ValueError(f"Requested return tensor '{text}' not found in graph def")
        if int(index) >= len(op._outputs):
            raise ValueError(
                f"Invalid return output {index} of node '{name}', which has "
                f"{len(op._outputs)} output(s)"
            )
        return op._outputs[int(index)]


def _is_index(text: str) -> bool:
    """Whether this, after a colon, is the number of an output."""
    return text.isascii() and text.isdigit() and len(text) < 10


def _tensor_key(text: str) -> str:
    """`name:0` for both ways to write a first output."""
    return text if ":" in text else f"{text}:0"
