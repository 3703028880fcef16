"""The C library's logf, sinf and cosf, bit for bit: glibc's, computed in float64, rounded once."""

from __future__ import annotations

from typing import Final

# Array libraries' own float32 functions differ from these in about a tenth of all values. The
# algorithms and constants are those of ARM's optimized-routines, which glibc has as well.


def logf(xp, x):
    """Return the logarithm of positive, normal float32 numbers, as float64 still to be rounded."""
    bits = xp.ext.bitcast(x, xp.int32)
    above = bits - 0x3F330000
    exponent = xp.astype(above >> 23, xp.float64)
    place = (above >> 19) & 15
    z = xp.astype(xp.ext.bitcast(bits - (above & -0x800000), xp.float32), xp.float64)
    inverse = xp.take(xp.asarray(_INVERSE, dtype=xp.float64), xp.reshape(place, (-1,)), axis=0)
    log = xp.take(xp.asarray(_LOG, dtype=xp.float64), xp.reshape(place, (-1,)), axis=0)
    r = z * xp.reshape(inverse, x.shape) - 1.0
    y = xp.reshape(log, x.shape) + exponent * _LN2
    square = r * r
    a, b, c = _LOG_POLYNOMIAL
    return (a * square + (b * r + c)) * square + (y + r)


def sincosf(xp, x):
    """Return sine and cosine of float32 numbers in [0, 2 pi], as float64 still to be rounded."""
    x = xp.astype(x, xp.float64)
    quadrant = (xp.astype(x * _TWO_OVER_PI, xp.int32) + 0x800000) >> 24
    x = x - xp.astype(quadrant, xp.float64) * _HALF_PI
    square = x * x
    cube = x * square
    s0, s1, s2 = _SINE
    sine = (x + cube * s0) + cube * square * (s1 + square * s2)
    c1, c2, c3, c4 = _COSINE
    fourth = square * square
    cosine = ((1.0 + square * c1) + fourth * c2) + fourth * square * (c3 + square * c4)
    odd = (quadrant & 1) == 1
    sine, cosine = xp.where(odd, cosine, sine), xp.where(odd, sine, cosine)
    sine = xp.where((quadrant & 2) == 2, -sine, sine)
    return sine, xp.where(((quadrant + 1) & 2) == 2, -cosine, cosine)


def _numbers(text):
    return tuple(map(float.fromhex, text.split()))


_LN2: Final = float.fromhex("0x1.62e42fefa39efp-1")
_HALF_PI: Final = float.fromhex("0x1.921FB54442D18p0")
#: Times 2^24.
_TWO_OVER_PI: Final = float.fromhex("0x1.45F306DC9C883p+23")
_LOG_POLYNOMIAL: Final = _numbers(
    "-0x1.00ea348b88334p-2 0x1.5575b0be00b6ap-2 -0x1.ffffef20a4123p-2"
)
_SINE: Final = _numbers("-0x1.555545995a603p-3 0x1.1107605230bc4p-7 -0x1.994eb3774cf24p-13")
_COSINE: Final = _numbers(
    "-0x1.ffffffd0c621cp-2 0x1.55553e1068f19p-5 -0x1.6c087e89a359dp-10 0x1.99343027bf8c3p-16"
)
_INVERSE: Final = _numbers(
    "0x1.661ec79f8f3bep+0 0x1.571ed4aaf883dp+0 0x1.49539f0f010bp+0 0x1.3c995b0b80385p+0 "
    "0x1.30d190c8864a5p+0 0x1.25e227b0b8eap+0 0x1.1bb4a4a1a343fp+0 0x1.12358f08ae5bap+0 "
    "0x1.0953f419900a7p+0 0x1p+0 0x1.e608cfd9a47acp-1 0x1.ca4b31f026aap-1 "
    "0x1.b2036576afce6p-1 0x1.9c2d163a1aa2dp-1 0x1.886e6037841edp-1 0x1.767dcf5534862p-1"
)
_LOG: Final = _numbers(
    "-0x1.57bf7808caadep-2 -0x1.2bef0a7c06ddbp-2 -0x1.01eae7f513a67p-2 -0x1.b31d8a68224e9p-3 "
    "-0x1.6574f0ac07758p-3 -0x1.1aa2bc79c81p-3 -0x1.a4e76ce8c0e5ep-4 -0x1.1973c5a611cccp-4 "
    "-0x1.252f438e10c1ep-5 0x0p+0 0x1.aa5aa5df25984p-5 0x1.c5e53aa362eb4p-4 "
    "0x1.526e57720db08p-3 0x1.bc2860d22477p-3 0x1.1058bc8a07ee1p-2 0x1.4043057b6ee09p-2"
)
