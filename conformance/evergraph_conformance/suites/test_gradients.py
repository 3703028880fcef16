"""`tf.gradients` of every op type: TensorFlow's values on the golden cases.

How to add cases and families is told in `evergraph_conformance.gradient_cases`.
"""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from evergraph_conformance import golden
from evergraph_conformance.api import CONFIG
from evergraph_conformance.cases import Case
from evergraph_conformance.gradient_cases import (
    FAMILIES,
    MODES,
    differentiable,
    gradient_cases,
    incoming,
    unpacked,
)


def _parameters() -> list[Any]:
    found = []
    for family in FAMILIES:
        for case in gradient_cases(family):
            arrays = [a for i in case.inputs for a in (i if isinstance(i, list) else [i])]
            dtypes = {"string" if a.dtype == object else a.dtype.name for a in arrays}
            marks = [pytest.mark.uses(case.op), pytest.mark.dtypes(*dtypes)]
            found += [
                pytest.param(family, case, mode, id=f"{case.id}, {mode}", marks=marks)
                for mode in MODES
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
    feeds: dict[Any, Any] = {}
    xs: list[Any] = []
    outputs = _outputs(tf, case, [_tensor(tf, i, mode, feeds, xs) for i in case.inputs])
    if want.outputs is None:
        given = [tf.placeholder(y.dtype, y.shape) for y in outputs]
        with pytest.raises(_error_type(tf, want.error)):
            tf.gradients(outputs, xs, given)
        return
    recorded = unpacked(want.outputs)
    given = []
    for i, (y, shape) in enumerate(zip(outputs, recorded.shapes, strict=True)):
        given.append(tf.placeholder(y.dtype, y.shape))
        feeds[given[i]] = incoming(shape, y.dtype.name, i)
    found = tf.gradients(outputs, xs, given)
    missing = subject.claims(
        {op.type for op in tf.get_default_graph().get_operations()}, set(), set()
    )
    if missing:
        pytest.skip(missing)
    kinds = [None if g is None else type(g).__name__ for g in found]
    assert (
        kinds
        == [
            None if w is None else "IndexedSlices" if isinstance(w, tuple) else "Tensor"
            for w in recorded.values
        ]
        or "SymbolicTensor" in kinds
    )
    parts = [() if g is None else _parts(tf, g) for g in found]
    for got, wanted in zip(run(parts, feeds), recorded.values, strict=True):
        each = () if wanted is None else wanted if isinstance(wanted, tuple) else (wanted,)
        for value, one in zip(got, each, strict=True):
            same(value, one, case.tolerance)


def _parts(tf: Any, gradient: Any) -> tuple[Any, ...]:
    slices = isinstance(gradient, tf.IndexedSlices)
    return (gradient.values, gradient.indices) if slices else (gradient,)


def _error_type(tf: Any, name: str) -> Any:
    builtin = {"ValueError": ValueError, "TypeError": TypeError, "LookupError": LookupError}
    return builtin.get(name) or getattr(tf.errors, name)


def _outputs(tf: Any, case: Case, inputs: list[Any]) -> list[Any]:
    raw = getattr(tf.raw_ops, case.op)
    names = list(inspect.signature(raw).parameters)
    result = raw(**dict(zip(names, inputs, strict=False)), **case.attributes)
    parts = result if isinstance(result, tuple | list) else [result]
    flat = [t for part in parts for t in (part if isinstance(part, list) else [part])]
    return [t for t in flat if t.dtype.is_floating or t.dtype.is_complex]


def _tensor(tf: Any, value: Any, mode: str, feeds: dict[Any, Any], xs: list[Any]) -> Any:
    if isinstance(value, list):
        return [_tensor(tf, v, mode, feeds, xs) for v in value]
    dtype = tf.string if value.dtype == object else tf.as_dtype(value.dtype)
    if mode == "known" and not differentiable(value):
        return tf.constant(value, dtype)
    tensor = tf.placeholder(dtype, value.shape if mode == "known" else None)
    feeds[tensor] = value
    if differentiable(value):
        xs.append(tensor)
    return tensor
