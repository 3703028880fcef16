"""One writer at a time; and what is there when writing fails."""

from __future__ import annotations

import builtins
import errno
import itertools
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evergraph.v1 as tf
from evergraph import dtypes
from evergraph.checkpoints.commits import committing, exclusive
from evergraph.checkpoints.opening import opened
from evergraph.checkpoints.writing import Item, write_checkpoint
from evergraph.errors import AbortedError, OpError


def saver_of(session: Any, value: float, **arguments: Any) -> Any:
    """Make variables with a value, and return a saver for them."""
    with tf.device("/cpu:0"):
        tf.get_variable("a", initializer=np.full(5000, value))
    tf.get_variable("b", initializer=np.full(5000, value))
    session.run(tf.global_variables_initializer())
    return tf.train.Saver(**arguments)


def held(folder: Path) -> float:
    """Return the value that all variables have in the latest checkpoint."""
    latest = tf.train.latest_checkpoint(str(folder))
    (value,) = {float(v) for name in "ab" for v in tf.train.load_variable(latest, name)}
    return value


@pytest.mark.parametrize("sharded", [False, True])
def test_who_comes_second_is_told(sharded, tmp_path):
    prefix = str(tmp_path / "m")
    with tf.Graph().as_default(), tf.Session() as session:
        saver = saver_of(session, 1.0, sharded=sharded)
        locked = f"{prefix}_temp" if sharded else prefix
        with exclusive(locked), pytest.raises(AbortedError, match="is being written by another"):
            saver.save(session, prefix)
        # And may try again.
        saver.save(session, prefix)
    assert held(tmp_path) == 1.0
    assert not list(tmp_path.glob("*.lock"))


def test_two_that_save_to_one_prefix_make_no_mixture(tmp_path):
    prefix = str(tmp_path / "m")
    failures: list[Exception] = []

    def run(value: float) -> None:
        with tf.Graph().as_default(), tf.Session() as session:
            saver = saver_of(session, value, sharded=True)
            for _ in range(20):
                try:
                    saver.save(session, prefix, write_meta_graph=False)
                except AbortedError:
                    continue
                except Exception as error:  # whatever it is, the test fails by it
                    failures.append(error)
                    return

    threads = [threading.Thread(target=run, args=(value,)) for value in (1.0, 2.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert held(tmp_path) in (1.0, 2.0)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "checkpoint",
        "m.data-00000-of-00002",
        "m.data-00001-of-00002",
        "m.index",
    ]


def test_a_lock_that_was_left_is_none(tmp_path):
    """Its process has ended."""
    (tmp_path / "m.lock").write_bytes(b"")
    with committing(str(tmp_path / "m")) as commit:
        commit.abandon()
    assert list(tmp_path.iterdir()) == []


CODES = ["ENOSPC", "EIO", "EACCES", "EDQUOT", "EINTR"]
#: Calls that change files, and may fail.
CALLS = ("replace", "fsync")


class Failing:
    """Lets the call of a number fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int, code: int) -> None:
        self._calls = itertools.count()
        self._number, self._code = number, code
        self.failed = False
        for name in CALLS:
            monkeypatch.setattr(os, name, self._counted(getattr(os, name)))
        plain = builtins.open

        def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            if "w" not in mode:
                return plain(file, mode, *args, **kwargs)
            made = self._counted(plain)(file, mode, *args, **kwargs)
            return _Written(made, self._counted(made.write))

        monkeypatch.setattr(builtins, "open", opened)

    def _counted(self, function: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            if next(self._calls) == self._number:
                self.failed = True
                raise OSError(self._code, os.strerror(self._code))
            return function(*args, **kwargs)

        return call


class _Written:
    """A file with another way to write."""

    def __init__(self, file: Any, write: Any) -> None:
        self._file, self.write = file, write

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: Any) -> None:
        self._file.close()


def message_of(function: Any) -> str:
    """Return what a function's OpError says, "" if it raises none."""
    try:
        function()
    except OpError as error:
        return error.message
    return ""


@pytest.mark.parametrize("sharded", [False, True])
@pytest.mark.parametrize("code", CODES)
def test_an_error_of_the_system_leaves_what_was_there(code, sharded, tmp_path, monkeypatch):
    """At each of the calls: the old checkpoint or the new one, and nothing else."""
    prefix = str(tmp_path / "m")
    with tf.Graph().as_default(), tf.Session() as session:
        saver = saver_of(session, 1.0, sharded=sharded)
        saver.save(session, prefix, write_meta_graph=False)
        value = tf.placeholder(tf.float64, [])
        change = [v.assign(tf.fill([5000], value)) for v in tf.global_variables()]
        last = 1.0
        for number in range(100):
            session.run(change, {value: number + 2.0})
            with monkeypatch.context() as patch:
                failing = Failing(patch, number, getattr(errno, code))
                said = message_of(lambda: saver.save(session, prefix, write_meta_graph=False))
            assert (os.strerror(getattr(errno, code)) in said) or not said
            assert held(tmp_path) in (last, number + 2.0)
            last = held(tmp_path)
            left = [p.name for p in tmp_path.iterdir() if "tempstate" in p.name]
            assert [n for n in left if not n.startswith(("m.data", "m.index"))] == []
            if not failing.failed:
                break
        assert number > 5
        saver.save(session, prefix, write_meta_graph=False)
    assert held(tmp_path) == number + 2.0
    assert [p.name for p in tmp_path.iterdir() if "tempstate" in p.name] == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"")
    with tf.Graph().as_default(), tf.Session() as session:
        saver = saver_of(session, 1.0)
        # As where there is none.
        with pytest.raises(ValueError, match=r"Parent directory of .* doesn't exist"):
            saver.save(session, str(file / "m"))
        assert session.run("a:0")[0] == 1.0


def test_what_is_open_stays_what_it_was(tmp_path):
    prefix = str(tmp_path / "m")
    for value in (1.0, 2.0):
        write_checkpoint(prefix, [Item(b"v", np.array(value), dtypes.float64)])
        reader = tf.train.NewCheckpointReader(prefix)
        write_checkpoint(prefix, [Item(b"v", np.array(3.0), dtypes.float64)])
        assert reader.get_tensor("v") == value
    assert tf.train.load_variable(prefix, "v") == 3.0


def test_who_reads_while_another_saves_gets_one_of_both(tmp_path):
    """To the same name, over and over."""
    prefix = str(tmp_path / "m")
    values = [np.full(50000, i, np.float64) for i in range(40)]
    write_checkpoint(prefix, [Item(b"v", values[0], dtypes.float64)])
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for value in values:
                write_checkpoint(prefix, [Item(b"v", value, dtypes.float64)])
        except OpError as error:
            failures.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    read = 0
    last = 0.0
    while thread.is_alive() or not read:
        with opened(prefix) as source:
            (found,) = set(source.read(b"v").tolist())
        assert found >= last
        last = found
        read += 1
    thread.join()
    assert failures == []
