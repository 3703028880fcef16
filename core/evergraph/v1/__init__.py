"""`import evergraph.v1 as tf`: the namespace of TensorFlow 1 programs.

It is `tensorflow.compat.v1` as it is after `disable_v2_behavior()`. Names are imported when they
are first used.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, Final

from evergraph.v1._lazy import look_up, table

#: What a program that asks for TensorFlow's version is told: the last TensorFlow 1.
__version__ = VERSION = "1.15.5"

_PLAIN: Final = """
acos acosh asin asinh atan atan2 atanh betainc bitcast broadcast_dynamic_shape broadcast_to ceil
check_numerics cos cosh cross diag digamma equal erf erfc exp expm1 floor floor_div floormod greater
greater_equal identity_n igamma igammac invert_permutation is_finite is_inf is_nan less less_equal
lgamma log log1p logical_and logical_not logical_or matrix_band_part maximum minimum mod multiply
negative no_op not_equal realdiv reciprocal reverse reverse_v2 rint rsqrt scatter_nd sin sinh
space_to_batch_nd batch_to_space_nd sqrt square squared_difference stop_gradient subtract tan tanh
tile truncatediv truncatemod xlogy
"""
_NN: Final = """
avg_pool bias_add conv2d depthwise_conv2d_native leaky_relu log_softmax max_pool relu6 softmax
softmax_cross_entropy_with_logits sparse_softmax_cross_entropy_with_logits
softmax_cross_entropy_with_logits_v2=softmax_cross_entropy_with_logits
"""
_DTYPES: Final = """
bfloat16 bool complex64 complex128 double float16 float32 float64 half int8 int16 int32 int64
qint8 qint16 qint32 quint8 quint16 resource string uint8 uint16 uint32 uint64 variant DType as_dtype
"""
_MESSAGES: Final = """
AttrValue ConfigProto Event GPUOptions GraphDef GraphOptions MetaGraphDef NameAttrList NodeDef
OptimizerOptions RunMetadata RunOptions Summary
"""

_NAMES: Final = table(
    {
        "evergraph.v1.plain": _PLAIN,
        "evergraph.dtypes": _DTYPES,
        "evergraph.protos": _MESSAGES,
        "evergraph.shapes": "Dimension TensorShape dimension_value dimension_at_index",
        "evergraph.graph.graph": "Graph",
        "evergraph.graph.operation": "Operation",
        "evergraph.graph.tensor": "Tensor",
        "evergraph.graph.collections": "GraphKeys",
        "evergraph.graph.device": "DeviceSpec",
        "evergraph.graph.stacks": "get_default_graph reset_default_graph",
        "evergraph.graph.importer": "import_graph_def",
        "evergraph.graph.convert": "constant register_tensor_conversion_function",
        "evergraph.tensor_proto": "make_ndarray make_tensor_proto",
        "evergraph.session.session": "InteractiveSession Session",
        "evergraph.session.defaults": "get_default_session",
        "evergraph.graph.operators": (
            "abs cast conj div divide=truediv floordiv logical_xor matmul pow truediv"
        ),
        "evergraph.graph.slicing": "boolean_mask concat shape stack strided_slice",
        "evergraph.v1.framework": (
            "add_to_collection add_to_collections colocate_with container control_dependencies "
            "convert_to_tensor device get_collection get_collection_ref get_static_value "
            "is_tensor name_scope op_scope placeholder placeholder_with_default set_random_seed"
        ),
        "evergraph.v1.switches": (
            "control_flow_v2_enabled disable_control_flow_v2 disable_eager_execution "
            "disable_resource_variables disable_tensor_equality disable_v2_behavior "
            "disable_v2_tensorshape enable_control_flow_v2 enable_eager_execution "
            "enable_resource_variables enable_v2_behavior executing_eagerly "
            "resource_variables_enabled"
        ),
        "evergraph.v1.arithmetic": (
            "accumulate_n add add_n argmax argmin complex cumprod cumsum div_no_nan imag linspace "
            "lin_space=linspace range real round saturate_cast scalar_mul sigmoid sign to_bfloat16 "
            "to_complex128 to_complex64 to_double to_float to_int32 to_int64"
        ),
        "evergraph.v1.filling": (
            "eye fill meshgrid newaxis one_hot ones ones_like rank sequence_mask shape_n size "
            "zeros zeros_like"
        ),
        "evergraph.v1.flow": "Assert ensure_shape group identity tuple",
        "evergraph.v1.indexing": "batch_gather gather gather_nd where where_v2",
        "evergraph.v1.reductions": (
            "count_nonzero reduce_all reduce_any reduce_logsumexp reduce_max reduce_mean "
            "reduce_min reduce_prod reduce_sum"
        ),
        "evergraph.v1.shaping": (
            "batch_to_space expand_dims matrix_transpose pad repeat reshape slice space_to_batch "
            "split squeeze transpose unstack"
        ),
    }
)

#: Namespaces below this one.
_MODULES: Final = {
    "errors": "evergraph.errors",
    "graph_util": "evergraph.v1.graph_util",
    "raw_ops": "evergraph.v1.raw_ops",
}

_SUBSPACES: Final = {
    "nn": table(
        {
            "evergraph.v1.nn": _NN,
            "evergraph.v1.plain": "elu l2_loss relu selu softplus softsign tanh",
            "evergraph.v1.arithmetic": "sigmoid",
        }
    ),
    "math": table(
        {
            "evergraph.v1.plain": _PLAIN,
            "evergraph.v1.arithmetic": "add add_n argmax argmin cumprod cumsum sigmoid sign",
            "evergraph.graph.operators": "abs divide=truediv floordiv pow truediv",
            "evergraph.v1.reductions": (
                "reduce_all reduce_any reduce_logsumexp reduce_max reduce_mean reduce_min "
                "reduce_prod reduce_sum"
            ),
        }
    ),
    "linalg": table(
        {
            "evergraph.graph.operators": "matmul",
            "evergraph.v1.filling": "eye",
            "evergraph.v1.shaping": "matrix_transpose",
            "evergraph.v1.plain": "band_part=matrix_band_part",
        }
    ),
    "dtypes": table({"evergraph.dtypes": _DTYPES, "evergraph.graph.operators": "cast"}),
    "debugging": table(
        {"evergraph.v1.flow": "Assert", "evergraph.v1.plain": "check_numerics is_finite"}
    ),
}


class _Namespace(ModuleType):
    """A namespace below `tf`, such as `tf.nn`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{__name__}.{name}", f"`tf.{name}`.")
        self._names = _SUBSPACES[name]

    def __getattr__(self, name: str) -> Any:
        value = look_up(self.__name__, self._names, name)
        setattr(self, name, value)
        return value

    def __dir__(self) -> list[str]:
        return sorted(self._names)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        value: Any = look_up(__name__, {name: (_MODULES[name], "")}, name)
    elif name in _SUBSPACES:
        value = _Namespace(name)
    else:
        value = look_up(__name__, _NAMES, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*_NAMES, *_MODULES, *_SUBSPACES, "__version__", "VERSION"])
