"""`tf.data.Iterator`: what gives the elements of a dataset, one in each run."""

from __future__ import annotations

import warnings
from typing import Any

from evergraph import dtypes
from evergraph.builder import build, build_operation
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.function_graph import function_def
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.protos import NameAttrList
from evergraph.shapes import TensorShape
from evergraph.v1.data import structure as structures
from evergraph.v1.random_seed import get_seed

#: How often `get_next` may be called before one is told that it makes a node each time.
_MANY = 32


class Iterator:
    """Gives the elements of a dataset.

    Args:
      iterator_resource: the tensor that stands for it.
      initializer: the operation that makes it begin; None if there is none.
      output_types, output_shapes, output_classes: of the components, in the structure of an
        element.
    """

    def __init__(
        self,
        iterator_resource: Tensor,
        initializer: Operation | None,
        output_types: Any,
        output_shapes: Any,
        output_classes: Any,
    ) -> None:
        if iterator_resource is None:
            raise ValueError("`iterator_resource` must be a tensor, not None")
        self._iterator_resource = iterator_resource
        self._initializer = initializer
        self._structure = structures.declared(output_types, output_shapes, output_classes)
        self._string_handle: Tensor = build(
            "IteratorToStringHandle", {"resource_handle": iterator_resource}
        )
        self._calls = 0
        iterator_resource.graph.add_to_collection("iterators", iterator_resource)

    @classmethod
    def _of(cls, resource: Tensor, initializer: Operation | None, structure: Any) -> Iterator:
        return cls(
            resource,
            initializer,
            structures.types_of(structure),
            structures.shapes_of(structure),
            structures.classes_of(structure),
        )

    @staticmethod
    def from_structure(
        output_types: Any,
        output_shapes: Any = None,
        shared_name: str | None = None,
        output_classes: Any = None,
    ) -> Iterator:
        """Return an iterator for any dataset of a kind; `make_initializer` gives it one.

        Args:
          output_types: the types of the components, in the structure of an element.
          output_shapes: their static shapes; unknown by default.
          shared_name: the name under which sessions share it.
          output_classes: their classes; `tf.Tensor` by default.

        Raises:
          TypeError, ValueError: these do not fit together.
        """
        structure = structures.declared(output_types, output_shapes, output_classes)
        return Iterator._of(_resource(structure, shared_name), None, structure)

    @staticmethod
    def from_string_handle(
        string_handle: Any,
        output_types: Any,
        output_shapes: Any = None,
        output_classes: Any = None,
    ) -> Iterator:
        """Return the iterator that a string stands for when a step runs.

        Args:
          string_handle: what the `string_handle` of an iterator gave.
          output_types, output_shapes, output_classes: as for `from_structure`.

        Raises:
          TypeError, ValueError: these do not fit together.
          InvalidArgumentError, NotFoundError: when it runs, the session has no such iterator.
        """
        structure = structures.declared(output_types, output_shapes, output_classes)
        handle = convert_to_tensor(string_handle, dtypes.string)
        resource = build(
            "IteratorFromStringHandleV2",
            {"string_handle": handle} | structures.attributes_of(structure),
        )
        return Iterator._of(resource, None, structure)

    @property
    def initializer(self) -> Operation:
        """The operation that makes the iterator begin with the first element.

        Raises:
          ValueError: it begins by itself, or by `make_initializer`.
        """
        if self._initializer is None:
            raise ValueError(
                "The iterator does not have an initializer. This means it was likely created using "
                "`tf.data.Dataset.make_one_shot_iterator()`. For an initializable iterator, use "
                "`tf.data.Dataset.make_initializable_iterator()` instead."
            )
        return self._initializer

    def make_initializer(self, dataset: Any, name: str | None = None) -> Operation:
        """Return an operation that makes the iterator begin with a dataset's first element.

        Args:
          dataset: of the iterator's kind.
          name: of the operation.

        Raises:
          TypeError: types, shapes or classes do not fit.
          ValueError: the structure of an element is another one.
        """
        for what, found, wanted in (
            ("types", dataset.output_types, self.output_types),
            ("classes", dataset.output_classes, self.output_classes),
        ):
            structures.check_same(wanted, found)
            if structures.leaves(found) != structures.leaves(wanted):
                raise TypeError(
                    f"Expected output {what} {_shown(wanted)} but got dataset with output {what} "
                    f"{_shown(found)}."
                )
        shapes = zip(
            structures.leaves(self.output_shapes),
            structures.leaves(dataset.output_shapes),
            strict=True,
        )
        if not all(_at_least(wanted, found) for wanted, found in shapes):
            raise TypeError(
                f"Expected output shapes compatible with {self.output_shapes!r} but got dataset "
                f"with output shapes {dataset.output_shapes!r}."
            )
        with dataset._variant_tensor.graph.colocate_with(self._iterator_resource):
            given = {"dataset": dataset._variant_tensor, "iterator": self._iterator_resource}
            return build_operation("MakeIterator", given, name or "make_initializer")

    def get_next(self, name: str | None = None) -> Any:
        """Return the next element, as tensors.

        Every call makes a node of its own, which takes an element in each run: call it once, and
        use the result as often as it is needed.

        Args:
          name: of the node.

        Raises:
          OutOfRangeError: when it runs, there are no more elements.
          FailedPreconditionError: when it runs, the iterator was not initialized.
          OpError: when it runs, the element could not be made; the next one perhaps can.
        """
        self._calls += 1
        if self._calls > _MANY:
            warnings.warn(
                "An unusually high number of `Iterator.get_next()` calls was detected. This often "
                "indicates that `Iterator.get_next()` is being called inside a training loop, "
                "which makes a node each time. Call it once, outside of the loop.",
                stacklevel=2,
            )
        with self._iterator_resource.graph.colocate_with(self._iterator_resource):
            given = {"iterator": self._iterator_resource}
            given |= structures.attributes_of(self._structure)
            tensors = build("IteratorGetNext", given, name)
        return structures.decoded(self._structure, tensors)

    def string_handle(self, name: str | None = None) -> Tensor:
        """Return a string by which `from_string_handle` finds the iterator."""
        if name is None:
            return self._string_handle
        found: Tensor = build(
            "IteratorToStringHandle", {"resource_handle": self._iterator_resource}, name
        )
        return found

    @property
    def output_types(self) -> Any:
        """The types of the components, in the structure of an element."""
        return structures.types_of(self._structure)

    @property
    def output_shapes(self) -> Any:
        """The static shapes of the components, in the structure of an element."""
        return structures.shapes_of(self._structure)

    @property
    def output_classes(self) -> Any:
        """The classes of the components, in the structure of an element."""
        return structures.classes_of(self._structure)


def _resource(structure: Any, shared_name: str | None) -> Tensor:
    given = {"container": "", "shared_name": shared_name or ""}
    resource: Tensor = build("IteratorV2", given | structures.attributes_of(structure))
    return resource


def _at_least(wanted: TensorShape, found: TensorShape) -> bool:
    """Whether all values of a shape have another one."""
    if wanted.ndims is None:
        return True
    if found.ndims != wanted.ndims:
        return False
    pairs = zip(wanted.as_list(), found.as_list(), strict=True)
    return all(a is None or a == b for a, b in pairs)


def _shown(structure: Any) -> Any:
    return repr(structure).replace("<dtype: '", "tf.").replace("'>", "")


def initializable(dataset: Any, shared_name: str | None = None) -> Iterator:
    """Return an iterator with an initializer; see `Dataset.make_initializable_iterator`."""
    variant = dataset._variant_tensor
    with variant.graph.as_default(), variant.graph.colocate_with(variant):
        resource = _resource(dataset._structure, shared_name)
        given = {"dataset": variant, "iterator": resource}
        initializer = build_operation("MakeIterator", given)
        return Iterator._of(resource, initializer, dataset._structure)


def one_shot(dataset: Any) -> Iterator:
    """Return an iterator that needs no initializer; see `Dataset.make_one_shot_iterator`."""
    variant = dataset._variant_tensor
    graph = variant.graph
    # TF: takes a number, which later random operations do not get.
    get_seed(None)
    ops = _needed(variant)
    definition = function_def("", ops, [], [variant])
    definition.attr["_disable_call_shape_inference"].b = True
    graph._functions.setdefault(definition.signature.name, definition)
    with graph.as_default(), graph.colocate_with(variant):
        given = {"dataset_factory": NameAttrList(name=definition.signature.name)}
        resource = build("OneShotIterator", given | structures.attributes_of(dataset._structure))
        return Iterator._of(resource, None, dataset._structure)


def _needed(variant: Tensor) -> list[Operation]:
    """Return the operations that a dataset is made by.

    Raises:
      ValueError: one has a state, or must be fed.
    """
    found: set[Operation] = set()
    waiting = [variant.op]
    while waiting:
        op = waiting.pop()
        if op in found:
            continue
        found.add(op)
        if op.type.startswith("Placeholder"):
            raise ValueError(
                f"Cannot capture a placeholder (name:{op.name}, type:{op.type}) by value."
            )
        makes_dataset = any(t.dtype is dtypes.variant for t in op.outputs)
        if op._signature.is_stateful and not makes_dataset and op.type not in _HARMLESS:
            raise ValueError(
                f"Cannot capture a stateful node (name:{op.name}, type:{op.type}) by value. A "
                "dataset that uses variables, tables or random numbers needs "
                "`make_initializable_iterator()`."
            )
        waiting += [t.op for t in op.inputs]
        waiting += op.control_inputs
    return sorted(found, key=lambda op: op._id)


#: Stateful in TensorFlow, but nothing of them is kept.
_HARMLESS = frozenset({"Assert"})


def make_one_shot_iterator(dataset: Any) -> Iterator:
    """Return `dataset.make_one_shot_iterator()`."""
    return one_shot(dataset)


def make_initializable_iterator(dataset: Any, shared_name: str | None = None) -> Iterator:
    """Return `dataset.make_initializable_iterator(shared_name)`."""
    return initializable(dataset, shared_name)


def get_output_types(dataset_or_iterator: Any) -> Any:
    """Return the types of the components, in the structure of an element."""
    return structures.types_of(dataset_or_iterator._structure)


def get_output_shapes(dataset_or_iterator: Any) -> Any:
    """Return the static shapes of the components, in the structure of an element."""
    return structures.shapes_of(dataset_or_iterator._structure)


def get_output_classes(dataset_or_iterator: Any) -> Any:
    """Return the classes of the components, in the structure of an element."""
    return structures.classes_of(dataset_or_iterator._structure)
