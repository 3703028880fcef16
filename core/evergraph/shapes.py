"""Static shapes: `Dimension` and `TensorShape`, as TensorFlow 1 knows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from evergraph import protos

# What shape rules work on: a dimension is an int or None; a shape of unknown rank is None.
Dims = tuple[int | None, ...] | None

#: Axes of a tensor, at most: TensorFlow's limit.
MAX_RANK = 254


class Dimension:
    """One dimension of a shape: a size, or unknown (`value is None`)."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        if isinstance(value, Dimension):
            self._value: int | None = value._value
            return
        if value is None:
            self._value = None
            return
        try:
            self._value = int(value.__index__())
        except AttributeError:
            raise TypeError(
                f"Dimension value must be integer or None or have an __index__ method, "
                f"got value '{value!r}' with type '{type(value)!r}'"
            ) from None
        if self._value < 0:
            raise ValueError(f"Dimension {self._value} must be >= 0")

    @property
    def value(self) -> int | None:
        """The size, or None if it is unknown."""
        return self._value

    def is_compatible_with(self, other: Any) -> bool:
        """Whether the two sizes are equal, or either is unknown."""
        other = Dimension(other)
        return self._value is None or other._value is None or self._value == other._value

    def assert_is_compatible_with(self, other: Any) -> None:
        """Raise ValueError unless `is_compatible_with(other)`."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Dimensions {self} and {Dimension(other)} are not compatible")

    def merge_with(self, other: Any) -> Dimension:
        """Return the known one of the two; ValueError if they differ."""
        other = Dimension(other)
        self.assert_is_compatible_with(other)
        return other if self._value is None else self

    def _binary(self, other: Any, function: Any) -> Any:
        try:
            other = Dimension(other)
        except (TypeError, ValueError):
            return NotImplemented
        if self._value is None or other._value is None:
            return Dimension(None)
        return Dimension(function(self._value, other._value))

    def __add__(self, other: Any) -> Any:
        return self._binary(other, lambda a, b: a + b)

    __radd__ = __add__

    def __mul__(self, other: Any) -> Any:
        return self._binary(other, lambda a, b: a * b)

    __rmul__ = __mul__

    def __sub__(self, other: Any) -> Any:
        return self._binary(other, lambda a, b: a - b)

    def __rsub__(self, other: Any) -> Any:
        return self._binary(other, lambda a, b: b - a)

    def __floordiv__(self, other: Any) -> Any:
        return self._binary(other, lambda a, b: a // b)

    def __rfloordiv__(self, other: Any) -> Any:
        return self._binary(other, lambda a, b: b // a)

    def __mod__(self, other: Any) -> Any:
        return self._binary(other, lambda a, b: a % b)

    def __rmod__(self, other: Any) -> Any:
        return self._binary(other, lambda a, b: b % a)

    def __truediv__(self, other: Any) -> Any:
        raise TypeError(
            f"unsupported operand type(s) for /: 'Dimension' and '{type(other).__name__}', "
            "please use // instead"
        )

    def __eq__(self, other: object) -> Any:
        try:
            other = Dimension(other)
        except (TypeError, ValueError):
            return NotImplemented
        if self._value is None or other._value is None:
            return None
        return self._value == other._value

    def __ne__(self, other: object) -> Any:
        equal = self.__eq__(other)
        return equal if equal is None or equal is NotImplemented else not equal

    def _compare(self, other: Any, function: Any) -> Any:
        other = Dimension(other)
        if self._value is None or other._value is None:
            return None
        return function(self._value, other._value)

    def __lt__(self, other: Any) -> Any:
        return self._compare(other, lambda a, b: a < b)

    def __le__(self, other: Any) -> Any:
        return self._compare(other, lambda a, b: a <= b)

    def __gt__(self, other: Any) -> Any:
        return self._compare(other, lambda a, b: a > b)

    def __ge__(self, other: Any) -> Any:
        return self._compare(other, lambda a, b: a >= b)

    def __hash__(self) -> int:
        return hash(self._value)

    # TF: both are a TypeError of Python's if the dimension is unknown.

    def __int__(self) -> int:
        return self._value  # type: ignore[return-value]  # see above

    def __index__(self) -> int:
        return self._value  # type: ignore[return-value]  # see above

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return f"Dimension({self._value})"

    def __str__(self) -> str:
        return "?" if self._value is None else str(self._value)


def as_dimension(value: Any) -> Dimension:
    """Return `value` as a `Dimension`."""
    return value if isinstance(value, Dimension) else Dimension(value)


def dimension_value(dimension: Any) -> int | None:
    """Return the size of a `Dimension` (or an int, or None) as an int or None."""
    return dimension.value if isinstance(dimension, Dimension) else dimension


def dimension_at_index(shape: TensorShape, index: int) -> Dimension:
    """Return dimension `index` of a shape, unknown if its rank is."""
    return Dimension(None) if shape.rank is None else shape[index]


class TensorShape:
    """A static shape: fully known, partly known, or of unknown rank (`dims is None`)."""

    __slots__ = ("_dims",)

    def __init__(self, dims: Any) -> None:
        if isinstance(dims, TensorShape):
            self._dims: Dims = dims._dims
        elif dims is None:
            self._dims = None
        elif isinstance(dims, protos.TensorShapeProto):
            sizes = [d.size for d in dims.dim]
            if sizes and min(sizes) < -1:
                raise ValueError(
                    f"Shape [{','.join('?' if d == -1 else str(d) for d in sizes)}] has dimensions "
                    "with values below -1 (where -1 means unknown)"
                )
            self._dims = (
                None if dims.unknown_rank else tuple([None if d == -1 else d for d in sizes])
            )
        elif isinstance(dims, str | bytes):
            raise TypeError(f"Expected a shape, but got the string {dims!r}")
        else:
            try:
                items = tuple(dims)
            except TypeError:
                items = (dims,)
            try:
                self._dims = tuple(_size(d) for d in items)
            except TypeError as error:
                raise TypeError(f"Failed to convert '{dims!r}' to a shape: {error}") from error

    @classmethod
    def _of(cls, dims: Dims) -> TensorShape:
        """Wrap checked dimensions."""
        shape = cls.__new__(cls)
        shape._dims = dims
        return shape

    @property
    def rank(self) -> int | None:
        """The number of dimensions, or None."""
        return None if self._dims is None else len(self._dims)

    @property
    def ndims(self) -> int | None:
        """The same as `rank`."""
        return self.rank

    @property
    def dims(self) -> list[Dimension] | None:
        """The dimensions, or None if the rank is unknown."""
        return None if self._dims is None else [Dimension(d) for d in self._dims]

    def __len__(self) -> int:
        if self._dims is None:
            raise ValueError("Cannot take the length of shape with unknown rank.")
        return len(self._dims)

    def __bool__(self) -> bool:
        return self._dims is not None

    def __iter__(self) -> Iterator[Dimension]:
        if self._dims is None:
            raise ValueError("Cannot iterate over a shape with unknown rank.")
        return iter([Dimension(d) for d in self._dims])

    def __getitem__(self, key: Any) -> Any:
        if self._dims is not None:
            if isinstance(key, slice):
                return TensorShape._of(self._dims[key])
            return Dimension(self._dims[key])
        if not isinstance(key, slice):
            return Dimension(None)
        start, stop = key.start or 0, key.stop
        if key.step is not None:
            raise ValueError("Steps are not yet handled")
        if stop is None or start < 0 or stop < 0:
            return TensorShape._of(None)
        return TensorShape._of((None,) * (stop - start))

    def num_elements(self) -> int | None:
        """Return the number of elements, or None unless the shape is fully defined."""
        if self._dims is None:
            return None
        count = 1
        for d in self._dims:
            if d is None:
                return None
            count *= d
        return count

    def is_fully_defined(self) -> bool:
        """Whether the rank and every dimension are known."""
        return self._dims is not None and None not in self._dims

    def assert_is_fully_defined(self) -> None:
        """Raise ValueError unless the shape is fully defined."""
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined")

    def as_list(self) -> list[int | None]:
        """Return the dimensions as ints and Nones.

        Raises:
          ValueError: the rank is unknown.
        """
        if self._dims is None:
            raise ValueError("as_list() is not defined on an unknown TensorShape.")
        return list(self._dims)

    def as_proto(self) -> protos.TensorShapeProto:
        """Return the shape as a `TensorShapeProto`."""
        proto = protos.TensorShapeProto()
        if self._dims is None:
            proto.unknown_rank = True
        else:
            for d in self._dims:
                proto.dim.add().size = -1 if d is None else d
        return proto

    def is_compatible_with(self, other: Any) -> bool:
        """Whether some fully defined shape matches both."""
        return compatible(self._dims, as_shape(other)._dims)

    def assert_is_compatible_with(self, other: Any) -> None:
        """Raise ValueError unless `is_compatible_with(other)`."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {as_shape(other)} are incompatible")

    def merge_with(self, other: Any) -> TensorShape:
        """Return what is known from either; ValueError if they contradict each other."""
        theirs = as_shape(other)
        if self._dims is None:
            return theirs
        if theirs._dims is None:
            return self
        if not compatible(self._dims, theirs._dims):
            raise ValueError(f"Shapes {self} and {theirs} are not compatible")
        return TensorShape._of(
            tuple(b if a is None else a for a, b in zip(self._dims, theirs._dims, strict=True))
        )

    def concatenate(self, other: Any) -> TensorShape:
        """Return the dimensions of this shape followed by those of `other`."""
        other = as_shape(other)
        if self._dims is None or other._dims is None:
            return TensorShape._of(None)
        return TensorShape._of(self._dims + other._dims)

    def most_specific_compatible_shape(self, other: Any) -> TensorShape:
        """Return the most specific shape that both match."""
        other = as_shape(other)
        if self._dims is None or other._dims is None or len(self) != len(other):
            return TensorShape._of(None)
        return TensorShape._of(
            tuple(a if a == b else None for a, b in zip(self._dims, other._dims, strict=True))
        )

    def with_rank(self, rank: Any) -> TensorShape:
        """Return this shape with that rank; ValueError if it has another."""
        rank = dimension_value(rank)
        if self._dims is None:
            return TensorShape._of((None,) * rank)
        if len(self._dims) != rank:
            raise ValueError(f"Shape {self} must have rank {rank}")
        return self

    def with_rank_at_least(self, rank: Any) -> TensorShape:
        """Return this shape; ValueError if its rank is lower."""
        least: Any = dimension_value(rank)
        if self._dims is not None and len(self._dims) < least:
            raise ValueError(f"Shape {self} must have rank at least {rank}")
        return self

    def with_rank_at_most(self, rank: Any) -> TensorShape:
        """Return this shape; ValueError if its rank is higher."""
        most: Any = dimension_value(rank)
        if self._dims is not None and len(self._dims) > most:
            raise ValueError(f"Shape {self} must have rank at most {rank}")
        return self

    def assert_has_rank(self, rank: Any) -> None:
        """Raise ValueError unless the rank is `rank`, or unknown."""
        if self.rank not in (None, dimension_value(rank)):
            raise ValueError(f"Shape {self} must have rank {rank}")

    def assert_same_rank(self, other: Any) -> None:
        """Raise ValueError if both ranks are known and differ."""
        other = as_shape(other)
        if self.rank is not None and other.rank is not None and self.rank != other.rank:
            raise ValueError(f"Shapes {self} and {other} must have the same rank")

    def __add__(self, other: Any) -> TensorShape:
        return self.concatenate(other)

    def __radd__(self, other: Any) -> TensorShape:
        return as_shape(other).concatenate(self)

    def __eq__(self, other: object) -> bool:
        try:
            return self._dims == as_shape(other)._dims
        except (TypeError, ValueError):
            return NotImplemented

    def __hash__(self) -> int:
        return hash(self._dims)

    def __repr__(self) -> str:
        if self._dims is None:
            return "TensorShape(None)"
        return f"TensorShape([{', '.join(f'Dimension({d})' for d in self._dims)}])"

    def __str__(self) -> str:
        return dims_text(self._dims)

    def __reduce__(self) -> tuple[Any, ...]:
        return TensorShape, (self._dims,)


def _size(value: Any) -> int | None:
    if value is None or (type(value) is int and value >= 0):
        return value
    return Dimension(value)._value


def as_shape(value: Any) -> TensorShape:
    """Return `value` as a `TensorShape`."""
    return value if isinstance(value, TensorShape) else TensorShape(value)


def unknown_shape(rank: int | None = None) -> TensorShape:
    """Return a shape of which nothing but (perhaps) the rank is known."""
    return TensorShape._of(None if rank is None else (None,) * rank)


def compatible(a: Dims, b: Dims) -> bool:
    """Whether some fully defined shape matches both."""
    if a is None or b is None:
        return True
    return len(a) == len(b) and all(
        x is None or y is None or x == y for x, y in zip(a, b, strict=True)
    )


def check_size(dims: Dims) -> None:
    """Raise ValueError if no tensor can have that shape, whatever its unknown dimensions are."""
    if dims is None:
        return
    if len(dims) > MAX_RANK:
        raise ValueError(
            f"Shape has {len(dims)} dimensions, but a tensor has at most {MAX_RANK} dimensions"
        )
    count = 1
    for d in dims:
        count *= 1 if d is None else d
    if count > 2**63 - 1:
        raise ValueError(f"Shape {bracketed(dims)} is too large (more than 2**63 - 1 entries)")


def dims_text(dims: Dims) -> str:
    """Return a shape as TensorFlow 1 prints it: `(?, 3)`, `(2,)`, `()`, `<unknown>`."""
    if dims is None:
        return "<unknown>"
    inner = ", ".join("?" if d is None else str(d) for d in dims)
    return f"({inner},)" if len(dims) == 1 else f"({inner})"


def bracketed(dims: Iterable[int | None] | None) -> str:
    """Return a shape as TensorFlow's runtime prints it: `[2,3]`, `[?,3]`, `?`."""
    if dims is None:
        return "?"
    return "[" + ",".join("?" if d is None else str(int(d)) for d in dims) + "]"


def scalar_index(value: Any) -> int:
    """Return a host input that must be a scalar (or have one element) as an int."""
    return int(np.asarray(value).reshape(()))
