"""`evergraph.load`: a frozen graph, or a SavedModel, as a function."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from evergraph import protos
from evergraph.errors import InvalidArgumentError
from evergraph.graph.tensor import Tensor
from evergraph.saved_model.opening import Opened, open_model, read_model
from evergraph.saved_model.signatures import signature_names
from evergraph.session.session import Session


class Model:
    """A graph with inputs and outputs, in a session of its own.

    Called with inputs by name, it returns the output, or a dict of outputs if there are several.

    Attributes:
      graph: the graph.
      session: the session that runs it.
      signature: the name of the signature that it is called by; "" if it has none.
      signatures: the names of all.
      inputs: what is fed, by name; of a graph without signatures, the placeholders. They are
        tensors, and have `dtype` and `shape`.
      outputs: what is fetched, by name; of a graph without signatures, what no other node takes.
    """

    def __init__(self, opened: Opened, backend: str | None = None) -> None:
        self.graph = opened.graph
        self.signature = opened.signature.name
        self.signatures = signature_names(opened.source.meta_graph)
        self.inputs: dict[str, Tensor] = opened.signature.inputs
        self.outputs: dict[str, Tensor] = opened.signature.outputs
        self._defaults = opened.signature.defaults
        config = protos.ConfigProto() if backend is None else protos.ConfigProto(backend=backend)
        self.session = Session(graph=self.graph, config=config)
        try:
            opened.initialize(self.session)
        except BaseException:
            self.session.close()
            raise

    def __call__(self, outputs: Sequence[str] | None = None, /, **inputs: Any) -> Any:
        """Run the model.

        Args:
          outputs: names of outputs, tensors or operations; by default all of `self.outputs`.
          **inputs: values by the names of `self.inputs` (`/` and other signs as `_`).

        Raises:
          InvalidArgumentError: there is no input of that name.
          KeyError: there is no output of that name.
          OpError: a node failed, or an input that is needed is missing.
        """
        feeds = {self.inputs[name]: value for name, value in self._defaults.items()}
        feeds |= {self._input(name): value for name, value in inputs.items()}
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
        return {name: self._output(name) for name in outputs}

    def _output(self, name: str) -> Tensor:
        if name in self.outputs:
            return self.outputs[name]
        return self.graph.get_tensor_by_name(name if ":" in name else f"{name}:0")

    def close(self) -> None:
        """Close the session."""
        self.session.close()

    def __repr__(self) -> str:
        return f"<Model inputs={list(self.inputs)} outputs={list(self.outputs)}>"


def load(
    path: str | Path,
    backend: str | None = None,
    *,
    signature: str | None = None,
    tags: Collection[str] | None = None,
) -> Model:
    """Load a frozen graph, or a SavedModel with the values of its variables.

    Args:
      path: the directory of a SavedModel, of TensorFlow 1 or 2; or a file: a binary GraphDef
        (`.pb`), one as text (`.pbtxt`), or the graph beside a checkpoint (`.meta`).
      backend: the backend's name; by default EVERGRAPH_BACKEND, or `numpy`.
      signature: which of the signatures; by default `serving_default`, or the only one.
      tags: which of the graphs in a SavedModel; by default the one for serving, or the only one.

    Raises:
      OSError: a directory is no SavedModel, or its file is damaged.
      RuntimeError: the SavedModel has no graph with those tags.
      ValueError: the graph is not valid (the message names the node); there is no such signature,
        or there are no values for the variables.
      OpError: a file cannot be read, or there is no such backend.
    """
    return Model(open_model(read_model(path, tags), signature), backend)
