"""Slices of variables: tensors that can also be assigned to, `v[1:].assign(x)`."""

from __future__ import annotations

from typing import Any, Final

from evergraph.graph.slicing import getitem
from evergraph.graph.tensor import Tensor

_MASKS: Final = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")


class SlicedVariable(Tensor):
    """A slice of a variable's value that knows the variable."""

    __slots__ = ()

    def assign(self, value: Any, name: str | None = None) -> Any:
        """Return what sets this part of the variable when it runs.

        Args:
          value: the new part, of the shape of the slice.
          name: the name of the node.
        """
        node = self.op
        variable = node.graph._sliced_variables[self]
        _, begin, end, strides = node.inputs
        arguments = {"begin": begin, "end": end, "strides": strides, "value": value}
        arguments.update({mask: node.get_attr(mask) for mask in _MASKS})
        return variable._assign_slice(arguments, f"{node.name}/_assign" if name is None else name)


def sliced(variable: Any, key: Any) -> Any:
    """Return `variable[key]`, which can be assigned to unless the key is a mask."""
    result = getitem(variable.value(), key)
    if result.op.type == "StridedSlice":
        # A tensor has no attributes of its own: to keep them small, they have slots.
        result.__class__ = SlicedVariable
        result.graph._sliced_variables[result] = variable
    return result
