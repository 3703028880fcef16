"""Images resized, all of a batch alike."""

from __future__ import annotations

from typing import Any, Final

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.inference import constant_value_as_shape
from evergraph.graph.operators import cast, node, scope
from evergraph.v1.arithmetic import round
from evergraph.v1.image_windows import dimensions
from evergraph.v1.shaping import expand_dims, squeeze


class ResizeMethod:
    """How `resize_images` finds the pixels between the pixels."""

    BILINEAR = 0
    NEAREST_NEIGHBOR = 1
    BICUBIC = 2
    AREA = 3


_METHODS: Final = {
    ResizeMethod.BILINEAR: "ResizeBilinear",
    "bilinear": "ResizeBilinear",
    ResizeMethod.NEAREST_NEIGHBOR: "ResizeNearestNeighbor",
    "nearest": "ResizeNearestNeighbor",
    ResizeMethod.BICUBIC: "ResizeBicubic",
    "bicubic": "ResizeBicubic",
    ResizeMethod.AREA: "ResizeArea",
    "area": "ResizeArea",
}


def resize_images(
    images: Any,
    size: Any,
    method: Any = ResizeMethod.BILINEAR,
    align_corners: bool = False,
    preserve_aspect_ratio: bool = False,
    name: str | None = None,
) -> Any:
    """Return an image, or a batch of images, in another size.

    The result is of float32, unless the method is `NEAREST_NEIGHBOR` or the size remains.

    Args:
      images: [height, width, channels], or [batch, height, width, channels].
      size: the new height and width, int32.
      method: one of `tf.image.ResizeMethod`.
      align_corners: whether the centres of the corner pixels stay where they are.
      preserve_aspect_ratio: whether the result is as large as fits into `size` undistorted.
      name: a name scope.

    Raises:
      ValueError: there is no such method; the images have another rank, or one that is not known;
        or `size` is no vector of two integers.
    """
    with scope(name, "resize", [images, size]):
        images = convert_to_tensor(images, name="images")
        rank = images.ndim
        if rank is None:
            raise ValueError("'images' contains no shape.")
        if rank == 3:
            images = expand_dims(images, 0)
        elif rank != 4:
            raise ValueError("'images' must have either 3 or 4 dimensions.")
        size = _size(size)
        if preserve_aspect_ratio:
            size = _fitted(images, size)
        height, width = constant_value_as_shape(size) or (None, None)
        if None in (height, width) or images.shape.as_list()[1:3] != [height, width]:
            if method not in _METHODS:
                raise ValueError(f"Resize method is not implemented: {method}")
            arguments = {"size": size, "align_corners": align_corners}
            images = node(_METHODS[method], images=images, **arguments)
            images.set_shape([None, height, width, None])
        return squeeze(images, axis=[0]) if rank == 3 else images


def _size(size: Any) -> Any:
    try:
        size = convert_to_tensor(size, dtypes.int32, "size")
    except (TypeError, ValueError):
        raise ValueError("'size' must be a 1-D int32 Tensor") from None
    if not size.shape.is_compatible_with([2]):
        raise ValueError("'size' must be a 1-D Tensor of 2 elements: new_height, new_width")
    return size


def _fitted(images: Any, size: Any) -> Any:
    """Return the largest size of the images' proportions within a size."""
    _, height, width, _ = dimensions(images)

    def ratio(axis: int, current: Any) -> Any:
        return cast(size[axis], dtypes.float32) / cast(current, dtypes.float32)

    def scaled(factor: Any, current: Any) -> Any:
        return cast(round(factor * cast(current, dtypes.float32)), dtypes.int32)

    factor = node("Minimum", x=ratio(0, height), y=ratio(1, width))
    fitted = [scaled(factor, height), scaled(factor, width)]
    return convert_to_tensor(fitted, dtypes.int32, "size")


def resize_bilinear(
    images: Any,
    size: Any,
    align_corners: bool = False,
    name: str | None = None,
    half_pixel_centers: bool = False,
) -> Any:
    """Return a batch of images in another size, of float32, by bilinear interpolation."""
    return _resized("ResizeBilinear", images, size, align_corners, name, half_pixel_centers)


def resize_nearest_neighbor(
    images: Any,
    size: Any,
    align_corners: bool = False,
    name: str | None = None,
    half_pixel_centers: bool = False,
) -> Any:
    """Return a batch of images in another size, of the nearest pixels."""
    return _resized("ResizeNearestNeighbor", images, size, align_corners, name, half_pixel_centers)


def resize_bicubic(
    images: Any,
    size: Any,
    align_corners: bool = False,
    name: str | None = None,
    half_pixel_centers: bool = False,
) -> Any:
    """Return a batch of images in another size, of float32, by bicubic interpolation."""
    return _resized("ResizeBicubic", images, size, align_corners, name, half_pixel_centers)


def _resized(type: str, images: Any, size: Any, corners: bool, name: Any, centers: bool) -> Any:
    options = {"align_corners": corners, "half_pixel_centers": centers}
    return node(type, name, images=images, size=size, **options)
