"""Python functions that nodes call, by the token that their node holds."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any, Final
from weakref import WeakValueDictionary


class _Holder:
    """What a graph keeps alive: a function, which itself may allow no weak reference."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function


class PythonFunctions:
    """Functions by token. They live as long as the graphs that use them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = itertools.count()
        self._holders: WeakValueDictionary[str, _Holder] = WeakValueDictionary()

    def add(self, function: Callable[..., Any]) -> tuple[str, object]:
        """Register a function; return its token, and an object to be kept while it is needed."""
        holder = _Holder(function)
        with self._lock:
            token = f"pyfunc_{next(self._count)}"
            self._holders[token] = holder
        return token, holder

    def find(self, token: str) -> Callable[..., Any] | None:
        """Return the function of a token, or None."""
        holder = self._holders.get(token)
        return None if holder is None else holder.function


#: The functions of this process.
python_functions: Final = PythonFunctions()
