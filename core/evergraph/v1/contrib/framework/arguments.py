"""Default arguments: `arg_scope` gives them, to functions that `add_arg_scope` has wrapped."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

#: From functions to their default arguments.
Scope = dict[Any, dict[str, Any]]


class _Scopes(threading.local):
    """The scopes that a thread has entered."""

    def __init__(self) -> None:
        self.entered: list[Scope] = [{}]


_scopes = _Scopes()


def add_arg_scope(func: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function whose arguments `arg_scope` may give; what a call gives comes first."""

    @functools.wraps(func)
    def with_defaults(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **(current_arg_scope().get(key, {}) | kwargs))

    key = arg_scope_func_key(func)
    with_defaults._key_op = key  # type: ignore[attr-defined]
    return with_defaults


@contextmanager
def arg_scope(list_ops_or_scope: Any, **kwargs: Any) -> Iterator[Scope]:
    """Give functions default arguments.

    Args:
      list_ops_or_scope: a list of functions that `add_arg_scope` has wrapped; or a scope that was
        entered before, to enter it anew.
      kwargs: the arguments, in addition to those of outer scopes.

    Yields:
      The scope.

    Raises:
      TypeError: it is neither list nor scope.
      ValueError: a function is not wrapped, or there are arguments for a scope.
    """
    if isinstance(list_ops_or_scope, Mapping):
        if kwargs:
            raise ValueError(
                "A scope that is entered anew takes no further arguments. Received: "
                f"{', '.join(kwargs)}"
            )
        scope = dict(list_ops_or_scope)
    elif isinstance(list_ops_or_scope, list | tuple):
        scope = dict(current_arg_scope())
        for function in list_ops_or_scope:
            if not has_arg_scope(function):
                name = getattr(function, "__qualname__", function)
                raise ValueError(f"{name} is not decorated with @add_arg_scope")
            key = arg_scope_func_key(function)
            scope[key] = scope.get(key, {}) | kwargs
    else:
        raise TypeError(
            "list_ops_or_scope must either be a list/tuple or reused scope (i.e. dict). Received: "
            f"{list_ops_or_scope!r}"
        )
    _scopes.entered.append(scope)
    try:
        yield scope
    finally:
        _scopes.entered.pop()


def current_arg_scope() -> Scope:
    """Return the scope that was entered last."""
    return _scopes.entered[-1]


def arg_scope_func_key(op: Any) -> Any:
    """Return the key of a function in scopes."""
    return getattr(op, "_key_op", op)


def has_arg_scope(func: Any) -> bool:
    """Return whether `add_arg_scope` has wrapped a function."""
    return hasattr(func, "_key_op")


def arg_scoped_arguments(func: Any) -> tuple[str, ...]:
    """Return the names of the arguments that have defaults of their own."""
    parameters = inspect.signature(func).parameters.values()
    return tuple(p.name for p in parameters if p.default is not p.empty)
