"""Record the graphs that TensorFlow's builders make of the snippets; runs where TensorFlow is.

python tests/oracle/record_builders.py [MODULE …]
"""

import gzip
import json
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import tensorflow.compat.v1 as tf
from lost_names import restore

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent / "v1"

sys.path.insert(0, str(FOLDER))

tf.disable_v2_behavior()
restore(tf)


def graph_of(snippet: Any) -> tuple[str, Any, dict[str, list[str]]]:
    """Return the GraphDef of a snippet as text, what it returns, and the collections."""
    with tf.Graph().as_default() as graph:
        result = snippet(tf)
    # A table that nobody shares has a name of its own each time.
    text = re.sub(
        "hash_table_[0-9a-f-]{36}", "hash_table_", str(graph.as_graph_def(add_shapes=True))
    )
    keys = graph.get_all_collection_keys()
    named = {
        k: [getattr(v, "name", v) for v in graph.get_collection(k)]
        for k in keys
        if isinstance(k, str)
    }
    return text, plain(result), {k: v for k, v in named.items() if v}


def plain(value: Any) -> Any:
    """Return a value if JSON can hold it, else None."""
    try:
        return json.loads(json.dumps(value))
    except TypeError:
        return None


def failure_of(snippet: Any) -> dict[str, str]:
    """Return the type and the message of a snippet's error."""
    try:
        with tf.Graph().as_default():
            snippet(tf)
    except Exception as error:
        message = re.sub("0x[0-9a-f]+", "0x", str(getattr(error, "message", error)))
        # Where something was defined is another place in each run.
        return {"type": type(error).__name__, "message": message.partition("defined at:")[0]}
    return {"type": "", "message": "no error"}


def record(module: str, golden: Path) -> None:
    """Record all snippets of a module."""
    snippets = import_module(module)
    recorded: dict[str, Any] = {"graphs": {}, "results": {}, "collections": {}}
    for name, snippet in snippets.SNIPPETS.items():
        text, result, collections = graph_of(snippet)
        recorded["graphs"][name] = text
        recorded["results"].update({} if result is None else {name: result})
        recorded["collections"].update({name: collections} if collections else {})
    recorded["errors"] = {name: failure_of(s) for name, s in snippets.ERRORS.items()}
    data = json.dumps(recorded, indent=0, sort_keys=True).encode()
    golden.write_bytes(gzip.compress(data, 9, mtime=0))
    counts = f"{len(recorded['graphs'])} graphs, {len(recorded['errors'])} errors"
    print(f"{module}: {counts}, {golden.stat().st_size} bytes")


if __name__ == "__main__":
    files = {
        "snippets": "builders.json.gz",
        "variable_snippets": "variables.json.gz",
        "train_snippets": "train.json.gz",
        "queue_snippets": "queues.json.gz",
        "loss_snippets": "losses.json.gz",
        "image_snippets": "images.json.gz",
        "reader_snippets": "readers.json.gz",
        "control_snippets": "control.json.gz",
        "saver_snippets": "savers.json.gz",
        "string_snippets": "strings.json.gz",
        "parsing_snippets": "parsing.json.gz",
        "table_snippets": "tables.json.gz",
        "layer_snippets": "layers.json.gz",
        "rnn_snippets": "rnn.json.gz",
        "loop_snippets": "loops.json.gz",
        "dataset_snippets": "datasets.json.gz",
    }
    for wanted_module in sys.argv[1:] or files:
        record(wanted_module, FOLDER / files[wanted_module])
