"""What files of the format JPEG need."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import evergraph.v1 as tf


@pytest.mark.parametrize("build", [tf.image.decode_jpeg, tf.image.decode_image])
def test_without_simplejpeg_the_error_names_the_extra(monkeypatch, build):
    monkeypatch.setitem(sys.modules, "simplejpeg", None)
    with (
        tf.Graph().as_default(),
        tf.Session() as session,
        pytest.raises(tf.errors.UnimplementedError, match=r"pip install 'evergraph\[image\]'"),
    ):
        session.run(build(b"\xff\xd8\xff\xe0"))


def test_other_formats_need_nothing(monkeypatch):
    monkeypatch.setitem(sys.modules, "simplejpeg", None)
    image = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    with tf.Graph().as_default(), tf.Session() as session:
        got = session.run(tf.image.decode_image(tf.image.encode_png(image)))
    assert got.tolist() == image.tolist()
