"""Cases of parsing: examples, examples of sequences, and other texts that hold values."""

import struct
from typing import Any

import numpy as np

from evergraph_conformance.cases import array, case


def texts(*values):
    made = np.empty(len(values), object)
    made[:] = values
    return made


def scalar(value):
    return np.array(value, object)


def varint(n):
    n &= 2**64 - 1
    found = bytearray()
    while n > 127:
        found.append(n & 127 | 128)
        n >>= 7
    return bytes([*found, n])


def message(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def ints(*values):
    return message(3, message(1, b"".join(map(varint, values))))


def floats(*values):
    return message(2, message(1, struct.pack(f"<{len(values)}f", *values)))


def unpacked(*values):
    """Return integers that are not packed."""
    return message(3, b"".join(b"\x08" + varint(v) for v in values))


def strings(*values):
    return message(1, b"".join(message(1, v) for v in values))


def features(number, named):
    entries = [message(1, message(1, k.encode()) + message(2, v)) for k, v in named.items()]
    return message(number, b"".join(entries))


def example(**named):
    return features(1, named)


def sequence(context=(), **lists):
    rows = {k: b"".join(message(1, v) for v in values) for k, values in lists.items()}
    return features(1, dict(context)) + features(2, rows)


NONE = np.zeros(0, object)
I64, F32, STR = array([], "int64"), array([]), NONE


def examples(label, serialized, sparse=(), dense=(), *, names=NONE, op="ParseExample", **more):
    """Return a case of features by name: (key, type), and (key, default, shape)."""
    keys = [scalar(k) for k, *_ in sparse] or (), [scalar(k) for k, *_ in dense] or ()
    defaults = [d for _, d, _ in dense] or ()
    attributes = {
        "sparse_types": [t for _, t in sparse],
        "dense_shapes": [s for *_, s in dense],
        **more,
    }
    return case(op, label, serialized, names, *keys, defaults, **attributes)


def second(label, serialized, sparse=(), dense=(), ragged=(), names=NONE):
    """Return the same case of ParseExampleV2, which has ragged features: (key, type, splits)."""
    keys = [texts(*(k for k, *_ in group)) for group in (sparse, dense, ragged)]
    return case(
        "ParseExampleV2",
        label,
        serialized,
        names,
        *keys,
        [d for _, d, _ in dense] or (),
        num_sparse=len(sparse),
        sparse_types=[t for _, t in sparse],
        dense_shapes=[s for *_, s in dense],
        ragged_value_types=[t for _, t, _ in ragged],
        ragged_split_types=[s for *_, s in ragged],
    )


def single(label, serialized, sparse=(), dense=()):
    return case(
        "ParseSingleExample",
        label,
        scalar(serialized),
        [d for _, d, _ in dense] or (),
        num_sparse=len(sparse),
        sparse_keys=[k for k, _ in sparse],
        sparse_types=[t for _, t in sparse],
        dense_keys=[k for k, *_ in dense],
        dense_shapes=[s for *_, s in dense],
    )


SOME = texts(
    example(a=ints(1, -2), b=floats(0.5), c=strings(b"x", b"")),
    example(a=ints(3, 2**40), c=strings(b"\xff")),
)
DENSE_A = [(b"a", I64, [2])]
SPARSE = [(b"b", "float32"), (b"c", "string")]

#: What may be wrong, or odd, with an example: its message, and dense features.
ODD = {
    "missing": (example(b=floats(1)), DENSE_A),
    "another type": (example(a=floats(1, 2)), DENSE_A),
    "too few": (example(a=ints(1)), DENSE_A),
    "too many strings": (example(a=strings(b"x", b"y")), [(b"a", STR, [])]),
    "no message": (b"abc", DENSE_A),
    "cut off": (example(a=ints(1, 2))[:-1], DENSE_A),
    "a default": (example(), [(b"a", array([7, 8], "int64"), [2])]),
    "no kind": (example(a=b""), [(b"a", array([7, 8], "int64"), [2])]),
    "twice": (example(a=ints(1, 1)) + example(a=ints(2, 2)), DENSE_A),
    "not packed": (example(a=unpacked(5, -6)), DENSE_A),
    "a default of another shape": (example(), [(b"a", array([7], "int64"), [2])]),
    "rows": (example(a=ints(1, 2, 3, 4)), [(b"a", array(0, "int64"), [None, 2])]),
    "no rows": (example(), [(b"a", array(0, "int64"), [None, 2])]),
    "rows that do not end": (example(a=ints(1, 2, 3)), [(b"a", array(0, "int64"), [None, 2])]),
    "padding of two": (example(), [(b"a", array([0, 1], "int64"), [None, 2])]),
    "no elements": (example(a=ints()), [(b"a", I64, [0])]),
}
ROWS = texts(example(a=floats(1, 2)), example(), example(a=floats(3, 4, 5, 6)))


def sequences(label, serialized, context=((), ()), lists=((), ()), *, names=NONE, assumed=()):
    """Return a case of ParseSequenceExampleV2: sparse and dense ones of contexts, and of lists."""
    (sparse, dense), (list_sparse, list_dense) = context, lists
    keys = [texts(*(k for k, *_ in group)) for group in (sparse, dense, (), list_sparse)]
    return case(
        "ParseSequenceExampleV2",
        label,
        serialized,
        names,
        *keys,
        texts(*(k for k, *_ in list_dense)),
        NONE,
        array([k in assumed for k, *_ in list_dense], "bool"),
        [d for _, d, _ in dense] or (),
        Ncontext_sparse=len(sparse),
        Nfeature_list_sparse=len(list_sparse),
        Nfeature_list_dense=len(list_dense),
        context_sparse_types=[t for _, t in sparse],
        context_dense_shapes=[s for *_, s in dense],
        feature_list_sparse_types=[t for _, t in list_sparse],
        feature_list_dense_types=[t for _, t, _ in list_dense],
        feature_list_dense_shapes=[s for *_, s in list_dense],
        context_ragged_value_types=[],
        context_ragged_split_types=[],
        feature_list_ragged_value_types=[],
        feature_list_ragged_split_types=[],
    )


def first_sequences(label, serialized, context=((), ()), lists=((), ()), *, names=NONE, assumed=()):
    (sparse, dense), (list_sparse, list_dense) = context, lists
    return case(
        "ParseSequenceExample",
        label,
        serialized,
        names,
        [d for _, d, _ in dense] or (),
        feature_list_dense_missing_assumed_empty=list(assumed),
        context_sparse_keys=[k for k, _ in sparse],
        context_dense_keys=[k for k, *_ in dense],
        feature_list_sparse_keys=[k for k, _ in list_sparse],
        feature_list_dense_keys=[k for k, *_ in list_dense],
        Ncontext_sparse=len(sparse),
        Ncontext_dense=len(dense),
        Nfeature_list_sparse=len(list_sparse),
        Nfeature_list_dense=len(list_dense),
        context_sparse_types=[t for _, t in sparse],
        context_dense_shapes=[s for *_, s in dense],
        feature_list_sparse_types=[t for _, t in list_sparse],
        feature_list_dense_types=[t for _, t, _ in list_dense],
        feature_list_dense_shapes=[s for *_, s in list_dense],
    )


def one_sequence(label, serialized, context=((), ()), lists=((), ()), *, names=b"", assumed=()):
    (sparse, dense), (list_sparse, list_dense) = context, lists
    keys = [[scalar(k) for k, *_ in g] or () for g in (sparse, dense, list_sparse, list_dense)]
    return case(
        "ParseSingleSequenceExample",
        label,
        serialized,
        texts(*assumed),
        *keys,
        [d for _, d, _ in dense] or (),
        scalar(names),
        context_sparse_types=[t for _, t in sparse],
        context_dense_shapes=[s for *_, s in dense],
        feature_list_sparse_types=[t for _, t in list_sparse],
        feature_list_dense_types=[t for _, t, _ in list_dense],
        feature_list_dense_shapes=[s for *_, s in list_dense],
    )


PLAIN = sequence({"c": ints(5)}, x=[ints(1, 2), ints(3, 4)], y=[floats(1), floats(), floats(2, 3)])
CONTEXT: Any = ([(b"d", "string")], [(b"c", I64, [])])
LISTS = ([(b"y", "float32")], [(b"x", "int64", [2])])
DENSE_X: Any = ([], [(b"x", "int64", [2])])
DENSE_C: Any = ([], [(b"c", I64, [])])
#: By label: the message, what is wanted of the context, what of the lists, and keyword arguments.
SEQUENCES = {
    "all": (PLAIN, CONTEXT, LISTS, {}),
    "a missing list": (sequence(), ((), ()), DENSE_X, {}),
    "a list assumed empty": (sequence(), ((), ()), DENSE_X, {"assumed": (b"x",)}),
    "a list of another type": (sequence(x=[floats(1, 2)]), ((), ()), DENSE_X, {}),
    "a row too long": (sequence(x=[ints(1, 2), ints(1, 2, 3, 4)]), ((), ()), DENSE_X, {}),
    "a row too short": (sequence(x=[ints(1, 2), ints(1)]), ((), ()), DENSE_X, {}),
    "a missing context": (sequence(), DENSE_C, ((), ()), {}),
    "a default": (sequence(), ([], [(b"c", array(7, "int64"), [])]), ((), ()), {}),
    "a context of another type": (sequence({"c": floats(1)}), DENSE_C, ((), ()), {}),
    "a context too long": (sequence({"c": ints(1, 2)}), DENSE_C, ((), ()), {}),
    "no message": (b"abc", DENSE_C, ((), ()), {}),
    "a sparse list of another type": (
        sequence(y=[ints(1)]),
        ((), ()),
        ([(b"y", "float32")], []),
        {},
    ),
    "nothing there": (sequence(), ([(b"d", "int64")], []), ([(b"y", "float32")], []), {}),
    "strings": (
        sequence({"d": strings(b"q", b"")}, x=[strings(b"1", b"2")]),
        ([(b"d", "string")], []),
        ([], [(b"x", "string", [2])]),
        {},
    ),
}
BATCH = texts(PLAIN, sequence({"c": ints(6), "d": strings(b"z")}, x=[ints(9, 9)], y=[]))

CASES = [
    examples("all", SOME, SPARSE, DENSE_A),
    examples("named", SOME, SPARSE, DENSE_A, names=texts(b"p", b"q")),
    examples("too few names", SOME, SPARSE, DENSE_A, names=texts(b"p")),
    examples("none", texts(), SPARSE, [*DENSE_A, (b"d", array(0.0), [None])]),
    examples("padded rows", ROWS, [], [(b"a", array(-1.0), [None, 2])]),
    examples("a default each", ROWS, [], [(b"e", array(["x", "y"], "O"), [2])]),
    examples("a sparse one of another type", SOME, [(b"a", "float32")]),
    *(examples(label, texts(text), [], dense) for label, (text, dense) in ODD.items()),
    second("all", SOME, SPARSE, DENSE_A, [(b"a2", "int64", "int32")]),
    second("ragged", SOME, [], [], [(b"a", "int64", "int32"), (b"b", "float32", "int64")]),
    second("ragged of another type", SOME, [], [], [(b"a", "float32", "int32")]),
    second("alone", scalar(SOME[0]), SPARSE, DENSE_A, [(b"a2", "int64", "int32")]),
    second("alone, ragged", scalar(SOME[0]), [], [], [(b"a", "int64", "int32")]),
    second("none", texts(), SPARSE, DENSE_A, [(b"b2", "float32", "int64")]),
    second("padded rows", ROWS, [], [(b"a", array(-1.0), [None, 2])]),
    *(second(label, texts(text), [], dense) for label, (text, dense) in ODD.items()),
    *(second(f"alone, {label}", scalar(text), [], dense) for label, (text, dense) in ODD.items()),
    single("all", SOME[0], SPARSE, DENSE_A),
    single("another sparse type", SOME[0], [(b"a", "float32")]),
    *(single(label, text, [], dense) for label, (text, dense) in ODD.items()),
    *(sequences(k, texts(m), c, s, **more) for k, (m, c, s, more) in SEQUENCES.items()),
    *(sequences(f"alone, {k}", scalar(m), c, s, **more) for k, (m, c, s, more) in SEQUENCES.items()),
    sequences("a batch", BATCH, CONTEXT, LISTS),
    sequences("a batch with names", BATCH, CONTEXT, LISTS, names=texts(b"p", b"q")),
    sequences("none", texts(), ([(b"d", "string")], []), LISTS),
    *(first_sequences(k, texts(m), c, s, **more) for k, (m, c, s, more) in SEQUENCES.items()),
    first_sequences("a batch", BATCH, CONTEXT, LISTS),
    *(one_sequence(k, scalar(m), c, s, **more) for k, (m, c, s, more) in SEQUENCES.items()),
    case("DecodeJSONExample", "some", texts(b'{"features": {"feature": {"a": {"bytesList": {"value": ["eA==", ""]}}}}}', b"{}")),
    case("DecodeJSONExample", "bytes", texts(b'{"features": {"feature": {"a": {"bytesList": {"value": ["eA=="]}}}}}')),
    case("DecodeJSONExample", "a scalar", scalar(b"{}")),
    case("DecodeJSONExample", "none", texts()),
    case("DecodeJSONExample", "no JSON", texts(b"{")),
    case("DecodeJSONExample", "another field", texts(b'{"other": 1}')),
]  # fmt: skip
