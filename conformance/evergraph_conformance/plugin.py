"""The pytest plugin of the kit: `pytest -p evergraph_conformance.plugin --backend NAME`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from evergraph_conformance import subject as subjects
from evergraph_conformance.api import MISSING, ORACLE, aimed, tf
from evergraph_conformance.report import Results, Row
from evergraph_conformance.subject import Known, Subject
from evergraph_conformance.tolerances import mismatch

SUBJECT = pytest.StashKey[Subject]()
RESULTS = pytest.StashKey[Results]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--backend` and `--target`."""
    parser.addoption("--backend", default="numpy", help="the backend to certify")
    parser.addoption("--target", default="", help="the target of the sessions")


def pytest_configure(config: pytest.Config) -> None:
    """Load what is under test; its backend is what every session uses."""
    config.addinivalue_line("markers", "needs(*features): features that a case needs")
    config.addinivalue_line("markers", "uses(*ops): op types that a case needs")
    config.addinivalue_line("markers", "dtypes(*names): element types that a case needs")
    name: str = config.option.backend
    os.environ["EVERGRAPH_BACKEND"] = name
    try:
        config.stash[SUBJECT] = subjects.load(name, config.option.target)
    except subjects.NothingClaimedError as error:
        raise pytest.UsageError(str(error)) from error
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
def pytest_runtest_setup(item: pytest.Item) -> Any:
    """Skip a case whose fixtures need what is not claimed."""
    return (yield from _excused(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Any:
    """Skip a case that needs more than it says, if it is that which is not claimed."""
    return (yield from _excused(item))


def _excused(item: pytest.Item) -> Iterator[Any]:
    try:
        return (yield)
    except MISSING as error:
        reason = item.config.stash[SUBJECT].claims(error.ops, error.dtypes, set())
        if not reason:
            raise
        pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Any:
    """Count every case once. A skip that no missing claim explains is a failure."""
    report: pytest.TestReport = yield
    if report.failed and call.excinfo is not None:
        reason = _unclaimed(item.config.stash[SUBJECT], call.excinfo.value)
        if reason:
            report.outcome = "skipped"
            report.longrepr = (str(item.path), 0, f"Skipped: {reason}")
    if report.when == "call" or (report.when == "setup" and not report.passed):
        _count(item, report)
    return report


def _unclaimed(subject: Subject, error: BaseException | None) -> str:
    """Return why a case was not claimed that failed for want of a kernel, or "".

    The marks of a case name the op types that it is about. What else its graph is made of is known
    when a session refuses to plan it, with an error that names the types that have no kernel.
    """
    while error is not None:
        op = getattr(error, "op", None)
        if isinstance(error, tf.errors.UnimplementedError) and op is not None:
            types = {o.type for o in op.graph.get_operations()}
            named = {t for t in types if f" {t} (" in str(error)}
            if subject.claims(named, set(), set()):
                return subject.claims(types, set(), set())
        error = error.__cause__ or error.__context__
    return ""


def _count(item: pytest.Item, report: pytest.TestReport) -> None:
    is_known = hasattr(report, "wasxfail") and report.skipped
    reason = ""
    if report.skipped and not is_known:
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
        reason = reason.removeprefix("Skipped: ")
        if reason not in item.config.stash[SUBJECT].missing:
            report.outcome = "failed"
            report.longrepr = f"skipped for a reason that is no missing claim: {reason}"
            reason = ""
    outcome = "known" if is_known else report.outcome
    for row in _rows(item):
        setattr(row, outcome, getattr(row, outcome) + 1)
        row.seconds += report.duration
        if reason:
            row.skips[reason] = row.skips.get(reason, 0) + 1
    if reason:
        item.config.stash[RESULTS].lacks[item.config.stash[SUBJECT].missing[reason]] += 1


def _rows(item: pytest.Item) -> list[Row]:
    ops = [op for mark in item.iter_markers("uses") for op in mark.args]
    return item.config.stash[RESULTS].rows(_suite(item), ops)


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
def _tf(pytestconfig: pytest.Config) -> Iterator[Any]:
    """The API, with a fresh default graph."""
    target: str = pytestconfig.option.target
    with tf.Graph().as_default():
        yield aimed(target) if target else tf


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
def run(session: Any, request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Run fetches in a session on the default graph, and note where the nodes ran."""
    rows = _rows(request.node)

    def run_and_note(fetches: Any, feed_dict: Any = None) -> Any:
        value = session.run(fetches, feed_dict)
        if not ORACLE:
            explained = session.explain(fetches, list(feed_dict or ()))
            for row in rows:
                row.nodes += len(explained.nodes)
                row.host_nodes += len(explained.host_nodes)
        return value

    return run_and_note


@pytest.fixture
def same(subject: Subject) -> Callable[..., None]:
    """Compare with a wanted value, within the tolerance of its type."""

    def assert_same(got: Any, want: Any, tolerance: Any = None) -> None:
        problem = mismatch(got, want, tolerance, subject.tolerances)
        assert not problem, problem

    return assert_same
