"""What TensorFlow's optimizer makes of a product and what follows: _FusedConv2D, _FusedMatMul."""

from __future__ import annotations

from evergraph.errors import InvalidArgumentError
from evergraph.op import define
from evergraph.ops.convolution import conv2d, conv2d_shape
from evergraph.ops.linear import matmul, matmul_shape
from evergraph.ops.precision import in_float32


def _sigmoid(xp, x):
    return 1 / (1 + xp.exp(-x))


def _elu(xp, x):
    return xp.where(x < 0, xp.expm1(xp.minimum(x, xp.zeros_like(x))), x)


def _gelu(xp, x):
    return x * (1 + xp.ext.special("erf", x * 2**-0.5)) / 2


def _gelu_approximate(xp, x):
    inner = (2 / 3.141592653589793) ** 0.5 * (x + 0.044715 * x * x * x)
    return x * (1 + xp.tanh(inner)) / 2


#: What may follow, of one array.
_ACTIVATIONS = {
    "Relu": lambda xp, x: xp.maximum(x, xp.zeros_like(x)),
    "Relu6": lambda xp, x: xp.clip(x, 0, 6),
    "Elu": _elu,
    "Tanh": lambda xp, x: xp.tanh(x),
    "Sigmoid": _sigmoid,
    "GeluExact": _gelu,
    "GeluApproximate": _gelu_approximate,
}


def _followed(xp, x, args, fused_ops, epsilon, leakyrelu_alpha, channels):
    """Apply the fused ops to a product whose channels lie on the axis `channels`."""
    rest = list(args)
    shape = [1] * x.ndim
    shape[channels] = -1

    def taken():
        if not rest:
            raise InvalidArgumentError(None, None, f"too few args for {list(fused_ops)}")
        return xp.reshape(rest.pop(0), tuple(shape))

    for name in fused_ops:
        name = name.decode() if isinstance(name, bytes) else name
        if name == "BiasAdd":
            x = x + taken()
        elif name == "FusedBatchNorm":
            scale, offset, mean, variance = (taken() for _ in range(4))
            x = (x - mean) * (scale / xp.sqrt(variance + epsilon)) + offset
        elif name == "Add":
            if not rest:
                raise InvalidArgumentError(None, None, f"too few args for {list(fused_ops)}")
            x = x + rest.pop(0)
        elif name == "LeakyRelu":
            x = xp.where(x > 0, x, x * leakyrelu_alpha)
        elif name in _ACTIVATIONS:
            x = _ACTIVATIONS[name](xp, x)
        else:
            raise InvalidArgumentError(None, None, f"Fusion is not implemented: {list(fused_ops)}")
    return x


def fused_conv2d(
    xp,
    input,
    filter,
    args,
    host_args,
    *,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
    dilations=(1, 1, 1, 1),
    fused_ops=(),
    epsilon=0.0001,
    leakyrelu_alpha=0.2,
):
    found = conv2d(
        xp,
        input,
        filter,
        strides=strides,
        padding=padding,
        explicit_paddings=explicit_paddings,
        data_format=data_format,
        dilations=dilations,
    )
    channels = 1 if data_format == "NCHW" else 3
    return _followed(xp, found, args, fused_ops, epsilon, leakyrelu_alpha, channels)


def fused_conv2d_shape(
    input,
    filter,
    args,
    host_args,
    *,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
    dilations=(1, 1, 1, 1),
):
    return conv2d_shape(
        input,
        filter,
        strides=strides,
        padding=padding,
        explicit_paddings=explicit_paddings,
        data_format=data_format,
        dilations=dilations,
    )


@in_float32
def _multiplied(xp, a, b, *args, transpose_a, transpose_b, fused_ops, epsilon, leakyrelu_alpha):
    found = matmul(xp, a, b, transpose_a=transpose_a, transpose_b=transpose_b)
    return _followed(xp, found, args, fused_ops, epsilon, leakyrelu_alpha, 1)


def fused_matmul(
    xp,
    a,
    b,
    args,
    *,
    transpose_a=False,
    transpose_b=False,
    fused_ops=(),
    epsilon=0.0001,
    leakyrelu_alpha=0.2,
):
    return _multiplied(
        xp,
        a,
        b,
        *args,
        transpose_a=transpose_a,
        transpose_b=transpose_b,
        fused_ops=fused_ops,
        epsilon=epsilon,
        leakyrelu_alpha=leakyrelu_alpha,
    )


def fused_matmul_shape(a, b, args, *, transpose_a=False, transpose_b=False):
    return matmul_shape(a, b, transpose_a=transpose_a, transpose_b=transpose_b)


define("_FusedConv2D", fused_conv2d, shape=fused_conv2d_shape, unknown_rank=True)
define("_FusedMatMul", fused_matmul, shape=fused_matmul_shape)
