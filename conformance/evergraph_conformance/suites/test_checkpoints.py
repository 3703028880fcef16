"""Checkpoints as nodes write, merge and read them."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises, row, typed

pytestmark = pytest.mark.uses(
    "SaveV2",
    "RestoreV2",
    "MergeV2Checkpoints",
    "ShardedFilename",
    "ShardedFilespec",
    "Save",
    "SaveSlices",
    "Restore",
    "RestoreSlice",
)

X = np.arange(20, dtype=np.float32).reshape(4, 5)


def save(tf, prefix, tensors, specs=None):
    """Return a node that saves tensors by name; their parts are those of `specs`."""
    return tf.raw_ops.SaveV2(
        prefix=prefix,
        tensor_names=[name for name, _ in tensors],
        shape_and_slices=specs or [""] * len(tensors),
        tensors=[value for _, value in tensors],
    )


def restore(tf, prefix, names, dtypes, specs=None):
    return tf.raw_ops.RestoreV2(
        prefix=prefix,
        tensor_names=names,
        shape_and_slices=specs or [""] * len(names),
        dtypes=dtypes,
    )


@pytest.fixture
def prefix(tmp_path):
    return str(tmp_path / "m")


# Values

NUMBERS = [
    "bool",
    "int8",
    "uint8",
    "int16",
    "uint16",
    "int32",
    "uint32",
    "int64",
    "uint64",
    "float16",
    "bfloat16",
    "float32",
    "float64",
    "complex64",
    "complex128",
]


@pytest.mark.parametrize("dtype", [row(d, d, marks=pytest.mark.dtypes(d)) for d in NUMBERS])
def test_tensors_come_back_as_they_were(tf, session, prefix, dtype):
    kind = tf.as_dtype(dtype).as_numpy_dtype
    tensors = [
        ("matrix", np.array([[0, 1, 2], [3, 4, 5]]).astype(kind)),
        ("scalar", np.array(1).astype(kind)),
        ("empty", np.zeros((0, 3), kind)),
    ]
    session.run(save(tf, prefix, [(n, tf.constant(v)) for n, v in tensors]))
    names = [name for name, _ in tensors]
    for name, found in zip(
        names, session.run(restore(tf, prefix, names, [dtype] * 3)), strict=True
    ):
        wanted = dict(tensors)[name]
        assert found.dtype == wanted.dtype
        assert found.shape == wanted.shape
        assert found.tobytes() == wanted.tobytes()


@pytest.mark.parametrize("dtype", ["qint8", "quint8", "qint16", "quint16", "qint32"])
def test_quantized_types_are_others_than_integers(tf, session, prefix, dtype):
    value = tf.bitcast(tf.constant([1, 2], dtype[1:]), dtype)
    session.run(save(tf, prefix, [("v", value)]))
    (found,) = restore(tf, prefix, ["v"], [dtype])
    assert session.run(tf.bitcast(found, dtype[1:])).tolist() == [1, 2]
    integers = restore(tf, prefix, ["v"], [dtype[1:]])
    wanted = f"tensor_name = v; expected dtype {dtype[1:]} does not equal original dtype {dtype}"
    with raises(exact("InvalidArgumentError", wanted)):
        session.run(integers)


def test_strings_of_any_bytes_and_lengths_come_back(tf, session, prefix):
    texts = np.array([[b"", b"\x00\xff"], [b"long" * 100, "é".encode()]], object)
    session.run(save(tf, prefix, [("texts", tf.constant(texts)), ("one", tf.constant(b"x\x00"))]))
    found, one = session.run(restore(tf, prefix, ["texts", "one"], [tf.string] * 2))
    assert found.tolist() == texts.tolist()
    assert one == b"x\x00"


def test_what_is_read_is_the_callers_own(tf, session, prefix):
    session.run(save(tf, prefix, [("x", tf.constant(X))]))
    read = restore(tf, prefix, ["x"], ["float32"])
    session.run(read)[0][:] = 0
    assert session.run(read)[0].tolist() == X.tolist()


#: What TensorFlow writes, by the SHA-256 of each file.
BYTES = {
    "m.data-00000-of-00001": "432bc7ba860f7d1240778801a4b1f14c9a14d61c5e7082259a006ae580a8299a",
    "m.index": "a31ae472c0c7c989630b6d4728d9eadb859e1ca03f055e042d2115015cc8ed88",
}


def test_the_files_are_tensorflows_byte_for_byte(tf, session, tmp_path, prefix):
    tensors = [
        ("a/b", tf.constant(X)),
        ("a/c", tf.constant([b"x", b"", b"yz"])),
        ("p", tf.constant(X[:2])),
        ("p", tf.constant(X[2:])),
        ("z", tf.constant(7, tf.int64)),
    ]
    session.run(save(tf, prefix, tensors, ["", "", "4 5 0,2:0,5", "4 5 2,2:-", ""]))
    found = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in tmp_path.iterdir()}
    assert found == BYTES


def test_an_index_of_many_blocks_is_tensorflows(tf, session, tmp_path, prefix):
    names = [f"name/of/variable_{i:05d}" for i in range(12000)]
    zero = tf.constant(0.0)
    session.run(save(tf, prefix, [(name, zero) for name in names]))
    found = hashlib.sha256((tmp_path / "m.index").read_bytes()).hexdigest()
    assert found == "e0a29ab7c64e19cf1e84060a0b979e2db468ffce7cd60cb7b55d25f6a916a429"
    last = restore(tf, prefix, [names[-1], names[0]], ["float32"] * 2)
    assert session.run(last) == [0.0, 0.0]


# Slices


@pytest.fixture
def sliced(tf, session, prefix):
    """The prefix of a checkpoint with X in two parts, and with X as a whole."""
    tensors = [("w", tf.constant(X[:2])), ("w", tf.constant(X[2:])), ("v", tf.constant(X))]
    session.run(save(tf, prefix, tensors, ["4 5 0,2:0,5", "4 5 2,2:-", ""]))
    return prefix


@pytest.mark.parametrize("name", ["w", "v"])
@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        row("whole", "", X),
        row("rows", "4 5 0,2:-", X[:2]),
        row("across", "4 5 1,2:1,3", X[1:3, 1:4]),
        row("one", "4 5 3,1:4,1", X[3:, 4:]),
        row("all", "4 5 -:-", X),
        row("all in numbers", "4 5 0,4:0,5", X),
    ],
)
def test_parts_of_tensors_are_read(tf, session, sliced, name, spec, wanted):
    (found,) = restore(tf, sliced, [name], ["float32"], [spec])
    if spec:
        assert found.shape.as_list() == list(wanted.shape)
    assert session.run(found).tolist() == wanted.tolist()


def test_a_part_that_is_missing_is_an_error(tf, session, prefix):
    session.run(save(tf, prefix, [("w", tf.constant(X[:2]))], ["4 5 0,2:0,5"]))
    (there,) = restore(tf, prefix, ["w"], ["float32"], ["4 5 0,1:-"])
    assert session.run(there).tolist() == X[:1].tolist()
    text = "Does not have sufficient slices for partitioned tensor w to restore in slice_spec: -:-"
    with raises(exact("InvalidArgumentError", text)):
        session.run(restore(tf, prefix, ["w"], ["float32"]))


def test_a_part_of_another_whole_is_an_error(tf, session, sliced):
    text = (
        "tensor_name = w; shape in shape_and_slice spec [4,6] does not match the shape stored in "
        "checkpoint: [4,5]"
    )
    with raises(exact("InvalidArgumentError", text)):
        session.run(restore(tf, sliced, ["w"], ["float32"], ["4 6 0,2:-"]))


SPECS = {
    "4": ("InvalidArgumentError", "Need least two elements in shape_and_slice specification: 4"),
    "4 5 x": ("InvalidArgumentError", "Expected a pair of numbers or '-' but got 'x': string = x"),
    "a 5 0,1:0,1": (
        "InvalidArgumentError",
        "Non numerical dimension in shape_and_slice: a 5 0,1:0,1",
    ),
    "4 5 0,9:-": (
        "InternalError",
        "Extent in dimension 0 out of bounds: shape = [4,5], slice = 0,9:-",
    ),
    "4 5 0,2": ("InternalError", "Mismatching ranks: shape = [4,5], slice = 0,2"),
    "4 5 -1,2:-": (
        "InvalidArgumentError",
        "Expected non-negative start and positive length but got start = -1, length = 2: string = "
        "-1,2:-",
    ),
    "4 5 0,2:0,5": (
        "InvalidArgumentError",
        "Slice in shape_and_slice specification does not match the shape of the tensor to  save: "
        "4 5 0,2:0,5, tensor: [4,5]",
    ),
}


@pytest.mark.parametrize("spec", SPECS)
def test_what_says_no_part_is_an_error(tf, session, tmp_path, prefix, spec):
    node = save(tf, prefix, [("w", tf.constant(X))], [spec])
    with raises(core(*SPECS[spec])):
        session.run(node)
    assert not (tmp_path / "m.index").exists()


# Errors


def test_what_is_not_there_is_named(tf, session, sliced):
    with raises(exact("NotFoundError", "Key zz not found in checkpoint")):
        session.run(restore(tf, sliced, ["v", "zz"], ["float32"] * 2))
    text = (
        "Unsuccessful TensorSliceReader constructor: Failed to find any matching files for "
        f"{sliced}2"
    )
    with raises(exact("NotFoundError", text)):
        session.run(restore(tf, f"{sliced}2", ["v"], ["float32"]))


def test_all_wrong_types_are_said(tf, session, sliced):
    node = restore(tf, sliced, ["v", "w"], ["int32", "float64"])
    for text in (
        "tensor_name = v; expected dtype int32 does not equal original dtype float",
        "tensor_name = w; expected dtype double does not equal original dtype float",
    ):
        with raises(core("InvalidArgumentError", text)):
            session.run(node)


def test_a_name_is_saved_once(tf, session, tmp_path, prefix):
    x = tf.constant(X)
    with raises(exact("InvalidArgumentError", "Adding duplicate key: w")):
        session.run(save(tf, prefix, [("w", x), ("w", x)]))
    assert not (tmp_path / "m.index").exists()


def test_a_folder_is_made_but_not_its_parents(tf, session, tmp_path):
    x = [("x", tf.constant(X))]
    session.run(save(tf, str(tmp_path / "new" / "m"), x))
    assert (tmp_path / "new" / "m.index").exists()
    folder = tmp_path / "no" / "such"
    with raises(exact("NotFoundError", f"{folder}; No such file or directory")):
        session.run(save(tf, str(folder / "m"), x))


@pytest.mark.parametrize(
    "make",
    [
        row("two prefixes", lambda tf, x: save(tf, ["a", "b"], [("x", x)])),
        row(
            "two names",
            lambda tf, x: tf.raw_ops.SaveV2(
                prefix="a", tensor_names=["x", "y"], shape_and_slices=[""], tensors=[x]
            ),
        ),
        row(
            "no specs",
            lambda tf, x: tf.raw_ops.SaveV2(
                prefix="a", tensor_names=["x"], shape_and_slices=[], tensors=[x]
            ),
        ),
        row(
            "matrix",
            lambda tf, x: tf.raw_ops.SaveV2(
                prefix="a", tensor_names=[["x"]], shape_and_slices=[[""]], tensors=[x]
            ),
        ),
        row("two types", lambda tf, x: restore(tf, "a", ["x"], ["int32", "int32"], [""])),
        row("prefixes", lambda tf, x: restore(tf, ["a"], ["x"], ["int32"])),
        row("bad part", lambda tf, x: restore(tf, "a", ["x"], ["int32"], ["4 5"])),
        row(
            "one of several",
            lambda tf, x: tf.raw_ops.MergeV2Checkpoints(
                checkpoint_prefixes="a", destination_prefix="b"
            ),
        ),
        row(
            "several",
            lambda tf, x: tf.raw_ops.MergeV2Checkpoints(
                checkpoint_prefixes=["a"], destination_prefix=["b"]
            ),
        ),
    ],
)
def test_shapes_that_do_not_fit_are_refused(tf, make):
    with raises(typed("ValueError")):
        make(tf, tf.constant(X))


# Damage


def damaged(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("at", [0, 5, 40, -1, -60])
def test_a_damaged_index_is_an_error(tf, session, tmp_path, sliced, at):
    damaged(tmp_path / "m.index", at)
    with raises(typed("DataLossError")):
        session.run(restore(tf, sliced, ["v"], ["float32"]))


@pytest.mark.parametrize("at", [0, 79, 80, 159])
def test_damaged_values_are_an_error(tf, session, tmp_path, sliced, at):
    damaged(tmp_path / "m.data-00000-of-00001", at)
    wrong, other = ("w", "v") if at < 80 else ("v", "w")
    assert session.run(restore(tf, sliced, [other], ["float32"]))[0].tolist() == X.tolist()
    with raises(core("DataLossError", "Checksum does not match: stored")):
        session.run(restore(tf, sliced, [wrong], ["float32"]))


@pytest.mark.parametrize("size", [0, 20, 47])
def test_an_index_that_is_cut_off_is_an_error(tf, session, tmp_path, sliced, size):
    index = tmp_path / "m.index"
    index.write_bytes(index.read_bytes()[:size])
    with raises(core("DataLossError", "file is too short to be an sstable")):
        session.run(restore(tf, sliced, ["v"], ["float32"]))


def test_missing_values_are_an_error(tf, session, tmp_path, sliced):
    data = tmp_path / "m.data-00000-of-00001"
    data.unlink()
    with raises(exact("NotFoundError", f"{data}; No such file or directory")):
        session.run(restore(tf, sliced, ["v"], ["float32"]))


# Merging


def parts(tf, session, folder, second="b"):
    """Save two checkpoints, and return their prefixes."""
    names = [str(folder / "m_temp" / "p0"), str(folder / "m_temp" / "p1")]
    one = [("a", tf.constant(X)), ("w", tf.constant(X[:2]))]
    other = [(second, tf.constant(X + 1)), ("w", tf.constant(X[2:]))]
    session.run(save(tf, names[0], one, ["", "4 5 0,2:0,5"]))
    session.run(save(tf, names[1], other, ["", "4 5 2,2:0,5"]))
    return names


def test_checkpoints_become_one(tf, session, tmp_path, prefix):
    names = parts(tf, session, tmp_path)
    merge = tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=names, destination_prefix=prefix)
    session.run(merge)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "m.data-00000-of-00002",
        "m.data-00001-of-00002",
        "m.index",
    ]
    found = session.run(restore(tf, prefix, ["a", "b", "w"], ["float32"] * 3))
    assert [f.tolist() for f in found] == [X.tolist(), (X + 1).tolist(), X.tolist()]


def test_the_folder_of_the_parts_may_stay(tf, session, tmp_path, prefix):
    names = parts(tf, session, tmp_path)
    session.run(
        tf.raw_ops.MergeV2Checkpoints(
            checkpoint_prefixes=names, destination_prefix=prefix, delete_old_dirs=False
        )
    )
    assert (tmp_path / "m_temp").is_dir()


def test_checkpoints_with_the_same_tensor_do_not_become_one(tf, session, tmp_path, prefix):
    names = parts(tf, session, tmp_path, second="a")
    text = f"Duplicate tensor keyed by a encountered, when merging prefix: {names[1]}"
    with raises(exact("InvalidArgumentError", text)):
        session.run(
            tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=names, destination_prefix=prefix)
        )
    assert not (tmp_path / "m.index").exists()


def test_checkpoints_that_are_missing_may_be_left_out(tf, session, tmp_path, prefix):
    names = parts(tf, session, tmp_path)
    more = [*names, str(tmp_path / "m_temp" / "p2")]
    refused = tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=more, destination_prefix=prefix)
    text = f"allow_missing_files was set to false and {more[2]} did not exist."
    with raises(core("InvalidArgumentError", text)):
        session.run(refused)


def test_there_must_be_something_to_merge(tf, session, prefix):
    nothing = tf.constant([], tf.string)
    text = "At least one prefix checkpoint file must exist, but none existed."
    with raises(exact("InvalidArgumentError", text)):
        session.run(
            tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=nothing, destination_prefix=prefix)
        )


@pytest.mark.parametrize(
    ("shard", "of", "wanted"), [(3, 12, "p-00003-of-00012"), (123456, 1, "p-123456-of-00001")]
)
def test_names_of_parts_have_five_digits(tf, session, shard, of, wanted):
    name = tf.raw_ops.ShardedFilename(basename="p", shard=shard, num_shards=of)
    assert session.run(name) == wanted.encode()
    pattern = tf.raw_ops.ShardedFilespec(basename="p", num_shards=of)
    assert session.run(pattern) == f"p-?????-of-{of:05d}".encode()


# The first version


def test_the_first_version_is_written_and_read(tf, session, prefix):
    texts = np.array([b"a", b"", b"\x00"], object)
    session.run(
        tf.raw_ops.SaveSlices(
            filename=prefix,
            tensor_names=["n", "s", "w", "w"],
            shapes_and_slices=["", "", "4 5 0,2:-", "4 5 2,2:-"],
            data=[tf.constant(7), tf.constant(texts), tf.constant(X[:2]), tf.constant(X[2:])],
        )
    )
    found = session.run(restore(tf, prefix, ["n", "s", "w"], ["int32", "string", "float32"]))
    assert [f.tolist() for f in found] == [7, texts.tolist(), X.tolist()]
    slice = tf.raw_ops.RestoreSlice(
        file_pattern=prefix, tensor_name="w", shape_and_slice="4 5 1,2:-", dt="float32"
    )
    assert slice.shape.as_list() == [2, 5]
    assert session.run(slice).tolist() == X[1:3].tolist()
    text = f'Tensor name "q" not found in checkpoint files {prefix}'
    for missing in (
        restore(tf, prefix, ["q"], ["int32"])[0],
        tf.raw_ops.Restore(file_pattern=prefix, tensor_name="q", dt="int32"),
    ):
        with raises(exact("NotFoundError", text)):
            session.run(missing)


def test_parts_of_the_first_version_are_found_by_a_pattern(tf, session, prefix):
    for shard in range(2):
        name = tf.raw_ops.ShardedFilename(basename=prefix, shard=shard, num_shards=2)
        part = tf.constant(X[2 * shard : 2 * shard + 2])
        session.run(
            tf.raw_ops.SaveSlices(
                filename=name,
                tensor_names=["w"],
                shapes_and_slices=[f"4 5 {2 * shard},2:-"],
                data=[part],
            )
        )
    session.run(tf.raw_ops.Save(filename=f"{prefix}2", tensor_names=["x"], data=[tf.constant(X)]))
    for pattern, name in ((f"{prefix}-?????-of-00002", "w"), (f"{prefix}2", "x")):
        found = tf.raw_ops.Restore(file_pattern=pattern, tensor_name=name, dt="float32")
        assert session.run(found).tolist() == X.tolist()
