"""How often a step is compiled, where it is compiled at all."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.api import CONFIG
from evergraph_conformance.threads import in_threads
from evergraph_conformance.variables import OPS

pytestmark = [
    pytest.mark.needs("compiles"),
    pytest.mark.uses(*OPS, "ApplyMomentum", "MatMul", "Square", "Squeeze", "Mean"),
]


@pytest.fixture
def session(tf):
    """An open session on the default graph, and the default session."""
    with tf.Session(config=CONFIG) as opened:
        yield opened


def _regression(tf):
    x, y = tf.placeholder(tf.float32, [None, 2], "x"), tf.placeholder(tf.float32, [None], "y")
    rate = tf.placeholder(tf.float32, [], "rate")
    w = tf.Variable([[0.0], [0.0]], name="w")
    loss = tf.reduce_mean(tf.square(tf.squeeze(tf.matmul(x, w), 1) - y))
    return [x, y, rate], loss, tf.train.MomentumOptimizer(rate, 0.5).minimize(loss)


def _compilations(session, fetches, feeds):
    return sum(session.explain(fetches, feeds).compilations)


def test_a_step_is_compiled_once_for_each_signature_of_its_feeds(tf, session):
    feeds, loss, train = _regression(tf)
    session.run(tf.global_variables_initializer())
    start = _compilations(session, [loss, train], feeds)
    random = np.random.default_rng(0)
    rates = [0.1, np.float32(0.1), np.array(0.1), np.array(0.1, np.float32)]
    for i in range(50):
        x = random.normal(size=(8 if i % 2 else 5, 2))
        fed = [x if i % 3 else x.astype(np.float32), x.sum(1).tolist(), rates[i % 4]]
        session.run([loss, train], dict(zip(feeds, fed, strict=True)))
    assert _compilations(session, [loss, train], feeds) == start + 2


OPTIMIZERS = {
    "Adam": lambda train: train.AdamOptimizer(0.1),
    "Adagrad": lambda train: train.AdagradOptimizer(0.1),
    "Ftrl": lambda train: train.FtrlOptimizer(0.1, l1_regularization_strength=0.01),
    "Momentum": lambda train: train.MomentumOptimizer(0.1, 0.9),
    "RMSProp": lambda train: train.RMSPropOptimizer(0.1),
}


@pytest.mark.parametrize("use_resource", [False, True], ids=["ref", "resource"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_how_many_rows_of_a_table_a_batch_has_does_not_matter(tf, session, name, use_resource):
    words = tf.placeholder(tf.int32, [None])
    table = tf.get_variable(
        "table", initializer=np.linspace(-1, 1, 12).reshape(6, 2), use_resource=use_resource
    )
    picked = tf.nn.embedding_lookup(table, words)
    loss = tf.reduce_sum(tf.square(picked - 0.5))
    train = OPTIMIZERS[name](tf.train).minimize(loss)
    session.run(tf.global_variables_initializer())
    start = _compilations(session, [loss, train], [words])
    batches = ([1, 1, 1, 1], [0, 1, 2, 3], [5, 5, 0, 0], [4, 4, 4, 2])
    for batch in batches:
        session.run([loss, train], {words: batch})
    assert _compilations(session, [loss, train], [words]) == start + 1
    with pytest.raises(Exception, match=r"6"):
        session.run(train, {words: [0, 6, 1, 1]})


def test_a_session_on_an_equal_graph_compiles_nothing_again(tf):
    counts = []
    for _ in range(3):
        with tf.Graph().as_default(), tf.Session(config=CONFIG) as own:
            feeds, loss, train = _regression(tf)
            own.run(tf.global_variables_initializer())
            values = dict(zip(feeds, [np.ones([3, 2]), [1.0, 2.0, 3.0], 0.1], strict=True))
            for _ in range(3):
                own.run([loss, train], values)
            counts.append(_compilations(own, [loss, train], feeds))
    assert counts[0] >= 1
    assert counts == counts[:1] * 3


def test_threads_that_begin_at_once_compile_once(tf, session):
    feeds, loss, _ = _regression(tf)
    session.run(tf.global_variables_initializer())
    values = dict(zip(feeds, [np.ones([11, 2]), np.ones(11), 0.1], strict=True))
    start = _compilations(session, loss, feeds)
    in_threads(lambda _: session.run(loss, values), 4)
    assert _compilations(session, loss, feeds) == start + 1


@pytest.mark.parametrize(
    "part",
    [
        lambda tf, x, i: x[i],
        lambda tf, x, i: x[..., i],
        lambda tf, x, i: x[i, 1:3],
        lambda tf, x, i: tf.slice(x, tf.stack([0, i, 0]), [-1, 2, -1]),
    ],
    ids=["rows", "the last axis", "beside a part", "of a size"],
)
def test_a_place_is_not_compiled_for(tf, session, part):
    x, i = tf.placeholder(tf.float32, [3, 4, 3]), tf.placeholder(tf.int32, [])
    v = tf.Variable(tf.ones([3, 4, 3]))
    y = part(tf, v * x, i)
    fetches = [y, *tf.gradients(y, [v])]
    session.run(v.initializer)
    for at in range(3):
        session.run(fetches, {x: np.ones([3, 4, 3]), i: at})
    assert max(session.explain(fetches, [x, i]).compilations) == 1


def test_a_loop_along_a_tensor_is_compiled_as_a_whole(tf, session):
    x = tf.placeholder(tf.float32, [5, 2])
    _, y = tf.while_loop(
        lambda t, _: t < 5, lambda t, y: (t + 1, y * 0.5 + x[t]), (0, tf.zeros([2]))
    )
    fetches = [y, *tf.gradients(y, x)]
    session.run(fetches, {x: np.ones([5, 2])})
    assert session.explain(fetches, [x]).compilations == [1]
