"""Files that nodes read and write whole, and find by patterns."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises, row

pytestmark = pytest.mark.uses("ReadFile", "WriteFile", "MatchingFiles")


def open_strings(tf, value):
    """Strings of a shape that is not known before they are there."""
    return tf.placeholder_with_default(tf.constant(value), None)


# Reading and writing


def test_a_file_is_read_whole(tf, session, tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"one\n\x00two\x00")
    # Of a constant name, a file may be read once for all steps.
    name = tf.placeholder(tf.string, [])
    contents = tf.read_file(name)
    assert contents.shape == ()
    assert session.run(contents, {name: str(path)}) == b"one\n\x00two\x00"
    path.write_bytes(b"")
    assert session.run(contents, {name: str(path)}) == b""


def test_a_file_is_written_with_its_folders(tf, session, tmp_path):
    path = tmp_path / "new" / "deep" / "a"
    contents = tf.placeholder(tf.string, [])
    write = tf.write_file(str(path), contents)
    assert session.run(write, {contents: b"long\x00"}) is None
    assert path.read_bytes() == b"long\x00"
    session.run(write, {contents: "x"})
    assert path.read_bytes() == b"x"


def test_a_file_is_read_after_it_is_written(tf, session, tmp_path):
    name = str(tmp_path / "a")
    with tf.control_dependencies([tf.write_file(name, "x")]):
        read = tf.io.read_file(name)
    assert session.run(read) == b"x"


def test_missing_files_and_folders_are_said_to_be(tf, session, tmp_path):
    """Row 224."""
    folder, name = str(tmp_path), str(tmp_path / "a")
    session.run(tf.write_file(name, "x"))
    for made, wanted in [
        (
            tf.read_file("/nonexistent/x"),
            exact("NotFoundError", "/nonexistent/x; No such file or directory"),
        ),
        (tf.read_file(""), exact("NotFoundError", "; No such file or directory")),
        (tf.write_file("", "x"), exact("NotFoundError", "; No such file or directory")),
        (tf.read_file(folder), exact("FailedPreconditionError", f"{folder}; Is a directory")),
        (tf.write_file(folder, "x"), exact("FailedPreconditionError", f"{folder}; Is a directory")),
        (
            tf.read_file(f"{name}/x"),
            exact("FailedPreconditionError", f"{name}/x; Not a directory"),
        ),
        (
            tf.write_file(f"{name}/x", "x"),
            exact("FailedPreconditionError", f"{name}/x; Not a directory"),
        ),
    ]:
        with raises(wanted):
            session.run(made)
    assert session.run(tf.read_file(name)) == b"x"


def test_names_and_contents_are_scalars(tf, session, tmp_path):
    name = str(tmp_path / "a")
    several = open_strings(tf, ["x", "y"])
    for made, what in [
        (tf.read_file(several), "Input filename"),
        (tf.write_file(several, "x"), "Input filename"),
        (tf.write_file(name, several), "Contents"),
    ]:
        text = f"{what} tensor must be scalar, but had shape: [2]"
        with raises(exact("InvalidArgumentError", text)):
            session.run(made)


# Patterns

NAMES = (
    ".hidden",
    "A.txt",
    "a.txt",
    "a[1].txt",
    "b.txt",
    "c.dat",
    "star*",
    "sub/.h",
    "sub/a.txt",
    "sub/deep/a.txt",
    "sub2/a.txt",
)

PATTERNS = {
    "*": ".hidden A.txt a.txt a[1].txt b.txt c.dat star* sub sub2",
    "**": ".hidden A.txt a.txt a[1].txt b.txt c.dat star* sub sub2",
    "*.txt": "A.txt a.txt a[1].txt b.txt",
    "a*t": "a.txt a[1].txt",
    "?.txt": "A.txt a.txt b.txt",
    "[ab].txt": "a.txt b.txt",
    "[a-b].txt": "a.txt b.txt",
    "[!a].txt": "A.txt b.txt",
    "[^a].txt": "A.txt b.txt",
    "[]a].txt": "a.txt",
    "[[:alpha:]].txt": "A.txt a.txt b.txt",
    "[[:upper:]].txt": "A.txt",
    "a[1].txt": "",
    r"a\[1\].txt": "a[1].txt",
    r"star\*": "star*",
    "*\\": "",
    "[": "",
    "[a": "",
    "{a,b}.txt": "",
    ".*": ".hidden",
    "a.txt": "a.txt",
    "./a.txt": "./a.txt",
    "sub": "sub",
    "sub/": "sub/",
    "sub/*": "sub/.h sub/a.txt sub/deep",
    "sub/*/": "sub/.h sub/a.txt sub/deep",
    "sub//*": "",
    "*/a.txt": "sub/a.txt sub2/a.txt",
    "*/*": "sub/.h sub/a.txt sub/deep sub2/a.txt",
    "*/deep/*": "sub/deep/a.txt",
    "s*/../a.txt": "",
    "a.txt/*": "",
    "nope": "",
    "nope/*": "",
}


@pytest.fixture
def folder(tmp_path):
    """A folder of empty files."""
    for name in NAMES:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return tmp_path


def test_patterns_find_files_and_folders(tf, session, folder):
    pattern = tf.placeholder(tf.string, [])
    names = tf.matching_files(pattern)
    assert names.shape.as_list() == [None]
    start = f"{folder}/"
    found = {p: session.run(names, {pattern: start + p}) for p in PATTERNS}
    shown = {p: " ".join(n.decode().removeprefix(start) for n in f) for p, f in found.items()}
    assert shown == PATTERNS
    assert found["*"].dtype == object


def test_several_patterns_may_find_a_file_twice(tf, session, folder):
    names = tf.io.matching_files([f"{folder}/b*", f"{folder}/a*", f"{folder}/a.txt"])
    shown = [n.decode().rpartition("/")[2] for n in session.run(names)]
    assert shown == ["a.txt", "a.txt", "a[1].txt", "b.txt"]
    assert session.run(tf.matching_files(tf.constant([], tf.string))).shape == (0,)


@pytest.mark.needs("in_process")
def test_a_pattern_may_be_relative(tf, session, folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert session.run(tf.matching_files("c.*")).tolist() == [b"./c.dat"]
    assert session.run(tf.matching_files("sub2/*")).tolist() == [b"sub2/a.txt"]
    assert session.run(tf.matching_files("c.dat")).tolist() == [b"c.dat"]


def test_patterns_are_at_most_a_vector(tf, session):
    text = "Input patterns tensor must be scalar or vector, but had shape: [1,2]"
    with raises(exact("InvalidArgumentError", text)):
        session.run(tf.matching_files(open_strings(tf, [["a", "b"]])))


def test_files_are_looked_for_once(tf, session, folder):
    names = tf.train.match_filenames_once(f"{folder}/?.txt")
    assert names in tf.local_variables()
    session.run(tf.local_variables_initializer())
    (folder / "z.txt").touch()
    shown = [n.decode().rpartition("/")[2] for n in session.run(names)]
    assert shown == ["A.txt", "a.txt", "b.txt"]


@pytest.mark.parametrize(
    ("make", "scheme"),
    [
        row("read", lambda tf, name: tf.read_file(name), "nothing"),
        row("write", lambda tf, name: tf.write_file(name, "x"), "nothing"),
        row("match", lambda tf, name: tf.matching_files(name), "nothing"),
    ],
)
def test_other_file_systems_are_not_there(tf, session, make, scheme):
    with raises(core("UnimplementedError", f"File system scheme '{scheme}' not implemented")):
        session.run(make(tf, f"{scheme}://there/x"))


def test_a_name_may_be_a_url(tf, session, tmp_path):
    session.run(tf.write_file(f"file://{tmp_path}/a", "x"))
    assert session.run(tf.read_file(f"file://{tmp_path}/a")) == b"x"
    assert np.array_equal(session.run(tf.matching_files(f"file://{tmp_path}/nope*")), [])
