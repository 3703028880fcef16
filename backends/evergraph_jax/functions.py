"""`to_jax`: what a graph computes as a function of JAX, for its transformations."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

import jax
import jax.core
import jax.numpy as jnp
import numpy as np

import evergraph
from evergraph.plugin import (
    Interpreter,
    KernelTable,
    NodeError,
    NotCompilableError,
    errors,
    numpy_table,
)
from evergraph_jax.backend import JaxBackend, kernels
from evergraph_jax.checks import tracing
from evergraph_jax.control import loop
from evergraph_jax.executable import known

#: Iterations of a loop that are traced one by one, if their number is known.
_MOST_UNROLLED: Final = 1000


def to_jax(
    graph_or_path: Any, fetches: Any = None, feeds: Sequence[Any] | None = None
) -> tuple[Callable[..., Any], dict[str, jax.Array]]:
    """Return what a graph computes as a pure function of JAX, and its parameters.

    `function(params, *values, **named)` takes what is fed in the order of `feeds`, or by name, and
    returns the fetches in their structure. It can be given to `jax.jit`, `grad`, `vmap` and
    `shard_map`. Loops whose number of iterations follows from shapes and constants are unrolled,
    so that they have gradients; others are XLA's. What TensorFlow checks when it runs (`Assert`,
    indices in range) is not checked. With `jax_enable_x64` off, what has 64 bits in TensorFlow has
    32, as always in JAX.

    Args:
      graph_or_path: the path of a model, as `evergraph.load` takes it; a `Model`; a session, whose
        variables are taken; or a graph without variables.
      fetches: tensors or names, in any structure; by default the outputs of the model's signature.
      feeds: tensors or names; by default the inputs of the signature, sorted by name.

    Returns:
      The function, and its parameters by name: variables, and floating-point constants of more
      than one element.

    Raises:
      ValueError, TypeError: a fetch or a feed is none of the graph.
      UnimplementedError: what is fetched has a state, or needs operations that XLA does not have.
      FailedPreconditionError: a variable has no value.
      OpError: the model cannot be read, or a placeholder is not fed.
    """
    pure = evergraph.pure_program(graph_or_path, fetches, feeds)
    return function_of(pure), {name: jnp.asarray(value) for name, value in pure.params.items()}


def function_of(pure: Any) -> Callable[..., Any]:
    """Return a `PureProgram` as a function of JAX; see `to_jax`."""
    table = _kernels()
    _check_kernels(pure, table)
    program, names = pure.program, pure.feeds
    run = Interpreter(program, table, numpy_table(), jnp.asarray, known)

    def function(params: Mapping[str, Any], *values: Any, **named: Any) -> Any:
        given = [*_in_order(names, values, named), *(params[name] for name in pure.params)]
        with tracing(0), np.errstate(all="ignore"), warnings.catch_warnings():
            # Of 64 bits there are 32, unless the user's JAX has all.
            warnings.filterwarnings("ignore", message="Explicitly requested dtype")
            for i, value in enumerate(given):
                dtype = program.input_dtypes[i].as_numpy_dtype
                traced = isinstance(value, jax.core.Tracer)
                if i in program.static and not traced:
                    given[i] = np.asarray(value, dtype)
                else:
                    given[i] = jnp.asarray(value).astype(dtype)
            try:
                with jax.default_matmul_precision("highest"):
                    outputs = [_array(o) for o in run(given)]
            except NodeError as error:
                raise _explained(error) from error
        return pure.rebuild(outputs)

    return function


def _array(value: Any) -> jax.Array:
    if isinstance(value, bytes) or getattr(value, "dtype", None) == np.dtype(object):
        raise errors.UnimplementedError(None, None, "XLA has no strings, as what is fetched is")
    return jnp.asarray(value)


def _in_order(names: Sequence[str], values: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
    """Return what is fed, in order.

    Raises:
      TypeError: something is missing, unknown, or given twice.
    """
    given = dict(zip(names, values, strict=False))
    unknown = [name for name in named if name not in names or name in given]
    given |= named
    missing = [name for name in names if name not in given]
    if len(values) > len(names) or unknown or missing:
        raise TypeError(
            f"the function takes its parameters and {', '.join(names) or 'nothing else'}; it was "
            f"given {len(values)} values in order" + "".join(f", and {name}" for name in named)
        )
    return [given[name] for name in names]


def _explained(error: NodeError) -> BaseException:
    found: BaseException = error
    while isinstance(found, NodeError):
        found = found.error
    if isinstance(found, NotCompilableError):
        return errors.UnimplementedError(
            None,
            None,
            f"{found}: give what it follows from as NumPy arrays, outside of jax.jit, or as "
            "static arguments",
        )
    return found


def _check_kernels(pure: Any, table: KernelTable) -> None:
    for name, dtype in zip(pure.feeds, pure.program.input_dtypes, strict=False):
        if dtype.name not in JaxBackend.dtypes:
            raise errors.UnimplementedError(None, None, f"XLA has no {dtype.name}, as '{name}' is")
    waiting, missing = [pure.program], set()
    while waiting:
        for node in waiting.pop().nodes:
            waiting.extend(node.blocks)
            if node.type not in table and not node.blocks:
                missing.add(node.type)
    if missing:
        raise errors.UnimplementedError(
            None,
            None,
            f"XLA has no {', '.join(sorted(missing))}: fetch and feed what lies behind and before",
        )


@cache
def _kernels() -> KernelTable:
    return kernels() | {"_Loop": unrolled}


def unrolled(
    predicate: Any, inputs: Sequence[Any], *, _blocks: Sequence[Any], carried: int
) -> Sequence[Any]:
    """Trace a loop's iterations one by one as long as it is known that there is one more."""
    values, fixed = list(inputs[:carried]), list(inputs[carried:])
    for _ in range(_MOST_UNROLLED):
        if isinstance(predicate, jax.core.Tracer):
            break
        if not predicate:
            return values
        predicate, *values = _blocks[0]([*values, *fixed])
    found: Sequence[Any] = loop(predicate, [*values, *fixed], _blocks=_blocks, carried=carried)
    return found
