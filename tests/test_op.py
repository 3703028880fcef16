"""Every definition agrees with its OpDef; and what `define` refuses."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from evergraph.errors import InvalidArgumentError
from evergraph.op import EFFECTS, Op, Registry, registry
from evergraph.ops.rules import same_shape
from evergraph.vocabulary import MISSING, vocabulary

#: Stateful in TensorFlow so that nothing removes or moves them; here a check is no effect, and the
#: algorithm of random numbers is the same everywhere.
PURE_HERE = {
    *("Assert", "CheckNumerics", "CheckNumericsV2", "DeepCopy", "Empty", "GuaranteeConst"),
    "StatelessRandomGetAlg",
}
OPS = [pytest.param(op, id=op.type) for op in registry()]


#: Attributes that planning gives to sums of rows.
OF_ROWS = {"_padded", "_sums"}
#: Attributes that planning adds: what is known of places, the variable's shape, the node's name and
#: device.
PLANNED = {
    (False, False): ("_blocks", "_known"),
    (True, False): ("_shape",),
    (False, True): ("_node", "_device"),
}


def _keyword_only(function):
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}


def _takes(function, count, skipped):
    """Whether a function takes that many positional arguments after those skipped."""
    try:
        inspect.signature(function).bind(
            *(None,) * (count + skipped), **dict.fromkeys(_required(function))
        )
    except TypeError:
        return False
    return True


def _required(function):
    return [n for n, d in _keyword_only(function).items() if d is inspect.Parameter.empty]


@pytest.mark.parametrize("op", OPS)
def test_an_op_is_in_the_vocabulary(op: Op):
    assert vocabulary().get(op.type) is not None


@pytest.mark.parametrize("op", [p for p in OPS if not isinstance(p.values[0].kernel, str)])
def test_a_kernel_takes_the_inputs_of_its_op(op: Op):
    count = len(vocabulary().get(op.type).inputs) + op.lead
    if op.blind:
        count -= len(op.writes)
    assert _takes(op.kernel, count, skipped=1)


@pytest.mark.parametrize("op", OPS)
def test_a_shape_rule_takes_the_inputs_of_its_op(op: Op):
    assert _takes(op.shape, len(vocabulary().get(op.type).inputs), skipped=0)


@pytest.mark.parametrize("op", OPS)
def test_attributes_are_those_of_the_op_with_their_defaults(op: Op):
    attributes = vocabulary().get(op.type).attributes
    for function in (op.kernel, op.shape):
        if isinstance(function, str):
            continue
        for name, default in _keyword_only(function).items():
            if name in PLANNED[op.blind, op.context] or name in OF_ROWS or name[1:] in attributes:
                continue
            assert name in attributes
            # None stands for a type, whose default is a dtype of the library, and for no list.
            if default not in (inspect.Parameter.empty, None):
                wanted = attributes[name].default
                assert wanted is not MISSING
                assert _plain(default) == _plain(wanted)


def _plain(value):
    if isinstance(value, list | tuple):
        return tuple(_plain(v) for v in value)
    if isinstance(value, float):
        return float(np.float32(value))  # an OpDef's floats have 32 bits
    return value.decode() if isinstance(value, bytes) else value


@pytest.mark.parametrize("op", OPS)
def test_an_op_that_is_stateful_in_tensorflow_names_its_effect(op: Op):
    if vocabulary().get(op.type).is_stateful and op.type not in PURE_HERE:
        assert op.effects != "none"


@pytest.fixture
def ops():
    return Registry()


def test_an_op_is_defined_once(ops):
    ops.define("Tanh", "tanh", shape=same_shape)
    with pytest.raises(ValueError, match="op Tanh is defined twice"):
        ops.define("Tanh", "tanh", shape=same_shape)


def test_an_unknown_effect_is_refused(ops):
    with pytest.raises(ValueError, match=r"unknown effect 'stat'; one of none, state, random"):
        ops.define("Tanh", "tanh", shape=same_shape, effects="stat")


def test_a_host_input_is_a_parameter_of_the_kernel(ops):
    with pytest.raises(ValueError, match="the kernel has no parameter axes"):
        ops.define("Sum", lambda xp, x, axis: x, shape=same_shape, host="axes")


def test_a_kernel_of_the_standard_has_no_host_inputs(ops):
    with pytest.raises(ValueError, match="host inputs need a kernel with named parameters"):
        ops.define("Tanh", "tanh", shape=same_shape, host="x")


def test_a_host_input_may_have_a_rank(ops):
    ops.define("Sum", lambda xp, x, axis: x, shape=same_shape, host="axis:1")
    assert ops.get("Sum").ranks == ((1, 1),)


def test_effects_are_those_of_the_design():
    assert set(EFFECTS) == {
        "none",
        "state",
        "random",
        "fs_read",
        "fs_write",
        "net",
        "python",
        "process",
    }


def test_a_shape_like_input_is_a_vector(ops):
    ops.define("Fill", lambda xp, dims, value: value, shape=lambda d, v: d, shape_like="dims")
    found = ops.get("Fill")
    assert (found.host, found.shape_like, found.ranks) == ((0,), (0,), ((0, 1),))


def test_the_error_of_a_shape_may_be_another_at_run():
    from evergraph.op import ShapeError

    error = ShapeError("when built", "when run", InvalidArgumentError)
    assert (str(error), error.at_run, error.error) == (
        "when built",
        "when run",
        InvalidArgumentError,
    )
