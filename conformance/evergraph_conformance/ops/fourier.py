"""Cases of Fourier transforms."""

from __future__ import annotations

from typing import Any

import numpy as np

from evergraph_conformance.cases import Case, array, case, spread

NAN = float("nan")


def both(shape, dtype="complex64", seed=0):
    real, imaginary = (spread(shape, "float64", seed=seed + i) for i in range(2))
    return (real + 1j * imaginary).astype(dtype)


SHAPES = {1: [(8,), (2, 7), (3, 1)], 2: [(4, 6), (2, 3, 5), (1, 4)], 3: [(2, 3, 4), (2, 2, 1, 3)]}


def of_complex(op, rank):
    first, second, *_ = SHAPES[rank]
    return [
        *(case(op, f"shape {s}", both(s)) for s in SHAPES[rank]),
        case(op, "complex128", both(second, "complex128")),
        case(op, "NaN", array(np.full(first, NAN), "complex64")),
        case(op, "empty batch", array(np.zeros((0, *first)), "complex64")),
        case(op, "no elements", array(np.zeros((2, *first[:-1], 0)), "complex64")),
        case(op, "rank", both(first[1:])),
    ]


def of_real(op, rank, inverse):
    first, second, *_ = SHAPES[rank]
    make = both if inverse else spread
    wide, other = ("complex128", "float64") if inverse else ("float64", "complex128")
    results: dict[str, Any] = {"Treal": "float32"} if inverse else {"Tcomplex": "complex64"}
    wide_results: dict[str, Any] = {"Treal": other} if inverse else {"Tcomplex": other}

    def length(shape, less=0):
        sizes = list(shape[-rank:])
        sizes[-1] = 2 * (sizes[-1] - 1) if inverse else sizes[-1]
        return array([n - less for n in sizes], "int32")

    odd = length(second)
    odd[-1] += 1 if inverse else 0
    return [
        case(op, "first", make(first), length(first), **results),
        case(op, "second", make(second), odd, **results),
        case(op, "double", make(second, wide), length(second), **wide_results),
        case(op, "cropped", make(first), length(first, 1), **results),
        case(op, "too short", make(first), length(first) + np.int32(3), **results),
        case(op, "empty batch", make((0, *first)), length(first), **results),
        case(op, "negative", make(first), -length(first), **results),
        case(op, "huge", make(first), length(first) + np.int32(2**30), **results),
        case(op, "lengths", make(first), array([4] * (rank + 1), "int32"), **results),
        case(op, "rank", make(first[1:]), length(first), **results),
    ]


CASES: list[Case] = [
    *(
        c
        for rank, suffix in ((1, ""), (2, "2D"), (3, "3D"))
        for name in ("FFT", "IFFT")
        for c in of_complex(name + suffix, rank)
    ),
    *(
        c
        for rank, suffix in ((1, ""), (2, "2D"), (3, "3D"))
        for name in ("RFFT", "IRFFT")
        for c in of_real(name + suffix, rank, name == "IRFFT")
    ),
]
