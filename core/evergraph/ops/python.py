"""Calls of Python functions: PyFunc."""

import traceback

import numpy as np

from evergraph.dtypes import from_numpy
from evergraph.errors import (
    InternalError,
    InvalidArgumentError,
    OutOfRangeError,
    ResourceExhaustedError,
    UnimplementedError,
    UnknownError,
)
from evergraph.op import define, no_gradient
from evergraph.python_functions import python_functions
from evergraph.vocabulary import dtype_text

#: TensorFlow's error for an exception of the function; UnknownError for all others.
_ERRORS = (
    (ValueError, InvalidArgumentError),
    (TypeError, InvalidArgumentError),
    (StopIteration, OutOfRangeError),
    (MemoryError, ResourceExhaustedError),
    (NotImplementedError, UnimplementedError),
)


def call(xp, inputs, *, token, Tout):
    function = python_functions.find(token)
    if function is None:
        raise InvalidArgumentError(
            None,
            None,
            f"ValueError: Could not find callback with key={token} in the registry: the function "
            "of the node does not exist in this process",
        )
    # The function may change its arguments.
    arguments = [np.array(x) if isinstance(x, np.ndarray) and x.ndim else x for x in inputs]
    try:
        result = function(*map(_as_argument, arguments))
    except Exception as error:
        raise _as_op_error(error) from error
    return _outputs(result, token, Tout)


def _as_argument(value):
    return value[()] if isinstance(value, np.ndarray) and not value.ndim else value


def _as_op_error(error):
    made = next((made for kind, made in _ERRORS if isinstance(error, kind)), UnknownError)
    described = "".join(
        traceback.format_tb(error.__traceback__)[1:] + traceback.format_exception_only(error)
    )
    return made(
        None,
        None,
        f"{type(error).__name__}: {error}\nTraceback (most recent call last):\n{described}",
    )


def _outputs(result, token, types):
    values = [] if result is None else result
    values = list(values) if isinstance(values, tuple | list) else [values]
    if len(values) != len(types):
        raise InvalidArgumentError(
            None,
            None,
            f"{token} returns {len(values)} values, but expects to see {len(types)} values.",
        )
    arrays = [_as_output(v) for v in values]
    for i, (array, wanted) in enumerate(zip(arrays, types, strict=True)):
        if array.dtype != wanted:
            raise InvalidArgumentError(
                None,
                None,
                f"{i}-th value returned by {token} is {dtype_text(from_numpy(array.dtype))}, but "
                f"expects {dtype_text(from_numpy(wanted))}",
            )
    return [a[()] for a in arrays]


def _as_output(value):
    array = np.array(value, order="C")
    if array.dtype.kind in "SU":
        array = array.astype(object)
    if array.dtype != object:
        return array
    texts = np.empty(array.shape, object)
    for at, item in np.ndenumerate(array):
        if not isinstance(item, str | bytes):
            kind = type(item).__name__
            raise InternalError(None, None, f"Unsupported object type {kind}")
        texts[at] = item.encode() if isinstance(item, str) else item
    return texts


def unknown_shapes(inputs, *, Tout):
    return [None] * len(Tout)


for _type in ("PyFunc", "PyFuncStateless"):
    define(
        _type,
        call,
        shape=unknown_shapes,
        unknown_rank=True,
        effects="python",
        gradient=no_gradient,
    )
