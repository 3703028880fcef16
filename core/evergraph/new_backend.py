"""`python -m evergraph new-backend NAME`: the skeleton of a distribution that offers a backend."""

from __future__ import annotations

import re
from importlib import resources, util
from pathlib import Path
from typing import Final

from evergraph import discovery
from evergraph.runtime.backend import API_VERSION

#: Where each template goes.
FILES: Final = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "ci.yml": ".github/workflows/conformance.yml",
    "test_backend.py": "tests/test_backend.py",
    "__init__.py": "@package@/__init__.py",
    "plugin.py": "@package@/plugin.py",
    "backend.py": "@package@/backend.py",
    "kernels.py": "@package@/kernels.py",
    "conformance.toml": "@package@/conformance.toml",
}
#: Names that mean something else: to the conformance kit, TensorFlow itself.
RESERVED: Final = frozenset({"tensorflow"})


def write_backend(name: str, parent: Path) -> Path:
    """Write the distribution `evergraph-NAME` into a new folder of that name; return the folder.

    Raises:
      ValueError: the name is not one for a Python package, is reserved, or is taken by a backend or
        package that is installed.
      FileExistsError: the folder exists.
      OSError: it cannot be written.
    """
    _check_name(name)
    distribution = f"evergraph-{name.replace('_', '-')}"
    folder = parent / distribution
    if folder.exists():
        raise FileExistsError(f"{folder} exists already: remove it, or give another --path")
    filling = {
        "name": name,
        "package": f"evergraph_{name}",
        "distribution": distribution,
        "api_version": ", ".join(map(str, API_VERSION)),
    }
    templates = resources.files("evergraph") / "templates" / "backend"
    for source, target in FILES.items():
        path = folder / _filled(target, filling)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (templates / f"{source}.template").read_text(encoding="utf-8")
        path.write_text(_filled(text, filling), encoding="utf-8")
    return folder


def _check_name(name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        likely = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_0123456789")
        hint = f" Perhaps {likely!r}?" if likely else ""
        raise ValueError(
            f"{name!r} cannot name a backend: lowercase letters, digits and single underscores, a "
            f"letter first.{hint}"
        )
    if name in RESERVED:
        raise ValueError(f"{name!r} is reserved: choose another name")
    if name in discovery.backend_names():
        raise ValueError(f"a backend {name!r} is installed already: choose another name")
    if util.find_spec(f"evergraph_{name}") is not None:
        raise ValueError(f"a package evergraph_{name} is installed already: choose another name")


def _filled(text: str, filling: dict[str, str]) -> str:
    return re.sub("@([a-z_]+)@", lambda match: filling[match[1]], text)
