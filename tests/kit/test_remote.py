"""Sessions of a server in another process: the kit passes through `grpc://`."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytest.importorskip("grpc", reason="targets of other processes need grpcio")

#: What a push runs of the kit; the long tests run all of it.
SUITES = {
    "numpy": (
        "aliasing callable callable_options feed feed_keys fetch import models page_run "
        "page_session partial_run placement queues random readers run_errors session_life "
        "tensor_handles tracing variable_sharing variables"
    ),
    "jax": "callable feed partial_run tensor_handles variable_sharing",
}


@pytest.mark.parametrize("backend", list(SUITES))
def test_the_kit_passes_on_a_server(backend, kit, sample):
    if backend != "numpy":
        pytest.importorskip(backend, reason=f"{backend} is not installed")
    suites = [] if sample.long else [f"--suite={suite}" for suite in SUITES[backend].split()]
    done = kit(backend, "--target=grpc", *suites)
    assert not done.returncode, done.stdout[-4000:]


def test_the_kit_passes_on_a_server_of_its_process():
    program = (
        "import sys, evergraph.v1 as tf\n"
        "from evergraph_conformance.__main__ import main\n"
        "server = tf.train.Server.create_local_server()\n"
        "sys.exit(main(['numpy', f'--target={server.target}', '--suite=partial_run',\n"
        "               '--suite=feed', '--suite=tensor_handles', '--suite=run_errors']))\n"
    )
    path = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert not done.returncode, done.stdout[-4000:]
