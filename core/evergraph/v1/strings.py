"""tf.strings: what is made of strings."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        "evergraph.v1.plain": (
            "as_string lower=string_lower strip=string_strip unicode_transcode upper=string_upper"
        ),
        "evergraph.v1.string_hashes": (
            "to_hash_bucket=string_to_hash_bucket "
            "to_hash_bucket_strong=string_to_hash_bucket_strong"
        ),
        "evergraph.v1.texts": (
            "format=string_format reduce_join unicode_decode unicode_decode_with_offsets "
            "unicode_encode"
        ),
        "evergraph.v1.string_ops": (
            "join=string_join length=string_length regex_full_match regex_replace "
            "split=string_split_v2 substr to_hash_bucket_fast=string_to_hash_bucket_fast "
            "to_number=string_to_number"
        ),
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
