"""How a fault is planted: other text in one function, or another kernel for one op type."""

from __future__ import annotations

import inspect
import linecache
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from evergraph.plugin import KernelTable, SessionConfig
from evergraph.runtime.kernels import Kernel
from evergraph_numpy.backend import NumpyBackend, kernels

#: Plants a fault.
Plant = Callable[[], None]


@dataclass(frozen=True)
class Fault:
    """A fault that the kit must find.

    Attributes:
      about: what is wrong.
      suite: the suite of the kit that finds it.
      where: what is in the names of the cases that do.
      plants: what is wrong, in one place as a rule.
      backend: the backend that has the fault.
    """

    about: str
    suite: str
    where: str
    plants: tuple[Plant, ...]
    backend: str = "broken"


#: Kernels that faults have replaced.
_replaced: dict[str, Kernel] = {}


class BrokenBackend(NumpyBackend):
    """NumPy's backend, but for the kernels that are replaced."""

    name = "broken"

    def __init__(self, config: SessionConfig) -> None:
        super().__init__(config)
        self.table = KernelTable(self.table.xp, {**self.table, **_replaced})


def plant(fault: Fault) -> None:
    """Plant a fault, for the rest of the process."""
    for one in fault.plants:
        one()


def edit(place: str, old: str, new: str) -> Plant:
    """Replace text in a function: `module:function`, or `module:Class.method`.

    Raises:
      ValueError: the text is not there; the function has changed, and the fault must, too.
    """

    def plant() -> None:
        module, _, path = place.partition(":")
        found: Any = import_module(module)
        for name in path.split("."):
            found = getattr(found, name)
        function = inspect.unwrap(found.fget if isinstance(found, property) else found)
        source = textwrap.dedent(inspect.getsource(function))
        source = source[source.index("def ") :]
        if old not in source:
            raise ValueError(f"{place} has no {old!r}")
        # Annotations are not evaluated: some names in them exist for type checkers only.
        # Around it, a function that has what the original closes over (`__class__`, for `super`).
        closed = ", ".join(function.__code__.co_freevars)
        body = textwrap.indent(source.replace(old, new), " ")
        text = (
            f"from __future__ import annotations\ndef around({closed}):\n{body}\n"
            f" return {function.__name__}\n"
        )
        made: dict[str, Any] = {}
        # Where a second edit of the function finds its source.
        name = f"<{place}, broken, {len(linecache.cache)}>"
        linecache.cache[name] = len(text), None, text.splitlines(keepends=True), name
        exec(compile(text, name, "exec"), function.__globals__, made)
        # In place, so that whoever has the function has the fault.
        around = made["around"]
        function.__code__ = around(
            *around.__code__.co_varnames[: around.__code__.co_argcount]
        ).__code__

    return plant


def kernel(type: str, change: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Plant:
    """Replace the kernel of an op type by what `change` makes of it."""

    def plant() -> None:
        old = kernels()[type]
        _replaced[type] = Kernel(change(old.function), old.attributes)

    return plant


def runtime(place: str, old: str, new: str) -> Plant:
    """Edit a function of `evergraph.runtime`."""
    return edit(f"evergraph.runtime.{place}", old, new)


def session(place: str, old: str, new: str) -> Plant:
    """Edit a function of `evergraph.session`."""
    return edit(f"evergraph.session.{place}", old, new)


def ops(place: str, old: str, new: str) -> Plant:
    """Edit a kernel, or a gradient."""
    return edit(f"evergraph.ops.{place}", old, new)
