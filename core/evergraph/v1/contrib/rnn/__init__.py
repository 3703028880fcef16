"""tf.contrib.rnn: cells, what wraps them, and what runs them."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import table
from evergraph.v1.contrib.advice import look_up_here

_PUBLIC = table(
    {
        "evergraph.v1.nn": "static_bidirectional_rnn static_rnn",
        "evergraph.v1.rnn.rnn_cell": (
            "BasicLSTMCell BasicRNNCell DeviceWrapper DropoutWrapper GRUCell LSTMCell "
            "LSTMStateTuple MultiRNNCell RNNCell ResidualWrapper"
        ),
        "evergraph.v1.rnn.cells": "LayerRNNCell",
        "evergraph.v1.contrib.rnn.cells": (
            "GRUBlockCellV2 LSTMBlockCell LayerNormBasicLSTMCell NASCell UGRNNCell"
        ),
        "evergraph.v1.contrib.rnn.wrappers": (
            "AttentionCellWrapper EmbeddingWrapper HighwayWrapper InputProjectionWrapper "
            "OutputProjectionWrapper"
        ),
        "evergraph.v1.contrib.rnn.stacks": (
            "stack_bidirectional_dynamic_rnn stack_bidirectional_rnn transpose_batch_time"
        ),
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up_here(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
