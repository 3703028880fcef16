"""The op `Interleave`: the elements of two arrays in turn, along the last axis."""

from evergraph.plugin import Registry, ShapeError
from evergraph.protos import OpDef


def signature() -> OpDef:
    """Return the op's signature: z = Interleave(x, y, weight=1.0), of one floating-point type."""
    op = OpDef(name="Interleave")
    op.input_arg.add(name="x", type_attr="T")
    op.input_arg.add(name="y", type_attr="T")
    op.output_arg.add(name="z", type_attr="T")
    types = op.attr.add(name="T", type="type")
    types.allowed_values.list.type.extend([1, 2])  # DT_FLOAT, DT_DOUBLE
    weight = op.attr.add(name="weight", type="float")
    weight.default_value.f = 1.0
    return op


def interleave(xp, x, y, *, weight):
    """Return x[0], weight * y[0], x[1], weight * y[1] … of every row."""
    y = y * xp.asarray(weight, dtype=y.dtype)
    return xp.reshape(xp.stack([x, y], axis=-1), (*x.shape[:-1], 2 * x.shape[-1]))


def interleaved_shape(x, y):
    """The shape of x, with twice the last size."""
    if not x or len(x) != len(y):
        raise ShapeError(f"x and y must have the same rank, at least 1: {x} and {y}")
    rows = [a if b is None else b for a, b in zip(x, y, strict=True)]
    if any(None not in (a, b) and a != b for a, b in zip(x, y, strict=True)):
        raise ShapeError(f"x and y must have the same shape: {x} and {y}")
    return (*rows[:-1], None if rows[-1] is None else 2 * rows[-1])


def interleave_gradient(tf, op, dz):
    """The elements of the gradient go back to where they came from."""
    pairs = tf.Reshape(dz, tf.ConcatV2([tf.Shape(op.inputs[0]), [2]], 0))
    dx, dy = tf.Unpack(pairs, num=2, axis=-1)
    return dx, dy * tf.Cast(op.get_attr("weight"), DstT=dy.dtype)


def define(registry: Registry) -> None:
    """Define the op."""
    registry.define(
        "Interleave",
        interleave,
        shape=interleaved_shape,
        gradient=interleave_gradient,
        op_def=signature(),
    )
