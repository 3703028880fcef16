"""tf.image: colours, turns, boxes, and how much images differ."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.messages import raises, row, typed

pytestmark = pytest.mark.dtypes("float32")

IMAGE = np.arange(4 * 6 * 3, dtype=np.float32).reshape(4, 6, 3)
BATCH = np.stack([IMAGE, 100 - IMAGE])
UNIT = IMAGE / 72
BOTH = pytest.mark.parametrize("image", [row("an image", IMAGE), row("a batch", BATCH)])
CLOSE = (1e-5, 1e-6, 1e-6)
WIDE = np.arange(192, dtype=np.float32).reshape(8, 8, 3) / 192


@BOTH
@pytest.mark.uses("ReverseV2", "Transpose")
@pytest.mark.parametrize("turns", [0, 1, 2, 3, -1])
def test_images_turn(tf, session, same, image, turns):
    k = tf.placeholder(tf.int32, [])
    first = image.ndim - 3
    wanted = np.rot90(image, turns, axes=(first, first + 1))
    same(session.run(tf.image.rot90(image, k), {k: turns}), wanted)


@BOTH
@pytest.mark.uses("Transpose")
def test_rows_become_columns(tf, run, same, image):
    same(run(tf.image.transpose_image(image)), np.swapaxes(image, -3, -2))


@BOTH
@pytest.mark.uses("ResizeNearestNeighbor", "Pad")
def test_images_fit_into_a_size_with_zeros_around(tf, run, same, image):
    nearest = tf.image.ResizeMethod.NEAREST_NEIGHBOR
    wanted = np.pad(image[..., ::2, ::2, :], [(0, 0)] * (image.ndim - 2) + [(1, 1), (0, 0)])
    same(run(tf.image.resize_image_with_pad(image, 2, 5, nearest)), wanted)


@BOTH
def test_images_of_mean_zero(tf, run, same, image):
    axes = (-3, -2, -1)
    mean, deviation = image.mean(axes, keepdims=True), image.std(axes, keepdims=True)
    same(run(tf.image.per_image_standardization(image)), (image - mean) / deviation, CLOSE)
    same(run(tf.image.per_image_standardization(np.full_like(image, 7))), image * 0)


@pytest.mark.parametrize("name", ["yiq", "yuv"])
def test_colours_as_brightness_and_differences(tf, run, same, name):
    there = getattr(tf.image, f"rgb_to_{name}")(UNIT)
    brightness = UNIT @ np.array([0.299, 0.587, 0.114], np.float32)
    same(run(there)[..., 0], brightness, CLOSE)
    same(run(getattr(tf.image, f"{name}_to_rgb")(there)), UNIT, (1e-4, 1e-4, 1e-4))


@pytest.mark.uses("RGBToHSV", "HSVToRGB")
def test_hue_saturation_value(tf, run, same):
    colours = np.array([[1, 0, 0], [0, 0.5, 0], [0, 0, 1], [0.5, 0.5, 0.5]], np.float32)
    wanted = np.array([[0, 1, 1], [1 / 3, 1, 0.5], [2 / 3, 1, 1], [0, 0, 0.5]], np.float32)
    there = tf.image.rgb_to_hsv(colours)
    same(run(there), wanted, CLOSE)
    same(run(tf.image.hsv_to_rgb(there)), colours, CLOSE)


@pytest.mark.uses("AdjustHue", "AdjustSaturation", "AdjustContrastv2")
def test_colours_are_adjusted_in_the_type_of_the_image(tf, run, same):
    red = np.full((1, 2, 3), [255, 0, 0], np.uint8)
    same(run(tf.image.adjust_hue(red, 1 / 3)), np.full((1, 2, 3), [0, 255, 0], np.uint8))
    same(run(tf.image.adjust_saturation(red, 0.0)), np.full((1, 2, 3), 255, np.uint8))
    two = np.array([[[0.2], [0.6]]], np.float32)
    contrasted = run(tf.image.adjust_contrast(two, 0.5))
    same(contrasted, np.array([[[0.3], [0.5]]], np.float32), CLOSE)
    same(run(tf.image.adjust_gamma(UNIT, 2.0, 0.5)), UNIT**2 / 2, CLOSE)


def test_a_negative_exponent_is_an_error(tf, session, same):
    gamma = tf.placeholder(tf.float32, [])
    adjusted = tf.image.adjust_gamma(UNIT, gamma)
    with raises(typed("InvalidArgumentError")):
        session.run(adjusted, {gamma: -1.0})
    same(session.run(adjusted, {gamma: 1.0}), UNIT)


#: By name: how an image is changed, and its first pixel in three runs on TensorFlow.
RANDOM = {
    "contrast": (
        lambda tf, x: tf.image.random_contrast(x, 0.2, 0.9, seed=1),
        [
            [0.2533532381057739, 0.2672421336174011, 0.28113096952438354],
            [0.05263832211494446, 0.06652721762657166, 0.08041608333587646],
            [0.05975687503814697, 0.07364577054977417, 0.08753466606140137],
        ],
    ),
    "hue": (
        lambda tf, x: tf.image.random_hue(x, 0.4, seed=2),
        [
            [0.023031949996948242, 0.02777777798473835, 0.0],
            [0.003165294649079442, 0.02777777798473835, 0.0],
            [0.008614686317741871, 0.0, 0.02777777798473835],
        ],
    ),
    "saturation": (
        lambda tf, x: tf.image.random_saturation(x, 0.2, 0.9, seed=3),
        [
            [0.016609031707048416, 0.022193405777215958, 0.02777777798473835],
            [0.013520815409719944, 0.020649297162890434, 0.02777777798473835],
            [0.012390981428325176, 0.020084379240870476, 0.02777777798473835],
        ],
    ),
    "a part": (
        lambda tf, x: tf.image.random_crop(72 * x, [2, 3, 3], seed=4),
        [[42.0, 43.0, 44.0], [21.0, 22.0, 23.0], [42.0, 43.0, 44.0]],
    ),
}


@pytest.mark.uses("RandomUniform")
@pytest.mark.parametrize("name", RANDOM)
def test_images_are_changed_at_random_as_tensorflow_does(tf, session, name):
    tf.set_random_seed(5)
    change, wanted = RANDOM[name]
    changed = change(tf, tf.constant(UNIT))[0, 0]
    found = [session.run(changed) for _ in range(3)]
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6)


@pytest.mark.uses("SampleDistortedBoundingBoxV2")
def test_each_run_takes_another_part(tf, session):
    tf.set_random_seed(5)
    begin, size, _ = tf.image.sample_distorted_bounding_box(
        [40, 60, 3], [[[0.1, 0.2, 0.5, 0.7]]], seed=7, min_object_covered=0.3
    )
    part = tf.slice(tf.ones([40, 60, 3]), begin, size)
    found = [session.run([begin, part]) for _ in range(3)]
    assert [at.tolist() for at, _ in found] == [[3, 10, 0], [4, 24, 0], [1, 5, 0]]
    assert all(image.shape[2] == 3 for _, image in found)


@pytest.mark.uses("NonMaxSuppressionV3")
def test_the_best_boxes(tf, run, same):
    boxes = np.array([[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 3, 1, 4]], np.float32)
    best = tf.image.non_max_suppression(boxes, [0.5, 0.75, 0.25], 3)
    assert best.shape.as_list() == [None]
    same(run(best), np.array([1, 2], np.int32))
    same(run(tf.gather(boxes, best)), boxes[1:])


@pytest.mark.uses("CropAndResize")
def test_a_box_that_is_fed(tf, session, same):
    which = tf.placeholder(tf.int32, [1])
    part = tf.image.crop_and_resize(BATCH, [[0.0, 0.0, 1.0, 1.0]], which, [2, 2])
    same(session.run(part, {which: [1]})[0], BATCH[1, ::3, ::5])
    with raises(typed("OutOfRangeError")):
        session.run(part, {which: [2]})
    same(session.run(part, {which: [0]})[0], BATCH[0, ::3, ::5])


def test_how_much_pixels_differ_from_their_neighbours(tf, run, same):
    down, across = np.diff(BATCH, axis=1), np.diff(BATCH, axis=2)
    variation = np.abs(down).sum((1, 2, 3)) + np.abs(across).sum((1, 2, 3))
    same(run(tf.image.total_variation(tf.constant(BATCH))), variation, CLOSE)
    same(run(tf.image.total_variation(tf.constant(IMAGE))), variation[0], CLOSE)
    dy, dx = run(tf.image.image_gradients(tf.constant(BATCH)))
    same(dy, np.pad(down, [(0, 0), (0, 1), (0, 0), (0, 0)]))
    same(dx, np.pad(across, [(0, 0), (0, 0), (0, 1), (0, 0)]))


@pytest.mark.uses("DepthwiseConv2dNative", "MirrorPad")
def test_edges(tf, run, same):
    edges = run(tf.image.sobel_edges(tf.constant(BATCH)))
    assert edges.shape == (2, 4, 6, 3, 2)
    same(edges[0, 1, 1], np.full((3, 2), [144, 24], np.float32), CLOSE)


def test_signal_and_noise(tf, run, same):
    other = (IMAGE + 10).astype(np.uint8)
    given = IMAGE.astype(np.uint8)
    wanted = np.float32(20 * np.log10(255 / 10))
    same(run(tf.image.psnr(tf.constant(given), tf.constant(other), 255)), wanted, CLOSE)


@pytest.mark.uses("DepthwiseConv2dNative")
def test_how_similar_images_are(tf, run, same):
    x = tf.constant(UNIT)
    same(run(tf.image.ssim(x, x, 1.0, filter_size=3)), np.float32(1), CLOSE)
    other = run(tf.image.ssim(x, 1 - x, 1.0, filter_size=3))
    np.testing.assert_allclose(other, -0.8501806855201721, rtol=1e-4)
    slope = tf.gradients(tf.image.ssim(x, x * x, 1.0, filter_size=3), x)[0]
    wanted = [-0.0020412327721714973, -0.0017225593328475952, -0.0014645978808403015]
    np.testing.assert_allclose(run(slope)[1, 1], wanted, rtol=1e-3)


@pytest.mark.uses("DepthwiseConv2dNative", "AvgPool")
def test_how_similar_images_are_at_several_scales(tf, run):
    similar = tf.image.ssim_multiscale(WIDE, WIDE**2, 1.0, (0.5, 0.5), filter_size=3)
    np.testing.assert_allclose(run(similar), 0.859875500202179, rtol=1e-4)


@pytest.mark.uses("DepthwiseConv2dNative")
def test_images_smaller_than_the_window_are_an_error(tf, session):
    x = tf.placeholder(tf.float32)
    similar = tf.image.ssim(x, x, 1.0, filter_size=5)
    with raises(typed("InvalidArgumentError")):
        session.run(similar, {x: UNIT})
    np.testing.assert_allclose(session.run(similar, {x: WIDE}), 1.0, rtol=1e-5)
