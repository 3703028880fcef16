"""Record what evergraph's exported programs give in TensorFlow; runs where both are installed.

PYTHONPATH=tests/programs python tests/oracle/record_exports.py
"""

import json
from pathlib import Path

import tensorflow.compat.v1 as tensorflow
from exports import exported, replayed
from programs import PROGRAMS

import evergraph.v1 as tf

tensorflow.disable_v2_behavior()

TARGET = Path(__file__).parents[1] / "programs" / "exports.json"
CONFIG = tensorflow.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)


def main() -> None:
    """Record the losses of every program, with reference and with resource variables."""
    recorded: dict[str, dict[str, list[float]]] = {}
    for name in PROGRAMS:
        for kind in ("ref", "resource"):
            found = replayed(tensorflow, exported(tf, name, kind == "resource"), CONFIG)
            recorded.setdefault(name, {})[kind] = found.losses
            print(f"{name} ({kind}): {found.losses[0]:.6f} … {found.losses[-1]:.6f}")
    lines = ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(recorded.items()))
    TARGET.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
