"""The training programs as GraphDefs: exported by one `tf`, trained by that or another one.

Like the programs, this imports nothing but NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from programs import PROGRAMS, SEED, STEPS, Trained


@dataclass(frozen=True)
class Export:
    """A program that trains, as bytes and names.

    Attributes:
      graph_def: the serialized graph.
      start: the operation that initializes the variables.
      train: the operation of a step.
      loss: the tensor of the loss.
      weights: the tensor of each variable's value, by the variable's name.
      feeds: what is fed at each step, by the tensors' names.
    """

    graph_def: bytes
    start: str
    train: str
    loss: str
    weights: dict[str, str]
    feeds: list[dict[str, np.ndarray[Any, Any]]]


def exported(tf: Any, name: str, use_resource: bool) -> Export:
    """Build a program in a graph of its own, and export it."""
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(SEED)
        with tf.variable_scope("", use_resource=use_resource):
            program = PROGRAMS[name](tf)
        weights = {v.name: tf.identity(v).name for v in tf.global_variables()}
        start = tf.global_variables_initializer()
    return Export(
        graph.as_graph_def().SerializeToString(deterministic=True),
        start.name,
        program.train.name,
        program.loss.name,
        weights,
        [{t.name: v for t, v in program.feeds(i).items()} for i in range(STEPS)],
    )


def replayed(tf: Any, export: Export, config: Any = None) -> Trained:
    """Import a program into a graph of its own, and train it."""
    with tf.Graph().as_default() as graph, tf.Session(graph=graph, config=config) as session:
        tf.import_graph_def(tf.GraphDef.FromString(export.graph_def), name="")
        train = graph.get_operation_by_name(export.train)
        session.run(graph.get_operation_by_name(export.start))
        weights = session.run(export.weights)
        losses = [float(session.run([export.loss, train], feeds)[0]) for feeds in export.feeds]
    return Trained(weights, losses, {})
