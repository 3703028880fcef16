"""What came out of a run, by suite and by op type, and how it is written down."""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

OUTCOMES = ("passed", "failed", "known", "skipped")
HEAD = ("claimed", "total", *OUTCOMES, "on the host", "seconds")
NEXT_HEAD = ("what to claim next", "unlocks", "needed with others by")
#: How many claims, and reasons of skips, are shown where a person reads along.
SHORT = 10


@dataclass
class Row:
    """The cases of a suite, or of an op type.

    Attributes:
      passed, failed, known, skipped: how many cases had that outcome.
      nodes, host_nodes: how many nodes ran, and how many of them on the host beside the backend.
      seconds: what the cases took.
      skips: for each claim that is missing, how many cases it excuses.
    """

    passed: int = 0
    failed: int = 0
    known: int = 0
    skipped: int = 0
    nodes: int = 0
    host_nodes: int = 0
    seconds: float = 0.0
    skips: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All cases."""
        return self.claimed + self.skipped

    @property
    def claimed(self) -> int:
        """The cases that were run."""
        return self.passed + self.failed + self.known

    @property
    def host_share(self) -> float:
        """The share of nodes that ran on the host."""
        return self.host_nodes / self.nodes if self.nodes else 0.0

    def cells(self) -> list[str]:
        """Return the values of `HEAD`."""
        counts = [self.claimed, self.total, *(getattr(self, o) for o in OUTCOMES)]
        return [*map(str, counts), f"{self.host_share:.1%}", f"{self.seconds:.1f}"]


@dataclass(frozen=True)
class Unlock:
    """What one more claim would do.

    Attributes:
      claim: `op Softplus`, `dtype float16`, `feature strings`.
      alone: how many skipped cases lack nothing else: the claim unlocks them.
      shared: how many skipped cases lack it together with other claims.
    """

    claim: str
    alone: int
    shared: int


@dataclass
class Results:
    """The rows of a run.

    Attributes:
      suites: by name.
      ops: by op type; a case counts where it is about one type only.
      lacks: how many skipped cases lack exactly these claims.
      failures, known: what failed, and what was known to, with a line that says why.
      part: what was run, if not the whole kit.
      ended: whether all ran that was to run.
    """

    suites: dict[str, Row] = field(default_factory=dict)
    ops: dict[str, Row] = field(default_factory=dict)
    lacks: Counter[frozenset[str]] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    part: str = ""
    ended: bool = False

    def rows(self, suite: str, ops: Sequence[str]) -> list[Row]:
        """Return the rows in which a case of the suite that needs these op types counts."""
        found = [self.suites.setdefault(suite, Row())]
        if len(ops) == 1:
            found.append(self.ops.setdefault(ops[0], Row()))
        return found

    def next(self) -> list[Unlock]:
        """Return what is not claimed, by how many cases a claim would unlock, most first.

        A case that lacks several claims is unlocked by none of them alone; it counts as `shared`
        for each.
        """
        alone: Counter[str] = Counter()
        shared: Counter[str] = Counter()
        for claims, count in self.lacks.items():
            found = alone if len(claims) == 1 else shared
            found.update(dict.fromkeys(claims, count))
        unlocks = [Unlock(claim, alone[claim], shared[claim]) for claim in alone | shared]
        return sorted(unlocks, key=lambda u: (-u.alone, -u.shared, u.claim))

    def total(self) -> Row:
        """Return the sum of all suites."""
        total = Row()
        for row in self.suites.values():
            for name in (*OUTCOMES, "nodes", "host_nodes", "seconds"):
                setattr(total, name, getattr(total, name) + getattr(row, name))
            for reason, count in row.skips.items():
                total.skips[reason] = total.skips.get(reason, 0) + count
        return total

    def quote(self, name: str) -> str:
        """Return one line to quote."""
        total = self.total()
        passing = sum(row.passed > 0 and not row.failed for row in self.ops.values())
        claimed = sum(row.claimed > 0 for row in self.ops.values())
        part = f", only {self.part}" if self.part else ""
        return (
            f"{name}{part}: {total.passed} of {total.claimed} claimed cases pass (of {total.total} "
            f"in all), {total.known} known failures; {passing} of {claimed} claimed op types (of "
            f"{len(self.ops)}); {total.host_share:.1%} of nodes on the host"
        )


def as_text(name: str, results: Results) -> str:
    """Return what a person reads: suites, why cases were skipped, what comes next, what failed.

    The last line is to be quoted. Of reasons, claims and failures only the first are shown.
    """
    lines = _markdown("suite", results.suites)
    skips = Counter(results.total().skips)
    lines += [f"\nskipped {count}: {reason}" for reason, count in skips.most_common(SHORT)]
    if len(skips) > SHORT:
        lines.append(f"\n… and for {len(skips) - SHORT} more reasons; --report has all")
    if results.lacks:
        lines += ["", *_next_markdown(results.next()[:SHORT])]
    failures = [f"\nfailed {case}\n  {why}" for case, why in results.failures.items()]
    lines += failures[:SHORT]
    if len(failures) > SHORT:
        lines.append(f"\n… and {len(failures) - SHORT} more failures; --report has all")
    return "\n".join([*lines, f"\n{results.quote(name)}"])


def write(path: Path, name: str, results: Results) -> None:
    """Write the results as JSON, Markdown or HTML, by the ending of the path."""
    path.write_text(WRITERS[path.suffix](name, results), encoding="utf-8")


def as_json(name: str, results: Results) -> str:
    """Return everything, for a program."""
    content = {
        "backend": name,
        "quote": results.quote(name),
        "total": _content(results.total()),
        "suites": {key: _content(row) for key, row in results.suites.items()},
        "ops": {key: _content(row) for key, row in results.ops.items()},
        "next": [asdict(unlock) for unlock in results.next()],
        "failures": results.failures,
        "known": results.known,
    }
    return json.dumps(content, indent=1, sort_keys=True) + "\n"


def _content(row: Row) -> dict[str, Any]:
    more = {"total": row.total, "claimed": row.claimed, "host_share": row.host_share}
    return asdict(row) | more


def as_markdown(name: str, results: Results) -> str:
    """Return the tables of suites and of op types."""
    lines = [f"# Conformance of {name}", "", results.quote(name)]
    for title, heading, rows in _tables(results):
        lines += ["", f"## {title}", "", *_markdown(heading, rows, why=True)]
    lines += ["", "## Next", "", *_next_markdown(results.next())]
    for title, cases in _named(results):
        lines += ["", f"## {title}", "", *(f"- `{case}`: {why}" for case, why in cases.items())]
    return "\n".join(lines) + "\n"


def as_html(name: str, results: Results) -> str:
    """Return the tables of suites and of op types, as a page of its own."""
    title = html.escape(f"Conformance of {name}")
    parts = [
        f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{title}</title>",
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>",
        f"<p>{html.escape(results.quote(name))}</p>",
    ]
    for heading, first, rows in _tables(results):
        head = _html_cells("th", (first, *HEAD, "why skipped"))
        parts.append(f"<h2>{html.escape(heading)}</h2><table><tr>{head}</tr>")
        for key, row in sorted(rows.items()):
            cells = _html_cells("td", (key, *row.cells(), _why(row)))
            parts.append(f"<tr{' class=failed' if row.failed else ''}>{cells}</tr>")
        parts.append("</table>")
    parts.append(f"<h2>Next</h2><table><tr>{_html_cells('th', NEXT_HEAD)}</tr>")
    parts += [f"<tr>{_html_cells('td', _next_cells(unlock))}</tr>" for unlock in results.next()]
    parts.append("</table>")
    for heading, cases in _named(results):
        parts.append(f"<h2>{html.escape(heading)}</h2><table>")
        parts += [f"<tr>{_html_cells('td', row)}</tr>" for row in cases.items()]
        parts.append("</table>")
    return "\n".join([*parts, "</body></html>"]) + "\n"


def _html_cells(tag: str, cells: Iterable[str]) -> str:
    return "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells)


_STYLE = (
    "body{font-family:sans-serif} table{border-collapse:collapse} td,th{padding:2px 8px;"
    "border-bottom:1px solid #ccc;text-align:right} td:first-child,td:last-child{text-align:left}"
    " .failed{background:#fdd}"
)

#: By the ending of the file.
WRITERS = {".json": as_json, ".md": as_markdown, ".html": as_html}


def _tables(results: Results) -> Iterable[tuple[str, str, dict[str, Row]]]:
    return (("Suites", "suite", results.suites), ("Op types", "op type", results.ops))


def _named(results: Results) -> Iterable[tuple[str, dict[str, str]]]:
    tables = (("Failures", results.failures), ("Known failures", results.known))
    return [(title, cases) for title, cases in tables if cases]


def _markdown(first: str, rows: dict[str, Row], why: bool = False) -> list[str]:
    head = [first, *HEAD, *(["why skipped"] if why else [])]
    lines = [f"| {' | '.join(head)} |", "|---|" + "--:|" * len(HEAD) + ("---|" if why else "")]
    for key, row in sorted(rows.items()):
        cells = [key, *row.cells(), *([_why(row)] if why else [])]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _next_markdown(unlocks: Iterable[Unlock]) -> list[str]:
    lines = [f"| {' | '.join(NEXT_HEAD)} |", "|---|--:|--:|"]
    return [*lines, *(f"| {' | '.join(_next_cells(unlock))} |" for unlock in unlocks)]


def _next_cells(unlock: Unlock) -> tuple[str, str, str]:
    return unlock.claim, str(unlock.alone), str(unlock.shared)


def _why(row: Row) -> str:
    return "; ".join(f"{count}: {reason}" for reason, count in sorted(row.skips.items()))
