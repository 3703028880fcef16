"""The graph as a TensorFlow-1 program sees it: scopes, placeholders, collections, conversion."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any, Final

import numpy as np

from evergraph.builder import build
from evergraph.dtypes import DType, all_dtypes
from evergraph.graph import convert
from evergraph.graph.composite import CompositeTensor
from evergraph.graph.inference import constant_value
from evergraph.graph.operators import graph_of
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.shapes import as_shape
from evergraph.v1._arguments import is_tensor as _is_tensor
from evergraph.v1._arguments import renamed

newaxis: Final = None

QUANTIZED_DTYPES: Final[frozenset[DType]] = frozenset(
    t for d in all_dtypes() if d.is_quantized for t in (d, d._as_ref)
)

# The version that programs compare: they ask whether this is TensorFlow 1. What evergraph itself
# is says `evergraph.__version__`.
VERSION: Final = "1.15.5"
__version__: Final = VERSION
GIT_VERSION: Final = "unknown"
COMPILER_VERSION: Final = "unknown"


class name_scope(AbstractContextManager[str]):
    """Prefix the names of the nodes made inside; the prefix, with its slash, is what `as` binds.

    Args:
      name: the scope; with a trailing slash one that exists; by default `default_name`.
      default_name: the scope if `name` is None.
      values: tensors and operations; their graph is the default graph inside.

    Raises:
      TypeError: `default_name` is not a string.
      ValueError: there is neither name, though there are values; or a name is not valid.
    """

    def __init__(
        self, name: str | None, default_name: str | None = None, values: Any = None
    ) -> None:
        if not (default_name is None or isinstance(default_name, str)):
            raise TypeError(
                f"`default_name` type ({type(default_name)}) is not a string type. You likely meant "  # noqa: E501
                "to pass this into the `values` kwarg."
            )
        self._name = default_name if name is None else name
        self._given = name, default_name
        self._values = values
        self._entered: list[list[AbstractContextManager[Any]]] = []

    @property
    def name(self) -> str | None:
        """The name asked for."""
        return self._name

    def __enter__(self) -> str:
        if self._name is None and self._values is not None:
            raise ValueError(
                "At least one of name ({}) and default_name ({}) must be provided.".format(
                    *self._given
                )
            )
        graph = get_default_graph()
        found = graph_of(self._values or ()) or graph
        managers: list[AbstractContextManager[Any]] = []
        if found is not graph:
            managers.append(found.as_default())
            managers[0].__enter__()
        scope = found.name_scope(self._name)
        try:
            entered: str = scope.__enter__()
        except BaseException:
            for manager in managers:
                manager.__exit__(None, None, None)
            raise
        self._entered.append([scope, *managers])
        return entered

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for manager in self._entered.pop():
            manager.__exit__(kind, error, traceback)


@contextmanager
def op_scope(values: Any, name: str | None, default_name: str | None = None) -> Iterator[str]:
    """Do what `name_scope` does, with the arguments in another order."""
    with name_scope(name, default_name, values) as entered:
        yield entered


# What goes to the default graph


def device(device_name_or_function: Any) -> AbstractContextManager[None]:
    """Set the device of nodes made inside; see `Graph.device`."""
    return get_default_graph().device(device_name_or_function)


def control_dependencies(control_inputs: Any) -> AbstractContextManager[None]:
    """Make nodes created inside run after `control_inputs`; see `Graph.control_dependencies`."""
    return get_default_graph().control_dependencies(control_inputs)


def colocate_with(op: Any, ignore_existing: bool = False) -> AbstractContextManager[None]:
    """Place nodes made inside beside `op`; see `Graph.colocate_with`."""
    return get_default_graph().colocate_with(op, ignore_existing)


def container(container_name: str) -> AbstractContextManager[str]:
    """Give stateful nodes made inside that resource container; see `Graph.container`."""
    return get_default_graph().container(container_name)


@contextmanager
def init_scope() -> Iterator[None]:
    """Leave the control dependencies, and the bodies of functions, for what is made inside."""
    graph = get_default_graph()
    with graph.control_dependencies(None):
        yield


def add_to_collection(name: Any, value: Any) -> None:
    """Append `value` to a collection of the default graph."""
    get_default_graph().add_to_collection(name, value)


def add_to_collections(names: Any, value: Any) -> None:
    """Append `value` to several collections of the default graph."""
    get_default_graph().add_to_collections(names, value)


def get_collection(key: Any, scope: str | None = None) -> list[Any]:
    """Return a copy of a collection of the default graph; see `Graph.get_collection`."""
    return get_default_graph().get_collection(key, scope)


def get_collection_ref(key: Any) -> list[Any]:
    """Return a collection of the default graph itself."""
    return get_default_graph().get_collection_ref(key)


def set_random_seed(seed: int | None) -> None:
    """Set the seed of the default graph."""
    get_default_graph().seed = seed


# Making tensors


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Any:
    """Return a tensor whose value is always fed.

    Args:
      dtype: the type.
      shape: the shape, as far as it is known.
      name: the name of the node.
    """
    return build("Placeholder", {"dtype": dtype, "shape": shape}, name)


def placeholder_with_default(input: Any, shape: Any, name: str | None = None) -> Any:
    """Return a tensor that is `input` unless it is fed.

    Args:
      input: the default value.
      shape: the shape, as far as it is known; that of `input` must fit it.
      name: the name of the node.
    """
    return build("PlaceholderWithDefault", {"input": input, "shape": as_shape(shape)}, name)


def convert_to_tensor(
    value: Any,
    dtype: Any = None,
    name: str | None = None,
    preferred_dtype: Any = None,
    dtype_hint: Any = None,
) -> Tensor:
    """Return `value` as a tensor.

    Args:
      value: a tensor, an array, a scalar, a nested list, or an object of a registered type.
      dtype: the type wanted.
      name: the name of the node, if one is made.
      preferred_dtype, dtype_hint: a type to try first.

    Raises:
      TypeError: the value cannot be of that type, or cannot be a tensor.
      ValueError: it is None, a ragged list, or a tensor of another type than `dtype`.
    """
    hint = renamed("dtype_hint", dtype_hint, "preferred_dtype", preferred_dtype)
    return convert.convert_to_tensor(value, dtype, name, hint)


def is_tensor(x: Any) -> bool:
    """Return whether `x` is a tensor, stands for one, or is made of several."""
    return _is_tensor(x) or isinstance(x, CompositeTensor)


def is_symbolic_tensor(tensor: Any) -> bool:
    """Return whether this is a tensor of a graph, which every tensor is."""
    return _is_tensor(tensor)


#: The op types that `get_static_value` looks through, and those that need a static shape only.
_LOOKED_THROUGH: Final = frozenset(
    [
        "Cast",
        "Concat",
        "ConcatV2",
        "Const",
        "Equal",
        "Fill",
        "Identity",
        "NotEqual",
        "Pack",
        "Range",
        "Split",
        "StopGradient",
        "Unpack",
    ]
)
_OF_STATIC_SHAPE: Final = frozenset({"Rank", "Shape", "Size"})


def _is_looked_through(tensor: Tensor) -> bool:
    seen = {tensor.op}
    waiting = [tensor.op]
    while waiting:
        op = waiting.pop()
        if op.type in _OF_STATIC_SHAPE:
            continue
        if op.type not in _LOOKED_THROUGH:
            return False
        new = {t.op for t in op.inputs} - seen
        seen |= new
        waiting += new
    return True


def get_static_value(tensor: Any, partial: bool = False) -> Any:
    """Return the value of a tensor if it follows from constants and static shapes, else None.

    Arithmetic is not followed, though shapes that depend on it are known.

    Args:
      tensor: the tensor; anything else is its own value.
      partial: whether a packed list of which only some elements are known is returned as an
        object array with None for the others.
    """
    if not isinstance(tensor, Tensor):
        return tensor
    value = constant_value(tensor) if _is_looked_through(tensor) else None
    if value is not None:
        return value.copy()
    if partial and tensor.op.type == "Pack" and tensor.op.inputs and not tensor.op.get_attr("axis"):
        return np.array([get_static_value(t) for t in tensor.op.inputs], object)
    return None
