"""`Call`: a fetch structure and fed tensors, prepared so that a repeated run does little."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from evergraph.graph.tensor import Tensor
from evergraph.runtime.context import Watch
from evergraph.session.contract import SessionStep
from evergraph.session.feeds import Convert, as_storage
from evergraph.session.fetches import Fetches
from evergraph.session.results import Release, unshared


class Call:
    """Runs one step for one fetch structure.

    Args:
      fetches: the structure.
      fed: the fed tensors, in the order of the values.
      convert: for each fed tensor, what makes a user's value one of its type.
      step: the step; None where every fetch is fed.
      release: for each fetched tensor that the step computes, in the order of its outputs: makes
        the value the caller's own.
      mutations: the graph's count of changes when the step was planned.
      watch: what the session watches in every run; None for nothing.
    """

    __slots__ = (
        "_convert",
        "_fed",
        "_fetched",
        "_rebuild",
        "_release",
        "_single",
        "_watch",
        "mutations",
        "step",
    )

    def __init__(
        self,
        fetches: Fetches,
        fed: Sequence[Tensor],
        convert: Sequence[Convert],
        step: SessionStep | None,
        release: Sequence[Release],
        mutations: int,
        watch: Watch | None,
    ) -> None:
        self.step = step
        self.mutations = mutations
        self._fed = tuple(fed)
        self._fetched = None if len(release) == len(fetches.tensors) else fetches.tensors
        self._watch = watch
        self._convert = convert
        self._release = release
        self._rebuild = fetches.rebuild
        probe: list[Any] = [object() for _ in fetches.tensors]
        plain = len(release) == 1 and self._fetched is None and fetches.rebuild(probe) is probe[0]
        self._single = self._release[0] if plain else None

    def __call__(self, values: Iterable[Any]) -> Any:
        """Run with one user's value per fed tensor."""
        given = [c(v) for c, v in zip(self._convert, values, strict=True)]
        if self._single is not None:
            # There is a step, since it computes the tensor; a check would cost time.
            context = None if self._watch is None else self.step.context(self._watch)  # type: ignore[union-attr]
            return self._single(self.step(given, context)[0], given)  # type: ignore[misc]
        return self._several(given, None if self._fetched is None else list(values))

    def run(
        self, values: Sequence[Any], originals: Sequence[Any], watch: Watch | None = None
    ) -> Any:
        """Run with converted values; `originals` are as the user gave them.

        `watch` counts in place of what the session watches.
        """
        return self._several(list(values), originals, watch)

    def _several(
        self,
        given: list[Any],
        originals: Sequence[Any] | None = None,
        watch: Watch | None = None,
    ) -> Any:
        if self.step is not None:
            watch = watch or self._watch
            outputs = self.step(given, None if watch is None else self.step.context(watch))
            return self.finish(outputs, given, originals)
        return self.finish((), given, originals)

    def finish(
        self, outputs: Sequence[Any], given: Sequence[Any], originals: Sequence[Any] | None
    ) -> Any:
        """Return the user's structure.

        Args:
          outputs: of the step.
          given: one converted value per fed tensor.
          originals: the same as the user gave them; None if `given` will do.
        """
        computed = [r(v, given) for r, v in zip(self._release, outputs, strict=True)]
        if len(computed) > 1:
            computed = unshared(computed)
        if self._fetched is None:
            return self._rebuild(computed)
        # A fetch that is fed is the fed array itself.
        fed = {t: i for i, t in enumerate(self._fed)}
        rest = iter(computed)
        values = [
            _as_fed(t, (originals or given)[fed[t]]) if t in fed else next(rest)
            for t in self._fetched
        ]
        return self._rebuild(values)


def _as_fed(tensor: Tensor, value: Any) -> Any:
    dtype = tensor._dtype.base_dtype
    if dtype._kind in ("handle", "quantized"):
        return value
    return np.asarray(value, object) if dtype._kind == "string" else as_storage(value, dtype.numpy)


def callable_for(
    prepare: Callable[[Sequence[Tensor]], Call],
    run: Callable[..., Any],
    is_closed: Callable[[], BaseException | None],
    current: Callable[[], int],
    feeds: Sequence[Tensor],
    accept_options: bool,
) -> Callable[..., Any]:
    """Return the function that `Session.make_callable` gives.

    Args:
      prepare: from fed tensors to a call.
      run: runs with the arguments, `options` and `run_metadata`.
      is_closed: the error to raise if the session is closed, else None.
      current: the graph's count of changes.
      feeds: the tensors that the arguments are values of.
      accept_options: whether the function takes `options` and `run_metadata`.
    """
    state: list[Call | None] = [None]
    count = len(feeds)

    def _single_tensor_run(*values: Any) -> Any:
        call = state[0]
        if call is None or call.mutations != current() or len(values) != count:
            return slow(values)
        return call(values)

    def slow(values: tuple[Any, ...]) -> Any:
        error = is_closed()
        if error is not None:
            state[0] = None
            raise error
        if values and not count:
            given = f"{len(values)} {'was' if len(values) == 1 else 'were'} given"
            raise TypeError(
                f"{_single_tensor_run.__qualname__}() takes 0 positional arguments but {given}"
            )
        # TF: arguments and feeds are zipped; what is too much is ignored.
        fed = feeds[: len(values)]
        call = prepare(fed)
        if len(fed) == count:
            state[0] = call
        return call(values[:count])

    def forget() -> None:
        state[0] = None

    _single_tensor_run.__qualname__ = "BaseSession.make_callable.<locals>._single_tensor_run"
    # A function is called faster than an object; `Session.close` looks for its attribute.
    _single_tensor_run.forget = forget  # type: ignore[attr-defined]
    if not accept_options:
        return _single_tensor_run

    def _with_options(*values: Any, options: Any = None, run_metadata: Any = None) -> Any:
        if options is None and run_metadata is None:
            return _single_tensor_run(*values)
        return run(values, options, run_metadata)

    _with_options.forget = forget  # type: ignore[attr-defined]  # as above
    return _with_options
