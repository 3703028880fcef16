"""Arguments that builders share: deprecated names, windows and paddings."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

from evergraph.dtypes import DType, as_dtype
from evergraph.graph.tensor import Tensor


def renamed(new_name: str, new: Any, old_name: str, old: Any) -> Any:
    """Return the value of an argument that may be given under its old name.

    Raises:
      ValueError: it is given under both.
    """
    if old is None:
        return new
    if new is not None:
        raise ValueError(f"Cannot specify both '{old_name}' and '{new_name}'.")
    return old


def is_tensor(value: Any) -> bool:
    """Whether a value is a tensor, or stands for one (a variable)."""
    return isinstance(value, Tensor) or hasattr(value, "_as_graph_element")


def base_dtype(value: Any) -> DType:
    """Return the type of a tensor or array, without its reference bit."""
    return as_dtype(value.dtype).base_dtype


def sequence(value: Any, count: int, channel_index: int, name: str) -> list[Any]:
    """Return a window, stride or dilation with an entry for every dimension.

    Args:
      value: one size; one for each of the `count` spatial dimensions; or one for each dimension,
        batch and channels included. None stands for ones.
      count: how many spatial dimensions there are.
      channel_index: where the channels are; 1, or the last.
      name: the argument's name, for the error.

    Raises:
      ValueError: there are more or fewer entries.
    """
    if value is None:
        return [1] * (count + 2)
    items = list(value) if _is_sized(value) else [value]
    if len(items) == count + 2:
        return items
    if len(items) == 1:
        items = items * count
    elif len(items) != count:
        raise ValueError(
            f"{name} should be of length 1, {count} or {count + 2}. Received: {name}={items} of "
            f"length {len(items)}"
        )
    return [1, 1, *items] if channel_index == 1 else [1, *items, 1]


def _is_sized(value: Any) -> bool:
    return isinstance(value, Sized) and not isinstance(value, str | int)


def convert_padding(padding: Any, expected_length: int = 4) -> tuple[Any, list[Any]]:
    """Return the attributes `padding` and `explicit_paddings` for a user's padding.

    Raises:
      ValueError: it is "EXPLICIT" itself, or a list that is not one of pairs.
    """
    if isinstance(padding, str) and padding == "EXPLICIT":
        raise ValueError(
            "'EXPLICIT' is not a valid value for `padding`. To use explicit padding, `padding` "
            "must be a list."
        )
    if not isinstance(padding, list | tuple):
        return padding, []
    explicit: list[Any] = []
    for i, pair in enumerate(padding):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            kind = f"size {len(pair)}" if isinstance(pair, list | tuple) else f"type {type(pair)}"
            raise ValueError(
                "When `padding` is a list, each element of `padding` must be a list/tuple of size "
                f"2. Received: padding={padding} with element at index {i} of {kind}"
            )
        explicit.extend(pair)
    if len(padding) != expected_length:
        raise ValueError(
            f"When padding is a list, it must be of size {expected_length}. Received: "
            f"padding={padding} of size {len(padding)}"
        )
    return "EXPLICIT", explicit
