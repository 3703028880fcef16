"""tf.contrib.framework: default arguments for functions, and variables of models."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import table
from evergraph.v1.contrib.advice import look_up_here

_PUBLIC = table(
    {
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
        "evergraph.v1.contrib.framework.others": (
            "assert_or_get_global_step create_global_step get_graph_from_inputs "
            "get_name_scope reduce_sum_n"
        ),
        "evergraph.v1": (
            "argsort assert_same_float_dtype assert_scalar "
            "convert_to_tensor_or_sparse_tensor is_tensor nest sort"
        ),
        "evergraph.v1.training": (
            "assert_global_step get_global_step get_or_create_global_step "
            "init_from_checkpoint list_variables load_checkpoint load_variable"
        ),
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up_here(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
