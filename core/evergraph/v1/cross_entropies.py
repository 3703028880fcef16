"""Losses of logits, and the moments of tensors."""

from __future__ import annotations

from math import pi
from typing import Any

from evergraph import dtypes
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.operators import abs, cast, node, scope
from evergraph.graph.slicing import concat, shape
from evergraph.graph.stacks import get_default_graph
from evergraph.v1._arguments import renamed
from evergraph.v1.arithmetic import add
from evergraph.v1.asserts import assert_equal
from evergraph.v1.filling import ones_like, rank, zeros_like
from evergraph.v1.indexing import where
from evergraph.v1.sequences import range
from evergraph.v1.shaping import reshape, transpose


def _check_given(name: str, labels: Any, logits: Any) -> None:
    if labels is None or logits is None:
        raise ValueError(
            f"Both `labels` and `logits` must be provided for {name}Received: labels={labels} and "
            f"logits={logits}"
        )


def softmax_cross_entropy_with_logits_v2(
    labels: Any, logits: Any, axis: Any = None, name: str | None = None, dim: Any = None
) -> Any:
    """Return the cross entropy of softmax(logits) and labels, for each example.

    Args:
      labels: the probabilities of the classes.
      logits: the logits, of the same shape.
      axis: the dimension of the classes; the last by default.
      name: a name scope.
      dim: the old name of `axis`.
    """
    axis = renamed("axis", axis, "dim", dim)
    axis = -1 if axis is None else axis
    with scope(name, "softmax_cross_entropy_with_logits", (logits, labels)) as name:
        logits = convert_to_tensor(logits, name="logits")
        labels = convert_to_tensor(labels, name="labels")
        narrow = logits.dtype.base_dtype in (dtypes.float16, dtypes.bfloat16)
        precise = cast(logits, dtypes.float32) if narrow else logits
        labels = cast(labels, precise.dtype)
        count = rank(precise)
        if axis != -1:
            precise, labels = (_moved_last(t, axis, count) for t in (precise, labels))
        dims = shape(precise)
        precise, labels = _as_rows(precise), _as_rows(labels)
        cost = node("SoftmaxCrossEntropyWithLogits", name, features=precise, labels=labels).loss
        batch = node("Slice", input=dims, begin=[0], size=[node("Sub", x=count, y=1)])
        cost = reshape(cost, batch)
        if logits.ndim is not None:
            known = logits.shape.as_list()
            del known[axis]
            cost.set_shape(known)
        return cast(cost, logits.dtype) if narrow else cost


def _moved_last(tensor: Any, axis: Any, count: Any) -> Any:
    order = [range(axis), range(axis + 1, count), [axis]]
    return transpose(tensor, concat(order, 0))


def _as_rows(logits: Any) -> Any:
    """Return a tensor as a matrix: all dimensions but the last as one."""
    count = rank(logits)
    dims = shape(logits)
    last = [node("Sub", x=count, y=1)]
    classes = node("Slice", input=dims, begin=last, size=[1])
    output = reshape(logits, concat([[-1], classes], 0))
    if logits.ndim:
        *batch, known = logits.shape.as_list()
        if None not in batch:
            rows = 1
            for size in batch:
                rows *= size
            output.set_shape([rows, known])
    return output


def softmax_cross_entropy_with_logits(
    labels: Any = None,
    logits: Any = None,
    dim: Any = -1,
    name: str | None = None,
    axis: Any = None,
) -> Any:
    """Do what `softmax_cross_entropy_with_logits_v2` does, with no gradient for the labels.

    Raises:
      ValueError: labels or logits are missing.
    """
    # TF: `dim` has a default, so `axis` cannot be given with it.
    dim = renamed("axis", axis, "dim", dim) if axis is None else axis
    _check_given("softmax_cross_entropy_with_logits", labels, logits)
    with scope(name, "softmax_cross_entropy_with_logits_sg", (logits, labels)) as name:
        labels = node("StopGradient", "labels_stop_gradient", input=labels)
    return softmax_cross_entropy_with_logits_v2(labels, logits, dim, name)


def sparse_softmax_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, name: str | None = None
) -> Any:
    """Return the cross entropy of softmax(logits) and the right classes, for each example.

    Args:
      labels: the index of the class of each example.
      logits: the logits; one dimension more.
      name: the name of the node.

    Raises:
      ValueError: labels or logits are missing, or their shapes do not fit.
    """
    _check_given("sparse_softmax_cross_entropy_with_logits", labels, logits)
    with scope(name, "SparseSoftmaxCrossEntropyWithLogits", (labels, logits)):
        labels = convert_to_tensor(labels)
        logits = convert_to_tensor(logits)
        half = logits.dtype.base_dtype is dtypes.float16
        precise = cast(logits, dtypes.float32) if half else logits
        known = labels.shape
        dims = shape(labels)
        fits = _check_sparse_shapes(labels, logits)
        if logits.ndim == 2:
            cost = _sparse_cost(precise, labels, name)
            return cast(cost, dtypes.float16) if half else cost
        checks = [] if fits else [assert_equal(shape(labels), shape(logits)[:-1])]
        with get_default_graph().control_dependencies(checks):
            classes = shape(logits)[rank(logits) - 1]
            precise = reshape(precise, [-1, classes])
            labels = reshape(labels, [-1])
            cost = reshape(_sparse_cost(precise, labels, name), dims)
            cost.set_shape(known)
            return cast(cost, dtypes.float16) if half else cost


def _sparse_cost(logits: Any, labels: Any, name: str | None) -> Any:
    inputs = {"features": logits, "labels": labels}
    return node("SparseSoftmaxCrossEntropyWithLogits", name, **inputs).loss


def _check_sparse_shapes(labels: Any, logits: Any) -> bool:
    """Return whether the shapes are known, and known to fit; ValueError if they do not."""
    if logits.ndim == 0:
        raise ValueError(f"`logits` cannot be a scalar. Received logits={logits}`")
    if logits.ndim is not None and labels.ndim not in (None, logits.ndim - 1):
        raise ValueError(
            "`labels.shape.rank` must equal `logits.shape.rank - 1`. Received: labels.shape="
            f"{labels.shape} of rank {labels.ndim} and logits.shape={logits.shape} of rank "
            f"{logits.ndim}"
        )
    batch = logits.shape[:-1]
    if not (labels.shape.is_fully_defined() and batch.is_fully_defined()):
        return False
    if labels.shape != batch:
        raise ValueError(
            "`labels.shape` must equal `logits.shape` except for the last dimension. Received: "
            f"labels.shape={labels.shape} and logits.shape={logits.shape}"
        )
    return True


def sigmoid_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, name: str | None = None
) -> Any:
    """Return the cross entropy of sigmoid(logits) and labels, element-wise.

    Args:
      labels: probabilities.
      logits: the logits, of the same shape and type.
      name: the name of the node.

    Raises:
      ValueError: one is missing, or the shapes differ.
    """
    _check_given("sigmoid_cross_entropy_with_logits", labels, logits)
    with scope(name, "logistic_loss", (logits, labels)) as name:
        logits, labels = _logits_and_labels(logits, labels)
        zeros = zeros_like(logits, logits.dtype)
        positive = logits >= zeros
        relu_logits = where(positive, logits, zeros)
        neg_abs = where(positive, -logits, logits)
        linear = relu_logits - logits * labels
        return add(linear, node("Log1p", x=node("Exp", x=neg_abs)), name)


def weighted_cross_entropy_with_logits(
    labels: Any = None,
    logits: Any = None,
    pos_weight: Any = None,
    name: str | None = None,
    targets: Any = None,
) -> Any:
    """Return the cross entropy of sigmoid(logits) and labels, with another weight where positive.

    Args:
      labels: probabilities.
      logits: the logits, of the same shape and type.
      pos_weight: the weight of positive labels.
      name: the name of the node.
      targets: the old name of `labels`.

    Raises:
      ValueError: the shapes differ.
    """
    labels = renamed("labels", labels, "targets", targets)
    with scope(name, "logistic_loss", (logits, labels)) as name:
        logits, labels = _logits_and_labels(logits, labels)
        weight = 1 + (pos_weight - 1) * labels
        linear = (1 - labels) * logits
        log = node("Log1p", x=node("Exp", x=-abs(logits)))
        return add(linear, weight * (log + node("Relu", features=-logits)), name)


def _logits_and_labels(logits: Any, labels: Any) -> tuple[Any, Any]:
    logits = convert_to_tensor(logits, name="logits")
    labels = convert_to_tensor(labels, name="labels")
    if not labels.shape.is_compatible_with(logits.shape):
        raise ValueError(
            f"`logits` and `labels` must have the same shape, received ({logits.shape} vs "
            f"{labels.shape})."
        )
    return logits, labels


def log_poisson_loss(
    targets: Any, log_input: Any, compute_full_loss: bool = False, name: str | None = None
) -> Any:
    """Return the loss of Poisson-distributed targets, given the logarithm of their mean.

    Args:
      targets: the targets.
      log_input: the logarithms, of the same shape and type.
      compute_full_loss: whether the term that does not depend on `log_input` is included.
      name: a name scope.

    Raises:
      ValueError: the shapes differ.
    """
    with scope(name, "log_poisson_loss", (log_input, targets)):
        log_input = convert_to_tensor(log_input, name="log_input")
        targets = convert_to_tensor(targets, name="targets")
        if not targets.shape.is_compatible_with(log_input.shape):
            raise ValueError(
                "`log_input` and `targets` must have the same shape, received "
                f"({log_input.shape} vs {targets.shape})."
            )
        result = node("Exp", x=log_input) - log_input * targets
        if compute_full_loss:
            half = constant(0.5, targets.dtype)
            two_pi = constant(2 * pi, targets.dtype)
            stirling = targets * node("Log", x=targets) - targets
            stirling += half * node("Log", x=two_pi * targets)
            zeros, ones = zeros_like(targets, targets.dtype), ones_like(targets, targets.dtype)
            small = node("LogicalAnd", x=targets >= zeros, y=targets <= ones)
            result += where(small, zeros, stirling)
        return result
