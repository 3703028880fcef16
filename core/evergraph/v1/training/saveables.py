"""What a `Saver` saves: variables as tensors with names, and how each gets its value back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from evergraph.builder import build
from evergraph.dtypes import DType
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.device import DeviceSpec
from evergraph.graph.slicing import shape as shape_of
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.v1.partitions import PartitionedVariable
from evergraph.v1.ref_variable import RefVariable
from evergraph.v1.resource_variable import ResourceVariable
from evergraph.v1.shaping import reshape
from evergraph.v1.state import assign
from evergraph.v1.variables import Variable

_REFERENCES: Final = ("Variable", "VariableV2", "AutoReloadVariable")
_VARIABLES: Final = (*_REFERENCES, "VarHandleOp", "ReadVariableOp")


class SaveSpec:
    """A tensor that is saved under a name.

    Args:
      tensor: the tensor, or a function that makes it.
      slice_spec: which part of a whole it is, "" for all; see `SaveSliceInfo.spec`.
      name: the name in the checkpoint.
      dtype: its type; needed for a function.
      device: its device; needed for a function.

    Raises:
      AssertionError: there is a function, but not both of these.
    """

    def __init__(
        self,
        tensor: Any,
        slice_spec: str,
        name: str,
        dtype: DType | None = None,
        device: str | None = None,
    ) -> None:
        if callable(tensor) and (dtype is None or device is None):
            raise AssertionError(
                "When passing a callable `tensor` to a SaveSpec, an explicit dtype and device must "
                "be provided."
            )
        self._tensor = tensor
        self.slice_spec = slice_spec
        self.name = name
        self.dtype: Any = dtype if callable(tensor) else tensor.dtype
        self.device: str = getattr(tensor, "device", "") if device is None else device

    @property
    def tensor(self) -> Any:
        """The tensor; a function makes it anew each time."""
        return self._tensor() if callable(self._tensor) else self._tensor


class SaveableObject:
    """Something that is saved as one or more tensors.

    Args:
      op: what is saved.
      specs: the tensors, all on one device.
      name: the name of the whole.
    """

    def __init__(self, op: Any, specs: list[SaveSpec], name: str) -> None:
        self.op = op
        self.specs = specs
        self.name = name

    @property
    def device(self) -> str:
        """The device of the tensors."""
        return self.specs[0].device

    def restore(self, restored_tensors: Sequence[Any], restored_shapes: Any) -> Any:
        """Return an operation that sets what is saved.

        Args:
          restored_tensors: the tensors, as they were saved.
          restored_shapes: the shapes that they are to have, or None.

        Raises:
          ValueError: it cannot be done; or a subclass does not say how.
        """
        del restored_tensors, restored_shapes
        raise ValueError("Calling an abstract method.")


def _reshaped(tensors: Sequence[Any], shapes: Any) -> Any:
    return tensors[0] if shapes is None else reshape(tensors[0], shapes[0])


class ReferenceVariableSaveable(SaveableObject):
    """A reference variable, or a reference to one."""

    def __init__(self, var: Any, slice_spec: str, name: str) -> None:
        super().__init__(var, [SaveSpec(var, slice_spec, name, dtype=var.dtype)], name)

    def restore(self, restored_tensors: Sequence[Any], restored_shapes: Any) -> Any:
        """Return what assigns the variable; see `SaveableObject.restore`."""
        value = _reshaped(restored_tensors, restored_shapes)
        known = self.op.get_shape().is_fully_defined()
        return assign(self.op, value, validate_shape=restored_shapes is None and known)


class ResourceVariableSaveable(SaveableObject):
    """A resource variable, or a tensor that is read from one.

    Raises:
      ValueError: it is neither.
    """

    def __init__(self, var: Any, slice_spec: str, name: str) -> None:
        self._device = var.device
        self._shape = var.shape
        tensor: Any = var
        if isinstance(var, Tensor):
            self.handle_op = var.op.inputs[0]
        elif isinstance(var, ResourceVariable):
            self.handle_op = var.handle
            tensor = _reading(var)
        else:
            raise ValueError(
                f"Saveable is neither a resource variable nor a read operation. Got: {var!r}"
            )
        spec = SaveSpec(tensor, slice_spec, name, dtype=var.dtype, device=var.device)
        super().__init__(var, [spec], name)

    def restore(self, restored_tensors: Sequence[Any], restored_shapes: Any) -> Any:
        """Return what assigns the variable; see `SaveableObject.restore`.

        Raises:
          ValueError: the shape is known to be another one.
        """
        value = _reshaped(restored_tensors, restored_shapes)
        with get_default_graph().device(self._device):
            value = build("Identity", {"input": value})
            if not self._shape.is_compatible_with(value.shape):
                raise ValueError(
                    f"Received incompatible tensor with shape {value.shape} when attempting to "
                    f"restore variable with shape {self._shape} and name {self.name}."
                )
            return build("AssignVariableOp", {"resource": self.handle_op, "value": value})


def _reading(variable: ResourceVariable) -> Callable[[], Tensor]:
    def read() -> Tensor:
        graph = get_default_graph()
        with graph.device(variable.device):
            value = variable.read_value_no_copy()
            with graph.device("/device:CPU:0"):
                result: Tensor = build("Identity", {"input": value})
            return result

    return read


# From what users give


def by_name(op_list: Any) -> dict[str, Any]:
    """Return variables, tensors of them and saveables by the names that they are saved under.

    Args:
      op_list: a list of them; lists inside it count as their items. Slices of one variable become
        a list under its name.

    Raises:
      TypeError: it is no list, or has something else in it.
      ValueError: two of them have the same name.
    """
    if not isinstance(op_list, list | tuple | set):
        raise TypeError(f"Variables to save should be passed in a dict or a list. Got {op_list}")
    found: dict[str, Any] = {}
    # In the order of names, so that the nodes always come in the same order.
    for item in sorted(_flat(op_list), key=lambda x: str(x.name)):
        info = item._get_save_slice_info() if isinstance(item, Variable) else None
        if isinstance(item, SaveableObject):
            found[item.name] = item
        elif info is not None:
            parts = found.setdefault(info.full_name or "", [])
            if not isinstance(parts, list):
                raise ValueError(
                    f"Mixing slices and non-slices with the same name: {info.full_name}"
                )
            parts.append(item)
        else:
            name, value = _named(item)
            if name in found:
                raise ValueError(f"At least two variables have the same name: {name}")
            found[name] = value
    return found


def _flat(items: Any) -> Iterator[Any]:
    for item in items:
        if isinstance(item, list | tuple | set):
            yield from _flat(item)
        elif isinstance(item, Mapping):
            yield from _flat(item[key] for key in sorted(item))
        else:
            yield item


def _named(item: Any) -> tuple[str, Any]:
    if isinstance(item, PartitionedVariable):
        return item.name, item
    tensor = _tensor_of(item)
    if not _is_of_variable(tensor):
        raise TypeError(f"Variable to save is not a Variable: {tensor}")
    op = tensor.op.inputs[0].op if tensor.op.type == "ReadVariableOp" else tensor.op
    return op.name, tensor


def _tensor_of(item: Any) -> Any:
    if isinstance(item, ResourceVariable):
        return item._graph_element
    return item._ref() if isinstance(item, RefVariable) else convert_to_tensor(item)


def _is_of_variable(tensor: Any) -> bool:
    return isinstance(tensor, Tensor) and tensor.op.type in _VARIABLES


def saveables_for(item: Any, name: str) -> Iterator[SaveableObject]:
    """Return what together saves a variable, a list of its slices, or a saveable under a name.

    Raises:
      TypeError: the name is no string, or it is something else.
      ValueError: slices are none, or not of one variable.
    """
    if not isinstance(name, str):
        raise TypeError(
            "names_to_saveables must be a dict mapping string names to trackable operations. Name "
            f"is not a string: {name}"
        )
    if isinstance(item, SaveableObject):
        yield item
    elif isinstance(item, list | tuple | PartitionedVariable):
        yield from _slices(list(item), name)
    else:
        tensor = _tensor_of(item)
        if not _is_of_variable(tensor):
            raise TypeError(
                "names_to_saveables must be a dict mapping string names to Tensors/Variables. Not "
                f"a variable: {tensor}"
            )
        yield _kind(tensor.op.type)(tensor, "", name)


def _kind(type: str) -> Callable[[Any, str, str], SaveableObject]:
    return ReferenceVariableSaveable if type in _REFERENCES else ResourceVariableSaveable


def _slices(parts: list[Any], name: str) -> Iterator[SaveableObject]:
    whole: str | None = None
    for part in parts:
        if isinstance(part, SaveableObject):
            yield part
            continue
        if not isinstance(part, Variable):
            raise ValueError(f"Slices must all be Variables: {part}")
        info = part._get_save_slice_info()
        if info is None:
            raise ValueError(f"Slices must all be slices: {part}")
        if whole is None:
            whole = info.full_name
        if whole != info.full_name:
            raise ValueError(
                f"Slices must all be from the same tensor: {whole} != {info.full_name}"
            )
        yield _kind(part.op.type)(part, info.spec, name)


def checked_saveables(names_to_saveables: Mapping[str, Any]) -> list[SaveableObject]:
    """Return what saves all of a dictionary, in the order of names.

    Raises:
      TypeError: a name is no string, or something cannot be saved.
      ValueError: something would be saved under two names.
    """
    found: list[SaveableObject] = []
    seen: set[int] = set()
    for name, item in sorted(names_to_saveables.items(), key=lambda pair: pair[0]):
        for saveable in saveables_for(item, name):
            if saveable.op is not None and id(saveable.op) in seen:
                raise ValueError(
                    f"The same saveable will be restored with two names: {saveable.name}"
                )
            seen.add(id(saveable.op))
            found.append(saveable)
    return found


def shapes_for(saveable: SaveableObject) -> list[Any]:
    """Return the shapes of the tensors, as tensors where they are not known."""
    tensors = [spec.tensor for spec in saveable.specs]
    return [t.shape if t.get_shape().is_fully_defined() else shape_of(t) for t in tensors]


def on_cpu(device: str) -> str:
    """Return the first CPU where a device is."""
    return DeviceSpec.from_string(device).replace(device_type="CPU", device_index=0).to_string()
