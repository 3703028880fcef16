"""`tf.data.Options`: what a program may ask for; it is accepted, and changes nothing here."""

from __future__ import annotations

from typing import Any, ClassVar, Final


class _Fields:
    """Named values, None if they are not set; to set one that has no such name is an error."""

    _names: ClassVar[str] = ""

    def __init__(self) -> None:
        for name in self._names.split():
            object.__setattr__(self, name, None)

    def __setattr__(self, name: str, value: Any) -> None:
        if not hasattr(self, name):
            raise AttributeError(f"Cannot set the property {name} on {type(self).__name__}.")
        object.__setattr__(self, name, value)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return id(self)

    def _update(self, other: Any) -> None:
        for name, value in vars(other).items():
            own = getattr(self, name)
            if isinstance(own, _Fields):
                own._update(value)
            elif value is not None:
                object.__setattr__(self, name, value)


class AutotuneOptions(_Fields):
    """How numbers are to be found that are left to the library."""

    _names = "autotune_algorithm cpu_budget enabled initial_parallelism min_parallelism ram_budget"


class DistributeOptions(_Fields):
    """How datasets are to be divided between workers."""

    _names = "auto_shard_policy num_devices"


class OptimizationOptions(_Fields):
    """Which changes of a pipeline are to be made."""

    _names = (
        "apply_default_optimizations autotune autotune_buffers autotune_cpu_budget filter_fusion "
        "filter_parallelization inject_prefetch map_and_batch_fusion map_and_filter_fusion "
        "map_fusion map_parallelization noop_elimination parallel_batch seq_interleave_prefetch "
        "shuffle_and_repeat_fusion"
    )


class ThreadingOptions(_Fields):
    """How many threads are to be used."""

    _names = "max_intra_op_parallelism private_threadpool_size"


class Options(_Fields):
    """What a program may ask of a dataset by `with_options`."""

    _names = (
        "dataset_name deterministic experimental_deterministic experimental_external_state_policy "
        "experimental_service experimental_slack experimental_symbolic_checkpoint "
        "experimental_warm_start framework_type"
    )

    def __init__(self) -> None:
        super().__init__()
        self.threading: ThreadingOptions
        for name, kind in _PARTS.items():
            object.__setattr__(self, name, kind())
        object.__setattr__(self, "experimental_threading", self.threading)

    def merge(self, options: Any) -> Options:
        """Return options that are the other's where they are set, and else these."""
        found = Options()
        found._update(self)
        found._update(options)
        return found


_PARTS: Final[dict[str, type[_Fields]]] = {
    "autotune": AutotuneOptions,
    "experimental_distribute": DistributeOptions,
    "experimental_optimization": OptimizationOptions,
    "threading": ThreadingOptions,
}
