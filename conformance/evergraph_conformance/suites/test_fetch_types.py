"""Fetching and feeding what is neither tensor nor name: registered types, proxies, handles."""

from __future__ import annotations

from collections import defaultdict, namedtuple
from importlib import import_module
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from evergraph_conformance.api import ROOT
from evergraph_conformance.messages import core, exact, raises

register = import_module(f"{ROOT}.python.client.session").register_session_run_conversion_functions

Pair = namedtuple("Pair", ["a", "b"])  # the fields of a test need no types


class Triple(tuple[Any, ...]):
    """A tuple whose constructor takes the items."""

    __slots__ = ()

    def __new__(cls, *items):
        return super().__new__(cls, items)


class Defaults(defaultdict[str, Any]):
    """A `defaultdict` of the user's own."""


def proxy(wrapped):
    """Return what says that it is of the type of what it wraps, as the proxies of `wrapt` do."""
    members = {
        "__class__": property(lambda self: type(self.__wrapped__)),
        "__iter__": lambda self: iter(self.__wrapped__),
        "__wrapped__": wrapped,
    }
    return type("Proxy", (), members)()


class Squared:
    """A type with functions for fetching, feeding and setting up a partial run."""

    def __init__(self, tf, tensor):
        self.tensor = tensor
        self.squared = tf.square(tensor)


class Derived(Squared):
    """A type derived from a registered one."""


class FetchedOnly:
    """A type with a function for fetching only."""

    def __init__(self, fetches):
        self.fetches = fetches


register(
    Squared,
    lambda fetch: ([fetch.squared], lambda values: ("squared", *values)),
    lambda feed, value: [(feed.squared, value)],
    lambda feed: [feed.squared],
)
register(FetchedOnly, lambda fetch: (fetch.fetches, tuple))


@pytest.fixture
def c(tf):
    """A constant vector named `c`."""
    return tf.constant([1.0, 2.0], name="c")


@pytest.mark.parametrize("kind", [Squared, Derived])
def test_a_registered_type_is_fetched_by_its_function(tf, session, c, kind):
    got = session.run({"x": [kind(tf, c)]})
    assert got["x"][0][0] == "squared"
    assert got["x"][0][1].tolist() == [1.0, 4.0]


def test_a_registered_type_is_fed_by_its_function(tf, session, c):
    x = Squared(tf, c)
    assert session.run(x.squared + 1.0, {x: [7.0, 8.0]}).tolist() == [8.0, 9.0]


def test_a_registered_type_may_consist_of_names_and_operations(session, c):
    first, second, third = session.run(FetchedOnly(["c:0", c.op, c]))
    assert first.tolist() == third.tolist() == [1.0, 2.0]
    assert second is None


def test_a_registered_type_that_consists_of_nothing_gives_none(session, c):
    assert session.run([FetchedOnly([]), c])[0] is None
    assert session.run(FetchedOnly([])) is None


@pytest.mark.usefixtures("c")
def test_a_registered_type_may_not_consist_of_structures(session):
    with raises(
        exact(
            "TypeError",
            "Argument `fetch` = ['c:0'] has invalid type \"list\" must be a string or Tensor. "
            "(Can not convert a list into a Tensor or Operation.)",
        )
    ):
        session.run(FetchedOnly([["c:0"]]))


def test_a_type_without_a_function_for_feeding_cannot_be_fed(session, c):
    with raises(core("TypeError", "")):
        session.run(c, {FetchedOnly([c]): 1.0})


@pytest.mark.parametrize("kind", [Squared, object])
def test_a_type_cannot_be_registered_twice(kind):
    with raises(exact("ValueError", f"{kind} has already been registered so ignore it.")):
        register(kind, lambda fetch: ([fetch], list))


def test_a_type_of_tensorflows_own_is_registered_already(tf):
    for kind in (tf.SparseTensor, tf.IndexedSlices, tf.RaggedTensor):
        with raises(core("ValueError", "has already been registered so ignore it.")):
            register(kind, lambda fetch: ([fetch], list))


def test_a_proxy_of_a_list_gives_a_list(session, c):
    got = session.run(proxy([c, c]))
    assert type(got) is list
    assert got[0] is got[1]


def test_a_tuple_of_the_users_own_is_kept(session, c):
    got = session.run(Triple(c, c))
    assert type(got) is Triple
    assert got[0] is got[1]


def test_a_list_of_the_users_own_becomes_a_list(session, c):
    class Mine(list[object]):
        pass

    assert type(session.run(Mine([c]))) is list


def test_a_defaultdict_of_the_users_own_becomes_a_defaultdict(session, c):
    got = session.run(Defaults(int, x=c))
    assert type(got) is defaultdict
    assert got.default_factory is int
    assert got["x"].tolist() == [1.0, 2.0]


def test_a_mapping_that_is_no_dict_is_fetched(session, c):
    got = session.run(MappingProxyType({"x": c}))
    assert type(got) is MappingProxyType
    assert got["x"].tolist() == [1.0, 2.0]


def test_structures_that_compare_equal_keep_their_own_types(session, c):
    plain, named = session.run([(c, c)])[0], session.run([Pair(c, c)])[0]
    assert (type(plain), type(named)) == (tuple, Pair)
    assert [type(k) for k in session.run({1: c})] == [int]
    assert [type(k) for k in session.run({True: c})] == [bool]


@pytest.mark.uses("VarHandleOp")
def test_the_handle_of_a_variable_is_fetched_as_bytes(tf, session):
    """Row 34."""
    v = tf.get_variable("v", [2], use_resource=True, initializer=tf.zeros_initializer())
    got = session.run({"handle": v.handle})["handle"]
    assert type(got) is np.ndarray
    assert got.dtype == np.dtype([("resource", "u1", (1,))])


def test_a_variant_cannot_be_fetched(tf, session):
    """Row 35."""
    empty = tf.raw_ops.EmptyTensorList(
        element_shape=[2], max_num_elements=3, element_dtype=tf.float32
    )
    with raises(exact("InternalError", "Tensorflow type 21 not convertible to numpy dtype.")):
        session.run(empty)


def test_of_two_registered_types_the_one_that_came_last_is_asked(session, c):
    class Listed(FetchedOnly):
        """A type that is derived from a registered one, and registered itself."""

    register(Listed, lambda fetch: (fetch.fetches, list))
    one, other = session.run([FetchedOnly([c[0], c[1]]), Listed([c[0], c[1]])])
    assert (one, other) == ((1.0, 2.0), [1.0, 2.0])
