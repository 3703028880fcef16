"""Arrays that ONNX Runtime owns, which may be given away."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnxruntime import OrtValue


class Array:
    """An array of ONNX Runtime's.

    It is no NumPy array, so that whatever takes it for one fails; once its memory has been given
    away, whatever reads it does, as with an array that XLA has taken back.
    """

    __slots__ = ("_value", "dtype", "shape")

    def __init__(self, value: OrtValue, dtype: np.dtype[Any]) -> None:
        self._value: OrtValue | None = value
        self.shape = tuple(value.shape())
        self.dtype = dtype

    @classmethod
    def of(cls, value: np.ndarray[Any, Any]) -> Array:
        """Return an array in the memory of one of NumPy's, which must not change any more."""
        contiguous = np.require(value, requirements="C")
        return cls(OrtValue.ortvalue_from_numpy(contiguous), contiguous.dtype)

    @property
    def value(self) -> OrtValue:
        """What ONNX Runtime takes.

        Raises:
          RuntimeError: it was given away.
        """
        if self._value is None:
            raise RuntimeError(f"an array of shape {self.shape} is read after it was given away")
        return self._value

    def numpy(self) -> np.ndarray[Any, Any]:
        """Return NumPy's view of the memory."""
        return self.value.numpy()

    def give_away(self) -> None:
        """Take the memory away from whoever still has the array."""
        self._value = None
