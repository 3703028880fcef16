"""The processes that measure, and the environment with TensorFlow."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import venv
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
CACHE: Final = HERE.parents[1] / ".tox" / "bench-tensorflow"
TENSORFLOW: Final = "tensorflow-cpu==2.21.*"
VARIABLE: Final = "EVERGRAPH_TENSORFLOW_PYTHON"
#: A request that takes longer has failed.
LIMIT_SECONDS: Final = 600


class WorkerError(Exception):
    """A worker could not do what it was asked to."""


class Worker:
    """A process that measures; it waits while others do.

    Args:
      python: the Python that runs it.
      api, backend: what it measures.
    """

    def __init__(self, python: str, api: str, backend: str) -> None:
        self.name = f"{backend} by hand" if api == "hand" else backend
        self.name = api if api == "tensorflow" else self.name
        # Libraries write warnings there, which matter only if the process ends.
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 (lives as long as the process)
        self._process = subprocess.Popen(
            [python, str(HERE / "worker.py"), api, backend],
            env=environment(own=api != "tensorflow"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self.versions: dict[str, str] = self._read()

    def ask(self, do: str, **request: Any) -> dict[str, Any]:
        """Ask for something, and return the answer.

        Raises:
          WorkerError: it failed, or took too long.
        """
        assert self._process.stdin is not None
        # If the process has ended, reading says why.
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps({"do": do, **request}) + "\n")
            self._process.stdin.flush()
        answer = self._read()
        if "error" in answer:
            raise WorkerError(f"{self.name}: {answer['error']}")
        return answer

    def stop(self) -> None:
        """End the process, if it has not ended."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        timer = threading.Timer(LIMIT_SECONDS, self._process.kill)
        timer.start()
        line = self._process.stdout.readline()
        timer.cancel()
        if line:
            return json.loads(line)  # type: ignore[no-any-return]
        self._process.wait()
        self._errors.seek(0)
        last = self._errors.read()[-2000:]
        status = self._process.returncode
        raise WorkerError(f"{self.name}: the process ended with status {status}\n{last}")


def environment(own: bool) -> dict[str, str]:
    """Return the variables for a process that measures: one thread, nothing else tuned.

    Args:
      own: whether it is to find evergraph where this process does.
    """
    # What is set for tests, to have equal numbers on any machine, makes matrix products slower.
    tuned = {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"}
    # An installed package has its bytecode; that of a checkout is written by the first process.
    tuned |= {"PYTHONDONTWRITEBYTECODE"}
    # TensorFlow's environment has libraries of its own.
    elsewhere = set() if own else {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    kept = {k: v for k, v in os.environ.items() if k not in tuned | elsewhere}
    threads = dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
        "1",
    )
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    return kept | threads | quiet


def fresh(python: str, own: bool, *arguments: str) -> dict[str, float]:
    """Run `fresh.py` in a new process and return what it measured.

    Raises:
      WorkerError: it failed.
    """
    command = [python, str(HERE / "fresh.py"), *arguments]
    done = subprocess.run(command, env=environment(own), capture_output=True, text=True)
    if done.returncode:
        raise WorkerError(f"fresh.py {' '.join(arguments)}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def tensorflow_python(given: str | None) -> str:
    """Return a Python that has TensorFlow: the one given, or that of an environment made here."""
    named = given or os.environ.get(VARIABLE)
    if named:
        return named
    folder = CACHE / ("Scripts" if os.name == "nt" else "bin")
    stamp = CACHE / "installed"
    if not stamp.exists():
        print(f"making an environment with {TENSORFLOW}", file=sys.stderr)
        make_environment()
        found = str(shutil.which("python", path=folder))
        subprocess.run([found, "-m", "pip", "install", "--quiet", TENSORFLOW], check=True)
        stamp.touch()
    return str(shutil.which("python", path=folder))


def make_environment() -> None:
    """Make a virtual environment with a Python that TensorFlow supports."""
    if sys.version_info < (3, 14):
        venv.create(CACHE, with_pip=True, clear=True)
        return
    found = next(filter(None, map(shutil.which, ("python3.13", "python3.12", "python3.11"))), None)
    if found is None:
        raise SystemExit(
            f"TensorFlow supports Python 3.10 to 3.13, and none is on the path; name one that has "
            f"{TENSORFLOW} with --tensorflow or {VARIABLE}"
        )
    subprocess.run([found, "-m", "venv", "--clear", str(CACHE)], check=True)
