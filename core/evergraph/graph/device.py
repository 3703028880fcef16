"""Device strings: parse, merge and print them as TensorFlow does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

_KNOWN_TYPES = {"cpu": "CPU", "gpu": "GPU", "tpu": "TPU"}


@dataclass(frozen=True)
class DeviceSpec:
    """A device, of which any part may be left open.

    Attributes:
      job: the name of the job.
      replica, task: indices.
      device_type: `CPU`, `GPU`, …; upper case where it is one of those.
      device_index: the index among the devices of that type; None for any.
    """

    job: str | None = None
    replica: int | None = None
    task: int | None = None
    device_type: str | None = None
    device_index: int | None = None

    @staticmethod
    def from_string(spec: str) -> DeviceSpec:
        """Parse a device string such as `/job:worker/task:1/device:GPU:0`, `/gpu:0`, `cpu`.

        Raises:
          ValueError: it is not a device string.
        """
        return _parse(spec)

    def to_string(self) -> str:
        """Return the canonical device string; empty if every part is open."""
        out = "" if self.job is None else f"/job:{self.job}"
        out += "" if self.replica is None else f"/replica:{self.replica}"
        out += "" if self.task is None else f"/task:{self.task}"
        if self.device_type is not None:
            index = "*" if self.device_index is None else self.device_index
            out += f"/device:{self.device_type}:{index}"
        return out

    def make_merged_spec(self, other: DeviceSpec) -> DeviceSpec:
        """Return this spec with the parts that `other` names taken from `other`."""
        return DeviceSpec(
            other.job if other.job is not None else self.job,
            other.replica if other.replica is not None else self.replica,
            other.task if other.task is not None else self.task,
            other.device_type if other.device_type is not None else self.device_type,
            other.device_index if other.device_index is not None else self.device_index,
        )

    def replace(self, **parts: Any) -> DeviceSpec:
        """Return a copy with these parts replaced."""
        return replace(self, **parts)

    def matches(self, full: DeviceSpec) -> bool:
        """Whether a fully specified device is one that this spec allows."""
        return all(
            mine is None or mine == theirs
            for mine, theirs in (
                (self.job, full.job),
                (self.replica, full.replica),
                (self.task, full.task),
                (self.device_type, full.device_type),
                (self.device_index, full.device_index),
            )
        )


def _index(text: str, spec: str) -> int | None:
    if text == "*":
        return None
    if not text.isdigit():
        raise ValueError(f"Cannot parse {text!r} as an index in the device spec: {spec!r}.")
    return int(text)


@lru_cache(maxsize=1024)
def _parse(spec: str) -> DeviceSpec:
    parts: dict[str, Any] = {}
    for item in spec.split("/"):
        if not item:
            continue
        key, *values = item.split(":")
        lower = key.lower()
        if lower == "job" and len(values) == 1:
            parts["job"] = values[0]
        elif lower in ("replica", "task") and len(values) == 1:
            parts[lower] = _index(values[0], spec)
        elif lower == "device" and len(values) in (1, 2):
            kind = values[0]
            if kind != "*":
                parts["device_type"] = _KNOWN_TYPES.get(kind.lower(), kind)
            parts["device_index"] = _index(values[1], spec) if len(values) == 2 else None
        elif lower in _KNOWN_TYPES and len(values) in (0, 1):
            if "device_type" in parts:
                raise ValueError(
                    f"Multiple device types are not allowed while parsing the device spec: {spec}."
                )
            parts["device_type"] = _KNOWN_TYPES[lower]
            parts["device_index"] = _index(values[0], spec) if values else None
        else:
            raise ValueError(
                f"Unknown attribute '{key}' is encountered while parsing the device spec: '{spec}'."
            )
    return DeviceSpec(**parts)


def canonical(spec: str) -> str:
    """Return a device string in canonical form; errors as for `DeviceSpec.from_string`."""
    return _parse(spec).to_string() if spec else ""


@lru_cache(maxsize=4096)
def merged(outer: str, inner: str) -> str:
    """Return the device string of `inner`, with its open parts taken from `outer`."""
    if not outer or not inner:
        return canonical(inner or outer)
    return _parse(outer).make_merged_spec(_parse(inner)).to_string()


def as_device(device: Any) -> str | Callable[[Any], Any] | None:
    """Return what `Graph.device` takes, checked: a canonical string, a function or None."""
    if device is None or (callable(device) and not isinstance(device, str)):
        return device
    return device_string(device)


def device_string(device: Any) -> str:
    """Return the canonical string of a device string or spec; empty for None."""
    if device is None:
        return ""
    return canonical(device.to_string() if hasattr(device, "to_string") else device)
