"""`python -m evergraph_conformance NAME`: certify an installed backend."""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path

import pytest

from evergraph_conformance import plugin
from evergraph_conformance.api import ORACLE
from evergraph_conformance.plugin import RESULTS, SUITES
from evergraph_conformance.report import WRITERS, Results, as_text, write
from evergraph_conformance.serving import served

FOLDER = Path(__file__).parent
#: The endings of a run that has run all its cases.
RAN = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


class _Keep:
    """Keeps the results of the run."""

    results = Results()

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Take the results over."""
        self.results = session.config.stash[RESULTS]


def main(arguments: list[str] | None = None) -> int:
    """Run the suites on a backend and print its table; return the exit status."""
    parser = _parser()
    options = _checked(parser, arguments)
    if options.target == "grpc":
        try:
            with served(options.name) as options.target:
                return _run(options)
        except RuntimeError as error:
            parser.error(f"--target grpc: {error}")
    return _run(options)


def _run(options: argparse.Namespace) -> int:
    """Run the suites; return the exit status."""
    paths = [str(FOLDER / "suites" / f"test_{suite}.py") for suite in options.suite or ()]
    keep = _Keep()
    command = ["--backend", options.name, "-q", "-rN", *(paths or [str(FOLDER / "suites")])]
    # Nothing of the folder from which it is called, and no cache, has a say.
    command += ["-c", str(FOLDER / "kit.ini"), "-p", "no:cacheprovider"]
    if options.target:
        command += ["--target", options.target]
    if options.k:
        command += ["-k", options.k]
    if ORACLE:
        # Python 3.11 fails to parse the sources that its deep tracebacks go through.
        command.append("--tb=native")
    status = pytest.main(command, plugins=[plugin, keep])
    if status == pytest.ExitCode.NO_TESTS_COLLECTED:
        print(f"{options.name} is not certified: no case matches -k {options.k!r}", file=sys.stderr)
    if status not in RAN:
        return int(status)
    results = keep.results
    results.part = ", ".join([*(options.suite or ()), *([f"-k {options.k}"] if options.k else ())])
    print(f"\n{as_text(options.name, results)}")
    if options.report:
        write(options.report, options.name, results)
    return int(status)


def _parser() -> argparse.ArgumentParser:
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
    return parser


def _checked(parser: argparse.ArgumentParser, arguments: list[str] | None) -> argparse.Namespace:
    options = parser.parse_args(arguments)
    for suite in options.suite or ():
        if suite not in SUITES:
            close = difflib.get_close_matches(suite, SUITES, 1)
            meant = f"did you mean {close[0]!r}? " if close else ""
            parser.error(f"--suite: no suite {suite!r}; {meant}There are {', '.join(SUITES)}")
    if options.report and options.report.suffix not in WRITERS:
        parser.error(f"--report: {options.report} does not end in one of {', '.join(WRITERS)}")
    if options.report and not options.report.parent.is_dir():
        parser.error(f"--report: there is no folder {options.report.parent}")
    return options


if __name__ == "__main__":
    sys.exit(main())
