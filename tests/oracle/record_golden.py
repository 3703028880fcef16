"""Record TensorFlow's answers to the golden op cases; runs where TensorFlow is installed.

PYTHONPATH=conformance python tests/oracle/record_golden.py [FAMILY …]
"""

import re
import sys

import numpy as np
import tensorflow.compat.v1 as tf

from evergraph_conformance import cases, golden
from evergraph_conformance.cases import FAMILIES, Case, family_cases

tf.disable_v2_behavior()

CONFIG = tf.ConfigProto()
# Of constants, Grappler folds FusedBatchNorm into a node that lacks its further outputs.
CONFIG.graph_options.rewrite_options.disable_meta_optimizer = True


def answer(case: Case, mode: str) -> golden.Answer:
    """Run a case on TensorFlow."""
    try:
        with tf.Graph().as_default() as graph:
            built = cases.built(tf, case, mode)
            static = [None if t.shape.rank is None else t.shape.as_list() for t in built.outputs]
    except (ValueError, TypeError, tf.errors.OpError) as error:
        return _failure(error, "build")
    try:
        with tf.Session(graph=graph, config=CONFIG) as session:
            values = built.answers(session.run)
    except tf.errors.OpError as error:
        return _failure(error, "run")
    values = [np.asarray(v, object if isinstance(v, bytes) else None) for v in values]
    for i, shape in enumerate(static):
        if shape == [0] and values[i].shape == ():
            # What TensorFlow does not compute, it leaves uninitialised.
            values[i] = np.zeros_like(values[i])
    return golden.Answer(values, None if mode == "fed" else static)


def _failure(error: Exception, stage: str) -> golden.Answer:
    message = getattr(error, "message", str(error))
    message = re.sub(r"^Graph execution error:\n\n.*?\nNode: '[^']*'\n", "", message, flags=re.S)
    message = re.sub(r"\n\t \[\[\{\{node.*", "", message, flags=re.S)
    return golden.Answer(None, None, type(error).__name__, stage, message)


def main(families: list[str]) -> None:
    """Record the families."""
    for family in families or list(FAMILIES):
        found = family_cases(family)
        golden.write(family, {c.id: {m: answer(c, m) for m in c.modes} for c in found})
        print(f"{family}: {len(found)} cases")


if __name__ == "__main__":
    main(sys.argv[1:])
