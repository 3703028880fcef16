"""Signatures of a SavedModel's graph: which one is meant, and its tensors by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from evergraph import protos
from evergraph.errors import InvalidArgumentError
from evergraph.graph.graph import Graph
from evergraph.graph.tensor import Tensor
from evergraph.saved_model import layout
from evergraph.tensor_proto import make_ndarray

#: What is meant when no signature is named: TensorFlow's key for it, and that of hub modules.
DEFAULTS: Final = ("serving_default", "default")
_INTERNAL: Final = (layout.INIT_OP_SIGNATURE_KEY, layout.TRAIN_OP_SIGNATURE_KEY)


@dataclass(frozen=True)
class Signature:
    """Tensors of a graph by the names that they have for callers.

    A sparse tensor `x` has three: `x.indices`, `x.values` and `x.dense_shape`; any other value
    made of tensors has `x.0`, `x.1` and so on.

    Attributes:
      name: the signature's own; "" if the graph says nothing of any.
      inputs: what is fed.
      outputs: what is fetched.
      defaults: values of inputs that need not be fed.
    """

    name: str
    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor]
    defaults: dict[str, Any] = field(default_factory=dict)


def signature_names(meta_graph: protos.MetaGraphDef) -> list[str]:
    """Return the names of the signatures that are there for callers."""
    return sorted(name for name in meta_graph.signature_def if name not in _INTERNAL)


def chosen(meta_graph: protos.MetaGraphDef, name: str | None) -> str | None:
    """Return the name of the signature that is meant; None if there are none.

    Raises:
      ValueError: there is none of that name; or none is named, and several may be meant.
    """
    names = signature_names(meta_graph)
    if name is None and not names:
        return None
    default = next((n for n in DEFAULTS if n in names), names[0] if len(names) == 1 else None)
    found = default if name is None else name
    if found not in names:
        asked = "no signature is named" if name is None else f"there is no signature {name!r}"
        raise ValueError(f"{asked}; the model has {', '.join(names) or 'none'}")
    return found


def signature_of(graph: Graph, meta_graph: protos.MetaGraphDef, name: str) -> Signature:
    """Return a signature of an imported graph.

    Raises:
      InvalidArgumentError: it names a tensor that the graph does not have.
    """
    definition = meta_graph.signature_def[name]
    return Signature(
        name,
        dict(_tensors(graph, definition.inputs)),
        dict(_tensors(graph, definition.outputs)),
        {key: make_ndarray(value) for key, value in definition.defaults.items()},
    )


def _tensors(graph: Graph, infos: Mapping[str, protos.TensorInfo]) -> Iterator[tuple[str, Tensor]]:
    for key in sorted(infos):
        for name, tensor_name in tensor_names(key, infos[key]):
            try:
                yield name, graph.get_tensor_by_name(tensor_name)
            except (KeyError, ValueError) as error:
                raise InvalidArgumentError(
                    None, None, f"the graph has no tensor '{tensor_name}', which is '{name}'"
                ) from error


def tensor_names(key: str, info: protos.TensorInfo) -> Iterator[tuple[str, str]]:
    """Yield the names of the tensors that a `TensorInfo` is, for callers and in the graph."""
    kind = info.WhichOneof("encoding")
    if kind == "coo_sparse":
        yield f"{key}.indices", info.coo_sparse.indices_tensor_name
        yield f"{key}.values", info.coo_sparse.values_tensor_name
        yield f"{key}.dense_shape", info.coo_sparse.dense_shape_tensor_name
    elif kind == "composite_tensor":
        for i, component in enumerate(info.composite_tensor.components):
            yield from tensor_names(f"{key}.{i}", component)
    else:
        yield key, info.name
