"""Samplers of classes in a session, and the losses of a few of many classes."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = [
    pytest.mark.dtypes("float32", "int64"),
    pytest.mark.uses("LogUniformCandidateSampler", "GatherV2", "ConcatV2", "MatMul", "Log1p"),
]

WEIGHTS = np.linspace(-1, 1, 24, dtype=np.float32).reshape(8, 3)
BIASES = np.linspace(0.5, -0.5, 8, dtype=np.float32)
INPUTS = np.array([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]], np.float32)
LABELS = np.array([[1, 6], [4, 0]], np.int64)
DRAWN = np.array([6, 2, 4], np.int64)
EXPECTED = np.array([0.25, 0.5, 0.75], np.float32)
TRUE_EXPECTED = np.array([[0.5, 0.25], [0.75, 1.0]], np.float32)
VALUES = (DRAWN, TRUE_EXPECTED, EXPECTED)
CLOSE = (1e-5, 1e-6, 0.0)

TRUE = np.einsum("bd,btd->bt", INPUTS, WEIGHTS[LABELS]) + BIASES[LABELS] - np.log(TRUE_EXPECTED)
NOISE = INPUTS @ WEIGHTS[DRAWN].T + BIASES[DRAWN] - np.log(EXPECTED)
LOGITS = np.concatenate([TRUE, NOISE], 1)
TARGETS = np.array([[0.5, 0.5, 0, 0, 0]] * 2)
#: Where the noise is a true class of the example.
HITS = np.array([[0, 0, 1, 0, 0], [0, 0, 0, 0, 1]], bool)
SIGMOID = np.log1p(np.exp(LOGITS)) - LOGITS * TARGETS


def softmax_loss(logits):
    return np.log(np.exp(logits).sum(1)) - (TARGETS[:, :2] * logits[:, :2]).sum(1)


@pytest.mark.parametrize("loss", ["nce_loss", "sampled_softmax_loss"])
@pytest.mark.parametrize("remove", [False, True])
def test_the_loss_of_given_candidates(tf, run, same, loss, remove):
    found = getattr(tf.nn, loss)(
        tf.constant(WEIGHTS),
        tf.constant(BIASES),
        LABELS,
        tf.constant(INPUTS),
        num_sampled=3,
        num_classes=8,
        num_true=2,
        sampled_values=VALUES,
        remove_accidental_hits=remove,
    )
    if loss == "nce_loss":
        wanted = np.where(HITS & remove, 0, SIGMOID).sum(1)
    else:
        wanted = softmax_loss(np.where(HITS & remove, -np.inf, LOGITS))
    same(run(found), np.float32(wanted), CLOSE)


def test_the_rows_may_lie_in_several_tables(tf, run, same):
    found = tf.nn.nce_loss(
        [tf.constant(WEIGHTS[::2]), tf.constant(WEIGHTS[1::2])],
        tf.constant(BIASES),
        LABELS,
        tf.constant(INPUTS),
        num_sampled=3,
        num_classes=8,
        num_true=2,
        sampled_values=VALUES,
    )
    same(run(found), np.float32(SIGMOID.sum(1)), CLOSE)


def test_only_rows_of_true_and_drawn_classes_have_gradients(tf, run, same):
    weights = tf.constant(WEIGHTS)
    loss = tf.nn.nce_loss(
        weights, tf.constant(BIASES), LABELS, tf.constant(INPUTS), 3, 8, 2, sampled_values=VALUES
    )
    slices = tf.gradients(tf.reduce_sum(loss), weights)[0]
    errors = 1 / (1 + np.exp(-LOGITS)) - TARGETS
    wanted = np.zeros_like(WEIGHTS)
    for example, (labels, error) in enumerate(zip(LABELS, errors, strict=True)):
        for row, value in zip([*labels, *DRAWN], error, strict=True):
            wanted[row] += value * INPUTS[example]
    same(run(tf.convert_to_tensor(slices)), wanted, CLOSE)


def test_a_seed_decides_what_is_drawn_in_each_run(tf):
    with tf.Graph().as_default():
        tf.set_random_seed(4)
        drawn, _, expected = tf.nn.log_uniform_candidate_sampler(LABELS, 2, 4, True, 50)
        with tf.Session() as session:
            runs = [session.run([drawn, expected]) for _ in range(2)]
    assert [found.tolist() for found, _ in runs] == [[4, 1, 13, 0], [0, 2, 45, 4]]
    assert np.allclose(runs[0][1], [0.1854828, 0.4124955, 0.0701891, 0.7051657])


def test_what_was_true_is_drawn_more_often_later_on(tf):
    with tf.Graph().as_default():
        sampler = tf.nn.learned_unigram_candidate_sampler(LABELS, 2, 4, False, 8, seed=1)
        with tf.Session() as session:
            runs = [session.run(sampler) for _ in range(3)]
        with tf.Session() as session:
            again = session.run(sampler)
    assert np.allclose(runs[0][1], 4 * 1 / 8)
    assert np.allclose(runs[1][1], 4 * 2 / 12)
    assert np.allclose(runs[2][1], 4 * 3 / 16)
    assert again[0].tolist() == runs[0][0].tolist()


def test_all_candidates(tf, run):
    drawn, true_expected, expected = run(tf.nn.all_candidate_sampler(LABELS, 2, 8, True))
    assert drawn.tolist() == list(range(8))
    assert np.all(true_expected == 1)
    assert np.all(expected == 1)


@pytest.mark.parametrize(
    ("content", "count"), [("a,1\nb,2\nc,5", 3), ("the,0.5,1\nof,1,2\nand,4,5\n", 3)]
)
def test_weights_from_a_file(tf, run, tmp_path, content, count):
    path = tmp_path / "vocabulary"
    path.write_text(content)
    true = np.arange(count, dtype=np.int64)[:, None]
    sampler = tf.nn.fixed_unigram_candidate_sampler(true, 1, 4, False, count, str(path))
    assert np.allclose(run(sampler)[1][:, 0], np.array([1, 2, 5]) / 8 * 4)


def test_a_line_without_a_weight_is_refused(tf, run, tmp_path):
    path = tmp_path / "vocabulary"
    path.write_text("a,1\nb\n")
    sampler = tf.nn.fixed_unigram_candidate_sampler(
        LABELS, 2, 4, False, 2, str(path), name="sampler"
    )
    with pytest.raises(tf.errors.InvalidArgumentError, match="vocabulary format at line: b"):
        run(sampler)


def test_more_classes_than_there_are_cannot_be_drawn(tf, run):
    sampler = tf.nn.uniform_candidate_sampler(LABELS, 2, 9, True, 8, name="sampler")
    with pytest.raises(tf.errors.InvalidArgumentError, match="range is too small") as raised:
        run(sampler)
    assert raised.value.op.name == "sampler"
