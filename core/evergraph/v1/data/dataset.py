"""`tf.data.Dataset`: a sequence of elements, each a structure of tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np

from evergraph import dtypes
from evergraph.builder import build
from evergraph.dtypes import as_dtype
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape
from evergraph.v1.data import structure as structures
from evergraph.v1.data.base import int64
from evergraph.v1.data.batching import Batching
from evergraph.v1.data.folding import Folding
from evergraph.v1.data.mapping import Mapping
from evergraph.v1.data.ordering import Ordering
from evergraph.v1.framework import name_scope
from evergraph.v1.sparse_tensor import SparseTensor, SparseTensorValue


class Dataset(Mapping, Ordering, Batching, Folding):
    """A sequence of elements. All have the same structure: of tuples and dicts, with tensors.

    It is made by its static methods, or of another one by its methods; an iterator gives the
    elements. Nothing is computed before an iterator's `get_next` runs.
    """

    def __init__(self) -> None:
        raise TypeError("datasets are made by methods of tf.data.Dataset, such as from_tensors")

    @staticmethod
    def _of(variant: Tensor, structure: Any) -> Dataset:
        found = object.__new__(Dataset)
        found._set(variant, structure)
        return found

    def _set(self, variant: Tensor, structure: Any) -> None:
        """Set the tensor that stands for the dataset, and the structure of its elements."""
        self._variant_tensor = variant
        self._structure = structure
        self._options: Any = None

    @property
    def output_types(self) -> Any:
        """The types of the components, in the structure of an element."""
        return structures.types_of(self._structure)

    @property
    def output_shapes(self) -> Any:
        """The static shapes of the components, in the structure of an element."""
        return structures.shapes_of(self._structure)

    @property
    def output_classes(self) -> Any:
        """The classes of the components, in the structure of an element."""
        return structures.classes_of(self._structure)

    # Where elements come from

    @staticmethod
    def from_tensors(tensors: Any, name: str | None = None) -> Dataset:
        """Return a dataset with one element.

        Args:
          tensors: the element: a structure of what can be tensors, and of sparse tensors.
          name: of the node.

        Raises:
          TypeError, ValueError: something cannot be a tensor.
        """
        with name_scope("normalize_element"):
            structure, values = structures.normalized(tensors)
        pairs = zip(structures.leaves(structure), values, strict=True)
        given = {"components": [leaf.encoded(v) for leaf, v in pairs]}
        shapes = {"output_shapes": structures.flat_shapes(structure)}
        return Dataset._of(build("TensorDataset", given | shapes, name), structure)

    @staticmethod
    def from_tensor_slices(tensors: Any, name: str | None = None) -> Dataset:
        """Return a dataset with an element for each index of the first dimension.

        Args:
          tensors: a structure of what can be tensors, and of sparse tensors.
          name: of the node.

        Raises:
          TypeError, ValueError: something cannot be a tensor, is a scalar, or has another size.
        """
        with name_scope("normalize_element"):
            batches, values = structures.normalized(tensors)
        leaves = structures.leaves(batches)
        if not leaves:
            raise ValueError("Invalid `element`. `element` should not be empty.")
        size = TensorShape([None])[0]
        for leaf in leaves:
            if leaf.shape.ndims == 0:
                raise ValueError("Unbatching a tensor is only supported for rank >= 1")
            if leaf.shape.ndims:
                size.assert_is_compatible_with(leaf.shape[0])
                size = size.merge_with(leaf.shape[0])
        made = [
            leaf.with_shape(leaf.shape[1:] if leaf.shape.ndims else TensorShape(None))
            for leaf in leaves
        ]
        components = [
            leaf.sliced(v) if isinstance(leaf, structures.SparseLeaf) else leaf.encoded(v)
            for leaf, v in zip(leaves, values, strict=True)
        ]
        structure = structures.packed(batches, made)
        given = {
            "components": components,
            "output_shapes": structures.flat_shapes(structure),
        }
        return Dataset._of(build("TensorSliceDataset", given, name), structure)

    @staticmethod
    def from_sparse_tensor_slices(sparse_tensor: Any) -> Dataset:
        """Return a dataset of the slices of a sparse tensor: indices, values and shape of each.

        Args:
          sparse_tensor: its indices must be in order.

        Raises:
          TypeError: it is none.
        """
        if isinstance(sparse_tensor, SparseTensorValue):
            sparse_tensor = SparseTensor.from_value(sparse_tensor)
        if not isinstance(sparse_tensor, SparseTensor):
            raise TypeError(
                "Invalid `sparse_tensor`. `sparse_tensor` must be a `tf.sparse.SparseTensor`. Got "
                f"{type(sparse_tensor)}."
            )
        rank = sparse_tensor.indices.shape[1].value
        rank = None if rank is None else rank - 1
        structure = (
            structures.TensorLeaf(dtypes.int64, TensorShape([None, rank])),
            structures.TensorLeaf(sparse_tensor.dtype, TensorShape([None])),
            structures.TensorLeaf(dtypes.int64, TensorShape([rank])),
        )
        given = {
            "indices": sparse_tensor.indices,
            "values": sparse_tensor.values,
            "dense_shape": sparse_tensor.dense_shape,
        }
        return Dataset._of(build("SparseTensorSliceDataset", given), structure)

    @staticmethod
    def from_generator(
        generator: Callable[..., Any],
        output_types: Any = None,
        output_shapes: Any = None,
        args: Any = None,
        output_signature: Any = None,
        name: str | None = None,
    ) -> Dataset:
        """Return a dataset of what a Python generator yields.

        Args:
          generator: called for each iterator, with the values of `args`; returns what can be
            iterated over.
          output_types: the types of the components, in the structure of an element.
          output_shapes: their static shapes; unknown by default.
          args: tensors whose values `generator` is called with.
          output_signature: objects with `dtype` and `shape` in place of the two.
          name: of the node.

        Raises:
          TypeError: `generator` cannot be called, or types are not given.
          InvalidArgumentError: when it runs, it yields something else than it should.
        """
        from evergraph.v1.data.generators import generated

        return generated(generator, output_types, output_shapes, args, output_signature, name)

    @staticmethod
    def range(*args: Any, **kwargs: Any) -> Dataset:
        """Return a dataset of numbers: `range(stop)`, or `range(start, stop[, step])`.

        Args:
          *args: the bounds, as for Python's `range`.
          **kwargs: `output_type` (int64 by default) and `name`.

        Raises:
          ValueError: there are too few or too many arguments.
          InvalidArgumentError: when it runs, the step is 0.
        """
        if not 1 <= len(args) <= 3:
            raise ValueError(
                "Invalid `args`. The length of `args` should be between 1 and 3 but was "
                f"{len(args)}."
            )
        output_type = as_dtype(kwargs.pop("output_type", dtypes.int64))
        name = kwargs.pop("name", None)
        bounds = slice(*args)
        given = {
            "start": int64(0 if bounds.start is None else bounds.start, "start"),
            "stop": int64(bounds.stop, "stop"),
            "step": int64(1 if bounds.step is None else bounds.step, "step"),
        }
        structure = structures.TensorLeaf(output_type, TensorShape([]))
        attributes = structures.attributes_of(structure)
        return Dataset._of(build("RangeDataset", given | attributes, name), structure)

    @staticmethod
    def random(
        seed: Any = None, rerandomize_each_iteration: bool | None = None, name: str | None = None
    ) -> Dataset:
        """Return a dataset of random numbers, int64 from 0 to 2**32 - 1, without an end.

        Args:
          seed: of the numbers, together with the graph's.
          rerandomize_each_iteration: accepted; the numbers are the same each time.
          name: of the node.
        """
        from evergraph.v1.data.seeds import get_seed

        del rerandomize_each_iteration
        first, second = get_seed(seed)
        structure = structures.TensorLeaf(dtypes.int64, TensorShape([]))
        given = {"seed": first, "seed2": second} | structures.attributes_of(structure)
        return Dataset._of(build("RandomDataset", given, name), structure)

    @staticmethod
    def zip(*args: Any, datasets: Any = None, name: str | None = None) -> Dataset:
        """Return the elements of several datasets side by side, as long as all have one.

        Args:
          *args: datasets, or a structure of datasets.
          datasets: a structure of datasets, in place of `args`.
          name: of the node.

        Raises:
          TypeError: something is no dataset.
          ValueError: there is none.
        """
        if not args and datasets is None:
            raise TypeError("Must pass at least one dataset to `zip`.")
        if args and datasets is not None:
            raise TypeError("Both `*args` and `datasets` cannot be set.")
        given = datasets if not args else args[0] if len(args) == 1 else args
        for dataset in structures.leaves(given):
            if isinstance(dataset, Dataset):
                continue
            if isinstance(dataset, list):
                raise TypeError(
                    "Invalid input to `zip`. Inputs are expected to be (nested) structures of "
                    "`tf.data.Dataset` objects. Python `list` is not supported and you should use "
                    "`tuple` instead."
                )
            raise TypeError(
                "Invalid input to `zip`. Inputs are expected to be (nested) structures of "
                f"`tf.data.Dataset` objects but encountered object of type {type(dataset)}."
            )
        structure = structures.mapped(lambda d: d._structure, given)
        inputs = [d._variant_tensor for d in structures.leaves(given)]
        arguments = {"input_datasets": inputs} | structures.attributes_of(structure)
        return Dataset._of(build("ZipDataset", arguments, name), structure)

    @staticmethod
    def list_files(
        file_pattern: Any, shuffle: Any = None, seed: Any = None, name: str | None = None
    ) -> Dataset:
        """Return a dataset of the names of files that match patterns.

        Args:
          file_pattern: a pattern, or a vector of them.
          shuffle: whether they come in random order, which is the default.
          seed: of the order.
          name: of the node.

        Raises:
          InvalidArgumentError: when it runs, no file matches.
        """
        from evergraph.v1.data.files import listed

        return listed(file_pattern, True if shuffle is None else shuffle, seed, name)

    # Of this dataset and others

    def enumerate(self, start: Any = 0, name: str | None = None) -> Dataset:
        """Return pairs of a number, from `start` on, and an element."""
        numbers = Dataset.range(start, np.iinfo(np.int64).max)
        numbers = numbers._derived(
            "RewriteDataset", {"rewrite_name": "replicate_on_split"}, None, None
        )
        return Dataset.zip((numbers, self), name=name)

    def apply(self, transformation_func: Callable[[Any], Any]) -> Any:
        """Return what a function makes of the dataset.

        Raises:
          TypeError: it is no dataset.
        """
        found = transformation_func(self)
        if not isinstance(found, Dataset):
            raise TypeError(
                f"`transformation_func` must return a `tf.data.Dataset` object. Got {type(found)}."
            )
        return found

    def get_single_element(self, name: str | None = None) -> Any:
        """Return the only element, as tensors.

        Raises:
          InvalidArgumentError: when it runs, there is none, or more than one.
        """
        attributes = structures.attributes_of(self._structure)
        given = {"dataset": self._variant_tensor} | attributes
        results = build("DatasetToSingleElement", given, name)
        return structures.decoded(self._structure, results)

    def options(self) -> Any:
        """Return the options."""
        from evergraph.v1.data.options import Options

        return Options() if self._options is None else self._options

    def with_options(self, options: Any, name: str | None = None) -> Dataset:
        """Return the dataset with options, which are accepted and kept."""
        del name
        found: Dataset = Dataset._of(self._variant_tensor, self._structure)
        found._options = self.options().merge(options)
        return found

    # What gives elements

    def make_one_shot_iterator(self) -> Any:
        """Return an iterator that gives all elements once, and needs no initializer.

        Raises:
          ValueError: the dataset depends on a placeholder or a variable.
        """
        from evergraph.v1.data.iterators import one_shot

        return one_shot(self)

    def make_initializable_iterator(self, shared_name: str | None = None) -> Any:
        """Return an iterator that begins with the first element when its `initializer` runs.

        Args:
          shared_name: the name under which sessions share it.
        """
        from evergraph.v1.data.iterators import initializable

        return initializable(self, shared_name)

    def __iter__(self) -> Iterator[Any]:
        raise RuntimeError(
            "`tf.data.Dataset` only supports Python-style iteration in eager mode or within "
            "tf.function."
        )

    def __len__(self) -> NoReturn:
        raise TypeError(
            "`tf.data.Dataset` only supports `len` in eager mode. Use "
            "`tf.data.Dataset.cardinality()` instead."
        )

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<{type(self).__name__} shapes: {self.output_shapes}, types: {self.output_types}>"
