"""What the cases of variables have in common."""

from __future__ import annotations

from typing import Any, Final

import pytest

from evergraph_conformance.messages import exact, row

#: The ops of both kinds of variables.
OPS: Final = (
    "VariableV2",
    "Assign",
    "AssignAdd",
    "AssignSub",
    "VarHandleOp",
    "ReadVariableOp",
    "AssignVariableOp",
    "AssignAddVariableOp",
    "AssignSubVariableOp",
    "ScatterAdd",
    "ResourceScatterAdd",
    "AddV2",
    "Mul",
    "Identity",
)

BOTH: Final = pytest.mark.parametrize("resource", [row("ref", False), row("resource", True)])

# What is said of a variable `v` without a value.
MISSING_REF: Final = exact("FailedPreconditionError", "Attempting to use uninitialized value v")
MISSING: Final = exact(
    "FailedPreconditionError",
    "Could not find variable v. This could mean that the variable has been deleted. In TF1, it can "
    "also mean the variable is uninitialized. Debug info: container=localhost, status error "
    "message=Container localhost does not exist. (Could not find resource: localhost/v)",
)
HOLDS_NOTHING: Final = exact(
    "NotFoundError", "Container localhost does not exist. (Could not find resource: localhost/v)"
)


def variable(tf: Any, value: Any = 1.0, name: str = "v", **more: Any) -> Any:
    """Return a variable."""
    return tf.Variable(value, name=name, **more)


def initialized(tf: Any, session: Any, value: Any = 1.0, name: str = "v", **more: Any) -> Any:
    """Return a variable that has its initial value in a session."""
    v = variable(tf, value, name, **more)
    session.run(v.initializer)
    return v


def done(change: Any) -> Any:
    """Return the operation of a change."""
    return change.op
