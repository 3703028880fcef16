"""Kernel tables: every op bound to one array namespace, and one node's kernel made ready."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from evergraph.dtypes import DType
from evergraph.op import Op, _keyword_only, registry
from evergraph.runtime.program import Node
from evergraph.shapes import TensorShape
from evergraph.tensor_proto import make_ndarray
from evergraph.vocabulary import Signature, vocabulary
from evergraph.xp import NUMPY, Namespace

#: A node's kernel: from the flat input arrays to one array, or a flat sequence of them.
Call = Callable[..., Any]
#: A block of a conditional or a loop: from its inputs to its outputs.
Block = Callable[[Sequence[Any]], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Kernel:
    """`function(*inputs, **attributes)`, with the names of the attributes that it takes."""

    function: Callable[..., Any]
    attributes: tuple[str, ...]


class KernelTable(Mapping[str, Kernel]):
    """Kernels by op type. Its keys *are* the list of ops that a backend supports."""

    def __init__(self, xp: Namespace, kernels: Mapping[str, Kernel]) -> None:
        self.xp = xp
        self._kernels = dict(kernels)

    def __getitem__(self, type: str) -> Kernel:
        return self._kernels[type]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kernels)

    def __len__(self) -> int:
        return len(self._kernels)

    def __or__(self, overrides: Mapping[str, Callable[..., Any]]) -> KernelTable:
        """Return a table in which plain functions of the library replace, or add, kernels.

        Raises:
          ValueError: no op type has such a name, or a kernel takes an attribute that it has not.
        """
        unknown = sorted(t for t in overrides if vocabulary().get(t) is None)
        if unknown:
            raise ValueError(f"no op type {', '.join(map(repr, unknown))}{_why(unknown)}")
        added = {t: Kernel(f, _attributes(t, f)) for t, f in overrides.items()}
        return KernelTable(self.xp, self._kernels | added)

    def without(self, *types: str) -> KernelTable:
        """Return a table that does not claim these op types."""
        return KernelTable(self.xp, {t: k for t, k in self._kernels.items() if t not in types})

    def only(self, *types: str) -> KernelTable:
        """Return a table that claims these op types alone.

        Raises:
          ValueError: some have no kernel here.
        """
        lacking = sorted(set(types) - set(self._kernels))
        if lacking:
            raise ValueError(f"no kernel for {', '.join(map(repr, lacking))}{_why(lacking)}")
        return KernelTable(self.xp, {t: self._kernels[t] for t in types})

    def call(self, signature: Signature, attributes: Mapping[str, Any]) -> Call:
        """Return the kernel of a node with these attributes, ready for its flat inputs."""
        kernel = self._kernels[signature.name]
        function = kernel.function
        if kernel.attributes:
            xp = self.xp
            values = {n: _decoded(xp, attributes[n]) for n in kernel.attributes if n in attributes}
            # `_dtypes` is the attribute `dtypes` undecoded: quantized types are no integers.
            raw = {n: n[1:] for n in kernel.attributes if n not in attributes}
            values |= {n: attributes[own] for n, own in raw.items() if own in attributes}
            function = partial(function, **values)
        groups = _groups(signature, attributes)
        if groups is not None:
            op = registry().get(signature.name)
            function = _grouping(function, [-1] * (op.lead if op is not None else 0) + groups)
        return _of_strings(function) if _takes_strings(signature, attributes) else function

    def control(self, node: Node, blocks: Sequence[Block]) -> Call:
        """Return the kernel of a conditional or a loop, ready for its flat inputs."""
        kernel = self._kernels[node.type]
        values = {n: node.attributes[n] for n in kernel.attributes if n in node.attributes}
        function = partial(kernel.function, _blocks=blocks, **values)
        return lambda predicate, *inputs: function(predicate, inputs)


def bind(xp: Namespace) -> KernelTable:
    """Return every known op bound to `xp`, but those that only name a function that it lacks."""
    vocabulary().ask_plugins()
    known = (op for op in registry() if not isinstance(op.kernel, str) or xp.has(op.kernel))
    return KernelTable(xp, {op.type: _bound(op, xp) for op in known})


def _why(lacking: Sequence[str]) -> str:
    """Return what can be said of op types that have no kernel on a library."""
    known = {op.type: op.kernel for op in registry()}
    said = ""
    for type in lacking:
        close = difflib.get_close_matches(type, known, 1)
        if type in known:
            said += f"; for {type!r} the library lacks {known[type]!r}"
        elif close:
            said += f"; did you mean {close[0]!r}?"
    return said


def _bound(op: Op, xp: Namespace) -> Kernel:
    if isinstance(op.kernel, str):
        return Kernel(xp.function(op.kernel), ())
    return Kernel(partial(op.kernel, xp), op.kernel_attributes)


def _attributes(type: str, function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the attributes that a kernel takes; all but undecoded ones must be the op's."""
    signature = vocabulary().get(type)
    known = signature.attributes if signature is not None else {}
    taken = _keyword_only(function)
    wrong = [name for name in taken if not name.startswith("_") and name not in known]
    if wrong:
        raise ValueError(
            f"the kernel of {type!r} takes {', '.join(map(repr, wrong))}, which the op does not "
            f"have; its attributes are {', '.join(known) or 'none'}"
        )
    return taken


def _decoded(xp: Namespace, value: Any) -> Any:
    """An attribute as kernels take it: the library's dtypes, plain dimensions, arrays."""
    if isinstance(value, DType):
        return xp.dtype(value)
    if isinstance(value, TensorShape):
        return value._dims
    if isinstance(value, tuple):
        return tuple(_decoded(xp, v) for v in value)
    if hasattr(value, "tensor_shape"):
        return make_ndarray(value)
    return value


def _takes_strings(signature: Signature, attributes: Mapping[str, Any]) -> bool:
    return any(t.name == "string" for a in signature.inputs for t in a.dtypes(dict(attributes)))


def _of_strings(function: Call) -> Call:
    """A string scalar travels as `bytes`; a kernel sees an array of rank 0, as of other types."""

    def call(*flat: Any) -> Any:
        return function(*[np.array(v, object) if type(v) is bytes else v for v in flat])

    return call


def _groups(signature: Signature, attributes: Mapping[str, Any]) -> list[int] | None:
    """How many tensors each input stands for (-1: one, bare), or None if all stand for one."""
    if not any(a.is_list for a in signature.inputs):
        return None
    return [len(a.dtypes(dict(attributes))) if a.is_list else -1 for a in signature.inputs]


def _grouping(function: Call, groups: list[int]) -> Call:
    if len(groups) == 1:
        return lambda *flat: function(list(flat))

    def call(*flat: Any) -> Any:
        return function(*grouped(flat, groups))

    return call


def grouped(flat: Sequence[Any], groups: Sequence[int]) -> list[Any]:
    """Return flat items with those of a list input gathered into a list."""
    out, at = [], 0
    for count in groups:
        if count < 0:
            out.append(flat[at])
            at += 1
        else:
            out.append(list(flat[at : at + count]))
            at += count
    return out


def outputs_of(single: bool, result: Any) -> Sequence[Any]:
    """Return what a kernel returned, perhaps as one bare value, as a flat sequence of outputs."""
    if single:
        return (result,)
    return () if result is None else result


@cache
def numpy_table() -> KernelTable:
    """Return every op bound to plain NumPy: what shape inference and folding compute with."""
    return bind(NUMPY)


def evaluate(type: str, inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Sequence[Any]:
    """Run one op on NumPy arrays (flat inputs) and return its outputs.

    Raises:
      OpError, ShapeError or whatever NumPy raises.
    """
    signature = vocabulary().get(type)
    assert signature is not None
    return outputs_of(signature.single_output, numpy_table().call(signature, attributes)(*inputs))
