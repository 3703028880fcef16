"""Datasets of batches, and of what batches consist of."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from evergraph.data.dataset import Dataset, Element, Elements, Failed, Function, Run, plain
from evergraph.errors import DataLossError, InvalidArgumentError
from evergraph.shapes import bracketed


class Batched(Dataset):
    """Batches of elements.

    Args:
      source: the elements.
      size: how many elements a batch has.
      drop: whether there is no last batch that has fewer.
    """

    def __init__(self, source: Dataset, size: int, drop: bool) -> None:
        self._source = source
        self._size = size
        self._drop = drop

    def elements(self, run: Run) -> Elements:
        """Yield the batches; of one that an error ends, nothing is left."""
        rows: list[Element] = []
        for element in self._source.elements(run):
            if isinstance(element, Failed):
                rows = []
                yield element
                continue
            rows.append(element)
            if len(rows) == self._size:
                yield self.batch(rows)
                rows = []
        if rows and not self._drop:
            yield self.batch(rows)

    def batch(self, rows: Sequence[Element]) -> Element | Failed:
        """Return the batch of some elements."""
        columns = list(zip(*rows, strict=True))
        for i, column in enumerate(columns):
            first = np.shape(column[0])
            for j, value in enumerate(column):
                if np.shape(value) != first:
                    return _invalid(
                        f"Cannot batch tensors with different shapes in component {i}. First "
                        f"element had shape {bracketed(first)} and element {j} had shape "
                        f"{bracketed(np.shape(value))}."
                    )
        return tuple([stacked(c) for c in columns])


class PaddedBatched(Batched):
    """Batches of elements that are made equally large first.

    Args:
      source: the elements.
      size, drop: as for `Batched`.
      shapes: for each component, its shape in a batch; a size that is None, or negative, is that of
        the largest element of the batch.
      padding: for each component, what is put where a value has nothing.
    """

    def __init__(
        self,
        source: Dataset,
        size: int,
        drop: bool,
        shapes: Sequence[Sequence[int]],
        padding: Sequence[Any],
    ) -> None:
        super().__init__(source, size, drop)
        self._shapes = shapes
        self._padding = [plain(p) for p in padding]

    def batch(self, rows: Sequence[Element]) -> Element | Failed:
        """Return the padded batch of some elements."""
        made = []
        for i, column in enumerate(zip(*rows, strict=True)):
            wanted = self._shapes[i]
            sizes = [np.shape(v) for v in column]
            for size in sizes:
                if len(size) != len(wanted):
                    return _invalid(
                        "All elements in a batch must have the same rank as the padded shape for "
                        f"component{i}: expected rank {len(wanted)} but got element with rank "
                        f"{len(size)}"
                    )
            shape = []
            for j, fixed in enumerate(wanted):
                largest = max(s[j] for s in sizes)
                if 0 <= fixed < largest:
                    text = "Attempted to pad to a smaller size than the input element."
                    return Failed(DataLossError(None, None, text))
                shape.append(largest if fixed < 0 else int(fixed))
            first = column[0]
            dtype = object if isinstance(first, bytes) else first.dtype
            batch = np.full((len(column), *shape), self._padding[i], dtype)
            for j, value in enumerate(column):
                where: Any = (j, *map(slice, np.shape(value)))
                batch[where] = value
            made.append(batch)
        return tuple(made)


class Unbatched(Dataset):
    """The elements that batches consist of.

    Args:
      source: the batches.
    """

    def __init__(self, source: Dataset) -> None:
        self._source = source

    def elements(self, run: Run) -> Elements:
        """Yield the elements."""
        for batch in self._source.elements(run):
            if isinstance(batch, Failed):
                yield batch
                continue
            sizes = [np.shape(b)[:1] for b in batch]
            if len(set(sizes)) > 1 or not sizes[0]:
                yield _invalid(
                    "Input element must have the same batch size in each component. Component 0 "
                    f"had size {_first(sizes[0])} but component "
                    f"{next(i for i, s in enumerate(sizes) if s != sizes[0] or not s)} had size "
                    f"{_first(next(s for s in sizes if s != sizes[0] or not s))}."
                )
                continue
            for i in range(sizes[0][0]):
                stop = run.stopped()
                if stop is not None:
                    yield stop
                yield tuple([b[i] for b in batch])


def _first(size: tuple[int, ...]) -> Any:
    return size[0] if size else "of rank 0"


class Rows(Dataset):
    """Elements that are there already: those of a window.

    Args:
      rows: the elements.
    """

    def __init__(self, rows: Sequence[Element]) -> None:
        self._rows = rows

    def elements(self, run: Run) -> Elements:
        """Yield the elements."""
        for row in self._rows:
            stop = run.stopped()
            if stop is not None:
                yield stop
            yield row


class Windows(Dataset):
    """Windows of elements, each component of a window a dataset.

    Args:
      source: the elements.
      size: how many elements a window has.
      shift: from the first element of a window to that of the next one.
      stride: from one element of a window to the next one.
      drop: whether there are no windows that have fewer.
    """

    def __init__(self, source: Dataset, size: int, shift: int, stride: int, drop: bool) -> None:
        self._source = source
        self._size = size
        self._shift = shift
        self._stride = stride
        self._drop = drop

    def elements(self, run: Run) -> Elements:
        """Yield the windows."""
        span: Final = (self._size - 1) * self._stride + 1
        source = self._source.elements(run)
        ahead: deque[Element] = deque()
        skipped = 0
        more = True
        while True:
            while more and len(ahead) < span:
                element = next(source, None)
                if element is None:
                    more = False
                elif isinstance(element, Failed):
                    yield element
                elif skipped:
                    skipped -= 1
                else:
                    ahead.append(element)
            if not ahead or (self._drop and len(ahead) < span):
                return
            window = [ahead[i] for i in range(0, len(ahead), self._stride)]
            columns = zip(*window, strict=True)
            yield tuple([Rows([(value,) for value in column]) for column in columns])
            skipped = max(0, self._shift - len(ahead))
            for _ in range(min(self._shift, len(ahead))):
                ahead.popleft()


def stacked(values: Sequence[Any]) -> np.ndarray[Any, Any]:
    """Return values of one shape as an array, with a dimension more."""
    first = values[0]
    if isinstance(first, np.ndarray | np.generic) and first.dtype != object:
        return np.stack(values)
    batch = np.empty((len(values), *np.shape(first)), object)
    for i, value in enumerate(values):
        batch[i] = value
    return batch


def _invalid(message: str) -> Failed:
    return Failed(InvalidArgumentError(None, None, message))


class Grouped(Dataset):
    """What a function makes of groups of elements with the same key.

    Args:
      source: the elements.
      key: returns the key of an element.
      reduced: takes a key and the dataset of a group; returns a dataset.
      size: takes a key; returns how many elements a group has.
    """

    def __init__(self, source: Dataset, key: Function, reduced: Function, size: Function) -> None:
        self._source = source
        self._key = key
        self._reduced = reduced
        self._size = size

    def elements(self, run: Run) -> Elements:
        """Yield the elements of the datasets."""
        groups: dict[int, tuple[int, list[Element]]] = {}
        for element in self._source.elements(run):
            found = element if isinstance(element, Failed) else run.call(self._key, element)
            if isinstance(element, Failed) or isinstance(found, Failed):
                yield found
                continue
            key = int(found[0])
            if key not in groups:
                size = run.call(self._size, (np.int64(key),))
                if isinstance(size, Failed):
                    yield size
                    continue
                if size[0] <= 0:
                    yield _invalid(
                        f"Window size must be greater than zero, but got {int(size[0])}."
                    )
                    continue
                groups[key] = int(size[0]), []
            wanted, group = groups[key]
            group.append(element)
            if len(group) == wanted:
                del groups[key]
                yield from self._finished(run, key, group)
        for key in sorted(groups):
            yield from self._finished(run, key, groups[key][1])

    def _finished(self, run: Run, key: int, group: list[Element]) -> Elements:
        made = run.dataset(self._reduced, (np.int64(key), Rows(group)))
        if isinstance(made, Failed):
            yield made
        else:
            yield from made.elements(run)
