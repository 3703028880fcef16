"""tf.train.init_from_checkpoint: variables whose initial values are those of a checkpoint."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from evergraph.builder import build
from evergraph.graph.stacks import get_default_graph
from evergraph.v1.scope_defaults import store_of_graph
from evergraph.v1.training.checkpoint_readers import checkpoint_at, load_checkpoint
from evergraph.v1.training.saveables import by_name, saveables_for
from evergraph.v1.variables import Variable


def init_from_checkpoint(ckpt_dir_or_file: Any, assignment_map: Any) -> None:
    """Make the initializers of variables take values from a checkpoint.

    Args:
      ckpt_dir_or_file: the prefix, or a folder, of which the latest is taken.
      assignment_map: a dictionary, or a list of pairs, from a name in the checkpoint to a variable,
        a list of the parts of one, or the name that `tf.get_variable` has made one under; or from a
        scope in the checkpoint, `scope/` or `/`, to a scope of variables.

    Raises:
      ValueError: there is no such variable, or no such tensor, or it has another shape.
      NotFoundError: there is no checkpoint of that prefix.
    """
    reader = load_checkpoint(ckpt_dir_or_file)
    prefix = checkpoint_at(ckpt_dir_or_file)
    shapes = reader.get_variable_to_shape_map()
    pairs = assignment_map.items() if isinstance(assignment_map, Mapping) else assignment_map
    known = store_of_graph()._vars
    where = os.fsdecode(ckpt_dir_or_file)
    for name, target in sorted(pairs, key=lambda pair: pair[0]):
        variable = target if _are_variables(target) else _found(target, known)
        if variable is not None:
            if name not in shapes:
                raise ValueError(f"Tensor {name} is not found in {where} checkpoint {shapes}")
            _check_shape(variable, name, shapes[name])
            _initialize(variable, prefix, name)
            continue
        for var_name, tensor_name in _in_scope(name, target, known):
            if tensor_name not in shapes:
                raise ValueError(
                    f"Tensor {tensor_name} ({_inside(var_name, target)} in {name}) is not found in "
                    f"{where} checkpoint"
                )
            _initialize(_found(var_name, known), prefix, tensor_name)


def _are_variables(target: Any) -> bool:
    if isinstance(target, list):
        return all(isinstance(v, Variable) for v in target)
    return isinstance(target, Variable)


def _found(name: str, known: Mapping[str, Any]) -> Any:
    """Return the variable of a name, or the list of its parts; None if there is none."""
    if name in known:
        return known[name]
    parts: list[Any] = []
    while f"{name}/part_{len(parts)}" in known:
        parts.append(known[f"{name}/part_{len(parts)}"])
    return parts or None


def _check_shape(variable: Any, name: str, shape: list[int]) -> None:
    if isinstance(variable, Variable) and not variable.get_shape().is_compatible_with(shape):
        raise ValueError(
            f"Shape of variable {variable.name} ({variable.get_shape()}) doesn't match with shape "
            f"of tensor {name} ({shape}) from checkpoint reader."
        )


def _scope_of(target: str) -> str:
    return target.rpartition("/")[0]


def _inside(var_name: str, target: str) -> str:
    return var_name[len(_scope_of(target)) + 1 :]


def _in_scope(name: str, target: str, known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the names of the variables in a scope, and those that they have in a checkpoint."""
    scope = _scope_of(target)
    if not name.endswith("/"):
        raise ValueError(
            f"Assignment map with scope only name {scope} should map to scope only {name}. Should "
            "be 'scope/': 'other_scope/'."
        )
    variables = {v.partition("/part_")[0] for v in known if not scope or v.startswith(f"{scope}/")}
    for variable in sorted(variables):
        inside = variable[len(scope) :]
        if target != "/":
            inside = inside[1:]
        yield variable, (inside if name == "/" else name + inside).removesuffix("/")


def _initialize(variable: Any, prefix: str | None, name: str) -> None:
    if isinstance(variable, Variable):
        _initialize_from(variable, prefix, name, "")
        return
    whole: str | None = None
    for part in variable:
        info = part._get_save_slice_info()
        whole = info.full_name if whole is None else whole
        if whole != info.full_name:
            raise ValueError(
                f"Slices must all be from the same tensor: {whole} != {info.full_name}"
            )
        _initialize_from(part, prefix, name, info.spec)


def _initialize_from(variable: Variable, prefix: Any, name: str, spec: str) -> None:
    graph = get_default_graph()
    with graph.device(variable.device), graph.device("/cpu:0"):
        arguments = {
            "prefix": prefix,
            "tensor_names": [name],
            "shape_and_slices": [spec],
            "dtypes": [variable.dtype.base_dtype],
        }
        (value,) = build("RestoreV2", arguments, "checkpoint_initializer")
        (saveable,) = (s for n, item in by_name([variable]).items() for s in saveables_for(item, n))
    variable._initializer_op = saveable.restore([value], None)
    value.set_shape(variable.shape)
    variable._initial_value = value
