"""tf.debugging: checks."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        "evergraph.v1.asserts": (
            "assert_all_finite=verify_tensor_all_finite assert_equal assert_greater "
            "assert_greater_equal assert_integer assert_less assert_less_equal assert_near "
            "assert_negative assert_non_negative assert_non_positive assert_none_equal "
            "assert_positive assert_proper_iterable assert_rank assert_rank_at_least "
            "assert_rank_in assert_same_float_dtype assert_scalar assert_type is_numeric_tensor"
        ),
        "evergraph.v1.flow": "Assert",
        "evergraph.v1.plain": "check_numerics is_finite is_inf is_nan",
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
