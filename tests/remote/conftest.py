"""Servers and clients in processes of their own, on this machine's loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from evergraph import discovery

pytest.importorskip("grpc", reason="targets of other processes need grpcio")


class Process:
    """A process that prints what the test waits for, line by line."""

    def __init__(self, *command: str, **environment: str) -> None:
        path = os.pathsep.join(p for p in sys.path if p)
        self.process = subprocess.Popen(
            [sys.executable, *command],
            env=os.environ | {"PYTHONPATH": path} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        """Return the next line that it prints."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            assert self.process.stderr is not None
            pytest.fail(f"the process has ended: {self.process.stderr.read()}")
        return line.strip()

    def end(self, how: int = signal.SIGKILL) -> int:
        """Send a signal; return the exit status."""
        self.process.send_signal(how)
        return self.wait()

    def wait(self) -> int:
        """Return the exit status."""
        return self.process.wait(30)

    def said(self) -> str:
        """Return what it has written to its standard error, when it has ended."""
        assert self.process.stderr is not None
        return self.process.stderr.read()


Start = Callable[..., Process]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a process; it ends with the test."""
    started: list[Process] = []

    def start(*command: str, **environment: str) -> Process:
        started.append(Process(*command, **environment))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
        each.process.communicate()


@pytest.fixture
def serve(start: Start) -> Callable[..., Any]:
    """Start a server; return its process and its target."""

    def serve(*arguments: str, **environment: str) -> tuple[Process, str]:
        server = start("-m", "evergraph", "serve", *arguments, **environment)
        return server, server.line()

    return serve


@pytest.fixture
def client(start: Start) -> Callable[..., Process]:
    """Start a client: a program for which `tf` and `target` are defined."""

    def client(target: str, program: str) -> Process:
        head = f"import evergraph.v1 as tf\ntarget = {target!r}\n"
        return start("-c", head + textwrap.dedent(program))

    return client


@pytest.fixture(scope="session")
def target() -> Iterator[str]:
    """The target of a server that several tests use; each has sessions of its own."""
    server = Process("-m", "evergraph", "serve")
    yield server.line()
    server.process.kill()
    server.process.communicate()


@pytest.fixture(autouse=True)
def found() -> None:
    """Plugins that other tests had installed are forgotten."""
    discovery.forget()


@pytest.fixture(scope="session")
def free_ports() -> Callable[[int], list[int]]:
    """Return ports at which nobody listens."""

    def free_ports(count: int) -> list[int]:
        sockets = [socket.socket() for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        ports = [each.getsockname()[1] for each in sockets]
        for each in sockets:
            each.close()
        return ports

    return free_ports


@pytest.fixture(scope="session")
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Wait until a condition holds."""

    def eventually(condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 15.0
        while not condition():
            if time.monotonic() > end:
                pytest.fail("it has not happened")
            time.sleep(0.02)

    return eventually
