"""Queues: what is refused, what is cancelled, and that nothing is worse for it afterwards."""

from __future__ import annotations

import os
import signal
import threading

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises, row
from evergraph_conformance.threads import PATIENCE, beside, until

pytestmark = pytest.mark.uses(
    "FIFOQueueV2",
    "PaddingFIFOQueueV2",
    "RandomShuffleQueueV2",
    "PriorityQueueV2",
    "QueueEnqueueV2",
    "QueueEnqueueManyV2",
    "QueueDequeueV2",
    "QueueDequeueManyV2",
    "QueueDequeueUpToV2",
    "QueueCloseV2",
    "QueueSizeV2",
    "QueueIsClosedV2",
)


def fifo(tf, capacity=10, shape=(), **more):
    return tf.FIFOQueue(capacity, tf.int32, shapes=[shape], shared_name="q", **more)


KINDS = {
    "FIFOQueue": lambda tf: fifo(tf),
    "PaddingFIFOQueue": lambda tf: tf.PaddingFIFOQueue(10, tf.int32, [[]], shared_name="q"),
    "RandomShuffleQueue": lambda tf: tf.RandomShuffleQueue(
        10, 1, tf.int32, shapes=[()], shared_name="q"
    ),
    "PriorityQueue": lambda tf: tf.PriorityQueue(10, tf.int32, shapes=[()], shared_name="q"),
}


def some(queue, values):
    """Return what fills a queue."""
    return queue.enqueue_many([values, values] if len(queue.dtypes) == 2 else [values])


# Steps that fail


@pytest.mark.uses("GatherV2")
def test_a_step_that_fails_elsewhere_takes_nothing_out(tf, session):
    """What waits when another node fails is taken back."""
    q, other = fifo(tf), tf.FIFOQueue(10, tf.int32, shapes=[()])
    session.run(other.enqueue(7))
    bad = tf.gather([1.0, 2.0], other.dequeue())
    with raises(core("InvalidArgumentError", "indices = 7 is not in [0, 2)")):
        session.run([q.dequeue(), bad])
    session.run(q.enqueue(1))
    assert session.run(q.size()) == 1


# Closed queues


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        row("215 FIFOQueue", "FIFOQueue", "FIFOQueue"),
        row("PaddingFIFOQueue", "PaddingFIFOQueue", "FIFOQueue"),
        row("RandomShuffleQueue", "RandomShuffleQueue", "RandomShuffleQueue"),
        row("PriorityQueue", "PriorityQueue", "PriorityQueue"),
    ],
)
def test_a_closed_queue_says_what_it_lacks(tf, session, kind, shown):
    """Rows 215 and 216."""
    q = KINDS[kind](tf)
    session.run(some(q, [1, 2]))
    session.run(q.close())
    lacks = "is closed and has insufficient elements (requested"
    with raises(exact("OutOfRangeError", f"{kind} 'q' {lacks} 3, current size 2)")):
        session.run(q.dequeue_many(3))
    assert session.run(q.size()) == 2
    session.run(q.dequeue_many(2))
    with raises(exact("OutOfRangeError", f"{shown} 'q' {lacks} 1, current size 0)")) as caught:
        session.run(q.dequeue(name="taken"))
    assert caught.value.op.name == "taken"
    with raises(exact("OutOfRangeError", f"{kind} 'q' {lacks} 4, current size 0)")):
        session.run(q.dequeue_up_to(4))
    with raises(exact("CancelledError", f"{shown} 'q' is closed.")) as caught:
        session.run(some(q, [1]), None)
    assert caught.value.op.type == "QueueEnqueueManyV2"


def test_into_a_closed_queue_goes_nothing(tf, session):
    """Row 217."""
    q = fifo(tf)
    session.run(q.close())
    with raises(exact("CancelledError", "FIFOQueue 'q' is closed.")) as caught:
        session.run(q.enqueue(1, name="put"))
    assert caught.value.op.name == "put"
    assert "[[{{node put}}]]" in str(caught.value)
    session.run(q.enqueue_many([np.zeros([0], np.int32)]))


def test_the_name_of_a_queue_that_is_not_shared_has_a_number(tf, session):
    """Rows 215 and 293."""
    q = tf.FIFOQueue(1, tf.int32, shapes=[()], name="mine")
    session.run(q.close())
    with raises(core("OutOfRangeError", "_mine' is closed and has insufficient")) as caught:
        session.run(q.dequeue())
    number = str(caught.value).split("FIFOQueue '_")[1].split("_")[0]
    assert number.isdigit()


def test_closing_waits_for_the_enqueues_before(tf, session):
    q = fifo(tf, 2)
    size, closed = q.size(), q.is_closed()
    enqueue, close = q.enqueue_many([[1, 2, 3]]), q.close()
    first = beside(lambda: session.run(enqueue))
    until(lambda: session.run(size) == 2)
    second = beside(lambda: session.run(close))
    assert not session.run(closed)
    element = q.dequeue()
    assert session.run(element) == 1
    assert [w.result(PATIENCE) for w in (first, second)] == [None, None]
    assert session.run(closed)
    assert [int(session.run(element)) for _ in range(2)] == [2, 3]


def test_closing_may_cancel_the_enqueues_before(tf, session):
    """Row 218."""
    q = fifo(tf, 2)
    size = q.size()
    enqueue, cancel = q.enqueue_many([[1, 2, 3]]), q.close(cancel_pending_enqueues=True)
    waiting = beside(lambda: session.run(enqueue))
    until(lambda: session.run(size) == 2)
    session.run(cancel)
    with raises(exact("CancelledError", "Enqueue operation was cancelled")) as caught:
        waiting.result(PATIENCE)
    assert caught.value.op is enqueue
    assert session.run(q.dequeue_many(2)).tolist() == [1, 2]


def test_closing_ends_the_dequeues_that_wait_and_gives_back_what_they_took(tf, session):
    q = fifo(tf)
    size, batch = q.size(), q.dequeue_many(3)
    session.run(q.enqueue_many([[1, 2]]))
    waiting = beside(lambda: session.run(batch))
    until(lambda: session.run(size) == 0)
    session.run(q.close())
    with raises(core("OutOfRangeError", "FIFOQueue 'q' is closed and has insufficient")):
        waiting.result(PATIENCE)
    assert session.run(q.dequeue_up_to(3)).tolist() == [1, 2]


def test_closing_gives_a_smaller_batch_to_who_takes_one(tf, session):
    q = fifo(tf)
    size, batch = q.size(), q.dequeue_up_to(3)
    session.run(q.enqueue_many([[1, 2]]))
    waiting = beside(lambda: session.run(batch))
    until(lambda: session.run(size) == 0)
    session.run(q.close())
    assert waiting.result(PATIENCE).tolist() == [1, 2]


def test_what_is_left_of_a_closed_queue_by_priority_is_a_smaller_batch(tf, session):
    q = KINDS["PriorityQueue"](tf)
    session.run(some(q, [2, 1]))
    session.run(q.close())
    assert session.run(q.dequeue_up_to(3))[1].tolist() == [1, 2]


# Waiting that ends


def test_a_time_limit_ends_a_dequeue(tf, session):
    """Row 213."""
    q = fifo(tf)
    options = tf.RunOptions(timeout_in_ms=100)
    with raises(core("DeadlineExceededError", "Timed out waiting for notification")):
        session.run(q.dequeue(), options=options)
    session.run(q.enqueue(1))
    assert session.run(q.dequeue(), options=options) == 1


def test_the_shortest_time_limit_ends_a_dequeue(tf, session):
    q = fifo(tf)
    with raises(core("DeadlineExceededError", "Timed out waiting for notification")):
        session.run(q.dequeue(), options=tf.RunOptions(timeout_in_ms=1))
    session.run(q.enqueue(1))
    assert session.run(q.dequeue()) == 1


def test_a_time_limit_of_the_session_ends_a_dequeue(tf):
    """Row 212."""
    q = fifo(tf)
    with tf.Session(config=tf.ConfigProto(operation_timeout_in_ms=100)) as session:
        with raises(core("DeadlineExceededError", "Timed out waiting for notification")):
            session.run(q.dequeue())
        session.run(q.enqueue(1))
        assert session.run(q.dequeue()) == 1


def test_a_time_limit_ends_an_enqueue(tf, session):
    q = fifo(tf, 2)
    options = tf.RunOptions(timeout_in_ms=100)
    with raises(core("DeadlineExceededError", "Timed out waiting for notification")):
        session.run(q.enqueue_many([[1, 2, 3]]), options=options)
    assert session.run(q.dequeue_many(2)).tolist() == [1, 2]
    assert session.run(q.size()) == 0


def test_what_a_dequeue_had_taken_when_its_time_was_up_is_not_lost(tf, session):
    q = fifo(tf)
    session.run(q.enqueue_many([[1, 2]]))
    options = tf.RunOptions(timeout_in_ms=100)
    with raises(core("DeadlineExceededError", "Timed out waiting for notification")):
        session.run(q.dequeue_many(3), options=options)
    assert session.run(q.dequeue_many(2), options=options).tolist() == [1, 2]


def test_a_dequeue_that_was_taken_back_takes_nothing_afterwards(tf, session):
    q = fifo(tf)
    with raises(core("DeadlineExceededError", "Timed out waiting for notification")):
        session.run(q.dequeue(), options=tf.RunOptions(timeout_in_ms=100))
    session.run(q.enqueue_many([[1, 2]]))
    assert session.run(q.size()) == 2


def test_closing_the_session_ends_a_dequeue(tf):
    """Row 214."""
    q = fifo(tf)
    session = tf.Session()
    size, batch = q.size(), q.dequeue_many(3, name="batch")
    session.run(q.enqueue_many([[1, 2]]))
    waiting = beside(lambda: session.run(batch))
    until(lambda: session.run(size) == 0)
    session.close()
    with raises(exact("CancelledError", "Dequeue operation was cancelled")) as caught:
        waiting.result(PATIENCE)
    assert caught.value.op.name == "batch"


def test_closing_the_session_ends_an_enqueue(tf):
    q = fifo(tf, 2)
    session = tf.Session()
    size, enqueue = q.size(), q.enqueue_many([[1, 2, 3]])
    waiting = beside(lambda: session.run(enqueue))
    until(lambda: session.run(size) == 2)
    session.close()
    with raises(exact("CancelledError", "Enqueue operation was cancelled")):
        waiting.result(PATIENCE)


@pytest.fixture
def interruptible():
    """Interrupts are exceptions, also in a process that was started to ignore them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(), reason="a signal needs the main one"
)
@pytest.mark.skipif(os.name == "nt", reason="the system has no signals for threads")
def test_an_interrupt_ends_a_dequeue(tf):
    """Row 350."""
    q = fifo(tf)
    size, batch, main = q.size(), q.dequeue_many(3), threading.get_ident()

    def interrupt():
        until(lambda: session.run(size) == 0)
        signal.pthread_kill(main, signal.SIGINT)

    # A time limit, so that it fails where it hangs.
    with tf.Session(config=tf.ConfigProto(operation_timeout_in_ms=60_000)) as session:
        session.run(q.enqueue_many([[1, 2]]))
        sent = beside(interrupt)
        with pytest.raises(KeyboardInterrupt):
            session.run(batch)
        sent.result(PATIENCE)
        assert session.run(size) == 2
        session.run(q.enqueue(3))
        assert session.run(batch).tolist() == [1, 2, 3]


def test_a_failing_node_takes_back_what_the_step_waits_for(tf, session):
    q = fifo(tf)
    p = tf.placeholder(tf.float32, [])
    fetches = [q.dequeue(), tf.check_numerics(p, "here")]
    with raises(core("InvalidArgumentError", "here : Tensor had NaN values")):
        session.run(fetches, {p: np.nan})
    session.run(q.enqueue(1))
    assert session.run(q.size()) == 1


# Values that do not fit


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("many", "value", "wanted", "got"),
    [
        row("a vector", False, [1, 2], "[]", "[2]"),
        row("rows of rows", True, [[1], [2]], "[2]", "[2,1]"),
    ],
)
def test_another_shape_is_refused(tf, session, kind, many, value, wanted, got):
    q = KINDS[kind](tf)
    p = tf.placeholder(tf.int32)
    one = [np.int64(3)] if len(q.dtypes) == 2 else []
    enqueue = q.enqueue_many([*[[v] * 2 for v in one], p]) if many else q.enqueue([*one, p])
    text = f"Shape mismatch in tuple component {len(one)}. Expected {wanted}, got {got}"
    with raises(exact("InvalidArgumentError", text)) as caught:
        session.run(enqueue, {p: value})
    assert caught.value.op is enqueue
    assert session.run(q.size()) == 0
    session.run(some(q, [1]))


def test_partly_known_shapes_are_shown_so(tf, session):
    q = tf.PaddingFIFOQueue(10, tf.int32, [[None, 2]])
    p = tf.placeholder(tf.int32)
    text = "Shape mismatch in tuple component 0. Expected [?,2], got [3,3]"
    with raises(exact("InvalidArgumentError", text)):
        session.run(q.enqueue(p), {p: np.zeros((3, 3))})
    text = "Shape mismatch in tuple component 0. Expected [4,?,2], got [4,2]"
    with raises(exact("InvalidArgumentError", text)):
        session.run(q.enqueue_many(p), {p: np.zeros((4, 2))})


def test_a_scalar_has_no_rows(tf, session):
    q = fifo(tf)
    p = tf.placeholder(tf.int32)
    with raises(core("InvalidArgumentError", "Shape mismatch in tuple component 0. Expected [")):
        session.run(q.enqueue_many(p), {p: 1})


def test_components_have_as_many_rows_each(tf, session):
    p = tf.placeholder(tf.int32, [None])
    shaped = tf.FIFOQueue(10, [tf.int32, tf.int32], shapes=[(), ()])
    text = "Shape mismatch in tuple component 1. Expected [2], got [3]"
    with raises(exact("InvalidArgumentError", text)):
        session.run(shaped.enqueue_many([[1, 2], p]), {p: [1, 2, 3]})
    free = tf.FIFOQueue(10, [tf.int32, tf.int32])
    text = (
        "All input tensors must have the same size in the 0th dimension. Component 1 has 3, and "
        "should have 2"
    )
    with raises(exact("InvalidArgumentError", text)):
        session.run(free.enqueue_many([[1, 2], p]), {p: [1, 2, 3]})


def test_batches_need_shapes(tf, session):
    """Row 219."""
    q = tf.FIFOQueue(10, tf.float32)
    session.run(q.enqueue(1.0))
    text = (
        "FIFOQueue's DequeueMany and DequeueUpTo require the components to have specified shapes."
    )
    for batch in (q.dequeue_many(1), q.dequeue_up_to(1), q.dequeue_many(0)):
        with raises(exact("InvalidArgumentError", text)):
            session.run(batch)
    assert session.run(q.dequeue()) == 1.0


@pytest.mark.parametrize("many", [False, True])
def test_another_type_is_refused(tf, many):
    """Row 220."""
    q = tf.FIFOQueue(3, tf.float32, shapes=[()])
    shape, enqueue = ("(2,)", q.enqueue_many) if many else ("()", q.enqueue)
    text = (
        "component_0: Tensor conversion requested dtype float32 for Tensor with dtype int32: "
        f"<tf.Tensor 'Const:0' shape={shape} dtype=int32>"
    )
    with raises(exact("ValueError", text)):
        enqueue([tf.constant([1, 2] if many else 1)])


def test_a_batch_has_no_negative_size(tf, session):
    q = fifo(tf)
    n = tf.placeholder(tf.int32, [])
    with raises(exact("InvalidArgumentError", "DequeueManyOp requested -1 < 0 elements")):
        session.run(q.dequeue_many(n), {n: -1})
    with raises(exact("InvalidArgumentError", "DequeueUpToOp requested -1 < 0 elements")):
        session.run(q.dequeue_up_to(n), {n: -1})
    with raises(core("ValueError", "Input 'n' must be >= 0, but is -1")):
        q.dequeue_many(-1)


@pytest.mark.parametrize(
    ("build", "text"),
    [
        row(
            "enqueue",
            lambda raw, handle: raw.QueueEnqueueV2(handle=handle, components=[1.0]),
            "Signature mismatch, have: resource, float-> expected: resource, int32->",
        ),
        row(
            "enqueue of several",
            lambda raw, handle: raw.QueueEnqueueManyV2(handle=handle, components=[[1], [2]]),
            "Signature mismatch, have: resource, int32, int32-> expected: resource, int32->",
        ),
        row(
            "dequeue",
            lambda raw, handle: raw.QueueDequeueV2(handle=handle, component_types=["float32"])[0],
            "Signature mismatch, have: resource->float expected: resource->int32",
        ),
        row(
            "dequeue_many",
            lambda raw, handle: raw.QueueDequeueManyV2(
                handle=handle, n=1, component_types=["string"]
            )[0],
            "Signature mismatch, have: resource, int32->string expected: resource, int32->int32",
        ),
        row(
            "a time limit of a node",
            lambda raw, handle: raw.QueueDequeueV2(
                handle=handle, component_types=["int32"], timeout_ms=5
            )[0],
            "Timeout not supported yet.",
        ),
    ],
)
def test_a_node_is_one_for_its_queue(tf, session, build, text):
    q = fifo(tf)
    session.run(q.enqueue(1))
    with raises(exact("InvalidArgumentError", text)):
        session.run(build(tf.raw_ops, q.queue_ref))
    assert session.run(q.dequeue()) == 1


@pytest.mark.uses("VarHandleOp")
def test_a_variable_is_no_queue(tf, session):
    v = tf.get_variable("v", initializer=1.0, use_resource=True)
    session.run(v.initializer)
    text = "Trying to access a handle's resource using the wrong type."
    with raises(core("InvalidArgumentError", text)):
        session.run(tf.raw_ops.QueueSizeV2(handle=v.handle))


# Queues that cannot be


@pytest.mark.parametrize(
    ("type", "attributes", "text"),
    [
        row(
            "a size not known",
            "FIFOQueueV2",
            {"shapes": [[None]]},
            "Shape [?] is not fully defined",
        ),
        row(
            "more shapes than types",
            "FIFOQueueV2",
            {"shapes": [[2], [3]]},
            "Different number of component types.  Types: float, Shapes: [[2], [3]]",
        ),
        row(
            "a name that begins with _",
            "FIFOQueueV2",
            {"shared_name": "_x"},
            "shared_name cannot start with '_':_x",
        ),
        row(
            "padding without shapes",
            "PaddingFIFOQueueV2",
            {"shapes": []},
            "Shapes must be provided for all components, but received 1 dtypes and 0 shapes.",
        ),
        row(
            "padding of unknown rank",
            "PaddingFIFOQueueV2",
            {"shapes": [None]},
            "shape <unknown> must have known rank.",
        ),
        row(
            "nothing to shuffle",
            "RandomShuffleQueueV2",
            {"capacity": 3, "min_after_dequeue": 5},
            "min_after_dequeue 5 must be < capacity 3",
        ),
        row(
            "less than nothing stays",
            "RandomShuffleQueueV2",
            {"capacity": 3, "min_after_dequeue": -1},
            "min_after_dequeue -1 must be >= 0",
        ),
        row(
            "priority of more types than shapes",
            "PriorityQueueV2",
            {"component_types": ["float32", "int32"], "shapes": [[1]]},
            "Different number of component types.  Types: int64, float, int32, Shapes: [[], [1]]",
        ),
    ],
)
def test_a_queue_that_cannot_be_is_an_error_of_its_node(tf, session, type, attributes, text):
    made = getattr(tf.raw_ops, type)(**{"component_types": ["float32"]} | attributes)
    with raises(exact("InvalidArgumentError", text)) as caught:
        session.run(tf.raw_ops.QueueSizeV2(handle=made))
    assert f"[[{{{{node {made.op.name}}}}}]]" in str(caught.value)


def test_a_queue_without_room_lets_nothing_in(tf, session):
    q = fifo(tf, 0)
    assert session.run(q.size()) == 0
    with raises(core("DeadlineExceededError", "Timed out waiting for notification")):
        session.run(q.enqueue(1), options=tf.RunOptions(timeout_in_ms=50))


SHARED = "Shared queue 'q' has"


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        row(
            "capacity",
            "FIFOQueue",
            lambda tf: fifo(tf, 5),
            f"{SHARED} capacity 10 but requested capacity was 5",
        ),
        row(
            "types",
            "FIFOQueue",
            lambda tf: tf.FIFOQueue(10, [tf.float32, tf.int64], [(), ()], shared_name="q"),
            f"{SHARED} component types int32 but requested component types were float, int64",
        ),
        row(
            "shapes",
            "FIFOQueue",
            lambda tf: fifo(tf, shape=(2,)),
            f"{SHARED} component shapes [[]] but requested component shapes were [[2]]",
        ),
        row(
            "shapes of any size",
            "PaddingFIFOQueue",
            lambda tf: tf.PaddingFIFOQueue(10, tf.int32, [[None]], shared_name="q"),
            f"{SHARED} component shapes [[]] but requested component shapes were [[?]]",
        ),
        row(
            "no shapes",
            "FIFOQueue",
            lambda tf: tf.FIFOQueue(10, tf.int32, shared_name="q"),
            f"{SHARED} component shapes [[]] but requested component shapes were []",
        ),
        row(
            "kind",
            "FIFOQueue",
            KINDS["PaddingFIFOQueue"],
            "Expected FIFOQueue, found PaddingFIFOQueueV2",
        ),
        row("kind again", "PriorityQueue", fifo, "Expected PriorityQueue, found FIFOQueueV2"),
        row(
            "what stays",
            "RandomShuffleQueue",
            lambda tf: tf.RandomShuffleQueue(10, 2, tf.int32, [()], shared_name="q"),
            f"{SHARED} min_after_dequeue 1 but requested min_after_dequeue was 2.",
        ),
        row(
            "seeds",
            "RandomShuffleQueue",
            lambda tf: tf.RandomShuffleQueue(10, 1, tf.int32, [()], seed=4, shared_name="q"),
            f"{SHARED} random seeds (0, 0) but requested seeds are (87654321, 4).",
        ),
        row(
            "types beside a priority",
            "PriorityQueue",
            lambda tf: tf.PriorityQueue(10, tf.float32, [()], shared_name="q"),
            f"{SHARED} component types int64, int32 but requested component types were int64, "
            "float",
        ),
    ],
)
def test_a_shared_queue_is_what_the_first_node_said(tf, session, first, second, text):
    q = KINDS[first](tf)
    session.run(some(q, [1, 2]))
    with raises(exact("InvalidArgumentError", text)):
        session.run(second(tf).size())
    assert session.run(q.size()) == 2
