"""`QueueRunner`: threads that fill a queue while a program takes out of it."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Sequence
from typing import Any

from evergraph import protos
from evergraph.errors import (
    UNKNOWN,
    OpError,
    OutOfRangeError,
    error_code_from_exception_type,
    exception_type_from_error_code,
)
from evergraph.graph.collections import GraphKeys
from evergraph.graph.stacks import get_default_graph
from evergraph.session.base import BaseSession
from evergraph.session.defaults import get_default_session
from evergraph.v1.saved_slices import prepended, stripped
from evergraph.v1.training.coordinator import Coordinator

_LOG = logging.getLogger("evergraph")


class QueueRunner:
    """Operations that fill a queue, each to be run over and over in a thread of its own.

    When the last of them meets the end of what it reads, the queue is closed; when the coordinator
    stops, so that what waits is cancelled.

    Args:
      queue: the queue.
      enqueue_ops: the operations.
      close_op: closes the queue; made if not given.
      cancel_op: closes the queue and cancels what waits; made if not given.
      queue_closed_exception_types: a tuple of errors that mean the end; by default
        `(OutOfRangeError,)`.
      queue_runner_def: a `QueueRunnerDef`, in place of all others.
      import_scope: a name scope that the names in it are relative to.

    Raises:
      TypeError: `queue_closed_exception_types` is no tuple of errors.
      ValueError: queue or operations are missing, or given beside `queue_runner_def`.
    """

    def __init__(
        self,
        queue: Any = None,
        enqueue_ops: Sequence[Any] | None = None,
        close_op: Any = None,
        cancel_op: Any = None,
        queue_closed_exception_types: Any = None,
        queue_runner_def: Any = None,
        import_scope: str | None = None,
    ) -> None:
        if queue_runner_def is not None:
            if queue or enqueue_ops:
                raise ValueError("queue_runner_def and queue are mutually exclusive.")
            self._restore(protos.adopt(queue_runner_def, protos.QueueRunnerDef), import_scope)
        else:
            if not queue or not enqueue_ops:
                raise ValueError("Must provide queue and enqueue_ops.")
            types = queue_closed_exception_types
            if types is not None and not _is_tuple_of_errors(types):
                raise TypeError(
                    "queue_closed_exception_types, when provided, must be a tuple of tf.error "
                    f"types, but saw: {types}"
                )
            self._queue = queue
            self._enqueue_ops = enqueue_ops
            self._close_op = queue.close() if close_op is None else close_op
            if cancel_op is None:
                cancel_op = queue.close(cancel_pending_enqueues=True)
            self._cancel_op = cancel_op
            self._queue_closed_exception_types = types or (OutOfRangeError,)
        self._lock = threading.Lock()
        # How many threads run in each session.
        self._running: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._exceptions_raised: list[Exception] = []

    def _restore(self, definition: Any, import_scope: str | None) -> None:
        graph = get_default_graph()

        def element(name: str) -> Any:
            return graph.as_graph_element(prepended(name, import_scope))

        self._queue = element(definition.queue_name)
        self._enqueue_ops = [element(name) for name in definition.enqueue_op_name]
        self._close_op = element(definition.close_op_name)
        self._cancel_op = element(definition.cancel_op_name)
        codes = definition.queue_closed_exception_types
        types = tuple(exception_type_from_error_code(code) for code in codes)
        self._queue_closed_exception_types = types or (OutOfRangeError,)

    @property
    def queue(self) -> Any:
        """The queue."""
        return self._queue

    @property
    def enqueue_ops(self) -> Sequence[Any]:
        """The operations that fill it."""
        return self._enqueue_ops

    @property
    def close_op(self) -> Any:
        """The operation that closes it."""
        return self._close_op

    @property
    def cancel_op(self) -> Any:
        """The operation that closes it and cancels what waits."""
        return self._cancel_op

    @property
    def queue_closed_exception_types(self) -> tuple[type[OpError], ...]:
        """The errors that mean the end."""
        return self._queue_closed_exception_types

    @property
    def exceptions_raised(self) -> list[Exception]:
        """What went wrong in threads without a coordinator."""
        return self._exceptions_raised

    @property
    def name(self) -> str:
        """The name of the queue."""
        return str(self._queue.name)

    def create_threads(
        self, sess: Any, coord: Coordinator | None = None, daemon: bool = False, start: bool = False
    ) -> list[threading.Thread]:
        """Return threads that run the operations.

        With a coordinator there is another one, which cancels what waits when it stops.

        Args:
          sess: a session.
          coord: stops the threads, and is told what goes wrong.
          daemon: whether the program may end while they run.
          start: whether they are started.

        Returns:
          The threads; none if those of an earlier call still run.
        """
        with self._lock:
            if self._running.get(sess, 0) > 0:
                return []
            self._running[sess] = len(self._enqueue_ops)
            self._exceptions_raised = []
        made = [
            threading.Thread(
                target=self._run,
                args=(sess, op, coord),
                name=f"QueueRunnerThread-{self.name}-{op.name}",
            )
            for op in self._enqueue_ops
        ]
        if coord is not None:
            made.append(
                threading.Thread(
                    target=self._close_on_stop,
                    args=(sess, coord),
                    name=f"QueueRunnerThread-{self.name}-close_on_stop",
                )
            )
        for thread in made:
            if coord is not None:
                coord.register_thread(thread)
            if daemon:
                thread.daemon = True
            if start:
                thread.start()
        return made

    def _run(self, sess: Any, enqueue_op: Any, coord: Coordinator | None) -> None:
        """Run an operation until something ends it."""
        left = False
        try:
            enqueue = sess.make_callable(enqueue_op)
            while coord is None or not coord.should_stop():
                try:
                    enqueue()
                except self._queue_closed_exception_types:
                    left = True
                    with self._lock:
                        self._running[sess] -= 1
                        if self._running[sess] == 0:
                            _run_quietly(sess, self._close_op)
                    return
        except Exception as error:  # whatever it is, who joins the threads must learn of it
            if coord is not None:
                coord.request_stop(error)
                return
            _LOG.error("Exception in QueueRunner: %s", error)
            with self._lock:
                self._exceptions_raised.append(error)
            raise
        finally:
            if not left:
                with self._lock:
                    self._running[sess] -= 1

    def _close_on_stop(self, sess: Any, coord: Coordinator) -> None:
        coord.wait_for_stop()
        _run_quietly(sess, self._cancel_op)

    def to_proto(self, export_scope: str | None = None) -> protos.QueueRunnerDef | None:
        """Return a `QueueRunnerDef`, with names relative to a scope; None if it lies outside."""
        if export_scope is not None and not self.name.startswith(export_scope):
            return None
        return protos.QueueRunnerDef(
            queue_name=stripped(self.name, export_scope),
            enqueue_op_name=[stripped(op.name, export_scope) for op in self._enqueue_ops],
            close_op_name=stripped(self._close_op.name, export_scope),
            cancel_op_name=stripped(self._cancel_op.name, export_scope),
            queue_closed_exception_types=[
                error_code_from_exception_type(t) or UNKNOWN
                for t in self._queue_closed_exception_types
            ],
        )

    @staticmethod
    def from_proto(queue_runner_def: Any, import_scope: str | None = None) -> QueueRunner:
        """Return the runner that a `QueueRunnerDef` describes."""
        return QueueRunner(queue_runner_def=queue_runner_def, import_scope=import_scope)


def _is_tuple_of_errors(types: Any) -> bool:
    return (
        isinstance(types, tuple)
        and bool(types)
        and all(isinstance(t, type) and issubclass(t, OpError) for t in types)
    )


def _run_quietly(sess: Any, op: Any) -> None:
    """Close a queue, which may be closed already, or whose session may be."""
    try:
        sess.run(op)
    except (OpError, RuntimeError) as error:
        _LOG.debug("Ignored exception: %s", error)


def add_queue_runner(qr: QueueRunner, collection: Any = GraphKeys.QUEUE_RUNNERS) -> None:
    """Add a runner to a collection of the default graph, for `start_queue_runners`."""
    get_default_graph().add_to_collection(collection, qr)


def start_queue_runners(
    sess: Any = None,
    coord: Coordinator | None = None,
    daemon: bool = True,
    start: bool = True,
    collection: Any = GraphKeys.QUEUE_RUNNERS,
) -> list[threading.Thread]:
    """Start the threads of all runners of a collection.

    Args:
      sess: the session that they use; by default, the default session.
      coord: stops the threads, and is told what goes wrong.
      daemon: whether the program may end while they run.
      start: whether they are started, or only made.
      collection: where the runners are.

    Returns:
      The threads.

    Raises:
      TypeError: `sess` is no session.
      ValueError: there is no default session.
    """
    if sess is None:
        sess = get_default_session()
        if sess is None:
            raise ValueError(
                "Cannot start queue runners: No default session is registered. Use `with "
                "sess.as_default()` or pass an explicit session to "
                "tf.start_queue_runners(sess=sess)"
            )
    if not isinstance(sess, BaseSession):
        if type(sess).__name__ in ("MonitoredSession", "SingularMonitoredSession"):
            return []  # they start the runners themselves
        raise TypeError(f"sess must be a `tf.Session` object. Given class: {sess.__class__}")
    runners = get_default_graph().get_collection(collection)
    if not runners:
        _LOG.warning("start_queue_runners was called, but the graph has no queue runners")
    with sess.graph.as_default():
        return [t for r in runners for t in r.create_threads(sess, coord, daemon, start)]
