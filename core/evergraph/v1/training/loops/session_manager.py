"""`SessionManager`: makes sessions whose model is restored or initialized, and ready."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import numpy as np

from evergraph.errors import DeadlineExceededError, FailedPreconditionError
from evergraph.graph.graph import Graph
from evergraph.graph.stacks import get_default_graph
from evergraph.session.session import Session
from evergraph.v1 import tf_logging
from evergraph.v1.training.checkpoint_state import get_checkpoint_state


class SessionManager:
    """Makes sessions that are ready: by a checkpoint, by initialization, or by another process.

    Args:
      local_init_op: an operation that initializes what each process has of its own.
      ready_op: a tensor of the names of variables that are not initialized; the model is ready
        when it is empty. By default it always is.
      ready_for_local_init_op: the same, for when `local_init_op` may run.
      graph: the graph; by default the default graph.
      recovery_wait_secs: the time from one look to the next, where it waits.
      local_init_run_options: the `RunOptions` of the run of `local_init_op`.
      local_init_feed_dict: what is fed to it.
    """

    def __init__(
        self,
        local_init_op: Any = None,
        ready_op: Any = None,
        ready_for_local_init_op: Any = None,
        graph: Graph | None = None,
        recovery_wait_secs: float = 30,
        local_init_run_options: Any = None,
        local_init_feed_dict: Any = None,
    ) -> None:
        self._local_init_op = local_init_op
        self._ready_op = ready_op
        self._ready_for_local_init_op = ready_for_local_init_op
        self._graph = get_default_graph() if graph is None else graph
        self._recovery_wait_secs = recovery_wait_secs
        self._local_init_run_options = local_init_run_options
        self._local_init_feed_dict = local_init_feed_dict

    def prepare_session(
        self,
        master: str,
        init_op: Any = None,
        saver: Any = None,
        checkpoint_dir: Any = None,
        checkpoint_filename_with_path: Any = None,
        wait_for_checkpoint: bool = False,
        max_wait_secs: float = 7200,
        config: Any = None,
        init_feed_dict: Any = None,
        init_fn: Callable[[Any], Any] | None = None,
    ) -> Session:
        """Return a session whose model is restored or, if there is no checkpoint, initialized.

        Args:
          master: the target of the session.
          init_op: an operation, or a list of them, that initializes the model.
          saver: restores it.
          checkpoint_dir: the folder of the checkpoint, of which the latest is taken.
          checkpoint_filename_with_path: the prefix of the checkpoint, instead.
          wait_for_checkpoint: whether to wait until there is one.
          max_wait_secs: for how long.
          config: a `ConfigProto`.
          init_feed_dict: what is fed to `init_op`.
          init_fn: a function of the session that is called after `init_op`.

        Raises:
          RuntimeError: nothing initializes the model, or what does has not made it ready.
          ValueError: both a folder and a prefix are given.
        """
        session, restored = self._restored(
            master,
            saver,
            checkpoint_dir,
            checkpoint_filename_with_path,
            wait_for_checkpoint,
            max_wait_secs,
            config,
        )
        with ExitStack() as on_error:
            on_error.callback(session.close)
            if not restored:
                if init_op is None and init_fn is None and self._local_init_op is None:
                    raise RuntimeError(
                        "Model is not initialized and no init_op or init_fn or local_init_op was "
                        "given"
                    )
                if init_op is not None:
                    session.run(init_op, init_feed_dict)
                if init_fn is not None:
                    init_fn(session)
            before, after = self._local_init(session)
            made = f"Init op: {_name(init_op)}, init fn: {init_fn}"
            if before is not None:
                raise RuntimeError(
                    "Init operations did not make model ready for local_init.  "
                    f"{made}, error: {before}"
                )
            if after is not None:
                raise RuntimeError(
                    f"Init operations did not make model ready.  {made}, local_init_op: "
                    f"{self._local_init_op}, error: {after}"
                )
            on_error.pop_all()
        return session

    def recover_session(
        self,
        master: str,
        saver: Any = None,
        checkpoint_dir: Any = None,
        checkpoint_filename_with_path: Any = None,
        wait_for_checkpoint: bool = False,
        max_wait_secs: float = 7200,
        config: Any = None,
    ) -> tuple[Session, bool]:
        """Return a session, and whether its model is restored and ready.

        The arguments are those of `prepare_session`.

        Raises:
          ValueError: both a folder and a prefix are given.
        """
        session, restored = self._restored(
            master,
            saver,
            checkpoint_dir,
            checkpoint_filename_with_path,
            wait_for_checkpoint,
            max_wait_secs,
            config,
        )
        with ExitStack() as on_error:
            on_error.callback(session.close)
            before, after = self._local_init(session)
            on_error.pop_all()
        if not restored:
            return session, False
        source = checkpoint_dir if checkpoint_dir else checkpoint_filename_with_path
        if before is not None or after is not None:
            lack = "ready for local init" if before is not None else "ready"
            why = before if before is not None else after
            tf_logging.info("Restoring model from %s did not make model %s: %s", source, lack, why)
            return session, False
        tf_logging.info("Restored model from %s", source)
        return session, True

    def wait_for_session(
        self, master: str, config: Any = None, max_wait_secs: float = math.inf
    ) -> Session:
        """Return a session whose model another process has made ready.

        Args:
          master: the target of the session.
          config: a `ConfigProto`.
          max_wait_secs: how long to wait.

        Raises:
          DeadlineExceededError: it is not ready by then.
        """
        end = time.monotonic() + (math.inf if max_wait_secs is None else max_wait_secs)
        while True:
            session = Session(master, graph=self._graph, config=config)
            with ExitStack() as unless_ready:
                unless_ready.callback(session.close)
                before, after = self._local_init(session)
                if before is None and after is None:
                    unless_ready.pop_all()
                    return session
            if time.monotonic() + self._recovery_wait_secs > end:
                raise DeadlineExceededError(
                    None, None, f"Session was not ready after waiting {int(max_wait_secs)} secs."
                )
            tf_logging.info(
                "Waiting for model to be ready.  Ready_for_local_init_op:  %s, ready: %s",
                before,
                after,
            )
            time.sleep(self._recovery_wait_secs)

    def _restored(
        self,
        master: str,
        saver: Any,
        checkpoint_dir: Any,
        checkpoint_filename_with_path: Any,
        wait_for_checkpoint: bool,
        max_wait_secs: float,
        config: Any,
    ) -> tuple[Session, bool]:
        """Return a session, and whether a checkpoint was restored there."""
        if checkpoint_dir and checkpoint_filename_with_path:
            raise ValueError(
                "Can not provide both checkpoint_dir and checkpoint_filename_with_path."
            )
        session = Session(master, graph=self._graph, config=config)
        if saver is None or not (checkpoint_dir or checkpoint_filename_with_path):
            return session, False
        with ExitStack() as on_error:
            on_error.callback(session.close)
            if checkpoint_filename_with_path:
                saver.restore(session, checkpoint_filename_with_path)
                on_error.pop_all()
                return session, True
            state = get_checkpoint_state(checkpoint_dir)
            end = time.monotonic() + max_wait_secs
            while wait_for_checkpoint and not _names_one(state) and time.monotonic() < end:
                tf_logging.info("Waiting for checkpoint to be available.")
                time.sleep(self._recovery_wait_secs)
                state = get_checkpoint_state(checkpoint_dir)
            if _names_one(state):
                saver.restore(session, state.model_checkpoint_path)
                saver.recover_last_checkpoints(state.all_model_checkpoint_paths)
            on_error.pop_all()
        return session, _names_one(state)

    def _local_init(self, session: Session) -> tuple[str | None, str | None]:
        """Run `local_init_op` if the model is ready for that.

        Returns:
          What is missing before, and after that; None where nothing is.
        """
        before = _lacking(self._ready_for_local_init_op, session)
        if before is not None:
            return before, None
        if self._local_init_op is not None:
            tf_logging.info("Running local_init_op.")
            session.run(
                self._local_init_op, self._local_init_feed_dict, self._local_init_run_options
            )
            tf_logging.info("Done running local_init_op.")
        return None, _lacking(self._ready_op, session)


def _names_one(state: Any) -> bool:
    return state is not None and bool(state.model_checkpoint_path)


def _lacking(ready_op: Any, session: Session) -> str | None:
    """Return what a tensor says that is not ready, or None."""
    if ready_op is None:
        return None
    try:
        value = session.run(ready_op)
    except FailedPreconditionError as error:
        return str(error)
    if value is None or np.asarray(value).dtype.kind not in "OSU" or not np.size(value):
        return None
    names = [n.decode() if isinstance(n, bytes) else str(n) for n in np.ravel(value)]
    return f"Variables not initialized: {', '.join(names)}"


def _name(init_op: Any) -> Any:
    if init_op is None:
        return None
    return getattr(init_op, "name", f"<no name for {type(init_op)}>")
