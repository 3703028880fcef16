"""Default arguments, variables, hyperparameters, metrics and the rest of tf.contrib."""

from __future__ import annotations

import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import evergraph.v1 as tf
from evergraph.scripts.table import ADVICE
from evergraph.v1.contrib.advice import ADVICE as OF_CONTRIB

framework, layers, slim = tf.contrib.framework, tf.contrib.layers, tf.contrib.slim
HParams = tf.contrib.training.HParams


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def run(*fetches, feeds=None):
    with tf.Session() as session:
        session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
        return [session.run(fetch, feeds) for fetch in fetches]


# Names


def test_nothing_of_contrib_is_imported_before_it_is_asked_for():
    code = (
        "import sys, evergraph.v1 as tf\n"
        "tf.contrib\n"
        "print(sorted(n for n in sys.modules if n.startswith('evergraph.v1.contrib.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['evergraph.v1.contrib.advice']\n"


@pytest.mark.parametrize("name", tf.contrib.__all__)
def test_every_name_of_a_namespace_is_there(name):
    namespace = getattr(tf.contrib, name)
    assert namespace.__all__
    for public in namespace.__all__:
        assert getattr(namespace, public) is not None


@pytest.mark.parametrize(
    ("namespace", "name", "message"),
    [
        (tf.contrib, "tpu", "evergraph has no tf.contrib.tpu: tf.Session runs on TPUs"),
        (tf.contrib, "nccl", "evergraph has no tf.contrib.nccl: add the values"),
        (tf.contrib.slim, "nets", "has no tf.contrib.slim.nets: the networks are in"),
        (tf.contrib.learn, "Estimator", "tf.train.MonitoredTrainingSession"),
        (tf.contrib.layers, "convv2d", "Did you mean conv2d"),
        (tf.contrib.rnn, "NASCel", "a subclass of RNNCell. Did you mean NASCell"),
    ],
)
def test_what_is_left_out_says_what_to_use(namespace, name, message):
    with pytest.raises(AttributeError, match=message):
        getattr(namespace, name)


def test_scripts_are_advised_alike():
    assert {f"contrib.{name}": text for name, text in OF_CONTRIB.items()}.items() <= ADVICE.items()


# Default arguments


@framework.add_arg_scope
def function(a, b=1, *, c=2):
    """Say so."""
    return a, b, c


def test_a_scope_gives_arguments_and_calls_come_first():
    with framework.arg_scope([function], b=5, c=6) as outer:
        with framework.arg_scope([function], c=7):
            assert function(0) == (0, 5, 7)
            assert function(0, c=8) == (0, 5, 8)
        assert function(0) == (0, 5, 6)
    assert function(0) == (0, 1, 2)
    with framework.arg_scope(outer):
        assert function(0) == (0, 5, 6)
    assert function.__doc__ == "Say so."
    assert framework.has_arg_scope(function)
    assert framework.arg_scoped_arguments(function) == ("b", "c")


def test_a_scope_is_left_when_an_error_leaves_it():
    with pytest.raises(RuntimeError), framework.arg_scope([function], b=5):
        raise RuntimeError
    assert function(0) == (0, 1, 2)


def test_scopes_refuse_what_they_cannot_give_arguments_to():
    for wrong, error, message in (
        ([len], ValueError, "len is not decorated with @add_arg_scope"),
        (function, TypeError, "must either be a list/tuple"),
    ):
        with pytest.raises(error, match=message), framework.arg_scope(wrong, b=1):
            pass
    with pytest.raises(ValueError, match="no further arguments"), framework.arg_scope({}, b=1):
        pass


# Variables


def test_variables_are_found_by_scope_and_suffix():
    with tf.variable_scope("a"):
        first = framework.model_variable("w", [2])
        second = framework.variable("ww", [2])
    third = framework.local_variable(0.0, name="a/w")
    assert slim.get_variables("a") == [first, second]
    assert slim.get_variables_by_suffix("ww", "a") == [second]
    assert slim.get_variables_by_name("w") == [first]
    assert slim.get_model_variables() == [first]
    assert slim.get_local_variables("a") == [third]
    assert slim.get_trainable_variables() == [first, second]
    assert slim.get_unique_variable("a/ww") is second
    assert slim.get_variables_to_restore(exclude=["a/ww"]) == [first]
    assert slim.filter_variables([first, second], ["w"], ["ww"]) == [first]
    with pytest.raises(ValueError, match="Couldn't find variable b"):
        slim.get_unique_variable("b")
    with pytest.raises(TypeError, match="include is provided but is not a list"):
        slim.get_variables_to_restore("a")


def test_variables_are_set_from_values_and_checkpoints(tmp_path):
    first = tf.get_variable("first", [2, 2])
    second = tf.get_variable("second", [3])
    path = str(tmp_path / "model.ckpt")
    with tf.Session() as session:
        slim.assign_from_values_fn({"first": np.eye(2), "second": [1, 2, 3]})(session)
        tf.train.Saver().save(session, path)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        slim.assign_from_checkpoint_fn(path, {"second": second})(session)
        operation, feeds = slim.assign_from_checkpoint(path, {"first": first})
        session.run(operation, feeds)
        assert session.run(first).tolist() == np.eye(2).tolist()
        assert session.run(second).tolist() == [1, 2, 3]
    missing = {"other": second}
    with pytest.raises(ValueError, match=r"missing variable \[other\]"):
        slim.assign_from_checkpoint(path, missing)
    assert slim.assign_from_checkpoint_fn(path, missing, ignore_missing_vars=True) is None
    with pytest.raises(ValueError, match="var_list cannot be empty"):
        slim.assign_from_checkpoint_fn(path, [])


def test_the_numbers_of_variables_are_counted(capsys):
    tf.get_variable("w", [3, 4])
    found = slim.model_analyzer.analyze_vars(tf.global_variables(), print_info=True)
    assert found == (12, 48)
    assert "w:0 (float32 3x4) [12, bytes: 48]" in capsys.readouterr().out


# Layers beside those that are recorded


def test_embeddings_of_sequences_are_looked_up():
    ids = np.array([[1, 0], [2, 2]])
    plain = layers.embed_sequence(ids, 3, 4, scope="e")
    unique = layers.embed_sequence(ids, 3, 4, unique=True, scope="e", reuse=True)
    table, *found = run([tf.global_variables()[0], plain, unique])[0]
    for rows in found:
        assert rows.tolist() == table[ids].tolist()
    with pytest.raises(ValueError, match="Must specify vocab size"):
        layers.embed_sequence(ids)


def test_a_gradient_is_scaled():
    x = tf.constant([1.0, 2.0])
    y = tf.reduce_sum(tf.square(layers.scale_gradient(x, 0.5)))
    assert run(tf.gradients(y, x)[0])[0].tolist() == [1.0, 2.0]


def test_collected_outputs_have_names():
    layers.conv2d(tf.zeros([1, 4, 4, 1]), 2, 3, scope="c", outputs_collections="ends")
    assert list(layers.utils.convert_collection_to_dict("ends")) == ["c"]


WRONG = [
    (lambda: layers.fully_connected(tf.zeros([2, 3]), 2.5), ValueError, "num_outputs type"),
    (lambda: layers.conv2d(tf.zeros([2, 3, 4]), 2, 3), ValueError, "rank 4, got 3"),
    (lambda: layers.conv2d(tf.zeros([1, 4, 4, 1]), 2, 3, data_format="X"), ValueError, "'X'"),
    (lambda: layers.max_pool2d(tf.zeros([1, 4, 4, 1]), 2, data_format="X"), ValueError, "NHWC"),
    (lambda: layers.layer_norm(tf.placeholder(tf.float32)), ValueError, "undefined rank"),
    (lambda: layers.batch_norm(tf.placeholder(tf.float32, [2, None])), ValueError, "channels"),
    (lambda: layers.l2_regularizer(1), ValueError, "cannot be an integer"),
    (lambda: layers.l1_regularizer(-0.5), ValueError, "less than 0"),
    (lambda: layers.variance_scaling_initializer(mode="IN"), TypeError, "Unknown mode IN"),
    (lambda: layers.xavier_initializer(dtype=tf.int32), TypeError, "non-floating"),
    (lambda: layers.unit_norm(tf.zeros([2]), 1), ValueError, "smaller than the input rank"),
    (lambda: layers.apply_regularization(tf.nn.l2_loss), ValueError, "No weights"),
    (
        lambda: layers.optimize_loss(tf.constant(1.0), None, 0.1, "Best"),
        ValueError,
        "Optimizer name should be one of",
    ),
    (
        lambda: layers.optimize_loss(tf.constant(1.0), None, 1, "SGD"),
        ValueError,
        "Learning rate should be",
    ),
]


@pytest.mark.parametrize(
    ("build", "error", "message"), WRONG, ids=[message for _, _, message in WRONG]
)
def test_wrong_arguments_are_refused(build, error, message):
    with pytest.raises(error, match=message):
        build()


# Training


def test_slim_trains_and_goes_on_where_it_was(tmp_path, graph):
    folder = str(tmp_path)

    def trained(steps):
        with tf.Graph().as_default():
            w = tf.get_variable("w", initializer=1.0)
            loss = tf.square(w)
            train = slim.learning.create_train_op(loss, tf.train.GradientDescentOptimizer(0.25))
            tf.summary.scalar("loss", loss)
            return slim.learning.train(train, folder, number_of_steps=steps)

    assert [trained(2), trained(3)] == [0.25, 0.0625]
    assert tf.train.latest_checkpoint(folder).endswith("model.ckpt-3")
    with pytest.raises(ValueError, match="train_op cannot be None"):
        slim.learning.train(None, folder)


def test_a_loss_that_is_no_number_is_an_error():
    w = tf.get_variable("w", initializer=0.0)
    train = slim.learning.create_train_op(tf.log(w), tf.train.GradientDescentOptimizer(0.1))
    with pytest.raises(tf.errors.InvalidArgumentError, match="LossTensor is inf or nan"):
        run(train)


def test_a_checkpoint_is_evaluated(tmp_path):
    w = tf.get_variable("w", initializer=3.0)
    path = str(tmp_path / "model.ckpt")
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, path)
    value, update = tf.metrics.mean(w * [1.0, 3.0])
    found = slim.evaluation.evaluate_once(
        "", path, str(tmp_path / "logs"), num_evals=2, eval_op=update, final_op=value,
        variables_to_restore=[w],
    )  # fmt: skip
    assert found == 6.0


@pytest.mark.parametrize("name", ["AdamWOptimizer", "MomentumWOptimizer"])
def test_weights_decay_beside_the_gradient(name):
    optimizer = getattr(tf.contrib.opt, name)
    plain = {"AdamWOptimizer": "AdamOptimizer", "MomentumWOptimizer": "MomentumOptimizer"}[name]
    more = {} if name == "AdamWOptimizer" else {"momentum": 0.5}
    a, b, c = (tf.Variable(2.0) for _ in range(3))
    ours = optimizer(0.25, learning_rate=0.1, **more)
    steps = [
        ours.minimize(3 * a + 3 * c, var_list=[a, c], decay_var_list=[a]),
        getattr(tf.train, plain)(learning_rate=0.1, **more).minimize(3 * b, var_list=[b]),
    ]
    _, values = run(steps, [a, b, c])
    np.testing.assert_allclose(values[0], values[1] - 0.5, rtol=1e-5)
    np.testing.assert_allclose(values[2], values[1], rtol=1e-5)


def test_any_optimizer_can_have_weight_decay():
    kind = tf.contrib.opt.extend_with_decoupled_weight_decay(tf.train.GradientDescentOptimizer)
    w = tf.Variable(2.0)
    _, value = run(kind(0.25, learning_rate=0.5).minimize(w), w)
    assert value == 2.0 - 0.5 - 0.5


def descend(function, x0, method, jac, callback, bounds=None, **options):
    """Stand for `scipy.optimize.minimize`: a few steps down the gradient."""
    assert (method, jac) == ("L-BFGS-B", True)
    for _ in range(options["options"]["maxiter"]):
        _, gradient = function(x0)
        x0 = x0 - 0.25 * gradient
        if bounds is not None:
            x0 = np.clip(x0, *np.transpose(bounds))
        if callback is not None:
            callback(x0)
    return types.SimpleNamespace(x=x0, fun=0.0, nit=1, nfev=1, message="done")


def test_scipy_minimizes_a_loss(monkeypatch):
    optimize = types.ModuleType("scipy.optimize")
    optimize.minimize = descend
    monkeypatch.setitem(sys.modules, "scipy", types.ModuleType("scipy"))
    monkeypatch.setitem(sys.modules, "scipy.optimize", optimize)
    a, b = tf.Variable([4.0, 6.0]), tf.Variable(8.0)
    loss = tf.reduce_sum(tf.square(a - 1.0)) + tf.square(b)
    steps, losses = [], []
    optimizer = tf.contrib.opt.ScipyOptimizerInterface(
        loss, var_to_bounds={b: (3.0, 9.0)}, options={"maxiter": 20}
    )
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        optimizer.minimize(
            session, fetches=[loss], step_callback=steps.append, loss_callback=losses.append
        )
        found = session.run([a, b])
    np.testing.assert_allclose(found[0], [1, 1], atol=1e-4)
    assert found[1] == 3.0
    assert len(steps) == len(losses) == 20


def test_without_scipy_it_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    w = tf.Variable(1.0)
    optimizer = tf.contrib.opt.ScipyOptimizerInterface(tf.square(w))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        with pytest.raises(ImportError, match="pip install scipy"):
            optimizer.minimize(session)
        assert session.run(w) == 1.0


# Hyperparameters


def test_hyperparameters_are_attributes_of_a_type():
    hparams = HParams(rate=0.1, layers=[1, 2], name="a", on=True, count=3)
    assert (hparams.rate, hparams.layers, hparams.get("count")) == (0.1, [1, 2], 3)
    assert "rate" in hparams
    assert hparams.values()["name"] == "a"
    hparams.set_hparam("rate", 1)
    assert isinstance(hparams.rate, float)
    hparams.add_hparam("more", "x")
    hparams.del_hparam("more")
    assert "more" not in hparams
    assert hparams.get("more", 5) == 5
    assert HParams(**hparams.values()).to_json() == hparams.to_json()
    assert HParams(a=1).parse_json('{"a": 2}').a == 2
    assert HParams(a=1).override_from_dict({"a": 2}).a == 2


def test_hyperparameters_are_parsed():
    hparams = HParams(rate=0.1, sizes=[1, 2], name="a", on=True, none=None)
    assert hparams.parse("rate=2,sizes=[3, 4,5],name=b.c,on=false") is hparams
    assert hparams.values() == {
        "rate": 2.0,
        "sizes": [3, 4, 5],
        "name": "b.c",
        "on": False,
        "none": None,
    }
    assert hparams.parse("sizes[1]=9").sizes == [3, 9, 5]


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("parse", ("rate=x",)),
        ("parse", ("other=1",)),
        ("parse", ("rate",)),
        ("parse", ("rate=1,rate=2",)),
        ("parse", ("sizes[0]=[1]",)),
        ("parse", ("on=maybe",)),
        ("set_hparam", ("rate", "a")),
        ("set_hparam", ("count", 1.5)),
        ("set_hparam", ("count", True)),
        ("set_hparam", ("rate", [1.0])),
        ("set_hparam", ("sizes", 1)),
        ("add_hparam", ("rate", 1)),
        ("add_hparam", ("parse", 1)),
        ("add_hparam", ("empty", [])),
        ("get", ("rate", "a")),
    ],
    ids=str,
)
def test_hyperparameters_keep_their_names_and_types(method, arguments):
    hparams = HParams(rate=0.1, sizes=[1, 2], on=True, count=1)
    with pytest.raises(ValueError, match=r"arameter|hparam|ssignment|default|as bool"):
        getattr(hparams, method)(*arguments)
    assert hparams.values() == {"rate": 0.1, "sizes": [1, 2], "on": True, "count": 1}


def test_a_hyperparameter_that_is_not_there_cannot_be_set():
    with pytest.raises(KeyError):
        HParams(rate=0.1).set_hparam("other", 1)


# Metrics and distributions

X = np.array([0.5, 2.0, 3.5, 1.0], np.float32)
Y = np.array([1.0, 2.5, 2.0, 0.0], np.float32)


def test_streaming_metrics_take_predictions_first():
    _, update = tf.contrib.metrics.streaming_precision([1, 1, 1, 0], [1, 0, 0, 1])
    assert run(update)[0] == np.float32(1 / 3)
    _, update = tf.contrib.metrics.streaming_accuracy(predictions=[1, 2], labels=[1, 3])
    assert run(update)[0] == 0.5


def test_accuracy_of_a_batch():
    accuracy = tf.contrib.metrics.accuracy
    weights = [1.0, 3.0, 0.0]
    found = run([accuracy([1, 2, 3], [1, 0, 3]), accuracy([1, 2, 3], [1, 0, 3], weights)])[0]
    assert found == [np.float32(2 / 3), 0.25]
    with pytest.raises(ValueError, match="should have bool, string or integer dtype"):
        accuracy([0.5], [0.5])


def test_correlation_and_covariance_are_those_of_all_batches():
    fed = tf.placeholder(tf.float32, [2, None])
    metrics = tf.contrib.metrics
    covariance = metrics.streaming_covariance(fed[0], fed[1])
    correlation = metrics.streaming_pearson_correlation(fed[0], fed[1])
    joined = metrics.streaming_concat(fed[0], max_size=3)
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        for part in (slice(0, 1), slice(1, 4)):
            updates = session.run(
                [covariance[1], correlation[1], joined[1]], {fed: [X[part], Y[part]]}
            )
        found = session.run([covariance[0], correlation[0], joined[0]])
    wanted = [np.cov(X, Y)[0, 1], np.corrcoef(X, Y)[0, 1]]
    np.testing.assert_allclose(found[:2], wanted, rtol=1e-5)
    np.testing.assert_allclose(updates[:2], wanted, rtol=1e-5)
    assert found[2].tolist() == X[:3].tolist()


def test_the_best_f1_score_of_all_thresholds():
    labels = np.array([1, 1, 0, 0, 1], bool)
    scores = np.array([0.9, 0.6, 0.5, 0.1, 0.2], np.float32)
    _, update = tf.contrib.metrics.f1_score(labels, scores)
    # With all but the least: three are right, one is wrong.
    np.testing.assert_allclose(run(update)[0], 2 * 0.75 / 1.75, rtol=1e-5)


def test_normal_vectors_of_independent_elements():
    distributions = tf.contrib.distributions
    loc, scale = np.array([[0.0, 1.0], [2.0, 3.0]], np.float32), np.array([0.5, 2.0], np.float32)
    d = distributions.MultivariateNormalDiag(loc, scale)
    other = distributions.MultivariateNormalDiag(loc + 1, scale * 2)
    x = np.array([0.25, -1.0], np.float32)
    found = run([d.log_prob(x), d.entropy(), d.kl_divergence(other), d.covariance(), d.stddev()])[0]
    z = (x - loc) / scale
    constant = np.log(2 * np.pi) + np.log(scale).sum()
    np.testing.assert_allclose(found[0], -0.5 * (z**2).sum(1) - constant, rtol=1e-5)
    np.testing.assert_allclose(found[1], [1 + constant] * 2, rtol=1e-5)
    kl = (0.25 + (0.5 / scale) ** 2 - 1 + np.log(4)).sum() / 2
    np.testing.assert_allclose(found[2], [kl] * 2, rtol=1e-5)
    assert found[3].shape == (2, 2, 2)
    assert d.event_shape.as_list() == [2]
    assert d.batch_shape.as_list() == [2]
    drawn = run(d.sample(5000, seed=1))[0]
    assert drawn.shape == (5000, 2, 2)
    np.testing.assert_allclose(drawn.std(0), [[0.5, 2.0]] * 2, rtol=0.1)


# Texts


def test_texts_become_rows_of_numbers(tmp_path):
    processor = tf.contrib.learn.preprocessing.VocabularyProcessor(4, min_frequency=1)
    texts = ["a cat and a dog", "a dog"]
    rows = np.array(list(processor.fit_transform(texts)))
    assert rows.tolist() == [[1, 0, 0, 1], [1, 2, 0, 0]]
    assert list(processor.reverse(rows[1:])) == ["a dog <UNK> <UNK>"]
    path = str(tmp_path / "vocabulary")
    processor.save(path)
    again = type(processor).restore(path)
    assert [row.tolist() for row in again.transform(["dog bird"])] == [[2, 0, 0, 0]]
    assert len(again.vocabulary_) == 3
    Path(path).write_bytes(b"\x80\x04K\x01.")
    with pytest.raises(TypeError, match="holds no VocabularyProcessor, but a int"):
        type(processor).restore(path)


# Tables


def test_words_have_indices_and_indices_words():
    lookup = tf.contrib.lookup
    words = tf.constant(["b", "x", "a"])
    found = [
        lookup.index_table_from_tensor(mapping=["a", "b"]).lookup(words),
        lookup.index_table_from_tensor(["a", "b"], num_oov_buckets=1).lookup(words),
        lookup.index_to_string_table_from_tensor(["a", "b"]).lookup(tf.constant([1, 5], tf.int64)),
        lookup.string_to_index(words, ["a", "b"]),
        lookup.index_to_string(tf.constant([0], tf.int64), ["a", "b"]),
        lookup.HashTable(lookup.KeyValueTensorInitializer(["a"], [7]), -1).lookup(words),
    ]
    with tf.Session() as session:
        session.run(tf.tables_initializer())
        values = [value.tolist() for value in session.run(found)]
    assert values == [[1, -1, 0], [1, 2, 0], [b"b", b"UNK"], [1, -1, 0], [b"a"], [-1, -1, 7]]


@pytest.mark.parametrize("name", ["index_table_from_tensor", "index_to_string_table_from_tensor"])
def test_a_table_of_nothing_is_refused(name):
    with pytest.raises(ValueError, match="mapping must be specified"):
        getattr(tf.contrib.lookup, name)(None)
