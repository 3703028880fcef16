"""Record what TensorFlow's training ops do in the cases; runs where TensorFlow is installed.

PYTHONPATH=conformance python tests/oracle/record_training.py
"""

import re

import numpy as np
import tensorflow.compat.v1 as tf

from evergraph_conformance import golden
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


def _failure(error: Exception, stage: str) -> golden.Answer:
    message = getattr(error, "message", str(error))
    message = re.sub(r"^Graph execution error:\n\n.*?\nNode: '[^']*'\n", "", message, flags=re.S)
    message = re.sub(r"\n\t \[\[\{\{node.*", "", message, flags=re.S)
    return golden.Answer(None, None, type(error).__name__, stage, message)


if __name__ == "__main__":
    golden.write("training", {c.id: {"steps": answer(c)} for c in CASES})
    print(f"{len(CASES)} cases")
