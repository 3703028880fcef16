"""What the training programs share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Build = Callable[[Any], "Program"]
Script = Callable[[Any, "Log"], None]


@dataclass(frozen=True)
class Program:
    """A graph that trains.

    Attributes:
      loss: what is recorded at every step, before the step changes anything.
      train: the operations of a step.
      feeds: from the number of a step to its feeds.
      watched: further tensors whose values after the last step are recorded, by name.
    """

    loss: Any
    train: Any
    feeds: Callable[[int], dict[Any, Any]]
    watched: dict[str, Any] = field(default_factory=dict)


class Log:
    """What a script tells of itself: by key, the values in the order in which they came."""

    def __init__(self) -> None:
        self.values: dict[str, list[Any]] = {}

    def __call__(self, **values: Any) -> None:
        """Add a value to each of the keys."""
        for key, value in values.items():
            self.values.setdefault(key, []).append(value)


def start(tf: Any, sess: Any, log: Log) -> None:
    """Initialize the variables of the default graph, and log the weights."""
    sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
    for name, value in sess.run({v.op.name: v for v in tf.global_variables()}).items():
        log(**{f"weights/{name}": value})


def numbers(seed: int, *shape: int) -> np.ndarray[Any, Any]:
    """Return normally distributed float32, the same everywhere."""
    return np.random.RandomState(seed).standard_normal(shape).astype(np.float32)


def classes(seed: int, count: int, below: int) -> np.ndarray[Any, Any]:
    """Return class numbers, the same everywhere."""
    return np.random.RandomState(seed).randint(0, below, count).astype(np.int64)


def one_hot(indices: np.ndarray[Any, Any], depth: int) -> np.ndarray[Any, Any]:
    """Return rows with a one each."""
    return np.eye(depth, dtype=np.float32)[indices]


def dense(tf: Any, x: Any, units: int, name: str) -> Any:
    """A fully connected layer."""
    with tf.variable_scope(name):
        weights = tf.get_variable("weights", [int(x.shape[1]), units])
        biases = tf.get_variable("biases", [units], initializer=tf.zeros_initializer())
        return tf.matmul(x, weights) + biases
