"""tf.distributions: Normal, Uniform, Bernoulli and Categorical."""

from __future__ import annotations

import math
from typing import Any

from evergraph import dtypes
from evergraph import v1 as tf

__all__ = ["Bernoulli", "Categorical", "Distribution", "Normal", "Uniform", "kl_divergence"]


class Distribution:
    """What all distributions have; a batch of them is one object.

    Args:
      dtype: the type of what is drawn.
      shape: the shape of the batch, a tensor.
      static_shape: as much of it as is known.
      name: a name scope.
    """

    def __init__(self, dtype: Any, shape: Any, static_shape: Any, name: str) -> None:
        self._dtype = dtype
        self._shape = shape
        self._static_shape = static_shape
        self._name = name

    @property
    def name(self) -> str:
        """The name that was given."""
        return self._name

    @property
    def dtype(self) -> Any:
        """The type of what is drawn."""
        return self._dtype

    @property
    def batch_shape(self) -> Any:
        """The static shape of the batch."""
        return self._static_shape

    @property
    def event_shape(self) -> Any:
        """The static shape of what one of them draws: a scalar."""
        return tf.TensorShape([])

    def batch_shape_tensor(self, name: str = "batch_shape_tensor") -> Any:
        """Return the shape of the batch, int32."""
        return tf.identity(self._shape, name=name)

    def sample(self, sample_shape: Any = (), seed: int | None = None, name: str = "sample") -> Any:
        """Return what is drawn, of shape `sample_shape` and then that of the batch.

        Args:
          sample_shape: a shape, or how many.
          seed: the op's seed.
          name: a name scope.
        """
        with tf.name_scope(f"{self._name}/{name}"):
            wanted = tf.convert_to_tensor(sample_shape, tf.int32)
            wanted = tf.reshape(wanted, [-1])
            drawn = self._drawn(tf.reduce_prod(wanted), seed)
            return tf.reshape(drawn, tf.concat([wanted, tf.shape(drawn)[1:]], 0))

    def _drawn(self, count: Any, seed: int | None) -> Any:
        """Return `count` draws along a first dimension."""
        raise NotImplementedError

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        """Return the logarithm of the probability, or of its density, of values."""
        raise NotImplementedError

    def prob(self, value: Any, name: str = "prob") -> Any:
        """Return the probability, or its density, of values."""
        return tf.exp(self.log_prob(value), name=name)

    def mean(self, name: str = "mean") -> Any:
        """Return the mean."""
        raise NotImplementedError

    def variance(self, name: str = "variance") -> Any:
        """Return the variance."""
        raise NotImplementedError

    def stddev(self, name: str = "stddev") -> Any:
        """Return the standard deviation."""
        return tf.sqrt(self.variance(), name=name)

    def kl_divergence(self, other: Distribution, name: str = "kl_divergence") -> Any:
        """Return how far another distribution is from this one; see `kl_divergence`."""
        return kl_divergence(self, other, name=name)


def _batch(*parameters: Any) -> tuple[Any, Any]:
    """Return the shape that parameters broadcast to, as a tensor and as far as it is known."""
    shape, static = tf.shape(parameters[0]), parameters[0].shape
    for other in parameters[1:]:
        shape = tf.broadcast_dynamic_shape(shape, tf.shape(other))
        static = tf.broadcast_static_shape(static, other.shape)
    return shape, static


def _floats(values: Any, dtype: Any = None, name: str = "value") -> Any:
    return tf.convert_to_tensor(values, dtype, preferred_dtype=dtypes.float32, name=name)


class Normal(Distribution):
    """Normal distributions.

    Args:
      loc: the means.
      scale: the standard deviations, positive.
      validate_args: whether that is checked when it is used.
      allow_nan_stats: has no effect.
      name: a name scope.
    """

    def __init__(
        self,
        loc: Any,
        scale: Any,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "Normal",
    ) -> None:
        del allow_nan_stats
        with tf.name_scope(name):
            self.loc = _floats(loc, name="loc")
            self.scale = _floats(scale, self.loc.dtype.base_dtype, name="scale")
            if validate_args:
                with tf.control_dependencies([tf.assert_positive(self.scale)]):
                    self.scale = tf.identity(self.scale)
            super().__init__(self.loc.dtype.base_dtype, *_batch(self.loc, self.scale), name)

    def _drawn(self, count: Any, seed: int | None) -> Any:
        shape = tf.concat([[count], self._shape], 0)
        return tf.random_normal(shape, dtype=self.dtype, seed=seed) * self.scale + self.loc

    def _standard(self, value: Any) -> Any:
        return (_floats(value, self.dtype) - self.loc) / self.scale

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        """Return the logarithm of the density at values."""
        constant = 0.5 * math.log(2 * math.pi) + tf.log(self.scale)
        return tf.subtract(-0.5 * tf.square(self._standard(value)), constant, name=name)

    def cdf(self, value: Any, name: str = "cdf") -> Any:
        """Return the probability of what is less than values."""
        return tf.multiply(0.5, tf.erfc(-self._standard(value) / math.sqrt(2)), name=name)

    def entropy(self, name: str = "entropy") -> Any:
        """Return the entropy, in nats."""
        scale = self.scale * tf.ones_like(self.loc)
        return tf.add(0.5 + 0.5 * math.log(2 * math.pi), tf.log(scale), name=name)

    def mean(self, name: str = "mean") -> Any:
        """Return the mean."""
        return tf.multiply(self.loc, tf.ones_like(self.scale), name=name)

    def mode(self, name: str = "mode") -> Any:
        """Return the place of the greatest density: the mean."""
        return self.mean(name)

    def variance(self, name: str = "variance") -> Any:
        """Return the variance."""
        return tf.square(self.scale * tf.ones_like(self.loc), name=name)


class Uniform(Distribution):
    """Uniform distributions on [low, high).

    Args:
      low: the lower ends.
      high: the upper ends, greater than `low`.
      validate_args: whether that is checked when it is used.
      allow_nan_stats: has no effect.
      name: a name scope.
    """

    def __init__(
        self,
        low: Any = 0.0,
        high: Any = 1.0,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "Uniform",
    ) -> None:
        del allow_nan_stats
        with tf.name_scope(name):
            self.low = _floats(low, name="low")
            self.high = _floats(high, self.low.dtype.base_dtype, name="high")
            if validate_args:
                with tf.control_dependencies([tf.assert_less(self.low, self.high)]):
                    self.low = tf.identity(self.low)
            super().__init__(self.low.dtype.base_dtype, *_batch(self.low, self.high), name)

    def range(self, name: str = "range") -> Any:
        """Return `high - low`."""
        return tf.subtract(self.high, self.low, name=name)

    def _drawn(self, count: Any, seed: int | None) -> Any:
        shape = tf.concat([[count], self._shape], 0)
        return self.low + self.range() * tf.random_uniform(shape, dtype=self.dtype, seed=seed)

    def prob(self, value: Any, name: str = "prob") -> Any:
        """Return the density at values."""
        value = _floats(value, self.dtype) * tf.ones(self._shape, self.dtype)
        inside = tf.logical_and(value >= self.low, value < self.high)
        density = tf.ones_like(value) / self.range()
        return tf.where(inside, density, tf.zeros_like(value), name=name)

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        """Return the logarithm of the density at values."""
        return tf.log(self.prob(value), name=name)

    def cdf(self, value: Any, name: str = "cdf") -> Any:
        """Return the probability of what is less than values."""
        below = (_floats(value, self.dtype) - self.low) / self.range()
        return tf.clip_by_value(below, 0.0, 1.0, name=name)

    def entropy(self, name: str = "entropy") -> Any:
        """Return the entropy, in nats."""
        return tf.log(self.range(), name=name)

    def mean(self, name: str = "mean") -> Any:
        """Return the mean."""
        return tf.divide(self.low + self.high, 2.0, name=name)

    def variance(self, name: str = "variance") -> Any:
        """Return the variance."""
        return tf.divide(tf.square(self.range()), 12.0, name=name)


class Bernoulli(Distribution):
    """Ones with some probability, else zeros.

    Args:
      logits: the logarithms of the odds of one.
      probs: its probabilities; instead of `logits`.
      dtype: the type of what is drawn.
      validate_args: whether `probs` are checked to be in [0, 1] when they are used.
      allow_nan_stats: has no effect.
      name: a name scope.

    Raises:
      ValueError: both are given, or neither.
    """

    def __init__(
        self,
        logits: Any = None,
        probs: Any = None,
        dtype: Any = dtypes.int32,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "Bernoulli",
    ) -> None:
        del allow_nan_stats
        _check_one(logits, probs)
        with tf.name_scope(name):
            if logits is None:
                self.probs = _floats(probs, name="probs")
                if validate_args:
                    checks = [tf.assert_non_negative(self.probs), tf.assert_less_equal(probs, 1.0)]
                    with tf.control_dependencies(checks):
                        self.probs = tf.identity(self.probs)
                self.logits = tf.log(self.probs) - tf.log1p(-self.probs)
            else:
                self.logits = _floats(logits, name="logits")
                self.probs = tf.sigmoid(self.logits)
            super().__init__(tf.as_dtype(dtype), *_batch(self.logits), name)

    def _drawn(self, count: Any, seed: int | None) -> Any:
        shape = tf.concat([[count], self._shape], 0)
        uniform = tf.random_uniform(shape, dtype=self.probs.dtype, seed=seed)
        return tf.cast(tf.less(uniform, self.probs), self.dtype)

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        """Return the logarithm of the probability of values, zeros and ones."""
        value = tf.cast(value, self.logits.dtype)
        zero = tf.zeros_like(value * self.logits)
        losses = tf.nn.sigmoid_cross_entropy_with_logits(
            labels=value + zero, logits=self.logits + zero
        )
        return tf.negative(losses, name=name)

    def entropy(self, name: str = "entropy") -> Any:
        """Return the entropy, in nats."""
        return tf.add(-self.logits * (self.probs - 1), tf.nn.softplus(-self.logits), name=name)

    def mean(self, name: str = "mean") -> Any:
        """Return the mean."""
        return tf.identity(self.probs, name=name)

    def mode(self, name: str = "mode") -> Any:
        """Return what is more probable."""
        return tf.cast(self.probs > 0.5, self.dtype, name=name)

    def variance(self, name: str = "variance") -> Any:
        """Return the variance."""
        return tf.multiply(self.probs, 1.0 - self.probs, name=name)


class Categorical(Distribution):
    """Numbers from 0 to n - 1, each with its own probability.

    Args:
      logits: [..., n], the logarithms of what the probabilities are proportional to.
      probs: [..., n], the probabilities; instead of `logits`.
      dtype: the type of what is drawn.
      validate_args, allow_nan_stats: have no effect.
      name: a name scope.

    Raises:
      ValueError: both are given, or neither.
    """

    def __init__(
        self,
        logits: Any = None,
        probs: Any = None,
        dtype: Any = dtypes.int32,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "Categorical",
    ) -> None:
        del validate_args, allow_nan_stats
        _check_one(logits, probs)
        with tf.name_scope(name):
            if logits is None:
                self.probs = _floats(probs, name="probs")
                self.logits = tf.log(self.probs)
            else:
                self.logits = _floats(logits, name="logits")
                self.probs = tf.nn.softmax(self.logits)
            shape, static = tf.shape(self.logits), self.logits.shape
            self.event_size = shape[-1]
            super().__init__(tf.as_dtype(dtype), shape[:-1], static[:-1], name)

    def _drawn(self, count: Any, seed: int | None) -> Any:
        rows = tf.reshape(self.logits, tf.stack([-1, self.event_size]))
        drawn = tf.transpose(tf.multinomial(rows, count, seed=seed))
        shaped = tf.reshape(drawn, tf.concat([[count], self._shape], 0))
        return tf.cast(shaped, self.dtype)

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        """Return the logarithm of the probability of values, which broadcast with the batch."""
        value = tf.cast(value, tf.int32)
        shape = tf.broadcast_dynamic_shape(tf.shape(value), self._shape)
        labels = tf.broadcast_to(value, shape)
        logits = tf.broadcast_to(self.logits, tf.concat([shape, [self.event_size]], 0))
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        return tf.negative(losses, name=name)

    def entropy(self, name: str = "entropy") -> Any:
        """Return the entropy, in nats."""
        logs = tf.nn.log_softmax(self.logits)
        return tf.negative(tf.reduce_sum(tf.exp(logs) * logs, -1), name=name)

    def mode(self, name: str = "mode") -> Any:
        """Return what is most probable."""
        return tf.cast(tf.argmax(self.logits, -1), self.dtype, name=name)


def _check_one(logits: Any, probs: Any) -> None:
    if (logits is None) is (probs is None):
        raise ValueError("Must pass probs or logits, but not both.")


def kl_divergence(
    distribution_a: Distribution,
    distribution_b: Distribution,
    allow_nan_stats: bool = True,
    name: str | None = None,
) -> Any:
    """Return the Kullback-Leibler divergence of two distributions of one kind, in nats.

    Raises:
      NotImplementedError: they are not two normal, Bernoulli or categorical distributions.
    """
    del allow_nan_stats
    divergence = _DIVERGENCES.get(type(distribution_a))
    if divergence is None or type(distribution_a) is not type(distribution_b):
        kinds = f"{type(distribution_a).__name__} and {type(distribution_b).__name__}"
        raise NotImplementedError(f"No KL(distribution_a || distribution_b) registered for {kinds}")
    with tf.name_scope(name, "KullbackLeibler"):
        return divergence(distribution_a, distribution_b)


def _of_normals(a: Any, b: Any) -> Any:
    ratio = tf.square(a.scale / b.scale)
    distance = tf.square(a.loc - b.loc) / (2.0 * tf.square(b.scale))
    return distance + 0.5 * (ratio - 1.0 - tf.log(ratio))


def _of_bernoullis(a: Any, b: Any) -> Any:
    ones = a.probs * (tf.nn.softplus(-b.logits) - tf.nn.softplus(-a.logits))
    return ones + (1.0 - a.probs) * (tf.nn.softplus(b.logits) - tf.nn.softplus(a.logits))


def _of_categoricals(a: Any, b: Any) -> Any:
    logs = tf.nn.log_softmax(a.logits)
    return tf.reduce_sum(tf.exp(logs) * (logs - tf.nn.log_softmax(b.logits)), -1)


_DIVERGENCES = {
    Bernoulli: _of_bernoullis,
    Categorical: _of_categoricals,
    Normal: _of_normals,
}
