"""A region as a jitted function, specialised on what decides its shapes."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, Final, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from evergraph.plugin import Interpreter, KernelTable, Monitor, NodeError, Program, numpy_table
from evergraph_jax.checks import Labels, Trace, tracing

#: Larger constants are arguments of the compiled function, held on the device; smaller ones are
#: literals, which XLA folds.
_LITERAL_ELEMENTS: Final = 256
_MAX_SPECIALISATIONS: Final = 64

#: A jitted region: it returns the outputs, which check failed (None if there are no checks), and
#: by position of the output the old values of variables that change their shape.
Jitted: TypeAlias = Callable[..., tuple[Sequence[Any], Any, dict[int, Any]]]


class JaxExecutable:
    """A program compiled by XLA; once per values of its static inputs, and per input shapes.

    Args:
      program: what to run.
      table: JAX's kernels.
      device: where to run it; None for JAX's default device.
      precision: of float32 contractions.
    """

    def __init__(self, program: Program, table: KernelTable, device: Any, precision: str) -> None:
        self.program = program
        #: How often the program has been compiled.
        self.compilations = 0
        self._device = device
        self._precision = precision
        rounded = dict.fromkeys(_products_of_draws(program), _rounded_product)
        self._interpreter = Interpreter(
            program, table, numpy_table(), jnp.asarray, np.asarray, rounded
        )
        self._static = sorted(program.static)
        self._dynamic = [i for i in range(len(program.inputs)) if i not in program.static]
        self._large = [
            slot
            for slot, value in program.constants.items()
            if np.size(value) > _LITERAL_ELEMENTS and np.asarray(value).dtype != object
        ]
        self._constants: tuple[Any, ...] | None = None
        self._traces: list[Trace] = []
        self._compiled: OrderedDict[Any, Jitted] = OrderedDict()
        #: The jitted function, where no static input specialises it.
        self._only: Jitted | None = None
        self._lock = threading.Lock()

    def __call__(self, inputs: Sequence[Any], monitor: Monitor | None = None) -> Sequence[Any]:
        with jax.enable_x64(True):
            if monitor is not None and monitor.observer is not None:
                return self._node_by_node(inputs, monitor)
            function = self._only
            if function is None:
                function = self._specialised([inputs[i] for i in self._static])
                if self._static:
                    inputs = [inputs[i] for i in self._dynamic]
                else:
                    self._only = function
            lent = any(value.__class__ is np.ndarray for value in inputs)
            if lent and monitor is not None:
                # A run that is stopped returns while XLA still reads.
                inputs = [v.copy() if v.__class__ is np.ndarray else v for v in inputs]
            if self._device is not None:
                inputs = jax.device_put(list(inputs), self._device)
            try:
                # Without inputs, the place is JAX's default one.
                with nullcontext() if self._device is None else jax.default_device(self._device):
                    outputs, code, old = function(*inputs, *self._device_constants())
            except _Wrapped as error:
                raise error.error from error.error.error
        if monitor is not None:
            # The memory of the old values is gone, so the new ones count, whatever happens.
            monitor.kept = {k: outputs[k] for _, k in self.program.donated}
            _await([*outputs, code], monitor.check)
        if code is not None:
            code = np.asarray(code)
            if code[1] >= 0:
                failure = self._traces[code[0]].failure(code)
                failure.kept = {k: old.get(k, outputs[k]) for _, k in self.program.donated}
                raise failure
        elif lent:
            # XLA would run on while we return, and read memory that is the caller's.
            for value in outputs:
                value.block_until_ready()
        return outputs

    def _device_constants(self) -> tuple[Any, ...]:
        if self._constants is None:
            values = self.program.constants
            self._constants = tuple(
                jax.device_put(np.asarray(values[s]), self._device) for s in self._large
            )
        return self._constants

    def _specialised(self, static: Sequence[Any]) -> Jitted:
        """Return the jitted function for these static values; the oldest are forgotten."""
        key = tuple(_fingerprint(v) for v in static)
        function = self._compiled.get(key)
        if function is not None:
            return function
        with self._lock:
            function = self._compiled.get(key)
            if function is None:
                function = self._compiled[key] = self._jitted(static)
                if len(self._compiled) > _MAX_SPECIALISATIONS:
                    self._compiled.popitem(last=False)
        return function

    def _jitted(self, static: Sequence[Any]) -> Jitted:
        positions = len(self._dynamic)

        def program(*arguments: Any) -> Any:
            inputs: list[Any] = [None] * len(self.program.inputs)
            for i, value in zip(self._static, static, strict=True):
                inputs[i] = value
            for i, value in zip(self._dynamic, arguments[:positions], strict=True):
                inputs[i] = value
            large = dict(zip(self._large, arguments[positions:], strict=True))
            with _traces_lock:
                self.compilations += 1
                number = len(self._traces)
                self._traces.append(Trace(number))
            with tracing(number) as trace:
                self._traces[number] = trace
                try:
                    # What is known while tracing is computed by NumPy, which would warn.
                    with jax.default_matmul_precision(self._precision), np.errstate(all="ignore"):
                        outputs = self._interpreter(inputs, large, Monitor(_never, Labels()))
                except NodeError as error:
                    # JAX shortens the tracebacks of what it does not know; this passes as it is.
                    raise _Wrapped(error) from error
            outputs = [jnp.asarray(o) for o in outputs]
            # Memory that is given away must be of use to some output: here, to the old value.
            donated = self.program.donated
            old = {k: inputs[i] for i, k in donated if inputs[i].shape != outputs[k].shape}
            if not trace.codes:
                return outputs, None, old
            code = trace.packed()
            for i, k in donated:
                # If a check fails, the variable stays as it was.
                if k not in old:
                    outputs[k] = jnp.where(code[1] < 0, outputs[k], inputs[i])
            return outputs, code, old

        donated = tuple(self._dynamic.index(i) for i, _ in self.program.donated)
        return jax.jit(program, donate_argnums=donated)

    def _node_by_node(self, inputs: Sequence[Any], monitor: Monitor) -> Sequence[Any]:
        """Run without compiling the whole, so that every node can be timed."""
        with jax.default_matmul_precision(self._precision), np.errstate(all="ignore"):
            return self._interpreter(inputs, None, monitor, wait=jax.block_until_ready)


def _never() -> None:
    """Check nothing: what is traced does not run yet."""


def _await(arrays: Sequence[Any], check: Callable[[], None]) -> None:
    """Return when all arrays are there; look every now and then whether the run is to stop."""
    pause = 1e-5
    for array in arrays:
        while array is not None and not array.is_ready():
            check()
            time.sleep(pause)
            pause = min(2 * pause, 0.02)


def _products_of_draws(program: Program) -> list[int]:
    """Return the nodes that multiply random numbers, as those that scale and shift them do first.

    XLA contracts a product with the sum that follows, and rounds once where TensorFlow rounds
    twice: near zero that is far off in units of the last place.
    """
    drawn = {node.outputs[-1] for node in program.nodes if node.draws}
    return [
        i
        for i, node in enumerate(program.nodes)
        if node.type == "Mul" and not drawn.isdisjoint(node.inputs)
    ]


def _rounded_product(x: Any, y: Any) -> Any:
    """Multiply, and keep the product apart from the sum by a choice that changes nothing.

    XLA and LLVM see through a barrier, through a conversion to float64 or of bits and back, and
    through a choice of which they can tell how it ends.
    """
    product = x * y
    if product.dtype not in (jnp.float32, jnp.float64):  # of others a sum could overflow
        return product
    return jnp.where(jnp.abs(product) < 1e4, product, (product + product) / 2)


class _Wrapped(Exception):
    """Carries a node's failure through JAX's tracing."""

    def __init__(self, error: NodeError) -> None:
        super().__init__(str(error))
        self.error = error


_traces_lock = threading.Lock()


def _fingerprint(value: Any) -> Any:
    array = np.asarray(value)
    return array.shape, array.dtype.str, array.tobytes()
