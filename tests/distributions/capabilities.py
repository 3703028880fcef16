"""Write docs/capabilities.md: which backend of this repository runs which op type, and how.

python tests/distributions/capabilities.py
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from evergraph.op import registry
from evergraph.plugin import HOST_ONLY, PLANNED, Backend, SessionConfig, create_backend, numpy_table
from evergraph.vocabulary import vocabulary

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "capabilities.md"
#: Those that come with evergraph; evergraph-strict follows.
BACKENDS = ("numpy", "jax")

#: Element types, as the table names them together.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "float": ("float16", "bfloat16", "float32", "float64"),
    "int": ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    "complex": ("complex64", "complex128"),
    "bool": ("bool",),
    "string": ("string",),
    "float8": (
        "float8_e4m3fn",
        "float8_e5m2",
        "float8_e4m3b11fnuz",
        "float8_e4m3fnuz",
        "float8_e5m2fnuz",
    ),
    "2 and 4 bits": ("int2", "int4", "uint2", "uint4", "float4_e2m1fn"),
    "quantized": ("qint8", "quint8", "qint16", "quint16", "qint32"),
    "resource": ("resource",),
    "variant": ("variant",),
}

HEAD = """# What each backend runs

Made by `python tests/distributions/capabilities.py`; a test checks that it is current.

- **own**: a kernel of the backend's, in its library's dialect
- **core**: the core's kernel on the backend's library
- **host**: runs on the host beside the backend (strings, files, queues, value-dependent shapes)
- **plan**: taken care of when a step is planned
- **-**: not at all

An op type runs on the element types that TensorFlow's OpDef allows (the second column: for the
first input that is no handle, or the output) and that the backend computes with:

"""


def page(backends: Iterable[Backend]) -> str:
    """Return the page about these backends."""
    backends = list(backends)
    lines = ["| backend | op types | element types |", "|---|--:|---|"]
    for backend in backends:
        count = sum(_how(backend, type) in ("own", "core") for type in op_types())
        lines.append(f"| {backend.name} | {count} | {_types(backend.dtypes)} |")
    names = [backend.name for backend in backends]
    lines += ["", f"| op type | element types | {' | '.join(names)} |"]
    lines.append("|---|---|" + "---|" * len(names))
    for type in op_types():
        cells = [_how(backend, type) for backend in backends]
        lines.append(f"| {type} | {_allowed(type)} | {' | '.join(cells)} |")
    return HEAD + "\n".join(lines) + "\n"


def op_types() -> list[str]:
    """Return the op types that run at all."""
    known = {op.type for op in registry()} | PLANNED
    return sorted(known)


def _how(backend: Backend, type: str) -> str:
    if type in backend.table:
        function: Any = backend.table[type].function
        module = getattr(getattr(function, "func", function), "__module__", None) or ""
        own = module.split(".")[0] == backend.__module__.split(".")[0]
        return "own" if own else "core"
    if type in PLANNED:
        return "plan"
    beside = not backend.host_arrays and type in HOST_ONLY and type in numpy_table()
    return "host" if beside else "-"


def _allowed(type: str) -> str:
    """Return the element types that the OpDef allows for what the op computes with."""
    signature = vocabulary().get(type)
    assert signature is not None
    for argument in (*signature.inputs, *signature.outputs):
        attribute = signature.attributes.get(argument.type_attr or argument.type_list_attr)
        if attribute is not None:
            allowed = attribute.allowed
            return "any" if allowed is None else _types(dtype.name for dtype in allowed)
        if argument.dtype is not None and argument.dtype.name != "resource":
            return argument.dtype.name
    return ""


def _types(names: Iterable[str]) -> str:
    """Return element types, those of a whole group by the group's name."""
    left = set(names)
    shown = []
    for group, members in GROUPS.items():
        found = [name for name in members if name in left]
        shown += [group] if len(found) == len(members) else found
    return ", ".join(shown)


def main(path: Path = PAGE) -> None:
    """Write the page; evergraph-strict need not be installed."""
    sys.path.insert(0, str(HERE / "evergraph_strict"))
    from evergraph_strict.backend import StrictBackend

    others = [create_backend(name, SessionConfig()) for name in BACKENDS]
    path.write_text(page([*others, StrictBackend(SessionConfig())]), encoding="utf-8")


if __name__ == "__main__":
    main()
