"""What `tf.get_variable` goes by: the variable scope of a thread, its defaults, and the store."""

from __future__ import annotations

import threading
from typing import Any, Final

from evergraph import dtypes
from evergraph.graph.collections import GraphKeys
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.stacks import get_default_graph
from evergraph.v1.variable_modes import VariableAggregation, VariableSynchronization
from evergraph.v1.variable_store import VariableStore

# Both are kept with the graph, as collections of these names.
_STORE: Final = ("__variable_store",)
_SCOPES: Final = ("__varscope",)


class VariableScope:
    """A prefix of names, and defaults for the variables that `tf.get_variable` makes under it.

    Args:
      reuse: True to share only, False or None to make only, AUTO_REUSE for either.
      name: the prefix.
      initializer, regularizer, caching_device, partitioner, custom_getter, dtype, use_resource,
        constraint: defaults for `tf.get_variable`.
      name_scope: the name scope that was entered with it.
    """

    def __init__(
        self,
        reuse: Any,
        name: str = "",
        initializer: Any = None,
        regularizer: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        custom_getter: Any = None,
        name_scope: str = "",
        dtype: Any = dtypes.float32,
        use_resource: bool | None = None,
        constraint: Any = None,
    ) -> None:
        self._name = name
        self._initializer = initializer
        self._regularizer = regularizer
        self._reuse = reuse
        self._caching_device = caching_device
        self._partitioner = partitioner
        self._custom_getter = custom_getter
        self._name_scope = name_scope
        self._dtype = dtype
        self._use_resource = use_resource
        self._constraint = constraint

    @property
    def name(self) -> str:
        """The prefix, without a trailing slash."""
        return self._name

    @property
    def original_name_scope(self) -> str:
        """The name scope that was entered with it, with a trailing slash."""
        return self._name_scope

    @property
    def reuse(self) -> Any:
        """Whether variables are shared or made."""
        return self._reuse

    @property
    def initializer(self) -> Any:
        """The default initializer."""
        return self._initializer

    @property
    def dtype(self) -> Any:
        """The default type."""
        return self._dtype

    @property
    def use_resource(self) -> bool | None:
        """Whether variables are resource variables, if that is said."""
        return self._use_resource

    @property
    def regularizer(self) -> Any:
        """The default regularizer."""
        return self._regularizer

    @property
    def caching_device(self) -> Any:
        """The default caching device."""
        return self._caching_device

    @property
    def partitioner(self) -> Any:
        """The default partitioner."""
        return self._partitioner

    @property
    def custom_getter(self) -> Any:
        """The default custom getter."""
        return self._custom_getter

    @property
    def constraint(self) -> Any:
        """The default constraint."""
        return self._constraint

    def reuse_variables(self) -> None:
        """Share variables from now on, and make none."""
        self._reuse = True

    def set_initializer(self, initializer: Any) -> None:
        """Set the default initializer."""
        self._initializer = initializer

    def set_dtype(self, dtype: Any) -> None:
        """Set the default type."""
        self._dtype = dtype

    def set_use_resource(self, use_resource: bool | None) -> None:
        """Set whether variables are resource variables."""
        self._use_resource = use_resource

    def set_regularizer(self, regularizer: Any) -> None:
        """Set the default regularizer."""
        self._regularizer = regularizer

    def set_caching_device(self, caching_device: Any) -> None:
        """Set the default caching device."""
        self._caching_device = caching_device

    def set_partitioner(self, partitioner: Any) -> None:
        """Set the default partitioner."""
        self._partitioner = partitioner

    def set_custom_getter(self, custom_getter: Any) -> None:
        """Set the default custom getter."""
        self._custom_getter = custom_getter

    def get_collection(self, name: Any) -> list[Any]:
        """Return what a collection has under this prefix."""
        return get_default_graph().get_collection(name, f"{self._name}/" if self._name else "")

    def trainable_variables(self) -> list[Any]:
        """Return the trainable variables under this prefix."""
        return self.get_collection(GraphKeys.TRAINABLE_VARIABLES)

    def global_variables(self) -> list[Any]:
        """Return the global variables under this prefix."""
        return self.get_collection(GraphKeys.GLOBAL_VARIABLES)

    def local_variables(self) -> list[Any]:
        """Return the local variables under this prefix."""
        return self.get_collection(GraphKeys.LOCAL_VARIABLES)

    def get_variable(
        self,
        var_store: VariableStore,
        name: str,
        shape: Any = None,
        dtype: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        reuse: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        validate_shape: bool = True,
        use_resource: bool | None = None,
        custom_getter: Any = None,
        constraint: Any = None,
        synchronization: Any = VariableSynchronization.AUTO,
        aggregation: Any = VariableAggregation.NONE,
    ) -> Any:
        """Return a variable of a store, with the defaults of this scope; see `tf.get_variable`.

        Raises:
          ValueError: `dtype` is not the type of the initial value; or as `tf.get_variable`.
        """
        with get_default_graph().name_scope(None):
            if dtype is not None and initializer is not None and not callable(initializer):
                found = convert_to_tensor(initializer).dtype.base_dtype
                if found != dtype:
                    raise ValueError(
                        f"Initializer type '{found}' and explicit dtype '{dtype}' don't match."
                    )
            return var_store.get_variable(
                f"{self.name}/{name}" if self.name else name,
                shape=shape,
                dtype=self._dtype if dtype is None else dtype,
                initializer=self._initializer if initializer is None else initializer,
                regularizer=self._regularizer if regularizer is None else regularizer,
                reuse=self._reuse if reuse is None else reuse,
                trainable=trainable,
                collections=collections,
                caching_device=self._caching_device if caching_device is None else caching_device,
                partitioner=self._partitioner if partitioner is None else partitioner,
                validate_shape=validate_shape,
                use_resource=self._use_resource if use_resource is None else use_resource,
                custom_getter=self._custom_getter if custom_getter is None else custom_getter,
                constraint=self._constraint if constraint is None else constraint,
                synchronization=synchronization,
                aggregation=aggregation,
            )


class Scopes(threading.local):
    """The current scope of a graph in each thread, and how often each scope was opened."""

    def __init__(self) -> None:
        self.current_scope = VariableScope(False)
        self.counts: dict[str, int] = {}

    def open(self, name: str) -> None:
        """Count a scope that is opened."""
        self.counts[name] = self.counts.get(name, 0) + 1

    def close_inner(self, name: str) -> None:
        """Forget the scopes that were opened inside a scope."""
        for inner in self.counts:
            if inner.startswith(f"{name}/"):
                self.counts[inner] = 0

    def unique(self, prefix: str) -> str:
        """Return a name that no scope beside the current one's children has been opened with."""
        outer = self.current_scope.name
        full = f"{outer}/{prefix}" if outer else prefix
        if not self.counts.get(full):
            return prefix
        i = 1
        while self.counts.get(f"{full}_{i}"):
            i += 1
        return f"{prefix}_{i}"


def scopes_of_graph() -> Scopes:
    """Return the scopes of the default graph."""
    found = get_default_graph().get_collection_ref(_SCOPES)
    if not found:
        found.append(Scopes())
    scopes: Scopes = found[0]
    return scopes


def store_of_graph() -> VariableStore:
    """Return the variables that `tf.get_variable` has made in the default graph."""
    found = get_default_graph().get_collection_ref(_STORE)
    if not found:
        found.append(VariableStore())
    store: VariableStore = found[0]
    return store
