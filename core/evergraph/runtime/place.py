"""Placement: which device every node runs on."""

from __future__ import annotations

from collections.abc import Sequence

from evergraph.errors import InvalidArgumentError
from evergraph.graph.device import DeviceSpec
from evergraph.graph.operation import Operation


class Placer:
    """Resolves device strings against the devices of a session.

    Args:
      devices: full names; the first is the default.
      soft: whether a device that a task does not have gives way to the default.
      any_task: whether an operation may be assigned to any task: somebody else has chosen this one.
    """

    def __init__(self, devices: Sequence[str], soft: bool, any_task: bool = False) -> None:
        self._devices = [(name, DeviceSpec.from_string(name)) for name in devices]
        self._soft = soft
        self._any_task = any_task
        self._known: dict[str, str | None] = {"": devices[0]}

    def place(self, op: Operation) -> str:
        """Return the full name of the device for an operation.

        Raises:
          InvalidArgumentError: it was assigned explicitly to a device that does not exist.
        """
        found = self.find(op)
        if found is not None:
            return found
        names = ", ".join(name for name, _ in self._devices)
        raise unplaced(op, names)

    def find(self, op: Operation) -> str | None:
        """Return the full name of the device for an operation; None if it does not exist."""
        asked = op._device
        if asked not in self._known:
            self._known[asked] = self._find(asked)
        return self._known[asked]

    def _find(self, asked: str) -> str | None:
        spec = DeviceSpec.from_string(asked)
        if self._any_task:
            spec = spec.replace(job=None, replica=None, task=None)
        # TF: soft placement changes the device of a task, never the task.
        wanted = [spec, spec.replace(device_type=None, device_index=None)][: 1 + self._soft]
        for some in wanted:
            for name, device in self._devices:
                if some.matches(device):
                    return name
        return None


def unplaced(op: Operation, names: str) -> InvalidArgumentError:
    """Return the error of an operation that is assigned to a device that does not exist.

    Args:
      op: the operation.
      names: of the devices that exist.
    """
    return InvalidArgumentError(
        None,
        op,
        f"Cannot assign a device for operation {op.name}: {{{{node {op.name}}}}} was explicitly "
        f"assigned to {op.device} but available devices are [ {names} ]. Make sure the device "
        "specification refers to a valid device. With allow_soft_placement, another device of the "
        "same task is taken.\n"
        f"\t [[{op.name}]]",
    )
