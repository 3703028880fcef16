"""Measure evergraph against TensorFlow, and against NumPy and JAX by hand.

Prints a Markdown table of ratios; `every_row.py` here has the rows.
"""

from __future__ import annotations

import argparse
import math
import sys
import tomllib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from every_row import ROWS
from processes import Worker, WorkerError, fresh, tensorflow_python
from rows import Row
from table import Result, markdown, page, updated

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "benchmarks.md"
PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
#: How long a worker measures in a round, at least one call.
TURN_SECONDS: Final = 0.1

#: What `import evergraph.v1` needs.
DEPENDENCIES: Final = (
    "numpy",
    "ml_dtypes",
    "pluggy",
    "google.protobuf.descriptor_pool",
    "google.protobuf.message_factory",
)


def main() -> int:
    """Measure the rows that are asked for."""
    arguments = parsed()
    python = tensorflow_python(arguments.tensorflow)
    chosen = [row for row in ROWS if row.name in arguments.rows]
    results, versions = measure_rows(python, chosen, arguments.rounds)
    results += [
        measure_fresh(name, python, arguments.rounds) for name in FRESH if name in arguments.rows
    ]
    print(markdown(results))
    if arguments.write:
        titles = [row.title for row in ROWS] + [title for title, *_ in FRESH.values()]
        old = PAGE.read_text(encoding="utf-8")
        table = updated(old, results, titles)
        PAGE.write_text(page(table, versions, arguments.rounds), encoding="utf-8")
    return 0


def parsed() -> argparse.Namespace:
    """Return the arguments of the command line."""
    names = [row.name for row in ROWS] + list(FRESH)
    parser = argparse.ArgumentParser(
        prog="tests/bench", description=__doc__, epilog=f"Rows: {', '.join(names)}."
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help="all, if none is named")
    parser.add_argument("--tensorflow", metavar="PYTHON", help="a Python that has TensorFlow")
    parser.add_argument("--rounds", type=int, default=5, help="turns of every implementation")
    parser.add_argument("--write", action="store_true", help="keep the rows in docs/benchmarks.md")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.rows if name not in names]
    if unknown:
        parser.error(f"no row {', '.join(unknown)}; there are {', '.join(names)}")
    arguments.rows = arguments.rows or names
    return arguments


# Rows that workers measure -----------------------------------------------------------------------


def measure_rows(
    python: str, rows: Sequence[Row], rounds: int
) -> tuple[list[Result], dict[str, str]]:
    """Measure rows; also return the versions of what was measured."""
    commands = [(python, "tensorflow", "cpu")]
    for backend in ("numpy", "jax") if find_spec("jax") else ("numpy",):
        commands += [(sys.executable, "evergraph", backend), (sys.executable, "hand", backend)]
    results: list[Result] = []
    versions: dict[str, str] = {}
    for row in rows:
        # New ones for every row: how fast memory is to be had depends on what was done before.
        with ExitStack() as stack:
            workers = []
            for command in commands:
                workers.append(Worker(*command))
                stack.callback(workers[-1].stop)
            results.append(measure(row, workers, rounds))
            for worker in workers:
                # Python and NumPy are evergraph's; TensorFlow's environment comes first.
                versions.update(worker.versions)
    return results, dict(sorted(versions.items()))


def measure(row: Row, workers: Sequence[Worker], rounds: int) -> Result:
    """Let the workers take turns with a row."""
    note(row.name)
    result = Result(row.title, {}, row.targets)
    digests: dict[str, Any] = {}
    ready = []
    for worker in workers:
        answer = attempt(lambda w=worker: w.ask("prepare", row=row.name))
        if answer and "digest" in answer:
            digests[worker.name] = answer["digest"]
            ready.append(worker)
    for _ in range(rounds):
        for worker in list(ready):
            found = attempt(lambda w=worker: w.ask("measure", seconds=TURN_SECONDS))
            if not found:
                ready.remove(worker)
                result.values.pop(worker.name, None)
                continue
            least = result.values.get(worker.name, math.inf)
            result.values[worker.name] = min(least, found[row.clock])
    reference = digests.get("tensorflow")
    result.different = {n for n, d in digests.items() if reference and not alike(d, reference)}
    for name, value in result.values.items():
        note(f"  {name:<14} {value * 1e6:>14.2f} us{' ≠' if name in result.different else ''}")
    return result


def attempt(do: Callable[[], Any]) -> Any:
    """Return what a function returns; if a worker fails, say so and return None."""
    try:
        return do()
    except WorkerError as error:
        note(str(error))
        return None


def alike(a: Any, b: Any) -> bool:
    """Return whether two digests are of the same results, but for rounding."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(alike(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-2, abs_tol=1e-6)
    return bool(a == b)


# Rows that are measured once in a process ---------------------------------------------------------


#: By row: title, what is compared, its unit, targets, and what is run for each implementation.
FRESH: Final[dict[str, tuple[str, str, dict[str, float], dict[str, tuple[str, ...]]]]] = {
    "first-result": (
        "first import to first result",
        "cpu",
        {"numpy": 0.08, "jax": 0.4},
        {
            "tensorflow": ("result", "tensorflow", "cpu"),
            "numpy": ("result", "evergraph", "numpy"),
            "jax": ("result", "evergraph", "jax"),
        },
    ),
    "memory": (
        "peak memory of that",
        "bytes",
        {"numpy": 0.1, "jax": 0.45},
        {
            "tensorflow": ("result", "tensorflow", "cpu"),
            "numpy": ("result", "evergraph", "numpy"),
            "jax": ("result", "evergraph", "jax"),
        },
    ),
    "size": (
        "installed size",
        "bytes",
        {"numpy": 0.07, "jax": 0.4},
        {
            "tensorflow": ("size", "tensorflow-cpu"),
            "numpy": ("size", "evergraph", *PROJECT["dependencies"]),
            "jax": (
                "size",
                "evergraph",
                *PROJECT["dependencies"],
                *PROJECT["optional-dependencies"]["jax"],
            ),
        },
    ),
    "imports": (
        "import of `evergraph.v1`; by hand: of its four dependencies",
        "cpu",
        {"numpy by hand": 2.0},
        {
            "tensorflow": ("import", "tensorflow.compat.v1"),
            "numpy": ("import", "evergraph.v1"),
            "numpy by hand": ("import", *DEPENDENCIES),
        },
    ),
    # Names are imported when they are first asked for, so the row above is not all of it.
    "import-session": (
        "the same, with its `Session` and operations",
        "cpu",
        {"numpy by hand": 2.0},
        {
            "tensorflow": ("import", "tensorflow.compat.v1"),
            "numpy": ("import", "evergraph.v1", "evergraph.session.session", "evergraph.ops"),
            "numpy by hand": ("import", *DEPENDENCIES),
        },
    ),
}


def measure_fresh(name: str, python: str, rounds: int) -> Result:
    """Let new processes, one after the other, measure a row."""
    note(name)
    title, quantity, targets, commands = FRESH[name]
    result = Result(title, {}, targets, "s" if quantity == "cpu" else "B")
    for _ in range(1 if name == "size" else rounds):
        for who, command in commands.items():
            interpreter = python if who == "tensorflow" else sys.executable
            found = attempt(lambda i=interpreter, w=who, c=command: fresh(i, w != "tensorflow", *c))
            if found:
                least = result.values.get(who, math.inf)
                result.values[who] = min(least, found[quantity])
    for who, value in result.values.items():
        note(f"  {who:<14} {value:>14.3f}")
    return result


def note(text: str) -> None:
    """Print progress, apart from the table."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
