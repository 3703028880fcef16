"""Cases of samplers of candidate classes: what each draws first, and what it expects."""

from typing import Any

import numpy as np

from evergraph_conformance.cases import array, case
from evergraph_conformance.ops.streams import ONE_SEED, SEEDS

TRUE = array([[1, 5], [2, 3], [7, 7]], "int64")
#: A few units in the last place: TensorFlow's logarithms are the C library's.
CLOSE = (1e-6, 0.0, 0.0)
#: What the samplers take that draw from a range.
DRAWS: dict[str, Any] = {"num_true": 2, "num_sampled": 4, "range_max": 10}
RANGED = (
    "UniformCandidateSampler",
    "LogUniformCandidateSampler",
    "LearnedUnigramCandidateSampler",
    "FixedUnigramCandidateSampler",
)
FIXED: dict[str, Any] = {
    "num_true": 1,
    "num_sampled": 3,
    "unique": False,
    "range_max": 4,
    "tolerance": CLOSE,
}
WEIGHTS = [1.0, 2.0, 0.5, 4.0]
ONE = array([[1], [3]], "int64")


def _ranged(op, label, classes=TRUE, **changed):
    further: dict[str, Any] = DRAWS | {"unique": True, "tolerance": CLOSE} | SEEDS | changed
    if op == "FixedUnigramCandidateSampler":
        further |= {"unigrams": [i + 1.0 for i in range(further["range_max"])]}
    return case(op, label, classes, **further)


CASES = [
    *[
        made
        for op in RANGED
        for made in (
            _ranged(op, "unique"),
            _ranged(op, "repeated", unique=False),
            _ranged(op, "one seed", **ONE_SEED),
            _ranged(op, "all of the range", num_sampled=10),
            _ranged(op, "many of many", num_sampled=300, range_max=1000),
            _ranged(op, "a power of two", num_sampled=9, range_max=16),
            _ranged(op, "no rows", np.zeros((0, 2), np.int64)),
            _ranged(op, "too few classes", num_sampled=11),
            _ranged(op, "other columns", num_true=3),
            _ranged(op, "a vector", array([1, 5], "int64")),
        )
    ],
    _ranged("LogUniformCandidateSampler", "a class out of range", TRUE * 9),
    case("FixedUnigramCandidateSampler", "distorted", ONE, unigrams=WEIGHTS, distortion=0.75,
         **FIXED, **SEEDS),
    case("FixedUnigramCandidateSampler", "reserved", ONE, unigrams=WEIGHTS[:2], num_reserved_ids=2,
         **FIXED, **SEEDS),
    case("FixedUnigramCandidateSampler", "a shard", ONE, unigrams=[1.0, 2.0, 3.0, 4.0, 5.0],
         num_reserved_ids=3, num_shards=2, shard=1, **FIXED, **SEEDS),
    case("FixedUnigramCandidateSampler", "no weights", ONE, **FIXED, **SEEDS),
    case("FixedUnigramCandidateSampler", "two sources", ONE, unigrams=WEIGHTS, vocab_file="x",
         **FIXED, **SEEDS),
    case("FixedUnigramCandidateSampler", "too few weights", ONE, unigrams=[1.0], **FIXED, **SEEDS),
    case("FixedUnigramCandidateSampler", "no such file", ONE, vocab_file="/no/such/file",
         **FIXED, **SEEDS),
    case("AllCandidateSampler", "all", TRUE, num_true=2, num_sampled=9, unique=True, **SEEDS),
    case("AllCandidateSampler", "a class out of range", TRUE, num_true=2, num_sampled=4,
         unique=True, **SEEDS),
    case("ComputeAccidentalHits", "hits", TRUE, array([7, 2, 7, 1, 5, 3], "int64"), num_true=2),
    case("ComputeAccidentalHits", "none", TRUE, array([0, 9], "int64"), num_true=2),
    case("ComputeAccidentalHits", "no candidates", TRUE, array([], "int64"), num_true=2),
    case("ComputeAccidentalHits", "other columns", TRUE, array([1], "int64"), num_true=3),
    case("ComputeAccidentalHits", "a matrix", TRUE, array([[1]], "int64"), num_true=2),
]  # fmt: skip
