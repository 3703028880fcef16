"""Short graphs of optimizers, learning rates and moving averages; see `snippets.py`.

Gradients are given, so that a graph shows what an optimizer makes of them alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Snippet = Callable[[Any], Any]


def names(variables: Any) -> list[str]:
    return sorted(v.name for v in variables)


def dense(
    tf: Any, shape: Any = (3, 2), dtype: str = "float32", name: str = "w", **more: Any
) -> Any:
    """Return a gradient and a variable."""
    variable = tf.Variable(np.ones(shape, dtype), name=name, **more)
    return tf.constant(np.full(shape, 0.5, dtype)), variable


def rows(tf: Any, name: str = "table", dtype: str = "float32", **more: Any) -> Any:
    """Return a gradient of rows and a variable."""
    variable = tf.Variable(np.ones((4, 2), dtype), name=name, **more)
    values = tf.constant(np.full((3, 2), 0.5, dtype))
    shape = tf.constant([4, 2])
    # Not a constant: TensorFlow would find out how many there are without duplicates.
    indices = tf.placeholder(tf.int32, [3])
    return tf.IndexedSlices(values, indices, shape), variable


def described(tf: Any, optimizer: Any) -> Any:
    return (
        optimizer.get_name(),
        optimizer.get_slot_names(),
        [v.name for v in optimizer.variables()],
        names(tf.global_variables()),
        [v.name for v in tf.trainable_variables()],
    )


def applied(tf: Any, optimizer: Any, *pairs: Any, **more: Any) -> Any:
    optimizer.apply_gradients(pairs, **more)
    return described(tf, optimizer)


def step(tf: Any) -> Any:
    return tf.train.get_or_create_global_step()


OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "GradientDescent": lambda tf: tf.train.GradientDescentOptimizer(0.1),
    "Momentum": lambda tf: tf.train.MomentumOptimizer(0.1, 0.9),
    "Nesterov": lambda tf: tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
    "Adam": lambda tf: tf.train.AdamOptimizer(),
    "Adagrad": lambda tf: tf.train.AdagradOptimizer(0.1),
    "AdagradDA": lambda tf: tf.train.AdagradDAOptimizer(0.1, step(tf)),
    "AdagradDA regular": lambda tf: tf.train.AdagradDAOptimizer(0.1, step(tf), 0.2, 0.01, 0.02),
    "Adadelta": lambda tf: tf.train.AdadeltaOptimizer(0.1),
    "RMSProp": lambda tf: tf.train.RMSPropOptimizer(0.1, momentum=0.5),
    "RMSProp centered": lambda tf: tf.train.RMSPropOptimizer(0.1, centered=True),
    "Ftrl": lambda tf: tf.train.FtrlOptimizer(0.1, l1_regularization_strength=0.01),
    "Ftrl shrinking": lambda tf: tf.train.FtrlOptimizer(
        0.1, l2_shrinkage_regularization_strength=0.1, beta=0.5
    ),
    "Ftrl named": lambda tf: tf.train.FtrlOptimizer(0.1, accum_name="a", linear_name="b"),
    "ProximalGradientDescent": lambda tf: tf.train.ProximalGradientDescentOptimizer(
        0.1, l1_regularization_strength=0.01
    ),
    "ProximalAdagrad": lambda tf: tf.train.ProximalAdagradOptimizer(0.1),
}


def _of(name: str, *arguments: Any, **more: Any) -> Callable[[Any], Any]:
    return lambda tf: getattr(tf.train, f"{name}Optimizer")(*arguments, **more)


def _both(make: Any, tf: Any, **more: Any) -> Any:
    return applied(tf, make(tf), dense(tf, **more), rows(tf, **more))


SNIPPETS: dict[str, Snippet] = {}
for _name, _make in OPTIMIZERS.items():
    SNIPPETS[f"{_name}: references"] = lambda tf, make=_make: _both(make, tf)
    SNIPPETS[f"{_name}: resources"] = lambda tf, make=_make: _both(make, tf, use_resource=True)
    SNIPPETS[f"{_name}: minimize"] = lambda tf, make=_make: minimized(tf, make(tf))


def minimized(tf: Any, optimizer: Any, **more: Any) -> Any:
    v = tf.Variable([1.0, 2.0], name="v")
    r = tf.Variable([3.0, 4.0], name="r", use_resource=True)
    loss = tf.reduce_sum(v * r)
    optimizer.minimize(loss, global_step=step(tf), **more)
    return described(tf, optimizer)


#: These pass their parameters on as they are, so that TensorFlow's take float32 only.
UNCAST = ("ProximalGradientDescent", "ProximalAdagrad")
for _name, _make in OPTIMIZERS.items():
    if _name not in UNCAST:
        SNIPPETS[f"{_name}: float64"] = lambda tf, make=_make: _both(make, tf, dtype="float64")


def in_scopes(tf: Any) -> Any:
    with tf.variable_scope("model"), tf.name_scope("inner"):
        one = tf.get_variable("w", [2], initializer=tf.zeros_initializer())
        two = tf.Variable(tf.zeros([2]), name="v")
    with tf.name_scope("training"):
        optimizer = tf.train.AdamOptimizer()
        gradient = tf.constant([1.0, 2.0])
        return applied(tf, optimizer, (gradient, one), (gradient, two))


def in_variable_scope(tf: Any) -> Any:
    with tf.variable_scope("model"):
        return applied(tf, tf.train.MomentumOptimizer(0.1, 0.9), dense(tf))


def twice(tf: Any) -> Any:
    optimizer = tf.train.AdamOptimizer()
    pairs = dense(tf), rows(tf)
    optimizer.apply_gradients(pairs)
    return applied(tf, optimizer, *pairs, name="again")


def two_optimizers(tf: Any) -> Any:
    pair = dense(tf)
    applied(tf, tf.train.AdamOptimizer(), pair)
    return applied(tf, tf.train.AdamOptimizer(), pair)


def partitioned(tf: Any) -> Any:
    parts = tf.get_variable(
        "p", [4, 2], initializer=tf.zeros_initializer(), partitioner=tf.fixed_size_partitioner(2)
    )
    optimizer = tf.train.AdagradOptimizer(0.1)
    pairs = [(tf.constant(np.ones((2, 2), np.float32)), v) for v in parts]
    applied(tf, optimizer, *pairs)
    slots = [optimizer.get_slot(v, "accumulator") for v in parts]
    return [str(s.to_proto()) for s in slots]


def unknown_shape(tf: Any, make: Any) -> Any:
    initial = tf.placeholder(tf.float32, None)
    v = tf.Variable(initial, validate_shape=False, name="v")
    return applied(tf, make(tf), (tf.constant([1.0, 2.0]), v))


def with_constraint(tf: Any, **more: Any) -> Any:
    pair = dense(tf, constraint=lambda v: tf.minimum(v, 1.0), **more)
    return applied(tf, tf.train.GradientDescentOptimizer(0.1), pair)


def on_device(tf: Any) -> Any:
    with tf.device("/cpu:0"):
        pair = dense(tf)
    with tf.device("/gpu:0"):
        return applied(tf, tf.train.AdamOptimizer(), pair, global_step=step(tf))


def subclassed(tf: Any, **more: Any) -> Any:
    class Signs(tf.train.Optimizer):
        def __init__(self, rate: float) -> None:
            super().__init__(False, "Signs")
            self._rate = rate

        def _create_slots(self, var_list: Any) -> None:
            for v in var_list:
                self._zeros_slot(v, "count", self._name)
                self._get_or_make_slot(v, tf.ones([2]), "weight", "own_name")

        def _prepare(self) -> None:
            self._rate_t = tf.convert_to_tensor(self._call_if_callable(self._rate), name="rate")

        def _apply_dense(self, grad: Any, var: Any) -> Any:
            counted = self.get_slot(var, "count").assign_add(tf.ones_like(grad))
            return tf.group(var.assign_sub(self._rate_t * tf.sign(grad)), counted)

        def _resource_apply_dense(self, grad: Any, handle: Any) -> Any:
            return handle.assign_sub(self._rate_t * tf.sign(grad), read_value=False)

        def _apply_sparse(self, grad: Any, var: Any) -> Any:
            return tf.scatter_sub(var, grad.indices, self._rate_t * tf.sign(grad.values))

        def _resource_apply_sparse(self, grad: Any, handle: Any, indices: Any) -> Any:
            updates = self._rate_t * tf.sign(grad)
            return tf.scatter_sub(handle, indices, updates).op

    return applied(tf, Signs(0.1), dense(tf, **more), rows(tf, **more))


def gated(tf: Any, gate: int) -> Any:
    return minimized(tf, tf.train.GradientDescentOptimizer(0.1), gate_gradients=gate)


SNIPPETS |= {
    "optimizer: in scopes": in_scopes,
    "optimizer: in a variable scope": in_variable_scope,
    "optimizer: twice": twice,
    "optimizer: two of one name": two_optimizers,
    "optimizer: of parts": partitioned,
    "optimizer: constraint": with_constraint,
    "optimizer: constraint resource": lambda tf: with_constraint(tf, use_resource=True),
    "optimizer: on devices": on_device,
    "optimizer: subclass": subclassed,
    "optimizer: subclass resource": lambda tf: subclassed(tf, use_resource=True),
    "optimizer: no gradient for one": lambda tf: applied(
        tf, tf.train.AdamOptimizer(), (None, dense(tf)[1]), dense(tf, name="v")
    ),
    "optimizer: half": lambda tf: applied(tf, tf.train.AdamOptimizer(), dense(tf, dtype="float16")),
    "optimizer: global step resource": lambda tf: applied(
        tf,
        tf.train.GradientDescentOptimizer(0.1),
        dense(tf),
        global_step=tf.Variable(0, name="s", trainable=False, use_resource=True),
    ),
    "optimizer: functions": lambda tf: applied(
        tf, tf.train.MomentumOptimizer(lambda: 0.1, lambda: tf.constant(0.9)), dense(tf)
    ),
    "optimizer: rate a tensor": lambda tf: applied(
        tf, tf.train.AdagradOptimizer(tf.placeholder(tf.float32, [])), dense(tf)
    ),
    "optimizer: rate float64": lambda tf: applied(
        tf, tf.train.MomentumOptimizer(tf.constant(0.1, tf.float64), 0.9), dense(tf), rows(tf)
    ),
    "optimizer: own scope": lambda tf: applied(
        tf, tf.train.AdamOptimizer(use_own_namescope_for_non_slot_vars=True), dense(tf)
    ),
    "optimizer: locking": lambda tf: applied(
        tf, tf.train.AdamOptimizer(use_locking=True, name="A"), dense(tf), rows(tf)
    ),
    "optimizer: ungated": lambda tf: gated(tf, tf.train.Optimizer.GATE_NONE),
    "optimizer: gated": lambda tf: gated(tf, tf.train.Optimizer.GATE_GRAPH),
    "optimizer: unknown shape Momentum": lambda tf: unknown_shape(tf, _of("Momentum", 0.1, 0.9)),
    "optimizer: unknown shape Adagrad": lambda tf: unknown_shape(tf, _of("Adagrad", 0.1)),
    "optimizer: unknown shape RMSProp": lambda tf: unknown_shape(tf, _of("RMSProp", 0.1)),
    "optimizer: unknown shape resource": lambda tf: applied(
        tf,
        tf.train.MomentumOptimizer(0.1, 0.9),
        (
            tf.constant([1.0]),
            tf.Variable(tf.placeholder(tf.float32), validate_shape=False, use_resource=True),
        ),
    ),
}


# The global step


def step_made(tf: Any) -> Any:
    found = [tf.train.get_global_step() is None]
    made = tf.train.create_global_step()
    found += [
        made.name,
        tf.train.get_global_step() is made,
        tf.train.get_or_create_global_step() is made,
    ]
    return found


def step_in_scopes(tf: Any) -> Any:
    with tf.name_scope("a"), tf.variable_scope("b"):
        return tf.train.get_or_create_global_step().name


def step_by_name(tf: Any) -> Any:
    tf.placeholder(tf.int32, [], name="global_step")
    return tf.train.get_global_step().name


SNIPPETS |= {
    "global step: made": step_made,
    "global step: in scopes": step_in_scopes,
    "global step: by name": step_by_name,
    "global step: resource": lambda tf: [
        tf.get_variable_scope().set_use_resource(True),
        tf.train.create_global_step().name,
    ],
}


# Learning rates


def decay(what: str, /, *arguments: Any, **more: Any) -> Snippet:
    def build(tf: Any) -> Any:
        s = tf.placeholder(tf.int64, [], "step")
        return getattr(tf.train, what)(0.1, s, *arguments, **more).name

    return build


SNIPPETS |= {
    "decay: exponential": decay("exponential_decay", 10, 0.9),
    "decay: exponential staircase": decay("exponential_decay", 10, 0.9, staircase=True),
    "decay: exponential named": decay("exponential_decay", 10, 0.9, name="rate"),
    "decay: exponential variable": lambda tf: (
        tf.train.exponential_decay(tf.constant(0.1, tf.float64), step(tf), 10, 0.9).name
    ),
    "decay: natural": decay("natural_exp_decay", 10, 0.9),
    "decay: inverse": decay("inverse_time_decay", 10, 0.9),
    "decay: inverse staircase": decay("inverse_time_decay", 10, 0.9, True, "rate"),
    "decay: polynomial": decay("polynomial_decay", 10),
    "decay: polynomial power": decay("polynomial_decay", 10, 0.01, 0.5),
    "decay: polynomial cycle": decay("polynomial_decay", 10, cycle=True),
    "decay: cosine": decay("cosine_decay", 10),
    "decay: cosine alpha": decay("cosine_decay", 10, 0.1),
    "decay: linear cosine": decay("linear_cosine_decay", 10),
    "decay: noisy": decay("noisy_linear_cosine_decay", 10),
    "decay: twice": lambda tf: [decay("cosine_decay", 10)(tf), decay("cosine_decay", 10)(tf)],
    "decay: restarts": decay("cosine_decay_restarts", 10),
    "decay: piecewise": lambda tf: tf.train.piecewise_constant(
        tf.placeholder(tf.int64, []), [2, 4], [1.0, 0.5, 0.1]
    ),
}


# Moving averages


def averaged(tf: Any, *variables: Any, **more: Any) -> Any:
    average = tf.train.ExponentialMovingAverage(0.9, **more)
    average.apply(list(variables) or None)
    return [
        average.name,
        [average.average_name(v) for v in variables],
        [average.average(v).name for v in variables],
        {name: v.name for name, v in average.variables_to_restore().items()},
    ]


def not_averaged(tf: Any) -> Any:
    average = tf.train.ExponentialMovingAverage(0.9, name="mean")
    v = tf.Variable(1.0, name="v")
    found = [average.average(v) is None, average.average_name(v)]
    return [*found, {n: w.name for n, w in average.variables_to_restore().items()}]


SNIPPETS |= {
    "average: reference": lambda tf: averaged(tf, tf.Variable([1.0, 2.0], name="v")),
    "average: resource": lambda tf: averaged(
        tf, tf.Variable([1.0, 2.0], name="v", use_resource=True)
    ),
    "average: float64": lambda tf: averaged(tf, tf.Variable(np.ones(2), name="v")),
    "average: by updates": lambda tf: averaged(
        tf, tf.Variable([1.0, 2.0], name="v"), num_updates=step(tf)
    ),
    "average: tensor": lambda tf: averaged(tf, tf.constant([1.0, 2.0], name="t")),
    "average: debiased": lambda tf: averaged(
        tf, tf.constant([1.0, 2.0], name="t"), zero_debias=True
    ),
    "average: debiased variable": lambda tf: averaged(
        tf, tf.Variable([1.0, 2.0], name="v"), zero_debias=True
    ),
    "average: named": lambda tf: averaged(tf, tf.Variable([1.0], name="v"), name="mean"),
    "average: all": lambda tf: [tf.Variable([1.0], name="v"), averaged(tf)][1],
    "average: none yet": not_averaged,
}


def clipped(tf: Any, name: str, *arguments: Any) -> Any:
    values = tf.placeholder(tf.float32, [3, 2])
    slices = tf.IndexedSlices(values, tf.placeholder(tf.int32, [3]), tf.constant([4, 2]))
    if "global" in name:
        return getattr(tf, name)([slices, None, tf.placeholder(tf.float32, [2])], *arguments)
    return getattr(tf, name)(slices, *arguments)


def clipped_and_applied(tf: Any) -> Any:
    (of_rows, _, of_all), _ = clipped(tf, "clip_by_global_norm", 1.0)
    pairs = (of_rows, rows(tf)[1]), (of_all, dense(tf, (2,))[1])
    return applied(tf, tf.train.AdagradOptimizer(0.1), *pairs)


SNIPPETS |= {
    "clip: by global norm": lambda tf: clipped(tf, "clip_by_global_norm", 1.0),
    "clip: global norm": lambda tf: clipped(tf, "global_norm"),
    "clip: by norm": lambda tf: clipped(tf, "clip_by_norm", 1.0),
    "clip: by value": lambda tf: clipped(tf, "clip_by_value", -1.0, 1.0),
    "clip: then applied": clipped_and_applied,
}


def _constrained_rows(tf: Any, **more: Any) -> Any:
    pair = rows(tf, constraint=lambda v: v, **more)
    return tf.train.GradientDescentOptimizer(0.1).apply_gradients([pair])


def _two_steps(tf: Any) -> Any:
    tf.train.create_global_step()
    tf.train.create_global_step()


ERRORS: dict[str, Snippet] = {
    "optimizer no name": lambda tf: tf.train.GradientDescentOptimizer(0.1, name=""),
    "optimizer no variables": lambda tf: tf.train.AdamOptimizer().minimize(tf.constant(1.0)),
    "optimizer no gradients": lambda tf: [
        tf.Variable(1.0, name="v"),
        tf.train.AdamOptimizer().minimize(tf.constant(1.0)),
    ],
    "optimizer nothing to apply": lambda tf: tf.train.AdamOptimizer().apply_gradients([]),
    "optimizer no gradient to apply": lambda tf: tf.train.AdamOptimizer().apply_gradients(
        [(None, tf.Variable(1.0, name="v"))]
    ),
    "optimizer gate": lambda tf: tf.train.AdamOptimizer().compute_gradients(
        tf.constant(1.0), gate_gradients=7
    ),
    "optimizer loss an integer": lambda tf: tf.train.AdamOptimizer().minimize(tf.constant(1)),
    "optimizer tensor": lambda tf: tf.train.AdamOptimizer().apply_gradients(
        [(tf.constant(1.0), tf.constant(1.0))]
    ),
    "optimizer gradient": lambda tf: tf.train.AdamOptimizer().apply_gradients(
        [(object(), tf.Variable(1.0))]
    ),
    "optimizer constraint on rows": _constrained_rows,
    "optimizer constraint on rows resource": lambda tf: _constrained_rows(tf, use_resource=True),
    "optimizer abstract": lambda tf: tf.train.Optimizer(False, "x").apply_gradients([dense(tf)]),
    "Adagrad value": lambda tf: tf.train.AdagradOptimizer(0.1, 0.0),
    "AdagradDA value": lambda tf: tf.train.AdagradDAOptimizer(0.1, step(tf), 0.0),
    "ProximalAdagrad value": lambda tf: tf.train.ProximalAdagradOptimizer(0.1, -1.0),
    "Ftrl value": lambda tf: tf.train.FtrlOptimizer(0.1, initial_accumulator_value=-1.0),
    "Ftrl power": lambda tf: tf.train.FtrlOptimizer(0.1, learning_rate_power=1.0),
    "Ftrl l1": lambda tf: tf.train.FtrlOptimizer(0.1, l1_regularization_strength=-1.0),
    "Ftrl l2": lambda tf: tf.train.FtrlOptimizer(0.1, l2_regularization_strength=-1.0),
    "Ftrl shrinkage": lambda tf: tf.train.FtrlOptimizer(
        0.1, l2_shrinkage_regularization_strength=-1.0
    ),
    "global step twice": _two_steps,
    "global step a float": lambda tf: tf.train.assert_global_step(tf.constant(1.0)),
    "global step a vector": lambda tf: tf.train.assert_global_step(tf.constant([1])),
    "global step a number": lambda tf: tf.train.assert_global_step(1),
    "piecewise lengths": lambda tf: tf.train.piecewise_constant(tf.constant(1), [2], [1.0]),
    "piecewise boundaries": lambda tf: tf.train.piecewise_constant(
        tf.constant(1), [2.0], [1.0, 2.0]
    ),
    "piecewise values": lambda tf: tf.train.piecewise_constant(
        tf.constant(1), [2], [1.0, tf.constant(1.0, tf.float64)]
    ),
    "average of integers": lambda tf: averaged(tf, tf.Variable(1, name="v")),
}
