"""Known failures of a backend: the entries of its `conformance.toml`, which must all be right."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

KINDS: Final = ("todo", "upstream", "never")
#: What an entry has, and the types of the values; the last two may be missing.
FIELDS: Final[Mapping[str, type]] = {
    "case": str,
    "kind": str,
    "reason": str,
    "error": str,
    "run": bool,
}
_NEEDED: Final = ("case", "kind", "reason")


@dataclass(frozen=True)
class Known:
    """A known failure.

    Attributes:
      case: the id of a case, or a prefix that ends in `*`.
      kind: one of `KINDS`.
      reason: why it fails.
      error: the name of the exception's class, or of a base class; "" for any.
      run: whether it is run; not if it would end the process.
    """

    case: str
    kind: str
    reason: str
    error: str = ""
    run: bool = True

    def covers(self, case: str) -> bool:
        """Whether a case is one of those meant."""
        if self.case.endswith("*"):
            return case.startswith(self.case[:-1])
        return case == self.case

    def expects(self, error: BaseException) -> bool:
        """Whether a case may fail with this error."""
        return not self.error or self.error in [kind.__name__ for kind in type(error).__mro__]

    @property
    def suite(self) -> str:
        """The suite that the case belongs to."""
        return self.case.split("::")[0]

    def __str__(self) -> str:
        return f"known ({self.kind}): {self.reason}"


def read(path: Path) -> list[Known]:
    """Return the entries of a file; none if there is no file.

    Raises:
      ValueError: something in it is not valid; all such entries are named.
    """
    if not path.exists():
        return []
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    problems = [f"no table {name!r}" for name in sorted(content.keys() - {"known"})]
    entries = content.get("known", [])
    if not isinstance(entries, list):
        problems, entries = [*problems, "an entry begins with [[known]]"], []
    problems += [f"{problem} in {entry}" for entry in entries for problem in _wrong(entry)]
    if problems:
        raise ValueError("\n  ".join([f"{path} is not valid:", *problems]))
    return [Known(**entry) for entry in entries]


def _wrong(entry: Mapping[str, Any]) -> list[str]:
    found = [f"no {name!r}" for name in _NEEDED if not entry.get(name)]
    found += [f"there is no field {name!r}" for name in sorted(entry.keys() - FIELDS.keys())]
    for name, value in entry.items():
        if name in FIELDS and not isinstance(value, FIELDS[name]):
            found.append(f"{name!r} is no {FIELDS[name].__name__}")
    if entry.get("kind", KINDS[0]) not in KINDS:
        found.append(f"'kind' is none of {', '.join(KINDS)}")
    return found


def strays(
    known: Sequence[Known],
    claimed: Collection[str],
    unclaimed: Collection[str],
    suites: Iterable[str],
) -> list[str]:
    """Return what is wrong with entries that cover no case.

    Args:
      known: the entries.
      claimed, unclaimed: the ids of all cases of the suites that were collected.
      suites: the names of all suites of the kit.
    """
    collected = {case.split("::")[0] for case in (*claimed, *unclaimed)}
    found = []
    for entry in known:
        if entry.suite in collected and not any(map(entry.covers, claimed)):
            if any(map(entry.covers, unclaimed)):
                found.append(f"{entry.case}: it is not claimed, and not run")
            else:
                own = [c for c in (*claimed, *unclaimed) if c.startswith(f"{entry.suite}::")]
                found.append(f"{entry.case}: there is no such case{_meant(entry.case, own)}")
        elif entry.suite not in collected and entry.suite not in suites:
            # It may be a suite of the distribution's own, which is run by itself.
            meant = _meant(entry.suite, suites)
            if meant or "::" not in entry.case:
                found.append(f"{entry.case}: there is no suite {entry.suite!r}{meant}")
    return found


def _meant(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name.rstrip("*"), [*known], 1)
    return f"; did you mean {close[0]!r}?" if close else ""
