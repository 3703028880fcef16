"""What a fed value loses when it is cast to the type of its tensor, and who is told."""

from __future__ import annotations

import warnings
from typing import Any, Final

import numpy as np

from evergraph import dtypes
from evergraph.errors import InvalidArgumentError
from evergraph.graph import traceback
from evergraph.graph.tensor import Tensor
from evergraph.runtime.failures import located


class EvergraphFeedWarning(UserWarning):
    """A fed value loses something when it is cast to the type of its tensor.

    TensorFlow casts in silence. `ConfigProto.backend_options["feeds"] = "strict"` makes it an
    InvalidArgumentError.
    """


#: What becomes of integers that the tensor's integers do not hold, by the kind of what was fed.
_OF_INTEGERS: Final = {
    "i": "integers that are out of range wrap around",
    "u": "integers that are out of range wrap around",
    "f": "what is no integer in range is cut off",
    "V": "what is no integer in range is cut off",  # as ml_dtypes has them
    "c": "imaginary parts and fractions are dropped",
    "O": "what is no integer in range is cut off",
}


def loss(value: Any, array: np.ndarray[Any, Any], dtype: dtypes.DType) -> str:
    """Return what a value has lost as this array, or "".

    Rounding between types of floats is none, nor is the truth of a number that is fed to bools.
    """
    # Integers of Python's were checked before, and an array of the same type is what it was.
    if dtype.is_bool or isinstance(value, int) or getattr(value, "dtype", None) == array.dtype:
        return ""
    given = np.asarray(value)
    if dtype.is_integer:
        what = _OF_INTEGERS.get(given.dtype.kind, "")
        return what if what and np.any(given != array) else ""
    if given.dtype.kind == "c" and not dtype.is_complex:
        return "imaginary parts are dropped" if np.any(np.imag(given)) else ""
    if given.dtype.kind == "O" and any(v is None for v in given.flat):
        return "None becomes NaN"
    return ""


def report(tensor: Tensor, what: str, strict: bool) -> None:
    """Warn the user's program, at the line that feeds, of what a value loses.

    The text is the same for every value, so that Python shows it once for each line.

    Raises:
      InvalidArgumentError: if `strict`.
    """
    dtype = tensor.dtype.base_dtype.name
    text = f"A value fed to {tensor.name} does not fit its type, {dtype}: {what}."
    if strict:
        raise located(tensor.op, InvalidArgumentError(None, None, text))
    warnings.warn(
        f"{text} Cast it before it is fed if that is meant; "
        "`config.backend_options['feeds'] = 'strict'` makes it an error.",
        EvergraphFeedWarning,
        stacklevel=traceback.depth(),
    )
