"""Variables of models: made in collections, found by scope and name, set from checkpoints."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from evergraph import v1 as tf
from evergraph.v1.contrib.framework.arguments import add_arg_scope
from evergraph.v1.partitions import PartitionedVariable
from evergraph.v1.variable_modes import VariableAggregation, VariableSynchronization


@add_arg_scope
def variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = True,
    collections: Any = None,
    caching_device: Any = None,
    device: Any = None,
    partitioner: Any = None,
    custom_getter: Any = None,
    use_resource: bool | None = None,
    synchronization: Any = VariableSynchronization.AUTO,
    aggregation: Any = VariableAggregation.NONE,
) -> Any:
    """Return a variable of the current scope; see `tf.get_variable`.

    Args:
      collections: by default GLOBAL_VARIABLES.
      device: where it is, a device or a function of the operation.
      custom_getter: what is called in place of `tf.get_variable`.
      name, shape, dtype, initializer, regularizer, trainable, caching_device, partitioner,
        use_resource, synchronization, aggregation: see `tf.get_variable`.
    """
    given = [tf.GraphKeys.GLOBAL_VARIABLES] if collections is None else collections
    getter = tf.get_variable
    if custom_getter is not None:
        getter = functools.partial(custom_getter, reuse=tf.get_variable_scope().reuse)
    with tf.device(device or ""):
        return getter(
            name,
            shape=shape,
            dtype=dtype,
            initializer=initializer,
            regularizer=regularizer,
            trainable=trainable,
            collections=list(dict.fromkeys(given)),
            caching_device=caching_device,
            partitioner=partitioner,
            use_resource=use_resource,
            synchronization=synchronization,
            aggregation=aggregation,
        )


@add_arg_scope
def model_variable(
    name: str,
    shape: Any = None,
    dtype: Any = tf.float32,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = True,
    collections: Any = None,
    caching_device: Any = None,
    device: Any = None,
    partitioner: Any = None,
    custom_getter: Any = None,
    use_resource: bool | None = None,
    synchronization: Any = VariableSynchronization.AUTO,
    aggregation: Any = VariableAggregation.NONE,
) -> Any:
    """Return a variable that is in GLOBAL_VARIABLES and MODEL_VARIABLES as well; see `variable`."""
    keys = tf.GraphKeys
    return variable(
        name,
        shape=shape,
        dtype=dtype,
        initializer=initializer,
        regularizer=regularizer,
        trainable=trainable,
        collections=[*(collections or ()), keys.GLOBAL_VARIABLES, keys.MODEL_VARIABLES],
        caching_device=caching_device,
        device=device,
        partitioner=partitioner,
        custom_getter=custom_getter,
        use_resource=use_resource,
        synchronization=synchronization,
        aggregation=aggregation,
    )


def global_variable(
    initial_value: Any,
    validate_shape: bool = True,
    name: str | None = None,
    use_resource: bool | None = None,
) -> Any:
    """Return a variable that is not trained; see `tf.Variable`."""
    return _untrained(
        initial_value, [tf.GraphKeys.GLOBAL_VARIABLES], validate_shape, name, use_resource
    )


def local_variable(
    initial_value: Any,
    validate_shape: bool = True,
    name: str | None = None,
    use_resource: bool | None = None,
) -> Any:
    """Return a variable that is not trained and not saved, in LOCAL_VARIABLES."""
    return _untrained(
        initial_value, [tf.GraphKeys.LOCAL_VARIABLES], validate_shape, name, use_resource
    )


def _untrained(value: Any, collections: Any, validate: bool, name: Any, resource: Any) -> Any:
    return tf.Variable(
        value,
        trainable=False,
        collections=collections,
        validate_shape=validate,
        use_resource=resource,
        name=name,
    )


def add_model_variable(var: Any) -> None:
    """Add a variable to MODEL_VARIABLES, if it is not there yet."""
    found = tf.get_default_graph().get_collection_ref(tf.GraphKeys.MODEL_VARIABLES)
    if all(var is not other for other in found):
        found.append(var)


# Found by scope and name


def get_variables(
    scope: Any = None, suffix: str | None = None, collection: str = tf.GraphKeys.GLOBAL_VARIABLES
) -> list[Any]:
    """Return the variables of a collection.

    Args:
      scope: a variable scope, or what names begin with (a regular expression).
      suffix: what the last part of the name is.
      collection: the collection.
    """
    if isinstance(scope, tf.VariableScope):
        scope = scope.name
    if suffix is not None:
        suffix = suffix if ":" in suffix else f"{suffix}:"
        scope = f"{scope or ''}.*{suffix}"
    return list(tf.get_collection(collection, scope))


def get_model_variables(scope: Any = None, suffix: str | None = None) -> list[Any]:
    """Return the variables of MODEL_VARIABLES; see `get_variables`."""
    return get_variables(scope, suffix, tf.GraphKeys.MODEL_VARIABLES)


def get_local_variables(scope: Any = None, suffix: str | None = None) -> list[Any]:
    """Return the variables of LOCAL_VARIABLES; see `get_variables`."""
    return get_variables(scope, suffix, tf.GraphKeys.LOCAL_VARIABLES)


def get_trainable_variables(scope: Any = None, suffix: str | None = None) -> list[Any]:
    """Return the variables of TRAINABLE_VARIABLES; see `get_variables`."""
    return get_variables(scope, suffix, tf.GraphKeys.TRAINABLE_VARIABLES)


def get_variables_by_suffix(suffix: str, scope: Any = None) -> list[Any]:
    """Return the variables whose name ends so; see `get_variables`."""
    return get_variables(scope=scope, suffix=suffix)


def get_variables_by_name(given_name: str, scope: Any = None) -> list[Any]:
    """Return the variables of a name, without its scope; see `get_variables`."""
    return get_variables(scope=scope, suffix=rf"/{given_name}:|^{given_name}:")


def get_unique_variable(var_op_name: str) -> Any:
    """Return the variable of a full name.

    Raises:
      ValueError: there is none, or several.
    """
    found = [
        v
        for key in (tf.GraphKeys.GLOBAL_VARIABLES, tf.GraphKeys.LOCAL_VARIABLES)
        for v in get_variables(var_op_name, collection=key)
        if v.op.name == var_op_name
    ]
    if not found:
        raise ValueError(f"Couldn't find variable {var_op_name}")
    if len({id(v) for v in found}) > 1:
        raise ValueError(f"Variable {var_op_name} is not unique")
    return found[0]


def get_variables_to_restore(include: Any = None, exclude: Any = None) -> list[Any]:
    """Return the variables of some scopes, without those of others.

    Args:
      include: the scopes, by default all.
      exclude: the scopes that are left out.

    Raises:
      TypeError: it is no list.
    """
    for name, value in (("include", include), ("exclude", exclude)):
        if value is not None and not isinstance(value, list | tuple):
            raise TypeError(f"{name} is provided but is not a list or a tuple.")
    found = [v for scope in include or [None] for v in get_variables(scope)]
    left_out = {id(v) for scope in exclude or () for v in get_variables(scope)}
    return [v for v in found if id(v) not in left_out]


def filter_variables(
    var_list: Any,
    include_patterns: Any = None,
    exclude_patterns: Any = None,
    reg_search: bool = True,
) -> list[Any]:
    """Return the variables whose names match patterns, and do not match others.

    Args:
      var_list: variables.
      include_patterns: regular expressions, of which one must match; by default all names do.
      exclude_patterns: regular expressions, of which none may match.
      reg_search: whether they match anywhere in the name, or at its beginning.
    """
    matches = re.search if reg_search else re.match

    def fits(variable: Any, patterns: Any) -> bool:
        return any(matches(pattern, variable.op.name) for pattern in patterns)

    found = [v for v in var_list if include_patterns is None or fits(v, include_patterns)]
    return [v for v in found if not fits(v, exclude_patterns or ())]


def get_variable_full_name(var: Any) -> str:
    """Return the name of a variable, or of the whole that it is a part of."""
    info = getattr(var, "_save_slice_info", None)
    return str(info.full_name if info else var.op.name)


# Set


def assign_from_values(var_names_to_values: dict[str, Any]) -> tuple[Any, dict[Any, Any]]:
    """Return an operation that sets variables, and what to feed to it.

    Args:
      var_names_to_values: from full names of variables to arrays.

    Raises:
      ValueError: there is no such variable.
    """
    feeds: dict[Any, Any] = {}
    assigned = []
    for name, value in var_names_to_values.items():
        target = get_unique_variable(name)
        fed = tf.placeholder(target.dtype.base_dtype, target.shape)
        assigned.append(target.assign(fed))
        feeds[fed] = np.reshape(value, target.shape.as_list())
    return tf.group(*assigned), feeds


def assign_from_values_fn(var_names_to_values: dict[str, Any]) -> Callable[[Any], Any]:
    """Return a function of a session, which sets variables there; see `assign_from_values`."""
    operation, feeds = assign_from_values(var_names_to_values)
    return lambda session: session.run(operation, feeds)


def assign_from_checkpoint(
    model_path: str, var_list: Any, ignore_missing_vars: bool = False
) -> tuple[Any, dict[Any, Any]]:
    """Return an operation that sets variables to values of a checkpoint, and what to feed to it.

    Args:
      model_path: the checkpoint.
      var_list: variables, or a dictionary from names in the checkpoint to them.
      ignore_missing_vars: whether a variable may be missing in the checkpoint; it is not set then.

    Raises:
      ValueError: a variable is missing, or has another number of values there.
    """
    reader = tf.train.load_checkpoint(model_path)
    feeds: dict[Any, Any] = {}
    assigned = []
    for name, targets in _by_name(var_list).items():
        if not reader.has_tensor(name):
            _report_missing(name, model_path, ignore_missing_vars)
            continue
        saved = reader.get_tensor(name)
        for target in targets:
            value = _part_of(saved, target)
            if value.size != int(np.prod(target.shape.as_list())):
                raise ValueError(
                    f"Total size of new array must be unchanged for {name} lh_shape: "
                    f"[{value.shape}], rh_shape: [{tuple(target.shape.as_list())}]"
                )
            fed = tf.placeholder(target.dtype.base_dtype, target.shape)
            assigned.append(target.assign(fed))
            feeds[fed] = value.reshape(target.shape.as_list())
    return tf.group(*assigned), feeds


def assign_from_checkpoint_fn(
    model_path: str,
    var_list: Any,
    ignore_missing_vars: bool = False,
    reshape_variables: bool = False,
) -> Callable[[Any], Any] | None:
    """Return a function of a session, which sets variables there to values of a checkpoint.

    Args:
      model_path: the checkpoint.
      var_list: variables, or a dictionary from names in the checkpoint to them.
      ignore_missing_vars: whether a variable may be missing in the checkpoint.
      reshape_variables: whether a value may have another shape there.

    Returns:
      The function; None if no variable is in the checkpoint.

    Raises:
      ValueError: there are no variables; when it is called, one is missing or does not fit.
    """
    if not var_list:
        raise ValueError("var_list cannot be empty")
    kept = var_list
    if ignore_missing_vars:
        kept = _without_missing(model_path, var_list)
        if not kept:
            tf.logging.warning("No Variables to restore")
            return None
    saver = tf.train.Saver(kept, reshape=reshape_variables)
    return lambda session: saver.restore(session, model_path)


def _without_missing(model_path: str, var_list: Any) -> Any:
    """Return those variables whose names are in a checkpoint."""
    reader = tf.train.load_checkpoint(model_path)
    missing = [name for name in _by_name(var_list) if not reader.has_tensor(name)]
    for name in missing:
        _report_missing(name, model_path, True)
    if isinstance(var_list, dict):
        return {name: v for name, v in var_list.items() if name not in missing}
    return [v for v in var_list if get_variable_full_name(v) not in missing]


def _by_name(var_list: Any) -> dict[str, list[Any]]:
    """Return the variables, or parts of one, by their name in a checkpoint."""
    found: dict[str, list[Any]] = {}
    if isinstance(var_list, dict):
        pairs = list(var_list.items())
    else:
        pairs = [(None, value) for value in var_list]
    for name, value in pairs:
        listed = list(value) if isinstance(value, list | tuple | PartitionedVariable) else [value]
        for target in listed:
            found.setdefault(name or get_variable_full_name(target), []).append(target)
    return found


def _part_of(saved: Any, target: Any) -> Any:
    """Return what of a saved value a variable holds, which may be a part."""
    info = getattr(target, "_save_slice_info", None)
    if info is None:
        return np.asarray(saved)
    parts = zip(info.var_offset, info.var_shape, strict=True)
    return saved[tuple(slice(start, start + size) for start, size in parts)]


def _report_missing(name: str, path: str, allowed: bool) -> None:
    message = f"Checkpoint is missing variable [{name}]"
    if not allowed:
        raise ValueError(message)
    tf.logging.warning("%s in %s", message, path)
