"""The switches between TensorFlow's versions of itself. Here everything is version 1."""

from __future__ import annotations

from typing import Any, Final, NoReturn

_ON: Final = {"resource variables": False, "control flow v2": False}


def executing_eagerly() -> bool:
    """Return False: nothing is executed before a session runs it."""
    return False


def executing_eagerly_outside_functions() -> bool:
    """Return False: nothing is executed before a session runs it."""
    return False


def disable_v2_behavior() -> None:
    """Do nothing: the behaviour is that of version 1."""


def disable_eager_execution() -> None:
    """Do nothing: there is no eager execution."""


def disable_v2_tensorshape() -> None:
    """Do nothing: shapes consist of `Dimension`s."""


def disable_tensor_equality() -> None:
    """Do nothing: tensors are compared by identity."""


def enable_eager_execution(
    config: Any = None, device_policy: Any = None, execution_mode: Any = None
) -> NoReturn:
    """Raise RuntimeError: there is no eager execution."""
    del config, device_policy, execution_mode
    _refuse("eager execution", "build a graph and run it in a tf.Session")


def enable_v2_behavior() -> NoReturn:
    """Raise RuntimeError: there is no version 2."""
    _refuse("the behavior of TensorFlow 2", "build a graph and run it in a tf.Session")


def enable_v2_tensorshape() -> NoReturn:
    """Raise RuntimeError: shapes consist of `Dimension`s."""
    _refuse("shapes of integers", "use shape.as_list(), or tf.dimension_value(shape[i])")


def enable_tensor_equality() -> NoReturn:
    """Raise RuntimeError: tensors are compared by identity."""
    _refuse("`==` between tensors by value", "use tf.equal")


def _refuse(what: str, instead: str) -> NoReturn:
    raise RuntimeError(f"evergraph.v1 is TensorFlow 1 and has not {what}: {instead}.")


def enable_resource_variables() -> None:
    """Make new variables resource variables unless they say otherwise."""
    _ON["resource variables"] = True


def disable_resource_variables() -> None:
    """Make new variables reference variables unless they say otherwise."""
    _ON["resource variables"] = False


def resource_variables_enabled() -> bool:
    """Return whether new variables are resource variables unless they say otherwise."""
    return _ON["resource variables"]


def enable_control_flow_v2() -> None:
    """Write conditions and loops as functional nodes."""
    _ON["control flow v2"] = True


def disable_control_flow_v2() -> None:
    """Write conditions and loops as version 1 does."""
    _ON["control flow v2"] = False


def control_flow_v2_enabled() -> bool:
    """Return whether conditions and loops are written as functional nodes."""
    return _ON["control flow v2"]
