"""A process that measures rows on one implementation, when it is asked to.

`PYTHON worker.py API BACKEND`: `tensorflow cpu`, `evergraph numpy`, `evergraph jax`, `hand numpy`
or `hand jax`. It says on stdout what it is, then answers requests, a line of JSON each. Between
requests it waits, so that several of these can take turns on one core.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from importlib import import_module, metadata
from typing import Any, Final

import numpy as np
from every_row import ROWS
from rows import FULL, Api, Prepared, Size

#: Calls, or seconds, before measuring: a plan that is hot after a few calls is measured hot.
WARM_CALLS: Final = 20
WARM_SECONDS: Final = 0.5
#: A call too short for the clock is measured in batches of this many seconds.
BATCH_SECONDS: Final = 0.005


def main() -> None:
    """Answer requests until there are no more."""
    pin()
    # What a library prints is not an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    api, backend = sys.argv[1:]
    subject = Subject(api, backend)
    print(json.dumps(subject.versions()), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(subject, request.pop("do"))(**request)
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)


def pin() -> None:
    """Stay on one core, the same for all workers."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


class Subject:
    """One implementation, and the row that it measures at the moment.

    Args:
      name: `tensorflow`, `evergraph` or `hand`.
      backend: what runs it.
      size: how large the work is.
    """

    def __init__(self, name: str, backend: str, size: Size = FULL) -> None:
        self._name = name
        self._backend = backend
        self._size = size
        self._work: Callable[[], Any] | Prepared | None = None
        self._api = APIS[name](backend) if name in APIS else None

    def versions(self) -> dict[str, str]:
        """Return versions by name of what is measured."""
        found = {"Python": sys.version.split()[0], "NumPy": np.__version__}
        for name in {"tensorflow": ["tensorflow"], "jax": ["jax", "jaxlib"]}.get(
            self._name if self._name == "tensorflow" else self._backend, []
        ):
            found[NAMES[name]] = import_module(name).__version__
        if self._name == "evergraph":
            found["evergraph"] = metadata.version("evergraph")
        return found

    def prepare(self, row: str) -> dict[str, Any]:
        """Build the work of a row and warm it up; answer with what it computes."""
        found = next(r for r in ROWS if r.name == row)
        if self._api is not None:
            self._work = found.program(self._api, self._size)
        elif self._backend in found.by_hand:
            self._work = found.by_hand[self._backend](self._size)
        else:
            return {"missing": True}
        digest = digested(self._once())
        start = time.perf_counter()
        if not isinstance(self._work, Prepared):
            for _ in range(WARM_CALLS - 1):
                if time.perf_counter() - start > WARM_SECONDS:
                    break
                self._once()
        return {"digest": digest}

    def measure(self, seconds: float) -> dict[str, Any]:
        """Answer with the least CPU and wall seconds of a call, within so many seconds."""
        gc.collect()
        work = self._work
        end = time.perf_counter() + seconds
        least = [float("inf"), float("inf")]
        batch = 1
        while True:
            if isinstance(work, Prepared):
                given, step = work.before(), work.step
                cpu, wall = timed(lambda given=given, step=step: step(given), 1)
            else:
                assert work is not None
                cpu, wall = timed(work, batch)
            least = [min(least[0], cpu), min(least[1], wall)]
            if time.perf_counter() >= end:
                return {"cpu": least[0], "wall": least[1]}
            batch = max(1, int(BATCH_SECONDS / wall))

    def _once(self) -> Any:
        work = self._work
        assert work is not None
        return work.step(work.before()) if isinstance(work, Prepared) else work()


def timed(call: Callable[[], Any], calls: int) -> tuple[float, float]:
    """Return the CPU seconds (of all threads) and wall seconds of one of several calls in a row."""
    loop = range(calls)
    wall = time.perf_counter()
    cpu = time.process_time()
    for _ in loop:
        # Kept until the next one is there, as a program does.
        result = call()
    del result
    return (time.process_time() - cpu) / calls, (time.perf_counter() - wall) / calls


def digested(value: Any) -> Any:
    """Return something small that is nearly the same for nearly the same values."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict):
        return {k: digested(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [digested(v) for v in value]
    array = np.asarray(value, np.float64)
    return {"shape": list(array.shape), "size": float(np.abs(array).mean())}


def tensorflow(backend: str) -> Api:
    """Return TensorFlow's API, on one thread."""
    import tensorflow.compat.v1 as tf  # type: ignore[import-not-found]

    tf.disable_v2_behavior()
    options = {"intra_op_parallelism_threads": 1, "inter_op_parallelism_threads": 1}
    return Api(tf, tf.ConfigProto(**options))


def evergraph(backend: str) -> Api:
    """Return evergraph's API on a backend."""
    import evergraph.v1 as tf

    return Api(tf, tf.ConfigProto(backend=backend))


APIS: Final = {"tensorflow": tensorflow, "evergraph": evergraph}
NAMES: Final = {"tensorflow": "TensorFlow", "jax": "JAX", "jaxlib": "jaxlib"}

if __name__ == "__main__":
    main()
