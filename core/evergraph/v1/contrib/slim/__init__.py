"""tf.contrib.slim: the layers and variables of contrib under one name, and a training loop."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import table
from evergraph.v1.contrib.advice import look_up_here

_PUBLIC = table(
    {
        "evergraph.v1.contrib.layers.dense": (
            "fully_connected linear relu relu6 elu bias_add legacy_fully_connected "
            "legacy_linear legacy_relu"
        ),
        "evergraph.v1.contrib.layers.convolutional": (
            "conv1d=convolution1d conv2d=convolution2d "
            "conv2d_in_plane=convolution2d_in_plane "
            "conv2d_transpose=convolution2d_transpose conv3d=convolution3d "
            "conv3d_transpose=convolution3d_transpose convolution convolution1d "
            "convolution2d convolution2d_in_plane convolution2d_transpose convolution3d "
            "convolution3d_transpose separable_conv2d=separable_convolution2d "
            "separable_convolution2d"
        ),
        "evergraph.v1.contrib.layers.pooling": ("avg_pool2d avg_pool3d max_pool2d max_pool3d pool"),
        "evergraph.v1.contrib.layers.batch_normalization": "batch_norm",
        "evergraph.v1.contrib.layers.normalization": (
            "group_norm instance_norm layer_norm unit_norm"
        ),
        "evergraph.v1.contrib.layers.shapes": (
            "dropout flatten maxout one_hot_encoding softmax spatial_softmax"
        ),
        "evergraph.v1.contrib.layers.repetition": "repeat stack",
        "evergraph.v1.contrib.layers.embeddings": (
            "embed_sequence embedding_lookup_unique scale_gradient"
        ),
        "evergraph.v1.contrib.layers.initializers": (
            "variance_scaling_initializer xavier_initializer "
            "xavier_initializer_conv2d=xavier_initializer"
        ),
        "evergraph.v1.contrib.layers.regularizers": (
            "apply_regularization l1_l2_regularizer l1_regularizer l2_regularizer sum_regularizer"
        ),
        "evergraph.v1.contrib.layers.optimizers": (
            "OPTIMIZER_CLS_NAMES OPTIMIZER_SUMMARIES adaptive_clipping_fn optimize_loss"
        ),
        "evergraph.v1.contrib.layers.summaries": (
            "summarize_activation summarize_activations summarize_biases "
            "summarize_collection summarize_tensor summarize_tensors summarize_variables "
            "summarize_weights"
        ),
        "evergraph.v1.contrib.layers.utils": "utils=",
        "evergraph.v1.contrib.framework.arguments": (
            "add_arg_scope arg_scope arg_scope_func_key arg_scoped_arguments "
            "current_arg_scope has_arg_scope"
        ),
        "evergraph.v1.contrib.framework.variables": (
            "add_model_variable assign_from_checkpoint assign_from_checkpoint_fn "
            "assign_from_values assign_from_values_fn filter_variables get_local_variables "
            "get_model_variables get_trainable_variables get_unique_variable "
            "get_variable_full_name get_variables get_variables_by_name "
            "get_variables_by_suffix get_variables_to_restore global_variable "
            "local_variable model_variable variable"
        ),
        "evergraph.v1.contrib.framework.others": ("assert_or_get_global_step create_global_step"),
        "evergraph.v1.training": ("assert_global_step get_global_step get_or_create_global_step"),
        "evergraph.v1.contrib.layers": "layers=",
        "evergraph.v1.contrib.slim.learning": "learning=",
        "evergraph.v1.contrib.slim.losses": "losses=",
        "evergraph.v1.contrib.slim.evaluation": "evaluation=",
        "evergraph.v1.contrib.metrics": "metrics=",
        "evergraph.v1.contrib.slim.model_analyzer": "model_analyzer=",
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up_here(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
