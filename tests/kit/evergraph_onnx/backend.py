"""The backend: its table, and two conversions."""

from __future__ import annotations

from typing import Any

import numpy as np

from evergraph.plugin import Backend, Executable, Program
from evergraph_onnx.arrays import Array
from evergraph_onnx.executable import OnnxExecutable
from evergraph_onnx.table import TABLE


class OnnxBackend(Backend):
    """Compiles each region of a step to a model."""

    name = "onnx"
    table = TABLE
    # ONNX Runtime's kernels take other types one by one: no convolution of float64, no sum of int8.
    dtypes = frozenset({"bool", "float32", "int32", "int64"})
    features = frozenset({"compiles"})
    cache_key = "onnx"

    def compile(self, program: Program) -> Executable:
        """Return the program as models, one for each signature of its inputs."""
        return OnnxExecutable(program, self.table)

    def to_host(self, value: Any) -> Any:
        """Return an array as NumPy's, which shares its memory."""
        return value.numpy()[()] if isinstance(value, Array) else value

    def from_host(self, value: Any) -> Any:
        """Return a NumPy value as an array of ONNX Runtime's."""
        return Array.of(np.array(value))
