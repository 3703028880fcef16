"""Cases of texts as code points, in parts and in templates, and of tensors as strings."""

from typing import Any

import numpy as np

from evergraph_conformance.cases import UNRANKED, array, case, ramp, spread
from evergraph_conformance.ops.texts import texts

TEXTS = texts(
    *("aé😀".encode(), b"\xff\xfeb", b"\xe2\x82", b"\x00\x1f\x7f\xc2\x80\t\n", b"\xed\xa0\x80"),
    *(b"\xc0\x80", b"\xf4\x90\x80\x80", b"\xe2\x28\xa1", b"\xf0\x9f\x41", b""),
)
WIDE = texts("aé😀".encode("utf-16-be"), b"abc", b"\xd8\x00\x00a")
UTF_8: dict[str, Any] = {"input_encoding": "UTF-8"}
POINTS = array([97, 233, 0x1F600, -1, 0xD800, 0x110000, 0x4E00], "int32")
SPLITS = array([0, 2, 2, 7], "int64")


def _decoded(op, **more):
    def one(label, given=TEXTS, **further):
        return case(op, label, given, **UTF_8 | more | further)

    return [
        one("replaced"),
        one("ignored", errors="ignore"),
        one("strict", errors="strict"),
        one("strict, all well", texts("aé😀".encode()), errors="strict"),
        one("another replacement", replacement_char=63),
        one("controls", replace_control_characters=True),
        one("nothing", texts()),
        one("no such encoding", input_encoding="nope"),
        *[one(e, WIDE, input_encoding=e) for e in ("UTF-16-BE", "UTF-32-BE", "UTF-16-LE")],
        *[one(e, WIDE, input_encoding=e) for e in ("US-ASCII", "latin1", "UTF-16", "utf8")],
    ]


def _encoded(label, points=POINTS, splits=SPLITS, **further: Any):
    more: dict[str, Any] = {"output_encoding": "UTF-8"} | further
    return case("UnicodeEncode", label, points, splits, **more)


WORDS = texts(*(word.encode() for word in "abcde"))
GRAMS: dict[str, Any] = {
    "separator": "|",
    "ngram_widths": [2],
    "left_pad": "L",
    "right_pad": "R",
    "pad_width": 0,
    "preserve_short_sequences": False,
}


def _grams(label, splits=(0, 3, 3, 4, 5), **more):
    return case("StringNGrams", label, WORDS, array(splits, "int64"), **GRAMS | more)


def _format(label, template, *inputs, **more):
    given = list(inputs)
    return case("StringFormat", label, given, template=template, placeholder="{}", **more)


def _padded(label, length, dtype, given=None, **more):
    given = texts(b"abcd", b"\x01\x02", b"", b"abcdefghij") if given is None else given
    return case("DecodePaddedRaw", label, given, array(length, "int32"), out_type=dtype, **more)


#: A message of two float32.
MESSAGE = b"\x08\x01\x12\x04\x12\x02\x08\x02*\x08\x00\x00\x80?\x00\x00\x00@"


def _parsed(label, message, dtype="float32", **more):
    given = message if isinstance(message, np.ndarray) else np.array(message, object)
    return case("ParseTensor", label, given, out_type=dtype, **more)


CASES = [
    *_decoded("UnicodeDecode"),
    case("UnicodeDecode", "int32 splits", TEXTS, Tsplits="int32", **UTF_8),
    *_decoded("UnicodeDecodeWithOffsets"),
    *_decoded("UnicodeTranscode", output_encoding="UTF-8"),
    case("UnicodeTranscode", "to UTF-16", TEXTS, output_encoding="UTF-16-BE", **UTF_8),
    case("UnicodeTranscode", "to UTF-32", TEXTS, output_encoding="UTF-32-BE", **UTF_8),
    case("UnicodeTranscode", "a scalar", np.array(b"a", object), output_encoding="UTF-8", **UTF_8),
    _encoded("replaced"),
    _encoded("ignored", errors="ignore"),
    _encoded("strict", errors="strict"),
    _encoded("UTF-16", output_encoding="UTF-16-BE"),
    _encoded("UTF-32", output_encoding="UTF-32-BE"),
    _encoded("another replacement", replacement_char=63),
    _encoded("int32 splits", splits=array([0, 7], "int32")),
    _encoded("nothing", array([], "int32"), array([0], "int64")),
    _encoded("splits that do not begin at 0", splits=array([1, 7], "int64")),
    _encoded("splits in no order", splits=array([0, 5, 3, 7], "int64")),
    _encoded("splits that end early", splits=array([0, 2], "int64")),
    _encoded("splits beyond the end", splits=array([0, 9], "int64")),
    _encoded("no splits", splits=array([], "int64"), modes=UNRANKED),
    _grams("pairs"),
    _grams("padded", pad_width=-1),
    _grams("padded less", ngram_widths=[4], pad_width=1),
    _grams("several widths", ngram_widths=[1, 3], pad_width=2),
    _grams("short ones", ngram_widths=[4], preserve_short_sequences=True),
    _grams("short ones, padded", ngram_widths=[6], pad_width=1, preserve_short_sequences=True),
    _grams("one row", (0, 5), separator=""),
    _grams("no width", ngram_widths=[0]),
    _grams("splits that do not begin at 0", (1, 5)),
    _grams("splits in no order", (0, 4, 3, 5)),
    _grams("splits that end early", (0, 3)),
    _grams("splits beyond the end", (0, 6)),
    _format("a vector", "x: {}!", ramp((5,), "int32")),
    _format("a long vector", "{}", ramp((10,), "int32")),
    _format("a matrix", "{}", spread((2, 3))),
    _format("many rows", "{}", ramp((9, 2, 8), "int32")),
    _format("all of it", "{}", ramp((9, 8), "int32"), summarize=-1),
    _format("one at each end", "{}", ramp((9, 8), "int32"), summarize=1),
    _format("scalars", "{} and {}", array(1.5), array(3, "int64")),
    _format("strings", "{}", texts(b"a", b'b"c')),
    _format("a string", "{}", np.array(b"abc", object)),
    _format("booleans", "{}", array([True, False], "bool")),
    _format("nothing", "<{}>", spread((0,))),
    _format("too few", "{} {}", array(1.5)),
    _padded("bytes", 4, "uint8"),
    _padded("int16", 4, "int16"),
    _padded("float32", 8, "float32"),
    _padded("the higher byte first", 4, "int16", little_endian=False),
    _padded("a matrix", 2, "uint8", np.array([[b"a", b"b"], [b"cd", b"efg"]], object)),
    _padded("nothing", 4, "uint8", texts()),
    _padded("no whole number", 3, "int16"),
    _padded("no length", 0, "uint8"),
    _parsed("floats", MESSAGE),
    _parsed("a scalar", b"\x08\x03\x12\x00:\x01\x07", "int32"),
    _parsed("strings", b"\x08\x07\x12\x04\x12\x02\x08\x02B\x01aB\x02bc", "string"),
    _parsed("one for all", b"\x08\x01\x12\x04\x12\x02\x08\x03-\x00\x00\x80?"),
    _parsed("another type", MESSAGE, "int32"),
    _parsed("no message", b"\xff\xff"),
    _parsed("an empty message", b""),
    _parsed("a vector", texts(MESSAGE)),
    *[
        case("SerializeTensor", t, ramp((2, 3), t))
        for t in ("float32", "int64", "uint8", "float16", "bfloat16", "complex64")
    ],
    case("SerializeTensor", "a scalar", array(1.5)),
    case("SerializeTensor", "booleans", array([True, False], "bool")),
    case("SerializeTensor", "strings", texts(b"a", b"bc")),
    case("SerializeTensor", "nothing", spread((0, 2))),
]
