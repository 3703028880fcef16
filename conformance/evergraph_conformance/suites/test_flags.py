"""tf.flags, tf.app and tf.logging: programs and their command lines."""

from __future__ import annotations

import logging
import sys

import pytest

from evergraph_conformance.messages import core, exact, raises, row


@pytest.fixture
def flags(tf):
    """Flags of every kind, apart from those of the program."""
    found = tf.flags.FlagValues()
    given = {"flag_values": found}
    tf.flags.DEFINE_string("s", "d", "a string", **given)
    tf.flags.DEFINE_integer("i", 3, "an integer", lower_bound=0, short_name="n", **given)
    tf.flags.DEFINE_float("f", 0.5, "a float", **given)
    tf.flags.DEFINE_boolean("b", False, "a boolean", **given)
    tf.flags.DEFINE_bool("c", True, "a boolean", **given)
    tf.flags.DEFINE_enum("e", "x", ["x", "y"], "one of two", **given)
    tf.flags.DEFINE_list("l", ["p", "q"], "a list", **given)
    tf.flags.DEFINE_spaceseplist("w", "a b", "words", **given)
    tf.flags.DEFINE_multi_string("ms", ["m"], "strings", **given)
    tf.flags.DEFINE_multi_integer("mi", None, "integers", **given)
    tf.flags.DEFINE_multi_float("mf", [1.0], "floats", **given)
    return found


def test_defaults(flags):
    assert flags(["program"]) == ["program"]
    assert (flags.s, flags.i, flags.f, flags.b, flags.c, flags.e) == ("d", 3, 0.5, False, True, "x")
    assert (flags.l, flags.w, flags.ms, flags.mi, flags.mf) == (
        ["p", "q"],
        ["a", "b"],
        ["m"],
        None,
        [1.0],
    )


@pytest.mark.parametrize(
    ("words", "values", "left"),
    [
        (["--s=q", "-i", "7", "--f", "1e-3"], {"s": "q", "i": 7, "f": 1e-3}, []),
        (["--b", "--noc", "rest"], {"b": True, "c": False}, ["rest"]),
        (["--b=true", "--c=f"], {"b": True, "c": False}, []),
        (["-b", "-s=1"], {"b": True, "s": "1"}, []),
        (["--s", "q", "x", "--i=5"], {"s": "q", "i": 5}, ["x"]),
        (["--", "--s=q"], {"s": "d"}, ["--s=q"]),
        (["-n", "8"], {"i": 8}, []),
        (["--i=0x10"], {"i": 16}, []),
        (["--i=1", "--i=2"], {"i": 2}, []),
        (["--f=inf"], {"f": float("inf")}, []),
        (["--e=y"], {"e": "y"}, []),
        (['--l=a,b,"c,d"'], {"l": ["a", "b", "c,d"]}, []),
        (["--l="], {"l": []}, []),
        (["--w=x y"], {"w": ["x", "y"]}, []),
        (["--ms=1", "--ms=2", "--mi", "4", "--mi=5"], {"ms": ["1", "2"], "mi": [4, 5]}, []),
        (["--undefok=foo", "--foo=1", "-"], {}, ["-"]),
    ],
)
def test_a_command_line_sets_them(flags, words, values, left):
    assert flags(["program", *words]) == ["program", *left]
    assert {name: getattr(flags, name) for name in values} == values


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        row(
            "no boolean",
            ["--b=maybe"],
            exact(
                "IllegalFlagValueError",
                "flag --b=maybe: ('Non-boolean argument to boolean flag', 'maybe')",
            ),
        ),
        row(
            "no integer",
            ["--i=1.5"],
            exact(
                "IllegalFlagValueError",
                "flag --i=1.5: invalid literal for int() with base 10: '1.5'",
            ),
        ),
        row(
            "no float",
            ["--f=x"],
            exact("IllegalFlagValueError", "flag --f=x: could not convert string to float: 'x'"),
        ),
        row(
            "none of a few",
            ["--e=z"],
            exact("IllegalFlagValueError", "flag --e=z: value should be one of <x|y>"),
        ),
        row(
            "out of bounds",
            ["--i=-1"],
            exact("IllegalFlagValueError", "flag --i=-1: -1 is not a non-negative integer"),
        ),
        row("no value", ["--s"], exact("Error", "Missing value for flag --s")),
        row(
            "no flag",
            ["--zzz=1"],
            exact("UnrecognizedFlagError", "Unknown command line flag 'zzz'"),
        ),
        row(
            "a value for no",
            ["--nob=true"],
            exact("ValueError", "--nob=true does not take an argument"),
        ),
    ],
)
def test_a_wrong_command_line_is_refused(flags, words, wanted):
    with raises(wanted):
        flags(["program", *words])


def test_unknown_words_may_be_left(flags):
    words = ["program", "--i=5", "--zz=1", "rest"]
    assert flags(words, known_only=True) == ["program", "--zz=1", "rest"]
    assert flags.i == 5


def test_flags_are_asked_for_and_set(tf, flags):
    with raises(core("UnparsedFlagAccessError", "flags were parsed")):
        print(flags.s)
    flags.s = "new"
    flags(["program"])
    assert flags.s == "new"
    assert (flags["s"].default, flags["s"].help) == ("d", "a string")
    assert "s" in flags
    assert "none" not in flags
    assert flags.flag_values_dict()["i"] == 3
    with raises(exact("IllegalFlagValueError", "flag --i=-5: -5 is not a non-negative integer")):
        flags.i = -5
    with raises(exact("UnrecognizedFlagError", "Unknown command line flag 'none'")):
        flags.none = 1
    with raises(exact("AttributeError", "none")):
        print(flags.none)
    del flags.s
    assert "s" not in flags
    with raises(core("DuplicateFlagError", "The flag 'i' is defined twice.")):
        tf.flags.DEFINE_string("i", "", "again", flag_values=flags)


def test_conditions(tf, flags):
    tf.flags.register_validator("i", lambda v: v % 2, "must be odd", flag_values=flags)
    tf.flags.mark_flag_as_required("mi", flag_values=flags)
    with raises(exact("IllegalFlagValueError", "flag --i=4: must be odd")):
        flags(["program", "--i=4", "--mi=1"])
    flags(["program", "--i=5", "--mi=1"])
    with raises(core("IllegalFlagValueError", "Flag --mi must have a value other than None.")):
        flags.mi = None


def test_a_flag_is_a_value_as_well(tf, flags):
    held = tf.flags.DEFINE_integer("h", 4, "held", flag_values=flags)
    flags(["program", "--h=8"])
    assert (held.name, held.value, held.default) == ("h", 8, 4)


def test_a_program_is_run(tf, monkeypatch):
    tf.flags.DEFINE_integer("conformance_kit_number", 4, "a number")
    seen = []

    def main(argv):
        seen.append((argv, tf.app.flags.FLAGS.conformance_kit_number))
        return 3

    monkeypatch.setattr(sys, "argv", ["me", "--conformance_kit_number=6", "--zz", "x"])
    try:
        with pytest.raises(SystemExit) as ended:
            tf.app.run(main)
    finally:
        del tf.flags.FLAGS.conformance_kit_number
    assert ended.value.code == 3
    assert seen == [(["me", "--zz", "x"], 6)]


# Messages


def test_messages_of_a_level_are_logged(tf, caplog):
    before = tf.logging.get_verbosity()
    try:
        tf.logging.set_verbosity(tf.logging.INFO)
        assert tf.logging.get_verbosity() == tf.logging.INFO == logging.INFO
        tf.logging.debug("no")
        tf.logging.info("a %d", 3)
        tf.logging.warn("b")
        tf.logging.warning("c")
        tf.logging.error("d")
        tf.logging.fatal("e")
        tf.logging.log(tf.logging.INFO, "f")
        tf.logging.log_if(tf.logging.INFO, "g", True)
        tf.logging.log_if(tf.logging.INFO, "no", False)
        for i in range(5):
            tf.logging.log_every_n(tf.logging.INFO, "every %d", 2, i)
        tf.logging.set_verbosity(tf.logging.ERROR)
        tf.logging.warning("no")
    finally:
        tf.logging.set_verbosity(before)
    said = [(r.levelname, r.getMessage()) for r in caplog.records if r.name == "tensorflow"]
    assert said == [
        ("INFO", "a 3"),
        ("WARNING", "b"),
        ("WARNING", "c"),
        ("ERROR", "d"),
        ("CRITICAL", "e"),
        ("INFO", "f"),
        ("INFO", "g"),
        ("INFO", "every 0"),
        ("INFO", "every 2"),
        ("INFO", "every 4"),
    ]
