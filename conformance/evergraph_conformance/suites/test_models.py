"""Real graphs, frozen or trained: TensorFlow's outputs, with nearly all nodes on the backend."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evergraph_conformance.api import ORACLE

MODELS = Path(__file__).parent.parent / "models"
NAMES = sorted(p.name for p in MODELS.iterdir() if (p / "graph.pb").exists())


@pytest.mark.parametrize("name", NAMES)
def test_a_graph_gives_the_outputs_of_tensorflow(
    tf: Any, session: Any, same: Any, name: str
) -> None:
    folder = MODELS / name
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    inputs = dict(np.load(folder / "inputs.npz"))
    outputs = dict(np.load(folder / "outputs.npz"))
    graph_def = tf.GraphDef.FromString((folder / "graph.pb").read_bytes())
    tf.import_graph_def(graph_def, name="")
    tolerance = (meta["tol"]["rtol"], meta["tol"]["atol_rel"], 1e-6) if meta["tol"] else None
    for step in meta["program"]:
        feeds = {tensor: inputs[key] for tensor, key in step["feeds"].items()}
        wanted = [*step["fetches"], *step["targets"]]
        got = session.run(wanted, feeds)[: len(step["fetches"])]
        for value, key in zip(got, step["fetches"].values(), strict=True):
            same(value, outputs[key], tolerance)
        if not ORACLE:
            assert session.explain(wanted, list(feeds)).share_inside >= 0.9


@pytest.mark.parametrize("name", NAMES)
def test_an_imported_graph_exports_as_it_came(tf: Any, name: str) -> None:
    graph_def = tf.GraphDef.FromString((MODELS / name / "graph.pb").read_bytes())
    tf.import_graph_def(graph_def, name="")
    exported = tf.get_default_graph().as_graph_def()
    assert [n.name for n in exported.node] == [n.name for n in graph_def.node]
    assert [list(n.input) for n in exported.node] == [list(n.input) for n in graph_def.node]
    assert [n.op for n in exported.node] == [n.op for n in graph_def.node]
