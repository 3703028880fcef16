"""What is being certified: a backend, with its claims and its known failures."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Set
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from evergraph_conformance.api import ORACLE
from evergraph_conformance.tolerances import TOLERANCES, Tolerance

KINDS = ("todo", "upstream", "never")
#: What cases may need of the system.
SYSTEM = frozenset(
    ({"fork"} if hasattr(os, "fork") else set()) | ({"servers"} if find_spec("grpc") else set())
)


class NothingClaimedError(Exception):
    """There is nothing to certify: a backend claims nothing, or NumPy would compute for it."""


@dataclass
class Known:
    """A known failure: a pattern of case ids, why it fails, and whether it was met.

    A case that would end the process is not run (`run`).
    """

    case: str
    kind: str
    reason: str
    error: str = ""
    run: bool = True
    met: int = 0

    def covers(self, case: str) -> bool:
        """Whether a case is one of those meant: the id itself, or a prefix that ends in `*`."""
        if self.case.endswith("*"):
            return case.startswith(self.case[:-1])
        return case == self.case


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
      NothingClaimedError: it claims no op, or no element type; or NumPy would compute for it.
    """
    if ORACLE:
        return Subject("tensorflow", known=_known(Path(__file__).parent / "oracle.toml"))
    from evergraph.plugin import (
        HOST_ONLY,
        OF_SHAPE,
        PLANNED,
        Backend,
        SessionConfig,
        create_backend,
        numpy_table,
    )

    backend = create_backend(name, SessionConfig())
    for what, claimed in (("op types", backend.table), ("element types", backend.dtypes)):
        if not claimed:
            raise NothingClaimedError(f"{name} is not certified: it claims no {what}")
    interpreted = type(backend).compile is Backend.compile and not backend.host_arrays
    if interpreted and isinstance(backend.from_host(np.zeros(1, np.float32)), np.ndarray):
        raise NothingClaimedError(
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
        known=_known(_toml_of(backend)),
    )


def _toml_of(backend: Any) -> Path:
    name = type(backend).__module__
    # Beside the package, or the only module, that the backend comes from.
    file = import_module(name.split(".")[0]).__file__ or import_module(name).__file__
    assert file is not None
    return Path(file).parent / "conformance.toml"


def _known(path: Path) -> list[Known]:
    if not path.exists():
        return []
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("known", [])
    found = []
    for entry in entries:
        unknown = set(entry) - {"case", "kind", "reason", "error", "run"}
        if unknown or entry.get("kind") not in KINDS or not entry.get("reason"):
            raise ValueError(
                f"{path}: a known failure has `case`, `kind` (one of {', '.join(KINDS)}), `reason` "
                f"and perhaps `error` and `run`; got {entry}"
            )
        found.append(Known(**entry))
    return found
