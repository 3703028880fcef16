"""The digits of the tutorials: `input_data.read_data_sets`, from files that are there."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evergraph.dtypes import as_dtype, float32, uint8
from evergraph.errors import DataLossError, NotFoundError
from evergraph.graph.stacks import get_default_graph

__all__ = [
    "DataSet",
    "Datasets",
    "extract_images",
    "extract_labels",
    "maybe_download",
    "read_data_sets",
]

_FILES: Final = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
#: What an idx file of bytes begins with, by its rank.
_MAGIC: Final = {1: 2049, 3: 2051}


class Datasets(NamedTuple):
    """The three parts of a data set, `DataSet`s."""

    train: Any
    validation: Any
    test: Any


class DataSet:
    """Images and labels, which come in batches.

    Args:
      images: uint8 of shape [n, rows, columns, 1]; as float32 they are scaled to [0, 1].
      labels: one for each image.
      fake_data: whether batches are constants, for tests of a program.
      one_hot: of the labels of `fake_data`.
      dtype: `tf.float32` or `tf.uint8`.
      reshape: whether the images are flattened to [n, rows * columns].
      seed: of the order of the batches; by default the default graph's.

    Raises:
      TypeError: `dtype` is neither.
      ValueError: there are not as many labels as images, or more than one channel to flatten.
    """

    def __init__(
        self,
        images: Any,
        labels: Any,
        fake_data: bool = False,
        one_hot: bool = False,
        dtype: Any = float32,
        reshape: bool = True,
        seed: int | None = None,
    ) -> None:
        wanted = as_dtype(dtype).base_dtype
        if wanted not in (uint8, float32):
            raise TypeError(f"Invalid image dtype {wanted!r}, expected uint8 or float32")
        graph_seed: int | None = get_default_graph().seed
        self._random = np.random.RandomState(graph_seed if seed is None else seed)
        self._fake = fake_data
        self._one_hot = one_hot
        self._epochs_completed = 0
        self._index = 0
        if fake_data:
            self._images: NDArray[Any] = np.zeros((10000, 0))
            self._labels: NDArray[Any] = np.zeros(10000)
            return
        images, labels = np.asarray(images), np.asarray(labels)
        if images.shape[0] != labels.shape[0]:
            raise ValueError(f"images.shape: {images.shape} labels.shape: {labels.shape}")
        if reshape:
            if images.shape[3] != 1:
                raise ValueError(f"images of one channel can be flattened, not {images.shape}")
            images = images.reshape(images.shape[0], images.shape[1] * images.shape[2])
        if wanted == float32:
            images = np.multiply(images.astype(np.float32), 1.0 / 255.0)
        self._images, self._labels = images, labels

    @property
    def images(self) -> NDArray[Any]:
        """All images, in the order of this epoch."""
        return self._images

    @property
    def labels(self) -> NDArray[Any]:
        """All labels, in the order of this epoch."""
        return self._labels

    @property
    def num_examples(self) -> int:
        """How many there are."""
        return int(self._images.shape[0])

    @property
    def epochs_completed(self) -> int:
        """How often all have come."""
        return self._epochs_completed

    def next_batch(
        self, batch_size: int, fake_data: bool = False, shuffle: bool = True
    ) -> tuple[Any, Any]:
        """Return the next `batch_size` images and labels; what is left over begins the next epoch.

        Raises:
          ValueError: there are not as many.
        """
        if fake_data or self._fake:
            label: Any = [1, *[0] * 9] if self._one_hot else 0
            return [[1] * 784] * batch_size, [label] * batch_size
        if not 0 <= batch_size <= self.num_examples:
            raise ValueError(f"a batch of {batch_size}, of {self.num_examples} examples")
        if self._index == 0 and self._epochs_completed == 0 and shuffle:
            self._shuffle()
        start, end = self._index, self._index + batch_size
        if end <= self.num_examples:
            self._index = end
            return self._images[start:end], self._labels[start:end]
        self._epochs_completed += 1
        images, labels = self._images[start:], self._labels[start:]
        if shuffle:
            self._shuffle()
        self._index = end - self.num_examples
        return (
            np.concatenate((images, self._images[: self._index])),
            np.concatenate((labels, self._labels[: self._index])),
        )

    def _shuffle(self) -> None:
        order = np.arange(self.num_examples)
        self._random.shuffle(order)
        self._images, self._labels = self._images[order], self._labels[order]


def read_data_sets(
    train_dir: str,
    fake_data: bool = False,
    one_hot: bool = False,
    dtype: Any = float32,
    reshape: bool = True,
    validation_size: int = 5000,
    seed: int | None = None,
    source_url: str = "",
) -> Datasets:
    """Return the training, validation and test sets whose four files are in a folder.

    TF: downloads what is missing. Here nothing is downloaded.

    Args:
      train_dir: the folder.
      fake_data: whether to read nothing, and give constants.
      one_hot: whether labels are rows of ten, float64, in place of uint8 numbers.
      dtype: of the images: `tf.float32`, in [0, 1], or `tf.uint8`.
      reshape: whether the images are flattened.
      validation_size: how many of the training images are the validation set.
      seed: of the order of the batches.
      source_url: has no effect.

    Raises:
      NotFoundError: a file is not there; the message says where it should be.
      DataLossError: a file is not what its name says.
      ValueError: there are fewer training images than `validation_size`.
    """
    del source_url
    options: dict[str, Any] = {"dtype": dtype, "reshape": reshape, "seed": seed}
    if fake_data:
        return Datasets(*(DataSet([], [], True, one_hot, **options) for _ in range(3)))
    missing = [name for name in _FILES if not Path(train_dir, name).exists()]
    if missing:
        raise NotFoundError(
            None,
            None,
            f"{', '.join(missing)} not found in {Path(train_dir).absolute()}. evergraph downloads "
            "nothing: put the four files of the data set there, named "
            f"{', '.join(_FILES)}",
        )
    train_images = extract_images(Path(train_dir, _FILES[0]))
    train_labels = extract_labels(Path(train_dir, _FILES[1]), one_hot)
    test_images = extract_images(Path(train_dir, _FILES[2]))
    test_labels = extract_labels(Path(train_dir, _FILES[3]), one_hot)
    if not 0 <= validation_size <= len(train_images):
        raise ValueError(
            f"Validation size should be between 0 and {len(train_images)}. "
            f"Received: {validation_size}."
        )
    return Datasets(
        DataSet(train_images[validation_size:], train_labels[validation_size:], **options),
        DataSet(train_images[:validation_size], train_labels[:validation_size], **options),
        DataSet(test_images, test_labels, **options),
    )


def maybe_download(filename: str, work_directory: str, source_url: str) -> str:
    """Return the path of a file in a folder.

    Args:
      filename: its name.
      work_directory: the folder.
      source_url: from where it comes; evergraph downloads nothing.

    Raises:
      NotFoundError: it is not there; the message says where it should be.
    """
    path = Path(work_directory, filename)
    if not path.exists():
        raise NotFoundError(
            None,
            None,
            f"{path.absolute()} not found. evergraph downloads nothing: put {source_url} there",
        )
    return str(path)


def extract_images(f: Any) -> NDArray[np.uint8]:
    """Return the images of an idx file that gzip packed, uint8 of [n, rows, columns, 1].

    Raises:
      DataLossError: it is not such a file.
    """
    return _read(f, 3)[..., np.newaxis]


def extract_labels(f: Any, one_hot: bool = False, num_classes: int = 10) -> NDArray[Any]:
    """Return the labels of an idx file that gzip packed: uint8, or float64 rows if `one_hot`.

    Raises:
      DataLossError: it is not such a file.
    """
    labels = _read(f, 1)
    return np.eye(num_classes)[labels] if one_hot else labels


def _read(file: Any, rank: int) -> NDArray[np.uint8]:
    """Return the array of a file, or of its path."""
    name = getattr(file, "name", file)
    try:
        with gzip.open(file) as unpacked:
            data = unpacked.read()
    except (EOFError, gzip.BadGzipFile) as error:
        raise DataLossError(None, None, f"{name} is no whole gzip file: {error}") from error
    head = np.frombuffer(data[: 4 * (rank + 1)], ">u4")
    body = np.frombuffer(data[4 * (rank + 1) :], np.uint8)
    if head.size != rank + 1 or head[0] != _MAGIC[rank]:
        found = head[0] if head.size else "nothing"
        raise DataLossError(
            None, None, f"{name} should begin with the magic number {_MAGIC[rank]}, not {found}"
        )
    shape = tuple(int(size) for size in head[1:])
    if body.size != np.prod(shape, dtype=np.int64):
        raise DataLossError(
            None, None, f"{name} should hold {shape} bytes of data, and has {body.size}"
        )
    return body.reshape(shape)
