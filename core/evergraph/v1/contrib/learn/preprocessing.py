"""tf.contrib.learn.preprocessing: words as numbers."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evergraph import v1 as tf

__all__ = ["CategoricalVocabulary", "VocabularyProcessor", "tokenizer"]

_TOKENS: Final = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z][a-z]+(?=[A-Z])|[\'\w\-]+")


def tokenizer(iterator: Iterable[str]) -> Iterator[list[str]]:
    """Yield the words of each text."""
    for text in iterator:
        yield _TOKENS.findall(text)


class CategoricalVocabulary:
    """Categories and their numbers; 0 is that of what is not known.

    Args:
      unknown_token: what stands for 0.
      support_reverse: whether a number can be turned into its category.
    """

    def __init__(self, unknown_token: str = "<UNK>", support_reverse: bool = True) -> None:
        self._unknown_token = unknown_token
        self._support_reverse = support_reverse
        self._mapping = {unknown_token: 0}
        self._frequencies: dict[Any, int] = {}
        self._names = [unknown_token]
        self._frozen = False

    def __len__(self) -> int:
        return len(self._mapping)

    def freeze(self, freeze: bool = True) -> None:
        """Give no numbers to what is new, or do so again."""
        self._frozen = freeze

    def get(self, category: Any) -> int:
        """Return the number of a category, which it gets now if it is new."""
        if category not in self._mapping:
            if self._frozen:
                return 0
            self._mapping[category] = len(self._mapping)
            self._names.append(category)
        return self._mapping[category]

    def add(self, category: Any, count: int = 1) -> None:
        """Count a category."""
        if self.get(category) > 0:
            self._frequencies[category] = self._frequencies.get(category, 0) + count

    def trim(self, min_frequency: int, max_frequency: int = -1) -> None:
        """Keep the categories that were counted more often, and number them by that.

        Args:
          min_frequency: how often is too seldom.
          max_frequency: how often is too often; -1 for no limit.
        """
        ordered = sorted(sorted(self._frequencies.items(), key=_name), key=_count, reverse=True)
        kept = [
            (category, count)
            for category, count in ordered
            if count > min_frequency and not 0 <= max_frequency <= count
        ]
        self._names = [self._unknown_token, *(category for category, _ in kept)]
        self._mapping = {category: i for i, category in enumerate(self._names)}
        self._frequencies = dict(kept)

    def reverse(self, class_id: int) -> Any:
        """Return the category of a number.

        Raises:
          ValueError: that is not supported.
        """
        if not self._support_reverse:
            raise ValueError(
                "This vocabulary wasn't initialized with support_reverse to support reverse() "
                "function."
            )
        return self._names[class_id]


def _name(entry: tuple[Any, int]) -> tuple[bool, Any]:
    return isinstance(entry[0], str), entry[0]


def _count(entry: tuple[Any, int]) -> int:
    return entry[1]


class VocabularyProcessor:
    """Turns texts into rows of the numbers of their words.

    Args:
      max_document_length: the length of rows: longer texts are cut off, shorter ones end with 0.
      min_frequency: how often a word must occur at least, not to count as unknown.
      vocabulary: the numbers of words, a `CategoricalVocabulary`.
      tokenizer_fn: from texts to lists of words.
    """

    def __init__(
        self,
        max_document_length: int,
        min_frequency: int = 0,
        vocabulary: Any = None,
        tokenizer_fn: Callable[[Iterable[str]], Iterable[Any]] | None = None,
    ) -> None:
        self.max_document_length = max_document_length
        self.min_frequency = min_frequency
        self.vocabulary_ = vocabulary or CategoricalVocabulary()
        self._tokenizer = tokenizer_fn or tokenizer

    def fit(self, raw_documents: Iterable[str], unused_y: Any = None) -> VocabularyProcessor:
        """Number the words of texts, and return the object."""
        del unused_y
        for words in self._tokenizer(raw_documents):
            for word in words:
                self.vocabulary_.add(word)
        if self.min_frequency > 0:
            self.vocabulary_.trim(self.min_frequency)
        self.vocabulary_.freeze()
        return self

    def fit_transform(
        self, raw_documents: Iterable[str], unused_y: Any = None
    ) -> Iterator[NDArray[np.int64]]:
        """Number the words of texts, and return what `transform` does."""
        self.fit(raw_documents, unused_y)
        return self.transform(raw_documents)

    def transform(self, raw_documents: Iterable[str]) -> Iterator[NDArray[np.int64]]:
        """Yield the numbers of the words of each text, int64."""
        for words in self._tokenizer(raw_documents):
            row = np.zeros(self.max_document_length, np.int64)
            for place, word in zip(range(self.max_document_length), words, strict=False):
                row[place] = self.vocabulary_.get(word)
            yield row

    def reverse(self, documents: Iterable[Iterable[int]]) -> Iterator[str]:
        """Yield the words of each row, joined by spaces."""
        for row in documents:
            yield " ".join(self.vocabulary_.reverse(number) for number in row)

    def save(self, filename: str) -> None:
        """Write the object to a file; only what is trusted may be read from there."""
        with tf.gfile.Open(filename, "wb") as file:
            file.write(pickle.dumps(self))

    @classmethod
    def restore(cls, filename: str) -> VocabularyProcessor:
        """Return what `save` wrote to a file, which runs code if somebody else has written it.

        Raises:
          TypeError: it is something else.
        """
        with tf.gfile.Open(filename, "rb") as file:
            found = pickle.loads(file.read())
        if not isinstance(found, cls):
            raise TypeError(f"{filename} holds no {cls.__name__}, but a {type(found).__name__}")
        return found
