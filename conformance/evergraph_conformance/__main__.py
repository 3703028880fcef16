"""`python -m evergraph_conformance NAME`: certify an installed backend."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pytest

from evergraph_conformance.api import ORACLE
from evergraph_conformance.plugin import RESULTS
from evergraph_conformance.report import WRITERS, Results, as_text, write
from evergraph_conformance.serving import served

SUITES = Path(__file__).parent / "suites"


class _Keep:
    """Keeps the results of the run."""

    results: Results | None = None

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Take the results over."""
        self.results = session.config.stash[RESULTS]


def main(arguments: list[str] | None = None) -> int:
    """Run the suites on a backend and print its table; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m evergraph_conformance")
    parser.add_argument("name", help="the backend, as in ConfigProto(backend=NAME)")
    parser.add_argument("--suite", action="append", help="only this suite; may be given again")
    parser.add_argument(
        "--target",
        default="",
        help="the target of the sessions: PREFIX://…, or 'grpc' for a server that is started",
    )
    parser.add_argument("-k", metavar="EXPRESSION", help="only cases that match, as in pytest")
    endings = ", ".join(WRITERS)
    parser.add_argument("--report", type=Path, help=f"also write a file that ends in {endings}")
    options = parser.parse_args(arguments)
    if options.report and options.report.suffix not in WRITERS:
        parser.error(f"--report: {options.report} does not end in one of {endings}")
    if options.target == "grpc":
        try:
            with served(options.name) as options.target:
                return _run(options)
        except RuntimeError as error:
            parser.error(f"--target grpc: {error}")
    return _run(options)


def _run(options: argparse.Namespace) -> int:
    """Run the suites; return the exit status."""
    paths = [str(SUITES / f"test_{s}.py") for s in options.suite or ()] or [str(SUITES)]
    keep = _Keep()
    command = ["-p", "evergraph_conformance.plugin", "--backend", options.name, "-q", *paths]
    # Nothing of the folder from which it is called, and no cache, has a say.
    command += ["-c", str(Path(__file__).parent / "kit.ini"), "-p", "no:cacheprovider"]
    if options.target:
        command += ["--target", options.target]
    if options.k:
        command += ["-k", options.k]
    if ORACLE:
        # Python 3.11 fails to parse the sources that its deep tracebacks go through.
        command.append("--tb=native")
    status = pytest.main(command, plugins=[keep])
    if keep.results is None:
        return int(status)
    print(f"\n{as_text(options.name, keep.results)}")
    if options.report:
        write(options.report, options.name, keep.results)
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
