"""tf.contrib.slim.learning: the operation that trains, and a loop that runs it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from evergraph import v1 as tf
from evergraph.v1.contrib.training.train_ops import (
    OWN,
    clip_gradient_norms,
    multiply_gradients,
    summaries_of,
)
from evergraph.v1.contrib.training.train_ops import create_train_op as train_op_of

__all__ = [
    "add_gradients_summaries",
    "clip_gradient_norms",
    "create_train_op",
    "multiply_gradients",
    "train",
    "train_step",
]


def add_gradients_summaries(grads_and_vars: Any) -> list[Any]:
    """Return summaries of gradients: a histogram and the norm of each."""
    return summaries_of(grads_and_vars, "/")


def create_train_op(
    total_loss: Any,
    optimizer: Any,
    global_step: Any = OWN,
    update_ops: Any = None,
    variables_to_train: Any = None,
    clip_gradient_norm: float = 0,
    summarize_gradients: bool = False,
    gate_gradients: int = tf.train.Optimizer.GATE_OP,
    aggregation_method: Any = None,
    colocate_gradients_with_ops: bool = False,
    gradient_multipliers: Any = None,
    check_numerics: bool = True,
) -> Any:
    """Return a tensor of the loss that trains when it is run.

    Args:
      clip_gradient_norm: a limit for the norm of each gradient, if it is above 0.
      gradient_multipliers: see `multiply_gradients`.
      total_loss, optimizer, global_step, update_ops, variables_to_train, summarize_gradients,
        gate_gradients, aggregation_method, colocate_gradients_with_ops, check_numerics: see
        `tf.contrib.training.create_train_op`, whose errors these are.
    """

    def changed(pairs: Any) -> Any:
        if gradient_multipliers:
            with tf.name_scope("multiply_grads"):
                pairs = multiply_gradients(list(pairs), gradient_multipliers)
        if clip_gradient_norm > 0:
            with tf.name_scope("clip_grads"):
                pairs = clip_gradient_norms(pairs, clip_gradient_norm)
        return pairs

    return train_op_of(
        total_loss,
        optimizer,
        global_step,
        update_ops,
        variables_to_train,
        changed,
        summarize_gradients,
        gate_gradients,
        aggregation_method,
        colocate_gradients_with_ops,
        check_numerics,
    )


def train_step(
    sess: Any, train_op: Any, global_step: Any, train_step_kwargs: dict[str, Any]
) -> tuple[Any, bool]:
    """Run one step.

    Args:
      sess: the session.
      train_op: what `create_train_op` returned.
      global_step: the counter of steps.
      train_step_kwargs: tensors that say whether to log ("should_log") and to stop
        ("should_stop").

    Returns:
      The loss, and whether to stop.
    """
    start = time.perf_counter()
    loss, step = sess.run([train_op, global_step])
    if "should_log" in train_step_kwargs and sess.run(train_step_kwargs["should_log"]):
        seconds = time.perf_counter() - start
        tf.logging.info("global step %d: loss = %.4f (%.3f sec/step)", step, loss, seconds)
    if "should_stop" in train_step_kwargs:
        return loss, bool(sess.run(train_step_kwargs["should_stop"]))
    return loss, False


def train(
    train_op: Any,
    logdir: str | None,
    train_step_fn: Callable[..., Any] = train_step,
    train_step_kwargs: Any = OWN,
    log_every_n_steps: int = 1,
    graph: Any = None,
    master: str = "",
    is_chief: bool = True,
    global_step: Any = None,
    number_of_steps: int | None = None,
    init_op: Any = OWN,
    init_feed_dict: Any = None,
    local_init_op: Any = OWN,
    init_fn: Any = None,
    ready_op: Any = OWN,
    summary_op: Any = OWN,
    save_summaries_secs: float = 600,
    summary_writer: Any = OWN,
    startup_delay_steps: int = 0,
    saver: Any = None,
    save_interval_secs: float = 600,
    sync_optimizer: Any = None,
    session_config: Any = None,
    session_wrapper: Any = None,
    trace_every_n_steps: int | None = None,
    ignore_live_threads: bool = False,
) -> Any:
    """Run steps until the last one; variables are those of the last checkpoint, if there is one.

    Args:
      train_op: what `create_train_op` returned.
      logdir: the folder of checkpoints and summaries, or None for neither.
      train_step_fn: what is called for a step; see `train_step`.
      train_step_kwargs: what it is given; by default what says when to log and to stop.
      log_every_n_steps: after how many steps the loss is logged.
      graph: the graph, by default the current one.
      master: the target of the session.
      global_step: the counter of steps.
      number_of_steps: after how many steps it ends; None for never, unless inputs end.
      init_op, init_feed_dict, local_init_op: what initializes variables, and what is fed to it.
      init_fn: a function of the session, which is called after that.
      summary_op: the summaries, by default all.
      save_summaries_secs, save_interval_secs: how often summaries and checkpoints are written.
      summary_writer: what writes summaries; None for nothing.
      saver: the saver.
      session_config: a `ConfigProto`.
      session_wrapper: a function from a session to that which is used.
      is_chief, ready_op, startup_delay_steps, sync_optimizer, trace_every_n_steps,
        ignore_live_threads: only their defaults are implemented.

    Returns:
      The last loss.

    Raises:
      ValueError: an argument is not as it must be.
      NotImplementedError: an argument is given that is not implemented.
    """
    if train_op is None:
        raise ValueError("train_op cannot be None.")
    if number_of_steps is not None and number_of_steps <= 0:
        raise ValueError("`number_of_steps` must be either None or a positive number.")
    for label, given in (
        ("is_chief", not is_chief),
        ("ready_op", ready_op is not OWN),
        ("startup_delay_steps", startup_delay_steps),
        ("sync_optimizer", sync_optimizer is not None),
        ("trace_every_n_steps", trace_every_n_steps is not None),
    ):
        if given:
            raise NotImplementedError(f"slim.learning.train with `{label}` is not implemented")
    del ignore_live_threads
    graph = graph or tf.get_default_graph()
    with graph.as_default():
        if global_step is None:
            global_step = tf.train.get_or_create_global_step()
        if logdir is not None and saver is None:
            saver = tf.train.Saver()
        if init_op is OWN:
            init_op = tf.global_variables_initializer()
        if local_init_op is OWN:
            local_init_op = tf.local_variables_initializer()
        if summary_op is OWN:
            summary_op = tf.summary.merge_all()
        if train_step_kwargs is OWN:
            train_step_kwargs = _usual_kwargs(global_step, number_of_steps, log_every_n_steps)
        with tf.Session(master, graph, session_config) as session:
            _initialize(session, logdir, saver, init_op, init_feed_dict, local_init_op, init_fn)
            used = session if session_wrapper is None else session_wrapper(session)
            writer = None
            if logdir is not None and summary_op is not None and summary_writer is not None:
                own = summary_writer is OWN
                writer = tf.summary.FileWriter(logdir, graph) if own else summary_writer
            outputs = _Outputs(
                logdir, saver, save_interval_secs, writer, summary_op, save_summaries_secs
            )
            return _run_steps(
                used, train_step_fn, train_op, global_step, train_step_kwargs, outputs
            )


def _usual_kwargs(global_step: Any, number_of_steps: int | None, every: int) -> dict[str, Any]:
    with tf.name_scope("train_step"):
        if number_of_steps:
            stop = tf.greater_equal(global_step, number_of_steps)
        else:
            stop = tf.constant(False)
        found = {"should_stop": stop}
        if every > 0:
            found["should_log"] = tf.equal(tf.mod(global_step, every), 0)
        return found


def _initialize(
    session: Any,
    logdir: str | None,
    saver: Any,
    init_op: Any,
    feeds: Any,
    local_init_op: Any,
    init_fn: Any,
) -> None:
    latest = None if logdir is None else tf.train.latest_checkpoint(logdir)
    if latest is not None:
        saver.restore(session, latest)
    else:
        if init_op is not None:
            session.run(init_op, feeds)
        if init_fn is not None:
            init_fn(session)
    if local_init_op is not None:
        session.run(local_init_op)


class _Outputs:
    """What a loop writes from time to time: checkpoints and summaries."""

    def __init__(
        self,
        logdir: str | None,
        saver: Any,
        save_secs: float,
        writer: Any,
        summary_op: Any,
        summary_secs: float,
    ) -> None:
        self._path = None if logdir is None else f"{logdir}/model.ckpt"
        self._saver = saver
        self._writer = writer
        self._summary_op = summary_op
        self._every = {"save": save_secs, "summarize": summary_secs}
        self._last = dict.fromkeys(self._every, time.monotonic())

    def _due(self, what: str) -> bool:
        now = time.monotonic()
        due = bool(self._every[what]) and now - self._last[what] >= self._every[what]
        if due:
            self._last[what] = now
        return due

    def write(self, session: Any, global_step: Any, last: bool = False) -> None:
        """Write what is due; the checkpoint of the last step is always."""
        if self._writer is not None and not last and self._due("summarize"):
            summary, step = session.run([self._summary_op, global_step])
            self._writer.add_summary(summary, step)
        if self._path is not None and (last or self._due("save")):
            self._saver.save(session, self._path, global_step=global_step)
        if self._writer is not None and last:
            self._writer.close()


def _run_steps(
    session: Any,
    train_step_fn: Callable[..., Any],
    train_op: Any,
    global_step: Any,
    kwargs: dict[str, Any],
    outputs: _Outputs,
) -> Any:
    coordinator = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(session, coordinator)
    loss, stop = None, False
    try:
        while not stop and not coordinator.should_stop():
            loss, stop = train_step_fn(session, train_op, global_step, kwargs)
            outputs.write(session, global_step)
    except tf.errors.OutOfRangeError as error:
        tf.logging.info("Caught OutOfRangeError. Stopping Training. %s", error)
    finally:
        coordinator.request_stop()
    outputs.write(session, global_step, last=True)
    coordinator.join(threads, stop_grace_period_secs=10)
    return loss
