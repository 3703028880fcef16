"""Record TensorFlow's answers to the golden op cases; runs where TensorFlow is installed.

PYTHONPATH=conformance python tests/oracle/record_golden.py [FAMILY …]
"""

import re
import sys
from typing import Any

import numpy as np
import tensorflow.compat.v1 as tf

from evergraph_conformance import golden
from evergraph_conformance.cases import FAMILIES, Case, family_cases, placeholder_shape

tf.disable_v2_behavior()

CONFIG = tf.ConfigProto()
# Of constants, Grappler folds FusedBatchNorm into a node that lacks its further outputs.
CONFIG.graph_options.rewrite_options.disable_meta_optimizer = True


def answer(case: Case, mode: str) -> golden.Answer:
    """Run a case on TensorFlow."""
    try:
        with tf.Graph().as_default() as graph:
            feeds: dict[Any, Any] = {}
            inputs = [_tensor(i, mode, feeds) for i in case.inputs]
            outputs = _build(case, inputs)
            static = [None if t.shape.rank is None else t.shape.as_list() for t in outputs]
    except (ValueError, TypeError, tf.errors.OpError) as error:
        return _failure(error, "build")
    try:
        with tf.Session(graph=graph, config=CONFIG) as session:
            operations = [op for op in graph.get_operations() if op.type == case.op]
            values = session.run([outputs, operations[-1:]], feeds)[0]
    except tf.errors.OpError as error:
        return _failure(error, "run")
    values = [np.asarray(v, object if isinstance(v, bytes) else None) for v in values]
    return golden.Answer(values, None if mode == "fed" else static)


def _build(case: Case, inputs: list[Any]) -> list[Any]:
    signature = tf.raw_ops.__dict__[case.op].__signature__.parameters
    names = [name for name in signature if name != "name"][: len(inputs)]
    result = tf.raw_ops.__dict__[case.op](
        **dict(zip(names, inputs, strict=False)), **case.attributes
    )
    if isinstance(result, tf.Operation):
        return []
    flat: list[Any] = []
    for part in result if isinstance(result, tuple | list) else [result]:
        flat.extend(part if isinstance(part, tuple | list) else [part])
    return flat


def _tensor(value: Any, mode: str, feeds: dict[Any, Any]) -> Any:
    if isinstance(value, list):
        return [_tensor(v, mode, feeds) for v in value]
    dtype = tf.string if value.dtype == object else tf.as_dtype(value.dtype)
    if mode == "constant":
        return tf.constant(value, dtype)
    tensor = tf.placeholder(dtype, placeholder_shape(value, mode, not feeds))
    feeds[tensor] = value
    return tensor


def _failure(error: Exception, stage: str) -> golden.Answer:
    message = getattr(error, "message", str(error))
    message = re.sub(r"^Graph execution error:\n\n.*?\nNode: '[^']*'\n", "", message, flags=re.S)
    message = re.sub(r"\n\t \[\[\{\{node.*", "", message, flags=re.S)
    return golden.Answer(None, None, type(error).__name__, stage, message)


def main(families: list[str]) -> None:
    """Record the families."""
    for family in families or list(FAMILIES):
        cases = family_cases(family)
        golden.write(family, {c.id: {m: answer(c, m) for m in c.modes} for c in cases})
        print(f"{family}: {len(cases)} cases")


if __name__ == "__main__":
    main(sys.argv[1:])
