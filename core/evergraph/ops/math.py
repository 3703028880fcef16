"""Functions of one array, element by element: Exp, Tanh, Sigmoid, Erf, Cast …"""

from __future__ import annotations

from evergraph.op import define
from evergraph.ops.precision import in_float32
from evergraph.ops.rules import broadcast, same_shape


def standard(name):
    """Return the kernel of a function of the standard, in float32 for sixteen-bit floats."""
    return in_float32(lambda xp, x: xp.function(name)(x))


@in_float32
def sigmoid(xp, x):
    return 1 / (1 + xp.exp(-x))


@in_float32
def rsqrt(xp, x):
    return 1 / xp.sqrt(x)


def reciprocal(xp, x):
    return xp.ones_like(x) / x


def sign(xp, x):
    if xp.isdtype(x.dtype, "complex floating"):
        size = xp.abs(x)
        return xp.where(size == 0, xp.zeros_like(x), x / size)
    return xp.sign(x)


def special(name):
    """Return the kernel of a special function."""
    return in_float32(lambda xp, x: xp.ext.special(name, x))


def absolute(xp, x):
    return xp.abs(x)


def cast(xp, x, *, DstT, Truncate=False):
    del Truncate
    if x.dtype == DstT:
        return x
    if xp.isdtype(x.dtype, "complex floating") and not xp.isdtype(DstT, "complex floating"):
        return xp.astype(xp.real(x), DstT)
    return xp.astype(x, DstT)


def complex_(xp, real, imag, *, Tout=None):
    del Tout
    return real + imag * xp.asarray(1j, dtype=_complex_of(xp, real))


def _complex_of(xp, x):
    return xp.complex128 if x.dtype == xp.float64 else xp.complex64


def real(xp, x):
    return xp.real(x)


def imag(xp, x):
    return xp.imag(x)


def conj(xp, x):
    return xp.conj(x)


_STANDARD = {
    "Sqrt": "sqrt",
    "Exp": "exp",
    "Expm1": "expm1",
    "Log": "log",
    "Log1p": "log1p",
    "Sin": "sin",
    "Cos": "cos",
    "Tan": "tan",
    "Asin": "asin",
    "Acos": "acos",
    "Atan": "atan",
    "Sinh": "sinh",
    "Cosh": "cosh",
    "Tanh": "tanh",
    "Asinh": "asinh",
    "Acosh": "acosh",
    "Atanh": "atanh",
}
for _type, _name in _STANDARD.items():
    define(_type, standard(_name), shape=same_shape)
define("Neg", "negative", shape=same_shape)
define("Abs", absolute, shape=same_shape)
define("ComplexAbs", absolute, shape=same_shape)
define("Sign", sign, shape=same_shape)
define("Square", "square", shape=same_shape)
define("Floor", "floor", shape=same_shape)
define("Ceil", "ceil", shape=same_shape)
define("Round", "round", shape=same_shape)
define("Rint", "round", shape=same_shape)
define("Rsqrt", rsqrt, shape=same_shape)
define("Reciprocal", reciprocal, shape=same_shape)
define("Inv", reciprocal, shape=same_shape)
define("Sigmoid", sigmoid, shape=same_shape)
define("Erf", special("erf"), shape=same_shape)
define("Erfc", special("erfc"), shape=same_shape)
define("Cast", cast, shape=same_shape, unknown_rank=True)
define("Complex", complex_, shape=broadcast)
define("Real", real, shape=same_shape)
define("Imag", imag, shape=same_shape)
define("Conj", conj, shape=same_shape)
