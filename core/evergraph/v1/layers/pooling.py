"""Layers that take the maximum or the mean of windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from evergraph.v1.layers.base import InputSpec, Layer
from evergraph.v1.layers.functions import function_of
from evergraph.v1.layers.windows import (
    normalized_format,
    normalized_padding,
    sizes_of,
    tensorflow_format,
)
from evergraph.v1.pooling import avg_pool, avg_pool3d, max_pool, max_pool3d
from evergraph.v1.shaping import expand_dims, squeeze


class _Pooling(Layer):
    """What pooling layers share.

    Args:
      pool_size, strides: a size for all dimensions, or one for each.
      padding: "valid" or "same".
      data_format: "channels_last" or "channels_first".
      name: see `Layer`.

    Raises:
      ValueError: an argument is not as it must be.
    """

    spatial: ClassVar[int]
    pool: ClassVar[Callable[..., Any]]

    def __init__(
        self,
        pool_size: Any,
        strides: Any,
        padding: Any = "valid",
        data_format: Any = "channels_last",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if strides is None:
            raise ValueError("Argument `strides` must not be None.")
        super().__init__(name=name, **kwargs)
        self.pool_size = sizes_of(pool_size, self.spatial, "pool_size")
        self.strides = sizes_of(strides, self.spatial, "strides", zero=True)
        self.padding = normalized_padding(padding)
        self.data_format = normalized_format(data_format)
        self.input_spec = InputSpec(ndim=self.spatial + 2)

    def call(self, inputs: Any) -> Any:
        """Return a value for each window."""
        windows, strides = list(self.pool_size), list(self.strides)
        rank = max(self.spatial, 2) + 2
        first = self.data_format == "channels_first"
        flat = self.spatial == 1
        axis = 3 if first else 2
        if flat:
            # Sequences are pooled as images of width 1.
            inputs, windows, strides = expand_dims(inputs, axis), [*windows, 1], [*strides, 1]
        outputs = type(self).pool(
            inputs,
            [1, 1, *windows] if first else [1, *windows, 1],
            [1, 1, *strides] if first else [1, *strides, 1],
            self.padding.upper(),
            data_format=tensorflow_format(self.data_format, rank),
        )
        return squeeze(outputs, axis) if flat else outputs


class MaxPooling1D(_Pooling):
    """The maximum of windows of sequences; the arguments are those of `MaxPooling2D`."""

    spatial, pool = 1, staticmethod(max_pool)


class MaxPooling2D(_Pooling):
    """The maximum of windows of images."""

    spatial, pool = 2, staticmethod(max_pool)


class MaxPooling3D(_Pooling):
    """The maximum of windows of volumes."""

    spatial, pool = 3, staticmethod(max_pool3d)


class AveragePooling1D(_Pooling):
    """The mean of windows of sequences."""

    spatial, pool = 1, staticmethod(avg_pool)


class AveragePooling2D(_Pooling):
    """The mean of windows of images."""

    spatial, pool = 2, staticmethod(avg_pool)


class AveragePooling3D(_Pooling):
    """The mean of windows of volumes."""

    spatial, pool = 3, staticmethod(avg_pool3d)


max_pooling1d = function_of(MaxPooling1D, "max_pooling1d", shares=False)
max_pooling2d = function_of(MaxPooling2D, "max_pooling2d", shares=False)
max_pooling3d = function_of(MaxPooling3D, "max_pooling3d", shares=False)
average_pooling1d = function_of(AveragePooling1D, "average_pooling1d", shares=False)
average_pooling2d = function_of(AveragePooling2D, "average_pooling2d", shares=False)
average_pooling3d = function_of(AveragePooling3D, "average_pooling3d", shares=False)
