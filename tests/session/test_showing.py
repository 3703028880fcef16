"""What is shown of a session: where nodes run, its devices, what the fields of its messages do."""

from __future__ import annotations

import evergraph.v1 as tf
from evergraph.plugin import Device
from evergraph.session.config_fields import EFFECTS, fields
from evergraph.session.devices import attributes_of, device_mapping
from evergraph.session.explain import Explanation, NodePlacement

NODES = [
    NodePlacement("one", "Const", "folded"),
    NodePlacement("x_one", "Mul", "mine", "/device:CPU:0", 0),
    NodePlacement("distinct", "Unique", "host", region=1, reason="its shape depends on values"),
    NodePlacement("y", "Neg", "mine", "/device:CPU:0", 2),
]


def test_the_share_inside_is_that_of_nodes_which_are_not_on_the_host():
    assert Explanation("mine", NODES).share_inside == 0.75
    assert Explanation("mine").share_inside == 1.0


def test_an_explanation_is_a_table():
    assert str(Explanation("mine", NODES)).splitlines() == [
        "4 operations: 2 on mine in 2 region(s), 1 folded, 1 on the host",
        "one       Const                     folded",
        "x_one     Mul                       mine        0  /device:CPU:0",
        "distinct  Unique                    host        1  its shape depends on values",
        "y         Neg                       mine        2  /device:CPU:0",
    ]


def test_devices_beside_the_cpus_are_mapped():
    devices = [attributes_of(Device(kind, 0)) for kind in ("CPU", "GPU", "TPU")]
    assert device_mapping(devices[:1]) == "Device mapping: no known devices."
    assert device_mapping(devices).splitlines() == [
        "Device mapping:",
        "/job:localhost/replica:0/task:0/device:GPU:0 -> device: 0, type: GPU",
        "/job:localhost/replica:0/task:0/device:TPU:0 -> device: 1, type: TPU",
    ]


def test_every_field_that_does_something_is_a_field():
    shown = dict(fields())
    assert {path: text for path, text in shown.items() if text} == EFFECTS
    for path in shown:
        name, *rest = path.split(".")
        descriptor = getattr(tf, name).DESCRIPTOR
        for part in rest:
            field = descriptor.fields_by_name[part]
            descriptor = field.message_type
