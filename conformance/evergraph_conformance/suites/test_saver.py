"""tf.train.Saver: variables into checkpoints and back, and which checkpoints are kept."""

from __future__ import annotations

import os

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises, row
from evergraph_conformance.variables import BOTH, OPS

pytestmark = pytest.mark.uses(
    *OPS, "SaveV2", "RestoreV2", "MergeV2Checkpoints", "ShardedFilename", "PlaceholderWithDefault"
)

W = np.arange(6, dtype=np.float32).reshape(2, 3)


def network(tf, resource=False, **more):
    """Make variables of three types."""
    with tf.variable_scope("net", use_resource=resource, **more):
        return [
            tf.get_variable("w", initializer=W),
            tf.get_variable("n", initializer=np.int64(7)),
            tf.get_variable("b", initializer=np.array([True, False])),
        ]


def values(session, variables):
    return [np.asarray(v).tolist() for v in session.run(list(variables))]


def files(folder):
    return sorted(p.name for p in folder.iterdir())


@pytest.fixture
def prefix(tmp_path):
    return str(tmp_path / "m")


@pytest.fixture
def saved(tf, session, prefix):
    """Variables with their initial values, saved, and the saver."""
    variables = network(tf)
    session.run(tf.global_variables_initializer())
    saver = tf.train.Saver()
    assert saver.save(session, prefix) == prefix
    return variables, saver


# There and back


@BOTH
def test_variables_come_back(tf, session, tmp_path, prefix, resource):
    variables = network(tf, resource)
    saver = tf.train.Saver()
    session.run(tf.global_variables_initializer())
    before = values(session, variables)
    path = saver.save(session, prefix, global_step=3)
    assert path == f"{prefix}-3"
    assert files(tmp_path) == [
        "checkpoint",
        "m-3.data-00000-of-00001",
        "m-3.index",
        "m-3.meta",
    ]
    session.run([v.assign(tf.zeros_like(v)) for v in variables[:2]])
    saver.restore(session, path)
    assert values(session, variables) == before


@BOTH
def test_restoring_initializes(tf, session, prefix, resource):
    variables = network(tf, resource)
    saver = tf.train.Saver()
    session.run(tf.global_variables_initializer())
    saver.save(session, prefix)
    with tf.Session() as other:
        saver.restore(other, prefix)
        assert values(other, variables) == [W.tolist(), 7, [True, False]]


def test_references_and_resources_read_each_others_checkpoints(tf, session, prefix):
    network(tf, resource=True)
    session.run(tf.global_variables_initializer())
    tf.train.Saver().save(session, prefix)
    with tf.Graph().as_default(), tf.Session() as other:
        variables = network(tf, resource=False)
        tf.train.Saver().restore(other, prefix)
        assert values(other, variables) == [W.tolist(), 7, [True, False]]


def test_a_training_goes_on_where_it_was_saved(tf, session, prefix):
    """Slots and the step are among the variables."""
    x = tf.get_variable("x", initializer=[1.0, 2.0])
    step = tf.train.get_or_create_global_step()
    loss = tf.reduce_sum(tf.square(x))
    train = tf.train.AdamOptimizer(0.1).minimize(loss, global_step=step)
    saver = tf.train.Saver()
    session.run(tf.global_variables_initializer())
    for _ in range(3):
        session.run(train)
    path = saver.save(session, prefix, step)
    assert path == f"{prefix}-3"
    for _ in range(2):
        session.run(train)
    wanted = values(session, [x, step])
    with tf.Session() as other:
        saver.restore(other, path)
        for _ in range(2):
            other.run(train)
        assert values(other, [x, step]) == wanted


def test_variables_have_other_names_in_checkpoints(tf, session, prefix):
    w, n, _ = network(tf)
    session.run(tf.global_variables_initializer())
    tf.train.Saver({"weights": w, "count": n}).save(session, prefix)
    assert tf.train.list_variables(prefix) == [("count", []), ("weights", [2, 3])]
    with tf.Graph().as_default(), tf.Session() as other:
        weights = tf.get_variable("weights", [2, 3])
        tf.train.Saver([weights]).restore(other, prefix)
        assert values(other, [weights]) == [W.tolist()]


def test_a_step_is_a_number_a_tensor_or_a_name(tf, session, prefix):
    network(tf)
    step = tf.get_variable("step", initializer=np.int64(12))
    session.run(tf.global_variables_initializer())
    saver = tf.train.Saver()
    for given in (12, np.int64(12), step, "step:0"):
        assert saver.save(session, prefix, global_step=given) == f"{prefix}-12"
    padded = tf.train.Saver(pad_step_number=True)
    assert padded.save(session, prefix, global_step=12) == f"{prefix}-00000012"


def test_a_prefix_may_be_fixed(tf, session, prefix):
    network(tf)
    session.run(tf.global_variables_initializer())
    saver = tf.train.Saver(filename=prefix)
    session.run(saver.as_saver_def().save_tensor_name)
    assert tf.train.checkpoint_exists(prefix)
    session.run(saver.as_saver_def().restore_op_name)


def test_prefixes_have_any_characters(tf, session, tmp_path):
    variables = network(tf)
    session.run(tf.global_variables_initializer())
    prefix = str(tmp_path / "é a#%")
    saver = tf.train.Saver()
    saver.save(session, prefix)
    session.run(variables[1].assign(0))
    saver.restore(session, tf.train.latest_checkpoint(str(tmp_path)))
    assert session.run(variables[1]) == 7


def test_a_saver_may_save_nothing(tf, session, tmp_path, prefix):
    saver = tf.train.Saver(allow_empty=True)
    assert saver.save(session, prefix, write_meta_graph=False) is None
    assert saver.restore(session, prefix) is None
    assert files(tmp_path) == []


def test_the_nodes_may_be_made_later(tf, session, prefix):
    saver = tf.train.Saver(defer_build=True)
    variables = network(tf)
    text = "`build()` should be called before save if defer_build==True"
    with raises(exact("RuntimeError", text)):
        saver.save(session, prefix)
    saver.build()
    session.run(tf.global_variables_initializer())
    saver.save(session, prefix)
    saver.restore(session, prefix)
    assert session.run(variables[1]) == 7


# Parts


@BOTH
@pytest.mark.parametrize("parts", [1, 2, 3])
def test_partitioned_variables_are_one_in_checkpoints(tf, session, prefix, resource, parts):
    """Whoever restores may divide them in another way."""
    whole = np.arange(10, dtype=np.float32).reshape(5, 2)

    def make(count):
        return tf.get_variable(
            "p",
            [5, 2],
            initializer=lambda shape, dtype=None, partition_info=None: tf.zeros(shape, dtype),
            partitioner=tf.fixed_size_partitioner(count) if count else None,
            use_resource=resource,
        )

    saver = [make(parts), tf.train.Saver()][1]
    made = tf.global_variables()
    first = 0
    for part in made:
        last = first + part.shape.as_list()[0]
        session.run(part.assign(whole[first:last]))
        first = last
    saver.save(session, prefix)
    assert tf.train.list_variables(prefix) == [("p", [5, 2])]
    assert tf.train.load_variable(prefix, "p").tolist() == whole.tolist()
    with tf.Graph().as_default(), tf.Session() as other:
        single = make(None)
        tf.train.Saver().restore(other, prefix)
        assert values(other, [single]) == [whole.tolist()]
    with tf.Graph().as_default(), tf.Session() as other:
        divided = make(4)
        tf.train.Saver().restore(other, prefix)
        assert values(other, [tf.concat(list(divided), 0)]) == [whole.tolist()]


@BOTH
def test_each_device_has_a_file_of_its_own(tf, session, tmp_path, prefix, resource):
    with tf.device("/cpu:0"):
        one = tf.get_variable("one", initializer=W, use_resource=resource)
    two = tf.get_variable("two", initializer=W + 1, use_resource=resource)
    session.run(tf.global_variables_initializer())
    saver = tf.train.Saver(sharded=True)
    assert saver.save(session, prefix, global_step=1) == f"{prefix}-1"
    assert files(tmp_path) == [
        "checkpoint",
        "m-1.data-00000-of-00002",
        "m-1.data-00001-of-00002",
        "m-1.index",
        "m-1.meta",
    ]
    session.run([one.assign(W * 0), two.assign(W * 0)])
    saver.restore(session, f"{prefix}-1")
    assert values(session, [one, two]) == [W.tolist(), (W + 1).tolist()]
    saver.save(session, prefix, global_step=1)
    plain = tf.train.Saver()
    plain.restore(session, f"{prefix}-1")
    assert values(session, [one, two]) == [W.tolist(), (W + 1).tolist()]


def test_a_variable_may_be_restored_to_another_shape(tf, session, saved, prefix):
    with tf.Graph().as_default(), tf.Session() as other:
        with tf.variable_scope("net"):
            w = tf.get_variable("w", [3, 2])
        tf.train.Saver(reshape=True).restore(other, prefix)
        assert values(other, [w]) == [W.reshape(3, 2).tolist()]


def test_the_first_version_is_written_on_request(tf, session, tmp_path, prefix):
    variables = network(tf)[:2]
    session.run(tf.global_variables_initializer())
    saver = tf.train.Saver(variables, write_version=tf.train.SaverDef.V1)
    assert saver.save(session, prefix, write_meta_graph=False) == prefix
    assert files(tmp_path) == ["checkpoint", "m"]
    session.run([v.assign(tf.zeros_like(v)) for v in variables])
    assert tf.train.latest_checkpoint(str(tmp_path)) == prefix
    saver.restore(session, prefix)
    assert values(session, variables) == [W.tolist(), 7]


# Which are kept


def test_only_the_last_ones_are_kept(tf, session, tmp_path, prefix):
    network(tf)
    session.run(tf.global_variables_initializer())
    saver = tf.train.Saver(max_to_keep=2)
    for step in range(4):
        saver.save(session, prefix, global_step=step)
    assert saver.last_checkpoints == [f"{prefix}-2", f"{prefix}-3"]
    assert [f for f in files(tmp_path) if f != "checkpoint"] == [
        f"m-{step}.{ending}"
        for step in (2, 3)
        for ending in ("data-00000-of-00001", "index", "meta")
    ]
    state = tf.train.get_checkpoint_state(str(tmp_path))
    assert list(state.all_model_checkpoint_paths) == saver.last_checkpoints
    # One that is written again is the last one.
    saver.save(session, prefix, global_step=2)
    assert saver.last_checkpoints == [f"{prefix}-3", f"{prefix}-2"]


@pytest.mark.parametrize("most", [0, None])
def test_all_may_be_kept(tf, session, tmp_path, prefix, most):
    network(tf)
    session.run(tf.global_variables_initializer())
    saver = tf.train.Saver(max_to_keep=most)
    for step in range(7):
        saver.save(session, prefix, global_step=step, write_meta_graph=False)
    assert len(files(tmp_path)) == 15
    assert saver.last_checkpoints == []
    state = tf.train.get_checkpoint_state(str(tmp_path))
    assert list(state.all_model_checkpoint_paths) == [f"{prefix}-6"]


def test_one_for_some_hours_is_kept_for_good(tf, session, tmp_path, prefix):
    network(tf)
    session.run(tf.global_variables_initializer())
    saver = tf.train.Saver(max_to_keep=1, keep_checkpoint_every_n_hours=1e-9)
    for step in range(3):
        saver.save(session, prefix, global_step=step, write_meta_graph=False)
    assert [f for f in files(tmp_path) if f.endswith("index")] == [
        "m-0.index",
        "m-1.index",
        "m-2.index",
    ]
    assert saver.last_checkpoints == [f"{prefix}-2"]


def test_another_saver_may_go_on_counting(tf, session, tmp_path, prefix):
    network(tf)
    session.run(tf.global_variables_initializer())
    saver = tf.train.Saver(max_to_keep=2)
    for step in range(2):
        saver.save(session, prefix, global_step=step)
    other = tf.train.Saver(max_to_keep=2)
    missing = f"{prefix}-9"
    other.recover_last_checkpoints([*saver.last_checkpoints, missing])
    assert other.last_checkpoints == saver.last_checkpoints
    other.save(session, prefix, global_step=2)
    assert not tf.train.checkpoint_exists(f"{prefix}-0")
    # Those whose age is not known are not removed.
    third = tf.train.Saver(max_to_keep=1)
    third.set_last_checkpoints([f"{prefix}-1"])
    third.save(session, prefix, global_step=3)
    assert tf.train.checkpoint_exists(f"{prefix}-1")
    third.set_last_checkpoints_with_time([(f"{prefix}-1", 0.0)])
    third.save(session, prefix, global_step=3)
    assert not tf.train.checkpoint_exists(f"{prefix}-1")


def test_what_is_not_wanted_is_not_written(tf, session, tmp_path, prefix):
    network(tf)
    session.run(tf.global_variables_initializer())
    saver = tf.train.Saver()
    saver.save(session, prefix, write_state=False, write_meta_graph=False)
    assert files(tmp_path) == ["m.data-00000-of-00001", "m.index"]
    assert saver.last_checkpoints == []
    saver.save(session, prefix, latest_filename="state", meta_graph_suffix="graph")
    assert files(tmp_path) == ["m.data-00000-of-00001", "m.graph", "m.index", "state"]
    assert tf.train.latest_checkpoint(str(tmp_path)) is None
    assert tf.train.latest_checkpoint(str(tmp_path), "state") == prefix


# The state file


def test_the_state_file_is_text(tf, session, tmp_path, prefix):
    network(tf)
    session.run(tf.global_variables_initializer())
    saver = tf.train.Saver()
    saver.save(session, prefix, global_step=1)
    saver.save(session, prefix, global_step=2)
    assert (tmp_path / "checkpoint").read_text() == (
        f'model_checkpoint_path: "{prefix}-2"\n'
        f'all_model_checkpoint_paths: "{prefix}-1"\n'
        f'all_model_checkpoint_paths: "{prefix}-2"\n'
    )
    assert tf.train.latest_checkpoint(str(tmp_path)) == f"{prefix}-2"


def test_a_folder_may_be_moved_if_paths_are_relative(tf, session, tmp_path):
    variables = network(tf)
    session.run(tf.global_variables_initializer())
    folder = tmp_path / "a"
    folder.mkdir()
    saver = tf.train.Saver(save_relative_paths=True)
    saver.save(session, str(folder / "m"), global_step=1)
    assert (folder / "checkpoint").read_text() == (
        'model_checkpoint_path: "m-1"\nall_model_checkpoint_paths: "m-1"\n'
    )
    folder.rename(tmp_path / "b")
    latest = tf.train.latest_checkpoint(str(tmp_path / "b"))
    assert latest == str(tmp_path / "b" / "m-1")
    session.run(variables[1].assign(0))
    saver.restore(session, latest)
    assert session.run(variables[1]) == 7


@pytest.mark.needs("in_process")
def test_relative_prefixes_are_relative_to_the_folder(tf, session, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    network(tf)
    session.run(tf.global_variables_initializer())
    saver = tf.train.Saver()
    assert saver.save(session, "here/m", global_step=1) == "here/m-1"
    assert (tmp_path / "here" / "checkpoint").read_text() == (
        'model_checkpoint_path: "m-1"\nall_model_checkpoint_paths: "m-1"\n'
    )
    assert tf.train.latest_checkpoint("here") == os.path.join("here", "m-1")
    assert saver.save(session, "m") == "m"
    assert tf.train.latest_checkpoint(".") == os.path.join(".", "m")
    saver.restore(session, "m")


def test_the_state_may_be_written_by_hand(tf, tmp_path):
    folder = str(tmp_path)
    paths = [os.path.join(folder, "a"), os.path.join(folder, "b")]
    tf.train.update_checkpoint_state(folder, paths[1], paths[:1])
    state = tf.train.get_checkpoint_state(folder)
    assert (state.model_checkpoint_path, list(state.all_model_checkpoint_paths)) == (
        paths[1],
        paths,
    )
    made = tf.train.generate_checkpoint_state_proto(folder, paths[1], list(paths), [1.0, 2.0], 0.5)
    assert list(made.all_model_checkpoint_timestamps) == [1.0, 2.0]
    assert made.last_preserved_timestamp == 0.5
    # Nothing is there.
    assert tf.train.latest_checkpoint(folder) is None


@pytest.mark.parametrize("text", ["model_checkpoint_path", "no such field: 3"])
def test_a_damaged_state_is_none(tf, tmp_path, text):
    (tmp_path / "checkpoint").write_text(text, "latin-1")
    assert tf.train.get_checkpoint_state(str(tmp_path)) is None
    assert tf.train.latest_checkpoint(str(tmp_path)) is None


def test_a_state_that_names_nothing_is_an_error(tf, tmp_path):
    assert tf.train.get_checkpoint_state(str(tmp_path)) is None
    (tmp_path / "checkpoint").write_text("")
    with raises(exact("ValueError", f"Invalid checkpoint state loaded from {tmp_path}")):
        tf.train.get_checkpoint_state(str(tmp_path))


def test_checkpoints_may_be_looked_for_and_removed(tf, session, saved, tmp_path, prefix):
    assert tf.train.checkpoint_exists(prefix)
    assert not tf.train.checkpoint_exists(f"{prefix}2")
    (written,) = tf.train.get_checkpoint_mtimes([f"{prefix}2", prefix])
    assert written == pytest.approx((tmp_path / "m.index").stat().st_mtime, abs=1)
    tf.train.remove_checkpoint(prefix)
    assert files(tmp_path) == ["checkpoint"]


# Readers


def test_readers_tell_what_there_is(tf, session, saved, prefix):
    reader = tf.train.NewCheckpointReader(prefix)
    assert reader.get_variable_to_shape_map() == {"net/w": [2, 3], "net/n": [], "net/b": [2]}
    assert reader.get_variable_to_dtype_map() == {
        "net/w": tf.float32,
        "net/n": tf.int64,
        "net/b": tf.bool,
    }
    assert reader.has_tensor("net/w")
    assert not reader.has_tensor("w")
    assert reader.get_tensor("net/w").tolist() == W.tolist()
    assert reader.get_tensor("net/n") == 7
    with raises(exact("NotFoundError", "Key w not found in checkpoint")):
        reader.get_tensor("w")
    assert b"net/w (DT_FLOAT) [2,3]\n" in reader.debug_string()


def test_the_latest_of_a_folder_is_read(tf, session, saved, tmp_path, prefix):
    names = [("net/b", [2]), ("net/n", []), ("net/w", [2, 3])]
    for where in (prefix, str(tmp_path), tmp_path):
        assert tf.train.list_variables(where) == names
        assert tf.train.load_variable(where, "net/w:0").tolist() == W.tolist()
        assert tf.train.load_checkpoint(where).has_tensor("net/n")
    assert next(tf.train.checkpoints_iterator(str(tmp_path))) == prefix
    assert list(tf.train.checkpoints_iterator(str(tmp_path / "none"), timeout=0)) == []


def test_a_folder_without_checkpoints_is_an_error(tf, tmp_path):
    text = f"Couldn't find 'checkpoint' file or checkpoints in given directory {tmp_path}"
    with raises(exact("ValueError", text)):
        tf.train.list_variables(str(tmp_path))
    text = "Unsuccessful TensorSliceReader constructor: Failed to find any matching files for"
    with raises(core("NotFoundError", text)):
        tf.train.load_variable(str(tmp_path / "none"), "x")


# Initial values


@BOTH
def test_initializers_take_values_from_checkpoints(tf, session, prefix, resource):
    network(tf)
    session.run(tf.global_variables_initializer())
    tf.train.Saver().save(session, prefix)
    with tf.Graph().as_default(), tf.Session() as other:
        with tf.variable_scope("new", use_resource=resource):
            w = tf.get_variable("w", [2, 3])
            n = tf.get_variable("n", initializer=np.int64(0))
            own = tf.get_variable("own", initializer=3.0)
        tf.train.init_from_checkpoint(prefix, {"net/w": "new/w", "net/n": n})
        other.run(tf.global_variables_initializer())
        assert values(other, [w, n, own]) == [W.tolist(), 7, 3.0]


@BOTH
def test_whole_scopes_and_parts_take_values(tf, session, prefix, resource):
    network(tf)
    session.run(tf.global_variables_initializer())
    tf.train.Saver().save(session, prefix)
    with tf.Graph().as_default(), tf.Session() as other:
        with tf.variable_scope("new", use_resource=resource):
            w = tf.get_variable("w", [2, 3], partitioner=tf.fixed_size_partitioner(2))
            n = tf.get_variable("n", [], tf.int64)
        tf.train.init_from_checkpoint(prefix, {"net/": "new/"})
        other.run(tf.global_variables_initializer())
        assert values(other, [tf.concat(list(w), 0), n]) == [W.tolist(), 7]


def test_a_model_may_be_warm_started(tf, session, prefix):
    network(tf)
    session.run(tf.global_variables_initializer())
    tf.train.Saver().save(session, prefix)
    with tf.Graph().as_default(), tf.Session() as other:
        weights = tf.get_variable("weights", [2, 3])
        tf.train.warm_start(prefix, var_name_to_prev_var_name={"weights": "net/w"})
        other.run(tf.global_variables_initializer())
        assert values(other, [weights]) == [W.tolist()]


# Errors


def test_there_must_be_a_checkpoint(tf, session, saved, prefix):
    """Rows 227 and 228."""
    _, saver = saved
    text = f"The passed save_path is not a valid checkpoint: {prefix}/nope"
    with raises(exact("ValueError", text)):
        saver.restore(session, f"{prefix}/nope")
    with raises(exact("ValueError", "Can't load save_path when it is None.")):
        saver.restore(session, None)


def test_there_must_be_variables(tf):
    """Row 229."""
    with raises(exact("ValueError", "No variables to save")):
        tf.train.Saver()


FAILED = (
    "Restoring from checkpoint failed. This is most likely due to {} from the checkpoint. Please "
    "ensure that you have not altered the graph expected based on the checkpoint. Original error:"
)


@BOTH
def test_a_missing_variable_is_named(tf, session, saved, prefix, resource):
    """Row 230."""
    with tf.Graph().as_default(), tf.Session() as other:
        tf.get_variable("v", [2], use_resource=resource)
        saver = tf.train.Saver()
        for text in (
            FAILED.format("a Variable name or other graph key that is missing"),
            "Key v not found in checkpoint",
        ):
            with raises(core("NotFoundError", text)):
                saver.restore(other, prefix)


def test_another_shape_is_an_error_of_a_reference(tf, session, saved, prefix):
    """Row 231."""
    with tf.Graph().as_default(), tf.Session() as other:
        with tf.variable_scope("net", use_resource=False):
            w = tf.get_variable("w", [3, 3])
        other.run(w.initializer)
        before = values(other, [w])
        saver = tf.train.Saver()
        for text in (
            FAILED.format("a mismatch between the current graph and the graph"),
            "Assign requires shapes of both tensors to match",
        ):
            with raises(core("InvalidArgumentError", text)):
                saver.restore(other, prefix)
        assert values(other, [w]) == before


@BOTH
def test_another_type_is_an_error(tf, session, saved, prefix, resource):
    with tf.Graph().as_default(), tf.Session() as other:
        with tf.variable_scope("net", use_resource=resource):
            tf.get_variable("w", [2, 3], tf.int32)
        text = "tensor_name = net/w; expected dtype int32 does not equal original dtype float"
        with raises(core("InvalidArgumentError", text)):
            tf.train.Saver().restore(other, prefix)


@pytest.mark.parametrize(
    ("resource", "text"),
    [
        row("232 ref", False, "Attempting to use uninitialized value net/"),
        row("232 resource", True, "Could not find variable net/"),
    ],
)
def test_variables_without_values_are_not_saved(tf, session, tmp_path, prefix, resource, text):
    network(tf, resource)
    with raises(core("FailedPreconditionError", text)):
        tf.train.Saver().save(session, prefix)
    assert not tf.train.checkpoint_exists(prefix)


def test_the_folder_must_have_a_parent(tf, session, saved, tmp_path):
    """Row 233."""
    _, saver = saved
    prefix = str(tmp_path / "nodir" / "zz" / "m")
    with raises(exact("ValueError", f"Parent directory of {prefix} doesn't exist, can't save.")):
        saver.save(session, prefix)


def test_a_damaged_checkpoint_is_an_error(tf, session, saved, tmp_path, prefix):
    variables, saver = saved
    data = tmp_path / "m.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:-1] + b"\x77")
    with raises(core("DataLossError", "Checksum does not match")):
        saver.restore(session, prefix)
    assert values(session, variables) == [W.tolist(), 7, [True, False]]


def test_names_of_state_files_are_mere_names(tf, session, saved, tmp_path):
    _, saver = saved
    with raises(exact("ValueError", "'latest_filename' must not contain path components")):
        saver.save(session, str(tmp_path / "m"), latest_filename="a/b")
    prefix = str(tmp_path / "checkpoint")
    text = f"'latest_filename' collides with 'save_path': 'checkpoint' and '{prefix}'"
    with raises(exact("ValueError", text)):
        saver.save(session, prefix)


def test_a_session_is_what_saves(tf, session, saved, prefix):
    _, saver = saved
    with raises(core("TypeError", "'sess' must be a Session; ")):
        saver.save("session", prefix)


def test_a_finalized_graph_can_be_saved(tf, session, saved, prefix):
    variables, saver = saved
    tf.get_default_graph().finalize()
    saver.save(session, prefix, global_step=4)
    session.run(variables[0].initializer)
    saver.restore(session, f"{prefix}-4")
