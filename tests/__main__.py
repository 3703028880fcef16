"""All that a change must pass: `python3 tests`, or `python3 tests STAGE …` for a part of it.

Needs nothing but Python and pip: evergraph and its tools are installed into the active virtual
environment or, if none is active, into `.venv`, which is made if it is missing.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]

#: Distributions of others, which are found by their entry points once they are installed.
DISTRIBUTIONS = (ROOT / "tests" / "distributions" / "evergraph_strict",)

#: The commands of each stage; all run, whatever fails, and those of one stage at the same time.
STAGES: dict[str, tuple[tuple[str, ...], ...]] = {
    "lint": (("ruff", "format", "--check"), ("ruff", "check")),
    "types": (("mypy",), ("pyright",)),
    "imports": (("lint-imports",),),
    "unit": (("pytest", "-n", "2"),),
    "numpy": (("python", "-m", "evergraph_conformance", "numpy"),),
    # In halves: single operations, which take as long as all the rest.
    "jax": (
        ("python", "-m", "evergraph_conformance", "jax", "--suite", "ops"),
        ("python", "-m", "evergraph_conformance", "jax", "-k", "not test_ops"),
    ),
    "strict": (("python", "-m", "evergraph_conformance", "strict"),),
}

#: How XLA compiles in the stage `jax`: thousands of programs that run once each, in a quarter of
#: the time. The unit tests, and the kit under tox, have them compiled as users do.
XLA_FLAGS = (
    "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false "
    "--xla_cpu_parallel_codegen_split_count=1"
)


@dataclass
class Outcome:
    """How a stage went."""

    stage: str
    ok: bool
    seconds: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0


def main() -> int:
    """Install, run the stages, and print how they went."""
    parser = argparse.ArgumentParser(prog="tests", description=__doc__)
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=f"one of {', '.join(STAGES)}")
    asked = parser.parse_args().stages
    unknown = [stage for stage in asked if stage not in STAGES]
    if unknown:
        parser.error(f"no stage {', '.join(unknown)}; there are {', '.join(STAGES)}")
    folder = prepare_environment()
    outcomes = [run_stage(stage, folder) for stage in asked or STAGES]
    print_summary(outcomes)
    return 0 if all(outcome.ok for outcome in outcomes) else 1


def prepare_environment() -> Path:
    """Return the folder of the environment's programs, with everything installed there."""
    active = sys.prefix != sys.base_prefix
    prefix = Path(sys.prefix) if active else ROOT / ".venv"
    folder = prefix / ("Scripts" if os.name == "nt" else "bin")
    python = shutil.which("python", path=folder)
    if python is None:
        heading(f"making {prefix.name}")
        venv.create(prefix, with_pip=True)
        python = shutil.which("python", path=folder)
    # Installed again when what is installed may have changed, and only then.
    stamp = prefix / "evergraph-installed"
    wanted = fingerprint()
    if not stamp.exists() or stamp.read_text() != wanted:
        heading(f"installing into {prefix.name}")
        pip = [str(python), "-m", "pip", "install", "--quiet"]
        # One after the other: old versions of pip do not see that the first is what others need.
        for what in (["--editable", ".[dev]"], [str(d) for d in DISTRIBUTIONS]):
            subprocess.run([*pip, *what], cwd=ROOT, check=True)
        stamp.write_text(wanted)
    return folder


def fingerprint() -> str:
    """Return a digest of what is installed: where this is, its metadata, the distributions."""
    digest = hashlib.sha256(bytes(ROOT) + (ROOT / "pyproject.toml").read_bytes())
    for folder in DISTRIBUTIONS:
        for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.toml")]):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def run_stage(stage: str, folder: Path) -> Outcome:
    """Run the commands of a stage and count its tests."""
    outcome = Outcome(stage, ok=True, seconds=0.0)
    start = time.monotonic()
    extra = quick_xla(folder) if stage == "jax" else {}
    with tempfile.TemporaryDirectory() as scratch:
        started = []
        for number, command in enumerate(STAGES[stage]):
            report, output = (Path(scratch) / f"{number}.{kind}" for kind in ("xml", "txt"))
            # The first one is seen as it runs, the others when they have ended.
            to = None if not number else output
            if to is None:
                heading(f"{stage}: {' '.join(command)}")
            started.append((command, report, to, run(command, folder, report, to, extra)))
        for command, report, to, process in started:
            outcome.ok &= not process.wait()
            if to is not None:
                heading(f"{stage}: {' '.join(command)}")
                print(to.read_text(errors="replace"), flush=True)
            if report.exists():
                count_tests(report, outcome)
    outcome.seconds = time.monotonic() - start
    return outcome


def quick_xla(folder: Path) -> dict[str, str]:
    """Return the environment variables with which XLA compiles quickly; none if it refuses."""
    found = {"XLA_FLAGS": f"{XLA_FLAGS} {os.environ.get('XLA_FLAGS', '')}".strip()}
    python = shutil.which("python", path=folder) or "python"
    # XLA ends the process where it does not know a flag (any more).
    command = [python, "-c", "import jax; jax.devices()"]
    probe = subprocess.run(command, env=os.environ | found, capture_output=True)
    return {} if probe.returncode else found


def run(
    command: Sequence[str],
    folder: Path,
    report: Path,
    output: Path | None,
    extra: dict[str, str],
) -> subprocess.Popen[bytes]:
    """Start a program of the environment; pytest, wherever it runs, writes the report."""
    environment = os.environ | {
        "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTEST_ADDOPTS": f"{os.environ.get('PYTEST_ADDOPTS', '')} --junitxml={report}",
    }
    environment |= extra
    program = shutil.which(command[0], path=environment["PATH"]) or command[0]
    with contextlib.ExitStack() as stack:
        to = None if output is None else stack.enter_context(output.open("wb"))
        return subprocess.Popen(
            [program, *command[1:]], cwd=ROOT, env=environment, stdout=to, stderr=to
        )


def count_tests(report: Path, outcome: Outcome) -> None:
    """Add the counts of a JUnit report; known failures count as skipped there."""
    for suite in ElementTree.parse(report).iter("testsuite"):
        tests, failures, errors, skipped = (
            int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")
        )
        outcome.failed += failures + errors
        outcome.skipped += skipped
        outcome.passed += tests - failures - errors - skipped


def print_summary(outcomes: Sequence[Outcome]) -> None:
    """Print a line for each stage, what to run again, and the counts of all tests."""
    heading("summary")
    print(f"{'stage':<8} {'':<6} {'seconds':>8} {'passed':>8} {'failed':>8} {'skipped':>8}")
    for o in outcomes:
        counts = (o.passed, o.failed, o.skipped)
        columns = " ".join(f"{count:>8}" if any(counts) else " " * 8 for count in counts)
        print(f"{o.stage:<8} {'ok' if o.ok else 'FAILED':<6} {o.seconds:>8.1f} {columns}".rstrip())
    wrong = [outcome.stage for outcome in outcomes if not outcome.ok]
    if wrong:
        print(f"\nagain: python3 tests {' '.join(wrong)}")
    total = {n: sum(getattr(o, n) for o in outcomes) for n in ("passed", "failed", "skipped")}
    print("\n" + ", ".join(f"{count} {name}" for name, count in total.items()))


def heading(text: str) -> None:
    """Print what comes next, ahead of the output of other programs."""
    print(f"\n--- {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
