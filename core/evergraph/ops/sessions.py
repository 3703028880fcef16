"""Values that a session keeps between runs, on their device: GetSessionHandle and its kin."""

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import define, no_gradient
from evergraph.ops.flow import no_shapes
from evergraph.ops.rules import scalar


def keep(xp, context, value, *, T, _node, _device):
    return context.resources.keep(_node, _device, value, T).encode()


def kept(xp, context, handle, *, dtype):
    found = _kept(context, handle)
    if found.dtype != dtype:
        raise InvalidArgumentError(
            None,
            None,
            f"The value with handle '{_name(handle)}' is of type {np.dtype(found.dtype).name}, not of "
            f"{np.dtype(dtype).name}",
        )
    return found.value


def forget(xp, context, handle):
    _kept(context, handle)
    del context.resources.kept[_name(handle)]


def unknown(handle):
    return None


def _kept(context, handle):
    name = _name(handle)
    if name not in context.resources.kept:
        raise InvalidArgumentError(
            None, None, f"The tensor with handle '{name}' is not in the session store."
        )
    return context.resources.kept[name]


def _name(handle):
    return (handle if isinstance(handle, bytes) else handle.item()).decode("utf-8", "replace")


for _type in ("GetSessionHandle", "GetSessionHandleV2"):
    define(
        _type,
        keep,
        shape=scalar,
        unknown_rank=True,
        effects="state",
        blocking=True,
        resident=True,
        gradient=no_gradient,
    )
define(
    "GetSessionTensor",
    kept,
    shape=unknown,
    unknown_rank=True,
    effects="state",
    blocking=True,
    resident=True,
    gradient=no_gradient,
)
define(
    "DeleteSessionTensor",
    forget,
    shape=no_shapes,
    unknown_rank=True,
    effects="state",
    context=True,
    gradient=no_gradient,
)
