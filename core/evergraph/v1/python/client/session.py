"""What programs import from `tensorflow.python.client.session`."""

from evergraph.session.base import BaseSession as BaseSession
from evergraph.session.fetches import (
    register_session_run_conversion_functions as register_session_run_conversion_functions,
)
from evergraph.session.session import InteractiveSession as InteractiveSession
from evergraph.session.session import Session as Session

__all__ = [
    "BaseSession",
    "InteractiveSession",
    "Session",
    "register_session_run_conversion_functions",
]
