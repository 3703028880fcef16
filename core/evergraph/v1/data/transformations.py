"""`Transformations`: the methods of datasets that make datasets of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from evergraph import dtypes
from evergraph.builder import build
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.inference import constant_value
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape, as_shape
from evergraph.v1.data import structure as structures
from evergraph.v1.data.functions import Traced
from evergraph.v1.data.seeds import get_seed

#: A number that is left to the library.
AUTOTUNE: Final = -1
#: The number of elements of what has no end, and of what has an unknown number.
INFINITE_CARDINALITY: Final = -1
UNKNOWN_CARDINALITY: Final = -2
#: How many datasets take turns by default where they are read in parallel. TF: the number of CPUs.
_CYCLE: Final = 10


def int64(value: Any, name: str) -> Tensor:
    """Return a number for a node, as a tensor."""
    return convert_to_tensor(value, dtypes.int64, name=name)


class Transformations:
    """What `tf.data.Dataset` does with its elements."""

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

    # What functions make of elements

    def map(
        self,
        map_func: Callable[..., Any],
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        synchronous: bool | None = None,
        use_unbounded_threadpool: bool = False,
        name: str | None = None,
    ) -> Any:
        """Return the dataset of what a function makes of each element.

        Args:
          map_func: takes an element (the parts of a tuple as separate arguments) as tensors, and
            returns a tensor or a structure of tensors. It is called once, to build a graph, which
            may use tensors and variables outside. Lists become tensors.
          num_parallel_calls, deterministic, synchronous, use_unbounded_threadpool: accepted;
            elements are made one after the other, in order.
          name: of the node.

        Raises:
          ValueError: `map_func` cannot be called, makes a variable, or returns nothing.
          TypeError: it returns what cannot be a tensor.
        """
        traced = self._function(map_func, "Dataset.map")
        given = {"other_arguments": traced.captured, "f": traced.function}
        if num_parallel_calls is None or synchronous:
            more = {} if synchronous is None else {"force_synchronous": synchronous}
            return self._derived("MapDataset", given | more, traced.structure, name)
        given["num_parallel_calls"] = int64(num_parallel_calls, "num_parallel_calls")
        given["deterministic"] = _deterministic(deterministic)
        given["use_unbounded_threadpool"] = use_unbounded_threadpool
        return self._derived("ParallelMapDatasetV2", given, traced.structure, name)

    def map_with_legacy_function(
        self,
        map_func: Callable[..., Any],
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        use_unbounded_threadpool: bool = False,
    ) -> Any:
        """Return the same as `map`."""
        del use_unbounded_threadpool
        return self.map(map_func, num_parallel_calls, deterministic)

    def filter(self, predicate: Callable[..., Any], name: str | None = None) -> Any:
        """Return the dataset of the elements that a function says yes to.

        Args:
          predicate: takes an element, as for `map`; returns a bool scalar.
          name: of the node.

        Raises:
          ValueError: it returns something else.
        """
        return self._chosen("FilterDataset", predicate, "Dataset.filter", name)

    def filter_with_legacy_function(self, predicate: Callable[..., Any]) -> Any:
        """Return the same as `filter`."""
        return self.filter(predicate)

    def take_while(self, predicate: Callable[..., Any], name: str | None = None) -> Any:
        """Return the dataset of the elements before the first that a function says no to.

        Raises:
          ValueError: the function returns no bool scalar.
        """
        return self._chosen("TakeWhileDataset", predicate, "Dataset.take_while", name)

    def _chosen(self, type: str, predicate: Any, what: str, name: str | None) -> Any:
        traced = self._function(predicate, what)
        found = traced.structure
        if not (
            isinstance(found, structures.TensorLeaf)
            and found.dtype is dtypes.bool
            and found.shape.is_compatible_with([])
        ):
            raise ValueError(
                "Invalid `predicate`. `predicate` must return a `tf.bool` scalar tensor, but its "
                f"return type is {found}."
            )
        given = {"other_arguments": traced.captured, "predicate": traced.function}
        return self._derived(type, given, None, name)

    def flat_map(self, map_func: Callable[..., Any], name: str | None = None) -> Any:
        """Return the elements of the datasets that a function makes, one dataset after the other.

        Args:
          map_func: takes an element, as for `map`; returns a dataset.
          name: of the node.

        Raises:
          TypeError: it returns something else.
        """
        traced = self._datasets(map_func, "Dataset.flat_map")
        given = {"other_arguments": traced.captured, "f": traced.function}
        return self._derived("FlatMapDataset", given, traced.structure.structure, name)

    def _datasets(self, map_func: Callable[..., Any], what: str) -> Traced:
        traced = self._function(map_func, what)
        if not isinstance(traced.structure, structures.DatasetLeaf):
            # TF: an AttributeError.
            raise TypeError(
                f"The function passed to {what}() must return a `tf.data.Dataset` object, not "
                f"{traced.structure}."
            )
        return traced

    def interleave(
        self,
        map_func: Callable[..., Any],
        cycle_length: Any = None,
        block_length: Any = None,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Any:
        """Return the elements of the datasets that a function makes, some from each in turn.

        Args:
          map_func: takes an element, as for `map`; returns a dataset.
          cycle_length: how many datasets take turns; 1 by default.
          block_length: how many elements come from one dataset at a time; 1 by default.
          num_parallel_calls, deterministic: accepted; elements come one after the other, in order.
          name: of the node.

        Raises:
          TypeError: the function returns something else.
          InvalidArgumentError: when it runs, a number is not positive.
        """
        parallel = num_parallel_calls is not None
        if cycle_length is None:
            cycle_length = num_parallel_calls if parallel else 1
        if isinstance(cycle_length, int) and cycle_length == AUTOTUNE:
            cycle_length = _CYCLE
        traced = self._datasets(map_func, "Dataset.interleave")
        given = {
            "other_arguments": traced.captured,
            "f": traced.function,
            "cycle_length": int64(cycle_length, "cycle_length"),
            "block_length": int64(1 if block_length is None else block_length, "block_length"),
        }
        inner = traced.structure.structure
        if not parallel:
            return self._derived("InterleaveDataset", given, inner, name)
        given["buffer_output_elements"] = int64(AUTOTUNE, "buffer_output_elements")
        given["prefetch_input_elements"] = int64(AUTOTUNE, "prefetch_input_elements")
        given["num_parallel_calls"] = int64(num_parallel_calls, "num_parallel_calls")
        given["deterministic"] = _deterministic(deterministic)
        return self._derived("ParallelInterleaveDatasetV4", given, inner, name)

    # Which elements, and in what order

    def take(self, count: Any, name: str | None = None) -> Any:
        """Return the first `count` elements; all of them if it is -1."""
        return self._derived("TakeDataset", {"count": int64(count, "count")}, None, name)

    def skip(self, count: Any, name: str | None = None) -> Any:
        """Return the elements after the first `count`; none if it is -1."""
        return self._derived("SkipDataset", {"count": int64(count, "count")}, None, name)

    def repeat(self, count: Any = None, name: str | None = None) -> Any:
        """Return the elements `count` times; for ever if it is None or -1."""
        times = int64(-1 if count is None else count, "count")
        return self._derived("RepeatDataset", {"count": times}, None, name)

    def shard(self, num_shards: Any, index: Any, name: str | None = None) -> Any:
        """Return one of `num_shards` elements, beginning with number `index`.

        Raises:
          InvalidArgumentError: when it runs, there is no such shard.
        """
        given = {"num_shards": int64(num_shards, "num_shards"), "index": int64(index, "index")}
        return self._derived("ShardDataset", given, None, name)

    def shuffle(
        self,
        buffer_size: Any,
        seed: Any = None,
        reshuffle_each_iteration: bool | None = True,
        name: str | None = None,
    ) -> Any:
        """Return the elements in random order: TensorFlow's for the same seeds.

        Args:
          buffer_size: how many elements the next one is chosen from.
          seed: of the order, together with the graph's.
          reshuffle_each_iteration: whether the order is another one each time it is repeated.
          name: of the node.

        Raises:
          InvalidArgumentError: when it runs, `buffer_size` is not positive.
        """
        anew = True if reshuffle_each_iteration is None else reshuffle_each_iteration
        size = int64(buffer_size, "buffer_size")
        first, second = get_seed(seed)
        given = {
            "buffer_size": size,
            "seed": first,
            "seed2": second,
            "reshuffle_each_iteration": anew,
        }
        return self._derived("ShuffleDataset", given, None, name)

    def cache(self, filename: Any = "", name: str | None = None) -> Any:
        """Return the elements, which are kept once all of them have been there.

        Args:
          filename: where they are kept; by default in memory.
          name: of the node.
        """
        path = convert_to_tensor(filename, dtypes.string, name="filename")
        return self._derived("CacheDataset", {"filename": path}, None, name)

    def prefetch(self, buffer_size: Any = None, name: str | None = None) -> Any:
        """Return the elements; they are made when they are wanted.

        Args:
          buffer_size: accepted: how many would be made ahead.
          name: of the node.
        """
        size = int64(AUTOTUNE if buffer_size is None else buffer_size, "buffer_size")
        with self._variant_tensor.graph.colocate_with(self._variant_tensor):
            automatic = isinstance(buffer_size, int) and buffer_size == AUTOTUNE
            given = {"buffer_size": size, "legacy_autotune": buffer_size is None or automatic}
            return self._derived("PrefetchDataset", given, None, name)

    def concatenate(self, dataset: Any, name: str | None = None) -> Any:
        """Return the elements of this dataset, then those of another one.

        Raises:
          TypeError: they have other types.
        """
        own, other = self._structure, dataset._structure
        if structures.types_of(own) != structures.types_of(other):
            raise TypeError(f"Incompatible dataset elements: {own} vs. {other}")
        common = [
            a.with_shape(_most_specific(a.shape, b.shape))
            for a, b in zip(structures.leaves(own), structures.leaves(other), strict=True)
        ]
        given = {"another_dataset": dataset._variant_tensor}
        structure = structures.packed(own, common)
        return self._derived("ConcatenateDataset", given, structure, name)

    # Batches

    def batch(
        self,
        batch_size: Any,
        drop_remainder: Any = False,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Any:
        """Return batches of elements, with a further first dimension.

        Args:
          batch_size: how many elements a batch has.
          drop_remainder: whether there is no last batch that has fewer.
          num_parallel_calls, deterministic: accepted.
          name: of the node.

        Raises:
          InvalidArgumentError: when it runs, `batch_size` is not positive, or elements that are to
            be a batch have several shapes.
        """
        size = int64(batch_size, "batch_size")
        drop = convert_to_tensor(drop_remainder, dtypes.bool, name="drop_remainder")
        given: dict[str, Any] = {"batch_size": size, "drop_remainder": drop}
        structure = structures.batched(self._structure, batch_dimension(size, drop))
        if num_parallel_calls is None:
            return self._derived("BatchDatasetV2", given, structure, name)
        given["num_parallel_calls"] = int64(num_parallel_calls, "num_parallel_calls")
        given["deterministic"] = _deterministic(deterministic)
        return self._derived("ParallelBatchDataset", given, structure, name)

    def padded_batch(
        self,
        batch_size: Any,
        padded_shapes: Any = None,
        padding_values: Any = None,
        drop_remainder: Any = False,
        name: str | None = None,
    ) -> Any:
        """Return batches of elements that are made equally large first.

        Args:
          batch_size: how many elements a batch has.
          padded_shapes: for each component, its shape in a batch; a size of None, or -1, is that of
            the largest element in the batch. By default the static shapes.
          padding_values: for each component, a scalar; by default 0, or an empty string.
          drop_remainder: whether there is no last batch that has fewer.
          name: of the node.

        Raises:
          ValueError: shapes or values do not fit the components.
          TypeError: a value has another type.
          InvalidArgumentError: when it runs, an element is larger than its padded shape.
        """
        size = int64(batch_size, "batch_size")
        leaves = structures.leaves(self._structure)
        if padded_shapes is None:
            padded_shapes = structures.shapes_of(self._structure)
            if any(s.ndims is None for s in structures.leaves(padded_shapes)):
                raise ValueError(
                    "You must provide `padded_shapes` argument because component has unknown rank."
                )
        wanted = structures.given_along(self._structure, padded_shapes)
        shapes = [
            _padded_shape(shape, leaf.shape) for shape, leaf in zip(wanted, leaves, strict=True)
        ]
        values = structures.given_along(self._structure, padding_values)
        if padding_values is not None and len(values) == 1 and len(leaves) > 1:
            values = values * len(leaves)
        padding = [_padding(v, leaf) for v, leaf in zip(values, leaves, strict=True)]
        drop = convert_to_tensor(drop_remainder, dtypes.bool, name="drop_remainder")
        first = TensorShape([batch_dimension(size, drop)])
        made = [
            leaf.with_shape(first.concatenate(_static(shape)))
            for leaf, shape in zip(leaves, shapes, strict=True)
        ]
        given = {
            "batch_size": size,
            "padded_shapes": shapes,
            "padding_values": padding,
            "drop_remainder": drop,
        }
        structure = structures.packed(self._structure, made)
        return self._derived("PaddedBatchDatasetV2", given, structure, name, "Toutput_types")

    def unbatch(self, name: str | None = None) -> Any:
        """Return the elements that batches consist of.

        Raises:
          ValueError: a component is a scalar.
        """
        leaves = structures.leaves(self._structure)
        if any(leaf.shape.ndims == 0 for leaf in leaves):
            raise ValueError("Cannot unbatch an input with scalar components.")
        sizes = {leaf.shape[0].value for leaf in leaves if leaf.shape.ndims} - {None}
        if len(sizes) > 1:
            raise ValueError(
                "`unbatch()` is only supported for datasets of elements whose components have a "
                f"matching leading dimension. Encountered {' and '.join(map(str, sorted(sizes)))}."
            )
        made = [
            leaf.with_shape(leaf.shape[1:] if leaf.shape.ndims is not None else leaf.shape)
            for leaf in leaves
        ]
        return self._derived("UnbatchDataset", {}, structures.packed(self._structure, made), name)

    def window(
        self,
        size: Any,
        shift: Any = None,
        stride: Any = 1,
        drop_remainder: Any = False,
        name: str | None = None,
    ) -> Any:
        """Return windows of elements; each component of a window is a dataset.

        Args:
          size: how many elements a window has.
          shift: from the first element of a window to that of the next one; `size` by default.
          stride: from one element of a window to the next one.
          drop_remainder: whether there are no windows that have fewer.
          name: of the node.

        Raises:
          InvalidArgumentError: when it runs, a number is not positive.
        """
        given = {
            "size": int64(size, "size"),
            "shift": int64(size if shift is None else shift, "shift"),
            "stride": int64(stride, "stride"),
            "drop_remainder": convert_to_tensor(drop_remainder, dtypes.bool, name="drop_remainder"),
        }
        structure = structures.mapped(structures.DatasetLeaf, self._structure)
        return self._derived("WindowDataset", given, structure, name)

    def unique(self, name: str | None = None) -> Any:
        """Return the elements, of one component, that have not been there before.

        Raises:
          TypeError: there are more components, or their type is not int32, int64 or string.
        """
        types = structures.flat_types(self._structure)
        if len(types) != 1 or types[0] not in (dtypes.int32, dtypes.int64, dtypes.string):
            raise TypeError(
                "`tf.data.Dataset.unique` does not support elements of types "
                f"{structures.types_of(self._structure)}: only a single tensor component that is "
                "`tf.int32`, `tf.int64`, or `tf.string`."
            )
        return self._derived("UniqueDataset", {}, None, name)

    def ignore_errors(self, log_warning: bool = False, name: str | None = None) -> Any:
        """Return the elements that could be made."""
        return self._derived("IgnoreErrorsDataset", {"log_warning": log_warning}, None, name)

    def group_by_window(
        self,
        key_func: Callable[..., Any],
        reduce_func: Callable[..., Any],
        window_size: Any = None,
        window_size_func: Callable[..., Any] | None = None,
        name: str | None = None,
    ) -> Any:
        """Return what a function makes of groups of elements with the same key.

        Args:
          key_func: takes an element; returns its key, an int64 scalar.
          reduce_func: takes a key and a dataset of the elements of a group; returns a dataset.
          window_size: how many elements a group has.
          window_size_func: takes a key and returns that number.
          name: of the node.

        Raises:
          ValueError: both or neither of the two is given, or a key is none.
          TypeError: `reduce_func` returns no dataset.
        """
        if (window_size is None) == (window_size_func is None):
            raise ValueError(
                "Either the `window_size` argument or the `window_size_func` argument must be "
                "specified."
            )
        key = structures.TensorLeaf(dtypes.int64, TensorShape([]))
        keys = self._function(key_func, "Dataset.group_by_window")
        if keys.structure != key:
            raise ValueError(
                "Invalid `key_func`. `key_func` must return a single `tf.int64` scalar tensor but "
                f"its return type is {keys.structure}."
            )
        sizes = Traced(
            window_size_func or (lambda _: int64(window_size, "window_size")),
            key,
            "Dataset.group_by_window",
        )
        group = structures.DatasetLeaf(self._structure)
        made = Traced(reduce_func, (key, group), "Dataset.group_by_window")
        if not isinstance(made.structure, structures.DatasetLeaf):
            raise TypeError(
                f"Invalid `reduce_func`. `reduce_func` must return a dataset, not {made.structure}."
            )
        given = {
            "key_func_other_arguments": keys.captured,
            "reduce_func_other_arguments": made.captured,
            "window_size_func_other_arguments": sizes.captured,
            "key_func": keys.function,
            "reduce_func": made.function,
            "window_size_func": sizes.function,
        }
        return self._derived("GroupByWindowDataset", given, made.structure.structure, name)

    def scan(
        self, initial_state: Any, scan_func: Callable[..., Any], name: str | None = None
    ) -> Any:
        """Return what a function makes of each element and of a state, which it changes.

        Args:
          initial_state: a structure of tensors.
          scan_func: takes the state and an element; returns the next state and an element.
          name: of the node.

        Raises:
          TypeError: it returns something else.
        """
        state, values = structures.normalized(initial_state)

        def following(structure: Any) -> Any:
            if not (isinstance(structure, tuple) and len(structure) == 2):
                raise TypeError(
                    "Invalid `scan_func`. `scan_func` should return a pair consisting of new state "
                    "and the output value."
                )
            return structure[0]

        traced = self._stepping(scan_func, state, following, "Dataset.scan")
        given = {
            "initial_state": values,
            "other_arguments": traced.captured,
            "f": traced.function,
            "preserve_cardinality": True,
        }
        return self._derived("ScanDataset", given, traced.structure[1], name)

    def reduce(
        self, initial_state: Any, reduce_func: Callable[..., Any], name: str | None = None
    ) -> Any:
        """Return what is left of a state when a function has seen all elements.

        Args:
          initial_state: a structure of tensors.
          reduce_func: takes the state and an element, and returns the next state.
          name: of the node.

        Returns:
          A structure of tensors, as `initial_state`.

        Raises:
          TypeError: the function returns something else.
          OpError: when it runs, an element could not be made.
        """
        with self._variant_tensor.graph.name_scope("initial_state"):
            state, values = structures.normalized(initial_state)
        traced = self._stepping(reduce_func, state, lambda structure: structure, "reduce")
        attributes = structures.attributes_of(traced.structure)
        given = {
            "input_dataset": self._variant_tensor,
            "initial_state": values,
            "other_arguments": traced.captured,
            "f": traced.function,
        }
        results = build("ReduceDataset", given | attributes, name)
        return structures.decoded(traced.structure, results)

    def _stepping(
        self, func: Callable[..., Any], state: Any, following: Callable[[Any], Any], what: str
    ) -> Traced:
        """Return a function of a state and an element, for states of all shapes that there are.

        Args:
          func: the function.
          state: the structure of the first state.
          following: from the structure of what it returns to that of the next state.
          what: the method, for errors.
        """
        while True:
            traced = Traced(func, (state, self._structure), what)
            found = following(traced.structure)
            if structures.types_of(found) != structures.types_of(state):
                raise TypeError(
                    "The element types for the new state must match the initial state. Expected "
                    f"{state} in {what}; got {found}."
                )
            pairs = zip(structures.leaves(state), structures.leaves(found), strict=True)
            wide = [a.with_shape(_most_specific(a.shape, b.shape)) for a, b in pairs]
            if wide == structures.leaves(state):
                return traced
            state = structures.packed(state, wide)


def _deterministic(given: bool | None) -> str:
    return "default" if given is None else str(bool(given)).lower()


def batch_dimension(size: Tensor, drop: Tensor) -> int | None:
    """Return the first dimension of batches, if all have the same."""
    dropped, known = constant_value(drop), constant_value(size)
    if dropped is None or not dropped or known is None or known <= 0:
        return None
    return int(known)


def _most_specific(one: TensorShape, other: TensorShape) -> TensorShape:
    """Return what is the same in two shapes."""
    if one.ndims is None or one.ndims != other.ndims:
        return TensorShape(None)
    pairs = zip(one.as_list(), other.as_list(), strict=True)
    return TensorShape([a if a == b else None for a, b in pairs])


def _padded_shape(wanted: Any, known: TensorShape) -> Tensor:
    """Return a shape in a batch as a tensor in which unknown sizes are -1."""
    if isinstance(wanted, Tensor):
        return convert_to_tensor(wanted, dtypes.int64)
    if isinstance(wanted, np.ndarray):
        wanted = wanted.tolist()
    if isinstance(wanted, Sequence):
        wanted = [None if d is not None and isinstance(d, int) and d < 0 else d for d in wanted]
    shape = as_shape(wanted)
    if shape.ndims is None:
        raise ValueError("A padded shape must have a known rank.")
    sizes = shape.as_list()
    theirs = [None] * len(sizes) if known.ndims is None else known.as_list()
    if len(theirs) != len(sizes) or any(
        a is not None and b is not None and a < b for a, b in zip(sizes, theirs, strict=True)
    ):
        raise ValueError(
            f"The padded shape {_shown(shape)} is not compatible with the shape {_shown(known)} of "
            "the corresponding input component."
        )
    return constant([-1 if d is None else d for d in sizes], dtypes.int64)


def _shown(shape: TensorShape) -> str:
    return str(tuple(shape.as_list()))


def _static(shape: Tensor) -> TensorShape:
    value = constant_value(shape)
    if value is not None:
        return TensorShape([None if d < 0 else int(d) for d in value.tolist()])
    rank = None if shape.shape.ndims is None else shape.shape[0].value
    return TensorShape(None if rank is None else [None] * rank)


def _padding(value: Any, leaf: Any) -> Tensor:
    if value is None:
        value = b"" if leaf.dtype is dtypes.string else np.zeros((), leaf.dtype.as_numpy_dtype)
    found = convert_to_tensor(value, name="padding_value")
    if found.dtype.base_dtype is not leaf.dtype:
        if isinstance(value, Tensor) or not isinstance(value, int | float | np.generic):
            raise TypeError(
                f"The padding value of type {found.dtype} does not match the type {leaf.dtype} of "
                "the corresponding input component."
            )
        found = convert_to_tensor(value, leaf.dtype, name="padding_value")
    if found.shape.ndims not in (None, 0):
        raise ValueError(f"Padding value should be a scalar, but is not: padding_value={value}")
    return found
