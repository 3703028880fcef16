"""Record what tf_slim, which has kept the layers of tf.contrib, makes of the models.

python tests/oracle/record_contrib.py, where TensorFlow, tf_keras and tf_slim are installed
"""

import gzip
import json
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace

import tensorflow.compat.v1 as tf
from lost_names import LAYERS, restore
from tensorflow.python.framework import ops
from tensorflow.python.ops import array_ops, control_flow_ops

FOLDER = Path(__file__).resolve().parents[1] / "v1"
FILE = FOLDER / "contrib_models.json.gz"
sys.path.insert(0, str(FOLDER))

tf.disable_v2_behavior()
restore(tf)

# tf_slim looks for names where TensorFlow and tf_keras had them when it was written.
for place, names in (
    (ops, ("Tensor", "IndexedSlices")),
    (array_ops, ("stack", "unstack")),
    (control_flow_ops, ("cond",)),
):
    for name in names:
        setattr(place, name, getattr(tf, name))
sys.modules["tf_keras.legacy_tf_layers"] = package = ModuleType("tf_keras.legacy_tf_layers")
for name in LAYERS:
    module = import_module(f"tf_keras.src.legacy_tf_layers.{name}")
    setattr(package, name, module)
    sys.modules[f"tf_keras.legacy_tf_layers.{name}"] = module

slim = import_module("tf_slim")
tf.contrib = SimpleNamespace(slim=slim, layers=slim, framework=slim)


def main() -> None:
    """Write the file."""
    models = import_module("contrib_models")
    found = {name: models.observe(tf, model) for name, model in models.MODELS.items()}
    text = json.dumps(found, indent=0, sort_keys=True)
    FILE.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(found)} models, {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
