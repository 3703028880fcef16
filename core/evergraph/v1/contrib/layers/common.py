"""What layers of contrib share: names of their variables, collections, and what follows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from evergraph import v1 as tf
from evergraph.v1.contrib.framework.variables import model_variable
from evergraph.v1.contrib.layers.utils import collect_named_outputs, get_variable_collections
from evergraph.v1.partitions import PartitionedVariable

#: What contrib calls the variables of a layer of `tf.layers`.
WEIGHTS_AND_BIASES: Mapping[str, str] = {"kernel": "weights", "bias": "biases"}
FORMATS = ("NHWC", "NCHW")


def layer_scope(
    scope: Any,
    default: str,
    inputs: Any,
    reuse: Any = None,
    names: Mapping[str, str] | None = None,
) -> Any:
    """Return the variable scope of a layer.

    Args:
      scope: its name, or the scope; by default a name made of `default`.
      default: the name of such layers.
      inputs: the inputs.
      reuse: whether variables are shared.
      names: other names for variables that are made inside, which become model variables.
    """
    getter = None if names is None else _renaming(names)
    return tf.variable_scope(scope, default, [inputs], reuse=reuse, custom_getter=getter)


def _renaming(names: Mapping[str, str]) -> Callable[..., Any]:
    def get(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        folder, slash, short = name.rpartition("/")
        # The getter knows of sharing already; what else it is given, variables of models have.
        kwargs = {key: value for key, value in kwargs.items() if key in _OF_VARIABLES}
        full = f"{folder}{slash}{names.get(short, short)}"
        return model_variable(full, *args, custom_getter=getter, **kwargs)

    return get


_OF_VARIABLES = frozenset(
    {
        "shape",
        "dtype",
        "initializer",
        "regularizer",
        "trainable",
        "collections",
        "caching_device",
        "partitioner",
        "use_resource",
        "synchronization",
        "aggregation",
    }
)


def collect(variable: Any, collections: Any, part: str) -> None:
    """Add a variable to the collections that are asked for.

    Args:
      variable: the variable, or None.
      collections: their names; or a dictionary to such from the parts of layers.
      part: which part it is.
    """
    wanted = get_variable_collections(collections, part)
    if variable is None or not wanted:
        return
    for piece in variable if isinstance(variable, PartitionedVariable) else [variable]:
        tf.add_to_collections(list(wanted), piece)


def finished(
    outputs: Any,
    activation_fn: Any,
    collections: Any,
    alias: str,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
) -> Any:
    """Return the outputs of a layer, normalized, activated and in collections."""
    if normalizer_fn is not None:
        outputs = normalizer_fn(outputs, **(normalizer_params or {}))
    if activation_fn is not None:
        outputs = activation_fn(outputs)
    return collect_named_outputs(collections, alias, outputs)


def check_format(data_format: Any, formats: tuple[str, ...] = FORMATS) -> None:
    """Raise ValueError if a data format is none of those given."""
    if data_format not in formats:
        raise ValueError(f"data_format has to be either {' or '.join(formats)}.")


def layers_format(data_format: str | None) -> str:
    """Return what `tf.layers` calls a data format."""
    return "channels_first" if data_format and data_format.startswith("NC") else "channels_last"
