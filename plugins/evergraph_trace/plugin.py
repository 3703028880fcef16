"""The entry point of the trace observer: on where EVERGRAPH_TRACE names a file."""

from __future__ import annotations

import os

from evergraph.plugin import StepObserver, hookimpl


@hookimpl
def evergraph_step_observer() -> StepObserver | None:
    """Return an observer that writes to the file named by EVERGRAPH_TRACE, or None."""
    path = os.environ.get("EVERGRAPH_TRACE")
    if not path:
        return None
    from evergraph_trace.chrome import writer_for

    return writer_for(path)
