"""Datasets of what Python generators yield."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from evergraph import dtypes
from evergraph.builder import build
from evergraph.dtypes import DType
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape
from evergraph.v1.data import structure as structures
from evergraph.v1.data.dataset import Dataset
from evergraph.v1.data.functions import Traced
from evergraph.v1.script_ops import py_func

_WHAT = "Dataset.from_generator"


class _Generators:
    """The iterators of a generator, by number: one for each iterator of the dataset."""

    def __init__(self, generator: Callable[..., Any]) -> None:
        self._generator = generator
        self._numbers = itertools.count()
        self._begun: dict[int, Any] = {}
        self._iterators: dict[int, Iterator[Any]] = {}
        self._lock = threading.Lock()

    def begin(self, *values: Any) -> np.int64:
        """Return a number for a new iterator; the generator is called later, with these values."""
        with self._lock:
            number = next(self._numbers)
            self._begun[number] = values
        return np.int64(number)

    def following(self, number: int) -> Any:
        """Return what an iterator yields next; StopIteration at its end."""
        iterator = self._iterators.get(number)
        if iterator is None:
            iterator = iter(self._generator(*self._begun.pop(number)))
            self._iterators[number] = iterator
        return next(iterator)

    def end(self, number: int) -> np.int64:
        """Forget an iterator."""
        self._begun.pop(number, None)
        iterator = self._iterators.pop(number, None)
        close = getattr(iterator, "close", None)
        if close is not None:
            close()
        return np.int64(0)


def generated(
    generator: Any,
    output_types: Any,
    output_shapes: Any,
    args: Any,
    output_signature: Any,
    name: str | None,
) -> Dataset:
    """Return the dataset; see `Dataset.from_generator`."""
    if not callable(generator):
        raise TypeError("`generator` must be a Python callable.")
    if output_signature is not None:
        if output_types is not None or output_shapes is not None:
            raise TypeError(
                "The `output_types` argument can not be used together with the `output_signature` "
                "argument."
            )
        structure = structures.mapped(
            lambda s: structures.TensorLeaf(s.dtype, TensorShape(s.shape)), output_signature
        )
    elif output_types is None:
        raise TypeError(
            "To specify the output signature you need to provide either the `output_signature` "
            "argument or the `output_types` argument."
        )
    else:
        structure = structures.declared(output_types, output_shapes)
    if args is None:
        arguments: list[Tensor] = []
    elif isinstance(args, list | tuple):
        arguments = [convert_to_tensor(a, name="args") for a in args]
    else:
        raise TypeError("`args` must be convertible to a list of tensors: it is no list or tuple")
    generators = _Generators(generator)
    leaves = structures.leaves(structure)

    def get_iterator_id_fn(_: Any) -> Any:
        return py_func(generators.begin, arguments, dtypes.int64)

    def generator_next_fn(number: Any) -> Any:
        found = py_func(
            lambda n: _checked(generators.following(int(n)), structure),
            [number],
            [leaf.dtype for leaf in leaves],
        )
        for tensor, leaf in zip(found, leaves, strict=True):
            tensor.set_shape(leaf.shape)
        return structures.packed(structure, found)

    def finalize_fn(number: Any) -> Any:
        return py_func(lambda n: generators.end(int(n)), [number], dtypes.int64)

    unused = structures.TensorLeaf(dtypes.int32, TensorShape([]))
    number = structures.TensorLeaf(dtypes.int64, TensorShape(None))

    def flat_map_fn(dummy: Any) -> Any:
        init = Traced(get_iterator_id_fn, unused, _WHAT)
        following = Traced(generator_next_fn, number, _WHAT)
        finalize = Traced(finalize_fn, number, _WHAT)
        given = {
            "init_func_other_args": [dummy, *init.captured],
            "next_func_other_args": following.captured,
            "finalize_func_other_args": finalize.captured,
            "init_func": init.function,
            "next_func": following.function,
            "finalize_func": finalize.function,
        }
        attributes = structures.attributes_of(structure)
        return Dataset._of(build("GeneratorDataset", given | attributes), structure)

    one = Dataset.from_tensors(np.int32(0))
    found: Dataset = one.flat_map(flat_map_fn, name)
    return found


def _checked(values: Any, structure: Any) -> list[Any]:
    """Return the components of what a generator yields.

    Raises:
      TypeError: they are of another number, type or shape.
    """
    try:
        given = structures.given_along(structure, values) if values is not None else [values]
    except (TypeError, ValueError) as error:
        raise TypeError(
            "`generator` yielded an element that did not match the expected structure. The "
            f"expected structure was {structures.types_of(structure)}, but the yielded element was "
            f"{values}."
        ) from error
    found = []
    for value, leaf in zip(given, structures.leaves(structure), strict=True):
        array = _converted(value, leaf.dtype)
        if not leaf.shape.is_compatible_with(array.shape):
            raise TypeError(
                f"`generator` yielded an element of shape {array.shape} where an element of shape "
                f"{_shown(leaf.shape)} was expected."
            )
        found.append(array)
    return found


def _shown(shape: TensorShape) -> str:
    return str(tuple(shape.as_list()))


def _converted(value: Any, dtype: DType) -> np.ndarray[Any, Any]:
    try:
        if dtype is not dtypes.string:
            return np.asarray(value, dtype.as_numpy_dtype)
        array = np.array(value, object)
        for at, item in np.ndenumerate(array):
            array[at] = item.encode() if isinstance(item, str) else bytes(item)
    except (TypeError, ValueError) as error:
        raise TypeError(
            "`generator` yielded an element that could not be converted to the expected type. The "
            f"expected type was {dtype.name}, but the yielded element was {value}."
        ) from error
    return array
