"""Faults of everything but kernels: planner, executor, resources, queues, sessions, graphs."""

from __future__ import annotations

from evergraph_broken.planting import Fault, Plant, edit, runtime, session


def fault(about: str, suite: str, *plants: Plant, where: str = "") -> Fault:
    """Return a fault that a suite, or some of its cases, find."""
    return Fault(about, suite, where, plants)


PLANNER_FAULTS = [
    fault("control edges are skipped", "variables", runtime(
        "prune:prune", "if done else op._control_inputs", "if done else ()")),
    fault("control edges are skipped where something is fed", "partial_run", runtime(
        "prune:prune", "if done else op._control_inputs",
        "if done else () if fed else op._control_inputs")),
    fault("the inputs of what is fed run as well", "page_run", runtime(
        "prune:prune", "if t._op not in needed and t not in fed", "if t._op not in needed")),
    fault("a fed intermediate tensor is computed all the same", "page_run",
        runtime("planner:Planner._node", "self.slots.setdefault(tensor, slot)",
            "self.slots[tensor] = slot"),
        runtime("prune:prune", "if t._op not in needed and t not in fed",
            "if t._op not in needed")),
    fault("a fetched reference is read before all nodes", "variables", runtime(
        "planner:Planner.fetch", "self.value(tensor, tensor._op)",
        "next((s for t in self.plan.stages for s, r in t.reads.items()"
        " if r.variable is self.slots[tensor]), None)"
        " if tensor._dtype._is_ref_dtype and any(r.variable is self.slots[tensor]"
        " for t in self.plan.stages for r in t.reads.values())"
        " else self.value(tensor, tensor._op)")),
    fault("a read sees the value from before the writes", "variables", runtime(
        "versions:Versions.current", "return slot",
        "return next((s for s, r in stage.reads.items() if r.variable == variable), slot)"
    )),
    fault("a write starts from the value before the step", "variables", runtime(
        "versions:Versions.replaced", "self._current[stage.needs, variable] = ", "")),
    fault("a shared name is none", "variable_sharing", runtime(
        "versions:created", "if not name or name == _ANONYMOUS", "if True")),
    fault("containers are one", "variable_sharing", runtime(
        "versions:created", 'attributes["container"] or "localhost"', '"localhost"')),
    fault("a variable without a value is 0", "variables", runtime(
        "versions:stand_in", "if not read.optional:", "if False:")),
    fault("variables without a value have one", "variables", runtime(
        "versions:Versions.flag", "if variable in stage.writes", "if True")),
    fault("streams of all nodes are one", "random", runtime(
        "versions:stream_of", "op._name", '"stream"')),
    fault("scales are folded into a convolution that others use", "folding", runtime(
        "fold:fold_scaling", "uses[middle] != 1 or middle in kept", "False")),
    fault("a device that does not exist is the default one", "placement", runtime(
        "place:Placer._find", "[: 1 + self._soft]", "")),
    fault("a step that waits for a dequeue runs at once", "queues", runtime(
        "stages:Staging.open", "self.current.needs | event)", "self.current.needs)")),
    fault("a stage does not wait for control inputs", "queues", runtime(
        "stages:Staging.needed_by", "needs |= known.get(source, 0)", "pass")),
]  # fmt: skip

EXECUTOR_FAULTS = [
    fault("the last of several updates is lost", "tracing", runtime(
        "transaction:Transaction._write", "self._written,", "self._written[:1],")),
    fault("of several variables the short way writes one", "training", runtime(
        "transaction:ShortWay._write", "put(self.written,", "put(self.written[:1],")),
    fault("a variable keeps the array that was fed", "variable_sharing",
        runtime("resources:own", "value = value.copy()", "pass"),
        runtime("resources:own", "        flags.writeable = False", "        pass"),
        edit("evergraph.ops.variables:assign", "xp.asarray(value, copy=True)", "value")),
    fault("a step that fails leaves out what it waited for", "concurrency", runtime(
        "transaction:Transaction._run_preceding", "if before is not None", "if False")),
    fault("an update in place of a value that is still read", "variables", edit(
        "evergraph.ops.variables:handle_add", "return resource + value",
        "if resource.ndim:\n        resource.flags.writeable = True\n        resource += value\n"
        "        return resource\n    return resource + value")),
    fault("the first node that fails is not the one that is named", "run_errors", runtime(
        "executor:HostExecutable._interpreted", "index = self._entries.index(entry)", "index = 0")),
    fault("generated source names another line's node", "run_errors", runtime(
        "executor:HostExecutable._located", "trace.tb_lineno - self._first_line",
        "max(trace.tb_lineno - self._first_line - 1, 0)")),
    fault("a register is used again too early", "models", runtime(
        "executor:HostExecutable.__init__", "if last[s] == index and s not in kept",
        "if s not in kept and s in node.inputs[:1] and last[s] >= index")),
    fault("a traced run forgets constants", "tracing", runtime(
        "executor:HostExecutable._monitored", "self._template.copy()",
        "[None] * len(self._template)")),
    fault("a partial run runs everything again", "partial_run", runtime(
        "progress:Progress.advance", "done = False",
        "done = False; self._left = [*self._step.stages]")),
    fault("a node that would wait is waited for at once", "queues", runtime(
        "progress:Progress._run_ready", "self._waiting[stage] = pending",
        "self._waiting[stage] = pending; self._wait_for_one()"),
        where="a_step_may_take"),
    fault("what waits is not taken back", "queue_errors", runtime(
        "progress:Progress.abandon", "pending.cancel()", "pass")),
    fault("a time limit is not kept", "queue_errors", runtime(
        "context:StepContext.__init__", "None if timeout is None else", "None and")),
    fault("a time limit is another error", "queue_errors", runtime(
        "context:deadline_exceeded", "DeadlineExceededError(", "CancelledError(")),
    fault("closing cancels nothing", "queue_errors", runtime(
        "context:Cancellation.request", "self.future.set_result(None)", "pass")),
    fault("shape errors are internal ones", "run_errors", runtime(
        "failures:_as_op_error", "error.error or InvalidArgumentError", "InternalError")),
    fault("an error does not say where the node is defined", "run_errors", runtime(
        "failures:_before", "{traceback.described(op._frames)}", "")),
    fault("an error has no operation", "run_errors", runtime(
        "failures:located", "OpError.__init__(new, None, op,", "OpError.__init__(new, None, None,"
    )),
    fault("a kept value is never forgotten", "tensor_handles", session(
        "handles:OwnValues.forget", "resources.kept.pop(name, None)", "pass")),
    fault("a kept value is the caller's", "tensor_handles", session(
        "handles:OwnValues.fetched", "np.array(on_host(self._backend, self.fed(name)))[()]",
        "on_host(self._backend, self.fed(name))")),
]  # fmt: skip

QUEUE_FAULTS = [
    fault("a cancelled dequeue loses elements", "queue_errors", edit(
        "evergraph.queues.attempts:Dequeue.undo", "queue.restore(self._taken)", "pass")),
    fault("elements are put back in reverse", "queue_errors", edit(
        "evergraph.queues.kinds:FIFOQueue.restore", "reversed(elements)", "elements")),
    fault("the last element comes first", "queues", edit(
        "evergraph.queues.kinds:FIFOQueue.pop", "popleft()", "pop()")),
    fault("the capacity is exceeded by one", "queue_errors", edit(
        "evergraph.queues.attempts:Enqueue.step", "< queue.spec.capacity",
        "<= queue.spec.capacity")),
    fault("a closed queue takes elements", "queue_errors", edit(
        "evergraph.queues.attempts:Enqueue.step", "if queue.closed", "if False")),
    fault("closing does not fail the enqueues that wait", "queue_errors", edit(
        "evergraph.queues.queue:Queue.close", "if not cancel_pending_enqueues", "if True")),
    fault("min_after_dequeue is ignored", "queues", edit(
        "evergraph.queues.attempts:Dequeue.step", "size -= queue.spec.min_after_dequeue", "pass")),
    fault("dequeue_up_to takes less from an open queue", "queues", edit(
        "evergraph.queues.attempts:Dequeue.step", "Outcome.MOVED if self._left else",
        "Outcome.MOVED if self._left and not self._up_to else")),
    fault("an element stays that of who put it in", "queues", edit(
        "evergraph.queues.elements:owned", "np.array(value)", "np.asarray(value)")),
    fault("equal priorities come in the order of arrival", "queues", edit(
        "evergraph.queues.kinds:PriorityQueue.pop", "heapq.heappop(self._elements).element",
        "self._elements.pop(self._elements.index(min(self._elements))).element")),
]  # fmt: skip

SESSION_FAULTS = [
    fault("a step is kept though its graph has changed", "session_life",
        session("engine:Engine.step", "mutations = self._graph._mutations", "mutations = 0"),
        session("base:BaseSession.run", "or call.mutations != self._graph._mutations", "")),
    fault("another feed finds the same call", "page_run", session(
        "base:BaseSession._remember", "key = (key, *feed_dict)", "key = (key,)"),
        session("base:BaseSession.run", "(key, *feed_dict) if", "(key,) if")),
    fault("the values of a dictionary are mixed", "fetch", session(
        "fetches:Fetches._mapping", "for key, mapper in mappers",
        "for key, (_, mapper) in zip([k for k, _ in mappers], reversed(mappers))")),
    fault("a named tuple becomes a tuple", "fetch", session(
        "fetches:Fetches._sequence", "kind(*[m(values) for m in mappers])",
        "tuple([m(values) for m in mappers])")),
    fault("a tensor that is fetched twice comes twice", "fetch", session(
        "fetches:Fetches._leaf", "self._positions.setdefault(element, len(self._positions))",
        "self._positions.setdefault((element, len(self._positions)), len(self._positions))"),
        session("fetches:Fetches.__init__", "list(self._positions)",
        "[t for t, _ in self._positions]")),
    fault("two fetches share memory", "aliasing", session(
        "results:unshared", "if id(value) in seen", "if False")),
    fault("what is fetched is the memory of the session", "aliasing", session(
        "results:release", "value.base is not None or not value.flags.writeable or", "")),
    fault("what is fetched is the fed array", "aliasing", session(
        "results:release", " or any(value is f for f in fed)", "")),
    fault("rank 0 comes as an array", "fetch", session(
        "results:release", "return value[()]", "return value"),
        session("results:release", "    return value\n", "    return __import__('numpy')"
        ".asarray(value) if not isinstance(value, bytes) else value\n")),
    fault("the shape of a feed is not checked", "feed", session(
        "feeds:_converted", "if not compatible(tensor._dims, array.shape)", "if False")),
    fault("large integers wrap around", "feed", session(
        "feeds:_converted", "_check_int(value, dtype)", "pass")),
    fault("what must not be fed is fed", "feed_keys", session(
        "feeds:check_feedable", "if not graph.is_feedable(tensor)", "if False")),
    fault("a callable mixes its arguments", "callable", session(
        "call:callable_for", "        return call(values)\n", "        return call(values[::-1])\n"
    )),
    fault("a callable ignores its last argument", "callable", session(
        "call:callable_for", "fed = feeds[: len(values)]",
        "fed = feeds[: max(len(values) - 1, 0)]")),
    fault("a callable outlives its session", "session_life", session(
        "base:BaseSession._forget_callables", "function.forget()", "pass")),
    fault("options of a callable are ignored", "callable", session(
        "call:callable_for", "return run(values, options, run_metadata)",
        "return _single_tensor_run(*values)")),
    fault("a closed session runs", "session_life", session(
        "base:BaseSession._check_open", "if self._closed", "if False")),
    fault("a session that is closed keeps its resources", "queue_errors", session(
        "engine:Engine.close", "self.resources.close()", "pass"),
        session("engine:Engine.close", "self.cancellation.request()", "pass")),
    fault("metadata is added to what was there", "page_run", session(
        "metadata:StepStats.fill", "run_metadata.ParseFromString(", "run_metadata.MergeFromString("
    )),
    fault("partition graphs are left out", "tracing", session(
        "metadata:StepStats.fill", "own.partition_graphs.extend(partitions)", "pass")),
    fault("sizes in traces count elements", "tracing", session(
        "metadata:described", " * dtype.size", "")),
    fault("a feed of a partial run may change later", "partial_run", session(
        "partial:PartialRun.run", "_copied(value)", "value")),
    fault("a tensor of a partial run is fetched again", "partial_run", session(
        "partial:PartialRun._check_members", "if tensor in self._fetched", "if False")),
    fault("a partial run is fed again", "partial_run", session(
        "partial:PartialRun._check_members", "if tensor in self._fed", "if False")),
    fault("a partial run goes on after a failure", "partial_run", session(
        "partial:PartialRun.run", "self._error = error", "pass")),
    fault("an interactive session stays the default", "defaults", session(
        "session:InteractiveSession.close", "self._installed.close()", "pass")),
    fault("a session block leaves its session open", "session_life", session(
        "session:Session.__exit__", "self.close()", "pass")),
    fault("resetting leaves sessions open", "session_life", session(
        "session:Session.reset", "BaseSession.close(session)", "pass")),
]  # fmt: skip

GRAPH_FAULTS = [
    fault("importing ignores input_map", "import", edit(
        "evergraph.graph.importer:import_graph_def", "mapped = checked_map(input_map)",
        "mapped = {}")),
    fault("an import that fails leaves nodes behind", "import_checks", edit(
        "evergraph.graph.importer:_Import.run", "self._undo(start, next_id)", "pass")),
    fault("names are used again", "scopes", edit(
        "evergraph.graph.names:NameTable.unique", "if mark_as_used", "if False")),
]  # fmt: skip
