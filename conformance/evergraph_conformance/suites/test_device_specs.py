"""`tf.DeviceSpec`: parsed, merged, changed, printed."""

from __future__ import annotations

import pytest

from evergraph_conformance.messages import core, exact, raises, row


@pytest.mark.parametrize(
    ("text", "want"),
    [
        row("empty", "", ""),
        row("short", "/cpu:0", "/device:CPU:0"),
        row("no slash", "gpu:2", "/device:GPU:2"),
        row("any index", "/device:GPU:*", "/device:GPU:*"),
        row("task", "/job:w/task:3", "/job:w/task:3"),
        row("whole", "/job:w/replica:0/task:3/gpu:7", "/job:w/replica:0/task:3/device:GPU:7"),
        row("order", "/gpu:1/job:w", "/job:w/device:GPU:1"),
        row("other type", "/device:FOO:2", "/device:FOO:2"),
        row("last one wins", "/job:a/job:b", "/job:b"),
    ],
)
def test_a_device_string_is_made_canonical(tf, text, want):
    assert tf.DeviceSpec.from_string(text).to_string() == want
    assert tf.DeviceSpec().parse_from_string(text).to_string() == want


@pytest.mark.parametrize(
    ("text", "message"),
    [
        row(
            "attribute",
            "/foo:1",
            "Unknown attribute 'foo' is encountered while parsing the device spec: '/foo:1'.",
        ),
        row(
            "two types",
            "/CPU:0/GPU:1",
            "Multiple device types are not allowed while parsing the device spec: /CPU:0/GPU:1.",
        ),
    ],
)
def test_what_is_no_device_string_is_refused(tf, text, message):
    with raises(exact("ValueError", message)):
        tf.DeviceSpec.from_string(text)


@pytest.mark.parametrize("text", ["/cpu:x", "/task:x"])
def test_an_index_is_a_number(tf, text):
    with raises(core("ValueError", "'x'")):
        tf.DeviceSpec.from_string(text)
    with raises(core("ValueError", "'x'")):
        tf.DeviceSpec(task="x")


def test_parts_are_converted(tf):
    spec = tf.DeviceSpec(job=3, replica="1", task="2", device_type="gpu", device_index="0")
    assert (spec.job, spec.replica, spec.task) == ("3", 1, 2)
    assert (spec.device_type, spec.device_index) == ("GPU", 0)


def test_parts_can_be_set(tf):
    spec = tf.DeviceSpec(job="ps", device_type="CPU", device_index=0)
    spec.job = "worker"
    spec.task = 1
    spec.device_type = "gpu"
    spec.device_index = 2
    assert spec.to_string() == "/job:worker/task:1/device:GPU:2"
    spec.job = spec.device_index = None
    assert spec.to_string() == "/task:1/device:GPU:*"


def test_another_spec_is_merged_into_one(tf):
    spec = tf.DeviceSpec.from_string("/job:w/task:1/cpu:0")
    spec.merge_from(tf.DeviceSpec.from_string("/task:2/gpu:*"))
    assert spec.to_string() == "/job:w/task:2/device:GPU:0"


def test_copies_are_made_with_other_parts(tf):
    spec = tf.DeviceSpec(job="w", task=1)
    assert spec.replace(task=2).to_string() == "/job:w/task:2"
    merged = spec.make_merged_spec(tf.DeviceSpec(device_type="CPU", device_index=1))
    assert merged.to_string() == "/job:w/task:1/device:CPU:1"
    assert spec.to_string() == "/job:w/task:1"


def test_equal_parts_are_equal_specs(tf):
    spec = tf.DeviceSpec(job="w", task=1)
    assert spec == tf.DeviceSpec.from_string("/job:w/task:1")
    assert hash(spec) == hash(tf.DeviceSpec.from_string("/job:w/task:1"))
    assert spec != tf.DeviceSpec(job="w")
    assert repr(spec) == (
        "<DeviceSpec(job=w, replica=None, task=1, device_type=None, device_index=None)>"
    )


def test_a_scope_takes_a_spec(tf):
    with tf.device(tf.DeviceSpec(job="w", device_type="GPU", device_index=2)), tf.device("/task:1"):
        assert tf.constant(1.0).device == "/job:w/task:1/device:GPU:2"
