"""`ExponentialMovingAverage`: averages of variables, which often predict better than the last."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.builder import build
from evergraph.graph.collections import GraphKeys
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast, scope
from evergraph.graph.stacks import get_default_graph
from evergraph.v1.flow import group
from evergraph.v1.training.slots import create_slot, create_zeros_slot
from evergraph.v1.variable_lists import moving_average_variables, trainable_variables
from evergraph.v1.variables import Variable


class ExponentialMovingAverage:
    """Keeps shadow variables: shadow -= (1 - decay) * (shadow - variable).

    Args:
      decay: a number or tensor, often near 1.
      num_updates: a count of updates; the decay is then at most (1 + n) / (10 + n).
      zero_debias: divide by what zeros at the start make too small (Kingma and Ba, 2014).
      name: of the averages.
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
        self._averages: dict[int, Any] = {}

    @property
    def name(self) -> str:
        """The name of the averages."""
        return self._name

    def apply(self, var_list: Any = None) -> Any:
        """Return an operation that updates the averages, which it creates.

        Args:
          var_list: variables, which the averages start from, or tensors, whose averages start
            with zero; by default all trainable variables.

        Raises:
          TypeError: something is no floating-point number.
        """
        graph = get_default_graph()
        if var_list is None:
            var_list = trainable_variables()
        for var in var_list:
            if not var.dtype.base_dtype.is_floating:
                raise TypeError(f"The variables must be half, float, or double: {var.name}")
            if id(var) not in self._averages:
                self._averages[id(var)] = var, self._created(var)
        with scope(self._name, self._name, []) as name:
            decay = convert_to_tensor(self._decay, dtypes.float32, name="decay")
            if self._num_updates is not None:
                n = cast(self._num_updates, dtypes.float32, name="num_updates")
                # At the beginning, when there is little to average, newer values count more.
                early = build("RealDiv", {"x": 1.0 + n, "y": 10.0 + n})
                decay = build("Minimum", {"x": decay, "y": early})
            updates = []
            for var in var_list:
                average = self._averages[id(var)][1]
                with graph.colocate_with(average.op):
                    debias = self._zero_debias and not isinstance(var, Variable)
                    updates.append(assign_moving_average(average, var, decay, debias))
            return group(*updates, name=name)

    def _created(self, var: Any) -> Any:
        graph = get_default_graph()
        with graph.control_dependencies(None):
            if isinstance(var, Variable):
                with graph.colocate_with(var.op):
                    average = create_slot(var, var.initialized_value(), self._name)
                # They are saved in place of the variables.
                graph.add_to_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, var)
            else:
                average = create_zeros_slot(var, self._name)
        return average

    def average(self, var: Any) -> Any:
        """Return the variable that holds the average, or None."""
        found = self._averages.get(id(var))
        return None if found is None else found[1]

    def average_name(self, var: Any) -> str:
        """Return the name of the average of a variable; it is the key in checkpoints."""
        found = self.average(var)
        if found is not None:
            name: str = found.op.name
            return name
        graph = get_default_graph()
        return graph.unique_name(f"{var.op.name}/{self._name}", mark_as_used=False)

    def variables_to_restore(self, moving_avg_variables: Any = None) -> dict[str, Any]:
        """Return, by the name of what to restore, the variables to restore it to.

        Args:
          moving_avg_variables: the variables that have averages; by default all trainable ones
            and those that averages were made of.
        """
        if moving_avg_variables is None:
            moving_avg_variables = [*trainable_variables(), *moving_average_variables()]
        averaged = {id(v): v for v in moving_avg_variables}
        names = {self.average_name(v): v for v in averaged.values()}
        graph = get_default_graph()
        kept = {v.name for v in averaged.values()}
        for v in graph.get_collection(GraphKeys.GLOBAL_VARIABLES):
            if v.name not in kept and v.op.name not in names:
                names[v.op.name] = v
        return names


def assign_moving_average(variable: Any, value: Any, decay: Any, zero_debias: bool = True) -> Any:
    """Return the operation variable -= (1 - decay) * (variable - value).

    Args:
      variable: the average.
      value: a tensor.
      decay: a scalar tensor.
      zero_debias: divide by 1 - decay ** n after n updates.
    """
    with scope(None, "AssignMovingAvg", [variable, value, decay]) as name:
        decay = convert_to_tensor(1.0 - decay, name="decay")
        dtype = variable.dtype.base_dtype
        if decay.dtype.base_dtype is not dtype:
            decay = cast(decay, dtype)
        if zero_debias:
            return _unbiased(variable, value, decay)
        update = (variable - value) * decay
        return variable.assign_sub(update, name=name)


def _unbiased(variable: Any, value: Any, decay: Any) -> Any:
    """Update a biased average and the number of updates, and assign their quotient."""
    from evergraph.v1.init_ops import zeros_initializer
    from evergraph.v1.variable_scopes import get_variable, variable_scope

    dtype = variable.dtype.base_dtype
    graph = get_default_graph()
    with (
        variable_scope(variable.op.name, values=[variable, value, decay]),
        graph.colocate_with(variable.op),
    ):
        zeros = zeros_initializer()
        biased = get_variable(
            "biased", shape=variable.shape, initializer=zeros, trainable=False, dtype=dtype
        )
        steps = get_variable(
            "local_step", shape=[], dtype=dtype, initializer=zeros, trainable=False
        )
    changed = biased.assign_sub((biased - value) * decay)
    counted = steps.assign_add(1)
    with graph.control_dependencies([changed, counted]):
        factor = 1 - build("Pow", {"x": 1.0 - decay, "y": convert_to_tensor(steps.read_value())})
        return variable.assign(biased.read_value() / factor)
