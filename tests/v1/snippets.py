"""Short graphs, built by whatever `tf` is given: TensorFlow's own, or evergraph's.

`tests/oracle/record_builders.py` records what TensorFlow builds, and `test_builders.py` compares.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Snippet = Callable[[Any], Any]


def f32(tf: Any, shape: Any = None, name: str = "x") -> Any:
    return tf.placeholder(tf.float32, shape, name)


def i32(tf: Any, shape: Any = None, name: str = "i") -> Any:
    return tf.placeholder(tf.int32, shape, name)


def i64(tf: Any, shape: Any = None, name: str = "i") -> Any:
    return tf.placeholder(tf.int64, shape, name)


def bools(tf: Any, shape: Any = None, name: str = "b") -> Any:
    return tf.placeholder(tf.bool, shape, name)


def c64(tf: Any, shape: Any = None, name: str = "c") -> Any:
    return tf.placeholder(tf.complex64, shape, name)


def within(manager: Any, build: Callable[[], Any]) -> Any:
    with manager:
        return build()


def tables(tf: Any, *sizes: int | None) -> tuple[Any, ...]:
    return tuple(f32(tf, [size, 4], f"table{i}") for i, size in enumerate(sizes))


OPERATORS: dict[str, Snippet] = {
    "add constant": lambda tf: f32(tf, [2, 3]) + 1,
    "add reflected": lambda tf: 1.5 + f32(tf, [2, 3]),
    "add tensors": lambda tf: f32(tf, [2, 3]) + f32(tf, [3], "y"),
    "add array": lambda tf: f32(tf, [2, 3]) + np.ones(3, np.float32),
    "add reflected array": lambda tf: np.ones(3, np.float32) + f32(tf, [2, 3]),
    "add strings": lambda tf: tf.placeholder(tf.string, [2]) + "a",
    "add list of tensors": lambda tf: f32(tf, [2]) + [f32(tf, [], "y"), 1.0],
    "add twice": lambda tf: (f32(tf, [2]) + 1) + 2,
    "subtract": lambda tf: f32(tf, [2, 3]) - 1,
    "subtract reflected": lambda tf: 1 - f32(tf, [2, 3]),
    "multiply": lambda tf: f32(tf, [2, 3]) * 2,
    "multiply reflected": lambda tf: 2 * f32(tf, [2, 3]),
    "multiply bools": lambda tf: bools(tf, [2]) * bools(tf, [2], "d"),
    "divide floats": lambda tf: f32(tf, [2, 3]) / 2,
    "divide ints": lambda tf: i32(tf, [2]) / 2,
    "divide ints reflected": lambda tf: 2 / i32(tf, [2]),
    "divide int8": lambda tf: tf.placeholder(tf.int8, [2]) / 2,
    "divide int64": lambda tf: i64(tf, [2]) / i64(tf, [2], "j"),
    "divide by tensor": lambda tf: f32(tf, [2, 3]) / f32(tf, [2, 1], "y"),
    "floor divide ints": lambda tf: i32(tf, [2]) // 3,
    "floor divide floats": lambda tf: f32(tf, [2]) // 3,
    "floor divide reflected": lambda tf: 3 // i32(tf, [2]),
    "modulo": lambda tf: i32(tf, [2]) % 3,
    "modulo floats": lambda tf: f32(tf, [2]) % 3,
    "modulo reflected": lambda tf: 7 % i32(tf, [2]),
    "power": lambda tf: f32(tf, [2]) ** 2,
    "power reflected": lambda tf: 2 ** f32(tf, [2]),
    "negative": lambda tf: -f32(tf, [2]),
    "absolute": lambda tf: abs(f32(tf, [2])),
    "absolute complex": lambda tf: abs(c64(tf, [2])),
    "matmul": lambda tf: f32(tf, [2, 3]) @ f32(tf, [3, 4], "y"),
    "matmul constant": lambda tf: f32(tf, [2, 3]) @ [[1.0], [2.0], [3.0]],
    "matmul reflected": lambda tf: np.ones((2, 2), np.float32) @ f32(tf, [2, 3]),
    "matmul batch": lambda tf: f32(tf, [5, 2, 3]) @ f32(tf, [3, 4], "y"),
    "matmul unknown": lambda tf: f32(tf) @ f32(tf, None, "y"),
    "and": lambda tf: bools(tf, [2]) & True,
    "and reflected": lambda tf: True & bools(tf, [2]),
    "and ints": lambda tf: i32(tf, [2]) & 3,
    "or": lambda tf: bools(tf, [2]) | bools(tf, [2], "d"),
    "or ints": lambda tf: i32(tf, [2]) | 3,
    "xor": lambda tf: bools(tf, [2]) ^ True,
    "xor ints": lambda tf: i32(tf, [2]) ^ 3,
    "invert": lambda tf: ~bools(tf, [2]),
    "invert ints": lambda tf: ~i32(tf, [2]),
    "less": lambda tf: f32(tf, [2]) < 1,
    "less reflected": lambda tf: 1 < f32(tf, [2]),  # noqa: SIM300
    "less or equal": lambda tf: f32(tf, [2]) <= 1,
    "greater": lambda tf: f32(tf, [2]) > f32(tf, [2], "y"),
    "greater or equal": lambda tf: f32(tf, [2]) >= 1,
    "operators in scopes": lambda tf: within(
        tf.name_scope("a"), lambda: within(tf.name_scope("b"), lambda: 1 - f32(tf, [2]) * 2)
    ),
}

SLICES: dict[str, Snippet] = {
    "item": lambda tf: f32(tf, [2, 3])[0],
    "negative item": lambda tf: f32(tf, [2, 3])[-1],
    "items": lambda tf: f32(tf, [2, 3])[0, 1],
    "slice": lambda tf: f32(tf, [4, 3])[1:3],
    "slice open": lambda tf: f32(tf, [4, 3])[:, 1:],
    "slice all": lambda tf: f32(tf, [4, 3])[:],
    "slice step": lambda tf: f32(tf, [4, 3])[::2, ::-1],
    "slice of unknown": lambda tf: f32(tf, [None, 3])[1:, 0],
    "slice of unknown rank": lambda tf: f32(tf)[0],
    "ellipsis": lambda tf: f32(tf, [4, 3, 2])[..., 0],
    "ellipsis in the middle": lambda tf: f32(tf, [4, 3, 2, 5])[0, ..., 1:3],
    "new axis": lambda tf: f32(tf, [4, 3])[:, tf.newaxis, None],
    "new axis and ellipsis": lambda tf: f32(tf, [4, 3])[..., tf.newaxis],
    "empty key": lambda tf: f32(tf, [4])[()],
    "tensor index": lambda tf: f32(tf, [4, 3])[i32(tf, [])],
    "int64 tensor index": lambda tf: f32(tf, [4, 3])[i64(tf, [])],
    "int64 tensor bound": lambda tf: f32(tf, [4, 3])[: i64(tf, [])],
    "tensor index and slice": lambda tf: f32(tf, [4, 3])[i32(tf, []), 1:],
    "tensor bounds": lambda tf: f32(tf, [4, 3])[i32(tf, []) : i32(tf, [], "j")],
    "tensor stop": lambda tf: f32(tf, [4, 3])[:, : i32(tf, [])],
    "NumPy index": lambda tf: f32(tf, [4, 3])[np.int64(1)],
    "dimension index": lambda tf: f32(tf, [4, 3])[: f32(tf, [2], "y").shape[0]],
    "unknown dimension bound": lambda tf: f32(tf, [4, 3])[: f32(tf, [None], "y").shape[0]],
    "mask": lambda tf: f32(tf, [4, 3])[bools(tf, [4])],
    "mask array": lambda tf: f32(tf, [4, 3])[np.array([True, False, True, True])],
    "shape item": lambda tf: tf.shape(f32(tf, [None, 3]))[0],
    "strided_slice": lambda tf: tf.strided_slice(f32(tf, [4, 3]), [0, 1], [2, 3], [1, 1]),
    "strided_slice without strides": lambda tf: tf.strided_slice(f32(tf, [4]), [0], [2]),
    "strided_slice masks": lambda tf: tf.strided_slice(
        f32(tf, [4, 3]), [0, 1], [2, 3], [1, 1], begin_mask=1, shrink_axis_mask=2, name="s"
    ),
}

FRAMEWORK: dict[str, Snippet] = {
    "placeholder": lambda tf: tf.placeholder(tf.float32),
    "placeholder shape": lambda tf: tf.placeholder("int64", [None, 3], name="p"),
    "placeholder shape of dimensions": lambda tf: tf.placeholder(
        tf.float32, tf.TensorShape([tf.Dimension(2), None])
    ),
    "placeholder twice": lambda tf: (tf.placeholder(tf.float32), tf.placeholder(tf.float32)),
    "placeholder_with_default": lambda tf: tf.placeholder_with_default([1.0, 2.0], [None]),
    "placeholder_with_default unknown": lambda tf: tf.placeholder_with_default(3, None),
    "constant int": lambda tf: tf.constant(1),
    "constant float": lambda tf: tf.constant(1.5, name="c"),
    "constant list": lambda tf: tf.constant([[1, 2], [3, 4]]),
    "constant filled": lambda tf: tf.constant(1.5, shape=[2, 3]),
    "constant short": lambda tf: tf.constant([1, 2], tf.int64, [4]),
    "constant string": lambda tf: tf.constant("a"),
    "constant strings": lambda tf: tf.constant([["a", "bc"]]),
    "constant bools": lambda tf: tf.constant([True, False]),
    "constant complex": lambda tf: tf.constant([1 + 2j, 0]),
    "constant half": lambda tf: tf.constant([1, 2.5], tf.float16),
    "constant bfloat16": lambda tf: tf.constant(2.5, tf.bfloat16),
    "constant float64 array": lambda tf: tf.constant(np.arange(3.0)),
    "constant int64 array": lambda tf: tf.constant(np.arange(3)),
    "constant uint8": lambda tf: tf.constant([1, 255], tf.uint8),
    "constant empty": lambda tf: tf.constant([]),
    "constant empty int": lambda tf: tf.constant([], tf.int32, [0, 2]),
    "constant large int": lambda tf: tf.constant(2**40),
    "convert_to_tensor": lambda tf: tf.convert_to_tensor([1, 2], tf.float32),
    "convert_to_tensor hint": lambda tf: tf.convert_to_tensor([1, 2], dtype_hint=tf.float32),
    "convert_to_tensor failed hint": lambda tf: tf.convert_to_tensor(
        [1.5], preferred_dtype=tf.int32
    ),
    "convert_to_tensor name": lambda tf: tf.convert_to_tensor(1, name="n"),
    "convert_to_tensor packed": lambda tf: tf.convert_to_tensor([f32(tf, []), 1.0]),
    "convert_to_tensor packed deep": lambda tf: tf.convert_to_tensor(
        [[f32(tf, []), 1.0], [2.0, 3.0]]
    ),
    "convert_to_tensor packed ints": lambda tf: tf.convert_to_tensor([i64(tf, []), 1], tf.int64),
    "convert_to_tensor shape": lambda tf: tf.convert_to_tensor(f32(tf, [2, 3]).shape),
    "convert_to_tensor dimension": lambda tf: tf.convert_to_tensor(f32(tf, [2, 3]).shape[0]),
    "identity": lambda tf: tf.identity(f32(tf, [2]), name="y"),
    "identity of a list": lambda tf: tf.identity([1.0, 2.0]),
    "identity_n": lambda tf: tf.identity_n([f32(tf, [2]), i32(tf, [3])]),
    "stop_gradient": lambda tf: tf.stop_gradient(f32(tf, [2])),
    "no_op": lambda tf: tf.no_op(),
    "ensure_shape": lambda tf: tf.ensure_shape(f32(tf, [None, 3]), [2, None]),
    "guarantee_const": lambda tf: tf.guarantee_const(f32(tf, [2])),
    "group": lambda tf: tf.group(f32(tf, [2]), i32(tf, [])),
    "group nothing": lambda tf: tf.group(),
    "group nested": lambda tf: tf.group([f32(tf, [2]), [tf.no_op("a")]], name="g"),
    "group devices": lambda tf: tf.group(
        within(tf.device("/cpu:0"), lambda: tf.constant(1)),
        within(tf.device("/gpu:1"), lambda: tf.constant(2)),
    ),
    "tuple": lambda tf: tf.tuple([f32(tf, [2]), None, i32(tf, [])]),
    "tuple with control inputs": lambda tf: tf.tuple(
        [f32(tf, [2])], control_inputs=[tf.no_op("a")], name="t"
    ),
    "name_scope": lambda tf: within(tf.name_scope("a"), lambda: tf.constant(1)),
    "name_scope again": lambda tf: [
        within(tf.name_scope("a"), lambda: tf.constant(1)),
        within(tf.name_scope("a"), lambda: tf.constant(1)),
    ],
    "name_scope default": lambda tf: within(
        tf.name_scope(None, "d", [f32(tf, [2])]), lambda: tf.constant(1)
    ),
    "name_scope root": lambda tf: within(
        tf.name_scope("a"), lambda: within(tf.name_scope(None), lambda: tf.constant(1))
    ),
    "name_scope reentered": lambda tf: [
        within(tf.name_scope("a"), lambda: tf.constant(1)),
        within(tf.name_scope("a/"), lambda: tf.constant(1)),
    ],
    "op_scope": lambda tf: within(tf.op_scope([f32(tf, [2])], "o"), lambda: tf.constant(1)),
    "device": lambda tf: within(tf.device("/job:w/gpu:1"), lambda: f32(tf, [2]) + 1),
    "device nested": lambda tf: within(
        tf.device("/job:w"), lambda: within(tf.device("/cpu:0"), lambda: tf.constant(1))
    ),
    "device none": lambda tf: within(
        tf.device("/cpu:0"), lambda: within(tf.device(None), lambda: tf.constant(1))
    ),
    "device function": lambda tf: within(
        tf.device(lambda op: "/gpu:0" if op.type == "AddV2" else ""), lambda: f32(tf, [2]) + 1
    ),
    "control_dependencies": lambda tf: within(
        tf.control_dependencies([tf.no_op("a")]), lambda: f32(tf, [2]) + 1
    ),
    "control_dependencies on tensors": lambda tf: within(
        tf.control_dependencies([f32(tf, [2]), tf.no_op("a")]), tf.no_op
    ),
    "control_dependencies cleared": lambda tf: within(
        tf.control_dependencies([tf.no_op("a")]),
        lambda: within(tf.control_dependencies(None), tf.no_op),
    ),
    "colocate_with": lambda tf: within(
        tf.colocate_with(f32(tf, [2]).op), lambda: tf.constant(1) + 2
    ),
    "colocate_with and device": lambda tf: within(
        tf.device("/gpu:0"),
        lambda: within(tf.colocate_with(f32(tf, [2])), lambda: tf.constant(1)),
    ),
}

MATH: dict[str, Snippet] = {
    "add": lambda tf: tf.add(f32(tf, [2]), 1),
    "add constants": lambda tf: tf.add(1, 2),
    "add named": lambda tf: tf.add(f32(tf, [2]), 1, name="n"),
    "subtract": lambda tf: tf.subtract(f32(tf, [2]), 1),
    "multiply": lambda tf: tf.multiply(f32(tf, [2]), 2),
    "multiply named": lambda tf: tf.multiply(f32(tf, [2]), f32(tf, [2, 1], "y"), "n"),
    "divide": lambda tf: tf.divide(f32(tf, [2]), 2),
    "divide named": lambda tf: tf.divide(i32(tf, [2]), 2, name="n"),
    "divide number": lambda tf: tf.divide(2, f32(tf, [2])),
    "truediv": lambda tf: tf.truediv(i32(tf, [2]), 2),
    "div ints": lambda tf: tf.div(i32(tf, [2]), 2),
    "div floats": lambda tf: tf.div(f32(tf, [2]), 2),
    "floordiv": lambda tf: tf.floordiv(i32(tf, [2]), 2),
    "floor_div": lambda tf: tf.floor_div(i32(tf, [2]), 2),
    "realdiv": lambda tf: tf.realdiv(f32(tf, [2]), 2),
    "truncatediv": lambda tf: tf.truncatediv(i32(tf, [2]), 2),
    "truncatemod": lambda tf: tf.truncatemod(i32(tf, [2]), 2),
    "mod": lambda tf: tf.mod(i32(tf, [2]), 2),
    "floormod": lambda tf: tf.floormod(i32(tf, [2]), 2),
    "div_no_nan": lambda tf: tf.div_no_nan(f32(tf, [2]), 2),
    "div_no_nan number": lambda tf: tf.div_no_nan(2, f32(tf, [2])),
    "divide_no_nan ints": lambda tf: tf.math.divide_no_nan(i32(tf, [2]), 2),
    "multiply_no_nan": lambda tf: tf.math.multiply_no_nan(f32(tf, [2]), 2),
    "reciprocal_no_nan": lambda tf: tf.math.reciprocal_no_nan(f32(tf, [2])),
    "scalar_mul": lambda tf: tf.scalar_mul(2, f32(tf, [2])),
    "pow": lambda tf: tf.pow(f32(tf, [2]), 3),
    "square": lambda tf: tf.square(f32(tf, [2]), name="sq"),
    "square of a list": lambda tf: tf.square([1.0, 2.0]),
    "squared_difference": lambda tf: tf.squared_difference(f32(tf, [2]), 1),
    "sqrt": lambda tf: tf.sqrt(f32(tf, [None, 2])),
    "rsqrt": lambda tf: tf.rsqrt(f32(tf, [2])),
    "exp": lambda tf: tf.exp(f32(tf)),
    "log": lambda tf: tf.log(f32(tf, [2])),
    "log1p": lambda tf: tf.log1p(f32(tf, [2])),
    "expm1": lambda tf: tf.math.expm1(f32(tf, [2])),
    "sin": lambda tf: tf.sin(f32(tf, [2])),
    "atan2": lambda tf: tf.atan2(f32(tf, [2]), 1.0),
    "floor": lambda tf: tf.floor(f32(tf, [2])),
    "ceil": lambda tf: tf.ceil(f32(tf, [2])),
    "round": lambda tf: tf.round(f32(tf, [2])),
    "round ints": lambda tf: tf.round(i32(tf, [2])),
    "rint": lambda tf: tf.rint(f32(tf, [2])),
    "sign": lambda tf: tf.sign(f32(tf, [2])),
    "sign complex": lambda tf: tf.sign(c64(tf, [2])),
    "abs": lambda tf: tf.abs(f32(tf, [2]), name="n"),
    "negative": lambda tf: tf.negative(f32(tf, [2])),
    "reciprocal": lambda tf: tf.reciprocal(f32(tf, [2])),
    "erf": lambda tf: tf.erf(f32(tf, [2])),
    "lgamma": lambda tf: tf.lgamma(f32(tf, [2])),
    "lbeta": lambda tf: tf.lbeta(f32(tf, [2, 3])),
    "erfinv": lambda tf: tf.math.erfinv(f32(tf, [2])),
    "ndtri": lambda tf: tf.math.ndtri(f32(tf, [2]), name="n"),
    "erfcinv": lambda tf: tf.math.erfcinv(f32(tf, [2])),
    "xdivy": lambda tf: tf.math.xdivy(f32(tf, [2]), 2.0),
    "xlogy": lambda tf: tf.math.xlogy(f32(tf, [2]), 2.0),
    "xlog1py": lambda tf: tf.math.xlog1py(f32(tf, [2]), 2.0),
    "polyval": lambda tf: tf.math.polyval([1.0, f32(tf, [], "a"), 3.0], f32(tf, [2])),
    "polyval empty": lambda tf: tf.math.polyval([], f32(tf, [2])),
    "sigmoid": lambda tf: tf.sigmoid(f32(tf, [2])),
    "log_sigmoid": lambda tf: tf.log_sigmoid(f32(tf, [2])),
    "tanh": lambda tf: tf.tanh(f32(tf, [2]), name="t"),
    "maximum": lambda tf: tf.maximum(f32(tf, [2]), 0.0),
    "minimum": lambda tf: tf.minimum(0, i32(tf, [2])),
    "equal": lambda tf: tf.equal(i32(tf, [2]), 1),
    "equal strings": lambda tf: tf.equal(tf.placeholder(tf.string, [2]), "a"),
    "not_equal": lambda tf: tf.not_equal(i32(tf, [2]), 1),
    "greater": lambda tf: tf.greater(i32(tf, [2, 1]), i32(tf, [3], "j")),
    "less_equal": lambda tf: tf.less_equal(i32(tf, [2]), 1, name="n"),
    "logical_and": lambda tf: tf.logical_and(bools(tf, [2]), True),
    "logical_not": lambda tf: tf.logical_not(bools(tf, [2])),
    "logical_xor": lambda tf: tf.logical_xor(bools(tf, [2]), bools(tf, [2], "d")),
    "bitwise": lambda tf: tf.bitwise.left_shift(i32(tf, [2]), 1),
    "cast": lambda tf: tf.cast(f32(tf, [2]), tf.int32),
    "cast to the same": lambda tf: tf.cast(f32(tf, [2]), tf.float32),
    "cast a list": lambda tf: tf.cast([1, 2], tf.float32, name="n"),
    "cast a list to the same": lambda tf: tf.cast([1, 2], tf.int32),
    "saturate_cast": lambda tf: tf.saturate_cast(f32(tf, [2]), tf.uint8),
    "saturate_cast wide": lambda tf: tf.saturate_cast(i32(tf, [2]), tf.int64),
    "saturate_cast large": lambda tf: tf.saturate_cast(f32(tf, [2]), tf.int32),
    "to_float": lambda tf: tf.to_float(i32(tf, [2])),
    "to_int32": lambda tf: tf.to_int32(f32(tf, [2])),
    "to_double": lambda tf: tf.to_double(f32(tf, [2]), name="n"),
    "complex": lambda tf: tf.complex(f32(tf, [2]), f32(tf, [2], "y")),
    "complex numbers": lambda tf: tf.complex(1.0, 2.0),
    "real": lambda tf: tf.real(c64(tf, [2])),
    "imag": lambda tf: tf.imag(c64(tf, [2])),
    "imag of floats": lambda tf: tf.imag(f32(tf, [2])),
    "angle of floats": lambda tf: tf.angle(f32(tf, [2])),
    "conj": lambda tf: tf.conj(c64(tf, [2])),
    "conj of floats": lambda tf: tf.conj(f32(tf, [2])),
    "add_n": lambda tf: tf.add_n([f32(tf, [2]), f32(tf, [2], "y"), [1.0, 2.0]]),
    "add_n one": lambda tf: tf.add_n([f32(tf, [2])], name="n"),
    "accumulate_n": lambda tf: tf.accumulate_n([f32(tf, [2]), f32(tf, [None], "y")]),
    "argmax": lambda tf: tf.argmax(f32(tf, [2, 3]), 1),
    "argmax default": lambda tf: tf.argmax(f32(tf, [2, 3])),
    "argmax of a tensor": lambda tf: tf.argmax(f32(tf, [2, 3]), i32(tf, [])),
    "argmax dimension": lambda tf: tf.argmax(f32(tf, [2, 3]), dimension=-1, output_type=tf.int32),
    "argmin": lambda tf: tf.argmin(f32(tf, [2, 3]), axis=1, name="n"),
    "arg_max": lambda tf: tf.arg_max(f32(tf, [2, 3]), 1),
    "cumsum": lambda tf: tf.cumsum(f32(tf, [2, 3]), axis=1, exclusive=True),
    "cumprod": lambda tf: tf.cumprod(f32(tf, [2, 3]), reverse=True, name="n"),
    "cumulative_logsumexp": lambda tf: tf.math.cumulative_logsumexp(f32(tf, [2, 3])),
    "range": lambda tf: tf.range(5),
    "range bounds": lambda tf: tf.range(2, 10, 3, name="n"),
    "range floats": lambda tf: tf.range(0.0, 1.0, 0.25),
    "range mixed": lambda tf: tf.range(0, 1.0, 0.25),
    "range of a tensor": lambda tf: tf.range(i32(tf, [])),
    "range of an int64 tensor": lambda tf: tf.range(i64(tf, [])),
    "range type": lambda tf: tf.range(3, dtype=tf.float32),
    "linspace": lambda tf: tf.linspace(0.0, 1.0, 5),
    "lin_space": lambda tf: tf.lin_space(0.0, 1.0, 5, name="n"),
    "matmul": lambda tf: tf.matmul(f32(tf, [2, 3]), f32(tf, [3, 4], "y")),
    "matmul constants": lambda tf: tf.matmul([[1.0]], [[2.0]]),
    "matmul transposed": lambda tf: tf.matmul(
        f32(tf, [3, 2]), f32(tf, [4, 3], "y"), transpose_a=True, transpose_b=True, name="n"
    ),
    "matmul batch transposed": lambda tf: tf.matmul(
        f32(tf, [5, 3, 2]), f32(tf, [5, 4, 3], "y"), transpose_a=True, adjoint_b=True
    ),
    "matmul complex adjoint": lambda tf: tf.matmul(
        c64(tf, [3, 2]), c64(tf, [3, 4], "d"), adjoint_a=True
    ),
    "matmul complex batch transposed": lambda tf: tf.matmul(
        c64(tf, [5, 3, 2]), c64(tf, [5, 3, 4], "d"), transpose_a=True
    ),
    "matmul unknown rank": lambda tf: tf.matmul(f32(tf), f32(tf, [3, 4], "y")),
    "matmul sparse": lambda tf: tf.matmul(f32(tf, [2, 3]), f32(tf, [3, 4], "y"), a_is_sparse=True),
    "matmul wider": lambda tf: tf.matmul(
        tf.placeholder(tf.int8, [2, 3]), tf.placeholder(tf.int8, [3, 4]), output_type=tf.int32
    ),
    "clip_by_value": lambda tf: tf.clip_by_value(f32(tf, [2]), 0.0, 1.0),
    "clip_by_norm": lambda tf: tf.clip_by_norm(f32(tf, [2, 3]), 2.0),
    "clip_by_norm axes": lambda tf: tf.clip_by_norm(f32(tf, [2, 3]), f32(tf, [], "n"), [1]),
    "clip_by_average_norm": lambda tf: tf.clip_by_average_norm(f32(tf, [2, 3]), 2.0),
    "global_norm": lambda tf: tf.global_norm([f32(tf, [2]), None, f32(tf, [3], "y")]),
    "clip_by_global_norm": lambda tf: tf.clip_by_global_norm(
        [f32(tf, [2]), None, f32(tf, [3], "y")], 5.0
    ),
}

REDUCTIONS: dict[str, Snippet] = {
    "reduce_sum": lambda tf: tf.reduce_sum(f32(tf, [2, 3])),
    "reduce_sum axis": lambda tf: tf.reduce_sum(f32(tf, [2, 3]), 1),
    "reduce_sum axes": lambda tf: tf.reduce_sum(f32(tf, [2, 3, 4]), [0, -1], name="n"),
    "reduce_sum old names": lambda tf: tf.reduce_sum(
        f32(tf, [2, 3]), reduction_indices=1, keep_dims=True
    ),
    "reduce_sum unknown": lambda tf: tf.reduce_sum(f32(tf)),
    "reduce_sum unknown axis": lambda tf: tf.reduce_sum(f32(tf), 0),
    "reduce_sum partly known": lambda tf: tf.reduce_sum(f32(tf, [None, 3])),
    "reduce_sum scalar": lambda tf: tf.reduce_sum(f32(tf, [])),
    "reduce_sum list": lambda tf: tf.reduce_sum([1.0, 2.0]),
    "reduce_sum of an axis tensor": lambda tf: tf.reduce_sum(f32(tf, [2, 3]), i32(tf, [])),
    "reduce_mean": lambda tf: tf.reduce_mean(f32(tf, [2, 3])),
    "reduce_mean keepdims": lambda tf: tf.reduce_mean(f32(tf, [None, 3]), axis=0, keepdims=True),
    "reduce_prod": lambda tf: tf.reduce_prod(f32(tf, [2, 3]), [0]),
    "reduce_max": lambda tf: tf.reduce_max(f32(tf, [2, 3]), axis=-1),
    "reduce_min": lambda tf: tf.reduce_min(f32(tf, [2, 3]), name="n"),
    "reduce_all": lambda tf: tf.reduce_all(bools(tf, [2, 3])),
    "reduce_any": lambda tf: tf.reduce_any(bools(tf, [2, 3]), 1, True),
    "reduce_logsumexp": lambda tf: tf.reduce_logsumexp(f32(tf, [2, 3])),
    "reduce_logsumexp axis": lambda tf: tf.reduce_logsumexp(f32(tf, [2, 3]), 1, keepdims=True),
    "reduce_euclidean_norm": lambda tf: tf.math.reduce_euclidean_norm(f32(tf, [2, 3]), 1),
    "reduce_variance": lambda tf: tf.math.reduce_variance(f32(tf, [2, 3]), 1),
    "reduce_variance complex": lambda tf: tf.math.reduce_variance(c64(tf, [2, 3])),
    "reduce_std": lambda tf: tf.math.reduce_std(f32(tf, [2, 3])),
    "count_nonzero": lambda tf: tf.count_nonzero(f32(tf, [2, 3])),
    "count_nonzero bools": lambda tf: tf.count_nonzero(bools(tf, [2, 3]), 0, dtype=tf.int32),
    "segment_sum": lambda tf: tf.segment_sum(f32(tf, [4, 2]), [0, 0, 1, 3]),
    "segment_mean": lambda tf: tf.math.segment_mean(f32(tf, [4, 2]), i32(tf, [4])),
    "unsorted_segment_sum": lambda tf: tf.unsorted_segment_sum(f32(tf, [4, 2]), i32(tf, [4]), 3),
    "unsorted_segment_max": lambda tf: tf.unsorted_segment_max(
        f32(tf, [4, 2]), i32(tf, [4]), i32(tf, [], "n")
    ),
    "unsorted_segment_mean": lambda tf: tf.unsorted_segment_mean(f32(tf, [4, 2]), i32(tf, [4]), 3),
    "unsorted_segment_sqrt_n": lambda tf: tf.unsorted_segment_sqrt_n(
        f32(tf, [None, 2]), i32(tf, [None]), 3
    ),
    "sparse_segment_sum": lambda tf: tf.sparse_segment_sum(f32(tf, [4, 2]), [0, 1], [0, 0]),
    "sparse_segment_mean": lambda tf: tf.sparse_segment_mean(
        f32(tf, [4, 2]), [0, 1], [0, 0], num_segments=3
    ),
}

ARRAYS: dict[str, Snippet] = {
    "shape": lambda tf: tf.shape(f32(tf, [2, 3])),
    "shape unknown": lambda tf: tf.shape(f32(tf, [None, 3])),
    "shape of an array": lambda tf: tf.shape(np.ones((2, 3))),
    "shape int64": lambda tf: tf.shape(f32(tf), name="n", out_type=tf.int64),
    "shape_n": lambda tf: tf.shape_n([f32(tf, [2]), f32(tf, [None], "y")]),
    "size": lambda tf: tf.size(f32(tf, [2, 3])),
    "size unknown": lambda tf: tf.size(f32(tf, [None, 3]), out_type=tf.int64),
    "size empty": lambda tf: tf.size(f32(tf, [None, 0])),
    "rank": lambda tf: tf.rank(f32(tf, [None, 3])),
    "rank unknown": lambda tf: tf.rank(f32(tf)),
    "reshape": lambda tf: tf.reshape(f32(tf, [2, 3]), [-1]),
    "reshape partly known": lambda tf: tf.reshape(f32(tf, [None, 3]), [-1, 3, 1], name="n"),
    "reshape to a shape": lambda tf: tf.reshape(f32(tf, [6]), tf.shape(f32(tf, [None, 3], "y"))),
    "reshape to packed": lambda tf: tf.reshape(
        f32(tf, [None, 6]), [tf.shape(f32(tf, [None, 3], "y"))[0], 2, 3]
    ),
    "reshape scalar": lambda tf: tf.reshape(f32(tf, [1]), []),
    "squeeze": lambda tf: tf.squeeze(f32(tf, [1, 2, 1])),
    "squeeze axis": lambda tf: tf.squeeze(f32(tf, [1, 2, 1]), 0),
    "squeeze axes": lambda tf: tf.squeeze(f32(tf, [1, None, 1]), [0, -1], name="n"),
    "squeeze_dims": lambda tf: tf.squeeze(f32(tf, [1, 2]), squeeze_dims=[0]),
    "expand_dims": lambda tf: tf.expand_dims(f32(tf, [2, 3]), -1),
    "expand_dims dim": lambda tf: tf.expand_dims(f32(tf, [2, 3]), dim=0),
    "transpose": lambda tf: tf.transpose(f32(tf, [2, 3, 4])),
    "transpose perm": lambda tf: tf.transpose(f32(tf, [2, 3, None]), [2, 0, 1]),
    "transpose unknown": lambda tf: tf.transpose(f32(tf)),
    "transpose conjugate": lambda tf: tf.transpose(c64(tf, [2, 3]), conjugate=True),
    "matrix_transpose": lambda tf: tf.matrix_transpose(f32(tf, [4, 2, 3])),
    "matrix_transpose unknown": lambda tf: tf.linalg.matrix_transpose(f32(tf)),
    "concat": lambda tf: tf.concat([f32(tf, [2, 3]), f32(tf, [1, 3], "y")], 0),
    "concat unknown": lambda tf: tf.concat([f32(tf, [2, None]), f32(tf, [2, 4], "y")], -1),
    "concat one": lambda tf: tf.concat([f32(tf, [2, 3])], 0),
    "concat one tensor": lambda tf: tf.concat(f32(tf, [2, 3]), 0, name="n"),
    "concat lists": lambda tf: tf.concat([f32(tf, [2]), [1.0, 2.0]], axis=0),
    "stack": lambda tf: tf.stack([f32(tf, [2]), f32(tf, [2], "y")]),
    "stack axis": lambda tf: tf.stack([f32(tf, [2]), f32(tf, [2], "y")], axis=-1),
    "stack constants": lambda tf: tf.stack([1, 2], name="n"),
    "stack lists": lambda tf: tf.stack([f32(tf, [2]), [1.0, 2.0]]),
    "stack dimensions": lambda tf: tf.stack([i32(tf, []), f32(tf, [3]).shape[0]]),
    "unstack": lambda tf: tf.unstack(f32(tf, [2, 3]), axis=1),
    "unstack num": lambda tf: tf.unstack(f32(tf, [None, 3]), 4),
    "parallel_stack": lambda tf: tf.parallel_stack([f32(tf, [2]), f32(tf, [2], "y")]),
    "split": lambda tf: tf.split(f32(tf, [6, 2]), 3),
    "split sizes": lambda tf: tf.split(f32(tf, [6, 2]), [1, 2, 3], name="n"),
    "split rest": lambda tf: tf.split(f32(tf, [6, 2]), [1, -1]),
    "split axis": lambda tf: tf.split(f32(tf, [None, 6]), 2, axis=1),
    "split sizes tensor": lambda tf: tf.split(f32(tf, [6, 2]), i32(tf, [2]), num=2),
    "slice": lambda tf: tf.slice(f32(tf, [4, 3]), [1, 0], [2, -1]),
    "slice of tensors": lambda tf: tf.slice(f32(tf, [4, 3]), i32(tf, [2]), [2, 1]),
    "gather": lambda tf: tf.gather(f32(tf, [4, 3]), [0, 2]),
    "gather axis": lambda tf: tf.gather(f32(tf, [4, 3]), i32(tf, [None]), axis=1),
    "gather batch": lambda tf: tf.gather(f32(tf, [4, 3, 2]), i32(tf, [4, 5]), batch_dims=1),
    "gather_nd": lambda tf: tf.gather_nd(f32(tf, [4, 3]), [[0, 1]]),
    "gather_nd batch": lambda tf: tf.gather_nd(
        f32(tf, [4, 3, 2]), i32(tf, [4, 5, 1]), batch_dims=1
    ),
    "batch_gather": lambda tf: tf.batch_gather(f32(tf, [4, 3]), i32(tf, [4, 2])),
    "scatter_nd": lambda tf: tf.scatter_nd([[0], [2]], f32(tf, [2, 3]), [4, 3]),
    "scatter_nd of tensors": lambda tf: tf.scatter_nd(i32(tf, [2, 1]), f32(tf, [2]), [4]),
    "tensor_scatter_update": lambda tf: tf.tensor_scatter_update(f32(tf, [4]), [[0]], [1.0]),
    "tensor_scatter_nd_add": lambda tf: tf.tensor_scatter_nd_add(f32(tf, [4]), [[0]], [1.0]),
    "tile": lambda tf: tf.tile(f32(tf, [2, 3]), [2, 1]),
    "tile unknown": lambda tf: tf.tile(f32(tf, [None, 3]), [2, 2], name="n"),
    "pad": lambda tf: tf.pad(f32(tf, [2, 3]), [[0, 1], [2, 0]]),
    "pad value": lambda tf: tf.pad(f32(tf, [2, 3]), [[0, 1], [2, 0]], constant_values=1.5),
    "pad reflect": lambda tf: tf.pad(f32(tf, [2, 3]), [[0, 1], [2, 0]], "reflect", "n"),
    "pad symmetric": lambda tf: tf.pad(f32(tf, [None, 3]), [[0, 1], [2, 0]], mode="SYMMETRIC"),
    "pad partly known": lambda tf: tf.pad(f32(tf, [2, 3]), [[0, i32(tf, [])], [2, 0]]),
    "fill": lambda tf: tf.fill([2, 3], 1.5),
    "fill of a tensor": lambda tf: tf.fill(tf.shape(f32(tf, [None, 2])), 0),
    "zeros": lambda tf: tf.zeros([2, 3]),
    "zeros ints": lambda tf: tf.zeros([2], tf.int32, name="n"),
    "zeros strings": lambda tf: tf.zeros([2], tf.string),
    "zeros bools": lambda tf: tf.zeros([2], tf.bool),
    "zeros scalar": lambda tf: tf.zeros([]),
    "zeros large": lambda tf: tf.zeros([100, 100]),
    "zeros of a shape": lambda tf: tf.zeros(f32(tf, [2, 3]).shape),
    "zeros of a tensor": lambda tf: tf.zeros(tf.shape(f32(tf, [None, 2]))),
    "zeros of packed": lambda tf: tf.zeros([tf.shape(f32(tf, [None, 2]))[0], 3]),
    "zeros of a scalar tensor": lambda tf: tf.zeros(i32(tf, [])),
    "ones": lambda tf: tf.ones([2, 3], tf.float64),
    "ones large": lambda tf: tf.ones((100, 100), tf.int64, name="n"),
    "ones of packed": lambda tf: tf.ones([i32(tf, []), 3]),
    "zeros_like": lambda tf: tf.zeros_like(f32(tf, [2, 3])),
    "zeros_like unknown": lambda tf: tf.zeros_like(f32(tf, [None, 3])),
    "zeros_like type": lambda tf: tf.zeros_like(f32(tf, [None, 3]), tf.int32, name="n"),
    "zeros_like list": lambda tf: tf.zeros_like([1.0, 2.0]),
    "zeros_like not optimized": lambda tf: tf.zeros_like(f32(tf, [2]), optimize=False),
    "ones_like": lambda tf: tf.ones_like(f32(tf, [2, 3])),
    "ones_like unknown": lambda tf: tf.ones_like(f32(tf, [None, 3]), dtype=tf.int32),
    "eye": lambda tf: tf.eye(3),
    "eye rectangular": lambda tf: tf.eye(2, 3, dtype=tf.float64),
    "eye batch": lambda tf: tf.eye(2, batch_shape=[4]),
    "eye of a tensor": lambda tf: tf.eye(i32(tf, []), 3),
    "one_hot": lambda tf: tf.one_hot(i32(tf, [4]), 3),
    "one_hot values": lambda tf: tf.one_hot(i32(tf, [4]), 3, on_value=5, off_value=-1, axis=0),
    "one_hot type": lambda tf: tf.one_hot([0, 1], 3, dtype=tf.int32, name="n"),
    "one_hot on": lambda tf: tf.one_hot([0, 1], 3, on_value=2.0),
    "one_hot depth": lambda tf: tf.one_hot(i32(tf, [4]), i32(tf, [], "d")),
    "sequence_mask": lambda tf: tf.sequence_mask(i32(tf, [4]), 5),
    "sequence_mask maximum": lambda tf: tf.sequence_mask([1, 3], dtype=tf.float32),
    "meshgrid": lambda tf: tf.meshgrid(f32(tf, [2]), f32(tf, [3], "y")),
    "meshgrid ij": lambda tf: tf.meshgrid([1, 2], [3, 4], [5], indexing="ij"),
    "where": lambda tf: tf.where(bools(tf, [2]), f32(tf, [2]), f32(tf, [2], "y")),
    "where coordinates": lambda tf: tf.where(bools(tf, [2, 3])),
    "where_v2": lambda tf: tf.where_v2(bools(tf, [2]), f32(tf, [3, 1]), 0.0),
    "boolean_mask": lambda tf: tf.boolean_mask(f32(tf, [4, 3]), bools(tf, [4])),
    "boolean_mask matrix": lambda tf: tf.boolean_mask(f32(tf, [4, 3, 2]), bools(tf, [4, 3])),
    "boolean_mask axis": lambda tf: tf.boolean_mask(
        f32(tf, [4, None]), bools(tf, [None]), axis=1, name="n"
    ),
    "reverse": lambda tf: tf.reverse(f32(tf, [2, 3]), [1]),
    "reverse_sequence": lambda tf: tf.reverse_sequence(f32(tf, [2, 3]), [1, 2], seq_axis=1),
    "roll": lambda tf: tf.roll(f32(tf, [2, 3]), 1, 0),
    "broadcast_to": lambda tf: tf.broadcast_to(f32(tf, [3]), [2, 3]),
    "broadcast_dynamic_shape": lambda tf: tf.broadcast_dynamic_shape(
        tf.shape(f32(tf, [None])), [2, 1]
    ),
    "repeat": lambda tf: tf.repeat(f32(tf, [2, 3]), 2, axis=0),
    "repeat each": lambda tf: tf.repeat(f32(tf, [2, 3]), [1, 2], axis=0),
    "repeat each along 1": lambda tf: tf.repeat(f32(tf, [2, 3]), [1, 2, 0], axis=1),
    "repeat flat": lambda tf: tf.repeat(f32(tf, [2, 3]), 2),
    "space_to_batch": lambda tf: tf.space_to_batch(f32(tf, [1, 4, 4, 1]), [[0, 0], [0, 0]], 2),
    "space_to_batch_nd": lambda tf: tf.space_to_batch_nd(f32(tf, [1, 4, 1]), [2], [[0, 0]]),
    "batch_to_space": lambda tf: tf.batch_to_space(f32(tf, [4, 2, 2, 1]), [[0, 0], [0, 0]], 2),
    "required_space_to_batch_paddings": lambda tf: tf.required_space_to_batch_paddings(
        [5, 6], [2, 3]
    ),
    "space_to_depth": lambda tf: tf.space_to_depth(f32(tf, [1, 4, 4, 1]), 2),
    "depth_to_space": lambda tf: tf.depth_to_space(f32(tf, [1, 2, 2, 4]), 2, name="n"),
    "matrix_band_part": lambda tf: tf.matrix_band_part(f32(tf, [2, 3]), -1, 0),
    "diag": lambda tf: tf.diag(f32(tf, [3])),
    "diag_part": lambda tf: tf.diag_part(f32(tf, [3, 3])),
    "matrix_diag": lambda tf: tf.matrix_diag(f32(tf, [2, 3])),
    "matrix_diag_part": lambda tf: tf.matrix_diag_part(f32(tf, [2, 3, 3])),
    "matrix_set_diag": lambda tf: tf.matrix_set_diag(f32(tf, [3, 3]), f32(tf, [3], "d")),
    "invert_permutation": lambda tf: tf.invert_permutation(i32(tf, [3])),
    "unique": lambda tf: tf.unique(i32(tf, [3])),
    "unique_with_counts": lambda tf: tf.unique_with_counts(i32(tf, [3]), tf.int64),
    "setdiff1d": lambda tf: tf.setdiff1d(i32(tf, [3]), [1]),
    "dynamic_partition": lambda tf: tf.dynamic_partition(f32(tf, [3]), [0, 1, 0], 2),
    "dynamic_stitch": lambda tf: tf.dynamic_stitch([[0], [1]], [f32(tf, [1]), [2.0]]),
    "bitcast": lambda tf: tf.bitcast(f32(tf, [2]), tf.int32),
    "unravel_index": lambda tf: tf.unravel_index(i32(tf, [3]), [2, 2]),
    "searchsorted": lambda tf: tf.searchsorted(f32(tf, [2, 3]), f32(tf, [2, 4], "y")),
    "sort": lambda tf: tf.sort(f32(tf, [2, 3])),
    "sort ints descending": lambda tf: tf.sort(i32(tf, [2, 3]), direction="DESCENDING"),
    "sort ints": lambda tf: tf.sort(i32(tf, [2, 3]), axis=0),
    "argsort": lambda tf: tf.argsort(f32(tf, [None, 3]), axis=0),
    "check_numerics": lambda tf: tf.check_numerics(f32(tf, [2]), "bad"),
}

MATRICES: dict[str, Snippet] = {
    "matvec": lambda tf: tf.linalg.matvec(f32(tf, [2, 3]), f32(tf, [3], "y")),
    "trace": lambda tf: tf.trace(f32(tf, [3, 3])),
    "norm": lambda tf: tf.norm(f32(tf, [2, 3])),
    "norm 1": lambda tf: tf.norm(f32(tf, [2, 3]), ord=1, axis=1),
    "norm infinity": lambda tf: tf.norm(f32(tf, [2, 3]), ord=np.inf, axis=[0, 1]),
    "norm 3": lambda tf: tf.norm(f32(tf, [2, 3]), ord=3, axis=-1, keepdims=True),
    "normalize": lambda tf: tf.linalg.normalize(f32(tf, [2, 3]), axis=1),
    "l2_normalize": lambda tf: tf.nn.l2_normalize(f32(tf, [2, 3]), 1),
    "l2_normalize complex": lambda tf: tf.math.l2_normalize(c64(tf, [2]), dim=0),
    "svd": lambda tf: tf.svd(f32(tf, [2, 3])),
    "self_adjoint_eig": lambda tf: tf.self_adjoint_eig(f32(tf, [3, 3])),
    "cholesky": lambda tf: tf.cholesky(f32(tf, [3, 3])),
    "cholesky_solve": lambda tf: tf.cholesky_solve(f32(tf, [3, 3]), f32(tf, [3, 1], "y")),
    "triangular_solve": lambda tf: tf.matrix_triangular_solve(
        f32(tf, [3, 3]), f32(tf, [3, 1], "y"), lower=False
    ),
    "matrix_inverse": lambda tf: tf.matrix_inverse(f32(tf, [3, 3])),
    "matrix_determinant": lambda tf: tf.linalg.det(f32(tf, [3, 3])),
    "adjoint": lambda tf: tf.linalg.adjoint(c64(tf, [2, 3])),
    "tensordot": lambda tf: tf.tensordot(f32(tf, [2, 3]), f32(tf, [3, 4], "y"), 1),
    "tensordot axes": lambda tf: tf.tensordot(
        f32(tf, [2, 3, 4]), f32(tf, [4, 3, 5], "y"), [[1, 2], [1, 0]]
    ),
    "tensordot partly known": lambda tf: tf.tensordot(
        f32(tf, [None, 3, 4]), f32(tf, [4, 5], "y"), axes=[[2], [0]]
    ),
    "tensordot unknown": lambda tf: tf.tensordot(f32(tf), f32(tf, [4, 5], "y"), 1),
    "einsum": lambda tf: tf.einsum("ij,jk->ik", f32(tf, [2, 3]), f32(tf, [3, 4], "y")),
    "einsum implicit": lambda tf: tf.einsum("ij,jk", f32(tf, [2, 3]), f32(tf, [3, 4], "y")),
    "einsum one": lambda tf: tf.einsum("ij->ji", f32(tf, [2, 3]), name="n"),
    "einsum ellipsis": lambda tf: tf.einsum(
        "...ij,jk->...ik", f32(tf, [5, 2, 3]), f32(tf, [3, 4], "y")
    ),
    "einsum three": lambda tf: tf.einsum(
        "ij,jk,kl->il", f32(tf, [2, 3]), f32(tf, [3, 40], "y"), f32(tf, [40, 5], "z")
    ),
}

NN: dict[str, Snippet] = {
    "relu": lambda tf: tf.nn.relu(f32(tf, [2])),
    "relu named": lambda tf: tf.nn.relu([1.0], name="r"),
    "relu6": lambda tf: tf.nn.relu6(f32(tf, [2])),
    "elu": lambda tf: tf.nn.elu(f32(tf, [2])),
    "selu": lambda tf: tf.nn.selu(f32(tf, [2])),
    "leaky_relu": lambda tf: tf.nn.leaky_relu(f32(tf, [2])),
    "leaky_relu ints": lambda tf: tf.nn.leaky_relu(i32(tf, [2]), 0.1, name="n"),
    "crelu": lambda tf: tf.nn.crelu(f32(tf, [2])),
    "swish": lambda tf: tf.nn.swish(f32(tf, [2])),
    "softplus": lambda tf: tf.nn.softplus(f32(tf, [2])),
    "softsign": lambda tf: tf.nn.softsign(f32(tf, [2])),
    "sigmoid": lambda tf: tf.nn.sigmoid(f32(tf, [2])),
    "tanh": lambda tf: tf.nn.tanh(f32(tf, [2])),
    "softmax": lambda tf: tf.nn.softmax(f32(tf, [2, 3])),
    "softmax named": lambda tf: tf.nn.softmax(f32(tf, [None, 3]), name="probabilities"),
    "softmax of axis 0": lambda tf: tf.nn.softmax(f32(tf, [2, 3]), axis=0),
    "softmax of a negative axis": lambda tf: tf.nn.softmax(f32(tf, [2, 3, 4]), dim=-2, name="n"),
    "log_softmax": lambda tf: tf.nn.log_softmax(f32(tf, [2, 3])),
    "bias_add": lambda tf: tf.nn.bias_add(f32(tf, [2, 3]), f32(tf, [3], "b")),
    "bias_add NCHW": lambda tf: tf.nn.bias_add(
        f32(tf, [2, 3, 4, 5]), [1.0, 2.0, 3.0], data_format="NCHW"
    ),
    "xw_plus_b": lambda tf: tf.nn.xw_plus_b(f32(tf, [2, 3]), f32(tf, [3, 4], "w"), [0.0] * 4),
    "relu_layer": lambda tf: tf.nn.relu_layer(f32(tf, [2, 3]), f32(tf, [3, 4], "w"), [0.0] * 4),
    "embedding_lookup": lambda tf: tf.nn.embedding_lookup(f32(tf, [10, 4]), i32(tf, [None])),
    "embedding_lookup limited": lambda tf: tf.nn.embedding_lookup(
        f32(tf, [10, 4]), [1, 2], max_norm=1.0, name="n"
    ),
    "embedding_lookup scalar": lambda tf: tf.nn.embedding_lookup(f32(tf, [10, 4]), 3, max_norm=1.0),
    "embedding_lookup unknown": lambda tf: tf.nn.embedding_lookup(f32(tf), i32(tf), max_norm=1.0),
    "embedding_lookup beside": lambda tf: within(
        tf.colocate_with(f32(tf, [1], "c").op),
        lambda: tf.nn.embedding_lookup(f32(tf, [10, 4]), [1, 2]),
    ),
    "embedding_lookup tuple": lambda tf: tf.nn.embedding_lookup(tables(tf, 3, 3), [1]),
    "embedding_lookup mod": lambda tf: tf.nn.embedding_lookup(
        [*tables(tf, 3, 2)], i32(tf, [None, 2])
    ),
    "embedding_lookup mod limited": lambda tf: tf.nn.embedding_lookup(
        [*tables(tf, 3, 2)], i64(tf, [2]), "mod", "n", True, 1.0
    ),
    "embedding_lookup mod unknown": lambda tf: tf.nn.embedding_lookup(
        [f32(tf, [3, None]), f32(tf, [None, None], "y")], i32(tf), max_norm=1.0
    ),
    "embedding_lookup div": lambda tf: tf.nn.embedding_lookup(
        [*tables(tf, 3, 2)], i32(tf, [None, 2]), partition_strategy="div"
    ),
    "embedding_lookup div unknown": lambda tf: tf.nn.embedding_lookup(
        [*tables(tf, 3, None)], i64(tf, [4]), "div", name="n"
    ),
    "embedding_lookup on devices": lambda tf: within(
        tf.device("/cpu:1"), lambda: tf.nn.embedding_lookup([*tables(tf, 3, 2)], [1, 2])
    ),
    "dropout": lambda tf: tf.nn.dropout(f32(tf, [2, 3]), rate=0.25),
    "dropout kept": lambda tf: tf.nn.dropout(f32(tf, [2, None]), 0.75, seed=3, name="n"),
    "dropout none": lambda tf: (
        tf.nn.dropout(f32(tf, [2]), rate=0.0),
        tf.nn.dropout(f32(tf, [2], "y"), rate=0.5),
    ),
    "dropout seeded": lambda tf: (
        tf.set_random_seed(5),
        tf.nn.dropout(f32(tf, [2]), rate=0),
        tf.nn.dropout(f32(tf, [2], "y"), rate=0.5),
    )[:0],
    "dropout of a tensor": lambda tf: tf.nn.dropout(f32(tf, [2, 3]), rate=f32(tf, [], "r")),
    "dropout kept by a tensor": lambda tf: tf.nn.dropout(f32(tf), f32(tf, [], "k")),
    "dropout of a double": lambda tf: tf.nn.dropout(
        tf.placeholder(tf.float64, [2]), rate=tf.constant(0.5, tf.float64)
    ),
    "dropout noise": lambda tf: tf.nn.dropout(
        f32(tf, [2, 3]), rate=0.5, noise_shape=[None, 1], seed=1
    ),
    "dropout noise unknown": lambda tf: tf.nn.dropout(
        f32(tf), rate=0.5, noise_shape=i32(tf, [2]), seed=1
    ),
    "dropout noise of another rank": lambda tf: tf.nn.dropout(
        f32(tf, [2, 3]), rate=0.5, noise_shape=[3]
    ),
    "dropout of a list": lambda tf: tf.nn.dropout([1.0, 2.0], rate=0.5),
    "dropout of a half": lambda tf: tf.nn.dropout(tf.placeholder(tf.float16, [2]), rate=0.5),
    "l2_loss": lambda tf: tf.nn.l2_loss(f32(tf, [2, 3])),
    "lrn": lambda tf: tf.nn.lrn(f32(tf, [1, 4, 4, 3]), depth_radius=2, bias=0.5),
    "local_response_normalization": lambda tf: tf.nn.local_response_normalization(
        f32(tf, [1, 4, 4, 3]), 2, 1.0, 0.5, 0.75
    ),
    "top_k": lambda tf: tf.nn.top_k(f32(tf, [2, 5]), 3),
    "in_top_k": lambda tf: tf.nn.in_top_k(f32(tf, [2, 5]), i32(tf, [2]), 3),
    "zero_fraction": lambda tf: tf.nn.zero_fraction(f32(tf, [2, 3])),
    "moments": lambda tf: tf.nn.moments(f32(tf, [2, 3]), [0]),
    "moments kept": lambda tf: tf.nn.moments(f32(tf, [2, 3]), [0], keep_dims=True, name="n"),
    "moments half": lambda tf: tf.nn.moments(tf.placeholder(tf.float16, [2, 3]), [0, 1]),
    "weighted_moments": lambda tf: tf.nn.weighted_moments(f32(tf, [2, 3]), [0], [[1.0], [2.0]]),
    "sufficient_statistics": lambda tf: tf.nn.sufficient_statistics(f32(tf, [2, 3]), [0]),
    "sufficient_statistics unknown": lambda tf: tf.nn.sufficient_statistics(
        f32(tf, [None, 3]), [0], shift=1.0
    ),
    "normalize_moments": lambda tf: tf.nn.normalize_moments(
        f32(tf, [], "n"), f32(tf, [3]), f32(tf, [3], "y"), None
    ),
    "batch_normalization": lambda tf: tf.nn.batch_normalization(
        f32(tf, [2, 3]), [0.0] * 3 + f32(tf, [3], "m"), f32(tf, [3], "v"), 0.5, 2.0, 1e-3
    ),
    "batch_normalization plain": lambda tf: tf.nn.batch_normalization(
        f32(tf, [2, 3]), f32(tf, [3], "m"), f32(tf, [3], "v"), None, None, 1e-3, name="n"
    ),
    "batch_norm_with_global_normalization": (
        lambda tf: tf.nn.batch_norm_with_global_normalization(
            f32(tf, [2, 3]),
            f32(tf, [3], "m"),
            f32(tf, [3], "v"),
            f32(tf, [3], "b"),
            f32(tf, [3], "g"),
            1e-3,
            True,
        )
    ),
    "fused_batch_norm": lambda tf: tf.nn.fused_batch_norm(
        f32(tf, [1, 4, 4, 2]), [1.0, 1.0], [0.0, 0.0]
    ),
    "fused_batch_norm inference": lambda tf: tf.nn.fused_batch_norm(
        f32(tf, [1, 4, 4, 2]),
        f32(tf, [2], "s"),
        f32(tf, [2], "o"),
        f32(tf, [2], "m"),
        f32(tf, [2], "v"),
        is_training=False,
        name="n",
    ),
    "softmax_cross_entropy": lambda tf: tf.nn.softmax_cross_entropy_with_logits(
        labels=f32(tf, [2, 3], "l"), logits=f32(tf, [2, 3])
    ),
    "softmax_cross_entropy_v2": lambda tf: tf.nn.softmax_cross_entropy_with_logits_v2(
        labels=f32(tf, [None, 3], "l"), logits=f32(tf, [None, 3]), name="n"
    ),
    "softmax_cross_entropy_v2 of 3 dimensions": (
        lambda tf: tf.nn.softmax_cross_entropy_with_logits_v2(
            labels=f32(tf, [2, 3, 4], "l"), logits=f32(tf, [2, 3, 4]), axis=1
        )
    ),
    "softmax_cross_entropy_v2 half": lambda tf: tf.nn.softmax_cross_entropy_with_logits_v2(
        f32(tf, [2, 3], "l"), tf.placeholder(tf.float16, [2, 3])
    ),
    "sparse_softmax_cross_entropy": lambda tf: tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=i32(tf, [None]), logits=f32(tf, [None, 3])
    ),
    "sparse_softmax_cross_entropy of 3 dimensions": (
        lambda tf: tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=i32(tf, [2, 4]), logits=f32(tf, [2, 4, 3]), name="n"
        )
    ),
    "sparse_softmax_cross_entropy partly known": (
        lambda tf: tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=i32(tf, [None, 4]), logits=f32(tf, [None, 4, 3])
        )
    ),
    "sigmoid_cross_entropy": lambda tf: tf.nn.sigmoid_cross_entropy_with_logits(
        labels=f32(tf, [2], "l"), logits=f32(tf, [2])
    ),
    "weighted_cross_entropy": lambda tf: tf.nn.weighted_cross_entropy_with_logits(
        labels=f32(tf, [2], "l"), logits=f32(tf, [2]), pos_weight=2.0
    ),
    "log_poisson_loss": lambda tf: tf.nn.log_poisson_loss(f32(tf, [2]), f32(tf, [2], "y"), True),
}

WINDOWS: dict[str, Snippet] = {
    "conv2d": lambda tf: tf.nn.conv2d(
        f32(tf, [None, 8, 8, 3]), f32(tf, [3, 3, 3, 16], "w"), [1, 2, 2, 1], "SAME"
    ),
    "conv2d one stride": lambda tf: tf.nn.conv2d(
        f32(tf, [1, 8, 8, 3]), f32(tf, [3, 3, 3, 16], "w"), 2, "VALID", name="n"
    ),
    "conv2d explicit": lambda tf: tf.nn.conv2d(
        f32(tf, [1, 8, 8, 3]),
        filters=f32(tf, [3, 3, 3, 16], "w"),
        strides=[1, 1],
        padding=[[0, 0], [1, 2], [0, 1], [0, 0]],
        dilations=[1, 2],
    ),
    "conv2d NCHW": lambda tf: tf.nn.conv2d(
        f32(tf, [1, 3, 8, 8]), f32(tf, [3, 3, 3, 16], "w"), [1, 1, 1, 1], "SAME", data_format="NCHW"
    ),
    "conv2d of 5 dimensions": lambda tf: tf.nn.conv2d(
        f32(tf, [2, None, 8, 8, 3]), f32(tf, [3, 3, 3, 16], "w"), 1, "SAME"
    ),
    "conv1d": lambda tf: tf.nn.conv1d(f32(tf, [1, 8, 3]), f32(tf, [3, 3, 4], "w"), 2, "SAME"),
    "conv3d": lambda tf: tf.nn.conv3d(
        f32(tf, [1, 4, 8, 8, 3]), f32(tf, [3, 3, 3, 3, 4], "w"), [1, 1, 2, 2, 1], "VALID"
    ),
    "convolution": lambda tf: tf.nn.convolution(
        f32(tf, [1, 8, 8, 3]), f32(tf, [3, 3, 3, 4], "w"), "SAME"
    ),
    "convolution 1": lambda tf: tf.nn.convolution(
        f32(tf, [1, 8, 3]), f32(tf, [3, 3, 4], "w"), "VALID", [2], name="n"
    ),
    "convolution 3": lambda tf: tf.nn.convolution(
        f32(tf, [1, 8, 8, 8, 3]), f32(tf, [3, 3, 3, 3, 4], "w"), "VALID"
    ),
    "convolution dilated": lambda tf: tf.nn.convolution(
        f32(tf, [1, 8, 8, 3]), f32(tf, [3, 3, 3, 4], "w"), "SAME", dilation_rate=[2, 2]
    ),
    "convolution dilated, unknown": lambda tf: tf.nn.convolution(
        f32(tf, [None, None, 8, 3]), f32(tf, [3, 3, 3, 4], "w"), "VALID", dilation_rate=[2, 3]
    ),
    "atrous_conv2d": lambda tf: tf.nn.atrous_conv2d(
        f32(tf, [1, 8, 8, 3]), f32(tf, [3, 3, 3, 4], "w"), 2, "VALID"
    ),
    "depthwise_conv2d": lambda tf: tf.nn.depthwise_conv2d(
        f32(tf, [1, 8, 8, 3]), f32(tf, [3, 3, 3, 2], "w"), [1, 1, 1, 1], "SAME"
    ),
    "depthwise_conv2d dilated": lambda tf: tf.nn.depthwise_conv2d(
        f32(tf, [1, 8, 8, 3]), f32(tf, [3, 3, 3, 2], "w"), [1, 1, 1, 1], "SAME", rate=[2, 2]
    ),
    "depthwise_conv2d_native": lambda tf: tf.nn.depthwise_conv2d_native(
        f32(tf, [1, 8, 8, 3]), f32(tf, [3, 3, 3, 2], "w"), [1, 2, 2, 1], "VALID"
    ),
    "separable_conv2d": lambda tf: tf.nn.separable_conv2d(
        f32(tf, [1, 8, 8, 3]),
        f32(tf, [3, 3, 3, 2], "w"),
        f32(tf, [1, 1, 6, 4], "p"),
        [1, 1, 1, 1],
        "SAME",
    ),
    "conv2d_transpose": lambda tf: tf.nn.conv2d_transpose(
        f32(tf, [1, 4, 4, 8]), f32(tf, [3, 3, 3, 8], "w"), [1, 8, 8, 3], [1, 2, 2, 1]
    ),
    "conv2d_transpose of a shape": lambda tf: tf.nn.conv2d_transpose(
        f32(tf, [None, 4, 4, 8]),
        f32(tf, [3, 3, 3, 8], "w"),
        [tf.shape(f32(tf, [None], "s"))[0], 8, 8, 3],
        2,
        name="n",
    ),
    "conv1d_transpose": lambda tf: tf.nn.conv1d_transpose(
        f32(tf, [1, 4, 8]), f32(tf, [3, 3, 8], "w"), [1, 8, 3], 2
    ),
    "conv3d_transpose": lambda tf: tf.nn.conv3d_transpose(
        f32(tf, [1, 4, 4, 4, 8]), f32(tf, [3, 3, 3, 3, 8], "w"), [1, 8, 8, 8, 3], [1, 2, 2, 2, 1]
    ),
    "conv_transpose": lambda tf: tf.nn.conv_transpose(
        f32(tf, [1, 4, 4, 8]), f32(tf, [3, 3, 3, 8], "w"), [1, 8, 8, 3], 2
    ),
    "conv2d_backprop_input": lambda tf: tf.nn.conv2d_backprop_input(
        [1, 8, 8, 3], f32(tf, [3, 3, 3, 8], "w"), f32(tf, [1, 8, 8, 8]), [1, 1, 1, 1], "SAME"
    ),
    "conv2d_backprop_filter": lambda tf: tf.nn.conv2d_backprop_filter(
        f32(tf, [1, 8, 8, 3]), [3, 3, 3, 8], f32(tf, [1, 8, 8, 8], "y"), [1, 1, 1, 1], "SAME"
    ),
    "max_pool": lambda tf: tf.nn.max_pool(
        f32(tf, [None, 8, 8, 3]), [1, 2, 2, 1], [1, 2, 2, 1], "SAME"
    ),
    "max_pool explicit": lambda tf: tf.nn.max_pool(
        f32(tf, [1, 8, 8, 3]), 3, 2, [[0, 0], [1, 1], [1, 1], [0, 0]], name="n"
    ),
    "max_pool1d": lambda tf: tf.nn.max_pool1d(f32(tf, [1, 8, 3]), 2, 2, "VALID"),
    "max_pool2d": lambda tf: tf.nn.max_pool2d(f32(tf, [1, 8, 8, 3]), 2, 2, "VALID"),
    "max_pool3d": lambda tf: tf.nn.max_pool3d(f32(tf, [1, 8, 8, 8, 3]), 2, 2, "VALID"),
    "max_pool_v2": lambda tf: tf.nn.max_pool_v2(f32(tf, [1, 8, 8, 3]), 2, 2, "VALID"),
    "max_pool_with_argmax": lambda tf: tf.nn.max_pool_with_argmax(
        f32(tf, [1, 8, 8, 3]), [1, 2, 2, 1], [1, 2, 2, 1], "VALID"
    ),
    "avg_pool": lambda tf: tf.nn.avg_pool(
        f32(tf, [None, 8, 8, 3]), [1, 2, 2, 1], [1, 2, 2, 1], "VALID", name="n"
    ),
    "avg_pool1d": lambda tf: tf.nn.avg_pool1d(f32(tf, [1, 8, 3]), 2, 2, "VALID"),
    "avg_pool3d": lambda tf: tf.nn.avg_pool3d(f32(tf, [1, 8, 8, 8, 3]), 2, 2, "SAME"),
    "avg_pool_v2": lambda tf: tf.nn.avg_pool_v2(f32(tf, [1, 8, 8, 3]), 2, 2, "VALID"),
    "pool": lambda tf: tf.nn.pool(f32(tf, [1, 8, 8, 3]), [2, 2], "AVG", "SAME"),
    "pool 1": lambda tf: tf.nn.pool(f32(tf, [1, 8, 3]), [2], "MAX", "VALID", strides=[2]),
    "pool dilated": lambda tf: tf.nn.pool(
        f32(tf, [1, 8, 8, 3]), [2, 2], "MAX", "VALID", dilation_rate=[2, 2]
    ),
}

CHECKS: dict[str, Snippet] = {
    "Assert": lambda tf: tf.Assert(bools(tf, []), ["message", i32(tf, [2])]),
    "Assert floats": lambda tf: tf.Assert(bools(tf, []), [f32(tf, [2])], name="n"),
    "assert_equal": lambda tf: tf.assert_equal(i32(tf, [2]), 1),
    "assert_equal same": lambda tf: (lambda x: tf.assert_equal(x, x))(i32(tf, [2])),
    "assert_less": lambda tf: tf.assert_less(i32(tf, [2]), 1, message="too large"),
    "assert_greater_equal": lambda tf: tf.debugging.assert_greater_equal(i32(tf, [2]), 1),
    "assert_none_equal": lambda tf: tf.assert_none_equal(i32(tf, [2]), 1, data=["a"], name="n"),
    "assert_equal known": lambda tf: tf.assert_equal([1, 2], [1, 2]),
    "assert_positive": lambda tf: tf.assert_positive(i32(tf, [2])),
    "assert_non_negative": lambda tf: tf.assert_non_negative(i32(tf, [2]), summarize=3),
    "assert_negative": lambda tf: tf.assert_negative(i32(tf, [2])),
    "assert_non_positive": lambda tf: tf.assert_non_positive(i32(tf, [2])),
    "assert_near": lambda tf: tf.assert_near(f32(tf, [2]), 1.0),
    "assert_rank": lambda tf: tf.assert_rank(f32(tf, [2, 3]), 2),
    "assert_rank unknown": lambda tf: tf.assert_rank(f32(tf), 2),
    "assert_rank of a tensor": lambda tf: tf.assert_rank(f32(tf, [2, 3]), i32(tf)),
    "assert_rank_at_least": lambda tf: tf.assert_rank_at_least(f32(tf), 2, message="m"),
    "assert_rank_in": lambda tf: tf.assert_rank_in(f32(tf), (2, 3)),
    "assert_rank_in known": lambda tf: tf.assert_rank_in(f32(tf, [2, 3]), (2, 3)),
    "assert_scalar": lambda tf: tf.assert_scalar(f32(tf, [])),
    "assert_scalar number": lambda tf: tf.assert_scalar(3),
    "assert_type": lambda tf: tf.assert_type(f32(tf, [2]), tf.float32),
    "assert_integer": lambda tf: tf.assert_integer(i32(tf, [2])),
    "verify_tensor_all_finite": lambda tf: tf.verify_tensor_all_finite(f32(tf, [2]), "bad"),
}

FAMILIES = {
    "operators": OPERATORS,
    "slices": SLICES,
    "framework": FRAMEWORK,
    "math": MATH,
    "reductions": REDUCTIONS,
    "arrays": ARRAYS,
    "matrices": MATRICES,
    "nn": NN,
    "windows": WINDOWS,
    "checks": CHECKS,
}

SNIPPETS: dict[str, Snippet] = {
    f"{family}: {name}": snippet
    for family, snippets in FAMILIES.items()
    for name, snippet in snippets.items()
}

#: What must fail while the graph is built.
ERRORS: dict[str, Snippet] = {
    "add float to ints": lambda tf: i32(tf, [2]) + 1.5,
    "multiply ints by float": lambda tf: i32(tf, [2]) * 1.5,
    "float minus ints": lambda tf: 1.5 - i32(tf, [2]),
    "add other type": lambda tf: f32(tf, [2]) + i32(tf, [2]),
    "subtract other type": lambda tf: f32(tf, [2]) - i32(tf, [2]),
    "add None": lambda tf: f32(tf, [2]) + None,
    "add string": lambda tf: f32(tf, [2]) + "a",
    "add shapes": lambda tf: f32(tf, [2]) + f32(tf, [3], "y"),
    "divide other type": lambda tf: f32(tf, [2]) / i32(tf, [2]),
    "divide strings": lambda tf: tf.placeholder(tf.string, [2]) / "a",
    "and floats": lambda tf: f32(tf, [2]) & 1,
    "negate bools": lambda tf: -bools(tf, [2]),
    "compare with string": lambda tf: f32(tf, [2]) < "a",
    "matmul inner": lambda tf: f32(tf, [2, 3]) @ f32(tf, [2, 3], "y"),
    "matmul rank": lambda tf: tf.matmul(f32(tf, [3]), f32(tf, [3, 2], "y")),
    "matmul both": lambda tf: tf.matmul([[1.0]], [[1.0]], transpose_a=True, adjoint_a=True),
    "truth value": lambda tf: bool(f32(tf, []) > 1),
    "iterate": lambda tf: list(f32(tf, [2])),
    "index float": lambda tf: f32(tf, [2])[1.0],
    "index string": lambda tf: f32(tf, [2])["a"],
    "index vector": lambda tf: f32(tf, [2])[i32(tf, [2])],
    "index too many": lambda tf: f32(tf, [2])[0, 0],
    "index out of range": lambda tf: f32(tf, [2])[2],
    "mask scalar": lambda tf: f32(tf, [2])[True],
    "mask shape": lambda tf: tf.boolean_mask(f32(tf, [2]), bools(tf, [3])),
    "constant None": lambda tf: tf.constant(None),
    "constant too long": lambda tf: tf.constant([1, 2, 3], shape=[2]),
    "constant float as int": lambda tf: tf.constant(1.5, tf.int32),
    "constant ragged": lambda tf: tf.constant([[1], [2, 3]]),
    "convert tensor to other type": lambda tf: tf.convert_to_tensor(f32(tf, [2]), tf.int32),
    "cast to nothing": lambda tf: tf.cast(f32(tf, [2]), "nothing"),
    "reshape size": lambda tf: tf.reshape(f32(tf, [2, 3]), [4]),
    "squeeze size": lambda tf: tf.squeeze(f32(tf, [2, 3]), [0]),
    "expand_dims without axis": lambda tf: tf.expand_dims(f32(tf, [2])),
    "concat shapes": lambda tf: tf.concat([f32(tf, [2, 3]), f32(tf, [2, 4], "y")], 0),
    "stack shapes": lambda tf: tf.stack([f32(tf, [2]), f32(tf, [3], "y")]),
    "stack axis": lambda tf: tf.stack([f32(tf, [2])], axis=3),
    "unstack unknown": lambda tf: tf.unstack(f32(tf, [None])),
    "split uneven": lambda tf: tf.split(f32(tf, [5]), 2),
    "transpose perm": lambda tf: tf.transpose(f32(tf, [2, 3]), [0, 1, 2]),
    "reduce axis": lambda tf: tf.reduce_sum(f32(tf, [2, 3]), 2),
    "reduce both names": lambda tf: tf.reduce_sum(f32(tf, [2, 3]), 1, reduction_indices=1),
    "argmax both names": lambda tf: tf.argmax(f32(tf, [2]), axis=0, dimension=0),
    "gather axis": lambda tf: tf.gather(f32(tf, [2]), [0], axis=1),
    "one_hot types": lambda tf: tf.one_hot([0], 2, on_value=1.0, dtype=tf.int32),
    "pad mode": lambda tf: tf.pad(f32(tf, [2]), [[0, 0]], "EDGE"),
    "where one": lambda tf: tf.where(bools(tf, [2]), f32(tf, [2])),
    "add_n nothing": lambda tf: tf.add_n([]),
    "conv2d channels": lambda tf: tf.nn.conv2d(
        f32(tf, [1, 8, 8, 3]), f32(tf, [3, 3, 4, 8], "w"), 1, "SAME"
    ),
    "conv2d padding": lambda tf: tf.nn.conv2d(
        f32(tf, [1, 8, 8, 3]), f32(tf, [3, 3, 3, 8], "w"), 1, "OTHER"
    ),
    "conv2d strides": lambda tf: tf.nn.conv2d(
        f32(tf, [1, 8, 8, 3]), f32(tf, [3, 3, 3, 8], "w"), [1, 2, 3], "SAME"
    ),
    "cross entropy shapes": lambda tf: tf.nn.sigmoid_cross_entropy_with_logits(
        labels=f32(tf, [2], "l"), logits=f32(tf, [3])
    ),
    "cross entropy without labels": lambda tf: tf.nn.softmax_cross_entropy_with_logits(
        logits=f32(tf, [2, 3])
    ),
    "sparse cross entropy ranks": lambda tf: tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=i32(tf, [2, 3]), logits=f32(tf, [2, 3])
    ),
    "embedding_lookup without tables": lambda tf: tf.nn.embedding_lookup([], [1]),
    "embedding_lookup of nothing": lambda tf: tf.nn.embedding_lookup(None, [1]),
    "embedding_lookup strategy": lambda tf: tf.nn.embedding_lookup([*tables(tf, 3, 2)], [1], "by"),
    "embedding_lookup rows": lambda tf: tf.nn.embedding_lookup(
        [f32(tf, [3, 4]), f32(tf, [3, 5], "y")], [1]
    ),
    "embedding_lookup ids": lambda tf: tf.nn.embedding_lookup([*tables(tf, 3, 2)], [1.0]),
    "dropout without a rate": lambda tf: tf.nn.dropout(f32(tf, [2])),
    "dropout twice": lambda tf: tf.nn.dropout(f32(tf, [2]), 0.5, rate=0.5),
    "dropout of all": lambda tf: tf.nn.dropout(f32(tf, [2]), rate=1.0),
    "dropout of less than nothing": lambda tf: tf.nn.dropout(f32(tf, [2]), 1.5),
    "dropout of integers": lambda tf: tf.nn.dropout(i32(tf, [2]), rate=0.5),
    "dropout keep_prob": lambda tf: tf.nn.dropout(f32(tf, [2]), "half"),
    "dropout rate": lambda tf: tf.nn.dropout(f32(tf, [2]), rate="half"),
    "dropout rate of rank 1": lambda tf: tf.nn.dropout(f32(tf, [2]), rate=f32(tf, [1], "r")),
    "dropout rate type": lambda tf: tf.nn.dropout(f32(tf, [2]), rate=i32(tf, [])),
    "dropout noise_shape": lambda tf: tf.nn.dropout(f32(tf, [2]), rate=0.5, noise_shape=[3]),
    "dropout noise_shape text": lambda tf: tf.nn.dropout(f32(tf, [2]), rate=0.5, noise_shape="x"),
    "name": lambda tf: tf.constant(1, name="a b"),
    "scope name": lambda tf: within(tf.name_scope("_a"), lambda: tf.constant(1)),
    "scope default": lambda tf: within(tf.name_scope(None, [1]), lambda: tf.constant(1)),
    "scope without name": lambda tf: within(
        tf.name_scope(None, None, [f32(tf, [2])]), lambda: tf.constant(1)
    ),
    "group number": lambda tf: tf.group(1),
    "tuple nothing": lambda tf: tf.tuple([None]),
    "assert_equal known": lambda tf: tf.assert_equal(1, 2, message="m"),
    "assert_rank known": lambda tf: tf.assert_rank(f32(tf, [2, 3]), 1),
    "assert_type": lambda tf: tf.assert_type(f32(tf, [2]), tf.int32),
    "assert_scalar": lambda tf: tf.assert_scalar(f32(tf, [2])),
    "einsum inputs": lambda tf: tf.einsum("ij,jk->ik", f32(tf, [2, 3])),
    "einsum shapes": lambda tf: tf.einsum("ij,jk->ik", f32(tf, [2, 3]), f32(tf, [2, 3], "y")),
    "other graph": lambda tf: (
        f32(tf, [2]) + within(tf.Graph().as_default(), lambda: tf.constant(1.0))
    ),
}
