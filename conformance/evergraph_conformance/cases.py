"""Golden op cases: one op, its inputs and attributes; TensorFlow's answer is recorded beside them.

This module imports nothing but NumPy and ml_dtypes, so that the recorder can use it where
TensorFlow is installed and evergraph is not; `tf` is an argument.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import ml_dtypes
import numpy as np

#: The families of cases: a module of `evergraph_conformance.ops` each, with a list `CASES`.
FAMILIES = (
    "arithmetic",
    "comparison",
    "math",
    "reduction",
    "array",
    "indexing",
    "segment",
    "joining",
    "shaping",
    "linear",
    "convolution",
    "pooling",
    "activation",
    "normalization",
    "resize",
    "flow",
    "variables",
    "random",
    "streams",
    "candidates",
    "convolution_backprop",
    "pooling_backprop",
    "normalization_backprop",
    "resize_backprop",
    "decomposition",
    "elements",
    "strings",
    "sparse",
    "parsing",
    "texts",
    "image_files",
    "special",
    "fourier",
    "rnn_blocks",
    "ordering",
    "fake_quantization",
    "sparse_parts",
    "ragged",
    "bands_solved",
    "images_colours",
    "images_windows",
    "images_boxes",
    "unicode_texts",
)

#: How the inputs of a case are given: through placeholders of unknown shape, through placeholders
#: (the first of known rank, the others of known shape), or as constants.
MODES = ("fed", "ranked", "constant")
#: For cases where TensorFlow's static shape is wrong, or where it refuses, when the graph is built,
#: the length of a value that it does not know yet; evergraph refuses that when the node runs.
UNRANKED = ("fed", "constant")


_TYPES = frozenset(
    {
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float8_e4m3fn", "float8_e5m2", "bfloat16", "float16", "float32", "float64"),
        *("complex64", "complex128", "string"),
    }
)


@dataclass(frozen=True)
class Case:
    """One op on given inputs.

    Attributes:
      op: the op type.
      label: what the case is about; unique among the op's cases.
      inputs: an array per input of the op, or a list of arrays for a list input; for a reference
        or the handle of a variable, its initial value.
      attributes: attributes of the op that do not follow from the inputs; types by name.
      tolerance: (rtol, atol_rel, atol) instead of the default of the output's dtype.
      modes: how the inputs are given; see `MODES`.
      undefined: positions of outputs whose values TensorFlow leaves open; types and shapes count.
    """

    op: str
    label: str
    inputs: tuple[Any, ...]
    attributes: dict[str, Any]
    tolerance: tuple[float, float, float] | None = None
    modes: tuple[str, ...] = MODES
    undefined: tuple[int, ...] = ()

    @property
    def id(self) -> str:
        """The name of the case, by which its golden values are found."""
        return f"{self.op}: {self.label}"

    @property
    def dtypes(self) -> set[str]:
        """The names of the element types of the inputs, and of those that attributes name."""
        arrays = [a for i in self.inputs for a in (i if isinstance(i, list) else [i])]
        given = {"string" if a.dtype == object else a.dtype.name for a in arrays}
        named = {v for v in self.attributes.values() if isinstance(v, str)}
        return given | (named & _TYPES)


def case(
    op: str,
    label: str,
    *inputs: Any,
    tolerance: tuple[float, float, float] | None = None,
    modes: tuple[str, ...] = MODES,
    undefined: tuple[int, ...] = (),
    **attributes: Any,
) -> Case:
    """Return a case; inputs that are not arrays become int32, float32, bool or string arrays.

    An empty tuple is a list input without tensors.
    """
    given = tuple(_as_input(i) for i in inputs)
    return Case(op, label, given, attributes, tolerance, modes, undefined)


def _as_input(value: Any) -> Any:
    if isinstance(value, tuple) and not value:
        return []
    if isinstance(value, list) and value and isinstance(value[0], np.ndarray):
        return value
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, np.generic):
        return np.asarray(value)
    array = np.asarray(value)
    if array.dtype.kind in "SU":
        return np.array(value, dtype=object)
    narrow = {"int64": np.int32, "float64": np.float32}.get(array.dtype.name)
    return array if narrow is None else array.astype(narrow)


@dataclass
class Built:
    """A case as a graph.

    Attributes:
      outputs: the op's output tensors, flat.
      operation: the op.
      feeds: the values of the placeholders.
      initializers: what gives the variables their values.
      variables: what reads them.
    """

    outputs: list[Any]
    operation: Any
    feeds: dict[Any, Any]
    initializers: list[Any]
    variables: list[Any]

    def answers(self, run: Callable[..., Any]) -> list[Any]:
        """Run the op, and return its outputs and then the values of the variables."""
        if self.initializers:
            run(self.initializers)
        outputs = run([*self.outputs, self.operation], self.feeds)[:-1]
        return [*outputs, *(run(self.variables) if self.variables else [])]


_RESOURCE = 20  # DT_RESOURCE


def built(tf: Any, case: Case, mode: str) -> Built:
    """Build a case in the default graph, in one of `MODES` or of `gradient_cases.MODES`."""
    graph = tf.get_default_graph()
    raw = getattr(tf.raw_ops, case.op)
    names = list(inspect.signature(raw).parameters)
    found = Built([], None, {}, [], [])
    tensors = []
    for argument, value in zip(graph.op_def_for_type(case.op).input_arg, case.inputs, strict=True):
        if argument.is_ref or argument.type == _RESOURCE:
            tensors.append(_variable(tf, value, argument.is_ref, found))
        else:
            tensors.append(_tensor(tf, value, mode, found.feeds))
    result = raw(**dict(zip(names, tensors, strict=False)), **case.attributes)
    found.operation = [op for op in graph.get_operations() if op.type == case.op][-1]
    if not isinstance(result, tf.Operation):
        parts = result if isinstance(result, tuple | list) else [result]
        found.outputs = [t for p in parts for t in (p if isinstance(p, list | tuple) else [p])]
    return found


def _variable(tf: Any, value: np.ndarray[Any, Any], is_ref: bool, found: Built) -> Any:
    dtype = _dtype(tf, value)
    name = f"variable_{len(found.variables)}"
    start = tf.constant(value, dtype)
    if is_ref:
        variable = tf.raw_ops.VariableV2(shape=value.shape, dtype=dtype, name=name)
        found.initializers.append(tf.raw_ops.Assign(ref=variable, value=start).op)
        found.variables.append(variable)
        return variable
    handle = tf.raw_ops.VarHandleOp(shape=value.shape, dtype=dtype, shared_name=name, name=name)
    found.initializers.append(tf.raw_ops.AssignVariableOp(resource=handle, value=start))
    found.variables.append(tf.raw_ops.ReadVariableOp(resource=handle, dtype=dtype))
    return handle


def _tensor(tf: Any, value: Any, mode: str, feeds: dict[Any, Any]) -> Any:
    if isinstance(value, list):
        return [_tensor(tf, v, mode, feeds) for v in value]
    dtype = _dtype(tf, value)
    if mode == "constant" or (mode == "known" and not dtype.is_floating and not dtype.is_complex):
        return tf.constant(value, dtype)
    unknown = mode == "ranked" and not feeds
    shape = None if mode == "fed" else [None] * value.ndim if unknown else value.shape
    tensor = tf.placeholder(dtype, shape)
    feeds[tensor] = value
    return tensor


def _dtype(tf: Any, value: np.ndarray[Any, Any]) -> Any:
    return tf.string if value.dtype == object else tf.as_dtype(value.dtype)


def dtype_of(name: str) -> np.dtype[Any]:
    """Return the NumPy dtype of a name, ml_dtypes' included."""
    return np.dtype(getattr(ml_dtypes, name, None) or name)


def array(values: Any, dtype: str = "float32") -> np.ndarray[Any, Any]:
    """Return an array of the named dtype."""
    return np.asarray(values).astype(dtype_of(dtype))


def ramp(shape: tuple[int, ...], dtype: str = "float32", start: int = 0) -> np.ndarray[Any, Any]:
    """Return start, start + 1, … in that shape."""
    count = int(np.prod(shape, dtype=np.int64))
    return np.arange(start, start + count).reshape(shape).astype(dtype_of(dtype))


def spread(
    shape: tuple[int, ...],
    dtype: str = "float32",
    low: float = -2.0,
    high: float = 2.0,
    seed: int = 0,
) -> np.ndarray[Any, Any]:
    """Return well-spread values in [low, high), the same on every machine and NumPy."""
    count = int(np.prod(shape, dtype=np.int64))
    bits = (np.arange(1, count + 1, dtype=np.uint64) + np.uint64(7919 * seed)) * np.uint64(
        2654435761
    )
    bits = (bits ^ (bits >> np.uint64(15))) * np.uint64(2246822519)
    unit = ((bits >> np.uint64(13)) & np.uint64(0xFFFFFF)).astype(np.float64) / float(1 << 24)
    values = low + (high - low) * unit
    if dtype_of(dtype).kind in "iu":
        values = np.floor(values)
    return values.reshape(shape).astype(dtype_of(dtype))


def family_cases(family: str) -> list[Case]:
    """Return the cases of a family.

    Raises:
      ValueError: two of them have the same name.
    """
    cases: list[Case] = import_module(f"evergraph_conformance.ops.{family}").CASES
    seen: set[str] = set()
    for one in cases:
        if one.id in seen:
            raise ValueError(f"two cases are named {one.id!r}")
        seen.add(one.id)
    return cases
