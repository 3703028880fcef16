"""tf.image: sizes, windows, types and colours."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.messages import raises, row, typed

pytestmark = [
    pytest.mark.dtypes("float32"),
    pytest.mark.uses("ResizeBilinear", "ResizeNearestNeighbor", "ReverseV2", "Slice", "Pad"),
]

IMAGE = np.arange(4 * 6 * 3, dtype=np.float32).reshape(4, 6, 3)
BATCH = np.stack([IMAGE, 100 - IMAGE])
BOTH = pytest.mark.parametrize("image", [row("an image", IMAGE), row("a batch", BATCH)])
CLOSE = (1e-5, 1e-6, 0.0)


def unknown(tf):
    """Return an image of which nothing is known."""
    return tf.placeholder(tf.float32)


@BOTH
def test_the_nearest_pixels(tf, run, same, image):
    resized = tf.image.resize_images(image, [2, 3], tf.image.ResizeMethod.NEAREST_NEIGHBOR)
    same(run(resized), image[..., ::2, ::2, :])


@BOTH
def test_pixels_between_the_pixels(tf, run, same, image):
    resized = run(tf.image.resize_images(image, [8, 6]))
    same(resized[..., ::2, :, :], image, CLOSE)
    between = (image[..., :-1, :, :] + image[..., 1:, :, :]) / 2
    same(resized[..., 1:-1:2, :, :], between, CLOSE)


@pytest.mark.parametrize(
    ("size", "fitted"),
    [
        row("as it is", [4, 6], [4, 6]),
        row("low", [2, 60], [2, 3]),
        row("narrow", [40, 3], [2, 3]),
        row("rounded", [3, 9], [3, 4]),
    ],
)
def test_proportions_can_be_kept(tf, session, same, size, fitted):
    sizes = tf.placeholder(tf.int32, [2])
    for given in (size, sizes):
        resized = tf.image.resize_images(IMAGE, given, preserve_aspect_ratio=True)
        found = session.run(resized, {sizes: size})
        assert list(found.shape) == [*fitted, 3]


def test_the_same_size_is_the_same_image(tf):
    image = tf.constant(BATCH)
    assert tf.image.resize_images(image, [4, 6]) is image


@BOTH
def test_a_window_out_of_an_image(tf, run, same, image):
    same(run(tf.image.crop_to_bounding_box(image, 1, 2, 3, 4)), image[..., 1:4, 2:6, :])


def test_a_window_may_be_fed(tf, session, same):
    at = tf.placeholder(tf.int32, [4])
    image = unknown(tf)
    window = tf.image.crop_to_bounding_box(image, at[0], at[1], at[2], at[3])
    same(session.run(window, {image: IMAGE, at: [1, 2, 3, 4]}), IMAGE[1:4, 2:6])
    for bad in ([-1, 0, 1, 1], [0, 0, 0, 1], [0, 3, 1, 4]):
        with raises(typed("InvalidArgumentError")):
            session.run(window, {image: IMAGE, at: bad})
    same(session.run(window, {image: IMAGE, at: [0, 0, 1, 1]}), IMAGE[:1, :1])


@BOTH
def test_zeros_around_an_image(tf, run, same, image):
    padded = np.pad(image, [(0, 0)] * (image.ndim - 3) + [(1, 2), (3, 1), (0, 0)])
    same(run(tf.image.pad_to_bounding_box(image, 1, 3, 7, 10)), padded)


def test_zeros_without_room_are_an_error(tf, session):
    image = unknown(tf)
    padded = tf.image.pad_to_bounding_box(image, 1, 3, 4, 10)
    with raises(typed("InvalidArgumentError")):
        session.run(padded, {image: IMAGE})


@BOTH
@pytest.mark.parametrize("fed", [False, True], ids=["known", "fed"])
def test_the_middle_or_zeros(tf, session, same, image, fed):
    rows, columns = (tf.placeholder(tf.int32, []) for _ in range(2)) if fed else (2, 9)
    feeds = {rows: 2, columns: 9} if fed else {}
    found = session.run(tf.image.resize_image_with_crop_or_pad(image, rows, columns), feeds)
    wanted = np.pad(image, [(0, 0)] * (image.ndim - 3) + [(0, 0), (1, 2), (0, 0)])
    same(found, wanted[..., 1:3, :, :])


@BOTH
@pytest.mark.parametrize("fed", [False, True], ids=["known", "fed"])
def test_the_middle(tf, session, same, image, fed):
    fraction = tf.placeholder(tf.float32, []) if fed else 0.5
    middle = tf.image.central_crop(image, fraction)
    same(session.run(middle, {fraction: 0.5} if fed else {}), image[..., 1:3, 1:5, :])


@BOTH
def test_images_turn_over(tf, session, same, image):
    given = unknown(tf)
    for x in (image, given):
        flips = [tf.image.flip_left_right(x), tf.image.flip_up_down(x)]
        left_right, up_down = session.run(flips, {given: image})
        same(left_right, image[..., :, ::-1, :])
        same(up_down, image[..., ::-1, :, :])


CONVERTED = [
    row("bytes to floats", "uint8", [0, 51, 255], "float32", [0, 0.2, 1]),
    row("floats to bytes", "float32", [0, 0.2, 0.999], "uint8", [0, 51, 255]),
    row("saturated", "float32", [-1, 0.5, 2], "uint8", [0, 127, 255]),
    row("bytes to integers", "uint8", [0, 1, 255], "int32", [0, 1 << 23, 255 << 23]),
    row("integers to bytes", "int32", [0, 1 << 23, 255 << 23], "uint8", [0, 1, 255]),
    row("short integers", "int16", [0, 16384, 32767], "uint8", [0, 128, 255]),
    row("floats", "float32", [0, 0.5, 1], "float64", [0, 0.5, 1]),
]


@pytest.mark.parametrize(("source", "values", "target", "wanted"), CONVERTED)
def test_images_in_another_type(tf, run, same, source, values, target, wanted):
    image = np.array(values, source)
    converted = tf.image.convert_image_dtype(image, target, saturate=True)
    same(run(converted), np.array(wanted, target), CLOSE)


@BOTH
def test_the_brightness_of_colours(tf, run, same, image):
    wanted = (image * np.array([0.2989, 0.587, 0.114], np.float32)).sum(-1, keepdims=True)
    same(run(tf.image.rgb_to_grayscale(image)), wanted, CLOSE)


def test_a_gray_image_in_colours(tf, session, same):
    image = tf.placeholder(tf.float32, [None, None, None])
    rgb = tf.image.grayscale_to_rgb(image)
    assert rgb.shape.as_list() == [None, None, 3]
    same(session.run(rgb, {image: IMAGE[..., :1]}), np.repeat(IMAGE[..., :1], 3, -1))
    with raises(typed("InvalidArgumentError")):
        session.run(rgb, {image: IMAGE})


def test_images_become_brighter(tf, run, same):
    brighter = tf.image.adjust_brightness(np.array([[[0, 100, 250]]], np.uint8), 0.1)
    same(run(brighter), np.array([[[25, 125, 255]]], np.uint8))


def test_the_gradient_of_a_window(tf, run, same):
    x = tf.constant(IMAGE)
    y = tf.image.flip_up_down(tf.image.crop_to_bounding_box(x, 1, 2, 2, 1))
    slope = np.zeros_like(IMAGE)
    slope[1:3, 2] = 1
    same(run(tf.gradients(y, x)[0]), slope)


@pytest.mark.uses("RandomUniform")
def test_images_are_flipped_at_random_as_tensorflow_does(tf, session):
    tf.set_random_seed(5)
    image = tf.constant(np.arange(3, dtype=np.float32).reshape(1, 3, 1))
    batch = tf.constant(np.arange(8, dtype=np.float32).reshape(4, 1, 2, 1))
    one = tf.image.random_flip_left_right(image, seed=2)
    every = tf.image.random_flip_left_right(batch, seed=9)
    assert one.shape.as_list() == [1, 3, 1]
    assert [int(session.run(one)[0, 0, 0]) for _ in range(8)] == [2, 2, 0, 0, 0, 0, 0, 0]
    assert session.run(every)[:, 0, 0, 0].tolist() == [1.0, 2.0, 4.0, 7.0]


@pytest.mark.uses("RandomUniform")
def test_brightness_is_changed_at_random_as_tensorflow_does(tf, session):
    tf.set_random_seed(5)
    image = tf.constant(np.zeros((1, 3, 1), np.float32))
    brighter = tf.image.random_brightness(image, 0.5, seed=7)
    found = [float(session.run(brighter)[0, 0, 0]) for _ in range(2)]
    np.testing.assert_allclose(found, [-0.0525362491607666, -0.451693058013916], rtol=1e-6)
