"""Queues: the order of their elements, batches, who waits for whom, and sharing."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from evergraph_conformance.messages import core, raises, row
from evergraph_conformance.threads import PATIENCE, beside, until

pytestmark = pytest.mark.uses(
    "FIFOQueueV2",
    "QueueEnqueueV2",
    "QueueEnqueueManyV2",
    "QueueDequeueV2",
    "QueueDequeueManyV2",
    "QueueDequeueUpToV2",
    "QueueCloseV2",
    "QueueSizeV2",
    "QueueIsClosedV2",
)


def fifo(tf, capacity=10, shape=(), dtype="int32", **more):
    return tf.FIFOQueue(capacity, dtype, shapes=[shape], **more)


def taken(session, queue, count):
    element = queue.dequeue()
    return [int(session.run(element)) for _ in range(count)]


# Order


def test_elements_come_out_in_the_order_in_which_they_went_in(tf, session):
    q = fifo(tf)
    p = tf.placeholder(tf.int32, [])
    enqueue = q.enqueue(p)
    for i in range(4):
        session.run(enqueue, {p: i})
    session.run(q.enqueue_many([[7, 8, 9]]))
    assert taken(session, q, 7) == [0, 1, 2, 3, 7, 8, 9]


def test_components_stay_together(tf, session):
    q = tf.FIFOQueue(10, [tf.int32, tf.string, tf.bool], shapes=[(), (2,), ()])
    session.run(q.enqueue([1, ["a", "b"], True]))
    session.run(q.enqueue_many([[2, 3], [["c", "d"], ["e", "f"]], [False, True]]))
    number, text, flag = session.run(q.dequeue())
    assert (number, text.tolist(), flag) == (1, [b"a", b"b"], True)
    numbers, texts, flags = session.run(q.dequeue_many(2))
    assert numbers.tolist() == [2, 3]
    assert texts.tolist() == [[b"c", b"d"], [b"e", b"f"]]
    assert flags.tolist() == [False, True]


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8", "bool", "complex64"])
def test_an_element_keeps_its_type(tf, session, same, dtype):
    value = np.array([[1, 0], [0, 1]]).astype(dtype)
    q = fifo(tf, shape=(2,), dtype=dtype)
    session.run(q.enqueue_many([value]))
    same(session.run(q.dequeue()), value[0])
    same(session.run(q.dequeue_many(1)), value[1:])


def test_strings_are_elements_as_well(tf, session):
    q = fifo(tf, dtype="string")
    session.run(q.enqueue_many([["a", "bc", ""]]))
    assert session.run(q.dequeue()) == b"a"
    batch = session.run(q.dequeue_many(2))
    assert batch.dtype == object
    assert batch.tolist() == [b"bc", b""]


def test_a_string_keeps_the_zeros_at_its_end(tf, session):
    q = fifo(tf, dtype="string")
    session.run(q.enqueue([b"a\x00\x00"]))
    session.run(q.enqueue([q.dequeue()]))
    assert session.run(q.dequeue()) == b"a\x00\x00"


def test_elements_without_shapes_may_have_any(tf, session):
    q = tf.FIFOQueue(10, tf.float32)
    p = tf.placeholder(tf.float32)
    enqueue = q.enqueue(p)
    for shape in ((), (2,), (0, 3), (1, 2, 3)):
        session.run(enqueue, {p: np.zeros(shape)})
    element = q.dequeue()
    assert [session.run(element).shape for _ in range(4)] == [(), (2,), (0, 3), (1, 2, 3)]


@pytest.mark.uses("RandomShuffleQueueV2")
@pytest.mark.parametrize(
    ("graph_seed", "seed", "one_by_one", "batch", "rest"),
    [
        row(
            "seed of the queue", None, 7, [7, 1, 5, 6, 4, 3], [2, 0, 9, 8],
            [0, 1, 5, 0, 7, 6, 2, 8, 7, 9, 6, 1, 3, 8, 4, 9, 4, 5, 2, 3],
        ),
        row(
            "seed of the graph", 1, None, [2, 3, 0, 5, 6, 4], [8, 9, 7, 1],
            [2, 4, 3, 3, 9, 0, 9, 5, 1, 4, 6, 7, 2, 8, 5, 7, 6, 8, 1, 0],
        ),
        row(
            "both", 1, 2, [9, 8, 6, 3, 5, 1], [4, 7, 2, 0],
            [4, 9, 8, 5, 2, 3, 2, 7, 1, 1, 6, 8, 3, 7, 6, 9, 4, 0, 0, 5],
        ),
        row(
            "a negative seed", None, -3, [7, 8, 9, 6, 3, 0], [5, 1, 4, 2],
            [9, 4, 1, 2, 6, 4, 9, 0, 8, 5, 3, 6, 3, 1, 5, 2, 0, 7, 7, 8],
        ),
    ],
)  # fmt: skip
def test_random_order_with_seeds_is_tensorflows(tf, graph_seed, seed, one_by_one, batch, rest):
    if graph_seed is not None:
        tf.set_random_seed(graph_seed)
    q = tf.RandomShuffleQueue(20, 0, tf.int32, shapes=[()], seed=seed)
    fill, four = q.enqueue_many([list(range(10))]), q.dequeue_many(4)
    with tf.Session() as session:
        session.run(fill)
        assert taken(session, q, 6) == one_by_one
        assert session.run(four).tolist() == batch
        session.run(fill)
        session.run(fill)
        assert session.run(four).tolist() == rest[:4]
        session.run(q.close())
        assert session.run(q.dequeue_up_to(99)).tolist() == rest[4:]


@pytest.mark.uses("RandomShuffleQueueV2")
def test_random_order_without_seeds_is_some_order(tf, session):
    q = tf.RandomShuffleQueue(100, 0, tf.int32, shapes=[()])
    session.run(q.enqueue_many([np.arange(100)]))
    assert sorted(session.run(q.dequeue_many(100)).tolist()) == list(range(100))


@pytest.mark.uses("RandomShuffleQueueV2")
def test_a_shuffling_queue_keeps_some_elements_until_it_is_closed(tf, session):
    q = tf.RandomShuffleQueue(10, 3, tf.int32, shapes=[()])
    session.run(q.enqueue_many([[0, 1, 2, 3, 4]]))
    two = session.run(q.dequeue_many(2)).tolist()
    batch, close = q.dequeue_many(3), q.close()
    waiting = beside(lambda: session.run(batch).tolist())
    session.run(close)
    assert sorted(two + waiting.result(PATIENCE)) == [0, 1, 2, 3, 4]


@pytest.mark.uses("PriorityQueueV2")
def test_priorities_decide_and_equal_ones_come_in_tensorflows_order(tf, session):
    priorities = np.array([4, 0, 3, 3, 3, 1, 3, 2, 4, 0, 0, 4, 2, 1, 0, 1, 1, 0, 1, 4])
    q = tf.PriorityQueue(50, tf.int32, shapes=[()])
    fill = q.enqueue_many([priorities, np.arange(20)])
    session.run(fill)
    element = q.dequeue()
    first = [[int(v) for v in session.run(element)] for _ in range(7)]
    assert first == [[0, 1], [0, 14], [0, 9], [0, 10], [0, 17], [1, 5], [1, 13]]
    batch = [v.tolist() for v in session.run(q.dequeue_many(6))]
    assert batch == [[1, 1, 1, 2, 2, 3], [18, 15, 16, 12, 7, 6]]
    session.run(fill)
    rest = [v.tolist() for v in session.run(q.dequeue_many(27))]
    assert rest == [
        [*[0] * 5, *[1] * 5, *[2] * 2, *[3] * 7, *[4] * 8],
        [
            *[1, 17, 9, 14, 10, 5, 18, 16, 13, 15, 7, 12, 6, 4, 3, 2, 2, 4, 3],
            *[8, 0, 8, 11, 19, 0, 11, 19],
        ],
    ]


# Batches


@pytest.mark.uses("PaddingFIFOQueueV2")
def test_a_batch_of_elements_that_differ_in_size_is_padded(tf, session):
    q = tf.PaddingFIFOQueue(10, [tf.int32, tf.string], shapes=[(None,), (None, 2)])
    p, text = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.string, [None, 2])
    enqueue = q.enqueue([p, text])
    session.run(enqueue, {p: [1], text: [["a", "b"]]})
    session.run(enqueue, {p: [1, 2, 3], text: np.zeros((0, 2), object)})
    session.run(enqueue, {p: [5, 6], text: [["a", "b"]] * 3})
    numbers, texts = session.run(q.dequeue_many(2))
    assert numbers.tolist() == [[1, 0, 0], [1, 2, 3]]
    assert texts.tolist() == [[[b"a", b"b"]], [[b"", b""]]]
    assert [v.shape for v in session.run(q.dequeue_up_to(1))] == [(1, 2), (1, 3, 2)]
    assert [v.shape for v in session.run(q.dequeue_many(0))] == [(0, 0), (0, 0, 2)]


def test_a_batch_of_none_is_empty(tf, session):
    q = tf.FIFOQueue(10, [tf.string, tf.float32], shapes=[(2,), ()])
    texts, numbers = session.run(q.dequeue_many(0))
    assert (texts.shape, numbers.shape, numbers.dtype) == ((0, 2), (0,), np.float32)


def test_no_rows_are_no_elements(tf, session):
    q = fifo(tf)
    session.run(q.enqueue_many([np.zeros([0], np.int32)]))
    assert session.run(q.size()) == 0


def test_the_size_of_a_batch_may_be_fed(tf, session):
    q = fifo(tf)
    n = tf.placeholder(tf.int32, [])
    batch = q.dequeue_many(n)
    session.run(q.enqueue_many([[1, 2, 3, 4]]))
    assert session.run(batch, {n: 3}).tolist() == [1, 2, 3]
    assert session.run(batch, {n: 1}).tolist() == [4]


def test_a_batch_of_up_to_some_is_whole_while_the_queue_is_open(tf, session):
    q = fifo(tf)
    session.run(q.enqueue_many([[1, 2]]))
    batch, more = q.dequeue_up_to(3), q.enqueue(3)
    waiting = beside(lambda: session.run(batch).tolist())
    size = q.size()
    until(lambda: session.run(size) == 0)
    assert not waiting.done()
    session.run(more)
    assert waiting.result(PATIENCE) == [1, 2, 3]


@pytest.mark.uses("RandomShuffleQueueV2")
def test_a_shuffling_queue_gives_no_more_than_it_may(tf, session):
    q = tf.RandomShuffleQueue(10, 3, tf.int32, shapes=[()])
    session.run(q.enqueue_many([[0, 1, 2, 3]]))
    session.run(q.dequeue())
    with raises(core("DeadlineExceededError", "")):
        session.run(q.dequeue(), options=tf.RunOptions(timeout_in_ms=50))
    assert session.run(q.size()) == 3


def test_an_element_stays_when_the_array_changes_that_it_came_from(tf, session):
    q = tf.FIFOQueue(10, tf.float32, shapes=[(2,)])
    one = tf.placeholder(tf.float32, [2])
    several = tf.placeholder(tf.float32, [1, 2])
    array = np.ones(2, np.float32)
    batch = np.ones((1, 2), np.float32)
    session.run(q.enqueue(one), {one: array})
    session.run(q.enqueue_many(several), {several: batch})
    array[:] = batch[:] = 7
    assert session.run(q.dequeue_many(2)).tolist() == [[1, 1], [1, 1]]


@pytest.mark.uses("AssignAdd")
def test_what_is_to_wait_for_a_dequeue_does_not_happen_without_it(tf, session):
    q = fifo(tf)
    v = tf.get_variable("v", [], initializer=tf.zeros_initializer())
    session.run(v.initializer)
    with tf.control_dependencies([q.dequeue()]):
        update = v.assign_add(1.0)
    with raises(core("DeadlineExceededError", "")):
        session.run(update, options=tf.RunOptions(timeout_in_ms=50))
    assert session.run(v) == 0.0
    session.run(q.enqueue(1))
    assert session.run(update) == 1.0


def test_what_is_left_of_a_closed_queue_is_a_smaller_batch(tf, session):
    q = fifo(tf)
    session.run(q.enqueue_many([[1, 2, 3]]))
    session.run(q.close())
    up_to = q.dequeue_up_to(2)
    assert session.run(up_to).tolist() == [1, 2]
    assert session.run(up_to).tolist() == [3]
    with raises(core("OutOfRangeError", "(requested 2, current size 0)")):
        session.run(up_to)


def test_results_are_the_callers_own(tf, session):
    q = fifo(tf, shape=(2,), dtype="float32")
    v = tf.constant([3.0, 4.0])
    session.run(q.enqueue_many([[[1.0, 2.0]]]))
    session.run(q.enqueue(v))
    first, second = session.run(q.dequeue()), session.run(q.dequeue())
    assert [first.tolist(), second.tolist()] == [[1.0, 2.0], [3.0, 4.0]]
    first[0] = second[0] = 7.0
    assert session.run(v).tolist() == [3.0, 4.0]


# Who waits for whom


def test_a_step_may_take_what_it_puts_in_itself(tf, session):
    q = fifo(tf)
    x = q.dequeue()
    assert session.run([x, q.enqueue(1)]) == [1, None]
    got = session.run([x, x + 1, q.enqueue(4)])
    assert got == [4, 5, None]


def test_what_depends_on_a_dequeue_waits_for_it(tf, session):
    q = fifo(tf)
    v = tf.Variable(10)
    session.run(v.initializer)
    add = v.assign_add(q.dequeue())
    waiting = beside(lambda: session.run(add))
    session.run(q.enqueue(5))
    assert waiting.result(PATIENCE) == 15
    assert session.run(v) == 15


def test_a_step_that_waits_holds_up_no_other(tf, session):
    q = fifo(tf)
    v = tf.Variable(1)
    session.run(v.initializer)
    waiting = beside(lambda: session.run([q.dequeue(), v + 1]))
    assert session.run(v.assign(7)) == 7
    session.run(q.enqueue(5))
    assert waiting.result(PATIENCE)[0] == 5


def test_a_full_queue_lets_in_what_finds_room(tf, session):
    q = fifo(tf, 2)
    size, enqueue = q.size(), q.enqueue_many([[1, 2, 3, 4, 5]])
    waiting = beside(lambda: session.run(enqueue))
    until(lambda: session.run(size) == 2)
    assert taken(session, q, 5) == [1, 2, 3, 4, 5]
    waiting.result(PATIENCE)


def test_a_batch_may_be_larger_than_the_capacity(tf, session):
    q = fifo(tf, 2)
    batch = q.dequeue_many(5)
    waiting = beside(lambda: session.run(batch))
    session.run(q.enqueue_many([[1, 2, 3, 4, 5]]))
    assert waiting.result(PATIENCE).tolist() == [1, 2, 3, 4, 5]


def test_what_waited_first_comes_first(tf, session):
    q = fifo(tf, 1)
    size, element, two, three = q.size(), q.dequeue(), q.enqueue_many([[1, 2]]), q.enqueue(3)
    session.run(q.enqueue(0))
    first = beside(lambda: session.run(two))
    session.run(element)
    until(lambda: session.run(size) == 1)
    second = beside(lambda: session.run(three))
    assert taken(session, q, 3) == [1, 2, 3]
    assert [w.result(PATIENCE) for w in (first, second)] == [None, None]


KINDS = {
    "FIFO": lambda tf: fifo(tf, 5),
    "shuffling": lambda tf: tf.RandomShuffleQueue(5, 1, tf.int32, shapes=[()]),
    "padding": lambda tf: tf.PaddingFIFOQueue(5, tf.int32, shapes=[[]]),
    "priority": lambda tf: tf.PriorityQueue(5, tf.int32, shapes=[()]),
}


@pytest.mark.uses("RandomShuffleQueueV2", "PaddingFIFOQueueV2", "PriorityQueueV2", "Cast")
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost_or_doubled_between_eight_threads(tf, session, kind):
    q = KINDS[kind](tf)
    p = tf.placeholder(tf.int32, [None])
    enqueue = q.enqueue_many([tf.cast(p, tf.int64), p] if len(q.dtypes) == 2 else [p])
    # The last component: the first one may be a priority.
    one, batch, close, size = q.dequeue(), q.dequeue_many(3), q.close(), q.size()
    fetches = [t[-1] if len(q.dtypes) == 2 else t for t in (one, batch)]

    def produce(i):
        for j in range(20):
            session.run(enqueue, {p: np.arange(3) + 60 * i + 3 * j})

    def consume(i):
        got = []
        try:
            while True:
                got += np.atleast_1d(session.run(fetches[i % 2])).tolist()
        except tf.errors.OutOfRangeError:
            return got

    with ThreadPoolExecutor(8) as pool:
        consumers = [pool.submit(consume, i) for i in range(4)]
        for producer in [pool.submit(produce, i) for i in range(4)]:
            producer.result(PATIENCE)
        session.run(close)
        got = [v for c in consumers for v in c.result(PATIENCE)]
    # What a batch gave back when it was too small, after the others had gone.
    got += [int(session.run(fetches[0])) for _ in range(session.run(size))]
    assert Counter(got) == Counter(range(240))


# Sharing


def test_queues_of_one_name_are_one(tf, session):
    one, other = fifo(tf, shared_name="shared"), fifo(tf, shared_name="shared", name="other")
    session.run(one.enqueue(3))
    assert session.run(other.dequeue()) == 3
    session.run(other.close())
    assert session.run(one.is_closed())


def test_a_shared_name_is_none_of_a_node(tf, session):
    one, other = fifo(tf, name="q"), fifo(tf, shared_name="q", name="other")
    session.run(one.enqueue(3))
    assert [int(v) for v in session.run([one.size(), other.size()])] == [1, 0]


def test_sessions_have_separate_queues(tf, session):
    q = fifo(tf, shared_name="shared")
    session.run(q.enqueue(3))
    with tf.Session() as other:
        assert other.run(q.size()) == 0
    assert session.run(q.size()) == 1


def test_containers_have_separate_queues(tf, session):
    q = fifo(tf, shared_name="shared")
    with tf.container("elsewhere"):
        other = fifo(tf, shared_name="shared")
    session.run(q.enqueue(3))
    assert [int(v) for v in session.run([q.size(), other.size()])] == [1, 0]


def test_one_of_several_queues_may_be_chosen(tf, session):
    queues = [fifo(tf, name="a"), fifo(tf, name="b")]
    index = tf.placeholder(tf.int32, [])
    chosen = tf.QueueBase.from_list(index, queues)
    session.run(chosen.enqueue(7), {index: 1})
    assert [int(v) for v in session.run([q.size() for q in queues])] == [0, 1]
    assert session.run(chosen.dequeue(), {index: 1}) == 7


def test_names_make_dictionaries(tf, session):
    q = tf.FIFOQueue(10, [tf.int32, tf.float32], shapes=[(), ()], names=["a", "b"])
    session.run(q.enqueue({"b": 2.0, "a": 1}))
    session.run(q.enqueue_many({"b": [3.0], "a": [4]}))
    assert session.run(q.dequeue()) == {"a": 1, "b": 2.0}
    got = session.run(q.dequeue_up_to(1))
    assert {k: v.tolist() for k, v in got.items()} == {"a": [4], "b": [3.0]}


@pytest.mark.uses("FIFOQueue", "QueueEnqueue", "QueueDequeue", "QueueSize", "QueueClose")
def test_a_queue_of_the_first_version_does_the_same(tf, session):
    raw = tf.raw_ops
    handle = raw.FIFOQueue(component_types=[tf.int32, tf.string], shapes=[[], []])
    q = tf.QueueBase([tf.int32, tf.string], [(), ()], None, handle)
    session.run(q.enqueue([1, "a"]))
    session.run(raw.QueueEnqueueMany(handle=handle, components=[[2, 3], ["b", "c"]]))
    assert session.run(q.size()) == 3
    assert session.run(q.dequeue()) == [1, b"a"]
    types = {"handle": handle, "component_types": [tf.int32, tf.string]}
    numbers, texts = session.run(raw.QueueDequeueMany(n=1, **types))
    assert (numbers.tolist(), texts.tolist()) == ([2], [b"b"])
    session.run(q.close())
    numbers, texts = session.run(raw.QueueDequeueUpTo(n=5, **types))
    assert (numbers.tolist(), texts.tolist()) == ([3], [b"c"])
    with raises(core("OutOfRangeError", "is closed and has insufficient elements")):
        session.run(q.dequeue())


def test_a_queue_that_is_not_closed_says_so(tf, session):
    q = fifo(tf)
    assert not session.run(q.is_closed())
    session.run(q.close())
    assert session.run(q.is_closed())
    with raises(core("CancelledError", "is already closed.")):
        session.run(q.close())
    session.run(q.close(cancel_pending_enqueues=True))
