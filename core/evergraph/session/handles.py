"""`TensorHandle`: a value that stays in its session, on its device, between runs."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from evergraph.dtypes import DType
from evergraph.errors import InvalidArgumentError
from evergraph.graph.tensor import Tensor
from evergraph.runtime.backend import Backend, on_host

if TYPE_CHECKING:
    from evergraph.runtime.resources import Resources

#: Op types whose fetched values are handles.
HANDLE_OPS: Final = ("GetSessionHandle", "GetSessionHandleV2")


class KeptValues(Protocol):
    """Where the values of handles are, by name."""

    def holds(self, name: str) -> bool:
        """Whether there is a value of that name."""
        ...

    def fetched(self, name: str) -> Any:
        """Return the value, as the caller's own."""
        ...

    def fed(self, name: str) -> Any:
        """Return what is given to a step in place of the value."""
        ...

    def forget(self, name: str) -> None:
        """Forget the value, if there is one."""
        ...

    def drop(self, name: str) -> None:
        """Forget the value some time; called while objects are collected, wherever that is."""
        ...


class OwnValues:
    """The values that a session of this process keeps.

    Args:
      backend: whose arrays they are.
      resources: of the session; the handles do not keep them alive.
    """

    def __init__(self, backend: Backend, resources: Resources) -> None:
        self._backend = backend
        self._resources = weakref.ref(resources)

    def holds(self, name: str) -> bool:
        """Whether there is a value of that name."""
        resources = self._resources()
        return resources is not None and name in resources.kept

    def fetched(self, name: str) -> Any:
        """Return the value, as the caller's own."""
        return np.array(on_host(self._backend, self.fed(name)))[()]

    def fed(self, name: str) -> Any:
        """Return the value."""
        resources = self._resources()
        return None if resources is None else resources.kept[name].value

    def forget(self, name: str) -> None:
        """Forget the value, if there is one."""
        resources = self._resources()
        if resources is not None:
            resources.kept.pop(name, None)

    drop = forget


class TensorHandle:
    """Stands for a value that a session keeps; it is what `tf.get_session_handle` is fetched as.

    The value is forgotten when the handle is, unless `get_raw_handle` was called. Fed to a tensor
    of the value's type the handle is the value, fed to the placeholder of `tf.get_session_tensor`
    or `tf.delete_session_tensor` it is its own name.

    Args:
      name: of the value.
      dtype: of the value.
      values: where the value is.
    """

    def __init__(self, name: str, dtype: DType, values: KeptValues) -> None:
        self._name = name
        self._dtype = dtype
        self._values = values
        self._forget = True

    @property
    def handle(self) -> str:
        """The name, by which the value is fed."""
        return self._name

    @property
    def dtype(self) -> DType:
        """The type of the value."""
        return self._dtype

    def eval(self) -> Any:
        """Return the value, as the caller's own.

        Raises:
          TypeError: it has been deleted.
        """
        self._check_kept()
        return self._values.fetched(self._name)

    def delete(self) -> None:
        """Forget the value.

        Raises:
          TypeError: it has been deleted.
        """
        self._check_kept()
        self._values.forget(self._name)

    def get_raw_handle(self) -> str:
        """Return the name; the value now outlives this object."""
        self._forget = False
        return self._name

    def to_numpy_array(self) -> np.ndarray[Any, Any]:
        """Return the name as an array of one string."""
        return np.array(self._name.encode(), object)

    def _check_kept(self) -> None:
        if not self._values.holds(self._name):
            raise TypeError(f"Persistent tensor {self._name} may have already been deleted.")

    def _fed(self, tensor: Tensor) -> Any:
        """Return what is fed to a tensor in place of the handle."""
        if tensor._dtype.base_dtype.name == "string":
            return self._name
        if not self._values.holds(self._name):
            raise InvalidArgumentError(
                None,
                None,
                f"The tensor with handle '{self._name}' is not in the session store.",
            )
        if tensor._dtype.base_dtype is not self._dtype:
            raise InvalidArgumentError(
                None,
                None,
                f"The handle '{self._name}' stands for a value of type {self._dtype.name}, but is "
                f"fed to {tensor.name}, which is of type {tensor._dtype.base_dtype.name}",
            )
        return self._values.fed(self._name)

    def __del__(self) -> None:
        if self._forget:
            self._values.drop(self._name)

    def __str__(self) -> str:
        return self._name


def handle_releaser(tensor: Tensor, values: KeptValues) -> Callable[[Any, Any], Any]:
    """Return the function that makes a handle of the fetched name of a value."""
    dtype = tensor._op._inputs[0]._dtype.base_dtype

    def release(value: Any, fed: Any) -> TensorHandle:
        del fed
        name = value if isinstance(value, bytes) else value[()]
        return TensorHandle(name.decode(), dtype, values)

    return release
