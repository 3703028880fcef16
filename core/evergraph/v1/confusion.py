"""The confusion matrix of labels and predictions."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast, node, scope
from evergraph.graph.slicing import stack
from evergraph.v1.asserts import assert_less, assert_non_negative
from evergraph.v1.filling import ones_like
from evergraph.v1.flow import with_dependencies
from evergraph.v1.reductions import reduce_max
from evergraph.v1.shaping import squeeze


def confusion_matrix(
    labels: Any,
    predictions: Any,
    num_classes: Any = None,
    dtype: Any = dtypes.int32,
    name: str | None = None,
    weights: Any = None,
) -> Any:
    """Return how often each class (a row) was taken for each class (a column).

    Args:
      labels: the classes, a vector; a last dimension of 1 is left off.
      predictions: what they were taken for, a vector of the same size.
      num_classes: how many classes there are; by default one more than the greatest that occurs.
      dtype: the type of the result.
      name: a name scope.
      weights: how much each example counts, a vector; by default 1.

    Raises:
      ValueError: the shapes do not fit.
      InvalidArgumentError: when it runs: a class is negative, or not below `num_classes`.
    """
    with scope(name, "confusion_matrix", (predictions, labels, num_classes, weights)) as name:
        labels, predictions = remove_squeezable_dimensions(
            convert_to_tensor(labels, name="labels"),
            convert_to_tensor(predictions, name="predictions"),
        )
        predictions = cast(predictions, dtypes.int64)
        labels = cast(labels, dtypes.int64)
        text = "`labels` contains negative values"
        labels = with_dependencies([assert_non_negative(labels, message=text)], labels)
        text = "`predictions` contains negative values"
        check = assert_non_negative(predictions, message=text)
        predictions = with_dependencies([check], predictions)
        if num_classes is None:
            greatest = node("Maximum", x=reduce_max(predictions), y=reduce_max(labels))
            num_classes = greatest + 1
        else:
            limit = cast(num_classes, dtypes.int64)
            check = assert_less(labels, limit, message="`labels` out of bound")
            labels = with_dependencies([check], labels)
            check = assert_less(predictions, limit, message="`predictions` out of bound")
            predictions = with_dependencies([check], predictions)
        if weights is not None:
            weights = convert_to_tensor(weights, name="weights")
            predictions.shape.assert_is_compatible_with(weights.shape)
            weights = cast(weights, dtype)
        sizes = stack([num_classes, num_classes])
        places = stack([labels, predictions], axis=1)
        counts = ones_like(predictions, dtype) if weights is None else weights
        sizes = cast(sizes, dtypes.int64)
        return node("ScatterNd", indices=places, updates=counts, shape=sizes)


def remove_squeezable_dimensions(
    labels: Any, predictions: Any, expected_rank_diff: int = 0, name: str | None = None
) -> tuple[Any, Any]:
    """Return labels and predictions, without a last dimension of 1 that one has too many.

    Args:
      labels, predictions: tensors.
      expected_rank_diff: how many dimensions more the predictions are meant to have.
      name: a name scope.
    """
    with scope(name, "remove_squeezable_dimensions", (labels, predictions)):
        predictions = convert_to_tensor(predictions)
        labels = convert_to_tensor(labels)
        # TF: of an unknown rank, decides in a `cond` when it runs.
        if labels.ndim is not None and predictions.ndim is not None:
            surplus = predictions.ndim - labels.ndim - expected_rank_diff
            if surplus == 1 and predictions.shape[-1].is_compatible_with(1):
                predictions = squeeze(predictions, [-1])
            elif surplus == -1 and labels.shape[-1].is_compatible_with(1):
                labels = squeeze(labels, [-1])
        return labels, predictions
