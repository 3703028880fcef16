"""Moving averages of variables and tensors."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.graph.collections import GraphKeys
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast, node, scope
from evergraph.graph.stacks import get_default_graph
from evergraph.v1 import state
from evergraph.v1.flow import group
from evergraph.v1.framework import init_scope
from evergraph.v1.init_ops import Zeros
from evergraph.v1.training import slots
from evergraph.v1.variable_lists import (
    global_variables,
    moving_average_variables,
    trainable_variables,
)
from evergraph.v1.variable_scopes import get_variable, get_variable_scope, variable_scope
from evergraph.v1.variables import Variable


class ExponentialMovingAverage:
    """Keeps averages of variables in which what is long past counts little.

    Args:
      decay: how much of the average is kept in each step.
      num_updates: if given, less is kept in the first steps: at most (1 + n) / (10 + n).
      zero_debias: whether averages of tensors, which begin at zero, are corrected for that.
      name: is added to the names of the variables, and a name scope.
    """

    def __init__(
        self,
        decay: Any,
        num_updates: Any = None,
        zero_debias: bool = False,
        name: str = "ExponentialMovingAverage",
    ) -> None:
        self._decay = decay
        self._num_updates = num_updates
        self._zero_debias = zero_debias
        self._name = name
        self._averages: dict[Any, Any] = {}

    @property
    def name(self) -> str:
        """What is added to the names of the variables."""
        return self._name

    def apply(self, var_list: Any = None) -> Any:
        """Return an operation that updates the averages.

        Args:
          var_list: variables and tensors, by default all trainable variables.

        Raises:
          TypeError: the type of one is not float16, bfloat16, float32 or float64.
        """
        floats = (dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64)
        chosen = trainable_variables() if var_list is None else var_list
        debiased = set()
        for var in chosen:
            if var.dtype.base_dtype not in floats:
                raise TypeError(f"The variables must be half, float, or double: {var.name}")
            if var.ref() not in self._averages:
                with init_scope():
                    average = self._averages[var.ref()] = self._created(var)
                if self._zero_debias and not isinstance(var, Variable):
                    debiased.add(average.ref())
        with scope(self._name) as name:
            decay = convert_to_tensor(self._decay, dtypes.float32, name="decay")
            if self._num_updates is not None:
                count = cast(self._num_updates, dtypes.float32, name="num_updates")
                decay = node("Minimum", x=decay, y=(1.0 + count) / (10.0 + count))
            averages = [(self._averages[var.ref()], var) for var in chosen]
            updates = [
                assign_moving_average(average, var, decay, average.ref() in debiased)
                for average, var in averages
            ]
            return group(*updates, name=name)

    def _created(self, var: Any) -> Any:
        graph = get_default_graph()
        if isinstance(var, Variable):
            with graph.device(var.device):
                first = var.initialized_value()
            average = slots.create_slot(var, first, self._name)
            graph.add_to_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, var)
            return average
        beside = var.op.type in ("Variable", "VariableV2", "VarHandleOp")
        return slots.create_zeros_slot(var, self._name, colocate=beside)

    def average(self, var: Any) -> Any:
        """Return the variable that holds the average of another one, or None."""
        return self._averages.get(var.ref())

    def average_name(self, var: Any) -> str:
        """Return the name that the average of a variable has, or would have."""
        average = self.average(var)
        if average is not None:
            name: str = average.op.name
            return name
        name = f"{var.name.removesuffix(':0')}/{self._name}"
        return get_default_graph().unique_name(name, mark_as_used=False)

    def variables_to_restore(self, moving_avg_variables: Any = None) -> dict[str, Any]:
        """Return variables by the names under which a checkpoint has what they are to be.

        Args:
          moving_avg_variables: those that become their averages, by default all trainable ones and
            those with averages. All other variables become themselves.
        """
        if moving_avg_variables is None:
            moving_avg_variables = trainable_variables() + moving_average_variables()
        found = {self.average_name(v): v for v in moving_avg_variables}
        averaged = {v.name for v in moving_avg_variables}
        for v in global_variables():
            if v.name not in averaged:
                found.setdefault(v.op.name, v)
        return found


def assign_moving_average(
    variable: Any, value: Any, decay: Any, zero_debias: bool = True, name: str | None = None
) -> Any:
    """Return what moves a variable towards a value: v - (1 - decay) * (v - value).

    Args:
      variable: the variable.
      value: the value.
      decay: how much of the variable is kept.
      zero_debias: whether the variable, which begins at zero, is corrected for that.
      name: the name of the node.
    """
    with scope(name, "AssignMovingAvg", (variable, value, decay)) as name:
        rate = convert_to_tensor(1.0 - decay, name="decay")
        rate = cast(rate, variable.dtype.base_dtype)
        if zero_debias:
            return _debiased(variable, value, rate)
        return state.assign_sub(variable, (variable - value) * rate, name=name)


def _debiased(variable: Any, value: Any, rate: Any) -> Any:
    """Keep the plain average beside the variable, which is set to that over its weight so far."""
    graph = get_default_graph()
    dtype = variable.dtype.base_dtype
    with (
        variable_scope(variable.name.removesuffix(":0"), values=[variable, value, rate]),
        graph.colocate_with(variable),
    ):
        name = _unused("biased")
        biased = get_variable(name, variable.shape, dtype, Zeros(), trainable=False)
        name = _unused("local_step")
        count = get_variable(name, [], dtype, Zeros(), trainable=False)
    moved = state.assign_sub(biased, (biased - value) * rate)
    counted = count.assign_add(1)
    weight = 1 - node("Pow", x=1.0 - rate, y=counted)
    return state.assign(variable, moved / weight, name=f"{graph.get_name_scope()}/")


def _unused(name: str) -> str:
    """Return a name for a variable, with a number if the scope has one of that name."""
    inner = get_variable_scope()
    if inner.reuse:
        return name
    taken = {v.op.name for v in inner.global_variables()}
    found, i = name, 0
    while f"{inner.name}/{found}" in taken:
        i += 1
        found = f"{name}_{i}"
    return found
