"""What programs import from `tensorflow.python.client.timeline`."""

from evergraph.v1.timeline import AllocationMaximum as AllocationMaximum
from evergraph.v1.timeline import StepStatsAnalysis as StepStatsAnalysis
from evergraph.v1.timeline import Timeline as Timeline

__all__ = ["AllocationMaximum", "StepStatsAnalysis", "Timeline"]
