"""What a TensorFlow-1 program imports as `tf`: `import evergraph.v1 as tf`.

It is `tensorflow.compat.v1` as it is after `disable_v2_behavior()`. Names are imported when they
are first asked for, from the modules of this package and of the core.
"""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        # The graph and what runs it
        "evergraph.graph.graph": "Graph",
        "evergraph.graph.operation": "Operation",
        "evergraph.graph.tensor": "Tensor",
        "evergraph.graph.collections": "GraphKeys",
        "evergraph.v1.device_spec": "DeviceSpec",
        "evergraph.graph.stacks": "get_default_graph reset_default_graph",
        "evergraph.graph.importer": "import_graph_def",
        "evergraph.graph.convert": "constant register_tensor_conversion_function",
        "evergraph.gradients": "UnconnectedGradients gradients",
        "evergraph.slices": "IndexedSlices",
        "evergraph.v1.ragged_tensor": "RaggedTensor",
        "evergraph.v1.sparse_tensor": (
            "SparseTensor SparseTensorValue convert_to_tensor_or_sparse_tensor sparse_placeholder"
        ),
        "evergraph.session.session": "InteractiveSession Session",
        "evergraph.v1.session_ops": ("delete_session_tensor get_session_handle get_session_tensor"),
        "evergraph.v1.script_ops": "numpy_function py_func",
        "evergraph.session.defaults": "get_default_session",
        "evergraph.tensor_proto": "make_ndarray make_tensor_proto",
        "evergraph.shapes": "Dimension TensorShape dimension_at_index dimension_value",
        "evergraph.errors": "OpError errors=",
        "evergraph.protos": (
            "AttrValue ConfigProto Event GPUOptions GraphDef GraphOptions HistogramProto "
            "LogMessage MetaGraphDef NameAttrList NodeDef OptimizerOptions RunMetadata RunOptions "
            "SessionLog Summary SummaryMetadata TensorInfo VariableDef"
        ),
        "evergraph.dtypes": (
            "DType as_dtype bfloat16 bool complex128 complex64 double float16 float32 float64 half "
            "int16 int32 int64 int8 qint16 qint32 qint8 quint16 quint8 resource string uint16 "
            "uint32 uint64 uint8 variant"
        ),
        "evergraph.v1.framework": (
            "QUANTIZED_DTYPES add_to_collection add_to_collections colocate_with container "
            "control_dependencies convert_to_tensor device get_collection get_collection_ref "
            "get_static_value init_scope is_symbolic_tensor is_tensor name_scope newaxis op_scope "
            "placeholder placeholder_with_default set_random_seed"
        ),
        # Variables
        "evergraph.v1.init_ops": (
            "constant_initializer glorot_normal_initializer glorot_uniform_initializer "
            "ones_initializer orthogonal_initializer random_normal_initializer "
            "random_uniform_initializer truncated_normal_initializer "
            "uniform_unit_scaling_initializer variance_scaling_initializer zeros_initializer"
        ),
        "evergraph.v1.partitions": (
            "create_partitioned_variables fixed_size_partitioner min_max_variable_partitioner "
            "variable_axis_size_partitioner"
        ),
        "evergraph.v1.state": (
            "assign assign_add assign_sub batch_scatter_update count_up_to "
            "is_variable_initialized scatter_add scatter_div scatter_max scatter_min scatter_mul "
            "scatter_nd_add scatter_nd_sub scatter_nd_update scatter_sub scatter_update"
        ),
        "evergraph.v1.variable_lists": (
            "all_variables assert_variables_initialized global_variables "
            "global_variables_initializer initialize_all_variables initialize_local_variables "
            "initialize_variables local_variables local_variables_initializer model_variables "
            "moving_average_variables report_uninitialized_variables trainable_variables "
            "variables_initializer"
        ),
        "evergraph.v1.scope_defaults": "VariableScope",
        "evergraph.v1.variable_scopes": (
            "get_local_variable get_variable get_variable_scope no_regularizer "
            "variable_creator_scope variable_op_scope variable_scope"
        ),
        "evergraph.v1.variable_store": "AUTO_REUSE",
        "evergraph.v1.variable_modes": "VariableAggregation VariableSynchronization",
        "evergraph.v1.variables": "Variable",
        # Random numbers
        "evergraph.v1.random_ops": (
            "multinomial random_crop random_gamma random_normal random_poisson random_shuffle "
            "random_uniform truncated_normal"
        ),
        "evergraph.v1.random_seed": "get_seed",
        "evergraph.v1.switches": (
            "control_flow_v2_enabled disable_control_flow_v2 disable_eager_execution "
            "disable_resource_variables disable_tensor_equality disable_v2_behavior "
            "disable_v2_tensorshape enable_control_flow_v2 enable_eager_execution "
            "enable_resource_variables enable_tensor_equality enable_v2_behavior "
            "enable_v2_tensorshape executing_eagerly executing_eagerly_outside_functions "
            "resource_variables_enabled"
        ),
        "evergraph.v1.version": (
            "COMPILER_VERSION GIT_VERSION GRAPH_DEF_VERSION GRAPH_DEF_VERSION_MIN_CONSUMER "
            "GRAPH_DEF_VERSION_MIN_PRODUCER VERSION __version__=VERSION version="
        ),
        # Control flow
        "evergraph.v1.conditions": "case cond",
        "evergraph.v1.loops": "while_loop",
        "evergraph.v1.functional_loops": "foldl foldr map_fn scan",
        "evergraph.v1.tensor_array": "TensorArray",
        "evergraph.v1.nest": "nest=",
        # Queues
        "evergraph.v1.queues": (
            "FIFOQueue PaddingFIFOQueue PriorityQueue QueueBase RandomShuffleQueue"
        ),
        # Files
        "evergraph.v1.readers": (
            "FixedLengthRecordReader IdentityReader ReaderBase TFRecordReader TextLineReader "
            "WholeFileReader matching_files read_file write_file"
        ),
        "evergraph.v1.features": (
            "FixedLenFeature FixedLenSequenceFeature SparseFeature VarLenFeature"
        ),
        "evergraph.v1.tables": "initialize_all_tables tables_initializer",
        "evergraph.v1.string_hashes": "string_to_hash_bucket string_to_hash_bucket_strong",
        "evergraph.v1.parsing": (
            "decode_csv decode_json_example parse_example parse_single_example "
            "parse_single_sequence_example"
        ),
        # Namespaces
        "evergraph.v1.app": "app=",
        "evergraph.v1.bitwise": "bitwise=",
        "evergraph.v1.compat": "compat=",
        "evergraph.v1.contrib": "contrib=",
        "evergraph.v1.data": "data=",
        "evergraph.v1.debugging": "debugging=",
        "evergraph.v1.distributions": "distributions=",
        "evergraph.v1.dtypes": "dtypes=",
        "evergraph.v1.flags": "flags=",
        "evergraph.v1.gfile": "gfile=",
        "evergraph.v1.graph_util": "graph_util=",
        "evergraph.v1.image": "image=",
        "evergraph.v1.initializers": "initializers=",
        "evergraph.v1.io": "io=",
        "evergraph.v1.layers": "layers=",
        "evergraph.v1.linalg": "linalg=",
        "evergraph.v1.lookup": "lookup=",
        "evergraph.v1.losses": "losses=",
        "evergraph.v1.manip": "manip=",
        "evergraph.v1.math": "math=",
        "evergraph.v1.metrics": "metrics=",
        "evergraph.v1.nn": "nn=",
        "evergraph.v1.python_io": "python_io=",
        "evergraph.v1.queue": "queue=",
        "evergraph.v1.ragged": "ragged=",
        "evergraph.v1.random": "random=",
        "evergraph.v1.raw_ops": "raw_ops=",
        "evergraph.v1.saved_model": "saved_model=",
        "evergraph.v1.sparse": "sparse=",
        "evergraph.v1.strings": "strings=",
        "evergraph.v1.summary": "summary=",
        "evergraph.v1.test": "test=",
        "evergraph.v1.tf_logging": "logging=",
        "evergraph.v1.training": "train=",
        # Builders
        "evergraph.graph.operators": "abs cast conj div floordiv logical_xor matmul pow truediv",
        "evergraph.graph.slicing": "boolean_mask concat shape stack",
        "evergraph.v1.arithmetic": (
            "accumulate_n add add_n div_no_nan divide lbeta log_sigmoid round scalar_mul sigmoid "
            "sign"
        ),
        "evergraph.v1.asserts": (
            "assert_equal assert_greater assert_greater_equal assert_integer assert_less "
            "assert_less_equal assert_near assert_negative assert_non_negative "
            "assert_non_positive assert_none_equal assert_positive assert_proper_iterable "
            "assert_rank assert_rank_at_least assert_rank_in assert_same_float_dtype assert_scalar "
            "assert_type is_numeric_tensor verify_tensor_all_finite"
        ),
        "evergraph.v1.clipping": (
            "clip_by_average_norm clip_by_global_norm clip_by_norm clip_by_value global_norm"
        ),
        "evergraph.v1.confusion": "confusion_matrix",
        "evergraph.v1.contractions": "einsum tensordot",
        "evergraph.v1.conversion": (
            "angle complex imag real saturate_cast to_bfloat16 to_complex128 to_complex64 "
            "to_double to_float to_int32 to_int64"
        ),
        "evergraph.v1.filling": (
            "diag_part eye fill matrix_diag matrix_diag_part matrix_set_diag meshgrid one_hot ones "
            "ones_like rank sequence_mask shape_n size zeros zeros_like"
        ),
        "evergraph.v1.flow": "Assert ensure_shape group guarantee_const identity tuple",
        "evergraph.v1.differentiation": (
            "AggregationMethod NoGradient=no_gradient NotDifferentiable=no_gradient "
            "RegisterGradient custom_gradient hessians no_gradient"
        ),
        "evergraph.v1.indexing": (
            "batch_gather broadcast_static_shape gather gather_nd setdiff1d "
            "tensor_scatter_nd_update tensor_scatter_update=tensor_scatter_nd_update unique "
            "unique_with_counts where where_v2"
        ),
        "evergraph.v1.matrices": (
            "cholesky_solve matrix_triangular_solve norm self_adjoint_eig self_adjoint_eigvals svd "
            "trace"
        ),
        "evergraph.v1.plain": (
            "acos acosh arg_max arg_min asin asinh atan atan2 atanh batch_to_space_nd betainc "
            "bitcast broadcast_dynamic_shape broadcast_to ceil check_numerics cholesky cos cosh "
            "cross diag digamma dynamic_partition dynamic_stitch equal erf erfc exp expm1 floor "
            "floor_div floormod greater greater_equal identity_n igamma igammac "
            "invert_permutation is_finite is_inf is_nan less less_equal lgamma log log1p "
            "logical_and logical_not logical_or matrix_band_part matrix_determinant "
            "matrix_inverse matrix_solve matrix_square_root maximum minimum mod multiply negative "
            "no_op not_equal parse_tensor polygamma qr realdiv reciprocal reverse reverse_v2 rint "
            "rsqrt scatter_nd serialize_tensor segment_max segment_mean segment_min segment_prod "
            "segment_sum sin sinh space_to_batch_nd sparse_matmul sqrt square squared_difference "
            "stop_gradient subtract tan tanh "
            "tensor_scatter_add tensor_scatter_nd_add tensor_scatter_nd_max "
            "tensor_scatter_nd_min tensor_scatter_nd_sub tensor_scatter_sub tile truncatediv "
            "truncatemod unravel_index unsorted_segment_max unsorted_segment_min "
            "unsorted_segment_prod unsorted_segment_sum zeta "
            "as_string decode_base64 decode_compressed encode_base64 string_strip"
        ),
        "evergraph.v1.reductions": (
            "argmax argmin count_nonzero reduce_all reduce_any reduce_logsumexp reduce_max "
            "reduce_mean reduce_min reduce_prod reduce_sum"
        ),
        "evergraph.v1.segments": (
            "sparse_segment_mean sparse_segment_sqrt_n sparse_segment_sum unsorted_segment_mean "
            "unsorted_segment_sqrt_n"
        ),
        "evergraph.v1.sequences": "cumprod cumsum lin_space=linspace linspace range",
        "evergraph.v1.shaping": (
            "expand_dims matrix_transpose pad parallel_stack repeat reshape reverse_sequence roll "
            "slice split squeeze strided_slice transpose unstack"
        ),
        "evergraph.v1.sorting": "argsort searchsorted sort",
        "evergraph.v1.sparse_ops": (
            "sparse_merge sparse_reorder sparse_retain sparse_tensor_dense_matmul "
            "sparse_tensor_to_dense sparse_to_dense"
        ),
        "evergraph.v1.texts": "reduce_join",
        "evergraph.v1.string_ops": (
            "Print decode_raw regex_replace string_join string_split string_to_hash_bucket_fast "
            "string_to_number substr"
        ),
        "evergraph.v1.space": (
            "batch_to_space depth_to_space required_space_to_batch_paddings space_to_batch "
            "space_to_depth"
        ),
    }
)

__all__ = sorted(_PUBLIC)


#: What there will not be, and what to use.
_ELSEWHERE = {
    "GradientTape": "there is no eager mode: build the gradients with tf.gradients",
    "distribute": "train on several machines with tf.train.Server and replica_device_setter",
    "estimator": "write the training loop with tf.train.MonitoredTrainingSession and hooks",
    "feature_column": "parse with tf.io.parse_example, and embed with tf.nn.embedding_lookup",
    "function": "there is no eager mode: a graph is built once, and runs as a whole",
    "keras": "use tf.layers, or Keras itself with a backend of its own",
    "lite": "evergraph runs graphs and SavedModels, and converts none",
    "tpu": "the backend 'jax' runs on TPUs: tf.ConfigProto(backend='jax')",
    "xla": "the backend 'jax' compiles with XLA: tf.ConfigProto(backend='jax')",
}


def __getattr__(name: str) -> Any:
    if name in _ELSEWHERE:
        raise AttributeError(f"evergraph.v1 has no {name!r}: {_ELSEWHERE[name]}")
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
