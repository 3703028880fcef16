"""tf.layers: layers that keep their variables, and functions that make and call them."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        "evergraph.v1.layers.base": "InputSpec Layer",
        "evergraph.v1.layers.core": "Dense Dropout Flatten dense dropout flatten",
        "evergraph.v1.layers.convolutional": "Conv1D Conv2D Conv3D conv1d conv2d conv3d",
        "evergraph.v1.layers.separable": (
            "SeparableConv1D SeparableConv2D separable_conv1d separable_conv2d"
        ),
        "evergraph.v1.layers.transposed": (
            "Conv2DTranspose Conv3DTranspose conv2d_transpose conv3d_transpose"
        ),
        "evergraph.v1.layers.pooling": (
            "AveragePooling1D AveragePooling2D AveragePooling3D MaxPooling1D MaxPooling2D "
            "MaxPooling3D average_pooling1d average_pooling2d average_pooling3d max_pooling1d "
            "max_pooling2d max_pooling3d"
        ),
        "evergraph.v1.layers.normalization": "BatchNormalization batch_normalization",
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
