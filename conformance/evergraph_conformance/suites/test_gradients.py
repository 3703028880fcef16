"""`tf.gradients` of every op type: TensorFlow's values on the golden cases.

How to add cases and families is told in `evergraph_conformance.gradient_cases`.
"""

from __future__ import annotations

from typing import Any

import pytest

from evergraph_conformance import golden
from evergraph_conformance.api import CONFIG
from evergraph_conformance.cases import Case
from evergraph_conformance.gradient_cases import (
    FAMILIES,
    gradient_cases,
    modes_of,
    question,
    tolerance_of,
    unpacked,
)


def _parameters() -> list[Any]:
    found = []
    for family in FAMILIES:
        for case in gradient_cases(family):
            marks = [pytest.mark.uses(case.op), pytest.mark.dtypes(*case.dtypes)]
            found += [
                pytest.param(family, case, mode, id=f"{case.id}, {mode}", marks=marks)
                for mode in modes_of(case)
                # TensorFlow builds these, and lacks a kernel of that dtype.
                if golden.read(f"gradients/{family}")[case.id][mode].stage != "run"
            ]
    return found


@pytest.fixture
def session(tf: Any) -> Any:
    """An open session on the default graph."""
    with tf.Session(config=CONFIG) as opened:
        yield opened


@pytest.mark.parametrize(("family", "case", "mode"), _parameters())
def test_gradient(
    tf: Any, run: Any, same: Any, subject: Any, family: str, case: Case, mode: str
) -> None:
    want = golden.read(f"gradients/{family}")[case.id][mode]
    asked = question(tf, case, mode)
    if want.outputs is None:
        with pytest.raises(_error_type(tf, want.error)):
            tf.gradients(asked.ys, asked.xs, asked.given)
        return
    recorded = unpacked(want.outputs)
    found = tf.gradients(asked.ys, asked.xs, asked.given)
    nodes = tf.get_default_graph().get_operations()
    types = {t.dtype.base_dtype for node in nodes for t in node.outputs}
    computed = {t.name for t in types if t.is_floating or t.is_integer or t.is_complex}
    missing = subject.claims({node.type for node in nodes}, computed, set())
    if missing:
        pytest.skip(missing)
    if asked.graph.initializers:
        run(asked.graph.initializers)
    wanted = [() if w is None else w if isinstance(w, tuple) else (w,) for w in recorded.values]
    parts = [_parts(tf, g) for g in found]
    assert list(map(len, parts)) == list(map(len, wanted))
    values = run(parts, asked.feeds(recorded.shapes))
    for got, one in zip(values, wanted, strict=True):
        for value, answer in zip(got, one, strict=True):
            same(value, answer, tolerance_of(case))


def _parts(tf: Any, gradient: Any) -> tuple[Any, ...]:
    """Return nothing, the tensor, or the values and indices of IndexedSlices."""
    if gradient is None:
        return ()
    slices = isinstance(gradient, tf.IndexedSlices)
    return (gradient.values, gradient.indices) if slices else (gradient,)


def _error_type(tf: Any, name: str) -> Any:
    builtin = (ValueError, TypeError, LookupError, NotImplementedError)
    return {e.__name__: e for e in builtin}.get(name) or getattr(tf.errors, name)
