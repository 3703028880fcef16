"""Small problems for the optimizers: what all variables are after each of several steps.

This module imports nothing but NumPy, so that the recorder can use it where TensorFlow is installed
and evergraph is not; the values that TensorFlow gives are in `golden/optimizers.npz`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

from evergraph_conformance.cases import ramp, spread

STEPS = 5

#: Each takes `tf` and the learning rate.
OPTIMIZERS: dict[str, Callable[[Any, Any], Any]] = {
    "GradientDescent": lambda tf, rate: tf.train.GradientDescentOptimizer(rate),
    "Momentum": lambda tf, rate: tf.train.MomentumOptimizer(rate, 0.9),
    "Nesterov": lambda tf, rate: tf.train.MomentumOptimizer(rate, 0.9, use_nesterov=True),
    "Adam": lambda tf, rate: tf.train.AdamOptimizer(rate, beta2=0.99, epsilon=1e-4),
    "Adagrad": lambda tf, rate: tf.train.AdagradOptimizer(rate),
    "AdagradDA": lambda tf, rate: tf.train.AdagradDAOptimizer(
        rate, tf.train.get_or_create_global_step(), 0.2, 0.01, 0.02
    ),
    "Adadelta": lambda tf, rate: tf.train.AdadeltaOptimizer(rate, 0.9, 0.01),
    "RMSProp": lambda tf, rate: tf.train.RMSPropOptimizer(rate, momentum=0.5, epsilon=0.01),
    "RMSProp centered": lambda tf, rate: tf.train.RMSPropOptimizer(
        rate, momentum=0.5, epsilon=0.01, centered=True
    ),
    "Ftrl": lambda tf, rate: tf.train.FtrlOptimizer(
        rate, l1_regularization_strength=0.01, l2_regularization_strength=0.02
    ),
    "Ftrl shrinking": lambda tf, rate: tf.train.FtrlOptimizer(
        rate, -0.6, l2_shrinkage_regularization_strength=0.1, beta=0.5
    ),
    "ProximalGradientDescent": lambda tf, rate: tf.train.ProximalGradientDescentOptimizer(
        rate, l1_regularization_strength=0.01, l2_regularization_strength=0.02
    ),
    "ProximalAdagrad": lambda tf, rate: tf.train.ProximalAdagradOptimizer(
        rate, l1_regularization_strength=0.01, l2_regularization_strength=0.02
    ),
}
#: Those that TensorFlow has for float16 and float64 variables as well.
WIDE = [n for n in OPTIMIZERS if not n.startswith(("Proximal", "AdagradDA"))]


@dataclass(frozen=True)
class Problem:
    """A linear model and a table of rows, fitted by one optimizer.

    Attributes:
      optimizer: its name among `OPTIMIZERS`.
      resource: whether the variables are resource variables.
      dtype: of the variables.
      rate: the learning rate, or the name of a decay.
    """

    optimizer: str
    resource: bool
    dtype: str = "float32"
    rate: Any = 0.2

    @property
    def id(self) -> str:
        """The name of the problem, by which its golden values are found."""
        kind = "resources" if self.resource else "references"
        return f"{self.optimizer}: {kind}, {self.dtype}"


PROBLEMS = [Problem(name, kind) for name, kind in product(OPTIMIZERS, (False, True))]
PROBLEMS += [Problem(name, True, "float64") for name in WIDE]
PROBLEMS += [Problem(name, False, "float16", 0.1) for name in ("Momentum", "Adam", "RMSProp")]


def built(tf: Any, problem: Problem) -> tuple[Any, list[Any]]:
    """Build a problem; return the operation of one step, and the variables by name."""
    dtype = problem.dtype

    def variable(shape: tuple[int, ...], name: str, seed: int) -> Any:
        first = spread(shape, dtype, -1.0, 1.0, seed)
        return tf.Variable(first, name=name, use_resource=problem.resource)

    weights, bias = variable((3, 2), "weights", 0), variable((2,), "bias", 1)
    table = variable((5, 2), "table", 2)
    x, y = tf.constant(spread((4, 3), dtype, seed=3)), tf.constant(spread((4, 2), dtype, seed=4))
    rows = tf.gather(table, tf.constant([3, 1, 3, 0]))
    error = tf.matmul(x, weights) + bias + rows - y
    loss = tf.reduce_mean(tf.square(error))
    optimizer = OPTIMIZERS[problem.optimizer](tf, problem.rate)
    step = optimizer.minimize(loss, global_step=tf.train.get_or_create_global_step())
    return step, sorted(tf.global_variables(), key=lambda v: str(v.name))


#: Learning rates by the step: each takes `tf` and the step.
RATES: dict[str, Callable[[Any, Any], Any]] = {
    "exponential": lambda tf, s: tf.train.exponential_decay(0.1, s, 4, 0.9),
    "exponential staircase": lambda tf, s: tf.train.exponential_decay(0.1, s, 4, 0.9, True),
    "natural": lambda tf, s: tf.train.natural_exp_decay(0.1, s, 4, 0.9),
    "inverse": lambda tf, s: tf.train.inverse_time_decay(0.1, s, 4, 0.9),
    "inverse staircase": lambda tf, s: tf.train.inverse_time_decay(0.1, s, 4, 0.9, True),
    "polynomial": lambda tf, s: tf.train.polynomial_decay(0.1, s, 10, power=0.5),
    "polynomial cycle": lambda tf, s: tf.train.polynomial_decay(0.1, s, 10, cycle=True),
    "cosine": lambda tf, s: tf.train.cosine_decay(0.1, s, 10, 0.1),
    "restarts": lambda tf, s: tf.train.cosine_decay_restarts(0.1, s, 4, 2.0, 0.5, 0.1),
    "restarts of one length": lambda tf, s: tf.train.cosine_decay_restarts(0.1, s, 4, 1.0),
    "linear cosine": lambda tf, s: tf.train.linear_cosine_decay(0.1, s, 10),
    "piecewise": lambda tf, s: tf.train.piecewise_constant(s, [2, 5, 9], [1.0, 0.5, 0.2, 0.1]),
    "piecewise floats": lambda tf, s: tf.train.piecewise_constant(
        tf.cast(s, tf.float32), [2.5, 5.0], [1.0, 0.5, 0.2]
    ),
}
RATE_STEPS = ramp((16,), "int64")


def _averages(tf: Any, kind: bool, of_tensor: bool, **more: Any) -> tuple[Any, list[Any]]:
    v = tf.Variable(spread((3,)), name="v", use_resource=kind)
    counted = v.assign_add(spread((3,), seed=5))
    average = tf.train.ExponentialMovingAverage(0.8, **more)
    with tf.control_dependencies([counted]):
        target = tf.identity(v.read_value(), name="t") if of_tensor else v
        step = average.apply([target])
    return step, sorted(tf.global_variables(), key=lambda v: str(v.name))


#: Moving averages: each returns the operation of one step, and the variables by name.
AVERAGES: dict[str, Callable[[Any], tuple[Any, list[Any]]]] = {
    "reference": lambda tf: _averages(tf, False, False),
    "resource": lambda tf: _averages(tf, True, False),
    "tensor": lambda tf: _averages(tf, True, True),
    "debiased": lambda tf: _averages(tf, False, True, zero_debias=True),
    "debiased resource": lambda tf: _averages(tf, True, True, zero_debias=True),
    "by updates": lambda tf: _averages(tf, False, False, num_updates=3),
}
