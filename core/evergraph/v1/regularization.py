"""Losses of regularizers: tensors that are built anew for each use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evergraph.dtypes import DType
from evergraph.graph.graph import Graph
from evergraph.graph.operation import Operation
from evergraph.graph.operators import Operators
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape


class LazyTensor(Operators):
    """A tensor that a function builds: once to be looked at and fetched, and once for each use.

    So a loop may use it that was entered after it was made.

    Args:
      build: makes the tensor.
    """

    def __init__(self, build: Callable[[], Tensor]) -> None:
        self._build = build
        self._master = build()

    @property
    def name(self) -> str:
        """The name."""
        return self._master.name

    @property
    def op(self) -> Operation:
        """The operation that produces the tensor."""
        return self._master.op

    @property
    def dtype(self) -> DType:
        """The type of the elements."""
        return self._master.dtype

    @property
    def shape(self) -> TensorShape:
        """The static shape."""
        return self._master.shape

    @property
    def device(self) -> str:
        """The device string of the producing operation."""
        return self._master.device

    @property
    def graph(self) -> Graph:
        """The graph that contains the tensor."""
        return self._master.graph

    @property
    def value_index(self) -> int:
        """Which of the operation's outputs this is."""
        return self._master.value_index

    def get_shape(self) -> TensorShape:
        """Return the static shape."""
        return self._master.shape

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """Return the value; see `Tensor.eval`."""
        return self._master.eval(feed_dict, session)

    def _as_graph_element(self) -> Tensor:
        return self._master

    def _dense_var_to_tensor(
        self, dtype: Any = None, name: str | None = None, as_ref: bool = False
    ) -> Tensor:
        del dtype, name, as_ref
        return self._build()

    def __str__(self) -> str:
        return str(self._master)


def _on_use(operator: str) -> Callable[..., Any]:
    function = getattr(Tensor, operator)

    def apply(self: LazyTensor, *args: Any) -> Any:
        return function(self._build(), *args)

    apply.__name__ = operator
    return apply


for _operator, _function in vars(Operators).items():
    if callable(_function):
        setattr(LazyTensor, _operator, _on_use(_operator))
