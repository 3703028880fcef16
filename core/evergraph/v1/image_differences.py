"""How much images differ: from one another, and from pixel to pixel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast, node, scope
from evergraph.graph.slicing import concat, stack
from evergraph.graph.slicing import shape as shape_of
from evergraph.v1.activations import softmax
from evergraph.v1.conditions import cond
from evergraph.v1.convolutions import depthwise_conv2d
from evergraph.v1.filling import shape_n, size, zeros
from evergraph.v1.flow import Assert, identity
from evergraph.v1.framework import control_dependencies
from evergraph.v1.image_colours import convert_image_dtype
from evergraph.v1.pooling import avg_pool
from evergraph.v1.reductions import reduce_all, reduce_any, reduce_mean, reduce_prod, reduce_sum
from evergraph.v1.sequences import range as range_of
from evergraph.v1.shaping import expand_dims, pad, reshape, unstack

__all__ = ["image_gradients", "psnr", "sobel_edges", "ssim", "ssim_multiscale", "total_variation"]


def total_variation(images: Any, name: str | None = None) -> Any:
    """Return the sum of the differences between neighbouring pixels, of each image.

    Args:
      images: [height, width, channels], or [batch, height, width, channels].
      name: the name of the nodes' scope.

    Raises:
      ValueError: the images have another rank.
    """
    with scope(name, "total_variation"):
        if images.shape.ndims == 3:
            down = images[1:, :, :] - images[:-1, :, :]
            across = images[:, 1:, :] - images[:, :-1, :]
            axes = None
        elif images.shape.ndims == 4:
            down = images[:, 1:, :, :] - images[:, :-1, :, :]
            across = images[:, :, 1:, :] - images[:, :, :-1, :]
            axes = [1, 2, 3]
        else:
            raise ValueError("'images' must be either 3 or 4-dimensional.")
        return reduce_sum(abs(down), axis=axes) + reduce_sum(abs(across), axis=axes)


def image_gradients(image: Any) -> Any:
    """Return by how much the pixel below, and the one on the right, are greater than each pixel.

    Args:
      image: [batch, height, width, channels].

    Returns:
      Two tensors of that shape; the last row of the first, and the last column of the second, are
      zeros.

    Raises:
      ValueError: the image has another rank.
    """
    if image.shape.ndims != 4:
        raise ValueError(
            f"image_gradients expects a 4D tensor [batch_size, h, w, d], not {image.shape}."
        )
    sizes = shape_of(image)
    batch, height, width, depth = unstack(sizes)
    dy = image[:, 1:, :, :] - image[:, :-1, :, :]
    dx = image[:, :, 1:, :] - image[:, :, :-1, :]
    row = stack([batch, 1, width, depth])
    dy = reshape(concat([dy, zeros(row, image.dtype)], 1), sizes)
    column = stack([batch, height, 1, depth])
    dx = reshape(concat([dx, zeros(column, image.dtype)], 2), sizes)
    return dy, dx


#: Sobel's filters for rows and columns.
_SOBEL: Final = (
    ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
)


def sobel_edges(image: Any) -> Any:
    """Return Sobel's estimate of the slopes of images, down and across.

    Args:
      image: [batch, height, width, channels], floats.

    Returns:
      A tensor [batch, height, width, channels, 2].
    """
    static = image.shape
    sizes = shape_of(image)
    filters = np.expand_dims(np.transpose(np.asarray(_SOBEL), (1, 2, 0)), -2)
    tensor = convert_to_tensor(filters, image.dtype, name="Const")
    tensor = node("Tile", "sobel_filters", input=tensor, multiples=[1, 1, sizes[-1], 1])
    padded = pad(image, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="REFLECT")
    edges = depthwise_conv2d(padded, tensor, [1, 1, 1, 1], "VALID")
    edges = reshape(edges, concat([sizes, [2]], 0))
    edges.set_shape(static.concatenate([2]))
    return edges


def psnr(a: Any, b: Any, max_val: Any, name: str | None = None) -> Any:
    """Return the ratio of signal and noise of each two images, in decibels: float32.

    Args:
      a, b: [..., height, width, channels], of one type.
      max_val: the range of the pixels.
      name: the name of the nodes' scope.

    Raises:
      ValueError: the shapes do not fit.
      InvalidArgumentError: the same, found when run.
    """
    with scope(name, "PSNR", [a, b]):
        most = convert_image_dtype(cast(max_val, a.dtype), dtypes.float32)
        a = convert_image_dtype(a, dtypes.float32)
        b = convert_image_dtype(b, dtypes.float32)
        noise = reduce_mean(node("SquaredDifference", x=a, y=b), [-3, -2, -1])
        signal = 20 * node("Log", x=most) / node("Log", x=10.0)
        ratio = node(
            "Sub", "psnr", x=signal, y=np.float32(10 / math.log(10)) * node("Log", x=noise)
        )
        _, _, checks = _checked_shapes(a, b)
        with control_dependencies(checks):
            return identity(ratio)


def _checked_shapes(a: Any, b: Any) -> tuple[Any, Any, list[Any]]:
    """Return the shapes of two images, and the checks at run time that they fit."""
    first, second = (image.shape.with_rank_at_least(3) for image in (a, b))
    first[-3:].assert_is_compatible_with(second[-3:])
    if first.ndims is not None and second.ndims is not None:
        ahead = (reversed(shape.dims[:-3]) for shape in (first, second))
        for x, y in zip(*ahead, strict=False):
            if not (x == 1 or y == 1 or x.is_compatible_with(y)):
                raise ValueError(f"Two images are not compatible: {first} and {second}")
    shapes = shape_n([a, b])
    one, other = shapes
    enough = node("GreaterEqual", x=size(one), y=3)
    checks = [Assert(enough, shapes, summarize=10)]
    same = reduce_all(node("Equal", x=one[-3:], y=other[-3:]))
    checks.append(Assert(same, shapes, summarize=10))
    return one, other, checks


def ssim(
    img1: Any,
    img2: Any,
    max_val: Any,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    return_index_map: bool = False,
) -> Any:
    """Return how similar each two images are in structure (Wang et al., 2004): float32.

    Args:
      img1, img2: [..., height, width, channels], of one type.
      max_val: the range of the pixels.
      filter_size, filter_sigma: of the window that is compared.
      k1, k2: what keeps the quotients from zero.
      return_index_map: whether a value for each place is returned, in place of their mean.

    Raises:
      ValueError: the shapes do not fit.
      InvalidArgumentError: the same, found when run; or an image is smaller than the window.
    """
    with scope(None, "SSIM", [img1, img2]):
        _, _, images, most = _prepared(img1, img2, max_val)
        similar, _ = _each_channel(
            images, most, filter_size, filter_sigma, k1, k2, return_index_map
        )
        return reduce_mean(similar, [-1])


def _prepared(img1: Any, img2: Any, max_val: Any) -> tuple[Any, Any, list[Any], Any]:
    """Return two images' shapes, the images as floats, and the range of their pixels."""
    img1 = convert_to_tensor(img1, name="img1")
    img2 = convert_to_tensor(img2, name="img2")
    one, other, checks = _checked_shapes(img1, img2)
    with control_dependencies(checks):
        img1 = identity(img1)
    most = convert_image_dtype(cast(max_val, img1.dtype), dtypes.float32)
    images = [convert_image_dtype(image, dtypes.float32) for image in (img1, img2)]
    return one, other, images, most


def _each_channel(
    images: list[Any],
    most: Any,
    filter_size: int,
    filter_sigma: float,
    k1: float,
    k2: float,
    as_map: bool = False,
) -> tuple[Any, Any]:
    """Return the similarity of two images' channels, and that of contrast and structure alone."""
    a, b = images
    count = convert_to_tensor(filter_size, dtypes.int32, name="Const")
    sigma = convert_to_tensor(filter_sigma, a.dtype, name="Const")
    shapes = shape_n([a, b])
    checks = []
    for shape in shapes:
        enough = reduce_all(node("GreaterEqual", x=shape[-3:-1], y=count))
        checks.append(Assert(enough, [shape, count], summarize=8))
    with control_dependencies(checks):
        a = identity(a)
    kernel = _bell(count, sigma)
    kernel = node("Tile", input=kernel, multiples=[1, 1, shapes[0][-1], 1])

    def mean(x: Any) -> Any:
        sizes = shape_of(x)
        x = reshape(x, concat([[-1], sizes[-3:]], 0))
        y = depthwise_conv2d(x, kernel, [1, 1, 1, 1], "VALID")
        return reshape(y, concat([sizes[:-3], shape_of(y)[1:]], 0))

    c1 = (k1 * most) ** 2
    c2 = (k2 * most) ** 2
    first, second = mean(a), mean(b)
    product = first * second * 2.0
    squares = node("Square", x=first) + node("Square", x=second)
    luminance = (product + c1) / (squares + c1)
    mixed = mean(a * b) * 2.0
    alone = mean(node("Square", x=a) + node("Square", x=b))
    c2 *= 1.0
    structure = (mixed - product + c2) / (alone - squares + c2)
    if as_map:
        return luminance * structure, structure
    axes = convert_to_tensor([-3, -2], dtypes.int32, name="Const")
    return reduce_mean(luminance * structure, axes), reduce_mean(structure, axes)


def _bell(count: Any, sigma: Any) -> Any:
    """Return the weights of a window, [count, count, 1, 1]: a normal distribution's."""
    at = cast(range_of(count), sigma.dtype)
    at -= cast(count - 1, sigma.dtype) / 2.0
    weight = node("Square", x=at)
    weight *= -0.5 / node("Square", x=sigma)
    weight = reshape(weight, [1, -1]) + reshape(weight, [-1, 1])
    weight = softmax(reshape(weight, [1, -1]))
    return reshape(weight, [count, count, 1, 1])


def ssim_multiscale(
    img1: Any,
    img2: Any,
    max_val: Any,
    power_factors: Sequence[float] = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333),
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Any:
    """Return how similar each two images are, each time half as large (Wang et al., 2003).

    Args:
      img1, img2, max_val, filter_size, filter_sigma, k1, k2: see `ssim`.
      power_factors: how much each scale counts, the finest first.

    Raises:
      ValueError: the shapes do not fit.
      InvalidArgumentError: the same, found when run; or an image at the coarsest scale is smaller
        than the window.
    """
    with scope(None, "MS-SSIM", [img1, img2]):
        one, other, images, most = _prepared(img1, img2, max_val)
        shapes = [one, other]
        heads = [shape[:-3] for shape in shapes]
        tails = [shape[-3:] for shape in shapes]
        window = [1, 2, 2, 1]
        halves = convert_to_tensor(window[1:], dtypes.int32, name="Const")
        found = []
        similar = None
        for k in range(len(power_factors)):
            with scope(None, f"Scale{k}", images):
                if k:
                    flat = [
                        reshape(x, concat([[-1], t], 0)) for x, t in zip(images, tails, strict=True)
                    ]
                    coarse = [
                        avg_pool(x, window, window, "VALID") for x in _even(flat, tails[0] % halves)
                    ]
                    tails = [t[1:] for t in shape_n(coarse)]
                    images = [
                        reshape(x, concat([h, t], 0))
                        for x, h, t in zip(coarse, heads, tails, strict=True)
                    ]
                similar, structure = _each_channel(images, most, filter_size, filter_sigma, k1, k2)
                found.append(node("Relu", features=structure))
        found[-1] = node("Relu", features=similar)
        powers = node("Pow", x=stack(found, axis=-1), y=power_factors)
        return reduce_mean(reduce_prod(powers, [-1]), [-1])


def _even(images: list[Any], remainder: Any) -> Any:
    """Return images with their last row and column twice, where that makes the sizes even."""

    def padded() -> Any:
        paddings = pad(expand_dims(remainder, -1), [[1, 0], [1, 0]])
        return [pad(x, paddings, mode="SYMMETRIC") for x in images]

    odd = reduce_any(node("NotEqual", x=remainder, y=0))
    return cond(odd, padded, lambda: images)
