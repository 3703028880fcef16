"""`Graph`: the operations, and the scopes under which new ones are made."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, NoReturn, overload

from evergraph import attributes as attribute_values
from evergraph import protos
from evergraph.dtypes import as_dtype
from evergraph.errors import InaccessibleTensorError
from evergraph.graph import inference, stacks, traceback
from evergraph.graph.collections import Collections
from evergraph.graph.names import NameTable, check_name
from evergraph.graph.operation import Operation
from evergraph.graph.scopes import Scopes
from evergraph.graph.tensor import Tensor
from evergraph.vocabulary import (
    GRAPH_DEF_VERSION,
    GRAPH_DEF_VERSION_MIN_CONSUMER,
    Signature,
    vocabulary,
)


class Graph(Scopes, Collections):
    """A dataflow graph: operations, and the tensors that flow between them."""

    def __init__(self) -> None:
        Scopes.__init__(self)
        Collections.__init__(self)
        self._lock = threading.RLock()
        self._operations: list[Operation] = []
        self._by_name: dict[str, Operation] = {}
        self._names = NameTable()
        self._next_id = 0
        self._finalized = False
        #: Values of Const nodes that were looked at.
        self._constants: dict[Operation, Any] = {}
        self._unfeedable: set[Tensor] = set()
        self._unfetchable: set[Operation] = set()
        self._functions: dict[str, protos.FunctionDef] = {}
        self._gradient_functions: dict[str, str] = {}
        #: What calls of functions do, by operation and function.
        self._bodies: dict[Any, Any] = {}
        self._versions = protos.VersionDef(
            producer=GRAPH_DEF_VERSION, min_consumer=GRAPH_DEF_VERSION_MIN_CONSUMER
        )
        #: Changes when a node that exists is changed; adding nodes leaves it alone.
        #: Python functions that nodes call.
        self._kept_alive: list[object] = []
        self._mutations = 0
        #: Whether some node may come before one of its inputs in creation order.
        self._unordered = False
        self.seed: int | None = None
        #: The variables that slices, which can be assigned to, are parts of.
        self._sliced_variables: dict[Tensor, Any] = {}
        #: How many random ops took their seed from this one's.
        self._random_ops = 0

    # Making operations

    def create_op(
        self,
        op_type: str,
        inputs: Sequence[Tensor],
        dtypes: Sequence[Any] | None = None,
        input_types: Sequence[Any] | None = None,
        name: str | None = None,
        attrs: dict[str, protos.AttrValue] | None = None,
        op_def: protos.OpDef | None = None,
        compute_shapes: bool = True,
        compute_device: bool = True,
    ) -> Operation:
        """Create an operation from raw parts; `tf.raw_ops` is the convenient way.

        Args:
          op_type: the type, in the vocabulary.
          inputs: the input tensors.
          dtypes: types of the outputs, checked if given.
          input_types: accepted for compatibility; the types follow from the inputs.
          name: a name to be made unique; by default the type.
          attrs: attributes as `AttrValue`s; those that follow from the inputs may be left out.
          op_def, compute_shapes: accepted for compatibility.
          compute_device: whether the device scopes apply.

        Raises:
          RuntimeError: there is no such op type, or the graph is finalized.
          TypeError, ValueError: inputs or attributes do not match the op's signature.
        """
        del input_types, op_def, compute_shapes
        for i, t in enumerate(inputs):
            if not isinstance(t, Tensor):
                raise TypeError(f"Input #{i} is not a tensor: {t}")
            self._check_contains(t)
        signature = self._signature(op_type)
        values = {
            n: attribute_values.from_proto(protos.adopt(v, protos.AttrValue))
            for n, v in (attrs or {}).items()
        }
        from evergraph.builder import complete_attributes

        complete_attributes(signature, values, inputs)
        op = self._create(signature, tuple(inputs), values, name, compute_device=compute_device)
        if dtypes is not None:
            want = [as_dtype(d).base_dtype for d in dtypes]
            if want != [t.dtype.base_dtype for t in op._outputs]:
                raise TypeError(f"{op_type} has outputs of other types than {want}")
        return op

    def _signature(self, op_type: str) -> Signature:
        signature = vocabulary().get(op_type)
        if signature is None:
            raise RuntimeError(
                f"Op type not registered '{op_type}' in evergraph's vocabulary (TensorFlow 2.21 "
                "and the installed plugins). Make sure the Op and Kernel are registered in the "
                "binary running in this process."
            )
        return signature

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
        """Create an operation from checked parts, under the scopes in force."""
        self._check_not_finalized()
        name = signature.name if name is None else name
        if name and name[-1] == "/":
            name = name[:-1]
            full = None
        else:
            full = name
        frames = traceback.capture()
        with self._lock:
            if full is None:
                check_name(name)
            else:
                prefix = self._name_prefix
                if not prefix:
                    check_name(name)
                name = self.unique_name(full)
                if prefix:
                    check_name(name)
            op = Operation(
                self, self._next_id, name, signature, attributes, inputs, control_inputs, "", frames
            )
            inference.infer(op)
            self._apply_scopes(op, compute_device)
            self._add(op)
            context = self._control_flow_context
            if context is not None:
                op._control_flow_context = context
                context.add(op)
        return op

    def _add(self, op: Operation) -> None:
        self._next_id += 1
        self._operations.append(op)
        self._by_name[op._name] = op
        for t in op._inputs:
            if t._consumers is None:
                t._consumers = [op]
            else:
                t._consumers.append(op)

    def unique_name(self, name: str, mark_as_used: bool = True) -> str:
        """Return a name for an operation, prefixed by the name scope and made unique.

        Args:
          name: the name wanted.
          mark_as_used: whether the result counts as used from now on.
        """
        prefix = self._name_prefix
        return self._names.unique(f"{prefix}/{name}" if prefix else name, mark_as_used)

    # Finding operations

    def get_operations(self) -> list[Operation]:
        """Return all operations, in the order of their creation."""
        return list(self._operations)

    def get_operation_by_name(self, name: str) -> Operation:
        """Return the operation of that name.

        Raises:
          TypeError: `name` is not a string.
          ValueError: it is the name of a tensor.
          KeyError: there is no such operation.
        """
        if not isinstance(name, str):
            raise TypeError(f"Operation names are strings (or similar), not {type(name).__name__}.")
        return self.as_graph_element(name, allow_tensor=False, allow_operation=True)

    def get_tensor_by_name(self, name: str) -> Tensor:
        """Return the tensor of that name, `OPERATION:INDEX`.

        Raises:
          TypeError: `name` is not a string.
          ValueError: it is the name of an operation.
          KeyError: there is no such tensor.
        """
        if not isinstance(name, str):
            raise TypeError(f"Tensor names are strings (or similar), not {type(name).__name__}.")
        return self.as_graph_element(name, allow_tensor=True, allow_operation=False)

    @overload
    def as_graph_element(
        self, obj: Any, allow_tensor: Literal[False], allow_operation: Literal[True] = True
    ) -> Operation: ...

    @overload
    def as_graph_element(
        self, obj: Any, allow_tensor: Literal[True] = True, *, allow_operation: Literal[False]
    ) -> Tensor: ...

    @overload
    def as_graph_element(
        self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True
    ) -> Any: ...

    def as_graph_element(
        self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True
    ) -> Any:
        """Return the tensor or operation that `obj` is, or names.

        Args:
          obj: a tensor, an operation, a name of either, or an object with `_as_graph_element`.
          allow_tensor, allow_operation: what the result may be.

        Raises:
          TypeError: `obj` can be neither.
          ValueError: it is of the wrong kind, or belongs to another graph.
          KeyError: there is nothing of that name.
        """
        types = [n for n, ok in (("Tensor", allow_tensor), ("Operation", allow_operation)) if ok]
        if not types:
            raise ValueError("allow_tensor and allow_operation can't both be False.")
        convert = getattr(obj, "_as_graph_element", None)
        if convert is not None:
            element = convert()
            obj = obj if element is None else element
        if isinstance(obj, bytes):
            obj = obj.decode("utf-8", "replace")
        if isinstance(obj, str):
            return self._named(obj, allow_tensor, allow_operation)
        if (isinstance(obj, Tensor) and allow_tensor) or (
            isinstance(obj, Operation) and allow_operation
        ):
            self._check_contains(obj)
            return obj
        raise TypeError(f"Can not convert a {type(obj).__name__} into a {' or '.join(types)}.")

    def _named(self, name: str, allow_tensor: bool, allow_operation: bool) -> Any:
        form = '"<op_name>:<output_index>"'
        if ":" in name and allow_tensor:
            op_name, *rest = name.split(":")
            if len(rest) != 1 or not rest[0].isdigit():
                # TF: 'c:-1' silently means the last output.
                raise ValueError(
                    f"The name {name!r} looks a like a Tensor name, but is not a valid one. Tensor "
                    f"names must be of the form {form}."
                )
            op = self._by_name.get(op_name)
            if op is None:
                raise KeyError(
                    f"The name {name!r} refers to a Tensor which does not exist. The operation, "
                    f"{op_name!r}, does not exist in the graph."
                )
            if int(rest[0]) >= len(op._outputs):
                raise KeyError(
                    f"The name {name!r} refers to a Tensor which does not exist. The operation, "
                    f"{op_name!r}, exists but only has {len(op._outputs)} outputs."
                )
            return op._outputs[int(rest[0])]
        if ":" in name:
            raise ValueError(f"Name {name!r} appears to refer to a Tensor, not a Operation.")
        if allow_operation:
            op = self._by_name.get(name)
            if op is None:
                raise KeyError(f"The name {name!r} refers to an Operation not in the graph.")
            return op
        if name in self._by_name:
            raise ValueError(
                f"The name {name!r} refers to an Operation, not a Tensor. Tensor names must be of "
                f"the form {form}."
            )
        raise ValueError(
            f"The name {name!r} looks like an (invalid) Operation name, not a Tensor. Tensor names "
            f"must be of the form {form}."
        )

    def _check_contains(self, element: Tensor | Operation) -> None:
        if element.graph is not self:
            kind = type(element).__name__
            raise ValueError(f"{kind} {element} is not an element of this graph.")

    def op_def_for_type(self, type: str) -> protos.OpDef:
        """Return the `OpDef` of an op type; RuntimeError if there is none."""
        return self._signature(type).op_def

    # What may be fed and fetched

    def prevent_feeding(self, tensor: Tensor) -> None:
        """Mark a tensor as one that may not be fed."""
        self._unfeedable.add(tensor)
        self._mutated()

    def is_feedable(self, tensor: Tensor) -> bool:
        """Whether a tensor may be fed."""
        return tensor not in self._unfeedable

    def prevent_fetching(self, op: Operation) -> None:
        """Mark an operation as one that may not be fetched, nor its outputs."""
        self._unfetchable.add(op)
        self._mutated()

    def is_fetchable(self, tensor_or_op: Tensor | Operation) -> bool:
        """Whether a tensor or an operation may be fetched."""
        op = tensor_or_op.op if isinstance(tensor_or_op, Tensor) else tensor_or_op
        return op not in self._unfetchable

    def _check_fetchable(self, element: Tensor | Operation) -> None:
        if not self.is_fetchable(element):
            op = element.op if isinstance(element, Tensor) else element
            raise InaccessibleTensorError(
                f"Operation {op.name} has been marked as not fetchable. Typically this happens "
                "when it is defined in another function or code block. Use return values, explicit "
                "Python locals or TensorFlow collections to access it."
            )

    # The graph as a whole

    def as_default(self) -> AbstractContextManager[Graph]:
        """Return a context manager that makes this the default graph of the thread."""
        return stacks.graphs.controlled(self)

    def as_graph_def(
        self, from_version: int | None = None, add_shapes: bool = False, **_: Any
    ) -> protos.GraphDef:
        """Return the graph as a `GraphDef`.

        Args:
          from_version: leave out the operations that existed at this `version`.
          add_shapes: add static shapes as `_output_shapes`.
        """
        from evergraph.graph.exporter import export

        return export(self, from_version, add_shapes)

    @property
    def version(self) -> int:
        """A number that grows as operations are added."""
        return self._next_id

    @property
    def graph_def_versions(self) -> protos.VersionDef:
        """The versions of the GraphDef format that this graph has."""
        return self._versions

    @property
    def building_function(self) -> bool:
        """Whether this graph is the body of a function."""
        return False

    def _source_of(self, tensor: Tensor) -> Tensor | None:
        """Return the tensor of a graph around this one for which one of its tensors stands."""
        del tensor
        return None

    @property
    def finalized(self) -> bool:
        """Whether the graph is read-only."""
        return self._finalized

    def finalize(self) -> None:
        """Make the graph read-only: adding an operation is an error from now on."""
        self._finalized = True

    def _unsafe_unfinalize(self) -> None:
        self._finalized = False

    def _check_not_finalized(self) -> None:
        if self._finalized:
            raise RuntimeError("Graph is finalized and cannot be modified.")

    def _mutated(self, unordered: bool = False) -> None:
        """Note that existing nodes changed, so that steps are planned anew."""
        self._mutations += 1
        self._bodies.clear()
        self._unordered = self._unordered or unordered

    def _note_order(self, first: Operation, second: Operation) -> None:
        """Note that one operation comes before another, perhaps against the order of creation."""
        if first._id > second._id:
            self._unordered = True

    def _session_for(self, method: str, session: Any) -> Any:
        """Return the session that `Tensor.eval` or `Operation.run` uses."""
        what, noun = _EVALUATION[method]
        if session is not None:
            if session.graph is not self:
                raise ValueError(
                    f"Cannot use the given session to {what}: the {noun}'s graph is different "
                    "from the session's graph."
                )
            return session
        from evergraph.session.defaults import get_default_session

        session = get_default_session()
        if session is None:
            how = "with sess.as_default()" + (":" if method == "run" else "")
            raise ValueError(
                f"Cannot {what} using `{method}()`: No default session is registered. Use "
                f"`{how}` or pass an explicit session to `{method}(session=sess)`"
            )
        if session.graph is not self:
            # TF: only one of the two has backquotes.
            how = "run(session=sess)" if method == "run" else "`eval(session=sess)`"
            raise ValueError(
                f"Cannot use the default session to {what}: the {noun}'s graph is different from "
                f"the session's graph. Pass an explicit session to {how}."
            )
        return session

    def __reduce__(self) -> NoReturn:
        raise TypeError("cannot pickle 'Graph' object")


_EVALUATION = {
    "eval": ("evaluate tensor", "tensor"),
    "run": ("execute operation", "operation"),
}
