"""`TensorArray`: an array of tensors that are written and read one by one."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.builder import build, build_operation
from evergraph.dtypes import DType, as_dtype
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.inference import constant_value
from evergraph.graph.operation import Operation
from evergraph.graph.operators import cast, scope
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape, as_shape


class _Elements:
    """What is known of the shape of the elements, by all arrays that come from one."""

    def __init__(self, shape: TensorShape, infer: bool) -> None:
        self.shape = shape
        self.infer = infer

    def merge(self, shape: TensorShape) -> None:
        """Take in the shape of an element.

        Raises:
          ValueError: the elements have another one.
        """
        if not self.shape.is_compatible_with(shape):
            raise ValueError(f"Inconsistent shapes: saw {shape} but expected {self.shape} ")
        if self.infer:
            self.shape = self.shape.merge_with(shape)


class TensorArray:
    """An array of tensors of one type. Whoever writes gets a new array; the old one stays as it is.

    TF: an element may be written, and read, once only, unless `clear_after_read` is false. Here
    both may be done any number of times.

    Args:
      dtype: of the elements.
      size: how many there are.
      dynamic_size: whether writing beyond the end makes the array longer.
      clear_after_read: accepted for compatibility: an array keeps what is read.
      tensor_array_name: the name of the node that makes it.
      handle, flow: of another array, which this one is to be.
      infer_shape: whether all elements have one shape, that of the first one written.
      element_shape: the shape of all elements, in whole or in part.
      colocate_with_first_write_call: accepted for compatibility.
      name: a name scope.

    Raises:
      TypeError: `clear_after_read` is no bool.
      ValueError: arguments are missing, or exclude each other.
    """

    def __init__(
        self,
        dtype: Any,
        size: Any = None,
        dynamic_size: bool | None = None,
        clear_after_read: bool | None = None,
        tensor_array_name: str | None = None,
        handle: Any = None,
        flow: Any = None,
        infer_shape: bool = True,
        element_shape: Any = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ) -> None:
        del colocate_with_first_write_call
        for what, given in (("size", size), ("tensor_array_name", tensor_array_name)):
            if handle is not None and given is not None:
                both = "a `handle` and `size`" if what == "size" else f"`handle` and `{what}`"
                order = "Cannot provide both {} arguments at the same time."
                raise ValueError(order.format(both))
        if handle is None and size is None:
            raise ValueError("Argument `size` must be provided if handle is not provided.")
        if handle is not None and flow is None:
            raise ValueError("flow must not be None if handle is not None.")
        if clear_after_read is not None and not isinstance(clear_after_read, bool):
            raise TypeError(
                f"Expected bool for argument 'clear_after_read' not {clear_after_read}."
            )
        self._dtype = as_dtype(dtype).base_dtype
        self._dynamic = bool(dynamic_size)
        shape = TensorShape(None) if element_shape is None else as_shape(element_shape)
        self._elements = _Elements(shape, infer_shape)
        self._size: int | None = None
        if handle is not None:
            self._flow: Tensor = flow
            return
        with scope(name, "TensorArray", [size]):
            count = cast(convert_to_tensor(size, name="size"), dtypes.int32)
            known = constant_value(count)
            self._size = None if known is None else int(known)
            self._flow = build(
                "TensorListReserve",
                {
                    "element_shape": _shape_input(shape),
                    "num_elements": count,
                    "element_dtype": self._dtype,
                },
                tensor_array_name,
            )

    @property
    def flow(self) -> Tensor:
        """What stands for the array in control flow: a scalar of type variant."""
        return self._flow

    @property
    def handle(self) -> Tensor:
        """The same as `flow`."""
        return self._flow

    @property
    def dtype(self) -> DType:
        """The type of the elements."""
        return self._dtype

    @property
    def dynamic_size(self) -> bool:
        """Whether writing beyond the end makes the array longer."""
        return self._dynamic

    @property
    def element_shape(self) -> TensorShape:
        """What is known of the shape of the elements."""
        return self._elements.shape

    def _with_flow(self, flow: Tensor) -> TensorArray:
        """Return the array that a tensor stands for, of the same kind as this one."""
        result = object.__new__(TensorArray)
        result.__dict__.update(self.__dict__)
        result._flow = flow
        return result

    def identity(self) -> TensorArray:
        """Return an array of the same elements, which waits for what is to be waited for now."""
        return self._with_flow(build("Identity", {"input": self._flow}))

    def grad(self, source: str, flow: Any = None, name: str | None = None) -> TensorArray:
        """Not there: `tf.gradients` differentiates arrays by what is read and written.

        Raises:
          NotImplementedError: always.
        """
        del source, flow, name
        raise NotImplementedError("TensorArray.grad: use tf.gradients")

    def read(self, index: Any, name: str | None = None) -> Tensor:
        """Return the element at an index, an int32 scalar.

        Raises:
          InvalidArgumentError: when it runs: there is none, or it was never written and its shape
            is not known.
        """
        inputs = {"index": index, "element_shape": self._shape_input, "element_dtype": self._dtype}
        return self._read("TensorListGetItem", inputs, name or "TensorArrayReadV3")

    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """Return the array with another element at an index, an int32 scalar.

        Raises:
          ValueError: the element has another type or shape than those of the array.
          InvalidArgumentError: when it runs: the index is out of range.
        """
        with scope(name, "TensorArrayWrite", [self._flow, index, value]):
            value = self._converted(value)
            self._elements.merge(value.shape)
            inputs = {
                "index": index,
                "item": value,
                "resize_if_index_out_of_bounds": self._dynamic,
            }
            return self._changed("TensorListSetItem", inputs)

    def stack(self, name: str | None = None) -> Tensor:
        """Return all elements as one tensor, along a new first axis.

        Raises:
          InvalidArgumentError: when it runs: they have different shapes, or none was ever written
            and their shape is not known.
        """
        inputs = {"element_shape": self._shape_input, "element_dtype": self._dtype}
        result = self._read("TensorListStack", inputs, name or "TensorArrayStack")
        count = None if self._dynamic else self._size
        result.set_shape(TensorShape([count]).concatenate(self.element_shape))
        return result

    def gather(self, indices: Any, name: str | None = None) -> Tensor:
        """Return the elements at some indices, an int32 vector, along a new first axis.

        Raises:
          InvalidArgumentError: when it runs: as `stack`, or an index is out of range.
        """
        inputs = {
            "indices": indices,
            "element_shape": self._shape_input,
            "element_dtype": self._dtype,
        }
        return self._read("TensorListGather", inputs, name or "TensorArrayGather")

    def concat(self, name: str | None = None) -> Tensor:
        """Return all elements as one tensor, along their first axis.

        Raises:
          InvalidArgumentError: when it runs: they are scalars, or differ along other axes.
        """
        dims = self.element_shape.dims
        shape = None if dims is None else [None, *[d.value for d in dims[1:]]]
        inputs = {
            "element_shape": _shape_input(TensorShape(shape)),
            "leading_dims": convert_to_tensor([], dtypes.int64),
            "element_dtype": self._dtype,
        }
        result = self._reading("TensorListConcatV2", inputs, name or "TensorArrayConcat")
        tensor: Tensor = result[0]
        return tensor

    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """Return the array with the rows of a tensor as its first elements.

        Raises:
          ValueError: they have another type or shape than those of the array.
          InvalidArgumentError: when it runs: there are more than the array is long.
        """
        with scope(name, "TensorArrayUnstack", [self._flow, value]):
            value = self._converted(value)
            self._elements.merge(value.shape[1:])
            shape = {"element_shape": self._shape_input}
            rows = None if value.shape.ndims is None else value.shape.as_list()[0]
            if rows is not None and rows == self._size and not self._dynamic:
                return self._with_flow(build("TensorListFromTensor", {"tensor": value, **shape}))
            count = build("Shape", {"input": value})[0]
            start, step = convert_to_tensor(0), convert_to_tensor(1)
            indices = build("Range", {"start": start, "limit": count, "delta": step})
            return self._scattered(indices, value)

    def scatter(self, indices: Any, value: Any, name: str | None = None) -> TensorArray:
        """Return the array with the rows of a tensor at some indices, an int32 vector.

        Raises:
          ValueError: they have another type or shape than those of the array.
          InvalidArgumentError: when it runs: an index is out of range, or there are more or fewer
            rows than indices.
        """
        with scope(name, "TensorArrayScatter", [self._flow, value, indices]):
            value = self._converted(value)
            self._elements.merge(value.shape[1:])
            return self._scattered(convert_to_tensor(indices, dtypes.int32), value)

    def _scattered(self, indices: Tensor, value: Tensor) -> TensorArray:
        places = constant_value(indices)
        known = self._size is not None and places is not None and (places < self._size).all()
        if not self._dynamic and not known:
            # The largest index must be there; a list would become longer.
            size = build("TensorListLength", {"input_handle": self._flow})
            checked = build("Less", {"x": indices, "y": size})
            axes = convert_to_tensor([0])
            every = build("All", {"input": checked, "reduction_indices": axes})
            text = "Max scatter index must be < array size"
            inputs = {"condition": every, "data": [text, indices, size]}
            waited = build_operation("Assert", inputs)
            with value.graph.control_dependencies([waited]):
                value = build("Identity", {"input": value})
        inputs = {"tensor": value, "indices": indices, "element_dtype": self._dtype}
        return self._changed("TensorListScatterIntoExistingList", inputs)

    def split(self, value: Any, lengths: Any, name: str | None = None) -> TensorArray:
        """Return the array of parts of a tensor, cut along its first axis.

        Args:
          value: the tensor.
          lengths: of the parts, an integer vector.
          name: a name scope.

        Raises:
          ValueError: they have another type or shape than those of the array.
          InvalidArgumentError: when it runs: the lengths do not add up.
        """
        with scope(name, "TensorArraySplit", [self._flow, value, lengths]):
            value = self._converted(value)
            lengths = cast(convert_to_tensor(lengths), dtypes.int64)
            known = constant_value(lengths)
            if value.shape.ndims is not None:
                first = None
                if known is not None and known.size and (known == known.reshape(-1)[0]).all():
                    first = int(known.reshape(-1)[0])
                if first is not None or not self._elements.infer:
                    self._elements.merge(TensorShape([first]).concatenate(value.shape[1:]))
            inputs = {"tensor": value, "element_shape": self._shape_input, "lengths": lengths}
            return self._with_flow(build("TensorListSplit", inputs))

    def size(self, name: str | None = None) -> Tensor:
        """Return how many elements there are: an int32 scalar."""
        if not self._dynamic and self._size is not None:
            return convert_to_tensor(self._size, dtypes.int32, name=name)
        size: Tensor = build("TensorListLength", {"input_handle": self._flow}, name)
        return size

    def close(self, name: str | None = None) -> Operation:
        """Return an operation that does nothing: an array is gone when nobody needs it."""
        return build_operation("NoOp", {}, name or "TensorArrayCloseV3")

    @property
    def _shape_input(self) -> Tensor:
        return _shape_input(self.element_shape)

    def _converted(self, value: Any) -> Tensor:
        tensor = convert_to_tensor(value, preferred_dtype=self._dtype, name="value")
        if tensor.dtype.base_dtype is not self._dtype:
            raise ValueError(
                f"Error: Input value {value} has dtype {tensor.dtype.name}, but expected dtype "
                f"{self._dtype.name}."
            )
        return tensor

    def _changed(self, type: str, inputs: dict[str, Any]) -> TensorArray:
        return self._with_flow(build(type, {"input_handle": self._flow, **inputs}))

    def _reading(self, type: str, inputs: dict[str, Any], name: str | None) -> Any:
        return build(type, {"input_handle": self._flow, **inputs}, name)

    def _read(self, type: str, inputs: dict[str, Any], name: str | None) -> Tensor:
        result: Tensor = self._reading(type, inputs, name)
        return result


def _shape_input(shape: TensorShape) -> Tensor:
    """Return a shape as lists take it: -1 for what is not known."""
    if shape.ndims is None:
        return convert_to_tensor(-1, dtypes.int32)
    return convert_to_tensor([-1 if d is None else d for d in shape.as_list()], dtypes.int32)
