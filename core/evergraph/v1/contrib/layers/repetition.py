"""Layers in a row: repeat, stack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evergraph import v1 as tf
from evergraph.v1.contrib.framework.arguments import add_arg_scope


@add_arg_scope
def repeat(
    inputs: Any, repetitions: int, layer: Callable[..., Any], *args: Any, **kwargs: Any
) -> Any:
    """Apply a layer several times, with the same arguments.

    Args:
      inputs: a tensor.
      repetitions: how often.
      layer: a function such as `conv2d`.
      args, kwargs: its arguments; `scope` is the scope of all, inside of which its applications
        are numbered from 1.
    """
    return _in_a_row(inputs, "Repeat", layer, [args] * repetitions, kwargs)


@add_arg_scope
def stack(inputs: Any, layer: Callable[..., Any], stack_args: Any, **kwargs: Any) -> Any:
    """Apply a layer several times, each time with other arguments.

    Args:
      inputs: a tensor.
      layer: a function such as `fully_connected`.
      stack_args: a list with the further positional argument of each application, or the list of
        them.
      kwargs: arguments for all; `scope` as of `repeat`.

    Raises:
      ValueError: `stack_args` is no list.
    """
    if not isinstance(stack_args, list | tuple):
        raise ValueError("stack_args need to be a list or tuple")
    each = [args if isinstance(args, list | tuple) else [args] for args in stack_args]
    return _in_a_row(inputs, "Stack", layer, each, kwargs)


def _in_a_row(inputs: Any, default: str, layer: Any, arguments: Any, kwargs: dict[str, Any]) -> Any:
    kwargs = dict(kwargs)
    scope = kwargs.pop("scope", None)
    with tf.variable_scope(scope, default, [inputs]):
        outputs = tf.convert_to_tensor(inputs)
        base = scope or _name_of(layer) or default.lower()
        for number, args in enumerate(arguments, 1):
            outputs = layer(outputs, *args, **kwargs, scope=f"{base}_{number}")
        return outputs


def _name_of(layer: Any) -> str | None:
    """Return the name of a function, or of that which a partial one stands for."""
    return getattr(layer, "__name__", None) or getattr(
        getattr(layer, "func", None), "__name__", None
    )
