"""Every row of the table of TensorFlow's behaviour has a case, or a reason why not yet.

The rows are numbered by the table of 354 inputs and what TensorFlow 2.21 did with each. A case says
which it is: its docstring begins with `Row 7` or `Rows 7 to 9`, or the name of its parameters with
the number.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SUITES = Path(__file__).resolve().parents[1] / "conformance/evergraph_conformance/suites"
ROWS = range(1, 355)

#: Rows without a case, and why.
LATER = {
    range(343, 345): "TensorFlow has lost layers and cells: suites tf_layers and rnn have cases",
}


def test_every_row_has_a_case_or_a_reason():
    put_off = {row for rows in LATER for row in rows}
    assert sorted(set(ROWS) - set(cases()) - put_off) == []


def test_no_reason_is_stale():
    found = cases()
    assert {row: found[row] for rows in LATER for row in rows if row in found} == {}


def test_no_case_has_a_number_that_is_no_row():
    assert sorted(set(cases()) - set(ROWS)) == []


def cases() -> dict[int, list[str]]:
    """Return the cases of the kit by row."""
    found: dict[int, list[str]] = {}
    for path in sorted(SUITES.glob("test_*.py")):
        for row, case in _cases(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(row, []).append(f"{path.stem}: {case}")
    return found


def _cases(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) if name.startswith("test_"):
                for row in _named(ast.get_docstring(node) or ""):
                    yield row, name
            case ast.Call(func=ast.Name("row"), args=[ast.Constant(str() as name), *_]):
                if number := re.match(r"\d+\b", name):
                    yield int(number[0]), name


def _named(docstring: str) -> list[int]:
    """Return the rows that a docstring begins with: `Row 7`, `Rows 7, 9 and 11`, `Rows 7 to 9`."""
    text = re.match(r"Rows? (\d+(?:(?:, | and | to )\d+)*)", docstring)
    if text is None:
        return []
    numbers = [int(n) for n in re.findall(r"\d+", text[1])]
    return list(range(numbers[0], numbers[-1] + 1)) if " to " in text[1] else numbers
