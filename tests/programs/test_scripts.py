"""Scripts for TensorFlow 1 tell what they tell on TensorFlow, and compile no step twice."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import evergraph.v1 as tf

FOLDER = Path(__file__).parent
# The recorder imports them as a script does.
sys.path.append(str(FOLDER))
scripts = import_module("scripts")

#: By how many units in the last place the first weights may differ.
ULPS = {"numpy": 0, "jax": 2}
#: Scripts whose first weights come from a decomposition, which every library rounds in its way.
DECOMPOSED = {"hand_made_cell"}


class Counted(tf.Session):
    """A session that knows how many shapes of feeds each of its steps has met."""

    met: dict[object, tuple[object, list[object], set[object]]]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.met = {}

    def run(self, fetches, feed_dict=None, *args, **kwargs):
        result = super().run(fetches, feed_dict, *args, **kwargs)
        fed = feed_dict or {}
        step = (tuple(map(str, tf.nest.flatten(fetches))), tuple(map(str, fed)))
        shapes = str([[np.shape(part) for part in tf.nest.flatten(v)] for v in fed.values()])
        self.met.setdefault(step, (fetches, list(fed), set()))[2].add(shapes)
        return result

    def close(self):
        for fetches, feeds, shapes in self.met.values():
            compiled = self.explain(fetches, feeds).compilations
            assert max(compiled, default=0) <= len(shapes), fetches
        super().close()
