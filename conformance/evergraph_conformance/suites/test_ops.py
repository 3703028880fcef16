"""Every op type on golden cases: TensorFlow's values, dtypes, static shapes and errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evergraph_conformance import golden
from evergraph_conformance.api import CONFIG
from evergraph_conformance.cases import FAMILIES, Built, Case, built, family_cases


def _dtypes(case: Case, want: golden.Answer) -> set[str]:
    outputs = {"string" if a.dtype == object else a.dtype.name for a in want.outputs or ()}
    return case.dtypes | outputs


def _parameters() -> list[Any]:
    found = []
    for family in FAMILIES:
        for case in family_cases(family):
            for mode in case.modes:
                dtypes = _dtypes(case, golden.read(family)[case.id][mode])
                marks = [pytest.mark.uses(case.op), pytest.mark.dtypes(*dtypes)]
                found.append(pytest.param(family, case, mode, id=f"{case.id}, {mode}", marks=marks))
    return found


@pytest.fixture
def session(tf: Any) -> Any:
    """An open session on the default graph."""
    with tf.Session(config=CONFIG) as opened:
        yield opened


@pytest.mark.parametrize(("family", "case", "mode"), _parameters())
def test_op(tf: Any, run: Any, same: Any, family: str, case: Case, mode: str) -> None:
    want = golden.read(family)[case.id][mode]
    if want.outputs is None:
        with pytest.raises(_error_type(tf, want.error)):
            _with_shapes(built(tf, case, mode)).answers(run)
        return
    graph = built(tf, case, mode)
    if want.static is not None:
        _check_static(graph.outputs, want.static)
    got = graph.answers(run)
    assert len(got) == len(want.outputs)
    for i, (value, wanted) in enumerate(zip(got, want.outputs, strict=True)):
        if i in case.undefined:
            found = np.asarray(value, object if isinstance(value, bytes) else None)
            assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
        else:
            same(value, wanted, case.tolerance)


def _with_shapes(graph: Built) -> Built:
    # TF: a negative static size is an error when it is asked for.
    assert all(t.shape is not None for t in graph.outputs)
    return graph


def _error_type(tf: Any, name: str) -> Any:
    builtin = {"ValueError": ValueError, "TypeError": TypeError}
    return builtin.get(name) or getattr(tf.errors, name)


def _check_static(outputs: list[Any], want: list[Any]) -> None:
    """Static shapes are as precise as TensorFlow's, or more so."""
    for tensor, dims in zip(outputs, want, strict=True):
        shape = tensor.shape
        assert shape.is_compatible_with(dims)
        if dims is not None:
            assert shape.rank == len(dims)
            known = [d is not None or w is None for d, w in zip(shape.as_list(), dims, strict=True)]
            assert all(known), f"static shape {shape}, TensorFlow has {dims}"
