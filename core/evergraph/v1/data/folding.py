"""Functions of several elements of a dataset: `scan`, `reduce`, `group_by_window`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evergraph import dtypes
from evergraph.builder import build
from evergraph.shapes import TensorShape
from evergraph.v1.data import structure as structures
from evergraph.v1.data.base import Derived, common_shape, int64
from evergraph.v1.data.functions import Traced


class Folding(Derived):
    """The methods that take a function of a state, or of groups."""

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
            wide = [a.with_shape(common_shape(a.shape, b.shape)) for a, b in pairs]
            if wide == structures.leaves(state):
                return traced
            state = structures.packed(state, wide)
