"""The devices of a session, as `Session.list_devices` gives them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Final

from evergraph.runtime.backend import Device, host_memory

#: The task that a session without a target is.
LOCAL_TASK: Final = "/job:localhost/replica:0/task:0"


def full_name(device: Device, task: str = LOCAL_TASK) -> str:
    """Return the full name of a device of a task."""
    return f"{task}/device:{device.type}:{device.index}"


class DeviceAttributes:
    """One device: its full name, type, memory limit in bytes, and incarnation."""

    def __init__(
        self, name: str, device_type: str, memory_limit_bytes: int, incarnation: int
    ) -> None:
        self._name = name
        self._device_type = device_type
        self._memory_limit_bytes = memory_limit_bytes
        self._incarnation = incarnation

    @property
    def name(self) -> str:
        """The full name."""
        return self._name

    @property
    def device_type(self) -> str:
        """`CPU`, `GPU`, `TPU` …"""
        return self._device_type

    @property
    def memory_limit_bytes(self) -> int:
        """The memory that it offers, in bytes; 0 if unknown."""
        return self._memory_limit_bytes

    @property
    def incarnation(self) -> int:
        """A number that tells this device from one of that name in another process."""
        return self._incarnation

    def __repr__(self) -> str:
        return (
            f"_DeviceAttributes({self._name}, {self._device_type}, {self._memory_limit_bytes}, "
            f"{self._incarnation})"
        )


def device_mapping(devices: Sequence[DeviceAttributes]) -> str:
    """Return what TensorFlow logs about the devices beside the CPUs."""
    others = [d for d in devices if d.device_type != "CPU"]
    if not others:
        return "Device mapping: no known devices."
    lines = [f"{d.name} -> device: {i}, type: {d.device_type}" for i, d in enumerate(others)]
    return "\n".join(["Device mapping:", *lines])


def attributes_of(device: Device, task: str = LOCAL_TASK) -> DeviceAttributes:
    """Return a backend's device as `list_devices` shows it."""
    name = full_name(device, task)
    limit = device.memory_limit or (host_memory() if device.type == "CPU" else 0)
    return DeviceAttributes(name, device.type, limit, zlib.crc32(name.encode()) + 1)
