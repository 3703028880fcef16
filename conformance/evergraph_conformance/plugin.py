"""The pytest plugin of the kit: `pytest -p evergraph_conformance.plugin --backend NAME`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from evergraph_conformance import subject as subjects
from evergraph_conformance.api import ORACLE, tf
from evergraph_conformance.subject import Known, Subject
from evergraph_conformance.tolerances import mismatch

SUBJECT = pytest.StashKey[Subject]()
RESULTS = pytest.StashKey["Results"]()


@dataclass
class Results:
    """What came out, by suite and outcome, and how many nodes ran on the host."""

    outcomes: dict[str, dict[str, int]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    ops: dict[str, dict[str, int]] = field(default_factory=dict)
    nodes: int = 0
    host_nodes: int = 0
    skips: dict[str, int] = field(default_factory=dict)

    def add(self, suite: str, op: str, outcome: str, seconds: float) -> None:
        """Count a case."""
        for table, key in ((self.outcomes, suite), (self.ops, op)):
            if key:
                counts = table.setdefault(key, {})
                counts[outcome] = counts.get(outcome, 0) + 1
        self.seconds[suite] = self.seconds.get(suite, 0.0) + seconds


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--backend`."""
    parser.addoption("--backend", default="numpy", help="the backend to certify")


def pytest_configure(config: pytest.Config) -> None:
    """Load what is under test; its backend is what every session uses."""
    config.addinivalue_line("markers", "needs(*features): features that a case needs")
    config.addinivalue_line("markers", "uses(*ops): op types that a case needs")
    config.addinivalue_line("markers", "dtypes(*names): element types that a case needs")
    name: str = config.option.backend
    os.environ["EVERGRAPH_BACKEND"] = name
    config.stash[SUBJECT] = subjects.load(name)
    config.stash[RESULTS] = Results()


def case_id(item: pytest.Item) -> str:
    """Return the name of a case: `suite::test[parameters]`."""
    return f"{_suite(item)}::{item.name}"


def _suite(item: pytest.Item) -> str:
    return item.path.stem.removeprefix("test_")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what is not claimed, and expect the known failures to fail."""
    subject = config.stash[SUBJECT]
    for item in items:
        ops = {op for mark in item.iter_markers("uses") for op in mark.args}
        dtypes = {d for mark in item.iter_markers("dtypes") for d in mark.args}
        features = {f for mark in item.iter_markers("needs") for f in mark.args}
        reason = subject.claims(ops, dtypes, features)
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))
            continue
        known = next((k for k in subject.known if k.covers(case_id(item))), None)
        if known is not None:
            known.met += 1
            mark = pytest.mark.xfail(strict=True, reason=_reason(known), run=known.run)
            item.add_marker(mark)


def _reason(known: Known) -> str:
    return f"known ({known.kind}): {known.reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Any:
    """Count every case once."""
    report: pytest.TestReport = yield
    results = item.config.stash[RESULTS]
    if report.when == "call" or (report.when == "setup" and not report.passed):
        outcome = "known" if hasattr(report, "wasxfail") and report.skipped else report.outcome
        ops = [op for mark in item.iter_markers("uses") for op in mark.args]
        results.add(_suite(item), ops[0] if len(ops) == 1 else "", outcome, report.duration)
        if outcome == "skipped" and isinstance(report.longrepr, tuple):
            reason = report.longrepr[2].removeprefix("Skipped: ")
            results.skips[reason] = results.skips.get(reason, 0) + 1
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail for known failures that match no case of a whole run."""
    config = session.config
    if config.getoption("-k") or config.getoption("collectonly") or session.testsfailed:
        return
    suites = {_suite(item) for item in session.items}
    stale = [
        k.case for k in config.stash[SUBJECT].known if not k.met and k.case.split("::")[0] in suites
    ]
    if stale:
        print(f"\nknown failures that match no case: {', '.join(stale)}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(name="tf")
def _tf() -> Iterator[Any]:
    """The API, with a fresh default graph."""
    with tf.Graph().as_default():
        yield tf


@pytest.fixture
def subject(pytestconfig: pytest.Config) -> Subject:
    """What is under test."""
    return pytestconfig.stash[SUBJECT]


@pytest.fixture
def session(tf: Any) -> Iterator[Any]:
    """An open session on the default graph."""
    opened = tf.Session()
    yield opened
    opened.close()


@pytest.fixture
def run(session: Any, pytestconfig: pytest.Config) -> Callable[..., Any]:
    """Run fetches in a session on the default graph, and note where the nodes ran."""
    results = pytestconfig.stash[RESULTS]

    def run_and_note(fetches: Any, feed_dict: Any = None) -> Any:
        value = session.run(fetches, feed_dict)
        if not ORACLE:
            explained = session.explain(fetches, list(feed_dict or ()))
            results.nodes += len(explained.nodes)
            results.host_nodes += len(explained.host_nodes)
        return value

    return run_and_note


@pytest.fixture
def same(subject: Subject) -> Callable[..., None]:
    """Compare with a wanted value, within the tolerance of its type."""

    def assert_same(got: Any, want: Any, tolerance: Any = None) -> None:
        problem = mismatch(got, want, tolerance, subject.tolerances)
        assert not problem, problem

    return assert_same
