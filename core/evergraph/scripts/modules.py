"""TensorFlow's modules as scripts import them, made of the names of `evergraph.v1`.

One import hook serves all that begins with `tensorflow`. A TensorFlow that is installed is not
imported.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

from evergraph.scripts.table import ADVICE, MODULES

_ROOT: Final = "tensorflow"
_MISSING: Final = object()


class TensorFlowModule(ModuleType):
    """A module of TensorFlow's, whose names are looked up when they are first asked for."""

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return sorted(n for n in dir(self) if not n.startswith("_"))
        found = _MISSING if name.startswith("__") and name != "__version__" else self._found(name)
        if found is _MISSING:
            said = missing(f"{self.__name__}.{name}")
            similar = [] if name.startswith("__") else get_close_matches(name, dir(self), 3, 0.75)
            said += f". Did you mean {' or '.join(similar)}?" if similar else ""
            raise AttributeError(said)
        setattr(self, name, found)
        return found

    def __dir__(self) -> list[str]:
        entries = _entries(self.__name__)
        names = {entry.partition("=")[0] for entry in entries if "=" in entry}
        for namespace in self._namespaces():
            names.update(dir(namespace))
        return sorted(names | set(vars(self)))

    def _found(self, name: str) -> Any:
        for entry in _entries(self.__name__):
            public, _, target = entry.partition("=")
            if target and public == name:
                return _reached(target)
        if exists(f"{self.__name__}.{name}"):
            return importlib.import_module(f"{self.__name__}.{name}")
        for namespace in self._namespaces():
            found = getattr(namespace, name, _MISSING)
            if found is not _MISSING:
                return found
        return _MISSING

    def _namespaces(self) -> Iterator[Any]:
        for entry in _entries(self.__name__):
            if "=" not in entry:
                namespace = _reached(entry)
                if namespace is not _MISSING:
                    yield namespace


class Finder(MetaPathFinder, Loader):
    """Finds and makes the modules of TensorFlow; say `install`."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a module of TensorFlow's, or None for any other.

        Raises:
          ModuleNotFoundError: it is TensorFlow's, and evergraph has none of that name.
        """
        del path, target
        if fullname.partition(".")[0] != _ROOT:
            return None
        if not exists(fullname):
            # Without a name: `from tensorflow import name` would replace an error that has one.
            raise ModuleNotFoundError(missing(fullname))
        return ModuleSpec(fullname, self, origin="evergraph", is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module, empty."""
        return TensorFlowModule(spec.name, f"`{spec.name}`, of evergraph's names.")

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: names come when they are asked for."""


def install() -> None:
    """Let `import tensorflow` mean evergraph in this process.

    Raises:
      ImportError: another TensorFlow has been imported already.
    """
    present = sys.modules.get(_ROOT)
    if isinstance(present, TensorFlowModule):
        return
    if present is not None:
        raise ImportError(f"TensorFlow is imported already, from {present.__file__}", name=_ROOT)
    sys.meta_path.insert(0, Finder())


def exists(module: str) -> bool:
    """Return whether there is a module of TensorFlow's of this full name."""
    inner = _inner(module)
    if inner in MODULES or any(known.startswith(f"{inner}.") for known in MODULES):
        return True
    # A namespace, such as `tf.nn`: TensorFlow has `import tensorflow.nn`, too.
    return isinstance(_reached(f"tf.{inner}"), ModuleType)


def look_up(name: str) -> Any:
    """Return what a dotted name means, `tensorflow.nn.relu` for one.

    Raises:
      AttributeError: there is nothing of that name.
      ImportError: there is no such module.
    """
    first, *rest = name.split(".")
    found: Any = importlib.import_module(first)
    for part in rest:
        found = getattr(found, part)
    return found


def missing(name: str) -> str:
    """Return what is said of a name of TensorFlow's that evergraph does not have."""
    inner = _inner(name)
    said = f"evergraph has no {name.replace('tensorflow.', 'tf.', 1)}"
    parts = inner.split(".")
    for count in range(len(parts), 0, -1):
        advice = ADVICE.get(".".join(parts[:count]))
        if advice:
            return f"{said}: {advice}"
    return said


def _entries(module: str) -> list[str]:
    """Return what a module is made of: what the table says, or else the namespace of its name."""
    inner = _inner(module)
    return MODULES.get(inner, f"tf.{inner}").split()


def _inner(module: str) -> str:
    return module.removeprefix("tensorflow.compat.v1.").removeprefix(_ROOT).removeprefix(".")


def _reached(name: str) -> Any:
    """Return what `tf.nn` or `evergraph.protos` names, or `_MISSING`."""
    first, *rest = name.split(".")
    if first != "tf":
        return importlib.import_module(name)
    found: Any = importlib.import_module("evergraph.v1")
    for part in rest:
        found = getattr(found, part, _MISSING)
    return found
