"""Connectionist temporal classification: CTCGreedyDecoder."""

from __future__ import annotations

import numpy as np

from evergraph.errors import FailedPreconditionError, InvalidArgumentError
from evergraph.op import define, no_gradient
from evergraph.ops.rules import merged_dim, with_rank
from evergraph.shapes import bracketed


def _fail(text, error=InvalidArgumentError):
    raise error(None, None, text)


def greedy(xp, inputs, sequence_length, *, merge_repeated=False, blank_index=-1):
    if inputs.ndim != 3:
        _fail("inputs is not a 3-Tensor")
    steps, batch, classes = inputs.shape
    if sequence_length.shape != (batch,):
        _fail(
            f"len(sequence_length) != batch_size. {bracketed(sequence_length.shape)} vs. {batch}",
            FailedPreconditionError,
        )
    if not classes:
        _fail("inputs must have classes")
    bad = np.nonzero(sequence_length > steps)[0]
    if bad.size:
        _fail(f"sequence_length({int(bad[0])}) > {steps}", FailedPreconditionError)
    if not -classes <= blank_index < classes:
        _fail(f"blank_index must be in [{-classes}, {classes}), but is {blank_index}")
    blank = blank_index % classes
    best = np.argmax(inputs, axis=2)
    largest = np.max(inputs, axis=2)
    places, values, longest = [], [], 0
    log = np.zeros((batch, 1), inputs.dtype)
    for b in range(batch):
        count = max(int(sequence_length[b]), 0)
        log[b, 0] = -largest[:count, b].sum(dtype=inputs.dtype)
        before, kept = -1, 0
        for c in best[:count, b].tolist():
            if c != blank and not (merge_repeated and c == before):
                places.append((b, kept))
                values.append(c)
                kept += 1
            before = c
        longest = max(longest, kept)
    return (
        np.array(places, np.int64).reshape(-1, 2),
        np.array(values, np.int64),
        np.array([batch, longest], np.int64),
        log,
    )


def greedy_shape(inputs, sequence_length):
    batch = None if inputs is None else with_rank(inputs, 3)[1]
    if sequence_length is not None:
        batch = merged_dim(batch, with_rank(sequence_length, 1)[0])
    return [(None, 2), (None,), (2,), (batch, 1)]


define("CTCGreedyDecoder", greedy, shape=greedy_shape, unknown_rank=True, gradient=no_gradient)
