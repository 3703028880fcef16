"""Structures of elements: tuples and dicts, nested, whose leaves say what a component is.

Lists are no structure here: they become tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evergraph import dtypes
from evergraph.builder import build
from evergraph.dtypes import DType, as_dtype
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape, as_shape, dims_text
from evergraph.v1 import nest
from evergraph.v1.sparse_tensor import SparseTensor, SparseTensorValue


@dataclass(frozen=True)
class TensorLeaf:
    """A component that is a tensor.

    Attributes:
      dtype, shape: of its values.
    """

    dtype: DType
    shape: TensorShape

    def __repr__(self) -> str:
        return f"TensorSpec(shape={dims_text(self.shape._dims)}, dtype={self.dtype!r}, name=None)"

    @property
    def kind(self) -> Any:
        """What `output_classes` shows."""
        return Tensor

    @property
    def flat(self) -> tuple[DType, TensorShape]:
        """The type and the shape of the tensor that stands for the component."""
        return self.dtype, self.shape

    def encoded(self, value: Any) -> Tensor:
        """Return the tensor that stands for a value."""
        return convert_to_tensor(value, self.dtype)

    def decoded(self, tensor: Tensor) -> Any:
        """Return the value that a tensor stands for."""
        tensor.set_shape(self.shape)
        return tensor

    def with_shape(self, shape: TensorShape) -> TensorLeaf:
        """Return a leaf for values of another shape."""
        return TensorLeaf(self.dtype, shape)


@dataclass(frozen=True)
class SparseLeaf:
    """A component that is a sparse tensor: a tensor of three variants stands for it.

    Attributes:
      dtype, shape: of its values.
    """

    dtype: DType
    shape: TensorShape

    @property
    def kind(self) -> Any:
        """What `output_classes` shows."""
        return SparseTensor

    @property
    def flat(self) -> tuple[DType, TensorShape]:
        """The type and the shape of the tensor that stands for the component."""
        # TF: the shape of the tensor is not told.
        return dtypes.variant, TensorShape(None)

    def encoded(self, value: Any) -> Tensor:
        """Return the tensor that stands for a value."""
        return _serialized("SerializeSparse", value)

    def sliced(self, value: Any) -> Tensor:
        """Return the tensor whose slices stand for the slices of a value."""
        return _serialized("SerializeManySparse", value)

    def decoded(self, tensor: Tensor) -> Any:
        """Return the value that a tensor stands for."""
        parts = build("DeserializeSparse", {"serialized_sparse": tensor, "dtype": self.dtype}, None)
        indices, values, dense_shape = parts
        rank = self.shape.ndims
        indices.set_shape([None, rank])
        dense_shape.set_shape([rank])
        found = SparseTensor(indices, values, dense_shape)
        found.set_shape(self.shape)
        return found

    def with_shape(self, shape: TensorShape) -> SparseLeaf:
        """Return a leaf for values of another shape."""
        return SparseLeaf(self.dtype, shape)


def _serialized(type: str, value: SparseTensor) -> Tensor:
    made: Tensor = build(
        type,
        {
            "sparse_indices": value.indices,
            "sparse_values": value.values,
            "sparse_shape": value.dense_shape,
            "out_type": dtypes.variant,
        },
    )
    return made


@dataclass(frozen=True)
class DatasetLeaf:
    """A component that is a dataset.

    Attributes:
      structure: of its elements.
    """

    structure: Any

    def __repr__(self) -> str:
        return f"DatasetSpec({self.structure}, TensorShape([]))"

    @property
    def kind(self) -> Any:
        """What `output_classes` shows: the leaf itself."""
        return self

    @property
    def dtype(self) -> Any:
        """What `output_types` shows: the leaf itself."""
        return self

    @property
    def shape(self) -> TensorShape:
        """The shape of the tensor that stands for the component."""
        return TensorShape([])

    @property
    def flat(self) -> tuple[DType, TensorShape]:
        """The type and the shape of the tensor that stands for the component."""
        return dtypes.variant, TensorShape([])

    def encoded(self, value: Any) -> Tensor:
        """Return the tensor that stands for a value."""
        tensor: Tensor = value._variant_tensor
        return tensor

    def decoded(self, tensor: Tensor) -> Any:
        """Return the value that a tensor stands for."""
        from evergraph.v1.data.dataset import Dataset

        return Dataset._of(tensor, self.structure)

    def with_shape(self, shape: TensorShape) -> DatasetLeaf:
        """Return the leaf: a batch of datasets is not told from a dataset."""
        del shape
        return self


def _parts(structure: Any) -> list[Any] | None:
    if isinstance(structure, list | SparseTensorValue):
        return None
    return nest._parts(structure, False)


def leaves(structure: Any) -> list[Any]:
    """Return the leaves of a structure, in order."""
    return list(_leaves(structure))


def _leaves(structure: Any) -> Iterator[Any]:
    parts = _parts(structure)
    if parts is None:
        yield structure
        return
    for part in parts:
        yield from _leaves(part)


def packed(structure: Any, values: Sequence[Any]) -> Any:
    """Return a structure of the same form with other leaves."""
    return _packed(structure, iter(values))


def _packed(structure: Any, values: Iterator[Any]) -> Any:
    parts = _parts(structure)
    if parts is None:
        return next(values)
    return nest._like(structure, [_packed(part, values) for part in parts])


def mapped(function: Callable[..., Any], structure: Any) -> Any:
    """Return a structure of the same form with what a function makes of each leaf."""
    return packed(structure, [function(leaf) for leaf in leaves(structure)])


def check_same(one: Any, other: Any) -> None:
    """Raise unless two structures have the same form.

    Raises:
      ValueError, TypeError: that is so.
    """
    nest.assert_same_structure(one, other)


def given_along(structure: Any, given: Any, default: Any = None) -> list[Any]:
    """Return what is given for each leaf of a structure; lists and shapes are given whole.

    Args:
      structure: the form.
      given: of the same form, down to the leaves of `structure`; None for `default` everywhere.
      default: what stands for None.

    Raises:
      ValueError, TypeError: the forms differ.
    """
    if given is None:
        return [default for _ in leaves(structure)]
    found: list[Any] = []
    _walk(structure, given, found)
    return found


def _walk(structure: Any, given: Any, found: list[Any]) -> None:
    parts = _parts(structure)
    if parts is None:
        found.append(given)
        return
    if isinstance(structure, Mapping) != isinstance(given, Mapping):
        raise TypeError(
            f"If shallow structure is a sequence, input must also be a sequence. Input has type: "
            f"{type(given).__name__!r}."
        )
    if isinstance(structure, Mapping):
        if set(structure) != set(given):
            raise ValueError(
                f"The two structures don't have the same keys. Input structure has keys "
                f"{list(given)}, while shallow structure has keys {list(structure)}."
            )
        for key in sorted(structure):
            _walk(structure[key], given[key], found)
        return
    theirs = list(given) if isinstance(given, list) else _parts(given)
    if theirs is None:
        raise TypeError(
            "If shallow structure is a sequence, input must also be a sequence. Input has type: "
            f"{type(given).__name__!r}."
        )
    if len(parts) != len(theirs):
        raise ValueError(
            "The two structures don't have the same sequence length. Input structure has length "
            f"{len(theirs)}, while shallow structure has length {len(parts)}."
        )
    for part, other in zip(parts, theirs, strict=True):
        _walk(part, other, found)


def declared(output_types: Any, output_shapes: Any = None, output_classes: Any = None) -> Any:
    """Return the structure that types, shapes and classes describe.

    Raises:
      TypeError, ValueError: they do not fit together, or are no types and shapes.
    """
    kinds = given_along(output_types, output_classes, Tensor)
    shapes = given_along(output_types, output_shapes)
    made: list[Any] = []
    for kind, shape, dtype in zip(kinds, shapes, leaves(output_types), strict=True):
        if isinstance(kind, DatasetLeaf):
            made.append(kind)
            continue
        leaf = SparseLeaf if kind is SparseTensor else TensorLeaf
        made.append(leaf(as_dtype(dtype), as_shape(shape)))
    return packed(output_types, made)


def types_of(structure: Any) -> Any:
    """Return what `output_types` shows."""
    return mapped(lambda leaf: leaf.dtype, structure)


def shapes_of(structure: Any) -> Any:
    """Return what `output_shapes` shows."""
    return mapped(lambda leaf: leaf if isinstance(leaf, DatasetLeaf) else leaf.shape, structure)


def classes_of(structure: Any) -> Any:
    """Return what `output_classes` shows."""
    return mapped(lambda leaf: leaf.kind, structure)


def flat_types(structure: Any) -> list[DType]:
    """Return the types of the tensors that stand for an element."""
    return [leaf.flat[0] for leaf in leaves(structure)]


def flat_shapes(structure: Any) -> list[TensorShape]:
    """Return the shapes of the tensors that stand for an element."""
    return [leaf.flat[1] for leaf in leaves(structure)]


def attributes_of(structure: Any) -> dict[str, Any]:
    """Return the attributes of a node that gives elements."""
    return {"output_types": flat_types(structure), "output_shapes": flat_shapes(structure)}


def decoded(structure: Any, tensors: Sequence[Tensor]) -> Any:
    """Return an element from the tensors that stand for it."""
    pairs = zip(leaves(structure), tensors, strict=True)
    return packed(structure, [leaf.decoded(t) for leaf, t in pairs])


def batched(structure: Any, size: int | None) -> Any:
    """Return the structure of batches of elements."""
    first = TensorShape([size])
    return mapped(lambda leaf: leaf.with_shape(first.concatenate(leaf.shape)), structure)


def normalized(element: Any, names: str = "component") -> tuple[Any, list[Any]]:
    """Return the structure of an element, and its leaves as tensors, sparse tensors or datasets.

    Raises:
      TypeError, ValueError: a leaf can be none of these.
    """
    from evergraph.v1.data.dataset import Dataset

    found: list[Any] = []
    values: list[Any] = []
    for i, value in enumerate(leaves(element)):
        if isinstance(value, SparseTensorValue):
            value = SparseTensor.from_value(value)
        if isinstance(value, SparseTensor):
            found.append(SparseLeaf(value.dtype, value.shape))
        elif isinstance(value, Dataset):
            found.append(DatasetLeaf(value._structure))
        elif isinstance(value, Operation):
            raise TypeError(f"an operation is no value: {value.name}")
        else:
            value = convert_to_tensor(value, name=f"{names}_{i}")
            found.append(TensorLeaf(value.dtype.base_dtype, value.shape))
        values.append(value)
    return packed(element, found), values
