"""Record the graphs that TensorFlow's builders make of the snippets; runs where TensorFlow is.

python tests/oracle/record_builders.py
"""

import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any

import tensorflow.compat.v1 as tf

HERE = Path(__file__).resolve().parent
GOLDEN = HERE.parent / "v1" / "builders.json.gz"

sys.path.insert(0, str(HERE.parent / "v1"))
from snippets import ERRORS, SNIPPETS, Snippet  # noqa: E402

tf.disable_v2_behavior()


def graph_of(snippet: Snippet) -> str:
    """Return the GraphDef of a snippet as text, with static shapes."""
    with tf.Graph().as_default() as graph:
        snippet(tf)
    return str(graph.as_graph_def(add_shapes=True))


def failure_of(snippet: Snippet) -> dict[str, str]:
    """Return the type and the message of a snippet's error."""
    try:
        with tf.Graph().as_default():
            snippet(tf)
    except Exception as error:
        message = str(getattr(error, "message", error))
        return {"type": type(error).__name__, "message": re.sub("0x[0-9a-f]+", "0x", message)}
    return {"type": "", "message": "no error"}


def main() -> None:
    """Record all snippets."""
    recorded: dict[str, Any] = {
        "graphs": {name: graph_of(snippet) for name, snippet in SNIPPETS.items()},
        "errors": {name: failure_of(snippet) for name, snippet in ERRORS.items()},
    }
    data = json.dumps(recorded, indent=0, sort_keys=True).encode()
    GOLDEN.write_bytes(gzip.compress(data, 9, mtime=0))
    print(f"{len(SNIPPETS)} graphs, {len(ERRORS)} errors, {GOLDEN.stat().st_size} bytes")


if __name__ == "__main__":
    main()
