"""Losses of a few of many classes, and the samplers that choose which: tf.nn.nce_loss …"""

from __future__ import annotations

from typing import Any

from evergraph import v1 as tf
from evergraph.builder import build
from evergraph.v1.partitions import PartitionedVariable
from evergraph.v1.random_seed import get_seed

__all__ = [
    "all_candidate_sampler",
    "compute_accidental_hits",
    "fixed_unigram_candidate_sampler",
    "learned_unigram_candidate_sampler",
    "log_uniform_candidate_sampler",
    "nce_loss",
    "sampled_softmax_loss",
    "uniform_candidate_sampler",
]


def _sampler(type: str, name: str | None, seed: int | None, **arguments: Any) -> Any:
    first, second = get_seed(seed)
    return build(type, arguments | {"seed": first, "seed2": second}, name)


def uniform_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Draw classes, each as probable as any other.

    Args:
      true_classes: the classes of the examples, int64 [batch, num_true].
      num_true: how many classes each has.
      num_sampled: how many classes are drawn.
      unique: whether they all differ.
      range_max: how many classes there are.
      seed: the op's seed.
      name: the name of the node.

    Returns:
      The classes, int64 [num_sampled]; how often each of the true ones is expected among them,
      float32 of their shape; and how often each of those drawn is, float32 [num_sampled].

    Raises:
      InvalidArgumentError: when run, there are fewer classes than are drawn, or no such class.
    """
    return _sampler(
        "UniformCandidateSampler",
        name,
        seed,
        true_classes=true_classes,
        num_true=num_true,
        num_sampled=num_sampled,
        unique=unique,
        range_max=range_max,
    )


def log_uniform_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Draw classes that stand in the order of how frequent they are, as words do (Zipf's law).

    The arguments and results are those of `uniform_candidate_sampler`.
    """
    return _sampler(
        "LogUniformCandidateSampler",
        name,
        seed,
        true_classes=true_classes,
        num_true=num_true,
        num_sampled=num_sampled,
        unique=unique,
        range_max=range_max,
    )


def learned_unigram_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Draw classes as often as they were true ones in earlier runs of the session.

    The arguments and results are those of `uniform_candidate_sampler`.
    """
    return _sampler(
        "LearnedUnigramCandidateSampler",
        name,
        seed,
        true_classes=true_classes,
        num_true=num_true,
        num_sampled=num_sampled,
        unique=unique,
        range_max=range_max,
    )


def fixed_unigram_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    vocab_file: str = "",
    distortion: float = 1.0,
    num_reserved_ids: int = 0,
    num_shards: int = 1,
    shard: int = 0,
    unigrams: Any = (),
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Draw classes by given weights.

    Args:
      vocab_file: a file of lines with commas, the last column of which is a weight.
      distortion: the power to which weights are raised.
      num_reserved_ids: so many classes of weight 0 come first.
      num_shards, shard: only every so many-th class counts, from which on.
      unigrams: the weights, in place of a file.
      true_classes, num_true, num_sampled, unique, range_max, seed, name: see
        `uniform_candidate_sampler`, which returns the same.

    Raises:
      InvalidArgumentError: when run, there are more or fewer weights than classes, or not one
        source of them.
      NotFoundError: when run, there is no such file.
    """
    return _sampler(
        "FixedUnigramCandidateSampler",
        name,
        seed,
        true_classes=true_classes,
        num_true=num_true,
        num_sampled=num_sampled,
        unique=unique,
        range_max=range_max,
        vocab_file=vocab_file,
        distortion=distortion,
        num_reserved_ids=num_reserved_ids,
        num_shards=num_shards,
        shard=shard,
        unigrams=list(unigrams),
    )


def all_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Return all classes, of which there are `num_sampled`; see `uniform_candidate_sampler`."""
    return _sampler(
        "AllCandidateSampler",
        name,
        seed,
        true_classes=true_classes,
        num_true=num_true,
        num_sampled=num_sampled,
        unique=unique,
    )


def compute_accidental_hits(
    true_classes: Any,
    sampled_candidates: Any,
    num_true: int,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Return which candidates are true classes of an example.

    Args:
      true_classes: int64 [batch, num_true].
      sampled_candidates: int64, a vector.
      num_true: how many classes each example has.
      seed: not used.
      name: the name of the node.

    Returns:
      For each hit the example, int32; the place among the candidates, int64; and the lowest
      float32, which takes a logit out of a softmax.
    """
    return _sampler(
        "ComputeAccidentalHits",
        name,
        seed,
        true_classes=true_classes,
        sampled_candidates=sampled_candidates,
        num_true=num_true,
    )


def nce_loss(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Any = None,
    remove_accidental_hits: bool = False,
    partition_strategy: str = "mod",
    name: str = "nce_loss",
) -> Any:
    """Return the loss of noise-contrastive estimation, a number for each example.

    Args:
      weights: a row for each class: [num_classes, size], a list of parts, or a partitioned
        variable.
      biases: a number for each class.
      labels: the true classes, integers [batch, num_true].
      inputs: [batch, size].
      num_sampled: how many classes are drawn as noise.
      num_classes: how many there are.
      num_true: how many classes each example has.
      sampled_values: what a candidate sampler returned; `log_uniform_candidate_sampler` by default.
      remove_accidental_hits: whether noise that is a true class does not count.
      partition_strategy: see `embedding_lookup`.
      name: a name scope.
    """
    logits, targets = _sampled_logits(
        weights,
        biases,
        labels,
        inputs,
        num_sampled,
        num_classes,
        num_true,
        sampled_values,
        remove_accidental_hits,
        partition_strategy,
        name,
    )
    return _sums_of_rows(
        tf.nn.sigmoid_cross_entropy_with_logits(
            labels=targets, logits=logits, name="sampled_losses"
        )
    )


def sampled_softmax_loss(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Any = None,
    remove_accidental_hits: bool = True,
    partition_strategy: str = "mod",
    name: str = "sampled_softmax_loss",
    seed: int | None = None,
) -> Any:
    """Return the cross entropy of a softmax over true and drawn classes, a number per example.

    Args:
      seed: the seed of the default sampler.
      weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values,
        remove_accidental_hits, partition_strategy, name: see `nce_loss`.
    """
    logits, targets = _sampled_logits(
        weights,
        biases,
        labels,
        inputs,
        num_sampled,
        num_classes,
        num_true,
        sampled_values,
        remove_accidental_hits,
        partition_strategy,
        name,
        seed,
    )
    targets = tf.stop_gradient(targets, name="labels_stop_gradient")
    return tf.nn.softmax_cross_entropy_with_logits_v2(labels=targets, logits=logits)


def _sampled_logits(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int,
    sampled_values: Any,
    remove_accidental_hits: bool,
    partition_strategy: str,
    name: str | None,
    seed: int | None = None,
) -> tuple[Any, Any]:
    """Return the logits of true and drawn classes, and the labels that they should have."""
    parts = weights if isinstance(weights, list | PartitionedVariable) else [weights]
    parts = list(parts)
    with tf.name_scope(name, "compute_sampled_logits", [*parts, biases, inputs, labels]):
        labels, inputs = tf.convert_to_tensor(labels), tf.convert_to_tensor(inputs)
        if labels.dtype != tf.int64:
            labels = tf.cast(labels, tf.int64)
        flat = tf.reshape(labels, [-1])
        if sampled_values is None:
            sampled_values = log_uniform_candidate_sampler(
                labels, num_true, num_sampled, unique=True, range_max=num_classes, seed=seed
            )
        drawn, true_count, drawn_count = (tf.stop_gradient(value) for value in sampled_values)
        drawn = tf.cast(drawn, tf.int64)
        ids = tf.concat([flat, drawn], 0)
        rows = tf.nn.embedding_lookup(parts, ids, partition_strategy=partition_strategy)
        offsets = tf.nn.embedding_lookup(biases, ids, partition_strategy=partition_strategy)
        rows, offsets = (_as_type(x, inputs.dtype) for x in (rows, offsets))
        count = tf.shape(flat)[0]
        true_rows = tf.slice(rows, [0, 0], tf.stack([count, -1]))
        drawn_rows = tf.slice(rows, tf.stack([count, 0]), [-1, -1])
        true_offsets = tf.reshape(tf.slice(offsets, [0], [count]), [-1, num_true])
        drawn_offsets = tf.slice(offsets, [count], [-1])

        size = tf.shape(true_rows)[1:2]
        true_rows = tf.reshape(true_rows, tf.concat([[-1, num_true], size], 0))
        products = tf.multiply(tf.expand_dims(inputs, 1), true_rows)
        sums = _sums_of_rows(tf.reshape(products, tf.concat([[-1], size], 0)))
        true_logits = tf.reshape(sums, [-1, num_true]) + true_offsets
        drawn_logits = tf.matmul(inputs, drawn_rows, transpose_b=True) + drawn_offsets
        if remove_accidental_hits:
            drawn_logits += _lowered(labels, drawn, num_true, num_sampled, inputs.dtype)
        true_logits -= tf.log(_as_type(true_count, inputs.dtype))
        drawn_logits -= tf.log(_as_type(drawn_count, inputs.dtype))
        logits = tf.concat([true_logits, drawn_logits], 1, name="out_logits")
        ones = tf.ones_like(true_logits) / num_true
        return logits, tf.concat([ones, tf.zeros_like(drawn_logits)], 1, name="out_labels")


def _lowered(labels: Any, drawn: Any, num_true: int, num_sampled: int, dtype: Any) -> Any:
    """Return a matrix of the lowest number where what was drawn is true, and zeros elsewhere."""
    examples, places, weights = compute_accidental_hits(labels, drawn, num_true)
    columns = [tf.reshape(x, [-1, 1]) for x in (examples, tf.cast(places, tf.int32))]
    shape = tf.concat([tf.shape(labels)[:1], tf.expand_dims(num_sampled, 0)], 0)
    return tf.sparse_to_dense(
        tf.concat(columns, 1, "sparse_indices"),
        shape,
        _as_type(weights, dtype),
        default_value=0.0,
        validate_indices=False,
    )


def _as_type(value: Any, dtype: Any) -> Any:
    return value if value.dtype.base_dtype == dtype else tf.cast(value, dtype)


def _sums_of_rows(x: Any) -> Any:
    ones = tf.ones(tf.stack([tf.shape(x)[1], 1]), x.dtype)
    return tf.reshape(tf.matmul(x, ones), [-1])
