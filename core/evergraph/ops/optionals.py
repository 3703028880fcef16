"""Optional values: tensors that may be missing. Each is a list, which is empty then."""

from __future__ import annotations

import numpy as np

from evergraph.op import define
from evergraph.ops.lists import fail, list_of
from evergraph.ops.rules import scalar
from evergraph.tensor_list import TensorList


def from_value(xp, components):
    return TensorList(np.object_, None, len(components), dict(enumerate(components)))


def none(xp):
    return TensorList(np.object_, None)


def has_value(xp, optional):
    return np.bool_(list_of(optional).length > 0)


def get_value(xp, optional, *, output_types):
    given = list_of(optional)
    if not given.length:
        fail("The given optional does not have a value.")
    return [given.get(i) for i in range(given.length)]


def known_shapes(optional, *, output_shapes):
    return list(output_shapes)


def from_value_gradient(tf, op, dy):
    types = [t.dtype for t in op.inputs]
    return tf.OptionalGetValue(dy, output_types=types, output_shapes=[t.shape for t in op.inputs])


def get_value_gradient(tf, op, *grads):
    return tf.OptionalFromValue(list(grads))


define(
    "OptionalFromValue",
    from_value,
    shape=scalar,
    unknown_rank=True,
    gradient=from_value_gradient,
)
define("OptionalNone", none, shape=scalar)
define("OptionalHasValue", has_value, shape=scalar, unknown_rank=True)
define(
    "OptionalGetValue",
    get_value,
    shape=known_shapes,
    unknown_rank=True,
    gradient=get_value_gradient,
)
