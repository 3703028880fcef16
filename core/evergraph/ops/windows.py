"""What convolutions and pooling share: layouts, strides, padding, output sizes."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from evergraph.errors import InvalidArgumentError, UnimplementedError
from evergraph.op import ShapeError


class Windows(NamedTuple):
    """Where windows lie; one entry per spatial axis.

    Attributes:
      strides, dilations: steps from window to window, and inside a window.
      padding: `SAME`, `VALID` or `EXPLICIT`.
      explicit: pairs (before, after), for `EXPLICIT`.
      channels_first: whether the layout is NCHW or NCDHW.
    """

    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    padding: str
    explicit: tuple[tuple[int, int], ...]
    channels_first: bool

    def spatial(self, x):
        """Return the spatial part of a shape."""
        return x[2:] if self.channels_first else x[1:-1]

    def channels(self, x):
        """Return the channels of a shape."""
        return x[1] if self.channels_first else x[-1]

    def shape(self, batch, sizes, channels):
        """Return a shape in the layout."""
        return (batch, channels, *sizes) if self.channels_first else (batch, *sizes, channels)

    def sides(self, sizes, window):
        """Return the padding of each spatial axis: pairs (before, after)."""
        if self.padding == "VALID":
            return ((0, 0),) * len(sizes)
        if self.padding == "EXPLICIT":
            return self.explicit
        found = []
        for n, k, s, d in zip(sizes, window, self.strides, self.dilations, strict=True):
            total = max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
            found.append((total // 2, total - total // 2))
        return tuple(found)

    def outputs(self, sizes, window):
        """Return how many windows there are along each spatial axis; None where unknown."""
        explicit = self.explicit or ((0, 0),) * len(sizes)
        axes = zip(sizes, window, self.strides, self.dilations, explicit, strict=True)
        return tuple(self._output(*axis) for axis in axes)

    def _output(self, size, window, stride, dilation, explicit):
        if size is None:
            return None
        if self.padding == "SAME":
            return -(-size // stride)
        if window is None:
            return None
        reach = (window - 1) * dilation + 1
        total = size + sum(explicit)
        count = (total - reach + stride) // stride
        if total < reach:
            # TF: a size of exactly 0 passes when a step runs, and the output is uninitialised.
            raise ShapeError(
                f"Negative dimension size caused by subtracting {reach} from {total}",
                f"Computed output size would be negative: {count} [input_size: {size}, "
                f"effective_filter_size: {reach}, stride: {stride}]",
            )
        return count


@lru_cache(maxsize=1024)
def windows(op, data_format, strides, padding, explicit_paddings=(), dilations=None):
    """Return the attributes of an op as `Windows`, checked; `dilations` may be None."""
    rank = 5 if "D" in data_format else 4
    channels_first = data_format.startswith("NC")
    dilations = (1,) * rank if dilations is None else dilations
    _check_count(op, "dilation", dilations, rank)
    _check_count(f"{op} on data format {data_format}", "stride", strides, rank)
    for s in strides:
        if s <= 0:
            raise ShapeError(f"Stride must be > 0, but got {s}")
    for d in dilations:
        if d < 1:
            raise ShapeError(f"Dilation rate must be >= 1, but got {d}")
    axes = range(2, rank) if channels_first else range(1, rank - 1)
    pairs = _explicit(padding, explicit_paddings, rank, axes)
    steps, holes = (tuple(v[a] for a in axes) for v in (strides, dilations))
    return Windows(steps, holes, padding, pairs, channels_first)


def _check_count(op, what, values, rank):
    if len(values) != rank:
        raise ShapeError(
            f"{op} requires the {what} attribute to contain {rank} values, but got: {len(values)}"
        )


def _explicit(padding, values, rank, axes):
    if padding != "EXPLICIT":
        if values:
            raise ShapeError(
                "explicit_paddings attribute must be empty if the padding attribute is not EXPLICIT"
            )
        return ()
    if len(values) != 2 * rank:
        raise ShapeError(
            f"explicit_paddings attribute must contain {2 * rank} values, but got: {len(values)}"
        )
    if min(values) < 0:
        raise ShapeError("All elements of explicit_paddings must be nonnegative")
    pairs = tuple(zip(values[::2], values[1::2], strict=True))
    if any(pairs[a] != (0, 0) for a in range(rank) if a not in axes):
        raise ShapeError(
            "Nonzero explicit padding in the batch or depth dimensions is not supported"
        )
    return tuple(pairs[a] for a in axes)


def check_outer(where, strides, dilations):
    """Refuse strides and dilations over the batch and the channels, as kernels do."""
    ends = (0, 1) if where.channels_first else (0, -1)
    if any(strides[a] != 1 for a in ends):
        raise UnimplementedError(
            None,
            None,
            "Current implementation does not yet support strides in the batch and depth "
            "dimensions.",
        )
    if any(dilations[a] != 1 for a in ends):
        raise InvalidArgumentError(
            None,
            None,
            "Current implementation does not yet support dilations in the batch and depth "
            "dimensions.",
        )


def channels_last(xp, x, channels_first):
    """Return an array of an op's layout with its channels last."""
    return xp.permute_dims(x, (0, *range(2, x.ndim), 1)) if channels_first else x


def as_layout(xp, x, channels_first):
    """Return a channels-last array in its op's layout."""
    return xp.permute_dims(x, (0, x.ndim - 1, *range(1, x.ndim - 1))) if channels_first else x
