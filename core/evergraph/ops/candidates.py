"""Samplers of candidate classes: UniformCandidateSampler … and ComputeAccidentalHits."""
# Host ops: how often a sampler draws, if no class may come twice, depends on what it draws.

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from evergraph.errors import InvalidArgumentError, NotFoundError
from evergraph.op import ShapeError, define
from evergraph.ops.rules import with_rank

#: By how many groups of random words the stream moves for each candidate.
_STEPS: Final = 512
_WORD: Final = 2**32
_LEAST: Final = np.finfo(np.float32).min
_MATRIX: Final = "true_classes must be a matrix"


class Words:
    """The random words of a stream from its state on, one after another."""

    def __init__(self, xp, state):
        self._xp, self._state = xp, state
        self._words = self._more()

    def _more(self) -> Iterator[int]:
        start, block = 0, 256
        while True:
            at = np.arange(start, start + block, dtype=np.uint64)
            bits = self._xp.ext.random_bits(self._state[:2], self._state[2:6], at)
            yield from np.asarray(bits).ravel().tolist()
            start += block

    def word(self) -> int:
        """Return an integer of 32 bits."""
        return next(self._words)

    def double(self) -> float:
        """Return a number in [0, 1)."""
        high, low = self.word(), self.word()
        return (high & 0xFFFFF) * 2.0**-20 + low * 2.0**-52

    def single(self) -> float:
        """Return a number in [0, 1) that a float32 holds."""
        return (self.word() & 0x7FFFFF) * 2.0**-23

    def below(self, count: int, bits: int = 32) -> int:
        """Return an integer below `count`, drawn from so many bits."""
        size = 1 << bits
        least = 0 if count & (count - 1) == 0 else size % count or count
        while True:
            drawn = self.word() if bits == 32 else self.word() | self.word() << 32
            if drawn >= least:
                return drawn % count


class Distribution:
    """How classes are drawn, and how probable each is.

    Attributes:
      draw: a function from `Words` to a class.
      weights: the probabilities of all classes, float32.
    """

    def __init__(self, draw: Callable[[Words], int], weights) -> None:
        self.draw = draw
        self.weights = np.asarray(weights, np.float32)


def uniform_classes(range_max):
    weights = np.full(range_max, 1.0 / range_max)
    return Distribution(lambda words: words.below(range_max, 64), weights)


def log_uniform_classes(range_max):
    log_range = math.log1p(range_max)
    classes = np.arange(range_max)
    weights = np.log((classes + 2.0) / (classes + 1.0)) / log_range
    return Distribution(
        lambda words: (int(math.exp(words.double() * log_range)) - 1) % range_max, weights
    )


def counted_classes(counts):
    """Return the distribution that has counted classes."""
    total = int(counts.sum())
    ends = np.cumsum(counts)
    return Distribution(
        lambda words: int(np.searchsorted(ends, words.below(total), side="right")),
        counts.astype(np.float32) / np.float32(total),
    )


def weighted_classes(weights):
    """Return the distribution of weights, float32: Walker's method of aliases."""
    count = len(weights)
    share = [float(np.float32(w) * np.float32(count)) / float(weights.sum()) for w in weights]
    other = [-1] * count
    low = [i for i, p in enumerate(share) if p < 1.0]
    high = [i for i, p in enumerate(share) if p >= 1.0]
    while low and high:
        poor, rich = low.pop(), high.pop()
        other[poor] = rich
        share[rich] -= 1.0 - share[poor]
        (low if share[rich] < 1.0 else high).append(rich)
    for i in low + high:
        share[i], other[i] = 1.0, i
    limits = np.asarray(share, np.float32)

    def draw(words):
        chance = words.single()
        place = words.below(count)
        return place if chance < limits[place] else other[place]

    return Distribution(draw, weights / np.float32(weights.sum()))


def sampled(xp, state, distribution, true_classes, *, num_sampled, unique):
    """Return candidates, and how often true classes and candidates are expected among them."""
    count = len(distribution.weights)
    _check_range(true_classes, count)
    if unique and num_sampled > count:
        raise InvalidArgumentError(None, None, "Sampler's range is too small.")
    words = Words(xp, state)
    if unique:
        found: dict[int, None] = {}
        tries = 0
        while len(found) < num_sampled:
            tries += 1
            found.setdefault(distribution.draw(words))
        drawn = np.fromiter(found, np.int64, num_sampled)
    else:
        tries = num_sampled
        drawn = np.array([distribution.draw(words) for _ in range(num_sampled)], np.int64)
    expected = (
        _expected(distribution.weights[c], num_sampled, tries) for c in (true_classes, drawn)
    )
    return drawn, *expected


def _expected(probability, num_sampled, tries):
    if tries == num_sampled:
        return probability * np.float32(num_sampled)
    return -np.expm1(np.float32(tries) * np.log1p(-probability))


def _checked(true_classes, num_true):
    classes = np.asarray(true_classes)
    if classes.ndim != 2:
        raise InvalidArgumentError(None, None, _MATRIX)
    if classes.shape[1] != num_true:
        raise InvalidArgumentError(
            None,
            None,
            "true_classes must have num_true columns, expected: "
            f"{classes.shape[1]} was: {num_true}",
        )
    return classes


def _check_range(classes, count):
    wrong = classes[(classes < 0) | (classes >= count)]
    if wrong.size:
        raise InvalidArgumentError(
            None, None, f"`true_candidate` out of range [0, {count}), received {wrong[0]}"
        )


def _moved(state, num_sampled):
    """Return the state of the stream after a run."""
    offset = int(state[2]) + (int(state[3]) << 32) + _STEPS * num_sampled
    result = np.array(state)
    result[2], result[3] = offset % _WORD, (offset >> 32) % _WORD
    return result


def _sampler(distribution):
    def kernel(xp, state, true_classes, *, num_true, num_sampled, unique, range_max):
        classes = _checked(true_classes, num_true)
        found = sampled(
            xp, state, distribution(range_max), classes, num_sampled=num_sampled, unique=unique
        )
        return _moved(state, num_sampled), *found

    return kernel


def learned_unigram(xp, state, true_classes, *, num_true, num_sampled, unique, range_max):
    classes = _checked(true_classes, num_true)
    # Behind key and counter the state has how often each class was a true one, from 1 on.
    state = np.asarray(state)
    counts = state[6:] if len(state) > 6 else np.ones(range_max, np.uint32)
    found = sampled(
        xp, state, counted_classes(counts), classes, num_sampled=num_sampled, unique=unique
    )
    counts = counts + np.bincount(classes.ravel(), minlength=range_max).astype(np.uint32)
    return np.concatenate([_moved(state, num_sampled)[:6], counts]), *found


def fixed_unigram(
    xp,
    state,
    true_classes,
    *,
    num_true,
    num_sampled,
    unique,
    range_max,
    vocab_file="",
    distortion=1.0,
    num_reserved_ids=0,
    num_shards=1,
    shard=0,
    unigrams=(),
):
    classes = _checked(true_classes, num_true)
    if bool(vocab_file) == bool(unigrams):
        problem = "Must only provide one of" if unigrams else "Must provide either"
        joint = "and" if unigrams else "or"
        raise InvalidArgumentError(None, None, f"{problem} vocab_file {joint} unigrams.")
    listed = _listed(vocab_file) if vocab_file else [(str(w), w) for w in unigrams]
    weights = [0.0 for i in range(num_reserved_ids) if i % num_shards == shard]
    for place, (line, text) in enumerate(listed, len(weights)):
        if place % num_shards == shard:
            weights.append(_weight(line, text) ** distortion)
    if len(weights) != range_max:
        raise InvalidArgumentError(
            None, None, f"range is {range_max} must be equal to weights size  {len(weights)}"
        )
    distribution = weighted_classes(np.asarray(weights, np.float32))
    found = sampled(xp, state, distribution, classes, num_sampled=num_sampled, unique=unique)
    return _moved(state, num_sampled), *found


def _listed(vocab_file):
    """Return the lines of a file, and the last column of each."""
    name = vocab_file.decode() if isinstance(vocab_file, bytes) else vocab_file
    try:
        with open(name, encoding="utf-8", newline="") as file:
            lines = file.read().splitlines()
    except FileNotFoundError as error:
        raise NotFoundError(None, None, f"{name}; No such file or directory") from error
    rows = csv.reader(lines, quoting=csv.QUOTE_NONE)
    return [(line, row[-1]) for line, row in zip(lines, rows, strict=True) if row]


def _weight(line, text):
    try:
        return np.float32(text)
    except ValueError as error:
        message = f"Wrong vocabulary format at line: {line}"
        raise InvalidArgumentError(None, None, message) from error


def all_classes(xp, state, true_classes, *, num_true, num_sampled, unique):
    classes = _checked(true_classes, num_true)
    _check_range(classes, num_sampled)
    expected = (np.ones(shape, np.float32) for shape in (classes.shape, num_sampled))
    return _moved(state, num_sampled), np.arange(num_sampled, dtype=np.int64), *expected


def sampler_shape(true_classes, *, num_true, num_sampled, **further):
    rows, _ = with_rank(true_classes, 2)
    return [(num_sampled,), (rows, num_true), (num_sampled,)]


def accidental_hits(xp, true_classes, sampled_candidates, *, num_true):
    classes, candidates = np.asarray(true_classes), np.asarray(sampled_candidates)
    if classes.ndim != 2 or classes.shape[1] != num_true:
        raise InvalidArgumentError(
            None, None, "true_candidates must be a batch_size * num_true matrix"
        )
    if candidates.ndim != 1:
        raise InvalidArgumentError(
            None,
            None,
            "sampled_candidates must be a vector, which is typically an output from "
            "CandidateSampler",
        )
    places = {candidate: i for i, candidate in enumerate(candidates.tolist())}
    hits = [
        (row, places[entry])
        for row, entries in enumerate(classes.tolist())
        for entry in entries
        if entry in places
    ]
    rows, ids = np.array(hits, np.int64).reshape(-1, 2).T
    return rows.astype(np.int32), ids.copy(), np.full(len(hits), _LEAST, np.float32)


def accidental_hits_shape(true_classes, sampled_candidates, *, num_true):
    _, columns = with_rank(true_classes, 2)
    with_rank(sampled_candidates, 1)
    if columns is not None and columns != num_true:
        raise ShapeError(f"Dimension must be {num_true} but is {columns}")
    return [(None,)] * 3


#: By op type, the kernel.
SAMPLERS: Final = {
    "UniformCandidateSampler": _sampler(uniform_classes),
    "LogUniformCandidateSampler": _sampler(log_uniform_classes),
    "LearnedUnigramCandidateSampler": learned_unigram,
    "ThreadUnsafeUnigramCandidateSampler": learned_unigram,
    "FixedUnigramCandidateSampler": fixed_unigram,
    "AllCandidateSampler": all_classes,
}
for _type, _kernel in SAMPLERS.items():
    define(
        _type,
        _kernel,
        shape=sampler_shape,
        stream=True,
        effects="random",
    )
define("ComputeAccidentalHits", accidental_hits, shape=accidental_hits_shape)
