"""An exported program trains to the losses that it has in TensorFlow."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import evergraph.v1 as tf

FOLDER = Path(__file__).parent
# The recorder imports them as a script does.
sys.path.append(str(FOLDER))
exports, programs = import_module("exports"), import_module("programs")

#: What `tests/oracle/record_exports.py` recorded: TensorFlow's losses of the exported graphs.
LOSSES = json.loads((FOLDER / "exports.json").read_text(encoding="utf-8"))


def test_every_program_is_recorded():
    assert sorted(LOSSES) == sorted(programs.PROGRAMS)


@pytest.mark.parametrize("kind", ["ref", "resource"])
@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_an_exported_program_trains_as_in_tensorflow(name, kind):
    export = exports.exported(tf, name, kind == "resource")
    losses = exports.replayed(tf, export, tf.ConfigProto(backend="numpy")).losses
    np.testing.assert_allclose(losses[0], LOSSES[name][kind][0], rtol=1e-5)
    np.testing.assert_allclose(losses, LOSSES[name][kind], rtol=1e-3)
