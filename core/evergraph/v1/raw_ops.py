"""`tf.raw_ops`: one function per op type, with the OpDef's own arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evergraph.builder import raw_op
from evergraph.vocabulary import vocabulary


def __getattr__(name: str) -> Callable[..., Any]:
    return raw_op(name)


def __dir__() -> list[str]:
    return [name for name in vocabulary().names() if not name.startswith("_")]
