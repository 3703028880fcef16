"""Short graphs of savers, and of what goes with them; see `snippets.py`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from functools import partial
from typing import Any

Snippet = Callable[[Any], Any]


def definition(saver: Any) -> dict[str, Any]:
    """Return what a SaverDef says, beside the version, whose number both have."""
    message = saver.as_saver_def()
    return {
        "filename": message.filename_tensor_name,
        "save": message.save_tensor_name,
        "restore": message.restore_op_name,
        "most": message.max_to_keep,
        "sharded": message.sharded,
        "hours": message.keep_checkpoint_every_n_hours,
        "version": message.version,
    }


def variables(tf: Any, **more: Any) -> list[Any]:
    return [
        tf.get_variable("w", [2, 3], initializer=tf.zeros_initializer(), **more),
        tf.get_variable("b", [3], tf.int32, initializer=tf.zeros_initializer(), **more),
        tf.get_variable("a/name", [], tf.string, initializer=lambda *_, **__: "x", **more),
    ]


def resource(tf: Any, **more: Any) -> list[Any]:
    return variables(tf, use_resource=True, **more)


def plain(tf: Any, make: Any = variables, **arguments: Any) -> Any:
    make(tf)
    return definition(tf.train.Saver(**arguments))


def named(tf: Any, make: Any = variables) -> Any:
    w, b, a = make(tf)
    return definition(tf.train.Saver({"other/w": w, "b": b, "z": a}, name="mine", max_to_keep=2))


def listed(tf: Any, make: Any = variables) -> Any:
    w, b, a = make(tf)
    return [definition(tf.train.Saver([w, [a, b]])), definition(tf.train.Saver([b]))]


def of_tensors(tf: Any) -> Any:
    w = tf.Variable([1.0], name="w", use_resource=False)
    r = tf.Variable([1.0], name="r", use_resource=True)
    return definition(tf.train.Saver([w._ref(), r._graph_element]))


def in_scope(tf: Any) -> Any:
    variables(tf)
    with tf.name_scope("outer"):
        return definition(tf.train.Saver())


def on_devices(tf: Any) -> Any:
    """Variables on several devices, saved sharded and not."""
    with tf.device("/job:ps/task:0"):
        tf.get_variable("w", [2], use_resource=False)
    with tf.device("/job:ps/task:1/gpu:0"):
        tf.get_variable("r", [2], use_resource=True)
    tf.get_variable("v", [2], use_resource=False)
    return [definition(tf.train.Saver(sharded=True)), definition(tf.train.Saver())]


def partitioned(tf: Any, **more: Any) -> Any:
    whole = tf.get_variable(
        "p",
        [5, 2],
        initializer=tf.zeros_initializer(),
        partitioner=tf.fixed_size_partitioner(2),
        **more,
    )
    tf.get_variable("q", [2], initializer=tf.zeros_initializer(), **more)
    return [definition(tf.train.Saver()), definition(tf.train.Saver({"x": whole}))]


def unknown_shape(tf: Any, **more: Any) -> Any:
    value = tf.placeholder(tf.float32, name="value")
    tf.Variable(value, validate_shape=False, name="v", use_resource=False)
    tf.Variable([[1.0]], name="w", use_resource=False)
    return definition(tf.train.Saver(**more))


def deferred(tf: Any) -> Any:
    saver = tf.train.Saver(defer_build=True)
    variables(tf)
    saver.build()
    saver.build()
    return definition(saver)


def empty(tf: Any) -> Any:
    saver = tf.train.Saver(allow_empty=True)
    return saver.as_saver_def() is None, saver.last_checkpoints


def from_definition(tf: Any) -> Any:
    variables(tf)
    message = tf.train.Saver(max_to_keep=7).as_saver_def()
    with tf.name_scope("s"):
        again = tf.train.Saver.from_proto(message)
    inside = tf.train.Saver.to_proto(again, export_scope="save")
    outside = again.to_proto(export_scope="other")
    return definition(again), inside.save_tensor_name, outside


def one_by_one(tf: Any) -> Any:
    """A saver whose builder reads for each variable."""
    variables(tf)
    return definition(tf.train.Saver(builder=_builder(tf)))


def _builder(tf: Any) -> Any:
    if tf.__name__.startswith("evergraph"):
        from evergraph.v1.training.saver_builders import BaseSaverBuilder
    else:
        from tensorflow.python.training.saver import BaseSaverBuilder
    return BaseSaverBuilder()


def exported(tf: Any, **arguments: Any) -> Any:
    """What a MetaGraphDef has, of a graph of its own."""
    with tf.Graph().as_default():
        return _exported(tf, **arguments)


def _exported(tf: Any, **arguments: Any) -> Any:
    with tf.name_scope("s"):
        w = tf.get_variable("s/w", [2], initializer=tf.zeros_initializer(), use_resource=False)
        y = tf.add(w, 1.0, name="y")
        with tf.device("/gpu:0"):
            z = tf.multiply(y, 2.0, name="z")
    outside = tf.get_variable("out", [2], initializer=tf.zeros_initializer(), trainable=False)
    with tf.name_scope("s"):
        tf.add(z, outside, name="sum")
    tf.train.Saver(name="other")
    saver = tf.train.Saver()
    tf.add_to_collection("numbers", 3)
    tf.add_to_collection("numbers", 4)
    tf.add_to_collection("floats", 0.5)
    tf.add_to_collection("texts", "s/text")
    tf.add_to_collection("tensors", z)
    tf.add_to_collection("tensors", z.op)
    tf.add_to_collection(tf.GraphKeys.SAVERS, saver)
    queue = tf.FIFOQueue(2, tf.float32, shapes=[()], name="s/q")
    tf.train.add_queue_runner(tf.train.QueueRunner(queue, [queue.enqueue(1.0)]))
    message = tf.train.export_meta_graph(saver_def=saver.as_saver_def(), **arguments)
    return told(message)


def told(message: Any) -> Any:
    """Return what a MetaGraphDef says."""
    collections = {}
    for key, value in message.collection_def.items():
        kind = value.WhichOneof("kind")
        items = list(getattr(value, kind).value)
        collections[key] = [kind, [i.hex() if isinstance(i, bytes) else i for i in items]]
    nodes = [
        [n.name, n.op, list(n.input), n.device, sorted(set(n.attr) - {"_output_shapes"})]
        for n in message.graph_def.node
    ]
    private = "_has_manual_control_dependencies"
    nodes = [[*n[:4], [a for a in n[4] if a != private]] for n in nodes]
    return [
        nodes,
        collections,
        message.saver_def.save_tensor_name,
        message.meta_info_def.stripped_default_attrs,
        [op.name for op in message.meta_info_def.stripped_op_list.op],
    ]


def again(tf: Any, export: dict[str, Any], **arguments: Any) -> Any:
    """A graph that is exported from another one, imported and exported again."""
    with tf.Graph().as_default():
        with tf.variable_scope("s"):
            w = tf.get_variable("w", [2], initializer=tf.zeros_initializer(), use_resource=False)
            r = tf.get_variable("r", [2], initializer=tf.zeros_initializer(), use_resource=True)
            with tf.device("/cpu:0"):
                tf.add_to_collection("result", tf.add(w, r, name="y"))
            tf.get_variable("steps", [], tf.int64, trainable=False)
            tf.add_to_collection("numbers", 3)
        saver = tf.train.Saver()
        message = tf.train.export_meta_graph(saver_def=saver.as_saver_def(), **export)
    saver = tf.train.import_meta_graph(message, **arguments)
    names = {
        k: [str(getattr(v, "name", v)) for v in tf.get_collection(k)]
        for k in message.collection_def
    }
    kinds = [type(v).__name__ for v in tf.global_variables()]
    return definition(saver), names, kinds, [v.trainable for v in tf.global_variables()]


def unbound(tf: Any) -> Any:
    """A scope that takes tensors from outside."""
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [2], name="x")
        with tf.name_scope("s"):
            tf.add(x, 1.0, name="y")
        message = tf.train.export_meta_graph(export_scope="s")
    told_here = told(message)
    outer = tf.placeholder(tf.float32, [2], name="outer")
    saver = tf.train.import_meta_graph(
        message, import_scope="new", input_map={"$unbound_inputs_x": outer}
    )
    return told_here, saver is None


def checkpoint(tf: Any, folder: str) -> str:
    """Save a few variables."""
    with tf.Graph().as_default(), tf.Session() as session:
        tf.get_variable("old/w", initializer=[1.0, 2.0])
        tf.get_variable("old/deep/b", initializer=3.0)
        tf.get_variable("w", initializer=[1.0, 2.0])
        tf.get_variable("deep/b", initializer=3.0)
        tf.get_variable("top", initializer=[[1.0], [2.0], [3.0]])
        session.run(tf.global_variables_initializer())
        return tf.train.Saver().save(session, os.path.join(folder, "m"), write_state=True)


def initialized(tf: Any, assign: Callable[[Any], Any], **more: Any) -> Any:
    """The nodes of `init_from_checkpoint`, in a graph of their own: a path is among them."""
    with tempfile.TemporaryDirectory() as folder, tf.Graph().as_default():
        path = checkpoint(tf, folder)
        with tf.variable_scope("new"):
            tf.get_variable("w", [2], **more)
            tf.get_variable("deep/b", [], **more)
            tf.get_variable("top", [3, 1], partitioner=tf.fixed_size_partitioner(2), **more)
        graph = tf.get_default_graph()
        before = len(graph.get_operations())
        try:
            tf.train.init_from_checkpoint(path, assign(tf))
        except ValueError as error:
            raise ValueError(str(error).replace(path, "PATH")) from error
        made = graph.get_operations()[before:]
        return (
            [[o.name, o.type, o.device, [i.name for i in o.inputs]] for o in made],
            [[v.name, v.initializer.name, v.initial_value.name] for v in tf.global_variables()],
        )


SNIPPETS: dict[str, Snippet] = {
    "saver: references": plain,
    "saver: resources": lambda tf: plain(tf, resource),
    "saver: by name": named,
    "saver: resources by name": lambda tf: named(tf, resource),
    "saver: lists": listed,
    "saver: resources listed": lambda tf: listed(tf, resource),
    "saver: tensors": of_tensors,
    "saver: scope": in_scope,
    "saver: reshape": lambda tf: plain(tf, reshape=True),
    "saver: resources reshape": lambda tf: plain(tf, resource, reshape=True),
    "saver: sequentially": lambda tf: plain(tf, restore_sequentially=True),
    "saver: sharded": lambda tf: plain(tf, sharded=True),
    "saver: sharded resources": lambda tf: plain(tf, resource, sharded=True, max_to_keep=None),
    "saver: devices": on_devices,
    "saver: partitioned": partitioned,
    "saver: partitioned resources": lambda tf: partitioned(tf, use_resource=True),
    "saver: unknown shape": unknown_shape,
    "saver: unknown shape reshape": lambda tf: unknown_shape(tf, reshape=True),
    "saver: filename": lambda tf: plain(tf, filename="here/m"),
    "saver: first version": lambda tf: plain(tf, write_version=tf.train.SaverDef.V1),
    "saver: first version sharded": lambda tf: plain(
        tf, write_version=tf.train.SaverDef.V1, sharded=True
    ),
    "saver: hours": lambda tf: plain(tf, keep_checkpoint_every_n_hours=0.5),
    "saver: deferred": deferred,
    "saver: empty": empty,
    "saver: definition": from_definition,
    "saver: one by one": one_by_one,
    "meta graph: all": exported,
    "meta graph: scope": lambda tf: exported(tf, export_scope="s"),
    "meta graph: devices": lambda tf: exported(tf, clear_devices=True),
    "meta graph: savers": lambda tf: exported(tf, clear_extraneous_savers=True),
    "meta graph: defaults": lambda tf: exported(tf, strip_default_attrs=True),
    "meta graph: collections": lambda tf: exported(tf, collection_list=["numbers", "variables"]),
    "meta graph: imported": lambda tf: again(tf, {}),
    "meta graph: imported in scope": lambda tf: again(tf, {}, import_scope="new"),
    "meta graph: devices cleared": lambda tf: again(tf, {}, clear_devices=True),
    "meta graph: unbound": unbound,
}

#: What `init_from_checkpoint` is given.
MAPS: dict[str, Callable[[Any], Any]] = {
    "by name": lambda tf: {"old/w": "new/w", "old/deep/b": "new/deep/b"},
    "by variable": lambda tf: {"old/w": tf.global_variables()[0]},
    "by scope": lambda tf: [("old/deep/", "new/deep/")],
    "root": lambda tf: {"/": "new/"},
    "parts": lambda tf: {"top": "new/top"},
    "list of parts": lambda tf: {"top": tf.global_variables()[2:]},
    "twice": lambda tf: [("old/deep/b", "new/deep/b"), ("old/deep/b", "new/deep/b")],
}
#: Those that are errors.
WRONG_MAPS: dict[str, Callable[[Any], Any]] = {
    "no tensor": lambda tf: {"none": "new/w"},
    "shape": lambda tf: {"old/w": "new/deep/b"},
    "no variable": lambda tf: {"old/w": "new/none"},
    "no tensor in scope": lambda tf: {"old/deep/": "new/"},
}
for _kind in (False, True):
    for _name, _map in MAPS.items():
        SNIPPETS[f"initial checkpoint: {_name}{' resource' if _kind else ''}"] = partial(
            initialized, assign=_map, use_resource=_kind
        )

ERRORS: dict[str, Snippet] = {
    "saver without variables": lambda tf: tf.train.Saver(),
    "saver of nothing": lambda tf: tf.train.Saver([]),
    "saver of a number": lambda tf: tf.train.Saver(3),
    "saver of a constant": lambda tf: tf.train.Saver([tf.constant(1.0, name="c")]),
    "saver of a constant by name": lambda tf: tf.train.Saver({"x": tf.constant(1.0, name="c")}),
    "saver twice": lambda tf: tf.train.Saver([tf.Variable(1.0, name="v")] * 2),
    "saver of two names": lambda tf: tf.train.Saver(dict.fromkeys("xy", tf.Variable(1.0))),
    "saver of numbers for names": lambda tf: tf.train.Saver({1: tf.Variable(1.0)}),
    "saver of no slices": lambda tf: tf.train.Saver({"x": [tf.Variable(1.0, name="v")]}),
    "saver of no variables": lambda tf: tf.train.Saver({"x": [1]}),
    "saver deferred with variables": lambda tf: tf.train.Saver([1], defer_build=True),
    "saver of another thing": lambda tf: tf.train.Saver(saver_def="x"),
    "saver of an empty definition": lambda tf: tf.train.Saver(saver_def=tf.train.SaverDef()),
    "saver set_last_checkpoints": lambda tf: tf.train.Saver(
        [tf.Variable(1.0)]
    ).set_last_checkpoints(("a",)),
    "import_meta_graph missing": lambda tf: tf.train.import_meta_graph("/no/such/file"),
    "export_meta_graph saver": lambda tf: tf.train.export_meta_graph(saver_def="x"),
    "export_meta_graph info": lambda tf: tf.train.export_meta_graph(meta_info_def="x"),
    "generate_checkpoint_state_proto": lambda tf: tf.train.generate_checkpoint_state_proto(
        "/d", "/d/b", ["/d/a"], [1.0]
    ),
    "update_checkpoint_state": lambda tf: tf.train.update_checkpoint_state(
        tempfile.gettempdir(), os.path.join(tempfile.gettempdir(), "checkpoint")
    ),
    "load_checkpoint": lambda tf: tf.train.load_checkpoint("/no/such/checkpoint"),
    "list_variables": lambda tf: tf.train.list_variables("/proc"),
    "init_from_checkpoint": lambda tf: tf.train.init_from_checkpoint("/no/such/one", {"a": "b"}),
}
for _name, _map in WRONG_MAPS.items():
    ERRORS[f"init_from_checkpoint {_name}"] = partial(initialized, assign=_map)
