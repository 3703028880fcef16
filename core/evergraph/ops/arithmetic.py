"""Arithmetic of two arrays with broadcasting: AddV2, Sub, Mul, RealDiv, FloorDiv, Mod, Pow …"""

from __future__ import annotations

from evergraph.errors import InvalidArgumentError
from evergraph.op import define
from evergraph.ops.rules import broadcast


def _is_integer(xp, x):
    return xp.isdtype(x.dtype, "integral")


def _nonzero_divisor(xp, y):
    xp.check(y != 0, InvalidArgumentError, "Integer division by zero")


def floor_div(xp, x, y):
    if _is_integer(xp, x):
        _nonzero_divisor(xp, y)
    return xp.floor_divide(x, y)


define("Add", "add", shape=broadcast)
define("AddV2", "add", shape=broadcast)
define("Sub", "subtract", shape=broadcast)
define("Mul", "multiply", shape=broadcast)
define("FloorDiv", floor_div, shape=broadcast)
