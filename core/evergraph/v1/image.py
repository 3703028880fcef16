"""tf.image: sizes, cuts and colours of images, and images as files."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        "evergraph.v1.plain": (
            "decode_and_crop_jpeg decode_bmp decode_gif decode_jpeg decode_png encode_jpeg "
            "encode_png extract_jpeg_shape hsv_to_rgb rgb_to_hsv"
        ),
        "evergraph.v1.image_files": "adjust_jpeg_quality decode_image is_jpeg",
        "evergraph.v1.image_random": (
            "random_brightness random_contrast random_flip_left_right random_flip_up_down "
            "random_hue random_jpeg_quality random_saturation"
        ),
        "evergraph.v1.random_ops": "random_crop",
        "evergraph.v1.image_adjustments": (
            "adjust_contrast adjust_gamma adjust_hue adjust_saturation per_image_standardization "
            "rgb_to_yiq rgb_to_yuv yiq_to_rgb yuv_to_rgb"
        ),
        "evergraph.v1.image_boxes": (
            "crop_and_resize draw_bounding_boxes extract_image_patches extract_patches "
            "non_max_suppression non_max_suppression_overlaps non_max_suppression_padded "
            "non_max_suppression_with_scores sample_distorted_bounding_box"
        ),
        "evergraph.v1.image_differences": (
            "image_gradients psnr sobel_edges ssim ssim_multiscale total_variation"
        ),
        "evergraph.v1.image_turns": (
            "resize_image_with_pad rot90 transpose transpose_image=transpose"
        ),
        "evergraph.v1.image_sizes": (
            "ResizeMethod resize=resize_images resize_bicubic resize_bilinear resize_images "
            "resize_nearest_neighbor"
        ),
        "evergraph.v1.image_windows": (
            "central_crop crop_to_bounding_box pad_to_bounding_box resize_image_with_crop_or_pad "
            "resize_with_crop_or_pad=resize_image_with_crop_or_pad"
        ),
        "evergraph.v1.image_colours": (
            "adjust_brightness convert_image_dtype flip_left_right flip_up_down grayscale_to_rgb "
            "rgb_to_grayscale"
        ),
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
