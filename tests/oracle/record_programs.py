"""Record what TensorFlow makes of the training programs; runs where TensorFlow is installed.

PYTHONPATH=tests/programs python tests/oracle/record_programs.py
"""

from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf
from lost_names import restore
from programs import PROGRAMS, trained

tf.disable_v2_behavior()
restore(tf)

TARGET = Path(__file__).parents[1] / "programs" / "programs.npz"
CONFIG = tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)


def main() -> None:
    """Record every program, with reference and with resource variables."""
    arrays = {}
    for name in PROGRAMS:
        for kind in ("ref", "resource"):
            found = trained(tf, name, kind == "resource", CONFIG)
            arrays[f"{name}/{kind}/losses"] = np.array(found.losses)
            for part in ("weights", "watched"):
                for key, value in getattr(found, part).items():
                    arrays[f"{name}/{kind}/{part}/{key}"] = value
            print(f"{name} ({kind}): {found.losses[0]:.6f} … {found.losses[-1]:.6f}")
    np.savez_compressed(TARGET, **arrays)


if __name__ == "__main__":
    main()
