"""Builders that are one node and nothing else; their signatures follow from the OpDefs."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from evergraph.builder import build
from evergraph.vocabulary import MISSING, Attribute, vocabulary

#: From the public name to the op type, and what the function returns.
_TABLE: Final = {
    # Element-wise, one operand
    "acos": ("Acos", "the inverse cosine"),
    "acosh": ("Acosh", "the inverse hyperbolic cosine"),
    "asin": ("Asin", "the inverse sine"),
    "asinh": ("Asinh", "the inverse hyperbolic sine"),
    "atan": ("Atan", "the inverse tangent"),
    "atanh": ("Atanh", "the inverse hyperbolic tangent"),
    "ceil": ("Ceil", "the least integer that is not less"),
    "cos": ("Cos", "the cosine of radians"),
    "cosh": ("Cosh", "the hyperbolic cosine"),
    "digamma": ("Digamma", "the derivative of `lgamma`"),
    "erf": ("Erf", "the error function"),
    "erfc": ("Erfc", "the complementary error function"),
    "exp": ("Exp", "e to the power of each element"),
    "expm1": ("Expm1", "`exp(x) - 1`, precise near zero"),
    "floor": ("Floor", "the greatest integer that is not greater"),
    "invert": ("Invert", "every bit flipped"),
    "is_finite": ("IsFinite", "whether each element is neither infinite nor NaN"),
    "is_inf": ("IsInf", "whether each element is infinite"),
    "is_nan": ("IsNan", "whether each element is NaN"),
    "lgamma": ("Lgamma", "the logarithm of the absolute value of the gamma function"),
    "log": ("Log", "the natural logarithm"),
    "log1p": ("Log1p", "`log(1 + x)`, precise near zero"),
    "logical_not": ("LogicalNot", "whether each element is false"),
    "negative": ("Neg", "the negative of each element"),
    "reciprocal": ("Reciprocal", "one divided by each element"),
    "rint": ("Rint", "the nearest integer, the even one of two, as a float"),
    "rsqrt": ("Rsqrt", "one divided by the square root"),
    "sin": ("Sin", "the sine of radians"),
    "sinh": ("Sinh", "the hyperbolic sine"),
    "sqrt": ("Sqrt", "the square root"),
    "square": ("Square", "each element times itself"),
    "tan": ("Tan", "the tangent of radians"),
    "tanh": ("Tanh", "the hyperbolic tangent"),
    # Texts in other forms
    "decode_base64": ("DecodeBase64", "what texts in base 64 stand for"),
    "decode_compressed": ("DecodeCompressed", "what compressed strings stand for"),
    "encode_base64": ("EncodeBase64", "the strings in base 64, in the alphabet of addresses"),
    "parse_tensor": ("ParseTensor", "the tensor that a string holds"),
    "serialize_tensor": ("SerializeTensor", "the tensor as a string, a `TensorProto`"),
    "unicode_transcode": ("UnicodeTranscode", "the texts in another encoding"),
    # Images as files
    "decode_and_crop_jpeg": ("DecodeAndCropJpeg", "a part of the image in a JPEG file"),
    "decode_bmp": ("DecodeBmp", "the image in a BMP file"),
    "decode_gif": ("DecodeGif", "the images in a GIF file"),
    "decode_jpeg": ("DecodeJpeg", "the image in a JPEG file"),
    "decode_png": ("DecodePng", "the image in a PNG file"),
    "encode_jpeg": ("EncodeJpeg", "a JPEG file of an image"),
    "encode_png": ("EncodePng", "a PNG file of an image"),
    "extract_jpeg_shape": ("ExtractJpegShape", "height, width and channels of a JPEG file"),
    "hsv_to_rgb": ("HSVToRGB", "red, green and blue of hue, saturation and value"),
    "rgb_to_hsv": ("RGBToHSV", "hue, saturation and value of red, green and blue"),
    # Element-wise, two operands or more
    "atan2": ("Atan2", "the angle of the point (x, y)"),
    "betainc": ("Betainc", "the regularized incomplete beta integral"),
    "bitwise_and": ("BitwiseAnd", "the bits set in both operands"),
    "bitwise_or": ("BitwiseOr", "the bits set in either operand"),
    "bitwise_xor": ("BitwiseXor", "the bits set in one operand only"),
    "equal": ("Equal", "whether the operands are equal"),
    "floor_div": ("FloorDiv", "the quotient, rounded down"),
    "floormod": ("FloorMod", "the remainder, with the sign of the divisor"),
    "greater": ("Greater", "whether x > y"),
    "greater_equal": ("GreaterEqual", "whether x >= y"),
    "igamma": ("Igamma", "the lower regularized incomplete gamma function"),
    "igammac": ("Igammac", "the upper regularized incomplete gamma function"),
    "left_shift": ("LeftShift", "x with its bits moved left by y"),
    "less": ("Less", "whether x < y"),
    "less_equal": ("LessEqual", "whether x <= y"),
    "logical_and": ("LogicalAnd", "whether both operands are true"),
    "logical_or": ("LogicalOr", "whether either operand is true"),
    "maximum": ("Maximum", "the greater operand"),
    "minimum": ("Minimum", "the lesser operand"),
    "mod": ("FloorMod", "the remainder, with the sign of the divisor"),
    "multiply": ("Mul", "the product"),
    "nextafter": ("NextAfter", "the next number after x1 in the direction of x2"),
    "not_equal": ("NotEqual", "whether the operands differ"),
    "polygamma": ("Polygamma", "a derivative of `digamma`"),
    "realdiv": ("RealDiv", "the quotient of floats"),
    "right_shift": ("RightShift", "x with its bits moved right by y"),
    "squared_difference": ("SquaredDifference", "the square of x - y"),
    "subtract": ("Sub", "the difference"),
    "truncatediv": ("TruncateDiv", "the quotient, rounded towards zero"),
    "truncatemod": ("TruncateMod", "the remainder, with the sign of the dividend"),
    "xlogy": ("Xlogy", "x * log(y), zero where x is"),
    "zeta": ("Zeta", "the Hurwitz zeta function"),
    # Reductions and segments
    "arg_max": ("ArgMax", "the index of the greatest element along a dimension"),
    "arg_min": ("ArgMin", "the index of the least element along a dimension"),
    "segment_max": ("SegmentMax", "the maximum of each segment of sorted ids"),
    "segment_mean": ("SegmentMean", "the mean of each segment of sorted ids"),
    "segment_min": ("SegmentMin", "the minimum of each segment of sorted ids"),
    "segment_prod": ("SegmentProd", "the product of each segment of sorted ids"),
    "segment_sum": ("SegmentSum", "the sum of each segment of sorted ids"),
    "unsorted_segment_max": ("UnsortedSegmentMax", "the maximum of each segment"),
    "unsorted_segment_min": ("UnsortedSegmentMin", "the minimum of each segment"),
    "unsorted_segment_prod": ("UnsortedSegmentProd", "the product of each segment"),
    "unsorted_segment_sum": ("UnsortedSegmentSum", "the sum of each segment"),
    # Arrays
    "batch_to_space_nd": ("BatchToSpaceND", "batch entries moved back into blocks of space"),
    "bitcast": ("Bitcast", "the same bits as another type"),
    "broadcast_dynamic_shape": ("BroadcastArgs", "the shape that two shapes broadcast to"),
    "broadcast_to": ("BroadcastTo", "the tensor broadcast to a shape"),
    "check_numerics": ("CheckNumerics", "the tensor, checked when it runs to be finite"),
    "diag": ("Diag", "a tensor with a diagonal, and zeros elsewhere"),
    "dynamic_partition": ("DynamicPartition", "the slices of each partition"),
    "dynamic_stitch": ("DynamicStitch", "slices of several tensors put at given indices"),
    "identity_n": ("IdentityN", "the same tensors"),
    "invert_permutation": ("InvertPermutation", "the inverse of a permutation"),
    "matrix_band_part": ("MatrixBandPart", "a band about the diagonal, zeros elsewhere"),
    "no_op": ("NoOp", "an operation that does nothing; others may depend on it"),
    "reverse": ("ReverseV2", "the tensor reversed along some axes"),
    "reverse_v2": ("ReverseV2", "the tensor reversed along some axes"),
    "scatter_nd": ("ScatterNd", "zeros of a shape, with updates added at some indices"),
    "space_to_batch_nd": ("SpaceToBatchND", "blocks of space moved into the batch"),
    "stop_gradient": ("StopGradient", "the tensor, through which no gradient flows"),
    "tensor_diag": ("Diag", "a tensor with a diagonal, and zeros elsewhere"),
    "tensor_diag_part": ("DiagPart", "the diagonal of a tensor"),
    "tensor_scatter_add": ("TensorScatterAdd", "the tensor with updates added"),
    "tensor_scatter_nd_add": ("TensorScatterAdd", "the tensor with updates added"),
    "tensor_scatter_nd_max": ("TensorScatterMax", "the tensor, or the updates where greater"),
    "tensor_scatter_nd_min": ("TensorScatterMin", "the tensor, or the updates where lesser"),
    "tensor_scatter_nd_sub": ("TensorScatterSub", "the tensor with updates subtracted"),
    "tensor_scatter_sub": ("TensorScatterSub", "the tensor with updates subtracted"),
    "tile": ("Tile", "the tensor repeated along its dimensions"),
    "unravel_index": ("UnravelIndex", "coordinates from flat indices"),
    # Strings
    "as_string": ("AsString", "each element as text"),
    "string_lower": ("StringLower", "the strings in lower case"),
    "string_strip": ("StringStrip", "the strings without white space about them"),
    "string_upper": ("StringUpper", "the strings in upper case"),
    # Matrices
    "cholesky": ("Cholesky", "the lower triangular factors of positive definite matrices"),
    "cross": ("Cross", "the cross product of vectors of 3"),
    "logm": ("MatrixLogarithm", "the matrix logarithm"),
    "lu": ("Lu", "the LU decomposition"),
    "matrix_determinant": ("MatrixDeterminant", "the determinants"),
    "matrix_inverse": ("MatrixInverse", "the inverses"),
    "matrix_solve": ("MatrixSolve", "the solution of `matrix @ x = rhs`"),
    "matrix_square_root": ("MatrixSquareRoot", "the square roots of matrices"),
    "qr": ("Qr", "the QR decomposition"),
    "slogdet": ("LogMatrixDeterminant", "sign and logarithm of the determinants"),
    "sparse_matmul": ("SparseMatMul", "the product of matrices with many zeros"),
    # Activations and losses
    "elu": ("Elu", "the exponential linear unit: `exp(x) - 1` below zero"),
    "l2_loss": ("L2Loss", "half the sum of squares"),
    "local_response_normalization": ("LRN", "the input, normalized over nearby channels"),
    "lrn": ("LRN", "the input, normalized over nearby channels"),
    "relu": ("Relu", "the input, zero where it is negative"),
    "selu": ("Selu", "the scaled exponential linear unit"),
    "softplus": ("Softplus", "log(exp(features) + 1)"),
    "softsign": ("Softsign", "features / (abs(features) + 1)"),
}


@cache
def __getattr__(name: str) -> Callable[..., Any]:
    if name not in _TABLE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    type, returned = _TABLE[name]
    return _function(name, type, returned)


def __dir__() -> list[str]:
    return sorted(_TABLE)


def _function(name: str, type: str, returned: str) -> Callable[..., Any]:
    signature = python_signature(type)
    names = list(signature.parameters)
    known = frozenset(names)

    def function(*args: Any, **kwargs: Any) -> Any:
        arguments = dict(zip(names, args, strict=False))
        given = len(arguments) + len(kwargs)
        arguments.update(kwargs)
        if len(args) > len(names) or given != len(arguments) or not known >= kwargs.keys():
            # Something is wrong, and Python's own error says what.
            signature.bind(*args, **kwargs)
        node = arguments.pop("name", None)
        return build(type, arguments, node)

    function.__name__ = function.__qualname__ = name
    function.__module__ = "evergraph.v1"
    function.__doc__ = f"Return {returned}: one {type} node."
    function.__signature__ = signature  # type: ignore[attr-defined]  # for inspect
    return function


def python_signature(type: str) -> inspect.Signature:
    """Return the signature of an op's builder: inputs, attributes (defaults last), `name`."""
    op = vocabulary().get(type)
    assert op is not None
    attributes = [a for n, a in op.attributes.items() if n not in op.inferred]
    required = [a.name for a in op.inputs] + [a.name for a in attributes if a.default is MISSING]
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(n, kind) for n in required]
    parameters += [
        inspect.Parameter(a.name, kind, default=_default(a))
        for a in attributes
        if a.default is not MISSING
    ]
    return inspect.Signature([*parameters, inspect.Parameter("name", kind, default=None)])


def _default(attribute: Attribute) -> Any:
    value = attribute.default
    return list(value) if isinstance(value, tuple) else value
