"""What outlives a step, by container: values of variables, states of streams, and queues."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from evergraph.dtypes import DType
from evergraph.runtime.monitor import run_cancelled
from evergraph.shapes import Dims


@dataclass(frozen=True, slots=True)
class Kept:
    """A value that a session keeps between runs, and its type.

    The value is an array of the backend's or NumPy's. The type is NumPy's: the library's name of it
    says nothing to the host.
    """

    value: Any
    dtype: Any


@dataclass(frozen=True)
class Variable:
    """A variable, or the stream of a random node, as a plan knows it: by name.

    Attributes:
      container, name: where its value is kept.
      dtype: of its value.
      dims: the static shape of its value.
      is_ref: whether the graph holds a reference to it, not a handle.
      seeds: of a stream: the attributes `seed` and `seed2`; None for a variable.
      local: whether there is one for each run of a step, which begins without a value.
    """

    container: str
    name: str
    dtype: DType
    dims: Dims
    is_ref: bool = True
    seeds: tuple[int, int] | None = None
    local: bool = False


class Cell:
    """The value of one variable: the backend's array, or None before it is initialised."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: Any = None


def put(cells: Iterable[Cell], values: Iterable[Any]) -> None:
    """Give cells their values; an interrupt comes before all of it, or after.

    Python looks for signals between its own instructions, and here it runs none.
    """
    any(map(setattr, cells, _VALUE, values))


#: For every cell, the name of its attribute.
_VALUE: Final = itertools.repeat("value")


class Containers:
    """Variables, queues and readers, by container and name; sessions may share them.

    `lock` is held while a step reads, computes and writes: every step is a transaction.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._cells: dict[str, dict[str, Cell]] = {}
        # Not `lock`: a node may look for a queue while another step changes variables.
        self._objects_lock = threading.Lock()
        self._objects: dict[str, dict[str, Any]] = {}

    def cell(self, container: str, name: str) -> Cell:
        """Return the cell of a variable, made if need be."""
        with self.lock:
            return self._cells.setdefault(container, {}).setdefault(name, Cell())

    def object(self, container: str, name: str, make: Callable[[], Any]) -> Any:
        """Return the queue, reader … of that name, made if need be."""
        with self._objects_lock:
            objects = self._objects.setdefault(container, {})
            found = objects.get(name)
            if found is None:
                found = objects[name] = make()
            return found

    def clear(self, names: Collection[str] = ()) -> None:
        """Forget what is in the containers of these names; without names, everything."""
        with self.lock:
            for container in [c for c in self._cells if not names or c in names]:
                for cell in self._cells.pop(container).values():
                    cell.value = None
        with self._objects_lock:
            for container in [c for c in self._objects if not names or c in names]:
                del self._objects[container]


class Resources:
    """The resources of a session: containers, and what is the session's alone.

    Its alone are the streams of random nodes, values kept by `tf.get_session_handle`, and objects
    whose name says that they are not shared: it begins with `_`, which a `shared_name` never does.

    Args:
      containers: those that the session shares with others; by default its own.

    Attributes:
      lock: that of the containers.
      closed: whether there is nothing any more; a step that has yet to begin is cancelled then.
    """

    def __init__(self, containers: Containers | None = None) -> None:
        self._own = Containers()
        self._shared = self._own if containers is None else containers
        self.lock = self._shared.lock
        self.closed = False
        self._kept_lock = threading.Lock()
        #: Values of `tf.get_session_handle`, by name.
        self.kept: dict[str, Kept] = {}
        self._count = itertools.count()

    def cell(self, variable: Variable) -> Cell:
        """Return the cell of a variable, made if need be; a stream has a value from the start."""
        if variable.seeds is None:
            return self._shared.cell(variable.container, variable.name)
        with self.lock:
            cell = self._own.cell(variable.container, variable.name)
            if cell.value is None:
                cell.value = stream_start(*variable.seeds)
            return cell

    def object(self, container: str, name: str, make: Callable[[], Any]) -> Any:
        """Return the queue (`queue/NAME`), reader … of that name, made if need be."""
        is_own = name.partition("/")[2].startswith("_")
        return (self._own if is_own else self._shared).object(container, name, make)

    def keep(self, node: str, device: str, value: Any, dtype: Any) -> str:
        """Keep a value under a name that nothing else has; return the name."""
        with self._kept_lock:
            name = f"{node};{next(self._count)};{device}"
            self.kept[name] = Kept(value, dtype)
        return name

    def check_open(self) -> None:
        """Raise if there is nothing any more; called under the lock.

        Raises:
          CancelledError: the session was closed.
        """
        if self.closed:
            raise run_cancelled()

    def close(self) -> None:
        """Forget everything that is the session's alone."""
        with self.lock:
            self.closed = True
            self._own.clear()
        with self._kept_lock:
            self.kept.clear()


def stream_start(seed: int, seed2: int) -> np.ndarray[Any, Any]:
    """Return the first state of a random stream: key and counter of Philox, as uint32[6].

    Without seeds it is a random one.
    """
    if seed == 0 and seed2 == 0:
        seed, seed2 = np.frombuffer(os.urandom(16), np.int64).tolist()
    # The key, low word first; then the counter's four words, of which the first two are the offset.
    return np.array([seed, 0, seed2], np.int64).view(np.uint32)


def own(value: Any, fed: Sequence[Any]) -> Any:
    """Return a NumPy value that may be kept: shared with no one who may write to it."""
    if value.__class__ is not np.ndarray:
        return value
    flags = value.flags
    if flags.writeable:
        if value.base is not None or (fed and any(value is f for f in fed)):
            value = value.copy()
            flags = value.flags
        flags.writeable = False
    return value
