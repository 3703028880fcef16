"""`Derived`: what makes a dataset of another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from evergraph import dtypes
from evergraph.builder import build
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape
from evergraph.v1.data import structure as structures
from evergraph.v1.data.functions import Traced

#: A number that is left to the library.
AUTOTUNE: Final = -1
#: The number of elements of what has no end, and of what has an unknown number.
INFINITE_CARDINALITY: Final = -1
UNKNOWN_CARDINALITY: Final = -2


def int64(value: Any, name: str) -> Tensor:
    """Return a number for a node, as a tensor."""
    return convert_to_tensor(value, dtypes.int64, name=name)


class Derived:
    """Makes the nodes that take a dataset."""

    _variant_tensor: Tensor
    _structure: Any

    @staticmethod
    def _of(variant: Tensor, structure: Any) -> Any:
        raise NotImplementedError

    def _derived(
        self,
        type: str,
        arguments: dict[str, Any],
        structure: Any = None,
        name: str | None = None,
        types: str = "output_types",
    ) -> Any:
        """Return the dataset of a node that takes this one.

        Args:
          type: the op type.
          arguments: of the node, beside the dataset.
          structure: of the elements; by default, as here.
          name: of the node.
          types: the name of the attribute that has the types.
        """
        structure = self._structure if structure is None else structure
        attributes = structures.attributes_of(structure)
        attributes[types] = attributes.pop("output_types")
        given = {"input_dataset": self._variant_tensor} | arguments | attributes
        return self._of(build(type, given, name), structure)

    def _function(self, func: Callable[..., Any], what: str) -> Traced:
        return Traced(func, self._structure, what)


def deterministic_text(given: bool | None) -> str:
    """Return whether elements come in order, as nodes have it."""
    return "default" if given is None else str(bool(given)).lower()


def common_shape(one: TensorShape, other: TensorShape) -> TensorShape:
    """Return what is the same in two shapes."""
    if one.ndims is None or one.ndims != other.ndims:
        return TensorShape(None)
    pairs = zip(one.as_list(), other.as_list(), strict=True)
    return TensorShape([a if a == b else None for a, b in pairs])
