"""Functions that make a layer and call it once."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature, signature
from typing import Any

from evergraph.v1.layers.base import Layer


def function_of(layer: type[Layer], name: str, shares: bool = True) -> Callable[..., Any]:
    """Return the function of a class of layers.

    It takes the inputs, then what the constructor takes; and `reuse`.

    Args:
      layer: the class.
      name: the function's name.
      shares: whether it has variables, which it may share with another layer of its name.
    """
    positional = Parameter.POSITIONAL_OR_KEYWORD
    parameters = [
        Parameter("inputs", positional),
        *(p for p in signature(layer).parameters.values() if p.kind is positional),
        *([Parameter("reuse", positional, default=None)] if shares else []),
    ]
    arguments = Signature(parameters)

    def function(*args: Any, **kwargs: Any) -> Any:
        try:
            given = arguments.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{name}() {error}") from None
        given.apply_defaults()
        values = dict(given.arguments)
        inputs, reuse = values.pop("inputs"), values.pop("reuse", None)
        further = {"_reuse": reuse, "_scope": values["name"]} if shares else {}
        return layer(**values, **further).apply(inputs)

    function.__name__ = function.__qualname__ = name
    function.__module__ = layer.__module__
    function.__doc__ = f"Return what a new `{layer.__name__}` layer makes of `inputs`."
    function.__signature__ = arguments  # type: ignore[attr-defined]
    return function
