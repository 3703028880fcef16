"""tf.contrib.slim.model_analyzer: how many numbers the variables and operations of a graph hold."""

from __future__ import annotations

from typing import Any

__all__ = ["analyze_ops", "analyze_vars", "tensor_description"]


def tensor_description(var: Any) -> str:
    """Return type and sizes of a tensor or a variable, such as "(float32 3x4)"."""
    sizes = "x".join(str(size) for size in var.shape)
    return f"({var.dtype.base_dtype.name} {sizes})"


def analyze_ops(graph: Any, print_info: bool = False) -> int:
    """Return how many numbers the outputs of all operations hold whose shapes are known.

    Args:
      graph: the graph.
      print_info: whether each operation is printed.
    """
    total = 0
    _headline(print_info, "Operations: name -> (type shapes) [size]")
    for operation in graph.get_operations():
        size = sum(_size(output) for output in operation.outputs)
        total += size
        if print_info:
            shapes = [tensor_description(t) for t in operation.outputs if t.shape.rank is not None]
            print(operation.name, "\t->", ", ".join(shapes), f"[{size}]")
    return total


def analyze_vars(variables: Any, print_info: bool = False) -> tuple[int, int]:
    """Return how many numbers variables hold, and how many bytes.

    Args:
      variables: the variables.
      print_info: whether each of them is printed.
    """
    total = size_in_bytes = 0
    _headline(print_info, "Variables: name (type shape) [size]")
    for variable in variables:
        count = _size(variable)
        length = count * variable.dtype.base_dtype.size
        total += count
        size_in_bytes += length
        if print_info:
            print(variable.name, tensor_description(variable), f"[{count}, bytes: {length}]")
    if print_info:
        print(f"Total size of variables: {total}")
        print(f"Total bytes of variables: {size_in_bytes}")
    return total, size_in_bytes


def _headline(print_info: bool, text: str) -> None:
    if print_info:
        print("---------")
        print(text)
        print("---------")


def _size(value: Any) -> int:
    return value.shape.num_elements() or 0
