"""The recorded models of the kit, unpacked."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

MODELS = Path(__file__).parents[2] / "conformance/evergraph_conformance/models/saved"


@dataclass(frozen=True)
class Recorded:
    """A model's directory, and for each call the signature, inputs and outputs."""

    folder: Path
    calls: list[tuple[str, dict[str, Any], dict[str, Any]]]


@pytest.fixture
def recorded(tmp_path: Path) -> Callable[[str], Recorded]:
    """Unpack a model."""

    def unpack(name: str) -> Recorded:
        with zipfile.ZipFile(MODELS / f"{name}.zip") as archive:
            archive.extractall(tmp_path)
        arrays = dict(np.load(io.BytesIO((tmp_path / "arrays.npz").read_bytes())))
        calls = []
        for i, call in enumerate(json.loads((tmp_path / "program.json").read_text("utf-8"))):
            inputs = {k: arrays[f"{i}/inputs/{k}"] for k in call["inputs"]}
            outputs = {k: arrays[f"{i}/outputs/{k}"] for k in call["outputs"]}
            calls.append((call["signature"], inputs, outputs))
        return Recorded(tmp_path / "saved_model", calls)

    return unpack
