"""Whole graphs that TensorFlow made: control flow of both versions, functions, gradients, state."""

from __future__ import annotations

from typing import Any

import pytest

from evergraph_conformance import recorded_graphs


@pytest.mark.parametrize("name", recorded_graphs.names())
def test_a_recorded_graph_gives_tensorflows_numbers(
    tf: Any, session: Any, same: Any, name: str
) -> None:
    graph_def, runs = recorded_graphs.read(tf, name)
    tf.import_graph_def(graph_def, name="")
    for run in runs:
        got = session.run([list(run.fetches), run.targets], run.feeds)[0]
        for value, want in zip(got, run.fetches.values(), strict=True):
            same(value, want, (1e-5, 1e-6, 1e-6))
