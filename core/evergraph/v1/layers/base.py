"""`tf.layers.Layer`: something that makes variables once, and computes with them at each call."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import numpy as np

from evergraph.dtypes import as_dtype
from evergraph.graph.collections import GraphKeys
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operation import Operation
from evergraph.graph.operators import cast
from evergraph.graph.slicing import shape as shape_of
from evergraph.graph.stacks import get_default_graph
from evergraph.shapes import TensorShape
from evergraph.v1 import nest
from evergraph.v1._arguments import base_dtype, is_tensor
from evergraph.v1.framework import name_scope
from evergraph.v1.layers.specs import InputSpec, check_inputs
from evergraph.v1.partitions import PartitionedVariable
from evergraph.v1.scope_defaults import VariableScope
from evergraph.v1.variable_lists import global_variables
from evergraph.v1.variable_modes import VariableAggregation, VariableSynchronization
from evergraph.v1.variable_scopes import get_variable, variable_scope

__all__ = ["InputSpec", "Layer"]

#: Where a graph counts the names of its layers.
_NAMES: Final = ("__layer_names",)
#: What a constructor takes beside its own arguments.
_FURTHER: Final = frozenset({"_scope", "_reuse", "activity_regularizer", "dynamic", "autocast"})


class Layer:
    """Variables, made when it is first called, and a function of inputs that uses them.

    A class of one's own has `build(input_shape)`, which makes variables by `add_weight`, and
    `call(inputs)`, which computes the outputs.

    Args:
      trainable: whether its variables are for the optimizer.
      name: its name, which is also the variable scope it opens.
      dtype: the type of its variables; that of the first input by default.
      kwargs: `activity_regularizer`, a function from the outputs to a loss.

    Raises:
      TypeError: there is another keyword.
    """

    def __init__(
        self, trainable: bool = True, name: Any = None, dtype: Any = None, **kwargs: Any
    ) -> None:
        for keyword in kwargs:
            if keyword not in _FURTHER:
                raise TypeError(
                    f"{type(self).__name__}.__init__() got an unexpected keyword argument "
                    f"{keyword!r}"
                )
        scope = kwargs.get("_scope")
        self.trainable = trainable
        self.built = False
        self.input_spec: Any = None
        self.activity_regularizer = kwargs.get("activity_regularizer")
        self._dtype = None if dtype is None else as_dtype(dtype).name
        self._reuse = kwargs.get("_reuse")
        self._weights: list[tuple[Any, bool]] = []
        self._losses: list[Any] = []
        self._functions: list[Callable[[], Any]] = []
        self._updates: list[Any] = []
        self._graph: Any = None
        self._scope: VariableScope | None = None
        self._current_scope: VariableScope | None = None
        if name is None or isinstance(name, VariableScope):
            self._name = _unique(_snake_case(type(self).__name__))
            self._base_name = name.name if name else _snake_case(type(self).__name__)
        else:
            self._name = self._base_name = name
        if scope:
            with variable_scope(scope) as found:
                self._scope = found

    # What a class of one's own has

    def build(self, input_shape: Any) -> None:
        """Make the variables, once the shape of the inputs is known."""
        del input_shape
        self.built = True

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Return the outputs, given the inputs and whatever else the layer takes."""
        del kwargs
        return args[0]

    # Calls

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Build the layer, if this is its first call, and return what `call` returns.

        Args:
          inputs: a tensor or a structure of tensors.
          args, kwargs: what else `call` takes; and `scope`, the variable scope of a first call.

        Raises:
          ValueError: the inputs are not as the layer demands.
        """
        inputs = nest.map_structure(
            lambda x: convert_to_tensor(x) if isinstance(x, np.ndarray | float | int) else x, inputs
        )
        self._set_scope(kwargs.pop("scope", None))
        self._graph = get_default_graph()
        reuse: bool | None = True if self.built else self._reuse
        with variable_scope(self._scope, reuse=reuse, auxiliary_name_scope=False) as scope:
            self._current_scope = scope
            with name_scope(self._name_scope()):
                self._build_once(inputs)
                outputs = self.call(inputs, *args, **kwargs)
                if self.activity_regularizer is not None:
                    self._regularize_activity(outputs, self.activity_regularizer)
        return outputs

    def apply(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Call the layer."""
        return self(inputs, *args, **kwargs)

    def _build_once(self, inputs: Any) -> None:
        tensors = [x for x in nest.flatten(inputs) if is_tensor(x)]
        check_inputs(self.input_spec, tensors, self.name)
        if self.built:
            return
        if self._dtype is None and tensors:
            self._dtype = base_dtype(tensors[0]).name
        self.build(nest.map_structure(lambda x: TensorShape(x.shape), inputs))
        self.built = True
        check_inputs(self.input_spec, tensors, self.name)

    def _regularize_activity(self, outputs: Any, regularizer: Any) -> None:
        for output in nest.flatten(outputs):
            with name_scope("ActivityRegularizer"):
                loss = regularizer(output)
                self.add_loss(loss / cast(shape_of(output)[0], loss.dtype))

    # Names

    def _set_scope(self, scope: Any = None) -> None:
        if self._scope is not None:
            return
        if self._reuse:
            entered = variable_scope(self._base_name if scope is None else scope)
        else:
            entered = variable_scope(scope, default_name=self._base_name)
        with entered as found:
            self._scope = found

    def _name_scope(self) -> str:
        """Return the name scope that calls enter, by its whole name."""
        assert self._current_scope is not None
        return self._current_scope.original_name_scope

    @property
    def name(self) -> str:
        """Its name."""
        return self._name

    @property
    def scope_name(self) -> str:
        """The name of its variable scope.

        Raises:
          ValueError: it has not been called.
        """
        if self._scope is None:
            raise ValueError(
                f'No name available for layer scope because the layer "{self._name}" has not been '
                "used yet. The scope name  is determined the first time the layer instance is "
                "called. You must therefore call the layer before querying `scope_name`."
            )
        return self._scope.name

    @property
    def dtype(self) -> Any:
        """The name of the type of its variables, or None."""
        return self._dtype

    @property
    def graph(self) -> Any:
        """The graph in which it was called, or None."""
        return self._graph

    # Variables

    def add_weight(
        self,
        name: str,
        shape: Any,
        dtype: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        trainable: bool | None = None,
        constraint: Any = None,
        use_resource: bool | None = None,
        synchronization: Any = VariableSynchronization.AUTO,
        aggregation: Any = VariableAggregation.NONE,
        partitioner: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Return a variable of the layer, in its variable scope; see `tf.get_variable`.

        Args:
          name: the name, inside of the scope.
          shape: the shape.
          dtype: the type; that of the layer by default.
          initializer, constraint, use_resource, synchronization, aggregation, partitioner: see
            `tf.get_variable`.
          regularizer: a function from the variable to a loss; only of a variable that is new.
          trainable: whether the optimizer may change it.
          kwargs: `experimental_autocast`, which has no effect.

        Raises:
          TypeError: there is another keyword.
          ValueError: it must not be aggregated as asked; or as `tf.get_variable`.
        """
        for keyword in kwargs:
            if keyword != "experimental_autocast":
                raise TypeError(f"Unknown keyword argument: {keyword}")
        on_read = synchronization is VariableSynchronization.ON_READ
        if on_read and trainable:
            raise ValueError(
                "Synchronization value can be set to VariableSynchronization.ON_READ only for "
                "non-trainable variables. You have specified trainable=True and "
                "synchronization=VariableSynchronization.ON_READ."
            )
        trainable = not on_read if trainable is None else trainable
        self._set_scope()
        existing = {id(v) for v in global_variables()}
        reuse = True if self.built else self._reuse
        with variable_scope(self._scope, reuse=reuse, auxiliary_name_scope=False) as scope:
            self._current_scope = scope
            with name_scope(self._name_scope()):
                variable = get_variable(
                    name,
                    shape=shape,
                    dtype=as_dtype(dtype or self._dtype or "float32"),
                    initializer=initializer,
                    trainable=trainable and self.trainable,
                    constraint=constraint,
                    partitioner=partitioner,
                    use_resource=use_resource,
                    synchronization=synchronization,
                    aggregation=aggregation,
                )
                if regularizer is not None:
                    self._regularize(name, variable, regularizer, existing)
        self._weights.append((variable, trainable))
        return variable

    def add_variable(self, *args: Any, **kwargs: Any) -> Any:
        """Return a variable; the old name of `add_weight`."""
        return self.add_weight(*args, **kwargs)

    def _regularize(self, name: str, variable: Any, regularizer: Any, existing: set[int]) -> None:
        whole = isinstance(variable, PartitionedVariable)
        for part in variable if whole else [variable]:
            if id(part) in existing:
                continue
            self.add_loss(partial(_penalty, name, part, regularizer))

    def _layers(self) -> Iterator[Layer]:
        """Yield the layers that it has as attributes."""
        for value in vars(self).values():
            for item in value if isinstance(value, list | tuple) else [value]:
                if isinstance(item, Layer):
                    yield item

    @property
    def trainable_weights(self) -> list[Any]:
        """Its variables that are for the optimizer, and those of layers inside of it."""
        if not self.trainable:
            return []
        own = [variable for variable, trainable in self._weights if trainable]
        return own + [v for layer in self._layers() for v in layer.trainable_weights]

    @property
    def non_trainable_weights(self) -> list[Any]:
        """Its other variables."""
        if not self.trainable:
            own = sorted(self._weights, key=lambda pair: not pair[1])
            return [v for v, _ in own] + [v for layer in self._layers() for v in layer.weights]
        own_others = [variable for variable, trainable in self._weights if not trainable]
        return own_others + [v for layer in self._layers() for v in layer.non_trainable_weights]

    @property
    def weights(self) -> list[Any]:
        """All its variables, those for the optimizer first."""
        return self.trainable_weights + self.non_trainable_weights

    @property
    def variables(self) -> list[Any]:
        """All its variables."""
        return self.weights

    @property
    def trainable_variables(self) -> list[Any]:
        """Its variables that are for the optimizer."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Any]:
        """Its other variables."""
        return self.non_trainable_weights

    def count_params(self) -> int:
        """Return how many numbers its variables hold.

        Raises:
          ValueError: it has not been built.
        """
        if not self.built:
            raise ValueError(
                f"You tried to call `count_params` on {self.name}, but the layer isn't built. You "
                f"can build it manually via: `{self.name}.build(batch_input_shape)`."
            )
        return sum(int(np.prod(v.shape.as_list())) for v in self.weights)

    # Losses and updates

    @property
    def losses(self) -> list[Any]:
        """Its losses, and those of layers inside of it."""
        # TF: losses of weights are built anew whenever somebody asks.
        built = [loss for loss in (function() for function in self._functions) if loss is not None]
        return self._losses + built + [loss for layer in self._layers() for loss in layer.losses]

    @property
    def updates(self) -> list[Any]:
        """What must run when it is trained, and that of layers inside of it; none if it is not."""
        if not self.trainable:
            return []
        return self._updates + [u for layer in self._layers() for u in layer.updates]

    def add_loss(self, losses: Any, inputs: Any = None) -> None:
        """Add losses to the layer's, and to the collection REGULARIZATION_LOSSES.

        Args:
          losses: a scalar tensor, a function that returns one, or a list of these; None is
            left out.
          inputs: not used.
        """
        del inputs
        given = nest.flatten(losses)
        functions = [loss for loss in given if callable(loss)]
        tensors = [
            loss if is_tensor(loss) else convert_to_tensor(loss)
            for loss in given
            if loss is not None and not callable(loss)
        ]
        self._losses += tensors
        self._functions += functions
        built = [loss for loss in (function() for function in functions) if loss is not None]
        _collect(GraphKeys.REGULARIZATION_LOSSES, [*tensors, *built])

    def add_update(self, updates: Any, inputs: Any = None) -> None:
        """Add operations to the layer's updates, and to the collection UPDATE_OPS.

        Args:
          updates: an operation, a tensor, a function that returns one, or a list of these.
          inputs: not used.
        """
        del inputs
        given = updates if isinstance(updates, list | tuple) else [updates]
        made = [_operation(update() if callable(update) else update) for update in given]
        self._updates += made
        if self.trainable:
            _collect(GraphKeys.UPDATE_OPS, made)

    # Copies

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """Return a copy; graph, scope and variables are shared."""
        result = type(self).__new__(type(self))
        memo[id(self)] = result
        shared = {"_graph", "_scope", "_current_scope", "_weights"}
        for name, value in vars(self).items():
            copied = copy.copy(value) if name in shared else copy.deepcopy(value, memo)
            setattr(result, name, copied)
        return result


def _operation(update: Any) -> Any:
    return update if isinstance(update, Operation) else getattr(update, "op", update)


def _penalty(name: str, variable: Any, regularizer: Any) -> Any:
    with name_scope(f"{name}/Regularizer"):
        return regularizer(variable)


def _collect(key: str, items: list[Any]) -> None:
    """Add to a collection what is not there yet."""
    collection = get_default_graph().get_collection_ref(key)
    there = {id(item) for item in collection}
    collection.extend(item for item in items if id(item) not in there)


def _snake_case(name: str) -> str:
    """Return the name of a class in lower case, with underscores between words."""
    words = re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name))
    return f"private{words.lower()}" if words.startswith("_") else words.lower()


def _unique(base: str) -> str:
    """Return a name that no layer of the graph was given so far: the first ends with 1."""
    found = get_default_graph().get_collection_ref(_NAMES)
    if not found:
        found.append({})
    counts: dict[str, int] = found[0]
    counts[base] = counts.get(base, 0) + 1
    return f"{base}_{counts[base]}"
