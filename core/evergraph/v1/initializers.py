"""tf.initializers: the initializers by their short names, and what initializes variables."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        "evergraph.v1.init_ops": (
            "constant=Constant glorot_normal=GlorotNormal glorot_uniform=GlorotUniform he_normal "
            "he_uniform identity=Identity lecun_normal lecun_uniform ones=Ones "
            "orthogonal=Orthogonal random_normal=RandomNormal random_uniform=RandomUniform "
            "truncated_normal=TruncatedNormal uniform_unit_scaling=UniformUnitScaling "
            "variance_scaling=VarianceScaling zeros=Zeros"
        ),
        "evergraph.v1.tables": "tables_initializer",
        "evergraph.v1.variable_lists": (
            "global_variables=global_variables_initializer "
            "local_variables=local_variables_initializer variables=variables_initializer"
        ),
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
