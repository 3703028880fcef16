"""Which tensors `feed_dict` may name, and how; what a fed tensor means for the rest."""

from __future__ import annotations

from collections import OrderedDict
from types import MappingProxyType

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises, row

pytestmark = pytest.mark.uses("AddV2", "Identity", "Mul")


@pytest.mark.parametrize(
    ("key", "error"),
    [
        row("66 an int", lambda p: 3, "Can not convert a int into a Tensor."),
        row(
            "68 an operation's name",
            lambda p: "p",
            "The name 'p' refers to an Operation, not a Tensor. Tensor names must be of the form "
            '"<op_name>:<output_index>".',
        ),
        row(
            "69 an unknown tensor",
            lambda p: "q:0",
            "The name 'q:0' refers to a Tensor which does not exist. The operation, 'q', does not "
            "exist in the graph.",
        ),
        row("70 an operation", lambda p: p.op, "Can not convert a Operation into a Tensor."),
        row("71 None", lambda p: None, "Can not convert a NoneType into a Tensor."),
        row(
            "an output that the operation lacks",
            lambda p: "p:1",
            "The name 'p:1' refers to a Tensor which does not exist. The operation, 'p', exists "
            "but only has 1 outputs.",
        ),
        row(
            "an unknown name",
            lambda p: "q",
            "The name 'q' looks like an (invalid) Operation name, not a Tensor. Tensor names must "
            'be of the form "<op_name>:<output_index>".',
        ),
        row("an int in a tuple", lambda p: (p, 3), "Can not convert a int into a Tensor."),
    ],
)
def test_a_key_that_is_no_tensor_is_refused(tf, session, key, error):
    p = tf.placeholder(tf.float32, [], "p")
    chosen = key(p)
    value = (1.0, 2.0) if isinstance(chosen, tuple) else 1.0
    with raises(exact("TypeError", f"Cannot interpret feed_dict key as Tensor: {error}")):
        session.run(tf.identity(p), {chosen: value})


def test_a_key_of_another_graph_is_refused(tf, session):
    """Row 72."""
    c = tf.constant(5.0)
    with tf.Graph().as_default():
        q = tf.placeholder(tf.float32, [], "q")
    with raises(
        exact(
            "TypeError",
            'Cannot interpret feed_dict key as Tensor: Tensor Tensor("q:0", shape=(), '
            "dtype=float32) is not an element of this graph.",
        )
    ):
        session.run(c, {q: 1.0})


@pytest.mark.parametrize(
    ("feed_dict", "kind"),
    [row("73 list", [1], "list"), row("int", 3, "int"), row("string", "p:0", "str")],
)
def test_a_feed_dict_that_is_no_mapping_is_refused(tf, session, feed_dict, kind):
    with raises(
        core(
            "TypeError",
            "FlattenDictItems: 'dict' must be a dictionary or collection.Mapping type object, "
            f"instead of '{kind}'.",
        )
    ):
        session.run(tf.constant(1.0), feed_dict)


@pytest.mark.parametrize("feed_dict", [None, {}, [], ()])
def test_an_empty_feed_dict_feeds_nothing(tf, session, feed_dict):
    assert session.run(tf.constant(1.0), feed_dict) == 1.0


@pytest.mark.parametrize("kind", [OrderedDict, MappingProxyType])
def test_any_mapping_feeds(tf, session, kind):
    p = tf.placeholder(tf.float32, [], "p")
    assert session.run(p * 2.0, kind({p: 3.0})) == 6.0


def test_a_tensor_is_fed_by_its_name(tf, session):
    """Row 67."""
    p = tf.placeholder(tf.float32, [], "p")
    assert session.run(p * 2.0, {"p:0": 1.0}) == 2.0
    assert session.run(p * 2.0, {b"p:0": 2.0}) == 4.0


def test_a_tuple_of_tensors_is_fed_a_tuple_of_values(tf, session):
    """Row 74."""
    p, q, r = (tf.placeholder(tf.float32, [], name) for name in "pqr")
    assert session.run(p + q, {(p, q): (1, 2)}) == 3.0
    assert session.run(p + q * r, {(p, (q, r)): [1, (2, 3)]}) == 7.0


def test_a_tuple_of_another_structure_is_refused(tf, session):
    """Row 75."""
    p, q = tf.placeholder(tf.float32, [], "p"), tf.placeholder(tf.float32, [])
    with raises(
        exact(
            "ValueError",
            "Could not flatten dictionary. Key had 2 elements, but value had 3 elements. Key: "
            "[<tf.Tensor 'p:0' shape=() dtype=float32>, <tf.Tensor 'Placeholder:0' shape=() "
            "dtype=float32>], value: [1.0, 2.0, 3.0].",
        )
    ):
        session.run(p + q, {(p, q): (1.0, 2.0, 3.0)})


def test_a_tensor_fed_alone_and_in_a_tuple_is_refused(tf, session):
    p, q = tf.placeholder(tf.float32, [], "p"), tf.placeholder(tf.float32, [], "q")
    with raises(core("ValueError", "Cannot flatten dict because this key is not unique")):
        session.run(p + q, {(p, q): (1.0, 2.0), q: 5.0})


def test_a_tensor_fed_by_name_as_well_takes_the_last_value(tf, session):
    p = tf.placeholder(tf.float32, [], "p")
    assert session.run(p * 2.0, {p: 1.0, "p:0": 5.0}) == 10.0


def test_a_constant_can_be_fed(tf, session):
    """Row 76."""
    c = tf.constant(5.0, name="c")
    assert session.run(c + 1.0, {c: 10.0}) == 11.0
    assert session.run(c + 1.0) == 6.0


def test_an_intermediate_tensor_can_be_fed(tf, session):
    """Row 77."""
    p = tf.placeholder(tf.float32, [])
    between = p * 2.0
    # What lies only behind it does not run, so `p` is not needed.
    assert session.run(between + 1.0, {between: 10.0}) == 11.0


def test_a_value_that_does_not_fit_a_constant_is_refused(tf, session):
    c = tf.constant([1.0, 2.0], name="c")
    with raises(
        exact("ValueError", "Cannot feed value of shape (3,) for Tensor c:0, which has shape (2,)")
    ):
        session.run(tf.identity(c), {c: [1.0, 2.0, 3.0]})


def test_a_fed_tensor_is_fetched_as_the_very_array_fed(tf, session):
    """Row 78."""
    p = tf.placeholder(tf.float32, [2])
    value = np.array([1.0, 2.0], np.float32)
    assert session.run(p, {p: value}) is value


def test_a_fed_tensor_is_fetched_beside_what_is_computed(tf, session):
    """Row 79."""
    p = tf.placeholder(tf.float32, [2])
    value = np.array([1.0, 2.0], np.float32)
    more = p + 1.0
    itself, got, nothing = session.run([p, more, more.op], {p: value})
    assert itself is value
    assert got.tolist() == [2.0, 3.0]
    assert nothing is None


def test_a_fed_scalar_is_fetched_as_an_array_of_rank_0(tf, session):
    p = tf.placeholder(tf.float32, [])
    got = session.run(p, {p: 3})
    assert isinstance(got, np.ndarray)
    assert got.shape == ()
    assert got.dtype == np.float32
    assert got == 3.0


def test_an_operation_runs_although_its_output_is_fed(tf, session):
    p = tf.placeholder(tf.float32, [], "p")
    double = p * 2.0
    with raises(core("InvalidArgumentError", "You must feed a value for placeholder tensor 'p'")):
        session.run(double.op, {double: 1.0})


def test_an_operation_waited_for_runs_although_its_output_is_fed(tf, session):
    p = tf.placeholder(tf.float32, [], "p")
    double = p * 2.0
    c = tf.constant(3.0)
    with tf.control_dependencies([double]):
        after = tf.identity(c)
    with raises(core("InvalidArgumentError", "You must feed a value for placeholder tensor 'p'")):
        session.run(after, {double: 1.0})


def test_a_fed_placeholder_can_be_waited_for(tf, session):
    p = tf.placeholder(tf.float32, [], "p")
    assert session.run(tf.group(p), {p: 1.0}) is None


def test_a_tensor_marked_as_not_feedable_is_refused(tf, session):
    """Row 80."""
    c = tf.constant(5.0, name="c")
    tf.get_default_graph().prevent_feeding(c)
    with raises(exact("ValueError", "Tensor c:0 may not be fed.")):
        session.run(c + 1.0, {c: 1.0})
