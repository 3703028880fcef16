"""What PyTorch does otherwise, or better, than the plain primitives of `xp.ext`."""

from __future__ import annotations

import torch
from torch.nn import functional


def bitcast(xp, x, dtype):
    """The standard has no such function."""
    return x.view(dtype)


def any_bitcast(x, *, type):
    """PyTorch's view, of any width: the shared kernel shifts unsigned integers."""
    source, target = x.element_size(), type.itemsize
    if source == target:
        return x.view(type)
    if source > target:
        return x.unsqueeze(-1).contiguous().view(type)
    if x.shape[-1:] != (target // source,):
        raise ValueError(f"Cannot bitcast: the last dimension must be {target // source}")
    return x.contiguous().view(type).squeeze(-1)


def linalg(xp, name, *arrays, **options):
    """PyTorch raises where there is no result; the twins of those functions do not."""
    if name == "triangular_solve":
        matrix, right = arrays
        if options["adjoint"]:
            matrix = matrix.mH
        upper = options["lower"] == options["adjoint"]
        return torch.linalg.solve_triangular(matrix, right, upper=upper)
    if name not in ("cholesky", "inv", "solve"):
        return getattr(xp.linalg, name)(*arrays, **options)
    result, info = getattr(torch.linalg, f"{name}_ex")(*arrays)
    return torch.where((info == 0)[..., None, None], result, torch.nan)


def einsum(xp, equation, *operands):
    """PyTorch multiplies matrices, where the shared one broadcasts."""
    return torch.einsum(equation, *operands)


def scatter(xp, x, indices, updates, *, how):
    """PyTorch's, on rows: the shared one goes through them one by one."""
    depth = indices.shape[-1]
    rows = x.reshape(x.shape[:depth].numel(), *x.shape[depth:]).clone()
    places = torch.zeros(indices.shape[:-1], dtype=torch.int64)
    for i in range(depth):
        places = places * x.shape[i] + indices[..., i]
    places = places.reshape(-1)
    updates = updates.reshape(places.shape[0], *rows.shape[1:])
    if how == "set":
        # Which of several updates of a row wins is not defined; here it is the last one.
        order = torch.arange(places.shape[0])
        last = torch.full(rows.shape[:1], -1).scatter_reduce_(0, places, order, "amax")
        rows[last >= 0] = updates[last[last >= 0]]
    elif how == "add":
        rows.index_add_(0, places, updates)
    else:
        places = places.reshape(-1, *(1,) * (rows.ndim - 1)).expand_as(updates)
        rows.scatter_reduce_(0, places, updates, _REDUCTIONS[how])
    return rows.reshape(x.shape)


_REDUCTIONS = {"multiply": "prod", "minimum": "amin", "maximum": "amax"}


def conv(xp, x, w, *, strides, padding, dilation=None, groups=1, input_dilation=None):
    """PyTorch's convolution of one to three spatial axes, which has the channels in front."""
    rank = w.ndim - 2
    if input_dilation is not None and max(input_dilation) > 1:
        spread = [(n - 1) * s + 1 for n, s in zip(x.shape[1:-1], input_dilation, strict=True)]
        spaced = x.new_zeros((x.shape[0], *(max(n, 0) for n in spread), x.shape[-1]))
        spaced[(slice(None), *(slice(None, None, s) for s in input_dilation))] = x
        x = spaced
    sides = [n for pair in reversed(padding) for n in pair]
    x = functional.pad(x.movedim(-1, 1), sides)
    w = w.movedim((-1, -2), (0, 1))
    function = (functional.conv1d, functional.conv2d, functional.conv3d)[rank - 1]
    y = function(x, w, stride=strides, dilation=dilation or 1, groups=groups)
    return y.movedim(1, -1)


def special(xp, name, x):
    """PyTorch has these functions."""
    return getattr(torch.special, name)(x)


#: Primitives that replace the plain ones.
EXT = {
    "bitcast": bitcast,
    "linalg": linalg,
    "einsum": einsum,
    "scatter": scatter,
    "conv": conv,
    "special": special,
}

#: Kernels that replace the shared ones.
KERNELS = {"Bitcast": any_bitcast}
