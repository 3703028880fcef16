"""Conditionals and loops, as planned: nodes whose blocks are programs; values that may be missing.

A kernel receives its blocks as functions: from a list of inputs to a sequence of outputs.
"""

from __future__ import annotations

from evergraph import protos
from evergraph.errors import exception_type_from_error_code
from evergraph.op import define


def conditional(xp, predicate, captured, *, _blocks, given, count):
    """Run one of two blocks.

    Args:
      predicate: a scalar bool.
      captured: what both blocks take.
      _blocks: what runs if it is false, and if it is true.
      given: for each block, the positions of the results that it gives.
      count: how many results there are. Nobody uses those that a block does not give.
    """
    branch = int(bool(predicate))
    results = [None] * count
    for i, value in zip(given[branch], _blocks[branch](captured), strict=True):
        results[i] = value
    return results


def loop(xp, predicate, inputs, *, _blocks, carried):
    """Run a block as long as a predicate holds.

    Args:
      predicate: a scalar bool; later ones are the first output of the block.
      inputs: the values that are handed on, and then those that stay the same.
      _blocks: the one block; its other outputs are the next values.
      carried: how many values are handed on.
    """
    (body,) = _blocks
    values, fixed = inputs[:carried], inputs[carried:]
    while predicate:
        predicate, *values = body([*values, *fixed])
    return values


def given(xp, value, there, *, message, code):
    """Return a value, if it is there."""
    xp.check(there, exception_type_from_error_code(code), message)
    return value


def _shapes(*inputs):
    return []  # such nodes are only ever planned, and never part of a graph


def _argument(name, **type):
    return protos.OpDef.ArgDef(name=name, **type)


def _attribute(name, type):
    return protos.OpDef.AttrDef(name=name, type=type)


def _signature(type, *attributes):
    inputs = [
        _argument("predicate", type=protos.DT_BOOL),
        _argument("inputs", type_list_attr="Tin"),
    ]
    return protos.OpDef(
        name=type,
        input_arg=inputs,
        output_arg=[_argument("outputs", type_list_attr="Tout")],
        attr=[_attribute(n, "list(type)") for n in ("Tin", "Tout")] + list(attributes),
    )


define(
    "_Conditional",
    conditional,
    shape=_shapes,
    op_def=_signature("_Conditional", _attribute("given", "list(int)"), _attribute("count", "int")),
)
define("_Loop", loop, shape=_shapes, op_def=_signature("_Loop", _attribute("carried", "int")))
define(
    "_Given",
    given,
    shape=_shapes,
    op_def=protos.OpDef(
        name="_Given",
        input_arg=[_argument("value", type_attr="T"), _argument("there", type=protos.DT_BOOL)],
        output_arg=[_argument("output", type_attr="T")],
        attr=[_attribute("T", "type"), _attribute("message", "string"), _attribute("code", "int")],
    ),
)
