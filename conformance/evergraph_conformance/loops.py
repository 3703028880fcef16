"""What the cases of training loops have in common."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from evergraph_conformance.variables import OPS as VARIABLES

#: The ops of a session that is initialized, restored and saved.
OPS: Final = (
    *VARIABLES,
    "IsVariableInitialized",
    "MergeV2Checkpoints",
    "PlaceholderWithDefault",
    "RestoreV2",
    "SaveV2",
    "ScalarSummary",
    "ShardedFilename",
    "Where",
)


def hook(tf: Any, **methods: Callable[..., Any]) -> Any:
    """Return a hook with those methods; they take what a hook's method takes, without `self`."""
    own = {name: staticmethod(method) for name, method in methods.items()}
    return type("Hook", (tf.train.SessionRunHook,), own)()


def recorder(tf: Any, told: list[Any], name: str = "hook", **asked: Any) -> Any:
    """Return a hook that takes down what it is told, and asks for that."""

    def before_run(context: Any) -> Any:
        told.append(f"{name} before_run")
        return tf.train.SessionRunArgs(**asked) if asked else None

    return hook(
        tf,
        begin=lambda: told.append(f"{name} begin"),
        after_create_session=lambda session, coord: told.append(f"{name} after_create_session"),
        before_run=before_run,
        after_run=lambda context, values: told.append(f"{name} after_run {values.results}"),
        end=lambda session: told.append(f"{name} end"),
    )


def losing(tf: Any, error: BaseException, *numbers: int, method: str = "before_run") -> Any:
    """Return a hook that raises an error in the runs of those numbers; the first is 1."""
    runs: list[int] = []

    def count(*_: Any) -> None:
        runs.append(len(runs) + 1)
        if runs[-1] in numbers:
            raise error

    return hook(tf, **{method: count})


def counting(tf: Any, by: int = 1) -> Any:
    """Make a global step, and return what adds to it."""
    return tf.assign_add(tf.train.get_or_create_global_step(), by)


def run_to_the_end(session: Any, fetches: Any) -> list[Any]:
    """Run until the session should stop, and return the values."""
    values = []
    while not session.should_stop():
        values.append(session.run(fetches))
    return values


def events(tf: Any, folder: Path) -> list[Any]:
    """Return the events of the files in a folder, whose writer hooks share."""
    tf.summary.FileWriterCache.get(str(folder)).flush()
    return written(tf, folder)


def written(tf: Any, folder: Path) -> list[Any]:
    """Return the events of the files in a folder."""
    found = [p for p in sorted(folder.iterdir()) if "tfevents" in p.name]
    return [event for path in found for event in tf.train.summary_iterator(str(path))]


def summaries(tf: Any, folder: Path) -> list[tuple[str, int]]:
    """Return tags and steps of the summaries in a folder."""
    return [(value.tag, e.step) for e in events(tf, folder) for value in e.summary.value]


def steps_saved(folder: Path, name: str = "model.ckpt") -> list[int]:
    """Return the steps of the checkpoints in a folder."""
    found = [p.name[len(name) + 1 : -len(".index")] for p in folder.glob(f"{name}-*.index")]
    return sorted(map(int, found))


@contextmanager
def messages(tf: Any) -> Iterator[list[str]]:
    """Collect what is logged."""
    said: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    logger, handler = logging.getLogger("tensorflow"), Handler()
    before = tf.logging.get_verbosity()
    tf.logging.set_verbosity(tf.logging.INFO)
    logger.addHandler(handler)
    try:
        yield said
    finally:
        logger.removeHandler(handler)
        tf.logging.set_verbosity(before)
