"""`tf.test`: tests of programs."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        "evergraph.v1.testing.case": "TestCase",
        "evergraph.v1.testing.gradients": "compute_gradient compute_gradient_error",
        "evergraph.v1.testing.surroundings": (
            "assert_equal_graph_def create_local_cluster get_temp_dir gpu_device_name "
            "is_built_with_cuda is_built_with_gpu_support is_built_with_rocm is_built_with_xla "
            "is_gpu_available main test_src_dir_path"
        ),
        "unittest.mock": "mock=",
    }
)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
