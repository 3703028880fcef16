"""What an error must be: its type and code, and as much of its message as the contract fixes.

Three tiers: `exact` compares the whole message, `core` asks for the part that is the same in all
versions of TensorFlow and NumPy, `typed` leaves the message open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import pytest

#: The codes of `tf.errors`; an error of no such type has none.
CODES: Final = {
    "CancelledError": 1,
    "UnknownError": 2,
    "InvalidArgumentError": 3,
    "DeadlineExceededError": 4,
    "NotFoundError": 5,
    "AlreadyExistsError": 6,
    "PermissionDeniedError": 7,
    "ResourceExhaustedError": 8,
    "FailedPreconditionError": 9,
    "AbortedError": 10,
    "OutOfRangeError": 11,
    "UnimplementedError": 12,
    "InternalError": 13,
    "UnavailableError": 14,
    "DataLossError": 15,
    "UnauthenticatedError": 16,
}

_PREFIX: Final = re.compile(
    r"\AGraph execution error:\n\n(?:Detected at node .*?\nNode: '[^'\n]*'\n)?"
    # The task that a remote session's error comes from.
    r"(?:From /job:\S*:\n)?",
    re.DOTALL,
)
_SUFFIX: Final = re.compile(r"\n\t \[\[.*\Z", re.DOTALL)


@dataclass(frozen=True)
class Wanted:
    """An error that a case must raise.

    Attributes:
      type: the name of its class, or of a base class.
      text: what its normalised message is (`exact`) or contains (`core`).
      tier: `exact`, `core` or `type`.
    """

    type: str
    text: str
    tier: str

    def problem(self, error: BaseException) -> str:
        """Return what is wrong with an error, or "" if it is the one wanted."""
        if self.type not in [c.__name__ for c in type(error).__mro__]:
            return f"{type(error).__name__} instead of {self.type}: {error}"
        code = CODES.get(self.type)
        if code is not None and getattr(error, "error_code", None) != code:
            return f"error_code {getattr(error, 'error_code', None)} instead of {code}"
        said = said_by(error)
        if self.tier == "exact" and said != self.text:
            return f"the message is\n  {said!r}\ninstead of\n  {self.text!r}"
        if self.tier == "core" and self.text not in said:
            return f"the message is\n  {said!r}\nwithout\n  {self.text!r}"
        return ""


def exact(type: str, text: str) -> Wanted:
    """Return an error with that whole message."""
    return Wanted(type, text, "exact")


def core(type: str, text: str) -> Wanted:
    """Return an error whose message contains a text."""
    return Wanted(type, text, "core")


def typed(type: str) -> Wanted:
    """Return an error of that type, with any message."""
    return Wanted(type, "", "type")


def normalised(message: str) -> str:
    """Return a message without what surrounds it: where the node was defined, and its name."""
    return _SUFFIX.sub("", _PREFIX.sub("", message))


def said_by(error: BaseException) -> str:
    """Return the normalised message of an error; a KeyError's without its quotes."""
    if isinstance(error, KeyError) and error.args:
        return normalised(str(error.args[0]))
    return normalised(str(error))


@contextmanager
def raises(wanted: Wanted) -> Iterator[Any]:
    """Fail unless the block raises that error; yield what `pytest.raises` does."""
    with pytest.raises(Exception) as caught:  # noqa: PT011  # what it must be is checked below
        yield caught
    problem = wanted.problem(caught.value)
    assert not problem, problem


def row(name: str, *values: Any, marks: Any = ()) -> Any:
    """Return the parameters of a case; its name begins with its number in the contract, if any."""
    return pytest.param(*values, id=name, marks=marks)
