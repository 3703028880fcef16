"""Folding: what is known before a step runs is computed once, when it is planned."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from evergraph.dtypes import variant
from evergraph.op import registry
from evergraph.runtime.kernels import evaluate
from evergraph.runtime.program import Node

#: Larger results are computed by the step, not kept.
_MAX_ELEMENTS: Final = 1 << 22
#: What must say at every run what is wrong.
_KEPT: Final = {"Assert", "CheckNumerics"}
#: What only makes its input larger, and how large: a program keeps the small results of these.
_GROWING: Final[dict[str, Callable[..., int]]] = {
    "Fill": lambda dims, _: math.prod(dims.tolist()),
    "BroadcastTo": lambda _, shape: math.prod(shape.tolist()),
    "Tile": lambda x, multiples: np.size(x) * math.prod(multiples.tolist()),
}
_MAX_GROWN: Final = 64

Constants = dict[int, Any]


def foldable(type: str) -> bool:
    """Whether nodes of this type may be computed beforehand."""
    op = registry().get(type)
    return op is not None and op.pure and type not in _KEPT


def fold_node(node: Node, constants: Constants) -> bool:
    """Compute a node whose inputs are all constants; whether its outputs are constants now."""
    if any(a.dtype is variant for a in node.signature.outputs):
        return False  # lists share memory, which steps must not
    inputs = [constants[s] for s in node.inputs]
    grown = _GROWING.get(node.type)
    try:
        if grown is not None and grown(*inputs) > _MAX_GROWN:
            return False
        with np.errstate(all="ignore"):
            outputs = evaluate(node.type, inputs, node.attributes)
    except Exception:  # the node fails when it runs, and is named then
        return False
    if any(np.size(o) > _MAX_ELEMENTS for o in outputs):
        return False
    for slot, value in zip(node.outputs, outputs, strict=True):
        constants[slot] = frozen(value)
    return True


def frozen(value: Any) -> Any:
    """Return a value as a constant: a NumPy scalar, or an array that cannot be written."""
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return value[()]
        value = value.view()
        value.flags.writeable = False
    return value


def fold_scaling(nodes: list[Node], constants: Constants, kept: set[int]) -> list[Node]:
    """Fold multiplications by constants into the filters of the convolutions before them.

    Batch normalisation in a frozen graph is such a multiplication, and an addition, which stays.

    Args:
      nodes: the nodes of a program.
      constants: its constants; new filters are added.
      kept: slots whose values are needed as they are (outputs of the program).
    """
    uses: dict[int, int] = {}
    for node in nodes:
        for slot in node.inputs:
            uses[slot] = uses.get(slot, 0) + 1
    producers = {slot: i for i, node in enumerate(nodes) for slot in node.outputs}
    result: list[Node | None] = list(nodes)
    new_slot = max([*producers, *constants, *(s for n in nodes for s in n.inputs)], default=0) + 1
    for index, node in enumerate(nodes):
        if node.type != "Mul":
            continue
        found = _scaled(node, producers, constants, result)
        if found is None:
            continue
        at, scale = found
        conv = result[at]
        assert conv is not None
        middle = conv.outputs[0]
        if uses[middle] != 1 or middle in kept:
            continue
        scaled = _SCALES[conv.type](np.asarray(constants[conv.inputs[1]]), scale)
        if scaled is None:
            continue
        constants[new_slot] = frozen(scaled)
        result[at] = Node(
            conv.signature,
            conv.attributes,
            (conv.inputs[0], new_slot, *conv.inputs[2:]),
            node.outputs,
            conv.device,
        )
        producers[node.outputs[0]] = at
        result[index] = None
        new_slot += 1
    return [node for node in result if node is not None]


def _scaled(
    node: Node, producers: dict[int, int], constants: Constants, nodes: Sequence[Node | None]
) -> tuple[int, np.ndarray[Any, Any]] | None:
    """Return the convolution and the constant whose product a node is."""
    for data, factor in (node.inputs, node.inputs[::-1]):
        at = producers.get(data)
        if at is None or factor not in constants:
            continue
        conv = nodes[at]
        if (
            conv is not None
            and conv.type in _SCALES
            and conv.inputs[1] in constants
            and conv.attributes["data_format"] == "NHWC"
        ):
            return at, np.asarray(constants[factor])
    return None


def _per_channel(scale: np.ndarray[Any, Any], channels: int) -> np.ndarray[Any, Any] | None:
    """Return a factor as a vector over channels, if it is one that broadcasting gives."""
    if scale.size == 1 and scale.ndim <= 4:
        return np.full(channels, scale.reshape(()), scale.dtype)
    if scale.shape[-1:] == (channels,) and scale.size == channels and scale.ndim <= 4:
        return scale.reshape(channels)
    return None


def _scale_filter(
    w: np.ndarray[Any, Any], scale: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any] | None:
    vector = _per_channel(scale, w.shape[-1])
    return None if vector is None else w * vector


def _scale_depthwise(
    w: np.ndarray[Any, Any], scale: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any] | None:
    vector = _per_channel(scale, w.shape[-2] * w.shape[-1])
    return None if vector is None else w * vector.reshape(w.shape[-2:])


_SCALES: Final[dict[str, Callable[..., np.ndarray[Any, Any] | None]]] = {
    "Conv2D": _scale_filter,
    "DepthwiseConv2dNative": _scale_depthwise,
}
