"""Recurrent cells in one op: LSTMBlockCell, BlockLSTM, GRUBlockCell, and their gradients."""

from __future__ import annotations

from evergraph.op import ShapeError, define
from evergraph.ops.rules import with_rank

# An LSTM cell multiplies [x, h] by a matrix whose columns are four gates. Which is which differs
# between the versions.
_ORDER = {"ICFO": (0, 1, 2, 3), "IFCO": (0, 2, 1, 3)}


def _sigmoid(xp, x):
    return 1 / (1 + xp.exp(-x))


def _step(xp, x, cs_prev, h_prev, w, peepholes, b, *, forget_bias, cell_clip, order):
    """Return i, cs, f, o, ci, co, h of one step; `peepholes` are three vectors, or None."""
    size = cs_prev.shape[1]
    gates = xp.matmul(xp.concat([x, h_prev], axis=1), w) + b
    parts = [gates[:, n * size : (n + 1) * size] for n in _ORDER[order]]
    i, ci, f, o = parts
    if peepholes:
        i, f = i + peepholes[0] * cs_prev, f + peepholes[1] * cs_prev
    i, f, ci = _sigmoid(xp, i), _sigmoid(xp, f + forget_bias), xp.tanh(ci)
    cs = ci * i + cs_prev * f
    if cell_clip > 0:
        cs = xp.clip(cs, -cell_clip, cell_clip)
    if peepholes:
        o = o + peepholes[2] * cs
    o, co = _sigmoid(xp, o), xp.tanh(cs)
    return i, cs, f, o, ci, co, o * co


def _check_cell(shapes, use_peephole):
    x, cs_prev, h_prev, w, wci, wcf, wco, b = shapes
    for shape in (x, cs_prev, h_prev, w):
        with_rank(shape, 2)
    batch, inputs = x
    size = cs_prev[1]
    wanted = [
        ("cs_prev.dims(0) != batch_size", cs_prev[0], batch),
        ("h_prev.dims(0) != batch_size", h_prev[0], batch),
        ("h_prev.dims(1) != cell_size", h_prev[1], size),
        ("w.dim_size(0) != input_size + cell_size", w[0], inputs + size),
        ("w.dim_size(1) != cell_size * 4", w[1], 4 * size),
    ]
    vectors = [("b", b, 4 * size)]
    if use_peephole:
        vectors += [("wci", wci, size), ("wcf", wcf, size), ("wco", wco, size)]
    for name, shape, count in vectors:
        with_rank(shape, 1)
        wanted.append((f"{name}.dim_size(0) must be {count}", shape[0], count))
    for text, found, count in wanted:
        if found != count:
            raise ShapeError(f"{text}: {found} vs. {count}")


def lstm_block_cell(
    xp,
    x,
    cs_prev,
    h_prev,
    w,
    wci,
    wcf,
    wco,
    b,
    *,
    forget_bias=1.0,
    cell_clip=3.0,
    use_peephole=False,
):
    shapes = [a.shape for a in (x, cs_prev, h_prev, w, wci, wcf, wco, b)]
    _check_cell(shapes, use_peephole)
    return _step(
        xp,
        x,
        cs_prev,
        h_prev,
        w,
        (wci, wcf, wco) if use_peephole else None,
        b,
        forget_bias=forget_bias,
        cell_clip=cell_clip,
        order="ICFO",
    )


def cell_shape(x, cs_prev, h_prev, w, wci, wcf, wco, b):
    with_rank(x, 2)
    with_rank(cs_prev, 2)
    return [(x[0], cs_prev[1])] * 7


def block_lstm(order):
    def run(
        xp, seq_len_max, x, cs_prev, h_prev, w, wci, wcf, wco, b, forget_bias, clip, use_peephole
    ):
        with_rank(x.shape, 3)
        shapes = [a.shape for a in (cs_prev, h_prev, w, wci, wcf, wco, b)]
        _check_cell([x.shape[1:], *shapes], use_peephole)
        steps, batch, _ = x.shape
        if seq_len_max.ndim:
            raise ShapeError("Shape must be rank 0", "seq_len_max is not a scalar")
        zeros = xp.zeros((steps, batch, cs_prev.shape[1]), dtype=x.dtype)

        def step(k, state):
            cs, h, *outputs = state
            now = xp.ext.gather(x, xp.reshape(xp.asarray(k), (1,)), axis=0)
            found = _step(
                xp,
                xp.reshape(now, x.shape[1:]),
                cs,
                h,
                w,
                (wci, wcf, wco) if use_peephole else None,
                b,
                forget_bias=forget_bias,
                cell_clip=clip,
                order=order,
            )
            place = xp.reshape(xp.asarray(k), (1, 1))
            written = [
                xp.ext.scatter(a, place, xp.expand_dims(v, axis=0), how="set")
                for a, v in zip(outputs, found, strict=True)
            ]
            return found[1], found[6], *written

        count = xp.minimum(seq_len_max, xp.asarray(steps, dtype=seq_len_max.dtype))
        return xp.ext.loop(count, step, (cs_prev, h_prev, *[zeros] * 7))[2:]

    return run


_FIRST = block_lstm("ICFO")
_SECOND = block_lstm("IFCO")


def block_lstm_v1(
    xp,
    seq_len_max,
    x,
    cs_prev,
    h_prev,
    w,
    wci,
    wcf,
    wco,
    b,
    *,
    forget_bias=1.0,
    cell_clip=3.0,
    use_peephole=False,
):
    given = (seq_len_max, x, cs_prev, h_prev, w, wci, wcf, wco, b)
    return _FIRST(xp, *given, forget_bias, cell_clip, use_peephole)


def block_lstm_v2(
    xp,
    seq_len_max,
    x,
    cs_prev,
    h_prev,
    w,
    wci,
    wcf,
    wco,
    b,
    *,
    cell_clip=0.0,
    use_peephole=False,
):
    given = (seq_len_max, x, cs_prev, h_prev, w, wci, wcf, wco, b)
    return _SECOND(xp, *given, 0.0, cell_clip, use_peephole)


def block_shape(seq_len_max, x, cs_prev, h_prev, w, wci, wcf, wco, b):
    with_rank(x, 3)
    with_rank(b, 1)
    size = None if b[0] is None else b[0] // 4
    return [(x[0], x[1], size)] * 7


# The gradient of a step


def _cell_gradients(xp, cs_prev, cs, given, dcs_next, dh, peepholes, order):
    """Return the gradients of cs_prev, of the gates before their functions, and of each."""
    i, f, o, ci, co = given
    do = o * (1 - o) * dh * co
    dcs = (1 - co * co) * dh * o + dcs_next
    if peepholes:
        dcs = dcs + do * peepholes[2]
    dci = (1 - ci * ci) * dcs * i
    df = f * (1 - f) * dcs * cs_prev
    di = i * (1 - i) * dcs * ci
    gates = [None] * 4
    for value, n in zip((di, dci, df, do), _ORDER[order], strict=True):
        gates[n] = value
    before = dcs * f
    if peepholes:
        before = before + di * peepholes[0] + df * peepholes[1]
    return before, xp.concat(gates, axis=1), (di, df, do)


def lstm_block_cell_grad(
    xp,
    x,
    cs_prev,
    h_prev,
    w,
    wci,
    wcf,
    wco,
    b,
    i,
    cs,
    f,
    o,
    ci,
    co,
    cs_grad,
    h_grad,
    *,
    use_peephole,
):
    _check_cell([a.shape for a in (x, cs_prev, h_prev, w, wci, wcf, wco, b)], use_peephole)
    peepholes = (wci, wcf, wco) if use_peephole else None
    before, gates, (di, df, do) = _cell_gradients(
        xp, cs_prev, cs, (i, f, o, ci, co), cs_grad, h_grad, peepholes, "ICFO"
    )
    if use_peephole:
        peep = [
            xp.sum(d * c, axis=0, dtype=x.dtype)
            for d, c in ((di, cs_prev), (df, cs_prev), (do, cs))
        ]
    else:
        peep = [xp.zeros_like(p) for p in (wci, wcf, wco)]
    return before, gates, *peep


def cell_grad_shape(
    x, cs_prev, h_prev, w, wci, wcf, wco, b, i, cs, f, o, ci, co, cs_grad, h_grad, *, use_peephole
):
    with_rank(x, 2)
    with_rank(cs_prev, 2)
    size = cs_prev[1]
    vector = (size,) if use_peephole else None
    gates = None if size is None else 4 * size
    return [(x[0], size), (x[0], gates), vector or wci, vector or wcf, vector or wco]


def block_lstm_grad(order):
    def kernel(
        xp,
        seq_len_max,
        x,
        cs_prev,
        h_prev,
        w,
        wci,
        wcf,
        wco,
        b,
        i,
        cs,
        f,
        o,
        ci,
        co,
        h,
        cs_grad,
        h_grad,
        *,
        use_peephole,
    ):
        with_rank(x.shape, 3)
        _check_cell(
            [x.shape[1:], *(a.shape for a in (cs_prev, h_prev, w, wci, wcf, wco, b))], use_peephole
        )
        peepholes = (wci, wcf, wco) if use_peephole else None
        inputs = x.shape[2]
        count = xp.minimum(seq_len_max, xp.asarray(x.shape[0], dtype=seq_len_max.dtype))

        def at(a, k):
            return xp.reshape(xp.ext.gather(a, xp.reshape(k, (1,)), axis=0), a.shape[1:])

        def step(n, state):
            dx, dcs, dh, dw, dwci, dwcf, dwco, db = state
            k = xp.astype(count, xp.int64) - 1 - xp.asarray(n, dtype=xp.int64)
            first = k == 0
            earlier = xp.maximum(k - 1, xp.zeros_like(k))
            c_before = xp.where(first, cs_prev, at(cs, earlier))
            h_before = xp.where(first, h_prev, at(h, earlier))
            before, gates, (di, df, do) = _cell_gradients(
                xp,
                c_before,
                at(cs, k),
                [at(a, k) for a in (i, f, o, ci, co)],
                dcs + at(cs_grad, k),
                dh + at(h_grad, k),
                peepholes,
                order,
            )
            both = xp.matmul(gates, w.mT)
            given = xp.concat([at(x, k), h_before], axis=1)
            place = xp.reshape(k, (1, 1))
            dx = xp.ext.scatter(dx, place, xp.expand_dims(both[:, :inputs], axis=0), how="set")
            if use_peephole:
                dwci = dwci + xp.sum(di * c_before, axis=0, dtype=x.dtype)
                dwcf = dwcf + xp.sum(df * c_before, axis=0, dtype=x.dtype)
                dwco = dwco + xp.sum(do * at(cs, k), axis=0, dtype=x.dtype)
            dw = dw + xp.matmul(given.mT, gates)
            db = db + xp.sum(gates, axis=0, dtype=x.dtype)
            return dx, before, both[:, inputs:], dw, dwci, dwcf, dwco, db

        zeros = tuple(xp.zeros_like(a) for a in (x, cs_prev, h_prev, w, wci, wcf, wco, b))
        return xp.ext.loop(count, step, zeros)

    return kernel


def block_grad_shape(
    seq_len_max,
    x,
    cs_prev,
    h_prev,
    w,
    wci,
    wcf,
    wco,
    b,
    i,
    cs,
    f,
    o,
    ci,
    co,
    h,
    cs_grad,
    h_grad,
):
    with_rank(x, 3)
    for shape in (cs_prev, h_prev, w):
        with_rank(shape, 2)
    for shape in (wci, wcf, wco, b):
        with_rank(shape, 1)
    return [x, cs_prev, h_prev, w, wci, wcf, wco, b]


def block_gradient(type):
    def gradient(tf, op, *dys):
        i, cs, f, o, ci, co, h = op.outputs
        grads = getattr(tf, type)(
            *op.inputs,
            i,
            cs,
            f,
            o,
            ci,
            co,
            h,
            dys[1],
            dys[6],
            use_peephole=op.get_attr("use_peephole"),
        )
        return [None, *grads]

    return gradient


define("LSTMBlockCell", lstm_block_cell, shape=cell_shape)
define("LSTMBlockCellGrad", lstm_block_cell_grad, shape=cell_grad_shape)
define("BlockLSTM", block_lstm_v1, shape=block_shape, gradient=block_gradient("BlockLSTMGrad"))
define("BlockLSTMV2", block_lstm_v2, shape=block_shape, gradient=block_gradient("BlockLSTMGradV2"))
define("BlockLSTMGrad", block_lstm_grad("ICFO"), shape=block_grad_shape)
# TF: its gradient has the gates of the first version.
define("BlockLSTMGradV2", block_lstm_grad("ICFO"), shape=block_grad_shape)


# Gated recurrent units


def gru_block_cell(xp, x, h_prev, w_ru, w_c, b_ru, b_c):
    _check_gru(*(a.shape for a in (x, h_prev, w_ru, w_c, b_ru, b_c)))
    size = h_prev.shape[1]
    gates = _sigmoid(xp, xp.matmul(xp.concat([x, h_prev], axis=1), w_ru) + b_ru)
    r, u = gates[:, :size], gates[:, size:]
    c = xp.tanh(xp.matmul(xp.concat([x, h_prev * r], axis=1), w_c) + b_c)
    return r, u, c, u * (h_prev - c) + c


def _check_gru(x, h_prev, w_ru, w_c, b_ru, b_c):
    for shape in (x, h_prev, w_ru, w_c):
        with_rank(shape, 2)
    for shape in (b_ru, b_c):
        with_rank(shape, 1)
    size = h_prev[1]
    wide = x[1] + size
    for name, found, wanted in (
        ("h_prev", h_prev, (x[0], size)),
        ("w_ru", w_ru, (wide, 2 * size)),
        ("w_c", w_c, (wide, size)),
        ("b_ru", b_ru, (2 * size,)),
        ("b_c", b_c, (size,)),
    ):
        if tuple(found) != wanted:
            raise ShapeError(f"{name} must have the shape {list(wanted)}, not {list(found)}")


def gru_shape(x, h_prev, w_ru, w_c, b_ru, b_c):
    with_rank(x, 2)
    with_rank(h_prev, 2)
    return [(x[0], h_prev[1])] * 4


def gru_block_cell_grad(xp, x, h_prev, w_ru, w_c, b_ru, b_c, r, u, c, d_h):
    _check_gru(*(a.shape for a in (x, h_prev, w_ru, w_c, b_ru, b_c)))
    inputs = x.shape[1]
    d_c_bar = d_h * (1 - u) * (1 - c * c)
    d_u_bar = d_h * (h_prev - c) * u * (1 - u)
    by_c = xp.matmul(d_c_bar, w_c.mT)
    scaled = by_c[:, inputs:]
    d_r_bar = scaled * h_prev * r * (1 - r)
    d_gates = xp.concat([d_r_bar, d_u_bar], axis=1)
    by_gates = xp.matmul(d_gates, w_ru.mT)
    d_x = by_c[:, :inputs] + by_gates[:, :inputs]
    d_h_prev = scaled * r + by_gates[:, inputs:] + d_h * u
    return d_x, d_h_prev, d_c_bar, d_gates


def gru_grad_shape(x, h_prev, w_ru, w_c, b_ru, b_c, r, u, c, d_h):
    with_rank(x, 2)
    with_rank(h_prev, 2)
    with_rank(w_ru, 2)
    return [x, h_prev, (x[0], h_prev[1]), (x[0], w_ru[1])]


define("GRUBlockCell", gru_block_cell, shape=gru_shape)
define("GRUBlockCellGrad", gru_block_cell_grad, shape=gru_grad_shape)
