"""Cases of the ops of training: what a variable and its slots are after each of several steps.

This module imports nothing but NumPy, so that the recorder can use it where TensorFlow is installed
and evergraph is not; the values that TensorFlow gives are in `golden/training.npz`.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from evergraph_conformance import cases
from evergraph_conformance.cases import spread

STEPS = 3


@dataclass(frozen=True)
class Rule:
    """What the ops of one name have in common.

    Attributes:
      slots: the variables beside `var`, with the least of their first values.
      scalars: the scalar inputs.
      dtypes: the element types that TensorFlow's CPU kernels take.
      sparse: whether there are ops on rows.
      references: whether there are ops on references.
      variants: attributes, or other scalars, worth a case of their own.
    """

    slots: dict[str, float]
    scalars: dict[str, Any]
    dtypes: tuple[str, ...] = ("float32", "float64", "float16")
    sparse: bool = True
    references: bool = True
    variants: dict[str, dict[str, Any]] = field(default_factory=dict)


_ADAM = {
    "beta1_power": 0.9,
    "beta2_power": 0.998,
    "lr": 0.1,
    "beta1": 0.9,
    "beta2": 0.998,
    "epsilon": 0.001,
}
_NESTEROV: dict[str, dict[str, Any]] = {"nesterov": {"use_nesterov": True}}
_KEPT: dict[str, dict[str, Any]] = {"slots kept": {"update_slots": False}}
_REGULAR = {"lr": 0.2, "l1": 0.05, "l2": 0.1}
_FTRL: dict[str, dict[str, Any]] = {
    "by lr": {"multiply_linear_by_lr": True},
    "power": {"lr_power": -0.7},
}
_UNREGULAR: dict[str, dict[str, Any]] = {"no l1": {"l1": 0.0}, "no l2": {"l2": 0.0}}
_DOUBLES = ("float32", "float64")

RULES: dict[str, Rule] = {
    "GradientDescent": Rule({}, {"alpha": 0.3}, sparse=False),
    "Momentum": Rule({"accum": -1}, {"lr": 0.1, "momentum": 0.9}, variants=_NESTEROV),
    "KerasMomentum": Rule(
        {"accum": -1}, {"lr": 0.1, "momentum": 0.9}, references=False, variants=_NESTEROV
    ),
    "Adam": Rule({"m": -1, "v": 0}, _ADAM, sparse=False, variants=_NESTEROV),
    "AdamWithAmsgrad": Rule({"m": -1, "v": 0, "vhat": 0}, _ADAM, sparse=False, references=False),
    "AdaMax": Rule(
        {"m": -1, "v": 0}, {n: v for n, v in _ADAM.items() if n != "beta2_power"}, sparse=False
    ),
    "Adagrad": Rule({"accum": 0.1}, {"lr": 0.2}, variants=_KEPT),
    "AdagradV2": Rule({"accum": 0.1}, {"lr": 0.2, "epsilon": 0.01}, variants=_KEPT),
    "AdagradDA": Rule(
        {"gradient_accumulator": -1, "gradient_squared_accumulator": 0.1},
        {**_REGULAR, "global_step": np.int64(3)},
        _DOUBLES,
        variants=_UNREGULAR,
    ),
    "Adadelta": Rule({"accum": 0.1, "accum_update": 0.1}, {"lr": 0.5, "rho": 0.9, "epsilon": 0.01}),
    "RMSProp": Rule(
        {"ms": 0.1, "mom": -1}, {"lr": 0.1, "rho": 0.9, "momentum": 0.5, "epsilon": 0.01}
    ),
    "CenteredRMSProp": Rule(
        {"mg": -0.1, "ms": 1, "mom": -1},
        {"lr": 0.1, "rho": 0.9, "momentum": 0.5, "epsilon": 0.01},
    ),
    "Ftrl": Rule(
        {"accum": 0.1, "linear": -0.2},
        {**_REGULAR, "lr_power": -0.5},
        variants=_FTRL | _UNREGULAR | {"large l1": {"l1": 2.0}},
    ),
    "FtrlV2": Rule(
        {"accum": 0.1, "linear": -0.2},
        {**_REGULAR, "l2_shrinkage": 0.05, "lr_power": -0.5},
        variants=_FTRL | _UNREGULAR,
    ),
    "ProximalGradientDescent": Rule(
        {},
        {"alpha": 0.2, "l1": 0.5, "l2": 0.1},
        _DOUBLES,
        variants=_UNREGULAR | {"negative l1": {"l1": -0.5}},
    ),
    "ProximalAdagrad": Rule({"accum": 0.1}, _REGULAR, _DOUBLES, variants=_UNREGULAR),
    "AddSign": Rule(
        {"m": -1}, {"lr": 0.1, "alpha": 1.0, "sign_decay": 0.9, "beta": 0.9}, sparse=False
    ),
    "PowerSign": Rule(
        {"m": -1}, {"lr": 0.1, "logbase": 0.7, "sign_decay": 0.9, "beta": 0.9}, sparse=False
    ),
}


@dataclass(frozen=True)
class Case:
    """One op, run several times.

    Attributes:
      op: the op type.
      label: what the case is about; unique among the op's cases.
      rule: the name of its rule.
      dtype: of the variable.
      shape: of the variable.
      indices: of the rows of each step; None for the whole variable.
      changes: attributes and inputs other than the usual ones.
    """

    op: str
    label: str
    rule: str
    dtype: str
    shape: tuple[int, ...] = (3, 2)
    indices: tuple[Any, ...] | None = None
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The name of the case, by which its golden values are found."""
        return f"{self.op}: {self.label}"

    @property
    def reference(self) -> bool:
        """Whether the op takes references."""
        return not self.op.startswith("Resource")

    @property
    def variables(self) -> dict[str, np.ndarray[Any, Any]]:
        """The first values of the variable and its slots."""
        lows = {"var": -1.0, **RULES[self.rule].slots}
        found = {}
        for seed, (name, low) in enumerate(lows.items()):
            shape = self.changes.get(f"shape of {name}", self.shape)
            found[name] = spread(shape, self.dtype, low, low + 2.0, seed)
        return found

    def inputs(self, step: int) -> dict[str, np.ndarray[Any, Any]]:
        """The values that are fed in a step, by name."""
        found: dict[str, Any] = {}
        for name, usual in RULES[self.rule].scalars.items():
            value = np.asarray(self.changes.get(name, usual))
            found[name] = value if value.dtype == np.int64 else value.astype(self.dtype)
        shape = self.shape
        if self.indices is not None:
            found["indices"] = np.asarray(self.indices[step], self.changes.get("index", "int32"))
            shape = (*found["indices"].shape, *shape[1:])
        shape = self.changes.get("shape of grad", shape)
        grad = spread(shape, self.dtype, -1.5, 1.5, 10 + step)
        found["grad"] = np.zeros_like(grad) if self.changes.get("zero") else grad
        return found

    @property
    def attributes(self) -> dict[str, Any]:
        """The attributes of the op."""
        names = ("use_nesterov", "update_slots", "multiply_linear_by_lr", "use_locking")
        return {n: v for n, v in self.changes.items() if n in names}


def built(tf: Any, case: Case) -> tuple[list[Any], list[Any], list[Any], dict[str, Any]]:
    """Build a case with the API `tf`.

    Returns:
      The initialisers, the operation of a step in a list, the values of the variables, and the
      placeholders by the name of the input.
    """
    raw = tf.raw_ops
    given: dict[str, Any] = {}
    initialisers, values = [], []
    static = "static" in case.label
    for name, value in case.variables.items():
        shape = value.shape if static else None
        if case.reference:
            given[name] = raw.VariableV2(shape=shape or value.shape, dtype=case.dtype, name=name)
            initialisers.append(raw.Assign(ref=given[name], value=value))
            values.append(raw.Identity(input=given[name]))
        else:
            given[name] = raw.VarHandleOp(shape=shape, dtype=case.dtype, shared_name=name)
            initialisers.append(raw.AssignVariableOp(resource=given[name], value=value))
            values.append(raw.ReadVariableOp(resource=given[name], dtype=case.dtype))
    build = getattr(raw, case.op)
    names = list(inspect.signature(build).parameters)
    fed = {}
    for name, value in case.inputs(0).items():
        fed[name] = tf.placeholder(value.dtype, value.shape if static else None, name)
        given[_called(name, names)] = fed[name]
    ordered = {n: given[n] for n in names if n in given}
    result = build(**ordered, **case.attributes)
    return initialisers, [getattr(result, "op", result)], values, fed


def _called(name: str, names: list[str]) -> str:
    """Return the name of an input in an op with these inputs."""
    return name if name in names else {"grad": "delta", "lr": "alpha"}[name]


def first_step(tf: Any, case: Case) -> cases.Case:
    """Return the first step of a case as one of an op, with the values of variables as inputs."""
    names = list(inspect.signature(getattr(tf.raw_ops, case.op)).parameters)
    given = case.variables | {_called(n, names): v for n, v in case.inputs(0).items()}
    inputs = tuple(given[n] for n in names if n in given)
    return cases.Case(case.op, case.label, inputs, case.attributes)


def _cases() -> list[Case]:
    found: list[Case] = []
    for name, rule in RULES.items():
        for kind in ("", "Resource") if rule.references else ("Resource",):
            found += _whole(f"{kind}Apply{name}", name, rule)
            if rule.sparse:
                found += _rows(f"{kind}SparseApply{name}", name, rule)
    return found


def _whole(op: str, name: str, rule: Rule) -> list[Case]:
    found = [Case(op, dtype, name, dtype) for dtype in rule.dtypes]
    found += [
        Case(op, "static shapes", name, "float32", (2, 3), changes={"use_locking": True}),
        Case(op, "scalar", name, "float32", ()),
        Case(op, "empty", name, "float32", (0, 2)),
    ]
    if op.startswith("Resource"):
        found += [Case(op, label, name, "float32", changes=c) for label, c in rule.variants.items()]
        found.append(Case(op, "zero gradients", name, "float32", changes={"zero": True}))
    return found + _errors(op, name, rule, None)


def _rows(op: str, name: str, rule: Rule) -> list[Case]:
    unique = ([2, 0], [1, 2], [0, 1])
    twice = ([2, 0, 2], [1, 1, 1], [0, 2, 1])
    found = [
        Case(op, "static shapes", name, "float32", (3, 2), unique),
        Case(op, "vector", name, "float64", (5,), ([4, 0, 4], [1, 2, 3], [0, 0, 0])),
        Case(op, "no rows", name, "float32", (3, 2), ([], [], [])),
    ]
    if op.startswith("Resource"):
        found += [Case(op, f"duplicates {d}", name, d, (3, 2), twice) for d in rule.dtypes]
        found.append(
            Case(op, "rows of one", name, "float32", (4, 1), ([3, 0], [1, 1], [0, 2])),
        )
        changes = {"zero gradients": {"zero": True}, **rule.variants}
        changes.pop("negative l1", None)
        found += [Case(op, k, name, "float32", (3, 2), unique, c) for k, c in changes.items()]
    else:
        cube = ([3, 0, 3], [1, 1, 1], [0, 2, 0])
        int64 = {"index": "int64"}
        found.append(Case(op, "cube, int64", name, "float32", (4, 2, 3), cube, int64))
    return found + _errors(op, name, rule, ([2, 0],))


def _errors(op: str, name: str, rule: Rule, indices: Any) -> list[Case]:
    rate = "alpha" if "alpha" in rule.scalars and "lr" not in rule.scalars else "lr"
    changes: dict[str, dict[str, Any]] = {f"{rate} no scalar": {rate: [0.1]}}
    changes["another gradient"] = {"shape of grad": (3, 3) if indices is None else (2, 3)}
    changes |= {f"another {slot}": {f"shape of {slot}": (3, 3)} for slot in list(rule.slots)[:1]}
    found = [Case(op, label, name, "float32", (3, 2), indices, c) for label, c in changes.items()]
    if indices is None:
        return found
    wrong: dict[str, tuple[tuple[int, ...], Any, dict[str, Any]]] = {
        "index out of range": ((3, 2), ([-1 if op.startswith("Resource") else 3, 0],), {}),
        "indices no vector": ((3, 2), ([[0], [1]],), {}),
        "too few gradients": ((3, 2), ([0, 1],), {"shape of grad": (1, 2)}),
        "variable a scalar": ((), ([0],), {"shape of grad": (1,)}),
    }
    return found + [Case(op, label, name, "float32", s, i, c) for label, (s, i, c) in wrong.items()]


CASES = _cases()
