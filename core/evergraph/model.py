"""`evergraph.load`: a frozen graph as a function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError

from evergraph import protos
from evergraph.errors import InvalidArgumentError, NotFoundError, UnimplementedError
from evergraph.graph.graph import Graph
from evergraph.graph.importer import import_graph_def
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.session.session import Session

_INPUTS = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault")
_NO_RESULT = ("NoOp", "Assert", "Const")


class Model:
    """A graph with inputs and outputs, in a session of its own.

    Called with inputs by name, it returns the output, or a dict of outputs if there are several.

    Attributes:
      graph: the graph.
      session: the session that runs it.
      inputs: the placeholders, by name.
      outputs: what no other node takes, by name.
    """

    def __init__(self, graph: Graph, backend: str | None = None) -> None:
        self.graph = graph
        config = protos.ConfigProto() if backend is None else protos.ConfigProto(backend=backend)
        self.session = Session(graph=graph, config=config)
        operations = graph.get_operations()
        self.inputs: dict[str, Tensor] = {
            op.name: op.outputs[0] for op in operations if op.type in _INPUTS
        }
        self.outputs: dict[str, Tensor] = {
            op.name: op.outputs[0] for op in operations if _is_output(op)
        }

    def __call__(self, outputs: Sequence[str] | None = None, /, **inputs: Any) -> Any:
        """Run the model.

        Args:
          outputs: names of tensors or operations; by default `self.outputs`.
          **inputs: values by the names of `self.inputs` (`/` and other signs as `_`).

        Raises:
          InvalidArgumentError: there is no input of that name.
          OpError: a node failed, or an input that is needed is missing.
        """
        feeds = {self._input(name): value for name, value in inputs.items()}
        wanted = self._wanted(outputs)
        values = self.session.run(wanted, feeds)
        return next(iter(values.values())) if len(values) == 1 else values

    def run(self, inputs: Mapping[str, Any], outputs: Sequence[str] | None = None) -> Any:
        """Run the model with inputs whose names are no Python identifiers; see `__call__`."""
        return self(outputs, **dict(inputs))

    def _input(self, name: str) -> Tensor:
        plain = name.removesuffix(":0")
        if plain in self.inputs:
            return self.inputs[plain]
        similar = {"".join(c if c.isalnum() else "_" for c in n): t for n, t in self.inputs.items()}
        if name in similar:
            return similar[name]
        raise InvalidArgumentError(
            None, None, f"the model has no input {name!r}; it has {', '.join(self.inputs)}"
        )

    def _wanted(self, outputs: Sequence[str] | None) -> dict[str, Tensor]:
        if outputs is None:
            return self.outputs
        return {
            name: self.graph.get_tensor_by_name(name if ":" in name else f"{name}:0")
            for name in outputs
        }

    def close(self) -> None:
        """Close the session."""
        self.session.close()

    def __repr__(self) -> str:
        return f"<Model inputs={list(self.inputs)} outputs={list(self.outputs)}>"


def _is_output(op: Operation) -> bool:
    return (
        op.type not in _NO_RESULT
        and bool(op.outputs)
        and not any(t.consumers() for t in op.outputs)
    )


def read_graph_def(path: str | Path) -> protos.GraphDef:
    """Read a binary GraphDef.

    Raises:
      NotFoundError: there is no such file.
      UnimplementedError: it is a SavedModel directory.
      InvalidArgumentError: it is not a GraphDef.
    """
    file = Path(path)
    if file.is_dir():
        raise UnimplementedError(
            None, None, f"{file} is a directory: SavedModels are not read yet, frozen graphs are"
        )
    if not file.is_file():
        raise NotFoundError(None, None, f"{file}; No such file or directory")
    try:
        graph_def = protos.GraphDef.FromString(file.read_bytes())
    except DecodeError as error:
        raise InvalidArgumentError(None, None, f"{file} is not a GraphDef: {error}") from error
    return graph_def


def load(path: str | Path, backend: str | None = None) -> Model:
    """Load a frozen graph.

    Args:
      path: a binary GraphDef (`.pb`).
      backend: the backend's name; by default EVERGRAPH_BACKEND, or `numpy`.

    Raises:
      OpError: the file cannot be read, or there is no such backend.
      ValueError: the graph is not valid; the message names the node.
    """
    graph = Graph()
    with graph.as_default():
        import_graph_def(read_graph_def(path), name="")
    return Model(graph, backend)
