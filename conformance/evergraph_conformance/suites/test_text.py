"""Strings that are joined, and compared with patterns."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.messages import raises, row, typed

pytestmark = pytest.mark.uses("StringJoin", "StaticRegexFullMatch")


@pytest.mark.parametrize(
    ("inputs", "separator", "wanted"),
    [
        row("scalars", ["a", "b", "c"], "", b"abc"),
        row("one", ["a"], "-", b"a"),
        row("separator", ["a", "", "c"], ", ", b"a, , c"),
        row("vectors", [["a", "b"], ["c", "d"]], "/", [b"a/c", b"b/d"]),
        row("scalar and vector", ["a", ["b", "c"], "d"], "", [b"abd", b"acd"]),
        row("matrix", [[["a"], ["b"]], "x"], "", [[b"ax"], [b"bx"]]),
        row("empty", [[], "x"], "", []),
    ],
)
def test_strings_are_joined(tf, run, inputs, separator, wanted):
    tensors = [tf.constant(i, tf.string) for i in inputs]
    joined = tf.raw_ops.StringJoin(inputs=tensors, separator=separator)
    assert joined.shape.as_list() == list(np.shape(wanted))
    assert np.asarray(run(joined), object).tolist() == wanted


def test_shapes_that_do_not_fit_are_not_joined(tf, run):
    one, other = tf.constant(["a", "b"]), tf.constant(["a", "b", "c"])
    with raises(typed("ValueError")):
        tf.raw_ops.StringJoin(inputs=[one, other])
    unknown = tf.placeholder_with_default(other, None)
    with raises(typed("InvalidArgumentError")):
        run(tf.raw_ops.StringJoin(inputs=[one, unknown]))


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        row("text", "ab", [True, False, False, False]),
        row("start", "a.*", [True, True, False, False]),
        row("no lines", "(?s)a.*", [True, True, True, False]),
        row("empty", "", [False, False, False, True]),
        row("end", r"ab1?\z", [True, True, False, False]),
        row("class", "[[:alpha:]]+|", [True, False, False, True]),
    ],
)
def test_strings_match_a_pattern_as_a_whole(tf, run, pattern, wanted):
    texts = tf.constant([b"ab", b"ab1", b"a\nb", b""])
    found = tf.raw_ops.StaticRegexFullMatch(input=texts, pattern=pattern)
    assert run(found).tolist() == wanted
    one = tf.raw_ops.StaticRegexFullMatch(input="ab", pattern="ab")
    assert one.shape == ()
    assert run(one)


def test_what_is_no_pattern_is_an_error(tf, run):
    with raises(typed("InvalidArgumentError")):
        run(tf.raw_ops.StaticRegexFullMatch(input="ab", pattern="("))
