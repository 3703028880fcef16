"""The servers of this process, which sessions reach without a network."""

from __future__ import annotations

import threading
import weakref
from typing import Any

from evergraph_grpc.addresses import Address, is_local, split

_lock = threading.Lock()
_masters: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()


def add(address: Address, master: Any) -> None:
    """Let sessions of this process find a server by its address."""
    with _lock:
        _masters[_key(address)] = master


def remove(address: Address) -> None:
    """Let them find it no more."""
    with _lock:
        _masters.pop(_key(address), None)


def find(address: Address) -> Any:
    """Return the `Master` of a server of this process; None if there is none."""
    with _lock:
        return _masters.get(_key(address))


def _key(address: Address) -> str:
    if address.name.startswith("unix:"):
        return address.name
    host, port = split(address.name)
    return f"{'localhost' if is_local(host) else host}:{port}"
