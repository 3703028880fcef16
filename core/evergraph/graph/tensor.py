"""`Tensor`: one output of an operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from evergraph.dtypes import DType
from evergraph.errors import OperatorNotAllowedInGraphError
from evergraph.graph.operators import Operators
from evergraph.shapes import Dims, TensorShape, as_shape, bracketed, dims_text

if TYPE_CHECKING:
    from evergraph.graph.graph import Graph
    from evergraph.graph.operation import Operation


class Tensor(Operators):
    """A symbolic handle to one output of an `Operation`.

    It has no value: pass it to `Session.run`. Tensors are compared and hashed by identity.
    """

    __slots__ = ("__weakref__", "_consumers", "_dims", "_dtype", "_op", "_value_index")

    # NumPy leaves `array + tensor` to the tensor.
    __array_priority__ = 100

    def __init__(self, op: Operation, value_index: int, dtype: DType) -> None:
        self._op = op
        self._value_index = value_index
        self._dtype = dtype
        self._dims: Dims = None
        self._consumers: list[Operation] | None = None

    @property
    def op(self) -> Operation:
        """The operation that produces this tensor."""
        return self._op

    @property
    def value_index(self) -> int:
        """Which of the operation's outputs this is."""
        return self._value_index

    @property
    def dtype(self) -> DType:
        """The type of the elements."""
        return self._dtype

    @property
    def graph(self) -> Graph:
        """The graph that contains the tensor."""
        return self._op.graph

    @property
    def name(self) -> str:
        """The name, `OPERATION:INDEX`."""
        return f"{self._op._name}:{self._value_index}"

    @property
    def device(self) -> str:
        """The device string of the producing operation."""
        return self._op.device

    @property
    def shape(self) -> TensorShape:
        """The static shape."""
        return TensorShape._of(self._dims)

    def get_shape(self) -> TensorShape:
        """Return the static shape."""
        return TensorShape._of(self._dims)

    @property
    def ndim(self) -> int | None:
        """The static rank, or None."""
        return None if self._dims is None else len(self._dims)

    def set_shape(self, shape: Any) -> None:
        """Add what is known to the static shape.

        Raises:
          ValueError: it contradicts what is known already.
        """
        given = as_shape(shape)._dims
        known = self._dims
        if known is None or given is None:
            self._dims = given if known is None else known
            return
        if len(known) != len(given):
            raise ValueError(f"Shapes must be equal rank, but are {len(known)} and {len(given)}")
        for i, (a, b) in enumerate(zip(known, given, strict=True)):
            if a is not None and b is not None and a != b:
                raise ValueError(
                    f"Dimension {i} in both shapes must be equal, but are {a} and {b}. "
                    f"Shapes are {bracketed(known)} and {bracketed(given)}."
                )
        self._dims = tuple(b if a is None else a for a, b in zip(known, given, strict=True))

    def consumers(self) -> list[Operation]:
        """Return the operations that take this tensor as an input, once for every such input."""
        return list(self._consumers or ())

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """Return the tensor's value: `session.run(self, feed_dict)`.

        Args:
          feed_dict: values for tensors, as for `Session.run`.
          session: the session; by default the default session.

        Raises:
          ValueError: there is no default session, or it runs another graph.
        """
        return self.graph._session_for("eval", session).run(self, feed_dict)

    def ref(self) -> Reference:
        """Return a hashable reference, equal for the same tensor."""
        return Reference(self)

    def experimental_ref(self) -> Reference:
        """Return the same as `ref`."""
        return Reference(self)

    def _as_node_def_input(self) -> str:
        return self.name if self._value_index else self._op._name

    def __bool__(self) -> NoReturn:
        raise OperatorNotAllowedInGraphError(
            "Using a symbolic `tf.Tensor` as a Python `bool` is not allowed. Use `if t is not "
            "None:` to ask whether a tensor is defined, and graph operations such as `tf.cond` "
            f"to act on its value (tensor {self.name!r})."
        )

    def __iter__(self) -> NoReturn:
        raise OperatorNotAllowedInGraphError(
            "Iterating over a symbolic `tf.Tensor` is not allowed. Use `tf.unstack` or "
            f"`tf.map_fn` (tensor {self.name!r})."
        )

    def __len__(self) -> NoReturn:
        raise TypeError(
            f"len is not well defined for a symbolic Tensor ({self.name}). "
            "Please call `x.shape` rather than `len(x)` for shape information."
        )

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise NotImplementedError(
            f"Cannot convert a symbolic tf.Tensor ({self.name}) to a numpy array. This error may "
            "indicate that you're trying to pass a Tensor to a NumPy call, which is not supported."
        )

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise TypeError(f"'{type(self).__name__}' object does not support item assignment")

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"cannot pickle '{type(self).__name__}' object")

    def __copy__(self) -> Tensor:
        return self

    def __str__(self) -> str:
        return f'Tensor("{self.name}"{self._described()})'

    def _described(self) -> str:
        shape = "" if self._dims is None else f", shape={dims_text(self._dims)}"
        device = f", device={self.device}" if self.device else ""
        return f"{shape}, dtype={self._dtype.name}{device}"

    def __repr__(self) -> str:
        return f"<tf.Tensor '{self.name}' shape={dims_text(self._dims)} dtype={self._dtype.name}>"

    @staticmethod
    def _override_operator(operator: str, function: Any) -> None:
        """Install an operator; the builders do, once."""
        setattr(Tensor, operator, function)


class Reference:
    """A reference to a tensor that compares and hashes by the tensor's identity."""

    __slots__ = ("_target",)

    def __init__(self, target: Any) -> None:
        self._target = target

    def deref(self) -> Any:
        """Return the tensor."""
        return self._target

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and self._target is other._target

    def __hash__(self) -> int:
        return id(self._target)

    def __repr__(self) -> str:
        return f"<Reference wrapping {self._target!r}>"
