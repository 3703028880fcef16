"""Values that stay in a session between runs: `get_session_handle` and its kin."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from evergraph_conformance.messages import core, raises, typed

pytestmark = pytest.mark.uses("GetSessionHandle", "GetSessionTensor", "DeleteSessionTensor")


@pytest.fixture
def handle(tf, session):
    """A handle of the kept value [1, 2]."""
    return session.run(tf.get_session_handle(tf.constant([1.0, 2.0])))


def test_a_handle_stands_for_a_value(tf, session, handle):
    """Row 226."""
    assert type(handle).__name__ == "TensorHandle"
    assert str(handle) == handle.handle
    assert handle.handle.startswith("GetSessionHandle;0;/job:localhost/")
    got = handle.eval()
    assert got.dtype == np.float32
    assert got.tolist() == [1.0, 2.0]


def test_the_name_is_fed_in_place_of_the_value(tf, session, handle):
    holder, value = tf.get_session_tensor(handle.handle, tf.float32)
    assert holder.dtype == tf.string
    assert value.shape.rank is None
    assert session.run(value * 2.0, {holder: handle.handle}).tolist() == [2.0, 4.0]


def test_a_handle_is_fed_to_a_tensor_of_its_type(tf, session, handle):
    x = tf.placeholder(tf.float32, [2])
    assert session.run(x * 2.0, {x: handle}).tolist() == [2.0, 4.0]
    with raises(typed("InvalidArgumentError")):
        y = tf.placeholder(tf.int32, [2])
        session.run(y * 2, {y: handle})


def test_a_value_is_kept_through_many_runs(tf, session):
    handle = session.run(tf.get_session_handle(tf.constant(1.0)))
    holder, value = tf.get_session_tensor(handle.handle, tf.float32)
    doubled = tf.get_session_handle(value * 2.0)
    for _ in range(5):
        handle = session.run(doubled, {holder: handle.handle})
    assert handle.eval() == 32.0


def test_a_handle_may_be_part_of_a_structure(tf, session):
    got = session.run({"h": [tf.get_session_handle(tf.constant(3))], "x": tf.constant(1)})
    assert got["h"][0].eval() == 3
    assert got["x"] == 1


@pytest.mark.uses("VariableV2", "Assign", "AssignAdd")
def test_a_kept_value_does_not_change_with_its_variable(tf, session):
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer())
    session.run(v.initializer)
    handle = session.run(tf.get_session_handle(v + 0.0))
    again = session.run(tf.get_session_handle(v.value() * 1.0))
    for _ in range(3):
        session.run(v.assign_add([1.0, 1.0]))
    assert handle.eval().tolist() == [1.0, 1.0]
    assert again.eval().tolist() == [1.0, 1.0]


def test_what_is_evaluated_is_the_callers_own(tf, session, handle):
    got = handle.eval()
    got[:] = 0.0
    assert handle.eval().tolist() == [1.0, 2.0]


def test_a_deleted_value_is_gone(tf, session, handle):
    """Row 226."""
    holder, value = tf.get_session_tensor(handle.handle, tf.float32)
    handle.delete()
    with raises(core("TypeError", "may have already been deleted")):
        handle.eval()
    with raises(core("TypeError", "may have already been deleted")):
        handle.delete()
    with raises(core("InvalidArgumentError", "is not in the session store.")):
        session.run(value, {holder: handle.handle})


def test_an_operation_deletes_as_well(tf, session, handle):
    holder, delete = tf.delete_session_tensor(handle.handle)
    assert isinstance(delete, tf.Operation)
    session.run(delete, {holder: handle.handle})
    holder, value = tf.get_session_tensor(handle.handle, tf.float32)
    with raises(core("InvalidArgumentError", "is not in the session store.")):
        session.run(value, {holder: handle.handle})


def test_the_name_outlives_the_handle_if_it_was_asked_for(tf, session):
    def keep():
        return session.run(tf.get_session_handle(tf.constant(5.0))).get_raw_handle()

    name = keep()
    gc.collect()
    holder, value = tf.get_session_tensor(name, tf.float32)
    assert session.run(value, {holder: name}) == 5.0


def test_another_session_knows_nothing_of_it(tf, session, handle):
    holder, value = tf.get_session_tensor(handle.handle, tf.float32)
    with tf.Session() as other, raises(core("InvalidArgumentError", "not in the session store")):
        other.run(value, {holder: handle.handle})


def test_only_a_tensor_can_be_kept(tf):
    with raises(core("TypeError", "`data` must be of type Tensor.")):
        tf.get_session_handle([1.0, 2.0])


@pytest.mark.parametrize("value", [b"text", True, 1 + 2j, np.arange(6).reshape(2, 3)])
def test_values_of_all_types_are_kept(tf, session, value):
    handle = session.run(tf.get_session_handle(tf.constant(value)))
    assert np.array_equal(handle.eval(), value)
