"""tf.gfile and tf.io.gfile: files as programs read, write and find them."""

from __future__ import annotations

import pytest

from evergraph_conformance.messages import core, exact, raises, row

TEXT = "héllo\nzwei\n\nend"


@pytest.fixture
def path(tf, tmp_path):
    """A file with a text of four lines."""
    with tf.gfile.GFile(str(tmp_path / "f"), "w") as file:
        file.write(TEXT)
    return str(tmp_path / "f")


def test_a_text_comes_back(tf, path):
    assert tf.gfile.GFile(path).read() == TEXT
    assert tf.gfile.FastGFile(path, "rb").read() == TEXT.encode()
    assert tf.gfile.Open(path).readlines() == ["héllo\n", "zwei\n", "\n", "end"]
    assert next(tf.io.gfile.GFile(path, "rb")) == "héllo\n".encode()
    assert tf.gfile.GFile(path).size() == len(TEXT.encode())


def test_a_file_is_read_in_parts(tf, path):
    with tf.gfile.GFile(path, "rb") as file:
        file.seek(2)
        assert file.read(2) == b"\xa9l"
        assert file.tell() == 4
        file.seek(-1, 1)
        assert file.readline() == b"llo\n"
        file.seek(-3, 2)
        assert file.read() == b"end"
        assert file.name == path
        assert file.mode == "rb"


def test_a_file_is_added_to(tf, path):
    with tf.gfile.GFile(path, "a") as file:
        file.write("++")
        file.write(b"--")
    assert tf.gfile.GFile(path).read() == f"{TEXT}++--"


def test_folders_and_files_are_found(tf, path, tmp_path):
    folder = str(tmp_path)
    tf.gfile.MakeDirs(f"{folder}/x/y")
    tf.gfile.MakeDirs(f"{folder}/x/y")
    tf.gfile.MkDir(f"{folder}/z")
    assert [tf.gfile.Exists(n) for n in (path, folder, f"{folder}/none", "")] == [True, True, 0, 0]
    assert [tf.gfile.IsDirectory(n) for n in (path, folder)] == [False, True]
    assert sorted(tf.gfile.ListDirectory(folder)) == ["f", "x", "z"]
    assert tf.gfile.Glob(f"{folder}/f*") == [path]
    assert tf.gfile.Glob([f"{folder}/f", f"{folder}/none*"]) == [path]
    assert list(tf.gfile.Walk(folder)) == [
        (folder, ["x", "z"], ["f"]),
        (f"{folder}/x", ["y"], []),
        (f"{folder}/x/y", [], []),
        (f"{folder}/z", [], []),
    ]
    assert [w[0] for w in tf.gfile.Walk(folder, in_order=False)][-1] == folder
    assert list(tf.gfile.Walk(f"{folder}/none")) == []
    found = tf.gfile.Stat(path)
    assert (found.length, found.is_directory) == (len(TEXT.encode()), False)
    assert found.mtime_nsec > 10**18
    assert tf.io.gfile.join("a", "b") == "a/b"


def test_files_are_copied_renamed_and_removed(tf, path, tmp_path):
    other = str(tmp_path / "g")
    tf.gfile.Copy(path, other)
    tf.gfile.Copy(path, other, overwrite=True)
    tf.gfile.Rename(other, path, overwrite=True)
    assert not tf.gfile.Exists(other)
    tf.gfile.Remove(path)
    assert not tf.gfile.Exists(path)
    tf.gfile.MakeDirs(str(tmp_path / "x" / "y"))
    tf.gfile.DeleteRecursively(str(tmp_path / "x"))
    assert not tf.gfile.Exists(str(tmp_path / "x"))


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        row(
            "no file to read",
            lambda g, p: g.GFile(f"{p}0").read(),
            core("NotFoundError", "0; No such file or directory"),
        ),
        row(
            "no folder to write to",
            lambda g, p: g.GFile(f"{p}0/x", "w").write("x"),
            core("NotFoundError", "0/x; No such file or directory"),
        ),
        row(
            "writing to what is read",
            lambda g, p: g.GFile(p).write("x"),
            exact("PermissionDeniedError", "File isn't open for writing"),
        ),
        row(
            "reading what is written",
            lambda g, p: g.GFile(p, "a").read(),
            exact("PermissionDeniedError", "File isn't open for reading"),
        ),
        row(
            "no such mode",
            lambda g, p: g.GFile(p, "x").read(),
            exact("InvalidArgumentError", "mode is not 'r' or 'w' or 'a' or 'r+' or 'w+' or 'a+'"),
        ),
        row(
            "no such whence",
            lambda g, p: g.GFile(p).seek(1, 7),
            exact(
                "InvalidArgumentError", "Invalid whence argument: 7. Valid values are 0, 1, or 2."
            ),
        ),
        row(
            "before the beginning",
            lambda g, p: g.GFile(p).seek(-1),
            exact("InvalidArgumentError", "Seeking to a negative position: -1"),
        ),
        row(
            "writing a number",
            lambda g, p: g.GFile(f"{p}0", "w").write(3),
            exact("TypeError", "Expected binary or unicode string, got 3"),
        ),
        row(
            "listing no folder",
            lambda g, p: g.ListDirectory(f"{p}0"),
            core("NotFoundError", "Could not find directory"),
        ),
        row(
            "copying over a file",
            lambda g, p: g.Copy(p, p),
            exact("AlreadyExistsError", "file already exists"),
        ),
        row(
            "renaming over a file",
            lambda g, p: g.Rename(p, p),
            exact("AlreadyExistsError", "file already exists"),
        ),
        row(
            "removing no file",
            lambda g, p: g.Remove(f"{p}0"),
            core("NotFoundError", "0; No such file or directory"),
        ),
        row(
            "removing no folder",
            lambda g, p: g.DeleteRecursively(f"{p}0"),
            core("NotFoundError", "0 not found"),
        ),
        row(
            "statistics of no file",
            lambda g, p: g.Stat(f"{p}0"),
            core("NotFoundError", "0; No such file or directory"),
        ),
        row(
            "a folder in no folder",
            lambda g, p: g.MkDir(f"{p}0/x"),
            core("NotFoundError", "0/x; No such file or directory"),
        ),
        row(
            "another file system",
            lambda g, _: g.GFile("foo://x").read(),
            core("UnimplementedError", "File system scheme 'foo' not implemented"),
        ),
        row(
            "a name that is none",
            lambda g, _: g.Exists(3),
            exact("TypeError", "Expected binary or unicode string, got 3"),
        ),
    ],
)
def test_what_cannot_be_done_is_an_error(tf, path, call, wanted):
    with raises(wanted):
        call(tf.gfile, path)
