"""How many processors a process may use, and that the libraries start no more threads."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import pytest

import evergraph.v1 as tf
from evergraph.runtime.cpus import affinity, usable_cpus
from evergraph_numpy import backend as numpy_backend

#: More processors than any machine has that this runs on.
ALL = 10_000


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Return what writes files of a machine with many processors, and counts the usable ones."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(ALL), raising=False)

    def usable(cgroup: str, **files: str) -> int:
        written = {"proc/self/cgroup": cgroup}
        written |= {f"sys/fs/cgroup/{path}": text for path, text in files.items()}
        for path, text in written.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        return usable_cpus(tmp_path)

    return usable


@pytest.mark.parametrize(
    ("cgroup", "files", "count"),
    [
        ("0::/\n", {}, ALL),
        ("0::/\n", {"cpu.max": "max 100000\n"}, ALL),
        ("0::/\n", {"cpu.max": "200000 100000\n"}, 2),
        ("0::/\n", {"cpu.max": "150000 100000\n"}, 2),
        ("0::/\n", {"cpu.max": "1000 100000\n"}, 1),
        ("0::/\n", {"cpu.max": "nonsense\n"}, ALL),
        ("0::/a/b\n", {"a/b/cpu.max": "max 100000\n", "a/cpu.max": "300000 100000\n"}, 3),
        ("0::/a/b\n", {"a/b/cpu.max": "400000 100000\n", "a/cpu.max": "600000 100000\n"}, 4),
        # In a container the path is the host's, and the outermost folder is the container's.
        ("0::/../host/id\n", {"cpu.max": "500000 100000\n"}, 5),
        (
            "3:cpu,cpuacct:/\n0::/\n",
            {"cpu,cpuacct/cpu.cfs_quota_us": "200000", "cpu,cpuacct/cpu.cfs_period_us": "100000"},
            2,
        ),
        (
            "4:memory:/m\n1:cpu:/d\n",
            {"cpu/d/cpu.cfs_quota_us": "70000\n", "cpu/d/cpu.cfs_period_us": "10000\n"},
            7,
        ),
        ("1:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, ALL),
        ("1:cpuset:/\n", {"cpuset/cpu.cfs_quota_us": "1", "cpuset/cpu.cfs_period_us": "1"}, ALL),
        ("1:cpu:/\n", {"cpu/cpu.cfs_quota_us": "100000\n"}, ALL),
    ],
)
def test_the_quota_of_the_control_groups_counts(machine, cgroup, files, count):
    assert machine(cgroup, **files) == count


def test_a_machine_without_control_groups_has_no_quota(tmp_path):
    assert usable_cpus(tmp_path) == affinity()


def test_the_affinity_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5, 8}, raising=False)
    assert usable_cpus(tmp_path) == 3


# Threads of BLAS


@pytest.fixture
def limits(tmp_path, monkeypatch):
    """Return what a library that stands for threadpoolctl is told."""
    module = "told = []\n\ndef threadpool_limits(limits):\n    told.append(limits)\n"
    (tmp_path / "threadpoolctl.py").write_text(module)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "threadpoolctl", raising=False)
    for name in numpy_backend._SAID:
        monkeypatch.delenv(name, raising=False)
    numpy_backend.respect_quota.cache_clear()
    yield importlib.import_module("threadpoolctl").told
    sys.modules.pop("threadpoolctl")
    numpy_backend.respect_quota.cache_clear()


def open_sessions(*threads: int) -> None:
    for count in threads:
        config = tf.ConfigProto(backend="numpy", intra_op_parallelism_threads=count)
        tf.Session(graph=tf.Graph(), config=config).close()


def test_blas_has_as_many_threads_as_a_session_asks_for(limits):
    open_sessions(0, 3, 0)
    assert limits == [3]


def test_blas_has_no_more_threads_than_the_quota_allows(limits, monkeypatch):
    monkeypatch.setattr(numpy_backend, "affinity", lambda: 8)
    monkeypatch.setattr(numpy_backend, "usable_cpus", lambda: 2)
    open_sessions(0, 3, 0)
    assert limits == [2, 3]


def test_what_the_environment_says_of_blas_counts(limits, monkeypatch):
    monkeypatch.setattr(numpy_backend, "affinity", lambda: 8)
    monkeypatch.setattr(numpy_backend, "usable_cpus", lambda: 2)
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    open_sessions(0)
    assert limits == []


# Threads of XLA

_COUNT = """
import os
from pathlib import Path
import evergraph.v1 as tf
config = tf.ConfigProto(backend="jax", intra_op_parallelism_threads={count})
tf.Session(graph=tf.Graph(), config=config)
names = [task.read_text().strip() for task in Path("/proc/self/task").glob("*/comm")]
print(sum(name.endswith("XLAEigen") for name in names), os.environ.get("PJRT_NPROC"))
"""


@pytest.mark.skipif(not importlib.util.find_spec("jax"), reason="JAX is not installed")
@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="the system lists no threads")
@pytest.mark.parametrize(
    ("count", "said", "threads"), [(3, {}, 3), (0, {}, usable_cpus()), (3, {"NPROC": "4"}, 4)]
)
def test_xla_has_as_many_threads_as_a_session_asks_for(count, said, threads):
    environment = {k: v for k, v in os.environ.items() if k not in ("NPROC", "PJRT_NPROC")}
    done = subprocess.run(
        [sys.executable, "-c", _COUNT.format(count=count)],
        env=environment | said,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [str(threads), "None"]
