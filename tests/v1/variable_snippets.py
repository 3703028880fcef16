"""Short graphs of variables, initializers and random numbers; see `snippets.py`.

What a snippet returns, if it is plain Python, is compared as well, and so are the collections.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

Snippet = Callable[[Any], Any]


def f32(tf: Any, shape: Any = None, name: str = "x") -> Any:
    return tf.placeholder(tf.float32, shape, name)


def ref(tf: Any, value: Any = (1.0, 2.0), name: str = "v", **more: Any) -> Any:
    return tf.Variable(list(value) if isinstance(value, tuple) else value, name=name, **more)


def res(tf: Any, value: Any = (1.0, 2.0), name: str = "r", **more: Any) -> Any:
    return ref(tf, value, name, use_resource=True, **more)


def matrix(tf: Any, **more: Any) -> Any:
    return ref(tf, np.arange(12, dtype=np.float32).reshape(4, 3), **more)


def slices(tf: Any, values: Any = ((1.0, 2.0, 3.0),), indices: Any = (1,)) -> Any:
    return tf.IndexedSlices(tf.constant(values), tf.constant(list(indices)))


def within(manager: Any, build: Callable[[], Any]) -> Any:
    with manager:
        return build()


def described(v: Any) -> list[Any]:
    return [
        v.name,
        v.op.name,
        str(v.shape),
        str(v.get_shape()),
        v.dtype.name,
        v.device,
        v.trainable,
        str(v.synchronization),
        v.aggregation.name,
        v.initializer.name,
        v.initial_value.name,
        repr(v),
    ]


def proto(v: Any, scope: str | None = None) -> str:
    return str(v.to_proto(scope))


def names(variables: Any) -> list[str]:
    return [v.name for v in variables]


# tf.Variable


def in_scopes(tf: Any) -> Any:
    with tf.name_scope("a"), tf.variable_scope("b"):
        return described(ref(tf)), described(ref(tf))


def on_device(tf: Any) -> Any:
    with tf.device("/cpu:0"):
        v = ref(tf)
        v.assign_add([1.0, 1.0])
        w = tf.Variable(lambda: tf.zeros([2]), name="w")
        r = res(tf)
        with tf.device(None):
            r.assign_sub([1.0, 1.0])
        return v.device, w.device, r.device


def colocated(tf: Any) -> Any:
    x = f32(tf, [2])
    with tf.colocate_with(x):
        ref(tf)
        tf.Variable(lambda: tf.zeros([2]), name="w")
        res(tf)


def under_control(tf: Any) -> Any:
    with tf.control_dependencies([f32(tf, [2])]):
        v, r = ref(tf), res(tf)
        v.assign([1.0, 1.0])
        r.assign([1.0, 1.0])
        return v + r


def in_container(tf: Any) -> Any:
    with tf.container("box"):
        return ref(tf), res(tf)


def from_proto(tf: Any) -> Any:
    v, r = ref(tf, trainable=False), res(tf)
    copies = [tf.Variable.from_proto(v.to_proto()), type(r).from_proto(r.to_proto())]
    return [described(c) for c in copies]


def from_proto_in_scope(tf: Any) -> Any:
    with tf.name_scope("a"):
        v = ref(tf)
    return proto(v, "a"), proto(v, "b"), described(tf.Variable.from_proto(v.to_proto("a"), "a"))


def depends(tf: Any, **more: Any) -> Any:
    v = ref(tf, **more)
    return tf.Variable(v * 2.0 + 1.0, name="w")


def depends_on_initialized(tf: Any, **more: Any) -> Any:
    v = ref(tf, **more)
    return tf.Variable(v.initialized_value() * 2.0, name="w")


def depends_twice(tf: Any) -> Any:
    v, w = ref(tf), ref(tf, name="w")
    u = tf.Variable(v + w, name="u")
    return tf.Variable(u * v, name="t")


def resources_enabled(tf: Any) -> Any:
    tf.enable_resource_variables()
    try:
        return [
            repr(tf.Variable(1.0)),
            repr(tf.get_variable("g", [2])),
            tf.resource_variables_enabled(),
        ]
    finally:
        tf.disable_resource_variables()


def set_shape(tf: Any) -> Any:
    v = tf.Variable(tf.placeholder(tf.float32, [None, 2]), name="v", validate_shape=False)
    v.set_shape([3, 2])
    return str(v.shape), str(v.value().shape)


def with_shape(tf: Any) -> Any:
    r = res(tf, shape=tf.TensorShape([None]))
    r.assign([1.0, 2.0, 3.0])
    return str(r.shape)


def save_slice_info(tf: Any) -> Any:
    info = tf.Variable.SaveSliceInfo("whole", [4, 3], [0, 1], [4, 1])
    v = matrix(tf)
    v._set_save_slice_info(info)
    again = tf.Variable.SaveSliceInfo.from_spec(info.spec)
    return info.spec, proto(v), again.full_shape, again.var_offset, again.var_shape


def counting(tf: Any) -> Any:
    v, r = tf.Variable(0, name="v"), tf.Variable(0, name="r", use_resource=True)
    v.count_up_to(3)
    r.count_up_to(3)
    tf.count_up_to(v, 4, name="n")
    tf.count_up_to(r, 4)


VARIABLES: dict[str, Snippet] = {
    "plain": lambda tf: described(ref(tf)),
    "default name": lambda tf: described(tf.Variable(3)),
    "twice": lambda tf: names([tf.Variable(3), tf.Variable(4.5)]),
    "array": lambda tf: described(tf.Variable(np.arange(3.0), name="v")),
    "dtype": lambda tf: described(tf.Variable(1, dtype=tf.float64, name="v")),
    "strings": lambda tf: described(tf.Variable(["a", "b"], name="v")),
    "tensor": lambda tf: described(tf.Variable(tf.ones([2, 2]) * 2.0, name="v")),
    "function": lambda tf: described(tf.Variable(lambda: tf.ones([2, 2]), name="v")),
    "function of a list": lambda tf: described(tf.Variable(lambda: [1.0, 2.0], name="v")),
    "not trainable": lambda tf: described(tf.Variable(1.0, trainable=False)),
    "on read": lambda tf: described(
        tf.Variable(1.0, synchronization=tf.VariableSynchronization.ON_READ)
    ),
    "aggregation": lambda tf: described(tf.Variable(1.0, aggregation=tf.VariableAggregation.SUM)),
    "aggregation number": lambda tf: described(tf.Variable(1.0, aggregation=3)),
    "collections": lambda tf: described(tf.Variable(1.0, collections=["mine", "local_variables"])),
    "collections set": lambda tf: described(tf.Variable(1.0, collections={"mine"})),
    "no collections": lambda tf: described(tf.Variable(1.0, collections=[], trainable=False)),
    "validate_shape": lambda tf: described(tf.Variable(f32(tf), validate_shape=False)),
    "shape": lambda tf: described(ref(tf, shape=[2])),
    "caching_device": lambda tf: described(ref(tf, caching_device="/cpu:1")),
    "expected_shape": lambda tf: described(ref(tf, expected_shape=[3])),
    "resource": lambda tf: described(res(tf)),
    "resource function": lambda tf: described(res(tf, lambda: tf.zeros([3]))),
    "resource with shape": with_shape,
    "resource caching_device": lambda tf: (
        lambda r: (r.value(), r.read_value(), r + 1.0, r.assign_add([1.0, 1.0]))[:0]
    )(res(tf, caching_device="/cpu:1")),
    "resource validate_shape": lambda tf: described(res(tf, f32(tf), validate_shape=False)),
    "resource strings": lambda tf: described(res(tf, ["a"])),
    "resources enabled": resources_enabled,
    "in scopes": in_scopes,
    "on a device": on_device,
    "colocated": colocated,
    "under control": under_control,
    "in a container": in_container,
    "set_shape": set_shape,
    "to_proto": lambda tf: (proto(ref(tf)), proto(res(tf, trainable=False))),
    "from_proto": from_proto,
    "from_proto in a scope": from_proto_in_scope,
    "save_slice_info": save_slice_info,
    "initialized_value": lambda tf: ref(tf).initialized_value(),
    "depends on a variable": depends,
    "depends on a resource": lambda tf: depends(tf, use_resource=True),
    "depends on an initialized value": depends_on_initialized,
    "depends twice": depends_twice,
    "read": lambda tf: (lambda v: (v.value(), v.read_value(), v.read_value())[:0])(ref(tf)),
    "read resource": lambda tf: (lambda v: (v.value(), v.read_value(), v.value())[:0])(res(tf)),
    "is_initialized": lambda tf: (
        tf.is_variable_initialized(ref(tf)),
        tf.is_variable_initialized(res(tf)),
    ),
    "add": lambda tf: ref(tf) + 1.0,
    "add reflected": lambda tf: 1.0 + ref(tf),
    "add variables": lambda tf: ref(tf) + res(tf),
    "add tensor": lambda tf: f32(tf, [2]) + ref(tf),
    "add to tensor": lambda tf: ref(tf) + f32(tf, [2]),
    "add array": lambda tf: np.ones(2, np.float32) * ref(tf),
    "resource add": lambda tf: 1.0 - res(tf),
    "matmul": lambda tf: matrix(tf) @ ref(tf, [[1.0], [2.0], [3.0]], "w"),
    "negative": lambda tf: -ref(tf),
    "less": lambda tf: ref(tf) < res(tf),
    "power": lambda tf: 2.0 ** res(tf),
    "absolute": lambda tf: abs(ref(tf)),
    "invert": lambda tf: ~tf.Variable([True, False], name="v"),
    "item": lambda tf: matrix(tf)[1],
    "item of a resource": lambda tf: matrix(tf, use_resource=True)[1:, 0],
    "mask": lambda tf: ref(tf)[tf.constant([True, False])],
    "slice assign": lambda tf: matrix(tf)[1:3, 0].assign([1.0, 2.0]),
    "slice assign named": lambda tf: matrix(tf)[..., tf.newaxis, 1].assign(
        f32(tf, [4, 1]), name="n"
    ),
    "slice assign of a resource": lambda tf: matrix(tf, use_resource=True)[0].assign(
        [1.0, 2.0, 3.0]
    ),
    "in a list": lambda tf: tf.stack([ref(tf), res(tf), [1.0, 2.0]]),
    "converted": lambda tf: tf.convert_to_tensor(ref(tf)),
    "add_n": lambda tf: tf.add_n([ref(tf), res(tf)]),
    "shape of": lambda tf: tf.shape(ref(tf)),
    "identity": lambda tf: tf.identity(ref(tf)),
    "group": lambda tf: tf.group(ref(tf).initializer, res(tf).assign_add([1.0, 1.0])),
    "tuple": lambda tf: tf.tuple([ref(tf), f32(tf, [2])])[:0],
    "gather": lambda tf: tf.gather(matrix(tf), [1, 2]),
    "gather of a resource": lambda tf: tf.gather(matrix(tf, use_resource=True), [1, 2]),
    "gather_nd of a resource": lambda tf: tf.gather_nd(matrix(tf, use_resource=True), [[1, 2]]),
    "embedding_lookup": lambda tf: tf.nn.embedding_lookup(matrix(tf), [1, 2]),
    "embedding_lookup of a resource": lambda tf: tf.nn.embedding_lookup(
        matrix(tf, use_resource=True), [1, 2]
    ),
    "embedding_lookup of several": lambda tf: tf.nn.embedding_lookup(
        [matrix(tf), matrix(tf, name="w")], [1, 2]
    ),
    "embedding_lookup of several resources": lambda tf: tf.nn.embedding_lookup(
        [matrix(tf, use_resource=True), matrix(tf, name="w")], [1, 2], "div"
    ),
    "embedding_lookup of a partitioned variable": lambda tf: tf.nn.embedding_lookup(
        tf.get_variable("p", [5, 2], partitioner=tf.fixed_size_partitioner(2)), [1, 4], "div"
    ),
    "sparse_read": lambda tf: matrix(tf, use_resource=True).sparse_read([1, 2], name="n"),
    "conv2d": lambda tf: tf.nn.conv2d(
        f32(tf, [1, 4, 4, 1]), ref(tf, np.ones((2, 2, 1, 1), np.float32)), 1, "SAME"
    ),
    "bias_add": lambda tf: tf.nn.bias_add(f32(tf, [1, 2]), ref(tf)),
    "relu": lambda tf: tf.nn.relu(res(tf)),
    "cast": lambda tf: tf.cast(ref(tf), tf.int32),
    "cast to itself": lambda tf: tf.cast(ref(tf), tf.float32),
    "zeros_like": lambda tf: (tf.zeros_like(ref(tf)), tf.ones_like(res(tf))),
    "reshape": lambda tf: tf.reshape(ref(tf), [2, 1]),
    "reduce_sum": lambda tf: tf.reduce_sum(ref(tf)),
    "concat": lambda tf: tf.concat([ref(tf), res(tf)], 0),
    "assert_equal": lambda tf: tf.assert_equal(
        tf.Variable([1, 2], name="v"), tf.Variable([1, 2], name="r", use_resource=True)
    ),
    "with dependencies": lambda tf: within(
        tf.control_dependencies([ref(tf).assign([1.0, 1.0]), res(tf)]), lambda: tf.no_op()
    ),
}

# Changes


def twice(tf: Any) -> Any:
    r = res(tf)
    return r.assign_add([1.0, 1.0]).assign_sub([2.0, 2.0]).read_value()


def scattered(how: str) -> Snippet:
    def build(tf: Any) -> Any:
        function = getattr(tf, f"scatter_{how}")
        for v in (matrix(tf), matrix(tf, use_resource=True)):
            function(v, [0, 1], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
            getattr(v, f"scatter_{how}")(slices(tf), name="n")

    return build


def scattered_nd(how: str) -> Snippet:
    def build(tf: Any) -> Any:
        for v in (matrix(tf), matrix(tf, use_resource=True)):
            if how not in ("max", "min"):
                getattr(tf, f"scatter_nd_{how}")(v, [[0, 1], [1, 1]], [1.0, 2.0])
            getattr(v, f"scatter_nd_{how}")([[0]], f32(tf, [1, 3]), name="n")

    return build


CHANGES: dict[str, Snippet] = {
    "assign": lambda tf: ref(tf).assign([3.0, 4.0]),
    "assign named": lambda tf: ref(tf).assign(f32(tf, [2]), use_locking=True, name="n"),
    "assign op": lambda tf: ref(tf).assign([3.0, 4.0], read_value=False).name,
    "assign_add": lambda tf: ref(tf).assign_add([3.0, 4.0]),
    "assign_add op": lambda tf: ref(tf).assign_add(f32(tf, [2]), read_value=False).name,
    "assign_sub": lambda tf: ref(tf).assign_sub([3.0, 4.0], use_locking=True, name="n"),
    "assign variable": lambda tf: ref(tf).assign(res(tf)),
    "assign a resource": lambda tf: repr(res(tf).assign([3.0, 4.0])),
    "assign a resource op": lambda tf: res(tf).assign(ref(tf), read_value=False).name,
    "assign_add to a resource": lambda tf: res(tf).assign_add([3.0, 4.0], name="n").name,
    "assign_sub from a resource": lambda tf: res(tf).assign_sub(1.0 + f32(tf, [2])).op.name,
    "assign a resource twice": twice,
    "tf.assign": lambda tf: tf.assign(ref(tf), [3.0, 4.0]),
    "tf.assign shape": lambda tf: tf.assign(
        ref(tf), [3.0, 4.0, 5.0], validate_shape=False, use_locking=False, name="n"
    ),
    "tf.assign a resource": lambda tf: tf.assign(res(tf), [3.0, 4.0], name="n").name,
    "tf.assign_add": lambda tf: tf.assign_add(ref(tf), [3.0, 4.0]),
    "tf.assign_add to a resource": lambda tf: tf.assign_add(res(tf), [3.0, 4.0]).name,
    "tf.assign_sub": lambda tf: tf.assign_sub(ref(tf), f32(tf, [2]), use_locking=True, name="n"),
    "tf.assign_sub from a resource": lambda tf: tf.assign_sub(res(tf), [3.0, 4.0]).name,
    "assign to an assignment": lambda tf: tf.assign_add(ref(tf).assign([1.0, 1.0]), [3.0, 4.0]),
    "count_up_to": counting,
    **{
        f"scatter_{how}": scattered(how)
        for how in ["add", "sub", "mul", "div", "min", "max", "update"]
    },
    **{f"scatter_nd_{how}": scattered_nd(how) for how in ["add", "sub", "update", "max", "min"]},
    "batch_scatter_update": lambda tf: matrix(tf).batch_scatter_update(
        tf.IndexedSlices(f32(tf, [4, 2]), tf.constant([[0, 1]] * 4))
    ),
    "tf.batch_scatter_update": lambda tf: tf.batch_scatter_update(
        matrix(tf, use_resource=True), tf.constant([[0, 1]] * 4), f32(tf, [4, 2]), name="n"
    ),
    "variables_initializer": lambda tf: tf.variables_initializer([ref(tf), res(tf)]),
    "variables_initializer of none": lambda tf: tf.variables_initializer([], name="n"),
    "global_variables_initializer": lambda tf: (
        ref(tf),
        res(tf),
        tf.Variable(1, collections=["local_variables"]),
        tf.global_variables_initializer(),
        tf.local_variables_initializer(),
        tf.initializers.global_variables(),
    ),
    "global_variables_initializer of none": lambda tf: tf.global_variables_initializer(),
    "initializers on devices": lambda tf: (
        within(tf.device("/cpu:0"), lambda: ref(tf)),
        within(tf.device("/cpu:1"), lambda: ref(tf)),
        tf.global_variables_initializer(),
    ),
    "collections": lambda tf: (
        ref(tf),
        within(tf.variable_scope("s"), lambda: tf.get_local_variable("w", [2])),
        names(tf.global_variables()),
        names(tf.local_variables("s/")),
        names(tf.trainable_variables()),
        names(tf.model_variables()),
        names(tf.moving_average_variables()),
        names(tf.all_variables()),
        names(tf.global_variables("no")),
    )[2:],
    "report_uninitialized_variables": lambda tf: (
        ref(tf),
        res(tf),
        tf.report_uninitialized_variables(),
    ),
    "report_uninitialized_variables of none": lambda tf: tf.report_uninitialized_variables(
        name="n"
    ),
    "report_uninitialized_variables of some": lambda tf: tf.report_uninitialized_variables(
        [ref(tf)]
    ),
    "assert_variables_initialized": lambda tf: (
        ref(tf),
        tf.Variable(1, name="w"),
        tf.assert_variables_initialized(),
    ),
    "assert_variables_initialized of one": lambda tf: tf.assert_variables_initialized([ref(tf)]),
    "assert_variables_initialized of none": lambda tf: tf.assert_variables_initialized(),
}

# Variable scopes


def shared(tf: Any) -> Any:
    with tf.variable_scope("a"):
        v = tf.get_variable("v", [2])
    with tf.variable_scope("a", reuse=True):
        w = tf.get_variable("v", [2])
        u = tf.get_variable("v")
    with tf.variable_scope("a") as scope:
        scope.reuse_variables()
        t = tf.get_variable("v")
        x = t * 2.0
    return v is w, v is u, v is t, x.name, scope.reuse


def auto_reuse(tf: Any) -> Any:
    found = []
    for _ in range(2):
        with tf.variable_scope("a", reuse=tf.AUTO_REUSE) as scope:
            found.append(tf.get_variable("v", [2]))
            with tf.variable_scope("b") as inner:
                found.append(tf.get_variable("v", [2]))
    return names(found), scope.reuse == tf.AUTO_REUSE, inner.reuse == tf.AUTO_REUSE


def reentered(tf: Any) -> Any:
    with tf.variable_scope("a") as scope:
        tf.constant(1.0)
    with tf.variable_scope("b"):
        with tf.variable_scope(scope) as again:
            tf.constant(1.0)
            v = tf.get_variable("v", [2])
            with tf.variable_scope("c") as deep:
                w = tf.get_variable("w", [2])
        with tf.name_scope(scope.original_name_scope):
            tf.constant(1.0)
    with tf.variable_scope(scope, reuse=True):
        u = tf.get_variable("v")
    return [
        names([v, w, u]),
        [s.name for s in (scope, again, deep)],
        [s.original_name_scope for s in (scope, again, deep)],
        [s.reuse for s in (scope, again, deep)],
    ]


def default_names(tf: Any) -> Any:
    found = []
    for _ in range(2):
        with tf.variable_scope(None, "d") as scope:
            found.append((scope.name, scope.original_name_scope, tf.get_variable("v", [1]).name))
            for _ in range(2):
                with tf.variable_scope(None, default_name="d") as scope:
                    found.append((scope.name, scope.original_name_scope, tf.constant(1).name))
    with tf.variable_scope("d") as scope:
        found.append((scope.name, scope.original_name_scope, tf.constant(1).name))
    with tf.variable_scope(None, "d") as scope:
        found.append((scope.name, scope.original_name_scope, tf.constant(1).name))
    return found


def defaults(tf: Any) -> Any:
    def getter(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        return getter(f"{name}_mine", *args, **kwargs)

    with tf.variable_scope(
        "a",
        initializer=tf.constant_initializer(3.0),
        regularizer=tf.reduce_sum,
        caching_device="/cpu:1",
        dtype=tf.float64,
        use_resource=True,
        constraint=abs,
    ) as scope:
        v = tf.get_variable("v", [2])
        with tf.variable_scope("b", use_resource=False, regularizer=tf.no_regularizer) as inner:
            w = tf.get_variable("w", [2], dtype=tf.float32, custom_getter=getter)
    return [
        described(v),
        described(w),
        v.constraint is abs,
        w.constraint is abs,
        scope.dtype.name,
        inner.dtype.name,
        inner.use_resource,
        inner.caching_device,
        inner.initializer is scope.initializer,
        inner.constraint is None,
    ]


def setters(tf: Any) -> Any:
    with tf.variable_scope("a") as scope:
        scope.set_initializer(tf.ones_initializer())
        scope.set_regularizer(tf.reduce_sum)
        scope.set_caching_device("/cpu:1")
        scope.set_dtype(tf.float16)
        scope.set_use_resource(True)
        scope.set_partitioner(tf.fixed_size_partitioner(2))
        scope.set_custom_getter(lambda getter, **kwargs: getter(**kwargs))
        v = tf.get_variable("v", [2])
    return [type(v).__name__, names(v), scope.dtype.name, scope.use_resource, scope.caching_device]


def custom_getters(tf: Any) -> Any:
    calls: list[Any] = []

    def making(label: str) -> Any:
        def getter(getter: Any, *args: Any, **kwargs: Any) -> Any:
            calls.append((label, len(args), sorted(kwargs)))
            return getter(*args, **kwargs)

        return getter

    def without_constraint(
        getter, name, shape, dtype, initializer, regularizer, reuse, trainable, collections,
        caching_device, partitioner, validate_shape, use_resource, synchronization, aggregation,
    ):  # fmt: skip
        calls.append(name)
        return getter(name, shape=shape, dtype=dtype, initializer=initializer)

    with tf.variable_scope("a", custom_getter=making("outer")):
        with tf.variable_scope("b", custom_getter=making("inner")):
            tf.get_variable("v", [1])
        tf.get_variable("w", [1])
        tf.get_variable("u", [1], custom_getter=making("own"))
        tf.get_variable("t", [1], custom_getter=without_constraint)
    return calls


def averaged(tf: Any) -> Any:
    def getter(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        return getter(name, *args, **kwargs) * 2.0

    with tf.variable_scope("a", custom_getter=getter):
        return tf.get_variable("v", [2]).name


def no_name_scope(tf: Any) -> Any:
    with tf.name_scope("n"), tf.variable_scope("a", auxiliary_name_scope=False) as scope:
        c, v = tf.constant(1.0), tf.get_variable("v", [2])
        with tf.variable_scope("b") as inner:
            d = tf.constant(1.0)
    with tf.variable_scope(scope, auxiliary_name_scope=False) as again:
        e = tf.constant(1.0)
    return [
        names([c, v, d, e]),
        [s.original_name_scope for s in (scope, inner, again)],
        [s.name for s in (scope, inner, again)],
    ]


def empty_scope(tf: Any) -> Any:
    with tf.variable_scope("") as scope:
        with tf.variable_scope("a"):
            v = tf.get_variable("v", [2])
        return v.name, scope.name, scope.original_name_scope, tf.constant(1.0).name


def scope_of_default(tf: Any) -> Any:
    scope = tf.get_variable_scope()
    with tf.variable_scope(scope, reuse=tf.AUTO_REUSE):
        v = tf.get_variable("v", [2])
        w = tf.get_variable("v", [2])
    return v is w, scope.name, scope.reuse, tf.get_variable_scope() is scope


def scope_object_twice(tf: Any) -> Any:
    manager = tf.variable_scope("a")
    found = []
    for _ in range(2):
        with manager as scope:
            found.append((scope.name, tf.constant(1.0).name))
    return found


def regularized(tf: Any) -> Any:
    v = tf.get_variable("a/v", [2], regularizer=tf.reduce_sum)
    losses = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
    tf.add_n(losses)
    loss = losses[0] + 1.0
    return v.name, losses[0].name, str(losses[0].shape), losses[0].dtype.name, loss.name


def scope_collections(tf: Any) -> Any:
    with tf.variable_scope("a") as scope:
        tf.get_variable("v", [2])
        tf.get_variable("w", [2], trainable=False)
        tf.get_local_variable("u", [2])
    tf.get_variable("t", [2])
    with tf.variable_scope("ab"):
        tf.get_variable("v", [2])
    return [
        names(scope.global_variables()),
        names(scope.trainable_variables()),
        names(scope.local_variables()),
        names(tf.get_variable_scope().global_variables()),
    ]


def created(tf: Any) -> Any:
    calls: list[Any] = []

    def creator(next_creator: Any, **kwargs: Any) -> Any:
        calls.append(sorted(kwargs))
        kwargs["name"] = f"{kwargs['name']}_made"
        return next_creator(**kwargs)

    def inner(next_creator: Any, **kwargs: Any) -> Any:
        calls.append(kwargs["name"])
        kwargs["use_resource"] = True
        return next_creator(**kwargs)

    with tf.variable_creator_scope(creator):
        v = ref(tf)
        with tf.variable_creator_scope(inner):
            w = ref(tf, name="w")
            u = tf.get_variable("u", [2])
    return calls, [repr(x) for x in (v, w, u)]


SCOPES: dict[str, Snippet] = {
    "get_variable": lambda tf: described(tf.get_variable("v", [2, 3])),
    "get_variable ints": lambda tf: described(tf.get_variable("v", [2], tf.int32)),
    "get_variable bools": lambda tf: described(tf.get_variable("v", [2], tf.bool)),
    "get_variable strings": lambda tf: described(tf.get_variable("v", [2], tf.string)),
    "get_variable scalar": lambda tf: described(tf.get_variable("v", [])),
    "get_variable of a number": lambda tf: described(tf.get_variable("v", initializer=3.0)),
    "get_variable of an array": lambda tf: described(
        tf.get_variable("v", initializer=np.ones((2, 2), np.float32), dtype=tf.float32)
    ),
    "get_variable of a tensor": lambda tf: described(
        tf.get_variable("v", initializer=f32(tf, [2]))
    ),
    "get_variable of a function": lambda tf: described(
        tf.get_variable("v", initializer=lambda: tf.ones([3]))
    ),
    "get_variable of a class": lambda tf: described(
        tf.get_variable("v", [2], initializer=tf.ones_initializer)
    ),
    "get_variable of a function of shape": lambda tf: described(
        tf.get_variable("v", [2], initializer=lambda shape, dtype: tf.fill(shape, 2.0))
    ),
    "get_variable not trainable": lambda tf: described(tf.get_variable("v", [2], trainable=False)),
    "get_variable in collections": lambda tf: described(
        tf.get_variable("v", [2], collections=["mine"])
    ),
    "get_variable resource": lambda tf: described(tf.get_variable("v", [2], use_resource=True)),
    "get_variable of shape": lambda tf: described(
        tf.get_variable("v", tf.TensorShape([2]), dtype="float64")
    ),
    "get_variable of a dimension": lambda tf: described(tf.get_variable("v", 3)),
    "get_local_variable": lambda tf: described(tf.get_local_variable("v", [2])),
    "get_local_variable in collections": lambda tf: described(
        tf.get_local_variable("v", [2], collections=["mine"])
    ),
    "get_variable in scopes": lambda tf: within(
        tf.variable_scope("a"),
        lambda: within(tf.name_scope("n"), lambda: described(tf.get_variable("b/v", [2]))),
    ),
    "variable in a scope": lambda tf: within(tf.variable_scope("a"), lambda: described(ref(tf))),
    "shared": shared,
    "AUTO_REUSE": auto_reuse,
    "entered anew": reentered,
    "default names": default_names,
    "defaults": defaults,
    "setters": setters,
    "custom getters": custom_getters,
    "custom getter of another value": averaged,
    "without a name scope": no_name_scope,
    "empty": empty_scope,
    "of the default": scope_of_default,
    "one object twice": scope_object_twice,
    "regularizer": regularized,
    "no regularizer": lambda tf: tf.get_variable("v", [2], regularizer=tf.no_regularizer).name,
    "collections": scope_collections,
    "creators": created,
    "variable_op_scope": lambda tf: within(
        tf.variable_op_scope([f32(tf, [2])], None, "a"), lambda: tf.get_variable("v", [2]).name
    ),
    "values": lambda tf: within(
        tf.variable_scope("a", values=[f32(tf, [2])]), lambda: tf.get_variable("v", [2]).name
    ),
}

# Partitioned variables


def partitioned(tf: Any, shape: Any, partitioner: Any, **more: Any) -> Any:
    v = tf.get_variable("v", shape, partitioner=partitioner, **more)
    return [
        type(v).__name__,
        v.name,
        str(v.shape),
        v.dtype.name,
        len(v),
        [(p.name, str(p.shape), p._get_save_slice_info().spec) for p in v],
    ]


def partitioned_used(tf: Any) -> Any:
    with tf.variable_scope("a", partitioner=tf.fixed_size_partitioner(2)):
        v = tf.get_variable("v", [5, 2])
        tf.get_variable("scalar", [])
    with tf.variable_scope("a", reuse=True):
        w = tf.get_variable("v", [5, 2])
    total = v + tf.ones([5, 2])
    tf.matmul(v, tf.ones([2, 1]))
    return v is w, v.as_tensor().name, total.name


def partitioned_assigned(tf: Any) -> Any:
    v = tf.get_variable("v", [4, 5], partitioner=tf.fixed_size_partitioner(2, axis=1))
    v.assign(tf.ones([4, 5]))
    v.assign_add([tf.ones([4, 3]), tf.ones([4, 2])])
    v.assign_sub(v)


def partitioned_shared(tf: Any) -> Any:
    found = []
    for _ in range(2):
        with tf.variable_scope("a", reuse=tf.AUTO_REUSE, partitioner=tf.fixed_size_partitioner(3)):
            found.append(tf.get_variable("v", [5, 2]))
    return found[0] is found[1]


PARTITIONS: dict[str, Snippet] = {
    "fixed": lambda tf: partitioned(tf, [5, 2], tf.fixed_size_partitioner(3)),
    "fixed axis": lambda tf: partitioned(tf, [5, 2], tf.fixed_size_partitioner(3, axis=1)),
    "fixed one": lambda tf: partitioned(tf, [5, 2], tf.fixed_size_partitioner(1)),
    "by size": lambda tf: partitioned(tf, [10, 4], tf.variable_axis_size_partitioner(50)),
    "by size at most": lambda tf: partitioned(
        tf, [10, 4], tf.variable_axis_size_partitioner(50, max_shards=3)
    ),
    "min max": lambda tf: partitioned(tf, [10, 4], tf.min_max_variable_partitioner(4, 0, 40)),
    "of a tensor": lambda tf: partitioned(
        tf, None, tf.fixed_size_partitioner(2), initializer=f32(tf, [4, 2])
    ),
    "of ones": lambda tf: partitioned(
        tf, [4, 2], tf.fixed_size_partitioner(2), initializer=tf.ones_initializer()
    ),
    "of an identity": lambda tf: partitioned(
        tf, [4, 4], tf.fixed_size_partitioner(2), initializer=tf.initializers.identity()
    ),
    "of resources": lambda tf: partitioned(
        tf, [4, 2], tf.fixed_size_partitioner(2), use_resource=True
    ),
    "of variance scaling": lambda tf: partitioned(
        tf,
        [6, 4],
        tf.fixed_size_partitioner(3),
        initializer=tf.variance_scaling_initializer(seed=1),
    ),
    "used": partitioned_used,
    "assigned": partitioned_assigned,
    "shared": partitioned_shared,
    "create_partitioned_variables": lambda tf: names(
        tf.create_partitioned_variables([4, 2], [2, 1], tf.ones_initializer(), name="p")
    ),
    "create_partitioned_variables without a name": lambda tf: names(
        tf.create_partitioned_variables([4, 2], [1, 2], tf.zeros_initializer())
    ),
}

# Initializers


def initializer(
    make: Callable[[Any], Any], shape: Any = (4, 6), dtype: str | None = None
) -> Snippet:
    def build(tf: Any) -> Any:
        tf.set_random_seed(7)
        made = make(tf)
        again = type(made).from_config(made.get_config())
        v = tf.get_variable("v", shape, dtype, initializer=made)
        again(list(shape))
        config = {k: str(c) for k, c in made.get_config().items()}
        return config, type(made).__name__, v.dtype.name

    return build


def called(make: Callable[[Any], Any]) -> Snippet:
    return lambda tf: make(tf)([3, 4], dtype=tf.float64)


INITIALIZERS: dict[str, Snippet] = {
    "zeros": initializer(lambda tf: tf.zeros_initializer()),
    "zeros of ints": initializer(lambda tf: tf.zeros_initializer(tf.int32), dtype="int64"),
    "zeros large": initializer(lambda tf: tf.initializers.zeros(), (40, 50)),
    "ones": initializer(lambda tf: tf.initializers.ones()),
    "constant": initializer(lambda tf: tf.constant_initializer(2.5)),
    "constant list": initializer(lambda tf: tf.constant_initializer([1, 2, 3, 4]), (2, 2)),
    "random_uniform": initializer(lambda tf: tf.random_uniform_initializer(-1.0, 1.0)),
    "random_uniform default": initializer(
        lambda tf: tf.random_uniform_initializer(maxval=2.0, seed=3)
    ),
    "random_uniform ints": initializer(
        lambda tf: tf.random_uniform_initializer(0, 10, dtype=tf.int32), dtype="int32"
    ),
    "random_normal": initializer(lambda tf: tf.random_normal_initializer(0.0, 0.1)),
    "truncated_normal": initializer(lambda tf: tf.truncated_normal_initializer(stddev=0.1, seed=3)),
    "uniform_unit_scaling": initializer(lambda tf: tf.uniform_unit_scaling_initializer(1.5)),
    "variance_scaling": initializer(lambda tf: tf.variance_scaling_initializer()),
    "variance_scaling fan_out": initializer(
        lambda tf: tf.variance_scaling_initializer(2.0, "fan_out", "uniform")
    ),
    "variance_scaling untruncated": initializer(
        lambda tf: tf.variance_scaling_initializer(2.0, "fan_avg", "untruncated_normal"),
        (2, 3, 4, 5),
    ),
    "variance_scaling normal of a vector": initializer(
        lambda tf: tf.variance_scaling_initializer(distribution="normal"), (5,)
    ),
    "glorot_uniform": initializer(lambda tf: tf.glorot_uniform_initializer()),
    "glorot_normal": initializer(lambda tf: tf.initializers.glorot_normal(seed=2)),
    "he_normal": initializer(lambda tf: tf.initializers.he_normal()),
    "he_uniform": initializer(lambda tf: tf.initializers.he_uniform(3)),
    "lecun_normal": initializer(lambda tf: tf.initializers.lecun_normal()),
    "lecun_uniform": initializer(lambda tf: tf.initializers.lecun_uniform()),
    "orthogonal": initializer(lambda tf: tf.orthogonal_initializer(2.0)),
    "orthogonal tall": initializer(lambda tf: tf.orthogonal_initializer(), (3, 3, 2)),
    "identity": initializer(lambda tf: tf.initializers.identity(2.0)),
    "zeros called": called(lambda tf: tf.zeros_initializer()),
    "truncated_normal called": called(lambda tf: tf.truncated_normal_initializer()),
    "glorot_uniform called": called(lambda tf: tf.glorot_uniform_initializer(dtype=tf.float16)),
    "orthogonal called": called(lambda tf: tf.orthogonal_initializer(seed=1)),
}

# Random numbers


def seeds(tf: Any) -> Any:
    found = [tf.get_seed(None), tf.get_seed(3), tf.get_seed(2**31)]
    tf.set_random_seed(0)
    found += [tf.get_seed(None), tf.get_seed(None), tf.get_seed(0), tf.get_seed(5)]
    tf.constant(1.0)
    found.append(tf.get_seed(None))
    tf.set_random_seed(2**31 + 5)
    found += [tf.random.get_seed(None), tf.random.get_seed(-1)]
    tf.random.set_random_seed(None)
    return [*found, tf.get_seed(None), tf.get_seed(7)]


def seeded(tf: Any) -> Any:
    tf.set_random_seed(42)
    for _ in range(2):
        tf.random_uniform([2])
        tf.random_normal([2], seed=1)
    tf.random_shuffle([1, 2, 3])


RANDOM: dict[str, Snippet] = {
    "seeds": seeds,
    "seeded ops": seeded,
    "uniform": lambda tf: tf.random_uniform([2, 3]),
    "uniform bounds": lambda tf: tf.random_uniform([2, 3], -1.0, 1.0, seed=3, name="n"),
    "uniform maxval": lambda tf: tf.random_uniform([2, 3], maxval=5.0, dtype=tf.float64),
    "uniform maxval of 1.0": lambda tf: tf.random_uniform([2, 3], maxval=1.0),
    "uniform ints": lambda tf: tf.random_uniform([2, 3], 0, 10, tf.int32, name="n"),
    "uniform int64": lambda tf: tf.random.uniform([], maxval=10, dtype=tf.int64, seed=1),
    "uniform unknown": lambda tf: tf.random_uniform(tf.shape(f32(tf, [None, 2]))),
    "uniform of a shape": lambda tf: tf.random_uniform(tf.TensorShape([2, 3])),
    "uniform of a part": lambda tf: tf.random_uniform([tf.shape(f32(tf, [None, 2]))[0], 2]),
    "uniform scalar": lambda tf: tf.random_uniform([], name="n"),
    "uniform tensors": lambda tf: tf.random_uniform([2], f32(tf, []), f32(tf, [], "y")),
    "uniform of dimensions": lambda tf: tf.random_uniform(f32(tf, [2, 3]).shape[:1]),
    "normal": lambda tf: tf.random_normal([2, 3]),
    "normal parameters": lambda tf: tf.random.normal([2, 3], 1.0, 2.0, tf.float64, 3, "n"),
    "normal half": lambda tf: tf.random_normal([2], dtype=tf.float16),
    "truncated_normal": lambda tf: tf.truncated_normal([2, 3], stddev=0.1, seed=3),
    "tf.random.truncated_normal": lambda tf: tf.random.truncated_normal([2], name="n"),
    "shuffle": lambda tf: tf.random_shuffle(f32(tf, [4, 2]), seed=3),
    "tf.random.shuffle": lambda tf: tf.random.shuffle([1, 2, 3], name="n"),
    "multinomial": lambda tf: tf.multinomial(f32(tf, [2, 3]), 4, seed=3),
    "multinomial int32": lambda tf: tf.random.multinomial(
        f32(tf, [2, 3]), 4, output_dtype=tf.int32
    ),
    "categorical": lambda tf: tf.random.categorical(f32(tf, [2, 3]), 4, name="n"),
    "gamma": lambda tf: tf.random_gamma([2], [0.5, 1.5], seed=3),
    "gamma beta": lambda tf: tf.random.gamma([2], f32(tf, [3]), [[2.0]], name="n"),
    "poisson": lambda tf: tf.random_poisson([0.5, 1.5], [2], seed=3),
    "tf.random.poisson": lambda tf: tf.random.poisson(f32(tf, [3]), [2], tf.int32, name="n"),
    "crop": lambda tf: tf.random_crop(tf.placeholder(tf.int32, [8, 8, 3]), [4, 4, 3], seed=1),
    "stateless_uniform": lambda tf: tf.random.stateless_uniform([2, 3], [1, 2]),
    "stateless_uniform bounds": lambda tf: tf.random.stateless_uniform(
        [2, 3], [1, 2], -1.0, 1.0, name="n"
    ),
    "stateless_uniform ints": lambda tf: tf.random.stateless_uniform([2], [1, 2], 0, 10, tf.int32),
    "stateless_uniform full": lambda tf: tf.random.stateless_uniform(
        [2], [1, 2], None, None, tf.int32
    ),
    "stateless_normal": lambda tf: tf.random.stateless_normal([2, 3], [1, 2], 1.0, 2.0),
    "stateless_truncated_normal": lambda tf: tf.random.stateless_truncated_normal([2], [1, 2]),
    "stateless_multinomial": lambda tf: tf.random.stateless_multinomial(f32(tf, [2, 3]), 4, [1, 2]),
    "stateless_categorical": lambda tf: tf.random.stateless_categorical(
        f32(tf, [2, 3]), 4, [1, 2], tf.int32
    ),
    "stateless_gamma": lambda tf: tf.random.stateless_gamma([2], [1, 2], [1.5], [[2.0]]),
    "stateless_poisson": lambda tf: tf.random.stateless_poisson([2], [1, 2], [1.5, 2.5]),
    "stateless_binomial": lambda tf: tf.random.stateless_binomial([2], [1, 2], [10.0], [0.5]),
    "stateless philox": lambda tf: tf.random.stateless_uniform([2], [1, 2], alg="philox"),
    "stateless threefry": lambda tf: tf.random.stateless_normal([2], [1, 2], alg="threefry"),
}

FAMILIES = {
    "variables": VARIABLES,
    "changes": CHANGES,
    "variable scopes": SCOPES,
    "partitions": PARTITIONS,
    "initializers": INITIALIZERS,
    "random": RANDOM,
}

SNIPPETS: dict[str, Snippet] = {
    f"{family}: {name}": snippet
    for family, snippets in FAMILIES.items()
    for name, snippet in snippets.items()
}

# What fails


def again(tf: Any, **more: Any) -> Any:
    tf.get_variable("v", [2], **more)
    return tf.get_variable("v", [2])


def reusing(tf: Any, build: Callable[[], Any], **more: Any) -> Any:
    with tf.variable_scope("a", **more):
        tf.get_variable("v", [2])
    with tf.variable_scope("a", reuse=True):
        return build()


def parts(tf: Any, count: int = 2, reuse: Any = None) -> Any:
    with tf.variable_scope("a", reuse=reuse):
        return tf.get_variable("v", [4, 2], partitioner=tf.fixed_size_partitioner(count))


def by(tf: Any, answer: Any, shape: Any = (4, 2)) -> Any:
    return tf.get_variable("v", shape, partitioner=lambda **_: answer)


def assigned_in_place(tf: Any, operator: str) -> Any:
    r = res(tf)
    return getattr(r, operator)(1.0)


def misnested(tf: Any) -> Any:
    first, second = tf.variable_scope("a"), tf.variable_scope("b")
    first.__enter__()
    second.__enter__()
    try:
        first.__exit__(None, None, None)
    finally:
        with suppress(Exception):
            second.__exit__(None, None, None)


ERRORS: dict[str, Snippet] = {
    "Variable of nothing": lambda tf: tf.Variable(),
    "Variable of nothing resource": lambda tf: tf.Variable(use_resource=True),
    "Variable of unknown shape": lambda tf: tf.Variable(f32(tf, [None, 2])),
    "Variable in a string": lambda tf: tf.Variable(1.0, collections="mine"),
    "Variable in a string resource": lambda tf: res(tf, collections="mine"),
    "Variable constraint": lambda tf: tf.Variable(1.0, constraint=1),
    "Variable constraint resource": lambda tf: res(tf, constraint=1),
    "Variable synchronization": lambda tf: tf.Variable(1.0, synchronization=9, name="v"),
    "Variable aggregation": lambda tf: tf.Variable(1.0, aggregation="all", name="v"),
    "Variable other dtype": lambda tf: tf.Variable(f32(tf, [2]), dtype=tf.int32),
    "Variable resource shape": lambda tf: res(tf, shape=[3]),
    "Variable of a definition and a value": lambda tf: tf.Variable(
        1.0, variable_def=ref(tf).to_proto()
    ),
    "Variable iteration": lambda tf: iter(ref(tf)),
    "Variable iteration resource": lambda tf: iter(res(tf)),
    "Variable truth": lambda tf: bool(res(tf)),
    "Variable +=": lambda tf: assigned_in_place(tf, "__iadd__"),
    "Variable -=": lambda tf: assigned_in_place(tf, "__isub__"),
    "Variable *=": lambda tf: assigned_in_place(tf, "__imul__"),
    "Variable /=": lambda tf: assigned_in_place(tf, "__itruediv__"),
    "Variable **=": lambda tf: assigned_in_place(tf, "__ipow__"),
    "Variable converted": lambda tf: tf.convert_to_tensor(ref(tf), tf.int32),
    "Variable converted resource": lambda tf: tf.convert_to_tensor(res(tf), tf.int32),
    "Variable load": lambda tf: ref(tf).load([1.0, 2.0]),
    "Variable eval": lambda tf: ref(tf).eval(),
    "Variable sparse_read": lambda tf: ref(tf).sparse_read([0]),
    "assign shape": lambda tf: ref(tf).assign([1.0, 2.0, 3.0]),
    "assign shape resource": lambda tf: res(tf).assign([1.0, 2.0, 3.0]),
    "assign_add shape": lambda tf: ref(tf).assign_add([1.0, 2.0, 3.0]),
    "assign_add shape resource": lambda tf: res(tf).assign_add([1.0, 2.0, 3.0]),
    "assign type": lambda tf: ref(tf).assign(tf.constant([1, 2])),
    "assign type resource": lambda tf: res(tf).assign(tf.constant([1, 2])),
    "assign string": lambda tf: ref(tf).assign("a"),
    "assign a tensor": lambda tf: tf.assign(f32(tf, [2]), [1.0, 2.0]),
    "assign a constant": lambda tf: tf.raw_ops.Assign(ref=tf.constant([1.0]), value=[1.0]),
    "set_shape": lambda tf: ref(tf).set_shape([3]),
    "scatter dense": lambda tf: ref(tf).scatter_add(1.0),
    "scatter dense resource": lambda tf: res(tf).scatter_add(1.0),
    "scatter shapes": lambda tf: tf.scatter_add(matrix(tf), [0, 1], f32(tf, [3, 3])),
    "slice spec": lambda tf: tf.Variable.SaveSliceInfo.from_spec("4"),
    "slice spec numbers": lambda tf: tf.Variable.SaveSliceInfo.from_spec("4 a,b"),
    "slice spec pairs": lambda tf: tf.Variable.SaveSliceInfo.from_spec("4 1"),
    "get_variable again": lambda tf: again(tf),
    "get_variable again resource": lambda tf: again(tf, use_resource=True),
    "get_variable reused": lambda tf: reusing(tf, lambda: tf.get_variable("w", [2])),
    "get_variable shape": lambda tf: reusing(tf, lambda: tf.get_variable("v", [3])),
    "get_variable type": lambda tf: reusing(tf, lambda: tf.get_variable("v", [2], tf.int32)),
    "get_variable without shape": lambda tf: tf.get_variable("v"),
    "get_variable unknown shape": lambda tf: tf.get_variable("v", [None, 2]),
    "get_variable constant and shape": lambda tf: tf.get_variable("v", [2], initializer=[1.0, 2.0]),
    "get_variable constant and type": lambda tf: tf.get_variable(
        "v", initializer=[1.0, 2.0], dtype=tf.int32
    ),
    "get_variable initializer": lambda tf: tf.get_variable("v", initializer=tf.ones_initializer()),
    "get_variable custom getter": lambda tf: tf.get_variable("v", [2], custom_getter=3),
    "get_variable partitioner": lambda tf: tf.get_variable("v", [2], partitioner=3),
    "get_variable resource type": lambda tf: tf.get_variable("v", [2], tf.variant),
    "variable_scope without a name": lambda tf: tf.variable_scope(None),
    "variable_scope of a number": lambda tf: tf.variable_scope(3).__enter__(),
    "variable_scope reuse": lambda tf: tf.variable_scope("a", reuse=3),
    "variable_scope reuse without a name": lambda tf: tf.variable_scope(
        None, "a", reuse=True
    ).__enter__(),
    "variable_scope auxiliary_name_scope": lambda tf: tf.variable_scope(
        "a", auxiliary_name_scope=None
    ),
    "variable_scope nesting": misnested,
    "partitions again": lambda tf: (parts(tf), parts(tf)),
    "partitions missing": lambda tf: parts(tf, reuse=True),
    "partitions others": lambda tf: (parts(tf), parts(tf, 4, tf.AUTO_REUSE)),
    "partitions of a whole": lambda tf: (
        tf.get_variable("a/v", [4, 2]),
        parts(tf, reuse=tf.AUTO_REUSE),
    ),
    "whole of partitions": lambda tf: (parts(tf), tf.get_variable("a/v", [4, 2])),
    "partitions of another shape": lambda tf: (
        parts(tf),
        within(tf.variable_scope("a", reuse=True), lambda: tf.get_variable("v", [4, 3])),
    ),
    "partitioner of a number": lambda tf: by(tf, 2),
    "partitioner of another rank": lambda tf: by(tf, [2]),
    "partitioner of zero": lambda tf: by(tf, [0, 1]),
    "partitioner of two axes": lambda tf: by(tf, [2, 2]),
    "partitioner of unknown shape": lambda tf: by(tf, [1, 2], [None, 2]),
    "partitions as a reference": lambda tf: tf.raw_ops.Assign(ref=parts(tf), value=[1.0]),
    "variable_axis_size_partitioner": lambda tf: tf.variable_axis_size_partitioner(0),
    "min_max_variable_partitioner": lambda tf: partitioned(
        tf, [2], tf.min_max_variable_partitioner(2, axis=1)
    ),
    "create_partitioned_variables": lambda tf: tf.create_partitioned_variables(
        [4, 2], [2], tf.ones_initializer()
    ),
    "constant_initializer": lambda tf: tf.constant_initializer(f32(tf, [])),
    "constant_initializer shape": lambda tf: tf.constant_initializer([1.0, 2.0], verify_shape=True)(
        [3]
    ),
    "random_normal_initializer": lambda tf: tf.random_normal_initializer(dtype=tf.int32),
    "variance_scaling scale": lambda tf: tf.variance_scaling_initializer(-1.0),
    "variance_scaling mode": lambda tf: tf.variance_scaling_initializer(mode="fan"),
    "variance_scaling distribution": lambda tf: tf.variance_scaling_initializer(
        distribution="flat"
    ),
    "orthogonal vector": lambda tf: tf.orthogonal_initializer()([3]),
    "identity vector": lambda tf: tf.initializers.identity()([3]),
    "random_uniform ints": lambda tf: tf.random_uniform([2], dtype=tf.int32),
    "random_uniform type": lambda tf: tf.random_uniform([2], dtype=tf.int8),
    "multinomial type": lambda tf: tf.multinomial(f32(tf, [2, 3]), 4, output_dtype=tf.int8),
    "stateless_uniform bounds": lambda tf: tf.random.stateless_uniform(
        [2], [1, 2], 0, None, tf.int32
    ),
    "stateless_uniform unsigned": lambda tf: tf.random.stateless_uniform(
        [2], [1, 2], 0, 5, tf.uint32
    ),
    "stateless_uniform algorithm": lambda tf: tf.random.stateless_uniform([2], [1, 2], alg="dice"),
}
