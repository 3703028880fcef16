"""Slices of tensors as checkpoints have them: where each dimension begins, and how long it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from evergraph import protos
from evergraph.checkpoints.numbers import ordered, ordered_signed, ordered_text
from evergraph.errors import InternalError, InvalidArgumentError
from evergraph.shapes import bracketed

#: Begin and end in each dimension.
Bounds = list[tuple[int, int]]

#: The length of a dimension that is whole.
WHOLE = -1

_EXTENT = re.compile(r"(-?\d{1,18}),(-?\d{1,18})")


@dataclass(frozen=True)
class Slice:
    """A part of a tensor: for each dimension where it begins, and its length, or `WHOLE`."""

    starts: tuple[int, ...]
    lengths: tuple[int, ...]

    @classmethod
    def whole(cls, rank: int) -> Slice:
        """Return the slice that is all of a tensor."""
        return cls((0,) * rank, (WHOLE,) * rank)

    @classmethod
    def from_proto(cls, proto: protos.TensorSliceProto) -> Slice:
        """Return what a message says."""
        return cls(
            tuple(e.start for e in proto.extent),
            tuple(e.length if e.HasField("length") else WHOLE for e in proto.extent),
        )

    def to_proto(self) -> protos.TensorSliceProto:
        """Return a message that says this."""
        proto = protos.TensorSliceProto()
        for start, length in zip(self.starts, self.lengths, strict=True):
            extent = proto.extent.add()
            if length != WHOLE:
                extent.start, extent.length = start, length
        return proto

    def key(self, name: bytes) -> bytes:
        """Return the key that this slice of a tensor of that name has."""
        made = ordered(0) + ordered_text(name) + ordered(len(self.starts))
        for start, length in zip(self.starts, self.lengths, strict=True):
            made += ordered_signed(start) + ordered_signed(length)
        return made

    def bounds(self, shape: Sequence[int]) -> Bounds:
        """Return begin and end in each dimension of a tensor of that shape.

        Raises:
          ValueError: it does not lie inside.
        """
        where = f"shape = {bracketed(tuple(shape))}, slice = {self}"
        if len(self.starts) != len(shape):
            raise ValueError(f"Mismatching ranks: {where}")
        found = []
        for i, size in enumerate(shape):
            start, length = self.starts[i], self.lengths[i]
            end = size if length == WHOLE else start + length
            if start < 0 or end < start or end > size:
                raise ValueError(f"Extent in dimension {i} out of bounds: {where}")
            found.append((start, end))
        return found

    def __str__(self) -> str:
        pairs = zip(self.starts, self.lengths, strict=True)
        return ":".join("-" if length == WHOLE else f"{start},{length}" for start, length in pairs)


def parsed(spec: bytes) -> tuple[tuple[int, ...], Slice]:
    """Return the shape of the whole, and the slice, that `4 5 0,2:0,5` or `4 5 0,2:-` says.

    Raises:
      InvalidArgumentError: it says nothing.
      InternalError: the slice does not lie in the shape.
    """
    text = spec.decode("utf-8", "replace")
    *sizes, part = text.split(" ")
    if not sizes:
        raise _invalid(f"Need least two elements in shape_and_slice specification: {text}")
    if not all(re.fullmatch(r"\d{1,18}", s) for s in sizes):
        raise _invalid(f"Non numerical dimension in shape_and_slice: {text}")
    shape = tuple(int(s) for s in sizes)
    starts, lengths = [], []
    for extent in part.split(":"):
        found = _EXTENT.fullmatch(extent)
        if extent != "-" and not found:
            raise _invalid(f"Expected a pair of numbers or '-' but got '{extent}': string = {part}")
        if found and (int(found[1]) < 0 or int(found[2]) <= 0):
            raise _invalid(
                "Expected non-negative start and positive length but got start = "
                f"{int(found[1])}, length = {int(found[2])}: string = {part}"
            )
        starts.append(int(found[1]) if found else 0)
        lengths.append(int(found[2]) if found else WHOLE)
    made = Slice(tuple(starts), tuple(lengths))
    try:
        made.bounds(shape)
    except ValueError as error:
        raise InternalError(None, None, str(error)) from error
    return shape, made


def sizes(shape: Sequence[int], part: Slice) -> tuple[int, ...]:
    """Return the shape of a part."""
    return tuple(end - begin for begin, end in part.bounds(shape))


def is_whole(shape: Sequence[int], part: Slice) -> bool:
    """Whether a part is all of a tensor of that shape."""
    return sizes(shape, part) == tuple(shape)


def common(one: Bounds, other: Bounds) -> Bounds:
    """Return begin and end, in each dimension, of what two slices have in common."""
    return [(max(a, c), min(b, d)) for (a, b), (c, d) in zip(one, other, strict=True)]


def _invalid(message: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, message)
