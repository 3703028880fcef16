"""`FLAGS`: the flags of a program, and the command line that sets them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any, Final

from evergraph.v1.flag_kinds import ArgumentParser, BooleanParser, EnumParser, MultiParser


class Error(Exception):
    """Something is wrong with a flag."""


class DuplicateFlagError(Error):
    """A flag is defined twice."""


class IllegalFlagValueError(Error):
    """A flag has a value that it may not have."""


class UnrecognizedFlagError(Error):
    """There is no such flag."""


class UnparsedFlagAccessError(Error):
    """A flag is asked for before the command line has been read."""


class ValidationError(Error):
    """A condition on the values of flags does not hold."""


class CantOpenFlagFileError(Error):
    """A file of flags cannot be read."""


class Flag:
    """A flag of the command line.

    Attributes:
      name, short_name: what it is called.
      default: its value if the command line does not give it.
      help: what it is for.
      value: its value.
      present: how often the command line has given it.
      module: the file that defines it.
    """

    def __init__(
        self,
        parser: ArgumentParser,
        name: str,
        default: Any,
        help: str | None,
        short_name: str | None = None,
        module: str = "",
    ) -> None:
        self.parser = parser
        self.name = name
        self.short_name = short_name
        self.help = help or "(no help available)"
        self.module = module
        self.present = 0
        self.default = self.value = None if default is None else self.parsed(default)

    @property
    def boolean(self) -> bool:
        """Whether `--name` and `--noname` stand for the values."""
        return isinstance(self.parser, BooleanParser)

    def flag_type(self) -> str:
        """Return the name of its kind."""
        return self.parser.flag_type()

    def parsed(self, argument: Any) -> Any:
        """Return the value that a text means.

        Raises:
          IllegalFlagValueError: it means none.
        """
        try:
            return self.parser.parse(argument)
        except (TypeError, ValueError) as error:
            raise IllegalFlagValueError(f"flag --{self.name}={argument}: {error}") from error

    def parse(self, argument: Any) -> None:
        """Set the value to what a text means; one of several values is added."""
        value = self.parsed(argument)
        if self.present and isinstance(self.parser, MultiParser):
            value = self.value + value
        self.value = value
        self.present += 1

    def unparse(self) -> None:
        """Set the value to the default."""
        self.value = self.default
        self.present = 0

    def described(self) -> str:
        """Return the lines of the help."""
        negatable = "[no]" if self.boolean else ""
        short = f"-{self.short_name}," if self.short_name else ""
        text = self.help
        if isinstance(self.parser, EnumParser):
            text = f"<{'|'.join(self.parser.enum_values)}>: {text}"
        lines = [f"  {short}--{negatable}{self.name}: {text}"]
        if isinstance(self.parser, MultiParser):
            lines[0] += ";"
            lines.append("    repeat this option to specify a list of values")
        if self.default is not None:
            lines.append(f"    (default: {_quoted(self.parser.serialize(self.default))})")
        if self.parser.syntactic_help:
            lines.append(f"    ({self.parser.syntactic_help})")
        return "\n".join(lines)


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"


class FlagHolder:
    """A flag as `DEFINE_…` returns it: its value is asked for here as well as of `FLAGS`."""

    def __init__(self, flag_values: FlagValues, flag: Flag) -> None:
        self._flag_values = flag_values
        self._flag = flag

    @property
    def name(self) -> str:
        """Its name."""
        return self._flag.name

    @property
    def value(self) -> Any:
        """Its value."""
        return getattr(self._flag_values, self._flag.name)

    @property
    def default(self) -> Any:
        """Its value if the command line does not give it."""
        return self._flag.default

    @property
    def present(self) -> bool:
        """Whether the command line has given it."""
        return bool(self._flag.present)


class FlagValues:
    """The flags of a program: their values are attributes.

    Called with a command line, whose first word is the name of the program, it sets them, and
    returns what is left. The flags of the program are set from `sys.argv` when one of them is first
    asked for, if that has not happened.

    Args:
      from_command_line: whether they are.
    """

    def __init__(self, from_command_line: bool = False) -> None:
        # By way of the dictionary: attributes are flags.
        self.__dict__.update(
            __flags={},
            _validators=[],
            _is_parsed=False,
            _from_command_line=from_command_line,
        )

    def __call__(self, argv: Sequence[str], known_only: bool = False) -> list[str]:
        """Set the flags.

        Args:
          argv: the words of the command line.
          known_only: whether words that are no flag of these, but look like one, are left.

        Returns:
          The first word, and those that are no flags.

        Raises:
          UnrecognizedFlagError: there is no such flag.
          IllegalFlagValueError: a flag has a value that it may not have.
          Error: a flag has no value.
        """
        if isinstance(argv, str | bytes):
            raise TypeError("argv should be a tuple/list of strings, not bytes or string.")
        if not argv:
            raise ValueError("argv cannot be an empty list, and must contain the program name.")
        words = _with_files(list(argv[1:]))
        left = self._parse(words, known_only)
        self.mark_as_parsed()
        self.validate_all_flags()
        return [argv[0], *left]

    def _parse(self, words: list[str], known_only: bool) -> list[str]:
        left: list[str] = []
        unknown: dict[int, str] = {}
        allowed: set[str] = set()
        at = 0
        while at < len(words):
            word = words[at]
            at += 1
            if word == "--":
                left += words[at - known_only :]
                break
            name, equals, value = word.lstrip("-").partition("=")
            if not word.startswith("-") or not name:
                left.append(word)
                continue
            flag = self._flags().get(name)
            takes_next = not equals and at < len(words)
            if name == "undefok":
                if takes_next:
                    value, at = words[at], at + 1
                allowed |= {n for text in value.split(",") for n in (text, f"no{text}")}
            elif flag is None and self._negated(name):
                if equals:
                    raise ValueError(f"{word} does not take an argument")
                self._flags()[name[2:]].parse(False)
            elif flag is None:
                unknown[len(left)] = name
                left.append(word)
            elif equals:
                flag.parse(value)
            elif flag.boolean:
                flag.parse(True)
            elif takes_next:
                flag.parse(words[at])
                at += 1
            else:
                raise Error(f"Missing value for flag {word}")
        refused = [name for name in unknown.values() if name not in allowed]
        if refused and not known_only:
            raise self._unknown(refused[0])
        return [word for i, word in enumerate(left) if unknown.get(i) not in allowed]

    def _negated(self, name: str) -> bool:
        flag = self._flags().get(name[2:]) if name.startswith("no") else None
        return flag is not None and flag.boolean

    def _unknown(self, name: str) -> UnrecognizedFlagError:
        similar = get_close_matches(name, self._flags())
        hint = f". Did you mean: {', '.join(similar)} ?" if similar else ""
        return UnrecognizedFlagError(f"Unknown command line flag '{name}'{hint}")

    def is_parsed(self) -> bool:
        """Return whether a command line has been read."""
        return bool(self.__dict__["_is_parsed"])

    def mark_as_parsed(self) -> None:
        """Let flags be asked for, though no command line has been read."""
        self.__dict__["_is_parsed"] = True

    def unparse_flags(self) -> None:
        """Let the command line be read again."""
        for flag in self._flags().values():
            flag.unparse()
        self.__dict__["_is_parsed"] = False

    def flag_values_dict(self) -> dict[str, Any]:
        """Return the values by name."""
        return {flag.name: flag.value for flag in self._flags().values()}

    def get_flag_value(self, name: str, default: Any) -> Any:
        """Return the value of a flag; `default` if it is None or there is no such flag."""
        found = getattr(self, name) if name in self else None
        return default if found is None else found

    def set_default(self, name: str, value: Any) -> None:
        """Change the default of a flag.

        Raises:
          UnrecognizedFlagError: there is no such flag.
          IllegalFlagValueError: it may not have this value.
        """
        flag = self._found(name)
        flag.default = None if value is None else flag.parsed(value)
        if not flag.present:
            flag.value = flag.default

    def main_module_help(self) -> str:
        """Return what is said of the flags of the program."""
        module = os.path.abspath(sys.argv[0])
        mine = {f.name: f for f in self._flags().values()}
        lines = [mine[name].described() for name in sorted(mine)]
        return "\n".join([f"{module}:", *lines])

    def add(self, flag: Flag) -> None:
        """Add a flag.

        Raises:
          DuplicateFlagError: there is one of that name.
        """
        flags = self._flags()
        for name in filter(None, (flag.name, flag.short_name)):
            if name in flags:
                raise DuplicateFlagError(
                    f"The flag '{name}' is defined twice. First from {flags[name].module}, second "
                    f"from {flag.module}. Description from first occurrence: {flags[name].help}"
                )
        for name in filter(None, (flag.name, flag.short_name)):
            flags[name] = flag

    def add_validator(self, names: Sequence[str], check: Callable[[], bool], message: str) -> None:
        """Add a condition on the values of flags; it is checked at once if they are set.

        Raises:
          IllegalFlagValueError: it does not hold.
        """
        for name in names:
            self._found(name)
        validator = tuple(names), check, message
        self.__dict__["_validators"].append(validator)

    def validate_all_flags(self, name: str | None = None) -> None:
        """Check the conditions on the values of all flags, or of one.

        Raises:
          IllegalFlagValueError: one does not hold.
        """
        for names, check, message in self.__dict__["_validators"]:
            if name is not None and name not in names:
                continue
            given = ", ".join(f"flag --{n}={self._found(n).value}" for n in names)
            try:
                fine = check()
            except ValidationError as error:
                raise IllegalFlagValueError(f"{given}: {error}") from error
            if not fine:
                raise IllegalFlagValueError(f"{given}: {message}")

    def _flags(self) -> dict[str, Flag]:
        found: dict[str, Flag] = self.__dict__["__flags"]
        return found

    def _found(self, name: str) -> Flag:
        flag = self._flags().get(name)
        if flag is None:
            raise UnrecognizedFlagError(f"Unknown command line flag '{name}'")
        return flag

    def __getattr__(self, name: str) -> Any:
        flag = self._flags().get(name)
        if flag is None:
            raise AttributeError(name)
        if not self.is_parsed():
            if not self.__dict__["_from_command_line"]:
                raise UnparsedFlagAccessError(
                    f"Trying to access flag --{name} before flags were parsed."
                )
            self(sys.argv)
        return flag.value

    def __setattr__(self, name: str, value: Any) -> None:
        flag = self._found(name)
        flag.value = None if value is None else flag.parsed(value)
        self.validate_all_flags(name)

    def __delattr__(self, name: str) -> None:
        flag = self._flags().get(name)
        if flag is None:
            raise AttributeError(name)
        for each in filter(None, (flag.name, flag.short_name)):
            self._flags().pop(each, None)

    def __getitem__(self, name: str) -> Flag:
        return self._flags()[name]

    def __contains__(self, name: object) -> bool:
        return name in self._flags()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._flags()))

    def __len__(self) -> int:
        return len(self._flags())

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._flags()]


def _with_files(words: list[str]) -> list[str]:
    """Return a command line with what `--flagfile=NAME` stands for in its place."""
    found: list[str] = []
    for i, word in enumerate(words):
        name, equals, path = word.lstrip("-").partition("=")
        if word == "--":
            return found + words[i:]
        if not (word.startswith("-") and name == "flagfile" and equals):
            found.append(word)
            continue
        try:
            with open(os.path.expanduser(path), encoding="utf-8") as file:
                lines = [line.strip() for line in file]
        except OSError as error:
            raise CantOpenFlagFileError(
                f"ERROR:: Unable to open flagfile: {path}: {error}"
            ) from error
        found += _with_files([line for line in lines if line and line[0] != "#"])
    return found


#: The flags of the program.
FLAGS: Final = FlagValues(from_command_line=True)
