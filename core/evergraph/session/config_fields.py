"""What the fields of ConfigProto and RunOptions do; all others are kept, and have no effect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from evergraph import protos

#: By the path of the field, what it does.
EFFECTS: Final[dict[str, str]] = {
    "ConfigProto.allow_soft_placement": "a device that a task does not have gives way to its first",
    "ConfigProto.backend": "the backend; the environment's EVERGRAPH_BACKEND, or numpy, if empty",
    "ConfigProto.backend_options": "options: `host=any` lets any op run on the host, "
    "`feeds=strict` refuses fed values that lose something in the cast",
    "ConfigProto.device_count": "how many logical devices of each type there are",
    "ConfigProto.gpu_options.allow_growth": "jax: memory is not taken beforehand",
    "ConfigProto.gpu_options.per_process_gpu_memory_fraction": "jax: how much memory is taken",
    "ConfigProto.gpu_options.visible_device_list": "jax: the GPUs, by number, that are devices",
    "ConfigProto.graph_options.build_cost_model": "a traced run fills RunMetadata.cost_graph",
    "ConfigProto.graph_options.optimizer_options.opt_level": "L0: constants are not folded",
    "ConfigProto.intra_op_parallelism_threads": "threads of the process for one op; 0: as many as "
    "affinity and cgroup quota allow. numpy: of BLAS, if threadpoolctl is there; jax: of XLA's "
    "CPU, if it has not started",
    "ConfigProto.isolate_session_state": "a remote session shares no variables with others",
    "ConfigProto.log_device_placement": "the device of each operation is written to stderr",
    "ConfigProto.operation_timeout_in_ms": "a run that takes longer is a DeadlineExceededError",
    "ConfigProto.session_inter_op_thread_pool": "the pools that RunOptions may name",
    "RunOptions.inter_op_thread_pool": "checked against the session's pools",
    "RunOptions.output_partition_graphs": "fills RunMetadata.partition_graphs",
    "RunOptions.timeout_in_ms": "a run that takes longer is a DeadlineExceededError",
    "RunOptions.trace_level": "above NO_TRACE, nodes run one by one and fill step_stats",
}


def fields() -> Iterator[tuple[str, str]]:
    """Return the path of every field of both messages, with what it does ("" for nothing)."""
    for message in (protos.ConfigProto, protos.RunOptions):
        yield from _fields(message.DESCRIPTOR, message.DESCRIPTOR.name)


def _fields(descriptor: Any, path: str) -> Iterator[tuple[str, str]]:
    for field in descriptor.fields:
        inner = f"{path}.{field.name}"
        nested = field.message_type
        if nested is not None and any(known.startswith(f"{inner}.") for known in EFFECTS):
            yield from _fields(nested, inner)
        else:
            yield inner, EFFECTS.get(inner, "")
