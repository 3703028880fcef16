"""Values that a session keeps on its server, and their handles here."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evergraph.plugin import as_dtype
from evergraph_grpc.protos import KeptValueRequest, KeptValueResponse

if TYPE_CHECKING:
    from evergraph_grpc.engine import RemoteEngine


@dataclass(frozen=True)
class Kept:
    """Stands for a value on the server.

    Attributes:
      name: of the value.
    """

    name: str


class RemoteValues:
    """Where the values of handles are; see `evergraph.targets.KeptValues`.

    Args:
      engine: of the session that keeps them.
    """

    def __init__(self, engine: RemoteEngine) -> None:
        self._engine = engine
        self._process = os.getpid()

    def holds(self, name: str) -> bool:
        """Whether there is a value of that name."""
        return self._ask(name, KeptValueRequest.CHECK).exists

    def fetched(self, name: str) -> Any:
        """Return the value."""
        response = self._ask(name, KeptValueRequest.FETCH)
        engine = self._engine
        return engine.connection.decode(engine.session, response.value, as_dtype(response.dtype))

    def fed(self, name: str) -> Kept:
        """Return what stands for the value."""
        return Kept(name)

    def forget(self, name: str) -> None:
        """Forget the value."""
        self._ask(name, KeptValueRequest.FORGET)

    def drop(self, name: str) -> None:
        """Forget the value before the next step."""
        if os.getpid() == self._process:
            self._engine.dropped.append(name)

    def _ask(self, name: str, action: int) -> KeptValueResponse:
        engine = self._engine
        request = KeptValueRequest(session=engine.session, name=name, action=action)
        response: KeptValueResponse = engine.connection.call("KeptValue", request)
        engine.check(response.status)
        return response
