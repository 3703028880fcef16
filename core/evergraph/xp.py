"""The array namespace that kernels are written in: the array API standard plus `xp.ext`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from evergraph import ext
from evergraph.dtypes import DType
from evergraph.errors import OpError

Message = str | Callable[..., str]
Check = Callable[..., None]

#: Functions of the standard that Python's operators also are, for two arrays of one dtype. On
#: NumPy scalars the operator is a hundred times faster (33 ns against 3.7 us for an addition).
OPERATORS: Final[dict[str, Callable[..., Any]]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "negative": operator.neg,
    "divide": operator.truediv,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "bitwise_and": operator.and_,
    "bitwise_or": operator.or_,
    "bitwise_xor": operator.xor,
    "matmul": operator.matmul,
}


class Namespace:
    """The array API standard of one library, `xp.ext`, and what kernels need around them.

    It is bound once, when a backend is created; looking a function up costs an attribute.

    Args:
      library: a namespace that follows the array API standard (2024.12).
      ext: primitives of `evergraph.ext` that the library does better, by name; each takes the
        bound namespace first.
      dtype: from evergraph's dtype to the library's; by default NumPy's (which JAX takes too).
      check: how `xp.check` acts; by default it looks at the values and raises at once.
    """

    def __init__(
        self,
        library: Any,
        *,
        ext: Mapping[str, Callable[..., Any]] | None = None,
        dtype: Callable[[DType], Any] | None = None,
        check: Check | None = None,
    ) -> None:
        self._library = library
        self._kinds: dict[tuple[Any, str], bool] = {}
        self.ext = Extension(self, ext or {})
        #: From evergraph's dtype to the library's.
        self.dtype: Callable[[DType], Any] = dtype or operator.attrgetter("numpy")
        #: `check(ok, ErrorType, message, *values)`; see `check_now`.
        self.check: Check = check or check_now

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._library, name)
        setattr(self, name, value)
        return value

    def astype(self, x: Any, dtype: Any) -> Any:
        """Return an array in a dtype: the very same one if it has it, where the standard copies."""
        return x if x.dtype == dtype else self._library.astype(x, dtype)

    def isdtype(self, dtype: Any, kind: str) -> bool:
        """Whether a dtype is of a kind of the standard; also of dtypes that NumPy does not know."""
        # A dictionary answers in a tenth of the time.
        key = dtype, kind
        found = self._kinds.get(key)
        if found is None:
            found = self._kinds[key] = self._is_kind(dtype, kind)
        return found

    def _is_kind(self, dtype: Any, kind: str) -> bool:
        try:
            return bool(self._library.isdtype(dtype, kind))
        except TypeError:  # ml_dtypes'
            return kind == ("integral" if "int" in str(dtype) else "real floating")

    def has(self, name: str) -> bool:
        """Whether there is a kernel under this name."""
        return name in OPERATORS or hasattr(self, name)

    def function(self, name: str) -> Callable[..., Any]:
        """Return the kernel that the standard has under this name."""
        found: Callable[..., Any] = OPERATORS.get(name) or getattr(self, name)
        return found


class Extension:
    """The primitives of `evergraph.ext`, bound to a namespace."""

    def __init__(self, xp: Namespace, overrides: Mapping[str, Callable[..., Any]]) -> None:
        unknown = sorted(set(overrides) - set(ext.PRIMITIVES))
        if unknown:
            raise ValueError(f"no such ext primitive: {', '.join(unknown)}")
        for name, default in ext.PRIMITIVES.items():
            setattr(self, name, _bound(overrides.get(name, default), xp))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"xp.ext has no primitive {name!r}; the list is in evergraph/ext.py")


def _bound(function: Callable[..., Any], xp: Namespace) -> Callable[..., Any]:
    def primitive(*args: Any, **kwargs: Any) -> Any:
        return function(xp, *args, **kwargs)

    primitive.__name__ = function.__name__
    primitive.__doc__ = function.__doc__
    return primitive


def check_now(ok: Any, error: type[OpError], message: Message, *values: Any) -> None:
    """Raise `error` unless `ok` holds everywhere.

    Args:
      ok: a boolean array, or a bool.
      error: a class of `tf.errors`.
      message: the text, or a function of the position (a tuple) of the first element that is not
        ok and of the elements of `values` there.
      *values: arrays that broadcast to the shape of `ok`.
    """
    ok = np.asarray(ok)
    if ok.all():
        return
    raise error(None, None, failure_text(message, *_first_failure(ok, values)))


def _first_failure(ok: Any, values: tuple[Any, ...]) -> tuple[tuple[int, ...], list[Any]]:
    at = tuple(int(i) for i in np.unravel_index(int(np.argmin(ok)), ok.shape))
    return at, [np.broadcast_to(np.asarray(v), ok.shape)[at] for v in values]


def failure_text(message: Message, at: tuple[int, ...], values: list[Any]) -> str:
    """Return the text of a failed check."""
    return message if isinstance(message, str) else message(at, *values)


#: The namespace of shape inference, constant folding and host inputs: plain NumPy.
NUMPY: Final = Namespace(np)
