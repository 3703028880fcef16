"""`HParams`: hyperparameters by name, with the types of their first values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

__all__ = ["HParams", "parse_values"]

#: One assignment of a text: a name, perhaps an index, and a value or a list of such.
_ASSIGNMENT: Final = re.compile(
    r"\s*(?P<name>[a-zA-Z][\w.]*)(\[\s*(?P<index>\d+)\s*\])?\s*=\s*"
    r"((?P<value>[^,\[]*)|\[(?P<list>[^\]]*)\])\s*($|,)"
)
_BOOLS: Final = {"true": True, "True": True, "1": True, "false": False, "False": False, "0": False}


class HParams:
    """Hyperparameters, which are attributes of the object.

    A value keeps the type that it has first: what is assigned, or parsed, becomes that type.

    Args:
      model_structure: a structure that describes the model, which no text changes.
      kwargs: the names and values: numbers, bools, strings, None, or lists of one type.

    Raises:
      ValueError: a name is reserved, or a list is empty.
    """

    def __init__(self, model_structure: Any = None, **kwargs: Any) -> None:
        self._hparam_types: dict[str, tuple[type, bool]] = {}
        self._model_structure = model_structure
        for name, value in kwargs.items():
            self.add_hparam(name, value)

    def add_hparam(self, name: str, value: Any) -> None:
        """Add a hyperparameter.

        Raises:
          ValueError: the name is taken or reserved, or the value is an empty list.
        """
        if getattr(self, name, None) is not None:
            raise ValueError(f"Hyperparameter name is reserved: {name}")
        if isinstance(value, list | tuple):
            if not value:
                raise ValueError(f"Multi-valued hyperparameters cannot be empty: {name}")
            self._hparam_types[name] = (type(value[0]), True)
        else:
            self._hparam_types[name] = (type(value), False)
        setattr(self, name, value)

    def set_hparam(self, name: str, value: Any) -> None:
        """Set a hyperparameter that exists.

        Raises:
          KeyError: there is none of that name.
          ValueError: the value is a list and must not be, or the reverse; or of another type.
        """
        kind, is_list = self._hparam_types[name]
        if isinstance(value, list) is not is_list:
            expected = "a list" if is_list else "a single value"
            raise ValueError(f"Must pass {expected} for hyperparameter {name}: {value!r}")
        if is_list:
            converted: Any = [_converted(name, kind, entry) for entry in value]
        else:
            converted = _converted(name, kind, value)
        setattr(self, name, converted)

    def del_hparam(self, name: str) -> None:
        """Remove a hyperparameter, if there is one of that name."""
        if hasattr(self, name):
            delattr(self, name)
            del self._hparam_types[name]

    def parse(self, values: str) -> HParams:
        """Set hyperparameters by a text such as "rate=0.1,sizes=[3,4],sizes[1]=5".

        Returns:
          The object itself.

        Raises:
          ValueError: the text is not of that form, or there is none of a name.
        """
        kinds = {name: kind for name, (kind, _) in self._hparam_types.items()}
        return self.override_from_dict(parse_values(values, kinds))

    def override_from_dict(self, values_dict: dict[str, Any]) -> HParams:
        """Set hyperparameters by name, and return the object; see `set_hparam`.

        An entry that is a dictionary from indices sets elements of a list.
        """
        for name, value in values_dict.items():
            if isinstance(value, dict) and self._hparam_types.get(name, (None, False))[1]:
                elements = list(getattr(self, name))
                for index, element in value.items():
                    elements[index] = element
                value = elements
            self.set_hparam(name, value)
        return self

    def parse_json(self, values_json: str) -> HParams:
        """Set hyperparameters by the text of a JSON object, and return the object."""
        return self.override_from_dict(json.loads(values_json))

    def set_model_structure(self, model_structure: Any) -> None:
        """Set the structure that describes the model."""
        self._model_structure = model_structure

    def get_model_structure(self) -> Any:
        """Return the structure that describes the model."""
        return self._model_structure

    def values(self) -> dict[str, Any]:
        """Return the values by name."""
        return {name: getattr(self, name) for name in self._hparam_types}

    def to_json(
        self,
        indent: Any = None,
        separators: Any = None,
        sort_keys: bool = False,
    ) -> str:
        """Return the values as the text of a JSON object; functions are left out."""
        found = {k: v for k, v in self.values().items() if not callable(v)}
        return json.dumps(found, indent=indent, separators=separators, sort_keys=sort_keys)

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value, or the default if there is none of that name.

        Raises:
          ValueError: the default has not the type of the value.
        """
        if key not in self._hparam_types:
            return default
        if default is not None:
            kind, is_list = self._hparam_types[key]
            if isinstance(default, list | tuple) is not is_list:
                raise ValueError(
                    f"get() of {key!r}: its default {default!r} should "
                    f"{'' if is_list else 'not '}be a list"
                )
            for entry in default if is_list else [default]:
                _converted(key, kind, entry)
        return getattr(self, key)

    def __contains__(self, key: str) -> bool:
        return key in self._hparam_types

    def __str__(self) -> str:
        return str(sorted(self.values().items()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self})"


def parse_values(
    values: str, type_map: dict[str, Any], ignore_unknown: bool = False
) -> dict[str, Any]:
    """Return the values of a text such as "rate=0.1,sizes=[3,4],sizes[1]=5".

    Args:
      values: the text.
      type_map: the types by name.
      ignore_unknown: whether names without a type are left out.

    Returns:
      By name a value, a list, or a dictionary from indices to values.

    Raises:
      ValueError: the text is not of that form, a value is not of its type, or given twice, or a
        name has no type.
    """
    found: dict[str, Any] = {}
    place = 0
    while place < len(values):
        match = _ASSIGNMENT.match(values, place)
        if match is None:
            raise ValueError(f"Malformed hyperparameter value: {values[place:]}")
        place = match.end()
        name, index = match["name"], match["index"]
        if name not in type_map:
            if ignore_unknown:
                continue
            raise ValueError(f"Unknown hyperparameter type for {name}")
        convert = _parser(name, type_map[name], values)
        if match["list"] is not None:
            if index is not None:
                raise ValueError(f"Assignment of a list to a list index in {values!r}")
            entries = [entry.strip() for entry in match["list"].split(",") if entry.strip()]
            value: Any = [convert(entry) for entry in entries]
        else:
            value = convert(match["value"].strip())
        if index is None:
            if name in found:
                raise ValueError(f"Multiple assignments to variable {name!r} in {values}")
            found[name] = value
            continue
        elements = found.setdefault(name, {})
        if not isinstance(elements, dict) or int(index) in elements:
            raise ValueError(f"Multiple assignments to variable '{name}[{index}]' in {values}")
        elements[int(index)] = value
    return found


def _parser(name: str, kind: Any, values: str) -> Callable[[str], Any]:
    """Return a function from a text to a value of a type."""

    def convert(text: str) -> Any:
        if kind is bool:
            if text not in _BOOLS:
                raise ValueError(f"Could not parse {name} as bool in {values!r}: {text!r}")
            return _BOOLS[text]
        try:
            return text if kind is type(None) else kind(text)
        except ValueError as error:
            raise ValueError(
                f"Could not parse hparam {name!r} of type {kind.__name__!r} with value {text!r} "
                f"in {values}"
            ) from error

    return convert


def _converted(name: str, kind: type, value: Any) -> Any:
    """Return a value as the type of a hyperparameter.

    Raises:
      ValueError: it cannot be that type without a loss.
    """
    if kind is type(None) or value is None:
        return value
    text, number, truth = (isinstance(value, of) for of in (str | bytes, int | float, bool))
    allowed = {
        str: text,
        bytes: text,
        bool: truth,
        int: isinstance(value, int) and not truth,
        float: number and not truth,
    }.get(kind, True)
    if not allowed:
        raise ValueError(
            f"Could not cast hparam {name!r} of type {kind.__name__!r} from value {value!r}"
        )
    if kind is str and isinstance(value, bytes):
        return value.decode()
    return kind(value) if kind in (int, float, bool) else value
