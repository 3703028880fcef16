"""`python -m evergraph_conformance NAME`: certify an installed backend."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import pytest

from evergraph_conformance.api import ORACLE
from evergraph_conformance.plugin import RESULTS, Results

SUITES = Path(__file__).parent / "suites"
OUTCOMES = ("passed", "failed", "known", "skipped")


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
    parser.add_argument("--report", help="also write the result to FILE.json or FILE.md")
    options = parser.parse_args(arguments)
    paths = [str(SUITES / f"test_{s}.py") for s in options.suite or ()] or [str(SUITES)]
    keep = _Keep()
    command = ["-p", "evergraph_conformance.plugin", "--backend", options.name, "-q", *paths]
    # Nothing of the folder from which it is called, and no cache, has a say.
    command += ["-c", str(Path(__file__).parent / "kit.ini"), "-p", "no:cacheprovider"]
    if ORACLE:
        # Python 3.11 fails to parse the sources that its deep tracebacks go through.
        command.append("--tb=native")
    status = pytest.main(command, plugins=[keep])
    if keep.results is None:
        return int(status)
    table = as_table(options.name, keep.results)
    print(f"\n{table}")
    if options.report:
        write_report(Path(options.report), options.name, keep.results, table)
    return int(status)


def as_table(name: str, results: Results) -> str:
    """Return the results as a Markdown table, and one line to quote."""
    rows = ["| suite | cases | passed | failed | known | skipped | seconds |", "|---|" + "--:|" * 6]
    total = dict.fromkeys(OUTCOMES, 0)
    for suite, counts in sorted(results.outcomes.items()):
        values = [counts.get(o, 0) for o in OUTCOMES]
        for outcome, value in zip(OUTCOMES, values, strict=True):
            total[outcome] += value
        cells = " | ".join(str(v) for v in values)
        rows.append(f"| {suite} | {sum(values)} | {cells} | {results.seconds[suite]:.1f} |")
    for reason, count in sorted(results.skips.items()):
        rows.append(f"\nskipped {count}: {reason}")
    passing = sum(c.get("passed", 0) > 0 and not c.get("failed") for c in results.ops.values())
    share = results.host_nodes / results.nodes if results.nodes else 0.0
    run = sum(total.values()) - total["skipped"]
    rows.append(
        f"\n{name}: {total['passed']} of {run} cases pass, {total['known']} known failures; "
        f"{passing} op types; {share:.1%} of nodes on the host"
    )
    return "\n".join(rows)


def write_report(path: Path, name: str, results: Results, table: str) -> None:
    """Write the results as JSON or Markdown, by the ending of the path."""
    if path.suffix == ".json":
        content = {
            "backend": name,
            "suites": results.outcomes,
            "seconds": results.seconds,
            "ops": results.ops,
            "nodes": results.nodes,
            "host_nodes": results.host_nodes,
            "skips": results.skips,
        }
        path.write_text(json.dumps(content, indent=1, sort_keys=True), encoding="utf-8")
    else:
        path.write_text(table + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
