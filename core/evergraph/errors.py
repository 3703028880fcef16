"""TensorFlow's error types, by code, and the few that are evergraph's own."""

from __future__ import annotations

from typing import Any

OK = 0
CANCELLED = 1
UNKNOWN = 2
INVALID_ARGUMENT = 3
DEADLINE_EXCEEDED = 4
NOT_FOUND = 5
ALREADY_EXISTS = 6
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
FAILED_PRECONDITION = 9
ABORTED = 10
OUT_OF_RANGE = 11
UNIMPLEMENTED = 12
INTERNAL = 13
UNAVAILABLE = 14
DATA_LOSS = 15
UNAUTHENTICATED = 16


class OpError(Exception):
    """An error raised while a graph is executed.

    Args:
      node_def: the `NodeDef` of the operation that failed, or None.
      op: the `Operation` that failed, or None.
      message: what happened, for a person.
      error_code: the canonical code, for a program (`tf.errors.INVALID_ARGUMENT` …).
    """

    def __init__(
        self, node_def: Any, op: Any, message: str, error_code: int | None = None, *_: Any
    ) -> None:
        super().__init__(message)
        self._node_def = node_def
        self._op = op
        self._message = message
        self._error_code = UNKNOWN if error_code is None else error_code

    @property
    def message(self) -> str:
        """The text of the error."""
        return self._message

    @property
    def op(self) -> Any:
        """The `Operation` that failed, if it is known."""
        return self._op

    @property
    def error_code(self) -> int:
        """The canonical integer code of the error."""
        return self._error_code

    @property
    def node_def(self) -> Any:
        """The `NodeDef` of the operation that failed, if it is known."""
        return self._op.node_def if self._node_def is None and self._op else self._node_def

    @property
    def experimental_payloads(self) -> dict[bytes, bytes]:
        """What a remote runtime attached to the error: nothing here."""
        return {}

    def __str__(self) -> str:
        return self._message

    def __reduce__(self) -> tuple[Any, ...]:
        # TF: an OpError that carries an operation cannot be pickled. Ours leaves it behind, and
        # keeps its `NodeDef`.
        return _rebuild, (type(self), self._message, self._error_code, self.node_def)


def _rebuild(cls: type[OpError], message: str, error_code: int, node_def: Any = None) -> OpError:
    error = cls.__new__(cls)
    OpError.__init__(error, node_def, None, message, error_code)
    return error


class CancelledError(OpError):
    """The operation was cancelled: its session closed, or its step was interrupted."""

    def __init__(self, node_def: Any, op: Any, message: str, *_: Any) -> None:
        super().__init__(node_def, op, message, CANCELLED)


class UnknownError(OpError):
    """An error of no known kind, such as an exception in a user's Python function."""

    def __init__(
        self, node_def: Any, op: Any, message: str, error_code: int | None = UNKNOWN, *_: Any
    ) -> None:
        super().__init__(node_def, op, message, error_code)


class InvalidArgumentError(OpError):
    """An operation received an argument that it cannot take."""

    def __init__(self, node_def: Any, op: Any, message: str, *_: Any) -> None:
        super().__init__(node_def, op, message, INVALID_ARGUMENT)


class DeadlineExceededError(OpError):
    """A time limit passed before the operation was complete."""

    def __init__(self, node_def: Any, op: Any, message: str, *_: Any) -> None:
        super().__init__(node_def, op, message, DEADLINE_EXCEEDED)


class NotFoundError(OpError):
    """Something that was asked for does not exist."""

    def __init__(self, node_def: Any, op: Any, message: str, *_: Any) -> None:
        super().__init__(node_def, op, message, NOT_FOUND)


class AlreadyExistsError(OpError):
    """Something that should be created exists already."""

    def __init__(self, node_def: Any, op: Any, message: str, *_: Any) -> None:
        super().__init__(node_def, op, message, ALREADY_EXISTS)


class PermissionDeniedError(OpError):
    """The caller may not do this."""

    def __init__(self, node_def: Any, op: Any, message: str, *_: Any) -> None:
        super().__init__(node_def, op, message, PERMISSION_DENIED)


class ResourceExhaustedError(OpError):
    """Memory, or another resource, does not suffice."""

    def __init__(self, node_def: Any, op: Any, message: str, *_: Any) -> None:
        super().__init__(node_def, op, message, RESOURCE_EXHAUSTED)


class FailedPreconditionError(OpError):
    """The system is not in a state in which the operation can run."""

    def __init__(self, node_def: Any, op: Any, message: str, *_: Any) -> None:
        super().__init__(node_def, op, message, FAILED_PRECONDITION)


class AbortedError(OpError):
    """The operation was aborted, typically by something that ran beside it."""

    def __init__(self, node_def: Any, op: Any, message: str, *_: Any) -> None:
        super().__init__(node_def, op, message, ABORTED)


class OutOfRangeError(OpError):
    """An operation went past the end of what it reads."""

    def __init__(self, node_def: Any, op: Any, message: str, *_: Any) -> None:
        super().__init__(node_def, op, message, OUT_OF_RANGE)


class UnimplementedError(OpError):
    """The operation is not implemented, here or by this backend."""

    def __init__(self, node_def: Any, op: Any, message: str, *_: Any) -> None:
        super().__init__(node_def, op, message, UNIMPLEMENTED)


class MissingKernelError(UnimplementedError):
    """What may run a node has no kernel for it.

    Attributes:
      ops: op types that the backend does not claim.
      dtypes: element types that the backend does not claim, of ops that it does.
    """

    ops: frozenset[str] = frozenset()
    dtypes: frozenset[str] = frozenset()


class InternalError(OpError):
    """An invariant of the system does not hold: a defect of evergraph or of a backend."""

    def __init__(self, node_def: Any, op: Any, message: str, *_: Any) -> None:
        super().__init__(node_def, op, message, INTERNAL)


class UnavailableError(OpError):
    """The runtime cannot be reached at present."""

    def __init__(self, node_def: Any, op: Any, message: str, *_: Any) -> None:
        super().__init__(node_def, op, message, UNAVAILABLE)


class DataLossError(OpError):
    """Data is lost or corrupt beyond recovery."""

    def __init__(self, node_def: Any, op: Any, message: str, *_: Any) -> None:
        super().__init__(node_def, op, message, DATA_LOSS)


class UnauthenticatedError(OpError):
    """The request has no valid credentials."""

    def __init__(self, node_def: Any, op: Any, message: str, *_: Any) -> None:
        super().__init__(node_def, op, message, UNAUTHENTICATED)


class BackendNotFoundError(NotFoundError):
    """No installed distribution offers the backend that was asked for."""


class InaccessibleTensorError(ValueError):
    """A tensor is used, or fetched, where it cannot be reached."""


class OperatorNotAllowedInGraphError(TypeError):
    """A symbolic tensor is used as a Python value: as a bool, or as an iterable."""


_BY_CODE: dict[int, type[OpError]] = {
    CANCELLED: CancelledError,
    UNKNOWN: UnknownError,
    INVALID_ARGUMENT: InvalidArgumentError,
    DEADLINE_EXCEEDED: DeadlineExceededError,
    NOT_FOUND: NotFoundError,
    ALREADY_EXISTS: AlreadyExistsError,
    PERMISSION_DENIED: PermissionDeniedError,
    RESOURCE_EXHAUSTED: ResourceExhaustedError,
    FAILED_PRECONDITION: FailedPreconditionError,
    ABORTED: AbortedError,
    OUT_OF_RANGE: OutOfRangeError,
    UNIMPLEMENTED: UnimplementedError,
    INTERNAL: InternalError,
    UNAVAILABLE: UnavailableError,
    DATA_LOSS: DataLossError,
    UNAUTHENTICATED: UnauthenticatedError,
}


def exception_type_from_error_code(error_code: int) -> type[OpError]:
    """Return the class of errors with this code.

    Raises:
      KeyError: there is no such code (as in TensorFlow).
    """
    return _BY_CODE[error_code]


def error_code_from_exception_type(cls: type[OpError]) -> int | None:
    """Return the code of a class of errors, or None if it has none of its own."""
    return next((code for code, known in _BY_CODE.items() if issubclass(cls, known)), None)
