"""Fourier transforms: FFT, IFFT, RFFT, IRFFT, of one, two and three axes."""

from __future__ import annotations

import numpy as np

from evergraph.dtypes import complex64
from evergraph.errors import InvalidArgumentError
from evergraph.limits import check_allocation
from evergraph.op import ShapeError, define
from evergraph.ops.rules import slice_of, with_rank_at_least
from evergraph.shapes import bracketed


def _check_rank(x, rank):
    if x.ndim < rank:
        text = f"Input must have rank of at least {rank} but got: {bracketed(x.shape)}"
        raise InvalidArgumentError(None, None, text)


def complex_transform(name, rank):
    """Return the kernel of a transform of the last `rank` axes; `name` is `fftn` or `ifftn`."""

    def transform(xp, input):
        _check_rank(input, rank)
        if 0 in input.shape:
            return input
        found = getattr(xp.fft, name)(input, axes=tuple(range(-rank, 0)))
        return xp.astype(found, input.dtype)

    return transform


def complex_shape(rank):
    return lambda input: with_rank_at_least(input, rank)


def _lengths(fft_length, rank):
    lengths = np.asarray(fft_length)
    if lengths.shape != (rank,):
        text = f"fft_length must have shape [{rank}]"
        raise InvalidArgumentError(None, None, text)
    if (lengths < 0).any():
        raise InvalidArgumentError(None, None, f"fft_length must be >= 0, but got {lengths}")
    return [int(n) for n in lengths]


def _cropped(x, lengths, needed):
    """Return the first `needed` elements along the last axes, which must be there."""
    rank = len(needed)
    for i, n in enumerate(needed):
        size = x.shape[i - rank]
        # TF: an empty input is transformed to zeros.
        if 0 not in x.shape and size < n:
            raise InvalidArgumentError(
                None,
                None,
                f"Input dimension {x.ndim - rank + i} must have length of at least {n} but got: "
                f"{size}",
            )
    return x[(..., *(slice(0, n) for n in needed))]


def real_transform(rank):
    def transform(xp, input, fft_length, *, Tcomplex):
        _check_rank(input, rank)
        lengths = _lengths(fft_length, rank)
        x = _cropped(input, lengths, lengths)
        shape = (*input.shape[:-rank], *lengths[:-1], lengths[-1] // 2 + 1 if lengths[-1] else 0)
        check_allocation(shape, complex64)
        if 0 in input.shape or 0 in lengths:
            return xp.zeros(shape, dtype=Tcomplex)
        return xp.astype(xp.fft.rfftn(x, axes=tuple(range(-rank, 0))), Tcomplex)

    return transform


def inverse_real_transform(rank):
    def transform(xp, input, fft_length, *, Treal):
        _check_rank(input, rank)
        lengths = _lengths(fft_length, rank)
        last = lengths[-1] // 2 + 1 if lengths[-1] else 0
        x = _cropped(input, lengths, [*lengths[:-1], last])
        check_allocation((*input.shape[:-rank], *lengths), complex64)
        if 0 in input.shape or 0 in lengths:
            return xp.zeros((*input.shape[:-rank], *lengths), dtype=Treal)
        axes = tuple(range(-rank, 0))
        if rank > 1:
            x = xp.fft.ifftn(x, axes=axes[:-1])
        # TF: of an even length, the last element counts as real, as the first one does.
        return xp.astype(xp.fft.irfft(x, n=lengths[-1], axis=-1), Treal)

    return transform


def real_shape(rank, inverse):
    def shape(input, fft_length):
        with_rank_at_least(input, rank)
        if fft_length is None:
            return (*input[:-rank], *(None,) * rank)
        if len(fft_length) != rank:
            raise ShapeError(f"Dimension must be {rank} but is {len(fft_length)}")
        sizes = list(fft_length)
        for n in sizes:
            if n is not None and n < 0:
                raise ShapeError(f"Dimension {n} must be >= 0")
        if not inverse and sizes[-1]:
            sizes[-1] = sizes[-1] // 2 + 1
        return (*input[:-rank], *sizes)

    return shape


# Gradients


def _last_sizes(tf, x, rank):
    return slice_of(tf, tf.Shape(x), -rank, None)


def _count(tf, sizes, dtype):
    return tf.Cast(tf.Prod(sizes, [0]), DstT=dtype)


def complex_gradient(inverse_type, rank, inverse):
    def gradient(tf, op, dy):
        real = dy.dtype.real_dtype
        count = _count(tf, _last_sizes(tf, dy, rank), real)
        factor = tf.Reciprocal(count) if inverse else count
        found = getattr(tf, inverse_type)(dy)
        return tf.Mul(found, tf.Complex(factor, tf.ZerosLike(factor), Tout=dy.dtype))

    return gradient


def _extended(tf, x, sizes, rank):
    """Return an array with zeros behind it, whose last axes have the given sizes."""
    after = tf.Sub(sizes, _last_sizes(tf, x, rank))
    others = tf.ZerosLike(slice_of(tf, tf.Shape(x), 0, -rank))
    after = tf.ConcatV2([others, after], 0)
    return tf.Pad(x, tf.Pack([tf.ZerosLike(after), after], axis=1))


def real_gradient(inverse_type, rank):
    def gradient(tf, op, dy):
        x, lengths = op.inputs
        whole = _extended(tf, dy, lengths, rank)
        found = tf.Real(getattr(tf, inverse_type)(whole), Tout=x.dtype)
        found = tf.Mul(found, _count(tf, lengths, x.dtype))
        return _extended(tf, found, _last_sizes(tf, x, rank), rank), None

    return gradient


def inverse_real_gradient(type, rank):
    def gradient(tf, op, dy):
        x, lengths = op.inputs
        complex_dtype = x.dtype
        last = slice_of(tf, lengths, -1, None)
        even = tf.Sub([1], tf.FloorMod(last, [2]))
        # Every element but the first, and the last of an even length, stands for two.
        half = tf.AddV2(tf.FloorDiv(last, [2]), [1])
        middle = tf.Sub(tf.Sub(half, [1]), even)
        mask = tf.ConcatV2(
            [
                tf.constant([1.0], dy.dtype),
                tf.Fill(middle, tf.constant(2, dy.dtype)),
                tf.Fill(even, tf.constant(1, dy.dtype)),
            ],
            0,
        )
        scaled = tf.Mul(mask, tf.Reciprocal(_count(tf, lengths, dy.dtype)))
        found = getattr(tf, type)(dy, lengths, Tcomplex=complex_dtype)
        found = tf.Mul(found, tf.Complex(scaled, tf.ZerosLike(scaled), Tout=complex_dtype))
        return _extended(tf, found, _last_sizes(tf, x, rank), rank), None

    return gradient


for _rank, _suffix in ((1, ""), (2, "2D"), (3, "3D")):
    for _type, _inverse, _name in (("FFT", "IFFT", "fftn"), ("IFFT", "FFT", "ifftn")):
        define(
            _type + _suffix,
            complex_transform(_name, _rank),
            shape=complex_shape(_rank),
            gradient=complex_gradient(_inverse + _suffix, _rank, _type == "IFFT"),
        )
    define(
        "RFFT" + _suffix,
        real_transform(_rank),
        shape=real_shape(_rank, inverse=False),
        shape_like="fft_length",
        # TensorFlow differentiates none of three axes.
        gradient=real_gradient("IFFT" + _suffix, _rank) if _rank < 3 else None,
    )
    define(
        "IRFFT" + _suffix,
        inverse_real_transform(_rank),
        shape=real_shape(_rank, inverse=True),
        shape_like="fft_length",
        gradient=inverse_real_gradient("RFFT" + _suffix, _rank) if _rank < 3 else None,
    )
