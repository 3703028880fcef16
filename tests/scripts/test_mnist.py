"""The digits of the tutorials are read from files, and come in TensorFlow's batches."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

import evergraph.v1 as tf
from evergraph.scripts import mnist


@pytest.fixture
def folder(tmp_path):
    for part, count in (("train", 20), ("t10k", 4)):
        images = (np.arange(count * 6) % 256).astype(np.uint8)
        head = np.array([2051, count, 2, 3], ">u4").tobytes()
        path = tmp_path / f"{part}-images-idx3-ubyte.gz"
        path.write_bytes(gzip.compress(head + images.tobytes()))
        head = np.array([2049, count], ">u4").tobytes()
        path = tmp_path / f"{part}-labels-idx1-ubyte.gz"
        path.write_bytes(gzip.compress(head + bytes(i % 10 for i in range(count))))
    return tmp_path


def test_the_sets_are_the_files(folder):
    sets = mnist.read_data_sets(folder, one_hot=True, validation_size=5)
    assert [s.num_examples for s in (sets.train, sets.validation, sets.test)] == [15, 5, 4]
    assert sets.train.images.dtype == np.float32
    np.testing.assert_allclose(sets.train.images[0], np.arange(30, 36) / 255, rtol=1e-6)
    assert sets.test.labels.tolist() == np.eye(10)[:4].tolist()


def test_pixels_may_stay_bytes_in_rows_and_columns(folder):
    sets = mnist.read_data_sets(folder, dtype=tf.uint8, reshape=False, validation_size=0)
    assert sets.train.images.shape == (20, 2, 3, 1)
    assert sets.train.labels.dtype == np.uint8


def test_batches_are_shuffled_as_tensorflow_does(folder):
    train = mnist.read_data_sets(folder, validation_size=0, seed=3).train
    random = np.random.RandomState(3)
    first, second = random.permutation(20), random.permutation(20)
    batches = [train.next_batch(12)[1] for _ in range(2)]
    assert batches[0].tolist() == (first[:12] % 10).tolist()
    assert batches[1].tolist() == [*(first[12:] % 10), *(first[second[:4]] % 10)]
    assert train.epochs_completed == 1


def test_batches_may_keep_their_order(folder):
    train = mnist.read_data_sets(folder, validation_size=0).train
    assert train.next_batch(3, shuffle=False)[1].tolist() == [0, 1, 2]


def test_files_that_are_not_there_are_named_with_their_place(tmp_path):
    with pytest.raises(tf.errors.NotFoundError, match=r"train-images-idx3.*put the four"):
        mnist.read_data_sets(tmp_path)


@pytest.mark.parametrize(
    "data",
    [b"no gzip", gzip.compress(b"\0\0\x08\x03"), gzip.compress(bytes(16))],
    ids=["no gzip", "too short", "another kind"],
)
def test_a_damaged_file_is_data_loss(folder, data):
    folder.joinpath("train-images-idx3-ubyte.gz").write_bytes(data)
    with pytest.raises(tf.errors.DataLossError, match="train-images"):
        mnist.read_data_sets(folder)


def test_too_large_a_validation_set_is_refused(folder):
    with pytest.raises(ValueError, match=r"between 0 and 20. Received: 5000"):
        mnist.read_data_sets(folder)


def test_fake_data_needs_no_files(tmp_path):
    train = mnist.read_data_sets(tmp_path, fake_data=True, one_hot=True).train
    images, labels = train.next_batch(2)
    assert (np.shape(images), np.shape(labels)) == ((2, 784), (2, 10))
