"""Training steps: ApplyAdam, ResourceApplyAdam, SparseApplyMomentum … from the rules of each.

A *rule* computes the new values of a variable and its slots from their values, a gradient and a few
scalars, element by element. It serves four ops: on the whole variable or on some of its rows,
through references or handles.
"""

from __future__ import annotations

from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Any

from evergraph.errors import InvalidArgumentError
from evergraph.op import define
from evergraph.ops import training_rules as rules
from evergraph.ops.row_sums import present
from evergraph.ops.rules import merged, merged_dim, with_rank
from evergraph.shapes import bracketed
from evergraph.vocabulary import vocabulary

#: How TensorFlow calls inputs in its messages, where it has another name for them.
_CALLED = {
    "l1": "l1 regularization strength",
    "l2": "l2 regularization strength",
    "l2_shrinkage": "l2 shrinkage regularization strength",
    "gradient_accumulator": "accum",
    "gradient_squared_accumulator": "accum",
}

#: What some ops ask of a scalar: in words, and of its value and the op's attributes.
_ANY: Any = ("scalar", None)
_POSITIVE: Any = ("positive scalar", lambda value, **_: value > 0)
_NOT_NEGATIVE: Any = ("non-negative scalar", lambda value, **_: value >= 0)
_NOT_POSITIVE: Any = ("non-positive scalar", lambda value, **_: value <= 0)
_FTRL_RATE: Any = (
    "positive scalar (or zero if multiply_linear_by_lr is set)",
    lambda value, multiply_linear_by_lr=False: value >= 0 if multiply_linear_by_lr else value > 0,
)
_PROXIMAL = {"lr": _POSITIVE, "l1": _NOT_NEGATIVE, "l2": _NOT_NEGATIVE}
_FTRL = {
    "lr": _FTRL_RATE,
    "l1": _NOT_NEGATIVE,
    "l2": _NOT_NEGATIVE,
    "l2_shrinkage": _NOT_NEGATIVE,
    "lr_power": _NOT_POSITIVE,
}


def _refused(message):
    return InvalidArgumentError(None, None, message)


class _Inputs:
    """The inputs of one op: which are variables, which scalars, which the gradient."""

    def __init__(self, type, writes, bounds):
        op_def: Any = vocabulary().get(type)
        self.names = [a.name for a in op_def.inputs]
        self.writes = writes
        self.gradient = "grad" if "grad" in self.names else "delta"
        others = {*writes, self.gradient, "indices"}
        self.scalars = [n for n in self.names if n not in others]
        self.bounds = {n: b for n, b in bounds.items() if n in self.scalars}

    def check(self, xp, given, attributes):
        """Refuse what is no scalar, or out of its bounds, and slots of another shape."""
        for name in self.scalars:
            value, bound = given[name], self.bounds.get(name)
            if not value.ndim and bound is None:
                continue
            what, holds = bound or _ANY
            message = f"{_CALLED.get(name, name)} is not a {what}: {bracketed(value.shape)}"
            if value.ndim:
                raise _refused(message)
            xp.check(holds(value, **attributes), InvalidArgumentError, message)
        for name in self.writes[1:]:
            self.check_shape(given, name)

    def check_shape(self, given, name):
        """Refuse an input whose shape is not the variable's."""
        var, other = given["var"].shape, given[name].shape
        if var != other:
            shapes = f"{bracketed(var)} {bracketed(other)}"
            called = _CALLED.get(name, name)
            raise _refused(f"var and {called} do not have the same shape{shapes}")

    def kernel(self, rule, function, attributes):
        """Return the kernel: `function` of the inputs by name."""
        names, single = self.names, len(self.writes) == 1

        @wraps(rule)
        def by_name(xp, *inputs, **attributes):
            new = function(xp, dict(zip(names, inputs, strict=True)), attributes)
            return new[0] if single else new

        kernel: Any = by_name
        parameters = [Parameter(n, Parameter.POSITIONAL_OR_KEYWORD) for n in ("xp", *names)]
        if "indices" in names:
            padded = Parameter("_padded", Parameter.KEYWORD_ONLY, default=False)
            attributes = [*attributes, padded]
        kernel.__signature__ = Signature([*parameters, *attributes])
        return kernel

    def shape(self, output):
        """Return the shape rule; the variable's shape is the output, if there is one."""
        names = self.names

        def shape(*shapes):
            given = dict(zip(names, shapes, strict=True))
            for name in self.scalars:
                with_rank(given[name], 0)
            var, grad = given["var"], given[self.gradient]
            for name in self.writes[1:]:
                var = merged(var, given[name])
            if "indices" in given:
                indices = with_rank(given["indices"], 1)
                if indices is not None and grad:
                    merged_dim(indices[0], grad[0])
                grad = (None, *grad[1:]) if grad else grad
            var = merged(var, grad)
            return var if output else []

        return shape


def _whole(inputs, rule):
    """Return what applies a rule to the whole variable."""

    def apply(xp, given, attributes):
        inputs.check(xp, given, attributes)
        inputs.check_shape(given, inputs.gradient)
        return rule(xp, grad=given.pop(inputs.gradient), **given, **attributes)

    return apply


def _rows(inputs, rule, index_error):
    """Return what applies a rule to rows, one gradient after the other where a row has several."""

    def apply(xp, given, attributes):
        padded = attributes.pop("_padded", False)
        inputs.check(xp, given, attributes)
        indices, grads = given.pop("indices"), given.pop(inputs.gradient)
        variables = [given.pop(n) for n in inputs.writes]
        count, rows = _checked_rows(variables[0].shape, grads.shape, indices.shape)

        def message(at, index):
            return index_error.format(index=int(index), at=at[0], rows=rows)

        ok = (indices >= 0) & (indices < rows)
        there = present(xp, indices, padded)
        xp.check(ok if there is None else ok | ~there, InvalidArgumentError, message, indices)
        if not count or not rows:
            return variables
        # What is out of range fails; it must not be touched all the same.
        indices = xp.where(ok, indices, xp.zeros_like(indices))
        if there is not None:
            # Gradients of no row come after those of the last one, and it does not take them.
            indices = xp.where(there, indices, xp.max(indices))
        # Sorted, the gradients of one row lie together. In round k every row takes its kth one; a
        # row that is there twice is computed twice, alike.
        order = xp.argsort(indices, stable=True)
        indices = xp.take(indices, order, axis=0)
        first = xp.searchsorted(indices, indices)
        positions = xp.arange(count, dtype=first.dtype)
        if there is not None:
            there = xp.take(there, order, axis=0)
        values = [xp.ext.gather(v, indices) for v in variables]
        column = (count, *(1 for _ in grads.shape[1:]))

        def take(k, values):
            at = first + xp.astype(xp.asarray(k), first.dtype)
            within = xp.minimum(at, positions[-1:])
            has = (at <= positions[-1:]) & (xp.take(indices, within, axis=0) == indices)
            if there is not None:
                has = has & xp.take(there, within, axis=0)
            grad = xp.ext.gather(grads, xp.take(order, within, axis=0))
            state = dict(zip(inputs.writes, values, strict=True))
            new = rule(xp, grad=grad, **state, **given, **attributes)
            has = xp.reshape(has, column)
            return [xp.where(has, n, v) for n, v in zip(new, values, strict=True)]

        rounds = positions - first
        if there is not None:
            rounds = xp.where(there, rounds, xp.zeros_like(rounds))
        values = xp.ext.loop(xp.max(rounds) + 1, take, values)
        at = xp.reshape(indices, (count, 1))
        return [xp.ext.scatter(v, at, n, how="set") for v, n in zip(variables, values, strict=True)]

    return apply


def _checked_rows(var, grad, indices):
    """Return the number of gradients and of rows; the shapes must fit."""
    if not var:
        raise _refused("var must be at least 1 dimensional")
    if len(indices) != 1:
        raise _refused("indices must be one-dimensional")
    for i in range(1, len(var)):
        if i >= len(grad) or var[i] != grad[i]:
            raise _refused(f"var and grad must match in dimension {i}")
    if len(grad) != len(var) or grad[0] != indices[0]:
        raise _refused("grad must be the same size as indices in the first dimension.")
    return indices[0], var[0]


_OUT_OF_RANGE = "Index {index} at offset {at} in indices is out of range"


def _define(
    name,
    writes,
    whole,
    *,
    sparse=True,
    rows=None,
    references=True,
    bounds=None,
    row_bounds=None,
    index_error=_OUT_OF_RANGE,
):
    """Define the ops of one rule.

    Args:
      name: what follows `Apply` in their names.
      writes: the variables: `var` and the slots.
      whole: the rule.
      sparse: whether there are ops on rows.
      rows: their rule, if it computes in another order.
      references: whether there are ops on references.
      bounds: what must hold of scalars, by name.
      row_bounds: and in the ops on rows.
      index_error: the message about an index out of range.
    """
    variables = writes.split()
    attributes = [
        p for p in signature(whole).parameters.values() if p.kind is Parameter.KEYWORD_ONLY
    ]
    for handle in (False, True) if references else (True,):
        for by_row in (False, True) if sparse else (False,):
            prefix = "Resource" if handle else ""
            type = f"{prefix}{'Sparse' if by_row else ''}Apply{name}"
            limits = (row_bounds if by_row else None) or bounds or {}
            inputs = _Inputs(type, variables, limits)
            rule = rows or whole if by_row else whole
            function = _rows(inputs, rule, index_error) if by_row else _whole(inputs, rule)
            define(
                type,
                inputs.kernel(rule, function, attributes),
                shape=inputs.shape(output=not handle),
                writes=writes,
                effects="state",
                unknown_rank=True,
            )


_define("GradientDescent", "var", rules.gradient_descent, sparse=False)
_define("Momentum", "var accum", rules.momentum)
_define(
    "KerasMomentum",
    "var accum",
    rules.keras_momentum,
    references=False,
    index_error="indices[{at}] = {index} is not in [0, {rows})",
)
_define("Adam", "var m v", rules.adam, sparse=False)
_define("AdamWithAmsgrad", "var m v vhat", rules.amsgrad, sparse=False, references=False)
_define("AdaMax", "var m v", rules.adamax, sparse=False)
_define("Adagrad", "var accum", rules.adagrad)
_define("AdagradV2", "var accum", rules.adagrad_v2)
_define(
    "AdagradDA",
    "var gradient_accumulator gradient_squared_accumulator",
    rules.adagrad_da,
    rows=rules.adagrad_da_rows,
)
_define("Adadelta", "var accum accum_update", rules.adadelta)
_define("RMSProp", "var ms mom", rules.rms_prop, rows=rules.rms_prop_rows)
_define(
    "CenteredRMSProp",
    "var mg ms mom",
    rules.centered_rms_prop,
    rows=rules.centered_rms_prop_rows,
)
_define("Ftrl", "var accum linear", rules.ftrl, row_bounds=_FTRL)
_define("FtrlV2", "var accum linear", rules.ftrl_v2, row_bounds=_FTRL)
_define("ProximalGradientDescent", "var", rules.proximal_gradient_descent)
_define("ProximalAdagrad", "var accum", rules.proximal_adagrad, bounds=_PROXIMAL)
_define("AddSign", "var m", rules.add_sign, sparse=False)
_define("PowerSign", "var m", rules.power_sign, sparse=False)
