"""tf.contrib.distributions: those of `tf.distributions`, and MultivariateNormalDiag."""

from __future__ import annotations

import math
from typing import Any

from evergraph import v1 as tf
from evergraph.v1.distributions import (
    Bernoulli,
    Categorical,
    Distribution,
    Normal,
    Uniform,
    kl_divergence,
)

__all__ = [
    "Bernoulli",
    "Categorical",
    "Distribution",
    "MultivariateNormalDiag",
    "Normal",
    "Uniform",
    "kl_divergence",
    "softplus_inverse",
]


class MultivariateNormalDiag(Distribution):
    """Normal distributions of vectors whose elements are independent.

    The standard deviations are the sum of `scale_diag` and `scale_identity_multiplier`.

    Args:
      loc: the means, [..., size]; zeros by default.
      scale_diag: a number for each element, [..., size], or None.
      scale_identity_multiplier: a number for all elements, [...], or None.
      validate_args: whether it is checked, when it is used, that deviations are not zero.
      allow_nan_stats: has no effect.
      name: a name scope.

    Raises:
      ValueError: neither mean nor deviations are given.
    """

    def __init__(
        self,
        loc: Any = None,
        scale_diag: Any = None,
        scale_identity_multiplier: Any = None,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "MultivariateNormalDiag",
    ) -> None:
        del allow_nan_stats
        if loc is None and scale_diag is None:
            raise ValueError("Must specify loc or scale_diag: they decide the size of the vectors")
        with tf.name_scope(name):
            given = [
                None if value is None else tf.convert_to_tensor(value, preferred_dtype=tf.float32)
                for value in (loc, scale_diag, scale_identity_multiplier)
            ]
            mean, diagonal, factor = given
            if diagonal is None:
                diagonal = tf.zeros_like(mean) if factor is not None else tf.ones_like(mean)
            scale = diagonal if factor is None else diagonal + tf.expand_dims(factor, -1)
            mean = tf.zeros_like(scale) if mean is None else mean
            if validate_args:
                with tf.control_dependencies([tf.assert_none_equal(scale, tf.zeros_like(scale))]):
                    scale = tf.identity(scale)
            self._loc = mean + tf.zeros_like(scale)
            self._scale = scale + tf.zeros_like(mean)
            shape = self._loc.shape
            super().__init__(self._loc.dtype.base_dtype, tf.shape(self._loc)[:-1], shape[:-1], name)

    @property
    def loc(self) -> Any:
        """The means."""
        return self._loc

    @property
    def event_shape(self) -> Any:
        """The static shape of a vector."""
        return self._loc.shape[-1:]

    def event_shape_tensor(self, name: str = "event_shape_tensor") -> Any:
        """Return the shape of a vector, int32."""
        return tf.identity(tf.shape(self._loc)[-1:], name=name)

    def _drawn(self, count: Any, seed: int | None) -> Any:
        shape = tf.concat([[count], tf.shape(self._loc)], 0)
        return tf.random_normal(shape, dtype=self.dtype, seed=seed) * self._scale + self._loc

    def _log_determinant(self) -> Any:
        return tf.reduce_sum(tf.log(tf.abs(self._scale)), -1)

    def _size(self) -> Any:
        return tf.cast(tf.shape(self._loc)[-1], self.dtype)

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        """Return the logarithm of the density at vectors."""
        value = tf.convert_to_tensor(value, self.dtype)
        squares = tf.reduce_sum(tf.square((value - self._loc) / self._scale), -1)
        constant = 0.5 * math.log(2 * math.pi) * self._size() + self._log_determinant()
        return tf.subtract(-0.5 * squares, constant, name=name)

    def entropy(self, name: str = "entropy") -> Any:
        """Return the entropy, in nats."""
        constant = 0.5 * (1 + math.log(2 * math.pi)) * self._size()
        return tf.add(constant, self._log_determinant(), name=name)

    def mean(self, name: str = "mean") -> Any:
        """Return the mean."""
        return tf.identity(self._loc, name=name)

    def mode(self, name: str = "mode") -> Any:
        """Return the place of the greatest density: the mean."""
        return self.mean(name)

    def stddev(self, name: str = "stddev") -> Any:
        """Return the standard deviations of the elements."""
        return tf.abs(self._scale, name=name)

    def variance(self, name: str = "variance") -> Any:
        """Return the variances of the elements."""
        return tf.square(self._scale, name=name)

    def covariance(self, name: str = "covariance") -> Any:
        """Return the matrix of covariances."""
        return tf.matrix_diag(tf.square(self._scale), name=name)

    def kl_divergence(self, other: Any, name: str = "kl_divergence") -> Any:
        """Return the Kullback-Leibler divergence from another such distribution, in nats.

        Raises:
          NotImplementedError: the other one is of another kind.
        """
        if not isinstance(other, MultivariateNormalDiag):
            kinds = f"{type(self).__name__} and {type(other).__name__}"
            raise NotImplementedError(
                f"No KL(distribution_a || distribution_b) registered for {kinds}"
            )
        ratio = tf.square(self._scale / other._scale)
        distance = tf.square((self._loc - other._loc) / other._scale)
        return tf.multiply(
            0.5, tf.reduce_sum(ratio + distance - 1.0 - tf.log(ratio), -1), name=name
        )


def softplus_inverse(x: Any, name: str | None = None) -> Any:
    """Return the number whose softplus is a given positive one."""
    with tf.name_scope(name, "softplus_inverse", [x]):
        x = tf.convert_to_tensor(x, preferred_dtype=tf.float32)
        return x + tf.log(-tf.expm1(-x))
