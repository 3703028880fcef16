"""What to use in place of what evergraph leaves out of tf.contrib."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from evergraph.v1._lazy import Table, look_up

_LOOP: Final = "write the training loop with tf.train.MonitoredTrainingSession"

#: By name below `tf.contrib`; the longest prefix counts.
ADVICE: Final[Mapping[str, str]] = {
    "boosted_trees": "train with another library; it has no graph that evergraph could run",
    "cloud": "copy the files to where tf.gfile finds them",
    "cluster_resolver": "give the addresses to tf.train.ClusterSpec",
    "cudnn_rnn": "use tf.nn.rnn_cell with tf.nn.dynamic_rnn",
    "crf": "compute the likelihood with tf.scan, and decode with NumPy",
    "distribute": "place parts of the graph with tf.device",
    "eager": "evergraph runs graphs: build one, and run it in a tf.Session",
    "estimator": _LOOP,
    "factorization": "build the graph of ops of tf.linalg",
    "ffmpeg": "decode with another library, and feed the samples",
    "graph_editor": "change the tf.GraphDef, and import it with tf.import_graph_def(input_map=…)",
    "keras": "use tf.layers; Keras 3 on JAX is the successor of tf.keras",
    "layers.python": "import the names from tf.contrib.layers",
    "learn": _LOOP,
    "learn.preprocessing": "tf.contrib.learn.preprocessing has VocabularyProcessor only",
    "memory_stats": "ask for a trace: tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)",
    "nccl": "add the values with tf.add_n",
    "predictor": "load a model with evergraph.load",
    "quantize": "evergraph computes with the types of the graph; quantize before it is exported",
    "resampler": "use tf.gather_nd",
    "rnn": "use a cell of tf.nn.rnn_cell, or write its maths as a subclass of RNNCell",
    "seq2seq.BeamSearchDecoder": "decode with GreedyEmbeddingHelper or SampleEmbeddingHelper",
    "slim.nets": "the networks are in the package tf_slim, and in tensorflow/models",
    "slim.python": "import the names from tf.contrib.slim",
    "summary": "use tf.summary",
    "tensor_forest": "train with another library; it has no graph that evergraph could run",
    "tensorboard": "write the projector's configuration as a file",
    "tensorrt": "evergraph compiles by ConfigProto(backend='jax')",
    "tpu": "tf.Session runs on TPUs with ConfigProto(backend='jax')",
}


def advice(name: str) -> str:
    """Return what is advised for a dotted name below `tf.contrib`, or an empty string."""
    parts = name.split(".")
    prefixes = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((ADVICE[prefix] for prefix in prefixes if prefix in ADVICE), "")


def look_up_here(namespace: str, names: Table, name: str) -> Any:
    """Return what a namespace of contrib has under a name; see `_lazy.look_up`.

    Raises:
      AttributeError: it has nothing; the message says what to use instead.
    """
    try:
        return look_up(namespace, names, name)
    except AttributeError as error:
        inner = f"{namespace}.{name}".partition(".contrib.")[2]
        instead = "" if name in names or name.startswith("__") else advice(inner)
        if not instead:
            raise
        _, meant, similar = str(error).partition(". Did you mean ")
        raise AttributeError(
            f"evergraph has no tf.contrib.{inner}: {instead}{meant}{similar}"
        ) from None
