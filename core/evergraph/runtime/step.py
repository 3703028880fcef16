"""`Step`: a planned and compiled `run`, from feed values to fetched values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from evergraph.errors import OpError
from evergraph.runtime.backend import Executable
from evergraph.runtime.context import Cancellation, StepContext, Watch
from evergraph.runtime.monitor import Monitor
from evergraph.runtime.program import NodeError, Slot
from evergraph.runtime.progress import Progress
from evergraph.runtime.resources import Resources
from evergraph.runtime.stages import Plan
from evergraph.runtime.transaction import OpenNode, ShortWay, Transaction

if TYPE_CHECKING:
    from evergraph.runtime.functions import Functions

#: A stage of a step, compiled.
CompiledStage: TypeAlias = Transaction | OpenNode


class Step:
    """A compiled step. Called with feed values in order, it returns fetched values in order.

    Args:
      plan: what it does.
      stages: of the plan, compiled.
      resources: where the values of variables are.
      cancellation: of the session.
      functions: runs the functions that nodes call on their own.
    """

    def __init__(
        self,
        plan: Plan,
        stages: Sequence[CompiledStage],
        resources: Resources,
        cancellation: Cancellation,
        functions: Functions | None = None,
    ) -> None:
        self.plan = plan
        self.stages = stages
        self._resources = resources
        self._cancellation = cancellation
        self._functions = functions
        taken = {s for t in stages if isinstance(t, OpenNode) for s in t.node.inputs}
        taken.update(plan.outputs)
        self._constants = {s: v for s, v in plan.constants.items() if s in taken}
        only = stages[0] if len(stages) == 1 else None
        #: The only stage, if the step has one, and that runs as a whole.
        self.whole: Final = only if isinstance(only, Transaction) else None
        self._direct: Executable | None = None
        self._monitor: Monitor | None = None
        self._short: ShortWay | None = None
        if self.whole is not None:
            self._direct = self.whole.direct(plan.feeds, plan.outputs)
            self._monitor = self.whole.monitor
            self._short = self.whole.short(plan.feeds, plan.outputs)

    def __call__(self, values: Sequence[Any], context: StepContext | None = None) -> Sequence[Any]:
        """Run the step.

        Args:
          values: one per feed.
          context: of this run, if somebody watches it.

        Raises:
          OpError: a node failed; the error names it. No variable has changed then, but by updates
            that the node waited for, and by stages before its own.
        """
        if context is None:
            if self._direct is not None:
                try:
                    return self._direct(values, self._monitor)
                except NodeError as error:
                    raise self._failure(error) from error.error
            if self._short is not None:
                return self._short(values)
            context = self.context()
        progress = Progress(self, context)
        for slot, value in zip(self.plan.feeds, values, strict=True):
            progress.store[slot] = value
        progress.advance()
        return progress.outputs(range(len(self.plan.outputs)))

    def _failure(self, error: NodeError) -> OpError:
        assert self.whole is not None
        return self.whole.failure(self.whole.parts[0], error, {}, [])

    def context(self, watch: Watch | None = None) -> StepContext:
        """Return the context of one run, from now on."""
        return StepContext(self._resources, self._cancellation, watch, self._functions)

    def first_values(self, context: StepContext) -> dict[Slot, Any]:
        """Return the values that are known before anything has run."""
        store = dict(self._constants)
        if self.plan.context is not None:
            store[self.plan.context] = context
        return store
