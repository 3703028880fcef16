"""Datasets that are kept in files, in the format of checkpoints, as TensorFlow keeps them."""

from __future__ import annotations

import os
from typing import Any, Final

import numpy as np

from evergraph.checkpoints.commits import index_name
from evergraph.checkpoints.opening import open_checkpoint
from evergraph.checkpoints.writing import Item, write_checkpoint
from evergraph.data.dataset import Dataset, Element, Elements, Failed, Run, array_of
from evergraph.dtypes import from_numpy
from evergraph.errors import OpError
from evergraph.files import path_of

#: The name of a component: the number of its element, and its own.
_NAME: Final = "{:>7}_{}"


class FileCached(Dataset):
    """The elements, kept in files once all of them have been there.

    Args:
      source: the elements.
      prefix: what the names of the files begin with.
      types: NumPy's types of the components.
    """

    def __init__(self, source: Dataset, prefix: bytes, types: Any) -> None:
        self._source = source
        self._prefix = path_of(prefix)
        self._types = [from_numpy(np.dtype(t)) for t in types]

    def elements(self, run: Run) -> Elements:
        """Yield the elements, those of the files if there are any."""
        if os.path.exists(index_name(self._prefix)):
            yield from self._read(run)
            return
        made: list[Element] = []
        for element in self._source.elements(run):
            if not isinstance(element, Failed):
                made.append(element)
            yield element
        items = [
            Item(_NAME.format(i, k).encode(), array_of(value), dtype)
            for i, element in enumerate(made)
            for k, (value, dtype) in enumerate(zip(element, self._types, strict=True))
        ]
        try:
            write_checkpoint(self._prefix, items)
        except OpError as error:
            yield Failed(error)

    def _read(self, run: Run) -> Elements:
        try:
            source = open_checkpoint(self._prefix)
        except OpError as error:
            yield Failed(error)
            return
        try:
            number = 0
            while _NAME.format(number, 0).encode() in source:
                stop = run.stopped()
                if stop is not None:
                    yield stop
                names = [_NAME.format(number, k).encode() for k in range(len(self._types))]
                try:
                    yield tuple([source.read(n)[()] for n in names])
                except OpError as error:
                    yield Failed(error)
                number += 1
        finally:
            source.close()
