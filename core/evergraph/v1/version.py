"""tf.version: the version that programs ask for."""

from __future__ import annotations

from typing import Final

from evergraph.vocabulary import (
    GRAPH_DEF_VERSION,
    GRAPH_DEF_VERSION_MIN_CONSUMER,
    GRAPH_DEF_VERSION_MIN_PRODUCER,
)

__all__ = [
    "COMPILER_VERSION",
    "GIT_VERSION",
    "GRAPH_DEF_VERSION",
    "GRAPH_DEF_VERSION_MIN_CONSUMER",
    "GRAPH_DEF_VERSION_MIN_PRODUCER",
    "VERSION",
]

#: The last release of TensorFlow 1. Programs compare it to learn whether they must go through
#: `tensorflow.compat.v1`. What evergraph is says `evergraph.__version__`, and whose op set it has,
#: `evergraph.vocabulary.TENSORFLOW_VERSION`.
VERSION: Final = "1.15.5"
GIT_VERSION: Final = "unknown"
COMPILER_VERSION: Final = "unknown"
