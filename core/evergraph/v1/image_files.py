"""Images in files of any format."""

from __future__ import annotations

from typing import Any

from evergraph.builder import build
from evergraph.dtypes import int32, uint8
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import node, scope
from evergraph.v1.image_colours import convert_image_dtype
from evergraph.v1.string_ops import substr

__all__ = ["adjust_jpeg_quality", "decode_image", "is_jpeg"]


def decode_image(
    contents: Any,
    channels: int | None = None,
    dtype: Any = uint8,
    name: str | None = None,
    expand_animations: bool = True,
) -> Any:
    """Return the image in a file of the format JPEG, PNG, GIF or BMP.

    Args:
      contents: the file, a string scalar.
      channels: 1, 3 or 4; None or 0 for those of the file.
      dtype: uint8, uint16 or float32.
      name: the name of the nodes' scope.
      expand_animations: whether of a GIF all images are returned, [count, height, width, 3]; if
        not, the first one is.

    Returns:
      A tensor [height, width, channels]; its static shape is unknown if it may be a GIF.

    Raises:
      InvalidArgumentError: when it runs, the file is damaged, or of another format.
      UnimplementedError: when it runs, it is a JPEG, and the package simplejpeg is not installed.
    """
    with scope(name, "decode_image"):
        arguments = {
            "contents": contents,
            "channels": 0 if channels is None else channels,
            "dtype": dtype,
            "expand_animations": expand_animations,
        }
        return build("DecodeImage", arguments, None)


def is_jpeg(contents: Any, name: str | None = None) -> Any:
    """Return whether a file, a string scalar, begins like one of JPEG: a bool scalar."""
    with scope(name, "is_jpeg"):
        return node("Equal", name, x=substr(contents, 0, 3), y=b"\xff\xd8\xff")


def adjust_jpeg_quality(
    image: Any, jpeg_quality: Any, dct_method: str = "", name: str | None = None
) -> Any:
    """Return an image as it is once it has been a JPEG file of some quality.

    Args:
      image: [height, width, 1 or 3], floats in [0, 1] or integers.
      jpeg_quality: 0 to 100, an int or an int32 scalar.
      dct_method: "", "INTEGER_FAST" or "INTEGER_ACCURATE".
      name: the name of the nodes' scope.
    """
    with scope(name, "adjust_jpeg_quality", [image]):
        image = convert_to_tensor(image, name="image")
        channels = image.shape.as_list()[-1]
        given = image.dtype
        image = convert_image_dtype(image, uint8, saturate=True)
        quality = convert_to_tensor(jpeg_quality, int32)
        file = build("EncodeJpegVariableQuality", {"images": image, "quality": quality})
        arguments = {"contents": file, "channels": channels or 0, "dct_method": dct_method}
        return convert_image_dtype(build("DecodeJpeg", arguments), given, saturate=True)
