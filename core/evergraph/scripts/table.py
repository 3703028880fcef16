"""Which modules of TensorFlow there are for a script, and of what names they are made."""

from __future__ import annotations

from typing import Final

#: From a module, without `tensorflow.`, to what it is made of: names of namespaces, all of whose
#: names it has (`tf` is `evergraph.v1`), and `public=tf.other.name` for what is named otherwise
#: there. Modules above one that is listed need no entry.
MODULES: Final = {
    "": "tf",
    "compat": "tf.compat",
    "compat.v1": "tf",
    # Data sets of the tutorials
    "contrib.learn.python.learn.datasets.base": "evergraph.scripts.mnist",
    "contrib.learn.python.learn.datasets.mnist": "evergraph.scripts.mnist",
    "examples.tutorials.mnist": "input_data=evergraph.scripts.mnist",
    "examples.tutorials.mnist.input_data": "evergraph.scripts.mnist",
    # contrib
    "contrib": "tf.contrib",
    "contrib.distributions": "tf.contrib.distributions tf.distributions",
    "contrib.framework": (
        "tf.contrib.framework argsort=tf.argsort assert_global_step=tf.train.assert_global_step "
        "assert_same_float_dtype=tf.assert_same_float_dtype assert_scalar=tf.assert_scalar "
        "convert_to_tensor_or_sparse_tensor=tf.convert_to_tensor_or_sparse_tensor "
        "get_global_step=tf.train.get_global_step "
        "get_or_create_global_step=tf.train.get_or_create_global_step "
        "init_from_checkpoint=tf.train.init_from_checkpoint is_tensor=tf.is_tensor "
        "list_variables=tf.train.list_variables load_checkpoint=tf.train.load_checkpoint "
        "load_variable=tf.train.load_variable nest=tf.nest sort=tf.sort "
    ),
    "contrib.framework.nest": "tf.nest",
    "contrib.layers": "tf.contrib.layers flatten=tf.layers.flatten",
    "contrib.layers.python.layers": "tf.contrib.layers",
    "contrib.metrics": (
        "tf.contrib.metrics confusion_matrix=tf.confusion_matrix "
        "streaming_accuracy=tf.metrics.accuracy streaming_auc=tf.metrics.auc "
        "streaming_mean=tf.metrics.mean streaming_mean_iou=tf.metrics.mean_iou "
        "streaming_precision=tf.metrics.precision streaming_recall=tf.metrics.recall "
    ),
    "contrib.rnn": (
        "tf.contrib.rnn tf.nn.rnn_cell static_bidirectional_rnn=tf.nn.static_bidirectional_rnn "
        "static_rnn=tf.nn.static_rnn static_state_saving_rnn=tf.nn.static_state_saving_rnn"
    ),
    "contrib.rnn.python.ops.core_rnn_cell": "tf.contrib.rnn tf.nn.rnn_cell",
    "contrib.rnn.python.ops.core_rnn_cell_impl": "tf.contrib.rnn tf.nn.rnn_cell",
    "contrib.seq2seq": "tf.contrib.seq2seq",
    "contrib.training": "tf.contrib.training",
    "contrib.training.python.training.hparam": "tf.contrib.training",
    # Messages
    "core.example.example_pb2": "evergraph.protos",
    "core.example.feature_pb2": "evergraph.protos",
    "core.framework.attr_value_pb2": "evergraph.protos",
    "core.framework.graph_pb2": "evergraph.protos",
    "core.framework.node_def_pb2": "evergraph.protos",
    "core.framework.step_stats_pb2": "evergraph.protos",
    "core.framework.summary_pb2": "evergraph.protos",
    "core.framework.tensor_pb2": "evergraph.protos",
    "core.framework.tensor_shape_pb2": "evergraph.protos",
    "core.framework.types_pb2": "evergraph.protos",
    "core.framework.variable_pb2": "evergraph.protos",
    "core.protobuf.config_pb2": "evergraph.protos",
    "core.protobuf.meta_graph_pb2": "evergraph.protos",
    "core.protobuf.saved_model_pb2": "evergraph.protos",
    "core.protobuf.saver_pb2": "evergraph.protos",
    "core.util.event_pb2": "evergraph.protos",
    # Modules of TensorFlow's own that programs import
    "python": "tf",
    "python.client.session": "evergraph.v1.python.client.session",
    "python.client.timeline": "evergraph.v1.timeline",
    "python.data.ops.dataset_ops": "tf.data",
    "python.data.util.nest": "tf.nest",
    "python.framework.constant_op": "tf",
    "python.framework.dtypes": "tf tf.dtypes",
    "python.framework.errors": "tf.errors",
    "python.framework.errors_impl": "tf.errors",
    "python.framework.graph_util": "tf.graph_util",
    "python.framework.importer": "tf",
    "python.framework.ops": "tf",
    "python.framework.random_seed": "tf tf.random",
    "python.framework.sparse_tensor": "tf",
    "python.framework.tensor_shape": "tf",
    "python.framework.tensor_util": "tf constant_value=tf.get_static_value",
    "python.layers.layers": "tf.layers",
    "python.lib.io.file_io": "tf.gfile tf.io.gfile",
    "python.lib.io.tf_record": "tf.python_io",
    "python.ops.array_ops": "tf",
    "python.ops.check_ops": "tf",
    "python.ops.clip_ops": "tf",
    "python.ops.control_flow_ops": "tf",
    "python.ops.data_flow_ops": "tf tf.queue",
    "python.ops.embedding_ops": "tf.nn",
    "python.ops.functional_ops": "tf",
    "python.ops.gradients": "tf",
    "python.ops.gradients_impl": "tf",
    "python.ops.image_ops": "tf.image",
    "python.ops.init_ops": "tf tf.initializers",
    "python.ops.io_ops": "tf",
    "python.ops.linalg_ops": "tf tf.linalg",
    "python.ops.logging_ops": "tf",
    "python.ops.losses.losses": "tf.losses",
    "python.ops.lookup_ops": "tf tf.lookup",
    "python.ops.math_ops": "tf tf.math",
    "python.ops.metrics": "tf.metrics",
    "python.ops.nn": "tf.nn",
    "python.ops.nn_impl": "tf.nn",
    "python.ops.nn_ops": "tf.nn",
    "python.ops.parsing_ops": "tf tf.io",
    "python.ops.partitioned_variables": "tf",
    "python.ops.random_ops": "tf tf.random",
    "python.ops.rnn": "tf.nn",
    "python.ops.rnn_cell": "tf.nn.rnn_cell",
    "python.ops.rnn_cell_impl": "tf.nn.rnn_cell",
    "python.ops.script_ops": "tf",
    "python.ops.sparse_ops": "tf tf.sparse",
    "python.ops.standard_ops": "tf",
    "python.ops.state_ops": "tf",
    "python.ops.string_ops": "tf tf.strings",
    "python.ops.tensor_array_ops": "tf",
    "python.ops.variable_scope": "tf",
    "python.ops.variables": "tf",
    "python.platform.app": "tf.app",
    "python.platform.flags": "tf.flags",
    "python.platform.gfile": "tf.gfile",
    "python.platform.tf_logging": "tf.logging",
    "python.saved_model.builder": "tf.saved_model.builder tf.saved_model",
    "python.saved_model.loader": "tf.saved_model.loader tf.saved_model",
    "python.saved_model.signature_constants": "tf.saved_model.signature_constants tf.saved_model",
    "python.saved_model.signature_def_utils": "tf.saved_model.signature_def_utils tf.saved_model",
    "python.saved_model.tag_constants": "tf.saved_model.tag_constants tf.saved_model",
    "python.summary.summary": "tf.summary",
    "python.training.adam": "tf.train",
    "python.training.basic_session_run_hooks": "tf.train",
    "python.training.checkpoint_utils": "tf.train",
    "python.training.gradient_descent": "tf.train",
    "python.training.learning_rate_decay": "tf.train",
    "python.training.momentum": "tf.train",
    "python.training.monitored_session": "tf.train",
    "python.training.moving_averages": "tf.train",
    "python.training.optimizer": "tf.train",
    "python.training.saver": "tf.train",
    "python.training.session_run_hook": "tf.train",
    "python.training.training": "tf.train",
    "python.training.training_util": "tf.train",
    "python.util.compat": "tf.compat",
    "python.util.nest": "tf.nest",
}

#: What to use in place of what is left out; the longest prefix counts.
ADVICE: Final = {
    "contrib.cluster_resolver": "give the addresses to tf.train.ClusterSpec",
    "contrib.data": "the transformations are methods of tf.data.Dataset",
    "contrib.eager": "evergraph runs graphs: build one, and run it in a tf.Session",
    "contrib.estimator": "write the training loop with tf.train.MonitoredTrainingSession",
    "contrib.keras": "use tf.layers; Keras 3 on JAX is the successor of tf.keras",
    "contrib.learn": "write the training loop with tf.train.MonitoredTrainingSession",
    "contrib.legacy_seq2seq": "use tf.nn.dynamic_rnn and tf.contrib.seq2seq",
    "contrib.losses": "use tf.losses",
    "contrib.lookup": "use tf.lookup",
    "contrib.slim": "use tf.layers, or the package tf_slim with its import line changed",
    "contrib.summary": "use tf.summary",
    "contrib.tpu": "tf.Session runs on TPUs with ConfigProto(backend='jax')",
    "compat.v2": "evergraph has TensorFlow 1's interface only: tensorflow.compat.v1",
    "estimator": "write the training loop with tf.train.MonitoredTrainingSession",
    "keras": "use tf.layers; Keras 3 on JAX is the successor of tf.keras",
    "python.estimator": "write the training loop with tf.train.MonitoredTrainingSession",
    "python.keras": "use tf.layers; Keras 3 on JAX is the successor of tf.keras",
    "python.tpu": "tf.Session runs on TPUs with ConfigProto(backend='jax')",
    # Names that TensorFlow itself dropped before 1.15
    "all_variables": "use tf.global_variables",
    "batch_matmul": "use tf.matmul",
    "batch_svd": "use tf.svd",
    "concat_v2": "use tf.concat",
    "histogram_summary": "use tf.summary.histogram",
    "image_summary": "use tf.summary.image",
    "merge_all_summaries": "use tf.summary.merge_all",
    "merge_summary": "use tf.summary.merge",
    "mul": "use tf.multiply",
    "neg": "use tf.negative",
    "nn.deconv2d": "use tf.nn.conv2d_transpose",
    "nn.seq2seq": "use tf.contrib.seq2seq",
    "pack": "use tf.stack",
    "scalar_summary": "use tf.summary.scalar",
    "sub": "use tf.subtract",
    "train.SummaryWriter": "use tf.summary.FileWriter",
    "unpack": "use tf.unstack",
}
