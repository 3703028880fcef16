"""`cond` and `case`: what runs depends on values."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evergraph.builder import build, build_operation
from evergraph.graph.contexts import ConditionContext, merged
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operation import Operation
from evergraph.graph.operators import cast, scope
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.v1 import nest
from evergraph.v1._arguments import is_tensor
from evergraph.v1.flow import Assert, with_dependencies

#: Where operations that write summaries go; a branch that makes any waits for them.
_SUMMARIES = "_summary_op"


def cond(
    pred: Any,
    true_fn: Any = None,
    false_fn: Any = None,
    strict: bool = False,
    name: str | None = None,
    fn1: Any = None,
    fn2: Any = None,
) -> Any:
    """Return what `true_fn` gives if `pred` is true when it runs, or else what `false_fn` gives.

    Only operations that are made inside of a function run with its branch alone.

    Args:
      pred: a scalar bool tensor.
      true_fn, false_fn: functions without arguments; they return structures of one form, of
        tensors of the same types, or operations.
      strict: whether a list or tuple of one is kept.
      name: a name scope.
      fn1, fn2: other names of the functions.

    Returns:
      Tensors in the structure that the functions return; an operation becomes a tensor.

    Raises:
      TypeError: a function cannot be called, or `pred` is a Python bool.
      ValueError: the branches return nothing, or other structures or types.
    """
    for what, given, old, other in (
        ("true_fn", true_fn, "fn1", fn1),
        ("false_fn", false_fn, "fn2", fn2),
    ):
        if given is not None and other is not None:
            raise TypeError(f"cond(): '{what}' and '{old}' may not be set simultaneously.")
    true_fn, false_fn = true_fn or fn1, false_fn or fn2
    for what, function in (("true_fn", true_fn), ("false_fn", false_fn)):
        if function is None:
            raise TypeError(f"cond(): '{what}' argument required")
        if not callable(function):
            raise TypeError(f"'{what}' must be callable.")
    with scope(name, "cond", [pred]):
        if isinstance(pred, bool):
            raise TypeError("'pred' must not be a Python bool.")
        pred = convert_to_tensor(pred, name="pred")
        no, yes = build("Switch", {"data": pred, "pred": pred})
        yes_pivot = build("Identity", {"input": yes}, "switch_t")
        no_pivot = build("Identity", {"input": no}, "switch_f")
        pred = build("Identity", {"input": pred}, "pred_id")
        for tensor in (no, yes, yes_pivot, no_pivot, pred):
            tensor.graph.prevent_fetching(tensor.op)
        taken, yes_results = _branch(pred, yes_pivot, 1, true_fn, "true_fn", strict)
        other, no_results = _branch(pred, no_pivot, 0, false_fn, "false_fn", strict)
        nest.assert_same_structure(taken, other, expand_composites=True)
        return _merged(taken, yes_results, no_results, strict)


def _branch(
    pred: Tensor, pivot: Tensor, branch: int, function: Callable[[], Any], what: str, strict: bool
) -> tuple[Any, list[Tensor]]:
    """Return what a function gives in its branch, and the tensors that stand for it."""
    context = ConditionContext(pred, pivot, branch)
    with context.entered():
        given = after_summaries(function)
        if given is None:
            raise ValueError(f"'{what}' must have a return value.")

        def result(value: Any) -> Tensor:
            if isinstance(value, Operation):
                # The pivot stands for the operation.
                return with_dependencies([value], pivot)  # type: ignore[no-any-return]
            return context.result(convert_to_tensor(as_flow(value)))

        results = [result(v) for v in nest.flatten(given, expand_composites=True)]
        context.leave(results)
    return (given if strict else _unpacked(given)), results


def after_summaries(function: Callable[[], Any]) -> Any:
    """Call a function; what it returns waits for the summaries that it makes."""
    graph = get_default_graph()
    summaries = graph.get_collection_ref(_SUMMARIES)
    before = list(summaries)
    given = function()
    new = summaries[len(before) :]
    if not new:
        return given
    summaries[:] = before
    with graph.control_dependencies(new):
        if given is None:
            return build_operation("NoOp", {})
        if isinstance(given, Operation):
            return given
        return nest.map_structure(
            lambda t: build("Identity", {"input": t}), given, expand_composites=True
        )


def _unpacked(structure: Any) -> Any:
    if isinstance(structure, list | tuple) and len(structure) == 1:
        return structure[0]
    return structure


def _merged(
    structure: Any,
    yes_results: Sequence[Tensor],
    no_results: Sequence[Tensor],
    strict: bool,
) -> Any:
    """Return what either branch gives, in the structure of the first one."""
    if not yes_results:
        raise ValueError("'true_fn' and 'false_fn' must return at least one result.")
    for yes, no in zip(yes_results, no_results, strict=True):
        if yes.dtype.base_dtype is not no.dtype.base_dtype:
            raise ValueError(
                "Outputs of 'true_fn' and 'false_fn' must have the same type(s). Received "
                f"{yes.dtype.name} from 'true_fn' and {no.dtype.name} from 'false_fn'."
            )
    merges = [merged(pair) for pair in zip(no_results, yes_results, strict=True)]
    leaves = nest.flatten(structure, expand_composites=True)
    merges = [as_given(leaf, m) for leaf, m in zip(leaves, merges, strict=True)]
    result = nest.pack_sequence_as(structure, merges, expand_composites=True)
    return result if strict else _unpacked(result)


def as_flow(value: Any) -> Any:
    """Return what stands for a TensorArray in control flow."""
    return getattr(value, "flow", value)


def as_given(original: Any, tensor: Tensor) -> Any:
    """Return a tensor as what it stands for: a TensorArray, if the original one is."""
    again = getattr(original, "_with_flow", None)
    return tensor if again is None else again(tensor)


def case(
    pred_fn_pairs: Any,
    default: Any = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str = "case",
) -> Any:
    """Return what the first function whose predicate is true gives.

    Args:
      pred_fn_pairs: a list of pairs of a scalar bool tensor and a function, or a dict of them.
      default: the function if none is true; without it, that is an error when it runs.
      exclusive: whether more than one being true is an error when it runs.
      strict: as for `cond`.
      name: a name scope.

    Raises:
      TypeError: a predicate is no bool tensor, or a function cannot be called.
      ValueError: there are neither pairs nor a default.
      InvalidArgumentError: when it runs: see above.
    """
    pairs = _checked_pairs(pred_fn_pairs)
    with scope(name, "case", [p for p, _ in pairs]):
        predicates, actions = [p for p, _ in pairs], [f for _, f in pairs]
        if default is None:
            if not pairs:
                raise ValueError("'pred_fn_pairs' is empty, and there is no default.")
            default = _last(predicates, actions)
            predicates, actions = predicates[:-1], actions[:-1]
        function = default
        for predicate, action in reversed(list(zip(predicates, actions, strict=True))):
            function = functools.partial(cond, predicate, action, function, strict)
        if not exclusive:
            return function()
        message = "Input error: exclusive=True"
        with get_default_graph().control_dependencies([_at_most(predicates, 1, message)]):
            return function()


def _checked_pairs(given: Any) -> list[tuple[Tensor, Callable[[], Any]]]:
    if not isinstance(given, list | tuple | Mapping):
        raise TypeError(f"'pred_fn_pairs' must be a list, tuple, or dict. Received: {type(given)}")
    if isinstance(given, Mapping):
        pairs = list(given.items())
        if type(given) is dict:
            pairs.sort(key=lambda pair: getattr(pair[0], "name", ""))
    else:
        pairs = list(given)
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"Each entry in 'pred_fn_pairs' must be a 2-tuple. Received {pair}.")
        predicate, function = pair
        if not is_tensor(predicate):
            raise TypeError(f"pred must be a Tensor, got: {predicate}")
        if predicate.dtype.base_dtype.name != "bool":
            raise TypeError(f"pred must be of type bool: {predicate.name}")
        if not callable(function):
            raise TypeError(f"fn for pred {predicate.name} must be callable.")
    return pairs


def _last(predicates: list[Tensor], actions: list[Callable[[], Any]]) -> Callable[[], Any]:
    """Return the last action, which asserts that its predicate alone is true."""
    last = len(predicates) - 1

    def default() -> Any:
        others = (
            f"Implementation error: selected default action #{last} was called, but some of other "
            "predicates are True: "
        )
        none = "Input error: None of conditions evaluated as True:"
        stacked = build("Pack", {"values": predicates}, "preds_c")
        checks = [
            _at_most(predicates[:-1], 0, others),
            Assert(predicates[-1], data=(none, stacked)),
        ]
        with get_default_graph().control_dependencies(checks):
            return actions[-1]()

    return default


def _at_most(predicates: list[Tensor], count: int, message: str) -> Operation:
    """Assert that no more than so many predicates are true."""
    from evergraph.v1.reductions import reduce_sum

    stacked = build("Pack", {"values": predicates}, "preds_c")
    true = reduce_sum(cast(stacked, "int32"), name="num_true_conds")
    limit = convert_to_tensor(count, name="n_true_conds")
    condition = build("LessEqual", {"x": true, "y": limit})
    names = ", ".join(p.name for p in predicates)
    text = f"{message}: more than {count} conditions ({names}) evaluated as True:"
    result: Operation = Assert(condition, data=[text, stacked], summarize=len(predicates))
    return result
