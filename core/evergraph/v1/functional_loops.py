"""`map_fn`, `scan`, `foldl` and `foldr`: functions of rows, called in a loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from evergraph.builder import build
from evergraph.dtypes import as_dtype
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import scope
from evergraph.graph.slicing import shape
from evergraph.graph.tensor import Tensor
from evergraph.shapes import Dimension, TensorShape
from evergraph.v1 import nest
from evergraph.v1.loops import while_loop
from evergraph.v1.tensor_array import TensorArray


def map_fn(
    fn: Any,
    elems: Any,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
    fn_output_signature: Any = None,
) -> Any:
    """Return what a function gives for every row, stacked.

    Args:
      fn: a function of a row, in the structure of `elems`.
      elems: a tensor, or a structure of tensors of which the rows belong together.
      dtype: the type, or structure of types, that `fn` gives; by default those of `elems`.
      parallel_iterations: how many rows TensorFlow may treat at once; it changes nothing here.
      back_prop: whether gradients may be taken.
      swap_memory: accepted for compatibility.
      infer_shape: whether all results have one shape.
      name: a name scope.
      fn_output_signature: another name of `dtype`.

    Raises:
      TypeError: `fn` cannot be called.
      ValueError: `elems` has no tensor, or a scalar, or `fn` gives another structure.
    """
    _check_callable(fn)
    types = dtype if fn_output_signature is None else fn_output_signature
    with scope(name, "map", nest.flatten(elems)):
        rows = _Rows(elems)
        if types is None:
            types = nest.pack_sequence_as(elems, [t.dtype.base_dtype for t in rows.tensors])
        wanted = [as_dtype(t) for t in nest.flatten(types)]
        results = [TensorArray(t, rows.count, infer_shape=infer_shape) for t in wanted]

        def step(i: Tensor, arrays: Any) -> Any:
            value = fn(rows.at(i))
            nest.assert_same_structure(types, value)
            flat = nest.flatten(value)
            return i + 1, [a.write(i, v) for a, v in zip(arrays, flat, strict=True)]

        _, results = while_loop(
            lambda i, _: build("Less", {"x": i, "y": rows.count}),
            step,
            (convert_to_tensor(0), results),
            parallel_iterations=parallel_iterations or 10,
            back_prop=back_prop,
            swap_memory=swap_memory,
            maximum_iterations=rows.count,
        )
        return rows.stacked(types, results)


def scan(
    fn: Any,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """Return what a function gives for what it gave before and the next row, for every row.

    Args:
      fn: a function of what it gave before and of a row.
      elems: a tensor, or a structure of tensors of which the rows belong together.
      initializer: what it gave before the first row; by default the first row is what it gives
        first.
      parallel_iterations: how many rows TensorFlow may treat at once; it changes nothing here.
      back_prop: whether gradients may be taken.
      swap_memory: accepted for compatibility.
      infer_shape: whether all results have one shape.
      reverse: whether it begins with the last row.
      name: a name scope.

    Raises:
      TypeError: `fn` cannot be called.
      ValueError: `elems` has no tensor, or a scalar, or `fn` gives another structure.
    """
    _check_callable(fn)
    with scope(name, "scan", nest.flatten(elems)):
        rows = _Rows(elems)
        given = initializer is not None
        first = rows.count - 1 if reverse else convert_to_tensor(0)
        before = _start(rows, initializer, first)
        flat = nest.flatten(before)
        results = [TensorArray(t.dtype, rows.count, infer_shape=infer_shape) for t in flat]
        start = first
        if not given:
            results = [a.write(first, t) for a, t in zip(results, flat, strict=True)]
            start = first - 1 if reverse else first + 1

        def step(i: Tensor, last: Any, arrays: Any) -> Any:
            value = _called(fn, before, last, rows.at(i))
            flat = nest.flatten(value)
            written = [a.write(i, v) for a, v in zip(arrays, flat, strict=True)]
            return (i - 1 if reverse else i + 1), flat, written

        *_, results = while_loop(
            _condition(rows, reverse),
            step,
            (start, flat, results),
            parallel_iterations=parallel_iterations,
            back_prop=back_prop,
            swap_memory=swap_memory,
            maximum_iterations=rows.count,
        )
        return rows.stacked(before, results)


def foldl(
    fn: Any,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """Return what a function gives for the last row, called with what it gave before, and a row.

    See `scan` for the arguments and errors.
    """
    more = parallel_iterations, back_prop, swap_memory, name
    return _fold("foldl", False, fn, elems, initializer, *more)


def foldr(
    fn: Any,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """Return what a function gives for the first row, beginning with the last one; see `foldl`."""
    more = parallel_iterations, back_prop, swap_memory, name
    return _fold("foldr", True, fn, elems, initializer, *more)


def _fold(
    label: str,
    reverse: bool,
    fn: Any,
    elems: Any,
    initializer: Any,
    parallel_iterations: int,
    back_prop: bool,
    swap_memory: bool,
    name: str | None,
) -> Any:
    _check_callable(fn)
    with scope(name, label, nest.flatten(elems)):
        rows = _Rows(elems)
        first = rows.count - 1 if reverse else convert_to_tensor(0)
        before = _start(rows, initializer, first)
        start = first
        if initializer is None:
            start = first - 1 if reverse else first + 1

        def step(i: Tensor, last: Any) -> Any:
            value = _called(fn, before, last, rows.at(i))
            return (i - 1 if reverse else i + 1), nest.flatten(value)

        _, result = while_loop(
            _condition(rows, reverse),
            step,
            (start, nest.flatten(before)),
            parallel_iterations=parallel_iterations,
            back_prop=back_prop,
            swap_memory=swap_memory,
            maximum_iterations=rows.count,
        )
        return nest.pack_sequence_as(before, result)


class _Rows:
    """The rows of tensors, which are read one by one.

    Raises:
      ValueError: there is no tensor, or one is a scalar, or they have different numbers of rows.
    """

    def __init__(self, elems: Any) -> None:
        self._structure = elems
        self.tensors: list[Tensor] = [
            convert_to_tensor(t, name="elem") for t in nest.flatten(elems)
        ]
        if not self.tensors:
            raise ValueError(
                "elems must be a Tensor or (possibly nested) sequence of Tensors. Got "
                f"{elems}, which does not contain any Tensors."
            )
        if any(t.shape.ndims == 0 for t in self.tensors):
            raise ValueError("Elements in elems must be 1+ dimensional Tensors, not scalars")
        known = Dimension(None)
        for tensor in self.tensors:
            if tensor.shape.dims is not None:
                known = known.merge_with(tensor.shape.dims[0])
        self._known: int | None = known.value
        #: How many rows there are: an int32 scalar.
        self.count: Tensor = (
            shape(self.tensors[0])[0] if self._known is None else convert_to_tensor(self._known)
        )
        self._arrays = [
            TensorArray(
                t.dtype,
                handle=flow,
                flow=flow,
                element_shape=t.shape[1:],
            )
            for t, flow in [(t, _unstacked(t)) for t in self.tensors]
        ]

    def at(self, index: Tensor) -> Any:
        """Return a row, in the structure of the tensors."""
        return nest.pack_sequence_as(self._structure, [a.read(index) for a in self._arrays])

    def stacked(self, structure: Any, arrays: Sequence[TensorArray]) -> Any:
        """Return arrays of as many elements as there are rows, stacked, in a structure."""
        tensors = [a.stack() for a in arrays]
        for tensor in tensors:
            tensor.set_shape(TensorShape([self._known]).concatenate(tensor.shape[1:]))
        return nest.pack_sequence_as(structure, tensors)


def _unstacked(tensor: Tensor) -> Tensor:
    dims = tensor.shape[1:]
    sizes: Any = -1 if dims.ndims is None else [-1 if d is None else d for d in dims.as_list()]
    element_shape = convert_to_tensor(sizes, "int32")
    arguments = {"tensor": tensor, "element_shape": element_shape}
    result: Tensor = build("TensorListFromTensor", arguments)
    return result


def _start(rows: _Rows, initializer: Any, first: Tensor) -> Any:
    """Return what the function gave before, as tensors."""
    value = rows.at(first) if initializer is None else initializer
    return nest.pack_sequence_as(value, [convert_to_tensor(v) for v in nest.flatten(value)])


def _called(fn: Callable[..., Any], structure: Any, last: Any, row: Any) -> Any:
    value = fn(nest.pack_sequence_as(structure, nest.flatten(last)), row)
    nest.assert_same_structure(structure, value)
    return value


def _condition(rows: _Rows, reverse: bool) -> Callable[..., Tensor]:
    def goes_on(i: Tensor, *_: Any) -> Tensor:
        if reverse:
            return build("GreaterEqual", {"x": i, "y": convert_to_tensor(0)})  # type: ignore[no-any-return]
        return build("Less", {"x": i, "y": rows.count})  # type: ignore[no-any-return]

    return goes_on


def _check_callable(fn: Any) -> None:
    if not callable(fn):
        raise TypeError(f"{fn!r} is not callable. Please provide a callable function.")
