"""Cases of strings: cut, split, changed, and as numbers."""

import numpy as np

from evergraph_conformance.cases import array, case


def texts(*values):
    made = np.empty(len(values), object)
    made[:] = values
    return made


LONG = ["".join(chr(97 + (i * i + n) % 26) for i in range(n)) for n in (8, 16, 17, 32, 33, 64, 65)]
LONGER = ["x" * n + "y" for n in (100, 127, 128, 191, 200, 1000)]
WORDS = texts(b"ab c", b"", b" d  ef ", b"g")

CASES = [
    *(
        case(op, label, value)
        for op in ("StringStrip", "StringLower", "StringUpper", "StringLength")
        for label, value in {
            "some": texts(b" Ab\t", b"", b"\xc3\x84x\n"),
            "a scalar": np.array(b"aB", object),
            "none": texts(),
        }.items()
    ),
    case("StringLower", "utf-8", texts("ÄÖx".encode()), encoding="utf-8"),
    case("StringUpper", "utf-8", texts("äöX".encode()), encoding="utf-8"),
    case("StringUpper", "no such encoding", texts(b"a"), encoding="latin-1"),
    case("StringLength", "characters", texts("äx€".encode(), b""), unit="UTF8_CHAR"),
    case("Substr", "one place", texts(b"hello", b"world"), 1, 3),
    case("Substr", "from the end", texts(b"hello", b"world"), -2, 9),
    case("Substr", "a place each", texts(b"hello", b"world"), [0, 4], [2, 3]),
    case("Substr", "of a scalar", np.array(b"hello", object), 1, 3),
    case("Substr", "characters", texts("äx€y".encode()), 1, 2, unit="UTF8_CHAR"),
    case("Substr", "at the end", texts(b"ab"), 2, 1),
    case("Substr", "too far", texts(b"ab"), 3, 1),
    case("Substr", "too far back", texts(b"ab"), -3, 1),
    case("RegexReplace", "all", WORDS, "[a-c]", "<\\0>"),
    case("RegexReplace", "groups", WORDS, "(.) (.)", "\\2\\\\\\1"),
    case("RegexReplace", "the first", WORDS, " ", "_", replace_global=False),
    case("RegexReplace", "no pattern", WORDS, "(", "_"),
    case("StaticRegexReplace", "all", WORDS, pattern=" +", rewrite="-"),
    case("RegexFullMatch", "some", WORDS, "[a-g]*"),
    case("RegexFullMatch", "no pattern", WORDS, "("),
    case("AsString", "int32", array([-3, 0, 12], "int32")),
    case("AsString", "int64, wide", array([-3, 0, 12], "int64"), width=5),
    case("AsString", "uint8, filled", array([3, 12], "uint8"), width=4, fill="0"),
    case("AsString", "float32", array([1.5, -0.25, 1e10, float("nan"), float("inf")])),
    case("AsString", "float64", array([1.5, 1 / 3], "float64")),
    case("AsString", "precise", array([1.5, 1 / 3]), precision=2),
    case("AsString", "scientific", array([1.5, 1e10]), scientific=True),
    case("AsString", "shortest", array([1.5, 1e10, 0.1]), shortest=True),
    case("AsString", "wide", array([1.5, -2.0]), precision=1, width=8, fill="0"),
    case("AsString", "bool", array([True, False], "bool")),
    case("AsString", "complex64", array([1 + 2j], "complex64")),
    case("AsString", "both notations", array([1.5]), scientific=True, shortest=True),
    case("AsString", "a precise integer", array([1], "int32"), precision=2),
    case("StringToNumber", "float32", texts(b"1.5", b" -2e3 ", b".5", b"5.", b"inf", b"NaN")),
    case("StringToNumber", "float64", texts(b"0.1", b"1e400"), out_type="float64"),
    case("StringToNumber", "int32", texts(b"-12", b" 7 "), out_type="int32"),
    case("StringToNumber", "int64", texts(b"9223372036854775807"), out_type="int64"),
    case("StringToNumber", "too large", texts(b"3000000000"), out_type="int32"),
    case("StringToNumber", "a float as an integer", texts(b"1.5"), out_type="int32"),
    case("StringToNumber", "no number", texts(b"1", b"one")),
    case("StringToNumber", "empty", texts(b"")),
    case(
        "StringToHashBucketFast",
        "short",
        texts(*b"|a|abc|abcd|abcdefg".split(b"|")),
        num_buckets=2**62,
    ),
    case("StringToHashBucketFast", "long", texts(*map(str.encode, LONG)), num_buckets=2**62),
    case("StringToHashBucketFast", "longer", texts(*map(str.encode, LONGER)), num_buckets=2**62),
    case("StringToHashBucketFast", "few buckets", WORDS, num_buckets=3),
    case("StringSplit", "spaces", WORDS, " "),
    case("StringSplit", "spaces, empty parts", WORDS, " ", skip_empty=False),
    case("StringSplit", "several delimiters", WORDS, " b"),
    case("StringSplit", "characters", WORDS, ""),
    case("StringSplit", "nothing", texts(), " "),
    case("StringSplitV2", "spaces", WORDS, ""),
    case("StringSplitV2", "spaces, at most once", WORDS, "", maxsplit=1),
    case("StringSplitV2", "a separator", texts(b"a<>b<>", b"", b"<>c"), "<>"),
    case("StringSplitV2", "a separator, at most once", texts(b"a-b-c"), "-", maxsplit=1),
    case("StringSplitV2", "at most never", texts(b"a-b-c"), "-", maxsplit=0),
    *(
        case("DecodeRaw", dtype, texts(b"12345678", b"abcdefgh"), out_type=dtype)
        for dtype in ("uint8", "int8", "int16", "int32", "int64", "float32", "float64")
    ),
    case("DecodeRaw", "bool", texts(b"\0\1"), out_type="bool"),
    case(
        "DecodeRaw",
        "complex64, big endian",
        texts(b"12345678"),
        out_type="complex64",
        little_endian=False,
    ),
    case("DecodeRaw", "big endian", texts(b"12345678"), out_type="int32", little_endian=False),
    case("DecodeRaw", "a scalar", np.array(b"1234", object), out_type="uint16"),
    case("DecodeRaw", "empty", texts(b"", b""), out_type="int32"),
    case("DecodeRaw", "none", texts(), out_type="int32"),
    case("DecodeRaw", "of several lengths", texts(b"12", b"123"), out_type="uint8"),
    case("DecodeRaw", "not whole", texts(b"123"), out_type="int16"),
]
