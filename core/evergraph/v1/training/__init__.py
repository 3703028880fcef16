"""tf.train: optimizers, the global step, learning rates, input queues, and training loops."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        "evergraph.protos": (
            "BytesList ClusterDef Example Feature FeatureList FeatureLists Features FloatList "
            "Int64List JobDef SaverDef SequenceExample ServerDef"
        ),
        "evergraph.v1.training.adaptive_optimizers": (
            "AdadeltaOptimizer AdagradDAOptimizer AdagradOptimizer ProximalAdagradOptimizer "
            "RMSPropOptimizer"
        ),
        "evergraph.v1.training.batches": (
            "batch batch_join maybe_batch maybe_batch_join maybe_shuffle_batch "
            "maybe_shuffle_batch_join shuffle_batch shuffle_batch_join"
        ),
        "evergraph.v1.event_files": "summary_iterator",
        "evergraph.v1.graph_files": "write_graph",
        "evergraph.v1.training.checkpoint_readers": (
            "NewCheckpointReader checkpoints_iterator list_variables load_checkpoint load_variable"
        ),
        "evergraph.v1.training.checkpoint_state": (
            "checkpoint_exists generate_checkpoint_state_proto get_checkpoint_mtimes "
            "get_checkpoint_state latest_checkpoint remove_checkpoint update_checkpoint_state"
        ),
        "evergraph.v1.training.coordinator": "Coordinator LooperThread",
        "evergraph.v1.training.ftrl": "FtrlOptimizer",
        "evergraph.v1.training.steps": (
            "assert_global_step create_global_step get_global_step get_or_create_global_step "
            "global_step"
        ),
        "evergraph.v1.training.gradient_optimizers": (
            "AdamOptimizer GradientDescentOptimizer MomentumOptimizer "
            "ProximalGradientDescentOptimizer"
        ),
        "evergraph.v1.training.learning_rates": (
            "cosine_decay cosine_decay_restarts exponential_decay inverse_time_decay "
            "linear_cosine_decay natural_exp_decay noisy_linear_cosine_decay piecewise_constant "
            "piecewise_constant_decay=piecewise_constant polynomial_decay"
        ),
        "evergraph.v1.training.server_lib": "ClusterSpec Server",
        "evergraph.v1.training.device_setter": "replica_device_setter",
        "evergraph.v1.training.initial_checkpoints": "init_from_checkpoint",
        "evergraph.v1.training.meta_graph_imports": "import_meta_graph",
        "evergraph.v1.training.meta_graphs": "export_meta_graph",
        "evergraph.v1.training.moving_averages": "ExponentialMovingAverage",
        "evergraph.v1.training.input_producers": (
            "input_producer limit_epochs range_input_producer slice_input_producer "
            "string_input_producer"
        ),
        "evergraph.v1.training.optimizer": "Optimizer",
        "evergraph.v1.readers": "match_filenames_once",
        "evergraph.v1.training.saver": "Saver",
        "evergraph.v1.training.warm_starts": "warm_start",
        "evergraph.v1.training.loops.checkpoint_hooks": (
            "CheckpointSaverHook CheckpointSaverListener"
        ),
        "evergraph.v1.training.loops.hooks": (
            "SessionRunArgs SessionRunContext SessionRunHook SessionRunValues"
        ),
        "evergraph.v1.training.loops.monitored_session": (
            "MonitoredSession SingularMonitoredSession"
        ),
        "evergraph.v1.training.loops.monitored_training": "MonitoredTrainingSession",
        "evergraph.v1.training.loops.scaffold": "Scaffold",
        "evergraph.v1.training.loops.session_creators": (
            "ChiefSessionCreator SessionCreator WorkerSessionCreator"
        ),
        "evergraph.v1.training.loops.session_manager": "SessionManager",
        "evergraph.v1.training.loops.step_hooks": (
            "GlobalStepWaiterHook StepCounterHook StopAtStepHook"
        ),
        "evergraph.v1.training.loops.summary_hooks": "ProfilerHook SummarySaverHook",
        "evergraph.v1.training.loops.supervisor": "Supervisor",
        "evergraph.v1.training.loops.timers": "SecondOrStepTimer",
        "evergraph.v1.training.loops.train_loop": "basic_train_loop",
        "evergraph.v1.training.loops.value_hooks": (
            "FeedFnHook FinalOpsHook LoggingTensorHook NanLossDuringTrainingError NanTensorHook"
        ),
        "evergraph.v1.training.queue_runner": "queue_runner=",
        "evergraph.v1.training.queue_runners": "QueueRunner add_queue_runner start_queue_runners",
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
