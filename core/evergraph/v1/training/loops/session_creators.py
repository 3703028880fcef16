"""What makes the sessions of a `MonitoredSession`, the first one and those that replace it."""

from __future__ import annotations

import abc
from typing import Any

from evergraph.graph.stacks import get_default_graph
from evergraph.session.session import Session
from evergraph.v1.training.loops.scaffold import Scaffold
from evergraph.v1.training.loops.session_manager import SessionManager


class SessionCreator(abc.ABC):
    """Makes sessions; a subclass says how."""

    @abc.abstractmethod
    def create_session(self) -> Any:
        """Return a new `Session`, whose model is ready."""
        raise NotImplementedError(f"create_session is not implemented for {self}.")


class ChiefSessionCreator(SessionCreator):
    """Makes sessions of the process that initializes or restores the model.

    Args:
      scaffold: the `Scaffold`; by default a new one.
      master: the target of the sessions.
      config: a `ConfigProto`.
      checkpoint_dir: the folder of the checkpoint, of which the latest is restored.
      checkpoint_filename_with_path: the prefix of the checkpoint, instead.
    """

    def __init__(
        self,
        scaffold: Scaffold | None = None,
        master: str = "",
        config: Any = None,
        checkpoint_dir: Any = None,
        checkpoint_filename_with_path: Any = None,
    ) -> None:
        self._manager = _Manager(scaffold)
        self._where = {
            "master": master,
            "config": config,
            "checkpoint_dir": checkpoint_dir,
            "checkpoint_filename_with_path": checkpoint_filename_with_path,
        }

    def create_session(self) -> Session:
        """Return a new session, whose model is restored or initialized.

        Raises:
          RuntimeError: what initializes the model has not made it ready.
        """
        manager, scaffold = self._manager(), self._manager.scaffold
        return manager.prepare_session(
            saver=scaffold.saver,
            init_op=scaffold.init_op,
            init_feed_dict=scaffold.init_feed_dict,
            init_fn=scaffold.init_fn,
            **self._where,
        )


class WorkerSessionCreator(SessionCreator):
    """Makes sessions of a process that waits until the chief has made the model ready.

    Args:
      scaffold: the `Scaffold`; by default a new one.
      master: the target of the sessions.
      config: a `ConfigProto`.
      max_wait_secs: how long to wait.
    """

    def __init__(
        self,
        scaffold: Scaffold | None = None,
        master: str = "",
        config: Any = None,
        max_wait_secs: float = 30 * 60,
    ) -> None:
        self._manager = _Manager(scaffold)
        self._where = {"master": master, "config": config, "max_wait_secs": max_wait_secs}

    def create_session(self) -> Session:
        """Return a new session, whose model is ready.

        Raises:
          DeadlineExceededError: it is not ready in time.
        """
        return self._manager().wait_for_session(**self._where)


class _Manager:
    """Makes the `SessionManager` of a scaffold when it is first needed, and finalizes the graph."""

    def __init__(self, scaffold: Scaffold | None) -> None:
        self.scaffold = scaffold or Scaffold()
        self._made: SessionManager | None = None

    def __call__(self) -> SessionManager:
        if self._made is None:
            self._graph = get_default_graph()
        with self._graph.as_default():
            scaffold = self.scaffold.finalize()
        if self._made is None:
            self._made = SessionManager(
                local_init_op=scaffold.local_init_op,
                ready_op=scaffold.ready_op,
                ready_for_local_init_op=scaffold.ready_for_local_init_op,
                graph=self._graph,
                local_init_feed_dict=scaffold.local_init_feed_dict,
            )
        return self._made
