"""Lists of tensors, element by element: make, push, pop, get, set, resize.

A list is a `TensorList`; a handle that is no list, of whatever other type, is an error.
"""

from __future__ import annotations

import numpy as np

from evergraph.dtypes import from_numpy
from evergraph.errors import InvalidArgumentError
from evergraph.op import define, no_gradient
from evergraph.ops.rules import scalar
from evergraph.shapes import bracketed
from evergraph.tensor_list import TensorList, fits, is_defined, merged_shape, shape_of
from evergraph.vocabulary import dtype_text


def fail(message):
    """Refuse inputs, with TensorFlow's words."""
    raise InvalidArgumentError(None, None, message)


def shown(shape):
    """Return a shape as messages about lists show it."""
    return "<unknown>" if shape is None else bracketed(shape)


def dims_of(value):
    """Return the shape that an input stands for; None where it is not known, as -1 is."""
    value = np.asarray(value)
    if value.ndim > 1:
        fail(f"Shape must be at most rank 1 but is rank {value.ndim}")
    if value.ndim == 1:
        return tuple(None if d < 0 else d for d in value.tolist())
    if value != -1:
        fail("The only valid scalar shape tensor is the fully unknown shape specified as -1.")
    return None


def list_of(handle, dtype=None):
    """Return a handle as a list of elements of a type, checked."""
    if not isinstance(handle, TensorList):
        if shape_of(handle):
            fail(f"Input list must be a scalar saw: {bracketed(shape_of(handle))}")
        fail(f"Input handle is not a list. Saw: '{handle!r}'")
    if dtype is not None and handle.dtype != dtype:
        names = (dtype_text(from_numpy(np.dtype(d))) for d in (dtype, handle.dtype))
        fail("Invalid data types; op elements {} but list elements {}".format(*names))
    return handle


def size_of(value, name):
    """Return an input that must be one number."""
    value = np.asarray(value)
    if value.size != 1 or value.ndim:
        fail(name.format(bracketed(value.shape)))
    return int(value)


def zeros(xp, shape, dtype):
    """Return what an element is that was never set."""
    if dtype == np.object_:
        return np.full(shape, b"", object)
    return xp.zeros(shape, dtype=dtype)[()]


def empty(xp, element_shape, max_num_elements, *, element_dtype):
    limit = size_of(max_num_elements, "max_num_elements expected to be a scalar but got shape: {}")
    return TensorList(element_dtype, dims_of(element_shape), limit=limit)


def reserve(xp, element_shape, num_elements, *, element_dtype):
    count = size_of(num_elements, "The num_elements to reserve must be a tensor size 1, but got {}")
    if count < 0:
        fail(f"The num_elements to reserve must be a non negative number, but got {count}")
    return TensorList(element_dtype, dims_of(element_shape), count)


def push_back(xp, input_handle, tensor, *, element_dtype):
    given = list_of(input_handle, element_dtype)
    if not fits(given.element_shape, shape_of(tensor)):
        fail(
            "Tried to append a tensor with incompatible shape to a list. Op element shape: "
            f"{bracketed(shape_of(tensor))} list shape: {shown(given.element_shape)}"
        )
    if given.length == given.limit:
        fail(
            f"Tried to push item into a full list list size: {given.length} "
            f"max_num_elements: {given.limit}"
        )
    return given.pushed(tensor)


def pop_back(xp, input_handle, element_shape, *, element_dtype):
    given = list_of(input_handle, element_dtype)
    if given.length <= 0:
        fail("Trying to pop from an empty list.")
    last = given.get(given.length - 1)
    if last is None:
        shape = merged_shape(dims_of(element_shape), given.element_shape)
        if not is_defined(shape):
            fail(
                "Trying to read an uninitialized tensor but element_shape is not fully defined."
                f"{shown(shape)}"
            )
        last = zeros(xp, shape, element_dtype)
    return given.resized(given.length - 1), last


def element_shape_of(xp, input_handle, *, shape_type):
    shape = list_of(input_handle).element_shape
    if shape is None:
        return np.asarray(-1, shape_type)[()]
    return np.asarray([-1 if d is None else d for d in shape], shape_type)


def length(xp, input_handle):
    return np.int32(list_of(input_handle).length)


def get_item(xp, input_handle, index, element_shape, *, element_dtype):
    given = list_of(input_handle, element_dtype)
    at = int(np.reshape(index, ()))
    if not 0 <= at < given.length:
        fail(f"Trying to access element {at} in a list with {given.length} elements.")
    item = given.get(at)
    if item is not None:
        return item
    shape = common_shape(given, element_shape)
    if not is_defined(shape):
        fail(
            "Trying to read an uninitialized tensor but element_shape is not fully defined: "
            f"{shown(shape)} and no list element is set."
        )
    return zeros(xp, shape, element_dtype)


def common_shape(given, element_shape):
    """Return what is known of the shape of all elements of a list."""
    shape = merged_shape(dims_of(element_shape), given.element_shape)
    if not is_defined(shape):
        for _, item in given.initialized():
            shape = merged_shape(shape, shape_of(item))
    return shape


def set_item(xp, input_handle, index, item, *, element_dtype, resize_if_index_out_of_bounds=False):
    given = list_of(input_handle, element_dtype)
    at = int(np.reshape(index, ()))
    if at >= given.length and resize_if_index_out_of_bounds:
        given = given.resized(at + 1)
    if not 0 <= at < given.length:
        fail(f"Trying to modify element {at} in a list with {given.length} elements.")
    if not fits(given.element_shape, shape_of(item)):
        fail(
            "Tried to set a tensor with incompatible shape at a list index. Item element shape: "
            f"{bracketed(shape_of(item))} list shape: {shown(given.element_shape)}"
        )
    return given.with_item(at, item)


def resize(xp, input_handle, size):
    given = list_of(input_handle)
    count = size_of(size, "size must be a scalar")
    if count < 0:
        fail(f"TensorListSlice expects size to be non-negative. Got: {count}")
    return given.resized(count)


def push_back_batch(xp, input_handles, tensor, *, element_dtype):
    handles = np.asarray(input_handles, object)
    rows = [
        push_back(xp, h, t, element_dtype=element_dtype)
        for h, t in zip(handles, tensor, strict=True)
    ]
    return _batch(rows, handles.shape)


def concat_lists(xp, input_a, input_b, *, element_dtype):
    if isinstance(input_a, TensorList):
        return _joined(input_a, input_b, element_dtype)
    pairs = zip(input_a.reshape(-1), input_b.reshape(-1), strict=True)
    return _batch([_joined(a, b, element_dtype) for a, b in pairs], input_a.shape)


def _joined(a, b, dtype):
    first, second = list_of(a, dtype), list_of(b, dtype)
    result = first.refined(merged_shape(first.element_shape, second.element_shape))
    result = result.resized(first.length + second.length)
    return result.with_items({first.length + i: v for i, v in second.initialized()})


def _batch(lists, shape):
    result = np.empty(len(lists), object)
    result[:] = lists
    return result.reshape(shape)


def batch_shape(input_handles, tensor):
    return input_handles


def popped(input_handle, element_shape):
    return (), None


def unknown(*inputs):
    """What is known of an element follows from values; see `evergraph.graph.lists`."""
    return


def push_back_gradient(tf, op, dlist):
    shape = tf.shape(op.inputs[1])
    return tf.TensorListPopBack(dlist, shape, element_dtype=op.get_attr("element_dtype"))


def pop_back_gradient(tf, op, dlist, delement):
    dtype = op.get_attr("element_dtype")
    if dlist is None:
        shape = tf.TensorListElementShape(op.outputs[0], shape_type="int32")
        dlist = tf.EmptyTensorList(shape, -1, element_dtype=dtype)
    if delement is None:
        delement = tf.ZerosLike(op.outputs[1])
    return tf.TensorListPushBack(dlist, delement), None


def get_item_gradient(tf, op, ditem):
    given, index, _ = op.inputs
    return tf.TensorListSetItem(empty_like(tf, given, ditem.dtype), index, ditem), None, None


def empty_like(tf, given, dtype):
    """Return a list as long as another one, of which no element is set."""
    shape = tf.TensorListElementShape(given, shape_type="int32")
    return tf.TensorListReserve(shape, tf.TensorListLength(given), element_dtype=dtype)


def set_item_gradient(tf, op, dlist):
    given, index, item = op.inputs
    dgiven = tf.TensorListSetItem(dlist, index, tf.ZerosLike(item))
    ditem = tf.TensorListGetItem(dlist, index, tf.shape(item), element_dtype=item.dtype)
    if op.get_attr("resize_if_index_out_of_bounds"):
        dgiven = tf.TensorListResize(dgiven, tf.TensorListLength(given))
    return dgiven, None, ditem


def resize_gradient(tf, op, dlist):
    return tf.TensorListResize(dlist, tf.TensorListLength(op.inputs[0])), None


define(
    "EmptyTensorList",
    empty,
    shape=scalar,
    host="element_shape max_num_elements",
    unknown_rank=True,
)
define(
    "TensorListReserve",
    reserve,
    shape=scalar,
    host="element_shape num_elements",
    unknown_rank=True,
)
define(
    "TensorListPushBack",
    push_back,
    shape=scalar,
    unknown_rank=True,
    gradient=push_back_gradient,
)
define("TensorListPopBack", pop_back, shape=popped, unknown_rank=True, gradient=pop_back_gradient)
define(
    "TensorListElementShape",
    element_shape_of,
    shape=unknown,
    unknown_rank=True,
    gradient=no_gradient,
)
define("TensorListLength", length, shape=scalar, unknown_rank=True, gradient=no_gradient)
define("TensorListGetItem", get_item, shape=unknown, unknown_rank=True, gradient=get_item_gradient)
define("TensorListSetItem", set_item, shape=scalar, unknown_rank=True, gradient=set_item_gradient)
define(
    "TensorListResize",
    resize,
    shape=scalar,
    host="size",
    unknown_rank=True,
    gradient=resize_gradient,
)
define(
    "TensorListPushBackBatch",
    push_back_batch,
    shape=batch_shape,
    unknown_rank=True,
    gradient=no_gradient,
)
define(
    "TensorListConcatLists",
    concat_lists,
    shape=lambda input_a, input_b: input_a,
    unknown_rank=True,
    gradient=no_gradient,
)
