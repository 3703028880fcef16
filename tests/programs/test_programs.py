"""Training programs give TensorFlow's losses from the same seeds."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import evergraph.v1 as tf

FOLDER = Path(__file__).parent
# The recorder imports them as a script does.
sys.path.append(str(FOLDER))
programs = import_module("programs")

#: By how many units in the last place the first weights may differ.
ULPS = {"numpy": 0, "jax": 2}


def recorded(name, kind, part):
    """Return the recorded arrays of a part, by key."""
    prefix = f"{name}/{kind}/{part}/"
    with np.load(FOLDER / "programs.npz") as file:
        return {k.removeprefix(prefix): file[k] for k in file.files if k.startswith(prefix)}


@pytest.mark.parametrize("backend", ["numpy", "jax"])
@pytest.mark.parametrize("kind", ["ref", "resource"])
@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_a_program_trains_as_in_tensorflow(name, kind, backend):
    got = programs.trained(tf, name, kind == "resource", tf.ConfigProto(backend=backend))
    weights = recorded(name, kind, "weights")
    assert sorted(got.weights) == sorted(weights)
    for key, want in weights.items():
        if want.dtype == np.float32:
            np.testing.assert_array_max_ulp(got.weights[key], want, ULPS[backend])
        else:
            np.testing.assert_array_equal(got.weights[key], want)
    with np.load(FOLDER / "programs.npz") as file:
        losses = file[f"{name}/{kind}/losses"]
    np.testing.assert_allclose(got.losses[0], losses[0], rtol=1e-5)
    np.testing.assert_allclose(got.losses, losses, rtol=1e-3)
    for key, want in recorded(name, kind, "watched").items():
        np.testing.assert_allclose(got.watched[key], want, rtol=1e-3, atol=1e-5)
