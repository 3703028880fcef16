"""Which elements of a dataset there are, in what order, and how often."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.v1.data import structure as structures
from evergraph.v1.data.base import AUTOTUNE, Derived, common_shape, int64
from evergraph.v1.data.seeds import get_seed


class Ordering(Derived):
    """The methods that choose and order elements."""

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
            a.with_shape(common_shape(a.shape, b.shape))
            for a, b in zip(structures.leaves(own), structures.leaves(other), strict=True)
        ]
        given = {"another_dataset": dataset._variant_tensor}
        structure = structures.packed(own, common)
        return self._derived("ConcatenateDataset", given, structure, name)

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
