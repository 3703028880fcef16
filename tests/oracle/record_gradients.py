"""Record TensorFlow's gradients of the golden op cases; runs where TensorFlow is installed.

PYTHONPATH=conformance python tests/oracle/record_gradients.py [FAMILY …]

Without a family, all of them, and which op types TensorFlow differentiates.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import tensorflow.compat.v1 as tf
from record_golden import CONFIG, _build, _failure
from tensorflow.python.framework import ops as framework

from evergraph_conformance import golden
from evergraph_conformance.cases import Case
from evergraph_conformance.gradient_cases import (
    FAMILIES,
    MODES,
    Gradients,
    differentiable,
    gradient_cases,
    incoming,
    packed,
)


def answer(case: Case, mode: str) -> golden.Answer:
    """Differentiate a case on TensorFlow."""
    try:
        with tf.Graph().as_default() as graph, tf.Session(graph=graph, config=CONFIG) as session:
            feeds: dict[Any, Any] = {}
            xs: list[Any] = []
            inputs = [_tensor(i, mode, feeds, xs) for i in case.inputs]
            outputs = [t for t in _build(case, inputs) if t.dtype.is_floating or t.dtype.is_complex]
            shapes = [v.shape for v in session.run(outputs, feeds)]
            dys = [
                incoming(s, y.dtype.name, i)
                for i, (y, s) in enumerate(zip(outputs, shapes, strict=True))
            ]
            given = [tf.placeholder(y.dtype, y.shape) for y in outputs]
            feeds |= dict(zip(given, dys, strict=True))
            found = tf.gradients(outputs, xs, given)
            flat: list[Any] = []
            for g in found:
                if isinstance(g, tf.IndexedSlices):
                    flat.append((g.values, g.indices))
                else:
                    flat.append(() if g is None else (g,))
            values = session.run(flat, feeds)
    except (LookupError, ValueError, TypeError) as error:
        return _failure(error, "build")
    except tf.errors.OpError as error:
        return _failure(error, "run")
    each = [tuple(map(np.asarray, v)) for v in values]
    results = [None if not v else v[0] if len(v) == 1 else v for v in each]
    return golden.Answer(packed(Gradients(shapes, results)))


def _tensor(value: Any, mode: str, feeds: dict[Any, Any], xs: list[Any]) -> Any:
    if isinstance(value, list):
        return [_tensor(v, mode, feeds, xs) for v in value]
    dtype = tf.string if value.dtype == object else tf.as_dtype(value.dtype)
    if mode == "known" and not differentiable(value):
        return tf.constant(value, dtype)
    tensor = tf.placeholder(dtype, value.shape if mode == "known" else None)
    feeds[tensor] = value
    if differentiable(value):
        xs.append(tensor)
    return tensor


def record_table() -> None:
    """Record which op types have a gradient, and which are registered as having none."""
    registered = framework.gradient_registry._registry
    known = {n: entry["type"] is not None for n, entry in registered.items()}
    table = {
        "differentiable": sorted(n for n, has in known.items() if has),
        "not": sorted(n for n, has in known.items() if not has),
    }
    path = golden.FOLDER / "gradients" / "registered.json"
    path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


def main(families: list[str]) -> None:
    """Record the families."""
    for family in families or FAMILIES:
        cases = gradient_cases(family)
        answers = {c.id: {m: answer(c, m) for m in MODES} for c in cases}
        golden.write(f"gradients/{family}", answers)
        failed = [
            f"{n} ({m}): {a.error}: {a.message[:150]}"
            for n, modes in answers.items()
            for m, a in modes.items()
            if a.error
        ]
        print(f"{family}: {len(cases)} cases", *failed, sep="\n  ")
    if not families:
        record_table()


if __name__ == "__main__":
    main(sys.argv[1:])
