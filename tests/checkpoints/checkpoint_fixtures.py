"""Checkpoints that TensorFlow and evergraph both write, to be read by the other one.

Each function saves something under a prefix, and returns what is to be found there, by name.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np

Contents = dict[str, Any]
#: Writes a checkpoint with an API, in a session on its default graph.
Fixture = Callable[[Any, Any, str], Contents]


def raw(tf: Any, session: Any, prefix: str, tensors: Contents, dtypes: Any = None) -> Contents:
    """Save arrays by the node alone."""
    names = sorted(tensors)
    given = [tf.constant(tensors[n], (dtypes or {}).get(n)) for n in names]
    session.run(
        tf.raw_ops.SaveV2(
            prefix=prefix, tensor_names=names, shape_and_slices=[""] * len(names), tensors=given
        )
    )
    return tensors


def numbers(tf: Any, session: Any, prefix: str) -> Contents:
    integers = [f"{sign}int{bits}" for bits in (8, 16, 32, 64) for sign in ("", "u")]
    kinds = ["bool", *integers, "float16", "float32", "float64", "complex64", "complex128"]
    tensors = {k: np.array([[0, 1, 100], [3, 4, 5]]).astype(k) for k in kinds}
    return raw(tf, session, prefix, tensors)


def small_floats(tf: Any, session: Any, prefix: str) -> Contents:
    values = np.array([0.0, 1.5, -2.0, np.inf, np.nan])
    kinds = (ml_dtypes.bfloat16, ml_dtypes.float8_e5m2, ml_dtypes.float8_e4m3fn)
    return raw(tf, session, prefix, {np.dtype(k).name: values.astype(k) for k in kinds})


def special_numbers(tf: Any, session: Any, prefix: str) -> Contents:
    values = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-45, np.finfo("f4").max], np.float32)
    return raw(tf, session, prefix, {"values": values, "limits": np.array([-(2**63), 2**63 - 1])})


def strings(tf: Any, session: Any, prefix: str) -> Contents:
    texts = np.array([[b"", b"\x00\xff"], [b"long" * 200, "é".encode()]], object)
    one = np.array(b"one", object)
    return raw(tf, session, prefix, {"texts": texts, "one": one, "none": np.zeros(0, object)})


def shapes(tf: Any, session: Any, prefix: str) -> Contents:
    shapes = [(), (1,), (0,), (0, 3), (3, 0), (1, 1, 1), (2, 3, 4, 5), (1, 2, 1, 2, 1, 2)]
    tensors = {
        f"shape_{i}": np.arange(np.prod(s), dtype=np.int32).reshape(s) for i, s in enumerate(shapes)
    }
    return raw(tf, session, prefix, tensors)


def names(tf: Any, session: Any, prefix: str) -> Contents:
    """Names of any characters, one within another, and so long that blocks of the index end."""
    odd = ["a", "a/b", "ab", "é", " ", "x:0", "%20", "\x01", "\x7f", "long" * 100, "~"]
    return raw(tf, session, prefix, {n: np.float32(i) for i, n in enumerate(odd)})


def many(tf: Any, session: Any, prefix: str) -> Contents:
    """As many as an index has several blocks for."""
    value = tf.constant(3, tf.int16)
    names = [f"some/scope/with/a/long/name/{i % 7}/variable_{i}" for i in range(6000)]
    names.sort()
    session.run(
        tf.raw_ops.SaveV2(
            prefix=prefix,
            tensor_names=names,
            shape_and_slices=[""] * len(names),
            tensors=[value] * len(names),
        )
    )
    return dict.fromkeys(names, np.int16(3))


def large(tf: Any, session: Any, prefix: str) -> Contents:
    """Longer than what is checked at once."""
    value = np.tile(np.arange(1000, dtype=np.float32), 1200)
    return raw(tf, session, prefix, {"large": value, "behind": np.array([b"x" * 70000], object)})


def in_pieces(tf: Any, session: Any, prefix: str) -> Contents:
    """A matrix in four pieces, of which some have numbers for what is whole."""
    whole = np.arange(24, dtype=np.float64).reshape(4, 6)
    specs = ["4 6 0,2:0,3", "4 6 0,2:3,3", "4 6 2,1:-", "4 6 3,1:0,6"]
    pieces = [whole[:2, :3], whole[:2, 3:], whole[2:3], whole[3:]]
    session.run(
        tf.raw_ops.SaveV2(
            prefix=prefix,
            tensor_names=["whole"] * 4,
            shape_and_slices=specs,
            tensors=[tf.constant(p) for p in pieces],
        )
    )
    return {"whole": whole}


def far_pieces(tf: Any, session: Any, prefix: str) -> Contents:
    """Pieces whose bounds take one, two and three bytes, and their names escapes."""
    whole = np.arange(20000, dtype=np.int32)
    bounds = [0, 63, 64, 8191, 8192, 20000]
    specs = [f"20000 {a},{b - a}" for a, b in itertools.pairwise(bounds)]
    pieces = [whole[a:b] for a, b in itertools.pairwise(bounds)]
    session.run(
        tf.raw_ops.SaveV2(
            prefix=prefix,
            tensor_names=["p/é~"] * len(specs),
            shape_and_slices=specs,
            tensors=[tf.constant(p) for p in pieces],
        )
    )
    return {"p/é~": whole}


# By savers

W = np.arange(6, dtype=np.float32).reshape(2, 3)


def variables(tf: Any, **more: Any) -> Contents:
    tf.get_variable("net/w", initializer=W, **more)
    tf.get_variable("net/b", initializer=np.array([1, 2], np.int64), **more)
    tf.get_variable("flag", initializer=True, **more)
    return {"net/w": W, "net/b": np.array([1, 2], np.int64), "flag": np.array(True)}


def saved(tf: Any, session: Any, prefix: str, **arguments: Any) -> None:
    session.run(tf.global_variables_initializer())
    saver = tf.train.Saver(**arguments)
    saver.save(session, prefix, write_state=False, write_meta_graph=False)


def references(tf: Any, session: Any, prefix: str) -> Contents:
    found = variables(tf, use_resource=False)
    saved(tf, session, prefix)
    return found


def resources(tf: Any, session: Any, prefix: str) -> Contents:
    found = variables(tf, use_resource=True)
    saved(tf, session, prefix)
    return found


def renamed(tf: Any, session: Any, prefix: str) -> Contents:
    variables(tf)
    w = tf.global_variables()[0]
    saved(tf, session, prefix, var_list={"other name": w})
    return {"other name": W}


def slots(tf: Any, session: Any, prefix: str) -> Contents:
    w = tf.get_variable("w", initializer=W)
    step = tf.train.get_or_create_global_step()
    train = tf.train.AdamOptimizer(0.5).minimize(tf.reduce_sum(w * 2.0), global_step=step)
    session.run(tf.global_variables_initializer())
    session.run(train)
    tf.train.Saver().save(session, prefix, write_state=False, write_meta_graph=False)
    names = [v.op.name for v in tf.global_variables()]
    return dict(zip(names, session.run(tf.global_variables()), strict=True))


def partitioned(tf: Any, session: Any, prefix: str, axis: int = 0, **arguments: Any) -> Contents:
    whole = np.arange(35, dtype=np.float32).reshape(7, 5)

    def part(shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        at = tuple(
            slice(o, o + int(s)) for o, s in zip(partition_info.var_offset, shape, strict=True)
        )
        return tf.constant(whole[at])

    partitioner = tf.fixed_size_partitioner(3, axis)
    tf.get_variable("p", [7, 5], initializer=part, partitioner=partitioner)
    found = variables(tf)
    saved(tf, session, prefix, **arguments)
    return {"p": whole, **found}


def columns(tf: Any, session: Any, prefix: str) -> Contents:
    return partitioned(tf, session, prefix, axis=1)


def sharded(tf: Any, session: Any, prefix: str) -> Contents:
    with tf.device("/cpu:0"):
        tf.get_variable("a", initializer=W)
        tf.get_variable("c", initializer=["x", "yz"])
    tf.get_variable("b", initializer=W + 1)
    saved(tf, session, prefix, sharded=True)
    return {"a": W, "b": W + 1, "c": np.array([b"x", b"yz"], object)}


def sharded_parts(tf: Any, session: Any, prefix: str) -> Contents:
    """A variable whose parts are in several files."""
    whole = np.arange(12, dtype=np.float32).reshape(6, 2)
    for i in range(3):
        with tf.device("/cpu:0" if i % 2 == 0 else None):
            v = tf.get_variable(f"p_{i}", initializer=whole[2 * i : 2 * i + 2])
        v._set_save_slice_info(tf.Variable.SaveSliceInfo("p", [6, 2], [2 * i, 0], [2, 2]))
    saved(tf, session, prefix, sharded=True)
    return {"p": whole}


def zeros(tf: Any, session: Any, prefix: str) -> Contents:
    """What compresses well, should anything be compressed."""
    return raw(tf, session, prefix, {"zeros": np.zeros(50000, np.float32)})


# The first version


def first(tf: Any, session: Any, prefix: str) -> Contents:
    found = variables(tf)
    saved(tf, session, prefix, write_version=tf.train.SaverDef.V1)
    return found


def first_partitioned(tf: Any, session: Any, prefix: str) -> Contents:
    return partitioned(tf, session, prefix, write_version=tf.train.SaverDef.V1)


def first_large(tf: Any, session: Any, prefix: str) -> Contents:
    """What snappy makes smaller, by copies near and far."""
    rng = np.random.default_rng(3)
    piece = rng.integers(0, 255, 3000).astype(np.int32)
    value = np.concatenate([piece, np.zeros(20000, np.int32), piece, piece[::-1]])
    tf.get_variable("large", initializer=value)
    tf.get_variable("texts", initializer=["x" * 5000, "", "yz"])
    saved(tf, session, prefix, write_version=tf.train.SaverDef.V1)
    return {"large": value, "texts": np.array([b"x" * 5000, b"", b"yz"], object)}


FIXTURES: dict[str, Fixture] = {
    f.__name__: f
    for f in (
        numbers,
        small_floats,
        special_numbers,
        strings,
        shapes,
        names,
        many,
        large,
        in_pieces,
        far_pieces,
        references,
        resources,
        renamed,
        slots,
        partitioned,
        columns,
        sharded,
        sharded_parts,
        zeros,
        first,
        first_partitioned,
        first_large,
    )
}
#: Those of which the bytes may differ: messages of the first version, which is compressed as well.
FIRST = ("first", "first_partitioned", "first_large")


def same(value: Any, wanted: Any) -> bool:
    """Whether a tensor is the wanted one, to the last bit."""
    found, other = np.asarray(value), np.asarray(wanted)
    if other.dtype == object:
        # A scalar of NumPy's is no object.
        return np.asarray(value, object).tolist() == other.tolist()
    return (found.dtype, found.shape, found.tobytes()) == (
        other.dtype,
        other.shape,
        other.tobytes(),
    )
