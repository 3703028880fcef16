"""Scripts that use what surrounds training: files, queues, summaries, checkpoints, metrics."""

from __future__ import annotations

import glob
import os
import tempfile
from typing import Any, Final

import numpy as np
from parts import Log, Script, classes, numbers, start


def lines_of_files(tf: Any, log: Log) -> None:
    """Rows of CSV files, read by threads through queues, in batches, for two epochs."""
    data = numbers(801, 24, 3).round(3)
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for i in range(2):
            names.append(os.path.join(folder, f"rows{i}.csv"))
            rows = [f"{a},{b},{c},{a - 2 * b + c:.3f}\n" for a, b, c in data[i * 12 :][:12]]
            with tf.gfile.GFile(names[-1], "w") as file:
                file.write("a,b,c,y\n" + "".join(rows))
        with tf.name_scope("input"):
            filename_queue = tf.train.string_input_producer(names, num_epochs=2, shuffle=False)
            reader = tf.TextLineReader(skip_header_lines=1)
            _key, line = reader.read(filename_queue)
            fields = tf.string_split([line], ",").values
            row = tf.string_to_number(fields, tf.float32)
            row.set_shape([4])
            features, label = row[:3], row[3]
            x, y = tf.train.batch([features, label], batch_size=8, num_threads=1, capacity=32)
        w = tf.get_variable("w", [3, 1])
        loss = tf.reduce_mean(tf.square(tf.matmul(x, w)[:, 0] - y))
        train = tf.train.GradientDescentOptimizer(0.2).minimize(loss)
        with tf.Session() as sess:
            start(tf, sess, log)
            coord = tf.train.Coordinator()
            threads = tf.train.start_queue_runners(sess=sess, coord=coord)
            try:
                while not coord.should_stop():
                    log(loss=sess.run([loss, train])[0])
            except tf.errors.OutOfRangeError:
                log(w=sess.run(w))
            finally:
                coord.request_stop()
            coord.join(threads)


def shuffled_records(tf: Any, log: Log) -> None:
    """Records of bytes, decoded and shuffled in a queue; which come is chance, how many is not."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "data.bin")
        with open(path, "wb") as file:
            file.write(np.arange(20 * 5, dtype=np.uint8).tobytes())
        queue = tf.train.string_input_producer([path], num_epochs=2)
        reader = tf.FixedLengthRecordReader(record_bytes=5)
        _, value = reader.read(queue)
        record = tf.decode_raw(value, tf.uint8)
        label = tf.cast(tf.strided_slice(record, [0], [1]), tf.int32)
        image = tf.cast(tf.reshape(tf.strided_slice(record, [1], [5]), [2, 2]), tf.float32)
        label.set_shape([1])
        images, labels = tf.train.shuffle_batch(
            [image, label],
            batch_size=4,
            num_threads=2,
            capacity=30,
            min_after_dequeue=10,
            allow_smaller_final_batch=True,
        )
        total = tf.Variable(0.0, trainable=False)
        add = total.assign_add(tf.reduce_sum(images))
        sess = tf.Session()
        start(tf, sess, log)
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(sess, coord)
        seen: list[int] = []
        with coord.stop_on_exception():
            while not coord.should_stop():
                _, found = sess.run([add, labels])
                seen += found[:, 0].tolist()
        coord.join(threads)
        log(seen=sorted(seen), total=sess.run(total))
        sess.close()


def summaries(tf: Any, log: Log) -> None:
    """Summaries of a training run, written to an event file and read from it."""

    def variable_summaries(var: Any) -> None:
        with tf.name_scope("summaries"):
            mean = tf.reduce_mean(var)
            tf.summary.scalar("mean", mean)
            with tf.name_scope("stddev"):
                stddev = tf.sqrt(tf.reduce_mean(tf.square(var - mean)))
            tf.summary.scalar("stddev", stddev)
            tf.summary.scalar("max", tf.reduce_max(var))
            tf.summary.histogram("histogram", var)

    x, y = tf.placeholder(tf.float32, [None, 6]), tf.placeholder(tf.int64, [None])
    with tf.name_scope("layer1"):
        with tf.name_scope("weights"):
            weights = tf.Variable(tf.truncated_normal([6, 4], stddev=0.1))
            variable_summaries(weights)
        with tf.name_scope("Wx_plus_b"):
            preactivate = tf.matmul(x, weights)
            tf.summary.histogram("pre_activations", preactivate)
        activations = tf.nn.relu(preactivate, name="activation")
        tf.summary.scalar("dropout_keep_probability", tf.nn.zero_fraction(activations))
    logits = tf.layers.dense(activations, 3)
    cross_entropy = tf.losses.sparse_softmax_cross_entropy(labels=y, logits=logits)
    tf.summary.scalar("cross_entropy", cross_entropy)
    tf.summary.image("input", tf.reshape(x, [-1, 2, 3, 1]), 3)
    train_step = tf.train.AdamOptimizer(0.01).minimize(cross_entropy)
    merged = tf.summary.merge_all()
    feed = {x: numbers(802, 10, 6), y: classes(803, 10, 3)}
    with tempfile.TemporaryDirectory() as folder, tf.Session() as sess:
        train_writer = tf.summary.FileWriter(folder + "/train", sess.graph)
        start(tf, sess, log)
        for i in range(6):
            if i == 3:
                run_options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
                run_metadata = tf.RunMetadata()
                summary, _ = sess.run(
                    [merged, train_step], feed, options=run_options, run_metadata=run_metadata
                )
                train_writer.add_run_metadata(run_metadata, f"step{i:03d}")
                log(traced=bool(run_metadata.step_stats.dev_stats))
            else:
                summary, _ = sess.run([merged, train_step], feed)
            train_writer.add_summary(summary, i)
        own = tf.Summary(value=[tf.Summary.Value(tag="own", simple_value=0.5)])
        train_writer.add_summary(own, 6)
        train_writer.close()
        (path,) = glob.glob(folder + "/train/events*")
        for event in tf.train.summary_iterator(path):
            for value in event.summary.value:
                if value.tag == "cross_entropy":
                    log(loss=value.simple_value, step=event.step)
                elif value.tag.endswith("weights/summaries/histogram"):
                    log(sum_squares=value.histo.sum_squares)
            log(kinds=len(event.summary.value))


def checkpoints(tf: Any, log: Log) -> None:
    """Training that is saved now and then, interrupted, and taken up by another graph."""

    def model() -> Any:
        tf.set_random_seed(5)
        x, y = tf.placeholder(tf.float32, [None, 4]), tf.placeholder(tf.float32, [None, 1])
        h = tf.layers.dense(x, 6, tf.nn.tanh, name="h")
        loss = tf.losses.mean_squared_error(y, tf.layers.dense(h, 1, name="out"))
        step = tf.train.get_or_create_global_step()
        return x, y, loss, tf.train.AdamOptimizer(0.02).minimize(loss, global_step=step), step

    def train(sess: Any, steps: int) -> None:
        for _ in range(steps):
            value, _, now = sess.run([loss, train_op, step], feed)
            log(loss=value, step=now)
            if now % 4 == 0:
                saver.save(sess, os.path.join(folder, "model.ckpt"), global_step=step)

    data, wanted = numbers(804, 16, 4), numbers(805, 16, 1)
    with tempfile.TemporaryDirectory() as folder:
        for resumed in (False, True):
            with tf.Graph().as_default():
                x, y, loss, train_op, step = model()
                feed = {x: data, y: wanted}
                saver = tf.train.Saver(max_to_keep=2, keep_checkpoint_every_n_hours=1)
                with tf.Session() as sess:
                    ckpt = tf.train.get_checkpoint_state(folder)
                    if ckpt and ckpt.model_checkpoint_path:
                        saver.restore(sess, ckpt.model_checkpoint_path)
                    else:
                        start(tf, sess, log)
                    train(sess, 6 if resumed else 14)
        with tf.Graph().as_default(), tf.Session() as sess:
            latest = tf.train.latest_checkpoint(folder)
            tf.train.import_meta_graph(latest + ".meta").restore(sess, latest)
            kernel = sess.run(sess.graph.get_tensor_by_name("h/kernel:0"))
            log(latest=int(latest.rsplit("-", 1)[1]), kernel=kernel)
        log(kept=sorted(int(p.split("-")[1][:-6]) for p in glob.glob(folder + "/*.index")))
        shapes = tf.train.list_variables(latest)
        log(saved=len(shapes), bias=tf.train.load_checkpoint(latest).get_tensor("out/bias"))


def frozen(tf: Any, log: Log) -> None:
    """A trained classifier becomes a graph of constants, is written, read, and used."""
    x = tf.placeholder(tf.float32, [None, 8, 8, 1], name="input")
    y = tf.placeholder(tf.int64, [None], name="labels")
    is_training = tf.placeholder_with_default(False, [], name="is_training")
    h = tf.layers.conv2d(x, 4, 3, padding="same", use_bias=False)
    h = tf.nn.relu6(tf.layers.batch_normalization(h, training=is_training, momentum=0.8))
    h = tf.layers.flatten(tf.layers.max_pooling2d(h, 4, 4))
    logits = tf.layers.dense(tf.layers.dropout(h, 0.2, training=is_training, seed=2), 3)
    tf.nn.softmax(logits, name="prob")
    loss = tf.losses.sparse_softmax_cross_entropy(y, logits)
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    images, labels = numbers(806, 8, 8, 8, 1), classes(807, 8, 3)
    with tempfile.TemporaryDirectory() as folder:
        with tf.Session() as sess:
            start(tf, sess, log)
            for _ in range(10):
                feed = {"input:0": images, y: labels, "is_training:0": True}
                log(loss=sess.run([loss, train], feed)[0])
            log(prob=sess.run("prob:0", {x: images}))
            graph_def = tf.graph_util.convert_variables_to_constants(
                sess, tf.get_default_graph().as_graph_def(), ["prob"]
            )
        graph_def = tf.graph_util.remove_training_nodes(graph_def)
        path = os.path.join(folder, "frozen.pb")
        with tf.gfile.FastGFile(path, "wb") as f:
            f.write(graph_def.SerializeToString())
        with tf.Graph().as_default() as graph:
            read = tf.GraphDef()
            with tf.gfile.GFile(path, "rb") as f:
                read.ParseFromString(f.read())
            tf.import_graph_def(read, name="prefix")
            with tf.Session(graph=graph) as sess:
                feed = {"prefix/input:0": images}
                log(again=sess.run("prefix/prob:0", feed_dict=feed))
            variables = [op for op in graph.get_operations() if "Variable" in op.type]
            log(variables=len(variables))


def streaming_metrics(tf: Any, log: Log) -> None:
    """Metrics over batches, reset between epochs, beside the training that they measure."""
    x, y = tf.placeholder(tf.float32, [None, 5]), tf.placeholder(tf.int64, [None])
    logits = tf.layers.dense(x, 3)
    loss = tf.losses.sparse_softmax_cross_entropy(y, logits)
    train = tf.train.GradientDescentOptimizer(0.3).minimize(loss)
    predicted = tf.argmax(logits, 1)
    is_first = tf.nn.softmax(logits)[:, 0]
    with tf.variable_scope("metrics"):
        measured = {
            "accuracy": tf.metrics.accuracy(y, predicted),
            "loss": tf.metrics.mean(loss),
            "auc": tf.metrics.auc(tf.equal(y, 0), is_first, num_thresholds=20),
            "recall": tf.metrics.recall(tf.equal(y, 1), tf.equal(predicted, 1)),
            "iou": tf.metrics.mean_iou(y, predicted, 3),
            "top": tf.metrics.mean(tf.cast(tf.nn.in_top_k(logits, y, 2), tf.float32)),
        }
    update = tf.group(*[op for _, op in measured.values()])
    values = {k: v for k, (v, _) in measured.items()}
    local = tf.get_collection(tf.GraphKeys.LOCAL_VARIABLES, scope="metrics")
    reset = tf.variables_initializer(local)
    confusion = tf.confusion_matrix(y, predicted, num_classes=3)
    data, labels = numbers(808, 24, 5), classes(809, 24, 3)
    with tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(4):
            sess.run(reset)
            for b in range(3):
                feed = {x: data[b * 8 :][:8], y: labels[b * 8 :][:8]}
                sess.run(update, feed)
                sess.run(train, feed)
            log(**sess.run(values))
        log(confusion=sess.run(confusion, {x: data, y: labels}))


def averages_for_tests(tf: Any, log: Log) -> None:
    """Batch normalisation by hand, and moving averages that a second Saver restores as weights."""
    x, y = tf.placeholder(tf.float32, [None, 6]), tf.placeholder(tf.float32, [None, 1])
    phase_train = tf.placeholder(tf.bool, name="phase_train")
    w = tf.get_variable("w", [6, 8])
    h = tf.matmul(x, w)
    with tf.variable_scope("bn"):
        beta = tf.Variable(tf.constant(0.0, shape=[8]), name="beta")
        gamma = tf.Variable(tf.constant(1.0, shape=[8]), name="gamma")
        batch_mean, batch_var = tf.nn.moments(h, [0], name="moments")
        ema = tf.train.ExponentialMovingAverage(decay=0.5)

        def mean_var_with_update() -> Any:
            ema_apply_op = ema.apply([batch_mean, batch_var])
            with tf.control_dependencies([ema_apply_op]):
                return tf.identity(batch_mean), tf.identity(batch_var)

        mean, var = tf.cond(
            phase_train,
            mean_var_with_update,
            lambda: (ema.average(batch_mean), ema.average(batch_var)),
        )
        h = tf.nn.batch_normalization(h, mean, var, beta, gamma, 1e-3)
    out = tf.matmul(tf.nn.relu(h), tf.get_variable("v", [8, 1]))
    loss = tf.reduce_mean(tf.square(out - y))
    step = tf.train.create_global_step()
    rate = tf.train.inverse_time_decay(0.1, step, 4, 0.5, staircase=True)
    opt_op = tf.train.GradientDescentOptimizer(rate).minimize(loss, step)
    averages = tf.train.ExponentialMovingAverage(0.9, num_updates=step)
    with tf.control_dependencies([opt_op]):
        train = averages.apply(tf.trainable_variables())
    feed = {x: numbers(810, 20, 6), y: numbers(811, 20, 1)}
    with tempfile.TemporaryDirectory() as folder, tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(12):
            log(loss=sess.run([loss, train], {**feed, phase_train: True})[0])
        path = tf.train.Saver().save(sess, folder + "/model")
        log(before=loss.eval({**feed, phase_train: False}))
        names = averages.variables_to_restore(tf.trainable_variables())
        tf.train.Saver(names).restore(sess, path)
        log(after=loss.eval({**feed, phase_train: False}), names=len(names))


def asserted(tf: Any, log: Log) -> None:
    """Assertions and prints along the way; a bad batch fails and leaves the weights alone."""
    x = tf.placeholder(tf.float32, [None, 3])
    y = tf.placeholder(tf.float32, [None])
    w = tf.get_variable("w", [3, 1], initializer=tf.zeros_initializer())
    checks = [
        tf.assert_greater_equal(y, 0.0, message="labels"),
        tf.Assert(tf.reduce_all(tf.is_finite(x)), [x], name="finite"),
        tf.assert_equal(tf.shape(x)[0], tf.shape(y)[0]),
    ]
    with tf.control_dependencies(checks):
        scores = tf.matmul(x, w)[:, 0]
    scores = tf.check_numerics(scores, "scores")
    loss = tf.reduce_mean(tf.exp(scores) - y * scores)
    loss = tf.Print(loss, [loss, tf.shape(x)], "loss: ", first_n=2)
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    rows, counts = numbers(812, 10, 3), classes(813, 10, 4)
    bad = {
        "negative": (rows, counts - 2),
        "infinite": (np.where(rows > 1, np.inf, rows), counts),
        "longer": (rows, counts[:5]),
    }
    with tf.Session() as sess:
        start(tf, sess, log)
        for i in range(9):
            log(loss=sess.run([loss, train], {x: rows, y: counts})[0])
            if i % 3 == 2:
                a, b = list(bad.values())[i // 3]
                try:
                    sess.run(train, {x: a, y: b})
                except tf.errors.InvalidArgumentError as error:
                    log(refused=error.message.startswith("assertion failed"))
        log(w=sess.run(w))


TOOLS: Final[dict[str, Script]] = {
    "lines_of_files": lines_of_files,
    "shuffled_records": shuffled_records,
    "summaries": summaries,
    "checkpoints": checkpoints,
    "frozen": frozen,
    "streaming_metrics": streaming_metrics,
    "averages_for_tests": averages_for_tests,
    "asserted": asserted,
}
