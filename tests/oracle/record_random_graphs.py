"""Record TensorFlow's answers to random graphs; runs where TensorFlow is installed.

python tests/oracle/record_random_graphs.py
"""

import gzip
import json
import sys
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import tensorflow.compat.v1 as tf

FUZZ = Path(__file__).resolve().parents[1] / "fuzz"

sys.path.insert(0, str(FUZZ))
from random_graphs import Constant, Graph, build, random_graph, to_json  # noqa: E402

tf.disable_v2_behavior()

COUNT = 150
#: Grappler drops what is only waited for, and with it the error that it would be.
CONFIG = tf.ConfigProto()
CONFIG.graph_options.rewrite_options.disable_meta_optimizer = True
#: Values of a graph that are kept: the last ones, to which the others have led.
KEPT = 6


def recorded(graph: Graph) -> dict[str, Any]:
    """Return a graph, and its last values or the class of its error."""
    with tf.Graph().as_default(), tf.Session(config=CONFIG) as session:
        built = build(tf, graph.nodes)
        kept = graph.fetchable[-KEPT:]
        answer: dict[str, Any] = {"nodes": to_json(graph.nodes), "kept": kept}
        answer["bounds"] = [graph.values[i].bound for i in kept]
        session.run(built.initializers)
        try:
            found = session.run([built.values[i] for i in kept], built.feeds)
        except tf.errors.OpError as error:
            return answer | {"error": type(error).__name__}
        constants = [Constant.of(v, np.asarray(v).dtype.name) for v in found]
        return answer | {"values": [[c.dtype, c.shape, c.data] for c in constants]}


def main() -> None:
    """Record the graphs of the first seeds."""
    answers = [recorded(random_graph(Random(seed))) for seed in range(COUNT)]
    path = FUZZ / "random_graphs.json.gz"
    path.write_bytes(gzip.compress(json.dumps(answers).encode(), 9, mtime=0))
    errors = sum("error" in answer for answer in answers)
    print(f"{COUNT} graphs, {errors} of them errors, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
