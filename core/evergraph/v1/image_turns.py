"""Images turned by right angles, and fitted into a size with zeros around them."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast, node, scope
from evergraph.v1.conditions import case, cond
from evergraph.v1.filling import rank
from evergraph.v1.flow import with_dependencies
from evergraph.v1.image_sizes import ResizeMethod, resize_images
from evergraph.v1.image_windows import (
    as_batch,
    check,
    checks_of_image,
    dimensions,
    greater,
    pad_to_bounding_box,
)
from evergraph.v1.shaping import squeeze
from evergraph.v1.shaping import transpose as transposed

__all__ = ["resize_image_with_pad", "rot90", "transpose"]


def rot90(image: Any, k: Any = 1, name: str | None = None) -> Any:
    """Return an image, or each image of a batch, turned counter-clockwise by right angles.

    Args:
      image: [height, width, channels], or [batch, height, width, channels].
      k: by how many, an int or an int32 scalar.
      name: the name of the nodes' scope.

    Raises:
      ValueError: the image has neither three nor four dimensions, or `k` is no scalar.
    """
    with scope(name, "rot90", [image, k]) as name:
        image = convert_to_tensor(image, name="image")
        image = with_dependencies(checks_of_image(image), image)
        k = convert_to_tensor(k, dtypes.int32, "k")
        k.shape.assert_has_rank(0)
        k = node("FloorMod", "mod", x=k, y=4)
        if image.ndim is None:
            is_single = node("Equal", x=rank(image), y=3)
            return cond(
                is_single, lambda: _turned(image, k, 0, name), lambda: _turned(image, k, 1, name)
            )
        _check_rank(image)
        return _turned(image, k, image.ndim - 3, name)


def _check_rank(image: Any) -> None:
    if image.ndim not in (3, 4):
        raise ValueError(f"'image' (shape {image.shape}) must have either 3 or 4 dimensions.")


def _turned(image: Any, k: Any, rows: int, name: str | None) -> Any:
    """Return the image turned `k` times; `rows` is the axis of its rows."""
    columns = rows + 1
    order = [*range(rows), columns, rows, columns + 1]

    def reversed_(x: Any, *axes: int) -> Any:
        return node("ReverseV2", tensor=x, axis=list(axes))

    cases = [
        (node("Equal", x=k, y=1), lambda: transposed(reversed_(image, columns), order)),
        (node("Equal", x=k, y=2), lambda: reversed_(image, rows, columns)),
        (node("Equal", x=k, y=3), lambda: reversed_(transposed(image, order), columns)),
    ]
    turned = case(cases, default=lambda: image, exclusive=True, name=name or "case")
    if rows:
        shape = turned.shape
        turned.set_shape([shape[0], None, None, shape[3]])
    else:
        turned.set_shape([None, None, image.shape[2]])
    return turned


def transpose(image: Any, name: str | None = None) -> Any:
    """Return an image, or each image of a batch, with rows and columns exchanged.

    Args:
      image: [height, width, channels], or [batch, height, width, channels].
      name: the name of the nodes' scope.

    Raises:
      ValueError: the image has neither three nor four dimensions.
    """
    with scope(name, "transpose", [image]):
        image = convert_to_tensor(image, name="image")
        image = with_dependencies(checks_of_image(image), image)

        def single() -> Any:
            return transposed(image, [1, 0, 2], name=name or "transpose")

        def every() -> Any:
            return transposed(image, [0, 2, 1, 3], name=name or "transpose")

        if image.ndim is None:
            return cond(node("Equal", x=rank(image), y=3), single, every)
        _check_rank(image)
        return single() if image.ndim == 3 else every()


def resize_image_with_pad(
    image: Any,
    target_height: Any,
    target_width: Any,
    method: Any = ResizeMethod.BILINEAR,
    align_corners: bool = False,
) -> Any:
    """Return images as large as fits into a size undistorted, in the middle of zeros.

    Args:
      image: [height, width, channels], or [batch, height, width, channels].
      target_height, target_width: the size of the result.
      method, align_corners: see `resize_images`.

    Raises:
      ValueError: the size is not positive, or the image has another rank.
      InvalidArgumentError: the same, found when run.
    """
    with scope(None, "resize_image_with_pad", [image]):
        image, is_batch = as_batch(convert_to_tensor(image, name="image"))
        checks = checks_of_image(image)
        checks += check(target_width > 0, "target_width must be > 0.")
        checks += check(target_height > 0, "target_height must be > 0.")
        image = with_dependencies(checks, image)
        _, height, width, _ = dimensions(image)
        sizes = [cast(size, dtypes.float32) for size in (height, width)]
        targets = [cast(size, dtypes.float32) for size in (target_height, target_width)]
        across = sizes[1] / targets[1]
        ratio = greater(across, sizes[0] / targets[0])
        exact = [size / ratio for size in sizes]
        fitted = [_whole(size) for size in exact]
        beside = [(target - size) / 2 for target, size in zip(targets, exact, strict=True)]
        floors = [node("Floor", x=size) for size in beside]
        above, left = (greater(0, cast(size, dtypes.int32)) for size in floors)
        resized = resize_images(image, fitted, method, align_corners=align_corners)
        padded = pad_to_bounding_box(resized, above, left, target_height, target_width)
        dimensions(padded)
        return padded if is_batch else squeeze(padded, axis=[0])


def _whole(size: Any) -> Any:
    return cast(node("Floor", x=size), dtypes.int32)
