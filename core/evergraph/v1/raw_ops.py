"""tf.raw_ops: a function for every op type, which takes keyword arguments alone."""

from __future__ import annotations

import typing
from collections.abc import Callable

from evergraph.builder import raw_op
from evergraph.v1._lazy import missing
from evergraph.vocabulary import vocabulary


def __getattr__(name: str) -> Callable[..., typing.Any]:
    try:
        return raw_op(name)
    except AttributeError:
        raise AttributeError(missing(__name__, __dir__(), name)) from None


def __dir__() -> list[str]:
    return [name for name in vocabulary().names() if not name.startswith("_")]
