"""tf.nn: activations, losses, convolutions, pooling and normalization."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        "evergraph.v1.activations": (
            "bias_add crelu leaky_relu log_softmax relu6 relu_layer silu=swish "
            "softmax swish xw_plus_b"
        ),
        "evergraph.v1.arithmetic": "sigmoid",
        "evergraph.v1.convolutions": (
            "atrous_conv2d conv1d conv2d conv3d convolution depthwise_conv2d "
            "depthwise_conv2d_native separable_conv2d"
        ),
        "evergraph.v1.dilation": "with_space_to_batch",
        "evergraph.v1.transposed_convolutions": (
            "conv1d_transpose conv2d_backprop_filter conv2d_backprop_input conv2d_transpose "
            "conv3d_transpose conv_transpose"
        ),
        "evergraph.v1.dropping": "dropout",
        "evergraph.v1.embeddings": "embedding_lookup",
        "evergraph.v1.cross_entropies": (
            "log_poisson_loss sigmoid_cross_entropy_with_logits softmax_cross_entropy_with_logits "
            "softmax_cross_entropy_with_logits_v2 sparse_softmax_cross_entropy_with_logits "
            "weighted_cross_entropy_with_logits"
        ),
        "evergraph.v1.matrices": "l2_normalize",
        "evergraph.v1.normalization": (
            "batch_norm_with_global_normalization batch_normalization fused_batch_norm moments "
            "normalize_moments sufficient_statistics weighted_moments zero_fraction"
        ),
        "evergraph.v1.plain": (
            "elu l2_loss local_response_normalization lrn relu selu softplus softsign tanh"
        ),
        "evergraph.v1.pooling": (
            "avg_pool avg_pool1d avg_pool2d=avg_pool avg_pool3d avg_pool_v2 max_pool max_pool1d "
            "max_pool2d max_pool3d max_pool_v2 max_pool_with_argmax pool"
        ),
        "evergraph.v1.rnn.dynamic": "bidirectional_dynamic_rnn dynamic_rnn",
        "evergraph.v1.rnn.raw": "raw_rnn",
        "evergraph.v1.rnn.rnn_cell": "rnn_cell=",
        "evergraph.v1.rnn.static": "static_bidirectional_rnn static_rnn",
        "evergraph.v1.sampled_losses": (
            "all_candidate_sampler compute_accidental_hits fixed_unigram_candidate_sampler "
            "learned_unigram_candidate_sampler log_uniform_candidate_sampler nce_loss "
            "sampled_softmax_loss uniform_candidate_sampler"
        ),
        "evergraph.v1.sorting": "in_top_k top_k",
        "evergraph.v1.space": "depth_to_space space_to_batch space_to_depth",
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
