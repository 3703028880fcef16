"""`python -m evergraph run`: a program for TensorFlow 1 runs as under plain Python."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap

import pytest


def python(*arguments, cwd, **environment):
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def run(tmp_path):
    """Write a script and run it."""

    def run(code, *arguments, options=(), **environment):
        script = tmp_path / "script.py"
        script.write_text(textwrap.dedent(code))
        command = ("-m", "evergraph", "run", *options, "script.py", *arguments)
        return python(*command, cwd=tmp_path, **environment)

    return run


def test_a_script_runs_unmodified(run):
    done = run(
        """
        import tensorflow as tf
        from tensorflow.python.framework import ops
        import tensorflow.compat.v1 as tf1
        import tensorflow.python.ops.array_ops as array_ops

        x = tf.placeholder(tf.float32, [None], name="x")
        y = tf.nn.relu(array_ops.identity(x))
        with tf1.Session() as sess:
            print(sess.run(y, {x: [-1.0, 2.0]}), tf.__version__, isinstance(y, ops.Tensor))
        """
    )
    assert (done.stdout, done.stderr) == ("[0. 2.] 1.15.5 True\n", "")


@pytest.mark.parametrize(
    "code",
    [
        "import sys; print(sys.argv, sys.path[0], __name__, __file__, __package__, __spec__)",
        "import __main__; x = 3; print(__main__.x, __builtins__.abs(-1), __doc__)",
        "raise SystemExit(3)",
        "raise SystemExit('a message')",
        "import sys; sys.exit()",
        "def f():\n    raise ValueError('no')\nf()",
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise ValueError from error",
        "x = (",
        "import nothing_of_that_name",
        "import sys; sys.excepthook = lambda kind, e, tb: print(kind, tb.tb_lineno)\nint('x')",
        "import atexit; atexit.register(print, 'the end')\nint('x')",
        "import threading; threading.Timer(0.1, print, ['late']).start()",
        "import os; os._exit(7)",
        "import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))) is A)",
    ],
)
def test_a_script_ends_and_prints_as_under_python(run, tmp_path, code):
    found = run(code, "--backend", "a b")
    expected = python("script.py", "--backend", "a b", cwd=tmp_path)
    assert found.returncode == expected.returncode
    assert found.stdout == expected.stdout
    assert found.stderr == expected.stderr


@pytest.mark.skipif(os.name == "nt", reason="processes end by signals on POSIX")
def test_an_interrupt_ends_a_script_by_its_signal(run):
    done = run("raise KeyboardInterrupt")
    assert done.returncode == -signal.SIGINT
    assert done.stderr.splitlines()[-1] == "KeyboardInterrupt"
    assert "evergraph" not in done.stderr


def test_a_module_runs_as_under_python(tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    package.joinpath("__init__.py").write_text("")
    package.joinpath("__main__.py").write_text(
        "import sys; from . import other; print(__name__, __package__, __spec__.name, sys.argv)"
    )
    package.joinpath("other.py").write_text("import sys; print(__name__, sys.path[0])")
    for module in ("package", "package.other", "package.missing", "nothing"):
        found = python("-m", "evergraph", "run", "-m", module, "-x", cwd=tmp_path)
        expected = python("-m", module, "-x", cwd=tmp_path)
        assert (found.returncode, found.stdout) == (expected.returncode, expected.stdout)


def test_a_script_that_is_not_there(run, tmp_path):
    done = python("-m", "evergraph", "run", "absent.py", cwd=tmp_path)
    assert done.returncode == 2
    assert "No such file or directory" in done.stderr


BACKEND = """
import tensorflow as tf
with tf.Session() as sess:
    print({n.where for n in sess.explain(tf.random_uniform([2])).nodes} & {"numpy", "jax"})
"""


@pytest.mark.parametrize(
    ("options", "backend"), [(("--backend", "jax"), "jax"), (("--backend=numpy",), "numpy")]
)
def test_the_backend_is_the_one_asked_for(run, options, backend):
    done = run(BACKEND, options=options, EVERGRAPH_BACKEND="other")
    assert done.stdout == f"{{'{backend}'}}\n", done.stderr


def test_a_backend_that_is_not_there_is_an_error(run):
    done = run("print('ran')", options=("--backend", "abacus"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "no backend 'abacus'; installed: " in done.stderr


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import tensorflow.keras", "evergraph has no tf.keras: use tf.layers"),
        ("from tensorflow import keras", "evergraph has no tf.keras: use tf.layers"),
        ("import tensorflow.contrib.nccl as l", "evergraph has no tf.contrib.nccl: add"),
        ("from tensorflow.contrib import nccl", "evergraph has no tf.contrib.nccl: add"),
        ("import tensorflow as tf; tf.contrib.nccl", "evergraph has no tf.contrib.nccl: add"),
        ("import tensorflow.contrib.slim as s; s.nets", "the networks are in the package tf_slim"),
        ("import tensorflow as tf; tf.pack", "evergraph has no tf.pack: use tf.stack"),
        (
            "import tensorflow as tf; tf.contrib.learn.Estimator",
            "tf.train.MonitoredTrainingSession",
        ),
        ("import tensorflow as tf; tf.reduce_summ", "Did you mean reduce_sum"),
        ("import tensorflow as tf; tf.estimator.Estimator", "evergraph has no tf.estimator: "),
    ],
)
def test_what_is_missing_says_what_to_use(run, code, message):
    done = run(code)
    assert done.returncode == 1
    assert message in done.stderr.splitlines()[-1]


def test_a_tensorflow_that_is_installed_is_not_imported(run, tmp_path):
    tmp_path.joinpath("tensorflow.py").write_text("raise RuntimeError('imported')")
    assert run("import tensorflow as tf; print(tf.constant(1.0))").returncode == 0


def test_contrib_is_imported_as_in_tensorflow(run):
    done = run(
        "import tensorflow as tf\n"
        "import tensorflow.contrib.slim as slim\n"
        "from tensorflow.contrib import layers, rnn\n"
        "from tensorflow.contrib.layers import xavier_initializer\n"
        "from tensorflow.contrib.layers.python.layers import batch_norm\n"
        "from tensorflow.contrib.training import HParams\n"
        "with slim.arg_scope([layers.conv2d], padding='VALID'):\n"
        "    print(tf.contrib.layers.conv2d(tf.zeros([1, 4, 4, 1]), 2, 3).shape)\n"
        "print(rnn.BasicLSTMCell(3).output_size, HParams(a=1).a)\n"
    )
    assert (done.returncode, done.stdout) == (0, "(1, 2, 2, 2)\n3 1\n"), done.stderr


def test_all_names_come_with_a_star(run):
    done = run("from tensorflow import *\nprint(placeholder(float32).dtype)")
    assert (done.returncode, done.stdout) == (0, "<dtype: 'float32'>\n"), done.stderr


CHECKED = """\
import tensorflow as tf
import tensorflow.contrib.summary as summary
from tensorflow.python.ops import array_ops, other_ops
from numpy import array

nn = tf.nn
y = nn.relu(tf.zeros([2]).name) + nn.rellu(1) + array.x
tf.train.Saver.nothing
tf.keras.layers.Dense(3)
summary.scalar()
"""


def test_check_lists_what_a_script_lacks_with_its_lines(tmp_path):
    tmp_path.joinpath("script.py").write_text(CHECKED)
    done = python("-m", "evergraph", "check", "script.py", cwd=tmp_path)
    assert done.returncode == 1
    *lines, summary = done.stdout.splitlines()
    assert [line.partition(": use")[0] for line in lines] == [
        "script.py:2: evergraph has no tf.contrib.summary",
        "script.py:3: evergraph has no tf.python.ops.other_ops",
        "script.py:7: evergraph has no tf.nn.rellu",
        "script.py:8: evergraph has no tf.train.Saver.nothing",
        "script.py:9: evergraph has no tf.keras.layers.Dense",
        "script.py:10: evergraph has no tf.contrib.summary.scalar",
    ]
    assert summary.endswith("6 places lack theirs")


def test_check_is_content_with_a_script_that_lacks_nothing(tmp_path):
    tmp_path.joinpath("script.py").write_text("import tensorflow as tf\ntf.add(1, 2)\n")
    done = python("-m", "evergraph", "check", "script.py", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (
        0,
        "2 names of TensorFlow's in 2 places; 0 places lack theirs\n",
    )
