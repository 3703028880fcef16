"""Names of nodes and scopes: what is valid, and how they are made unique."""

from __future__ import annotations

import re
from typing import Any, Final

VALID_NAME: Final = re.compile("^[A-Za-z0-9.][A-Za-z0-9_.\\\\/>-]*$")
VALID_SCOPE: Final = re.compile("^[A-Za-z0-9_.\\\\/>-]*$")


def check_name(name: Any) -> None:
    """Raise ValueError unless `name` may name a node."""
    if not (isinstance(name, str) and VALID_NAME.match(name)):
        raise ValueError(
            f"`{name}` is not a valid node name. Accepted names conform to Regex /{VALID_NAME}/"
        )


def check_scope(name: Any, root: bool) -> None:
    """Raise ValueError unless `name` may name a scope, at the root or inside another."""
    pattern = VALID_NAME if root else VALID_SCOPE
    if not (isinstance(name, str) and pattern.match(name)):
        which = "root scope" if root else "scope"
        raise ValueError(
            f"'{name}' is not a valid {which} name. A {which} name has to match the following "
            f"pattern: {pattern.pattern}"
        )


class NameTable:
    """The names in use. Case does not tell names apart, for file systems that ignore it."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}

    def unique(self, name: str, mark_as_used: bool = True) -> str:
        """Return `name`, with the first free `_1`, `_2`, … appended if it is in use."""
        key = name.lower()
        count = self._next.get(key, 0)
        if mark_as_used:
            self._next[key] = count + 1
        if not count:
            return name
        base = key
        while key in self._next:
            key = f"{base}_{count}"
            count += 1
        if mark_as_used:
            self._next[key] = 1
        return f"{name}_{count - 1}"

    def take(self, name: str) -> None:
        """Mark a name as used."""
        self._next.setdefault(name.lower(), 1)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._next
