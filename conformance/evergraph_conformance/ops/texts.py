"""Cases of texts in other forms: lines of values, compressed, in base 64, hashed and joined."""

import gzip
import zlib
from typing import Any

import numpy as np

from evergraph_conformance.cases import array, case


def texts(*values):
    made = np.empty(len(values), object)
    made[:] = values
    return made


NUMBER, TEXT = array([7], "int32"), texts(b"d")
TWO_TEXTS = [TEXT, TEXT]
PAIR = [NUMBER, NUMBER]


def csv(label, records, defaults, **attributes):
    return case("DecodeCSV", label, records, defaults, **attributes)


WORDS = texts(b"a", b"ab", b"abc", b"\xff\xfe\xfb", b"", b"x" * 50)
LONG = texts(*(bytes(range(97, 97 + n)) for n in range(1, 19)))
MATRIX = np.array([[b"a", b"b"], [b"c", b"d"]], object)

HASHES: dict[str, Any] = {
    "StringToHashBucket": {},
    "StringToHashBucketStrong": {"key": [1, 2]},
}

CASES = [
    csv("types", texts(b"1,2.5,a"), [NUMBER, array([0.5]), TEXT]),
    csv(
        "wide types",
        texts(b"9223372036854775807,1e300"),
        [array([], "int64"), array([], "float64")],
    ),
    csv("defaults", texts(b",,"), [NUMBER, array([1.5]), TEXT]),
    csv("a scalar default", texts(b",3"), [array(5, "int32"), NUMBER]),
    csv("what is required", texts(b"1,", b",1"), [array([], "int32"), NUMBER]),
    csv("quotes", texts(b'"a,b","c""d"', b'"","x\ny"'), TWO_TEXTS),
    csv("a quote inside", texts(b'a"b,c'), TWO_TEXTS),
    csv("a quote that does not end", texts(b'"ab,c'), TWO_TEXTS),
    csv("text after a quote", texts(b'"ab"c,d'), TWO_TEXTS),
    csv("no quotes", texts(b'"a,b"'), TWO_TEXTS, use_quote_delim=False),
    csv("a line break", texts(b"1,2\n"), PAIR),
    csv("too few", texts(b"1"), PAIR),
    csv("too many", texts(b"1,2,3"), PAIR),
    csv("no integer", texts(b"1,2", b"x,1"), PAIR),
    csv("a fraction", texts(b"1.5,1"), PAIR),
    csv("too large", texts(b"3000000000,1"), PAIR),
    csv("no float", texts(b"x"), [array([0.5])]),
    csv("spaces", texts(b" 1 , 2 "), PAIR),
    csv("na_value", texts(b"NA,1"), PAIR, na_value="NA"),
    csv("selected", texts(b"1,x,3"), PAIR, select_cols=[0, 2]),
    csv("selected too far", texts(b"1,2"), PAIR, select_cols=[0, 5]),
    csv("another delimiter", texts(b"1;2"), PAIR, field_delim=";"),
    csv("a long delimiter", texts(b"1;2"), PAIR, field_delim=";;"),
    csv("an empty line", texts(b""), [NUMBER]),
    csv("a delimiter at the end", texts(b"1,"), PAIR),
    csv("a scalar", np.array(b"1,2", object), PAIR),
    csv("none", texts(), PAIR),
    csv("two defaults", texts(b"1,2"), [array([1, 2], "int32"), NUMBER]),
    case("DecodeCompressed", "nothing", WORDS),
    case("DecodeCompressed", "ZLIB", texts(zlib.compress(b"abc" * 9)), compression_type="ZLIB"),
    case("DecodeCompressed", "GZIP", texts(gzip.compress(b"abc" * 9)), compression_type="GZIP"),
    case(
        "DecodeCompressed",
        "a scalar",
        np.array(zlib.compress(b""), object),
        compression_type="ZLIB",
    ),
    case("DecodeCompressed", "damaged", texts(b"zzz"), compression_type="ZLIB"),
    case("DecodeCompressed", "another kind", texts(b"zzz"), compression_type="X"),
    case("EncodeBase64", "plain", WORDS),
    case("EncodeBase64", "padded", WORDS, pad=True),
    case("EncodeBase64", "none", texts()),
    case("EncodeBase64", "a scalar", np.array(b"ab", object)),
    case("EncodeBase64", "a matrix", MATRIX),
    case("EncodeBase64", "long", LONG),
    case("DecodeBase64", "plain", texts(b"YQ", b"YWI", b"YWJj", b"__77", b"")),
    case("DecodeBase64", "padded", texts(b"YQ==", b"YWI=")),
    case("DecodeBase64", "a scalar", np.array(b"YWI", object)),
    case("DecodeBase64", "none", texts()),
    case("DecodeBase64", "one character", texts(b"a")),
    case("DecodeBase64", "another alphabet", texts(b"ab+/")),
    case("DecodeBase64", "a line break", texts(b"YW\nJj")),
    *(
        case(op, label, values, num_buckets=buckets, **more)
        for op, more in HASHES.items()
        for label, values, buckets in (
            ("words", WORDS, 2**62),
            ("of every length", LONG, 2**62),
            ("few buckets", WORDS, 3),
            ("one bucket", WORDS, 1),
            ("none", texts(), 5),
            ("a scalar", np.array(b"ab", object), 2**40),
        )
    ),
    case("StringToHashBucketStrong", "a large key", WORDS, num_buckets=2**62, key=[2**62, -1]),
    case("StringToHashBucketStrong", "half a key", WORDS, num_buckets=9, key=[1]),
    case("ReduceJoin", "columns", MATRIX, 0),
    case("ReduceJoin", "rows", MATRIX, -1, separator="-"),
    case("ReduceJoin", "all", MATRIX, [1, 0]),
    case("ReduceJoin", "all, another order", MATRIX, [0, 1]),
    case("ReduceJoin", "kept", MATRIX, 1, keep_dims=True),
    case("ReduceJoin", "no axis", MATRIX, array([], "int32")),
    case("ReduceJoin", "nothing", texts(), 0),
    case("ReduceJoin", "out of range", MATRIX, 2),
    case("ReduceJoin", "twice", MATRIX, [0, -2]),
]
