"""Lists of tensors as a whole: stack, gather, scatter, concatenate, split."""

from __future__ import annotations

import numpy as np

from evergraph.op import define
from evergraph.ops.lists import common_shape, dims_of, fail, list_of, shown, unknown
from evergraph.ops.lists import zeros as zeros_of
from evergraph.ops.rules import scalar, slice_of
from evergraph.shapes import bracketed
from evergraph.tensor_list import TensorList, fits, is_defined, merged_shape, shape_of


def stack(xp, input_handle, element_shape, *, element_dtype, num_elements=-1):
    given = list_of(input_handle, element_dtype)
    if num_elements not in (-1, given.length):
        fail(
            f"Operation expected a list with {num_elements} elements but got a list with "
            f"{given.length} elements."
        )
    shape = common_shape(given, element_shape)
    if not is_defined(shape):
        if not given.length:
            fail(
                "Tried to stack elements of an empty list with non-fully-defined element_shape: "
                f"{shown(shape)}"
            )
        fail(
            "Tried to stack list which only contains uninitialized tensors and has a "
            f"non-fully-defined element_shape: {shown(shape)}"
        )
    return stacked(xp, given.elements(), shape, element_dtype)


def stacked(xp, items, shape, dtype):
    """Return elements, which all have that shape or are missing, as one tensor."""
    for item in items:
        if item is not None:
            merged_shape(shape, shape_of(item))
    if not items:
        return zeros_of(xp, (0, *shape), dtype)
    if any(item is None for item in items):
        blank = zeros_of(xp, shape, dtype)
        items = [blank if item is None else item for item in items]
    return np.stack(items) if dtype == np.object_ else xp.stack([xp.asarray(i) for i in items])


def rows_of(tensor):
    if not shape_of(tensor):
        fail("Tensor must be at least a vector, but saw shape: []")
    return [tensor[i] for i in range(tensor.shape[0])]


def from_tensor(xp, tensor, element_shape, *, element_dtype):
    items = dict(enumerate(rows_of(tensor)))
    return TensorList(element_dtype, row_shape(tensor, element_shape), len(items), items)


def row_shape(tensor, element_shape):
    """Return what is known of the shape of the rows of a tensor that become elements."""
    shape, inner = dims_of(element_shape), tuple(tensor.shape[1:])
    if not fits(shape, inner):
        fail(
            f"Specified a list with shape {shown(shape)} from a tensor with shape "
            f"{bracketed(inner)}"
        )
    return shape


def gather(xp, input_handle, indices, element_shape, *, element_dtype):
    given = list_of(input_handle, element_dtype)
    shape = common_shape(given, element_shape)
    places = np.asarray(indices).tolist()
    if not is_defined(shape):
        if not places:
            fail(
                "Tried to gather 0-elements from a list with non-fully-defined shape: "
                f"{shown(shape)}"
            )
        fail(
            "Tried to gather uninitialized tensors from a list with non-fully-defined "
            f"element_shape: {shown(shape)}"
        )
    for i in places:
        if not 0 <= i < given.length:
            fail(f"Index {i} out o range; list only has {given.length} elements.")
    return stacked(xp, [given.get(i) for i in places], shape, element_dtype)


def scatter(xp, tensor, indices, element_shape, *, element_dtype):
    return scatter_v2(xp, tensor, indices, element_shape, -1, element_dtype=element_dtype)


def scatter_v2(xp, tensor, indices, element_shape, num_elements, *, element_dtype, _sums=False):
    """Make a list of rows; with `_sums`, those of the same place are added, else the last counts."""
    places = _places(indices, tensor)
    count = int(np.reshape(num_elements, ()))
    if count < -1:
        fail(f"TensorListScatter expects num_elements >= -1, found: {count}")
    if count >= 0 and max(places, default=-1) >= count:
        fail(
            f"TensorListScatter: Trying to scatter at index {max(places)} in list with size {count}"
        )
    shape = row_shape(tensor, element_shape)
    length = max(places, default=-1) + 1 if count < 0 else count
    items: dict[int, object] = {}
    for place, row in zip(places, rows_of(tensor), strict=True):
        items[place] = items[place] + row if _sums and place in items else row
    return TensorList(element_dtype, shape, length, items)


def scatter_into(xp, input_handle, tensor, indices, *, element_dtype):
    given = list_of(input_handle, element_dtype)
    places = _places(indices, tensor)
    row_shape(tensor, _as_input(given.element_shape))
    longer = given.resized(max(given.length, max(places, default=-1) + 1))
    return longer.with_items(dict(zip(places, rows_of(tensor), strict=True)))


def _as_input(shape):
    return np.int32(-1) if shape is None else np.array([-1 if d is None else d for d in shape])


def _places(indices, tensor):
    places = np.asarray(indices).tolist()
    if any(i < 0 for i in places):
        fail("Indices in TensorListScatter must all be non-negative.")
    if not shape_of(tensor) or tensor.shape[0] != len(places):
        rows = shape_of(tensor)[0] if shape_of(tensor) else 0
        fail(f"Invalid number of rows in input tensor. Expected: {len(places)} Actual: {rows}")
    return places


def concat(xp, input_handle, *, element_dtype, element_shape=None):
    return concat_v2(
        xp, input_handle, _as_input(element_shape), np.zeros(0), element_dtype=element_dtype
    )


def concat_v2(xp, input_handle, element_shape, leading_dims, *, element_dtype):
    given = list_of(input_handle, element_dtype)
    wanted = dims_of(element_shape)
    shape = merged_shape(wanted, given.element_shape)
    if shape == ():
        fail("Concat requires elements to be at least vectors, found scalars instead.")
    items = given.elements()
    inner = None if shape is None else shape[1:]
    for i, item in enumerate(items):
        if item is not None:
            if not shape_of(item):
                fail(f"Concat saw a scalar shape at index {i} but requires at least vectors.")
            inner = merged_shape(inner, shape_of(item)[1:])
    if not is_defined(inner):
        kind = "concating an empty tensor list" if not items else "concating a tensor list"
        fail(
            f"All except the first dimension must be fully defined when {kind}. element_shape: "
            f"{shown(inner)}"
        )
    first = None if shape is None else shape[0]
    lengths: list[int] = []
    for i, item in enumerate(items):
        # TF: where nothing else says how many rows there are, it is as many as before.
        known = lengths[-1] if first is None and lengths else first
        found = _leading(i, item, known, leading_dims)
        lengths.append(found)
        if first is not None and found != first:
            fail(
                "First entry of element_shape input does not match the first dim of list element "
                f"at index: {i} Expected: {first} Actual: {found}"
            )
    parts = [
        zeros_of(xp, (n, *(inner or ())), element_dtype) if item is None else item
        for n, item in zip(lengths, items, strict=True)
    ]
    if not parts:
        joined = zeros_of(xp, (0, *(inner or ())), element_dtype)
    else:
        joined = np.concatenate(parts) if element_dtype == np.object_ else xp.concat(parts)
    return joined, np.array(lengths, np.int64)


def _leading(index, item, known, leading_dims):
    """Return how many rows an element has, which may not be initialized."""
    if item is not None:
        return shape_of(item)[0]
    if index < len(leading_dims):
        return int(leading_dims[index])
    if known is None:
        fail(
            f"List contains uninitialized tensor at index {index} but leading_dims has only "
            f"{len(leading_dims)} elements."
        )
    return known


def split(xp, tensor, element_shape, lengths, *, element_dtype):
    if not shape_of(tensor):
        fail("Tensor must be at least a vector, but saw shape: []")
    counts = np.asarray(lengths)
    if counts.ndim != 1:
        fail(f"Expected lengths to be a vector, received shape: {bracketed(counts.shape)}")
    shape = dims_of(element_shape)
    inner = None if shape is None else shape[1:]
    if not fits(inner, tuple(tensor.shape[1:])):
        fail(
            f"tensor shape {bracketed(tensor.shape)} is not compatible with element_shape "
            f"{shown(shape)}"
        )
    items, start, rows = {}, 0, tensor.shape[0]
    for i, count in enumerate(counts.tolist()):
        if count < 0:
            fail(f"Invalid value in lengths: {count}")
        end = start + count
        if end > rows:
            fail(f"Attempting to slice [{start}, {end}] from tensor with length {rows}")
        items[i] = tensor[start:end]
        start = end
    if start != rows:
        fail(f"Unused values in tensor. Length of tensor: {rows} Values used: {start}")
    # TF: the first dimension differs, whatever element_shape says.
    return TensorList(element_dtype, None if inner is None else (None, *inner), len(items), items)


def concatenated(*inputs, **attributes):
    return None, (None,)


def concat_shape(input_handle):
    return None, (None,)


def stack_gradient(tf, op, dtensor):
    return tf.TensorListFromTensor(dtensor, _static_rows(tf, dtensor)), None


def _static_rows(tf, tensor):
    """Return what is known beforehand of the rows of a tensor, as an input."""
    if tensor.shape.rank is None:
        return tf.constant(-1, "int32")
    return tf.constant([-1 if d is None else d for d in tensor.shape.as_list()[1:]], "int32")


def _row_shape(tf, tensor):
    return slice_of(tf, tf.shape(tensor), 1, None)


def from_tensor_gradient(tf, op, dlist):
    tensor = op.inputs[0]
    rank = tensor.shape.rank
    count = tensor.shape.as_list()[0] if rank else None
    return (
        tf.TensorListStack(
            dlist,
            _row_shape(tf, tensor),
            element_dtype=tensor.dtype,
            num_elements=-1 if count is None else count,
        ),
        None,
    )


def gather_gradient(tf, op, dtensor):
    given, indices, _ = op.inputs
    shape = tf.TensorListElementShape(given, shape_type="int32")
    # TF: of an element that was taken twice, only the last gradient counts.
    summed = tf.UnsortedSegmentSum(dtensor, indices, tf.TensorListLength(given))
    return tf.TensorListFromTensor(summed, shape), None, None


def scatter_gradient(tf, op, dlist):
    tensor, indices = op.inputs[:2]
    return (_gathered(tf, dlist, indices, tensor), *[None] * (len(op.inputs) - 1))


def _gathered(tf, dlist, indices, tensor):
    return tf.TensorListGather(dlist, indices, _row_shape(tf, tensor), element_dtype=tensor.dtype)


def scatter_into_gradient(tf, op, dlist):
    given, tensor, indices = op.inputs
    dtensor = _gathered(tf, dlist, indices, tensor)
    dgiven = tf.TensorListScatterIntoExistingList(dlist, tf.ZerosLike(tensor), indices)
    # TF leaves the gradient as long as the result.
    return tf.TensorListResize(dgiven, tf.TensorListLength(given)), dtensor, None


def concat_gradient(tf, op, dtensor, dlengths):
    shape = tf.TensorListElementShape(op.inputs[0], shape_type="int32")
    dlist = tf.TensorListSplit(dtensor, shape, op.outputs[1])
    return (dlist, *[None] * (len(op.inputs) - 1))


def split_gradient(tf, op, dlist):
    tensor, _, lengths = op.inputs
    shape = tf.ConcatV2([tf.constant([-1], "int32"), _row_shape(tf, tensor)], 0)
    found = tf.TensorListConcatV2(dlist, shape, lengths, element_dtype=tensor.dtype)
    return found[0], None, None


define("TensorListStack", stack, shape=unknown, unknown_rank=True, gradient=stack_gradient)
define(
    "TensorListFromTensor",
    from_tensor,
    shape=scalar,
    unknown_rank=True,
    gradient=from_tensor_gradient,
)
define("TensorListGather", gather, shape=unknown, unknown_rank=True, gradient=gather_gradient)
define(
    "TensorListScatter",
    scatter,
    shape=scalar,
    host="indices",
    unknown_rank=True,
    gradient=scatter_gradient,
)
define(
    "TensorListScatterV2",
    scatter_v2,
    shape=scalar,
    host="indices num_elements",
    unknown_rank=True,
    gradient=scatter_gradient,
)
define(
    "TensorListScatterIntoExistingList",
    scatter_into,
    shape=scalar,
    host="indices",
    unknown_rank=True,
    gradient=scatter_into_gradient,
)
define(
    "TensorListConcat",
    concat,
    shape=concat_shape,
    unknown_rank=True,
    gradient=concat_gradient,
)
define(
    "TensorListConcatV2",
    concat_v2,
    shape=lambda input_handle, element_shape, leading_dims: concat_shape(input_handle),
    unknown_rank=True,
    gradient=concat_gradient,
)
define(
    "TensorListSplit",
    split,
    shape=scalar,
    host="lengths",
    unknown_rank=True,
    gradient=split_gradient,
)
