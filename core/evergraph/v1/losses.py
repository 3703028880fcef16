"""tf.losses: losses with weights, which are collected in the graph."""

from __future__ import annotations

from typing import Any, Final

from evergraph import dtypes
from evergraph.graph.collections import GraphKeys
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import abs, cast, node, scope
from evergraph.graph.slicing import shape as shape_of
from evergraph.graph.stacks import get_default_graph
from evergraph.v1._arguments import renamed
from evergraph.v1.arithmetic import add, add_n, div_no_nan
from evergraph.v1.broadcast_checks import assert_broadcastable, broadcast_weights
from evergraph.v1.confusion import remove_squeezable_dimensions
from evergraph.v1.cross_entropies import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits_v2,
    sparse_softmax_cross_entropy_with_logits,
)
from evergraph.v1.filling import ones_like, rank, size, zeros_like
from evergraph.v1.indexing import where
from evergraph.v1.reductions import reduce_sum
from evergraph.v1.sequences import range
from evergraph.v1.shaping import squeeze

__all__ = [
    "Reduction",
    "absolute_difference",
    "add_loss",
    "compute_weighted_loss",
    "cosine_distance",
    "get_losses",
    "get_regularization_loss",
    "get_regularization_losses",
    "get_total_loss",
    "hinge_loss",
    "huber_loss",
    "log_loss",
    "mean_pairwise_squared_error",
    "mean_squared_error",
    "sigmoid_cross_entropy",
    "softmax_cross_entropy",
    "sparse_softmax_cross_entropy",
]


class Reduction:
    """How the losses of the elements become one."""

    NONE = "none"
    SUM = "weighted_sum"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"
    MEAN = "weighted_mean"
    SUM_BY_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS

    @classmethod
    def all(cls) -> tuple[str, ...]:
        """Return all reductions."""
        return (
            cls.NONE,
            cls.SUM,
            cls.MEAN,
            cls.SUM_OVER_BATCH_SIZE,
            cls.SUM_OVER_NONZERO_WEIGHTS,
            cls.SUM_BY_NONZERO_WEIGHTS,
        )

    @classmethod
    def validate(cls, key: Any) -> None:
        """Raise ValueError if a key is no reduction."""
        if key not in cls.all():
            raise ValueError(f"Invalid Reduction Key {key}. Key should be one of {cls.all()}.")


_LOSSES: Final = GraphKeys.LOSSES
_BY_NONZERO: Final = Reduction.SUM_BY_NONZERO_WEIGHTS


def compute_weighted_loss(
    losses: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: str | None = _LOSSES,
    reduction: str = _BY_NONZERO,
) -> Any:
    """Return the weighted losses, reduced to a scalar unless the reduction is `NONE`.

    Args:
      losses: the losses of the elements.
      weights: a scalar, or a tensor of the rank of `losses` whose sizes are theirs or 1.
      scope: a name scope.
      loss_collection: the collection that the result is added to, if any.
      reduction: one of `tf.losses.Reduction`: the sum, or the sum divided by the sum of the weights
        (`MEAN`), by the number of elements (`SUM_OVER_BATCH_SIZE`), or by the number of those
        whose weight is not zero (the default).

    Raises:
      ValueError: there is no such reduction, or the shapes do not fit.
    """
    Reduction.validate(reduction)
    with (
        _scope(scope, "weighted_loss", losses, weights),
        get_default_graph().control_dependencies([assert_broadcastable(weights, losses)]),
    ):
        losses = convert_to_tensor(losses)
        dtype = losses.dtype
        losses = cast(losses, dtypes.float32)
        weights = cast(weights, dtypes.float32)
        loss = node("Mul", x=losses, y=weights)
        if reduction != Reduction.NONE:
            loss = reduce_sum(loss)
            if reduction in _COUNTS:
                count = _COUNTS[reduction](losses, weights)
                loss = div_no_nan(reduce_sum(loss), count, "value")
        loss = cast(loss, dtype)
        add_loss(loss, loss_collection)
        return loss


def _scope(name: str | None, default: str, *values: Any) -> Any:
    return scope(name, default, values)


def _total_weight(losses: Any, weights: Any) -> Any:
    return reduce_sum(ones_like(losses) * weights)


def _count(losses: Any, weights: Any = None) -> Any:
    del weights
    with _scope(None, "num_elements", losses) as name:
        return cast(size(losses, name=name), losses.dtype)


def _nonzero(losses: Any, weights: Any, per_batch: bool = False) -> Any:
    """Return how many elements have a weight."""
    with _scope(None, "num_present", losses, weights) as name:
        weights = cast(weights, dtypes.float32)
        present = where(node("Equal", x=weights, y=0.0), zeros_like(weights), ones_like(weights))
        present = broadcast_weights(present, losses)
        if per_batch:
            return reduce_sum(present, range(1, rank(present)), keepdims=True, name=name)
        return reduce_sum(present, name=name)


_COUNTS: Final[dict[str, Any]] = {
    Reduction.MEAN: _total_weight,
    Reduction.SUM_BY_NONZERO_WEIGHTS: _nonzero,
    Reduction.SUM_OVER_BATCH_SIZE: _count,
}


def _check_given(**arguments: Any) -> None:
    for name, value in arguments.items():
        if value is None:
            raise ValueError(f"Argument `{name}` must not be None.")


def _floats(labels: Any, predictions: Any) -> tuple[Any, Any]:
    """Return labels and predictions as float32, of shapes that fit."""
    predictions = cast(predictions, dtypes.float32)
    labels = cast(labels, dtypes.float32)
    predictions.shape.assert_is_compatible_with(labels.shape)
    return labels, predictions


def absolute_difference(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: str | None = _LOSSES,
    reduction: str = _BY_NONZERO,
) -> Any:
    """Return the weighted absolute differences; see `compute_weighted_loss`."""
    _check_given(labels=labels, predictions=predictions)
    with _scope(scope, "absolute_difference", predictions, labels, weights) as scope:
        labels, predictions = _floats(labels, predictions)
        losses = abs(node("Sub", x=predictions, y=labels))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def cosine_distance(
    labels: Any,
    predictions: Any,
    axis: int | None = None,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: str | None = _LOSSES,
    reduction: str = _BY_NONZERO,
    dim: int | None = None,
) -> Any:
    """Return one minus the weighted cosines along an axis, of what has a norm of 1 there.

    See `compute_weighted_loss`; `dim` is the old name of `axis`.
    """
    axis = renamed("axis", axis, "dim", dim)
    if axis is None:
        raise ValueError("You must specify argument `axis`.")
    _check_given(labels=labels, predictions=predictions)
    with _scope(scope, "cosine_distance_loss", predictions, labels, weights) as scope:
        labels, predictions = _floats(labels, predictions)
        products = node("Mul", x=predictions, y=labels)
        losses = 1 - reduce_sum(products, axis=(axis,), keepdims=True)
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def hinge_loss(
    labels: Any,
    logits: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: str | None = _LOSSES,
    reduction: str = _BY_NONZERO,
) -> Any:
    """Return the weighted hinge losses of labels that are 0 or 1; see `compute_weighted_loss`."""
    _check_given(labels=labels, logits=logits)
    with _scope(scope, "hinge_loss", logits, labels, weights) as scope:
        labels, logits = _floats(labels, logits)
        ones = ones_like(labels)
        signs = node("Sub", x=2 * labels, y=ones)
        losses = node("Relu", features=node("Sub", x=ones, y=node("Mul", x=signs, y=logits)))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def huber_loss(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    delta: float = 1.0,
    scope: str | None = None,
    loss_collection: str | None = _LOSSES,
    reduction: str = _BY_NONZERO,
) -> Any:
    """Return weighted losses that are squares up to `delta`, and straight lines from there.

    See `compute_weighted_loss`.
    """
    _check_given(labels=labels, predictions=predictions)
    with _scope(scope, "huber_loss", predictions, labels, weights) as scope:
        labels, predictions = _floats(labels, predictions)
        error = abs(node("Sub", x=predictions, y=labels))
        small = node("Minimum", x=error, y=delta)
        beyond = node("Sub", x=error, y=small)
        half = convert_to_tensor(0.5, small.dtype)
        squares = node("Mul", x=half, y=node("Mul", x=small, y=small))
        losses = add(squares, node("Mul", x=delta, y=beyond))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def log_loss(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    epsilon: float = 1e-7,
    scope: str | None = None,
    loss_collection: str | None = _LOSSES,
    reduction: str = _BY_NONZERO,
) -> Any:
    """Return the weighted log losses of probabilities; see `compute_weighted_loss`."""
    _check_given(labels=labels, predictions=predictions)
    with _scope(scope, "log_loss", predictions, labels, weights) as scope:
        labels, predictions = _floats(labels, predictions)
        positive = -node("Mul", x=labels, y=node("Log", x=predictions + epsilon))
        negative = node("Mul", x=1 - labels, y=node("Log", x=1 - predictions + epsilon))
        return compute_weighted_loss(
            positive - negative, weights, scope, loss_collection, reduction
        )


def mean_pairwise_squared_error(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: str | None = _LOSSES,
) -> Any:
    """Return the weighted mean of the squared differences of all pairs of errors of a sample."""
    _check_given(labels=labels, predictions=predictions)
    with _scope(scope, "mean_pairwise_squared_error", predictions, labels, weights) as scope:
        weights = cast(weights, dtypes.float32)
        labels = cast(labels, dtypes.float32)
        with get_default_graph().control_dependencies([assert_broadcastable(weights, labels)]):
            labels, predictions = _floats(labels, predictions)
            errors = node("Sub", x=predictions, y=labels)
            axis = range(1, rank(errors))
            squares = reduce_sum(node("Square", x=errors), axis, keepdims=True)
            count = _nonzero(errors, weights, per_batch=True)
            first = 2.0 * div_no_nan(squares, node("Maximum", x=count - 1, y=0), "value")
            total = reduce_sum(errors, axis, keepdims=True)
            total = node("Square", x=total)
            pairs = node("Maximum", x=node("Mul", x=count, y=count - 1), y=0)
            second = 2.0 * div_no_nan(total, pairs, "value")
            loss = reduce_sum(node("Mul", x=first - second, y=weights))
            result = where(reduce_sum(count) > 0, loss, zeros_like(loss), name="value")
            add_loss(result, loss_collection)
            return result


def mean_squared_error(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: str | None = _LOSSES,
    reduction: str = _BY_NONZERO,
) -> Any:
    """Return the weighted squared differences; see `compute_weighted_loss`."""
    _check_given(labels=labels, predictions=predictions)
    with _scope(scope, "mean_squared_error", predictions, labels, weights) as scope:
        labels, predictions = _floats(labels, predictions)
        losses = node("SquaredDifference", x=predictions, y=labels)
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def sigmoid_cross_entropy(
    multi_class_labels: Any,
    logits: Any,
    weights: Any = 1.0,
    label_smoothing: float = 0,
    scope: str | None = None,
    loss_collection: str | None = _LOSSES,
    reduction: str = _BY_NONZERO,
) -> Any:
    """Return the weighted cross entropies of sigmoids; see `compute_weighted_loss`.

    With `label_smoothing` the labels are moved that far towards 1/2.
    """
    _check_given(multi_class_labels=multi_class_labels, logits=logits)
    values = (logits, multi_class_labels, weights)
    with _scope(scope, "sigmoid_cross_entropy_loss", *values) as scope:
        logits = convert_to_tensor(logits)
        labels = cast(multi_class_labels, logits.dtype)
        logits.shape.assert_is_compatible_with(labels.shape)
        if label_smoothing > 0:
            labels = labels * (1 - label_smoothing) + 0.5 * label_smoothing
        losses = sigmoid_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def softmax_cross_entropy(
    onehot_labels: Any,
    logits: Any,
    weights: Any = 1.0,
    label_smoothing: float = 0,
    scope: str | None = None,
    loss_collection: str | None = _LOSSES,
    reduction: str = _BY_NONZERO,
) -> Any:
    """Return the weighted cross entropies of softmaxes; see `compute_weighted_loss`.

    With `label_smoothing` the labels are moved that far towards 1 / (the number of classes).
    """
    _check_given(onehot_labels=onehot_labels, logits=logits)
    with _scope(scope, "softmax_cross_entropy_loss", logits, onehot_labels, weights) as scope:
        logits = convert_to_tensor(logits)
        labels = cast(onehot_labels, logits.dtype)
        logits.shape.assert_is_compatible_with(labels.shape)
        if label_smoothing > 0:
            classes = cast(shape_of(labels)[-1], logits.dtype)
            negatives = label_smoothing / classes
            labels = labels * (1.0 - label_smoothing) + negatives
        labels = node("StopGradient", "labels_stop_gradient", input=labels)
        losses = softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def sparse_softmax_cross_entropy(
    labels: Any,
    logits: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: str | None = _LOSSES,
    reduction: str = _BY_NONZERO,
) -> Any:
    """Return the weighted cross entropies of softmaxes, of labels that are class numbers.

    See `compute_weighted_loss`. Labels and weights may have a last dimension of 1 too many.
    """
    _check_given(labels=labels, logits=logits)
    with _scope(scope, "sparse_softmax_cross_entropy_loss", logits, labels, weights) as scope:
        labels, logits, weights = _squeezed(labels, logits, weights)
        losses = sparse_softmax_cross_entropy_with_logits(
            labels=labels, logits=logits, name="xentropy"
        )
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def _squeezed(labels: Any, logits: Any, weights: Any) -> tuple[Any, Any, Any]:
    """Return labels, logits and weights without a last dimension that is one too many."""
    labels, logits = remove_squeezable_dimensions(labels, logits, expected_rank_diff=1)
    weights = convert_to_tensor(weights)
    ranks: Any = (weights.ndim, labels.ndim)
    if None not in ranks and ranks[0] == ranks[1] + 1:
        weights = squeeze(weights, [-1])
    return labels, logits, weights


def add_loss(loss: Any, loss_collection: str | None = _LOSSES) -> None:
    """Add a loss to a collection, if one is given."""
    if loss_collection:
        get_default_graph().add_to_collection(loss_collection, loss)


def get_losses(scope: str | None = None, loss_collection: str = _LOSSES) -> list[Any]:
    """Return the losses of a collection; with `scope`, those whose names begin with it."""
    return list(get_default_graph().get_collection(loss_collection, scope))


def get_regularization_losses(scope: str | None = None) -> list[Any]:
    """Return the losses of regularizers; with `scope`, those whose names begin with it."""
    return list(get_default_graph().get_collection(GraphKeys.REGULARIZATION_LOSSES, scope))


def get_regularization_loss(
    scope: str | None = None, name: str = "total_regularization_loss"
) -> Any:
    """Return the sum of the losses of regularizers, 0 if there are none."""
    losses = get_regularization_losses(scope)
    return add_n(losses, name=name) if losses else convert_to_tensor(0.0, name="Const")


def get_total_loss(
    add_regularization_losses: bool = True, name: str = "total_loss", scope: str | None = None
) -> Any:
    """Return the sum of all losses.

    Raises:
      ValueError: there are none.
    """
    losses = get_losses(scope)
    if add_regularization_losses:
        losses += get_regularization_losses(scope)
    return add_n(losses, name=name)
