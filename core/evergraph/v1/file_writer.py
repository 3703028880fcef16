"""`FileWriter`: writes event files for TensorBoard."""

from __future__ import annotations

import os
import threading
import time
import warnings
from typing import Any, ClassVar, Final, Self

from evergraph import protos
from evergraph.graph.graph import Graph
from evergraph.graph.stacks import get_default_graph
from evergraph.v1.event_files import EventFile
from evergraph.v1.training.meta_graphs import export_meta_graph

_CLOSED: Final = (
    "Attempting to use a closed FileWriter. The operation will be a noop unless the FileWriter is "
    "explicitly reopened."
)


class FileWriter:
    """Writes an event file, which TensorBoard reads; as a context manager it is closed at the end.

    It may be used from several threads. Messages may be those of TensorFlow itself.

    Args:
      logdir: the folder of the file, which is made if need be.
      graph: a `Graph` to write at once, with its MetaGraphDef.
      max_queue: after how many events they are handed to the system.
      flush_secs: after how many seconds, if there are fewer.
      graph_def: a `GraphDef` in place of `graph`.
      filename_suffix: the end of the file's name.
      session: accepted; events are written at once, and not by nodes of a session's graph.

    Raises:
      FailedPreconditionError: `logdir` is a file.
      OpError: the file cannot be written; which type says why.
      TypeError: `graph` is no graph.
    """

    def __init__(
        self,
        logdir: Any,
        graph: Any = None,
        max_queue: int = 10,
        flush_secs: float = 120,
        graph_def: Any = None,
        filename_suffix: str | None = None,
        session: Any = None,
    ) -> None:
        del session
        self._logdir = os.fspath(logdir)
        self._options = max_queue, flush_secs, filename_suffix or ""
        #: The tags whose metadata have been written.
        self._described: set[str] = set()
        self._run_tags: set[str] = set()
        self._file: EventFile | None = EventFile(self._logdir, *self._options)
        if graph is not None or graph_def is not None:
            self.add_graph(graph, graph_def=graph_def)
            if isinstance(graph, Graph):
                graph_def = graph.as_graph_def(add_shapes=True)
            elif graph is not None:
                graph_def = graph
            self.add_meta_graph(export_meta_graph(graph_def=graph_def, collection_list=[]))

    def get_logdir(self) -> Any:
        """Return the folder of the file."""
        return self._logdir

    def add_summary(self, summary: Any, global_step: Any = None) -> None:
        """Write a summary.

        Args:
          summary: a `Summary`, or a serialized one, as a run of a summary's node returns it.
          global_step: the number of the step.

        Raises:
          TypeError: it is neither.
          DecodeError: the bytes are no `Summary`.
        """
        made = protos.Summary()
        if isinstance(summary, bytes):
            made.MergeFromString(summary)
        else:
            made.CopyFrom(protos.adopt(summary, protos.Summary))
        for value in made.value:
            # Once is enough for each tag.
            if value.HasField("metadata"):
                if value.tag in self._described:
                    value.ClearField("metadata")
                else:
                    self._described.add(value.tag)
        self._add(global_step, summary=made)

    def add_session_log(self, session_log: Any, global_step: Any = None) -> None:
        """Write a `SessionLog`.

        Raises:
          TypeError: it is none.
        """
        self._add(global_step, session_log=protos.adopt(session_log, protos.SessionLog))

    def add_graph(self, graph: Any, global_step: Any = None, graph_def: Any = None) -> None:
        """Write a graph.

        Args:
          graph: a `Graph`, or a `GraphDef`.
          global_step: the number of the step.
          graph_def: a `GraphDef` in place of `graph`.

        Raises:
          ValueError: both are given.
          TypeError: neither is a graph.
        """
        if graph is not None and graph_def is not None:
            raise ValueError("Please pass only graph, or graph_def (deprecated), but not both.")
        found = graph if graph is not None else graph_def
        if isinstance(found, Graph):
            found = found.as_graph_def(add_shapes=True)
        try:
            found = protos.adopt(found, protos.GraphDef)
        except TypeError as error:
            raise TypeError(
                "The passed graph must be an instance of `Graph` or the deprecated `GraphDef`"
            ) from error
        self._add(global_step, graph_def=found.SerializeToString())

    def add_meta_graph(self, meta_graph_def: Any, global_step: Any = None) -> None:
        """Write a `MetaGraphDef`.

        Raises:
          TypeError: it is none.
        """
        try:
            found = protos.adopt(meta_graph_def, protos.MetaGraphDef)
        except TypeError as error:
            raise TypeError(
                f"meta_graph_def must be type MetaGraphDef, saw type: {type(meta_graph_def)}"
            ) from error
        self._add(global_step, meta_graph_def=found.SerializeToString())

    def add_run_metadata(self, run_metadata: Any, tag: str, global_step: Any = None) -> None:
        """Write what is known about a run.

        Args:
          run_metadata: a `RunMetadata`.
          tag: a name that it has in TensorBoard, another one each time.
          global_step: the number of the step.

        Raises:
          ValueError: the tag has been used.
          TypeError: it is no `RunMetadata`.
        """
        if tag in self._run_tags:
            raise ValueError("The provided tag was already used for this event type")
        found = protos.adopt(run_metadata, protos.RunMetadata).SerializeToString()
        self._run_tags.add(tag)
        tagged = protos.TaggedRunMetadata(tag=tag, run_metadata=found)
        self._add(global_step, tagged_run_metadata=tagged)

    def add_event(self, event: Any) -> None:
        """Write an `Event`; unless the file is closed, of which it warns.

        Raises:
          TypeError: it is none.
        """
        found = protos.adopt(event, protos.Event)
        if self._file is None:
            warnings.warn(_CLOSED, stacklevel=2)
            return
        self._file.add(found)

    def flush(self) -> None:
        """Let others see what has been written."""
        if self._file is None:
            warnings.warn(_CLOSED, stacklevel=2)
            return
        self._file.flush()

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def reopen(self) -> None:
        """Go on in another file of the same folder, if this one is closed."""
        if self._file is None:
            self._file = EventFile(self._logdir, *self._options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _add(self, global_step: Any, **what: Any) -> None:
        event = protos.Event(wall_time=time.time(), **what)
        if global_step is not None:
            event.step = int(global_step)
        if self._file is None:
            warnings.warn(_CLOSED, stacklevel=3)
            return
        self._file.add(event)


class FileWriterCache:
    """The writers that parts of a program share, one for each folder."""

    _writers: ClassVar[dict[str, FileWriter]] = {}
    _lock: ClassVar[threading.RLock] = threading.RLock()

    @staticmethod
    def clear() -> None:
        """Forget all writers."""
        with FileWriterCache._lock:
            FileWriterCache._writers.clear()

    @staticmethod
    def get(logdir: Any) -> FileWriter:
        """Return the writer of a folder; a new one begins with the default graph.

        Args:
          logdir: the folder.

        Raises:
          OpError: its file cannot be written; which type says why.
        """
        with FileWriterCache._lock:
            writers = FileWriterCache._writers
            if logdir not in writers:
                writers[logdir] = FileWriter(logdir, graph=get_default_graph())
            return writers[logdir]
