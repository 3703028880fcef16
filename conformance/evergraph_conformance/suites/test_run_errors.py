"""What goes wrong when a graph is run, or built: TensorFlow's errors, naming the node."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, normalised, raises, row, typed


def uses(*ops):
    return pytest.mark.uses(*ops)


def fed(tf, value, shape=None):
    """A placeholder of that value's type, and the value; its static shape is open."""
    value = np.asarray(value)
    if value.dtype == np.float64:
        value = value.astype(np.float32)
    elif value.dtype == np.int64:
        value = value.astype(np.int32)
    return tf.placeholder(value.dtype, shape), value


def built(tf, build, *values):
    """Build with placeholders for the values; return what to fetch, and the feeds."""
    pairs = [fed(tf, v) for v in values]
    return build(tf, *[p for p, _ in pairs]), dict(pairs)


def invalid(text):
    return exact("InvalidArgumentError", text)


AT_RUN = [
    row(
        "a sum of shapes that would broadcast",
        lambda tf, x, y: tf.add_n([x, y]),
        ([1.0, 2.0], [3.0]),
        typed("InvalidArgumentError"),
        marks=uses("AddN"),
    ),
    row(
        "168 int division by zero",
        lambda tf, x, y: tf.floordiv(x, y),
        ([1, 2], [1, 0]),
        invalid("Integer division by zero"),
        marks=uses("FloorDiv"),
    ),
    row(
        "169 int mod by zero",
        lambda tf, x, y: tf.floormod(x, y),
        ([1, 2], 0),
        invalid("Integer division by zero"),
        marks=uses("FloorMod"),
    ),
    row(
        "truncated division by zero",
        lambda tf, x, y: tf.truncatediv(x, y),
        ([1, 2], [1, 0]),
        invalid("Integer division by zero"),
        marks=uses("TruncateDiv"),
    ),
    row(
        "truncated mod by zero",
        lambda tf, x, y: tf.truncatemod(x, y),
        ([1, 2], [1, 0]),
        invalid("Integer division by zero"),
        marks=uses("TruncateMod"),
    ),
    row(
        "170 matmul",
        lambda tf, x, y: tf.matmul(x, y),
        (np.ones((2, 3)), np.ones((2, 3))),
        core("InvalidArgumentError", "Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3]"),
        marks=uses("MatMul"),
    ),
    row(
        "172 broadcast",
        lambda tf, x, y: tf.add(x, y),
        (np.ones(3), np.ones(2)),
        invalid("Incompatible shapes: [3] vs. [2]"),
        marks=uses("AddV2"),
    ),
    row(
        "172 broadcast of matrices",
        lambda tf, x, y: tf.multiply(x, y),
        (np.ones((2, 3)), np.ones((4, 1, 2))),
        invalid("Incompatible shapes: [2,3] vs. [4,1,2]"),
        marks=uses("Mul"),
    ),
    row(
        "175 gather",
        lambda tf, i: tf.gather(tf.constant([1.0, 2.0]), i),
        (5,),
        core("InvalidArgumentError", "indices = 5 is not in [0, 2)"),
        marks=uses("GatherV2"),
    ),
    row(
        "175 gather of several",
        lambda tf, i: tf.gather(tf.constant([1.0, 2.0]), i),
        ([[0, 1], [5, 7]],),
        invalid("indices[1,0] = 5 is not in [0, 2)"),
        marks=uses("GatherV2"),
    ),
    row(
        "176 gather, negative",
        lambda tf, i: tf.gather(tf.constant([1.0, 2.0]), i),
        (-1,),
        core("InvalidArgumentError", "indices = -1 is not in [0, 2)"),
        marks=uses("GatherV2"),
    ),
    row(
        "gather_nd",
        lambda tf, i: tf.gather_nd(tf.constant([1.0, 2.0]), i),
        ([[0], [5]],),
        core("InvalidArgumentError", "indices[1] = [5] does not index into param shape [2]"),
        marks=uses("GatherNd"),
    ),
    row(
        "177 scatter_nd",
        lambda tf, i: tf.scatter_nd(i, tf.constant([1.0]), tf.constant([2])),
        ([[5]],),
        invalid("indices[0] = [5] does not index into shape [2]"),
        marks=uses("ScatterNd"),
    ),
    row(
        "178 reshape",
        lambda tf, x, s: tf.reshape(x, s),
        (np.ones((2, 3)), [2, 4]),
        invalid("Input to reshape is a tensor with 6 values, but the requested shape has 8"),
        marks=uses("Reshape"),
    ),
    row(
        "178 reshape, rest",
        lambda tf, x, s: tf.reshape(x, s),
        (np.ones((2, 3)), [4, -1]),
        invalid(
            "Input to reshape is a tensor with 6 values, but the requested shape requires a "
            "multiple of 4"
        ),
        marks=uses("Reshape"),
    ),
    row(
        "179 reshape, two -1",
        lambda tf, x, s: tf.reshape(x, s),
        (np.ones((2, 3)), [-1, -1]),
        invalid("Only one input size may be -1, not both 0 and 1"),
        marks=uses("Reshape"),
    ),
    row(
        "180 concat",
        lambda tf, x, y: tf.concat([x, y], 0),
        (np.ones((2, 3)), np.ones((2, 2))),
        invalid(
            "ConcatOp : Dimension 1 in both shapes must be equal: shape[0] = [2,3] vs. shape[1] = "
            "[2,2]"
        ),
        marks=uses("ConcatV2"),
    ),
    row(
        "181 slice",
        lambda tf, x, n: tf.slice(x, [1], n),
        (np.ones(2), [2]),
        invalid("Expected size[0] in [0, 1], but got 2"),
        marks=uses("Slice"),
    ),
    row(
        "181 slice, begin",
        lambda tf, x, n: tf.slice(x, n, [1]),
        (np.ones(2), [3]),
        invalid("Expected begin[0] in [0, 2], but got 3"),
        marks=uses("Slice"),
    ),
    row(
        "182 strided slice",
        lambda tf, x: x[5],
        (np.ones(2),),
        invalid("slice index 5 of dimension 0 out of bounds."),
        marks=uses("StridedSlice"),
    ),
    row(
        "183 sparse softmax",
        lambda tf, x, i: tf.nn.sparse_softmax_cross_entropy_with_logits(logits=x, labels=i),
        (np.ones((1, 2)), [7]),
        core(
            "InvalidArgumentError",
            "Received a label value of 7 which is outside the valid range of [0, 2)",
        ),
        marks=uses("SparseSoftmaxCrossEntropyWithLogits"),
    ),
    row(
        "185 Assert",
        lambda tf, x: tf.raw_ops.Assert(condition=x, data=["msg", 0]),
        (False,),
        invalid("assertion failed: [msg] [0]"),
        marks=uses("Assert"),
    ),
    row(
        "186 check_numerics",
        lambda tf, x: tf.check_numerics(x, "here"),
        ([1.0, np.nan],),
        invalid("here : Tensor had NaN values"),
        marks=uses("CheckNumerics"),
    ),
    row(
        "186 check_numerics, infinity",
        lambda tf, x: tf.check_numerics(x, "here"),
        ([1.0, np.inf],),
        invalid("here : Tensor had Inf values"),
        marks=uses("CheckNumerics"),
    ),
    row(
        "211 negative size",
        lambda tf, n: tf.fill(n, 0.0),
        ([-1],),
        invalid("Dimension -1 must be >= 0"),
        marks=uses("Fill"),
    ),
    row(
        "210 huge",
        lambda tf, n: tf.fill(n, 0.0),
        ([10**7, 10**7],),
        typed("ResourceExhaustedError"),
        marks=uses("Fill"),
    ),
    row(
        "expand_dims",
        lambda tf, x, n: tf.expand_dims(x, n),
        (np.ones(2), 5),
        core("InvalidArgumentError", "5"),
        marks=uses("ExpandDims"),
    ),
    row(
        "transpose",
        lambda tf, x, p: tf.transpose(x, p),
        (np.ones((2, 3)), [0, 0]),
        core("InvalidArgumentError", "1 is missing from {0,0}."),
        marks=uses("Transpose"),
    ),
    row(
        "split",
        lambda tf, x: tf.split(x, 2)[0],
        (np.ones(3),),
        core("InvalidArgumentError", "evenly divide"),
        marks=uses("Split"),
    ),
    row(
        "pack",
        lambda tf, x, y: tf.stack([x, y]),
        (np.ones(3), np.ones(2)),
        core("InvalidArgumentError", "Shapes of all inputs must match: values[0].shape = [3] != "),
        marks=uses("Pack"),
    ),
]


@pytest.mark.parametrize(("build", "values", "error"), AT_RUN)
def test_values_that_do_not_fit_are_an_error_of_the_node(tf, session, build, values, error):
    fetch, feeds = built(tf, build, *values)
    for _ in range(2):
        with raises(error) as caught:
            session.run(fetch, feeds)
        assert caught.value.op is not None


AT_BUILD = [
    row(
        "171 matmul",
        lambda tf: tf.matmul(tf.ones([2, 3]), tf.ones([2, 3])),
        exact(
            "ValueError",
            "Dimensions must be equal, but are 3 and 2 for '{{node MatMul}} = "
            "MatMul[T=DT_FLOAT, grad_a=false, grad_b=false, transpose_a=false, "
            "transpose_b=false](ones, ones_1)' with input shapes: [2,3], [2,3].",
        ),
        marks=uses("MatMul"),
    ),
    row(
        "173 broadcast",
        lambda tf: tf.ones([3]) + tf.ones([2]),
        exact(
            "ValueError",
            "Dimensions must be equal, but are 3 and 2 for '{{node add}} = AddV2[T=DT_FLOAT]"
            "(ones, ones_1)' with input shapes: [3], [2].",
        ),
        marks=uses("AddV2"),
    ),
    row(
        "174 types",
        lambda tf: tf.raw_ops.AddV2(x=tf.constant(1), y=tf.constant(1.0)),
        exact(
            "TypeError",
            "Input 'y' of 'AddV2' Op has type float32 that does not match type int32 of argument "
            "'x'.",
        ),
        marks=uses("AddV2"),
    ),
    row(
        "reshape",
        lambda tf: tf.reshape(tf.ones([2, 3]), [2, 4]),
        core("ValueError", "Cannot reshape a tensor with 6 elements to shape [2,4] (8 elements)"),
        marks=uses("Reshape"),
    ),
    row(
        "concat",
        lambda tf: tf.concat([tf.ones([2, 3]), tf.ones([2, 2])], 0),
        core("ValueError", "in both shapes must be equal, but are 3 and 2."),
        marks=uses("ConcatV2"),
    ),
    row(
        "strided slice",
        lambda tf: tf.ones([2])[5],
        core("ValueError", "slice index 5 of dimension 0 out of bounds"),
        marks=uses("StridedSlice"),
    ),
    row(
        "rank",
        lambda tf: tf.matmul(tf.ones([2]), tf.ones([2, 3])),
        core("ValueError", "Shape must be rank 2 but is rank 1 for '{{node MatMul}}"),
        marks=uses("MatMul"),
    ),
    row(
        "type that the op does not take",
        lambda tf: tf.raw_ops.Neg(x=tf.constant("a")),
        core("TypeError", "has DataType string not in list of allowed values:"),
        marks=uses("Neg"),
    ),
    row(
        "missing argument",
        lambda tf: tf.raw_ops.AddV2(x=tf.constant(1)),
        core("TypeError", "'y'"),
        marks=uses("AddV2"),
    ),
    row(
        "unknown argument",
        lambda tf: tf.raw_ops.Neg(x=tf.constant(1), z=3),
        core("TypeError", "got an unexpected keyword argument 'z'"),
        marks=uses("Neg"),
    ),
    row(
        "attribute value",
        lambda tf: tf.raw_ops.Cast(x=tf.constant(1), DstT="no type"),
        typed("TypeError"),
        marks=uses("Cast"),
    ),
]


@pytest.mark.parametrize(("build", "error"), AT_BUILD)
def test_what_cannot_fit_is_an_error_when_it_is_built(tf, build, error):
    with raises(error):
        build(tf)


@pytest.mark.uses("OneHot")
def test_a_one_hot_index_out_of_range_gives_zeros(tf, session):
    """Row 184."""
    fetch, feeds = built(tf, lambda tf, i: tf.one_hot(i, 3), 5)
    assert session.run(fetch, feeds).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.uses("RealDiv")
def test_a_float_division_by_zero_is_no_error(tf, session):
    fetch, feeds = built(tf, lambda tf, x, y: tf.realdiv(x, y), [1.0, 0.0, -1.0], 0.0)
    got = session.run(fetch, feeds)
    assert np.isposinf(got[0])
    assert np.isnan(got[1])
    assert np.isneginf(got[2])


# What an error carries


@pytest.fixture
def failing(tf):
    """A node named `scope/bad` that fails, behind others."""
    x = tf.placeholder(tf.float32, [None], "x")
    with tf.name_scope("scope"):
        bad = tf.check_numerics(x * 2.0, "here", name="bad")
    return x, bad


@pytest.mark.uses("CheckNumerics", "Mul", "AddV2")
def test_a_step_that_has_run_often_names_its_node_as_well(tf, session, failing):
    x, bad = failing
    after = bad + 1.0
    for _ in range(20):
        assert session.run(after, {x: [1.0]}).tolist() == [3.0]
    with raises(core("InvalidArgumentError", "here : Tensor had Inf")) as found:
        session.run(after, {x: [np.inf]})
    assert found.value.op.name == "scope/bad"


@pytest.mark.uses("CheckNumerics", "Mul")
def test_an_error_names_the_node_and_where_it_was_defined(tf, session, failing):
    x, bad = failing
    with raises(exact("InvalidArgumentError", "here : Tensor had NaN values")) as caught:
        session.run(bad + 1.0, {x: [np.nan]})
    error = caught.value
    assert error.op is bad.op
    assert error.node_def.name == "scope/bad"
    assert error.node_def.op == "CheckNumerics"
    assert error.error_code == tf.errors.INVALID_ARGUMENT
    assert normalised(error.message) == normalised(str(error))
    assert "Detected at node 'scope/bad' defined at" in str(error)
    assert f'File "{__file__}"' in str(error)
    assert "[[{{node scope/bad}}]]" in str(error)


@pytest.mark.uses("CheckNumerics", "Mul")
def test_a_session_runs_on_after_an_error(session, failing):
    x, bad = failing
    for _ in range(3):
        with raises(typed("InvalidArgumentError")):
            session.run(bad, {x: [np.nan]})
        assert session.run(bad, {x: [1.0]}).tolist() == [2.0]


@pytest.mark.uses("CheckNumerics", "Mul")
def test_an_unfed_placeholder_is_the_node_of_its_error(session, failing):
    x, bad = failing
    with raises(core("InvalidArgumentError", "placeholder tensor 'x'")) as caught:
        session.run(bad)
    assert caught.value.op is x.op
    assert f'File "{__file__}"' in str(caught.value)


# TF: it cannot be pickled, because its operation cannot.
@pytest.mark.uses("CheckNumerics", "Mul")
def test_an_error_can_be_pickled(session, failing):
    """Row 351."""
    x, bad = failing
    with raises(typed("InvalidArgumentError")) as caught:
        session.run(bad, {x: [np.nan]})
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is type(caught.value)
    assert again.message == caught.value.message
    assert again.error_code == caught.value.error_code
    assert again.node_def == bad.op.node_def


@pytest.mark.uses("CheckNumerics", "Identity")
def test_a_node_that_nothing_needs_does_not_fail(tf, session):
    """Row 353."""
    x = tf.placeholder(tf.float32, [])
    tf.check_numerics(x, "here")
    tf.raw_ops.Assert(condition=False, data=["msg"])
    assert session.run(tf.identity(x), {x: np.nan}) is not None


@pytest.fixture
def waited_for(tf):
    """An index out of range, an assignment that waits for what uses it, and the variable."""
    index = tf.placeholder(tf.int32, [None])
    picked = tf.gather(tf.range(3), index) * 2 + 1
    count = tf.Variable(0.0)
    with tf.control_dependencies([picked]):
        counted = tf.assign_add(count, 1.0)
    return {index: [7]}, picked, counted, count


@pytest.mark.uses("GatherV2", "AssignAdd")
def test_what_fails_is_no_less_waited_for_if_nobody_uses_it(tf, session, waited_for):
    feeds, _, counted, count = waited_for
    session.run(count.initializer)
    with raises(typed("InvalidArgumentError")):
        session.run(counted.op, feeds)
    assert session.run(count) == 0.0


@pytest.mark.uses("GatherV2", "AssignAdd")
@pytest.mark.parametrize("form", ["value", "operation", "both"])
def test_what_is_waited_for_and_fetched_runs(tf, session, waited_for, form):
    feeds, picked, counted, count = waited_for
    fetches = {"value": picked, "operation": picked.op, "both": [counted, picked]}
    session.run(count.initializer)
    with raises(typed("InvalidArgumentError")):
        session.run(fetches[form], feeds)


@pytest.mark.uses("CheckNumerics", "AssignAdd")
def test_a_check_that_is_only_waited_for_runs(tf, session):
    x = tf.placeholder(tf.float32, [])
    count = tf.Variable(0.0)
    with tf.control_dependencies([tf.check_numerics(x, "not a number")]):
        counted = tf.assign_add(count, 1.0)
    session.run(count.initializer)
    with raises(core("InvalidArgumentError", "not a number")):
        session.run(counted.op, {x: np.nan})
    assert session.run(count) == 0.0


@pytest.mark.uses("Assert", "AddV2")
@pytest.mark.parametrize("fails", [True, False])
def test_a_control_dependency_is_run(tf, session, fails):
    x = tf.placeholder(tf.float32, [])
    condition = tf.placeholder(tf.bool, [])
    with tf.control_dependencies([tf.raw_ops.Assert(condition=condition, data=["msg"])]):
        more = x + 1.0
    if fails:
        with raises(exact("InvalidArgumentError", "assertion failed: [msg]")):
            session.run(more, {x: 1.0, condition: False})
    else:
        assert session.run(more, {x: 1.0, condition: True}) == 2.0


# Kernels


def test_an_operation_without_a_kernel_is_an_error_when_it_is_run(tf, session):
    """Row 209."""
    out = tf.raw_ops.TPUOrdinalSelector(name="nowhere")
    with raises(typed("OpError")) as caught:
        session.run(out)
    # TF: an InvalidArgumentError, as a device that does not exist is one.
    kinds = (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError)
    assert isinstance(caught.value, kinds)
    assert "TPUOrdinalSelector" in str(caught.value)
    assert "nowhere" in str(caught.value)


@pytest.mark.uses("DivNoNan", "Shape", "Cast")
def test_a_division_of_sizes_by_zero_is_not_warned_of(tf, session):
    x = tf.placeholder(tf.float32, [None])
    quotient = tf.math.divide_no_nan(tf.cast(tf.shape(x), tf.float32), [0.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert session.run(quotient, {x: [1.0, 2.0]}).tolist() == [0.0]


@pytest.mark.uses("Assert", "GatherV2", "Less", "Mul")
def test_an_assertion_comes_before_what_it_guards(tf, session):
    index = tf.placeholder(tf.int32, [], "index")
    with tf.control_dependencies([tf.Assert(index < 3, ["too far:", index], name="guard")]):
        picked = tf.gather(tf.placeholder(tf.float32, [None], "x") * 2.0, tf.identity(index))
    feeds = {"x:0": [1.0, 2.0, 3.0]}
    with raises(core("InvalidArgumentError", "assertion failed: [too far:] [7]")) as found:
        session.run(picked, {**feeds, index: 7})
    assert found.value.op.type == "Assert"
    assert session.run(picked, {**feeds, index: 1}) == 4.0


@pytest.mark.uses("Assert", "Equal", "AddV2")
def test_an_assertion_of_shapes_comes_before_what_it_guards(tf, session):
    x, y = tf.placeholder(tf.float32, name="x"), tf.placeholder(tf.float32, name="y")
    with tf.control_dependencies([tf.assert_equal(tf.shape(x), tf.shape(y), message="unlike")]):
        total = tf.add(x, y)
    with raises(core("InvalidArgumentError", "assertion failed: [unlike]")):
        session.run(total, {x: [1.0, 2.0, 3.0], y: [1.0, 2.0]})
    assert session.run(total, {x: [1.0], y: [2.0]}).tolist() == [3.0]


def test_a_value_that_is_missing_is_missed_by_the_read_of_the_variable(tf, session):
    v = tf.Variable(1.0, name="v", use_resource=False)
    with pytest.raises(tf.errors.FailedPreconditionError) as caught:
        session.run(tf.exp(v, name="exp"))
    assert caught.value.op.name == "v/read"
    assert caught.value.node_def.op == "Identity"
    assert caught.value.experimental_payloads == {}
