"""The pytest plugin of the kit: `pytest -p evergraph_conformance.plugin --backend NAME`.

When pytest has ended, it prints the table and writes the report.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evergraph_conformance import subject as subjects
from evergraph_conformance.api import MISSING, ORACLE, aimed, tf
from evergraph_conformance.known import Known, strays
from evergraph_conformance.messages import normalised
from evergraph_conformance.report import WRITERS, Results, Row, as_text, write
from evergraph_conformance.subject import Subject
from evergraph_conformance.tolerances import mismatch

#: Where the suites of the kit are.
FOLDER = Path(__file__).parent / "suites"
SUBJECT = pytest.StashKey[Subject]()
RESULTS = pytest.StashKey[Results]()
#: The names of the suites of the kit.
SUITES = sorted(
    path.stem.removeprefix("test_") for path in (Path(__file__).parent / "suites").glob("test_*.py")
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--backend`, `--target` and `--report`."""
    parser.addoption("--backend", default="numpy", help="the backend to certify")
    parser.addoption("--target", default="", help="the target of the sessions")
    endings = ", ".join(WRITERS)
    parser.addoption("--report", type=Path, help=f"a file to write that ends in {endings}")


def pytest_configure(config: pytest.Config) -> None:
    """Load what is under test; its backend is what every session uses."""
    config.addinivalue_line("markers", "needs(*features): features that a case needs")
    config.addinivalue_line("markers", "uses(*ops): op types that a case needs")
    config.addinivalue_line("markers", "dtypes(*names): element types that a case needs")
    report: Path | None = config.option.report
    if report is not None and report.suffix not in WRITERS:
        endings = ", ".join(WRITERS)
        raise pytest.UsageError(f"--report: {report} does not end in one of {endings}")
    if report is not None and not report.parent.is_dir():
        raise pytest.UsageError(f"--report: there is no folder {report.parent}")
    name: str = config.option.backend
    os.environ["EVERGRAPH_BACKEND"] = name
    try:
        config.stash[SUBJECT] = subjects.load(name, config.option.target)
    except tf.errors.OpError as error:
        raise pytest.UsageError(error.message) from error
    except (subjects.NotCertifiedError, ValueError) as error:
        raise pytest.UsageError(str(error)) from error
    config.stash[RESULTS] = Results()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Note whether all ran that was to run."""
    ran = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    session.config.stash[RESULTS].ended = ran


def pytest_unconfigure(config: pytest.Config) -> None:
    """Print what came out, after whatever pytest has to say, and write the report."""
    results = config.stash.get(RESULTS, None)
    if results is None or not results.ended or not results.suites:
        return
    whole = [Path(path) for path in config.args] == [FOLDER]
    parts = [] if whole else [_name(Path(path.split("::")[0])) for path in config.args]
    parts += [f"-k {config.option.keyword}"] if config.option.keyword else []
    results.part = ", ".join(parts)
    name: str = config.option.backend
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None:
        terminal.write_line(f"\n{as_text(name, results)}")
    if config.option.report is not None:
        write(config.option.report, name, results)


def case_id(item: pytest.Item) -> str:
    """Return the name of a case: `suite::test[parameters]`."""
    return f"{_suite(item)}::{item.name}"


def _suite(item: pytest.Item) -> str:
    return _name(item.path)


def _name(path: Path) -> str:
    return path.stem.removeprefix("test_")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what is not claimed, and expect the known failures to fail.

    Raises:
      pytest.UsageError: there are known failures of cases that do not exist, or are not claimed.
    """
    subject = config.stash[SUBJECT]
    claimed, unclaimed = set(), set()
    for item in items:
        ops = {op for mark in item.iter_markers("uses") for op in mark.args}
        dtypes = {d for mark in item.iter_markers("dtypes") for d in mark.args}
        features = {f for mark in item.iter_markers("needs") for f in mark.args}
        reason = subject.claims(ops, dtypes, features)
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))
            unclaimed.add(case_id(item))
            continue
        claimed.add(case_id(item))
        known = _known(item)
        if known is not None:
            item.add_marker(pytest.mark.xfail(strict=True, reason=str(known), run=known.run))
    if any("::" in path for path in config.args):
        return  # a few cases of a suite do not show which ones there are
    wrong = strays(subject.known, claimed, unclaimed, SUITES)
    if wrong:
        raise pytest.UsageError(
            "\n  ".join(["conformance.toml has entries that match no case:", *wrong])
        )


def _known(item: pytest.Item) -> Known | None:
    known = item.config.stash[SUBJECT].known
    return next((k for k in known if k.covers(case_id(item))), None)


def pytest_report_teststatus(report: Any) -> tuple[str, str, str] | None:
    """Show no progress for what is not claimed: it may be most of the kit."""
    unclaimed = report.skipped and not hasattr(report, "wasxfail")
    return ("skipped", "", "SKIPPED") if unclaimed else None


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
        if hasattr(report, "wasxfail") and report.skipped:
            _check_known(item, report, call)
        _count(item, report)
    return report


def _check_known(item: pytest.Item, report: pytest.TestReport, call: Any) -> None:
    """Turn into a failure what fails otherwise than `conformance.toml` says, or unknown to it."""
    known = _known(item)
    if known is None:
        problem = "is expected to fail, but conformance.toml does not say so"
    elif known.run and call.excinfo is not None and not known.expects(call.excinfo.value):
        problem = f"fails with {call.excinfo.typename}, and was known to with {known.error}"
    else:
        return
    del report.wasxfail
    report.outcome = "failed"
    report.longrepr = f"it {problem}"


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
    results = item.config.stash[RESULTS]
    if is_known:
        results.known[case_id(item)] = report.wasxfail.removeprefix("reason: ")
    elif report.failed:
        results.failures[case_id(item)] = _summary(report)
    for row in _rows(item):
        setattr(row, outcome, getattr(row, outcome) + 1)
        row.seconds += report.duration
        if reason:
            row.skips[reason] = row.skips.get(reason, 0) + 1
    if reason:
        results.lacks[item.config.stash[SUBJECT].missing[reason]] += 1


def _summary(report: pytest.TestReport) -> str:
    """Return the first line of what a case failed with."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(report.longrepr) if crash is None else crash.message
    kind, colon, said = text.partition(": ")
    lines = f"{kind}{colon}{normalised(said)}".splitlines()
    return next((line.strip() for line in lines if line.strip()), "")


def _rows(item: pytest.Item) -> list[Row]:
    ops = [op for mark in item.iter_markers("uses") for op in mark.args]
    return item.config.stash[RESULTS].rows(_suite(item), ops)


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
