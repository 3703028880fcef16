"""The ops of training: what variables and slots are after each of several steps."""

from __future__ import annotations

import pytest

from evergraph_conformance import golden
from evergraph_conformance.training import CASES, STEPS, Case, built

WANTED = {name: modes["steps"] for name, modes in golden.read("training").items()}
FAILING = [c for c in CASES if WANTED[c.id].outputs is None]
RUNNING = [c for c in CASES if c not in FAILING]

#: TensorFlow calls an input by the name that it has in another op, or prints another shape.
REWORDED = {
    "SparseApplyProximalGradientDescent: alpha no scalar",
    "ResourceSparseApplyProximalGradientDescent: alpha no scalar",
    "ResourceSparseApplyAdadelta: another accum",
    "ResourceApplyCenteredRMSProp: another mg",
}


def _parameters(cases):
    return [
        pytest.param(c, id=c.id, marks=[pytest.mark.uses(c.op), pytest.mark.dtypes(c.dtype)])
        for c in cases
    ]


@pytest.mark.parametrize("case", _parameters(RUNNING))
def test_steps(tf, session, run, same, case: Case):
    wanted = (WANTED[case.id].outputs or [])[0]
    initialisers, step, values, fed = built(tf, case)
    session.run(initialisers)
    for i in range(STEPS):
        given = case.inputs(i)
        run(step, {fed[n]: given[n] for n in fed})
        for got, want in zip(session.run(values), wanted[i], strict=True):
            same(got, want)


@pytest.mark.parametrize("case", _parameters(FAILING))
def test_what_does_not_fit_is_refused_and_changes_nothing(tf, session, case: Case):
    want = WANTED[case.id]
    if want.stage == "build":
        with pytest.raises(ValueError):  # noqa: PT011  # shapes, in words of their own
            built(tf, case)
        return
    initialisers, step, values, fed = built(tf, case)
    session.run(initialisers)
    given = case.inputs(0)
    with pytest.raises(getattr(tf.errors, want.error)) as raised:
        session.run(step, {fed[n]: given[n] for n in fed})
    if case.id not in REWORDED:
        # TF: a space before the colon in some ops.
        found, wanted = (m.replace(" :", ":") for m in (raised.value.message, want.message))
        assert wanted in found
    for got, first in zip(session.run(values), case.variables.values(), strict=True):
        assert (got == first).all()
