"""The heartbeats of a client: they tell a server that its sessions are still wanted."""

from __future__ import annotations

import threading
import weakref
from typing import Any

from evergraph.plugin import errors
from evergraph_grpc.protos import HealthRequest


class Heart:
    """Beats for the sessions of one connection, from the first session on.

    Args:
      connection: used for the calls.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = weakref.ref(connection)
        # A session that is forgotten without being closed is not kept alive.
        self._sessions: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, session: str, owner: Any, lease_seconds: float) -> None:
        """Beat for a session as long as its owner lives, often enough for its lease."""
        with self._lock:
            self._sessions[session] = owner
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._beat,
                    args=(lease_seconds / 4,),
                    name="evergraph-heart",
                    daemon=True,
                )
                self._thread.start()

    def remove(self, session: str) -> None:
        """Beat no more for a session."""
        with self._lock:
            self._sessions.pop(session, None)

    def stop(self) -> None:
        """Beat no more."""
        self._stopped.set()

    def _beat(self, pause: float) -> None:
        while not self._stopped.wait(pause):
            connection = self._connection()
            if connection is None:
                return
            with self._lock:
                sessions = list(self._sessions)
            if not sessions:
                continue
            try:
                connection.call("Health", HealthRequest(session=sessions), timeout=pause)
            except errors.OpError:
                # The next step meets the same error, and has somebody to tell it to.
                continue
