"""Regions: a step cut into pieces that run as a whole, on the host or on the backend.

Pieces are stages: even ones run on the host, odd ones on the backend, and a value only ever goes
from an earlier stage to a later one, or stays in its own. Every node takes the earliest stage of
its kind that its inputs allow, so that the number of pieces is one more than the number of changes
of side on the longest path, and each piece is convex.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from evergraph.dtypes import DType
from evergraph.op import registry
from evergraph.runtime.backend import Backend
from evergraph.runtime.hosting import (
    BY_OPTION,
    HOST_INPUT,
    HOST_ONLY,
    OF_LISTS,
    OWN,
    STRINGS,
    TAKE_LISTS,
)
from evergraph.runtime.interpreter import host_positions
from evergraph.runtime.program import Node, Slot
from evergraph.runtime.statics import OF_LIST, OF_SHAPE


class Known(Enum):
    """When the value of a slot is known."""

    CONSTANT = 0  # beforehand
    TRACE = 1  # while its region is traced: it follows from shapes
    HOST = 2  # on the host, before a region runs: a feed, or small arithmetic on feeds
    MIXED = 3  # while its region is traced, once what it takes from the host is static
    DEVICE = 4  # when its region has run


@dataclass
class Piece:
    """Nodes that run together.

    Attributes:
      host: whether they run on the host.
      device: their device.
      driven: whether it is one conditional or loop, run from the host block by block.
      nodes: in execution order.
      static: slots that the piece needs as known values.
    """

    host: bool
    device: str
    nodes: list[Node] = field(default_factory=list)
    driven: bool = False
    static: set[Slot] = field(default_factory=set)


@dataclass
class Division:
    """A step as pieces, and why the host nodes are host nodes (by `id` of the node)."""

    pieces: list[Piece]
    reasons: dict[int, str]


def host_reason(
    node: Node, backend: Backend, dtypes: Mapping[Slot, DType], any_host: bool
) -> str | None:
    """Return why a node must run on the host, "" if it need not, None if nothing runs it."""
    names = element_types(node, dtypes)
    if "element_dtype" in node.attributes:
        names.add(node.attributes["element_dtype"].name)
    if names & _HOST_TYPES:
        return HOST_ONLY.get(node.type, STRINGS)
    claimed = node.type in backend.table
    if "variant" in names:
        if node.type not in TAKE_LISTS or not claimed or "lists" not in backend.features:
            return OF_LISTS
        names.remove("variant")
    reason = HOST_ONLY.get(node.type) or backend.host_ops.get(node.type) or OWN.get(node.type)
    if reason and not claimed:
        return reason
    if node.type in OF_SHAPE or (claimed and names <= backend.dtypes):
        return ""
    return BY_OPTION if any_host else None


def element_types(node: Node, dtypes: Mapping[Slot, DType]) -> set[str]:
    """Return the names of the element types of a node's inputs and outputs."""
    return {dtypes[s].base_dtype.name for s in (*node.inputs, *node.outputs)}


_HOST_TYPES: Final = {"string", "resource"}
#: Arithmetic on feeds is done on the host for the sake of a shape if it is no larger than this.
_SMALL: Final = 64


def divide(
    nodes: list[Node],
    feeds: Collection[Slot],
    variables: Collection[Slot],
    constants: Collection[Slot],
    dtypes: Mapping[Slot, DType],
    sizes: Mapping[Slot, int | None],
    reasons: dict[int, str],
) -> Division:
    """Cut nodes into pieces.

    Args:
      nodes: in execution order.
      feeds, variables, constants: slots that are given.
      dtypes: of every slot.
      sizes: number of elements of every slot, None where it is not known statically.
      reasons: why nodes are host nodes; nodes that turn out to decide a shape are added.
    """
    known = _classify(nodes, feeds, variables, constants, dtypes, sizes, reasons)
    producers = {s: n for n in nodes for s in n.outputs}
    static, cuts = _needed(nodes, producers, known, reasons)
    pieces = _stages(nodes, static, cuts, reasons)
    for piece in pieces:
        if not piece.host:
            piece.static |= _from_before(piece, producers)
    return Division(pieces, reasons)


def _classify(
    nodes: list[Node],
    feeds: Collection[Slot],
    variables: Collection[Slot],
    constants: Collection[Slot],
    dtypes: Mapping[Slot, DType],
    sizes: Mapping[Slot, int | None],
    reasons: Mapping[int, str],
) -> dict[Slot, Known]:
    known = dict.fromkeys(constants, Known.CONSTANT)
    known.update(dict.fromkeys(variables, Known.DEVICE))
    known.update(dict.fromkeys(feeds, Known.HOST))
    for node in nodes:
        if id(node) in reasons:
            result = Known.HOST
        elif node.type in OF_SHAPE or node.type in OF_LIST:
            result = Known.TRACE
        else:
            result = _combined(node, known, dtypes, sizes)
        known.update(dict.fromkeys(node.outputs, result))
    return known


def _combined(
    node: Node,
    known: Mapping[Slot, Known],
    dtypes: Mapping[Slot, DType],
    sizes: Mapping[Slot, int | None],
) -> Known:
    op = registry().get(node.type)
    if op is None or not op.pure:
        return Known.DEVICE
    kinds = {known[s] for s in node.inputs}
    if kinds <= {Known.CONSTANT, Known.TRACE}:
        return Known.TRACE
    if Known.DEVICE in kinds or not all(
        _cheap(s, dtypes, sizes) for s in (*node.inputs, *node.outputs)
    ):
        return Known.DEVICE
    return Known.HOST if kinds <= {Known.CONSTANT, Known.HOST} else Known.MIXED


def _cheap(slot: Slot, dtypes: Mapping[Slot, DType], sizes: Mapping[Slot, int | None]) -> bool:
    dtype = dtypes[slot]
    if dtype.is_integer or dtype.is_bool:
        return True
    size = sizes.get(slot)
    return size is not None and size <= _SMALL


def _needed(
    nodes: list[Node],
    producers: Mapping[Slot, Node],
    known: Mapping[Slot, Known],
    reasons: dict[int, str],
) -> tuple[dict[int, set[Slot]], dict[int, set[Slot]]]:
    """Find, for the host inputs of every backend node, what its region must be given as values.

    Nodes that compute such values from feeds become host nodes.

    Returns:
      By `id` of a node: the slots that must be static in its region, and those among them that a
      region computes, which must therefore be an earlier one.
    """
    static: dict[int, set[Slot]] = {}
    cuts: dict[int, set[Slot]] = {}
    for node in nodes:
        if id(node) in reasons:
            continue
        for position in host_positions(node):
            stack = [node.inputs[position]]
            seen: set[Slot] = set()
            while stack:
                slot = stack.pop()
                if slot in seen:
                    continue
                seen.add(slot)
                kind = known[slot]
                if kind is Known.MIXED or (kind is Known.TRACE and slot in producers):
                    source = producers[slot]
                    if source.type not in OF_SHAPE and source.type not in OF_LIST:
                        stack.extend(source.inputs)
                elif kind is Known.HOST:
                    static.setdefault(id(node), set()).add(slot)
                    _move_to_host(slot, producers, known, reasons)
                elif kind is Known.DEVICE:
                    static.setdefault(id(node), set()).add(slot)
                    if slot in producers:
                        cuts.setdefault(id(node), set()).add(slot)
    return static, cuts


def _move_to_host(
    slot: Slot,
    producers: Mapping[Slot, Node],
    known: Mapping[Slot, Known],
    reasons: dict[int, str],
) -> None:
    stack = [slot]
    while stack:
        node = producers.get(stack.pop())
        if node is None or id(node) in reasons:
            continue
        reasons[id(node)] = HOST_INPUT
        stack.extend(s for s in node.inputs if known[s] is Known.HOST)


def _stages(
    nodes: list[Node],
    static: Mapping[int, set[Slot]],
    cuts: Mapping[int, set[Slot]],
    reasons: Mapping[int, str],
) -> list[Piece]:
    stage_of: dict[Slot, int] = {}
    device_of: dict[Slot, str] = {}
    pieces: dict[tuple[int, str, int], Piece] = {}
    driven_slots: set[Slot] = set()
    for index, node in enumerate(nodes):
        host = id(node) in reasons
        driven = host and bool(node.blocks)
        stage = 0 if host else 1
        device = "" if host else node.device
        for slot in node.inputs:
            stage = max(stage, _after(stage_of.get(slot, 0), host))
            # A node that drives others is a piece of its own.
            if host and slot in stage_of and (driven or slot in driven_slots):
                stage = max(stage, stage_of[slot] + 2 - stage_of[slot] % 2)
            # A value that goes from one device to another leaves its region.
            if not host and device_of.get(slot, device) not in ("", device):
                stage = max(stage, stage_of[slot] + 2)
        for slot in static.get(id(node), ()):
            stage = max(stage, _after(stage_of.get(slot, 0), host))
        for slot in cuts.get(id(node), ()):
            stage = max(stage, stage_of[slot] + 2)
        key = stage, device, index + 1 if driven else 0
        piece = pieces.setdefault(key, Piece(host, device, driven=driven))
        piece.nodes.append(node)
        piece.static |= static.get(id(node), set())
        for slot in node.outputs:
            stage_of[slot] = stage
            device_of[slot] = device
        if driven:
            driven_slots.update(node.outputs)
    return [pieces[key] for key in sorted(pieces)]


def _from_before(piece: Piece, producers: Mapping[Slot, Node]) -> set[Slot]:
    """Return what host inputs need from earlier pieces: it is no longer traced here, but known."""
    own = {s for node in piece.nodes for s in node.outputs}
    stack = [node.inputs[p] for node in piece.nodes for p in host_positions(node)]
    seen: set[Slot] = set()
    found: set[Slot] = set()
    while stack:
        slot = stack.pop()
        if slot in seen:
            continue
        seen.add(slot)
        if slot not in own:
            found |= {slot} & producers.keys()
        elif producers[slot].type not in OF_SHAPE and producers[slot].type not in OF_LIST:
            stack.extend(producers[slot].inputs)
    return found


def _after(stage: int, host: bool) -> int:
    """The first stage of a kind that is not before `stage`."""
    return stage + (stage + (0 if host else 1)) % 2
