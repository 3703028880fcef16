"""A plugin of another distribution: its op runs everywhere, and its observer sees all nodes."""

import json
from pathlib import Path

import pytest

import evergraph_conformance

INI = Path(evergraph_conformance.__file__).parent / "kit.ini"
KIT = [
    "-m",
    "pytest",
    "-p",
    "evergraph_conformance.plugin",
    "-p",
    "no:cacheprovider",
    "-c",
    str(INI),
]


@pytest.mark.parametrize("backend", ["numpy", "jax", "strict"])
def test_its_cases_pass_in_the_kit(offer, call, backend):
    cases = offer("evergraph_extras") / "cases"
    offer("evergraph_strict")
    done = call(*KIT, "-q", f"--backend={backend}", str(cases))
    assert done.returncode == 0, done.stdout
    assert "6 passed" in done.stdout


def test_its_observer_is_told_of_every_node(offer, call):
    offer("evergraph_extras")
    program = (
        "import json\n"
        "import evergraph.v1 as tf\n"
        "from evergraph_extras.counter import COUNTER\n"
        "for backend in ('numpy', 'jax'):\n"
        "    with tf.Graph().as_default():\n"
        "        x = tf.placeholder(tf.float32, [2])\n"
        "        y = tf.exp(tf.raw_ops.Interleave(x=x, y=x + 1.0))\n"
        "        with tf.Session(config=tf.ConfigProto(backend=backend)) as sess:\n"
        "            for _ in range(3):\n"
        "                sess.run(y, {x: [1.0, 2.0]})\n"
        "    print(json.dumps(COUNTER.counts))\n"
    )
    done = call("-c", program, EVERGRAPH_EXTRAS_COUNT="1")
    counts = [json.loads(line) for line in done.stdout.splitlines()]
    assert counts == [dict.fromkeys(("AddV2", "Interleave", "Exp"), n) for n in (3, 6)], done.stderr


def test_its_observer_is_not_there_unasked(offer, call):
    offer("evergraph_extras")
    program = (
        "import sys\n"
        "import evergraph.v1 as tf\n"
        "with tf.Graph().as_default(), tf.Session() as sess:\n"
        "    sess.run(tf.constant(1.0) + 1.0)\n"
        "print([f'evergraph_extras.{name}' in sys.modules for name in ('plugin', 'counter')])\n"
    )
    assert call("-c", program).stdout == "[True, False]\n"


@pytest.mark.parametrize("backend", ["numpy", "jax", "strict"])
def test_its_op_runs_where_sessions_were_before_it_was_met(offer, call, backend):
    offer("evergraph_extras")
    offer("evergraph_strict")
    program = (
        "import evergraph.v1 as tf\n"
        "with tf.Session() as sess:\n"
        "    sess.run(tf.constant(1.0) + 1.0)\n"
        "    print(sess.run(tf.raw_ops.Interleave(x=[1.0], y=[2.0], weight=3.0)))\n"
    )
    done = call("-c", program, EVERGRAPH_BACKEND=backend)
    assert done.stdout == "[1. 6.]\n", done.stderr


def test_a_plugin_that_is_left_out_brings_no_op(offer, call):
    offer("evergraph_extras")
    program = "import evergraph.v1 as tf\nprint(hasattr(tf.raw_ops, 'Interleave'))\n"
    assert call("-c", program).stdout == "True\n"
    assert call("-c", program, EVERGRAPH_PLUGINS="trace").stdout == "False\n"
