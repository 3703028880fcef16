"""What runs after what: identity, groups, tuples and assertions."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evergraph.builder import build, build_operation
from evergraph.graph.convert import convert_n_to_tensor, convert_to_tensor
from evergraph.graph.operation import Operation
from evergraph.graph.operators import scope
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.shapes import as_shape
from evergraph.v1._arguments import is_tensor


def identity(input: Any, name: str | None = None) -> Any:
    """Return a tensor with the same value."""
    return build("Identity", {"input": input}, name)


def guarantee_const(input: Any, name: str | None = None) -> Any:
    """Return a tensor with the same value, which is promised never to change."""
    return build("GuaranteeConst", {"input": input}, name)


def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Any:
    """Return the tensor, checked when it runs to have a shape, which is static from then on."""
    return build("EnsureShape", {"input": x, "shape": as_shape(shape)}, name)


def group(*inputs: Any, **kwargs: Any) -> Operation:
    """Return an operation that is done when all of `inputs` are.

    Args:
      *inputs: operations and tensors, also in nested lists.
      **kwargs: `name`, the name of the node.

    Raises:
      TypeError: an input is neither.
      ValueError: there is another keyword.
    """
    name = kwargs.pop("name", None)
    if kwargs:
        raise ValueError("Unknown keyword arguments: " + ", ".join(kwargs))
    with scope(name, "group_deps", inputs) as name:
        by_device: dict[str, list[Any]] = {}
        for item in _flat(inputs):
            if not hasattr(item, "device"):
                raise TypeError(
                    "'inputs' should be zero or more (nested) Tensors. Received "
                    f"'{item}' with type '{type(item)}'."
                )
            by_device.setdefault(item.device or "", []).append(item)
        if len(by_device) == 1:
            ((device, items),) = by_device.items()
            return _after(items, device, name)
        # A tree of two levels: one operation for each device, and one for them.
        each = [_after(by_device[device], device, None) for device in sorted(by_device)]
        return _after(each, None, name)


def _flat(structure: Any) -> Iterator[Any]:
    if isinstance(structure, list | builtins.tuple):
        for item in structure:
            yield from _flat(item)
    elif isinstance(structure, Mapping):
        for key in sorted(structure):
            yield from _flat(structure[key])
    else:
        yield structure


def _after(items: Sequence[Any], device: str | None, name: str | None) -> Operation:
    graph = get_default_graph()
    with graph.control_dependencies(items):
        if device is None:
            return build_operation("NoOp", {}, name)
        with graph.device(device):
            return build_operation("NoOp", {}, name)


def tuple(tensors: Any, name: str | None = None, control_inputs: Any = None) -> list[Any]:
    """Return the tensors, each available only when all of them are.

    Args:
      tensors: tensors and operations; None is kept.
      name: a name scope.
      control_inputs: further operations and tensors to wait for.

    Raises:
      TypeError: a control input is neither.
      ValueError: there is nothing to wait for.
    """
    with scope(name, "tuple", tensors):
        keep = (Operation, type(None))
        items = [
            t if isinstance(t, keep) or is_tensor(t) else convert_to_tensor(t) for t in tensors
        ]
        awaited = [t if isinstance(t, Operation) else t.op for t in items if t is not None]
        for c in control_inputs or ():
            if not isinstance(c, Operation | Tensor):
                raise TypeError(
                    f"'control_inputs' must only contain Operation or Tensor. Received: {type(c)}"
                )
            awaited.append(c.op if isinstance(c, Tensor) else c)
        if not awaited:
            raise ValueError(f"'tensors' must have at least one Tensor. Received: {tensors}.")
        gate = group(*sorted(set(awaited), key=lambda op: op._id))
        return [_gated(item, gate) for item in items]


def _gated(item: Any, gate: Operation) -> Any:
    if item is None:
        return None
    if isinstance(item, Operation):
        with get_default_graph().control_dependencies([gate]):
            return group(item)
    return with_dependencies([gate], item)


def with_dependencies(dependencies: Sequence[Any], output_tensor: Any, name: Any = None) -> Any:
    """Return the tensor, available only after `dependencies`."""
    graph = get_default_graph()
    with (
        scope(name, "control_dependency", [*dependencies, output_tensor]) as name,
        graph.colocate_with(output_tensor),
        graph.control_dependencies(dependencies),
    ):
        tensor = convert_to_tensor(output_tensor)
        kind = "RefIdentity" if tensor.dtype._is_ref_dtype else "Identity"
        return build(kind, {"input": tensor}, name)


def Assert(condition: Any, data: Any, summarize: int | None = None, name: Any = None) -> Any:
    """Return an operation that fails when it runs and `condition` is false.

    Args:
      condition: a bool, or a bool tensor of which every element must be true.
      data: the tensors that the error shows.
      summarize: how many elements of each.
      name: a name scope.

    Raises:
      InvalidArgumentError: when it runs, the condition is false.
    """
    from evergraph.v1.conditions import cond

    with scope(name, "Assert", (condition, data)):
        tensors = convert_n_to_tensor(data)
        arguments = {"condition": condition, "data": data, "summarize": summarize}
        if all(t.dtype.name in ("string", "int32") for t in tensors):
            return build("Assert", arguments)
        # What a device could hold is copied to the host only if the assertion fails.
        arguments["condition"] = condition = convert_to_tensor(condition, name="Condition")
        passed, failed = (
            lambda: build_operation("NoOp", {}),
            lambda: build("Assert", arguments),
        )
        guarded = cond(condition, passed, failed, name="AssertGuard")
        return guarded.op
