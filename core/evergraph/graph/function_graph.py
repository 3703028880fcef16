"""`FunctionGraph`: the graph in which a Python function is traced, to become a `FunctionDef`."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, Final

from evergraph import protos
from evergraph.graph.collections import GraphKeys
from evergraph.graph.graph import Graph
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.shapes import Dims, TensorShape
from evergraph.vocabulary import Signature

#: TF: functions are numbered throughout the process.
_NUMBERS: Final = itertools.count()
_VARIABLES: Final = frozenset({"Variable", "VariableV2", "VarHandleOp", "TemporaryVariable"})
#: What a function adds to these collections is there outside as well.
_SHARED: Final = (
    GraphKeys.GLOBAL_VARIABLES,
    GraphKeys.LOCAL_VARIABLES,
    GraphKeys.TRAINABLE_VARIABLES,
)


class FunctionGraph(Graph):
    """The operations that a Python function makes of its arguments.

    What it uses of the graphs around becomes further arguments: it is captured.

    Args:
      outer: the graph in which the function is used.

    Attributes:
      outer: the graph in which the function is used.
      arguments: the tensors that stand for the function's own arguments.
      captures: from tensors outside to what stands for them inside.
    """

    def __init__(self, outer: Graph) -> None:
        super().__init__()
        self.outer: Final = outer
        self.arguments: list[Tensor] = []
        self.captures: dict[Tensor, Tensor] = {}
        self.seed = outer.seed
        self._functions = outer._functions
        self._gradient_functions = outer._gradient_functions
        self._kept_alive = outer._kept_alive
        self._container = outer._container
        self._collections = {
            k: v if k in _SHARED else list(v) for k, v in outer._collections.items()
        }

    @property
    def building_function(self) -> bool:
        """Whether this graph is the body of a function: it is."""
        return True

    def argument(self, name: str, dtype: Any, dims: Dims) -> Tensor:
        """Return a tensor that stands for a further argument."""
        tensor = self._stand_in(name, dtype, dims)
        self.arguments.append(tensor)
        return tensor

    def capture(self, tensor: Tensor, name: str) -> Tensor:
        """Return what stands for a tensor of the graphs around.

        Args:
          tensor: the tensor.
          name: of the operation that takes it.

        Raises:
          ValueError: it is of another graph.
        """
        found = self.captures.get(tensor)
        if found is None:
            source = tensor
            if tensor.graph is not self.outer:
                if not isinstance(self.outer, FunctionGraph):
                    raise ValueError(
                        f"{tensor} is of a graph that is not around the function which uses it"
                    )
                source = self.outer.capture(tensor, name)
                known = self.captures.get(source)
                if known is not None:
                    return known
            found = self._stand_in(f"{name}/placeholder", source._dtype.base_dtype, source._dims)
            self.captures[source] = found
        return found

    def _source_of(self, tensor: Tensor) -> Tensor | None:
        """Return the tensor outside that one stands for, if it does."""
        return next((o for o, inside in self.captures.items() if inside is tensor), None)

    def _stand_in(self, name: str, dtype: Any, dims: Dims) -> Tensor:
        values = {"dtype": dtype, "shape": TensorShape._of(dims)}
        with self.name_scope(None), self.control_dependencies(None):
            op = super()._create(
                self._signature("Placeholder"), (), values, name, compute_device=False
            )
        return op._outputs[0]

    def _create(
        self,
        signature: Signature,
        inputs: tuple[Tensor, ...],
        attributes: dict[str, Any],
        name: str | None,
        *,
        compute_device: bool = True,
        control_inputs: tuple[Operation, ...] = (),
    ) -> Operation:
        label = (name or signature.name).rstrip("/")
        if signature.name in _VARIABLES:
            raise ValueError(
                "tf.function only supports singleton tf.Variables created on the first call. "
                f"'{label}' would be a variable that the function of a dataset makes for each "
                "element: make it outside of the function."
            )
        outside = [t for t in inputs if t.graph is not self]
        if signature.takes_references and any(t._dtype._is_ref_dtype for t in outside):
            raise ValueError(
                f"{signature.name} changes the variable {outside[0].name}, which the function of a "
                "dataset uses by its value: make it a resource variable (use_resource=True)"
            )
        if outside:
            inputs = tuple([self.capture(t, label) if t in outside else t for t in inputs])
        return super()._create(
            signature,
            inputs,
            attributes,
            name,
            compute_device=compute_device,
            control_inputs=control_inputs,
        )

    # What is outside is an element of this graph, but nothing waits for it

    def _check_contains(self, element: Tensor | Operation) -> None:
        graph: Any = self
        while graph is not None:
            if element.graph is graph:
                return
            graph = getattr(graph, "outer", None)
        super()._check_contains(element)

    @contextmanager
    def control_dependencies(self, control_inputs: Iterable[Any] | None) -> Iterator[None]:
        """Make operations created inside run after those of `control_inputs` that are inside."""
        if control_inputs is not None:
            awaited = [self._awaited(c) for c in control_inputs if c is not None]
            control_inputs = [op for op in awaited if op.graph is self]
        with super().control_dependencies(control_inputs):
            yield

    @contextmanager
    def colocate_with(self, op: Any, ignore_existing: bool = False) -> Iterator[None]:
        """Place operations made inside beside `op`; beside what is outside, anywhere."""
        outside = op is not None and self._place(op).graph is not self
        with nullcontext() if outside else super().colocate_with(op, ignore_existing):
            yield

    def define(self, label: str, results: Sequence[Tensor]) -> protos.NameAttrList:
        """Add the function to the graph's library; return what nodes call it by.

        Args:
          label: says what it is.
          results: what it returns.
        """
        name = f"__inference_{label}_{next(_NUMBERS)}"
        while name in self._functions:
            name = f"__inference_{label}_{next(_NUMBERS)}"
        given = [*self.arguments, *self.captures.values()]
        definition = function_def(name, self._operations, given, results)
        definition.attr["_tf_data_function"].b = True
        self._functions[name] = definition
        called = protos.NameAttrList(name=name)
        called.attr["_tf_data_function"].b = True
        return called


def function_def(
    name: str, ops: Iterable[Operation], arguments: Sequence[Tensor], results: Sequence[Tensor]
) -> protos.FunctionDef:
    """Return operations as a function.

    Args:
      name: of the function; "" for one that says what is in it.
      ops: the operations.
      arguments: outputs of placeholders among them.
      results: what it returns.
    """
    definition = protos.FunctionDef()
    signature = definition.signature
    used: set[str] = set()
    names: dict[Tensor, str] = {}
    standing = {t._op for t in arguments}
    body = [op for op in ops if op not in standing]
    taken = {op._name for op in body}
    for i, tensor in enumerate(arguments):
        argument = names[tensor] = _plain(tensor._op._name, used, taken)
        signature.input_arg.add(name=argument, type=tensor._dtype.as_datatype_enum)
        shape = TensorShape._of(tensor._dims).as_proto()
        definition.arg_attr[i].attr["_output_shapes"].list.shape.append(shape)
    for op in body:
        _note(op, names)
    for op in body:
        node = definition.node_def.add()
        op._write(node)
        if "_class" in node.attr and not taken.issuperset(_beside(op)):
            del node.attr["_class"]  # an argument lies nowhere
        node.ClearField("input")
        node.input.extend([names[t] for t in op._inputs])
        waits = sorted(c._name for c in op._control_inputs if c not in standing)
        node.input.extend([f"^{n}" for n in waits])
        if op._signature.is_stateful:
            signature.is_stateful = True
            signature.control_output.append(op._name)
            definition.control_ret[op._name] = op._name
    used = set()
    for tensor in results:
        result = _plain(tensor._op._name, used, ())
        signature.output_arg.add(name=result, type=tensor._dtype.base_dtype.as_datatype_enum)
        definition.ret[result] = names[tensor]
    if not name:
        digest = hashlib.blake2b(definition.SerializeToString(deterministic=True), digest_size=8)
        name = f"_make_dataset_{digest.hexdigest()}"
    signature.name = name
    return definition


def _beside(op: Operation) -> list[str]:
    """Return the names of the operations that one lies beside."""
    return [g.decode().removeprefix("loc:@") for g in op.colocation_groups()]


def _note(op: Operation, names: dict[Tensor, str]) -> None:
    """Note what the nodes of a function call the outputs of an operation."""
    position = 0
    for output in op._signature.outputs:
        for i, _ in enumerate(output.dtypes(op._attributes)):
            names[op._outputs[position]] = f"{op._name}:{output.name}:{i}"
            position += 1


def _plain(name: str, used: set[str], taken: Iterable[str]) -> str:
    """Return a name that an argument may have, and that none of these have."""
    plain = re.sub(r"[^a-z0-9_]", "_", name.lower())
    plain = plain if plain[:1].isalpha() else f"arg{plain}"
    found, number = plain, 0
    while found in used or found in taken:
        number += 1
        found = f"{plain}_{number}"
    used.add(found)
    return found
