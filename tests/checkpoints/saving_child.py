"""A program that saves over and over, in processes of its own, until each is killed.

It reads commands from its input, a line of JSON each, and forks a process for each, which needs no
time to start. It writes the number of the process, and when that has ended, how.
"""

from __future__ import annotations

import builtins
import itertools
import json
import os
import sys
import tempfile
from typing import Any

import numpy as np

import evergraph.v1 as tf

#: Elements of each variable: files of several pages.
SIZE = 3000
NAMES = ("a", "b", "c")


def main() -> None:
    """Do what is read."""
    # What is imported on first use is there for all processes.
    with tempfile.TemporaryDirectory() as folder:
        save(folder, "sharded", 1, once=True)
    for line in sys.stdin:
        command = json.loads(line)
        process = os.fork()
        if not process:
            status = 3
            try:
                save(**command)
                status = 0
            finally:
                os._exit(status)
        print(process, flush=True)
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def save(
    folder: str, kind: str, first: int, exit_at: int | None = None, once: bool = False
) -> None:
    """Save variables that all have the number of the save, and note each that is done.

    Args:
      folder: where.
      kind: `same` for the same name each time, `steps` for others, `sharded`, `sharded steps`.
      first: the first number.
      exit_at: the process ends before so many of the calls that change files, without any cleaning
        up.
      once: it saves once.
    """
    with tf.Graph().as_default(), tf.Session() as session:
        value = tf.placeholder(tf.int64, [])
        variables = []
        for i, name in enumerate(NAMES):
            with tf.device("/cpu:0" if i % 2 else None):
                variables.append(tf.get_variable(name, initializer=np.zeros(SIZE, np.int64)))
        change = [v.assign(tf.fill([SIZE], value)) for v in variables]
        saver = tf.train.Saver(sharded="sharded" in kind, max_to_keep=2)
        done = os.open(os.path.join(folder, "done"), os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        for number in itertools.count(first):
            session.run(change, {value: number})
            if exit_at is not None:
                end_before(exit_at)
            step = number if "steps" in kind else None
            saver.save(session, os.path.join(folder, "m"), step, write_meta_graph=False)
            os.write(done, b"%d\n" % number)
            if once:
                os.close(done)
                return


def end_before(count: int) -> None:
    """End the process before the call of that number."""
    calls = itertools.count()

    def counted(function: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            if next(calls) == count:
                os._exit(7)
            return function(*args, **kwargs)

        return call

    for name in ("replace", "fsync", "unlink", "rmdir", "mkdir"):
        setattr(os, name, counted(getattr(os, name)))
    plain = builtins.open

    def opened(*args: Any, **kwargs: Any) -> Any:
        file = plain(*args, **kwargs)
        mode = args[1] if len(args) > 1 else kwargs.get("mode", "r")
        return _Counting(file, counted) if "w" in mode else file

    builtins.open = opened


class _Counting:
    """A file whose writes are counted."""

    def __init__(self, file: Any, counted: Any) -> None:
        self._file = file
        self.write = counted(file.write)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: Any) -> None:
        self._file.close()


if __name__ == "__main__":
    main()
