"""tf.train.warm_start: a model whose variables begin with the values of another one's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evergraph.errors import UnimplementedError
from evergraph.graph.collections import GraphKeys
from evergraph.graph.stacks import get_default_graph
from evergraph.v1.training.checkpoint_readers import checkpoint_at
from evergraph.v1.training.initial_checkpoints import init_from_checkpoint
from evergraph.v1.training.object_checkpoints import names_to_keys
from evergraph.v1.training.saveables import by_name
from evergraph.v1.variables import Variable


def warm_start(
    ckpt_to_initialize_from: Any,
    vars_to_warm_start: Any = ".*",
    var_name_to_vocab_info: Any = None,
    var_name_to_prev_var_name: Mapping[str, str] | None = None,
) -> None:
    """Make the initializers of variables take the values that they have in a checkpoint.

    Args:
      ckpt_to_initialize_from: the prefix, or a folder, of which the latest is taken.
      vars_to_warm_start: a regular expression for the names of trainable variables, a list of them
        for those of global variables, a list of variables, or None for no variables.
      var_name_to_vocab_info: not implemented: vocabularies that have changed.
      var_name_to_prev_var_name: the names in the checkpoint of variables that have another one.

    Raises:
      ValueError: a variable is not in the checkpoint, or has another shape there; or a name in the
        last argument is that of no variable.
      UnimplementedError: there are vocabularies.
    """
    if var_name_to_vocab_info:
        raise UnimplementedError(
            None,
            None,
            "warm_start with var_name_to_vocab_info is not implemented. Arrange the rows with "
            "NumPy after tf.train.load_variable, and assign them.",
        )
    variables: dict[str, list[Any]] = {}
    for variable in _chosen(vars_to_warm_start):
        (own,) = by_name([variable])
        variables.setdefault(own, []).append(variable)
    names = dict(var_name_to_prev_var_name or _keys(ckpt_to_initialize_from, variables))
    unknown = names.keys() - variables.keys()
    if unknown:
        raise ValueError(
            "You provided the following variables in var_name_to_prev_var_name that were not "
            f"used: {unknown}.  Perhaps you misspelled them?  Here is the list of viable "
            f"variable names: {variables.keys()}"
        )
    if vars_to_warm_start:
        single = {name: v[0] if len(v) == 1 else v for name, v in variables.items()}
        pairs = [(names.get(name, name), v) for name, v in single.items()]
        init_from_checkpoint(ckpt_to_initialize_from, pairs)


def _chosen(vars_to_warm_start: Any) -> list[Any]:
    graph = get_default_graph()
    wanted = vars_to_warm_start
    if wanted is None or isinstance(wanted, str):
        return graph.get_collection(GraphKeys.TRAINABLE_VARIABLES, wanted)
    if not isinstance(wanted, list):
        raise ValueError(
            f"`vars_to_warm_start must be a `list` or `str`.  Given type is {type(wanted)}"
        )
    if all(isinstance(v, str) for v in wanted):
        return [v for s in wanted for v in graph.get_collection(GraphKeys.GLOBAL_VARIABLES, s)]
    if all(isinstance(v, Variable) for v in wanted):
        return wanted
    raise ValueError(
        "If `vars_to_warm_start` is a list, it must be all `Variable` or all `str`.  Given types "
        f"are {[type(v) for v in wanted]}"
    )


def _keys(checkpoint: Any, variables: Mapping[str, Any]) -> dict[str, str]:
    """Return the keys that variables have in a checkpoint of objects; none for any other."""
    keys = names_to_keys(checkpoint_at(checkpoint) or "")
    if keys is None:
        return {}
    missing = variables.keys() - keys.keys()
    if missing:
        raise ValueError(
            "Attempting to warm-start from an object-based checkpoint, but found that the "
            "checkpoint did not contain values for all variables. The following variables were "
            f"missing: {missing}"
        )
    return {name: keys[name] for name in variables}
