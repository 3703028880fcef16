"""`tf.test.TestCase`."""

from __future__ import annotations

import random
import re
import threading
import unittest
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from evergraph.errors import OpError
from evergraph.graph.graph import Graph
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.session.defaults import get_default_session
from evergraph.session.session import Session
from evergraph.v1.framework import set_random_seed
from evergraph.v1.testing.surroundings import get_temp_dir

#: Of every test, so that it is the same each time.
_SEED = 87654321


class TestCase(unittest.TestCase):
    """A test of a program: a new default graph and fixed seeds for every test method.

    Assertions take arrays, and what sessions return; `evaluate` runs tensors.
    """

    def __init__(self, methodName: str = "runTest") -> None:
        super().__init__(methodName)
        self._cached: Any = None
        self._threads: list[_CheckedThread] = []

    def setUp(self) -> None:
        """Begin with a new default graph, and with fixed seeds."""
        self._close_cached()
        random.seed(_SEED)
        np.random.seed(_SEED)
        self.enterContext(Graph().as_default())
        set_random_seed(_SEED)

    def tearDown(self) -> None:
        """Fail if a thread of `checkedThread` was not joined, and close the cached session."""
        left = [t for t in self._threads if not t.joined]
        self._close_cached()
        self.assertEqual(left, [], "threads were started, and not joined")

    def _close_cached(self) -> None:
        if self._cached is not None:
            self._cached.close()
            self._cached = None

    def get_temp_dir(self) -> str:
        """Return a folder for what tests write."""
        return get_temp_dir()

    @contextmanager
    def session(
        self, graph: Any = None, config: Any = None, use_gpu: bool = True, force_gpu: bool = False
    ) -> Iterator[Any]:
        """Open a session of a graph, by default the default graph, and make it the default one.

        Args:
          graph, config: of the session.
          use_gpu, force_gpu: accepted for compatibility.
        """
        del use_gpu, force_gpu
        with Session(graph=graph or get_default_graph(), config=config) as session:
            yield session

    @contextmanager
    def cached_session(
        self, graph: Any = None, config: Any = None, use_gpu: bool = True, force_gpu: bool = False
    ) -> Iterator[Any]:
        """Open a session as `session`, or take the one that the test has opened before.

        Raises:
          ValueError: that one has another graph.
        """
        del use_gpu, force_gpu
        wanted: Graph = graph or get_default_graph()
        if self._cached is None:
            self._cached = Session(graph=wanted, config=config)
        elif self._cached.graph is not wanted:
            raise ValueError("The graph used to get the cached session is different than before.")
        with wanted.as_default(), self._cached.as_default():
            yield self._cached

    test_session = cached_session

    def evaluate(self, tensors: Any) -> Any:
        """Return the values of tensors, in any structure that a session can fetch."""
        session = get_default_session()
        if session is not None:
            return session.run(tensors)
        with self.session() as own:
            return own.run(tensors)

    def checkedThread(
        self, target: Callable[..., Any], args: Any = None, kwargs: Any = None
    ) -> _CheckedThread:
        """Return a thread, to be started and joined; `join` raises what the target raises."""
        thread = _CheckedThread(target, args or (), kwargs or {})
        self._threads.append(thread)
        return thread

    # Arrays

    def _array(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            value = self.evaluate(value)
        return value if isinstance(value, np.ndarray) else np.array(value)

    def assertAllClose(
        self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None
    ) -> None:
        """Check that two structures of arrays are close: `|a - b| <= atol + rtol * |b|`."""
        if isinstance(a, Mapping) or isinstance(b, Mapping):
            self.assertEqual(set(a), set(b), msg)
            for key in a:
                self.assertAllClose(a[key], b[key], rtol, atol, f"{msg or ''} at {key!r}")
            return
        if isinstance(a, list | tuple) and isinstance(b, list | tuple) and _is_nested(a):
            self.assertEqual(len(a), len(b), msg)
            for i, (x, y) in enumerate(zip(a, b, strict=True)):
                self.assertAllClose(x, y, rtol, atol, f"{msg or ''} at {i}")
            return
        found, wanted = self._same_shapes(a, b, msg)
        np.testing.assert_allclose(found, wanted, rtol, atol, err_msg=msg or "")

    def assertAllCloseAccordingToType(
        self,
        a: Any,
        b: Any,
        rtol: float = 1e-6,
        atol: float = 1e-6,
        float_rtol: float = 1e-6,
        float_atol: float = 1e-6,
        half_rtol: float = 1e-3,
        half_atol: float = 1e-3,
        bfloat16_rtol: float = 1e-2,
        bfloat16_atol: float = 1e-2,
        msg: str | None = None,
    ) -> None:
        """Check that arrays are as close as the less precise of their types allows."""
        bounds = {
            "float32": (float_rtol, float_atol),
            "complex64": (float_rtol, float_atol),
            "float16": (half_rtol, half_atol),
            "bfloat16": (bfloat16_rtol, bfloat16_atol),
        }
        for value in (self._array(a), self._array(b)):
            more = bounds.get(value.dtype.name, (0.0, 0.0))
            rtol, atol = max(rtol, more[0]), max(atol, more[1])
        self.assertAllClose(a, b, rtol, atol, msg)

    def assertNotAllClose(
        self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None
    ) -> None:
        """Check that two structures of arrays are not close."""
        try:
            self.assertAllClose(a, b, rtol, atol)
        except AssertionError:
            return
        self.fail(msg or "the two values are close")

    def assertAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Check that two arrays have one shape and equal elements; NaN equals NaN."""
        found, wanted = self._same_shapes(a, b, msg)
        np.testing.assert_array_equal(found, wanted, err_msg=msg or "")

    def assertNotAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Check that two arrays differ."""
        try:
            self.assertAllEqual(a, b)
        except AssertionError:
            return
        self.fail(msg or "the two values are equal at all elements")

    def _same_shapes(self, a: Any, b: Any, msg: str | None) -> tuple[Any, Any]:
        found, wanted = self._array(a), self._array(b)
        self.assertEqual(found.shape, wanted.shape, f"Shape mismatch. {msg or ''}")
        if wanted.dtype.kind == "U" and found.dtype.kind in "OS":
            wanted = np.char.encode(wanted, "utf-8").astype(object)
        return found, wanted

    def assertAllGreater(self, a: Any, comparison_target: Any) -> None:
        """Check that all elements are greater than a number."""
        self.assertGreater(self._array(a).min(), comparison_target)

    def assertAllLess(self, a: Any, comparison_target: Any) -> None:
        """Check that all elements are less than a number."""
        self.assertLess(self._array(a).max(), comparison_target)

    def assertAllGreaterEqual(self, a: Any, comparison_target: Any) -> None:
        """Check that no element is less than a number."""
        self.assertGreaterEqual(self._array(a).min(), comparison_target)

    def assertAllLessEqual(self, a: Any, comparison_target: Any) -> None:
        """Check that no element is greater than a number."""
        self.assertLessEqual(self._array(a).max(), comparison_target)

    def assertAllInRange(
        self,
        target: Any,
        lower_bound: Any,
        upper_bound: Any,
        open_lower_bound: bool = False,
        open_upper_bound: bool = False,
    ) -> None:
        """Check that all elements lie between two numbers, which an open bound leaves out."""
        low = self.assertAllGreater if open_lower_bound else self.assertAllGreaterEqual
        high = self.assertAllLess if open_upper_bound else self.assertAllLessEqual
        low(target, lower_bound)
        high(target, upper_bound)

    def assertAllInSet(self, target: Any, expected_set: Any) -> None:
        """Check that all elements are members of a set."""
        self.assertLessEqual(set(self._array(target).reshape(-1).tolist()), set(expected_set))

    def assertNear(self, f1: float, f2: float, err: float, msg: str | None = None) -> None:
        """Check that two numbers differ by no more than `err`."""
        self.assertTrue(
            f1 == f2 or abs(f1 - f2) <= err, f"{f1} != {f2} +/- {err}{f' ({msg})' if msg else ''}"
        )

    def assertArrayNear(
        self, farray1: Any, farray2: Any, err: float, msg: str | None = None
    ) -> None:
        """Check that two sequences of numbers differ by no more than `err` anywhere."""
        self.assertEqual(len(farray1), len(farray2), msg)
        for f1, f2 in zip(farray1, farray2, strict=True):
            self.assertNear(float(f1), float(f2), err, msg)

    def assertNDArrayNear(
        self, ndarray1: Any, ndarray2: Any, err: float, msg: str | None = None
    ) -> None:
        """Check that the norm of the difference of two arrays is at most `err`."""
        distance = np.linalg.norm(self._array(ndarray1) - self._array(ndarray2))
        self.assertLessEqual(float(distance), err, msg)

    def assertShapeEqual(self, input_a: Any, input_b: Any, msg: str | None = None) -> None:
        """Check that two arrays or tensors have one shape."""
        shapes = [
            tuple(x.shape.as_list()) if isinstance(x, Tensor) else self._array(x).shape
            for x in (input_a, input_b)
        ]
        self.assertEqual(shapes[0], shapes[1], msg)

    def assertDTypeEqual(self, target: Any, expected_dtype: Any) -> None:
        """Check the type of the elements of an array."""
        self.assertEqual(self._array(target).dtype, np.dtype(expected_dtype))

    # Errors, messages, names

    @contextmanager
    def assertRaisesWithPredicateMatch(
        self, exception_type: Any, expected_err_re_or_predicate: Any
    ) -> Iterator[None]:
        """Check that an error is raised whose text matches, or which a predicate accepts."""
        accepts = expected_err_re_or_predicate
        try:
            yield
        except exception_type as error:
            if callable(accepts):
                self.assertTrue(accepts(error), f"the error was not expected: {error}")
            else:
                parts = [str(error)]
                if isinstance(error, OpError) and error.op is not None:
                    parts.append(f"Caused by op: {error.op.name!r}")
                self.assertTrue(
                    re.search(accepts, "\n".join(parts)), f"no {accepts!r} in the error: {error}"
                )
            return
        self.fail(f"{getattr(exception_type, '__name__', exception_type)} not raised")

    def assertRaisesOpError(self, expected_err_re_or_predicate: Any) -> Any:
        """Check that a `tf.errors.OpError` is raised whose text matches."""
        return self.assertRaisesWithPredicateMatch(OpError, expected_err_re_or_predicate)

    def assertProtoEquals(
        self,
        expected_message_maybe_ascii: Any,
        validate_message: Any,
        msg: str | None = None,
        relative_tolerance: float | None = None,
    ) -> None:
        """Check that a message equals another one, or what a text says."""
        del relative_tolerance
        expected = expected_message_maybe_ascii
        if isinstance(expected, str | bytes):
            from google.protobuf import text_format

            expected = text_format.Parse(expected, type(validate_message)())
        self.assertEqual(str(expected), str(validate_message), msg)

    def assertDeviceEqual(self, device1: Any, device2: Any, msg: str | None = None) -> None:
        """Check that two devices are the same, however they are written."""
        from evergraph.graph.device import canonical

        self.assertEqual(canonical(str(device1)), canonical(str(device2)), msg)

    def assertStartsWith(self, actual: str, expected_start: str, msg: str | None = None) -> None:
        """Check what a string begins with."""
        self.assertTrue(actual.startswith(expected_start), msg or f"{actual!r}: {expected_start!r}")

    def assertEndsWith(self, actual: str, expected_end: str, msg: str | None = None) -> None:
        """Check what a string ends with."""
        self.assertTrue(actual.endswith(expected_end), msg or f"{actual!r}: {expected_end!r}")

    def assertEmpty(self, container: Any, msg: str | None = None) -> None:
        """Check that there is nothing in a container."""
        self.assertEqual(len(container), 0, msg)

    def assertNotEmpty(self, container: Any, msg: str | None = None) -> None:
        """Check that there is something in a container."""
        self.assertNotEqual(len(container), 0, msg)

    def assertLen(self, container: Any, expected_len: int, msg: str | None = None) -> None:
        """Check how many elements a container has."""
        self.assertEqual(len(container), expected_len, msg)

    def assertItemsEqual(self, first: Any, second: Any, msg: str | None = None) -> None:
        """Check that two sequences have the same elements, in any order."""
        self.assertCountEqual(first, second, msg)

    def assertBetween(self, value: Any, minv: Any, maxv: Any, msg: str | None = None) -> None:
        """Check that a value lies between two others, or is one of them."""
        self.assertTrue(minv <= value <= maxv, msg or f"{value} is not in [{minv}, {maxv}]")


def _is_nested(value: Any) -> bool:
    """Whether a sequence has elements that are no numbers, so that it may not be one array."""
    return any(isinstance(v, list | tuple | dict | np.ndarray) for v in value)


class _CheckedThread:
    """A thread whose `join` raises what its target raises."""

    def __init__(self, target: Callable[..., Any], args: Any, kwargs: Any) -> None:
        self._target = target
        self._error: BaseException | None = None
        self.joined = False
        self._thread = threading.Thread(target=self._run, args=args, kwargs=kwargs, daemon=True)

    def _run(self, *args: Any, **kwargs: Any) -> None:
        try:
            self._target(*args, **kwargs)
        except BaseException as error:  # raised again by `join`
            self._error = error

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def join(self) -> None:
        """Wait for the thread, and raise what it raised."""
        self.joined = True
        self._thread.join()
        if self._error is not None:
            raise self._error

    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()
