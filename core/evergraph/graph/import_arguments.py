"""What `import_graph_def` is given, checked: the message, its version, names and mapped tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evergraph import attributes as attribute_values
from evergraph import protos
from evergraph.graph.operation import Operation
from evergraph.vocabulary import (
    GRAPH_DEF_VERSION,
    GRAPH_DEF_VERSION_MIN_PRODUCER,
    TENSORFLOW_VERSION,
)


def as_graph_def(graph_def: Any) -> protos.GraphDef:
    """Return the graph to import as our own message; TypeError if it is none."""
    try:
        return protos.adopt(graph_def, protos.GraphDef)
    except TypeError:
        raise TypeError("Argument `graph_def` must be a GraphDef proto.") from None


def checked_map(input_map: Any) -> dict[str, Any]:
    """Return `input_map` by names that are str."""
    if input_map is None:
        return {}
    if not isinstance(input_map, Mapping):
        raise TypeError(
            f"Argument `input_map` must be a dictionary. Obtained {type(input_map).__name__}"
        )
    bad = [key for key in input_map if not isinstance(key, str | bytes)]
    if bad:
        raise TypeError(
            f"All keys for argument `input_map` must be strings. Obtained keys: {list(input_map)}"
        )
    for value in input_map.values():
        if isinstance(value, Operation):
            raise TypeError(f"can't convert Operation '{value.name}' to Tensor")
    return {attribute_values.text(key): value for key, value in input_map.items()}


def checked_elements(elements: Any) -> list[str] | None:
    """Return `return_elements` as str."""
    if elements is None:
        return None
    found = list(elements)
    if not all(isinstance(e, str | bytes) for e in found):
        raise TypeError(
            f"Argument `return_elements` must be a list of strings. Obtained {elements}."
        )
    return [attribute_values.text(e) for e in found]


def check_versions(versions: protos.VersionDef) -> None:
    """Raise ValueError if a graph is not for this version."""
    if versions.min_consumer > GRAPH_DEF_VERSION:
        raise ValueError(
            f"GraphDef min consumer version {versions.min_consumer} above current version "
            f"{GRAPH_DEF_VERSION} for TensorFlow {TENSORFLOW_VERSION}.  Please upgrade TensorFlow."
        )
    if versions.producer < GRAPH_DEF_VERSION_MIN_PRODUCER:
        raise ValueError(
            f"GraphDef producer version {versions.producer} below min producer "
            f"{GRAPH_DEF_VERSION_MIN_PRODUCER} supported by TensorFlow {TENSORFLOW_VERSION}.  "
            "Please regenerate your graph."
        )
    if GRAPH_DEF_VERSION in versions.bad_consumers:
        raise ValueError(
            f"GraphDef disallows consumer version {GRAPH_DEF_VERSION}.  Please upgrade TensorFlow: "
            "this version is likely buggy."
        )
