"""`tf.gradients` through graphs: sums, what is not connected, sparse and users' gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evergraph_conformance.variables import BOTH, OPS, initialized

pytestmark = pytest.mark.dtypes("float32")


def _f(*values: float) -> np.ndarray[Any, Any]:
    return np.array(values, np.float32)


def test_gradients_along_several_paths_are_added_up(tf: Any, run: Any, same: Any) -> None:
    x = tf.placeholder(tf.float32, [2])
    (dx,) = tf.gradients(x * x + 3.0 * x, x)
    same(run(dx, {x: [1, 2]}), _f(5, 7))


def test_several_outputs_are_added_up(tf: Any, run: Any, same: Any) -> None:
    x = tf.constant([1.0, 2.0])
    (dx,) = tf.gradients([x * x, tf.exp(x)], [x], grad_ys=[tf.constant([1.0, 0.5]), None])
    same(run(dx), _f(2 + np.e, 2 + np.exp(2)))


def test_an_output_is_its_own_gradient(tf: Any, run: Any, same: Any) -> None:
    x = tf.constant([1.0, 2.0])
    same(run(tf.gradients(x, x)[0]), _f(1, 1))


def test_the_gradient_with_respect_to_what_lies_between(tf: Any, run: Any, same: Any) -> None:
    x = tf.constant([1.0, 2.0])
    y = x * x
    dx, dy = tf.gradients(tf.reduce_sum(y * y), [x, y])
    same(run(dx), _f(4, 32))
    same(run(dy), _f(2, 8))


def test_what_is_not_connected_has_no_gradient(tf: Any) -> None:
    """Row 272."""
    x, z = tf.constant(1.0), tf.constant(2.0)
    assert tf.gradients(x * x, [z]) == [None]


def test_zeros_can_stand_for_what_is_not_connected(tf: Any, run: Any, same: Any) -> None:
    x, z = tf.constant(1.0), tf.constant([2.0, 3.0])
    found = tf.gradients(x * x, [x, z], unconnected_gradients=tf.UnconnectedGradients.ZERO)
    same(run(found[1]), _f(0, 0))


def test_an_output_that_nobody_uses_has_a_gradient_of_zeros(tf: Any, run: Any, same: Any) -> None:
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    first, _ = tf.unstack(x)
    same(run(tf.gradients(first * first, x)[0]), np.array([[2, 4], [0, 0]], np.float32))


def test_stop_gradient_makes_a_constant(tf: Any, run: Any, same: Any) -> None:
    x = tf.constant(3.0)
    same(run(tf.gradients(x * tf.stop_gradient(x), x)[0]), np.float32(3))


def test_tensors_can_be_taken_for_constants(tf: Any, run: Any, same: Any) -> None:
    a = tf.constant(2.0)
    b = 2.0 * a
    same(run(tf.gradients(a + b, [a, b], stop_gradients=[a, b])), [np.float32(1)] * 2)


def test_integers_have_no_gradient(tf: Any) -> None:
    x = tf.constant([1.5, 2.5])
    y = tf.cast(tf.cast(x, tf.int32), tf.float32)
    assert tf.gradients(y, x) == [None]


@pytest.mark.parametrize("function", ["floor", "argmax", "shape", "round"])
def test_what_jumps_has_no_gradient(tf: Any, function: str) -> None:
    """Row 273."""
    x = tf.constant([1.5, 2.5])
    assert tf.gradients(getattr(tf, function)(x), [x]) == [None]


def test_a_gradient_of_a_gradient(tf: Any, run: Any, same: Any) -> None:
    x = tf.placeholder(tf.float32)
    y = tf.tanh(x) * tf.sigmoid(x) + tf.sqrt(x) + tf.nn.softplus(x)
    (first,) = tf.gradients(y, x)
    (second,) = tf.gradients(first, x)
    at = np.float64(0.7)
    t, s = np.tanh(at), 1 / (1 + np.exp(-at))
    dt, ds = 1 - t * t, s * (1 - s)
    want = -2 * t * dt * s + 2 * dt * ds + t * ds * (1 - 2 * s) - 0.25 * at**-1.5 + ds
    same(run(second, {x: at}), np.float32(want))


def test_the_hessian_of_a_vector(tf: Any, run: Any, same: Any) -> None:
    x = tf.constant([1.0, 2.0])
    (found,) = tf.hessians(x[0] * x[0] * x[1], x)
    same(run(found), np.array([[4, 2], [2, 0]], np.float32))


@BOTH
@pytest.mark.uses(*OPS)
def test_the_hessian_of_a_variable(tf: Any, session: Any, same: Any, resource: bool) -> None:
    x = initialized(tf, session, [[1.0], [2.0]], use_resource=resource)
    (found,) = tf.hessians(tf.reduce_sum(x * x * x), x)
    same(session.run(found), np.array([[[[6], [0]]], [[[0], [12]]]], np.float32))


@pytest.mark.uses("MaxPoolGrad")
def test_the_gradient_of_pooling_many_images(tf: Any, run: Any, same: Any) -> None:
    rng = np.random.default_rng(0)
    images = rng.permutation(16 * 64 * 64 * 32).astype(np.float32).reshape(16, 64, 64, 32)
    slope = rng.standard_normal((16, 32, 32, 32), np.float32)
    x = tf.placeholder(tf.float32, images.shape)
    y = tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
    (dx,) = tf.gradients(y, x, slope)
    largest, share = (
        a.repeat(2, axis=1).repeat(2, axis=2)
        for a in (images.reshape(16, 32, 2, 32, 2, 32).max(axis=(2, 4)), slope)
    )
    same(run(dx, {x: images}), np.where(images == largest, share, np.float32(0)))


@pytest.mark.uses("FusedBatchNormGradV3")
def test_the_gradient_of_normalizing_many_images(tf: Any, run: Any, same: Any) -> None:
    images, slope = np.random.default_rng(0).standard_normal((2, 8, 64, 64, 32), np.float32)
    x = tf.placeholder(tf.float32, images.shape)
    y, _, _ = tf.nn.fused_batch_norm(x, tf.fill([32], 2.0), tf.zeros([32]), epsilon=1e-3)
    (dx,) = tf.gradients(y, x, slope)
    normal = (images - images.mean((0, 1, 2))) / (
        deviation := np.sqrt(images.var((0, 1, 2)) + 1e-3)
    )
    want = slope - slope.mean((0, 1, 2)) - normal * (slope * normal).mean((0, 1, 2))
    same(run(dx, {x: images}), (2 * want / deviation).astype(np.float32))


def test_the_gradient_of_gathered_rows_is_sparse(tf: Any, run: Any, same: Any) -> None:
    table = tf.placeholder(tf.float32, [3, 2])
    (found,) = tf.gradients(tf.gather(table, [2, 0, 2]), table)
    assert isinstance(found, tf.IndexedSlices)
    feed = {table: np.zeros((3, 2))}
    same(run(found.indices, feed), np.array([2, 0, 2], np.int32))
    same(run(tf.convert_to_tensor(found), feed), np.array([[1, 1], [0, 0], [2, 2]], np.float32))


def test_sparse_gradients_are_joined(tf: Any, run: Any, same: Any) -> None:
    table = tf.constant([[1.0], [2.0], [3.0]])
    y = tf.gather(table, [0]) + 10.0 * tf.gather(table, [2])
    (found,) = tf.gradients(y, table)
    assert isinstance(found, tf.IndexedSlices)
    same(run(tf.convert_to_tensor(found)), np.array([[1], [0], [10]], np.float32))


def test_a_sparse_and_a_dense_gradient_are_dense(tf: Any, run: Any, same: Any) -> None:
    table = tf.constant([[1.0], [2.0]])
    y = tf.reduce_sum(tf.gather(table, [0])) + tf.reduce_sum(table)
    same(run(tf.gradients(y, table)[0]), np.array([[2], [1]], np.float32))


def test_a_sparse_gradient_goes_on_as_a_dense_one(tf: Any, run: Any, same: Any) -> None:
    table = tf.constant([[1.0], [2.0], [3.0]])
    y = tf.gather(table * table, [2, 2])
    same(run(tf.gradients(y, table)[0]), np.array([[0], [0], [12]], np.float32))


def test_slices_without_a_shape_are_no_tensor(tf: Any) -> None:
    slices = tf.IndexedSlices(tf.constant([[1.0]]), tf.constant([0]))
    with pytest.raises(ValueError, match="without dense_shape"):
        tf.convert_to_tensor(slices)


def test_the_gradient_of_a_variable_through_its_handle(tf: Any, run: Any, same: Any) -> None:
    handle = tf.raw_ops.VarHandleOp(shape=[2], dtype=tf.float32, shared_name="v")
    assign = tf.raw_ops.AssignVariableOp(resource=handle, value=tf.constant([2.0, 3.0]))
    value = tf.raw_ops.ReadVariableOp(resource=handle, dtype=tf.float32)
    run(assign)
    same(run(tf.gradients(value * value, handle)[0]), _f(4, 6))


def test_a_function_with_a_gradient_of_its_own(tf: Any, run: Any, same: Any) -> None:
    def log1pexp(x: Any) -> Any:
        e = tf.exp(x)
        return tf.log(1 + e), lambda dy: dy * (1 - 1 / (1 + e))

    x = tf.constant(100.0)
    same(run(tf.gradients(tf.custom_gradient(log1pexp)(x), x)[0]), np.float32(1))


def test_a_function_of_two_with_two_results(tf: Any, run: Any, same: Any) -> None:
    def swapped(a: Any, b: Any) -> Any:
        def gradient(db: Any, da: Any) -> Any:
            return da * 10.0, db * 100.0

        return (b, a), gradient

    a, b = tf.constant(1.0), tf.constant(2.0)
    first, second = tf.custom_gradient(swapped)(a, b)
    same(run([first, second]), [np.float32(2), np.float32(1)])
    da, db = tf.gradients([first, second], [a, b], grad_ys=[3.0, 5.0])
    same(run([da, db]), [np.float32(50), np.float32(300)])


def test_a_registered_gradient_takes_the_place_of_an_ops(tf: Any, run: Any, same: Any) -> None:
    name = f"Clipped{id(run)}"

    def clipped(op: Any, dy: Any) -> Any:
        assert op.type == "Identity"
        return tf.clip_by_value(dy, -1.0, 1.0)

    tf.RegisterGradient(name)(clipped)
    x = tf.constant(1.0)
    with tf.get_default_graph().gradient_override_map({"Identity": name}):
        y = tf.identity(x)
    same(run(tf.gradients(5.0 * y, x)[0]), np.float32(1))


def test_an_op_type_has_one_gradient(tf: Any) -> None:
    with pytest.raises(KeyError):
        tf.RegisterGradient("Mul")(lambda op, dy: dy)


def test_an_op_without_a_gradient_is_named(tf: Any) -> None:
    x = tf.constant(1.0)
    y = tf.raw_ops.Mod(x=x, y=2.0, name="remainder")
    with pytest.raises(LookupError, match="No gradient defined for operation'remainder'"):
        tf.gradients(y, x)


def test_a_prevented_gradient_gives_its_reason(tf: Any) -> None:
    x = tf.constant(1.0)
    y = tf.raw_ops.PreventGradient(input=x, message="for a reason")
    with pytest.raises(LookupError, match="for a reason"):
        tf.gradients(y, x)


def test_a_complex_output_needs_a_gradient(tf: Any) -> None:
    x = tf.constant(1 + 2j, tf.complex64)
    with pytest.raises(TypeError, match="must set grad_ys"):
        tf.gradients(x * x, x)


def test_as_many_gradients_as_outputs_are_given(tf: Any) -> None:
    x = tf.constant(1.0)
    with pytest.raises(ValueError, match="grad_ys"):
        tf.gradients([x, x], x, grad_ys=[1.0])
