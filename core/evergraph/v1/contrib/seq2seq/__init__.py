"""tf.contrib.seq2seq: decoders, attention, and the loss of sequences."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import table
from evergraph.v1.contrib.advice import look_up_here

_PUBLIC = table(
    {
        "evergraph.v1.contrib.seq2seq.losses": "sequence_loss",
        "evergraph.v1.contrib.seq2seq.helpers": (
            "CustomHelper GreedyEmbeddingHelper Helper InferenceHelper "
            "SampleEmbeddingHelper ScheduledEmbeddingTrainingHelper TrainingHelper"
        ),
        "evergraph.v1.contrib.seq2seq.basic_decoder": "BasicDecoder BasicDecoderOutput",
        "evergraph.v1.contrib.seq2seq.decoder": "Decoder dynamic_decode",
        "evergraph.v1.contrib.seq2seq.attention": (
            "AttentionMechanism BahdanauAttention LuongAttention hardmax"
        ),
        "evergraph.v1.contrib.seq2seq.attention_wrapper": (
            "AttentionWrapper AttentionWrapperState"
        ),
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up_here(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
