"""Optimizers that make weights smaller beside the gradient (Loshchilov and Hutter, 2019)."""

from __future__ import annotations

from typing import Any

from evergraph import v1 as tf


class DecoupledWeightDecayExtension:
    """What an optimizer gets that takes a share from weights before each step.

    Args:
      weight_decay: the share, a number, a tensor or a function that returns one.
      kwargs: what the optimizer takes.
    """

    def __init__(self, weight_decay: Any, **kwargs: Any) -> None:
        self._weight_decay = weight_decay
        self._decayed: set[int] | None = None
        super().__init__(**kwargs)

    def minimize(
        self,
        loss: Any,
        global_step: Any = None,
        var_list: Any = None,
        gate_gradients: int = tf.train.Optimizer.GATE_OP,
        aggregation_method: Any = None,
        colocate_gradients_with_ops: bool = False,
        name: str | None = None,
        grad_loss: Any = None,
        decay_var_list: Any = None,
    ) -> Any:
        """Return the operation of a step; see `tf.train.Optimizer.minimize`.

        Args:
          decay_var_list: the variables that become smaller; all that are changed by default.
        """
        self._choose(decay_var_list)
        return super().minimize(  # type: ignore[misc]  # the optimizer's, beside this class
            loss,
            global_step=global_step,
            var_list=var_list,
            gate_gradients=gate_gradients,
            aggregation_method=aggregation_method,
            colocate_gradients_with_ops=colocate_gradients_with_ops,
            name=name,
            grad_loss=grad_loss,
        )

    def apply_gradients(
        self,
        grads_and_vars: Any,
        global_step: Any = None,
        name: str | None = None,
        decay_var_list: Any = None,
    ) -> Any:
        """Return the operation of a step; see `tf.train.Optimizer.apply_gradients`.

        Args:
          decay_var_list: the variables that become smaller; all that are changed by default.
        """
        if decay_var_list is not None:
            self._choose(decay_var_list)
        pairs = list(grads_and_vars)
        decayed = [self._decay(v) for gradient, v in pairs if gradient is not None]
        with tf.control_dependencies([op for op in decayed if op is not None]):
            return super().apply_gradients(  # type: ignore[misc]  # as above
                pairs, global_step=global_step, name=name
            )

    def _choose(self, variables: Any) -> None:
        self._decayed = None if variables is None else {id(v) for v in variables}

    def _decay(self, variable: Any) -> Any:
        if self._decayed is not None and id(variable) not in self._decayed:
            return None
        share = self._weight_decay() if callable(self._weight_decay) else self._weight_decay
        share = tf.cast(share, variable.dtype.base_dtype)
        return variable.assign_sub(share * variable, use_locking=False)


def extend_with_decoupled_weight_decay(base_optimizer: type[Any]) -> type[Any]:
    """Return a class of optimizers that takes `weight_decay` before its other arguments.

    Args:
      base_optimizer: a class of optimizers.
    """

    class OptimizerWithDecoupledWeightDecay(DecoupledWeightDecayExtension, base_optimizer):  # type: ignore[misc]  # any class
        """An optimizer that makes weights smaller beside the gradient."""

        def __init__(self, weight_decay: Any, *args: Any, **kwargs: Any) -> None:
            self._weight_decay = weight_decay
            self._decayed = None
            base_optimizer.__init__(self, *args, **kwargs)

    return OptimizerWithDecoupledWeightDecay


class MomentumWOptimizer(DecoupledWeightDecayExtension, tf.train.MomentumOptimizer):  # type: ignore[misc]  # the namespace is lazy
    """The momentum optimizer with weight decay.

    Args:
      weight_decay: the share that is taken from weights in each step.
      learning_rate, momentum, use_locking, name, use_nesterov: see `tf.train.MomentumOptimizer`.
    """

    def __init__(
        self,
        weight_decay: Any,
        learning_rate: Any,
        momentum: Any,
        use_locking: bool = False,
        name: str = "MomentumW",
        use_nesterov: bool = False,
    ) -> None:
        super().__init__(
            weight_decay,
            learning_rate=learning_rate,
            momentum=momentum,
            use_locking=use_locking,
            name=name,
            use_nesterov=use_nesterov,
        )


class AdamWOptimizer(DecoupledWeightDecayExtension, tf.train.AdamOptimizer):  # type: ignore[misc]  # the namespace is lazy
    """Adam with weight decay.

    Args:
      weight_decay: the share that is taken from weights in each step.
      learning_rate, beta1, beta2, epsilon, use_locking, name: see `tf.train.AdamOptimizer`.
    """

    def __init__(
        self,
        weight_decay: Any,
        learning_rate: Any = 0.001,
        beta1: Any = 0.9,
        beta2: Any = 0.999,
        epsilon: Any = 1e-8,
        use_locking: bool = False,
        name: str = "AdamW",
    ) -> None:
        super().__init__(
            weight_decay,
            learning_rate=learning_rate,
            beta1=beta1,
            beta2=beta2,
            epsilon=epsilon,
            use_locking=use_locking,
            name=name,
        )
