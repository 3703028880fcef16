"""The entry point: an op, and an observer where EVERGRAPH_EXTRAS_COUNT is set."""

from __future__ import annotations

import os

from evergraph.plugin import Registry, StepObserver, hookimpl

#: The version of the contract that this was written for.
evergraph_api_version = (1, 0)


@hookimpl
def evergraph_register_ops(registry: Registry) -> None:
    """Define the op."""
    from evergraph_extras.interleave import define

    define(registry)


@hookimpl
def evergraph_step_observer() -> StepObserver | None:
    """Return the counter, if it is asked for."""
    if "EVERGRAPH_EXTRAS_COUNT" not in os.environ:
        return None
    from evergraph_extras.counter import COUNTER

    return COUNTER
