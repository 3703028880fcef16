"""Record small SavedModels and TensorFlow's outputs; runs where TensorFlow and Keras are installed.

python tests/oracle/record_saved_models.py [MODEL …]
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import saved_models_v1
import saved_models_v2
import tensorflow as tf

TARGET = Path(__file__).parents[2] / "conformance/evergraph_conformance/models/saved"
#: What models of TensorFlow 2 have beside the graph, and nobody reads.
LEFT_OUT = ("fingerprint.pb", "keras_metadata.pb")


def main() -> None:
    """Record the models that are named, or all."""
    TARGET.mkdir(exist_ok=True)
    for name in sys.argv[1:] or [*saved_models_v1.MODELS, *saved_models_v2.MODELS]:
        with tempfile.TemporaryDirectory() as parent:
            folder = str(Path(parent, "saved_model"))
            if name in saved_models_v1.MODELS:
                tf.compat.v1.disable_control_flow_v2()
                with tf.Graph().as_default(), tf.compat.v1.Session() as session:
                    calls = saved_models_v1.MODELS[name](folder, session)
            else:
                tf.compat.v1.enable_control_flow_v2()
                calls = saved_models_v2.MODELS[name](folder)
            size = record(TARGET / f"{name}.zip", Path(folder), calls)
        print(f"{name}: {size} bytes")


def record(path: Path, folder: Path, calls: saved_models_v1.Calls) -> int:
    """Write a model with its inputs and TensorFlow's outputs into a file; return its size."""
    arrays: dict[str, Any] = {}
    program = []
    for i, (signature, inputs) in enumerate(calls):
        outputs = called(str(folder), signature, inputs)
        program.append({"signature": signature})
        for kind, fed in (("inputs", inputs), ("outputs", outputs)):
            program[i][kind] = sorted(fed)
            for key, value in fed.items():
                array = np.asarray(value)
                # Text as fixed-width bytes, which need no pickle.
                arrays[f"{i}/{kind}/{key}"] = array.astype("S") if array.dtype == object else array
    data = io.BytesIO()
    np.savez(data, **arrays)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        files = {
            str(Path("saved_model", f.relative_to(folder))): f.read_bytes()
            for f in sorted(folder.rglob("*"))
            if f.is_file() and f.name not in LEFT_OUT
        }
        files |= {"arrays.npz": data.getvalue(), "program.json": json.dumps(program).encode()}
        for name, content in files.items():
            # The same models make the same file, whenever they are written.
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return path.stat().st_size


def called(folder: str, signature: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return what a signature gives in TensorFlow."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        # Modules of TensorFlow Hub have no tags.
        tags = [] if signature == "default" else ["serve"]
        meta_graph = tf.compat.v1.saved_model.load(session, tags, folder)
        found = meta_graph.signature_def[signature]
        wanted = {key: info.name for key, info in found.outputs.items()}
        values: dict[str, Any] = session.run(
            wanted, {found.inputs[key].name: value for key, value in inputs.items()}
        )
    return values


if __name__ == "__main__":
    main()
