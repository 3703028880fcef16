"""Measurements as a Markdown table, and the page that keeps it."""

from __future__ import annotations

import datetime
import math
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

#: What is compared with what; the first is TensorFlow.
COLUMNS: Final = ("numpy", "jax")


@dataclass
class Result:
    """What was measured for a row.

    Attributes:
      title: what the table calls it.
      values: by implementation: `tensorflow`, `numpy`, `jax`, `numpy by hand`, `jax by hand`.
      targets: ratios not to exceed, as a row has them.
      unit: `s` or `B`.
      different: implementations whose results are not TensorFlow's.
    """

    title: str
    values: dict[str, float]
    targets: Mapping[str, float]
    unit: str = "s"
    different: set[str] = field(default_factory=set)


def markdown(results: Sequence[Result]) -> str:
    """Return the table: TensorFlow's figure, then ratios; a missed target is bold."""
    return laid_out({result.title: line(result) for result in results})


def laid_out(lines: Mapping[str, str]) -> str:
    """Return the table of lines."""
    headings = ["", "TensorFlow", *(f"{name} / TensorFlow" for name in COLUMNS)]
    headings += [f"{name} / by hand" for name in COLUMNS]
    above = [f"| {' | '.join(headings)} |", "|---" * len(headings) + "|"]
    return "\n".join([*above, *lines.values()])


def line(result: Result) -> str:
    """Return the line of a row."""
    base = result.values.get("tensorflow")
    cells = [result.title, "-" if base is None else FORMATS[result.unit](base)]
    cells += [ratio(result, name, "tensorflow", name) for name in COLUMNS]
    by_hand = [(name, f"{name} by hand") for name in COLUMNS]
    cells += [ratio(result, name, hand, hand) for name, hand in by_hand]
    return f"| {' | '.join(cells)} |"


def updated(page: str, results: Sequence[Result], titles: Sequence[str]) -> str:
    """Return a page's table with new lines for what was measured, in the order of the titles.

    The lines of other rows stay as they are, but those that are no longer among the titles.
    """
    lines = {found.split(" | ")[0][2:]: found for found in page.splitlines() if found[:2] == "| "}
    lines |= {result.title: line(result) for result in results}
    return laid_out({title: lines[title] for title in titles if title in lines})


def ratio(result: Result, name: str, base: str, target: str) -> str:
    """Return the cell that compares two implementations, with its target in parentheses."""
    ours, theirs = result.values.get(name), result.values.get(base)
    wanted = result.targets.get(target)
    aim = "" if wanted is None else f" ({wanted:g})"
    if ours is None or theirs is None:
        return f"-{aim}"
    text = shown(ours / theirs)
    # What is shown decides, so that nobody reads of 0.08 that it misses 0.08.
    if wanted is not None and float(text) > wanted:
        text = f"**{text}**"
    if name in result.different or base in result.different:
        text += " ≠"
    return text + aim


def shown(value: float) -> str:
    """Return two significant digits, or the whole number from 10 on."""
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def seconds(value: float) -> str:
    """Return a duration with the unit that suits it."""
    unit, scale = next(((unit, scale) for unit, scale in UNITS if value >= scale), ("µs", 1e-6))
    digits = max(0, 2 - int(math.log10(max(value / scale, 1))))
    return f"{value / scale:.{digits}f} {unit}"


UNITS: Final = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))
FORMATS: Final[dict[str, Callable[[float], str]]] = {
    "s": seconds,
    "B": lambda value: f"{value / 1e6:.0f} MB",
}


def page(table: str, versions: Mapping[str, str], rounds: int) -> str:
    """Return `docs/benchmarks.md`."""
    machine = f"{os.cpu_count()} CPUs ({platform.machine()}, {platform.system()})"
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    today = datetime.date.today().isoformat()
    return f"""# Benchmarks

What a TensorFlow-1 program costs here, as a ratio to what the same program costs in TensorFlow
(CPU); lower is better. The same work written by hand in NumPy (plainly, without reusing memory) and
in JAX (`jax.jit`) tells how much of that is evergraph's. `python tests/bench --write` makes this
page, or the named rows of it (`python tests/bench ROW … --write`); the programs are in
`tests/bench/rows.py` and `tests/bench/training.py`.

{table}

In parentheses is the target, a ratio not to exceed; bold is what misses it. A dash is what was not
measured, or not written by hand; ≠ marks a result that is not TensorFlow's.

Measured last on {today}, {machine}; {named}.

How: every implementation of a row has a new process, all on the same core, with one thread each.
They take turns, {rounds} rounds of them, so that other work on the machine meets all alike. A
figure is the least CPU time of a call, after warming up; of a first run, and of what happens once
in a process, the least of {rounds} or more. XLA compiles in a first run, so elsewhere its work is
not counted. Each process is new for the rows of imports and first results. Memory is the peak of
the process; the installed size is that of all files but bytecode, of the package and what it needs.
"""
