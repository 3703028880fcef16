"""Devices that nodes ask for: those that exist, and those that do not."""

from __future__ import annotations

import pytest

from evergraph_conformance.messages import core, raises, row

UNASSIGNED = "{{{{node {0}}}}} was explicitly assigned to {1} but available devices are [ "


@pytest.mark.parametrize(
    ("device", "asked"),
    [
        row("205 gpu", "/gpu:7", "/device:GPU:7"),
        row("206 lower case", "/device:gpu:7", "/device:GPU:7"),
        row("268 job", "/job:nope/task:3", "/job:nope/task:3"),
        row("task", "/task:3", "/task:3"),
    ],
)
@pytest.mark.parametrize("op", ["constant", "identity", "computed"])
@pytest.mark.uses("AddV2", "Identity")
def test_a_device_that_does_not_exist_is_an_error(tf, session, device, asked, op):
    x = tf.placeholder(tf.float32, [])
    with tf.device(device):
        c = {
            "constant": lambda: tf.constant(1.0, name="c"),
            "identity": lambda: tf.identity(x, name="c"),
            "computed": lambda: tf.add(x, x, name="c"),
        }[op]()
    with raises(
        core(
            "InvalidArgumentError",
            "Cannot assign a device for operation c: " + UNASSIGNED.format("c", asked),
        )
    ) as caught:
        session.run(c, {x: 1.0})
    assert "Make sure the device specification refers to a valid device" in str(caught.value)


@pytest.mark.parametrize("device", [row("207 gpu", "/gpu:7"), row("cpu", "/cpu:9")])
@pytest.mark.uses("AddV2", "Identity")
def test_soft_placement_takes_another_device(tf, device):
    with tf.device(device):
        c = tf.add(tf.constant(1.0), tf.identity(2.0))
    with tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as sess:
        assert sess.run(c) == 3.0


@pytest.mark.parametrize("device", ["/cpu:0", "/device:CPU:0", "/job:localhost/task:0", "cpu", ""])
@pytest.mark.uses("AddV2", "Identity")
def test_a_device_that_exists_is_taken(tf, session, device):
    with tf.device(device):
        c = tf.add(tf.constant(1.0), tf.identity(2.0))
    assert session.run(c) == 3.0


@pytest.mark.parametrize("device", ["/job:nope", "/job:localhost/task:1", "/replica:1/cpu:0"])
@pytest.mark.uses("AddV2")
def test_soft_placement_takes_no_other_task(tf, device):
    x = tf.placeholder(tf.float32, [])
    with tf.device(device):
        c = tf.add(x, x, name="c")
    with tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as sess:
        asked = tf.DeviceSpec.from_string(device).to_string()
        with raises(core("InvalidArgumentError", UNASSIGNED.format("c", asked))):
            sess.run(c, {x: 1.0})


def test_a_filter_of_devices_is_checked(tf):
    for device in ("/job:ps", "/job:worker/task:0"):
        tf.Session(config=tf.ConfigProto(device_filters=[device])).close()
    with raises(core("InvalidArgumentError", "Invalid device filter: /nothing:0")):
        tf.Session(config=tf.ConfigProto(device_filters=["/nothing:0"]))
