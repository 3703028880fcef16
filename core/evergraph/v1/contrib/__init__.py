"""tf.contrib, as far as programs of TensorFlow 1.15 use it: layers, slim, rnn, seq2seq …"""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import table
from evergraph.v1.contrib.advice import look_up_here

_PUBLIC = table(
    {
        f"evergraph.v1.contrib.{name}": f"{name}="
        for name in (
            "distributions",
            "framework",
            "layers",
            "learn",
            "legacy_seq2seq",
            "lookup",
            "losses",
            "metrics",
            "opt",
            "rnn",
            "seq2seq",
            "slim",
            "training",
        )
    }
    | {"evergraph.v1.data.experimental": "data="}
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up_here(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
