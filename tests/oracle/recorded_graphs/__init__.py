"""Programs whose graphs are recorded: TensorFlow makes them, and runs them.

A program takes `tf` (`tensorflow.compat.v1`) and returns its steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Step:
    """A run: what is fetched, fed and run."""

    fetches: list[Any]
    feeds: dict[Any, Any] = field(default_factory=dict)
    targets: list[Any] = field(default_factory=list)


Program = Callable[[Any], list[Step]]


def programs_of(module: Any) -> dict[str, Program]:
    """Return the programs of a module: its public functions, by name."""
    found = vars(module).items()
    return {n: f for n, f in found if callable(f) and getattr(f, "program", False)}


def program(function: Program) -> Program:
    """Mark a function as a program."""
    function.program = True  # type: ignore[attr-defined]
    return function
