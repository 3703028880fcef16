"""Snippets about strings and sparse tensors, by name: `tf` is the only argument."""

from __future__ import annotations

SPARSE = ([[0, 1], [2, 0]], [1.0, 2.0], [3, 4])

SNIPPETS = {
    "strings: join": lambda tf: tf.string_join(["a", ["b", "c"]], "-"),
    "strings: strings.join": lambda tf: tf.strings.join(["a", "b"], name="joined"),
    "strings: split": lambda tf: tf.string_split(["a b", "c"]).values,
    "strings: split delimiter": lambda tf: tf.string_split(["a,b"], ",", False).indices,
    "strings: split named": lambda tf: tf.string_split(["a,b"], delimiter=",", name="parts"),
    "strings: strings.split": lambda tf: tf.strings.split(["a b"], maxsplit=1).dense_shape,
    "strings: strings.split sep": lambda tf: tf.strings.split(source=["a-b"], sep="-"),
    "strings: substr": lambda tf: tf.substr(["hello"], 1, 2),
    "strings: strings.substr": lambda tf: tf.strings.substr("hello", 1, 2, unit="UTF8_CHAR"),
    "strings: length": lambda tf: tf.strings.length(["a", "bc"]),
    "strings: strip": lambda tf: tf.string_strip([" a "]),
    "strings: strings.strip": lambda tf: tf.strings.strip([" a "]),
    "strings: lower": lambda tf: tf.strings.lower("A"),
    "strings: upper": lambda tf: tf.strings.upper("a", encoding="utf-8"),
    "strings: regex_replace": lambda tf: tf.regex_replace("abc", "b", "x"),
    "strings: regex_replace first": lambda tf: tf.strings.regex_replace("abc", "b", "x", False),
    "strings: regex_replace tensors": lambda tf: tf.regex_replace("abc", tf.constant("b"), "x"),
    "strings: regex_full_match": lambda tf: tf.strings.regex_full_match("abc", "a.*"),
    "strings: regex_full_match tensor": lambda tf: tf.strings.regex_full_match(
        "abc", tf.constant("a.*")
    ),
    "strings: as_string": lambda tf: tf.as_string([1.5], precision=2),
    "strings: strings.as_string": lambda tf: tf.strings.as_string([1, 2], width=3, fill="0"),
    "strings: to_number": lambda tf: tf.string_to_number(["1"]),
    "strings: to_number int": lambda tf: tf.strings.to_number(["1"], tf.int32),
    "strings: hash": lambda tf: tf.string_to_hash_bucket_fast(["a"], 10),
    "strings: strings.hash": lambda tf: tf.strings.to_hash_bucket_fast(["a"], 10),
    "strings: decode_raw": lambda tf: tf.decode_raw(["1234"], tf.int16),
    "strings: decode_raw bytes": lambda tf: tf.decode_raw(
        bytes=["1234"], out_type=tf.uint8, little_endian=False
    ),
    "strings: decode_csv": lambda tf: tf.decode_csv(["1,2"], [[0], [0.5]], name="csv"),
    "strings: decode_csv options": lambda tf: tf.io.decode_csv(
        "1;2;x", [[0], ["a"]], ";", False, na_value="-", select_cols=[0, 2]
    ),
    "strings: encode_base64": lambda tf: tf.encode_base64(["a"], pad=True),
    "strings: decode_base64": lambda tf: tf.io.decode_base64(["YQ"]),
    "strings: decode_compressed": lambda tf: tf.io.decode_compressed(["a"], "ZLIB"),
    "strings: hash_bucket": lambda tf: tf.string_to_hash_bucket(["a"], 10),
    "strings: hash_bucket_strong": lambda tf: tf.strings.to_hash_bucket_strong(["a"], 10, [1, 2]),
    "strings: format": lambda tf: tf.strings.format("a {} b", tf.constant([1, 2])),
    "strings: format two": lambda tf: tf.strings.format(
        "# and #", [[1.0], "a"], placeholder="#", summarize=-1, name="n"
    ),
    "strings: reduce_join": lambda tf: tf.reduce_join([["a", "b"], ["c", "d"]]),
    "strings: reduce_join axis": lambda tf: tf.strings.reduce_join(
        [["a", "b"]], 1, keep_dims=True, separator="-", name="n"
    ),
    "strings: reduce_join unknown": lambda tf: tf.reduce_join(tf.placeholder(tf.string)),
    "strings: unicode_transcode": lambda tf: tf.strings.unicode_transcode(
        ["a"], "UTF-16-BE", "UTF-8", errors="ignore", name="n"
    ),
    "strings: unicode_decode": lambda tf: tf.strings.unicode_decode("a", "UTF-8"),
    "strings: unicode_decode vector": lambda tf: (
        tf.strings.unicode_decode(
            ["a", "b"], "UTF-8", replace_control_characters=True, name="n"
        ).values
    ),
    "strings: unicode_decode offsets": lambda tf: (
        tf.strings.unicode_decode_with_offsets(
            tf.placeholder(tf.string, [None]), "UTF-8", "strict"
        )[1].values
    ),
    "strings: unicode_encode": lambda tf: tf.strings.unicode_encode([97, 98], "UTF-8"),
    "strings: unicode_encode ragged": lambda tf: tf.strings.unicode_encode(
        tf.RaggedTensor.from_row_splits([97, 98], [0, 1, 2], validate=False), "UTF-16-BE", name="n"
    ),
    "strings: parse_tensor": lambda tf: tf.parse_tensor("a", tf.float32),
    "strings: serialize_tensor": lambda tf: tf.io.serialize_tensor([1.0, 2.0], name="n"),
    "strings: Print": lambda tf: tf.Print([1.0], [[1], "a"], "x: ", 3, 7),
    "strings: Print plain": lambda tf: tf.Print(tf.constant(1), [2.0], name="shown"),
    "sparse: matmul": lambda tf: tf.sparse_tensor_dense_matmul(
        tf.SparseTensor(*SPARSE), tf.ones([4, 2])
    ),
    "sparse: sparse.sparse_dense_matmul": lambda tf: tf.sparse.sparse_dense_matmul(
        tf.SparseTensor(*SPARSE), tf.ones([2, 3]), adjoint_a=True, adjoint_b=True, name="product"
    ),
    "sparse: retain": lambda tf: tf.sparse_retain(
        tf.SparseTensor(*SPARSE), tf.placeholder(tf.bool)
    ),
    "sparse: times and over": lambda tf: (
        tf.SparseTensor(*SPARSE) * 2.0,
        tf.SparseTensor(*SPARSE) / tf.ones([4]),
        tf.SparseTensor([[1]], [3], [2]) / [2, 3],
    ),
    "sparse: matmul value": lambda tf: tf.sparse.matmul(
        tf.SparseTensorValue(*SPARSE), [[1.0], [2.0], [3.0], [4.0]]
    ),
    "sparse: to_dense": lambda tf: tf.sparse_to_dense([[0, 1], [2, 0]], [3, 4], [1.0, 2.0], 0.5),
    "sparse: to_dense one": lambda tf: tf.sparse_to_dense(2, [3], 5, validate_indices=False),
    "sparse: tensor_to_dense": lambda tf: tf.sparse_tensor_to_dense(tf.SparseTensor(*SPARSE)),
    "sparse: sparse.to_dense": lambda tf: tf.sparse.to_dense(
        tf.SparseTensor(*SPARSE), 1.0, validate_indices=False, name="dense"
    ),
}

ERRORS = {
    "csv columns in no order": lambda tf: tf.decode_csv(["1"], [[0], [0]], select_cols=[1, 0]),
    "csv a negative column": lambda tf: tf.decode_csv(["1"], [[0]], select_cols=[-1]),
    "csv too many columns": lambda tf: tf.decode_csv(["1"], [[0]], select_cols=[0, 1]),
    "csv two defaults": lambda tf: tf.decode_csv(["1"], [[0, 1]]),
    "strings format inputs": lambda tf: tf.strings.format("{} {}", [1]),
    "strings reduce_join axis": lambda tf: tf.reduce_join(["a"], axis=2),
    "strings reduce_join twice": lambda tf: tf.reduce_join(["a"], axis=0, reduction_indices=0),
    "strings unicode_decode unknown": lambda tf: tf.strings.unicode_decode(
        tf.placeholder(tf.string), "UTF-8"
    ),
    "strings unicode_encode to latin1": lambda tf: tf.strings.unicode_encode([97], "latin1"),
    "strings split twice": lambda tf: tf.string_split(["a"], sep=" ", delimiter=" "),
    "strings split of a matrix": lambda tf: tf.string_split([["a"]]),
    "strings decode_raw twice": lambda tf: tf.decode_raw(["a"], tf.uint8, bytes=["a"]),
    "sparse matmul of dense": lambda tf: tf.sparse_tensor_dense_matmul([[1.0]], [[1.0]]),
    "sparse retain of dense": lambda tf: tf.sparse_retain([1.0], [True]),
    "sparse retain sizes": lambda tf: tf.sparse_retain(tf.SparseTensor(*SPARSE), [True]),
    "sparse retain of a matrix": lambda tf: tf.sparse_retain(
        tf.SparseTensor(*SPARSE), [[True, False, True]]
    ),
    "sparse times another type": lambda tf: tf.SparseTensor(*SPARSE) * tf.constant(1),
    "sparse over another type": lambda tf: tf.SparseTensor(*SPARSE) / tf.constant(1),
    "float times sparse": lambda tf: 2.0 * tf.SparseTensor(*SPARSE),
    "sparse matmul sizes": lambda tf: tf.sparse_tensor_dense_matmul(
        tf.SparseTensor(*SPARSE), tf.ones([3, 2])
    ),
}
