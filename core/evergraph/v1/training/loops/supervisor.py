"""`Supervisor`: what trained models before there were monitored sessions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from evergraph import protos
from evergraph.graph.collections import GraphKeys
from evergraph.graph.graph import Graph
from evergraph.graph.stacks import get_default_graph
from evergraph.v1 import tf_logging
from evergraph.v1.file_writer import FileWriter
from evergraph.v1.graph_files import write_graph
from evergraph.v1.training.coordinator import Coordinator, LooperThread
from evergraph.v1.training.loops.services import CheckpointService, RateService, SummaryService
from evergraph.v1.training.loops.session_manager import SessionManager
from evergraph.v1.training.loops.supervised_model import USE_DEFAULT, SupervisedModel
from evergraph.v1.training.meta_graphs import export_meta_graph
from evergraph.v1.training.queue_runners import start_queue_runners

_VARIABLES: Final = ("Variable", "VariableV2")


class Supervisor(SupervisedModel):
    """Initializes or restores a model, and saves it and writes summaries in threads of its own.

    What is not given is taken from the collection of its kind, or made and put there. Then the
    graph is finalized.

    Args:
      graph: the graph; by default the default graph.
      ready_op: a tensor of the names of variables that are not initialized.
      ready_for_local_init_op: the same, of those that must be before `local_init_op` runs; by
        default there are none.
      is_chief: whether this process initializes, saves and writes.
      init_op: an operation that initializes the model.
      init_feed_dict: what is fed to it.
      local_init_op: an operation that initializes what each process has of its own.
      logdir: the folder of checkpoints and events.
      summary_op: a tensor of serialized summaries, which a thread of the chief writes.
      saver: the `Saver`.
      global_step: the step, a variable or tensor.
      save_summaries_secs: the time from one summary to the next; 0 for none.
      save_model_secs: the time from one checkpoint to the next; 0 for none.
      recovery_wait_secs: the time from one look to the next, where it waits for the chief.
      stop_grace_secs: how long threads may take to end.
      checkpoint_basename: the prefix of the names of files.
      session_manager: the `SessionManager`.
      summary_writer: the `FileWriter`; None for none.
      init_fn: a function of the session that is called after `init_op`.
      local_init_run_options: the `RunOptions` of the run of `local_init_op`.

    Raises:
      ValueError: this is not the chief, and a variable has no device.
    """

    def __init__(
        self,
        graph: Graph | None = None,
        ready_op: Any = USE_DEFAULT,
        ready_for_local_init_op: Any = USE_DEFAULT,
        is_chief: bool = True,
        init_op: Any = USE_DEFAULT,
        init_feed_dict: Any = None,
        local_init_op: Any = USE_DEFAULT,
        logdir: Any = None,
        summary_op: Any = USE_DEFAULT,
        saver: Any = USE_DEFAULT,
        global_step: Any = USE_DEFAULT,
        save_summaries_secs: float = 120,
        save_model_secs: float = 600,
        recovery_wait_secs: float = 30,
        stop_grace_secs: float = 120,
        checkpoint_basename: str = "model.ckpt",
        session_manager: SessionManager | None = None,
        summary_writer: Any = USE_DEFAULT,
        init_fn: Callable[[Any], Any] | None = None,
        local_init_run_options: Any = None,
    ) -> None:
        self._graph = get_default_graph() if graph is None else graph
        self._is_chief = is_chief
        self._init_fn = init_fn
        self._stop_grace_secs = stop_grace_secs
        self._coord = Coordinator()
        super().__init__(
            self._graph,
            ready_op,
            ready_for_local_init_op,
            init_op,
            init_feed_dict,
            local_init_op,
            summary_op,
            saver,
            global_step,
        )
        self._session_manager = session_manager or SessionManager(
            local_init_op=self._local_init_op,
            ready_op=self._ready_op,
            ready_for_local_init_op=self._ready_for_local_init_op,
            graph=self._graph,
            recovery_wait_secs=recovery_wait_secs,
            local_init_run_options=local_init_run_options,
        )
        # Others than the chief write nothing.
        self._logdir = os.fspath(logdir) if logdir and is_chief else None
        self._save_model_secs = save_model_secs if is_chief else None
        self._save_summaries_secs = save_summaries_secs if is_chief else None
        self._save_path = self._logdir and os.path.join(self._logdir, checkpoint_basename)
        self._summary_writer: Any = None
        if is_chief and summary_writer is not USE_DEFAULT:
            self._summary_writer = summary_writer
        elif self._logdir:
            self._summary_writer = FileWriter(self._logdir)
        self._graph_written = False
        if not is_chief:
            self._check_devices()
        self._graph.finalize()

    def _check_devices(self) -> None:
        for op in self._graph.get_operations():
            if op.type in _VARIABLES and not op.device:
                raise ValueError(
                    f"When using replicas, all Variables must have their device set: {op}"
                )

    # What there is

    @property
    def is_chief(self) -> bool:
        """Whether this process initializes, saves and writes."""
        return self._is_chief

    @property
    def session_manager(self) -> SessionManager:
        """The `SessionManager`."""
        return self._session_manager

    @property
    def coord(self) -> Coordinator:
        """The `Coordinator` of the threads."""
        return self._coord

    @property
    def summary_writer(self) -> Any:
        """The `FileWriter`, or None."""
        return self._summary_writer

    @property
    def save_summaries_secs(self) -> float | None:
        """The time from one summary to the next."""
        return self._save_summaries_secs

    @property
    def save_model_secs(self) -> float | None:
        """The time from one checkpoint to the next."""
        return self._save_model_secs

    @property
    def save_path(self) -> str | None:
        """The prefix of the checkpoints, or None."""
        return self._save_path

    # Sessions

    def prepare_or_wait_for_session(
        self,
        master: str = "",
        config: Any = None,
        wait_for_checkpoint: bool = False,
        max_wait_secs: float = 7200,
        start_standard_services: bool = True,
    ) -> Any:
        """Return a session whose model is ready, and start the threads.

        Args:
          master: the target of the session.
          config: a `ConfigProto`.
          wait_for_checkpoint: whether the chief waits until there is a checkpoint.
          max_wait_secs: for how long; and how long others wait for the chief.
          start_standard_services: whether the threads that save and write, and those that fill
            queues, are started.

        Raises:
          RuntimeError: what initializes the model has not made it ready.
          DeadlineExceededError: the chief has not made it ready in time.
        """
        self._coord.clear_stop()
        if self._summary_writer is not None:
            self._summary_writer.reopen()
        if self._is_chief:
            session = self._session_manager.prepare_session(
                master,
                init_op=self._init_op,
                saver=self._saver,
                checkpoint_dir=self._logdir,
                wait_for_checkpoint=wait_for_checkpoint,
                max_wait_secs=max_wait_secs,
                config=config,
                init_feed_dict=self._init_feed_dict,
                init_fn=self._init_fn,
            )
            self._write_graph()
            if start_standard_services:
                tf_logging.info("Starting standard services.")
                self.start_standard_services(session)
        else:
            session = self._session_manager.wait_for_session(master, config, max_wait_secs)
        if start_standard_services:
            tf_logging.info("Starting queue runners.")
            self.start_queue_runners(session)
        return session

    @contextmanager
    def managed_session(
        self,
        master: str = "",
        config: Any = None,
        start_standard_services: bool = True,
        close_summary_writer: bool = True,
    ) -> Iterator[Any]:
        """Yield a session whose model is ready; at the end stop the threads and close it.

        Args:
          master, config, start_standard_services: as for `prepare_or_wait_for_session`.
          close_summary_writer: whether the event file is closed.

        Raises:
          Exception: what ends the block, or a thread; OutOfRangeError ends it as it should.
        """
        session = self.prepare_or_wait_for_session(
            master, config, start_standard_services=start_standard_services
        )
        try:
            with self.stop_on_exception():
                yield session
            self.stop(close_summary_writer=close_summary_writer)
        finally:
            session.close()

    def _write_graph(self) -> None:
        """Write the graph into its file, and into the event file, once each."""
        if self._logdir:
            write_graph(self._graph.as_graph_def(add_shapes=True), self._logdir, "graph.pbtxt")
        if self._summary_writer is None or self._graph_written:
            return
        self._graph_written = True
        saver_def = None if self._saver is None else self._saver.saver_def
        self._summary_writer.add_graph(self._graph)
        with self._graph.as_default():
            self._summary_writer.add_meta_graph(
                export_meta_graph(
                    graph_def=self._graph.as_graph_def(add_shapes=True), saver_def=saver_def
                )
            )

    # Threads

    def start_standard_services(self, sess: Any) -> list[LooperThread] | None:
        """Start the threads that write summaries, tell the rate of steps, and save.

        Args:
          sess: the session.

        Returns:
          The threads; None if there is no `logdir`.

        Raises:
          RuntimeError: this is not the chief.
        """
        if not self._is_chief:
            raise RuntimeError(
                "Only chief supervisor can start standard services. Because only chief supervisors "
                "can write events."
            )
        if not self._logdir:
            tf_logging.warning("Standard services need a 'logdir' passed to the SessionManager")
            return None
        writer, step = self._summary_writer, self._global_step
        if step is not None and writer is not None:
            start = protos.SessionLog(status=protos.SessionLog.START)
            writer.add_session_log(start, sess.run(step))
        services: list[tuple[Any, float | None]] = []
        if self._save_summaries_secs and writer is not None:
            if self._summary_op is not None:
                services.append(
                    (
                        SummaryService(sess, writer, step, self._summary_op),
                        self._save_summaries_secs,
                    )
                )
            if step is not None:
                services.append((RateService(sess, writer, step), self._save_summaries_secs))
        if self._saver is not None and self._save_model_secs and self._save_path:
            saving = CheckpointService(sess, writer, step, self._saver, self._save_path)
            services.append((saving, self._save_model_secs))
        return [LooperThread.loop(self._coord, secs, service) for service, secs in services]

    def start_queue_runners(self, sess: Any, queue_runners: Any = None) -> list[Any]:
        """Start the threads of queue runners.

        Args:
          sess: the session.
          queue_runners: the `QueueRunner`s; by default those of the graph.

        Returns:
          The threads.
        """
        if queue_runners is None:
            queue_runners = self._graph.get_collection(GraphKeys.QUEUE_RUNNERS)
            if not queue_runners:
                return []
            with self._graph.as_default():
                return start_queue_runners(sess, self._coord)
        return [
            thread
            for runner in queue_runners
            for thread in runner.create_threads(sess, self._coord, daemon=True, start=True)
        ]

    def loop(
        self,
        timer_interval_secs: float | None,
        target: Callable[..., Any],
        args: Iterable[Any] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> LooperThread:
        """Start a thread that calls a function over and over, until a stop is requested.

        Args:
          timer_interval_secs: the time from one call to the next; None for no pause.
          target: the function.
          args, kwargs: its arguments.

        Returns:
          The thread.
        """
        return LooperThread.loop(self._coord, timer_interval_secs, target, args, kwargs)

    def stop(
        self,
        threads: Any = None,
        close_summary_writer: bool = True,
        ignore_live_threads: bool = False,
    ) -> None:
        """Stop the threads, and wait for them. The session stays open.

        Args:
          threads: threads beside those of the coordinator.
          close_summary_writer: whether the event file is closed.
          ignore_live_threads: whether a thread that takes too long is left alone.

        Raises:
          RuntimeError: a thread takes too long.
          Exception: the reason for which a stop was requested.
        """
        self._coord.request_stop()
        try:
            self._coord.join(threads, self._stop_grace_secs, ignore_live_threads)
        finally:
            if close_summary_writer and self._summary_writer is not None:
                stop = protos.SessionLog(status=protos.SessionLog.STOP)
                self._summary_writer.add_session_log(stop)
                self._summary_writer.close()
                self._graph_written = False

    def request_stop(self, ex: Any = None) -> None:
        """Ask the threads to stop; see `Coordinator.request_stop`."""
        self._coord.request_stop(ex)

    def should_stop(self) -> bool:
        """Return whether a stop was requested."""
        return self._coord.should_stop()

    def stop_on_exception(self) -> AbstractContextManager[None]:
        """Return a context manager that requests a stop if what runs inside raises."""
        return self._coord.stop_on_exception()

    def wait_for_stop(self) -> None:
        """Wait until a stop is requested."""
        self._coord.wait_for_stop()

    def summary_computed(self, sess: Any, summary: Any, global_step: Any = None) -> None:
        """Write a summary.

        Args:
          sess: the session.
          summary: a `Summary`, or a serialized one.
          global_step: the step; by default that of the session.

        Raises:
          RuntimeError: there is no event file.
        """
        if self._summary_writer is None:
            raise RuntimeError("Writing a summary requires a summary writer.")
        if global_step is None and self._global_step is not None:
            global_step = sess.run(self._global_step)
        self._summary_writer.add_summary(summary, global_step)

    # The names of these methods before TensorFlow 1.
    PrepareSession = prepare_or_wait_for_session
    StartQueueRunners = start_queue_runners
    StartStandardServices = start_standard_services
    Stop = stop
    RequestStop = request_stop
    Loop = loop
    ShouldStop = should_stop
    StopOnException = stop_on_exception
    SummaryComputed = summary_computed
    WaitForStop = wait_for_stop
