"""`tf.variable_scope` and `tf.get_variable`: variables that are shared by name."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from types import TracebackType
from typing import Any

from evergraph.graph.collections import GraphKeys
from evergraph.graph.operators import graph_of
from evergraph.graph.stacks import get_default_graph
from evergraph.v1.framework import name_scope
from evergraph.v1.scope_defaults import VariableScope, scopes_of_graph, store_of_graph
from evergraph.v1.variable_modes import VariableAggregation, VariableSynchronization
from evergraph.v1.variable_store import AUTO_REUSE


def get_variable_scope() -> VariableScope:
    """Return the current variable scope."""
    return scopes_of_graph().current_scope


def get_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
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
    """Return a variable: one that exists, or a new one, as the variable scope says.

    What is None is taken from the scope.

    Args:
      name: the name, to which the scope is prefixed.
      shape: the shape; none with an initializer that is a tensor.
      dtype: the type.
      initializer: a function of shape and type, a class of such, or a tensor; glorot_uniform by
        default for floats, zeros for others.
      regularizer: a function from the variable to a tensor that is added to the collection
        REGULARIZATION_LOSSES, or to None.
      trainable, collections, caching_device, validate_shape, use_resource, constraint,
        synchronization, aggregation: see `tf.Variable`.
      partitioner: a function from shape and type to the numbers of parts of each dimension, of
        which one may be above 1.
      custom_getter: a function that is called in place of the getter, which is its first argument.

    Returns:
      The variable; a `PartitionedVariable` if there is a partitioner.

    Raises:
      ValueError: it exists though it must be new, or the reverse; or it has another shape or type.
    """
    return get_variable_scope().get_variable(
        store_of_graph(),
        name,
        shape=shape,
        dtype=dtype,
        initializer=initializer,
        regularizer=regularizer,
        trainable=trainable,
        collections=collections,
        caching_device=caching_device,
        partitioner=partitioner,
        validate_shape=validate_shape,
        use_resource=use_resource,
        custom_getter=custom_getter,
        constraint=constraint,
        synchronization=synchronization,
        aggregation=aggregation,
    )


def get_local_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool | None = False,
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
    """Return a variable that is not trainable, in LOCAL_VARIABLES; see `get_variable`."""
    del trainable
    return get_variable(
        name,
        shape=shape,
        dtype=dtype,
        initializer=initializer,
        regularizer=regularizer,
        trainable=False,
        collections=[*(collections or ()), GraphKeys.LOCAL_VARIABLES],
        caching_device=caching_device,
        partitioner=partitioner,
        validate_shape=validate_shape,
        use_resource=use_resource,
        custom_getter=custom_getter,
        constraint=constraint,
        synchronization=synchronization,
        aggregation=aggregation,
    )


class variable_scope(AbstractContextManager[VariableScope]):
    """Prefix the names of variables made inside, and give them defaults; a name scope as well.

    Args:
      name_or_scope: the prefix, inside the current one; or a `VariableScope` to enter anew.
      default_name: a prefix that is made unique, if `name_or_scope` is None.
      values: tensors; their graph is the default graph inside.
      initializer, regularizer, caching_device, partitioner, custom_getter, dtype, use_resource,
        constraint: defaults for `tf.get_variable`, where not None.
      reuse: True to share variables only, AUTO_REUSE to share or make them; None for what the
        outer scope says.
      auxiliary_name_scope: whether a name scope is entered, too.

    Raises:
      TypeError: there is no name, or one of another type.
      ValueError: `reuse` is something else, or True without a name.
    """

    def __init__(
        self,
        name_or_scope: Any,
        default_name: str | None = None,
        values: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        custom_getter: Any = None,
        reuse: Any = None,
        dtype: Any = None,
        use_resource: bool | None = None,
        constraint: Any = None,
        auxiliary_name_scope: bool = True,
    ) -> None:
        if default_name is None and name_or_scope is None:
            raise TypeError("If default_name is None then name_or_scope is required")
        if reuse is False:
            # Like None: what the outer scope says.
            reuse = None
        if not (reuse is True or reuse is None or reuse is AUTO_REUSE):
            raise ValueError("The reuse parameter must be True or False or None.")
        if not isinstance(auxiliary_name_scope, bool):
            raise TypeError(
                "The auxiliary_name_scope must be `True` or `False`, while get "
                f"{auxiliary_name_scope}"
            )
        self._name_or_scope = name_or_scope
        self._default_name = default_name
        self._graph = graph_of(values or ()) or get_default_graph()
        self._reuse = reuse
        self._defaults = {
            "initializer": initializer,
            "regularizer": regularizer,
            "caching_device": caching_device,
            "partitioner": partitioner,
            "dtype": dtype,
            "use_resource": use_resource,
        }
        self._custom_getter = custom_getter
        self._constraint = constraint
        self._auxiliary_name_scope = auxiliary_name_scope
        self._chosen: str | VariableScope | None = None
        self._name_scope: AbstractContextManager[str] | None = None
        self._old_name_scope: str | None = None
        self._object: VariableScope | None = None
        self._entered: list[ExitStack] = []

    def __enter__(self) -> VariableScope:
        with ExitStack() as stack:
            stack.enter_context(self._graph.as_default())
            if self._chosen is None:
                self._choose(stack)
            elif self._name_scope is not None:
                stack.enter_context(self._name_scope)
            found = stack.enter_context(self._variable_scope())
            self._entered.append(stack.pop_all())
        return found

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._entered.pop().__exit__(kind, error, traceback)

    def _choose(self, stack: ExitStack) -> None:
        """Decide on the names, the first time, and enter the name scope."""
        given = self._name_or_scope
        if given is not None and not isinstance(given, VariableScope | str):
            raise TypeError("VariableScope: name_or_scope must be a string or VariableScope.")
        if given is None and self._reuse:
            raise ValueError("reuse=True cannot be used without a name_or_scope")
        if self._auxiliary_name_scope:
            name = self._default_name if given is None else given
            if isinstance(name, VariableScope):
                name = name.name.split("/")[-1]
            # The empty name enters no name scope.
            self._name_scope = name_scope(name) if name or given is None else None
        else:
            outer = self._graph.get_name_scope()
            self._name_scope = name_scope(f"{outer}/" if outer else outer)
        if self._name_scope is not None:
            self._old_name_scope = stack.enter_context(self._name_scope)
        if isinstance(given, VariableScope):
            self._object = self._derived(given, given.name, given.original_name_scope, given.reuse)
        if given is None:
            assert self._default_name is not None
            given = scopes_of_graph().unique(self._default_name)
        self._chosen = given

    @contextmanager
    def _variable_scope(self) -> Iterator[VariableScope]:
        scopes = scopes_of_graph()
        old = scopes.current_scope
        counts: dict[str, int] | None = None
        if self._object is not None:
            new = self._object
            scopes.open(new.name)
            counts = copy.copy(scopes.counts)
        else:
            name = self._chosen
            assert isinstance(name, str)
            full = f"{old.name}/{name}" if old.name else name
            entered = name if self._old_name_scope is None else self._old_name_scope
            # Sharing, once said, holds for all scopes inside.
            new = self._derived(old, full, entered, old.reuse)
            scopes.open(full)
        scopes.current_scope = new
        try:
            yield new
        finally:
            if scopes.current_scope is not new:
                raise RuntimeError("Improper nesting of variable_scope.")
            if counts is not None:
                scopes.counts = counts
            else:
                scopes.close_inner(new.name)
            scopes.current_scope = old

    def _derived(
        self, base: VariableScope, name: str, name_scope: str, reuse: Any
    ) -> VariableScope:
        defaults = {k: getattr(base, k) if v is None else v for k, v in self._defaults.items()}
        getter = base.custom_getter
        if self._custom_getter is not None:
            getter = _nested(self._custom_getter, getter)
        return VariableScope(
            self._reuse or reuse,
            name=name,
            custom_getter=getter,
            name_scope=name_scope,
            # TF: the constraint is not inherited.
            constraint=self._constraint,
            **defaults,
        )


def _nested(custom_getter: Any, outer: Any) -> Any:
    """Return a custom getter whose getter is the outer scope's custom getter."""
    if outer is None:
        return custom_getter

    def wrapped_custom_getter(getter: Any, *args: Any, **kwargs: Any) -> Any:
        return custom_getter(partial(outer, getter), *args, **kwargs)

    return wrapped_custom_getter


@contextmanager
def variable_op_scope(
    values: Any,
    name_or_scope: Any,
    default_name: str | None = None,
    initializer: Any = None,
    regularizer: Any = None,
    caching_device: Any = None,
    partitioner: Any = None,
    custom_getter: Any = None,
    reuse: Any = None,
    dtype: Any = None,
    use_resource: bool | None = None,
    constraint: Any = None,
) -> Iterator[VariableScope]:
    """Do what `variable_scope` does, with the arguments in another order."""
    with variable_scope(
        name_or_scope,
        default_name=default_name,
        values=values,
        initializer=initializer,
        regularizer=regularizer,
        caching_device=caching_device,
        partitioner=partitioner,
        custom_getter=custom_getter,
        reuse=reuse,
        dtype=dtype,
        use_resource=use_resource,
        constraint=constraint,
    ) as scope:
        yield scope


def variable_creator_scope(
    variable_creator: Callable[..., Any],
) -> AbstractContextManager[None]:
    """Let a function make the variables of `tf.Variable` inside.

    Args:
      variable_creator: `f(next_creator, **kwargs)`; it returns `next_creator(**kwargs)`, or another
        variable.
    """
    return get_default_graph()._variable_creator_scope(variable_creator)


def no_regularizer(_: Any) -> None:
    """Return None: a regularizer that keeps an outer scope's from being used."""
    return


def partitioned_variable(
    name: str | None,
    shape: Any,
    dtype: Any,
    initializer: Any,
    trainable: bool,
    collections: Any,
    partitioner: Any,
) -> Any:
    """Return a partitioned variable under the name of the current scope, or inside of it.

    Raises:
      ValueError: the scope has a custom getter; or as `tf.get_variable`.
    """
    scope = get_variable_scope()
    if scope.custom_getter is not None:
        raise ValueError(
            "Private access to _get_partitioned_variable is not allowed when a custom getter is "
            f"set.  Current custom getter: {scope.custom_getter}.  It is likely that you're using "
            "create_partitioned_variables.  If so, consider instead using get_variable with a "
            "non-empty partitioner parameter instead."
        )
    with get_default_graph().name_scope(None):
        return store_of_graph().get_partitioned(
            "/".join(part for part in (scope.name, name) if part),
            shape=shape,
            dtype=scope.dtype if dtype is None else dtype,
            initializer=scope.initializer if initializer is None else initializer,
            regularizer=scope.regularizer,
            reuse=scope.reuse,
            trainable=trainable,
            collections=collections,
            caching_device=scope.caching_device,
            partitioner=partitioner,
            validate_shape=True,
            use_resource=scope.use_resource,
            constraint=scope.constraint,
            synchronization=VariableSynchronization.AUTO,
            aggregation=VariableAggregation.NONE,
        )
