"""`tf.Variable`: what reference and resource variables have in common, and how one is made."""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Callable, Iterator
from typing import Any

from evergraph import protos
from evergraph.dtypes import DType
from evergraph.graph.graph import Graph
from evergraph.graph.operation import Operation
from evergraph.graph.operators import Operators
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Reference, Tensor
from evergraph.session.defaults import get_default_session
from evergraph.shapes import TensorShape
from evergraph.slices import IndexedSlices
from evergraph.v1 import saved_slices
from evergraph.v1.variable_modes import VariableAggregation, VariableSynchronization


class _Creation(ABCMeta):
    """Lets `tf.Variable(…)` return a variable of the kind asked for, through the creators."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Variable:
            return _create(*args, **kwargs)
        return super().__call__(*args, **kwargs)


class Variable(Operators, metaclass=_Creation):
    """A value that outlives a step. It belongs to a graph, and has a value in every session.

    Args:
      initial_value: a tensor, a value that can be one, or a function without arguments that
        returns either (its nodes lie under NAME/Initializer).
      trainable: whether optimizers change it unless told otherwise; it is then in the collection
        TRAINABLE_VARIABLES. By default it is, unless it is synchronized on reading.
      collections: the collections that it is in, by default GLOBAL_VARIABLES.
      validate_shape: whether its values keep the shape of the initial one.
      caching_device: where its value is cached for reading.
      name: the name, "Variable" by default, made unique. It is the key in checkpoints.
      variable_def: a `VariableDef` that describes a variable of which the graph has the nodes.
      dtype: the type; by default that of the initial value.
      expected_shape: not used.
      import_scope: the scope that the names in `variable_def` are in.
      constraint: a function that optimizers apply to every new value.
      use_resource: whether it is a resource variable, which is read when it is said to be, rather
        than a reference, which is read when its consumer runs.
      synchronization, aggregation: what becomes of it when it is distributed.
      shape: the static shape; by default that of the initial value.

    Raises:
      ValueError: there is no initial value, or its shape is not known though it must be.
    """

    SaveSliceInfo = saved_slices.SaveSliceInfo

    # NumPy leaves `array + variable` to the variable.
    __array_priority__ = 100

    _name: str
    _initializer_op: Any
    _initial_value: Any
    _trainable: bool
    _synchronization: VariableSynchronization
    _aggregation: VariableAggregation
    _constraint: Any = None
    _caching_device: Any = None
    _save_slice_info: saved_slices.SaveSliceInfo | None = None

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        expected_shape: Any = None,
        import_scope: str | None = None,
        constraint: Any = None,
        use_resource: bool | None = None,
        synchronization: Any = VariableSynchronization.AUTO,
        aggregation: Any = VariableAggregation.NONE,
        shape: Any = None,
    ) -> None:
        raise NotImplementedError

    # What it is

    @property
    def name(self) -> str:
        """The name, `NAME:0`."""
        return self._name

    @property
    def _shared_name(self) -> str:
        return self.name[: self.name.index(":")]

    @property
    def dtype(self) -> DType:
        """The type of the elements; of a reference variable a reference type."""
        raise NotImplementedError

    @property
    def shape(self) -> TensorShape:
        """The static shape."""
        raise NotImplementedError

    def get_shape(self) -> TensorShape:
        """Return the static shape."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Add what is known to the static shape."""
        raise NotImplementedError

    @property
    def op(self) -> Operation:
        """The operation that stands for the variable."""
        raise NotImplementedError

    @property
    def graph(self) -> Graph:
        """The graph that contains the variable."""
        return self.op.graph

    @property
    def device(self) -> str:
        """The device string of the variable."""
        return self.op.device

    @property
    def initializer(self) -> Any:
        """The operation that gives the variable its initial value."""
        return self._initializer_op

    @property
    def initial_value(self) -> Any:
        """The tensor that the variable is initialized to."""
        return self._initial_value

    @property
    def trainable(self) -> bool:
        """Whether optimizers change it unless told otherwise."""
        return self._trainable

    @property
    def synchronization(self) -> VariableSynchronization:
        """When copies of the variable are brought together."""
        return self._synchronization

    @property
    def aggregation(self) -> VariableAggregation:
        """How copies of the variable are brought together."""
        return self._aggregation

    @property
    def constraint(self) -> Any:
        """The function that optimizers apply to every new value, or None."""
        return self._constraint

    # Its value

    def value(self) -> Tensor:
        """Return a tensor of the value; it is made once where it can be, so it may be cached."""
        raise NotImplementedError

    def read_value(self) -> Tensor:
        """Return a new tensor that reads the value."""
        raise NotImplementedError

    def initialized_value(self) -> Tensor:
        """Return the value, or the initial value as long as the variable has none."""
        from evergraph.v1.guards import initialized_value

        return initialized_value(self)

    def _as_graph_element(self) -> Tensor:
        raise NotImplementedError

    def _dense_var_to_tensor(
        self, dtype: Any = None, name: str | None = None, as_ref: bool = False
    ) -> Tensor:
        raise NotImplementedError

    def eval(self, session: Any = None) -> Any:
        """Return the value in a session, by default the default session.

        Raises:
          FailedPreconditionError: the variable is not initialized.
          ValueError: there is no default session.
        """
        return self._as_graph_element().eval(session=session)

    def load(self, value: Any, session: Any = None) -> None:
        """Set the value in a session, by default the default session, to a Python value.

        Raises:
          ValueError: there is no session, or the shape is another one.
        """
        session = session or get_default_session()
        if session is None:
            raise ValueError(
                "Either session argument should be provided or default session should be "
                "established"
            )
        session.run(self.initializer, {self.initializer.inputs[1]: value})

    # Its changes

    def assign(
        self, value: Any, use_locking: Any = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Return what sets the value when it runs.

        Args:
          value: the new value.
          use_locking: kept in the node; every step is a transaction anyway.
          name: the name of the node.
          read_value: whether the new value is returned, rather than the operation.
        """
        raise NotImplementedError

    def assign_add(
        self, delta: Any, use_locking: Any = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Return what adds to the value when it runs; the arguments are those of `assign`."""
        raise NotImplementedError

    def assign_sub(
        self, delta: Any, use_locking: Any = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Return what subtracts from the value when it runs; see `assign`."""
        raise NotImplementedError

    def count_up_to(self, limit: int) -> Any:
        """Return what adds 1 when it runs, and fails at the limit; its value is the one before."""
        raise NotImplementedError

    def _scatter(self, how: str, sparse_delta: Any, use_locking: bool, name: str | None) -> Any:
        raise NotImplementedError

    def _scatter_nd(self, how: str, indices: Any, updates: Any, name: str | None) -> Any:
        raise NotImplementedError

    def scatter_sub(
        self, sparse_delta: Any, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """Return what subtracts the rows of an `IndexedSlices` when it runs."""
        return self._scatter("Sub", sparse_delta, use_locking, name)

    def scatter_add(
        self, sparse_delta: Any, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """Return what adds the rows of an `IndexedSlices` when it runs."""
        return self._scatter("Add", sparse_delta, use_locking, name)

    def scatter_max(
        self, sparse_delta: Any, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """Return what takes the greater of each row and that of an `IndexedSlices`."""
        return self._scatter("Max", sparse_delta, use_locking, name)

    def scatter_min(
        self, sparse_delta: Any, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """Return what takes the lesser of each row and that of an `IndexedSlices`."""
        return self._scatter("Min", sparse_delta, use_locking, name)

    def scatter_mul(
        self, sparse_delta: Any, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """Return what multiplies by the rows of an `IndexedSlices` when it runs."""
        return self._scatter("Mul", sparse_delta, use_locking, name)

    def scatter_div(
        self, sparse_delta: Any, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """Return what divides by the rows of an `IndexedSlices` when it runs."""
        return self._scatter("Div", sparse_delta, use_locking, name)

    def scatter_update(
        self, sparse_delta: Any, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """Return what replaces the rows of an `IndexedSlices` when it runs."""
        return self._scatter("Update", sparse_delta, use_locking, name)

    def batch_scatter_update(
        self, sparse_delta: Any, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """Return what replaces rows batch by batch: the leading dimensions of the indices."""
        raise NotImplementedError

    def scatter_nd_sub(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Return what subtracts `updates` at `indices` when it runs."""
        return self._scatter_nd("Sub", indices, updates, name)

    def scatter_nd_add(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Return what adds `updates` at `indices` when it runs."""
        return self._scatter_nd("Add", indices, updates, name)

    def scatter_nd_update(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Return what sets the elements at `indices` when it runs."""
        return self._scatter_nd("Update", indices, updates, name)

    def scatter_nd_max(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Return what takes the greater of the elements at `indices` and `updates`."""
        return self._scatter_nd("Max", indices, updates, name)

    def scatter_nd_min(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Return what takes the lesser of the elements at `indices` and `updates`."""
        return self._scatter_nd("Min", indices, updates, name)

    def sparse_read(self, indices: Any, name: str | None = None) -> Any:
        """Return the rows at `indices`; AttributeError unless it is a resource variable."""
        del indices, name
        raise AttributeError

    def gather_nd(self, indices: Any, name: str | None = None) -> Any:
        """Return the elements at `indices`; AttributeError unless it is a resource variable."""
        del indices, name
        raise AttributeError

    # How it is saved

    def to_proto(self, export_scope: str | None = None) -> protos.VariableDef | None:
        """Return a `VariableDef`, with names relative to a scope; None if it lies outside."""
        raise NotImplementedError

    @staticmethod
    def from_proto(variable_def: Any, import_scope: str | None = None) -> Variable:
        """Return the variable that a `VariableDef` describes; the graph must have its nodes."""
        from evergraph.v1.variable_defs import from_proto

        return from_proto(variable_def, import_scope)

    def _set_save_slice_info(self, save_slice_info: saved_slices.SaveSliceInfo) -> None:
        self._save_slice_info = save_slice_info

    def _get_save_slice_info(self) -> saved_slices.SaveSliceInfo | None:
        return self._save_slice_info

    # What Python sees

    def __iter__(self) -> Iterator[Any]:
        return iter(self.read_value())

    def ref(self) -> Reference:
        """Return a hashable reference, equal for the same variable."""
        return Reference(self)

    def experimental_ref(self) -> Reference:
        """Return the same as `ref`."""
        return Reference(self)

    def __repr__(self) -> str:
        return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}>"

    def __getitem__(self, key: Any) -> Any:
        from evergraph.v1.variable_slices import sliced

        return sliced(self, key)


def check_slices(sparse_delta: Any, message: str) -> None:
    """Raise TypeError unless a value is an `IndexedSlices`."""
    if not isinstance(sparse_delta, IndexedSlices):
        raise TypeError(message.format(sparse_delta))


def _on_value(operator: str) -> Callable[..., Any]:
    function = getattr(Tensor, operator)

    def apply(self: Variable, *args: Any) -> Any:
        return function(self.value(), *args)

    apply.__name__ = operator
    return apply


for _operator, _function in vars(Operators).items():
    # Every operator is that of the value.
    if callable(_function) and _operator != "__getitem__":
        setattr(Variable, _operator, _on_value(_operator))


# How one is made


def _create(
    initial_value: Any = None,
    trainable: bool | None = None,
    collections: Any = None,
    validate_shape: bool = True,
    caching_device: Any = None,
    name: str | None = None,
    variable_def: Any = None,
    dtype: Any = None,
    expected_shape: Any = None,
    import_scope: str | None = None,
    constraint: Any = None,
    use_resource: bool | None = None,
    synchronization: Any = VariableSynchronization.AUTO,
    aggregation: Any = VariableAggregation.NONE,
    shape: Any = None,
) -> Any:
    """Make a variable, by the innermost creator, which is given the next one."""
    create: Callable[..., Any] = _default_creator
    for creator in get_default_graph()._variable_creators:
        create = _chained(creator, create)
    return create(
        initial_value=initial_value,
        trainable=trainable,
        validate_shape=validate_shape,
        caching_device=caching_device,
        name=name,
        variable_def=variable_def,
        dtype=dtype,
        import_scope=import_scope,
        constraint=constraint,
        synchronization=synchronization,
        aggregation=VariableAggregation.NONE if aggregation is None else aggregation,
        shape=shape,
        experimental_enable_variable_lifting=None,
        expected_shape=expected_shape,
        collections=collections,
        use_resource=use_resource,
    )


def _chained(creator: Callable[..., Any], following: Callable[..., Any]) -> Callable[..., Any]:
    return lambda **kwargs: creator(following, **kwargs)


#: What a creator may pass on that the constructors do not take.
_NOT_PASSED = (
    "distribute_strategy",
    "expected_shape",
    "experimental_enable_variable_lifting",
    "use_resource",
)


def _default_creator(**kwargs: Any) -> Any:
    from evergraph.v1.ref_variable import RefVariable
    from evergraph.v1.resource_variable import ResourceVariable
    from evergraph.v1.switches import resource_variables_enabled
    from evergraph.v1.variable_scopes import get_variable_scope

    use_resource = kwargs.get("use_resource")
    if use_resource is None:
        use_resource = get_variable_scope().use_resource
    if use_resource is None:
        use_resource = resource_variables_enabled()
    for name in _NOT_PASSED:
        kwargs.pop(name, None)
    return (ResourceVariable if use_resource else RefVariable)(**kwargs)
