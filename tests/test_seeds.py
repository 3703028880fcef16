"""The seeds of random ops are those that TensorFlow gives them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evergraph.seeds import seeds

# tests/oracle/record_streams.py makes the file.
with np.load(Path(__file__).parent / "ops" / "streams.npz") as file:
    GRAPHS = json.loads(str(file["index"]))["seeds"]


@pytest.mark.parametrize("graph", GRAPHS, ids=lambda g: f"graph seed {g['graph']}")
def test_the_ops_of_a_graph_get_the_same_seeds(graph):
    got, count = [], 0
    for op_seed in graph["ops"]:
        pair = seeds(graph["graph"], op_seed, count)
        count += op_seed is None and graph["graph"] is not None
        # An op with neither has zeros, which ask for seeds that nobody can know.
        got.append([0, 0] if pair == (None, None) else list(pair))
    assert got == graph["attributes"]


def test_without_any_seed_there_is_none():
    assert seeds(None, None, 3) == (None, None)
