"""Record what the scripts tell on TensorFlow; runs where TensorFlow is installed.

PYTHONPATH=tests/programs python tests/oracle/record_scripts.py [NAME …]
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow.compat.v1 as tf
from lost_names import restore
from scripts import KINDS, SCRIPTS, told

tf.disable_v2_behavior()
restore(tf)

TARGET = Path(__file__).parents[1] / "programs" / "scripts.npz"


class OneThread(tf.Session):  # type: ignore[misc]
    """A session in which sums have one order."""

    def __init__(self, target: str = "", graph: Any = None, config: Any = None) -> None:
        own = tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
        if config is not None:
            own.MergeFrom(config)
        super().__init__(target, graph, own)


def main() -> None:
    """Record the scripts that are named, or all, with reference and with resource variables."""
    tf.Session = OneThread
    names = sys.argv[1:] or list(SCRIPTS)
    arrays: dict[str, Any] = {}
    if TARGET.exists():
        with np.load(TARGET) as file:
            kept = set(SCRIPTS) - set(names)
            arrays = {k: file[k] for k in file.files if k.split("/")[0] in kept}
    for name in names:
        for kind in KINDS[name]:
            found = told(tf, name, kind == "resource")
            for key, value in found.items():
                # The first weights are the same for both kinds.
                if kind == "ref" or not key.startswith("weights/"):
                    arrays[f"{name}/{kind}/{key}"] = value
            print(f"{name} ({kind}): {', '.join(k for k in found if '/' not in k)}")
    np.savez_compressed(TARGET, **arrays)


if __name__ == "__main__":
    main()
