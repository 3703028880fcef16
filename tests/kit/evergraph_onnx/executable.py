"""A region as models of ONNX Runtime's, one for each signature of its inputs."""

from __future__ import annotations

import functools
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from evergraph.plugin import (
    NUMPY,
    Interpreter,
    KernelTable,
    Monitor,
    NodeError,
    Program,
    check_now,
    errors,
    numpy_table,
)
from evergraph_onnx.arrays import Array
from evergraph_onnx.tracing import Graph, Value

_MAX_SPECIALISATIONS: Final = 64
#: What ONNX Runtime raises; it says which node, if it can.
_FAILURES: Final = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)
_NODE: Final = re.compile(r"'(\d+)/\d+'")
_FATAL: Final = 4
#: Optimizers that fail: this one, in version 1.26, on the sum of two empty arrays.
_HARMFUL: Final = ["NoopElimination"]


class OnnxExecutable:
    """A program, compiled once for each signature: types, shapes, and values of static inputs.

    Args:
      program: what to run.
      table: the kernels, which build ONNX nodes.
    """

    def __init__(self, program: Program, table: KernelTable) -> None:
        self.program = program
        #: How often the program has been compiled.
        self.compilations = 0
        self._table = table
        self._models: OrderedDict[Any, Model] = OrderedDict()
        self._lock = threading.Lock()
        self._eager: Interpreter | None = None

    def __call__(self, inputs: Sequence[Any], monitor: Monitor | None = None) -> Sequence[Any]:
        if monitor is not None:
            monitor.check()
            if monitor.observer is not None:
                return self._node_by_node(inputs, monitor)
        outputs = self._model(inputs)(inputs)
        if monitor is not None:
            monitor.check()
        for i, _ in self.program.donated:
            if isinstance(inputs[i], Array):
                inputs[i].give_away()
        return outputs

    def _model(self, inputs: Sequence[Any]) -> Model:
        static = self.program.static
        key = tuple(
            (v.dtype.str, v.shape, v.tobytes() if i in static else b"")
            for i, v in enumerate(inputs)
        )
        with self._lock:
            found = self._models.get(key)
            if found is None:
                found = self._models[key] = self._compiled(inputs)
                if len(self._models) > _MAX_SPECIALISATIONS:
                    self._models.popitem(last=False)
            else:
                self._models.move_to_end(key)
        return found

    def _compiled(self, inputs: Sequence[Any]) -> Model:
        self.compilations += 1
        graph = Graph()
        interpreter = Interpreter(
            self.program, self._table, numpy_table(), graph.constant, _unknown_yet
        )
        static = self.program.static
        values = [v if i in static else graph.input(v.dtype, v.shape) for i, v in enumerate(inputs)]
        # What is known while tracing is computed by NumPy, which would warn.
        with np.errstate(all="ignore"):
            outputs = interpreter(values, None, Monitor(_never, graph))
        traced = [(i, v) for i, v in enumerate(values) if isinstance(v, Value)]
        return Model(graph, traced, outputs)

    def _node_by_node(self, inputs: Sequence[Any], monitor: Monitor) -> Sequence[Any]:
        """Run a model for each node, so that every node can be timed."""
        if self._eager is None:
            kernels = {
                n.type: _alone(self._table[n.type])
                for n in self.program.nodes
                if n.type in self._table
            }
            table = KernelTable(NUMPY, {}) | kernels
            self._eager = Interpreter(self.program, table, numpy_table(), Array.of, _to_host)
        with np.errstate(all="ignore"):
            return self._eager(inputs, None, monitor)


class Model:
    """A graph, compiled.

    Args:
      graph: what was traced.
      inputs: values that are given when it runs, with their positions among all inputs.
      outputs: values, or what was known when it was traced.

    Raises:
      NodeError: ONNX Runtime has no kernel for a node.
    """

    def __init__(
        self, graph: Graph, inputs: Sequence[tuple[int, Value]], outputs: Sequence[Any]
    ) -> None:
        values = [v if isinstance(v, Value) else graph.constant(v) for v in outputs]
        model, needed, self._names = graph.model(values)
        self._inputs = [(v.name, i) for i, v in inputs if v.name in set(needed)]
        self._dtypes = [v.dtype for v in values]
        self._checks = graph.checks
        if not self._names:
            return
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # It raises as well as logs.
        options.log_severity_level = _FATAL
        try:
            self._session = ort.InferenceSession(
                model.SerializeToString(),
                options,
                providers=["CPUExecutionProvider"],
                disabled_optimizers=_HARMFUL,
            )
        except _FAILURES as error:
            raise _failure(error) from error

    def __call__(self, inputs: Sequence[Any]) -> list[Array]:
        """Run the model.

        Raises:
          NodeError: a node failed, or what must hold does not; of several checks, the first.
        """
        if not self._names:
            return []
        given = {name: _ort_value(inputs[i]) for name, i in self._inputs}
        try:
            results = self._session.run_with_ort_values(self._names, given)
        except _FAILURES as error:
            raise _failure(error) from error
        count = len(self._dtypes)
        looked_at = iter(results[count:])
        for check in self._checks:
            ok, *shown = [next(looked_at).numpy() for _ in (check.ok, *check.shown)]
            try:
                check_now(ok, check.error, check.message, *shown)
            except errors.OpError as error:
                raise NodeError(check.node, error) from error
        return [Array(v, d) for v, d in zip(results[:count], self._dtypes, strict=True)]


def _alone(kernel: Any) -> Callable[..., Any]:
    """Return a kernel that runs at once, as a model of its own."""

    @functools.wraps(kernel.function)
    def run(*arguments: Any, **attributes: Any) -> Any:
        graph = Graph()
        arrays: list[Array] = []
        inputs: list[tuple[int, Value]] = []

        def traced(argument: Any) -> Any:
            if isinstance(argument, list):
                return [traced(a) for a in argument]
            if not isinstance(argument, Array):
                return argument
            value = graph.input(argument.dtype, argument.shape)
            inputs.append((len(arrays), value))
            arrays.append(argument)
            return value

        result = kernel.function(*[traced(a) for a in arguments], **attributes)
        several = isinstance(result, tuple | list)
        outputs = result if several else [result]
        try:
            made = Model(graph, inputs, outputs)(arrays)
        except NodeError as error:
            raise error.error from error
        return made if several else made[0]

    return run


def _never() -> None:
    """Check nothing: what is traced does not run yet."""


def _unknown_yet(value: Value) -> Any:
    raise NotImplementedError(f"{value.name} decides a shape, and is not known when it is compiled")


def _to_host(value: Array) -> Any:
    return value.numpy()[()]


def _ort_value(value: Any) -> Any:
    return (value if isinstance(value, Array) else Array.of(np.asarray(value))).value


def _failure(error: Exception) -> NodeError:
    found = _NODE.search(str(error))
    return NodeError(int(found[1]) if found else 0, error)
