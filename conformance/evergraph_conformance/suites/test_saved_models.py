"""SavedModels of TensorFlow 1 and 2, and of Keras: TensorFlow's outputs of each signature.

`tests/oracle/record_saved_models.py` records them.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

MODELS = Path(__file__).parent.parent / "models" / "saved"
NAMES = sorted(path.stem for path in MODELS.glob("*.zip"))


@pytest.mark.parametrize("name", NAMES)
def test_a_signature_gives_the_outputs_of_tensorflow(
    tf: Any, session: Any, same: Any, tmp_path: Path, name: str
) -> None:
    with zipfile.ZipFile(MODELS / f"{name}.zip") as archive:
        archive.extractall(tmp_path)
    program = json.loads((tmp_path / "program.json").read_text(encoding="utf-8"))
    arrays = dict(np.load(io.BytesIO((tmp_path / "arrays.npz").read_bytes())))
    # Modules of TensorFlow Hub have no tags.
    tags = [] if name == "v1_hub" else ["serve"]
    meta_graph = tf.saved_model.load(session, tags, str(tmp_path / "saved_model"))
    for i, call in enumerate(program):
        signature = meta_graph.signature_def[call["signature"]]
        feeds = {signature.inputs[k].name: arrays[f"{i}/inputs/{k}"] for k in call["inputs"]}
        got = session.run({k: signature.outputs[k].name for k in call["outputs"]}, feeds)
        for key in call["outputs"]:
            wanted = arrays[f"{i}/outputs/{key}"]
            # Text is recorded as bytes of fixed width.
            same(got[key], wanted.astype(object) if wanted.dtype.kind == "S" else wanted)
