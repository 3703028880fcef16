"""Optimizers outside of the graph: `ScipyOptimizerInterface`, and what it is made of."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from evergraph import v1 as tf


class ExternalOptimizerInterface:
    """An optimizer that asks the graph for losses and gradients; a subclass has `_minimize`.

    Args:
      loss: a scalar.
      var_list: what is changed; by default the trainable variables.
      equalities: tensors that are to become zero, or None.
      inequalities: tensors that are to become no less than zero, or None.
      var_to_bounds: from variables to pairs of a lower and an upper bound.
      optimizer_kwargs: what else the optimizer takes.

    Raises:
      ValueError: bounds have another shape than their variable.
    """

    def __init__(
        self,
        loss: Any,
        var_list: Any = None,
        equalities: Any = None,
        inequalities: Any = None,
        var_to_bounds: Any = None,
        **optimizer_kwargs: Any,
    ) -> None:
        self._loss = loss
        self._vars = list(tf.trainable_variables() if var_list is None else var_list)
        self._equalities = list(equalities or ())
        self._inequalities = list(inequalities or ())
        self.optimizer_kwargs = optimizer_kwargs
        sizes = [int(np.prod(v.shape.as_list())) for v in self._vars]
        ends = np.cumsum([0, *sizes]).tolist()
        self._parts = [slice(start, end) for start, end in pairwise(ends)]
        self._packed_bounds = None
        if var_to_bounds is not None:
            self._packed_bounds = self._bounds(var_to_bounds)
        tensors = [loss, *self._equalities, *self._inequalities]
        self._gradients = [self._packed_gradient(t) for t in tensors]
        self._packed_vars = self._pack(self._vars)
        self._new_values = [tf.placeholder(v.dtype.base_dtype, v.shape) for v in self._vars]
        pairs = zip(self._vars, self._new_values, strict=True)
        self._stores = [v.assign(value) for v, value in pairs]

    def _bounds(self, var_to_bounds: Any) -> list[tuple[float, float]]:
        found = []
        for variable in self._vars:
            shape = variable.shape.as_list()
            low, high = var_to_bounds.get(variable, (-np.inf, np.inf))
            both = [np.broadcast_to(np.asarray(bound, np.float64), shape) for bound in (low, high)]
            found += list(zip(both[0].ravel().tolist(), both[1].ravel().tolist(), strict=True))
        return found

    def _packed_gradient(self, tensor: Any) -> Any:
        rows = [tensor] if tensor.shape.rank == 0 else tf.unstack(tf.reshape(tensor, [-1]))
        packed = []
        for row in rows:
            gradients = tf.gradients(row, self._vars)
            pairs = zip(gradients, self._vars, strict=True)
            packed.append(self._pack([tf.zeros_like(v) if g is None else g for g, v in pairs]))
        return packed[0] if tensor.shape.rank == 0 else tf.stack(packed)

    def _pack(self, tensors: Any) -> Any:
        flat = [tf.reshape(tf.convert_to_tensor(t), [-1]) for t in tensors]
        return tf.concat(flat, 0) if len(flat) > 1 else flat[0]

    def _feeds(self, packed: Any) -> dict[Any, Any]:
        return {
            value: np.asarray(packed[part]).reshape(v.shape.as_list())
            for value, v, part in zip(self._new_values, self._vars, self._parts, strict=True)
        }

    def minimize(
        self,
        session: Any = None,
        feed_dict: Any = None,
        fetches: Any = None,
        step_callback: Callable[[Any], Any] | None = None,
        loss_callback: Callable[..., Any] | None = None,
        **run_kwargs: Any,
    ) -> None:
        """Change the variables so that the loss becomes small.

        Args:
          session: the session, by default the default one.
          feed_dict: what is fed in each run.
          fetches: what is given to `loss_callback`.
          step_callback: is called with all variables, flat, after each step.
          loss_callback: is called with `fetches` whenever the loss is computed.
          run_kwargs: what else `session.run` takes.
        """
        session = session or tf.get_default_session()
        feed_dict = feed_dict or {}
        fetches = fetches or []
        loss_callback = loss_callback or (lambda *_: None)

        def evaluated(tensors: list[Any], further: Any = ()) -> Callable[[Any], Any]:
            def function(packed: Any) -> tuple[Any, Any]:
                session.run(self._stores, feed_dict=self._feeds(packed))
                values = session.run([tensors, further], feed_dict=feed_dict, **run_kwargs)
                return values[0], values[1]

            return function

        of_loss = evaluated([self._loss, self._gradients[0]], fetches)

        def loss_and_gradient(packed: Any) -> Any:
            (loss, gradient), fetched = of_loss(packed)
            loss_callback(*fetched)
            return loss, gradient

        def functions(tensors: list[Any], gradients: list[Any]) -> tuple[list[Any], list[Any]]:
            def only(tensor: Any) -> Callable[[Any], Any]:
                run = evaluated([tensor])
                return lambda packed: run(packed)[0][0]

            return [only(t) for t in tensors], [only(g) for g in gradients]

        count = len(self._equalities)
        of_equalities = functions(self._equalities, self._gradients[1 : count + 1])
        of_inequalities = functions(self._inequalities, self._gradients[count + 1 :])
        final = self._minimize(
            initial_val=session.run(self._packed_vars),
            loss_grad_func=loss_and_gradient,
            equality_funcs=of_equalities[0],
            equality_grad_funcs=of_equalities[1],
            inequality_funcs=of_inequalities[0],
            inequality_grad_funcs=of_inequalities[1],
            packed_bounds=self._packed_bounds,
            step_callback=step_callback,
            optimizer_kwargs=self.optimizer_kwargs,
        )
        session.run(self._stores, feed_dict=self._feeds(final))

    def _minimize(
        self,
        initial_val: Any,
        loss_grad_func: Callable[[Any], Any],
        equality_funcs: list[Any],
        equality_grad_funcs: list[Any],
        inequality_funcs: list[Any],
        inequality_grad_funcs: list[Any],
        packed_bounds: Any,
        step_callback: Any,
        optimizer_kwargs: dict[str, Any],
    ) -> Any:
        """Return the variables, flat, at which the loss is small."""
        raise NotImplementedError(
            "To use ExternalOptimizerInterface, subclass from it and implement the _minimize() "
            "method."
        )


class ScipyOptimizerInterface(ExternalOptimizerInterface):
    """An optimizer of `scipy.optimize.minimize`, by default "L-BFGS-B".

    Args:
      loss, var_list, equalities, inequalities, var_to_bounds: see `ExternalOptimizerInterface`.
      optimizer_kwargs: what `scipy.optimize.minimize` takes: `method`, `options`, `tol`.

    Raises:
      ImportError: when it is to minimize, SciPy is not installed.
    """

    _DEFAULT_METHOD: ClassVar[str] = "L-BFGS-B"

    def _minimize(
        self,
        initial_val: Any,
        loss_grad_func: Callable[[Any], Any],
        equality_funcs: list[Any],
        equality_grad_funcs: list[Any],
        inequality_funcs: list[Any],
        inequality_grad_funcs: list[Any],
        packed_bounds: Any,
        step_callback: Any,
        optimizer_kwargs: dict[str, Any],
    ) -> Any:
        """Return the variables, flat, at which the loss is small.

        Raises:
          ImportError: SciPy is not installed.
          ValueError: an argument is given that is the interface's own.
        """
        try:
            minimize = import_module("scipy.optimize").minimize
        except ImportError as error:
            raise ImportError(
                "ScipyOptimizerInterface needs SciPy, which is not installed: pip install scipy",
                name="scipy",
            ) from error

        def in_double(packed: Any) -> Any:
            loss, gradient = loss_grad_func(packed)
            return float(loss), np.asarray(gradient, np.float64)

        own: dict[str, Any] = {"jac": True, "callback": step_callback}
        constraints = [
            {"type": kind, "fun": function, "jac": gradient}
            for kind, functions, gradients in (
                ("eq", equality_funcs, equality_grad_funcs),
                ("ineq", inequality_funcs, inequality_grad_funcs),
            )
            for function, gradient in zip(functions, gradients, strict=True)
        ]
        if constraints:
            own["constraints"] = constraints
        if packed_bounds is not None:
            own["bounds"] = packed_bounds
        for keyword in own:
            if keyword in optimizer_kwargs:
                raise ValueError(
                    f"Optimizer keyword arg {keyword!r} cannot be overridden: it is injected "
                    "automatically"
                )
        given = {"method": self._DEFAULT_METHOD} | optimizer_kwargs
        result = minimize(in_double, np.asarray(initial_val, np.float64), **given, **own)
        tf.logging.info(
            "Optimization terminated with:\n  Message: %s\n  Objective function value: %f\n"
            "  Number of iterations: %s\n  Number of functions evaluations: %d",
            result.message,
            result.fun,
            getattr(result, "nit", "unknown"),
            result.nfev,
        )
        return result.x
