"""The page docs/mutation.md: by module what is noticed, and what survives, judged."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from evergraph_mutation.modules import MODULES

JUDGED: Final = Path(__file__).with_name("judged.toml")
#: What a survivor may be, and whether it counts as a change that can be seen.
KINDS: Final = {"equivalent": False, "speed": False, "gap": True}

_HEAD = """\
# Does the kit notice a change?

A *mutant* is one small change of one function of the core: a comparison, a condition, an
operator or a constant is another one, an argument or a statement is left out, nothing is
returned. In a fork of a process that has collected the cases, the mutant is planted and the
cases run until one fails: then it is *killed*. So is one that hangs. What survives on one
backend is tried on the next.

`tox -e mutation` makes this page, in about an hour of one core; so does, where `.[test]` is
installed,

```sh
PYTHONPATH=tests/broken:tests/kit:$PYTHONPATH python -m evergraph_mutation \\
    --seed 1 --count 160 --output mutants.json --page docs/mutation.md
```

`tests/broken/evergraph_mutation/modules.py` has what is changed, the suites that come first, and
the backends. `--again` runs only what survives in the file. Most random changes are of the easy
kinds, so that kinds take turns. The same seed chooses other mutants as the core changes; those
that survive are judged in `judged.toml`.

Of {count} mutants of planner, executor and session {killed} ({share:.0%}) are killed. Of the
others {quiet} change no result. Of the changes that can be seen {seen:.0%} are found.

Not looked at: what is seen on JAX alone, whose threads do not survive a fork; and kernels, each of
which is held to values recorded from TensorFlow: [faults.md](faults.md) has faults of theirs.

| module | mutants | killed | no result changes | gaps |
|---|--:|--:|--:|--:|
"""

_SURVIVORS = """
## What survives

*equivalent*: no program can tell. *speed*: only time or memory. *gap*: a case is missing.
"""


def as_markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the page of what became of the mutants, as in the file that is written of them."""
    judged = _judged()
    killed = sum(row["killed"] for row in rows)
    quiet = sum(not KINDS[_kind(row, judged)] for row in rows if not row["killed"])
    head = _HEAD.format(
        count=len(rows),
        killed=killed,
        share=killed / len(rows),
        quiet=quiet,
        seen=killed / (len(rows) - quiet),
    )
    lines = [head.rstrip()]
    for module in [*MODULES, ""]:
        own = [r for r in rows if r["module"] == module or not module]
        if own:
            left = [KINDS[_kind(r, judged)] for r in own if not r["killed"]]
            name = f"`{module.removeprefix('evergraph.')}`" if module else "all"
            counts = len(own), len(own) - len(left), left.count(False), left.count(True)
            lines.append(f"| {name} | {' | '.join(map(str, counts))} |")
    lines.append(_SURVIVORS)
    for row in rows:
        if not row["killed"]:
            reason = judged.get(_key(row), {"reason": "Not judged yet."})["reason"]
            name = f"{row['module'].removeprefix('evergraph.')}:{row['function']}"
            lines += [f"### `{name}`, line {row['line']}", "", f"*{_kind(row, judged)}*: {reason}"]
            lines += ["", "```diff", row["diff"], "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def _judged() -> dict[tuple[str, str], dict[str, str]]:
    entries = tomllib.loads(JUDGED.read_text(encoding="utf-8"))["mutant"]
    return {(e["place"], e["diff"].strip()): e for e in entries}


def _key(row: Mapping[str, Any]) -> tuple[str, str]:
    return f"{row['module'].removeprefix('evergraph.')}:{row['function']}", row["diff"].strip()


def _kind(row: Mapping[str, Any], judged: Mapping[tuple[str, str], Mapping[str, str]]) -> str:
    found = judged.get(_key(row))
    return "gap" if found is None else found["kind"]
