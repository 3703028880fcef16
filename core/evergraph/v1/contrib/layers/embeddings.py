"""Embeddings of contrib: embed_sequence, embedding_lookup_unique; and scale_gradient."""

from __future__ import annotations

from typing import Any

from evergraph import v1 as tf
from evergraph.v1.contrib.framework.variables import model_variable


def embed_sequence(
    ids: Any,
    vocab_size: int | None = None,
    embed_dim: int | None = None,
    unique: bool = False,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = True,
    scope: Any = None,
    reuse: Any = None,
) -> Any:
    """Return the rows of the variable `embeddings` that sequences of numbers name.

    Args:
      ids: integers below `vocab_size`, [batch, length].
      vocab_size: how many rows there are.
      embed_dim: the size of a row.
      unique: whether each row is looked up once, however often it is named.
      initializer, regularizer: of the variable; see `tf.get_variable`.
      trainable: whether the optimizer may change it.
      scope: the variable scope, "EmbedSequence" by default.
      reuse: whether the variable of the scope is shared.

    Raises:
      ValueError: it is not shared, and there are no sizes.
    """
    if not (reuse or (vocab_size and embed_dim)):
        raise ValueError(
            "Must specify vocab size and embedding dimension when not reusing. Got "
            f"vocab_size={vocab_size} and embed_dim={embed_dim}"
        )
    shape = [vocab_size, embed_dim] if vocab_size and embed_dim else None
    with tf.variable_scope(scope, "EmbedSequence", [ids], reuse=reuse):
        embeddings = model_variable(
            "embeddings",
            shape=shape,
            initializer=initializer,
            regularizer=regularizer,
            trainable=trainable,
        )
        if unique:
            return embedding_lookup_unique(embeddings, ids)
        return tf.nn.embedding_lookup(embeddings, ids)


def embedding_lookup_unique(
    params: Any, ids: Any, partition_strategy: str = "mod", name: str | None = None
) -> Any:
    """Do what `tf.nn.embedding_lookup` does, and look up each row once.

    Args:
      params, partition_strategy: see `tf.nn.embedding_lookup`.
      ids: integers of any shape.
      name: a name scope.
    """
    with tf.name_scope(name, "EmbeddingLookupUnique", [params, ids]):
        ids = tf.convert_to_tensor(ids)
        sizes = tf.shape(ids)
        names, places = tf.unique(tf.reshape(ids, [-1]))
        rows = tf.nn.embedding_lookup(params, names, partition_strategy=partition_strategy)
        found = tf.gather(rows, places)
        result = tf.reshape(found, tf.concat([sizes, tf.shape(found)[1:]], 0))
        result.set_shape(ids.shape.concatenate(found.shape[1:]))
        return result


def scale_gradient(inputs: Any, gradient_multiplier: Any) -> Any:
    """Return the inputs, whose gradient is multiplied.

    Args:
      inputs: a tensor.
      gradient_multiplier: the factor, a number or a scalar tensor.
    """

    def scaled(x: Any) -> Any:
        return tf.identity(x), lambda dy: dy * gradient_multiplier

    return tf.custom_gradient(scaled)(tf.convert_to_tensor(inputs))
