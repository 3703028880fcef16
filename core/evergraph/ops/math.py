"""Functions of one array, element by element: Exp, Tanh, Sigmoid, Erf, Cast …"""

from __future__ import annotations

import math

from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.precision import in_float32
from evergraph.ops.rules import broadcast, conjugated, same_shape, unbroadcast


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


def angle(xp, input, *, Tout=None):
    del Tout
    return xp.atan2(xp.imag(input), xp.real(input))


# The gradients of some functions are ops of their own: `y` is the function's value.


def of_value_and_gradient(kernel):
    """Return the kernel of such an op: `kernel(xp, y, dy)`."""

    @in_float32
    def both(xp, y, dy):
        sizes = [math.prod(a.shape) for a in (y, dy)]
        if sizes[0] != sizes[1]:
            raise ShapeError(
                "The two arguments to a cwise op must have same number of elements, got "
                f"{sizes[0]} and {sizes[1]}"
            )
        return kernel(xp, y, xp.reshape(dy, y.shape))

    return both


def conjugating(function):
    def kernel(xp, y, dy):
        return function(xp.conj(y) if xp.isdtype(y.dtype, "complex floating") else y, dy)

    return kernel


# Gradients. Each names the derivative at `x`, or in terms of the value `y`.


def derivative(function):
    """Return the gradient of an op of one input from its derivative, `function(tf, x)`."""

    def gradient(tf, op, dy):
        return tf.Mul(dy, function(tf, conjugated(tf, op.inputs[0])))

    return gradient


def of_value(type, conjugate=False):
    """Return the gradient that is the op `type` of the value and of the incoming gradient."""

    def gradient(tf, op, dy):
        (y,) = op.outputs
        return getattr(tf, type)(conjugated(tf, y) if conjugate else y, dy)

    return gradient


def neg_gradient(tf, op, dy):
    return tf.Neg(dy)


def exp_gradient(tf, op, dy):
    return tf.Mul(dy, conjugated(tf, op.outputs[0]))


def asinh_gradient(tf, op, dy):
    return tf.RealDiv(dy, tf.Cosh(conjugated(tf, op.outputs[0])))


def acosh_gradient(tf, op, dy):
    return tf.RealDiv(dy, tf.Sinh(conjugated(tf, op.outputs[0])))


def sign_gradient(tf, op, dy):
    return tf.ZerosLike(op.inputs[0])


def complex_abs_gradient(tf, op, dy):
    (x,), (y,) = op.inputs, op.outputs
    return tf.DivNoNan(tf.Mul(_as_complex(tf, dy), x), _as_complex(tf, y))


def _as_complex(tf, x):
    return tf.Complex(x, tf.ZerosLike(x), Tout=_COMPLEX[x.dtype.name])


_COMPLEX = {"float32": "complex64", "float64": "complex128"}


def cast_gradient(tf, op, dy):
    (x,) = op.inputs
    floating = all(t.dtype.is_floating or t.dtype.is_complex for t in (x, dy))
    return tf.Cast(dy, DstT=x.dtype) if floating else None


def complex_gradient(tf, op, dy):
    return unbroadcast(tf, op, _part(tf.Real, dy), _part(tf.Imag, dy))


def real_gradient(tf, op, dy):
    return _as_complex(tf, dy)


def imag_gradient(tf, op, dy):
    return tf.Complex(tf.ZerosLike(dy), dy, Tout=_COMPLEX[dy.dtype.name])


def angle_gradient(tf, op, dy):
    (z,) = op.inputs
    turned = tf.Reciprocal(tf.Complex(_part(tf.Imag, z), _part(tf.Real, z), Tout=z.dtype))
    return tf.Mul(tf.Neg(_as_complex(tf, dy)), turned)


def conj_gradient(tf, op, dy):
    return tf.Conj(dy)


def _part(function, x):
    return function(x, Tout={v: k for k, v in _COMPLEX.items()}[x.dtype.name])


def _one_less_square(tf, x):
    return tf.Sub(tf.constant(1, x.dtype), tf.Square(x))


def _bell(factor):
    def function(tf, x):
        return tf.Mul(tf.Exp(tf.Neg(tf.Square(x))), tf.constant(factor, x.dtype))

    return function


# Gradients of the gradient ops, whose inputs are the value of the function and a gradient.


def sqrt_grad_gradient(tf, op, dz):
    y, z = op.inputs[0], op.outputs[0]
    scaled = tf.RealDiv(dz, y)
    return tf.Mul(tf.Neg(conjugated(tf, scaled)), z), tf.Mul(scaled, 0.5)


def rsqrt_grad_gradient(tf, op, dz):
    y, dy = op.inputs
    c = conjugated(tf, y)
    to_y = tf.Mul(tf.Mul(tf.Mul(conjugated(tf, dz), -1.5), dy), tf.Square(c))
    return to_y, tf.RsqrtGrad(c, dz)


def reciprocal_grad_gradient(tf, op, dz):
    y, dy = op.inputs
    c = conjugated(tf, y)
    to_y = tf.Mul(tf.Mul(tf.Mul(conjugated(tf, dz), -2), dy), c)
    return to_y, tf.ReciprocalGrad(c, dz)


def tanh_grad_gradient(tf, op, dz):
    y, dy = (conjugated(tf, t) for t in op.inputs)
    return tf.Mul(tf.Mul(tf.Mul(dz, -2), dy), y), tf.TanhGrad(y, dz)


def sigmoid_grad_gradient(tf, op, dz):
    y, dy = (conjugated(tf, t) for t in op.inputs)
    scaled = tf.Mul(dz, dy)
    return tf.Sub(scaled, tf.Mul(tf.Mul(scaled, 2), y)), tf.SigmoidGrad(y, dz)


_TWO_OVER_ROOT_PI = 2 / math.sqrt(math.pi)
#: Functions of the standard, by op type, with their gradients.
_STANDARD = {
    "Sqrt": ("sqrt", of_value("SqrtGrad")),
    "Exp": ("exp", exp_gradient),
    "Expm1": ("expm1", derivative(lambda tf, x: tf.Exp(x))),
    "Log": ("log", derivative(lambda tf, x: tf.Reciprocal(x))),
    "Log1p": ("log1p", derivative(lambda tf, x: tf.Reciprocal(tf.AddV2(x, 1)))),
    "Sin": ("sin", derivative(lambda tf, x: tf.Cos(x))),
    "Cos": ("cos", derivative(lambda tf, x: tf.Neg(tf.Sin(x)))),
    "Tan": ("tan", derivative(lambda tf, x: tf.Square(tf.Reciprocal(tf.Cos(x))))),
    "Asin": ("asin", derivative(lambda tf, x: tf.Reciprocal(tf.Sqrt(_one_less_square(tf, x))))),
    "Acos": (
        "acos",
        derivative(lambda tf, x: tf.Neg(tf.Reciprocal(tf.Sqrt(_one_less_square(tf, x))))),
    ),
    "Atan": ("atan", derivative(lambda tf, x: tf.Reciprocal(tf.AddV2(tf.Square(x), 1)))),
    "Sinh": ("sinh", derivative(lambda tf, x: tf.Cosh(x))),
    "Cosh": ("cosh", derivative(lambda tf, x: tf.Sinh(x))),
    "Tanh": ("tanh", of_value("TanhGrad", conjugate=True)),
    "Asinh": ("asinh", asinh_gradient),
    "Acosh": ("acosh", acosh_gradient),
    "Atanh": ("atanh", derivative(lambda tf, x: tf.Reciprocal(_one_less_square(tf, x)))),
}
for _type, (_name, _gradient) in _STANDARD.items():
    define(_type, standard(_name), shape=same_shape, gradient=_gradient)
define("Neg", "negative", shape=same_shape, gradient=neg_gradient)
define("Abs", absolute, shape=same_shape, gradient=derivative(lambda tf, x: tf.Sign(x)))
define("ComplexAbs", absolute, shape=same_shape, gradient=complex_abs_gradient)
define("Sign", sign, shape=same_shape, gradient=sign_gradient)
define("Square", "square", shape=same_shape, gradient=derivative(lambda tf, x: tf.Mul(x, 2)))
define("Floor", "floor", shape=same_shape, gradient=no_gradient)
define("Ceil", "ceil", shape=same_shape, gradient=no_gradient)
define("Round", "round", shape=same_shape, gradient=no_gradient)
define("Rint", "round", shape=same_shape, gradient=no_gradient)
define("Rsqrt", rsqrt, shape=same_shape, gradient=of_value("RsqrtGrad"))
define("Reciprocal", reciprocal, shape=same_shape, gradient=of_value("ReciprocalGrad"))
define("Inv", reciprocal, shape=same_shape, gradient=of_value("ReciprocalGrad"))
define("Sigmoid", sigmoid, shape=same_shape, gradient=of_value("SigmoidGrad", conjugate=True))
define("Erf", special("erf"), shape=same_shape, gradient=derivative(_bell(_TWO_OVER_ROOT_PI)))
define("Erfc", special("erfc"), shape=same_shape, gradient=derivative(_bell(-_TWO_OVER_ROOT_PI)))
define("Cast", cast, shape=same_shape, unknown_rank=True, gradient=cast_gradient)
define("Complex", complex_, shape=broadcast, gradient=complex_gradient)
define("Real", real, shape=same_shape, gradient=real_gradient)
define("Imag", imag, shape=same_shape, gradient=imag_gradient)
define("Angle", angle, shape=same_shape, gradient=angle_gradient)
define("Conj", conj, shape=same_shape, gradient=conj_gradient)
_OF_VALUE = {
    "SqrtGrad": (conjugating(lambda y, dy: dy / 2 / y), sqrt_grad_gradient),
    "RsqrtGrad": (conjugating(lambda y, dy: dy / -2 * y * y * y), rsqrt_grad_gradient),
    "ReciprocalGrad": (conjugating(lambda y, dy: -dy * y * y), reciprocal_grad_gradient),
    "InvGrad": (conjugating(lambda y, dy: -dy * y * y), reciprocal_grad_gradient),
    # TF: of these two, the graph conjugates what they take.
    "TanhGrad": (lambda xp, y, dy: dy * (1 - y * y), tanh_grad_gradient),
    "SigmoidGrad": (lambda xp, y, dy: dy * y * (1 - y), sigmoid_grad_gradient),
}
for _type, (_kernel, _gradient) in _OF_VALUE.items():
    define(_type, of_value_and_gradient(_kernel), shape=same_shape, gradient=_gradient)
