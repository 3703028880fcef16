"""Summaries of contrib: of tensors, of activations, of what a collection holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from evergraph import v1 as tf

Summarizer = Callable[[Any], Any]


def summarize_tensor(tensor: Any, tag: str | None = None) -> Any:
    """Return a summary: the value of a scalar, else a histogram; None for strings.

    Args:
      tensor: a tensor or a variable.
      tag: its name, by default that of the operation and "_summary".
    """
    if tensor.dtype.base_dtype == tf.string:
        return None
    kind = tf.summary.scalar if tensor.shape.rank == 0 else tf.summary.histogram
    return kind(tag or f"{tensor.op.name}_summary", tensor)


def summarize_activation(op: Any) -> Any:
    """Return the summary of a layer's output: a histogram, and how many elements are zero.

    Args:
      op: the output. Of a `tf.nn.relu6` it is told, too, how many elements are 6.
    """
    name = op.op.name
    if op.op.type in ("Relu", "Softplus", "Relu6"):
        # Of the inputs, which say without a tolerance what has become zero, or 6.
        before = op.op.inputs[0]
        tf.summary.scalar(f"{name}/zeros", _share(before < tf.cast(0.0, before.dtype)))
        if op.op.type == "Relu6":
            tf.summary.scalar(f"{name}/sixes", _share(before > tf.cast(6.0, before.dtype)))
    return tf.summary.histogram(f"{name}/activation", op)


def _share(condition: Any) -> Any:
    return tf.reduce_mean(tf.cast(condition, tf.float32))


def summarize_tensors(tensors: Any, summarizer: Summarizer = summarize_tensor) -> list[Any]:
    """Return the summaries of tensors."""
    return [summarizer(tensor) for tensor in tensors]


def summarize_collection(
    collection: str, name_filter: str | None = None, summarizer: Summarizer = summarize_tensor
) -> list[Any]:
    """Return the summaries of what a collection holds.

    Args:
      collection: its name.
      name_filter: a regular expression that the names of operations must begin with.
      summarizer: a function from a tensor to its summary.
    """
    found = tf.get_collection(collection)
    if name_filter is not None:
        found = [tensor for tensor in found if re.match(name_filter, tensor.op.name)]
    return summarize_tensors(found, summarizer)


def summarize_activations(
    name_filter: str | None = None, summarizer: Summarizer = summarize_activation
) -> list[Any]:
    """Return the summaries of the collection ACTIVATIONS; see `summarize_collection`."""
    return summarize_collection(tf.GraphKeys.ACTIVATIONS, name_filter, summarizer)


def summarize_variables(
    name_filter: str | None = None, summarizer: Summarizer = summarize_tensor
) -> list[Any]:
    """Return the summaries of all variables; see `summarize_collection`."""
    return summarize_collection(tf.GraphKeys.GLOBAL_VARIABLES, name_filter, summarizer)


def summarize_weights(
    name_filter: str | None = None, summarizer: Summarizer = summarize_tensor
) -> list[Any]:
    """Return the summaries of the collection WEIGHTS; see `summarize_collection`."""
    return summarize_collection(tf.GraphKeys.WEIGHTS, name_filter, summarizer)


def summarize_biases(
    name_filter: str | None = None, summarizer: Summarizer = summarize_tensor
) -> list[Any]:
    """Return the summaries of the collection BIASES; see `summarize_collection`."""
    return summarize_collection(tf.GraphKeys.BIASES, name_filter, summarizer)
