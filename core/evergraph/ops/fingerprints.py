"""FarmHash's 64-bit fingerprint, by which TensorFlow puts strings into buckets."""

from __future__ import annotations

import struct

_MASK = (1 << 64) - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def fingerprint(text):
    """Return `Fingerprint64` of a string, in [0, 2**64)."""
    size = len(text)
    if size <= 16:
        return _up_to_16(text, size)
    if size <= 32:
        return _up_to_32(text, size)
    return _up_to_64(text, size) if size <= 64 else _longer(text, size)


def _word(text, at):
    return struct.unpack_from("<Q", text, at)[0]


def _turned(value, by):
    value &= _MASK
    return (value >> by) | (value << (64 - by)) & _MASK


def _folded(value):
    value &= _MASK
    return value ^ (value >> 47)


def _mixed(u, v, factor):
    a = _folded(((u ^ v) & _MASK) * factor)
    b = _folded(((v ^ a) & _MASK) * factor)
    return b * factor & _MASK


def _up_to_16(text, size):
    factor = _K2 + size * 2
    if size >= 8:
        a, b = _word(text, 0) + _K2 & _MASK, _word(text, size - 8)
        c = _turned(b, 37) * factor + a
        d = (_turned(a, 25) + b) * factor
        return _mixed(c & _MASK, d & _MASK, factor)
    if size >= 4:
        (a,), (b,) = struct.unpack_from("<I", text), struct.unpack_from("<I", text, size - 4)
        return _mixed(size + (a << 3), b, factor)
    if size > 0:
        y = text[0] + (text[size >> 1] << 8)
        z = size + (text[-1] << 2)
        return _folded(y * _K2 & _MASK ^ z * _K0 & _MASK) * _K2 & _MASK
    return _K2


def _ends(text, size, factor):
    """Return what the two longer forms have in common: a, b, and the sums over both ends."""
    a, b = _word(text, 0), _word(text, 8)
    c, d = _word(text, size - 8) * factor, _word(text, size - 16) * _K2
    return a, b, c, d


def _up_to_32(text, size):
    factor = _K2 + size * 2
    a, b, c, d = _ends(text, size, factor)
    a *= _K1
    u = _turned(a + b, 43) + _turned(c, 30) + d
    return _mixed(u & _MASK, a + _turned(b + _K2, 18) + c & _MASK, factor)


def _up_to_64(text, size):
    factor = _K2 + size * 2
    a, b, c, d = _ends(text, size, factor)
    a *= _K2
    y = _turned(a + b, 43) + _turned(c, 30) + d & _MASK
    z = _mixed(y, a + _turned(b + _K2, 18) + c & _MASK, factor)
    e, f = _word(text, 16) * factor, _word(text, 24)
    g = (y + _word(text, size - 32)) * factor
    h = (z + _word(text, size - 24)) * factor
    u = _turned(e + f, 43) + _turned(g, 30) + h
    return _mixed(u & _MASK, e + _turned(f + a, 18) + g & _MASK, factor)


def _weak(text, at, a, b):
    w, x, y, z = struct.unpack_from("<4Q", text, at)
    a += w
    b = _turned(b + a + z, 21)
    c = a
    a += x + y
    return a + z & _MASK, b + _turned(a, 44) + c & _MASK


def _longer(text, size):
    x, y = 81, 81 * _K1 + 113 & _MASK
    z = _folded(y * _K2 + 113) * _K2 & _MASK
    v, w = (0, 0), (0, 0)
    x = x * _K2 + _word(text, 0) & _MASK
    end = (size - 1) // 64 * 64
    for at in range(0, end, 64):
        x, y, z, v, w = _round(text, at, x, y, z, v, w, _K1, 1)
    factor = _K1 + ((z & 0xFF) << 1)
    first = w[0] + ((size - 1) & 63)
    v = (v[0] + first & _MASK, v[1])
    w = (first + v[0] & _MASK, w[1])
    x, y, z, v, w = _round(text, size - 64, x, y, z, v, w, factor, 9)
    left = _mixed(v[0], w[0], factor) + _folded(y) * _K0 + z
    return _mixed(left & _MASK, _mixed(v[1], w[1], factor) + x & _MASK, factor)


def _round(text, at, x, y, z, v, w, factor, weight):
    """Take in 64 bytes."""
    x = _turned(x + y + v[0] + _word(text, at + 8), 37) * factor
    y = _turned(y + v[1] + _word(text, at + 48), 42) * factor
    x = x & _MASK ^ w[1] * weight & _MASK
    y = y + v[0] * weight + _word(text, at + 40) & _MASK
    z = _turned(z + w[0], 33) * factor & _MASK
    v = _weak(text, at, v[1] * factor, x + w[0])
    w = _weak(text, at + 32, z + w[1], y + _word(text, at + 16))
    return z, y, x, v, w
