"""Builders of numbers that strings are hashed to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evergraph.builder import build
from evergraph.v1._arguments import renamed

__all__ = ["string_to_hash_bucket", "string_to_hash_bucket_strong"]


def string_to_hash_bucket(
    string_tensor: Any = None,
    num_buckets: int | None = None,
    name: str | None = None,
    input: Any = None,
) -> Any:
    """Return a number in [0, num_buckets) for each string, int64, by an old hash.

    Args:
      string_tensor: the strings.
      num_buckets: how many numbers there are.
      name: the name of the node.
      input: another name of `string_tensor`.
    """
    texts = renamed("input", input, "string_tensor", string_tensor)
    return build("StringToHashBucket", {"string_tensor": texts, "num_buckets": num_buckets}, name)


def string_to_hash_bucket_strong(
    input: Any, num_buckets: int, key: Sequence[int], name: str | None = None
) -> Any:
    """Return a number in [0, num_buckets) for each string, int64, by a hash with a key.

    Args:
      input: the strings.
      num_buckets: how many numbers there are.
      key: two integers.
      name: the name of the node.

    Raises:
      InvalidArgumentError: when it runs, the key has not two entries.
    """
    arguments = {"input": input, "num_buckets": num_buckets, "key": key}
    return build("StringToHashBucketStrong", arguments, name)
