"""Record what TensorFlow's distributions give; runs where TensorFlow is installed.

python tests/oracle/record_distributions.py
"""

import json
import sys
from pathlib import Path

import tensorflow.compat.v1 as tf

FOLDER = Path(__file__).resolve().parents[1] / "v1"
sys.path.insert(0, str(FOLDER))
from distribution_values import values  # noqa: E402  # it lies beside what tests it

tf.disable_v2_behavior()

if __name__ == "__main__":
    with tf.Session() as sess:
        found = {name: sess.run(tensor).tolist() for name, tensor in values(tf).items()}
    lines = ",\n".join(f"{json.dumps(n)}: {json.dumps(v)}" for n, v in found.items())
    FOLDER.joinpath("distributions.json").write_text(f"{{\n{lines}\n}}\n")
    print(f"{len(found)} values")
