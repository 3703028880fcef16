"""`Progress`: a run of a step that is under way, stage by stage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from evergraph.errors import CancelledError, OpError
from evergraph.op import Pending
from evergraph.runtime.context import StepContext
from evergraph.runtime.stages import Events
from evergraph.runtime.transaction import OpenNode

if TYPE_CHECKING:
    from evergraph.runtime.step import CompiledStage, Step


class Progress:
    """Runs the stages of a step as their events happen.

    A node that would wait is put off while other stages can run.

    Args:
      step: what to run.
      context: of the run.

    Attributes:
      store: the values so far, by slot; those of the feeds are put in by the caller.
      happened: the events so far.
    """

    def __init__(self, step: Step, context: StepContext) -> None:
        self.store = step.first_values(context)
        self.happened: Events = 0
        self._step = step
        self._context = context
        self._left: list[CompiledStage] = list(step.stages)
        self._waiting: dict[OpenNode, Pending] = {}

    @property
    def finished(self) -> bool:
        """Whether everything has run."""
        return not self._left and not self._waiting

    def watch(self, context: StepContext) -> None:
        """Let what follows run in another context."""
        self._context = context
        if self._step.plan.context is not None:
            self.store[self._step.plan.context] = context

    def advance(self, wanted: Events | None = None) -> None:
        """Run all stages that can run.

        Args:
          wanted: return when these events have happened and nothing else can run; by default, when
            all stages have run.

        Raises:
          OpError: a node failed, or the run is to stop. What waits is taken back.
        """
        done = False
        try:
            while self._run_ready() or self._wait(wanted):
                pass
            done = True
        finally:
            if not done:
                self.abandon()

    def abandon(self) -> None:
        """Take back what waits."""
        for pending in self._waiting.values():
            pending.cancel()

    def outputs(self, positions: Iterable[int]) -> list[Any]:
        """Return the values of these outputs of the step."""
        return [self.store[self._step.plan.outputs[i]] for i in positions]

    def _run_ready(self) -> bool:
        """Run every stage that can run now; return whether there was one."""
        ready = [t for t in self._left if not t.needs & ~self.happened]
        if not ready:
            return False
        for stage in ready:
            # One at a time: if it fails, the others are still left.
            self._left.remove(stage)
            if isinstance(stage, OpenNode):
                pending = stage.start(self.store, self._context)
                if pending is not None:
                    self._waiting[stage] = pending
                    continue
                self.happened |= stage.event
            else:
                stage.run(self.store, self._context)
        return True

    def _wait(self, wanted: Events | None) -> bool:
        """Wait until a node that waits is done; return whether one is."""
        waiting = self._waiting
        if not waiting or (wanted is not None and not wanted & ~self.happened):
            return False
        if not any(p.done() for p in waiting.values()):
            self._wait_for_one()
        for node in [n for n, p in waiting.items() if p.done()]:
            node.finish(self.store, waiting.pop(node), self._context)
            self.happened |= node.event
        return True

    def _wait_for_one(self) -> None:
        node, pending = next(iter(self._waiting.items()))
        try:
            self._context.wait(self._waiting.values())
        except OpError as error:
            if not any(p.cancel() for p in self._waiting.values()):
                return  # everything came at the last moment; what was taken is not lost
            if isinstance(error, CancelledError):
                # The error is that of the node which waits.
                raise node.cancelled(pending) from None
            raise
