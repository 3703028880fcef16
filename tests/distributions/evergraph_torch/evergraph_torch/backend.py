"""The backend: a kernel table, the types it computes with, and two conversions."""

from __future__ import annotations

from typing import Any

import array_api_compat.torch as xp
import ml_dtypes
import numpy as np
import torch

from evergraph.plugin import HOST_ONLY, Backend, DType, Namespace, bind
from evergraph_torch.claims import DTYPES, HOST_OPS
from evergraph_torch.primitives import EXT, KERNELS


def dtype_of(dtype: DType) -> torch.dtype:
    """Return PyTorch's dtype of that name."""
    found: torch.dtype = getattr(torch, dtype.name)
    return found


class Tensors(Namespace):
    """PyTorch's namespace as the standard has it."""

    def asarray(self, obj: Any, /, **options: Any) -> torch.Tensor:
        """PyTorch warns of memory that is read-only, and shares it."""
        if isinstance(obj, np.ndarray) and not obj.flags.writeable:
            obj = obj.copy()
        return xp.asarray(obj, **options)


class TorchBackend(Backend):
    """Runs the kernels of the core on PyTorch's tensors."""

    name = "torch"
    api_version = (1, 0)
    dtypes = DTYPES
    host_ops = HOST_OPS
    table = bind(Tensors(xp, ext=EXT, dtype=dtype_of)).without(*HOST_ONLY, *HOST_OPS) | KERNELS
    # The threads of a parallel region do not live on in a child.
    survives_fork = False

    def to_host(self, value: Any) -> Any:
        """Return a tensor as a NumPy array, which shares its memory."""
        if not isinstance(value, torch.Tensor):
            return np.asarray(value)[()]
        if value.dtype == torch.bfloat16:
            return value.view(torch.int16).numpy().view(ml_dtypes.bfloat16)[()]
        return value.resolve_conj().numpy()[()]

    def from_host(self, value: Any) -> torch.Tensor:
        """Return a NumPy value as a tensor."""
        value = np.asarray(value)
        if value.dtype == ml_dtypes.bfloat16:
            return torch.tensor(value.view(np.int16)).view(torch.bfloat16)
        return torch.tensor(value)
