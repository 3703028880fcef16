"""The API that the cases are written against: evergraph's, or TensorFlow's own.

With `EVERGRAPH_CONFORMANCE_API=tensorflow.compat.v1` the same cases run on real TensorFlow: what
passes there is TensorFlow's truth rather than ours.
"""

from __future__ import annotations

import os
from importlib import import_module
from types import ModuleType
from typing import Any, Final

MODULE: Final = os.environ.get("EVERGRAPH_CONFORMANCE_API", "evergraph.v1")
ORACLE: Final = MODULE != "evergraph.v1"
#: Where the paths inside TensorFlow begin that programs import from.
ROOT: Final = "tensorflow" if ORACLE else MODULE

#: Raised for what a backend has no kernel for.
MISSING: Any = () if ORACLE else import_module("evergraph.errors").MissingKernelError

tf: Any = import_module(MODULE)
#: The ConfigProto of sessions that run one op: without Grappler, where there is one.
CONFIG: Any = None
if ORACLE:
    tf.disable_v2_behavior()
    CONFIG = tf.ConfigProto()
    # Of constants, Grappler folds FusedBatchNorm into a node that lacks its further outputs.
    CONFIG.graph_options.rewrite_options.disable_meta_optimizer = True


def aimed(target: str) -> Any:
    """Return the API with sessions that have a target unless they are given one.

    What such a session leaves at the target is its own, as it is without a target.
    """
    api = ModuleType(tf.__name__)
    # Names are loaded when they are asked for.
    api.__getattr__ = lambda name: getattr(tf, name)  # type: ignore[method-assign]
    for name in ("Session", "InteractiveSession"):
        setattr(api, name, _aimed(getattr(tf, name), target))
    return api


def _aimed(kind: Any, aim: str) -> Any:
    def __init__(self: Any, target: Any = "", graph: Any = None, config: Any = None) -> None:
        if target == "" and (config is None or isinstance(config, tf.ConfigProto)):
            given, config = config, tf.ConfigProto(isolate_session_state=True)
            if given is not None:
                config.MergeFrom(given)
        kind.__init__(self, aim if target == "" else target, graph, config)

    return type(kind.__name__, (kind,), {"__init__": __init__})
