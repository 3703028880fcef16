"""Random ops draw TensorFlow's numbers, run by run, on NumPy and compiled by XLA."""

from __future__ import annotations

import json
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from evergraph.op import _keyword_only
from evergraph.ops.libm import logf, sincosf
from evergraph.ops.random import uniform
from evergraph.ops.streams import STREAMS, counter_of, key_of
from evergraph.xp import NUMPY, Namespace

# tests/oracle/record_streams.py makes the file.
with np.load(Path(__file__).parent / "streams.npz") as file:
    INDEX = json.loads(str(file["index"]))
    ARRAYS = dict(file)

#: Of these dtypes, how far numbers may differ: where the C library's functions in float64 matter,
#: and where a compiler may contract a product and a sum.
TOLERANCES = {
    ("RandomStandardNormal", "float64"): 4.5e-16,
    ("TruncatedNormal", "float64"): 4.5e-16,
    ("RandomGamma", "float64"): 1e-12,
    ("ParameterizedTruncatedNormal", "float64"): 1e-13,
    ("ParameterizedTruncatedNormal", "float32"): 1e-6,
    ("ParameterizedTruncatedNormal", "float16"): 2e-3,
}


def plain():
    return NUMPY, lambda function: function


def on_numpy():
    from evergraph_numpy.backend import kernels

    return kernels().xp, lambda function: function


def on_jax():
    jax = pytest.importorskip("jax")
    from evergraph_jax.kernels import EXT

    def compiled(function):
        jitted = jax.jit(function)

        def call(*arrays):
            with jax.enable_x64(True):
                return np.asarray(jitted(*arrays))

        return call

    # Checks are the backend's to collect.
    return Namespace(jax.numpy, ext=EXT, check=lambda *_: None), compiled


LIBRARIES = [plain, on_numpy, on_jax]


def dtype_of(name):
    return np.dtype(getattr(ml_dtypes, name, None) or name)


def as_recorded(value, dtype):
    return value if value.dtype == dtype else value.view(dtype)


def stream_of(entry):
    """Return the stream of a recorded node, and the attributes that its draw takes."""
    stream = STREAMS[entry["op"]]
    given = entry["attributes"] | {"dtype": entry["dtype"], "output_dtype": entry["dtype"]}
    return stream, {name: dtype_of(given[name]) for name in _keyword_only(stream.draw)}


def runs_of(number, entry):
    inputs = [ARRAYS[f"{number}/input/{i}"] for i in range(entry["inputs"])]
    wanted = [as_recorded(ARRAYS[f"{number}/run/{i}"], dtype_of(entry["dtype"])) for i in range(3)]
    return inputs, wanted


CASES = [pytest.param(n, e, id=f"{e['op']}: {e['label']}") for n, e in enumerate(INDEX["cases"])]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("number", "entry"), CASES)
def test_a_node_draws_the_same_numbers_in_each_run(number, entry, library):
    xp, compiled = library()
    stream, attributes = stream_of(entry)
    inputs, wanted = runs_of(number, entry)
    known = host_inputs(stream, len(inputs))

    def draw(key, counter, *others):
        rest = iter(others)
        values = [v if i in known else next(rest) for i, v in enumerate(inputs)]
        return stream.draw(xp, key, counter, *values, **attributes)

    run = compiled(draw)
    key, offset = key_of(entry["attributes"]["seed"]), 0
    others = [v for i, v in enumerate(inputs) if i not in known]
    for want in wanted:
        got = run(key, counter_of(entry["attributes"]["seed2"], offset), *others)
        assert (got.dtype, got.shape) == (want.dtype, want.shape)
        tolerance = TOLERANCES.get((entry["op"], entry["dtype"]), 0)
        np.testing.assert_allclose(
            got.astype(np.float64), want.astype(np.float64), rtol=tolerance, atol=0
        )
        offset += stream.advance(*inputs)


def host_inputs(stream, count):
    """Return the positions of the inputs that are known before anything is compiled."""
    if stream.shape_like:
        return {0}
    return {1} if stream.host else set()


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_counter_carries_into_all_its_words(library):
    xp, compiled = library()
    top = np.array([2**32 - 2, 2**32 - 1, 2**32 - 1, 7], np.uint32)
    draw = compiled(lambda key, counter: xp.ext.random_bits(key, counter, 4))
    key = np.array([1, 2], np.uint32)
    got = draw(key, top)
    one = compiled(lambda key, counter: xp.ext.random_bits(key, counter, 1))
    after = draw(key, np.array([0, 0, 0, 8], np.uint32))
    np.testing.assert_array_equal(got[2:], after[:2])
    np.testing.assert_array_equal(got[:1], one(key, top))


def test_bits_are_those_of_the_paper():
    key = np.array([0xA4093822, 0x299F31D0], np.uint32)
    counter = np.array([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], np.uint32)
    want = [[0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]]
    assert NUMPY.ext.random_bits(key, counter, 1).tolist() == want


def test_bits_need_nothing_but_the_standard():
    strict = pytest.importorskip("array_api_strict")
    xp = Namespace(strict)
    key, counter = np.array([1, 2], np.uint32), np.array([2**32 - 1, 4, 5, 6], np.uint32)
    got = xp.ext.random_bits(strict.asarray(key), strict.asarray(counter), 5)
    want = NUMPY.ext.random_bits(key, counter, 5)
    np.testing.assert_array_equal(np.asarray(got), want)
    floats = uniform(xp, strict.asarray(key), strict.asarray(counter), (3, 5), strict.float32)
    np.testing.assert_array_equal(
        np.asarray(floats), uniform(NUMPY, key, counter, (3, 5), np.float32)
    )


@pytest.mark.parametrize("library", LIBRARIES)
def test_more_numbers_than_a_block_holds_go_on_from_it(library):
    xp, compiled = library()
    key, counter = key_of(3), counter_of(4, 0)
    for op in ("RandomUniform", "TruncatedNormal"):
        draw = STREAMS[op].draw
        many = compiled(
            lambda k, c, d=draw: d(xp, k, c, np.array([40001], np.int32), dtype=np.dtype("float32"))
        )(key, counter)
        groups = 9000 if op == "RandomUniform" else 9000 * 256
        rest = compiled(
            lambda k, c, d=draw: d(xp, k, c, np.array([4001], np.int32), dtype=np.dtype("float32"))
        )(key, counter_of(4, groups))
        np.testing.assert_array_equal(many[36000:], rest)


# Of 2^23 uniform numbers, all agree with glibc 2.36; these are some of them.
POINTS = "0x1p-23 0.1 0.333 0.75 0.99 1.0 1.5 2.5 3.1415927 4.0 4.712389 5.5 6.2831845"
LOGF = """-0x1.fe2804p+3 -0x1.26bb1cp+1 -0x1.19803ap+0 -0x1.269622p-2 -0x1.49544p-7 0x0p+0
    0x1.9f323ep-2 0x1.d5241p-1 0x1.250d06p+0 0x1.62e43p+0 0x1.8cd994p+0 0x1.b46a5ep+0
    0x1.d67f1ap+0"""
SINF = """0x1p-23 0x1.98eaeep-4 0x1.4eb98ep-2 0x1.5cffc2p-1 0x1.ac0b9ap-1 0x1.aed548p-1
    0x1.feb7aap-1 0x1.326afp-1 -0x1.777a5cp-24 -0x1.837b9ep-1 -0x1p+0 -0x1.693c94p-1
    -0x1.a22168p-21"""
COSF = """0x1p+0 0x1.fd713p-1 0x1.e3dfbp-1 0x1.769fecp-1 0x1.18edep-1 0x1.14a28p-1
    0x1.21bd54p-4 -0x1.9a2f7ep-1 -0x1p+0 -0x1.4eaa6p-1 0x1.99bc5cp-27 0x1.6ad6c4p-1 0x1p+0"""


def numbers(text):
    found = [float.fromhex(t) if "x" in t else float(t) for t in text.split()]
    return np.array(found, np.float32)


@pytest.mark.parametrize("library", LIBRARIES)
def test_functions_of_the_c_library_have_its_bits(library):
    xp, compiled = library()

    def all_three(x):
        return xp.stack([xp.astype(f, xp.float32) for f in (logf(xp, x), *sincosf(xp, x))])

    got = compiled(all_three)(numbers(POINTS))
    np.testing.assert_array_equal(got, [numbers(text) for text in (LOGF, SINF, COSF)])
