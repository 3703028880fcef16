"""A dequeue whose time is up just when its element comes."""

from __future__ import annotations

import threading

import evergraph.v1 as tf


def test_nothing_is_lost_when_time_is_up_at_the_last_moment():
    with tf.Graph().as_default(), tf.Session() as session:
        q = tf.FIFOQueue(2, tf.int32, shapes=[()])
        p = tf.placeholder(tf.int32, [])
        enqueue, element, batch, close = q.enqueue(p), q.dequeue(), q.dequeue_many(2), q.close()
        got: list[int] = []

        def consume(fetch):
            while True:
                try:
                    value = session.run(fetch, options=tf.RunOptions(timeout_in_ms=1))
                except tf.errors.DeadlineExceededError:
                    continue
                except tf.errors.OutOfRangeError:
                    return
                got.extend(value.reshape(-1).tolist())

        consumers = [threading.Thread(target=consume, args=(f,)) for f in (element, batch)]
        for consumer in consumers:
            consumer.start()
        for i in range(300):
            session.run(enqueue, {p: i})
        session.run(close)
        for consumer in consumers:
            consumer.join()
        got += [int(session.run(element)) for _ in range(session.run(q.size()))]
    assert sorted(got) == list(range(300))
