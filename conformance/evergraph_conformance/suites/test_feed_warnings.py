"""Fed values that lose something in the cast: a warning where they are fed, or an error."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pytest

from evergraph import EvergraphFeedWarning
from evergraph_conformance.messages import core, exact, raises, row

pytestmark = [
    pytest.mark.uses("AddV2", "Identity"),
    pytest.mark.filterwarnings("error::evergraph.EvergraphFeedWarning"),
]

LOSSES = [
    row("51 int64 array", "int32", np.array([2**32]), "integers that are out of range wrap around"),
    row("52 list", "int32", [1, 2**32], "integers that are out of range wrap around"),
    row("NumPy scalar", "int32", np.int64(2**40), "integers that are out of range wrap around"),
    row("sign", "uint8", [-1], "integers that are out of range wrap around"),
    row("46 float", "int32", 2.7, "what is no integer in range is cut off"),
    row("47 floats", "int32", [2.0, 2.7], "what is no integer in range is cut off"),
    row("NaN for int", "int32", np.array([np.nan]), "what is no integer in range is cut off"),
    row("59 complex", "float32", 1 + 2j, "imaginary parts are dropped"),
    row("complex array", "float32", np.array([1 + 2j]), "imaginary parts are dropped"),
    row("55 None", "float32", None, "None becomes NaN"),
    row("None in a list", "float32", [1.0, None], "None becomes NaN"),
]


@pytest.mark.parametrize(("dtype", "value", "what"), LOSSES)
def test_a_value_that_loses_something_is_warned_of(tf, session, dtype, value, what):
    p = tf.placeholder(dtype, name="p")
    text = f"A value fed to p:0 does not fit its type, {dtype}: {what}."
    with pytest.warns(EvergraphFeedWarning) as caught:
        session.run(tf.identity(p), {p: value})
    assert [str(w.message)[: len(text)] for w in caught] == [text]


@pytest.mark.parametrize(("dtype", "value", "what"), LOSSES)
def test_or_is_refused_when_the_session_is_strict(tf, dtype, value, what):
    p = tf.placeholder(dtype, name="p")
    config = tf.ConfigProto(backend_options={"feeds": "strict"})
    text = f"A value fed to p:0 does not fit its type, {dtype}: {what}."
    with tf.Session(config=config) as strict:
        for run in (
            lambda: strict.run(tf.identity(p), {p: value}),
            lambda: strict.make_callable(tf.identity(p), [p])(value),
            lambda: strict.run(p, {p: value}),
        ):
            with raises(exact("InvalidArgumentError", text)) as caught:
                run()
            assert caught.value.op is p.op
        assert strict.run(tf.identity(p), {p: np.ones([1], dtype)}).tolist() == [1]


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        row("57 rounding", "float32", np.array([1.1])),
        row("50 large int", "float32", 2**24 + 1),
        row("whole floats", "int32", [2.0, -3.0]),
        row("real", "float32", [1 + 0j]),
        row("NaN", "float32", [np.nan]),
        row("digits", "float32", ["1.5", "2"]),
        row("bool", "int32", [True]),
        row("numbers as bool", "bool", [2, 0]),
        row("complex as bool", "bool", [1j]),
        row("in range", "uint8", np.array([0, 255])),
        row("int for complex", "complex64", [1]),
    ],
)
def test_what_loses_nothing_is_taken_in_silence(tf, session, dtype, value):
    p = tf.placeholder(dtype)
    session.run(tf.identity(p), {p: value})


def test_the_warning_is_shown_once_for_each_line_that_feeds(tf, session):
    p = tf.placeholder(tf.int32, [], name="p")
    more = p + 1
    function = session.make_callable(more, [p])
    handle = session.partial_run_setup([more], [p])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for value in (1.5, 2.5, 3.5):
            assert session.run(more, {p: value}) == int(value) + 1
            first = _line()
            assert function(value) == int(value) + 1
            assert more.eval({p: value}, session) == int(value) + 1
        session.partial_run(handle, more, {p: 1.5})
        last = _line()
    lines = [(w.filename, w.lineno) for w in caught]
    assert lines == [(__file__, n) for n in (first - 1, first + 1, first + 2, last - 1)]


def _line() -> int:
    return sys._getframe(1).f_lineno


def test_another_mode_is_refused(tf):
    config = tf.ConfigProto(backend_options={"feeds": "lax"})
    with raises(core("InvalidArgumentError", "backend_options['feeds'] = 'lax': one of strict")):
        tf.Session(config=config)
