"""Scripts that translate, attend, sample and point: sequences to sequences."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from parts import Log, Script, start


def sequence_to_sequence(tf: Any, log: Log) -> None:
    """An encoder in both directions, and a decoder by `raw_rnn` that is fed its own guesses."""
    PAD, EOS, vocab, size, hidden = 0, 1, 9, 6, 7
    random = np.random.RandomState(501)
    batch = [random.randint(2, vocab, random.randint(2, 6)).tolist() for _ in range(6)]

    def padded(sequences: list[list[int]]) -> tuple[Any, list[int]]:
        lengths = [len(s) for s in sequences]
        found = np.zeros([len(sequences), max(lengths)], np.int32)
        for row, s in zip(found, sequences, strict=True):
            row[: len(s)] = s
        return found.T, lengths

    encoder_inputs = tf.placeholder(shape=(None, None), dtype=tf.int32, name="encoder_inputs")
    encoder_lengths = tf.placeholder(shape=(None,), dtype=tf.int32, name="encoder_lengths")
    decoder_targets = tf.placeholder(shape=(None, None), dtype=tf.int32, name="decoder_targets")
    embeddings = tf.Variable(tf.random_uniform([vocab, size], -1.0, 1.0), dtype=tf.float32)
    embedded = tf.nn.embedding_lookup(embeddings, encoder_inputs)
    (_, _), (fw, bw) = tf.nn.bidirectional_dynamic_rnn(
        cell_fw=tf.nn.rnn_cell.LSTMCell(hidden),
        cell_bw=tf.nn.rnn_cell.LSTMCell(hidden),
        inputs=embedded,
        sequence_length=encoder_lengths,
        dtype=tf.float32,
        time_major=True,
    )
    final_state = tf.nn.rnn_cell.LSTMStateTuple(
        c=tf.concat((fw.c, bw.c), 1), h=tf.concat((fw.h, bw.h), 1)
    )
    decoder_cell = tf.nn.rnn_cell.LSTMCell(2 * hidden)
    _encoder_steps, batch_size = tf.unstack(tf.shape(encoder_inputs))
    decoder_lengths = encoder_lengths + 3
    W = tf.Variable(tf.random_uniform([2 * hidden, vocab], -1, 1), dtype=tf.float32)
    b = tf.Variable(tf.zeros([vocab]), dtype=tf.float32)
    eos = tf.nn.embedding_lookup(embeddings, tf.fill([batch_size], EOS, name="EOS"))
    pad = tf.nn.embedding_lookup(embeddings, tf.fill([batch_size], PAD, name="PAD"))

    def loop_fn(time: Any, previous_output: Any, previous_state: Any, loop_state: Any) -> Any:
        elements_finished = time >= decoder_lengths
        if previous_state is None:
            return elements_finished, eos, final_state, None, None

        def next_input() -> Any:
            prediction = tf.argmax(tf.add(tf.matmul(previous_output, W), b), axis=1)
            return tf.nn.embedding_lookup(embeddings, prediction)

        finished = tf.reduce_all(elements_finished)
        input_ = tf.cond(finished, lambda: pad, next_input)
        return elements_finished, input_, previous_state, previous_output, None

    outputs_ta, _, _ = tf.nn.raw_rnn(decoder_cell, loop_fn)
    outputs = outputs_ta.stack()
    max_steps, rows, dim = tf.unstack(tf.shape(outputs))
    logits = tf.add(tf.matmul(tf.reshape(outputs, (-1, dim)), W), b)
    logits = tf.reshape(logits, (max_steps, rows, vocab))
    prediction = tf.argmax(logits, 2)
    loss = tf.reduce_mean(
        tf.nn.softmax_cross_entropy_with_logits(
            labels=tf.one_hot(decoder_targets, depth=vocab, dtype=tf.float32), logits=logits
        )
    )
    train_op = tf.train.AdamOptimizer(0.01).minimize(loss)
    source, lengths = padded(batch)
    targets, _ = padded([[*s, EOS, PAD, PAD] for s in batch])
    fd = {encoder_inputs: source, encoder_lengths: lengths, decoder_targets: targets}
    with tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(15):
            log(loss=sess.run([train_op, loss], fd)[1])
        log(prediction=sess.run(prediction, fd))


def attention(tf: Any, log: Log) -> None:
    """Bahdanau's attention in a decoder of one's own: trained with the targets, greedy without."""
    source, wanted = (np.random.RandomState(502 + i).randint(1, 8, (5, 6 - i)) for i in range(2))
    x = tf.placeholder(tf.int32, [None, None])
    y = tf.placeholder(tf.int32, [None, None])
    batch = tf.shape(x)[0]
    table = tf.get_variable("table", [8, 6])
    cell = tf.nn.rnn_cell.GRUCell(7)
    with tf.variable_scope("encoder"):
        memory, state = tf.nn.dynamic_rnn(
            tf.nn.rnn_cell.GRUCell(7), tf.nn.embedding_lookup(table, x), dtype=tf.float32
        )
    with tf.variable_scope("attention"):
        keys = tf.layers.dense(memory, 5, use_bias=False, name="memory_layer")
        v = tf.get_variable("v", [5], dtype=tf.float32)
    mask = tf.cast(tf.not_equal(x, 1), tf.float32)

    def step(word: Any, state: Any) -> Any:
        with tf.variable_scope("decoder", reuse=tf.AUTO_REUSE):
            query = tf.layers.dense(state, 5, use_bias=False, name="query")
            score = tf.reduce_sum(v * tf.tanh(keys + tf.expand_dims(query, 1)), [2])
            alignment = tf.nn.softmax(score * mask - 1e9 * (1.0 - mask))
            context = tf.squeeze(tf.matmul(tf.expand_dims(alignment, 1), memory), [1])
            inputs = tf.concat([tf.nn.embedding_lookup(table, word), context], 1)
            output, state = cell(inputs, state)
            return tf.layers.dense(output, 8, name="projection"), state, alignment

    go = tf.zeros([batch], tf.int32)
    # Its variables are made outside the loops.
    step(go, state)
    steps = tf.shape(y)[1]
    logits_ta = tf.TensorArray(tf.float32, size=steps)

    def teach(t: Any, word: Any, state: Any, logits: Any) -> Any:
        found, state, _ = step(word, state)
        return t + 1, y[:, t], state, logits.write(t, found)

    *_, logits_ta = tf.while_loop(lambda t, *_: t < steps, teach, [0, go, state, logits_ta])
    logits = tf.transpose(logits_ta.stack(), [1, 0, 2])
    weights = tf.sequence_mask([5, 4, 5, 3, 2], 5, dtype=tf.float32)
    loss = tf.losses.sparse_softmax_cross_entropy(y, logits, weights=weights)
    params = tf.trainable_variables()
    clipped, _ = tf.clip_by_global_norm(tf.gradients(loss, params), 1.0)
    train = tf.train.AdamOptimizer(0.02).apply_gradients(zip(clipped, params, strict=True))

    def guess(t: Any, word: Any, state: Any, words: Any, seen: Any, finished: Any) -> Any:
        found, state, alignment = step(word, state)
        word = tf.argmax(found, 1, output_type=tf.int32)
        finished = tf.logical_or(finished, tf.equal(word, 7))
        return t + 1, word, state, words.write(t, word), seen.write(t, alignment), finished

    arrays = [tf.TensorArray(d, 0, dynamic_size=True) for d in (tf.int32, tf.float32)]
    _, _, _, words, seen, _ = tf.while_loop(
        lambda t, *rest: tf.logical_and(t < 6, tf.logical_not(tf.reduce_all(rest[-1]))),
        guess,
        [tf.constant(0), go, state, *arrays, tf.zeros([batch], tf.bool)],
    )
    feed = {x: source, y: wanted}
    with tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(15):
            log(loss=sess.run([loss, train], feed)[0])
        found, alignments = sess.run([words.stack(), seen.stack()], {x: source})
        log(words=found, alignments=alignments)


def transformer(tf: Any, log: Log) -> None:
    """An encoder: heads, layer normalisation, positions; Adam and its warm-up made by hand."""
    length, units, heads, vocab = 6, 8, 2, 12
    tokens = np.random.RandomState(503).randint(1, vocab, (4, length))
    tokens[1, 4:] = tokens[3, 5:] = 0

    def ln(inputs: Any, scope: str) -> Any:
        with tf.variable_scope(scope, reuse=tf.AUTO_REUSE):
            mean, variance = tf.nn.moments(inputs, [-1], keep_dims=True)
            beta = tf.get_variable("beta", units, initializer=tf.zeros_initializer())
            gamma = tf.get_variable("gamma", units, initializer=tf.ones_initializer())
            return gamma * ((inputs - mean) / ((variance + 1e-8) ** 0.5)) + beta

    def multihead_attention(queries: Any, mask: Any, scope: str) -> Any:
        with tf.variable_scope(scope):
            Q, K, V = (tf.layers.dense(queries, units, use_bias=True, name=name) for name in "qkv")
            Q_, K_, V_ = (tf.concat(tf.split(t, heads, axis=2), axis=0) for t in (Q, K, V))
            scores = tf.matmul(Q_, tf.transpose(K_, [0, 2, 1])) / (units / heads) ** 0.5
            scores += tf.expand_dims(tf.tile(tf.to_float(mask), [heads, 1]), 1) * (-(2.0**32) + 1)
            weights = tf.layers.dropout(tf.nn.softmax(scores), rate=0.1, training=training)
            outputs = tf.concat(tf.split(tf.matmul(weights, V_), heads, axis=0), axis=2)
            return ln(outputs + queries, "ln")

    def positions(T: int, E: int) -> Any:
        angles = np.array(
            [[p / np.power(10000, (i - i % 2) / E) for i in range(E)] for p in range(T)]
        )
        angles[:, 0::2] = np.sin(angles[:, 0::2])
        angles[:, 1::2] = np.cos(angles[:, 1::2])
        return tf.convert_to_tensor(angles, tf.float32)

    x = tf.placeholder(tf.int32, [None, None])
    training = tf.placeholder_with_default(False, [])
    table = tf.get_variable(
        "embeddings", [vocab, units], initializer=tf.glorot_normal_initializer()
    )
    mask = tf.equal(x, 0)
    h = tf.nn.embedding_lookup(table, x) * units**0.5
    h += tf.nn.embedding_lookup(
        positions(10, units), tf.tile(tf.range(tf.shape(x)[1])[None], [tf.shape(x)[0], 1])
    )
    for i in range(2):
        h = multihead_attention(h, mask, f"block{i}")
        with tf.variable_scope(f"feedforward{i}"):
            inner = tf.layers.dense(h, 16, activation=tf.nn.relu)
            h = ln(tf.layers.dense(inner, units) + h, "ln")
    logits = tf.einsum("ntd,dk->ntk", h, tf.transpose(table))
    smoothed = 0.9 * tf.one_hot(x, vocab) + 0.1 / vocab
    ce = tf.nn.softmax_cross_entropy_with_logits_v2(logits=logits, labels=smoothed)
    nonpadding = tf.to_float(tf.not_equal(x, 0))
    loss = tf.reduce_sum(ce * nonpadding) / (tf.reduce_sum(nonpadding) + 1e-7)
    step = tf.train.get_or_create_global_step()
    now = tf.cast(step + 1, dtype=tf.float32)
    rate = 0.02 * 5.0**0.5 * tf.minimum(now * 5.0**-1.5, now**-0.5)
    weights = tf.trainable_variables()
    gradients = [tf.convert_to_tensor(g) for g in tf.gradients(loss, weights)]
    updates = []
    # All gradients are of the same weights.
    with tf.control_dependencies(gradients):
        for weight, gradient in zip(weights, gradients, strict=True):
            m, v = (
                tf.get_variable(
                    f"{weight.op.name}/adam_{part}",
                    weight.shape.as_list(),
                    trainable=False,
                    initializer=tf.zeros_initializer(),
                )
                for part in "mv"
            )
            next_m = 0.9 * m + 0.1 * gradient
            next_v = 0.98 * v + 0.02 * tf.square(gradient)
            update = rate * next_m / (tf.sqrt(next_v) + 1e-6)
            with tf.control_dependencies([update]):
                updates += [weight.assign_sub(update), m.assign(next_m), v.assign(next_v)]
    with tf.control_dependencies(updates):
        train_op = step.assign_add(1).op
    with tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(15):
            _loss, lr, _ = sess.run([loss, rate, train_op], {x: tokens, training: True})
            log(loss=_loss, rate=lr)
        log(logits=sess.run(logits, {x: tokens}))


def generative_transformer(tf: Any, log: Log) -> None:
    """A masked transformer that samples in a loop, its past keys and values carried along."""
    vocab, n_ctx, n_embd, n_head = 11, 10, 8, 2

    def norm(x: Any, scope: str) -> Any:
        with tf.variable_scope(scope):
            g = tf.get_variable("g", [n_embd], initializer=tf.constant_initializer(1))
            b = tf.get_variable("b", [n_embd], initializer=tf.constant_initializer(0))
            u = tf.reduce_mean(x, axis=-1, keepdims=True)
            s = tf.reduce_mean(tf.square(x - u), axis=-1, keepdims=True)
            return (x - u) * tf.rsqrt(s + 1e-5) * g + b

    def conv1d(x: Any, scope: str, nf: int) -> Any:
        with tf.variable_scope(scope):
            *first, nx = [
                tf.shape(x)[i] if d is None else d for i, d in enumerate(x.shape.as_list())
            ]
            w = tf.get_variable(
                "w", [1, nx, nf], initializer=tf.random_normal_initializer(stddev=0.2)
            )
            b = tf.get_variable("b", [nf], initializer=tf.constant_initializer(0))
            flat = tf.matmul(tf.reshape(x, [-1, nx]), tf.reshape(w, [-1, nf])) + b
            return tf.reshape(flat, [*first, nf])

    def block(x: Any, past: Any) -> Any:
        c = conv1d(norm(x, "ln_1"), "c_attn", n_embd * 3)
        rows, steps = tf.shape(x)[0], tf.shape(x)[1]

        def split_heads(t: Any) -> Any:
            shape = [rows, steps, n_head, n_embd // n_head]
            return tf.transpose(tf.reshape(t, shape), [0, 2, 1, 3])

        q, k, v = map(split_heads, tf.split(c, 3, axis=2))
        present = tf.stack([k, v], axis=1)
        if past is not None:
            pk, pv = tf.unstack(past, axis=1)
            k, v = tf.concat([pk, k], axis=-2), tf.concat([pv, v], axis=-2)
        w = tf.matmul(q, k, transpose_b=True) * tf.rsqrt(float(n_embd // n_head))
        nd, ns = tf.shape(w)[2], tf.shape(w)[3]
        i, j = tf.range(nd)[:, None], tf.range(ns)
        mask = tf.reshape(tf.cast(i >= j - ns + nd, w.dtype), [1, 1, nd, ns])
        w = w * mask - tf.cast(1e10, w.dtype) * (1 - mask)
        a = tf.transpose(tf.matmul(tf.nn.softmax(w), v), [0, 2, 1, 3])
        x += conv1d(tf.reshape(a, [rows, steps, n_embd]), "c_proj", n_embd)
        h = conv1d(norm(x, "ln_2"), "c_fc", n_embd * 2)
        h = 0.5 * h * (1 + tf.tanh(np.sqrt(2 / np.pi) * (h + 0.044715 * tf.pow(h, 3))))
        return x + conv1d(h, "c_mlp", n_embd), present

    def model(X: Any, past: Any = None) -> Any:
        with tf.variable_scope("model", reuse=tf.AUTO_REUSE):
            wpe = tf.get_variable("wpe", [n_ctx, n_embd])
            wte = tf.get_variable("wte", [vocab, n_embd])
            past_length = 0 if past is None else tf.shape(past)[-2]
            position = tf.tile((past_length + tf.range(tf.shape(X)[1]))[None], [tf.shape(X)[0], 1])
            h = tf.gather(wte, X) + tf.gather(wpe, position)
            presents = []
            for layer in range(2):
                with tf.variable_scope(f"h{layer}"):
                    h, present = block(h, None if past is None else past[:, layer])
                presents.append(present)
            h = norm(h, "ln_f")
            logits = tf.matmul(tf.reshape(h, [-1, n_embd]), wte, transpose_b=True)
            shape = [tf.shape(X)[0], tf.shape(X)[1], vocab]
            return tf.reshape(logits, shape), tf.stack(presents, axis=1)

    text = (np.arange(40).reshape(4, 10) * 3) % vocab
    context = tf.placeholder(tf.int32, [4, None])
    logits, _ = model(context)
    loss = tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=context[:, 1:], logits=logits[:, :-1])
    )
    train = tf.train.AdamOptimizer(0.01).minimize(loss)

    def top_k(logits: Any, k: int) -> Any:
        values, _ = tf.nn.top_k(logits, k=k)
        least = values[:, -1, tf.newaxis]
        return tf.where(logits < least, tf.ones_like(logits) * -1e10, logits)

    def body(past: Any, prev: Any, output: Any) -> Any:
        next_logits, presents = model(prev[:, tf.newaxis], past)
        chosen = top_k(next_logits[:, -1, :] / 0.7, 4)
        samples = tf.multinomial(chosen, num_samples=1, output_dtype=tf.int32, seed=8)
        return [
            tf.concat([past, presents], axis=-2),
            tf.squeeze(samples, axis=[1]),
            tf.concat([output, samples], axis=1),
        ]

    _, past = model(context[:, :-1])
    _, _, written = tf.while_loop(
        cond=lambda *args: True,
        body=body,
        maximum_iterations=6,
        loop_vars=[past, context[:, -1], context],
        shape_invariants=[
            tf.TensorShape([4, 2, 2, n_head, None, n_embd // n_head]),
            tf.TensorShape([4]),
            tf.TensorShape([4, None]),
        ],
        back_prop=False,
    )
    with tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(15):
            log(loss=sess.run((loss, train), feed_dict={context: text})[0])
        log(written=sess.run(written, feed_dict={context: text[:, :3]}))


def pointers(tf: Any, log: Log) -> None:
    """Point at inputs, one after the other; what has been pointed at is masked out."""
    points = np.random.RandomState(504).rand(6, 5, 2).astype(np.float32)
    order = np.argsort(points[:, :, 0], axis=1)
    x = tf.placeholder(tf.float32, [6, 5, 2])
    y = tf.placeholder(tf.int64, [6, 5])
    encoded, state = tf.nn.dynamic_rnn(tf.nn.rnn_cell.LSTMCell(8), x, dtype=tf.float32)
    cell = tf.nn.rnn_cell.LSTMCell(8)
    W_ref = tf.get_variable("W_ref", [1, 8, 8])
    W_q = tf.get_variable("W_q", [8, 8])
    v = tf.get_variable("v", [8], initializer=tf.random_uniform_initializer(-0.5, 0.5))
    refs = tf.nn.conv1d(encoded, W_ref, 1, "VALID", name="encoded_ref")
    taken = tf.zeros((6, 5))
    inputs = tf.reduce_mean(x, 1)
    losses, tour = [], []
    for i in range(5):
        with tf.variable_scope("decoder", reuse=i > 0):
            output, state = cell(inputs, state)
        query = tf.expand_dims(tf.matmul(output, W_q), 1)
        scores = tf.reduce_sum(v * tf.tanh(refs + query), [-1]) - 100000000.0 * taken
        losses.append(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y[:, i], logits=scores))
        tour.append(tf.argmax(scores, 1))
        taken = taken + tf.one_hot(y[:, i], 5)
        index = tf.stack([tf.range(6, dtype=tf.int64), y[:, i]], 1)
        inputs = tf.gather_nd(x, index)
    loss = tf.add_n(losses)
    loss = tf.reduce_mean(loss)
    train = tf.train.AdamOptimizer(0.02, beta2=0.99, epsilon=1e-7).minimize(loss)
    with tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(15):
            log(loss=sess.run([loss, train], {x: points, y: order})[0])
        log(tour=np.stack(sess.run(tour, {x: points, y: order}), 1))


ATTENTIVE: Final[dict[str, Script]] = {
    "sequence_to_sequence": sequence_to_sequence,
    "attention": attention,
    "transformer": transformer,
    "generative_transformer": generative_transformer,
    "pointers": pointers,
}
