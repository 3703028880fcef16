"""Lookup tables: what a session keeps for `tf.lookup`, from keys to values."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evergraph.dtypes import DType
from evergraph.errors import (
    AbortedError,
    FailedPreconditionError,
    InvalidArgumentError,
    UnimplementedError,
)
from evergraph.shapes import bracketed

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Spec:
    """What a table holds.

    Attributes:
      key_dtype, value_dtype: the types.
      value_shape: of one value.
      key_shape: of one key.
      once: whether it is filled once, and never changed then.
      flat: whether it returns all keys, and all values, as matrices.
      reserved: keys that it must not hold, with what they are called.
    """

    key_dtype: DType
    value_dtype: DType
    value_shape: tuple[int, ...] = ()
    key_shape: tuple[int, ...] = ()
    once: bool = False
    flat: bool = False
    reserved: tuple[tuple[Any, str], ...] = ()


class Table:
    """A table from keys to values; it may be used by several steps at once.

    Args:
      name: what errors call it.
      spec: what it holds.
    """

    def __init__(self, name: str, spec: Spec) -> None:
        self.name = name
        self.spec = spec
        self._lock = threading.Lock()
        self._values: dict[Any, Any] = {}
        self._ready = not spec.once

    def size(self) -> int:
        """Return how many keys there are."""
        return len(self._values)

    def find(self, keys: Array, default: Array) -> Array:
        """Return the value of each key, or the default for one that the table lacks.

        Raises:
          FailedPreconditionError: the table has not been filled yet.
          InvalidArgumentError: the default has the shape neither of one value nor of all.
        """
        if not self._ready:
            raise FailedPreconditionError(None, None, "Table not initialized.")
        lead = self._lead(keys)
        one, every = self.spec.value_shape, lead + self.spec.value_shape
        if default.shape not in (one, every):
            raise _invalid(
                f"Expected shape {bracketed(one)} or {bracketed(every)} for default value, got "
                f"{bracketed(default.shape)}"
            )
        found = np.empty(every, self.spec.value_dtype.numpy)
        rows = found.reshape(-1, *one)
        defaults = np.broadcast_to(default, every).reshape(-1, *one)
        values = self._values
        for i, key in enumerate(self._plain(keys)):
            rows[i] = values.get(key, defaults[i])
        return found

    def insert(self, keys: Array, values: Array) -> None:
        """Give keys their values.

        Raises:
          UnimplementedError: the table is filled once.
          InvalidArgumentError: the shapes do not fit, or a key is reserved.
        """
        self._check_mutable("Insert")
        entries = self._entries(keys, values)
        with self._lock:
            self._values |= entries

    def remove(self, keys: Array) -> None:
        """Forget keys; those that the table lacks do not matter.

        Raises:
          UnimplementedError: the table is filled once.
        """
        self._check_mutable("Remove")
        gone = self._plain(keys)
        with self._lock:
            for key in gone:
                self._values.pop(key, None)

    def replace(self, keys: Array, values: Array) -> None:
        """Give the table these keys and values, and no others; fill it, if it is filled once.

        Raises:
          InvalidArgumentError: the shapes do not fit, or a key is reserved.
          FailedPreconditionError: a table that is filled once gets two values for a key.
        """
        if self.spec.once:
            self.fill(keys, values)
            return
        reserved = {key for key, _ in self.spec.reserved}
        plain = self._plain(keys, checked=False)
        kept = [i for i, key in enumerate(plain) if key not in reserved]
        entries = self._entries(*self._rows(keys, values, kept))
        with self._lock:
            self._values = entries

    def _rows(self, keys: Array, values: Array, kept: Sequence[int]) -> tuple[Array, Array]:
        if len(kept) == len(keys):
            return keys, values
        # TF: writes the keys that it reserves into checkpoints.
        shape = self.spec.key_shape, self.spec.value_shape
        return keys.reshape(-1, *shape[0])[kept], values.reshape(-1, *shape[1])[kept]

    def fill(self, keys: Array, values: Array) -> None:
        """Fill a table that is filled once; nothing happens if it has been.

        Raises:
          InvalidArgumentError: it is another table, or there are more keys or values.
          FailedPreconditionError: a key comes twice, with different values.
        """
        if not self.spec.once:
            raise _invalid(f"Table {self.name} is not initializable")
        if keys.size != values.size:
            raise _invalid(f"Keys and values must have the same size {keys.size} vs {values.size}")
        with self._lock:
            if self._ready:
                return
            entries: dict[Any, Any] = {}
            pairs = zip(keys.reshape(-1).tolist(), values.reshape(-1).tolist(), strict=True)
            for key, value in pairs:
                if entries.setdefault(key, value) != value:
                    raise FailedPreconditionError(
                        None,
                        None,
                        "HashTable has different value for same key. Key "
                        f"{_shown(key)} has {_shown(entries[key])} and trying to add value "
                        f"{_shown(value)}",
                    )
            self._values = entries
            self._ready = True

    def export(self) -> tuple[Array, Array]:
        """Return all keys, and their values.

        Raises:
          AbortedError: the table has not been filled yet.
        """
        if not self._ready:
            raise AbortedError(None, None, "HashTable is not initialized.")
        with self._lock:
            entries = dict(self._values)
        spec = self.spec
        keys = np.empty((len(entries), *spec.key_shape), spec.key_dtype.numpy)
        values = np.empty((len(entries), *spec.value_shape), spec.value_dtype.numpy)
        for i, (key, value) in enumerate(entries.items()):
            keys[i], values[i] = key, value
        if spec.flat:
            return keys.reshape(len(keys), keys[:1].size or 1), values.reshape(
                len(values), values[:1].size or 1
            )
        return keys, values

    def _check_mutable(self, what: str) -> None:
        if self.spec.once:
            raise UnimplementedError(
                None, None, f"{what} not supported by InitializableLookupTable implementations"
            )

    def _lead(self, keys: Array) -> tuple[int, ...]:
        """Return the shape of keys without that of one key."""
        rank = len(self.spec.key_shape)
        if rank and keys.shape[-rank:] != self.spec.key_shape:
            raise _invalid(
                f"Expected key shape to end with {bracketed(self.spec.key_shape)}, got "
                f"{bracketed(keys.shape)}"
            )
        lead: tuple[int, ...] = keys.shape[: keys.ndim - rank]
        return lead

    def _plain(self, keys: Array, checked: bool = True) -> list[Any]:
        """Return keys as Python's values."""
        plain: list[Any] = keys.reshape(-1, *self.spec.key_shape).tolist()
        if self.spec.key_shape:
            plain = [tuple(np.ravel(key).tolist()) for key in plain]
        for key, name in self.spec.reserved if checked else ():
            if key in plain:
                raise _invalid(f"Using the {name} as a table key is not allowed")
        return plain

    def _entries(self, keys: Array, values: Array) -> dict[Any, Any]:
        wanted = self._lead(keys) + self.spec.value_shape
        flat = self.spec.flat and values.size == np.prod(wanted, dtype=np.int64)
        if values.shape != wanted and not flat:
            raise _invalid(
                f"Expected shape {bracketed(wanted)} for value, got {bracketed(values.shape)}"
            )
        rows = values.reshape(-1, *self.spec.value_shape)
        own = rows.copy() if self.spec.value_shape else rows.tolist()
        return dict(zip(self._plain(keys), own, strict=True))


def _shown(value: Any) -> Any:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _invalid(message: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, message)
