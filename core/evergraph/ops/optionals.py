"""Optional values: tensors that may be missing. Each is a list, which is empty then."""

from __future__ import annotations

import numpy as np

from evergraph.op import define, no_gradient
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


define("OptionalFromValue", from_value, shape=scalar, unknown_rank=True, gradient=no_gradient)
define("OptionalNone", none, shape=scalar, gradient=no_gradient)
define("OptionalHasValue", has_value, shape=scalar, unknown_rank=True, gradient=no_gradient)
define(
    "OptionalGetValue",
    get_value,
    shape=known_shapes,
    unknown_rank=True,
    gradient=no_gradient,
)
