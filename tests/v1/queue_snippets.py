"""Short graphs of queues, of what fills them, and of batches; see `snippets.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Snippet = Callable[[Any], Any]


def fifo(tf: Any, **more: Any) -> Any:
    return tf.FIFOQueue(4, [tf.int32, tf.float32], shapes=[(), (2,)], name="q", **more)


def everything(tf: Any, queue: Any, one: Any, many: Any) -> Any:
    """Use every method of a queue once."""
    queue.enqueue(one)
    queue.enqueue_many(many)
    made = [queue.dequeue(), queue.dequeue_many(2), queue.dequeue_up_to(3)]
    queue.close()
    queue.close(cancel_pending_enqueues=True)
    shapes = [[str(t.shape) for t in (m if isinstance(m, list) else [m])] for m in made]
    return (
        queue.name,
        [tf.as_dtype(d).name for d in queue.dtypes],
        [str(s) for s in queue.shapes],
        queue.names,
        queue.size().name,
        queue.is_closed().name,
        queue.queue_ref.name,
        shapes,
    )


ONE = [1, [1.0, 2.0]]
MANY = [[1, 2], [[1.0, 2.0], [3.0, 4.0]]]


def named(tf: Any) -> Any:
    queue = fifo(tf, names=["a", "b"])
    queue.enqueue({"b": ONE[1], "a": ONE[0]})
    queue.enqueue_many({"b": MANY[1], "a": MANY[0]})
    taken = [queue.dequeue(), queue.dequeue_many(2), queue.dequeue_up_to(2)]
    return [{k: [t.name, str(t.shape)] for k, t in d.items()} for d in taken]


def in_scopes(tf: Any) -> Any:
    with tf.name_scope("s"), tf.device("/cpu:0"):
        queue = fifo(tf)
        taken = queue.dequeue()
    return queue.name, taken[0].name, queue.enqueue(ONE).name, queue.enqueue(ONE, name="e").name


def under_control(tf: Any) -> None:
    with tf.control_dependencies([tf.no_op()]):
        queue = fifo(tf)
        queue.enqueue(ONE)
        tf.PaddingFIFOQueue(4, [tf.int32], [[None]])


def random_seeds(tf: Any) -> None:
    tf.RandomShuffleQueue(4, 1, tf.int32)
    tf.RandomShuffleQueue(4, 1, tf.int32, seed=3)
    tf.RandomShuffleQueue(4, 1, tf.int32, seed=3, shared_name="shared")
    tf.RandomShuffleQueue(4, 1, tf.int32, shared_name="unseeded")
    tf.set_random_seed(5)
    tf.RandomShuffleQueue(4, 1, tf.int32)
    tf.RandomShuffleQueue(4, 1, tf.int32, shared_name="shared")
    tf.RandomShuffleQueue(4, 1, tf.int32, seed=7)


def listed(tf: Any) -> Any:
    queues = [
        tf.FIFOQueue(4, tf.float32, shapes=[s], name=n) for s, n in (((2, 3), "a"), ((4, 3), "b"))
    ]
    chosen = tf.QueueBase.from_list(tf.placeholder(tf.int32, [], name="index"), queues)
    return chosen.name, [str(s) for s in chosen.shapes], chosen.dequeue().name


def partly_known(tf: Any) -> Any:
    queue = tf.FIFOQueue(4, tf.float32, shapes=[(2,)])
    queue.enqueue(tf.placeholder(tf.float32))
    queue.enqueue_many(tf.placeholder(tf.float32, [None, 2]))
    number = tf.placeholder(tf.int32, [])
    return str(queue.dequeue_many(number).shape), str(queue.dequeue_up_to(number).shape)


def first_version(tf: Any) -> Any:
    handle = tf.raw_ops.FIFOQueue(component_types=[tf.int32], shapes=[[]], capacity=3)
    queue = tf.QueueBase([tf.int32], [()], None, handle)
    queue.enqueue(1)
    queue.close()
    return queue.dequeue().name, queue.size().name


def runner(tf: Any) -> Any:
    queue = fifo(tf)
    made = tf.train.QueueRunner(queue, [queue.enqueue(ONE), queue.enqueue(ONE)])
    tf.train.add_queue_runner(made)
    definition = made.to_proto()
    again = tf.train.QueueRunner.from_proto(definition)
    return (
        str(definition),
        again.name,
        [op.name for op in again.enqueue_ops],
        again.close_op.name,
        again.cancel_op.name,
        [t.__name__ for t in again.queue_closed_exception_types],
        made.to_proto(export_scope="elsewhere") is None,
    )


def runner_in_a_scope(tf: Any) -> Any:
    with tf.name_scope("s"):
        queue = fifo(tf)
        types = (tf.errors.OutOfRangeError, tf.errors.CancelledError)
        made = tf.train.QueueRunner(
            queue,
            [queue.enqueue(ONE)],
            close_op=tf.no_op("c"),
            cancel_op=tf.no_op("k"),
            queue_closed_exception_types=types,
        )
    definition = made.to_proto(export_scope="s")
    return str(definition), tf.train.QueueRunner.from_proto(definition, import_scope="s").name


def example(tf: Any, i: int = 0) -> Any:
    return [tf.constant([i, 2 * i]), tf.constant(float(i))]


def varying(tf: Any) -> Any:
    return [tf.placeholder(tf.int32, [None]), tf.placeholder(tf.string, [None, 2])]


def shown(made: Any) -> Any:
    if isinstance(made, dict):
        return {k: [t.name, str(t.shape)] for k, t in made.items()}
    tensors = made if isinstance(made, list) else [made]
    return [[t.name, str(t.shape)] for t in tensors]


SNIPPETS: dict[str, Snippet] = {
    "queue: FIFO": lambda tf: everything(tf, fifo(tf), ONE, MANY),
    "queue: FIFO one component": lambda tf: everything(
        tf, tf.FIFOQueue(4, tf.float32, shapes=(2,)), [[1.0, 2.0]], [MANY[1]]
    ),
    "queue: FIFO tensor shape": lambda tf: everything(
        tf, tf.FIFOQueue(-1, ["float32"], shapes=tf.TensorShape([2])), [[1.0, 2.0]], [MANY[1]]
    ),
    "queue: FIFO without shapes": lambda tf: everything(
        tf, tf.FIFOQueue(4, [tf.int32, tf.float32]), ONE, MANY
    ),
    "queue: padding": lambda tf: everything(
        tf,
        tf.PaddingFIFOQueue(4, [tf.int32, tf.float32], [(), (None,)], shared_name="p"),
        ONE,
        MANY,
    ),
    "queue: shuffling": lambda tf: everything(
        tf, tf.RandomShuffleQueue(4, 1, [tf.int32, tf.float32], shapes=[(), (2,)]), ONE, MANY
    ),
    "queue: priority": lambda tf: everything(
        tf, tf.PriorityQueue(4, [tf.float32], shapes=[(2,)], names=None), ONE, MANY
    ),
    "queue: named": named,
    "queue: in scopes": in_scopes,
    "queue: under control": under_control,
    "queue: random seeds": random_seeds,
    "queue: from a list": listed,
    "queue: partly known": partly_known,
    "queue: of the first version": first_version,
    "queue: too few components": lambda tf: fifo(tf).enqueue([1]).name,
    "runner: of two": runner,
    "runner: in a scope": runner_in_a_scope,
    "producer: limit_epochs": lambda tf: tf.train.limit_epochs(tf.constant([1]), 3).name,
    "producer: no limit": lambda tf: tf.train.limit_epochs(tf.constant([1])).name,
    "producer: rows": lambda tf: tf.train.input_producer([[1, 2], [3, 4]]).name,
    "producer: rows in order": lambda tf: (
        tf.train.input_producer(
            tf.placeholder(tf.int32, [None, None]),
            element_shape=[2],
            num_epochs=2,
            shuffle=False,
            capacity=5,
            shared_name="shared",
            summary_name="full",
            name="rows",
            cancel_op=tf.no_op(),
        ).name
    ),
    "producer: strings": lambda tf: tf.train.string_input_producer(["a", "b"], num_epochs=2).name,
    "producer: strings named": lambda tf: (
        tf.train.string_input_producer(tf.constant(["a"]), shuffle=False, name="files").name
    ),
    "producer: range": lambda tf: tf.train.range_input_producer(3, seed=4).name,
    "producer: range named": lambda tf: (
        tf.train.range_input_producer(
            tf.placeholder(tf.int32, []), shuffle=False, name="r", num_epochs=1
        ).name
    ),
    "producer: slices": lambda tf: shown(
        tf.train.slice_input_producer([[1, 2, 3], [[1.0], [2.0], [3.0]]], shuffle=False)
    ),
    "batch: of one": lambda tf: shown(tf.train.batch(example(tf), 3)),
    "batch: one tensor": lambda tf: shown(tf.train.batch([1], 3, num_threads=2, name="b")),
    "batch: dictionary": lambda tf: shown(
        tf.train.batch({"b": tf.constant(1), "a": tf.constant(2.0)}, 3, capacity=7)
    ),
    "batch: dictionary of one": lambda tf: shown(tf.train.batch({"b": tf.constant(1)}, 3)),
    "batch: of many": lambda tf: shown(
        tf.train.batch([[1, 2], [3.0, 4.0]], 3, enqueue_many=True, shared_name="s")
    ),
    "batch: smaller": lambda tf: shown(
        tf.train.batch(example(tf), 3, allow_smaller_final_batch=True)
    ),
    "batch: padded": lambda tf: shown(tf.train.batch(varying(tf), 3, dynamic_pad=True)),
    "batch: given shapes": lambda tf: shown(
        tf.train.batch([tf.placeholder(tf.int32)], 3, shapes=[[2]])
    ),
    "batch: joined": lambda tf: shown(
        tf.train.batch_join([example(tf), example(tf, 1)], 3, allow_smaller_final_batch=True)
    ),
    "batch: joined dictionaries": lambda tf: shown(
        tf.train.batch_join([{"a": tf.constant(1)}, {"a": tf.constant(2)}], 3)
    ),
    "batch: shuffled": lambda tf: shown(tf.train.shuffle_batch(example(tf), 3, 20, 5, seed=1)),
    "batch: shuffled, joined": lambda tf: shown(
        tf.train.shuffle_batch_join([example(tf), example(tf, 1)], 3, 20, 5, name="j")
    ),
    "batch: kept": lambda tf: shown(tf.train.maybe_batch(example(tf), True, 3)),
    "batch: not kept": lambda tf: shown(tf.train.maybe_batch(example(tf), False, 3)),
    "batch: some kept": lambda tf: shown(
        tf.train.maybe_batch(
            [[1, 2], [3.0, 4.0]], tf.placeholder(tf.bool, [2]), 3, enqueue_many=True
        )
    ),
    "batch: some kept, joined": lambda tf: shown(
        tf.train.maybe_batch_join([[[1, 2]], [[3, 4]]], [True, False], 3, enqueue_many=True)
    ),
    "batch: some kept, shuffled": lambda tf: shown(
        tf.train.maybe_shuffle_batch([[1, 2]], 3, 20, 5, [True, False], enqueue_many=True)
    ),
    "batch: some kept, shuffled, joined": lambda tf: shown(
        tf.train.maybe_shuffle_batch_join(
            [[[1, 2]], [[3, 4]]], 3, 20, 5, [True, False], enqueue_many=True
        )
    ),
    "batch: perhaps kept": lambda tf: shown(
        tf.train.maybe_batch(example(tf), tf.placeholder(tf.bool, []), 3)
    ),
}

ERRORS: dict[str, Snippet] = {
    "queue: more shapes than types": lambda tf: tf.FIFOQueue(2, tf.int32, shapes=[(), ()]),
    "queue: shapes not known": lambda tf: tf.FIFOQueue(2, tf.int32, shapes=[(None,)]),
    "queue: a number as shapes": lambda tf: tf.FIFOQueue(2, tf.int32, shapes=3),
    "queue: more names than types": lambda tf: tf.FIFOQueue(2, tf.int32, names=["a", "b"]),
    "queue: padding without shapes": lambda tf: tf.PaddingFIFOQueue(2, [tf.int32], None),
    "queue: padding of any shape": lambda tf: tf.PaddingFIFOQueue(2, [tf.int32], [None]),
    "queue: padding of unknown rank": lambda tf: tf.PaddingFIFOQueue(
        2, [tf.int32], [tf.TensorShape(None)]
    ),
    "queue: padding of too few shapes": lambda tf: tf.PaddingFIFOQueue(
        2, [tf.int32, tf.int32], [(2,)]
    ),
    "queue: priority without shapes": lambda tf: tf.PriorityQueue(2, tf.int32),
    "queue: priority without a name": lambda tf: tf.PriorityQueue(
        2, [tf.int32], shapes=[()], names=["a"]
    ),
    "queue: no types": lambda tf: tf.FIFOQueue(2, []),
    "queue: enqueue of another type": lambda tf: fifo(tf).enqueue([1.5, [1.0, 2.0]]),
    "queue: enqueue of another tensor": lambda tf: fifo(tf).enqueue([tf.constant(1.5), [1.0, 2.0]]),
    "queue: enqueue of another shape": lambda tf: fifo(tf).enqueue([1, [1.0]]),
    "queue: enqueue_many of other sizes": lambda tf: fifo(tf).enqueue_many([[1], MANY[1]]),
    "queue: enqueue_many of a scalar": lambda tf: fifo(tf).enqueue_many([1, MANY[1]]),
    "queue: enqueue_many of other shapes": lambda tf: fifo(tf).enqueue_many([[1], [[1.0]]]),
    "queue: a dictionary without names": lambda tf: fifo(tf).enqueue({"a": 1}),
    "queue: names without a dictionary": lambda tf: fifo(tf, names=["a", "b"]).enqueue(ONE),
    "queue: other names": lambda tf: fifo(tf, names=["a", "b"]).enqueue({"a": 1, "c": 2.0}),
    "queue: a vector as number": lambda tf: fifo(tf).dequeue_many([2]),
    "queue: a negative number": lambda tf: fifo(tf).dequeue_many(-2),
    "queue: no number": lambda tf: fifo(tf).dequeue_many(None),
    "queue: from no list": lambda tf: tf.QueueBase.from_list(0, []),
    "queue: from a list of others": lambda tf: tf.QueueBase.from_list(0, [fifo(tf), 3]),
    "queue: from a list of other types": lambda tf: tf.QueueBase.from_list(
        0, [fifo(tf), tf.FIFOQueue(2, tf.int32)]
    ),
    "queue: from a list of other names": lambda tf: tf.QueueBase.from_list(
        0, [fifo(tf), fifo(tf, names=["a", "b"])]
    ),
    "queue: of more shapes": lambda tf: tf.QueueBase([tf.int32], [(), ()], None, fifo(tf)),
    "queue: of more names": lambda tf: tf.QueueBase([tf.int32], [()], ["a", "b"], fifo(tf)),
    "runner: of nothing": lambda tf: tf.train.QueueRunner(fifo(tf), []),
    "runner: of no queue": lambda tf: tf.train.QueueRunner(None, [tf.no_op()]),
    "runner: end that is no tuple": lambda tf: tf.train.QueueRunner(
        fifo(tf), [tf.no_op()], queue_closed_exception_types=[3]
    ),
    "runner: no session": lambda tf: tf.train.start_queue_runners(),
    "runner: session of another type": lambda tf: tf.train.start_queue_runners(3),
    "producer: no epochs": lambda tf: tf.train.limit_epochs(tf.constant(1), 0),
    "producer: unknown rows": lambda tf: tf.train.input_producer(
        tf.placeholder(tf.int32, [None, None])
    ),
    "producer: other rows": lambda tf: tf.train.input_producer([[1, 2]], element_shape=[3]),
    "producer: a scalar": lambda tf: tf.train.input_producer(3, element_shape=[]),
    "producer: no strings": lambda tf: tf.train.string_input_producer([]),
    "producer: no slices": lambda tf: tf.train.slice_input_producer([]),
    "batch: of nothing": lambda tf: tf.train.batch([], 2),
    "batch: of unknown rank": lambda tf: tf.train.batch([tf.placeholder(tf.int32)], 2),
    "batch: of unknown shape": lambda tf: tf.train.batch([tf.placeholder(tf.int32, [None])], 2),
    "batch: joined of nothing": lambda tf: tf.train.batch_join([], 2),
    "batch: joined of other types": lambda tf: tf.train.batch_join([[1], [1.0]], 2),
    "batch: joined of other keys": lambda tf: tf.train.batch_join([{"a": 1}, {"b": 1}], 2),
    "batch: joined of other shapes": lambda tf: tf.train.batch_join([[[1, 2]], [[1]]], 2),
    "batch: small capacity": lambda tf: tf.train.shuffle_batch([1], 2, 5, 5),
    "batch: a vector kept": lambda tf: tf.train.maybe_batch([1], [True, False], 2),
    "batch: a matrix kept": lambda tf: tf.train.maybe_batch([[1]], [[True]], 2, enqueue_many=True),
    "batch: unknown kept": lambda tf: tf.train.maybe_batch([1], tf.placeholder(tf.bool), 2),
}
