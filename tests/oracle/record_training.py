"""Record what TensorFlow's training ops and optimizers do; runs where TensorFlow is installed.

PYTHONPATH=conformance python tests/oracle/record_training.py
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import tensorflow.compat.v1 as tf

from evergraph_conformance import golden, optimizers
from evergraph_conformance.optimizers import AVERAGES, PROBLEMS, RATE_STEPS, RATES
from evergraph_conformance.optimizers import built as built_problem
from evergraph_conformance.training import CASES, STEPS, Case, built

tf.disable_v2_behavior()


def answer(case: Case) -> golden.Answer:
    """Return the values after each step in one array, or the error of the first one."""
    try:
        with tf.Graph().as_default() as graph:
            initialisers, step, values, fed = built(tf, case)
    except (ValueError, TypeError, tf.errors.OpError) as error:
        return _failure(error, "build")
    found = []
    with tf.Session(graph=graph) as session:
        session.run(initialisers)
        for i in range(STEPS):
            given = case.inputs(i)
            try:
                session.run(step, {fed[n]: given[n] for n in fed})
            except tf.errors.OpError as error:
                return _failure(error, "run")
            found.append(np.stack(session.run(values)))
    return golden.Answer([np.stack(found)])


def trained(build: Callable[[Any], Any]) -> golden.Answer:
    """Return the values of all floating-point variables after each step, in one vector a step."""
    with tf.Graph().as_default() as graph:
        step, variables = build(tf)
        start = tf.global_variables_initializer()
    found: list[Any] = []
    with tf.Session(graph=graph) as session:
        session.run(start)
        for _ in range(optimizers.STEPS):
            session.run(step)
            values = session.run([v for v in variables if v.dtype.is_floating])
            found.append(np.concatenate([np.ravel(v) for v in values]))
    return golden.Answer(found, [v.name for v in variables])


def rates(build: Callable[[Any, Any], Any]) -> golden.Answer:
    """Return a learning rate at each of the steps."""
    with tf.Graph().as_default() as graph:
        step = tf.placeholder(tf.int64, [])
        rate = build(tf, step)
    with tf.Session(graph=graph) as session:
        return golden.Answer([np.stack([session.run(rate, {step: s}) for s in RATE_STEPS])])


def _failure(error: Exception, stage: str) -> golden.Answer:
    message = getattr(error, "message", str(error))
    message = re.sub(r"^Graph execution error:\n\n.*?\nNode: '[^']*'\n", "", message, flags=re.S)
    message = re.sub(r"\n\t \[\[\{\{node.*", "", message, flags=re.S)
    return golden.Answer(None, None, type(error).__name__, stage, message)


if __name__ == "__main__":
    golden.write("training", {c.id: {"steps": answer(c)} for c in CASES})
    recorded = {p.id: {"steps": trained(partial(built_problem, problem=p))} for p in PROBLEMS}
    recorded |= {f"average: {n}": {"steps": trained(a)} for n, a in AVERAGES.items()}
    recorded |= {f"rate: {n}": {"steps": rates(r)} for n, r in RATES.items()}
    golden.write("optimizers", recorded)
    print(f"{len(CASES)} cases, {len(recorded)} of optimizers")
