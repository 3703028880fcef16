"""Names that TensorFlow has lost, from the package `tf_keras`, which has kept them."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any

LAYERS = ("base", "core", "convolutional", "pooling", "normalization")
CELLS = ("legacy_cells", "legacy_cell_wrappers")


def restore(tf: Any) -> None:
    """Put `tf.layers` and `tf.nn.rnn_cell` where programs look for them."""
    tf.layers = _members("tf_keras.src.legacy_tf_layers", LAYERS)
    tf.nn.rnn_cell = _members("tf_keras.src.layers.rnn", CELLS)


def _members(package: str, modules: tuple[str, ...]) -> SimpleNamespace:
    found: dict[str, Any] = {}
    for module in modules:
        found |= {
            k: v for k, v in vars(import_module(f"{package}.{module}")).items() if callable(v)
        }
    return SimpleNamespace(**found)
