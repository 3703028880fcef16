"""What the kit reports, and what it refuses to certify."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import evergraph_conformance
from evergraph_conformance.report import (
    SHORT,
    Results,
    Row,
    Unlock,
    as_html,
    as_json,
    as_markdown,
    as_text,
)

INI = Path(evergraph_conformance.__file__).parent / "kit.ini"
BACKEND = """
from evergraph.plugin import Backend, hookimpl, numpy_table

class Mine(Backend):
    name = "mine"
    host_arrays = True
    table = numpy_table(){only}
    dtypes = frozenset({dtypes})

@hookimpl
def evergraph_backend(config):
    return Mine(config)
"""
ENTRY = "[evergraph.backends]\nmine = my_backend\n"


@pytest.fixture
def results():
    """Of two suites and two op types, one of them not claimed."""
    found = Results()
    for row in found.rows("ops", ["Add"]):
        row.passed, row.failed, row.nodes, row.host_nodes, row.seconds = 3, 1, 8, 2, 0.5
    for row in found.rows("ops", ["<Mul>"]):
        row.skipped += 2
        row.skips["mine does not claim op <Mul>"] = 2
    for row in found.rows("run", ["Add", "Mul"]):
        row.passed, row.known = 4, 1
    found.lacks.update({frozenset({"op <Mul>"}): 2, frozenset({"op <Mul>", "dtype half"}): 3})
    found.failures["ops::test_op[Add: <1>]"] = "AssertionError: 1 of 2 differ"
    found.known["run::test_it"] = "known (todo): not yet"
    return found


def with_plugin(*arguments):
    plugin = ["-p", "evergraph_conformance.plugin", "-p", "no:cacheprovider", "-c", str(INI)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, *arguments],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_row_tells_what_was_claimed(results):
    assert results.suites["ops"] == Row(3, 1, 0, 2, 8, 2, 0.5, {"mine does not claim op <Mul>": 2})
    assert (results.suites["ops"].claimed, results.suites["ops"].total) == (4, 6)
    assert results.suites["ops"].host_share == 0.25
    assert set(results.ops) == {"Add", "<Mul>"}


def test_one_line_is_there_to_quote(results):
    assert results.quote("mine") == (
        "mine: 7 of 9 claimed cases pass (of 11 in all), 1 known failures; 0 of 1 claimed op types "
        "(of 2); 25.0% of nodes on the host"
    )


def test_what_comes_next_is_ordered_by_the_cases_that_it_unlocks(results):
    results.lacks.update({frozenset({"feature strings"}): 5, frozenset({"dtype half", "op Q"}): 1})
    assert results.next() == [
        Unlock("feature strings", alone=5, shared=0),
        Unlock("op <Mul>", alone=2, shared=3),
        Unlock("dtype half", alone=0, shared=4),
        Unlock("op Q", alone=0, shared=1),
    ]


def test_the_terminal_shows_the_beginning_of_what_comes_next(results):
    for i in range(2 * SHORT):
        results.lacks[frozenset({f"op Q{i}"})] = 10 + i
        results.suites["ops"].skips[f"mine does not claim op Q{i}"] = 10 + i
    text = as_text("mine", results)
    assert f"| op Q{2 * SHORT - 1} | {9 + 2 * SHORT} | 0 |" in text
    assert text.count("| op Q") == SHORT
    assert f"… and for {SHORT + 1} more reasons; --report has all" in text
    assert as_markdown("mine", results).count("| op Q") == 2 * SHORT


def test_failures_are_named(results):
    failed = "failed ops::test_op[Add: <1>]\n  AssertionError: 1 of 2 differ"
    assert failed in as_text("mine", results)
    assert "- `ops::test_op[Add: <1>]`: AssertionError: 1 of 2 differ" in as_markdown(
        "mine", results
    )
    assert "- `run::test_it`: known (todo): not yet" in as_markdown("mine", results)
    assert "<td>ops::test_op[Add: &lt;1&gt;]</td>" in as_html("mine", results)


def test_what_was_run_of_the_kit_is_quoted(results):
    results.part = "ops"
    assert results.quote("mine").startswith("mine, only ops: 7 of 9 claimed cases pass")


def test_json_has_all(results):
    content = json.loads(as_json("mine", results))
    assert content["quote"] == results.quote("mine")
    assert content["suites"]["run"]["known"] == 1
    assert content["ops"]["<Mul>"]["skips"] == {"mine does not claim op <Mul>": 2}
    assert content["total"]["claimed"] == 9
    assert content["failures"] == {"ops::test_op[Add: <1>]": "AssertionError: 1 of 2 differ"}
    assert content["known"] == {"run::test_it": "known (todo): not yet"}
    assert content["next"] == [
        {"claim": "op <Mul>", "alone": 2, "shared": 3},
        {"claim": "dtype half", "alone": 0, "shared": 3},
    ]


def test_markdown_has_a_row_for_each_suite_and_op_type(results):
    text = as_markdown("mine", results)
    assert "| ops | 4 | 6 | 3 | 1 | 0 | 2 | 25.0% | 0.5 | 2: mine does not claim op <Mul> |" in text
    assert "| Add | 4 | 4 | 3 | 1 | 0 | 0 | 25.0% | 0.5 |  |" in text
    assert "| op <Mul> | 2 | 3 |" in text


def test_html_is_well_formed(results):
    class Tags(HTMLParser):
        stack: list[str] = []  # noqa: RUF012  # for one test

        def handle_starttag(self, tag, attrs):
            if tag != "meta":
                self.stack.append(tag)

        def handle_endtag(self, tag):
            assert self.stack.pop() == tag

    parser = Tags()
    parser.feed(as_html("mine", results))
    assert not parser.stack
    assert "<Mul>" not in as_html("mine", results)


@pytest.mark.parametrize("ending", ["json", "md", "html"])
def test_a_run_writes_its_report(kit, tmp_path, ending):
    path = tmp_path / f"report.{ending}"
    done = kit("numpy", "--suite=ops", "-k", "Softplus", f"--report={path}")
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] in path.read_text(encoding="utf-8")


def test_a_report_of_another_kind_is_refused_at_once(kit):
    done = kit("numpy", "--report=report.pdf")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "report.pdf does not end in one of .json, .md, .html" in done.stderr


@pytest.mark.parametrize(
    ("only", "dtypes", "what"),
    [(".only()", '{"float32"}', "no op types"), ("", "()", "no element types")],
)
def test_a_backend_that_claims_nothing_is_not_certified(install, kit, tmp_path, only, dtypes, what):
    install("my-backend", ENTRY, BACKEND.format(only=only, dtypes=dtypes))
    done = kit("mine", "--suite=graph")
    assert done.returncode
    assert f"mine is not certified: it claims {what}" in done.stderr


def test_what_is_not_claimed_is_skipped_and_told(install, kit, tmp_path):
    install("my-backend", ENTRY, BACKEND.format(only='.without("Softplus")', dtypes='{"float32"}'))
    path = tmp_path / "report.json"
    done = kit("mine", "--suite=ops", "-k", "Softplus or Softsign", f"--report={path}")
    assert done.returncode == 0, done.stdout
    ops = json.loads(path.read_text(encoding="utf-8"))["ops"]
    assert ops["Softplus"]["claimed"] == 0
    assert "mine does not claim op Softplus" in ops["Softplus"]["skips"]
    assert 0 < ops["Softsign"]["claimed"] < ops["Softsign"]["total"]


def test_a_case_whose_graph_needs_what_is_not_claimed_is_not_claimed(install, kit, tmp_path):
    only = '.only("AddV2", "Identity", "Mul")'
    install("my-backend", ENTRY, BACKEND.format(only=only, dtypes='{"float32", "int32"}'))
    path = tmp_path / "report.json"
    done = kit("mine", "--suite=composites", f"--report={path}")
    assert done.returncode == 0, done.stdout
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["suites"]["composites"]["skips"]["mine does not claim op ScatterNd"] > 0
    assert content["next"][0]["claim"] == "op ScatterNd"


def test_a_kernel_that_refuses_what_is_claimed_has_failed(install, kit):
    code = BACKEND.format(only="", dtypes='{"float32", "int32"}').replace(
        "numpy_table()",
        'numpy_table() | {"ScatterNd": refuse}',
    )
    refuse = (
        "from evergraph.plugin import errors\n\ndef refuse(*inputs):\n"
        "    raise errors.UnimplementedError(None, None, 'no kernel for ScatterNd (at all)')\n"
    )
    install("my-backend", ENTRY, refuse + code)
    done = kit("mine", "--suite=composites")
    assert done.returncode == 1
    assert "UnimplementedError" in done.stdout


def test_the_plugin_tells_and_writes_the_same(tmp_path):
    case, path = tmp_path / "test_case.py", tmp_path / "report.md"
    case.write_text("def test_it(tf, run):\n    assert run(tf.constant(1)) == 1\n")
    done = with_plugin(str(case), f"--report={path}")
    assert done.returncode == 0, done.stdout
    quote = done.stdout.splitlines()[-1]
    assert quote.startswith("numpy, only case: 1 of 1 claimed cases pass")
    assert quote in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("skip", "skipped for a reason that is no missing claim: I would rather not"),
        ("xfail", "is expected to fail, but conformance.toml does not say so"),
    ],
)
def test_what_no_claim_excuses_is_a_failure(tmp_path, call, said):
    case = tmp_path / "test_case.py"
    case.write_text(f"import pytest\n\ndef test_it():\n    pytest.{call}('I would rather not')\n")
    done = with_plugin(str(case))
    assert done.returncode == 1
    assert said in done.stdout
