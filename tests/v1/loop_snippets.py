"""Short graphs with what training loops add to them; see `snippets.py`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from typing import Any

Snippet = Callable[[Any], Any]


def model(tf: Any, use_resource: bool = False) -> Any:
    """Make a model of all that a loop looks for, and return its global step."""
    tf.get_variable_scope().set_use_resource(use_resource)
    w = tf.get_variable("w", [2], initializer=tf.zeros_initializer())
    tf.get_variable("l", [], initializer=tf.zeros_initializer(), collections=["local_variables"])
    tf.summary.scalar("first", w[0])
    return tf.train.create_global_step()


def _named(tf: Any, named: Any) -> Any:
    """Return what a snippet returns; savers, which have no names, leave their collection."""
    tf.get_collection_ref(tf.GraphKeys.SAVERS).clear()
    return named


def _finalized(tf: Any, use_resource: bool = False) -> Any:
    model(tf, use_resource)
    scaffold = tf.train.Scaffold().finalize()
    parts = ("init_op", "ready_op", "ready_for_local_init_op", "local_init_op", "summary_op")
    return _named(tf, {name: getattr(scaffold, name).name for name in parts})


def _finalized_empty(tf: Any) -> Any:
    return _named(tf, tf.train.Scaffold().finalize().summary_op)


def _tables(tf: Any) -> Any:
    tf.add_to_collection(tf.GraphKeys.TABLE_INITIALIZERS, tf.no_op("table_init"))
    return tf.train.Scaffold.default_local_init_op().name


def _hooks(tf: Any, use_resource: bool = False) -> None:
    model(tf, use_resource)
    folder = tempfile.mkdtemp()
    for hook in (
        tf.train.StopAtStepHook(3),
        tf.train.StepCounterHook(),
        tf.train.ProfilerHook(3, output_dir=folder),
        tf.train.SummarySaverHook(3, scaffold=tf.train.Scaffold()),
        tf.train.GlobalStepWaiterHook(3),
    ):
        hook.begin()


def _step_is_a_tensor(tf: Any) -> None:
    step = tf.placeholder(tf.int64, [], name="mine")
    tf.add_to_collection(tf.GraphKeys.GLOBAL_STEP, step)
    tf.train.StopAtStepHook(3).begin()


def _supervised(tf: Any, **more: Any) -> Any:
    model(tf)
    supervisor = tf.train.Supervisor(**more)
    found = [
        supervisor.init_op.name,
        supervisor.ready_for_local_init_op,
        supervisor.saver is not None,
        supervisor.save_path,
    ]
    return _named(tf, found)


def _not_the_chief(tf: Any) -> None:
    with tf.device("/job:ps/task:0"):
        model(tf)
    _named(tf, tf.train.Supervisor(is_chief=False))


SNIPPETS: dict[str, Snippet] = {
    "loops: scaffold": _finalized,
    "loops: scaffold of resources": partial(_finalized, use_resource=True),
    "loops: scaffold of nothing": _finalized_empty,
    "loops: scaffold of tables": _tables,
    "loops: hooks": _hooks,
    "loops: hooks of resources": partial(_hooks, use_resource=True),
    "loops: a global step that is a tensor": _step_is_a_tensor,
    "loops: supervisor": _supervised,
    "loops: supervisor without": partial(
        _supervised, saver=None, summary_op=None, local_init_op=None
    ),
    "loops: supervisor of a worker": _not_the_chief,
    "loops: supervisor of nothing": lambda tf: tf.train.Supervisor().summary_op,
}

ERRORS: dict[str, Snippet] = {
    "scaffold of no scaffold": lambda tf: tf.train.Scaffold(copy_from_scaffold=1),
    "checkpoint hook nowhere": lambda tf: tf.train.CheckpointSaverHook(None, save_steps=1),
    "session creator abstract": lambda tf: tf.train.SessionCreator(),
    "run args of nothing": lambda tf: tf.train.SessionRunArgs(),
}
