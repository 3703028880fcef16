"""Faults of kernels: rounding, NaN, ties, attributes that are ignored, corners of shapes."""

from __future__ import annotations

from typing import Any

import numpy as np

from evergraph_broken.planting import Fault, Plant, edit, kernel, ops


def op(type: str, about: str, *plants: Plant, suite: str = "ops") -> Fault:
    """Return a fault of an op type, which the cases of that type find."""
    return Fault(f"{type}: {about}", suite, type, plants)


def _floating(function: Any, wrong: Any) -> Any:
    return lambda *x: wrong(*x) if x[0].dtype.kind == "f" else function(*x)


def _last_of_equals(function: Any) -> Any:
    def arg_max(x, axis, **attributes):
        found = function(np.flip(x, int(axis)), axis, **attributes)
        return (x.shape[int(axis)] - 1 - found).astype(found.dtype)

    return arg_max


def _last_of_top(function: Any) -> Any:
    def top_k(x, k, **attributes):
        values, indices = function(np.flip(x, -1), k, **attributes)
        return values, (x.shape[-1] - 1 - indices).astype(indices.dtype)

    return top_k


def _gaps(fill: float) -> Any:
    def change(function: Any) -> Any:
        def segments(data, ids, *count):
            out = np.array(function(data, ids, *count))
            out[~np.isin(np.arange(len(out)), ids)] = fill
            return out

        return segments

    return change


def _standing(function: Any) -> Any:
    return lambda state, *x, **attributes: (state, function(state, *x, **attributes)[1])


KERNEL_FAULTS = [
    # Rounding and precision
    op("Round", "halves go away from zero", kernel("Round", lambda f: _floating(
        f, lambda x: np.trunc(x + np.copysign(x.dtype.type(0.5), x))))),
    op("Rint", "halves go up", kernel("Rint", lambda f: _floating(
        f, lambda x: np.floor(x + x.dtype.type(0.5))))),
    op("Sqrt", "float64 is computed in float32", kernel("Sqrt", lambda f: lambda x: (
        f(x.astype(np.float32)).astype(x.dtype) if x.dtype == np.float64 else f(x)))),
    op("Log1p", "small numbers are lost", kernel("Log1p", lambda f: lambda x: np.log(1 + x))),
    op("Expm1", "small numbers are lost", kernel("Expm1", lambda f: lambda x: np.exp(x) - 1)),
    op("FloorMod", "the sign is that of the dividend", ops(
        "arithmetic:floor_mod", "xp.remainder(x, y)", "truncate_mod(xp, x, y)")),
    op("FloorDiv", "rounds towards zero", ops(
        "arithmetic:floor_div", "xp.floor_divide(x, y)", "truncate_div(xp, x, y)")),
    op("TruncateDiv", "rounds down", ops(
        "arithmetic:truncate_div", "return quotient + xp.astype(up, x.dtype)", "return quotient")),
    op("Mean", "of integers rounds down", ops(
        "reduction:reduce_mean",
        "quotient + xp.astype((quotient * size != total) & (total < 0), x.dtype)", "quotient")),
    op("Cast", "rounds to the nearest integer", ops(
        "math:cast", "    return xp.astype(x, DstT)",
        "    if str(x.dtype).startswith('float') and xp.isdtype(DstT, 'integral'):\n"
        "        x = xp.round(x)\n"
        "    return xp.astype(x, DstT)")),
    op("Cast", "negative numbers are False", ops(
        "math:cast", "    return xp.astype(x, DstT)",
        "    return xp.astype(x > 0 if xp.isdtype(DstT, 'bool') else x, DstT)")),
    op("Softmax", "large logits overflow", ops(
        "activation:softmax", "xp.exp(shifted)", "xp.exp(logits)")),
    op("LogSoftmax", "small probabilities are 0", ops(
        "activation:log_softmax",
        "shifted - xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))",
        "xp.log(xp.exp(shifted) / xp.sum(xp.exp(shifted), axis=-1, keepdims=True))")),
    # NaN and infinity
    op("Maximum", "NaN is ignored", kernel("Maximum", lambda f: _floating(f, np.fmax))),
    op("Minimum", "NaN is ignored", kernel("Minimum", lambda f: _floating(f, np.fmin))),
    op("Relu", "NaN becomes 0", kernel("Relu", lambda f: _floating(
        f, lambda x: np.fmax(x, x.dtype.type(0))))),
    op("Sign", "NaN becomes 0", kernel("Sign", lambda f: _floating(
        f, lambda x: f(np.nan_to_num(x))))),
    op("Equal", "NaN is equal to itself", ops(
        "comparison:equal", "return x == y", "return (x == y) | ((x != x) & (y != y))")),
    op("InTopK", "infinite predictions count", ops(
        "selection:in_top_k", " & xp.all(xp.isfinite(predictions), axis=1)", "")),
    op("Atan2", "knows two quadrants", kernel("Atan2", lambda f: lambda y, x: np.arctan(y / x))),
    # Ties
    op("ArgMax", "the last of equal ones", kernel("ArgMax", _last_of_equals)),
    op("TopKV2", "the last of equal ones", kernel("TopKV2", _last_of_top)),
    op("Scatter", "equal indices count once", edit(
        "evergraph_numpy.kernels:scatter", "_UFUNCS[how].at(result, key, updates)",
        "result[key] = _UFUNCS[how](result[key], updates)")),
    # Attributes that are ignored, and types
    op("ArgMin", "output_type is ignored", ops(
        "reduction:arg_min", "output_type, xp.argmin", "None, xp.argmin")),
    op("Sum", "keep_dims is ignored", ops(
        "reduction:reduce_sum", "keepdims=keep_dims", "keepdims=False")),
    op("Sum", "small integers become larger ones", kernel("Sum", lambda f: lambda x, *a, **k: (
        f(x.astype(np.int64) if x.dtype == np.int8 else x, *a, **k)))),
    op("Cumsum", "reverse is ignored", ops(
        "reduction:cumsum", "reverse=reverse", "reverse=False")),
    op("Cumprod", "exclusive is ignored", ops(
        "reduction:cumprod", "exclusive=exclusive", "exclusive=False")),
    op("LeakyRelu", "alpha is ignored", ops("activation:leaky_relu", "features * alpha",
        "features * 0.2")),
    op("LRN", "depth_radius is ignored", ops(
        "normalization:local_response_normalization", "input * input, depth_radius",
        "input * input, 5")),
    op("BiasAdd", "data_format is ignored", ops(
        "arithmetic:bias_add", 'data_format == "NCHW"', "False")),
    op("OneHot", "off_value is ignored", ops(
        "array:one_hot", "== places, on_value, off_value)",
        "== places, on_value, xp.zeros_like(on_value))")),
    op("StridedSlice", "end_mask is ignored", ops(
        "slicing:strided_slice", "masks = (begin_mask, end_mask,", "masks = (begin_mask, 0,")),
    op("MirrorPad", "always reflects", ops(
        "padding:mirror_pad", '1 if mode == "REFLECT" else 0', "1")),
    op("BatchMatMul", "the adjoint is not conjugated", ops(
        "linear:batch_matmul", "_adjoint(xp, x) if", "x.mT if")),
    op("ResizeBilinear", "align_corners is ignored", ops(
        "resize:resize_bilinear", "count, align_corners, half", "count, False, half")),
    op("ResizeNearestNeighbor", "half_pixel_centers is ignored", ops(
        "resize:resize_nearest_neighbor", "align_corners, half_pixel_centers)\n            x",
        "align_corners, False)\n            x")),
    op("FusedBatchNorm", "reports the biased variance", ops(
        "normalization:fused_batch_norm", "(count / max(count - 1, 1))", "1.0")),
    op("FusedBatchNorm", "exponential_avg_factor is ignored", ops(
        "normalization:fused_batch_norm", "exponential_avg_factor != 1.0", "False")),
    op("ApplyMomentum", "use_nesterov is ignored", ops(
        "training_rules:momentum", "if use_nesterov else", "if False else"), suite="training"),
    op("ApplyAdam", "the bias is not corrected", ops(
        "training_rules:adam", "lr * xp.sqrt(1 - beta2_power) / (1 - beta1_power)", "lr"),
        suite="training"),
    op("ApplyRMSProp", "epsilon is added to the root", ops(
        "training_rules:rms_prop", "xp.sqrt(ms + epsilon)", "(xp.sqrt(ms) + epsilon)"),
        suite="training"),
    # Corners
    op("Mean", "of nothing is 0", ops(
        "reduction:reduce_mean", "xp.asarray(count, dtype", "xp.asarray(max(count, 1), dtype")),
    op("SegmentSum", "what is missing is 1", kernel("SegmentSum", _gaps(1))),
    op("UnsortedSegmentMax", "what is missing is 0", kernel("UnsortedSegmentMax", _gaps(0))),
    op("ReverseV2", "one of several axes is reversed", ops(
        "shaping:reverse_v2", "axis=found)", "axis=found[0])")),
    op("MatrixBandPart", "a negative number keeps nothing", ops(
        "diagonal:matrix_band_part", "(lower < 0) | ", "")),
    op("Select", "a vector chooses columns", ops(
        "comparison:select", "condition.ndim == 1 and x.ndim > 1", "False")),
    op("ClipByValue", "the upper bound wins", ops(
        "comparison:clip_by_value", "xp.maximum(xp.minimum(x, high), low)",
        "xp.minimum(xp.maximum(x, low), high)")),
    op("AvgPool", "padding counts", ops(
        "pooling:counts", "np.minimum(start + k, size) - np.maximum(start, 0)",
        "np.full(count, k)")),
    op("MaxPool", "padding is 0", edit(
        "evergraph_numpy.pooling:_neutral", 'return -np.inf if how == "max" else np.inf',
        "return 0")),
    op("Conv2D", "an odd padding goes in front", ops(
        "windows:Windows.sides", "(total // 2, total - total // 2)",
        "(total - total // 2, total // 2)")),
    op("SpaceToDepth", "the parts of a block are mixed", ops(
        "space:space_to_depth", "(0, 1, 3, 2, 4, 5)", "(0, 1, 3, 4, 2, 5)")),
    # Checks of values
    op("GatherV2", "negative indices count from the end", ops(
        "indexing:gather_v2", "_in_range(xp, indices, params.shape[at])", "pass")),
    op("Pow", "negative powers of integers are 0th ones", ops(
        "arithmetic:power", "xp.check(y >= 0, InvalidArgumentError, message)",
        "y = xp.maximum(y, xp.zeros_like(y))")),
    op("SparseSoftmaxCrossEntropyWithLogits", "labels out of range are taken", ops(
        "losses:sparse_cross_entropy",
        "xp.check((labels >= 0) & (labels < classes), InvalidArgumentError, message, labels)",
        "pass")),
    op("Assign", "shapes are not compared", ops(
        "variables:assign", "validate_shape and not", "False and not")),
    # Random numbers
    Fault("RandomUniform: the stream stands still", "random", "", (
        kernel("RandomUniform", _standing),)),
    op("RandomStandardNormal", "the second seed is ignored", edit(
        "evergraph.runtime.versions:stream_of", 'op._attributes.get("seed2", 0)', "0")),
]  # fmt: skip

#: Gradients.
KERNEL_FAULTS += [
    op("Add", "broadcasting is not undone", ops(
        "arithmetic:add_gradient", "unbroadcast(tf, op, dz, dz)", "(dz, dz)"), suite="gradients"),
    op("Mul", "complex factors are not conjugated", ops(
        "arithmetic:mul_gradient", "(conjugated(tf, t) for t in op.inputs)", "op.inputs"),
        suite="gradients"),
    op("Max", "equal ones have all of it", ops(
        "reduction:extreme_gradient", "tf.RealDiv(tf.Mul(chosen, dy), count)",
        "tf.Mul(chosen, dy)"), suite="gradients"),
    op("Prod", "divides by 0", ops(
        "reduction:prod_gradient", "tf.Mul(before, after)",
        "tf.RealDiv(tf.Prod(flat, 0, keep_dims=True), flat)"), suite="gradients"),
    op("Cumsum", "runs the same way", ops(
        "reduction:cumsum_gradient", "**_backwards(op)",
        'exclusive=op.get_attr("exclusive"), reverse=op.get_attr("reverse")'), suite="gradients"),
    op("Softmax", "the other classes are left out", ops(
        "activation:softmax_gradient", "tf.Sub(dy, total)", "dy"), suite="gradients"),
    Fault("a tensor used twice has the gradient of one use", "differentiation", "", (edit(
        "evergraph.gradient_walk:Walk._sum", "_aggregated(t, parts)", "parts[0]"),)),
    Fault("stop_gradients are ignored", "differentiation", "", (edit(
        "evergraph.gradients:gradients", "{id(_source(t)) for t in stops}", "set()"),)),
    Fault("what is not connected has no zeros", "differentiation", "", (edit(
        "evergraph.gradients:gradients", "is UnconnectedGradients.ZERO", "is None"),)),
]  # fmt: skip
