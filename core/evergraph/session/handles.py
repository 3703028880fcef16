"""`TensorHandle`: a value that stays in its session, on its device, between runs."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from evergraph.dtypes import DType
from evergraph.errors import InvalidArgumentError
from evergraph.graph.tensor import Tensor
from evergraph.runtime.backend import Backend, on_host

if TYPE_CHECKING:
    from evergraph.runtime.resources import Resources

#: Op types whose fetched values are handles.
HANDLE_OPS: Final = ("GetSessionHandle", "GetSessionHandleV2")


class TensorHandle:
    """Stands for a value that a session keeps; it is what `tf.get_session_handle` is fetched as.

    The value is forgotten when the handle is, unless `get_raw_handle` was called. Fed to a tensor
    of the value's type the handle is the value, fed to the placeholder of `tf.get_session_tensor`
    or `tf.delete_session_tensor` it is its own name.

    Args:
      name: of the value.
      dtype: of the value.
      backend: whose array the value is.
      resources: of the session that keeps the value.
    """

    def __init__(self, name: str, dtype: DType, backend: Backend, resources: Resources) -> None:
        self._name = name
        self._dtype = dtype
        self._backend = backend
        self._resources = weakref.ref(resources)
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
        return np.array(on_host(self._backend, self._value()))[()]

    def delete(self) -> None:
        """Forget the value.

        Raises:
          TypeError: it has been deleted.
        """
        self._value()
        self._drop()

    def get_raw_handle(self) -> str:
        """Return the name; the value now outlives this object."""
        self._forget = False
        return self._name

    def to_numpy_array(self) -> np.ndarray[Any, Any]:
        """Return the name as an array of one string."""
        return np.array(self._name.encode(), object)

    def _value(self) -> Any:
        resources = self._resources()
        if resources is None or self._name not in resources.kept:
            raise TypeError(f"Persistent tensor {self._name} may have already been deleted.")
        return resources.kept[self._name].value

    def _fed(self, tensor: Tensor) -> Any:
        """Return what is fed to a tensor in place of the handle."""
        if tensor._dtype.base_dtype.name == "string":
            return self._name
        resources = self._resources()
        if resources is None or self._name not in resources.kept:
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
        return resources.kept[self._name].value

    def _drop(self) -> None:
        resources = self._resources()
        if resources is not None:
            resources.kept.pop(self._name, None)

    def __del__(self) -> None:
        if self._forget:
            self._drop()

    def __str__(self) -> str:
        return self._name


def handle_releaser(
    tensor: Tensor, backend: Backend, resources: Resources
) -> Callable[[Any, Any], Any]:
    """Return the function that makes a handle of the fetched name of a value."""
    dtype = tensor._op._inputs[0]._dtype.base_dtype

    def release(value: Any, fed: Any) -> TensorHandle:
        del fed
        name = value if isinstance(value, bytes) else value[()]
        return TensorHandle(name.decode(), dtype, backend, resources)

    return release
