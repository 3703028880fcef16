"""Change the core at random, and see which changes no case of the kit notices.

The cases are collected once for each backend; for each mutant a fork of the process runs the cases
of the suites that are about its module, and then those of the other suites, until one fails. What
survives there is tried on the next backend of its module.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from evergraph_broken.forks import forked, run_cases
from evergraph_broken.installed import installed

import evergraph_conformance
from evergraph_mutation.modules import MODULES, REST
from evergraph_mutation.mutants import Mutant, mutants
from evergraph_mutation.page import as_markdown

KIT = Path(evergraph_conformance.__file__).parent
TESTS = Path(__file__).parents[2]
#: Seconds for a case, and for the cases of a mutant: one that takes longer is noticed.
CASE, ALL = 30, 600
#: What is said where no case fails.
NONE = "none"


class Loop:
    """Runs cases on each mutant instead of all cases once.

    Attributes:
      chosen: the mutants.
      killed: by mutant: whether a case failed.
      seconds: what each took.
      problems: why there is no answer.
    """

    def __init__(self, chosen: Sequence[Mutant]) -> None:
        self.chosen = chosen
        self.killed: dict[Mutant, bool] = {}
        self.seconds: Counter[Mutant] = Counter()
        self.problems: list[str] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run them, on the code as it is first: whatever fails there says nothing."""
        whole = forked(lambda: ", ".join(run_cases(session, session.items, True)) or NONE, ALL)
        if whole != NONE:
            self.problems.append(f"of the unchanged code fail, or hang: {whole or 'cases'}")
            return True
        for mutant in self.chosen:
            start = time.monotonic()
            failed = self._first_failure(session, mutant)
            self.killed[mutant] = failed != NONE
            self.seconds[mutant] = round(time.monotonic() - start)
            answer = f"killed by {failed or 'a hang'}" if failed != NONE else "SURVIVES"
            place = f"{mutant.module}:{mutant.function}:{mutant.line}"
            print(f"\n{place} {self.seconds[mutant]} s {answer}", file=sys.stderr, flush=True)
        return True

    def _first_failure(self, session: pytest.Session, mutant: Mutant) -> str:
        """Return the case that fails, `NONE`, or "" if something hangs or dies."""
        first = MODULES[mutant.module].suites
        # Stable: within a suite, cases stay in the order of the file.
        items = sorted(session.items, key=lambda i: _suite(i) not in first)

        def run() -> str:
            mutant.plant()
            return ", ".join(run_cases(session, items, False)) or NONE

        return forked(run, ALL)


def _suite(item: pytest.Item) -> str:
    return item.path.stem.removeprefix("test_")


def main(arguments: Sequence[str]) -> int:
    """Write what became of each mutant."""
    parser = argparse.ArgumentParser(prog="python -m evergraph_mutation", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the choice of mutants")
    parser.add_argument("--count", type=int, default=150, help="how many mutants")
    parser.add_argument("--module", action="append", help="only of this module, as in runtime.plan")
    parser.add_argument("--again", action="store_true", help="only what survives in the file")
    parser.add_argument("--output", type=Path, required=True, help="the file to write: .json")
    parser.add_argument("--page", type=Path, help="also write what docs/mutation.md is")
    options = parser.parse_args(arguments)
    modules = [f"evergraph.{m}" for m in options.module] if options.module else [*MODULES]
    rows: list[dict[str, Any]] = []
    if options.again:
        before = json.loads(options.output.read_text(encoding="utf-8"))
        rows = [r for r in before if r["killed"]]
        survived = {(r["module"], r["function"], r["diff"]) for r in before if not r["killed"]}
        every = (m for module in modules for m in mutants(module))
        chosen = [m for m in every if (m.module, m.function, m.diff) in survived]
    else:
        chosen = _chosen(modules, options.seed, options.count)
    with installed(*{b for about in MODULES.values() for b in about.backends}):
        left, seconds, problems = _survivors(chosen)
    if problems:
        print("", *problems, sep="\n", file=sys.stderr)
        return 1
    rows += [
        {
            "module": mutant.module,
            "function": mutant.function,
            "line": mutant.line,
            "about": mutant.about,
            "diff": mutant.diff,
            "killed": mutant not in left,
            "seconds": seconds[mutant],
        }
        for mutant in chosen
    ]
    options.output.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    if options.page:
        options.page.write_text(as_markdown(rows), encoding="utf-8")
    print(as_markdown(rows))
    return 0


def _survivors(
    chosen: Sequence[Mutant],
) -> tuple[list[Mutant], Counter[Mutant], list[str]]:
    """Return what survives on all backends, the seconds that each took, and what prevents it."""
    seconds: Counter[Mutant] = Counter()
    left = list(chosen)
    for turn in range(max(len(about.backends) for about in MODULES.values())):
        own = {m: MODULES[m.module].backends[turn:][:1] for m in left}
        for backend in sorted({b for backends in own.values() for b in backends}):
            loop = Loop([m for m in left if own[m] == (backend,)])
            status = _run(backend, loop)
            ran = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
            if loop.problems or status not in ran:
                return left, seconds, loop.problems or [f"pytest ends with {status}"]
            seconds.update(loop.seconds)
            left = [m for m in left if not loop.killed.get(m)]
    return left, seconds, []


def _chosen(modules: Sequence[str], seed: int, count: int) -> list[Mutant]:
    """Choose mutants at random; the kinds of change take turns, most are of the easy ones."""
    every = [m for module in modules for m in mutants(module)]
    Random(seed).shuffle(every)
    turns: Counter[str] = Counter()
    order: dict[Mutant, int] = {}
    for mutant in every:
        order[mutant] = turns[mutant.about]
        turns[mutant.about] += 1
    return sorted(every, key=lambda m: order[m])[:count]


def _run(backend: str, loop: Loop) -> int:
    own = {s for m in loop.chosen for s in MODULES[m.module].suites}
    tests = {str(TESTS / t) for m in loop.chosen for t in MODULES[m.module].tests}
    suites = [str(KIT / "suites" / f"test_{s}.py") for s in sorted(own | REST)]
    command = ["-p", "evergraph_conformance.plugin", "--backend", backend, "-q", "--tb=no"]
    command += ["-c", str(KIT / "kit.ini"), "-p", "no:cacheprovider", f"--timeout={CASE}"]
    return int(pytest.main([*command, *suites, *sorted(tests)], plugins=[loop]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
