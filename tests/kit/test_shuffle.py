"""The kit relies on no order that is undefined, and the planner loses none that is defined."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import evergraph_conformance

#: Suites that run one op at a time, which leaves nothing to shuffle, or that take long.
LONG = {"concurrency", "gradients", "models", "ops"}
SUITES = sorted(
    path.stem.removeprefix("test_")
    for path in (Path(evergraph_conformance.__file__).parent / "suites").glob("test_*.py")
)


def test_the_kit_passes_in_any_legal_order(install, kit):
    install("evergraph-shuffle", "[evergraph.backends]\nshuffle = evergraph_shuffle.plugin\n")
    is_long = os.environ.get("EVERGRAPH_TESTS") == "long"
    seed = os.environ.get("EVERGRAPH_SEED") or str(datetime.now(UTC).date().toordinal())
    suites = [f"--suite={suite}" for suite in SUITES if is_long or suite not in LONG]
    done = kit("shuffle", *suites, EVERGRAPH_SHUFFLE_SEED=seed)
    assert not done.returncode, f"again with EVERGRAPH_SEED={seed}\n{done.stdout[-4000:]}"


SEVERAL_ORDERS = """
import evergraph.v1 as tf

a = [tf.placeholder(tf.float32, [], name=f"p{i}") for i in range(4)]
sums = [x + 1.0 for x in a]
queue = tf.FIFOQueue(9, tf.float32, shapes=[()])
puts = [queue.enqueue(x) for x in a]
options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
seen, put = set(), set()
with tf.Session() as sess:
    for _ in range(50):
        trace = tf.RunMetadata()
        feeds = {x: float(i) for i, x in enumerate(a)}
        sess.run([sums, puts], feeds, options, trace)
        seen.add(tuple(n.node_name for d in trace.step_stats.dev_stats for n in d.node_stats))
        put.add(tuple(sess.run(queue.dequeue_many(4)).tolist()))
print(len(seen) > 20, len(put) > 10)
"""


def test_nodes_and_stages_run_in_many_orders(install):
    install("evergraph-shuffle", "[evergraph.backends]\nshuffle = evergraph_shuffle.plugin\n")
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL_ORDERS],
        env=os.environ | {"PYTHONPATH": path, "EVERGRAPH_BACKEND": "shuffle"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "True True\n", done.stderr
