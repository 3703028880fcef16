"""Record TensorFlow's gradients of the golden op cases; runs where TensorFlow is installed.

PYTHONPATH=conformance python tests/oracle/record_gradients.py [FAMILY …]

Without a family, all of them; always, which op types TensorFlow differentiates.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import tensorflow.compat.v1 as tf
from record_golden import CONFIG, _failure
from tensorflow.python.framework import kernels, op_def_registry
from tensorflow.python.framework import ops as framework

from evergraph_conformance import golden
from evergraph_conformance.cases import Case
from evergraph_conformance.gradient_cases import (
    FAMILIES,
    Gradients,
    gradient_cases,
    modes_of,
    packed,
    question,
)

_FLOATING = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")


def answer(case: Case, mode: str) -> golden.Answer:
    """Differentiate a case on TensorFlow."""
    try:
        with tf.Graph().as_default():
            asked = question(tf, case, mode)
            # In a session of its own: a random stream begins anew in the next one.
            found = _run(asked.graph.initializers, asked.ys, asked.graph.feeds)
            shapes = [v.shape for v in found]
            parts = [_parts(g) for g in tf.gradients(asked.ys, asked.xs, asked.given)]
            values = _run(asked.graph.initializers, parts, asked.feeds(shapes))
    except (LookupError, ValueError, TypeError, NotImplementedError) as error:
        return _failure(error, "build")
    except tf.errors.OpError as error:
        return _failure(error, "run")
    each = [tuple(map(np.asarray, v)) for v in values]
    results = [None if not v else v[0] if len(v) == 1 else v for v in each]
    return golden.Answer(packed(Gradients(shapes, results)))


def _run(initializers: list[Any], fetches: list[Any], feeds: dict[Any, Any]) -> list[Any]:
    with tf.Session(config=CONFIG) as session:
        session.run(initializers)
        values: list[Any] = session.run(fetches, feeds)
        return values


def _parts(gradient: Any) -> tuple[Any, ...]:
    if gradient is None:
        return ()
    slices = isinstance(gradient, tf.IndexedSlices)
    return (gradient.values, gradient.indices) if slices else (gradient,)


def record_table() -> None:
    """Record which op types have a gradient, in which dtypes, and which are registered as `not`."""
    registered = framework.gradient_registry._registry
    known = {n: entry["type"] is not None for n, entry in registered.items()}
    table = {
        "differentiable": sorted(n for n, has in known.items() if has),
        "not": sorted(n for n, has in known.items() if not has),
    }
    folder = golden.FOLDER / "gradients"
    text = json.dumps(table, indent=1)
    (folder / "registered.json").write_text(text + "\n", encoding="utf-8")
    lines = [f"{json.dumps(n)}: {json.dumps(_groups(n))}" for n in table["differentiable"]]
    (folder / "dtypes.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _groups(op: str) -> list[dict[str, Any]]:
    """Return the inputs of an op that share a type, and the floating dtypes of its CPU kernels."""
    definition = op_def_registry.get(op)
    if definition is None:
        return []
    found = kernels.get_registered_kernels_for_op(op).kernel
    constraints = [
        {c.name: list(c.allowed_values.list.type) for c in k.constraint}
        for k in found
        if k.device_type in ("CPU", "DEFAULT")
    ]
    groups = []
    for attr in definition.attr:
        inputs = [
            i
            for i, a in enumerate(definition.input_arg)
            if attr.name in (a.type_attr, a.type_list_attr)
        ]
        allowed = list(attr.allowed_values.list.type) or [
            tf.as_dtype(d).as_datatype_enum for d in _FLOATING
        ]
        taken = {t for c in constraints for t in c.get(attr.name) or allowed}
        # TF: some lists name a type twice.
        names = dict.fromkeys(tf.as_dtype(t).name for t in allowed if t in taken)
        dtypes = [n for n in names if n in _FLOATING]
        if inputs and dtypes:
            groups.append({"inputs": inputs, "dtypes": dtypes})
    return groups


def main(families: list[str]) -> None:
    """Record the families."""
    record_table()
    for family in families or FAMILIES:
        cases = gradient_cases(family)
        answers = {c.id: {m: answer(c, m) for m in modes_of(c)} for c in cases}
        golden.write(f"gradients/{family}", answers)
        failed = [
            f"{n} ({m}): {a.error}: {a.message[:150]}"
            for n, modes in answers.items()
            for m, a in modes.items()
            if a.error
        ]
        print(f"{family}: {len(cases)} cases", *failed, sep="\n  ")


if __name__ == "__main__":
    main(sys.argv[1:])
