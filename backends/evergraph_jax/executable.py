"""A region as a jitted function, specialised on what decides its shapes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import starmap
from time import perf_counter, sleep
from typing import Any, Final, TypeAlias

import jax
import jax.core
import jax.numpy as jnp
import numpy as np

from evergraph.plugin import (
    LISTS,
    Interpreter,
    KernelTable,
    Monitor,
    NodeError,
    NotCompilableError,
    Program,
    numpy_table,
)
from evergraph_jax import stopping
from evergraph_jax.checks import Labels, Trace, tracing
from evergraph_jax.lists import FIRST_ROOM, is_list, on_host

#: Larger constants are arguments of the compiled function, held on the device; smaller ones are
#: literals, which XLA folds.
_LITERAL_ELEMENTS: Final = 256
_MAX_SPECIALISATIONS: Final = 64
#: Seconds. JAX waits without an end, and deaf to signals: only a program that was done sooner, with
#: feeds that were no smaller, is waited for like that. Others are asked whether they are done, with
#: pauses between that are a share of the time so far.
_QUICK: Final = 0.05
_PAUSE: Final = 0.03

#: What a jitted region returns: the outputs, which check failed (None if there are no checks), and
#: by position of the output the old values of variables that change their shape.
_Begun: TypeAlias = tuple[Sequence[Any], Any, dict[int, Any]]
Jitted: TypeAlias = Callable[..., _Begun]


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
        self._interpreter = Interpreter(program, table, numpy_table(), jnp.asarray, known, rounded)
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
        #: The most elements of feeds with which the program was quick.
        self._quick = -1
        #: How long a loop takes does not follow from the sizes of feeds.
        self._loops = _has_loop(program)
        #: How long it took when that was looked at last, and the same of all runs that were not
        #: waited for.
        self._seconds = self._ahead = 0.0
        #: The jitted function, where no static input specialises it.
        self._only: Jitted | None = None
        self._lists = _has_lists(program)
        #: How many elements lists have room for, by key, where it is more than usual.
        self._room: dict[str, int] = {}
        self._lock = threading.Lock()

    def __call__(self, inputs: Sequence[Any], monitor: Monitor | None = None) -> Sequence[Any]:
        if monitor is not None and monitor.observer is not None:
            return self._node_by_node(inputs, monitor)
        if not self._lists:
            return self._run(inputs, monitor)
        while True:
            try:
                outputs = self._run(inputs, monitor)
            except _FullError as full:
                inputs = self._with_room(full.key, inputs, full.begun)
            else:
                return [on_host(value) for value in outputs]

    def _with_room(self, key: str, inputs: Sequence[Any], begun: _Begun) -> Sequence[Any]:
        """Let a list that was full have more room; return the inputs for another run."""
        outputs, _, old = begun
        given = list(inputs)
        for i, k in self.program.donated:
            given[i] = old.get(k, outputs[k])
        with self._lock:
            self._room[key] = 4 * self._room.get(key, FIRST_ROOM)
            self._compiled.clear()
            self._only = None
        return given

    def _run(self, inputs: Sequence[Any], monitor: Monitor | None) -> Sequence[Any]:
        function = self._only
        if function is None:
            function = self._specialised([inputs[i] for i in self._static])
            if self._static:
                inputs = [inputs[i] for i in self._dynamic]
            else:
                self._only = function
        sizes = [value.size for value in inputs if value.__class__ is np.ndarray]
        size = sum(sizes)
        patient = monitor is not None and (monitor.watched or self._loops or size > self._quick)
        if patient and sizes:
            # A run that is stopped returns while XLA still reads.
            inputs = [v.copy() if v.__class__ is np.ndarray else v for v in inputs]
        if self._loops:
            with stopping.running(_never if monitor is None else monitor.check) as run:
                numbered = [*inputs, np.int64(run.number)]
                return self._seen_through(function, numbered, monitor, patient, run)
        return self._seen_through(function, inputs, monitor, patient)

    def _seen_through(
        self,
        function: Jitted,
        inputs: Sequence[Any],
        monitor: Monitor | None,
        patient: bool,
        run: stopping.Run | None = None,
    ) -> Sequence[Any]:
        """Call a jitted function, and wait for as much as must not be left to others.

        Args:
          function, inputs: what to call.
          monitor: of the run.
          patient: whether to look every now and then whether the run is to stop.
          run: whom the loops inside ask; they are waited for.
        """
        sizes = [value.size for value in inputs if value.__class__ is np.ndarray]
        size = sum(sizes)
        begun: list[_Begun] = []
        if self.program.donated and monitor is not None:
            monitor.kept = partial(_kept, self.program.donated, begun)
        settled = False
        try:
            self._begin(function, inputs, begun)
            outputs, code, _ = begun[0]
            if monitor is not None and patient:
                self._learn(size, _await(jax.tree.leaves((outputs, code)), monitor.check))
            elif sizes or code is not None:
                start = perf_counter()
                _block(begun)
                seconds = perf_counter() - start
                if seconds > _QUICK:
                    self._learn(size, seconds)
            else:
                # Who fetches a value later waits for all that has not been waited for.
                self._ahead += self._seconds
                if self._ahead > _QUICK:
                    self._ahead = 0.0
                    _block(begun)
            settled = True
        finally:
            if sizes and not patient and not settled:
                _block(begun)
        if code is not None:
            code = np.asarray(code)
            if run is not None and run.error is not None:
                raise run.error
            if code[1] >= 0:
                trace = self._traces[code[0]]
                key = trace.overflow(code)
                if key is not None:
                    raise _FullError(key, begun[0])
                raise trace.failure(code)
        return outputs

    def _begin(self, function: Jitted, inputs: Sequence[Any], begun: list[_Begun]) -> None:
        """Let XLA begin, and put what it will give into a list.

        Python sees to signals after every call: a result that is not in the list by then is lost.
        """
        wide = _wide.context
        wide.__enter__()
        left = False
        try:
            if self._device is not None:
                inputs = jax.device_put(list(inputs), self._device)
            arguments = (*inputs, *self._device_constants())
            # Without inputs, the place is JAX's default one.
            with _HERE if self._device is None else jax.default_device(self._device):
                begun.extend(starmap(function, (arguments,)))
        except _Wrapped as error:
            raise error.error from error.error.error
        finally:
            try:
                wide.__exit__(None, None, None)
                left = True
            finally:
                # An interrupt as it began must not leave the user's JAX with 64-bit types.
                if not left:
                    wide.__exit__(None, None, None)

    def _learn(self, size: int, seconds: float) -> None:
        """Note how long XLA took for feeds of that many elements."""
        self._seconds = seconds
        if seconds > _QUICK:
            self._quick = min(self._quick, size - 1)
        else:
            self._quick = max(self._quick, size)

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
            rest = arguments[positions:]
            run, rest = (rest[0], rest[1:]) if self._loops else (None, rest)
            large = dict(zip(self._large, rest, strict=True))
            with _traces_lock:
                self.compilations += 1
                number = len(self._traces)
                self._traces.append(Trace(number))
            with tracing(number, room=self._room, run=run) as trace:
                self._traces[number] = trace
                try:
                    # What is known while tracing is computed by NumPy, which would warn.
                    with jax.default_matmul_precision(self._precision), np.errstate(all="ignore"):
                        outputs = self._interpreter(inputs, large, Monitor(_never, Labels()))
                except NodeError as error:
                    # JAX shortens the tracebacks of what it does not know; this passes as it is.
                    raise _Wrapped(error) from error
            outputs = [o if is_list(o) else jnp.asarray(o) for o in outputs]
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
        precision = jax.default_matmul_precision(self._precision)
        with jax.enable_x64(True), precision, np.errstate(all="ignore"):
            return self._interpreter(inputs, None, monitor, wait=jax.block_until_ready)


def _has_loop(program: Program) -> bool:
    return any(
        node.type == "_Loop" or any(_has_loop(block) for block in node.blocks)
        for node in program.nodes
    )


def _has_lists(program: Program) -> bool:
    """Whether there are ops on lists."""
    return any(
        node.type in LISTS or any(_has_lists(block) for block in node.blocks)
        for node in program.nodes
    )


def known(value: Any) -> Any:
    """Return a value that decides a shape as NumPy's."""
    if isinstance(value, jax.core.Tracer):
        raise NotCompilableError("a value that decides a shape is not known")
    return np.asarray(value)


def _never() -> None:
    """Check nothing: what is traced does not run yet."""


def _kept(donated: Sequence[tuple[int, int]], begun: Sequence[_Begun]) -> dict[int, Any]:
    """Return the values that variables have after a run that may have begun; see `Monitor`."""
    kept: dict[int, Any] = {}
    for outputs, code, old in begun:
        failed = bool(old) and code is not None and np.asarray(code)[1] >= 0
        kept |= {k: old.get(k, outputs[k]) if failed else outputs[k] for _, k in donated}
    return kept


def _await(arrays: Sequence[Any], check: Callable[[], None]) -> float:
    """Wait for all arrays, and look every now and then whether the run is to stop.

    Returns:
      How many seconds that took.
    """
    start = perf_counter()
    for array in arrays:
        while array is not None and not array.is_ready():
            check()
            sleep(min(max(_PAUSE * (perf_counter() - start), 1e-5), 0.05))
    return perf_counter() - start


def _block(begun: Sequence[_Begun]) -> None:
    """Return when XLA has run: it would read on in memory that is the caller's."""
    for outputs, code, _ in begun:
        for value in jax.tree.leaves((outputs, code)):
            value.block_until_ready()


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


class _Wide(threading.local):
    """A thread's own context of 64-bit types: to make one anew takes 0.8 us."""

    def __init__(self) -> None:
        self.context = jax.enable_x64(True)


_wide: Final = _Wide()
_HERE: Final = nullcontext()


class _FullError(Exception):
    """A list had no room for another element.

    Attributes:
      key: of the list.
      begun: what the run gave.
    """

    def __init__(self, key: str, begun: _Begun) -> None:
        super().__init__(key)
        self.key = key
        self.begun = begun


class _Wrapped(Exception):
    """Carries a node's failure through JAX's tracing."""

    def __init__(self, error: NodeError) -> None:
        super().__init__(str(error))
        self.error = error


_traces_lock = threading.Lock()


def _fingerprint(value: Any) -> Any:
    array = np.asarray(value)
    return array.shape, array.dtype.str, array.tobytes()
