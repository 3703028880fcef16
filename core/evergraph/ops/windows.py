"""What convolutions and pooling share: padding, output sizes, data formats."""

from __future__ import annotations

from evergraph.op import ShapeError


def spatial_axes(data_format, rank):
    """Return the spatial axes of a layout such as NHWC or NCDHW."""
    return tuple(range(2, rank)) if data_format.startswith("NC") else tuple(range(1, rank - 1))


def channel_axis(data_format, rank):
    """Return the axis of the channels."""
    return 1 if data_format.startswith("NC") else rank - 1


def channels_last(xp, x, data_format):
    """Return an array in a channels-last layout."""
    if not data_format.startswith("NC"):
        return x
    return xp.permute_dims(x, (0, *range(2, x.ndim), 1))


def as_format(xp, x, data_format):
    """Return a channels-last array in the layout `data_format`."""
    if not data_format.startswith("NC"):
        return x
    return xp.permute_dims(x, (0, x.ndim - 1, *range(1, x.ndim - 1)))


def window_sides(size, window, stride, padding, explicit=(0, 0)):
    """Return the padding before and after, by TensorFlow's rules; `window` is the dilated one."""
    if padding == "VALID":
        return (0, 0)
    if padding == "EXPLICIT":
        return explicit
    total = max((-(-size // stride) - 1) * stride + window - size, 0)
    return (total // 2, total - total // 2)


def output_size(size, window, stride, padding, explicit=(0, 0)):
    """Return the size of an output axis; None if the input's is unknown."""
    if size is None or window is None:
        return None
    if padding == "SAME":
        return -(-size // stride)
    total = size + (sum(explicit) if padding == "EXPLICIT" else 0)
    result = (total - window) // stride + 1
    if total < window:
        raise ShapeError(
            f"Negative dimension size caused by subtracting {window} from {total}",
            "Computed output size would be negative",
        )
    return result


def explicit_sides(explicit_paddings, axes):
    """Return the pair of explicit paddings for each of `axes`."""
    if not explicit_paddings:
        return [(0, 0)] * len(axes)
    return [(explicit_paddings[2 * a], explicit_paddings[2 * a + 1]) for a in axes]
