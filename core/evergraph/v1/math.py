"""tf.math: arithmetic, reductions and segments."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        "evergraph.graph.operators": "abs conj floordiv logical_xor pow truediv",
        "evergraph.v1.arithmetic": (
            "accumulate_n add add_n divide divide_no_nan=div_no_nan erfcinv erfinv lbeta "
            "log_sigmoid multiply_no_nan ndtri polyval reciprocal_no_nan round scalar_mul sigmoid "
            "sign xdivy xlog1py"
        ),
        "evergraph.v1.activations": "log_softmax softmax",
        "evergraph.v1.confusion": "confusion_matrix",
        "evergraph.v1.conversion": "angle imag real",
        "evergraph.v1.matrices": "l2_normalize",
        "evergraph.v1.normalization": "zero_fraction",
        "evergraph.v1.plain": (
            "acos acosh asin asinh atan atan2 atanh betainc ceil cos cosh digamma equal erf erfc "
            "exp expm1 floor floormod greater greater_equal igamma igammac invert_permutation "
            "is_finite is_inf is_nan less less_equal lgamma log log1p logical_and logical_not "
            "logical_or maximum minimum mod multiply negative nextafter not_equal polygamma "
            "reciprocal rint rsqrt segment_max segment_mean segment_min segment_prod segment_sum "
            "sin sinh softplus softsign sqrt square squared_difference subtract tan tanh "
            "unsorted_segment_max unsorted_segment_min unsorted_segment_prod "
            "unsorted_segment_sum xlogy zeta"
        ),
        "evergraph.v1.reductions": (
            "argmax argmin count_nonzero reduce_all reduce_any reduce_euclidean_norm "
            "reduce_logsumexp reduce_max reduce_mean reduce_min reduce_prod reduce_std reduce_sum "
            "reduce_variance"
        ),
        "evergraph.v1.segments": "unsorted_segment_mean unsorted_segment_sqrt_n",
        "evergraph.v1.sequences": "cumprod cumsum cumulative_logsumexp",
        "evergraph.v1.sorting": "in_top_k top_k",
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
