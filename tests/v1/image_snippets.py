"""Snippets of tf.image; see snippets.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

Snippet = Callable[[Any], Any]

KNOWN: Final = (8, 6, 3)


def picture(tf: Any, *shape: int | None, dtype: str = "float32") -> Any:
    return tf.placeholder(dtype, shape or KNOWN, "x")


def number(tf: Any, name: str = "n") -> Any:
    return tf.placeholder(tf.int32, [], name)


def unknown(tf: Any) -> Any:
    return tf.placeholder(tf.float32, name="x")


def boxes(tf: Any) -> Any:
    return tf.placeholder(tf.float32, [5, 4], "boxes")


def scores(tf: Any) -> Any:
    return tf.placeholder(tf.float32, [5], "scores")


def colours(name: str) -> Snippet:
    return lambda tf: getattr(tf.image, name)(picture(tf, 2, *KNOWN))


def resized(method: str) -> Snippet:
    return lambda tf: tf.image.resize_images(
        picture(tf, 2, *KNOWN), [4, 4], getattr(tf.image.ResizeMethod, method)
    )


def converted(source: str, target: str, saturate: bool = False) -> Snippet:
    return lambda tf: tf.image.convert_image_dtype(picture(tf, dtype=source), target, saturate)


CASTS: Final = (
    ("uint8", "float32"),
    ("float32", "uint8"),
    ("float32", "float64"),
    ("uint8", "uint8"),
    ("uint8", "int32"),
    ("int32", "uint8"),
    ("int16", "uint8"),
    ("int16", "float16"),
)
METHODS: Final = ("BILINEAR", "NEAREST_NEIGHBOR", "BICUBIC")

SNIPPETS: dict[str, Snippet] = {
    **{f"resize_images {method}": resized(method) for method in METHODS},
    "resize_images one": lambda tf: tf.image.resize_images(picture(tf), [4, 4], name="n"),
    "resize_images by name": lambda tf: tf.image.resize(picture(tf), [4, 4], "nearest"),
    "resize_images aligned": lambda tf: tf.image.resize_images(
        picture(tf), tf.constant([4, 4]), align_corners=True
    ),
    "resize_images same": lambda tf: tf.image.resize_images(picture(tf), KNOWN[:2]),
    "resize_images fed": lambda tf: tf.image.resize_images(
        picture(tf, None, None, None, 3), tf.placeholder(tf.int32, [2])
    ),
    "resize_images in proportion": lambda tf: tf.image.resize_images(
        picture(tf), [4, 4], preserve_aspect_ratio=True
    ),
    "resize_bilinear": lambda tf: tf.image.resize_bilinear(
        picture(tf, 2, *KNOWN), [4, 4], True, name="n"
    ),
    "resize_nearest_neighbor": lambda tf: tf.image.resize_nearest_neighbor(
        picture(tf, 2, *KNOWN), [4, 4], half_pixel_centers=True
    ),
    "resize_bicubic": lambda tf: tf.image.resize_bicubic(picture(tf, 2, *KNOWN), [4, 4]),
    "crop_to_bounding_box": lambda tf: tf.image.crop_to_bounding_box(picture(tf), 1, 2, 3, 4),
    "crop_to_bounding_box batch": lambda tf: tf.image.crop_to_bounding_box(
        picture(tf, None, *KNOWN), 1, 2, 3, 4
    ),
    "crop_to_bounding_box unknown": lambda tf: tf.image.crop_to_bounding_box(
        unknown(tf), 1, 2, 3, 4
    ),
    "crop_to_bounding_box fed": lambda tf: tf.image.crop_to_bounding_box(
        picture(tf), number(tf), 0, number(tf, "m"), 4
    ),
    "pad_to_bounding_box": lambda tf: tf.image.pad_to_bounding_box(picture(tf), 1, 2, 10, 9),
    "pad_to_bounding_box batch": lambda tf: tf.image.pad_to_bounding_box(
        picture(tf, None, None, 6, 3), 1, 2, 10, 9
    ),
    "pad_to_bounding_box fed": lambda tf: tf.image.pad_to_bounding_box(
        picture(tf), 1, number(tf), 10, number(tf, "m")
    ),
    "resize_image_with_crop_or_pad": lambda tf: tf.image.resize_image_with_crop_or_pad(
        picture(tf), 5, 9
    ),
    "resize_image_with_crop_or_pad batch": lambda tf: tf.image.resize_with_crop_or_pad(
        picture(tf, None, *KNOWN), 10, 3
    ),
    "resize_image_with_crop_or_pad fed": lambda tf: tf.image.resize_with_crop_or_pad(
        picture(tf, None, 6, 3), number(tf), 3
    ),
    "central_crop": lambda tf: tf.image.central_crop(picture(tf), 0.5),
    "central_crop all": lambda tf: tf.image.central_crop(picture(tf), 1.0),
    "central_crop batch": lambda tf: tf.image.central_crop(picture(tf, None, None, 6, 3), 0.5),
    "central_crop fed": lambda tf: tf.image.central_crop(
        picture(tf), tf.placeholder(tf.float32, [], "f")
    ),
    **{f"convert {a} to {b}": converted(a, b) for a, b in CASTS},
    **{f"convert {a} to {b} saturated": converted(a, b, True) for a, b in CASTS},
    "convert named": lambda tf: tf.image.convert_image_dtype(
        picture(tf, dtype="uint8"), tf.float32, name="n"
    ),
    "rgb_to_grayscale": lambda tf: tf.image.rgb_to_grayscale(picture(tf)),
    "rgb_to_grayscale bytes": lambda tf: tf.image.rgb_to_grayscale(
        picture(tf, 2, *KNOWN, dtype="uint8"), name="n"
    ),
    "grayscale_to_rgb": lambda tf: tf.image.grayscale_to_rgb(picture(tf, 8, 6, 1)),
    "grayscale_to_rgb unknown": lambda tf: tf.image.grayscale_to_rgb(picture(tf, None, None, 1)),
    "adjust_brightness": lambda tf: tf.image.adjust_brightness(picture(tf), 0.1),
    "adjust_brightness bytes": lambda tf: tf.image.adjust_brightness(
        picture(tf, dtype="uint8"), 0.1
    ),
    "flip_left_right": lambda tf: tf.image.flip_left_right(picture(tf)),
    "flip_left_right batch": lambda tf: tf.image.flip_left_right(picture(tf, None, *KNOWN)),
    "flip_up_down": lambda tf: tf.image.flip_up_down(picture(tf, None, None, 3)),
    "flip_up_down array": lambda tf: tf.image.flip_up_down(np.zeros(KNOWN, np.float32)),
    "flip_up_down unknown": lambda tf: tf.image.flip_up_down(unknown(tf)),
    "random_flip_left_right": lambda tf: tf.image.random_flip_left_right(picture(tf), seed=3),
    "random_flip_up_down": lambda tf: tf.image.random_flip_up_down(picture(tf), seed=3),
    "random_flip batch": lambda tf: tf.image.random_flip_left_right(picture(tf, 2, *KNOWN)),
    "random_brightness": lambda tf: tf.image.random_brightness(picture(tf), 0.3, seed=1),
    "rgb_to_hsv": lambda tf: tf.image.rgb_to_hsv(picture(tf)),
    "hsv_to_rgb": lambda tf: tf.image.hsv_to_rgb(picture(tf), name="n"),
    "adjust_contrast": lambda tf: tf.image.adjust_contrast(picture(tf), 0.5),
    "adjust_contrast bytes": lambda tf: tf.image.adjust_contrast(picture(tf, dtype="uint8"), 2.0),
    "adjust_gamma": lambda tf: tf.image.adjust_gamma(picture(tf), 0.5, 2),
    "adjust_gamma bytes": lambda tf: tf.image.adjust_gamma(picture(tf, dtype="uint8")),
    "adjust_gamma fed": lambda tf: tf.image.adjust_gamma(
        picture(tf), tf.placeholder(tf.float32, [], "g")
    ),
    "adjust_hue": lambda tf: tf.image.adjust_hue(picture(tf), 0.1),
    "adjust_hue bytes": lambda tf: tf.image.adjust_hue(picture(tf, dtype="uint8"), 0.1, name="n"),
    "adjust_saturation": lambda tf: tf.image.adjust_saturation(picture(tf), 0.5),
    "adjust_saturation bytes": lambda tf: tf.image.adjust_saturation(
        picture(tf, dtype="uint8"), 0.5, name="n"
    ),
    "random_contrast": lambda tf: tf.image.random_contrast(picture(tf), 0.2, 0.5, seed=1),
    "random_hue": lambda tf: tf.image.random_hue(picture(tf), 0.2, seed=1),
    "random_saturation": lambda tf: tf.image.random_saturation(picture(tf), 0.2, 0.5, seed=1),
    "random_jpeg_quality": lambda tf: tf.image.random_jpeg_quality(picture(tf), 20, 90, seed=1),
    "random_crop": lambda tf: tf.image.random_crop(picture(tf), [2, 3, 3], seed=1),
    "per_image_standardization": lambda tf: tf.image.per_image_standardization(picture(tf)),
    "per_image_standardization unknown": lambda tf: tf.image.per_image_standardization(unknown(tf)),
    **{name: colours(name) for name in ("rgb_to_yiq", "yiq_to_rgb", "rgb_to_yuv", "yuv_to_rgb")},
    "rot90": lambda tf: tf.image.rot90(picture(tf)),
    "rot90 batch": lambda tf: tf.image.rot90(picture(tf, None, *KNOWN), 3, name="n"),
    "rot90 fed": lambda tf: tf.image.rot90(picture(tf, None, None, 3), number(tf)),
    "transpose": lambda tf: tf.image.transpose_image(picture(tf)),
    "transpose batch": lambda tf: tf.image.transpose(picture(tf, None, *KNOWN), name="n"),
    "transpose unknown": lambda tf: tf.image.transpose(unknown(tf)),
    "resize_image_with_pad": lambda tf: tf.image.resize_image_with_pad(picture(tf), 5, 9),
    "resize_image_with_pad fed": lambda tf: tf.image.resize_image_with_pad(
        picture(tf, None, None, 3), number(tf), 3
    ),
    "resize_image_with_pad nearest": lambda tf: tf.image.resize_image_with_pad(
        picture(tf, 2, *KNOWN), 5, 9, tf.image.ResizeMethod.NEAREST_NEIGHBOR, True
    ),
    "crop_and_resize": lambda tf: tf.image.crop_and_resize(
        picture(tf, 2, *KNOWN), [[0.0, 0.0, 1.0, 1.0]], [1], [3, 4]
    ),
    "crop_and_resize named": lambda tf: tf.image.crop_and_resize(
        picture(tf, 2, *KNOWN),
        boxes(tf),
        box_indices=[0, 1, 1, 0, 0],
        crop_size=tf.placeholder(tf.int32, [2]),
        method="nearest",
        extrapolation_value=1.5,
        name="n",
    ),
    "extract_image_patches": lambda tf: tf.image.extract_image_patches(
        picture(tf, None, *KNOWN), [1, 3, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID"
    ),
    "extract_patches": lambda tf: tf.image.extract_patches(
        picture(tf, 2, *KNOWN), [1, 3, 2, 1], [1, 2, 2, 1], [1, 1, 2, 1], "SAME", name="n"
    ),
    "non_max_suppression": lambda tf: tf.image.non_max_suppression(boxes(tf), scores(tf), 3),
    "non_max_suppression named": lambda tf: tf.image.non_max_suppression(
        boxes(tf), scores(tf), number(tf), 0.4, 0.1, name="n"
    ),
    "non_max_suppression scores": lambda tf: tf.image.non_max_suppression_with_scores(
        boxes(tf), scores(tf), 3, soft_nms_sigma=0.5
    ),
    "non_max_suppression overlaps": lambda tf: tf.image.non_max_suppression_overlaps(
        tf.placeholder(tf.float32, [5, 5]), scores(tf), 3
    ),
    "draw_bounding_boxes": lambda tf: tf.image.draw_bounding_boxes(
        picture(tf, 2, *KNOWN), tf.placeholder(tf.float32, [2, 7, 4]), name="n"
    ),
    "draw_bounding_boxes colours": lambda tf: tf.image.draw_bounding_boxes(
        picture(tf, 2, *KNOWN),
        tf.placeholder(tf.float32, [2, 7, 4]),
        colors=np.ones((2, 3), np.float32),
    ),
    "sample_distorted_bounding_box": lambda tf: tf.image.sample_distorted_bounding_box(
        tf.shape(picture(tf, None, None, 3)), [[[0.1, 0.2, 0.5, 0.7]]], seed=3
    ),
    "sample_distorted_bounding_box named": lambda tf: tf.image.sample_distorted_bounding_box(
        [8, 6, 3],
        tf.placeholder(tf.float32, [1, None, 4]),
        min_object_covered=0.5,
        aspect_ratio_range=[0.5, 2.0],
        area_range=[0.1, 0.9],
        max_attempts=7,
        use_image_if_no_bounding_boxes=True,
        name="n",
    ),
    "total_variation": lambda tf: tf.image.total_variation(picture(tf)),
    "total_variation batch": lambda tf: tf.image.total_variation(picture(tf, 2, *KNOWN), "n"),
    "image_gradients": lambda tf: tf.image.image_gradients(picture(tf, None, *KNOWN)),
    "sobel_edges": lambda tf: tf.image.sobel_edges(picture(tf, None, *KNOWN)),
    "psnr": lambda tf: tf.image.psnr(picture(tf), picture(tf), 1.0),
    "psnr bytes": lambda tf: tf.image.psnr(
        picture(tf, dtype="uint8"), picture(tf, 5, *KNOWN, dtype="uint8"), 255, name="n"
    ),
    "ssim": lambda tf: tf.image.ssim(picture(tf), picture(tf), 1.0, filter_size=3),
    "ssim bytes": lambda tf: tf.image.ssim(
        picture(tf, None, *KNOWN, dtype="uint8"), picture(tf, 2, *KNOWN, dtype="uint8"), 255, 5
    ),
    "ssim_multiscale": lambda tf: tf.image.ssim_multiscale(
        picture(tf), picture(tf), 1.0, (0.5, 0.5), filter_size=3
    ),
    "decode_jpeg": lambda tf: tf.image.decode_jpeg("x"),
    "decode_jpeg channels": lambda tf: tf.image.decode_jpeg("x", channels=3, ratio=2, name="d"),
    "decode_png": lambda tf: tf.image.decode_png(tf.placeholder(tf.string), 1, tf.uint16),
    "decode_gif": lambda tf: tf.image.decode_gif("x"),
    "decode_bmp": lambda tf: tf.image.decode_bmp("x", channels=4),
    "decode_image": lambda tf: tf.image.decode_image("x"),
    "decode_image one": lambda tf: tf.image.decode_image(
        "x", 3, tf.float32, name="d", expand_animations=False
    ),
    "decode_and_crop_jpeg": lambda tf: tf.image.decode_and_crop_jpeg("x", [1, 2, 3, 4], 3),
    "extract_jpeg_shape": lambda tf: tf.image.extract_jpeg_shape("x"),
    "is_jpeg": lambda tf: tf.image.is_jpeg("x"),
    "is_jpeg named": lambda tf: tf.image.is_jpeg("x", name="jpeg"),
    "io.decode_jpeg": lambda tf: tf.io.decode_jpeg("x", channels=1),
    "encode_png": lambda tf: tf.image.encode_png(picture(tf, dtype="uint8"), 7),
    "encode_jpeg": lambda tf: tf.image.encode_jpeg(picture(tf, dtype="uint8"), quality=80),
    "adjust_jpeg_quality": lambda tf: tf.image.adjust_jpeg_quality(picture(tf), 80),
    "adjust_jpeg_quality uint8": lambda tf: tf.image.adjust_jpeg_quality(
        picture(tf, dtype="uint8"), tf.constant(80)
    ),
}
SNIPPETS = {f"image: {name}": snippet for name, snippet in SNIPPETS.items()}

ERRORS: dict[str, Snippet] = {
    "resize unknown": lambda tf: tf.image.resize_images(unknown(tf), [4, 4]),
    "resize rank": lambda tf: tf.image.resize_images(picture(tf, 8, 6), [4, 4]),
    "resize size": lambda tf: tf.image.resize_images(picture(tf), [4]),
    "resize size type": lambda tf: tf.image.resize_images(picture(tf), "big"),
    "resize method": lambda tf: tf.image.resize_images(picture(tf), [4, 4], 7),
    "crop rank": lambda tf: tf.image.crop_to_bounding_box(picture(tf, 8, 6), 1, 2, 3, 4),
    "crop offset": lambda tf: tf.image.crop_to_bounding_box(picture(tf), -1, 2, 3, 4),
    "crop nothing": lambda tf: tf.image.crop_to_bounding_box(picture(tf), 1, 2, 0, 4),
    "crop too much": lambda tf: tf.image.crop_to_bounding_box(picture(tf), 1, 2, 8, 4),
    "crop empty": lambda tf: tf.image.crop_to_bounding_box(picture(tf, 0, 6, 3), 0, 0, 1, 1),
    "pad too little": lambda tf: tf.image.pad_to_bounding_box(picture(tf), 1, 2, 8, 9),
    "crop or pad": lambda tf: tf.image.resize_image_with_crop_or_pad(picture(tf), 0, 1),
    "central_crop fraction": lambda tf: tf.image.central_crop(picture(tf), 1.5),
    "central_crop rank": lambda tf: tf.image.central_crop(picture(tf, 1, 2, *KNOWN), 0.5),
    "convert to strings": lambda tf: tf.image.convert_image_dtype(picture(tf), tf.string),
    "convert strings": lambda tf: tf.image.convert_image_dtype(
        picture(tf, dtype="string"), tf.uint8
    ),
    "grayscale channels": lambda tf: tf.image.grayscale_to_rgb(picture(tf)),
    "grayscale rank": lambda tf: tf.image.grayscale_to_rgb(picture(tf, 3)),
    "decode a vector": lambda tf: tf.image.decode_png(["x"]),
    "decode into strings": lambda tf: tf.image.decode_png("x", dtype=tf.string),
    "encode_png rank": lambda tf: tf.image.encode_png(picture(tf, 8, 6, dtype="uint8")),
    "encode_jpeg floats": lambda tf: tf.image.encode_jpeg(picture(tf)),
    "random_flip rank": lambda tf: tf.image.random_flip_left_right(picture(tf, 1, 1, *KNOWN)),
    "random_brightness negative": lambda tf: tf.image.random_brightness(picture(tf), -0.1),
    "hue delta": lambda tf: tf.image.random_hue(picture(tf), 0.6),
    "hue negative": lambda tf: tf.image.random_hue(picture(tf), -0.1),
    "contrast bounds": lambda tf: tf.image.random_contrast(picture(tf), 0.5, 0.5),
    "saturation negative": lambda tf: tf.image.random_saturation(picture(tf), -0.5, 0.5),
    "jpeg quality range": lambda tf: tf.image.random_jpeg_quality(picture(tf), 0, 101),
    "jpeg quality order": lambda tf: tf.image.random_jpeg_quality(picture(tf), 50, 50),
    "contrast rank": lambda tf: tf.image.adjust_contrast(picture(tf, 8, 6), 0.5),
    "gamma negative": lambda tf: tf.image.adjust_gamma(picture(tf), -1),
    "rgb_to_hsv channels": lambda tf: tf.image.rgb_to_hsv(picture(tf, 8, 6, 2)),
    "rot90 rank": lambda tf: tf.image.rot90(picture(tf, 1, 1, *KNOWN)),
    "rot90 vector": lambda tf: tf.image.rot90(picture(tf), [1]),
    "transpose rank": lambda tf: tf.image.transpose(picture(tf, 8, 6)),
    "resize_image_with_pad size": lambda tf: tf.image.resize_image_with_pad(picture(tf), 0, 3),
    "resize_image_with_pad rank": lambda tf: tf.image.resize_image_with_pad(picture(tf, 6), 3, 3),
    "crop_and_resize rank": lambda tf: tf.image.crop_and_resize(
        picture(tf), boxes(tf), [1], [3, 4]
    ),
    "crop_and_resize indices": lambda tf: tf.image.crop_and_resize(
        picture(tf, 2, *KNOWN), boxes(tf), [1], [3, 4]
    ),
    "crop_and_resize method": lambda tf: tf.image.crop_and_resize(
        picture(tf, 2, *KNOWN), boxes(tf), [1] * 5, [3, 4], "cubic"
    ),
    "suppression scores": lambda tf: tf.image.non_max_suppression(boxes(tf), [0.5], 3),
    "draw_bounding_boxes rank": lambda tf: tf.image.draw_bounding_boxes(picture(tf), boxes(tf)),
    "sample size": lambda tf: tf.image.sample_distorted_bounding_box([8, 6], [[[0.1] * 4]]),
    "patches sizes": lambda tf: tf.image.extract_image_patches(
        picture(tf, 2, *KNOWN), [3, 2], [1, 2, 2, 1], [1, 1, 1, 1], "VALID"
    ),
    "total_variation rank": lambda tf: tf.image.total_variation(picture(tf, 8, 6)),
    "image_gradients rank": lambda tf: tf.image.image_gradients(picture(tf)),
    "psnr shapes": lambda tf: tf.image.psnr(picture(tf), picture(tf, 8, 6, 1), 1.0),
    "psnr batches": lambda tf: tf.image.psnr(picture(tf, 2, *KNOWN), picture(tf, 3, *KNOWN), 1.0),
    "ssim rank": lambda tf: tf.image.ssim(picture(tf, 8, 6), picture(tf), 1.0),
    "flip rank": lambda tf: tf.image.flip_up_down(picture(tf, 8, 6)),
    "flip rank 5": lambda tf: tf.image.flip_up_down(picture(tf, 1, 1, *KNOWN)),
}
ERRORS = {f"image: {name}": snippet for name, snippet in ERRORS.items()}
