"""What an operation is: kernel, shape rule, host inputs and effects, closed by one `define`."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from evergraph import protos
from evergraph.errors import OpError
from evergraph.vocabulary import vocabulary

#: What running a node may do besides computing its outputs. Effects order stateful nodes, decide
#: what may be folded or merged, and are what safe mode refuses.
EFFECTS: Final = (
    "none",
    "state",  # reads or writes variables, queues, tables, iterators
    "random",  # advances a random stream
    "fs_read",
    "fs_write",
    "net",
    "python",  # calls a Python function of the user's
    "process",  # writes to the process's own streams, or otherwise shows outside
)


class ShapeError(ValueError):
    """The shapes, or host values, of a node's inputs do not fit.

    Args:
      message: TensorFlow's words when the graph is built (it appends the node itself).
      at_run: TensorFlow's words when a step runs, where they differ.
      error: the `tf.errors` type when a step runs; InvalidArgumentError unless given.
    """

    def __init__(
        self, message: str, at_run: str | None = None, error: type[OpError] | None = None
    ) -> None:
        super().__init__(message)
        self.at_run = at_run or message
        self.error = error


class Pending(Future[Any]):
    """What a blocking kernel returns in place of its outputs: they come later.

    Whoever completes it calls `set_result` with the outputs, or `set_exception`. `cancel` takes it
    back; a done callback then undoes what was done for it so far.

    Args:
      cancelled: the error's text when the step is cancelled while it waits.
    """

    def __init__(self, cancelled: str) -> None:
        super().__init__()
        self.cancelled_text = cancelled
        self.start_ns = time.perf_counter_ns()


def no_gradient(tf: Any, op: Any, *gradients: Any) -> None:
    """The gradient of an op that has none: nothing that it takes can be differentiated."""


@dataclass(frozen=True)
class Op:
    """The implementation of one op type, in terms of an array namespace.

    Attributes:
      type: TensorFlow's name of the op.
      kernel: `kernel(xp, *inputs, **attributes)`, or the name of a function of the array API
        standard with the op's inputs as its arguments. List inputs arrive as one list. It returns
        one array, or a flat sequence of arrays where the op has several outputs, or a list output.
      shape: `shape(*inputs, **attributes)`: from input shapes (tuples of int or None) to the
        output's shape, or a list of shapes for several outputs. None is a shape of unknown rank.
      host: positions of the inputs whose *values* decide an output shape or the structure of the
        kernel. They are NumPy arrays in the kernel, and in a shape rule (None when unknown).
      shape_like: positions of the host inputs that are shapes: a shape rule receives them as a
        tuple of int or None, partly known values included (or None).
      ranks: the ranks that host inputs must have, by position, where TensorFlow checks them when
        the graph is built. A kernel checks them with `rules.vector` and `rules.scalar_value`.
      places: positions of the host inputs that say where something is. They need not be known
        where `placed` says that all sizes are.
      placed: `placed(known, attributes)`: from what is known of each host input that is no shape,
        tuples of int or None, to whether the others may be computed beside the node. The kernel
        then receives what is known of `places` as `_known`.
      effects: one of `EFFECTS`.
      writes: positions of the inputs, references or handles of variables, that the op gives new
        values. The kernel receives every variable's current value, and returns the new ones, in
        order, before the outputs.
      blind: whether the kernel does not look at the values that it replaces, and does not receive
        them; it may take the static shape of the variable as `_shape`.
      stream: whether the op draws random numbers. The kernel receives the state of its stream
        before all inputs, and returns the next state before all outputs.
      context: whether the kernel receives the step's `StepContext` before all inputs. Attributes
        `_node` and `_device` are the names of the node and its device. Such nodes run on the host.
      blocking: whether the kernel, which then takes the context, may return a `Pending` in place of
        its outputs. It runs under no lock, and is put off while other nodes are ready.
      resident: whether the values of an open node stay where they are: the backend's arrays are
        not brought to the host for it.
      gradient: `gradient(tf, op, *gradients)`: from the gradients of the outputs (None where there
        is none) to one gradient per input (the bare one of a single input), None where there is
        none. `tf` is a namespace with a function for every op type: `gradient_functions.Builders`.
        `no_gradient` says that TensorFlow's op has none; None, that it is not known here.
      unknown_rank: whether the shape rule is also called with shapes of unknown rank; otherwise
        every output is unknown then.
    """

    type: str
    kernel: Callable[..., Any] | str
    shape: Callable[..., Any]
    host: tuple[int, ...] = ()
    shape_like: tuple[int, ...] = ()
    ranks: tuple[tuple[int, int], ...] = ()
    places: tuple[int, ...] = ()
    placed: Callable[..., bool] | None = None
    effects: str = "none"
    unknown_rank: bool = False
    writes: tuple[int, ...] = ()
    blind: bool = False
    stream: bool = False
    context: bool = False
    blocking: bool = False
    resident: bool = False
    gradient: Callable[..., Any] | None = None

    @cached_property
    def kernel_attributes(self) -> tuple[str, ...]:
        """The attributes that the kernel takes."""
        return () if isinstance(self.kernel, str) else _keyword_only(self.kernel)

    @cached_property
    def shape_attributes(self) -> tuple[str, ...]:
        """The attributes that the shape rule takes."""
        return _keyword_only(self.shape)

    @property
    def lead(self) -> int:
        """How many values of its own a node's kernel receives before the op's inputs."""
        return int(self.stream or self.context)

    @property
    def open(self) -> bool:
        """Whether a node may wait for other steps, so that no lock is held while it runs."""
        return self.blocking or self.effects == "python"

    @property
    def pure(self) -> bool:
        """Whether running the node twice, or not at all, makes no difference to others."""
        return self.effects == "none"


def _keyword_only(function: Callable[..., Any]) -> tuple[str, ...]:
    parameters = inspect.signature(function).parameters.values()
    return tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)


class Registry:
    """Op types by name. The built-in one is filled on first use."""

    def __init__(self) -> None:
        self._ops: dict[str, Op] = {}

    def define(
        self,
        type: str,
        kernel: Callable[..., Any] | str,
        *,
        shape: Callable[..., Any],
        host: str = "",
        shape_like: str = "",
        places: str = "",
        placed: Callable[..., bool] | None = None,
        effects: str = "none",
        unknown_rank: bool = False,
        writes: str = "",
        blind: bool = False,
        stream: bool = False,
        context: bool = False,
        blocking: bool = False,
        resident: bool = False,
        gradient: Callable[..., Any] | None = None,
        op_def: protos.OpDef | None = None,
    ) -> None:
        """Define the op `type`.

        Args:
          type: the op's name in the vocabulary.
          kernel, shape, effects, unknown_rank, blind, stream: see `Op`.
          context, blocking, resident, gradient: see `Op`.
          writes: names of the op's inputs that are variables which it gives new values.
          host: names of the kernel's parameters that are host inputs, separated by spaces; after a
            colon the rank, if another one is an error when the graph is built (`"perm:1"`).
          shape_like: those of them that are shapes (they need not be repeated in `host`).
          places: those of them that are places; see `Op`, also for `placed`.
          op_def: the signature, for an op that is not TensorFlow's.

        Raises:
          ValueError: the op is defined already, or a name is not one of the kernel's parameters.
        """
        if type in self._ops:
            raise ValueError(f"op {type} is defined twice")
        if effects not in EFFECTS:
            raise ValueError(f"op {type}: unknown effect {effects!r}; one of {', '.join(EFFECTS)}")
        if op_def is not None:
            vocabulary().add(op_def)
        first = 2 if stream or context or blocking else 1
        partial = _positions(type, kernel, shape_like, first)
        exact = _positions(type, kernel, host, first)
        written = _written(type, writes)
        values = tuple(sorted({*exact, *partial}))
        ranks = tuple(
            (i, r) for i, r in {**exact, **dict.fromkeys(partial, 1)}.items() if r is not None
        )
        self._ops[type] = Op(
            type,
            kernel,
            shape,
            values,
            tuple(partial),
            ranks,
            tuple(_positions(type, kernel, places, first)),
            placed,
            effects,
            unknown_rank,
            written,
            blind,
            stream,
            context or blocking,
            blocking,
            resident,
            gradient,
        )

    def get(self, type: str) -> Op | None:
        """Return the op, or None if evergraph has no kernel for it."""
        return self._ops.get(type)

    def __iter__(self) -> Iterator[Op]:
        return iter(self._ops.values())

    def __len__(self) -> int:
        return len(self._ops)


def _positions(
    type: str, kernel: Callable[..., Any] | str, names: str, first: int
) -> dict[int, int | None]:
    """Return the positions of the named parameters, with their ranks (None: any).

    The inputs begin with parameter number `first`.
    """
    if not names:
        return {}
    if isinstance(kernel, str):
        raise ValueError(f"op {type}: host inputs need a kernel with named parameters")
    parameters = list(inspect.signature(kernel).parameters)[first:]
    found = {name: rank for name, _, rank in (text.partition(":") for text in names.split())}
    unknown = [name for name in found if name not in parameters]
    if unknown:
        raise ValueError(f"op {type}: the kernel has no parameter {', '.join(unknown)}")
    return {parameters.index(n): int(rank) if rank else None for n, rank in found.items()}


def _written(type: str, names: str) -> tuple[int, ...]:
    if not names:
        return ()
    signature = vocabulary().get(type)
    inputs = [] if signature is None else [a.name for a in signature.inputs]
    unknown = [name for name in names.split() if name not in inputs]
    if unknown:
        raise ValueError(f"op {type} has no input {', '.join(unknown)}")
    return tuple(inputs.index(name) for name in names.split())


_BUILT_IN: Final = Registry()
#: Add an op to the built-in registry; see `Registry.define`.
define = _BUILT_IN.define


def registry() -> Registry:
    """Return the registry of all known ops, loading the built-in families on first use."""
    from evergraph import ops  # the families import `define` from this module

    ops.load()
    return _BUILT_IN
