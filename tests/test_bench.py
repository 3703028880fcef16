"""The benchmarks' rows run, so that they cannot rot; how fast they are is not tested."""

import json
import sys
from importlib import import_module
from pathlib import Path

import pytest

# Programs of one folder, which import each other as scripts do.
sys.path.append(str(Path(__file__).parent / "bench"))
rows = import_module("rows")
every_row = import_module("every_row")
worker = import_module("worker")
table = import_module("table")


@pytest.fixture
def subject():
    return worker.Subject("evergraph", "numpy", rows.TINY)


@pytest.mark.parametrize("row", [row.name for row in every_row.ROWS])
def test_a_row_runs_and_computes_what_it_does_by_hand(row, subject):
    digest = subject.prepare(row)["digest"]
    assert subject.measure(0)["cpu"] >= 0
    by_hand = worker.Subject("hand", "numpy", rows.TINY).prepare(row)
    if "missing" not in by_hand:
        assert json.dumps(by_hand["digest"]) == json.dumps(digest)


def test_a_table_has_ratios_and_their_targets():
    values = {"tensorflow": 2e-3, "numpy": 1e-3, "jax": 3e-3, "jax by hand": 2e-3}
    result = table.Result("a row", values, {"numpy": 0.6, "jax": 1.2}, different={"jax"})
    last = table.markdown([result]).splitlines()[-1]
    assert last == "| a row | 2.00 ms | 0.5 (0.6) | **1.5** ≠ (1.2) | - | 1.5 ≠ |"


def test_a_title_names_one_row():
    titles = [row.title for row in every_row.ROWS]
    assert len(titles) == len(set(titles))


def test_a_page_keeps_the_lines_that_were_not_measured():
    a, b = (table.Result(title, {"tensorflow": 1.0}, {}) for title in "ab")
    old = table.page(table.markdown([a]), {}, 5)
    assert table.updated(old, [b], ["b", "a", "c"]) == table.markdown([b, a])
