"""SavedModels as TensorFlow 2 writes them: each function fills a directory.

It returns calls to record: signature, inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tf_keras
from saved_models_v1 import Calls, values

tf.compat.v1.enable_v2_behavior()


class TwoSignatures(tf.Module):
    """Functions that share variables, and call each other."""

    def __init__(self) -> None:
        super().__init__()
        self.w = tf.Variable(values(3, 2), name="w")
        self.scale = tf.Variable(2.0, name="scale")

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="x")])
    def project(self, x: Any) -> Any:
        """Return a product."""
        return {"projected": tf.matmul(x, self.w) * self.scale}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 3], tf.float32, name="x"),
            tf.TensorSpec([], tf.int32, name="steps"),
        ]
    )
    def iterate(self, x: Any, steps: Any) -> Any:
        """Return what a loop with a condition inside makes of the product."""
        y = self.project(x)["projected"]
        for i in tf.range(steps):
            if tf.reduce_sum(y) > 0:  # noqa: SIM108  # AutoGraph makes a tf.cond of a statement
                y = y - self.scale * tf.cast(i, tf.float32)
            else:
                y = y * 1.5
        return {"y": y, "sum": tf.reduce_sum(y)}


def two_signatures(folder: str) -> Calls:
    """A module with two signatures, one of which loops and decides."""
    module = TwoSignatures()
    signatures = {"serving_default": module.project, "iterate": module.iterate}
    tf.saved_model.save(module, folder, signatures)
    x = values(2, 3)
    steps = [("iterate", {"x": x, "steps": np.int32(n)}) for n in (0, 5)]
    return [("serving_default", {"x": x}), *steps]


class Vocabulary(tf.Module):
    """A table from a file of the model's, and one of given keys."""

    def __init__(self, path: str) -> None:
        super().__init__()
        lookup = tf.lookup
        self.file = tf.saved_model.Asset(path)
        lines = lookup.TextFileInitializer(
            self.file.asset_path,
            tf.string,
            lookup.TextFileIndex.WHOLE_LINE,
            tf.int64,
            lookup.TextFileIndex.LINE_NUMBER,
        )
        self.ids = lookup.StaticHashTable(lines, -1)
        pairs = lookup.KeyValueTensorInitializer(tf.constant([0, 1, 2], tf.int64), [0.5, 1.5, 2.5])
        self.values = lookup.StaticHashTable(pairs, 9.0)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def __call__(self, text: Any) -> Any:
        """Return the numbers of words, and what stands for those."""
        ids = self.ids.lookup(text)
        return {"ids": ids, "values": self.values.lookup(ids)}


def vocabulary(folder: str) -> Calls:
    """Tables, initialised by a function when the model is loaded."""
    words = Path(folder).parent / "words.txt"
    words.write_text("one\ntwo\nthree\n", encoding="utf-8")
    module = Vocabulary(str(words))
    tf.saved_model.save(module, folder, {"serving_default": module.__call__})
    return [("serving_default", {"text": np.array([b"two", b"four", b"one"], object)})]


class Switching(tf.Module):
    """A choice between several functions, and recursion over a tensor's rows."""

    def __init__(self) -> None:
        super().__init__()
        self.table = tf.Variable(values(4, 3), name="table")

    @tf.function(
        input_signature=[
            tf.TensorSpec([], tf.int32, name="which"),
            tf.TensorSpec([None], tf.int64, name="rows"),
        ]
    )
    def __call__(self, which: Any, rows: Any) -> Any:
        """Return rows of the table, in one of three ways."""
        found = tf.gather(self.table, rows)
        branches = [lambda: found, lambda: tf.abs(found), lambda: tf.cumsum(found)]
        mapped = tf.map_fn(lambda row: row * tf.reduce_max(row), found)
        return {"chosen": tf.switch_case(which, branches), "mapped": mapped}


def switching(folder: str) -> Calls:
    """A Case, and a map over rows."""
    module = Switching()
    tf.saved_model.save(module, folder, {"serving_default": module.__call__})
    rows = np.int64([2, 0, 3])
    return [("serving_default", {"which": np.int32(n), "rows": rows}) for n in (0, 1, 7)]


def layers(library: Any, kind: str) -> Any:
    """Return a small model of one of the kinds that there are, of either Keras."""
    of = library.layers
    kinds = {
        "dense": [
            library.Input([4], name="x"),
            of.Dense(5, "relu"),
            of.BatchNormalization(),
            of.Dropout(0.5),
            of.Dense(2, "softmax"),
        ],
        "conv": [
            library.Input([8, 8, 2], name="x"),
            of.Conv2D(4, 3, padding="same", activation="relu"),
            of.MaxPooling2D(),
            of.SeparableConv2D(3, 3),
            of.GlobalAveragePooling2D(),
        ],
        "lstm": [
            library.Input([None, 3], name="x"),
            of.LSTM(4, return_sequences=True),
            of.LSTM(3),
        ],
        "gru": [library.Input([5, 3], name="x"), of.GRU(4)],
        "embedding": [
            library.Input([None], dtype="int32", name="x"),
            of.Embedding(7, 3, mask_zero=True),
            of.Bidirectional(of.LSTM(2)),
        ],
        "simple_rnn": [library.Input([4, 2], name="x"), of.SimpleRNN(3, go_backwards=True)],
    }
    library.utils.set_random_seed(1)
    model = library.Sequential(kinds[kind])
    for i, weights in enumerate(model.weights):
        # Small, but none of them zero: variances must be positive.
        weights.assign(np.abs(values(*weights.shape, seed=i)) / 3 - (0.0 if i % 3 else 0.1))
    return model


FED: dict[str, list[Any]] = {
    "dense": [values(3, 4)],
    "conv": [values(2, 8, 8, 2)],
    "lstm": [values(2, 3, 3), values(1, 6, 3)],
    "gru": [values(2, 5, 3)],
    "embedding": [np.int32([[1, 2, 0, 0], [3, 4, 6, 1]])],
    "simple_rnn": [values(2, 4, 2)],
}


def of_keras(library: Any, kind: str) -> Callable[[str], Calls]:
    """Return what exports a small model."""

    def export(folder: str) -> Calls:
        layers(library, kind).export(folder)
        message = tf.saved_model.load(folder).signatures["serving_default"]
        (name,) = message.structured_input_signature[1]
        return [("serving_default", {name: fed}) for fed in FED[kind]]

    return export


MODELS: dict[str, Callable[[str], Calls]] = {
    "v2_two_signatures": two_signatures,
    "v2_switching": switching,
    "v2_vocabulary": vocabulary,
    **{
        f"keras2_{kind}": of_keras(tf_keras, kind) for kind in ("dense", "lstm", "gru", "embedding")
    },
    **{f"keras3_{kind}": of_keras(keras, kind) for kind in FED},
}
