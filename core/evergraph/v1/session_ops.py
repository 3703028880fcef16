"""Values that stay in a session between runs."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.builder import build
from evergraph.graph.operation import Operation
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.v1.framework import placeholder


def get_session_handle(data: Any, name: str | None = None) -> Tensor:
    """Return a tensor that, fetched, keeps the value of `data` in the session.

    What is fetched is a `TensorHandle`: it can be evaluated, deleted and fed.

    Raises:
      TypeError: `data` is not a tensor.
    """
    if not isinstance(data, Tensor):
        raise TypeError("`data` must be of type Tensor.")
    with data.graph.colocate_with(data):
        tensor: Tensor = build("GetSessionHandle", {"value": data}, name)
    return tensor


def get_session_tensor(handle: str, dtype: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Return a placeholder for the name of a kept value, and the value.

    Args:
      handle: the name of some kept value: it tells the device.
      dtype: of the value.
      name: of the node.
    """
    with get_default_graph().device(_device(handle)):
        holder = placeholder(dtypes.string)
        return holder, build("GetSessionTensor", {"handle": holder, "dtype": dtype}, name)


def delete_session_tensor(handle: str, name: str | None = None) -> tuple[Tensor, Operation]:
    """Return a placeholder for the name of a kept value, and the operation that forgets it.

    Args:
      handle: the name of some kept value: it tells the device.
      name: of the operation.
    """
    with get_default_graph().device(_device(handle)):
        holder = placeholder(dtypes.string)
        return holder, build("DeleteSessionTensor", {"handle": holder}, name)


def _device(handle: Any) -> str:
    text = handle.decode() if isinstance(handle, bytes) else str(handle)
    return text.split(";")[-1]
