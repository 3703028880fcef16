"""What the kit refuses at once, in one sentence: wrong arguments, and backends that do not fit."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph.errors import FailedPreconditionError
from evergraph.plugin import Backend, SessionConfig
from evergraph_conformance.conversions import conversion_faults
from evergraph_conformance.subject import NotCertifiedError, load

BACKEND = """
from evergraph.plugin import Backend, Namespace, bind, hookimpl
import array_api_strict as xp

class Mine(Backend):
    name = "mine"
    table = bind(Namespace(xp)).only("Identity", "Tanh")
    dtypes = frozenset({"float32", "int32"})

    def from_host(self, value):
        return xp.asarray(value)

@hookimpl
def evergraph_backend(config):
    return Mine(config)
"""
ENTRY = "[evergraph.backends]\nmine = my_backend\n"


class Float64(Backend):
    """Of whose library all numbers are of one type."""

    dtypes = frozenset({"float32", "float64", "string"})

    def from_host(self, value):
        return np.asarray(value, np.float64)


class Flat(Backend):
    """Whose library has no arrays of rank 0."""

    dtypes = frozenset({"int32"})

    def to_host(self, value):
        return np.atleast_1d(value)


class Reversed(Backend):
    """That takes strides for an order."""

    dtypes = frozenset({"int32"})

    def from_host(self, value):
        return value.shape, value.tobytes("A")

    def to_host(self, value):
        shape, memory = value
        return np.frombuffer(memory, np.int32).reshape(shape)[()]


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (Float64, "float32: a scalar comes back as float64 of shape ()"),
        (Flat, "int32: a scalar comes back as ndarray, not as np.generic"),
        (Reversed, "int32: an array of shape (3, 2) comes back with other values"),
    ],
)
def test_a_value_that_does_not_come_back_is_told(kind, fault):
    assert conversion_faults(kind(SessionConfig())) == [fault]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("xp.asarray(value)", "value.no_such", "a scalar does not come back: AttributeError: "),
        ("table = bind", "table = dict(); bind", "its table is a dict; bind(Namespace(library))"),
        ("table =", "tables =", "its table is missing"),
        ("dtypes =", "api_version = 1; dtypes =", "its api_version is 1, not two numbers"),
        ('"float32"', '"float"', "its dtypes have 'float', no names of element types"),
        ('"Tanh")', '"Tanhh")', "no kernel for 'Tanhh'; did you mean 'Tanh'?"),
        ('"Tanh")', '"Tanh") | {"Tanhh": abs}', "no op type 'Tanhh'; did you mean 'Tanh'?"),
        ('"Tanh")', '"Tanh") | {"MatMul": mul}', "takes 'transposed', which the op does not have"),
    ],
)
def test_a_backend_that_does_not_fit_is_refused(install, old, new, said):
    mul = "def mul(a, b, *, transposed):\n    return a\n"
    install("my-backend", ENTRY, mul + BACKEND.replace(old, new))
    with pytest.raises((FailedPreconditionError, NotCertifiedError)) as caught:
        load("mine")
    assert said in str(caught.value)


def test_what_is_refused_is_not_run(install, kit):
    install("my-backend", ENTRY, BACKEND.replace("table = bind", "table = dict(); bind"))
    done = kit("mine", "--suite=graph")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "backend 'mine' of my-backend 1.0 does not fit the contract" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert "claimed cases pass" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nmpy"], "no backend 'nmpy'; installed: "),
        (["numpy", "--suite=opps"], "no suite 'opps'; did you mean 'ops'?"),
        (["numpy", "--suite=graph", "-k", "nosuch"], "no case matches -k 'nosuch'"),
        (["numpy", "--report=no/such/folder.md"], "there is no folder no/such"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(kit, arguments, said):
    done = kit(*arguments)
    assert done.returncode
    assert said in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
