"""Rows of sessions whose steps run on a server in another process of this machine."""

from __future__ import annotations

import atexit
import subprocess
import sys
from functools import cache
from typing import Any, Final

import numpy as np
from rows import Api, Row, Size, Step

#: A server of either implementation; it may use every core.
_SERVER: Final = """
import os, sys
from importlib import import_module
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, range(os.cpu_count()))
tf = import_module(sys.argv[1])
tf.disable_v2_behavior()
config = tf.ConfigProto.FromString(bytes.fromhex(sys.argv[2]))
server = tf.train.Server.create_local_server(config)
print(server.target, flush=True)
sys.stdin.read()
os._exit(0)
"""


@cache
def target(module: str, config: str) -> str:
    """Return the target of a server that ends with this process."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER, module, config],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(process.kill)
    assert process.stdout is not None
    return process.stdout.readline().strip()


def connected(api: Api, shape: list[int | None]) -> tuple[Any, Any, Any]:
    """Return a session of a server, a placeholder, and twice what is fed to it."""
    tf = api.tf
    graph = tf.Graph()
    with graph.as_default():
        x = tf.placeholder(tf.float32, shape)
        y = x * 2.0
    where = target(tf.__name__, api.config.SerializeToString().hex())
    return tf.Session(where, graph=graph), x, y


def small_step(api: Api, size: Size) -> Step:
    session, x, y = connected(api, [])
    return lambda: session.run(y, {x: 3.0})


def large_feed(api: Api, size: Size) -> Step:
    session, x, y = connected(api, [None])
    with session.graph.as_default():
        first = y[0]
    value = np.ones(size.transfer, np.float32)
    return lambda: session.run(first, {x: value})


def large_fetch(api: Api, size: Size) -> Step:
    session, x, y = connected(api, [None])
    value = np.ones(size.transfer, np.float32)
    return lambda: session.run(y, {x: value})


ROWS: Final = (
    Row(
        "remote-small",
        "a scalar product on a server in another process (wall time)",
        small_step,
        targets={"numpy": 1.0, "jax": 1.0},
        clock="wall",
    ),
    Row(
        "remote-feed",
        "feed 4 MB to such a server (wall time)",
        large_feed,
        targets={"numpy": 1.0, "jax": 1.0},
        clock="wall",
    ),
    Row(
        "remote-both",
        "feed 4 MB to such a server and fetch 4 MB (wall time)",
        large_fetch,
        clock="wall",
    ),
)
