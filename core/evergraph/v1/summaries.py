"""Builders of summaries: nodes that describe values for TensorBoard."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from contextlib import contextmanager
from typing import Any, Final

from google.protobuf import json_format

from evergraph import dtypes, protos
from evergraph.builder import build
from evergraph.graph.collections import GraphKeys
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.stacks import get_default_graph
from evergraph.v1.framework import name_scope

_LOG = logging.getLogger("evergraph")
#: What a name of a node may not have.
_ILLEGAL: Final = re.compile(r"[^-/\w.]", re.ASCII)


def scalar(name: str, tensor: Any, collections: Any = None, family: str | None = None) -> Any:
    """Summarize a number.

    Args:
      name: of the node; TensorBoard shows it, with the name scopes around it, as the tag.
      tensor: a real number, of rank 0.
      collections: keys of the collections that the summary is added to; by default SUMMARIES.
      family: a prefix of the tag, by which TensorBoard groups.

    Returns:
      A string scalar, the serialized `Summary`.

    Raises:
      TypeError: `tensor` has no real numbers.
      InvalidArgumentError: when it runs, `tensor` is no scalar.
    """
    with _scope(name, family, tensor) as (tag, scope):
        made = build("ScalarSummary", {"tags": tag, "values": tensor}, scope)
    return _collect(made, collections)


def histogram(name: str, values: Any, collections: Any = None, family: str | None = None) -> Any:
    """Summarize how numbers are distributed.

    Args:
      values: real numbers, of any shape.
      name, collections, family: see `scalar`.

    Returns:
      A string scalar, the serialized `Summary`.

    Raises:
      TypeError: `values` has no real numbers.
      InvalidArgumentError: when it runs, one of them is infinite or NaN.
    """
    with _scope(name, family, values, "HistogramSummary") as (tag, scope):
        made = build("HistogramSummary", {"tag": tag, "values": values}, scope)
    return _collect(made, collections)


def image(
    name: str,
    tensor: Any,
    max_outputs: int = 3,
    collections: Any = None,
    family: str | None = None,
) -> Any:
    """Summarize images, as PNG.

    Floats are scaled for each image by itself: the largest becomes 255, and zero 128 if there are
    negative ones. What is infinite or NaN is red.

    Args:
      tensor: of shape [batch, height, width, channels], with 1, 3 or 4 channels; uint8 or floats.
      max_outputs: how many images of the batch at most.
      name, collections, family: see `scalar`.

    Returns:
      A string scalar, the serialized `Summary`.

    Raises:
      TypeError: `tensor` has another type.
      ValueError: `max_outputs` is less than 1.
      InvalidArgumentError: when it runs, `tensor` has another shape.
    """
    with _scope(name, family, tensor) as (tag, scope):
        made = build(
            "ImageSummary", {"tag": tag, "tensor": tensor, "max_images": max_outputs}, scope
        )
    return _collect(made, collections)


def audio(
    name: str,
    tensor: Any,
    sample_rate: Any,
    max_outputs: int = 3,
    collections: Any = None,
    family: str | None = None,
) -> Any:
    """Summarize sounds, as WAV.

    Args:
      tensor: float32, of shape [batch, frames] or [batch, frames, channels], from -1 to 1.
      sample_rate: how many frames make a second, a float32 scalar.
      max_outputs: how many sounds of the batch at most.
      name, collections, family: see `scalar`.

    Returns:
      A string scalar, the serialized `Summary`.

    Raises:
      TypeError: `tensor` has another type.
      ValueError: `max_outputs` is less than 1.
      InvalidArgumentError: when it runs, `tensor` has another shape, or the rate is not positive.
    """
    with _scope(name, family, tensor) as (tag, scope):
        rate = convert_to_tensor(sample_rate, dtypes.float32, name="sample_rate")
        inputs = {"tag": tag, "tensor": tensor, "sample_rate": rate, "max_outputs": max_outputs}
        made = build("AudioSummaryV2", inputs, scope)
    return _collect(made, collections)


def text(name: str, tensor: Any, collections: Any = None) -> Any:
    """Summarize strings, which TensorBoard shows as Markdown.

    Args:
      tensor: strings, of any shape.
      name, collections: see `scalar`.

    Returns:
      A string scalar, the serialized `Summary`.

    Raises:
      ValueError: `tensor` has no strings.
    """
    if tensor.dtype != dtypes.string:
        raise ValueError(f"Expected tensor {tensor.name} to have dtype string, got {tensor.dtype}")
    metadata = protos.SummaryMetadata()
    metadata.plugin_data.plugin_name = "text"
    return tensor_summary(name, tensor, collections=collections, summary_metadata=metadata)


def tensor_summary(
    name: str,
    tensor: Any,
    summary_description: str | None = None,
    collections: Any = None,
    summary_metadata: Any = None,
    family: str | None = None,
    display_name: str | None = None,
) -> Any:
    """Put a whole tensor into a summary.

    Args:
      tensor: of any type and shape.
      summary_description: a text about it, in Markdown.
      summary_metadata: a `SummaryMetadata`, which says which plugin of TensorBoard shows it.
      display_name: what TensorBoard calls it, in place of the tag.
      name, collections, family: see `scalar`.

    Returns:
      A string scalar, the serialized `Summary`.
    """
    metadata = protos.SummaryMetadata()
    if summary_metadata is not None:
        metadata.CopyFrom(protos.adopt(summary_metadata, protos.SummaryMetadata))
    if summary_description is not None:
        metadata.summary_description = summary_description
    if display_name is not None:
        metadata.display_name = display_name
    with _scope(name, family, tensor) as (tag, scope):
        inputs = {
            "tensor": tensor,
            "tag": tag,
            "serialized_summary_metadata": metadata.SerializeToString(),
        }
        made = build("TensorSummaryV2", inputs, scope)
    return _collect(made, collections)


def merge(inputs: Sequence[Any], collections: Any = None, name: str | None = None) -> Any:
    """Join summaries into one.

    Args:
      inputs: serialized summaries, string tensors.
      collections: keys of the collections that the result is added to.
      name: of the node.

    Returns:
      A string scalar, the serialized `Summary`.

    Raises:
      ValueError: there are none.
      InvalidArgumentError: when it runs, two have the same tag.
    """
    name = _legal(name) if name else name
    with name_scope(name, "Merge", inputs):
        made = build("MergeSummary", {"inputs": inputs}, name)
    return _collect(made, collections, ())


def merge_all(
    key: str = GraphKeys.SUMMARIES, scope: str | None = None, name: str | None = None
) -> Any:
    """Join the summaries of a collection into one.

    Args:
      key: of the collection.
      scope: a regular expression that names must begin with.
      name: of the node.

    Returns:
      A string scalar, the serialized `Summary`; None if there are no summaries.
    """
    found = get_default_graph().get_collection(key, scope)
    return merge(found, name=name) if found else None


def initialize(graph: Any = None, session: Any = None) -> None:
    """Initialize the writers of TensorFlow 2's summaries, of which a graph here has none."""


def all_v2_summary_ops() -> list[Any] | None:
    """Return the nodes of TensorFlow 2's summaries, of which a graph here has none."""
    return []


def get_summary_description(node_def: Any) -> Any:
    """Return the `SummaryDescription` that a node of the type TensorSummary has.

    Raises:
      ValueError: it has another type.
    """
    if node_def.op != "TensorSummary":
        raise ValueError(f"Can't get_summary_description on {node_def.op}")
    found = protos.SummaryDescription()
    description = node_def.attr["description"].s
    return json_format.Parse(description, found) if description else found


@contextmanager
def _scope(name: str, family: str | None, values: Any, default: str | None = None) -> Any:
    """Open the name scope of a summary; yield its tag, and the scope as a node's name."""
    name = _legal(name)
    family = _legal(family) if family else family
    with name_scope(f"{family}/{name}" if family else name, default, [values]) as scope:
        tag = scope.rstrip("/")
        yield (f"{family}/{tag}" if family else tag), scope or None


def _legal(name: str | None) -> Any:
    """Return a name without characters that no node may have in its own."""
    if name is None:
        return None
    legal = _ILLEGAL.sub("_", name).lstrip("/")
    if legal != name:
        _LOG.info("Summary name %s is illegal; using %s instead.", name, legal)
    return legal


def _collect(made: Any, collections: Any, default: Sequence[str] = (GraphKeys.SUMMARIES,)) -> Any:
    for key in default if collections is None else collections:
        made.graph.add_to_collection(key, made)
    return made
