"""tf.contrib.slim.evaluation: the value of metrics for a checkpoint."""

from __future__ import annotations

from typing import Any

from evergraph import v1 as tf

__all__ = ["evaluate_once"]


def evaluate_once(
    master: str,
    checkpoint_path: str,
    logdir: str | None,
    num_evals: int = 1,
    initial_op: Any = None,
    initial_op_feed_dict: Any = None,
    eval_op: Any = None,
    eval_op_feed_dict: Any = None,
    final_op: Any = None,
    final_op_feed_dict: Any = None,
    variables_to_restore: Any = None,
    session_config: Any = None,
) -> Any:
    """Return the value of an operation after a number of steps, with the values of a checkpoint.

    Args:
      master: the target of the session.
      checkpoint_path: the checkpoint.
      logdir: a folder for summaries, or None.
      num_evals: how often `eval_op` runs.
      initial_op, initial_op_feed_dict: what runs first, after local variables are initialized.
      eval_op, eval_op_feed_dict: what runs in each step.
      final_op, final_op_feed_dict: what is returned.
      variables_to_restore: by default all global variables.
      session_config: a `ConfigProto`.
    """
    saver = tf.train.Saver(variables_to_restore)
    summaries = tf.summary.merge_all() if logdir is not None else None
    local = tf.local_variables_initializer()
    with tf.Session(master, config=session_config) as session:
        saver.restore(session, checkpoint_path)
        session.run(local)
        coordinator = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coordinator)
        if initial_op is not None:
            session.run(initial_op, initial_op_feed_dict)
        for _ in range(num_evals if eval_op is not None else 0):
            session.run(eval_op, eval_op_feed_dict)
        result = None if final_op is None else session.run(final_op, final_op_feed_dict)
        if summaries is not None:
            with tf.summary.FileWriter(logdir) as writer:
                step = tf.train.get_global_step()
                writer.add_summary(
                    session.run(summaries), None if step is None else session.run(step)
                )
        coordinator.request_stop()
        coordinator.join(threads, stop_grace_period_secs=10)
    return result
