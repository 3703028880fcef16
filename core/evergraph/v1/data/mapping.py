"""What functions make of the elements of a dataset: `map`, `filter`, `interleave` …"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from evergraph import dtypes
from evergraph.v1.data import structure as structures
from evergraph.v1.data.base import AUTOTUNE, Derived, deterministic_text, int64
from evergraph.v1.data.functions import Traced

#: How many datasets take turns by default where they are read in parallel. TF: the number of CPUs.
_CYCLE: Final = 10


class Mapping(Derived):
    """The methods that take a function of elements."""

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
        given["deterministic"] = deterministic_text(deterministic)
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
        given["deterministic"] = deterministic_text(deterministic)
        return self._derived("ParallelInterleaveDatasetV4", given, inner, name)
