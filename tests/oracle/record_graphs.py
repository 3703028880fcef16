"""Record whole graphs that TensorFlow makes, and what it answers; runs where it is installed.

PYTHONPATH=tests/oracle:conformance python tests/oracle/record_graphs.py [NAME …]
"""

import importlib
import pkgutil
import sys

import recorded_graphs
import tensorflow.compat.v1 as tf

from evergraph_conformance import recorded_graphs as golden

tf.disable_v2_behavior()


def main() -> None:
    """Record the programs of these names, or all."""
    asked = sys.argv[1:]
    for module in pkgutil.iter_modules(recorded_graphs.__path__):
        found = importlib.import_module(f"recorded_graphs.{module.name}")
        for name, program in recorded_graphs.programs_of(found).items():
            if not asked or name in asked:
                print(f"{module.name}.{name}: {record(f'{module.name}.{name}', program)} bytes")


def record(name: str, program: recorded_graphs.Program) -> int:
    """Run a program; write its graph and its steps, and return how much that is."""
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(1)
        steps = program(tf)
        runs = []
        with tf.Session() as session:
            for step in steps:
                values = session.run([step.fetches, step.targets], step.feeds)[0]
                runs.append(
                    golden.Run(
                        {t.name: v for t, v in step.feeds.items()},
                        dict(zip([t.name for t in step.fetches], values, strict=True)),
                        [op.name for op in step.targets],
                    )
                )
        return golden.write(name, graph.as_graph_def(), runs)


if __name__ == "__main__":
    main()
