"""What the text of a flag on the command line means: parsers, by the kind of flag."""

from __future__ import annotations

import csv
import enum
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

_TRUE: Final = ("true", "t", "1")
_FALSE: Final = ("false", "f", "0")


class ArgumentParser:
    """Makes a value of a text; this one takes the text as it is.

    Attributes:
      syntactic_help: what is said in the help about the values.
    """

    syntactic_help = ""

    def parse(self, argument: Any) -> Any:
        """Return the value of a text, or of a value that a program gives.

        Raises:
          ValueError, TypeError: it means none.
        """
        if not isinstance(argument, str):
            raise TypeError(f"flag value must be a string, found {type(argument)}")
        return argument

    def flag_type(self) -> str:
        """Return the name of the kind."""
        return "string"

    def serialize(self, value: Any) -> str:
        """Return a text that means a value."""
        return str(value)


class NumberParser(ArgumentParser):
    """Makes a number, which may have bounds."""

    article = "a"
    kind = "number"

    def __init__(self, lower_bound: float | None = None, upper_bound: float | None = None) -> None:
        self.lower_bound = lower_bound
        self.upper_bound = upper_bound

    @property
    def syntactic_help(self) -> str:  # type: ignore[override]  # follows from the bounds
        """What is said in the help about the values."""
        lower, upper = self.lower_bound, self.upper_bound
        if lower is not None and upper is not None:
            return f"{self.article} {self.kind} in the range [{lower}, {upper}]"
        if lower is None and upper is None:
            return f"{self.article} {self.kind}"
        names: dict[tuple[float | None, float | None], str] = {
            (0, None): f"a non-negative {self.kind}",
            (1, None): f"a positive {self.kind}",
            (None, -1): f"a negative {self.kind}",
            (None, 0): f"a non-positive {self.kind}",
        }
        relation = f"<= {upper}" if lower is None else f">= {lower}"
        return names.get((lower, upper)) or f"{self.kind} {relation}"

    def parse(self, argument: Any) -> Any:
        """Return the number.

        Raises:
          ValueError: it is none, or out of bounds.
          TypeError: it is neither a text nor a number.
        """
        value = self.convert(argument)
        below = self.lower_bound is not None and value < self.lower_bound
        above = self.upper_bound is not None and value > self.upper_bound
        if below or above:
            raise ValueError(f"{value} is not {self.syntactic_help}")
        return value

    def convert(self, argument: Any) -> Any:
        """Return the number, whatever its bounds."""
        raise NotImplementedError


class FloatParser(NumberParser):
    """Makes a float."""

    def convert(self, argument: Any) -> float:
        """Return the float."""
        if isinstance(argument, bool) or not isinstance(argument, int | float | str):
            raise TypeError(
                f"Expect argument to be a string, int, or float, found {type(argument)}"
            )
        return float(argument)

    def flag_type(self) -> str:
        """Return the name of the kind."""
        return "float"


class IntegerParser(NumberParser):
    """Makes an integer; a text may be hexadecimal, `0x1f`, or octal, `0o17`."""

    article = "an"
    kind = "integer"

    def convert(self, argument: Any) -> int:
        """Return the integer."""
        if isinstance(argument, int) and not isinstance(argument, bool):
            return argument
        if not isinstance(argument, str):
            raise TypeError(f"Expect argument to be a string or int, found {type(argument)}")
        base = {"0x": 16, "0o": 8}.get(argument[:2], 10)
        return int(argument, base)

    def flag_type(self) -> str:
        """Return the name of the kind."""
        return "int"


class BooleanParser(ArgumentParser):
    """Makes a boolean, of `true`, `t`, `1`, `false`, `f` or `0`."""

    def parse(self, argument: Any) -> bool:
        """Return the boolean."""
        text = str(argument).lower() if isinstance(argument, str | bool | int) else ""
        if text in _TRUE:
            return True
        if text in _FALSE:
            return False
        raise ValueError("Non-boolean argument to boolean flag", argument)

    def flag_type(self) -> str:
        """Return the name of the kind."""
        return "bool"

    def serialize(self, value: Any) -> str:
        """Return a text that means a value."""
        return str(value).lower()


class EnumParser(ArgumentParser):
    """Takes one of several texts."""

    def __init__(self, enum_values: Iterable[str], case_sensitive: bool = True) -> None:
        self.enum_values = list(enum_values)
        self.case_sensitive = case_sensitive
        if not self.enum_values:
            raise ValueError(f"enum_values cannot be empty, found {enum_values!r}")

    def parse(self, argument: Any) -> str:
        """Return the text, as it is listed."""
        fold: Callable[[str], str] = str if self.case_sensitive else str.lower
        found = {fold(v): v for v in self.enum_values}.get(fold(argument))
        if found is None:
            raise ValueError(f"value should be one of <{'|'.join(self.enum_values)}>")
        return found

    def flag_type(self) -> str:
        """Return the name of the kind."""
        return "string enum"


class EnumClassParser(ArgumentParser):
    """Makes a member of an enumeration of Python's, of its name."""

    def __init__(self, enum_class: type[enum.Enum], case_sensitive: bool = True) -> None:
        if not (isinstance(enum_class, type) and issubclass(enum_class, enum.Enum)):
            raise TypeError(f"{enum_class} is not a subclass of Enum.")
        self.enum_class = enum_class
        self._names = EnumParser(enum_class.__members__, case_sensitive)

    def parse(self, argument: Any) -> enum.Enum:
        """Return the member."""
        if isinstance(argument, self.enum_class):
            return argument
        return self.enum_class[self._names.parse(argument)]

    def flag_type(self) -> str:
        """Return the name of the kind."""
        return "enum class"

    def serialize(self, value: Any) -> str:
        """Return a text that means a value."""
        return str(value.name).lower()


class ListParser(ArgumentParser):
    """Makes a list, of texts with commas between them; those in double quotes may have commas."""

    syntactic_help = "a comma separated list"

    def parse(self, argument: Any) -> list[str]:
        """Return the list."""
        if not argument or isinstance(argument, list):
            return argument or []
        try:
            (row,) = csv.reader([argument], strict=True)
        except csv.Error as error:
            text = f"Unable to parse the value {argument!r} as a comma separated list: {error}"
            raise ValueError(text) from error
        return [item.strip() for item in row]

    def flag_type(self) -> str:
        """Return the name of the kind."""
        return "comma separated list of strings"

    def serialize(self, value: Any) -> str:
        """Return a text that means a value."""
        return ",".join(map(str, value))


class WhitespaceSeparatedListParser(ArgumentParser):
    """Makes a list, of texts with white space between them, and with commas if it is said so."""

    syntactic_help = "a whitespace separated list"

    def __init__(self, comma_compat: bool = False) -> None:
        self._comma_compat = comma_compat

    def parse(self, argument: Any) -> list[str]:
        """Return the list."""
        if isinstance(argument, list):
            return argument
        text: str = argument or ""
        return (text.replace(",", " ") if self._comma_compat else text).split()

    def flag_type(self) -> str:
        """Return the name of the kind."""
        return "whitespace separated list of strings"

    def serialize(self, value: Any) -> str:
        """Return a text that means a value."""
        return " ".join(map(str, value))


class MultiParser(ArgumentParser):
    """Makes a list, of all the values that a flag is given on the command line."""

    def __init__(self, each: ArgumentParser) -> None:
        self.each = each

    def parse(self, argument: Any) -> list[Any]:
        """Return the list."""
        several = isinstance(argument, Sequence | Iterable) and not isinstance(argument, str)
        return [self.each.parse(a) for a in (argument if several else [argument])]

    def flag_type(self) -> str:
        """Return the name of the kind."""
        return f"multi {self.each.flag_type()}"
