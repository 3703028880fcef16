"""What backends do with windows is what the plain primitives do, block by block as well."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import evergraph.v1 as tf
from evergraph.plugin import NUMPY
from evergraph_conformance.cases import spread
from evergraph_jax.backend import kernels as jax_kernels
from evergraph_numpy import convolution, pooling
from evergraph_numpy.backend import kernels as numpy_kernels

TABLES = {"numpy": numpy_kernels, "jax": jax_kernels}


@pytest.fixture(params=TABLES)
def ext(request, monkeypatch):
    """The primitives of a backend; NumPy's blocks are as small as they can be."""
    for module in (convolution, pooling):
        monkeypatch.setattr(module, "BLOCK", 256)
    return TABLES[request.param]().xp.ext


SAME = ((0, 0), (1, 1), (0, 2), (0, 0))
NONE = ((0, 0),) * 4
WINDOWS = [
    {"window": (1, 3, 3, 1), "strides": (1, 2, 2, 1), "padding": SAME},
    {"window": (1, 3, 2, 1), "strides": (1, 1, 3, 1), "padding": SAME},
    {"window": (1, 2, 2, 1), "strides": (1, 2, 2, 1), "padding": NONE},
    {"window": (1, 2, 2, 1), "strides": (1, 3, 3, 1), "padding": NONE},
    {"window": (1, 1, 1, 2), "strides": (1, 1, 1, 1), "padding": NONE},
]


def close(got, wanted):
    np.testing.assert_allclose(np.asarray(got), wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("high", [2.0, 0.9])
def test_the_place_of_a_maximum(ext, window, high):
    x = np.floor(spread((4, 7, 9, 3), high=high))  # with many equal ones
    got = ext.window_argmax(x, **window)
    np.testing.assert_array_equal(np.asarray(got), NUMPY.ext.window_argmax(x, **window))


@pytest.mark.parametrize("window", WINDOWS)
def test_a_nan_is_a_maximum_only_if_it_comes_first(ext, window):
    x = spread((4, 7, 9, 3))
    x[spread(x.shape, seed=1) > 1] = np.nan
    got = ext.window_argmax(x, **window)
    np.testing.assert_array_equal(np.asarray(got), NUMPY.ext.window_argmax(x, **window))


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("to_all", [False, True])
def test_gradients_go_to_places_in_windows(ext, window, to_all):
    x = spread((4, 7, 9, 3))
    at = NUMPY.ext.window_argmax(x, **window)
    dy = spread(at.shape, seed=2)
    given = None if to_all else at
    wanted = NUMPY.ext.window_scatter(dy, given, shape=x.shape, **window)
    close(ext.window_scatter(dy, given, shape=x.shape, **window), wanted)


CONVOLUTIONS = [
    {"strides": s, "dilation": d, "padding": p, "groups": g}
    for s, d, p, g in product(
        [(1, 1), (2, 3)], [(1, 1), (2, 1)], [((0, 0), (0, 0)), ((1, 2), (2, 0))], [1, 2, 4]
    )
]


@pytest.mark.parametrize("window", [(1, 1), (3, 2)])
@pytest.mark.parametrize("attributes", CONVOLUTIONS)
def test_the_gradient_by_the_filter(ext, window, attributes):
    x = spread((3, 8, 9, 4))
    w = spread((*window, 4 // attributes["groups"], 8), seed=1)
    y = NUMPY.ext.conv(x, w, **attributes)
    close(ext.conv(x, w, **attributes), y)
    dy = spread(y.shape, seed=2)
    wanted = NUMPY.ext.conv_filter(x, dy, window=window, **attributes)
    close(ext.conv_filter(x, dy, window=window, **attributes), wanted)


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("inputs", [1, 2])
@pytest.mark.parametrize("spacing", [(1, 1), (2, 3)])
def test_transposed_convolutions(ext, groups, inputs, spacing):
    x, w = spread((3, 5, 4, groups * inputs)), spread((3, 2, inputs, groups), seed=1)
    attributes = {
        "strides": (1, 1),
        "padding": ((2, 1), (1, 3)),
        "groups": groups,
        "input_dilation": spacing,
    }
    close(ext.conv(x, w, **attributes), NUMPY.ext.conv(x, w, **attributes))


@pytest.mark.parametrize("backend", ["numpy", "jax"])
@pytest.mark.parametrize("strides", [(1, 1), (2, 2)])
def test_gradients_of_a_dilated_depthwise_convolution_are_its_adjoints(backend, strides):
    # TF: on the CPU its gradients ignore the dilations.
    x, w = spread((2, 9, 8, 3)), spread((3, 3, 3, 2), seed=1)
    with tf.Graph().as_default(), tf.Session(config=tf.ConfigProto(backend=backend)) as session:
        images, filters = tf.constant(x), tf.constant(w)
        y = tf.raw_ops.DepthwiseConv2dNative(
            input=images,
            filter=filters,
            strides=[1, *strides, 1],
            padding="SAME",
            dilations=[1, 2, 2, 1],
        )
        dy = tf.constant(spread(tuple(y.shape.as_list()), seed=2))
        value, gradient, *found = session.run([y, dy, *tf.gradients(y, [images, filters], dy)])
    wanted = np.sum(value * gradient)
    for given, by in zip((x, w), found, strict=True):
        np.testing.assert_allclose(np.sum(given * by), wanted, rtol=1e-4)
