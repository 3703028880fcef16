"""All faults, by what is wrong."""

from __future__ import annotations

from evergraph_broken.compiler_faults import COMPILER_FAULTS
from evergraph_broken.control_faults import CONTROL_FAULTS
from evergraph_broken.kernel_faults import KERNEL_FAULTS
from evergraph_broken.planting import Fault
from evergraph_broken.session_faults import (
    EXECUTOR_FAULTS,
    GRAPH_FAULTS,
    PLANNER_FAULTS,
    QUEUE_FAULTS,
    SESSION_FAULTS,
)

FAULTS: dict[str, Fault] = {
    fault.about: fault
    for faults in (
        KERNEL_FAULTS,
        PLANNER_FAULTS,
        EXECUTOR_FAULTS,
        QUEUE_FAULTS,
        SESSION_FAULTS,
        GRAPH_FAULTS,
        COMPILER_FAULTS,
        CONTROL_FAULTS,
    )
    for fault in faults
}
