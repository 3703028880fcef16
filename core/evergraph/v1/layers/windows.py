"""What layers with windows are given: sizes, paddings, and where the channels are."""

from __future__ import annotations

from typing import Any, Final

from evergraph.shapes import TensorShape

#: TensorFlow's names of data formats, by rank.
_FORMATS: Final = {
    "channels_last": {3: "NWC", 4: "NHWC", 5: "NDHWC"},
    "channels_first": {3: "NCW", 4: "NCHW", 5: "NCDHW"},
}


def normalized_format(data_format: str | None) -> str:
    """Return a data format, "channels_last" by default.

    Raises:
      ValueError: it is another.
    """
    found = (data_format or "channels_last").lower()
    if found not in _FORMATS:
        raise ValueError(
            'The `data_format` argument must be one of "channels_first", "channels_last". '
            f"Received: {data_format}"
        )
    return found


def tensorflow_format(data_format: str, rank: int) -> str:
    """Return what ops call a data format for tensors of a rank."""
    return _FORMATS[data_format][rank]


def normalized_padding(padding: Any) -> str:
    """Return a padding in lower case.

    Raises:
      ValueError: there is no such padding.
    """
    found = padding.lower() if isinstance(padding, str) else padding
    if found not in ("valid", "same", "causal"):
        raise ValueError(
            'The `padding` argument must be a list/tuple or one of "valid", "same" (or "causal", '
            f"only for `Conv1D). Received: {found}"
        )
    return str(found)


def sizes_of(value: Any, count: int, name: str, zero: bool = False) -> tuple[int, ...]:
    """Return a size for each of `count` dimensions.

    Args:
      value: one number, or as many as there are dimensions.
      count: how many dimensions there are.
      name: the argument's name, for the error.
      zero: whether it may be zero.

    Raises:
      ValueError: it is neither.
    """
    message = f"The `{name}` argument must be a tuple of {count} integers. Received: {value}"
    if isinstance(value, int):
        found: tuple[Any, ...] = (value,) * count
    else:
        try:
            found = tuple(value)
        except TypeError:
            raise ValueError(message) from None
        if len(found) != count:
            raise ValueError(message)
        for item in found:
            try:
                int(item)
            except (ValueError, TypeError):
                raise ValueError(
                    f"{message}including element {item} of type {type(item)}"
                ) from None
    wrong = {item for item in found if item < 0 or (item == 0 and not zero)}
    if wrong:
        raise ValueError(
            f"{message} including {wrong} that does not satisfy the requirement `> 0`."
            if not zero
            else f"{message} including {wrong} that does not satisfy the requirement `>= 0`."
        )
    return found


def channels_of(input_shape: Any, data_format: str) -> tuple[int, int]:
    """Return the axis of the channels, and how many there are.

    Raises:
      ValueError: it is not known.
    """
    axis = 1 if data_format == "channels_first" else -1
    shape = TensorShape(input_shape)
    channels = None if shape.rank is None else shape.as_list()[axis]
    if channels is None:
        raise ValueError(
            "The channel dimension of the inputs should be defined. The input_shape received is "
            f"{input_shape}, where axis {axis} (0-based) is the channel dimension, which found to "
            "be `None`."
        )
    return axis, channels
