"""State under load: readers beside training, whose memory it is, failures, closing, memory."""

from __future__ import annotations

import gc
import threading
import weakref

import numpy as np
import pytest

from evergraph_conformance.api import CONFIG
from evergraph_conformance.messages import core, raises, row, typed
from evergraph_conformance.threads import in_threads
from evergraph_conformance.variables import BOTH, OPS, done, initialized, variable

pytestmark = pytest.mark.uses(*OPS, "MatMul", "Sum", "Max", "Min", "Transpose", "AssignAdd")


@pytest.fixture
def session(tf):
    """An open session on the default graph, and the default session."""
    with tf.Session(config=CONFIG) as opened:
        yield opened


def aligned(shape):
    """Return an array whose memory a library may use as it is, without a copy."""
    size = int(np.prod(shape)) * 4
    memory = np.empty(size + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + size].view(np.float32).reshape(shape)


# Readers beside training

OPTIMIZERS = [
    row("momentum", lambda tf: tf.train.MomentumOptimizer(0.25, 0.5)),
    row("adam", lambda tf: tf.train.AdamOptimizer(0.25)),
]


@BOTH
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.uses("ApplyMomentum", "ResourceApplyMomentum", "ApplyAdam", "ResourceApplyAdam")
def test_readers_see_only_what_completed_steps_made(tf, session, resource, optimizer):
    """All entries are equal after every step, so half a step would show."""
    w = variable(tf, tf.zeros([64, 64]), "w", use_resource=resource)
    value = w.read_value()
    reads = [
        w,
        value * 1.0,
        [tf.reduce_max(value), tf.reduce_min(value)],
        {"w": w, "transposed": tf.transpose(value)},
    ]
    train = optimizer(tf).minimize(tf.reduce_sum(w))
    session.run(tf.global_variables_initializer())
    callables = [session.make_callable(fetch) for fetch in reads]
    finished = threading.Event()

    def train_on():
        made = {0.0}
        try:
            for _ in range(60):
                session.run(train)
                made.add(session.run(w)[0, 0].item())
        finally:
            finished.set()
        return made

    def read_on(i):
        seen, rounds = set(), 0
        while rounds < 5 or not finished.is_set():
            got = callables[i % 4]() if i < 4 else session.run(reads[i % 4])
            for part in got.values() if isinstance(got, dict) else [got]:
                seen |= set(np.unique(part).tolist())
                assert len(set(np.ravel(part).tolist())) == 1
            rounds += 1
        return seen

    *seen, made = in_threads(lambda i: train_on() if i == 8 else read_on(i), 9)
    assert len(made) == 61
    for values in seen:
        assert values <= made


@BOTH
def test_no_addition_is_lost_beside_training(tf, session, resource):
    v = initialized(tf, session, np.zeros(4, np.int32), use_resource=resource)
    w = variable(tf, tf.ones([32, 32]), "w", use_resource=resource)
    amount = tf.placeholder(tf.int32, [4])
    more = {} if resource else {"use_locking": True}
    add = done(v.assign_add(amount, **more))
    train = tf.train.AdamOptimizer(0.01).minimize(tf.reduce_sum(w * w))
    session.run(tf.global_variables_initializer())
    amounts = np.eye(4, dtype=np.int32)

    def work(i):
        for _ in range(500 if i < 4 else 50):
            session.run(*((add, {amount: amounts[i]}) if i < 4 else (train,)))

    in_threads(work, 5)
    assert session.run(v).tolist() == [500] * 4


# Whose memory it is


@BOTH
@pytest.mark.uses("ApplyMomentum", "ResourceApplyMomentum")
def test_what_was_fetched_stays_through_training(tf, session, resource):
    w = variable(tf, tf.zeros([128, 128]), "w", use_resource=resource)
    same, flat = tf.identity(w), tf.reshape(w, [-1])
    train = tf.train.MomentumOptimizer(1.0, 0.0).minimize(tf.reduce_sum(w))
    session.run(tf.global_variables_initializer())
    kept = []
    for _ in range(4):
        session.run(train)
        kept += [session.run([w, same, flat]), session.run([flat, w]), [session.run(w)]]
    for i, fetched in enumerate(kept):
        for array in fetched:
            assert np.unique(array).tolist() == [-(i // 3) - 1.0]
            assert array.flags.writeable
            array[:] = 7.0
    assert np.unique(session.run(w)).tolist() == [-4.0]
    session.run(train)
    assert np.unique(session.run(same)).tolist() == [-5.0]


@pytest.mark.parametrize(
    "through",
    [
        row("as it is", lambda tf, p: p),
        row("identity", lambda tf, p: tf.identity(p)),
        row("reshape", lambda tf, p: tf.reshape(p, [256, 256])),
    ],
)
@BOTH
def test_a_large_array_that_was_assigned_may_change(tf, session, resource, through):
    v = variable(tf, tf.zeros([256, 256]), use_resource=resource)
    p = tf.placeholder(tf.float32, [256, 256])
    change, add = done(v.assign(through(tf, p))), done(v.assign_add(tf.ones([256, 256])))
    session.run(v.initializer)
    fed = aligned((256, 256))
    for i in range(3):
        fed[:] = i
        session.run(change, {p: fed})
        fed[:] = -1.0
        assert np.unique(session.run(v)).tolist() == [i]
        session.run(add)
        assert np.unique(session.run(v)).tolist() == [i + 1.0]
        assert np.unique(fed).tolist() == [-1.0]


@BOTH
def test_a_fed_array_may_change_as_soon_as_the_run_returns(tf, session, resource):
    """A step that computes for a while must not read it any more."""
    size = 400
    v = variable(tf, tf.zeros([size, size]), use_resource=resource)
    p = tf.placeholder(tf.float32, [size, size])
    product = p
    for _ in range(20):
        product = tf.matmul(product, p) * (1.0 / size)
    change = done(v.assign(product))
    session.run(v.initializer)
    fed = aligned((size, size))
    for _ in range(5):
        fed[:] = 1.0
        session.run(change, {p: fed})
        fed[:] = 5.0
        np.testing.assert_allclose(session.run(v), 1.0, rtol=1e-4)


# Failures


def _gathered(tf, p):
    return tf.gather(tf.ones([3]), tf.cast(p, tf.int32))


def _asserted(tf, p):
    with tf.control_dependencies([tf.Assert(p < 3.0, ["too large", p])]):
        return tf.identity(p)


FAILURES = [
    row("gather", _gathered, "= 9 is not in [0, 3)"),
    row("assert", _asserted, "assertion failed: [too large] [9]"),
    row("numerics", lambda tf, p: tf.check_numerics(1.0 / (9.0 - p), "bad"), "bad : Tensor had"),
]


@BOTH
@pytest.mark.parametrize(("fails", "text"), FAILURES)
@pytest.mark.uses("GatherV2", "Assert", "CheckNumerics", "ApplyAdam", "ResourceApplyAdam")
def test_updates_that_wait_for_a_failure_do_not_happen(tf, session, resource, fails, text):
    """From four threads, a hundred times, while the same variables are trained."""
    v = variable(tf, tf.zeros([8, 8]), use_resource=resource)
    w = variable(tf, tf.ones([8, 8]), "w", use_resource=resource)
    p = tf.placeholder(tf.float32, [])
    factor = fails(tf, p)
    locking = {} if resource else {"use_locking": True}
    change = done(v.assign_add(tf.ones([8, 8]) * (1.0 + 0.0 * factor), **locking))
    train = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(w * w) * factor)
    session.run(tf.global_variables_initializer())
    before = session.run(tf.global_variables())

    def fail(i):
        for _ in range(25):
            with raises(core("InvalidArgumentError", text)):
                session.run(train if i % 2 else change, {p: 9.0})

    in_threads(fail, 4)
    for old, new in zip(before, session.run(tf.global_variables()), strict=True):
        assert new.tolist() == old.tolist()

    def fail_and_run(i):
        for _ in range(25):
            if i % 2:
                session.run(change, {p: 2.0})
                continue
            with raises(core("InvalidArgumentError", text)):
                session.run(change, {p: 9.0})

    in_threads(fail_and_run, 4)
    assert np.unique(session.run(v)).tolist() == [50.0]
    session.run(train, {p: 1.0})
    np.testing.assert_allclose(session.run(w), np.full([8, 8], 0.9), rtol=1e-5)


@BOTH
@pytest.mark.uses("CheckNumerics")
def test_updates_that_nothing_waits_for_happen_all_the_same(tf, session, resource):
    v = initialized(tf, session, use_resource=resource)
    w = initialized(tf, session, 0.0, "w", use_resource=resource)
    u = initialized(tf, session, 0.0, "u", use_resource=resource)
    p = tf.placeholder(tf.float32, [])
    with tf.control_dependencies([done(v.assign_add(p))]):
        copied = done(w.assign(v.read_value() * 10.0))
    with tf.control_dependencies([copied]):
        checked = tf.check_numerics(1.0 / (p - 1.0), "bad")
    change = done(u.assign_add(checked))
    for i in range(3):
        with raises(core("InvalidArgumentError", "bad : Tensor had")):
            session.run(change, {p: 1.0})
        assert session.run([v, w, u]) == [i + 2.0, (i + 2.0) * 10.0, 0.0]
    session.run(change, {p: 2.0})
    assert session.run([v, w, u]) == [6.0, 60.0, 1.0]


@BOTH
def test_updates_happen_before_a_variable_without_a_value_is_read(tf, session, resource):
    v = initialized(tf, session, use_resource=resource)
    missing = variable(tf, name="w", use_resource=resource)
    with tf.control_dependencies([done(v.assign_add(1.0))]):
        read = missing.read_value() + 1.0
    for i in range(2):
        with raises(typed("FailedPreconditionError")):
            session.run(read)
        assert session.run(v) == i + 2.0


@pytest.mark.uses("CheckNumerics", "ConcatV2")
def test_a_failing_step_leaves_a_variable_whose_shape_it_would_change(tf, session):
    v = variable(tf, tf.zeros([2]), validate_shape=False)
    p = tf.placeholder(tf.float32, [1])
    longer = tf.concat([v, tf.check_numerics(p, "bad")], 0)
    change = done(tf.assign(v, longer, validate_shape=False))
    session.run(v.initializer)
    for i in range(3):
        with raises(core("InvalidArgumentError", "bad : Tensor had NaN values")):
            session.run(change, {p: [np.nan]})
        assert session.run(v).tolist() == [0.0, 0.0, 1.0, 1.0, 1.0][: i + 2]
        session.run(change, {p: [1.0]})
    assert session.run(v).tolist() == [0.0, 0.0, 1.0, 1.0, 1.0]


# Sessions


@BOTH
def test_sessions_of_one_graph_train_apart(tf, session, resource):
    w = variable(tf, tf.zeros([16, 16]), "w", use_resource=resource)
    train = tf.train.GradientDescentOptimizer(1.0).minimize(tf.reduce_sum(w))
    initializer, graph = tf.global_variables_initializer(), tf.get_default_graph()

    def work(i):
        with tf.Session(graph=graph, config=CONFIG) as own:
            own.run(initializer)
            for _ in range(10 * (i + 1)):
                own.run(train)
            return np.unique(own.run(w)).tolist()

    assert in_threads(work, 4) == [[-10.0 * (i + 1)] for i in range(4)]
    session.run(initializer)
    assert np.unique(session.run(w)).tolist() == [0.0]


@BOTH
def test_what_runs_when_its_session_is_closed_is_cancelled(tf, resource):
    v = variable(tf, tf.zeros([16, 16]), use_resource=resource)
    p = tf.placeholder(tf.float32, [])
    value = v.read_value()
    total, add = tf.reduce_sum(value) * p, done(v.assign_add(tf.ones([16, 16])))
    initializer = tf.global_variables_initializer()
    for _ in range(10):
        opened = tf.Session(config=CONFIG)
        opened.run(initializer)
        runs = [
            lambda s=opened: s.run(add),
            lambda s=opened: s.run([value, total], {p: 1.0}),
            opened.make_callable(value),
            opened.make_callable(total, [p]),
        ]
        for i, run in enumerate(runs):
            run(*([1.0] if i == 3 else []))

        ran = threading.Semaphore(0)

        def run_on(run, *values, ran=ran):
            while True:
                run(*values)
                ran.release()

        def work(i, opened=opened, runs=runs, ran=ran, run_on=run_on):
            if i == 4:
                for _ in range(10):
                    ran.acquire()
                opened.close()
                return
            # A run that is under way is cancelled, and the next one is refused.
            with pytest.raises((RuntimeError, tf.errors.CancelledError)) as caught:
                run_on(runs[i], *([1.0] if i == 3 else []))
            assert type(caught.value) in (RuntimeError, tf.errors.CancelledError)

        in_threads(work, 5)


@BOTH
def test_a_graph_may_grow_while_it_trains(tf, session, resource):
    w = variable(tf, tf.zeros([16, 16]), "w", use_resource=resource)
    train = tf.train.GradientDescentOptimizer(1.0).minimize(tf.reduce_sum(w))
    graph = tf.get_default_graph()
    session.run(tf.global_variables_initializer())

    def work(i):
        if i:
            for _ in range(30):
                session.run(train)
            return None
        last = None
        with graph.as_default():
            for j in range(10):
                u = variable(tf, float(j), f"u{j}", use_resource=resource)
                session.run(u.initializer)
                last = session.run(tf.reduce_sum(w) * 0.0 + u)
        return last

    assert in_threads(work, 2) == [9.0, None]
    assert np.unique(session.run(w)).tolist() == [-30.0]


# Memory


def resident():
    """Return how much memory the process uses, in bytes; 0 where the system does not say."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return 1024 * int(next(x for x in status if x.startswith("VmRSS")).split()[1])
    except OSError:
        return 0


@BOTH
@pytest.mark.uses("ApplyMomentum", "ResourceApplyMomentum")
def test_training_keeps_no_old_values(tf, session, resource):
    """Two hundred steps would keep 800 MB if they kept the variable, and more with its slot."""
    w = variable(tf, tf.zeros([1024, 1024]), "w", use_resource=resource)
    train = tf.train.MomentumOptimizer(0.1, 0.9).minimize(tf.reduce_sum(w * w))
    session.run(tf.global_variables_initializer())
    for _ in range(10):
        session.run(train)
    before = resident()
    for _ in range(200):
        session.run(train)
    gc.collect()
    assert resident() - before < 200e6


def test_the_session_keeps_nothing_that_was_fetched_or_fed(tf, session):
    v = initialized(tf, session, np.zeros([64, 64], np.float32))
    p = tf.placeholder(tf.float32, [64, 64])
    fed = np.ones([64, 64], np.float32)
    fetched = session.run([v, v + p, v.assign_add(p)], {p: fed})
    kept = [weakref.ref(array) for array in (fed, *fetched)]
    del fed, fetched
    gc.collect()
    assert [reference() for reference in kept] == [None] * 4
