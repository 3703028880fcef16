"""What a run tells about itself: RunMetadata, the timeline, and the log of placements."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from evergraph_conformance.api import ORACLE
from evergraph_conformance.messages import core, raises, typed

pytestmark = pytest.mark.uses("AddV2", "MatMul")


@pytest.fixture
def product(tf):
    """A matrix times another one, named `product`."""
    x = tf.placeholder(tf.float32, [2, 2], "x")
    return tf.matmul(x, x + 1.0, name="product")


def traced(tf: Any, session: Any, fetch: Any, **options: Any) -> Any:
    """Return the metadata of a traced run."""
    metadata = tf.RunMetadata()
    feeds = {"x:0": np.eye(2)}
    chosen = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE, **options)
    session.run(fetch, feeds, options=chosen, run_metadata=metadata)
    return metadata


def stats_of(metadata: Any, name: str) -> Any:
    """Return the stats of a node."""
    found = [n for d in metadata.step_stats.dev_stats for n in d.node_stats if n.node_name == name]
    assert len(found) == 1, f"{len(found)} stats of {name}"
    return found[0]


def test_a_trace_tells_when_each_node_ran(tf, session, product):
    """Row 326."""
    metadata = traced(tf, session, product)
    stats = stats_of(metadata, "product")
    assert stats.all_start_micros > 10**15  # microseconds since 1970
    assert stats.all_end_rel_micros >= stats.op_end_rel_micros >= stats.op_start_rel_micros >= 0
    assert "MatMul(" in stats.timeline_label
    assert stats.timeline_label.startswith("product = ")


def test_a_trace_tells_what_each_node_gave(tf, session, product):
    (output,) = stats_of(traced(tf, session, product), "product").output
    description = output.tensor_description
    assert description.dtype == tf.float32.as_datatype_enum
    assert [d.size for d in description.shape.dim] == [2, 2]
    assert description.allocation_description.requested_bytes == 16


@pytest.mark.dtypes("string", "bool")
@pytest.mark.parametrize("value", [[True, False], ["a", "bc"], [1 + 2j], []])
def test_values_of_all_types_are_traced(tf, session, value):
    x = tf.placeholder(tf.constant(value).dtype, [None])
    metadata = tf.RunMetadata()
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    got = session.run(tf.reverse(x, [0]), {x: value}, options=options, run_metadata=metadata)
    assert len(got) == len(value)
    assert metadata.step_stats.dev_stats


def test_devices_have_full_names(tf, session, product):
    devices = [d.device for d in traced(tf, session, product).step_stats.dev_stats]
    assert all(name.startswith("/job:localhost/replica:0/task:0/device:") for name in devices)


def test_a_trace_replaces_what_the_message_held(tf, session, product):
    metadata = tf.RunMetadata()
    metadata.step_stats.dev_stats.add(device="old")
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    session.run(product, {"x:0": np.eye(2)}, options=options, run_metadata=metadata)
    assert "old" not in [d.device for d in metadata.step_stats.dev_stats]


@pytest.mark.uses("VariableV2", "Assign", "Identity")
def test_constants_and_variables_are_in_a_trace(tf, session):
    """Row 326."""
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]], name="v")
    product = tf.matmul(tf.placeholder(tf.float32, [2, 2], "x"), v) + tf.constant(1.0, name="one")
    session.run(v.initializer)
    metadata = traced(tf, session, product)
    for name in ("one", "v", "v/read"):
        stats = stats_of(metadata, name)
        assert stats.all_start_micros > 10**15
        assert stats.timeline_label.startswith(f"{name} = ")


@pytest.mark.needs("in_process")
def test_a_trace_tells_on_which_logical_device_a_node_ran(tf):
    x = tf.placeholder(tf.float32, [2, 2], "x")
    with tf.device("/cpu:1"):
        there = tf.matmul(x, x, name="there")
    with tf.device("/cpu:0"):
        here = tf.matmul(there, x, name="here")
    with tf.Session(config=tf.ConfigProto(device_count={"CPU": 2})) as session:
        metadata = traced(tf, session, here)
    devices = {n.node_name: d.device for d in metadata.step_stats.dev_stats for n in d.node_stats}
    assert devices["there"] == "/job:localhost/replica:0/task:0/device:CPU:1"
    assert devices["here"] == "/job:localhost/replica:0/task:0/device:CPU:0"


def test_a_traced_run_gives_the_same_values(tf, session):
    x = tf.placeholder(tf.float32, [2, 2], "x")
    y = tf.matmul(x, [[1.0, 2.0], [3.0, 4.0]]) + 1.0
    metadata = tf.RunMetadata()
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    got = session.run(y, {x: np.eye(2)}, options=options, run_metadata=metadata)
    assert got.tolist() == [[2.0, 3.0], [4.0, 5.0]]


@pytest.mark.uses("VariableV2", "Assign", "AssignAdd")
def test_a_traced_run_changes_variables(tf, session):
    v, w = (tf.get_variable(n, [], initializer=tf.zeros_initializer()) for n in "vw")
    session.run([v.initializer, w.initializer])
    metadata = tf.RunMetadata()
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    updates = v.assign_add(2.0), w.assign_add(3.0)
    session.run(updates, options=options, run_metadata=metadata)
    assert session.run([v, w]) == [2.0, 3.0]


@pytest.mark.uses("GatherV2")
def test_a_traced_run_that_fails_names_its_node(tf, session):
    picked = tf.gather([1.0, 2.0], tf.placeholder(tf.int32, [], "index"), name="picked")
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    with raises(core("InvalidArgumentError", "indices = 7 is not in [0, 2)")) as found:
        session.run(picked, {"index:0": 7}, options=options, run_metadata=tf.RunMetadata())
    assert found.value.op.name == "picked"
    assert session.run(picked, {"index:0": 1}) == 2.0


def test_partition_graphs_are_what_ran(tf, session, product):
    """Row 148."""
    metadata = traced(tf, session, product, output_partition_graphs=True)
    assert len(metadata.partition_graphs) == 1
    nodes = metadata.partition_graphs[0].node
    assert "product" in [n.name for n in nodes]
    assert {n.device for n in nodes} <= {d.name for d in session.list_devices()}


def test_partition_graphs_need_no_trace(tf, session, product):
    metadata = tf.RunMetadata()
    options = tf.RunOptions(output_partition_graphs=True)
    session.run(product, {"x:0": np.eye(2)}, options=options, run_metadata=metadata)
    assert len(metadata.partition_graphs) == 1
    assert len(metadata.step_stats.dev_stats) == 0


def test_what_may_wait_is_traced(tf, session):
    queue = tf.FIFOQueue(1, tf.float32, shapes=[[]])
    session.run(queue.enqueue(1.0))
    metadata = tf.RunMetadata()
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    taken = queue.dequeue(name="taken")
    assert session.run(taken * 2.0, options=options, run_metadata=metadata) == 2.0
    names = {n.node_name for d in metadata.step_stats.dev_stats for n in d.node_stats}
    assert "taken" in names


def test_a_cost_graph_is_filled_on_demand(tf, product):
    options = tf.GraphOptions(build_cost_model=1)
    with tf.Session(config=tf.ConfigProto(graph_options=options)) as session:
        metadata = traced(tf, session, product)
    (node,) = (n for n in metadata.cost_graph.node if n.name == "product")
    (stats,) = (
        n for d in metadata.step_stats.dev_stats for n in d.node_stats if n.node_name == "product"
    )
    # Both are in microseconds; the clocks are read at slightly different times.
    assert node.compute_cost <= 2 * stats.all_end_rel_micros + 100
    assert [o.size for o in node.output_info] == [16]
    assert node.output_info[0].dtype == tf.float32.as_datatype_enum
    before = {n.id: n.name for n in metadata.cost_graph.node}
    assert "add" in [before[i.preceding_node] for i in node.input_info]


def test_a_session_has_one_pool_of_its_own(tf, session):
    """Row 147."""
    x = tf.constant(1.0) + 1.0
    assert session.run(x, options=tf.RunOptions(inter_op_thread_pool=-1)) == 2.0
    for pool in (1, 7):
        with raises(core("InvalidArgumentError", f"Invalid inter_op_thread_pool: {pool}")):
            session.run(x, options=tf.RunOptions(inter_op_thread_pool=pool))


def test_pools_of_the_configuration_may_be_named(tf):
    config = tf.ConfigProto()
    for threads in (1, 2):
        config.session_inter_op_thread_pool.add(num_threads=threads)
    with tf.Session(config=config) as session:
        x = tf.constant(1.0) + 1.0
        assert session.run(x, options=tf.RunOptions(inter_op_thread_pool=1)) == 2.0
        with raises(typed("InvalidArgumentError")):
            session.run(x, options=tf.RunOptions(inter_op_thread_pool=2))


# The timeline


@pytest.fixture
def timeline():
    """The module of `Timeline`."""
    return import_module("tensorflow.python.client.timeline" if ORACLE else "evergraph.v1.timeline")


def test_a_timeline_is_a_chrome_trace(tf, session, product, timeline):
    """Row 327."""
    drawn = timeline.Timeline(traced(tf, session, product).step_stats)
    trace = json.loads(drawn.generate_chrome_trace_format())
    assert list(trace) == ["traceEvents"]
    (event,) = (
        e for e in trace["traceEvents"] if e["ph"] == "X" and e["args"]["name"] == "product"
    )
    assert event["cat"] == "Op"
    assert event["name"].endswith("MatMul")
    assert event["dur"] >= 1
    assert "input0" in event["args"]
    names = [e["args"]["name"] for e in trace["traceEvents"] if e["ph"] == "M"]
    assert any(name.startswith("/job:localhost/replica:0/task:0/device:") for name in names)


def test_a_timeline_shows_what_uses_what(tf, session, product, timeline):
    stats = traced(tf, session, product + 1.0).step_stats

    def phases(show_dataflow: bool) -> set[str]:
        drawn = timeline.Timeline(stats).generate_chrome_trace_format(show_dataflow=show_dataflow)
        return {event["ph"] for event in json.loads(drawn)["traceEvents"]}

    assert phases(True) - phases(False) == {"s", "t"}


def test_a_timeline_tells_how_much_memory_was_taken(tf, session, product, timeline):
    drawn = timeline.Timeline(traced(tf, session, product + 1.0).step_stats)
    analysis = drawn.analyze_step_stats()
    text = analysis.chrome_trace.format_to_string()
    assert json.loads(text) == json.loads(analysis.chrome_trace.format_to_string(pretty=True))
    assert "C" in {event["ph"] for event in json.loads(text)["traceEvents"]}
    (most,) = analysis.allocator_maximums.values()
    assert most.num_bytes >= 2 * 16
    assert most.timestamp > 10**15
    assert len(most.tensors) >= 2


# The log of placements


@pytest.mark.needs("in_process")
def test_placements_are_logged_without_any_set_up(tf, capfd):
    with tf.Session(config=tf.ConfigProto(log_device_placement=True)) as session:
        session.run(tf.add(tf.placeholder(tf.float32, name="x"), 1.0, name="total"), {"x:0": 1.0})
    logged = capfd.readouterr()
    (line,) = {
        text for text in (logged.err + logged.out).splitlines() if text.startswith("total: ")
    }
    assert line.startswith("total: (AddV2): /job:localhost/replica:0/task:0/device:")


@pytest.mark.needs("in_process")
def test_what_does_not_run_is_logged_as_well(tf, capfd):
    total = tf.add(tf.placeholder(tf.float32, name="x"), 1.0, name="total")
    tf.negative(total, name="unused")
    with tf.Session(config=tf.ConfigProto(log_device_placement=True)) as session:
        session.run(total, {"x:0": 1.0})
    lines = "".join(capfd.readouterr()).splitlines()
    for start in ("x: (Placeholder): /job:", "unused: (Neg): /job:"):
        assert [line for line in lines if line.startswith(start)]


def test_nothing_is_logged_unasked(tf, capfd):
    with tf.Session() as session:
        session.run(tf.add(tf.placeholder(tf.float32, name="x"), 1.0, name="total"), {"x:0": 1.0})
    assert "total: (" not in "".join(capfd.readouterr())
