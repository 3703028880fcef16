"""Contractions of tensors: tensordot and einsum."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import matmul, node, scope
from evergraph.graph.slicing import concat, shape, stack
from evergraph.shapes import TensorShape
from evergraph.v1.filling import rank
from evergraph.v1.indexing import gather, where
from evergraph.v1.reductions import reduce_prod
from evergraph.v1.sequences import range
from evergraph.v1.shaping import reshape, transpose


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Any:
    """Contract axes of two tensors.

    Args:
      a, b: the tensors.
      axes: how many axes: the last of `a` with the first of `b`; or a pair of lists of axes.
      name: the name of the node.

    Raises:
      ValueError: there are no such axes.
    """
    with scope(name, "Tensordot", (a, b, axes)) as name:
        a = convert_to_tensor(a, name="a")
        b = convert_to_tensor(b, name="b")
        a_axes, b_axes = _contracted(a, axes)
        a_matrix, a_free, a_known = _as_matrix(a, a_axes, flipped=False)
        b_matrix, b_free, b_known = _as_matrix(b, b_axes, flipped=True)
        product = matmul(a_matrix, b_matrix)
        if isinstance(a_free, list) and isinstance(b_free, list):
            free = a_free + b_free
            if product.shape.is_fully_defined() and product.shape.as_list() == free:
                return product
            return reshape(product, free, name)
        free = [convert_to_tensor(f, dtypes.int32) for f in (a_free, b_free)]
        product = reshape(product, concat(free, 0), name)
        if a_known is not None and b_known is not None:
            product.set_shape(a_known + b_known)
        return product


def _contracted(a: Any, axes: Any) -> tuple[Any, Any]:
    """Return the contracted axes of either operand: lists, or tensors."""
    if isinstance(axes, int | np.integer):
        if axes < 0:
            raise ValueError(f"`axes` must be at least 0. Received: {axes}.")
        if a.ndim is None:
            count = rank(a)
            first = range(count - axes, count, dtype=dtypes.int32)
            return first, range(axes, dtype=dtypes.int32)
        if axes > a.ndim:
            raise ValueError(
                f"`axes` must not be larger than the number of dimensions of tensor {a}.  Received "
                f"{axes}, vs tensor dimensions {a.ndim}."
            )
        return [a.ndim - axes + i for i in _upto(axes)], list(_upto(axes))
    if not isinstance(axes, list | tuple):
        axes = convert_to_tensor(axes, dtypes.int32, "axes")
        return axes[0], axes[1]
    if len(axes) != 2:
        raise ValueError(f"`axes` must be an integer or have length 2. Received {axes}.")
    first, second = axes
    if all(isinstance(x, int | np.integer) for x in axes):
        return [first], [second]
    if len(first) != len(second):
        raise ValueError(
            f"Different number of contraction axes `a` and `b`, {len(first)} != {len(second)}."
        )
    return first, second


def _upto(count: Any) -> Any:
    return np.arange(count).tolist()


def _as_matrix(a: Any, axes: Any, flipped: bool) -> tuple[Any, Any, Any]:
    """Return an operand as a matrix (contracted axes last; first if `flipped`).

    Returns:
      The matrix; the sizes of the free axes; and what is known of them.
    """
    listed = isinstance(axes, list | tuple)
    if listed and a.shape.is_fully_defined():
        sizes = a.shape.as_list()
        axes, others = _split_axes(axes, len(sizes))
        free_sizes = [sizes[i] for i in others]
        parts = [int(np.prod(free_sizes)), int(np.prod([sizes[i] for i in axes]))]
        perm = axes + others if flipped else others + axes
        wanted = parts[::-1] if flipped else parts
        if perm != list(_upto(len(sizes))):
            a = transpose(a, perm)
        return a if a.shape.as_list() == wanted else reshape(a, wanted), free_sizes, free_sizes
    known = None
    if listed and a.ndim is not None:
        sizes = a.shape.as_list()
        axes, others = _split_axes(axes, len(sizes))
        known = [sizes[i] for i in others]
        axes = convert_to_tensor(axes, dtypes.int32, "axes")
        free = convert_to_tensor(others, dtypes.int32, "free")
        dims = shape(a)
    else:
        dims = shape(a)
        count = rank(a)
        axes = convert_to_tensor(axes, dtypes.int32, "axes")
        axes = where(axes >= 0, axes, axes + count)
        free = node("ListDiff", x=range(count), y=axes, out_idx=dtypes.int32)[0]
    free_sizes = gather(dims, free)
    axes_sizes = gather(dims, axes)
    rows, columns = reduce_prod(free_sizes), reduce_prod(axes_sizes)
    if flipped:
        perm, wanted = concat([axes, free], 0), stack([columns, rows])
    else:
        perm, wanted = concat([free, axes], 0), stack([rows, columns])
    return reshape(transpose(a, perm), wanted), free_sizes, known


def _split_axes(axes: Sequence[int], count: int) -> tuple[list[int], list[int]]:
    contracted = [i if i >= 0 else i + count for i in axes]
    return contracted, [i for i in _upto(count) if i not in contracted]


def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Any:
    """Contract tensors as an equation says, such as `ij,jk->ik`.

    Args:
      equation: the labels of the dimensions of each input, and of the result.
      *inputs: the tensors.
      **kwargs: `name`, a name scope; `optimize`, how to order the contractions of three inputs or
        more, as `numpy.einsum_path` takes it.

    Raises:
      TypeError: there is another keyword.
      ValueError: the equation is not valid, or does not fit the inputs.
    """
    name = kwargs.pop("name", None)
    optimize = kwargs.pop("optimize", "greedy")
    if kwargs:
        raise TypeError(
            f"Invalid keyword arguments for einsum: {', '.join(kwargs)}. Valid arguments: name, "
            "optimize, greedy."
        )
    with scope(name, "einsum", (equation, inputs)):
        shapes = [TensorShape(x.shape) for x in inputs]
        labels, output = _parsed(equation, len(shapes))
        operands = list(inputs)
        if len(operands) <= 2:
            return _einsum(operands, labels, output)
        for positions in _contraction_order(labels, output, shapes, optimize):
            taken = [labels.pop(i) for i in positions]
            rest = "".join([*labels, output])
            joined = "".join(taken)
            kept = sorted({c for c in joined if c in rest}, key=joined.find)
            result = "".join(kept) if labels else output
            operands.append(_einsum([operands.pop(i) for i in positions], taken, result))
            labels.append(result)
        return operands[0]


#: What stands for `...` while an equation is worked on.
_ELLIPSIS: Final = "0"


def _einsum(operands: list[Any], labels: list[str], output: str) -> Any:
    equation = f"{','.join(labels)}->{output}".replace(_ELLIPSIS, "...")
    return node("Einsum", inputs=operands, equation=equation)


def _parsed(equation: str, count: int) -> tuple[list[str], str]:
    """Return the labels of each input and of the output, `...` as `_ELLIPSIS`."""
    text = equation.replace(" ", "")
    allowed = "a-zA-Z"
    if "..." in equation:
        if _ELLIPSIS in text:
            raise ValueError(f'Invalid character "{_ELLIPSIS}" in equation: {equation}.')
        text = text.replace("...", _ELLIPSIS)
        allowed += _ELLIPSIS
    match = re.match(f"^([{allowed},]*)(->[{allowed}]*)?$", text)
    if not match:
        raise ValueError(f"Subscripts have incorrect format: {text}")
    labels = match.group(1).split(",")
    if len(labels) != count:
        raise ValueError(f'Got {count} inputs for equation "{equation}", expecting {len(labels)}')
    if match.group(2) is None:
        counts = Counter(match.group(1))
        output = "".join(c for c in sorted(counts) if c != "," and counts[c] == 1)
    else:
        output = match.group(2)[2:]
    if len(set(output)) != len(output):
        raise ValueError(f"Output subscripts contain a label appearing more than once: {equation}")
    for label in output:
        if label != _ELLIPSIS and label not in match.group(1):
            raise ValueError(
                f"Output subscripts contain the label {label} not present in the input subscripts."
            )
    return labels, output


def _contraction_order(
    labels: list[str], output: str, shapes: list[TensorShape], optimize: Any
) -> list[list[int]]:
    """Return, for each contraction, the positions of its operands in the list of that moment."""
    sizes: dict[str, int] = {}
    for i, (names, known) in enumerate(zip(labels, shapes, strict=True)):
        if known._dims is None:
            continue
        dims = list(known._dims)
        at = names.find(_ELLIPSIS)
        if at >= 0:
            # All dimensions that `...` stands for count as one.
            end = at + len(dims) + 1 - len(names)
            dims[at:end] = [int(np.prod([d for d in dims[at:end] if d]))]
        if len(dims) != len(names):
            raise ValueError(
                f"Number of named labels in input #{i} of equation {','.join(labels)} must be "
                f"equal to the number of dimensions in shape {known}"
            )
        for name, dim in zip(names, dims, strict=True):
            sizes[name] = max(sizes.get(name, 1), dim or 1)
    text = f"{','.join(labels)}->{output}".replace(_ELLIPSIS, _spare(labels))
    stand_ins = [np.broadcast_to(0.0, [sizes.get(n, 1) for n in names]) for names in labels]
    path = np.einsum_path(text, *stand_ins, optimize=optimize)[0]
    return [sorted(step, reverse=True) for step in path[1:]]


def _spare(labels: list[str]) -> str:
    used = "".join(labels)
    return next(c for c in "ZYXWVUTSRQPONMLKJIHGFEDCBA" if c not in used)
