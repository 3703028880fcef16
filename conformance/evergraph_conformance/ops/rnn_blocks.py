"""Cases of recurrent cells in one op."""

from __future__ import annotations

import numpy as np

from evergraph_conformance.cases import Case, array, case, spread


def cell(batch, inputs, size, dtype="float32", steps=None, scale=1.0):
    """Return x, cs_prev, h_prev, w, wci, wcf, wco, b."""
    lead = () if steps is None else (steps,)
    shapes = [
        (*lead, batch, inputs),
        (batch, size),
        (batch, size),
        (inputs + size, 4 * size),
        *[(size,)] * 3,
        (4 * size,),
    ]
    return [spread(s, dtype, -scale, scale, seed=i) for i, s in enumerate(shapes)]


def saved(shape, dtype="float32"):
    """Return what a forward step gives, and the gradients of cs and h."""
    return [spread(shape, dtype, -0.9, 0.9, seed=20 + i) for i in range(8)]


def gru(batch, inputs, size, dtype="float32"):
    shapes = [
        (batch, inputs),
        (batch, size),
        (inputs + size, 2 * size),
        (inputs + size, size),
        (2 * size,),
        (size,),
    ]
    return [spread(s, dtype, -1, 1, seed=i) for i, s in enumerate(shapes)]


def changed(values, position, value):
    return [value if i == position else v for i, v in enumerate(values)]


SIZES = (2, 3, 4)
#: What TensorFlow does not write of the steps that are left out.
LEFT = (0, 2, 3, 4, 5)
CASES: list[Case] = [
    case("LSTMBlockCell", "float32", *cell(*SIZES)),
    case("LSTMBlockCell", "half", *cell(*SIZES, dtype="float16")),
    case("LSTMBlockCell", "peephole", *cell(*SIZES), use_peephole=True),
    case("LSTMBlockCell", "clipped", *cell(*SIZES, scale=3.0), cell_clip=0.5),
    case("LSTMBlockCell", "no clip", *cell(*SIZES, scale=9.0), cell_clip=-1.0),
    case("LSTMBlockCell", "bias", *cell(1, 1, 1), forget_bias=0.25),
    case("LSTMBlockCell", "NaN", *changed(cell(*SIZES), 0, array(np.full((2, 3), np.nan)))),
    case("LSTMBlockCell", "weights", *changed(cell(*SIZES), 3, spread((6, 16)))),
    case("LSTMBlockCellGrad", "float32", *cell(*SIZES), *saved((2, 4)), use_peephole=False),
    case("LSTMBlockCellGrad", "peephole", *cell(*SIZES), *saved((2, 4)), use_peephole=True),
    case("LSTMBlockCellGrad", "one", *cell(1, 1, 1), *saved((1, 1)), use_peephole=True),
    case("LSTMBlockCellGrad", "batch", *cell(5, 2, 3), *saved((5, 3)), use_peephole=False),
    *(
        c
        for op in ("BlockLSTM", "BlockLSTMV2")
        for c in (
            case(op, "all steps", array(3, "int64"), *cell(*SIZES, steps=3)),
            case(op, "fewer steps", array(2, "int64"), *cell(*SIZES, steps=4), undefined=LEFT),
            case(op, "half", array(2, "int64"), *cell(*SIZES, "float16", steps=2)),
            case(op, "peephole", array(3, "int64"), *cell(*SIZES, steps=3), use_peephole=True),
            case(op, "clipped", array(3, "int64"), *cell(*SIZES, steps=3), cell_clip=0.25),
            case(op, "no step", array(0, "int64"), *cell(*SIZES, steps=2), undefined=LEFT),
            case(op, "one", array(1, "int64"), *cell(1, 1, 1, steps=1)),
            case(
                op,
                "weights",
                array(1, "int64"),
                *changed(cell(*SIZES, steps=2), 3, spread((6, 16))),
            ),
            case(op, "rank", array(1, "int64"), *cell(*SIZES)),
        )
    ),
    case("GRUBlockCell", "float32", *gru(*SIZES)),
    case("GRUBlockCell", "one", *gru(1, 1, 1)),
    case("GRUBlockCell", "batch", *gru(6, 2, 3)),
    case("GRUBlockCell", "NaN", *changed(gru(*SIZES), 1, array(np.full((2, 4), np.nan)))),
    case("GRUBlockCell", "weights", *changed(gru(*SIZES), 2, spread((6, 8)))),
    case("GRUBlockCell", "rank", *changed(gru(*SIZES), 0, spread((3,)))),
    *(
        case("GRUBlockCellGrad", f"{s}", *gru(*s), *saved((s[0], s[2]))[:4])
        for s in ((2, 3, 4), (1, 1, 1), (6, 2, 3), (3, 5, 2), (1, 4, 4), (2, 2, 2))
    ),
]
