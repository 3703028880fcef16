"""Namespaces whose names are imported when they are first asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any

#: From a public name to the module that has it, and its name there ("" for the module itself).
Table = dict[str, tuple[str, str]]


def table(modules: Mapping[str, str]) -> Table:
    """Return the table of a namespace.

    Args:
      modules: from a module to its public names, separated by spaces; `public=name` for one that
        has another name there, `public=` for the module itself.
    """
    found: Table = {}
    for module, names in modules.items():
        for entry in names.split():
            public, other, name = entry.partition("=")
            found[public] = (module, name if other else public)
    return found


def look_up(namespace: str, names: Table, name: str) -> Any:
    """Return what a namespace has under a name, and keep it there.

    Raises:
      AttributeError: it has nothing; names that are similar are suggested.
    """
    try:
        module, attribute = names[name]
    except KeyError:
        raise AttributeError(missing(namespace, names, name)) from None
    found = import_module(module)
    if attribute:
        found = getattr(found, attribute)
    setattr(sys.modules[namespace], name, found)
    return found


def missing(namespace: str, names: Iterable[str], name: str) -> str:
    """Return what is said about a name that a namespace does not have."""
    message = f"{namespace} has no {name!r} yet"
    similar = [] if name.startswith("__") else get_close_matches(name, names, 3, 0.75)
    return f"{message}. Did you mean {' or '.join(similar)}?" if similar else message
