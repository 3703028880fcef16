"""Images in files: read, decoded, changed and encoded in one graph."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.messages import exact, raises


def picture(height, width, channels, dtype=np.uint8):
    count = height * width * channels
    return (np.arange(count) * 37 % 251).reshape(height, width, channels).astype(dtype)


@pytest.mark.uses("EncodePng", "DecodePng")
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16], ids=["uint8", "uint16"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_what_was_encoded_is_decoded(tf, run, channels, dtype):
    image = picture(5, 7, channels, dtype)
    file = tf.image.encode_png(tf.constant(image))
    assert file.shape.as_list() == []
    got = run(tf.image.decode_png(file, dtype=tf.as_dtype(dtype)))
    assert got.dtype == dtype
    assert got.tolist() == image.tolist()


@pytest.mark.uses("EncodePng", "DecodePng")
def test_every_compression_keeps_the_image(tf, run):
    image = picture(6, 6, 3)
    files = [tf.image.encode_png(image, compression=n) for n in (-1, 0, 9)]
    for got in run([tf.image.decode_png(file) for file in files]):
        assert got.tolist() == image.tolist()


@pytest.mark.uses("EncodeJpeg", "DecodeJpeg", "ExtractJpegShape")
def test_a_jpeg_is_close_to_the_image(tf, run):
    y, x = np.mgrid[:20, :30]
    image = np.stack([x * 8, y * 12, x * 4 + y * 4], -1).astype(np.uint8)
    file = tf.image.encode_jpeg(image, quality=95)
    text, got, shape = run([file, tf.image.decode_jpeg(file), tf.image.extract_jpeg_shape(file)])
    assert text[:3] == b"\xff\xd8\xff"
    assert shape.tolist() == [20, 30, 3]
    assert np.abs(got.astype(int) - image).max() < 40
    assert np.abs(got.astype(int) - image).mean() < 4


@pytest.mark.uses("ReadFile", "EncodePng", "DecodePng", "ResizeBilinear")
def test_a_file_is_read_decoded_and_resized(tf, run, tmp_path):
    image = picture(4, 4, 3)
    path = tmp_path / "image.png"
    path.write_bytes(run(tf.image.encode_png(image)))
    decoded = tf.image.decode_png(tf.read_file(str(path)), channels=3)
    assert decoded.shape.as_list() == [None, None, 3]
    small = tf.image.resize_images(decoded, [2, 2])
    assert run(small).tolist() == image[::2, ::2].astype(np.float32).tolist()


@pytest.mark.uses("DecodeImage", "EncodePng")
def test_the_format_is_found(tf, run):
    image = picture(3, 2, 3)
    file = tf.image.encode_png(image)
    got, floats = run([tf.image.decode_image(file), tf.image.decode_image(file, dtype=tf.float32)])
    assert got.tolist() == image.tolist()
    np.testing.assert_allclose(floats, image / np.float32(255), rtol=1e-6)


@pytest.mark.uses("DecodePng", "EncodePng")
def test_a_damaged_file_names_the_node_and_leaves_the_session_usable(tf, session):
    contents = tf.placeholder(tf.string, [])
    decoded = tf.image.decode_png(contents, name="decoded")
    file = session.run(tf.image.encode_png(picture(2, 2, 1)))
    wanted = exact("InvalidArgumentError", f"Invalid PNG data, size {len(file) - 20}")
    with raises(wanted) as caught:
        session.run(decoded, {contents: file[:-20]})
    assert caught.value.op.name == "decoded"
    assert session.run(decoded, {contents: file}).tolist() == picture(2, 2, 1).tolist()


@pytest.mark.uses("DecodeJpeg")
def test_what_is_no_image_is_said(tf, run):
    """Row 225."""
    message = "Unknown image file format. One of JPEG, JPEG XL, PNG, GIF, BMP, WebP required."
    with raises(exact("InvalidArgumentError", message)):
        run(tf.image.decode_jpeg(b"hello"))


@pytest.mark.uses("Substr", "Equal")
@pytest.mark.parametrize(
    ("text", "wanted"), [(b"\xff\xd8\xff\xe0", True), (b"\x89PNG", False), (b"abc", False)]
)
def test_a_jpeg_is_known_by_its_beginning(tf, run, text, wanted):
    assert run(tf.image.is_jpeg(text)) == wanted
