"""Nodes that hand on their inputs, and nodes that check them: Identity, Assert, CheckNumerics …"""

from __future__ import annotations

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.rules import merged
from evergraph.shapes import bracketed


def identity(xp, x):
    return x


def identity_n(xp, inputs):
    return inputs


def unchanged(x):
    return x


def default_shape(x, *, shape=None):
    merged(x, shape)
    # TF: what is fed may have another shape than the default, so that adds nothing.
    return shape


def no_op(xp):
    return None


def no_shapes(*inputs):
    return []


def check_numerics(xp, x, *, message):
    nan, finite = xp.isnan(x), xp.isfinite(x)
    xp.check(~nan, InvalidArgumentError, f"{message} : Tensor had NaN values")
    xp.check(finite, InvalidArgumentError, f"{message} : Tensor had Inf values")
    return x


def assert_(xp, condition, data, *, summarize=3):
    condition = np.asarray(condition)
    if condition.size != 1:
        text = f"In[0] should be a scalar: {bracketed(condition.shape)}"
        raise InvalidArgumentError(None, None, text)
    if not condition.item():
        shown = " ".join(f"[{_summary(np.asarray(d), summarize)}]" for d in data)
        raise InvalidArgumentError(None, None, f"assertion failed: {shown}")


def _summary(array, summarize):
    items = array.reshape(-1)
    count = items.size if summarize < 0 else summarize
    texts = [_text(v) for v in items[:count].tolist()]
    return " ".join(texts) + ("..." if items.size > count else "")


def _text(value):
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def ensure_shape(xp, x, *, shape):
    wanted = None if shape is None else tuple(shape)
    if wanted is not None and (
        len(wanted) != x.ndim
        or any(w is not None and w != d for w, d in zip(wanted, x.shape, strict=True))
    ):
        raise InvalidArgumentError(
            None,
            None,
            f"Shape of tensor {bracketed(x.shape)} is not compatible with expected shape "
            f"{bracketed(wanted)}.",
        )
    return x


def ensured_shape(x, *, shape):
    try:
        return merged(x, shape)
    except ShapeError as error:
        raise ShapeError(
            str(error),
            f"Shape of tensor is not compatible with expected shape {bracketed(shape)}.",
        ) from None


def passed_on(tf, op, dy):
    return dy


def each_passed_on(tf, op, *dys):
    return dys


def numerics_gradient(tf, op, dy):
    message = op.get_attr("message").decode()
    text = f"Not a number (NaN) or infinity (Inf) values detected in gradient. {message}"
    return tf.CheckNumerics(dy, message=text)


def numerics_gradient_v2(tf, op, dy):
    message = op.get_attr("message").decode()
    text = f"Not a number (NaN) or infinity (Inf) values detected in gradient. {message}"
    return tf.CheckNumericsV2(dy, message=text)


def prevented(tf, op, dy):
    raise LookupError(f"Gradient explicitly disabled. Reason: {op.get_attr('message')!r}")


_GRADIENTS = {
    "Identity": passed_on,
    "StopGradient": no_gradient,
    "PreventGradient": prevented,
    "Snapshot": None,  # TF: only its optimizer makes such nodes
    "DeepCopy": None,
    "GuaranteeConst": None,
}
for _type, _gradient in _GRADIENTS.items():
    define(_type, identity, shape=unchanged, unknown_rank=True, gradient=_gradient)
define(
    "IdentityN", identity_n, shape=lambda inputs: inputs, unknown_rank=True, gradient=each_passed_on
)
define(
    "PlaceholderWithDefault", identity, shape=default_shape, unknown_rank=True, gradient=passed_on
)
define("NoOp", no_op, shape=no_shapes)
define(
    "CheckNumerics", check_numerics, shape=unchanged, unknown_rank=True, gradient=numerics_gradient
)
define(
    "CheckNumericsV2",
    check_numerics,
    shape=unchanged,
    unknown_rank=True,
    gradient=numerics_gradient_v2,
)
define("Assert", assert_, shape=no_shapes, unknown_rank=True, gradient=no_gradient)
define("EnsureShape", ensure_shape, shape=ensured_shape, unknown_rank=True, gradient=passed_on)
