"""`python -m evergraph_conformance NAME`: certify an installed backend."""

from __future__ import annotations

import argparse
import difflib
import sys

import pytest

from evergraph_conformance import plugin
from evergraph_conformance.api import ORACLE
from evergraph_conformance.plugin import FOLDER, SUITES
from evergraph_conformance.report import WRITERS
from evergraph_conformance.serving import served


def main(arguments: list[str] | None = None) -> int:
    """Run the suites on a backend; return the exit status. The plugin prints its table."""
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
    paths = [str(FOLDER / f"test_{suite}.py") for suite in options.suite or ()] or [str(FOLDER)]
    command = ["--backend", options.name, "-q", "-rN", *paths]
    # Nothing of the folder from which it is called, and no cache, has a say.
    command += ["-c", str(FOLDER.parent / "kit.ini"), "-p", "no:cacheprovider"]
    if options.target:
        command += ["--target", options.target]
    if options.report:
        command += ["--report", options.report]
    if options.k:
        command += ["-k", options.k]
    if ORACLE:
        # Python 3.11 fails to parse the sources that its deep tracebacks go through.
        command.append("--tb=native")
    status = pytest.main(command, plugins=[plugin])
    if status == pytest.ExitCode.NO_TESTS_COLLECTED:
        print(f"{options.name} is not certified: no case matches -k {options.k!r}", file=sys.stderr)
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
    parser.add_argument("--report", metavar="FILE", help=f"also write a file: {endings}")
    return parser


def _checked(parser: argparse.ArgumentParser, arguments: list[str] | None) -> argparse.Namespace:
    options = parser.parse_args(arguments)
    for suite in options.suite or ():
        if suite not in SUITES:
            close = difflib.get_close_matches(suite, SUITES, 1)
            meant = f"did you mean {close[0]!r}? " if close else ""
            parser.error(f"--suite: no suite {suite!r}; {meant}There are {', '.join(SUITES)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
