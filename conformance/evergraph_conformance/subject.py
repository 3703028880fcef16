"""What is being certified: a backend, with its claims and its known failures."""

from __future__ import annotations

import os
from collections.abc import Set
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from evergraph_conformance.api import ORACLE
from evergraph_conformance.known import Known, read
from evergraph_conformance.tolerances import TOLERANCES, Tolerance

#: What cases may need of the system.
SYSTEM = frozenset(
    ({"fork"} if hasattr(os, "fork") else set()) | ({"servers"} if find_spec("grpc") else set())
)


class NotCertifiedError(Exception):
    """A backend claims nothing, NumPy would compute for it, or values do not come back from it."""


@dataclass
class Subject:
    """A backend, or TensorFlow itself (`oracle`), under test.

    Attributes:
      name: the backend's name.
      ops: op types that it claims; None for all.
      dtypes: element types that it claims; None for all.
      features: what else it claims; None for everything.
      tolerances: by dtype.
      known: its known failures.
      missing: why cases were not claimed, so far, and all that each of them lacks: `op Softplus`,
        `dtype float16`, `feature strings`.
    """

    name: str
    ops: frozenset[str] | None = None
    dtypes: frozenset[str] | None = None
    features: frozenset[str] | None = None
    tolerances: dict[str, Tolerance] = field(default_factory=lambda: dict(TOLERANCES))
    known: list[Known] = field(default_factory=list)
    missing: dict[str, frozenset[str]] = field(default_factory=dict)

    def claims(self, ops: Set[str], dtypes: Set[str], features: Set[str]) -> str:
        """Return why a case is not claimed, or "" if it is."""
        lacks: dict[str, list[str]] = {}
        for what, claimed, needed in (
            ("op", self.ops, ops),
            ("dtype", self.dtypes, dtypes),
            ("feature", self.features, features),
        ):
            missing = sorted(needed - claimed) if claimed is not None else []
            if missing:
                lacks[what] = missing
        if not lacks:
            return ""
        parts = [f"{what} {', '.join(missing)}" for what, missing in lacks.items()]
        reason = f"{self.name} does not claim {' and '.join(parts)}"
        self.missing[reason] = frozenset(
            f"{what} {name}" for what, missing in lacks.items() for name in missing
        )
        return reason


def load(name: str, target: str = "") -> Subject:
    """Return the subject of that name, started once to learn its claims.

    With a target it does not claim `in_process`: what is only so without one.

    Raises:
      OpError: there is no such backend, or it cannot start.
      ValueError: its `conformance.toml` is not valid.
      NotCertifiedError: see there.
    """
    if ORACLE:
        return Subject("tensorflow", known=read(Path(__file__).parent / "oracle.toml"))
    from evergraph.plugin import (
        HOST_ONLY,
        OF_SHAPE,
        PLANNED,
        Backend,
        SessionConfig,
        create_backend,
        numpy_table,
    )
    from evergraph_conformance.conversions import conversion_faults

    backend = create_backend(name, SessionConfig())
    for what, claimed in (("op types", backend.table), ("element types", backend.dtypes)):
        if not claimed:
            raise NotCertifiedError(f"{name} is not certified: it claims no {what}")
    faults = conversion_faults(backend)
    if faults:
        listed = "".join(f"\n  {fault}" for fault in faults)
        raise NotCertifiedError(
            f"{name} is not certified: from_host and to_host do not give values back:{listed}"
        )
    interpreted = type(backend).compile is Backend.compile and not backend.host_arrays
    if interpreted and isinstance(backend.from_host(np.zeros(1, np.float32)), np.ndarray):
        raise NotCertifiedError(
            f"{name} is not certified: its arrays are NumPy's, for which NumPy's kernels would run "
            "instead of its own, unless `host_arrays = True` says so"
        )
    # Beside arrays of another library, strings and what only the host does run there.
    beside = not backend.host_arrays
    host = {"string"} if beside else set()
    host_ops = ({*HOST_ONLY, *backend.host_ops} & set(numpy_table())) if beside else set()
    # What follows from shapes alone needs no kernel beside the interpreter.
    given = {*PLANNED, *OF_SHAPE} if beside else set(PLANNED)
    device = backend.devices()[backend.default_device()].type
    tolerances = dict(TOLERANCES)
    for (dtype, kind), tolerance in backend.tolerances.items():
        if kind == device:
            tolerances[dtype] = tolerance
    return Subject(
        name,
        ops=frozenset(backend.table) | host_ops | given,
        dtypes=backend.dtypes | host,
        features=backend.features | SYSTEM | (set() if target else {"in_process"}),
        tolerances=tolerances,
        known=read(_toml_of(backend)),
    )


def _toml_of(backend: Any) -> Path:
    name = type(backend).__module__
    # Beside the package, or the only module, that the backend comes from.
    file = import_module(name.split(".")[0]).__file__ or import_module(name).__file__
    assert file is not None
    return Path(file).parent / "conformance.toml"
