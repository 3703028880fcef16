"""What values are good for, and random ones."""

from __future__ import annotations

from math import prod
from random import Random

import numpy as np

from random_graphs.data import EXACT_BITS, LARGE, Constant, Value


def is_float(v: Value) -> bool:
    return v.dtype[0] == "f"


def is_number(v: Value) -> bool:
    return v.dtype != "bool"


def usable(v: Value) -> bool:
    return is_number(v) and v.bound <= LARGE


def exact(v: Value) -> bool:
    return usable(v) and v.bits is not None


def inexact(v: Value, bound: float) -> Value:
    return Value(v.dtype, v.shape, bound, None)


def limited(bits: int) -> int | None:
    return bits if bits <= EXACT_BITS else None


def more_bits(v: Value, bits: int) -> int | None:
    return None if v.bits is None else limited(v.bits + bits)


def some_data(random: Random, shape: tuple[int, ...], dtype: str) -> Constant:
    eighths = [random.randint(-32, 32) for _ in range(prod(shape))]
    values = [e / 8 for e in eighths] if dtype[0] == "f" else [e // 8 for e in eighths]
    return Constant.of(np.reshape(values, shape), dtype)
