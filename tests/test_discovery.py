"""Finding backends and plugins, and what is said when one is missing, broken or too new."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

import evergraph
import evergraph.v1 as tf
from evergraph import discovery

BACKEND = """
from evergraph.plugin import Backend, BackendInfo, hookimpl, numpy_table

class Mine(Backend):
    name = "mine"
    table = numpy_table()

@hookimpl
def evergraph_backend(config):
    return Mine(config)
"""
MINE = "[evergraph.backends]\nmine = my_backend\n"


def open_session(backend):
    with tf.Graph().as_default():
        return tf.Session(config=tf.ConfigProto(backend=backend))


def test_a_backend_of_another_distribution_runs_a_graph(install):
    install("my-backend", MINE, BACKEND)
    with tf.Graph().as_default(), tf.Session(config=tf.ConfigProto(backend="mine")) as sess:
        assert sess.run(tf.constant(2.0) * 3.0) == 6.0


def test_the_backend_of_the_environment_is_the_default(install, monkeypatch):
    install("my-backend", MINE, BACKEND)
    monkeypatch.setenv("EVERGRAPH_BACKEND", "mine")
    with open_session("") as sess:
        assert sess._engine.backend.name == "mine"
    with open_session("numpy") as sess:
        assert sess._engine.backend.name == "numpy"


def test_a_misspelt_backend_is_not_found():
    with pytest.raises(evergraph.errors.BackendNotFoundError) as caught:
        open_session("jx")
    assert isinstance(caught.value, tf.errors.NotFoundError)
    installed = ", ".join(discovery.backend_names())
    assert {"jax", "numpy"} <= set(discovery.backend_names())
    assert caught.value.message == f"no backend 'jx'; installed: {installed}. Did you mean 'jax'?"


def test_a_backend_offered_twice_is_refused(install):
    install("my-backend", MINE, BACKEND)
    install("other-backend", MINE, BACKEND)
    with pytest.raises(tf.errors.FailedPreconditionError) as caught:
        open_session("mine")
    assert "is offered by" in caught.value.message
    assert "my-backend 1.0" in caught.value.message
    assert "other-backend 1.0" in caught.value.message


def test_a_backend_that_does_not_load_names_its_distribution(install):
    install("my-backend", MINE, "import no_such_library\n")
    with pytest.raises(tf.errors.FailedPreconditionError) as caught:
        open_session("mine")
    assert "plugin 'mine' of my-backend 1.0" in caught.value.message
    assert "No module named 'no_such_library'" in caught.value.message


def test_a_backend_that_cannot_start_says_how_to_mend_it(install):
    code = """
from evergraph.plugin import BackendInfo, hookimpl

@hookimpl
def evergraph_backend(config):
    raise RuntimeError("no device")

@hookimpl
def evergraph_backend_info():
    return BackendInfo(available=False, reason="no device", remedy="plug one in")
"""
    install("my-backend", MINE, code)
    with pytest.raises(tf.errors.FailedPreconditionError) as caught:
        open_session("mine")
    assert "cannot start: RuntimeError: no device. To mend it: plug one in" in caught.value.message


def test_a_hook_that_gives_no_backend_is_refused(install):
    code = BACKEND.replace("return Mine(config)", "return 3")
    install("my-backend", MINE, code)
    with pytest.raises(tf.errors.FailedPreconditionError, match="gave int, not an"):
        open_session("mine")


@pytest.mark.parametrize(
    ("version", "upgrade"), [((2, 0), "evergraph"), ((1, 99), "evergraph"), ((0, 9), "my-backend")]
)
def test_a_backend_of_another_version_of_the_contract_is_refused(install, version, upgrade):
    code = BACKEND.replace('name = "mine"', f'name = "mine"; api_version = {version}')
    install("my-backend", MINE, code)
    with pytest.raises(tf.errors.FailedPreconditionError) as caught:
        open_session("mine")
    assert f"version {version[0]}.{version[1]} of the backend contract" in caught.value.message
    assert caught.value.message.endswith(f"pip install --upgrade {upgrade}")


@pytest.mark.parametrize(("version", "upgrade"), [((1, 99), "evergraph"), ((0, 9), "my-ops")])
def test_a_plugin_of_another_version_of_the_contract_is_refused(install, version, upgrade):
    code = f"evergraph_api_version = {version}\n"
    install("my-ops", "[evergraph.plugins]\nmine = my_ops\n", code)
    with pytest.raises(tf.errors.FailedPreconditionError) as caught:
        discovery.step_observers()
    said = f"plugin 'mine' of my-ops 1.0 was written for version {version[0]}.{version[1]} of the "
    assert caught.value.message.startswith(f"{said}plugin contract")
    assert caught.value.message.endswith(f"pip install --upgrade {upgrade}")


def test_plugins_can_be_limited(install, monkeypatch):
    install("my-backend", MINE, BACKEND)
    monkeypatch.setenv("EVERGRAPH_PLUGINS", "trace")
    discovery.forget()
    with pytest.raises(tf.errors.FailedPreconditionError, match="EVERGRAPH_PLUGINS='trace'"):
        open_session("mine")


def test_broken_backends_are_listed_as_unavailable(install):
    install("my-backend", MINE, "import no_such_library\n")
    listed = {b.name: b for b in evergraph.backends()}
    assert listed["numpy"].info.available
    assert not listed["mine"].info.available
    assert "no_such_library" in listed["mine"].info.reason


def test_a_plugin_brings_an_op_with_its_signature(install):
    code = """
from evergraph.plugin import hookimpl
from evergraph.protos import OpDef

def scaled(xp, x, *, factor):
    return x * xp.asarray(factor, dtype=x.dtype)

@hookimpl
def evergraph_register_ops(registry):
    signature = OpDef(name="MyScaled")
    signature.input_arg.add(name="x", type_attr="T")
    signature.output_arg.add(name="y", type_attr="T")
    signature.attr.add(name="T", type="type")
    signature.attr.add(name="factor", type="float")
    registry.define("MyScaled", scaled, shape=lambda x, *, factor: x, op_def=signature)
"""
    install("my-ops", "[evergraph.plugins]\nmine = my_ops\n", code)
    program = (
        "import evergraph.v1 as tf\n"
        "for backend in ('numpy', 'jax'):\n"
        "    with tf.Graph().as_default():\n"
        "        y = tf.raw_ops.MyScaled(x=tf.constant([1.0, 2.0]), factor=3.0)\n"
        "        assert y.shape == [2]\n"
        "        with tf.Session(config=tf.ConfigProto(backend=backend)) as sess:\n"
        "            print(sess.run(y))\n"
    )
    # In a process of its own: what an op's definition adds to the registry stays there.
    path = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": path, "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "[3. 6.]\n[3. 6.]\n", done.stderr


def test_a_fetched_array_of_the_numpy_backend_is_writable(install):
    install("my-backend", MINE, BACKEND)
    with tf.Graph().as_default(), tf.Session(config=tf.ConfigProto(backend="mine")) as sess:
        got = sess.run(tf.constant([1.0, 2.0]))
    got += 1
    np.testing.assert_array_equal(got, [2.0, 3.0])


def test_what_is_fed_is_computed_by_the_kernels_of_the_backend(install):
    code = """
import numpy as np
from evergraph.plugin import Backend, hookimpl, numpy_table

class Array:
    def __init__(self, value):
        self.value, self.shape, self.dtype = np.array(value), np.shape(value), value.dtype

class Mine(Backend):
    name = "mine"
    table = numpy_table() | {"Neg": lambda x: Array(x.value - 100)}

    def from_host(self, value):
        return Array(value)

    def to_host(self, value):
        return value.value[()]

@hookimpl
def evergraph_backend(config):
    return Mine(config)
"""
    install("my-backend", MINE, code)
    with tf.Graph().as_default(), tf.Session(config=tf.ConfigProto(backend="mine")) as sess:
        x = tf.placeholder(tf.float32, [])
        assert sess.run(-x, {x: 1.0}) == -99.0
        handle = sess.run(tf.get_session_handle(-x), {x: 2.0})
        assert handle.eval() == -98.0
