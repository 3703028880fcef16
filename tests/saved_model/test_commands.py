"""The commands about models."""

from __future__ import annotations

import numpy as np
import pytest

import evergraph as eg
import evergraph.v1 as tf
from evergraph import protos
from evergraph.commands import main


def test_check_says_what_a_model_takes_and_that_it_runs(recorded, capsys):
    folder = recorded("keras3_lstm").folder
    assert main(["check", str(folder), "--backend", "numpy", "--backend", "jax"]) == 0
    lines = capsys.readouterr().out.splitlines()
    # Those of functions count as well.
    assert int(lines[0].split()[0]) > 200
    assert lines[1:4] == [
        "signature serving_default",
        "input  x: float32 [?, ?, 3]",
        "output output_0: float32 [?, 3]",
    ]
    assert lines[4].startswith("numpy    runs it: ")
    assert lines[6].startswith("jax      runs it: ")


def test_check_counts_what_no_backend_has(tmp_path, capsys):
    graph = protos.GraphDef()
    for name in ("a", "b"):
        node = graph.node.add(name=name, op="ConfigureDistributedTPU")
        node.attr["embedding_config"].s = b""
    path = tmp_path / "g.pb"
    path.write_bytes(graph.SerializeToString())
    assert main(["check", str(path), "--backend", "numpy"]) == 1
    out = capsys.readouterr().out
    assert "numpy    cannot run it" in out
    assert "missing: ConfigureDistributedTPU (2 nodes)" in out


def test_check_counts_what_tensorflow_does_not_have(tmp_path, capsys):
    graph = protos.GraphDef()
    graph.node.add(name="a", op="NobodyKnows")
    path = tmp_path / "g.pb"
    path.write_bytes(graph.SerializeToString())
    assert main(["check", str(path)]) == 1
    assert "TensorFlow has no NobodyKnows (1 node)" in capsys.readouterr().out


def test_check_looks_at_what_initialises_a_model(recorded, capsys):
    folder = recorded("v1_assets").folder
    message = protos.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    graph = message.meta_graphs[0].graph_def
    main_op = message.meta_graphs[0].collection_def["saved_model_main_op"].node_list.value[0]
    graph.node.add(name="tpu", op="ConfigureDistributedTPU")
    next(n for n in graph.node if n.name == main_op).input.append("^tpu")
    (folder / "saved_model.pb").write_bytes(message.SerializeToString())
    assert main(["check", str(folder), "--backend", "numpy"]) == 1
    assert f"'{main_op}', before: " in capsys.readouterr().out


def test_show_lists_signatures_and_op_types(recorded, capsys):
    folder = str(recorded("v2_two_signatures").folder)
    assert main(["show", folder]) == 0
    out = capsys.readouterr().out
    assert "graph for serve (this one)" in out
    assert "signature iterate (tensorflow/serving/predict)" in out
    assert "  input  steps: int32 [], iterate_steps:0" in out
    assert main(["show", folder, "--text"]) == 0
    assert capsys.readouterr().out.startswith("node {")
    assert main(["show", folder, "--dot"]) == 0
    dot = capsys.readouterr().out.splitlines()
    assert (dot[0], dot[-1]) == ("digraph {", "}")


def test_show_guesses_where_there_is_no_signature(tmp_path, capsys):
    with eg.Graph().as_default() as graph:
        tf.add(tf.placeholder(tf.float32, [2], name="a"), 1.0, name="y")
    path = tmp_path / "g.pb"
    path.write_bytes(graph.as_graph_def().SerializeToString())
    assert main(["show", str(path)]) == 0
    out = capsys.readouterr().out
    assert "input  a: float32 [2]\noutput y: float32 [2]" in out


def test_run_model_runs_a_saved_model(recorded, tmp_path, capsys):
    model = recorded("v1_simple_save")
    _, inputs, outputs = model.calls[0]
    np.save(tmp_path / "x.npy", inputs["x"])
    arguments = ["--input", f"x={tmp_path / 'x.npy'}", "--save", str(tmp_path / "out.npz")]
    assert main(["run-model", str(model.folder), *arguments]) == 0
    assert f"y: float32 [{len(inputs['x'])}, 3]" in capsys.readouterr().out
    found = np.load(tmp_path / "out.npz")
    np.testing.assert_allclose(found["y"], outputs["y"], rtol=1e-5)
    assert main(["run-model", str(model.folder), "--input", "x"]) == 1


FROZEN = [
    "v1_simple_save",
    "v1_loop",
    "v1_functional_loop",
    "keras2_embedding",
    "keras3_conv",
    "keras3_lstm",
    "v2_two_signatures",
]


@pytest.mark.parametrize("name", FROZEN)
def test_freeze_writes_a_graph_with_the_values(recorded, tmp_path, capsys, name):
    model = recorded(name)
    target = str(tmp_path / "frozen.pb")
    signature, inputs, outputs = model.calls[-1]
    assert main(["freeze", str(model.folder), target, "--signature", signature]) == 0
    printed = capsys.readouterr().out.splitlines()
    tensors = dict(line.split()[1:] for line in printed[:-1])
    frozen = eg.load(target)
    assert not any(
        "Variable" in op.type or "Var" in op.type for op in frozen.graph.get_operations()
    )
    fed = {tensors[f"{key}:"]: value for key, value in inputs.items()}
    for key, wanted in outputs.items():
        np.testing.assert_allclose(
            frozen.run(fed, [tensors[f"{key}:"]]), wanted, rtol=1e-4, atol=1e-6
        )


@pytest.mark.parametrize("name", ["v1_table", "v2_vocabulary"])
def test_freeze_refuses_tables(recorded, tmp_path, capsys, name):
    target = tmp_path / "frozen.pb"
    assert main(["freeze", str(recorded(name).folder), str(target)]) == 1
    assert "a graph has no place for what is in tables (HashTableV2" in capsys.readouterr().err
    assert not target.exists()


def test_what_is_no_model_is_said_on_the_standard_error(tmp_path, capsys):
    for command in ("check", "show", "run-model"):
        assert main([command, str(tmp_path)]) == 1
        assert capsys.readouterr().err.startswith("OSError: SavedModel file does not exist at: ")
