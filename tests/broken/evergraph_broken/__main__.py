"""Plant faults, one after the other, and count the cases of the kit that break.

The cases are collected once for each backend that has faults; for each fault a child of the process
runs those of its suite. Of a large suite that is a sample: the cases that are meant to find the
fault (`Fault.where`), and some of the others, which count for all of them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import evergraph_conformance
from evergraph_broken.faults import FAULTS
from evergraph_broken.forks import forked, run_cases
from evergraph_broken.installed import installed
from evergraph_broken.page import as_markdown
from evergraph_broken.planting import Fault, plant

KIT = Path(evergraph_conformance.__file__).parent
#: Seconds for a case, and for the cases of a fault, which may let everything hang.
CASE, SOME, WHOLE = 10, 120, 600
#: Of suites with more cases than the first number, one in so many is run.
LARGE, ONE_IN = 1000, 10


class Loop:
    """Runs the cases of the suite of each fault instead of all cases once.

    Args:
      faults: the faults.
      whole: whether to run the whole suite; else as much of `Fault.where` as breaks one case.

    Attributes:
      faults: as given.
      counts: by fault: how many cases broke, and how many ran.
      errors: of faults that cannot be planted.
    """

    def __init__(self, faults: Sequence[Fault], whole: bool) -> None:
        self.faults = faults
        self._whole = whole
        self.counts: dict[str, tuple[int, int]] = {}
        self.errors: list[str] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run them."""
        for fault in self.faults:
            suite = [i for i in session.items if i.path.stem == f"test_{fault.suite}"]
            meant = [i for i in suite if fault.where in i.name]
            if not meant:
                self.errors.append(f"{fault.about}: no case of {fault.suite} is meant")
            elif not self._whole:
                self.counts[fault.about] = self._count(session, fault, meant), len(meant)
            elif len(suite) <= LARGE:
                self.counts[fault.about] = self._count(session, fault, suite), len(suite)
            else:
                others = [i for i in suite if fault.where not in i.name][::ONE_IN]
                broken = self._count(session, fault, meant)
                broken += ONE_IN * self._count(session, fault, others)
                self.counts[fault.about] = min(broken, len(suite)), len(suite)
        return True

    def _count(self, session: pytest.Session, fault: Fault, items: list[pytest.Item]) -> int:
        def run() -> str:
            plant(fault)
            return str(len(run_cases(session, items, self._whole)))

        answer = forked(run, WHOLE if self._whole else SOME) if items else "0"
        if answer and not answer.isdecimal():
            self.errors.append(f"{fault.about}: {answer}")
            return 0
        # Who hangs, or dies, has broken one, and perhaps all.
        return int(answer or (len(items) if self._whole else 1))


def main(arguments: Sequence[str]) -> int:
    """Print, as JSON, how many cases each fault breaks, of how many."""
    parser = argparse.ArgumentParser(prog="python -m evergraph_broken", description=__doc__)
    parser.add_argument("faults", nargs="*", help="by what is wrong; by default all")
    parser.add_argument(
        "--whole", action="store_true", help="count in suites, not only whether one breaks"
    )
    parser.add_argument("--output", type=Path, required=True, help="the file to write")
    parser.add_argument("--page", type=Path, help="also write what docs/faults.md is")
    options = parser.parse_args(arguments)
    faults = [FAULTS[name] for name in options.faults or FAULTS]
    counts: dict[str, tuple[int, int]] = {}
    for backend in sorted({f.backend for f in faults}):
        loop = Loop([f for f in faults if f.backend == backend], options.whole)
        with installed(backend):
            status = _run(backend, loop)
        print("", *loop.errors, sep="\n", file=sys.stderr)
        if loop.errors or status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            return int(status) or 1
        counts |= loop.counts
    content: dict[str, Any] = {k: {"broken": b, "cases": n} for k, (b, n) in counts.items()}
    options.output.write_text(json.dumps(content, indent=1), encoding="utf-8")
    if options.page:
        options.page.write_text(as_markdown(faults, counts), encoding="utf-8")
    return 0


def _run(backend: str, loop: Loop) -> int:
    suites = sorted({str(KIT / "suites" / f"test_{f.suite}.py") for f in loop.faults})
    command = ["-p", "evergraph_conformance.plugin", "--backend", backend, "-q", "--tb=no"]
    command += ["-c", str(KIT / "kit.ini"), "-p", "no:cacheprovider", f"--timeout={CASE}"]
    return int(pytest.main([*command, *suites], plugins=[loop]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
