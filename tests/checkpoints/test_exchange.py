"""Checkpoints that TensorFlow wrote are read, and those written here are the same to the byte.

That TensorFlow reads ours is tried where it is installed, in `tests/oracle`.
"""

from __future__ import annotations

import sys
import zipfile
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import evergraph.v1 as tf
from evergraph import protos
from evergraph.checkpoints.tables import read_table

HERE = Path(__file__).parent
sys.path.append(str(HERE))
fixtures = import_module("checkpoint_fixtures")

RECORDED = HERE / "tensorflow.zip"
BACKENDS = ["numpy", "jax"]


def written_by_tensorflow(name: str, folder: Path) -> str:
    """Unpack a fixture, and return its prefix."""
    with zipfile.ZipFile(RECORDED) as archive:
        archive.extractall(folder, [n for n in archive.namelist() if n.startswith(f"{name}/")])
    return str(folder / name / "m")


def write(name: str, folder: Path, backend: str = "numpy") -> tuple[str, fixtures.Contents]:
    """Write a fixture; return its prefix, and what is in it."""
    prefix = str(folder / "m")
    config = tf.ConfigProto(backend=backend)
    with tf.Graph().as_default(), tf.Session(config=config) as session:
        return prefix, fixtures.FIXTURES[name](tf, session, prefix)


@pytest.mark.parametrize("name", fixtures.FIXTURES)
def test_what_tensorflow_wrote_is_read(name, tmp_path):
    prefix = written_by_tensorflow(name, tmp_path)
    _, wanted = write(name, tmp_path)
    reader = tf.train.NewCheckpointReader(prefix)
    assert reader.get_variable_to_shape_map() == {n: list(np.shape(v)) for n, v in wanted.items()}
    for key, value in wanted.items():
        assert fixtures.same(reader.get_tensor(key), value), key


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ["references", "partitioned", "sharded", "slots", "first"])
def test_what_tensorflow_wrote_is_restored(name, backend, tmp_path):
    prefix = written_by_tensorflow(name, tmp_path)
    config = tf.ConfigProto(backend=backend)
    with tf.Graph().as_default(), tf.Session(config=config) as session:
        wanted = fixtures.FIXTURES[name](tf, session, str(tmp_path / "m"))
        # What a whole variable is, of which there may be parts here.
        with tf.Graph().as_default(), tf.Session(config=config) as other:
            for key, value in wanted.items():
                tf.get_variable(key, initializer=tf.zeros_like(tf.constant(value)))
            other.run(tf.global_variables_initializer())
            tf.train.Saver().restore(other, prefix)
            for variable in tf.global_variables():
                assert fixtures.same(other.run(variable), wanted[variable.op.name])


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", [n for n in fixtures.FIXTURES if n not in fixtures.FIRST])
def test_what_is_written_is_what_tensorflow_writes(name, backend, tmp_path):
    theirs = Path(written_by_tensorflow(name, tmp_path)).parent
    folder = tmp_path / "ours"
    folder.mkdir()
    write(name, folder, backend)
    assert sorted(p.name for p in folder.iterdir()) == sorted(p.name for p in theirs.iterdir())
    for path in folder.iterdir():
        assert path.read_bytes() == (theirs / path.name).read_bytes(), path.name


@pytest.mark.parametrize("name", fixtures.FIRST)
def test_the_first_version_has_tensorflows_entries(name, tmp_path):
    """Those of TensorFlow are compressed."""
    theirs = Path(written_by_tensorflow(name, tmp_path))
    (tmp_path / "ours").mkdir()
    ours = Path(write(name, tmp_path / "ours")[0])
    found, wanted = (read_table(p.read_bytes(), str(p)) for p in (ours, theirs))
    assert found.keys() == wanted.keys()
    for key, value in found.items():
        messages = [protos.SavedTensorSlices.FromString(v) for v in (value, wanted[key])]
        for message in messages:
            message.meta.ClearField("versions")
        assert messages[0] == messages[1]


@pytest.mark.parametrize("name", fixtures.FIRST)
def test_the_first_version_comes_back(name, tmp_path):
    prefix, wanted = write(name, tmp_path)
    for key, value in wanted.items():
        assert fixtures.same(tf.train.load_variable(prefix, key), value), key
