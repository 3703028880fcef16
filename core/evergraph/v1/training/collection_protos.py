"""How the items of collections become messages, and come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from evergraph import protos
from evergraph.graph.collections import GraphKeys
from evergraph.v1.variables import Variable


class ProtoFunctions(NamedTuple):
    """How items of a collection become messages, and come back.

    Attributes:
      proto_type: the type of the messages.
      to_proto: `to_proto(item, export_scope=None)`; it returns None for what lies outside.
      from_proto: `from_proto(message, import_scope=None)`.
    """

    proto_type: Any
    to_proto: Callable[..., Any]
    from_proto: Callable[..., Any]


def _to_proto(item: Any, export_scope: str | None = None) -> Any:
    return item.to_proto(export_scope)


def _saver(message: Any, import_scope: str | None = None) -> Any:
    from evergraph.v1.training.saver import Saver

    return Saver.from_proto(message, import_scope)


def _queue_runner(message: Any, import_scope: str | None = None) -> Any:
    from evergraph.v1.training.queue_runners import QueueRunner

    return QueueRunner.from_proto(message, import_scope)


#: Collections of variables, whose items are the same objects.
VARIABLES: Final = (
    GraphKeys.GLOBAL_VARIABLES,
    GraphKeys.LOCAL_VARIABLES,
    GraphKeys.METRIC_VARIABLES,
    GraphKeys.MODEL_VARIABLES,
    GraphKeys.TRAINABLE_VARIABLES,
    GraphKeys.MOVING_AVERAGE_VARIABLES,
    GraphKeys.CONCATENATED_VARIABLES,
    GraphKeys.TRAINABLE_RESOURCE_VARIABLES,
)
_OF_VARIABLES: Final = ProtoFunctions(protos.VariableDef, _to_proto, Variable.from_proto)
_TABLE: Final[dict[str, ProtoFunctions]] = {
    **dict.fromkeys((*VARIABLES[:6], GraphKeys.GLOBAL_STEP), _OF_VARIABLES),
    GraphKeys.SAVERS: ProtoFunctions(protos.SaverDef, _to_proto, _saver),
    GraphKeys.QUEUE_RUNNERS: ProtoFunctions(protos.QueueRunnerDef, _to_proto, _queue_runner),
}


def proto_functions(collection_name: Any) -> ProtoFunctions | None:
    """Return how items of a collection become messages; None if they do not."""
    return _TABLE.get(collection_name)


def register_proto_function(
    collection_name: str, proto_type: Any, to_proto: Any, from_proto: Any
) -> None:
    """Say how items of a collection become messages, and come back; see `ProtoFunctions`.

    Raises:
      ValueError: it has been said.
      TypeError: a function is none.
    """
    if not callable(to_proto) or not callable(from_proto):
        raise TypeError("to_proto and from_proto must be callable.")
    if collection_name in _TABLE:
        raise ValueError(f"the collection '{collection_name}' has its functions already")
    _TABLE[collection_name] = ProtoFunctions(proto_type, to_proto, from_proto)
