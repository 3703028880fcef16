"""Cases of the plugin's own op, for every backend: they use what the kit's own cases use."""

import numpy as np
import pytest

pytestmark = pytest.mark.uses("Interleave")


def halves(tf, dtype):
    x = tf.placeholder(dtype, [None, 2])
    y = tf.placeholder(dtype, [3, 2])
    feeds = {x: np.arange(6).reshape(3, 2), y: -np.arange(6).reshape(3, 2)}
    return x, y, feeds


@pytest.mark.parametrize(
    "dtype", [pytest.param(d, marks=pytest.mark.dtypes(d)) for d in ("float32", "float64")]
)
def test_elements_come_in_turn(tf, run, same, dtype):
    x, y, feeds = halves(tf, dtype)
    z = tf.raw_ops.Interleave(x=x, y=y, weight=2.0)
    assert z.shape.as_list() == [3, 4]
    want = [[0, 0, 1, -2], [2, -4, 3, -6], [4, -8, 5, -10]]
    same(run(z, feeds), np.array(want, dtype))


@pytest.mark.dtypes("float32")
@pytest.mark.uses("Mul", "Shape", "ConcatV2", "Reshape", "Unpack", "Cast")
def test_its_gradient_goes_back(tf, run, same):
    x, y, feeds = halves(tf, "float32")
    z = tf.raw_ops.Interleave(x=x, y=y, weight=3.0)
    dx, dy = tf.gradients(z, [x, y], [tf.constant(np.arange(12.0).reshape(3, 4), tf.float32)])
    got = run([dx, dy], feeds)
    same(got[0], np.array([[0, 2], [4, 6], [8, 10]], np.float32))
    same(got[1], np.array([[3, 9], [15, 21], [27, 33]], np.float32))


@pytest.mark.dtypes("float32")
def test_the_weight_is_one_unless_given(tf, run, same):
    z = tf.raw_ops.Interleave(x=tf.constant([1.0, 2.0]), y=tf.constant([3.0, 4.0]))
    same(run(z), np.array([1, 3, 2, 4], np.float32))


@pytest.mark.dtypes("int32")
def test_other_types_are_refused(tf):
    with pytest.raises(TypeError):
        tf.raw_ops.Interleave(x=tf.constant([1]), y=tf.constant([2]))


@pytest.mark.dtypes("float32")
def test_shapes_that_do_not_fit_are_refused(tf):
    with pytest.raises(ValueError, match="same shape"):
        tf.raw_ops.Interleave(x=tf.zeros([2, 3]), y=tf.zeros([2, 4]))
