"""Lists of tensors: what is pushed, set and stacked comes back; errors; gradients.

A list itself cannot be fetched: cases fetch what is read from it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

A, B, C = [1.0, 2.0], [3.0, 4.0], [5.0, 6.0]


class Lists:
    """The ops, on lists of float32 unless said otherwise."""

    def __init__(self, tf: Any) -> None:
        self.tf = tf
        self.ops = tf.raw_ops

    def shape(self, dims: Any) -> Any:
        return self.tf.convert_to_tensor(dims, self.tf.int32)

    def fed(self, value: Any) -> Any:
        return self.tf.placeholder_with_default(value, None)

    def tensor(self, value: Any) -> Any:
        return self.tf.convert_to_tensor(value, self.tf.float32)

    def empty(self, dims: Any = (2,), limit: int = -1, dtype: str = "float32") -> Any:
        return self.ops.EmptyTensorList(
            element_shape=self.shape(dims), max_num_elements=limit, element_dtype=dtype
        )

    def reserve(self, count: Any, dims: Any = (2,), dtype: str = "float32") -> Any:
        return self.ops.TensorListReserve(
            element_shape=self.shape(dims), num_elements=count, element_dtype=dtype
        )

    def push(self, given: Any, value: Any) -> Any:
        return self.ops.TensorListPushBack(input_handle=given, tensor=self.tensor(value))

    def of(self, *values: Any, dims: Any = (2,)) -> Any:
        found = self.empty(dims)
        for value in values:
            found = self.push(found, value)
        return found

    def pop(self, given: Any, dims: Any = (2,)) -> Any:
        return self.ops.TensorListPopBack(
            input_handle=given, element_shape=self.shape(dims), element_dtype="float32"
        )

    def set(self, given: Any, index: Any, value: Any, **more: Any) -> Any:
        return self.ops.TensorListSetItem(
            input_handle=given, index=index, item=self.tensor(value), **more
        )

    def get(self, given: Any, index: Any, dims: Any = (2,), dtype: str = "float32") -> Any:
        return self.ops.TensorListGetItem(
            input_handle=given, index=index, element_shape=self.shape(dims), element_dtype=dtype
        )

    def stack(self, given: Any, dims: Any = (2,), count: int = -1, dtype: str = "float32") -> Any:
        return self.ops.TensorListStack(
            input_handle=given,
            element_shape=self.shape(dims),
            element_dtype=dtype,
            num_elements=count,
        )

    def unstack(self, value: Any, dims: Any = (2,)) -> Any:
        return self.ops.TensorListFromTensor(
            tensor=self.tensor(value), element_shape=self.shape(dims)
        )

    def resize(self, given: Any, size: Any) -> Any:
        return self.ops.TensorListResize(input_handle=given, size=size)

    def length(self, given: Any) -> Any:
        return self.ops.TensorListLength(input_handle=given)

    def gather(self, given: Any, indices: Any, dims: Any = (2,)) -> Any:
        return self.ops.TensorListGather(
            input_handle=given,
            indices=self.shape(indices),
            element_shape=self.shape(dims),
            element_dtype="float32",
        )

    def scatter(self, value: Any, indices: Any, count: int = -1, dims: Any = (2,)) -> Any:
        return self.ops.TensorListScatterV2(
            tensor=self.tensor(value),
            indices=self.shape(indices),
            element_shape=self.shape(dims),
            num_elements=count,
        )

    def scatter_into(self, given: Any, value: Any, indices: Any) -> Any:
        return self.ops.TensorListScatterIntoExistingList(
            input_handle=given, tensor=self.tensor(value), indices=self.shape(indices)
        )

    def concat(self, given: Any, dims: Any = (-1, 2), leading: Any = ()) -> Any:
        return self.ops.TensorListConcatV2(
            input_handle=given,
            element_shape=self.shape(dims),
            leading_dims=self.tf.constant(list(leading), self.tf.int64),
            element_dtype="float32",
        )

    def split(self, value: Any, lengths: Any, dims: Any = (-1, 2)) -> Any:
        return self.ops.TensorListSplit(
            tensor=self.tensor(value),
            element_shape=self.shape(dims),
            lengths=self.tf.constant(lengths, self.tf.int64),
        )

    def joined(self, a: Any, b: Any) -> Any:
        return self.ops.TensorListConcatLists(input_a=a, input_b=b, element_dtype="float32")

    def added(self, *lists: Any) -> Any:
        return self.ops.AddN(inputs=list(lists))


@pytest.fixture
def lists(tf: Any) -> Lists:
    return Lists(tf)


Build = Callable[[Lists], Any]

VALUES: dict[str, tuple[Build, Any]] = {
    "stack": (lambda x: x.stack(x.of(A, B)), [A, B]),
    "stack of that many": (lambda x: x.stack(x.of(A, B), count=2), [A, B]),
    "stack of none": (lambda x: x.stack(x.empty()), np.zeros((0, 2))),
    "stack of unknown rank": (lambda x: x.stack(x.of(A, B, dims=-1), -1), [A, B]),
    "stack of what was never set": (lambda x: x.stack(x.reserve(2)), np.zeros((2, 2))),
    "stack, one was never set": (
        lambda x: x.stack(x.set(x.reserve(2, [-1]), 0, A), [-1]),
        [A, [0.0, 0.0]],
    ),
    "pop": (lambda x: x.pop(x.of(A, B)).tensor, B),
    "what is left after a pop": (lambda x: x.stack(x.pop(x.of(A, B)).output_handle), [A]),
    "pop of what was never set": (lambda x: x.pop(x.reserve(1)).tensor, [0.0, 0.0]),
    "get": (lambda x: x.get(x.of(A, B), 1), B),
    "get with a fed index": (lambda x: x.get(x.of(A, B), x.fed(np.int32(1))), B),
    "get of what was never set": (lambda x: x.get(x.reserve(2), 1), [0.0, 0.0]),
    "get, others tell the shape": (
        lambda x: x.get(x.set(x.reserve(2, [-1]), 0, A), 1, [-1]),
        [0.0, 0.0],
    ),
    "set": (lambda x: x.stack(x.set(x.reserve(2), 1, B)), [[0.0, 0.0], B]),
    "set with a fed index": (
        lambda x: x.stack(x.set(x.reserve(2), x.fed(np.int32(1)), B)),
        [[0.0, 0.0], B],
    ),
    "set beyond the end": (
        lambda x: x.stack(x.set(x.reserve(1), 2, B, resize_if_index_out_of_bounds=True)),
        [[0.0, 0.0], [0.0, 0.0], B],
    ),
    "resize, longer": (lambda x: x.stack(x.resize(x.of(A), 2)), [A, [0.0, 0.0]]),
    "resize, shorter": (lambda x: x.stack(x.resize(x.of(A, B), 1)), [A]),
    "resize, shorter and longer": (
        lambda x: x.stack(x.resize(x.resize(x.of(A, B), 1), 2)),
        [A, [0.0, 0.0]],
    ),
    "length": (lambda x: x.length(x.of(A, B)), np.int32(2)),
    "shape": (
        lambda x: x.ops.TensorListElementShape(
            input_handle=x.empty([-1, 3]), shape_type=x.tf.int64
        ),
        np.array([-1, 3]),
    ),
    "shape of unknown rank": (
        lambda x: x.ops.TensorListElementShape(input_handle=x.empty(-1), shape_type=x.tf.int32),
        np.int32(-1),
    ),
    "unstack": (lambda x: x.stack(x.unstack([A, B, C])), [A, B, C]),
    "unstack and get": (lambda x: x.get(x.unstack([A, B, C]), x.fed(np.int32(2))), C),
    "gather": (lambda x: x.gather(x.of(A, B), [1, 0, 1]), [B, A, B]),
    "gather none": (lambda x: x.gather(x.of(A, B), []), np.zeros((0, 2))),
    "gather what was never set": (
        lambda x: x.gather(x.set(x.reserve(3, [-1]), 1, A), [0, 1], [-1]),
        [[0.0, 0.0], A],
    ),
    "scatter": (lambda x: x.stack(x.scatter([A, B], [2, 0])), [B, [0.0, 0.0], A]),
    "scatter into so many": (
        lambda x: x.stack(x.scatter([A, B], [1, 0], 3)),
        [B, A, [0.0, 0.0]],
    ),
    "scatter twice to one place": (lambda x: x.stack(x.scatter([A, B], [0, 0])), [B]),
    "scatter, first version": (
        lambda x: x.stack(
            x.ops.TensorListScatter(
                tensor=x.tensor([A, B]), indices=x.shape([1, 0]), element_shape=x.shape([2])
            )
        ),
        [B, A],
    ),
    "scatter into a list": (lambda x: x.stack(x.scatter_into(x.of(A, B), [C], [0])), [C, B]),
    "scatter beyond a list": (
        lambda x: x.stack(x.scatter_into(x.of(A), [B, C], [1, 0])),
        [C, B],
    ),
    "concat": (lambda x: x.concat(x.of([A], [B, C], dims=[-1, 2])).tensor, [A, B, C]),
    "lengths of a concat": (
        lambda x: x.concat(x.of([A], [B, C], dims=[-1, 2])).lengths,
        np.array([1, 2]),
    ),
    "concat, first version": (
        lambda x: (
            x.ops.TensorListConcat(
                input_handle=x.of([A], [B, C], dims=[-1, 2]), element_dtype="float32"
            ).tensor
        ),
        [A, B, C],
    ),
    "concat of none": (lambda x: x.concat(x.empty([-1, 2])).tensor, np.zeros((0, 2))),
    "concat of what was never set": (
        lambda x: x.concat(x.set(x.reserve(2, [1, 2]), 0, [A]), [1, 2]).tensor,
        [A, [0.0, 0.0]],
    ),
    "concat with leading dimensions": (
        lambda x: x.concat(x.set(x.reserve(2, [-1, 2]), 0, [A]), [-1, 2], [1, 2]).tensor,
        [A, [0.0, 0.0], [0.0, 0.0]],
    ),
    "split": (lambda x: x.concat(x.split([A, B, C], [1, 0, 2])).lengths, np.array([1, 0, 2])),
    "a part of a split": (lambda x: x.get(x.split([A, B, C], [1, 2]), 1, [-1, 2]), [B, C]),
    "two lists": (lambda x: x.stack(x.joined(x.of(A), x.of(B, C))), [A, B, C]),
    "push to a batch of lists": (
        lambda x: x.stack(
            x.tf.unstack(
                x.ops.TensorListPushBackBatch(
                    input_handles=x.tf.stack([x.of(A), x.empty()]), tensor=x.tensor([B, C])
                )
            )[0]
        ),
        [A, B],
    ),
    "sum": (lambda x: x.stack(x.added(x.of(A, B), x.of(C, C))), [[6.0, 8.0], [8.0, 10.0]]),
    "sum of three": (lambda x: x.stack(x.added(x.of(A), x.of(A), x.of(B))), [[5.0, 8.0]]),
    "sum, one was never set": (
        lambda x: x.stack(x.added(x.set(x.reserve(2), 0, A), x.of(B, C))),
        [[4.0, 6.0], C],
    ),
    "sum, neither was ever set": (
        lambda x: x.stack(x.added(x.reserve(1), x.reserve(1))),
        [[0.0, 0.0]],
    ),
    "zeros": (lambda x: x.stack(x.tf.zeros_like(x.of(A, B))), np.zeros((2, 2))),
    "zeros of what was never set": (
        lambda x: x.stack(x.tf.zeros_like(x.reserve(2))),
        np.zeros((2, 2)),
    ),
    "a list of lists": (
        lambda x: x.stack(
            x.get(
                x.ops.TensorListPushBack(
                    input_handle=x.empty([], dtype="variant"), tensor=x.of(A, B)
                ),
                0,
                [],
                "variant",
            )
        ),
        [A, B],
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_value(run: Any, same: Any, lists: Lists, name: str) -> None:
    build, want = VALUES[name]
    if isinstance(want, list):
        want = np.array(want)
    same(run(build(lists)), want.astype("float32") if want.dtype == "float64" else want)


#: What is wrong when it runs, and TensorFlow's words.
ERRORS: dict[str, tuple[Build, str]] = {
    "pop of nothing": (lambda x: x.pop(x.empty()).tensor, "Trying to pop from an empty list."),
    "pop of unknown shape": (
        lambda x: x.pop(x.reserve(2, [-1]), [-1]).tensor,
        "Trying to read an uninitialized tensor but element_shape is not fully defined",
    ),
    "push of another shape": (
        lambda x: x.length(x.push(x.empty(), [1.0, 2.0, 3.0])),
        "Tried to append a tensor with incompatible shape to a list. Op element shape: [3] list "
        "shape: [2]",
    ),
    "push to a full list": (
        lambda x: x.length(x.push(x.push(x.empty(limit=1), A), A)),
        "Tried to push item into a full list list size: 1 max_num_elements: 1",
    ),
    "get too high": (
        lambda x: x.get(x.of(A, B), x.fed(np.int32(2))),
        "Trying to access element 2 in a list with 2 elements.",
    ),
    "get too low": (
        lambda x: x.get(x.of(A, B), -1),
        "Trying to access element -1 in a list with 2 elements.",
    ),
    "get of unknown shape": (
        lambda x: x.get(x.reserve(2, [-1]), 1, [-1]),
        "Trying to read an uninitialized tensor but element_shape is not fully defined: [?] and no "
        "list element is set.",
    ),
    "set too high": (
        lambda x: x.stack(x.set(x.reserve(2), x.fed(np.int32(2)), A)),
        "Trying to modify element 2 in a list with 2 elements.",
    ),
    "set too low": (
        lambda x: x.stack(x.set(x.reserve(2), -1, A)),
        "Trying to modify element -1 in a list with 2 elements.",
    ),
    "reserve fewer than none": (
        lambda x: x.length(x.reserve(-1)),
        "The num_elements to reserve must be a non negative number, but got -1",
    ),
    "resize to fewer than none": (
        lambda x: x.length(x.resize(x.of(A), -3)),
        "TensorListSlice expects size to be non-negative. Got: -3",
    ),
    "stack of another number": (
        lambda x: x.stack(x.of(A, B), count=3),
        "Operation expected a list with 3 elements but got a list with 2 elements.",
    ),
    "stack of none of unknown shape": (
        lambda x: x.stack(x.empty([-1]), [-1]),
        "Tried to stack elements of an empty list with non-fully-defined element_shape: [?]",
    ),
    "stack of what was never set of unknown shape": (
        lambda x: x.stack(x.reserve(2, [-1]), [-1]),
        "Tried to stack list which only contains uninitialized tensors and has a "
        "non-fully-defined element_shape: [?]",
    ),
    "stack of different shapes": (
        lambda x: x.stack(x.of(A, [1.0], dims=[-1]), [-1]),
        "PartialTensorShape: Incompatible shapes during merge: [2] vs. [1]",
    ),
    "gather too high": (
        lambda x: x.gather(x.of(A, B), [2]),
        "Index 2 out o range; list only has 2 elements.",
    ),
    "scatter too low": (
        lambda x: x.length(x.scatter([A, B], [-1, 0])),
        "Indices in TensorListScatter must all be non-negative.",
    ),
    "scatter too high": (
        lambda x: x.length(x.scatter([A, B], [2, 0], 2)),
        "TensorListScatter: Trying to scatter at index 2 in list with size 2",
    ),
    "scatter of another number": (
        lambda x: x.length(x.scatter([A, B], [0])),
        "Invalid number of rows in input tensor. Expected: 1 Actual: 2",
    ),
    "concat of scalars": (
        lambda x: x.concat(x.of(1.0, 2.0, dims=-1), -1).tensor,
        "Concat saw a scalar shape at index 0 but requires at least vectors.",
    ),
    "concat of different rows": (
        lambda x: x.concat(x.of([[1.0]], [A], dims=[-1, -1]), [-1, -1]).tensor,
        "PartialTensorShape: Incompatible shapes during merge: [1] vs. [2]",
    ),
    "split into too few": (
        lambda x: x.length(x.split([A, B, C], [1, 1])),
        "Unused values in tensor. Length of tensor: 3 Values used: 2",
    ),
    "split into too many": (
        lambda x: x.length(x.split([A, B, C], [1, 3])),
        "Attempting to slice [1, 4] from tensor with length 3",
    ),
    "split into fewer than none": (
        lambda x: x.length(x.split([A, B, C], [-1, 4])),
        "Invalid value in lengths: -1",
    ),
    "sum of different lengths": (
        lambda x: x.stack(x.added(x.of(A), x.of(A, B))),
        "Trying to add two lists of tensors with different lengths. One is 1 and the other is 2",
    ),
    "a shape of rank 2": (
        lambda x: x.length(x.empty(x.fed(np.array([[2]], np.int32)))),
        "Shape must be at most rank 1 but is rank 2",
    ),
    "a scalar shape": (
        lambda x: x.length(x.empty(x.fed(np.int32(3)))),
        "The only valid scalar shape tensor is the fully unknown shape specified as -1.",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_error(tf: Any, run: Any, lists: Lists, name: str) -> None:
    build, words = ERRORS[name]
    fetched = build(lists)
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        run(fetched)
    assert words in caught.value.message
    assert caught.value.op is not None


def test_elements_of_another_type_are_refused_when_the_graph_is_built(lists: Lists) -> None:
    with pytest.raises(ValueError, match="Expected list with element dtype int32 but got list"):
        lists.get(lists.of(A), 0, dtype="int32")
    with pytest.raises(ValueError, match="Trying to push to list with wrong element dtype"):
        lists.ops.TensorListPushBack(input_handle=lists.empty(), tensor=lists.tf.constant([1, 2]))


def test_static_shapes_follow_from_the_list(lists: Lists) -> None:
    given = lists.empty([-1, 3])
    assert given.shape.as_list() == []
    assert lists.get(given, 0, -1).shape.as_list() == [None, 3]
    assert lists.stack(given, -1, 4).shape.as_list() == [4, None, 3]
    assert lists.gather(given, [0, 1], [5, -1]).shape.as_list() == [2, 5, 3]
    assert lists.concat(given, [-1, 3]).tensor.shape.as_list() == [None, 3]


def test_older_lists_are_as_they_were(run: Any, lists: Lists) -> None:
    first = lists.of(A, B)
    second = lists.set(first, 0, C)
    third = lists.set(second, 1, A)
    popped = lists.pop(first).output_handle
    again = lists.push(popped, C)
    values = run([lists.stack(v) for v in (third, first, again, second, popped)])
    assert [v.tolist() for v in values] == [[C, A], [A, B], [A, C], [C, B], [A]]


@pytest.mark.needs("strings")
def test_strings(run: Any, lists: Lists) -> None:
    tf = lists.tf
    pushed = lists.ops.TensorListPushBack(
        input_handle=lists.empty([], dtype="string"), tensor=tf.constant("a")
    )
    unset = lists.reserve(2, [], "string")
    values = run([lists.stack(v, [], dtype="string") for v in (pushed, unset)])
    assert [v.tolist() for v in values] == [[b"a"], [b"", b""]]


def test_a_list_cannot_be_fetched(tf: Any, session: Any, lists: Lists) -> None:
    with pytest.raises(tf.errors.InternalError, match="not convertible to numpy dtype"):
        session.run(lists.of(A))


X = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]

#: Functions of x, float32 [3, 2], and their gradients with respect to it.
GRADIENTS: dict[str, tuple[Callable[[Lists, Any], Any], Any]] = {
    "stack": (
        lambda x, v: x.stack(x.push(x.push(x.empty(), v[1]), v[0])),
        [[2, 4], [6, 8], [0, 0]],
    ),
    "pop": (
        lambda x, v: x.pop(x.push(x.push(x.empty(), v[1]), v[0])).tensor,
        [[2, 4], [0, 0], [0, 0]],
    ),
    "get": (lambda x, v: x.get(x.unstack(v), 1), [[0, 0], [6, 8], [0, 0]]),
    "get twice": (
        lambda x, v: x.get(x.unstack(v), 1) + x.get(x.unstack(v), 1),
        [[0, 0], [24, 32], [0, 0]],
    ),
    "set": (
        lambda x, v: x.stack(x.set(x.unstack(v), 1, v[0])),
        [[4, 8], [0, 0], [10, 12]],
    ),
    "set beyond the end": (
        lambda x, v: x.stack(x.set(x.unstack(v), 3, v[0], resize_if_index_out_of_bounds=True)),
        [[4, 8], [6, 8], [10, 12]],
    ),
    "resize": (lambda x, v: x.stack(x.resize(x.unstack(v), 2)), [[2, 4], [6, 8], [0, 0]]),
    "gather": (lambda x, v: x.gather(x.unstack(v), [2, 0]), [[2, 4], [0, 0], [10, 12]]),
    "scatter": (lambda x, v: x.stack(x.scatter(v, [2, 0, 4])), [[2, 4], [6, 8], [10, 12]]),
    "scatter into": (
        lambda x, v: x.stack(x.scatter_into(x.unstack(v), v[:1], [2])),
        [[4, 8], [6, 8], [0, 0]],
    ),
    "concat": (lambda x, v: x.concat(x.split(v, [1, 2])).tensor, [[2, 4], [6, 8], [10, 12]]),
    "split": (lambda x, v: x.get(x.split(v, [1, 2]), 1, [-1, 2]), [[0, 0], [6, 8], [10, 12]]),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradient(tf: Any, run: Any, same: Any, lists: Lists, name: str) -> None:
    function, want = GRADIENTS[name]
    x = tf.placeholder_with_default(np.array(X, "float32"), [None, 2])
    y = tf.reduce_sum(tf.square(function(lists, x)))
    same(run(tf.gradients(y, x)[0]), np.array(want, "float32"))
