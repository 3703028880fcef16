"""The committed certificates say what the distributions of tests/distributions claim."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from evergraph.plugin import HOST_ONLY, PLANNED, numpy_table

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "certificates" / "torch.md"
PACKAGE = ROOT / "tests" / "distributions" / "evergraph_torch" / "evergraph_torch"


def tables(page):
    """Return the rows of the page's tables, by title and name; counts are numbers."""
    found = {}
    for part in page.read_text(encoding="utf-8").split("\n## ")[1:]:
        title, head, _, *lines = [line for line in part.splitlines() if line]
        names = cells(head)
        rows = found[title] = {}
        for line in lines:
            row = dict(zip(names, cells(line), strict=True))
            rows[row.pop(names[0])] = {k: int(v) if v.isdigit() else v for k, v in row.items()}
    return found


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.fixture(scope="module")
def torch():
    return tables(PAGE)


@pytest.fixture(scope="module")
def claims():
    # The package itself needs PyTorch.
    return runpy.run_path(str(PACKAGE / "claims.py"))


@pytest.mark.parametrize("title", ["Suites", "Op types"])
def test_nothing_that_is_claimed_fails(torch, title):
    rows = torch[title]
    assert all(row["failed"] == 0 for row in rows.values())
    for row in rows.values():
        assert row["claimed"] == row["passed"] + row["known"]
        assert row["total"] == row["claimed"] + row["skipped"]
    total, claimed, passed = (
        sum(row[key] for row in torch["Suites"].values()) for key in ("total", "claimed", "passed")
    )
    quote = PAGE.read_text(encoding="utf-8").splitlines()[2]
    assert f"{passed} of {claimed} claimed cases pass (of {total} in all)" in quote


def test_the_op_types_are_those_that_the_table_has(torch, claims):
    # Every op that the core knows is bound; what the table lacks is left to the host.
    assert set(claims["HOST_OPS"]) <= set(numpy_table())
    assert set(torch["Op types"]) <= {*numpy_table(), *HOST_ONLY, *PLANNED}
    assert sum(row["claimed"] > 0 for row in torch["Op types"].values()) >= 120


def test_what_is_skipped_is_of_element_types_that_are_not_claimed(torch, claims):
    reasons = {
        reason.split(": ", 1)[1]
        for row in torch["Op types"].values()
        for reason in row["why skipped"].split("; ")
        if reason
    }
    lacking = {
        dtype
        for reason in reasons
        for dtype in reason.removeprefix("torch does not claim dtype ").split(", ")
    }
    assert lacking == {"uint16", "uint32", "uint64"}
    assert not lacking & claims["DTYPES"]


def test_the_backend_imports_of_evergraph_what_is_for_plugins():
    lines = [
        line
        for path in PACKAGE.glob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.lstrip().startswith(("from evergraph.", "import evergraph", "from evergraph "))
    ]
    assert lines
    assert all(line.startswith("from evergraph.plugin import ") for line in lines)
