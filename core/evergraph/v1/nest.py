"""`tf.nest`: structures of lists, tuples, dicts and attrs classes, and their leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from evergraph.graph.composite import CompositeTensor


def is_nested(structure: Any) -> bool:
    """Whether something is a list, tuple, dict or attrs object, that may have parts."""
    return _parts(structure, False) is not None


def flatten(structure: Any, expand_composites: bool = False) -> list[Any]:
    """Return the leaves of a structure, in order; of dicts, in the order of their sorted keys.

    Args:
      structure: the structure; something else is its own leaf.
      expand_composites: whether the components of a SparseTensor … are the leaves.

    Raises:
      TypeError: the keys of a dict cannot be sorted.
    """
    return list(_leaves(structure, expand_composites))


def _leaves(structure: Any, expand: bool) -> Iterator[Any]:
    parts = _parts(structure, expand)
    if parts is None:
        yield structure
        return
    for part in parts:
        yield from _leaves(part, expand)


def _parts(structure: Any, expand: bool) -> list[Any] | None:
    """Return the parts of a structure, None if it has none."""
    if isinstance(structure, str | bytes):
        return None
    if isinstance(structure, Mapping):
        return [structure[key] for key in _sorted_keys(structure)]
    if isinstance(structure, list | tuple):
        return list(structure)
    if _is_attrs(structure):
        return [getattr(structure, a.name) for a in type(structure).__attrs_attrs__]
    if expand and isinstance(structure, CompositeTensor):
        return list(structure._components())
    return None


def _is_attrs(structure: Any) -> bool:
    return hasattr(type(structure), "__attrs_attrs__")


def _sorted_keys(structure: Mapping[Any, Any]) -> list[Any]:
    try:
        return sorted(structure)
    except TypeError as error:
        raise TypeError("nest only supports dicts with sortable keys.") from error


def pack_sequence_as(
    structure: Any, flat_sequence: Sequence[Any], expand_composites: bool = False
) -> Any:
    """Return a structure of the same form with other leaves.

    Args:
      structure: the form.
      flat_sequence: the leaves, in order.
      expand_composites: as for `flatten`.

    Raises:
      TypeError: `flat_sequence` is not a list or tuple.
      ValueError: there are more or fewer leaves than the structure has.
    """
    if not isinstance(flat_sequence, list | tuple):
        raise TypeError(
            f"Attempted to pack value:\n  {flat_sequence}\ninto a structure, but found "
            f"incompatible type `{type(flat_sequence)}` instead."
        )
    count = len(flatten(structure, expand_composites))
    if count != len(flat_sequence):
        if not is_nested(structure):
            raise ValueError(
                f"The target structure is of type `{type(structure)}`\n  {structure}\nHowever the "
                f"input is a sequence ({type(flat_sequence)}) of length {len(flat_sequence)}.\n  "
                f"{flat_sequence}\nnest cannot guarantee that it is safe to map one to the other."
            )
        raise ValueError(
            f"Could not pack sequence. Structure had {count} atoms, but flat_sequence had "
            f"{len(flat_sequence)} items. Structure: {structure}, flat_sequence: {flat_sequence}."
        )
    return _packed(structure, iter(flat_sequence), expand_composites)


def _packed(structure: Any, leaves: Iterator[Any], expand: bool) -> Any:
    parts = _parts(structure, expand)
    if parts is None:
        return next(leaves)
    return _like(structure, [_packed(part, leaves, expand) for part in parts])


def _like(structure: Any, parts: list[Any]) -> Any:
    kind: Any = type(structure)
    if isinstance(structure, Mapping):
        found = dict(zip(_sorted_keys(structure), parts, strict=True))
        ordered = {key: found[key] for key in structure}
        if isinstance(structure, defaultdict):
            return kind(structure.default_factory, ordered)
        return kind(ordered)
    if hasattr(structure, "_fields") or _is_attrs(structure):
        return kind(*parts)
    if isinstance(structure, CompositeTensor):
        return structure._with_components(parts)
    return kind(parts)


def map_structure(func: Callable[..., Any], *structure: Any, **kwargs: Any) -> Any:
    """Return a structure with `func` of the leaves of one or several structures of one form.

    Args:
      func: it takes one leaf of each structure.
      *structure: the structures.
      **kwargs: `check_types` (whether dicts and lists must be of the same types), and
        `expand_composites`.

    Raises:
      TypeError: `func` cannot be called, or types differ.
      ValueError: there is no structure, or the forms differ.
    """
    check_types = kwargs.pop("check_types", True)
    expand = kwargs.pop("expand_composites", False)
    if kwargs:
        raise ValueError(
            "Only valid keyword arguments are `check_types` and `expand_composites`, not: "
            f"`{'`, `'.join(kwargs)}`"
        )
    if not callable(func):
        raise TypeError(f"func must be callable, got: {func}")
    if not structure:
        raise ValueError("Must provide at least one structure")
    first, *others = structure
    for other in others:
        assert_same_structure(first, other, check_types, expand)
    leaves = [flatten(s, expand) for s in structure]
    return pack_sequence_as(first, [func(*x) for x in zip(*leaves, strict=True)], expand)


def assert_same_structure(
    nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False
) -> None:
    """Raise unless two structures have the same form.

    Args:
      nest1, nest2: the structures.
      check_types: whether the types of their sequences and dicts must be the same.
      expand_composites: as for `flatten`.

    Raises:
      ValueError: the numbers of parts, or nesting, differ.
      TypeError: types, or keys of dicts, differ.
    """
    try:
        _assert_same(nest1, nest2, check_types, expand_composites)
    except (ValueError, TypeError) as error:
        dots = [
            str(
                pack_sequence_as(
                    n, [_Dot()] * len(flatten(n, expand_composites)), expand_composites
                )
            )
            for n in (nest1, nest2)
        ]
        raise type(error)(
            f"{error}\nEntire first structure:\n{dots[0]}\nEntire second structure:\n{dots[1]}"
        ) from None


def _dotted(structure: Any, expand: bool) -> str:
    leaves = flatten(structure, expand)
    return str(pack_sequence_as(structure, [_Dot()] * len(leaves), expand))


class _Dot:
    def __repr__(self) -> str:
        return "."

    __str__ = __repr__


def _assert_same(one: Any, other: Any, check_types: bool, expand: bool) -> None:
    parts, theirs = _parts(one, expand), _parts(other, expand)
    head = f"The two structures don't have the same nested structure.\n\nFirst structure: type={type(one).__name__} str={one}\n\nSecond structure: type={type(other).__name__} str={other}\n\nMore specifically: "  # noqa: E501
    if (parts is None) is not (theirs is None):
        nested, plain = (one, other) if theirs is None else (other, one)
        raise ValueError(
            f'{head}Substructure "type={type(nested).__name__} str={nested}" is a sequence, while '
            f'substructure "type={type(plain).__name__} str={plain}" is not'
        )
    if parts is None or theirs is None:
        return
    if check_types and not _same_kind(one, other):
        raise TypeError(
            f"The two structures don't have the same sequence type. First structure has type "
            f"{type(one)}, while second structure has type {type(other)}."
        )
    if isinstance(one, Mapping) and isinstance(other, Mapping) and set(one) != set(other):
        raise ValueError(
            "The two dictionaries don't have the same set of keys. First structure has keys "
            f"{list(one)}, while second structure has keys {list(other)}."
        )
    if len(parts) != len(theirs):
        raise ValueError(
            f"{head}The two structures don't have the same number of elements. First structure: "
            f"{one}. Second structure: {other}."
        )
    for a, b in zip(parts, theirs, strict=True):
        _assert_same(a, b, check_types, expand)


def _same_kind(one: Any, other: Any) -> bool:
    if type(one) is type(other) or (isinstance(one, Mapping) and isinstance(other, Mapping)):
        return True
    fields = getattr(one, "_fields", None)
    return (
        fields is not None
        and fields == getattr(other, "_fields", None)
        and type(one).__name__ == type(other).__name__
    )
