"""Snippets about examples and other texts that hold values, by name: `tf` is the only argument."""

from __future__ import annotations


def fixed(tf, *shape, default=None, dtype=None):
    return tf.FixedLenFeature(shape, dtype or tf.int64, default)


def rows(tf, *shape, missing=True, default=None):
    return tf.FixedLenSequenceFeature(shape, tf.float32, missing, default)


def all_features(tf):
    return {
        "b": fixed(tf, 2),
        "a": fixed(tf, default=3),
        "x y": fixed(tf, 2, default=[1, 2]),
        "d": tf.VarLenFeature(tf.string),
        "e": rows(tf, 2),
        "f": rows(tf, default=-1.0),
        "g": tf.FixedLenFeature([], tf.string, "none"),
    }


def sparse(tf, index, size, **more):
    return {"a": tf.SparseFeature(index, "v", tf.float32, size, **more)}


SNIPPETS = {
    "parse: example": lambda tf: tf.parse_example(["a"], all_features(tf)),
    "parse: example named": lambda tf: tf.parse_example(
        tf.placeholder(tf.string, [None]), all_features(tf), "parsed", ["p"]
    ),
    "parse: io.parse_example": lambda tf: tf.io.parse_example(
        tf.placeholder(tf.string, [3]), {"a": tf.io.FixedLenFeature([2], tf.string)}
    ),
    "parse: a default tensor": lambda tf: tf.parse_example(
        ["a"], {"a": fixed(tf, 1, default=tf.constant([5], tf.int64))}
    ),
    "parse: results": lambda tf: sorted(
        (k, str(getattr(v, "shape", v.shape)))
        for k, v in tf.parse_example(tf.placeholder(tf.string, [4]), all_features(tf)).items()
    ),
    "parse: sparse feature": lambda tf: tf.parse_example(["a"], sparse(tf, "k", 10)),
    "parse: sparse features": lambda tf: tf.parse_example(["a"], sparse(tf, ["l", "k"], [10, 2])),
    "parse: sparse feature sorted": lambda tf: tf.parse_example(
        ["a"], sparse(tf, "k", 10, already_sorted=True)
    ),
    "parse: single": lambda tf: tf.parse_single_example("a", all_features(tf)),
    "parse: single named": lambda tf: tf.parse_single_example(
        tf.placeholder(tf.string, []), {"a": fixed(tf)}, name="one", example_names="n"
    ),
    "parse: single of unknown rank": lambda tf: tf.parse_single_example(
        tf.placeholder(tf.string), {"a": fixed(tf)}
    ),
    "parse: sequence": lambda tf: tf.parse_single_sequence_example(
        "a",
        {"c": fixed(tf), "d": tf.VarLenFeature(tf.string)},
        {"x": rows(tf, 2), "y": rows(tf, missing=False), "z": tf.VarLenFeature(tf.int64)},
    ),
    "parse: sequence named": lambda tf: tf.parse_single_sequence_example(
        tf.placeholder(tf.string), None, {"x": rows(tf)}, "n", "one"
    ),
    "parse: sequences": lambda tf: tf.io.parse_sequence_example(
        ["a"], {"c": fixed(tf, default=1)}, {"x": rows(tf, 2)}, ["n"]
    ),
    "parse: json": lambda tf: tf.decode_json_example(["{}"], name="json"),
    "parse: feature texts": lambda tf: [
        str(f)
        for f in (
            fixed(tf),
            rows(tf),
            tf.VarLenFeature(tf.int64),
            tf.SparseFeature("k", "v", tf.float32, 3),
        )
    ],
    "sparse: merge": lambda tf: tf.sparse_merge(
        tf.SparseTensor([[0, 0]], [3], [1, 1]), tf.SparseTensor([[0, 0]], ["a"], [1, 1]), 9
    ),
    "sparse: reorder": lambda tf: tf.sparse_reorder(tf.SparseTensor([[0, 0]], [3], [1, 1])),
    "sparse: sparse.reorder": lambda tf: tf.sparse.reorder(
        tf.sparse_placeholder(tf.float32), name="r"
    ),
}

ERRORS = {
    "parse no features": lambda tf: tf.parse_example(["a"], {}),
    "parse None": lambda tf: tf.parse_example(["a"], None),
    "parse single None": lambda tf: tf.parse_single_example("a", None),
    "parse single empty": lambda tf: tf.parse_single_example("a", {}),
    "parse single vector": lambda tf: tf.parse_single_example(["a"], {"a": fixed(tf)}),
    "parse no feature": lambda tf: tf.parse_example(["a"], {"a": tf.float32}),
    "parse no type": lambda tf: tf.parse_example(["a"], {"a": tf.FixedLenFeature([], None)}),
    "parse no sparse type": lambda tf: tf.parse_example(["a"], {"a": tf.VarLenFeature(None)}),
    "parse no shape": lambda tf: tf.parse_example(["a"], {"a": tf.FixedLenFeature(None, tf.int64)}),
    "parse rows as fixed": lambda tf: tf.parse_example(["a"], {"a": fixed(tf, None)}),
    "parse unknown size": lambda tf: tf.parse_example(["a"], {"a": fixed(tf, 2, None)}),
    "parse missing rows": lambda tf: tf.parse_example(["a"], {"a": rows(tf, missing=False)}),
    "parse conflict": lambda tf: tf.parse_example(
        ["a"],
        {"v": tf.VarLenFeature(tf.int64), **sparse(tf, "k", 3)},
    ),
    "parse intersection": lambda tf: tf.parse_example(
        ["a"], {"v": fixed(tf), **sparse(tf, "k", 3)}
    ),
    "parse no index": lambda tf: tf.parse_example(["a"], sparse(tf, "", 3)),
    "parse another default type": lambda tf: tf.parse_example(["a"], {"a": fixed(tf, default="x")}),
    "parse a matrix": lambda tf: tf.parse_example([["a"]], {"a": fixed(tf)}),
    "parse sequence nothing": lambda tf: tf.parse_single_sequence_example("a"),
    "parse sequences nothing": lambda tf: tf.io.parse_sequence_example(["a"]),
    "parse sequence default": lambda tf: tf.parse_single_sequence_example(
        "a", None, {"x": rows(tf, default=1.0)}
    ),
    "parse sequence fixed": lambda tf: tf.parse_single_sequence_example(
        "a", None, {"x": fixed(tf)}
    ),
    "sparse merge sizes": lambda tf: tf.sparse_merge(
        [tf.SparseTensor([[0, 0]], [3], [1, 1])], tf.SparseTensor([[0, 0]], ["a"], [1, 1]), [9, 9]
    ),
    "sparse merge size": lambda tf: tf.sparse_merge(
        tf.SparseTensor([[0, 0]], [3], [1, 1]), tf.SparseTensor([[0, 0]], ["a"], [1, 1]), [9]
    ),
    "sparse reorder dense": lambda tf: tf.sparse_reorder(tf.constant([1])),
}
