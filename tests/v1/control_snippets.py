"""Short graphs of conditionals and loops; see `snippets.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Snippet = Callable[[Any], Any]


def predicate(tf: Any) -> Any:
    return tf.placeholder(tf.bool, [], name="p")


def vector(tf: Any) -> Any:
    return tf.placeholder(tf.float32, [None], name="x")


def simple(tf: Any) -> Any:
    x = vector(tf)
    y = tf.cond(predicate(tf), lambda: x * 2.0, lambda: x + 1.0)
    return y.name, str(y.shape)


def nested(tf: Any) -> Any:
    p, x = predicate(tf), vector(tf)

    def inner() -> Any:
        return tf.cond(tf.reduce_sum(x) > 3.0, lambda: x - 1.0, lambda: x + x, name="inside")

    y = tf.cond(p, inner, lambda: x)
    return y.name


def structures(tf: Any) -> Any:
    p, x = predicate(tf), vector(tf)
    y = tf.cond(p, lambda: {"b": [x, 1], "a": (x + 1.0,)}, lambda: {"b": [x, 2], "a": (x,)})
    one = tf.cond(p, lambda: [x], lambda: (x,) and [x])
    kept = tf.cond(p, lambda: [x], lambda: [x], strict=True)
    return y["b"][0].name, y["a"][0].name, one.name, [k.name for k in kept]


def variables(tf: Any, resource: bool) -> Any:
    p = predicate(tf)
    v = tf.get_variable("v", initializer=1.0, use_resource=resource)
    y = tf.cond(p, lambda: v, lambda: v + 1.0)
    z = tf.cond(p, lambda: tf.assign(v, 2.0), lambda: tf.assign_add(v, 1.0))
    w = tf.cond(p, lambda: v.assign_sub(1.0).op, tf.no_op)
    return y.name, z.name, w.name


def made_inside(tf: Any) -> Any:
    p = predicate(tf)

    def layer() -> Any:
        with tf.variable_scope("s", reuse=tf.AUTO_REUSE):
            return tf.get_variable("v", [2], initializer=tf.zeros_initializer()) * 2.0

    y = tf.cond(p, layer, layer)
    return y.name, [v.name for v in tf.global_variables()]


def under_control(tf: Any) -> Any:
    p, x = predicate(tf), vector(tf)
    with tf.control_dependencies([tf.no_op(name="first")]):
        y = tf.cond(p, lambda: x + 1.0, lambda: tf.ones([2]))
    with tf.control_dependencies([y]):
        z = tf.cond(p, tf.no_op, lambda: tf.group(x))
    return y.name, z.name


def controls_inside(tf: Any) -> Any:
    p, x = predicate(tf), vector(tf)

    def branch() -> Any:
        with tf.control_dependencies([tf.no_op(name="waited")]):
            return tf.identity(x)

    return tf.cond(p, branch, lambda: x).name


def same_predicate(tf: Any) -> Any:
    p, x = predicate(tf), vector(tf)
    y = tf.cond(p, lambda: x + 1.0, lambda: x)
    return tf.cond(p, lambda: y * 2.0, lambda: x).name


def devices(tf: Any) -> Any:
    p, x = predicate(tf), vector(tf)
    with tf.device("/cpu:0"):
        y = tf.cond(p, lambda: x + 1.0, lambda: x)
    with tf.name_scope("s"):
        return tf.cond(p, lambda: y + 1.0, lambda: x).name


def several_cases(tf: Any, **more: Any) -> Any:
    p, x = predicate(tf), vector(tf)
    q = tf.less(x[0], 1.0)
    pairs = [(p, lambda: tf.constant(1)), (q, lambda: tf.constant(2))]
    return tf.case(pairs, **more).name


def case_of_a_dict(tf: Any) -> Any:
    p = predicate(tf)
    q = tf.logical_not(p, name="a")
    return tf.case({p: lambda: 1, q: lambda: 2}, lambda: 3, exclusive=True).name


def asserted(tf: Any) -> Any:
    x = vector(tf)
    check = tf.Assert(x[0] > 0.0, [x], name="check")
    plain = tf.Assert(x[0] > 0.0, ["words"], summarize=2)
    with tf.control_dependencies([check, tf.assert_positive(x)]):
        return tf.identity(x).name, check.name, plain.name


def counted(tf: Any, **more: Any) -> Any:
    x = vector(tf)
    i, y = tf.while_loop(
        lambda i, y: i < 3, lambda i, y: (i + 1, y * 2.0 + x), (tf.constant(0), x), **more
    )
    return i.name, y.name, str(y.shape)


def counted_alone(tf: Any, **more: Any) -> Any:
    return [t.name for t in [tf.while_loop(lambda i: i < 3, lambda i: i + 1, [0], **more)]]


def nested_loops(tf: Any) -> Any:
    n = tf.placeholder(tf.int32, [], name="n")

    def outer(i: Any, s: Any) -> Any:
        inner = tf.while_loop(lambda j, t: j < i, lambda j, t: (j + 1, t + n), (0, s))
        return i + 1, inner[1]

    return [t.name for t in tf.while_loop(lambda i, s: i < n, outer, (0, 0))]


def condition_in_loop(tf: Any) -> Any:
    x = vector(tf)

    def body(i: Any, y: Any) -> Any:
        return i + 1, tf.cond(tf.equal(i, 1), lambda: y * x, lambda: y + 1.0)

    return [t.name for t in tf.while_loop(lambda i, y: i < 3, body, (0, x))]


def loop_in_condition(tf: Any) -> Any:
    p, x = predicate(tf), vector(tf)

    def loop() -> Any:
        return tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y + x), (0, x))[1]

    return tf.cond(p, loop, lambda: x).name


def assigned_in_loop(tf: Any, resource: bool) -> Any:
    v = tf.get_variable("v", initializer=1.0, use_resource=resource)

    def body(i: Any) -> Any:
        with tf.control_dependencies([tf.assign_add(v, 1.0), tf.no_op(name="waited")]):
            return i + 1

    with tf.control_dependencies([tf.no_op(name="first")]):
        return tf.while_loop(lambda i: i < 3, body, (0,)).name


def loop_of_structures(tf: Any) -> Any:
    x = vector(tf)
    result = tf.while_loop(
        lambda i, d: i < 3,
        lambda i, d: (i + 1, {"a": d["a"] + 1.0, "b": [d["b"][0], d["a"]]}),
        (0, {"b": [x, x], "a": x}),
        name="loop",
    )
    return result[1]["b"][1].name


def growing(tf: Any) -> Any:
    shapes = [tf.TensorShape([]), tf.TensorShape([None])]
    _i, y = tf.while_loop(
        lambda i, y: i < 3,
        lambda i, y: (i + 1, tf.concat([y, [1.0]], 0)),
        [tf.constant(0), tf.zeros([2])],
        shape_invariants=shapes,
    )
    return y.name, str(y.shape)


def loop_waits_inside(tf: Any) -> Any:
    outside = tf.constant(1.0, name="outside")

    def body(i: Any) -> Any:
        with tf.control_dependencies([outside]):
            return i + tf.constant(1)

    return tf.while_loop(lambda i: i < 3, body, (tf.constant(0),)).name


SNIPPETS: dict[str, Snippet] = {
    "cond: simple": simple,
    "cond: nested": nested,
    "cond: structures": structures,
    "cond: variables": lambda tf: variables(tf, False),
    "cond: resources": lambda tf: variables(tf, True),
    "cond: made inside": made_inside,
    "cond: under control": under_control,
    "cond: controls inside": controls_inside,
    "cond: same predicate": same_predicate,
    "cond: devices": devices,
    "case: default": lambda tf: several_cases(tf, default=lambda: tf.constant(3)),
    "case: no default": several_cases,
    "case: exclusive": lambda tf: several_cases(tf, default=lambda: 3, exclusive=True),
    "case: dict": case_of_a_dict,
    "case: named": lambda tf: several_cases(tf, default=lambda: 3, name="n", strict=True),
    "assert: guarded": asserted,
    "loop: counted": counted,
    "loop: parallel": lambda tf: counted(tf, parallel_iterations=3, back_prop=False, name="n"),
    "loop: alone": counted_alone,
    "loop: limited": lambda tf: counted_alone(tf, maximum_iterations=5),
    "loop: limited by a tensor": lambda tf: counted_alone(
        tf, maximum_iterations=tf.placeholder(tf.int64, [])
    ),
    "loop: nested": nested_loops,
    "loop: with a condition": condition_in_loop,
    "loop: in a condition": loop_in_condition,
    "loop: assigns": lambda tf: assigned_in_loop(tf, False),
    "loop: assigns resources": lambda tf: assigned_in_loop(tf, True),
    "loop: structures": loop_of_structures,
    "loop: growing": growing,
    "loop: waits": loop_waits_inside,
}

ERRORS: dict[str, Snippet] = {
    "cond bool": lambda tf: tf.cond(True, lambda: 1, lambda: 2),
    "cond no function": lambda tf: tf.cond(predicate(tf), None, lambda: 2),
    "cond not callable": lambda tf: tf.cond(predicate(tf), lambda: 2, 3),
    "cond nothing": lambda tf: tf.cond(predicate(tf), lambda: None, lambda: 2),
    "cond nothing else": lambda tf: tf.cond(predicate(tf), lambda: 2, lambda: None),
    "cond types": lambda tf: tf.cond(predicate(tf), lambda: 2, lambda: 2.0),
    "cond empty": lambda tf: tf.cond(predicate(tf), lambda: [], lambda: []),
    "cond vector": lambda tf: tf.cond(tf.constant([True, False]), lambda: 1, lambda: 2),
    "cond number": lambda tf: tf.cond(tf.constant(1), lambda: 1, lambda: 2),
    "cond both names": lambda tf: tf.cond(predicate(tf), lambda: 1, lambda: 2, fn1=lambda: 3),
    "case no tensor": lambda tf: tf.case([(1, lambda: 1)]),
    "case no function": lambda tf: tf.case([(predicate(tf), 1)]),
    "case no pair": lambda tf: tf.case([3]),
    "case string": lambda tf: tf.case("x"),
    "case default": lambda tf: tf.case([(predicate(tf), lambda: 1)], default=3),
    "loop nothing": lambda tf: tf.while_loop(lambda: True, lambda: 1, []),
    "loop no condition": lambda tf: tf.while_loop(1, lambda i: i, [1]),
    "loop no body": lambda tf: tf.while_loop(lambda i: i < 3, 1, [1]),
    "loop number": lambda tf: tf.while_loop(lambda i: i, lambda i: i + 1, [1]),
    "loop vector": lambda tf: tf.while_loop(lambda i: i < 3, lambda i: i, [[1, 2]]),
    "loop parallel": lambda tf: counted(tf, parallel_iterations=0),
    "loop limit": lambda tf: counted(tf, maximum_iterations=[1]),
    "loop shapes": lambda tf: tf.while_loop(
        lambda i: i[0] < 3, lambda i: tf.concat([i, i], 0), [tf.zeros([2])]
    ),
    "loop invariant": lambda tf: tf.while_loop(
        lambda i: i[0] < 3, lambda i: i, [tf.zeros([2])], shape_invariants=[tf.TensorShape([3])]
    ),
    "loop gives nothing": lambda tf: tf.while_loop(lambda i: i < 3, lambda i: None, [1]),
    "loop fetched inside": lambda tf: tf.Session().run(
        tf.while_loop(lambda i: i < 3, lambda i: i + 1, [1]).op.inputs[0]
    ),
    "fetch inside": lambda tf: tf.Session().run(
        tf.cond(predicate(tf), lambda: 1, lambda: 2).op.inputs[0]
    ),
}
