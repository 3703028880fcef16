"""Checkpoints that are damaged or cut off: every byte is checked, and every error is clear."""

from __future__ import annotations

import zipfile
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from evergraph import dtypes
from evergraph.checkpoints.opening import opened
from evergraph.checkpoints.tables import read_table, write_table
from evergraph.checkpoints.writing import Item, write_checkpoint
from evergraph.errors import DataLossError, NotFoundError, OpError

HERE = Path(__file__).parent
PUSH, LONG = 2000, 100_000

X = np.arange(6, dtype=np.float32).reshape(2, 3)
ITEMS = [
    Item(b"a/number", np.array(7, np.int64), dtypes.int64),
    Item(b"a/texts", np.array([b"one", b"", b"three"], object), dtypes.string),
    Item(b"none", np.zeros((0, 2), np.float32), dtypes.float32),
    Item(b"part", X[:1], dtypes.float32, b"2 3 0,1:-"),
    Item(b"part", X[1:], dtypes.float32, b"2 3 1,1:-"),
    Item(b"true", np.array([True, False]), dtypes.bool),
]


def read(prefix: str) -> dict[bytes, Any]:
    """Return all of a checkpoint, so that every byte of it is looked at."""
    with opened(prefix) as source:
        return {name: source.read(name).tolist() for name in source.names()}


@pytest.fixture
def files(tmp_path):
    """The files of a small checkpoint `m`, and what is in it."""
    write_checkpoint(str(tmp_path / "m"), ITEMS)
    found = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    assert sorted(found) == ["m.data-00000-of-00001", "m.index"]
    return found


@pytest.mark.parametrize("name", ["m.index", "m.data-00000-of-00001"])
def test_each_byte_that_is_another_one_is_noticed(name, files, tmp_path):
    path = tmp_path / name
    for at in range(len(files[name])):
        for flip in (1, 128, 255):
            data = bytearray(files[name])
            data[at] ^= flip
            path.write_bytes(data)
            with pytest.raises(DataLossError):
                read(str(tmp_path / "m"))
    path.write_bytes(files[name])
    assert read(str(tmp_path / "m"))[b"part"] == X.tolist()


@pytest.mark.parametrize("name", ["m.index", "m.data-00000-of-00001"])
def test_a_file_that_is_cut_off_is_noticed(name, files, tmp_path):
    path = tmp_path / name
    for size in range(len(files[name])):
        path.write_bytes(files[name][:size])
        with pytest.raises(DataLossError):
            read(str(tmp_path / "m"))


def test_an_index_with_something_behind_it_is_noticed(files, tmp_path):
    (tmp_path / "m.index").write_bytes(files["m.index"] + b"\0")
    with pytest.raises(DataLossError, match="bad magic number"):
        read(str(tmp_path / "m"))


@pytest.mark.parametrize("name", ["first", "first_partitioned"])
def test_each_byte_of_the_first_version_is_checked(name, tmp_path):
    """Of TensorFlow's, which is compressed."""
    with zipfile.ZipFile(HERE / "tensorflow.zip") as archive:
        data = archive.read(f"{name}/m")
    path = tmp_path / "m"
    for at in range(len(data)):
        damaged = bytearray(data)
        damaged[at] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(DataLossError):
            read(str(path))
    path.write_bytes(data)
    assert b"net/w" in read(str(path))


def test_files_of_a_missing_shard_are_named(files, tmp_path):
    (tmp_path / "m.data-00000-of-00001").unlink()
    with pytest.raises(NotFoundError, match=r"m\.data-00000-of-00001; No such file"):
        read(str(tmp_path / "m"))


# Checksums that are right, of what is not


def tampered(table: dict[bytes, bytes], random: Random) -> dict[bytes, bytes]:
    """Return a table in which some entries are changed."""
    table = dict(table)
    for _ in range(random.randint(1, 3)):
        key = random.choice(list(table))
        value = bytearray(table[key])
        how = random.randrange(5)
        if how == 0 and value:
            value[random.randrange(len(value))] = random.randrange(256)
        elif how == 1:
            del value[random.randrange(len(value) + 1) :]
        elif how == 2:
            value += random.randbytes(random.randint(1, 12))
        elif how == 3:
            table.pop(key)
            key = random.choice([key[1:], key + b"x", random.randbytes(8), b"\0" + key])
        else:
            # A field with a number of up to 64 bits.
            value += bytes([random.choice([8, 24, 32, 40])]) + b"\xff" * 9 + b"\x01"
        table[key] = bytes(value)
    return table


@pytest.mark.parametrize("part", range(2))
def test_what_was_made_to_deceive_is_an_error_or_a_tensor(part, files, sample, tmp_path):
    prefix = str(tmp_path / "m")
    table = read_table(files["m.index"], "m")
    refused = 0
    for attempt in range(sample.count(PUSH, LONG) // 2):
        random = sample.random("table", part, attempt)
        items = sorted(tampered(table, random).items())
        (tmp_path / "m.index").write_bytes(write_table(items))
        try:
            read(prefix)
        except OpError:
            refused += 1
    assert refused


def test_bytes_at_random_are_no_index(sample, tmp_path):
    for attempt in range(sample.count(PUSH, LONG) // 4):
        random = sample.random("bytes", attempt)
        data = random.randbytes(random.randrange(200))
        if random.random() < 0.5:
            data += bytes.fromhex("57fb808b247547db")
        (tmp_path / "m.index").write_bytes(data)
        with pytest.raises(DataLossError):
            read(str(tmp_path / "m"))


def test_a_shape_that_is_too_large_takes_no_memory(tmp_path):
    """Neither does one whose parts are small."""
    prefix = str(tmp_path / "m")
    write_checkpoint(prefix, [Item(b"w", X, dtypes.float32, b"200000000000 3 0,2:-")])
    with pytest.raises(OpError, match="OOM when allocating tensor with shape"):
        read(prefix)
