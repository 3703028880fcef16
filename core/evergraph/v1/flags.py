"""tf.flags: flags of the command line, with the syntax that TensorFlow's programs know."""

from __future__ import annotations

import enum
import sys
from collections.abc import Callable, Sequence
from typing import Any

from evergraph.v1.flag_kinds import (
    ArgumentParser,
    BooleanParser,
    EnumClassParser,
    EnumParser,
    FloatParser,
    IntegerParser,
    ListParser,
    MultiParser,
    WhitespaceSeparatedListParser,
)
from evergraph.v1.flag_values import (
    FLAGS,
    CantOpenFlagFileError,
    DuplicateFlagError,
    Error,
    Flag,
    FlagHolder,
    FlagValues,
    IllegalFlagValueError,
    UnparsedFlagAccessError,
    UnrecognizedFlagError,
    ValidationError,
)

__all__ = [
    "DEFINE",
    "FLAGS",
    "ArgumentParser",
    "BooleanParser",
    "CantOpenFlagFileError",
    "DEFINE_bool",
    "DEFINE_boolean",
    "DEFINE_enum",
    "DEFINE_enum_class",
    "DEFINE_float",
    "DEFINE_integer",
    "DEFINE_list",
    "DEFINE_multi_enum",
    "DEFINE_multi_float",
    "DEFINE_multi_integer",
    "DEFINE_multi_string",
    "DEFINE_spaceseplist",
    "DEFINE_string",
    "DuplicateFlagError",
    "EnumClassParser",
    "EnumParser",
    "Error",
    "Flag",
    "FlagHolder",
    "FlagValues",
    "FloatParser",
    "IllegalFlagValueError",
    "IntegerParser",
    "ListParser",
    "UnparsedFlagAccessError",
    "UnrecognizedFlagError",
    "ValidationError",
    "WhitespaceSeparatedListParser",
    "mark_bool_flags_as_mutual_exclusive",
    "mark_flag_as_required",
    "mark_flags_as_mutual_exclusive",
    "mark_flags_as_required",
    "multi_flags_validator",
    "register_multi_flags_validator",
    "register_validator",
    "set_default",
    "validator",
]


def DEFINE(
    parser: ArgumentParser,
    name: str,
    default: Any,
    help: str | None,
    flag_values: FlagValues = FLAGS,
    serializer: Any = None,
    module_name: str | None = None,
    required: bool = False,
    short_name: str | None = None,
) -> FlagHolder:
    """Define a flag.

    Args:
      parser: makes its value of a text.
      name: what it is called on the command line, after two dashes.
      default: its value, or a text for it, if the command line does not give it.
      help: what it is for.
      flag_values: the flags that it is added to.
      serializer: accepted; a parser makes texts as well.
      module_name: the file that defines it; by default the program.
      required: whether it must be given.
      short_name: another name, after one dash.

    Raises:
      DuplicateFlagError: there is one of that name.
      IllegalFlagValueError: it may not have its default.
    """
    del serializer
    flag = Flag(parser, name, default, help, short_name, module_name or sys.argv[0])
    flag_values.add(flag)
    if required:
        mark_flag_as_required(name, flag_values)
    return FlagHolder(flag_values, flag)


def DEFINE_string(
    name: str, default: Any, help: str | None, flag_values: FlagValues = FLAGS, **args: Any
) -> FlagHolder:
    """Define a flag that is a string; see `DEFINE`."""
    return DEFINE(ArgumentParser(), name, default, help, flag_values, **args)


def DEFINE_boolean(
    name: str, default: Any, help: str | None, flag_values: FlagValues = FLAGS, **args: Any
) -> FlagHolder:
    """Define a flag that is a boolean, set by `--name` and `--noname` as well; see `DEFINE`."""
    return DEFINE(BooleanParser(), name, default, help, flag_values, **args)


DEFINE_bool = DEFINE_boolean


def DEFINE_float(
    name: str,
    default: Any,
    help: str | None,
    lower_bound: float | None = None,
    upper_bound: float | None = None,
    flag_values: FlagValues = FLAGS,
    **args: Any,
) -> FlagHolder:
    """Define a flag that is a float, which may have bounds; see `DEFINE`."""
    return DEFINE(FloatParser(lower_bound, upper_bound), name, default, help, flag_values, **args)


def DEFINE_integer(
    name: str,
    default: Any,
    help: str | None,
    lower_bound: int | None = None,
    upper_bound: int | None = None,
    flag_values: FlagValues = FLAGS,
    **args: Any,
) -> FlagHolder:
    """Define a flag that is an integer, which may have bounds; see `DEFINE`."""
    return DEFINE(IntegerParser(lower_bound, upper_bound), name, default, help, flag_values, **args)


def DEFINE_enum(
    name: str,
    default: Any,
    enum_values: Sequence[str],
    help: str | None,
    flag_values: FlagValues = FLAGS,
    **args: Any,
) -> FlagHolder:
    """Define a flag that is one of several strings; see `DEFINE`."""
    return DEFINE(EnumParser(enum_values), name, default, help, flag_values, **args)


def DEFINE_enum_class(
    name: str,
    default: Any,
    enum_class: type[enum.Enum],
    help: str | None,
    flag_values: FlagValues = FLAGS,
    module_name: str | None = None,
    case_sensitive: bool = False,
    **args: Any,
) -> FlagHolder:
    """Define a flag that is a member of an enumeration, given by its name; see `DEFINE`."""
    parser = EnumClassParser(enum_class, case_sensitive)
    return DEFINE(parser, name, default, help, flag_values, module_name=module_name, **args)


def DEFINE_list(
    name: str, default: Any, help: str | None, flag_values: FlagValues = FLAGS, **args: Any
) -> FlagHolder:
    """Define a flag that is a list of strings, with commas between them; see `DEFINE`."""
    return DEFINE(ListParser(), name, default, help, flag_values, **args)


def DEFINE_spaceseplist(
    name: str,
    default: Any,
    help: str | None,
    comma_compat: bool = False,
    flag_values: FlagValues = FLAGS,
    **args: Any,
) -> FlagHolder:
    """Define a flag that is a list of strings, with white space between them; see `DEFINE`."""
    parser = WhitespaceSeparatedListParser(comma_compat)
    return DEFINE(parser, name, default, help, flag_values, **args)


def DEFINE_multi_string(
    name: str, default: Any, help: str | None, flag_values: FlagValues = FLAGS, **args: Any
) -> FlagHolder:
    """Define a flag that may be given several times: a list of strings; see `DEFINE`."""
    return DEFINE(MultiParser(ArgumentParser()), name, default, help, flag_values, **args)


def DEFINE_multi_integer(
    name: str,
    default: Any,
    help: str | None,
    lower_bound: int | None = None,
    upper_bound: int | None = None,
    flag_values: FlagValues = FLAGS,
    **args: Any,
) -> FlagHolder:
    """Define a flag that may be given several times: a list of integers; see `DEFINE`."""
    parser = MultiParser(IntegerParser(lower_bound, upper_bound))
    return DEFINE(parser, name, default, help, flag_values, **args)


def DEFINE_multi_float(
    name: str,
    default: Any,
    help: str | None,
    lower_bound: float | None = None,
    upper_bound: float | None = None,
    flag_values: FlagValues = FLAGS,
    **args: Any,
) -> FlagHolder:
    """Define a flag that may be given several times: a list of floats; see `DEFINE`."""
    parser = MultiParser(FloatParser(lower_bound, upper_bound))
    return DEFINE(parser, name, default, help, flag_values, **args)


def DEFINE_multi_enum(
    name: str,
    default: Any,
    enum_values: Sequence[str],
    help: str | None,
    flag_values: FlagValues = FLAGS,
    case_sensitive: bool = True,
    **args: Any,
) -> FlagHolder:
    """Define a flag that may be given several times: a list out of several strings."""
    parser = MultiParser(EnumParser(enum_values, case_sensitive))
    return DEFINE(parser, name, default, help, flag_values, **args)


def set_default(flag_holder: FlagHolder, value: Any) -> None:
    """Change the default of a flag."""
    flag_holder._flag_values.set_default(flag_holder.name, value)


# Conditions


def register_validator(
    flag_name: Any,
    checker: Callable[[Any], Any],
    message: str = "Flag validation failed",
    flag_values: FlagValues = FLAGS,
) -> None:
    """Say what must hold of the value of a flag.

    Args:
      flag_name: the flag, or its name.
      checker: takes the value; returns whether it is fine, or raises `ValidationError`.
      message: what is wrong if it is not.
      flag_values: the flags.
    """
    name = _name(flag_name)
    flag_values.add_validator([name], lambda: bool(checker(flag_values[name].value)), message)


def register_multi_flags_validator(
    flag_names: Sequence[Any],
    multi_flags_checker: Callable[[dict[str, Any]], Any],
    message: str = "Flags validation failed",
    flag_values: FlagValues = FLAGS,
) -> None:
    """Say what must hold of the values of several flags; see `register_validator`.

    Args:
      flag_names: the flags, or their names.
      multi_flags_checker: takes the values by name.
      message: what is wrong.
      flag_values: the flags.
    """
    names = [_name(n) for n in flag_names]
    flag_values.add_validator(
        names, lambda: bool(multi_flags_checker({n: flag_values[n].value for n in names})), message
    )


def validator(
    flag_name: Any, message: str = "Flag validation failed", flag_values: FlagValues = FLAGS
) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Make a function say what must hold of a flag; see `register_validator`."""

    def decorate(checker: Callable[[Any], Any]) -> Callable[[Any], Any]:
        register_validator(flag_name, checker, message, flag_values)
        return checker

    return decorate


def multi_flags_validator(
    flag_names: Sequence[Any],
    message: str = "Flag validation failed",
    flag_values: FlagValues = FLAGS,
) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Make a function say what must hold of flags; see `register_multi_flags_validator`."""

    def decorate(checker: Callable[[Any], Any]) -> Callable[[Any], Any]:
        register_multi_flags_validator(flag_names, checker, message, flag_values)
        return checker

    return decorate


def mark_flag_as_required(flag_name: Any, flag_values: FlagValues = FLAGS) -> None:
    """Say that a flag must have a value."""
    message = f"Flag --{_name(flag_name)} must have a value other than None."
    register_validator(flag_name, lambda value: value is not None, message, flag_values)


def mark_flags_as_required(flag_names: Sequence[Any], flag_values: FlagValues = FLAGS) -> None:
    """Say that several flags must have values."""
    for name in flag_names:
        mark_flag_as_required(name, flag_values)


def mark_flags_as_mutual_exclusive(
    flag_names: Sequence[Any], required: bool = False, flag_values: FlagValues = FLAGS
) -> None:
    """Say that at most one of several flags has a value; with `required`, that one has."""
    _at_most_one(flag_names, required, flag_values, "a value other than None", lambda v: v is None)


def mark_bool_flags_as_mutual_exclusive(
    flag_names: Sequence[Any], required: bool = False, flag_values: FlagValues = FLAGS
) -> None:
    """Say that at most one of several flags is true; with `required`, that one is."""
    _at_most_one(flag_names, required, flag_values, "the value True", lambda v: not v)


def _at_most_one(
    flag_names: Sequence[Any],
    required: bool,
    flag_values: FlagValues,
    what: str,
    unset: Callable[[Any], bool],
) -> None:
    names = [_name(n) for n in flag_names]
    count = "Exactly one" if required else "At most one"
    register_multi_flags_validator(
        names,
        lambda found: int(required) <= sum(not unset(found[n]) for n in names) <= 1,
        f"{count} of ({', '.join(names)}) must have {what}.",
        flag_values,
    )


def _name(flag: Any) -> str:
    return flag.name if isinstance(flag, FlagHolder) else flag
