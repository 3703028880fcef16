"""Layers, regularizers and optimizers of tf.contrib: what tf_slim makes of them on TensorFlow."""

from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evergraph.v1 as tf

HERE = Path(__file__).parent
RECORDED = json.loads(gzip.decompress((HERE / "contrib_models.json.gz").read_bytes()))


def _models() -> Any:
    spec = importlib.util.spec_from_file_location("contrib_models", HERE / "contrib_models.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MODELS = _models()


def test_every_model_is_recorded():
    assert RECORDED.keys() == MODELS.MODELS.keys()


@pytest.mark.parametrize("name", MODELS.MODELS)
def test_a_model_is_what_it_is_on_tensorflow(name):
    found, wanted = MODELS.observe(tf, MODELS.MODELS[name]), RECORDED[name]
    for what in ("shapes", "variables", "collections"):
        assert json.loads(json.dumps(found[what])) == wanted[what], what
    for ours, theirs in zip(found["runs"], wanted["runs"], strict=True):
        np.testing.assert_allclose(ours[0], theirs[0], rtol=2e-4, atol=2e-5)
        for value, other in zip(ours[1], theirs[1], strict=True):
            np.testing.assert_allclose(value, other, rtol=2e-4, atol=2e-5)
