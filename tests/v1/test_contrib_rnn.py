"""Cells, decoders and losses of sequences of tf.contrib, against their maths in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import evergraph.v1 as tf

rnn, seq2seq = tf.contrib.rnn, tf.contrib.seq2seq
legacy = tf.contrib.legacy_seq2seq

X = np.random.RandomState(0).randn(2, 4, 3).astype(np.float32)
LENGTHS = np.array([4, 2], np.int32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def built(build):
    """Return what a function builds, run with weights of its own, and the variables by name."""
    with tf.Graph().as_default():
        outputs = build()
        variables = tf.global_variables()
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            for number, variable in enumerate(variables):
                sizes = variable.shape.as_list()
                values = np.sin(np.arange(np.prod(sizes, dtype=int)) + number).reshape(sizes)
                variable.load(values.astype(np.float32), session)
            names = [v.name.removesuffix(":0") for v in variables]
            return session.run(outputs), dict(zip(names, session.run(variables), strict=True))


def step(cell, state=None):
    """Return output and state of one step, and the variables."""

    def build():
        first = cell.zero_state(2, tf.float32)
        if state is not None:
            first = tf.contrib.framework.nest.pack_sequence_as(first, [*map(tf.constant, state)])
        return cell(tf.constant(X[:, 0]), first)

    return built(build)


C, H = (np.linspace(-1, 1, 8).reshape(2, 4).astype(np.float32) * s for s in (1.0, 0.5))


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_an_lstm_block_cell_is_an_lstm_with_peepholes_and_a_bound():
    cell = rnn.LSTMBlockCell(4, forget_bias=0.5, cell_clip=0.75, use_peephole=True)
    (output, state), weights = step(cell, [C, H])
    kernel, bias, *peep = weights.values()
    assert list(weights) == [
        f"lstm_cell/{n}" for n in ("kernel", "bias", "w_i_diag", "w_f_diag", "w_o_diag")
    ]
    i, j, f, o = np.split(np.concatenate([X[:, 0], H], 1) @ kernel + bias, 4, 1)
    c = sigmoid(f + 0.5 + peep[1] * C) * C + sigmoid(i + peep[0] * C) * np.tanh(j)
    c = np.clip(c, -0.75, 0.75)
    close(state.c, c)
    close(output, sigmoid(o + peep[2] * c) * np.tanh(c))


def normalized(x, gamma, beta):
    return (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True) * gamma + beta


def test_a_layer_norm_lstm_cell_normalizes_gates_and_memory():
    cell = rnn.LayerNormBasicLSTMCell(4)
    (output, state), w = step(cell, [C, H])
    parts = ("input", "transform", "forget", "output", "state")
    prefix = "layer_norm_basic_lstm_cell"
    assert list(w) == [
        f"{prefix}/kernel",
        *(f"{prefix}/{p}/{v}" for p in parts for v in ("gamma", "beta")),
    ]
    gates = np.split(np.concatenate([X[:, 0], H], 1) @ w[f"{prefix}/kernel"], 4, 1)

    def norm(x, part):
        return normalized(x, w[f"{prefix}/{part}/gamma"], w[f"{prefix}/{part}/beta"])

    i, j, f, o = (norm(x, p) for x, p in zip(gates, parts[:4], strict=True))
    c = norm(C * sigmoid(f + 1) + sigmoid(i) * np.tanh(j), "state")
    close(state.c, c)
    close(output, np.tanh(c) * sigmoid(o))


def test_a_nas_cell_computes_its_tree():
    (output, state), w = step(rnn.NASCell(4), [C, H])
    assert list(w) == ["nas_cell/recurrent_kernel", "nas_cell/kernel"]
    x = np.split(X[:, 0] @ w["nas_cell/kernel"], 8, 1)
    y = np.split(H @ w["nas_cell/recurrent_kernel"], 8, 1)
    relu = np.maximum(x[3] * y[3], 0)
    a = np.tanh(sigmoid(x[0] + y[0]) * np.maximum(x[1] + y[1], 0))
    b = np.tanh(sigmoid(x[2] + y[2]) + relu)
    third = np.tanh(np.tanh(x[4] + y[4]) * sigmoid(x[5] + y[5]))
    fourth = sigmoid(np.tanh(x[6] + y[6]) + sigmoid(x[7] + y[7]))
    c = np.tanh(a + C) * b
    close(state.c, c)
    close(output, np.tanh(c * np.tanh(third + fourth)))


def test_projections_wrap_a_cell():
    (output, _), w = step(rnn.OutputProjectionWrapper(rnn.BasicRNNCell(4), 5))
    prefix = "output_projection_wrapper"
    inner = np.tanh(
        np.concatenate([X[:, 0], np.zeros((2, 4))], 1) @ w[f"{prefix}/basic_rnn_cell/kernel"]
        + w[f"{prefix}/basic_rnn_cell/bias"]
    )
    close(output, inner @ w[f"{prefix}/kernel"] + w[f"{prefix}/bias"])
    (output, _), w = step(rnn.InputProjectionWrapper(rnn.BasicRNNCell(4), 5))
    assert w["input_projection_wrapper/kernel"].shape == (3, 5)
    assert w["input_projection_wrapper/basic_rnn_cell/kernel"].shape == (9, 4)


def test_an_attention_cell_attends_to_its_last_outputs():
    cell = rnn.AttentionCellWrapper(rnn.BasicRNNCell(4), 3)
    kept = np.linspace(-1, 1, 24).reshape(2, 3, 4).astype(np.float32)
    states = [H, C, kept.reshape(2, 12)]
    (output, state), w = step(cell, states)
    w = {name.removeprefix("attention_cell_wrapper/"): value for name, value in w.items()}
    x = np.concatenate([X[:, 0], C], 1) @ w["kernel"] + w["bias"]
    inner = np.tanh(
        np.concatenate([x, H], 1) @ w["basic_rnn_cell/kernel"] + w["basic_rnn_cell/bias"]
    )
    wanted = inner @ w["attention/kernel"] + w["attention/bias"]
    features = kept @ w["attention/attn_w"][0, 0]
    scores = (w["attention/attn_v"] * np.tanh(features + wanted[:, None])).sum(2)
    attended = (softmax(scores)[..., None] * kept).sum(1)
    projection = "attn_output_projection"
    result = np.concatenate([inner, attended], 1) @ w[f"{projection}/kernel"]
    close(output, result + w[f"{projection}/bias"])
    close(state[1], attended)
    close(state[2].reshape(2, 3, 4), np.concatenate([kept[:, 1:], output[:, None]], 1))


def test_stacked_cells_run_in_both_directions():
    def build():
        cells = [[rnn.BasicRNNCell(size) for size in (4, 5)] for _ in range(2)]
        return rnn.stack_bidirectional_dynamic_rnn(*cells, tf.constant(X), dtype=tf.float32)

    (outputs, forward, backward), w = built(build)
    assert outputs.shape == (2, 4, 10)
    close(outputs[:, -1, :5], forward[1])
    close(outputs[:, 0, 5:], backward[1])
    prefix = "stack_bidirectional_rnn/cell_1/bidirectional_rnn/fw/basic_rnn_cell"
    assert w[f"{prefix}/kernel"].shape == (13, 5)


# Decoders


def decoded(make_cell, **options):
    def build():
        cell = make_cell()
        helper = seq2seq.TrainingHelper(tf.constant(X), LENGTHS)
        decoder = seq2seq.BasicDecoder(
            cell, helper, cell.zero_state(2, tf.float32), output_layer=tf.layers.Dense(6)
        )
        return seq2seq.dynamic_decode(decoder, **options)

    return built(build)


def test_a_decoder_with_a_training_helper_is_a_recurrent_network():
    (outputs, state, lengths), w = decoded(lambda: rnn.GRUCell(4), impute_finished=True)
    cells = {n: v for n, v in w.items() if "gru_cell" in n}
    assert all(name.startswith("decoder/") for name in w)

    def plain():
        return tf.nn.dynamic_rnn(rnn.GRUCell(4), tf.constant(X), LENGTHS, dtype=tf.float32)

    with tf.Graph().as_default(), tf.Session() as session:
        built_plain = plain()
        for variable, value in zip(tf.global_variables(), cells.values(), strict=True):
            variable.load(value, session)
        hidden, last = session.run(built_plain)
    wanted = hidden @ w["decoder/dense/kernel"] + w["decoder/dense/bias"]
    wanted[1, 2:] = 0
    close(outputs.rnn_output, wanted)
    close(state, last)
    assert lengths.tolist() == LENGTHS.tolist()
    assert outputs.sample_id[0].tolist() == wanted[0].argmax(1).tolist()


@pytest.mark.parametrize(
    ("mechanism", "options"),
    [
        ("LuongAttention", {}),
        ("LuongAttention", {"scale": True}),
        ("BahdanauAttention", {}),
        ("BahdanauAttention", {"normalize": True}),
    ],
)
def test_attention_is_a_mean_of_the_memory(mechanism, options):
    memory = np.random.RandomState(1).randn(2, 5, 3).astype(np.float32)
    counts = np.array([5, 2])

    def build():
        attention = getattr(seq2seq, mechanism)(4, tf.constant(memory), counts, **options)
        cell = seq2seq.AttentionWrapper(
            rnn.BasicRNNCell(4), attention, attention_layer_size=6, alignment_history=True
        )
        state = cell.zero_state(2, tf.float32).clone(cell_state=tf.constant(H))
        output, new = cell(tf.constant(X[:, 0]), state)
        return output, new.cell_state, new.alignments, new.alignment_history.stack()

    (output, hidden, alignments, history), w = built(build)
    w = {name.removeprefix("attention_wrapper/"): value for name, value in w.items()}
    values = memory * (np.arange(5) < counts[:, None])[..., None]
    keys = values @ w["memory_layer/kernel"]
    if mechanism == "LuongAttention":
        scores = np.einsum("bu,btu->bt", hidden, keys) * w.get("luong_attention/attention_g", 1)
    else:
        units = keys + (hidden @ w["bahdanau_attention/query_layer/kernel"])[:, None]
        v = w["bahdanau_attention/attention_v"]
        if options:
            length = w["bahdanau_attention/attention_g"]
            v = length * v / np.sqrt((v**2).sum())
            units = units + w["bahdanau_attention/attention_b"]
        scores = (v * np.tanh(units)).sum(2)
    scores[np.arange(5) >= counts[:, None]] = -np.inf
    close(alignments, softmax(scores))
    close(history[0], alignments)
    context = np.einsum("bt,btd->bd", alignments, values)
    close(output, np.concatenate([hidden, context], 1) @ w["attention_layer/kernel"])


def test_a_greedy_decoder_reads_what_it_emits_until_the_end():
    table = np.eye(4, dtype=np.float32)
    following = np.array([1, 2, 3, 3])

    class Successor(rnn.RNNCell):
        """Emits the class after the one that it reads."""

        @property
        def state_size(self):
            return 1

        @property
        def output_size(self):
            return 4

        def call(self, inputs, state):
            return tf.matmul(inputs, tf.constant(np.eye(4, dtype=np.float32)[following])), state

    with tf.Graph().as_default(), tf.Session() as session:
        cell = Successor()
        helper = seq2seq.GreedyEmbeddingHelper(tf.constant(table), [0, 1], 3)
        decoder = seq2seq.BasicDecoder(cell, helper, cell.zero_state(2, tf.float32))
        outputs, _, lengths = session.run(seq2seq.dynamic_decode(decoder))
        assert outputs.sample_id.tolist() == [[1, 2, 3], [2, 3, 3]]
        assert lengths.tolist() == [3, 2]
        outputs, _, lengths = session.run(seq2seq.dynamic_decode(decoder, maximum_iterations=2))
        assert outputs.sample_id.tolist() == [[1, 2], [2, 3]]


def test_a_decoder_can_be_trained():
    with tf.Graph().as_default(), tf.Session() as session:
        with tf.variable_scope("s", initializer=tf.random_normal_initializer(seed=1)):
            cell = rnn.GRUCell(4, name="cell")
            helper = seq2seq.TrainingHelper(tf.constant(X), LENGTHS)
            decoder = seq2seq.BasicDecoder(cell, helper, cell.zero_state(2, tf.float32))
            outputs, _, _ = seq2seq.dynamic_decode(decoder)
            plain, _ = tf.nn.dynamic_rnn(cell, tf.constant(X), dtype=tf.float32)
        mask = tf.sequence_mask(LENGTHS, 4, tf.float32)[..., None]
        found = [
            tf.gradients(tf.reduce_sum(tf.square(y) * mask), tf.trainable_variables())
            for y in (outputs.rnn_output, plain)
        ]
        session.run(tf.global_variables_initializer())
        ours, theirs = session.run(found)
    for one, other in zip(ours, theirs, strict=True):
        close(one, other)


def test_what_is_no_decoder_is_refused():
    with pytest.raises(TypeError, match="Expected decoder to be type Decoder"):
        seq2seq.dynamic_decode(object())
    with pytest.raises(TypeError, match="helper must be a Helper"):
        seq2seq.BasicDecoder(rnn.GRUCell(2), None, None)


# Losses

LOGITS = np.random.RandomState(2).randn(2, 3, 4).astype(np.float32)
TARGETS = np.array([[1, 0, 3], [2, 2, 0]], np.int32)
WEIGHTS = np.array([[1.0, 1.0, 0.0], [0.5, 0.0, 0.0]], np.float32)
CROSS = -np.log(np.take_along_axis(softmax(LOGITS), TARGETS[..., None], 2))[..., 0] * WEIGHTS


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, CROSS.sum() / WEIGHTS.sum()),
        ({"average_across_batch": False}, CROSS.sum(1) / WEIGHTS.sum(1)),
        (
            {"average_across_timesteps": False},
            CROSS.sum(0) / np.maximum(WEIGHTS.sum(0), 1e-9),
        ),
        ({"average_across_timesteps": False, "average_across_batch": False}, CROSS),
        (
            {
                "average_across_timesteps": False,
                "average_across_batch": False,
                "sum_over_timesteps": True,
                "sum_over_batch": True,
            },
            CROSS.sum() / 3,
        ),
    ],
)
def test_sequence_loss(options, wanted):
    with tf.Session() as session:
        loss = seq2seq.sequence_loss(
            tf.constant(LOGITS), tf.constant(TARGETS), tf.constant(WEIGHTS), **options
        )
        close(session.run(loss), wanted)


def test_losses_of_lists():
    lists = [list(np.moveaxis(x, 1, 0)) for x in (LOGITS, TARGETS, WEIGHTS)]
    with tf.Session() as session:
        each = session.run(legacy.sequence_loss_by_example(*lists))
        close(each, CROSS.sum(1) / WEIGHTS.sum(1))
        close(session.run(legacy.sequence_loss(*lists)), each.mean())


def test_sequence_loss_wants_ranks():
    with pytest.raises(ValueError, match="Logits must be a 3-dimensional"):
        seq2seq.sequence_loss(tf.zeros([2, 3]), tf.zeros([2], tf.int32), tf.zeros([2]))


@pytest.mark.parametrize("feed_previous", [True, False, "a tensor"])
@pytest.mark.parametrize("model", ["embedding_rnn_seq2seq", "embedding_attention_seq2seq"])
def test_a_model_of_embeddings_reads_inputs_or_itself(model, feed_previous):
    def build(previous):
        inputs = [tf.constant([i, 1]) for i in (1, 2)]
        return getattr(legacy, model)(
            inputs, [tf.constant([0, 0]), tf.constant([3, 1])], rnn.GRUCell(4), 5, 6, 3,
            feed_previous=previous,
        )  # fmt: skip

    if feed_previous == "a tensor":
        (found, _), w = built(lambda: build(tf.placeholder_with_default(True, [])))
        (wanted, _), _ = built(lambda: build(True))
        close(found, wanted)
        assert len(w) == len(built(lambda: build(False))[1])
        return
    (outputs, _), w = built(lambda: build(feed_previous))
    assert np.shape(outputs) == (2, 2, 6)
    decoder = model.replace("seq2seq", "decoder")
    assert f"{model}/rnn/embedding_wrapper/embedding" in w
    assert f"{model}/{decoder}/embedding" in w
    if not feed_previous:
        (fed, _), _ = built(lambda: build(True))
        close(fed[0], outputs[0])


def test_buckets_share_their_variables():
    def build():
        inputs = [tf.constant(X[:, t]) for t in range(4)]
        targets = [tf.constant([1, 0])] * 4
        weights = [tf.ones([2])] * 4
        return legacy.model_with_buckets(
            inputs,
            inputs,
            targets,
            weights,
            [(1, 2), (3, 4)],
            lambda x, y: legacy.basic_rnn_seq2seq(x, y, rnn.GRUCell(3)),
        )

    (outputs, losses), w = built(build)
    assert [len(found) for found in outputs] == [2, 4]
    assert len(losses) == 2
    assert len(w) == 8
