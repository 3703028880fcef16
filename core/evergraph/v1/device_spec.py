"""`tf.DeviceSpec`: a device of which any part may be left open, and that can be changed."""

from __future__ import annotations

from typing import Any, Final

from evergraph.graph.device import DeviceSpec as Parsed

_PARTS: Final = ("job", "replica", "task", "device_type", "device_index")
_KINDS: Final = {"cpu": "CPU", "gpu": "GPU"}


class DeviceSpec:
    """A device, of which any part may be left open.

    Args:
      job: the name of the job.
      replica, task: indices.
      device_type: `CPU`, `GPU`, …; `cpu` and `gpu` are made upper case.
      device_index: the index among the devices of that type.

    Attributes:
      job, replica, task, device_type, device_index: the same, None for an open part. They can be
        set.

    Raises:
      ValueError: an index is not a number.
    """

    def __init__(
        self,
        job: Any = None,
        replica: Any = None,
        task: Any = None,
        device_type: Any = None,
        device_index: Any = None,
    ) -> None:
        self.job = job
        self.replica = replica
        self.task = task
        self.device_type = device_type
        self.device_index = device_index

    @property
    def job(self) -> str | None:
        """The name of the job."""
        return self._job

    @job.setter
    def job(self, job: Any) -> None:
        self._job = None if job is None else str(job)

    @property
    def replica(self) -> int | None:
        """The index of the replica."""
        return self._replica

    @replica.setter
    def replica(self, replica: Any) -> None:
        self._replica = None if replica is None else int(replica)

    @property
    def task(self) -> int | None:
        """The index of the task."""
        return self._task

    @task.setter
    def task(self, task: Any) -> None:
        self._task = None if task is None else int(task)

    @property
    def device_type(self) -> str | None:
        """`CPU`, `GPU`, …"""
        return self._device_type

    @device_type.setter
    def device_type(self, device_type: Any) -> None:
        self._device_type: str | None = _KINDS.get(device_type, device_type)

    @property
    def device_index(self) -> int | None:
        """The index among the devices of that type."""
        return self._device_index

    @device_index.setter
    def device_index(self, device_index: Any) -> None:
        self._device_index = None if device_index is None else int(device_index)

    @classmethod
    def from_string(cls, spec: str) -> DeviceSpec:
        """Return the spec of a device string such as `/job:worker/task:1/device:GPU:0`, `/gpu:0`.

        Raises:
          ValueError: it is not a device string.
        """
        return cls().parse_from_string(spec)

    def parse_from_string(self, spec: str) -> DeviceSpec:
        """Take all parts from a device string; return this spec.

        Raises:
          ValueError: it is not a device string.
        """
        parsed = Parsed.from_string(spec)
        for part in _PARTS:
            setattr(self, part, getattr(parsed, part))
        return self

    def merge_from(self, dev: Any) -> None:
        """Take the parts that `dev` names from it."""
        for part in _PARTS:
            named = getattr(dev, part)
            if named is not None:
                setattr(self, part, named)

    def make_merged_spec(self, dev: Any) -> DeviceSpec:
        """Return this spec with the parts that `dev` names taken from `dev`."""
        merged = self.replace()
        merged.merge_from(dev)
        return merged

    def replace(self, **parts: Any) -> DeviceSpec:
        """Return a copy with these parts replaced."""
        return type(self)(**{part: getattr(self, part) for part in _PARTS} | parts)

    def to_string(self) -> str:
        """Return the canonical device string; empty if every part is open."""
        return self._parsed().to_string()

    def _parsed(self) -> Parsed:
        return Parsed(*(getattr(self, part) for part in _PARTS))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeviceSpec) and self._parsed() == other._parsed()

    def __hash__(self) -> int:
        return hash(self._parsed())

    def __repr__(self) -> str:
        parts = ", ".join(f"{part}={getattr(self, part)}" for part in _PARTS)
        return f"<DeviceSpec({parts})>"
