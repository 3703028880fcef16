"""`Backend`: the contract between the core and what executes programs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

import numpy as np

from evergraph import protos
from evergraph.dtypes import all_dtypes
from evergraph.runtime.executor import HostExecutable, going
from evergraph.runtime.interpreter import Interpreter
from evergraph.runtime.kernels import KernelTable, numpy_table
from evergraph.runtime.monitor import Monitor
from evergraph.runtime.program import Program
from evergraph.tensor_list import TensorList

#: The version of the contract: same major, and a minor no higher than the core's, fit.
API_VERSION = (1, 0)


@dataclass(frozen=True)
class Device:
    """A device that a backend offers.

    Attributes:
      type: `CPU`, `GPU`, `TPU` …
      index: among the devices of that type.
      memory_limit: bytes; 0 if unknown.
      description: for a person.
    """

    type: str
    index: int
    memory_limit: int = 0
    description: str = ""


@dataclass(frozen=True)
class SessionConfig:
    """What a backend is told about the session that it is created for.

    Attributes:
      proto: the session's `ConfigProto`; not to be changed.
      options: `backend_options` of the ConfigProto.
    """

    proto: protos.ConfigProto = field(default_factory=protos.ConfigProto)
    options: Mapping[str, str] = field(default_factory=dict)

    def device_count(self, type: str, default: int) -> int:
        """Return how many logical devices of a type the session asks for.

        There is at least one CPU: a session that asks for none is not made.
        """
        return max(int(self.proto.device_count.get(type, default)), 0)


class Executable(Protocol):
    """A compiled program."""

    def __call__(self, inputs: Sequence[Any], monitor: Monitor | None = None) -> Sequence[Any]:
        """Run the program.

        Args:
          inputs: one value per input of the program: the backend's arrays or NumPy's; NumPy's at
            the static positions.
          monitor: if given, watches the run: see `Monitor`.

        Returns:
          One value per output: the backend's array, or a NumPy value.

        Raises:
          NodeError: a node failed.
        """
        ...


class Backend:
    """Executes programs. A subclass that has a `table` and two conversions is complete.

    Args:
      config: of the session that it is created for.

    Attributes:
      name: the entry point's name.
      api_version: the version of this contract that the backend was written for.
      table: its kernels; the keys are its claim.
      dtypes: names of the element types that it computes with; nodes of others are an error.
      host_ops: op types that it leaves to NumPy on the host, beside `HOST_ONLY`, and why.
      features: what else it can do that the conformance kit asks for: `compiles`.
      tolerances: (rtol, atol_rel, atol) by (dtype, device type), where they differ from the kit's.
      host_arrays: whether its arrays are NumPy's own: then it runs strings and every host op too.
      survives_fork: whether it works in a process forked from one where it was started.
      cache_key: identifies backends whose executables may be shared; None if sharing saves nothing.
    """

    name: str = ""
    api_version: tuple[int, int] = API_VERSION
    table: KernelTable
    dtypes: frozenset[str] = frozenset(d.name for d in all_dtypes())
    host_ops: Mapping[str, str] = MappingProxyType({})
    features: frozenset[str] = frozenset()
    tolerances: ClassVar[Mapping[tuple[str, str], tuple[float, float, float]]] = {}
    host_arrays: bool = False
    survives_fork: bool = True
    cache_key: Any = None

    def __init__(self, config: SessionConfig) -> None:
        self.config = config
        self._going = going()
        _keep_freed_memory()

    def devices(self) -> Sequence[Device]:
        """Return the devices, in TensorFlow's order: CPUs first.

        By default there is one CPU, or as many logical ones as `device_count` asks for.
        """
        count = self.config.device_count("CPU", 1)
        return [Device("CPU", i, host_memory(), "host memory") for i in range(count)]

    def default_device(self) -> int:
        """Return which of `devices` a node without a device runs on."""
        return 0

    def compile(self, program: Program) -> Executable:
        """Return the program made ready to run; by default the core's own interpreter runs it."""
        if self.host_arrays:
            # What sessions share ends with none of them.
            return HostExecutable(
                program, self.table, self._going if self.cache_key is None else going()
            )
        return _Interpreted(program, self)

    def to_host(self, value: Any) -> Any:
        """Return a value as NumPy's: a scalar for rank 0, else an array (which may be shared).

        Args:
          value: an array of the backend's, or what is NumPy's already.
        """
        return np.asarray(value)[()]

    def from_host(self, value: Any) -> Any:
        """Return a NumPy value as the backend's array; the value is never kept or changed."""
        return value

    def cancel(self) -> None:
        """Let programs that run in other threads stop before their next node.

        Called when the session is being closed. What the core calls with a `Monitor` stops by that.
        """
        self._going.clear()

    def close(self) -> None:
        """Release what the session's backend holds."""


def faults_of(backend: Backend) -> list[str]:
    """Return what of a backend does not fit the contract, for its author."""
    found = []
    version = backend.api_version
    if not (isinstance(version, tuple) and [type(part) for part in version] == [int, int]):
        found.append(f"its api_version is {version!r}, not two numbers as in {API_VERSION}")
    table = getattr(backend, "table", None)
    if not isinstance(table, KernelTable):
        what = "missing" if table is None else f"a {type(table).__name__}"
        found.append(f"its table is {what}; bind(Namespace(library)).only(…) | {{…}} makes one")
    unknown = sorted({str(name) for name in backend.dtypes} - {d.name for d in all_dtypes()})
    if unknown:
        found.append(f"its dtypes have {', '.join(map(repr, unknown))}, no names of element types")
    return found


def on_host(backend: Backend, value: Any) -> Any:
    """Return a value as NumPy's: as it is if it is NumPy's already, else from the backend."""
    # None is what is not there: a branch that did not run gives it.
    known = np.ndarray | np.generic | bytes | TensorList | None
    return value if isinstance(value, known) else backend.to_host(value)


@cache
def _keep_freed_memory() -> None:
    """Let the C library keep what a step frees for the next step, up to 64 MB.

    By default glibc gives it back to the system, and a training step spends a seventh of its time
    on fresh pages. It learns from what is freed: after 31 MB, whose pages were never touched, it
    keeps twice as much.
    """
    np.empty(31 << 20, np.uint8)


def host_memory() -> int:
    """Return how many bytes of memory the machine has; 0 if unknown."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0


class _Interpreted:
    """A program that the core's interpreter runs on a backend's arrays."""

    def __init__(self, program: Program, backend: Backend) -> None:
        self._from_host = backend.from_host
        self._static = program.static
        self._interpreter = Interpreter(
            program, backend.table, numpy_table(), backend.from_host, backend.to_host
        )
        #: Converted once; they still count as NumPy's where they decide shapes.
        self._constants = {
            slot: backend.from_host(value)
            for slot, value in program.constants.items()
            if np.asarray(value).dtype != object
        }

    def __call__(self, inputs: Sequence[Any], monitor: Monitor | None = None) -> Sequence[Any]:
        # What is fed is the backend's from here on: of NumPy values alone, NumPy would compute.
        given = [
            self._from_host(value)
            if isinstance(value, (np.ndarray, np.generic)) and i not in self._static
            else value
            for i, value in enumerate(inputs)
        ]
        with np.errstate(all="ignore"):
            return self._interpreter(given, self._constants, monitor)
