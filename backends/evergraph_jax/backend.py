"""The JAX backend: its devices, its kernel table, and how it compiles programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from evergraph.plugin import (
    HOST_ONLY,
    Backend,
    Device,
    Executable,
    KernelTable,
    Namespace,
    Program,
    SessionConfig,
    bind,
    errors,
)
from evergraph_jax.checks import record
from evergraph_jax.executable import JaxExecutable
from evergraph_jax.kernels import EXT, OVERRIDES, true_division
from evergraph_jax.list_kernels import list_kernels

#: XLA's names for its devices, and TensorFlow's.
_TYPES = {"cpu": "CPU", "gpu": "GPU", "cuda": "GPU", "rocm": "GPU", "tpu": "TPU"}
_PRECISIONS = ("default", "high", "highest")


@cache
def kernels() -> KernelTable:
    """Return the kernel table, bound once."""
    shared = bind(Namespace(jnp, ext=EXT, check=record))
    table: KernelTable = shared | OVERRIDES | {"RealDiv": true_division(shared["RealDiv"].function)}
    table |= list_kernels(shared)
    # XLA knows no strings, and no shapes that depend on values.
    return table.without(*HOST_ONLY)


class JaxBackend(Backend):
    """Compiles each region of a step with XLA.

    Options (`ConfigProto.backend_options`):
      precision: of float32 contractions: `highest` (the default), `high` or `default`.
    """

    name = "jax"
    survives_fork = False

    dtypes = Backend.dtypes - {"string", "resource", "variant"}
    features = frozenset({"compiles", "lists"})

    def __init__(self, config: SessionConfig) -> None:
        super().__init__(config)
        self.table = kernels()
        self._precision = config.options.get("precision", "highest")
        if self._precision not in _PRECISIONS:
            raise errors.InvalidArgumentError(
                None,
                None,
                f"backend_options['precision'] = {self._precision!r}: one of "
                f"{', '.join(_PRECISIONS)}",
            )
        self._devices = _logical(_devices(), config)
        self.cache_key = ("jax", self._precision)

    def devices(self) -> Sequence[Device]:
        """Return XLA's devices: CPUs first, as TensorFlow lists them."""
        return [device for device, _ in self._devices]

    def default_device(self) -> int:
        """Return the first accelerator, or else the first CPU."""
        kinds = [d.type for d, _ in self._devices]
        return next((i for i, kind in enumerate(kinds) if kind != "CPU"), 0)

    def compile(self, program: Program) -> Executable:
        """Return the program as a jitted function on its device."""
        return JaxExecutable(program, self.table, self._jax_device(program.device), self._precision)

    def _jax_device(self, name: str) -> Any:
        """Return the device of that full name; None for JAX's own default."""
        if not name:
            return None
        kind, index = name.rsplit("/device:", 1)[1].split(":")
        found = next(
            d for device, d in self._devices if (device.type, device.index) == (kind, int(index))
        )
        return None if found == jax.devices()[0] else found

    def to_host(self, value: Any) -> Any:
        """Return an array as NumPy's; it may share memory with the device's."""
        return np.asarray(value)[()]

    def from_host(self, value: Any) -> Any:
        """Return a NumPy value as a JAX array."""
        with jax.enable_x64(True):
            return jnp.asarray(value)


def _logical(
    physical: Sequence[tuple[Device, Any]], config: SessionConfig
) -> list[tuple[Device, Any]]:
    """Return as many devices of each type as `device_count` asks for.

    XLA fixes its CPU devices when it starts, so logical ones share them; of other types there are
    no more than the machine has (`device_count={"GPU": 0}` hides them all).
    """
    by_type: dict[str, list[tuple[Device, Any]]] = {}
    for device, found in physical:
        by_type.setdefault(device.type, []).append((device, found))
    logical = []
    for kind, members in by_type.items():
        visible = config.proto.gpu_options.visible_device_list
        if kind == "GPU" and visible:
            members = [members[i] for i in _numbers(visible, len(members))]
        count = config.device_count(kind, len(members))
        for i in range(count if kind == "CPU" else min(count, len(members))):
            device, found = members[i % len(members)]
            logical.append((replace(device, index=i), found))
    return logical


def _numbers(text: str, count: int) -> list[int]:
    """Return the GPUs of a `visible_device_list`.

    Raises:
      InvalidArgumentError: it is no list of numbers of GPUs, each at most once.
    """
    parts = [part.strip() for part in text.split(",")]
    numbers = [int(part) for part in parts if part.isdecimal()]
    if len(set(numbers)) != len(parts) or any(n >= count for n in numbers):
        raise errors.InvalidArgumentError(
            None,
            None,
            f"gpu_options.visible_device_list = {text!r}: there are {count} GPUs, each is named "
            "at most once, by its number, and numbers are separated by commas",
        )
    return numbers


@cache
def _devices() -> list[tuple[Device, Any]]:
    found = list(jax.devices("cpu"))
    found += [d for d in jax.devices() if d.platform != "cpu"]
    counts: dict[str, int] = {}
    listed = []
    for d in found:
        platform = str(d.platform)
        kind = _TYPES.get(platform, platform.upper())
        index = counts.get(kind, 0)
        counts[kind] = index + 1
        stats = d.memory_stats() or {}
        limit = int(stats.get("bytes_limit", 0))
        listed.append((Device(kind, index, limit, d.device_kind), d))
    return listed
