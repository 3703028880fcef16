"""`CompositeTensor`: several tensors that together are one value, fetched and fed as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evergraph.graph.tensor import Tensor


class CompositeTensor:
    """What a session must know of a value that is made of tensors."""

    def _components(self) -> list[Tensor]:
        """Return the tensors, in the order of their values."""
        raise NotImplementedError

    def _with_components(self, parts: list[Tensor]) -> CompositeTensor:
        """Return such a value of other tensors."""
        raise NotImplementedError

    def _fetched(self, values: list[Any]) -> Any:
        """Return the value that a user fetches, from one value per component."""
        raise NotImplementedError

    def _fed(self, value: Any) -> Sequence[Any]:
        """Return a value per component of what a user feeds; TypeError if it has none."""
        return tuple(value)
