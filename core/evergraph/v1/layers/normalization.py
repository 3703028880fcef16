"""Batch normalization, with averages of the moments that are kept while training."""

from __future__ import annotations

from functools import partial
from typing import Any

from evergraph import dtypes
from evergraph.dtypes import as_dtype
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.operators import cast
from evergraph.graph.stacks import get_default_graph
from evergraph.shapes import TensorShape
from evergraph.v1._arguments import base_dtype
from evergraph.v1.framework import name_scope
from evergraph.v1.init_ops import ones_initializer, zeros_initializer
from evergraph.v1.layers.base import InputSpec, Layer
from evergraph.v1.layers.choices import choose, known
from evergraph.v1.layers.renormalization import (
    checked_clipping,
    corrections,
    make_averages,
    updated_variance,
)
from evergraph.v1.normalization import batch_normalization as normalize
from evergraph.v1.normalization import fused_batch_norm, moments
from evergraph.v1.shaping import reshape
from evergraph.v1.state import assign_sub

#: Axis of the channels and rank, and what the fused op calls that.
_FUSED = {(1, 4): "NCHW", (3, 4): "NHWC", (1, 5): "NCDHW", (4, 5): "NDHWC"}
#: Types that are normalized in float32.
_NARROW = (dtypes.float16, dtypes.bfloat16)


class BatchNormalization(Layer):
    """Inputs of mean 0 and variance 1 along an axis, then scaled and shifted.

    While training, the moments are those of the batch, and averages of them are updated: by
    operations that are in the collection UPDATE_OPS. Otherwise those averages are the moments.

    Args:
      axis: the axis whose entries are normalized each; or a list of axes.
      momentum: the share of the old average in a new one.
      epsilon: what is added to the variance.
      center, scale: whether there is an offset `beta`, a factor `gamma`.
      beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer: see
        `tf.get_variable`.
      beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint: see `Dense`.
      renorm: whether batches are normalized as by averages of their moments.
      renorm_clipping: bounds of the corrections that make it so: a dictionary with "rmin" and
        "rmax" for the factor, and "dmax" for the offset.
      renorm_momentum: the share of the old average in a new one, of those.
      virtual_batch_size, adjustment: not implemented.
      fused: whether the op for images is used; None: if it can be.
      trainable, name: see `Layer`.

    Raises:
      ValueError: `fused` does not go with another argument.
      NotImplementedError: an argument is given that is not implemented.
    """

    def __init__(
        self,
        axis: Any = -1,
        momentum: Any = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = zeros_initializer(),  # noqa: B008  # as TensorFlow's; no state
        gamma_initializer: Any = ones_initializer(),  # noqa: B008
        moving_mean_initializer: Any = zeros_initializer(),  # noqa: B008
        moving_variance_initializer: Any = ones_initializer(),  # noqa: B008
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: float = 0.99,
        fused: bool | None = None,
        trainable: bool = True,
        virtual_batch_size: int | None = None,
        adjustment: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(trainable=trainable, name=name, **kwargs)
        for label, value in (
            ("virtual_batch_size", virtual_batch_size),
            ("adjustment", adjustment),
        ):
            if value:
                raise NotImplementedError(
                    f"batch_normalization with `{label}` is not implemented. Received: "
                    f"{label}={value}"
                )
        self.renorm = renorm
        self.renorm_clipping = checked_clipping(renorm_clipping) if renorm else {}
        self.renorm_momentum = renorm_momentum
        self.axis = list(axis) if isinstance(axis, list | tuple) else axis
        if not isinstance(self.axis, list | int):
            raise TypeError(
                f"Expected an int or a list/tuple of ints for the argument 'axis', but received: "
                f"{axis!r}"
            )
        self.momentum = momentum
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = beta_initializer
        self.gamma_initializer = gamma_initializer
        self.moving_mean_initializer = moving_mean_initializer
        self.moving_variance_initializer = moving_variance_initializer
        self.beta_regularizer = beta_regularizer
        self.gamma_regularizer = gamma_regularizer
        self.beta_constraint = beta_constraint
        self.gamma_constraint = gamma_constraint
        self.fused = fused
        self._format = ""

    def build(self, input_shape: Any) -> None:
        """Make the variables.

        Raises:
          ValueError: rank or sizes are not known, an axis does not exist, or `fused` is not
            possible.
        """
        shape = TensorShape(input_shape)
        rank = shape.rank
        if rank is None:
            raise ValueError(f"Input has undefined rank. Received: input_shape={input_shape}")
        self._axes = self._checked_axes(rank)
        self._choose_op(rank)
        sizes = {axis: shape.as_list()[axis] for axis in self._axes}
        if None in sizes.values():
            raise ValueError(
                "Input has undefined `axis` dimension. Received input with shape "
                f"{tuple(shape)} and axis={tuple(self._axes)}"
            )
        self.input_spec = InputSpec(ndim=rank, axes=sizes)
        kept = range(rank) if len(sizes) > 1 else self._axes
        self._param_shape = [sizes.get(i, 1) for i in kept]
        dtype = as_dtype(self.dtype or dtypes.float32)
        self._param_dtype = dtypes.float32 if dtype in _NARROW else dtype
        self.gamma, self.beta = None, None
        if self.scale:
            self.gamma = self._parameter("gamma", trainable=True)
        if self.center:
            self.beta = self._parameter("beta", trainable=True)
        self.moving_mean = self._parameter("moving_mean", trainable=False)
        self.moving_variance = self._parameter("moving_variance", trainable=False)
        if self.renorm:
            make_averages(self, self._parameter)
        self.built = True

    def _checked_axes(self, rank: int) -> list[int]:
        given = self.axis if isinstance(self.axis, list) else [self.axis]
        axes = [axis + rank if axis < 0 else axis for axis in given]
        if any(axis < 0 or axis >= rank for axis in axes):
            raise ValueError(
                "Invalid value for `axis` argument. Expected 0 <= axis < inputs.rank (with "
                f"inputs.rank={rank}). Received: axis={tuple(axes)}"
            )
        if len(set(axes)) != len(axes):
            raise ValueError(f"Duplicate axis: {tuple(axes)}")
        return axes

    def _choose_op(self, rank: int) -> None:
        """Decide whether the fused op is used."""
        dtype = self.dtype or "float32"
        found = _FUSED.get((self._axes[0], rank)) if len(self._axes) == 1 else None
        possible = found is not None and dtype in ("float16", "bfloat16", "float32")
        # TF: with corrections it is not used, even if asked for.
        if self.renorm:
            self._format = ""
            return
        if self.fused and not possible:
            raise ValueError(
                "Unsupported axis. The use of `fused=True` is only possible with `axis=1` or "
                f"`axis={rank - 1}` for 4D and 5D inputs of float16, bfloat16 or float32. "
                f"Received: axis={tuple(self._axes)}, rank {rank}, {dtype}"
            )
        self._format = found if found and possible and self.fused is not False else ""

    def _parameter(self, name: str, trainable: bool) -> Any:
        # TF: the averages are made as of a layer that can be trained, and are never trained.
        return self.add_weight(
            name,
            self._param_shape,
            dtype=self._param_dtype,
            initializer=getattr(self, f"{name}_initializer"),
            regularizer=getattr(self, f"{name}_regularizer", None),
            constraint=getattr(self, f"{name}_constraint", None),
            trainable=trainable,
        )

    def call(self, inputs: Any, training: Any = False) -> Any:
        """Return the normalized inputs; `training` is a bool or a scalar tensor."""
        return self._fused(inputs, training) if self._format else self._plain(inputs, training)

    # By the op for images

    def _fused(self, inputs: Any, training: Any) -> Any:
        beta, gamma = self.beta, self.gamma
        if beta is None:
            beta = constant(0.0, self._param_dtype, self._param_shape)
        if gamma is None:
            gamma = constant(1.0, self._param_dtype, self._param_shape)

        def normalized(is_training: bool) -> Any:
            return fused_batch_norm(
                inputs,
                gamma,
                beta,
                mean=self.moving_mean,
                variance=self.moving_variance,
                epsilon=self.epsilon,
                is_training=is_training,
                data_format=self._format,
            )

        outputs, mean, variance = choose(
            training, lambda: normalized(True), lambda: normalized(False)
        )
        value = known(training)
        if value is not False:
            if value is None:
                momentum = choose(training, lambda: self.momentum, lambda: 1.0)
            else:
                momentum = convert_to_tensor(self.momentum)
            self.add_update(lambda: self._averaged(self.moving_mean, mean, momentum))
            self.add_update(lambda: self._averaged(self.moving_variance, variance, momentum))
        return outputs

    # By elementary ops

    def _plain(self, inputs: Any, training: Any) -> Any:
        dtype = base_dtype(inputs)
        x = cast(inputs, dtypes.float32) if dtype in _NARROW else inputs
        rank = TensorShape(x.shape).rank
        assert rank is not None
        others = [i for i in range(rank) if i not in self._axes]
        sizes: list[int | None] = [1] * rank
        sizes[self._axes[0]] = self._param_shape[0]

        def spread(value: Any) -> Any:
            if value is None or len(value.shape) == rank or others == list(range(rank - 1)):
                return value
            return reshape(value, sizes)

        gamma, beta = spread(self.gamma), spread(self.beta)
        if known(training) is False:
            mean, variance = self.moving_mean, self.moving_variance
        elif self.renorm:
            mean, variance = self._batch_moments(x, others, training)
            gamma, beta = self._corrected(mean, variance, training, spread, gamma, beta)
        else:
            mean, variance = self._moments(x, others, training)
        outputs = normalize(
            x,
            spread(cast(mean, x.dtype)),
            spread(cast(variance, x.dtype)),
            None if beta is None else cast(beta, x.dtype),
            None if gamma is None else cast(gamma, x.dtype),
            self.epsilon,
        )
        if dtype in _NARROW:
            outputs = cast(outputs, dtype)
        outputs.set_shape(inputs.shape)
        return outputs

    def _batch_moments(self, x: Any, axes: list[int], training: Any) -> list[Any]:
        """Return the moments to normalize by."""
        averages = (self.moving_mean, self.moving_variance)
        of_batch = moments(cast(x, self._param_dtype), axes, keepdims=len(self._axes) > 1)
        return [
            choose(training, partial(_same, of), partial(convert_to_tensor, average))
            for of, average in zip(of_batch, averages, strict=True)
        ]

    def _corrected(
        self, mean: Any, variance: Any, training: Any, spread: Any, gamma: Any, beta: Any
    ) -> tuple[Any, Any]:
        """Return scale and offset with the corrections, and update the averages."""
        r, d, new_mean, new_variance = corrections(self, mean, variance, training, self._averaged)
        update_mean = partial(self._averaged, self.moving_mean, new_mean, self.momentum)
        update_variance = partial(updated_variance, self, new_variance, self._averaged)
        self.add_update(choose(training, update_mean, partial(_same, self.moving_mean)))
        self.add_update(choose(training, update_variance, partial(_same, self.moving_variance)))
        scale, offset = (spread(value) for value in (r, d))
        if gamma is not None:
            scale, offset = scale * gamma, offset * gamma
        return scale, offset if beta is None else offset + beta

    def _moments(self, x: Any, axes: list[int], training: Any) -> tuple[Any, Any]:
        """Return the moments to normalize by, and update the averages."""
        averages = (self.moving_mean, self.moving_variance)
        found = self._batch_moments(x, axes, training)
        for average, value in zip(averages, found, strict=True):
            update = partial(self._averaged, average, value, self.momentum)
            self.add_update(choose(training, update, partial(_same, average)))
        return found[0], found[1]

    def _averaged(self, average: Any, value: Any, momentum: Any) -> Any:
        """Return the operation that takes a value into an average."""
        with name_scope("AssignMovingAvg") as name, get_default_graph().colocate_with(average.op):
            decay = convert_to_tensor(1.0 - momentum, name="decay")
            if decay.dtype != base_dtype(average):
                decay = cast(decay, base_dtype(average))
            change = (average - cast(value, base_dtype(average))) * decay
            return assign_sub(average, change, name=name)


def _same(value: Any) -> Any:
    return value


def batch_normalization(
    inputs: Any,
    axis: Any = -1,
    momentum: Any = 0.99,
    epsilon: float = 1e-3,
    center: bool = True,
    scale: bool = True,
    beta_initializer: Any = zeros_initializer(),  # noqa: B008  # as TensorFlow's; no state
    gamma_initializer: Any = ones_initializer(),  # noqa: B008
    moving_mean_initializer: Any = zeros_initializer(),  # noqa: B008
    moving_variance_initializer: Any = ones_initializer(),  # noqa: B008
    beta_regularizer: Any = None,
    gamma_regularizer: Any = None,
    beta_constraint: Any = None,
    gamma_constraint: Any = None,
    training: Any = False,
    trainable: bool = True,
    name: str | None = None,
    reuse: bool | None = None,
    renorm: bool = False,
    renorm_clipping: Any = None,
    renorm_momentum: float = 0.99,
    fused: bool | None = None,
    virtual_batch_size: int | None = None,
    adjustment: Any = None,
) -> Any:
    """Return what a new `BatchNormalization` layer makes of the inputs.

    Args:
      inputs: a tensor of floats, of known rank.
      training: whether the moments are those of the batch: a bool, or a scalar tensor.
      reuse: whether the variables of that name are shared.
      axis, momentum, epsilon, center, scale, beta_initializer, gamma_initializer,
        moving_mean_initializer, moving_variance_initializer, beta_regularizer, gamma_regularizer,
        beta_constraint, gamma_constraint, trainable, name, renorm, renorm_clipping,
        renorm_momentum, fused, virtual_batch_size, adjustment: see `BatchNormalization`.
    """
    layer = BatchNormalization(
        axis=axis,
        momentum=momentum,
        epsilon=epsilon,
        center=center,
        scale=scale,
        beta_initializer=beta_initializer,
        gamma_initializer=gamma_initializer,
        moving_mean_initializer=moving_mean_initializer,
        moving_variance_initializer=moving_variance_initializer,
        beta_regularizer=beta_regularizer,
        gamma_regularizer=gamma_regularizer,
        beta_constraint=beta_constraint,
        gamma_constraint=gamma_constraint,
        renorm=renorm,
        renorm_clipping=renorm_clipping,
        renorm_momentum=renorm_momentum,
        fused=fused,
        trainable=trainable,
        virtual_batch_size=virtual_batch_size,
        adjustment=adjustment,
        name=name,
        _reuse=reuse,
        _scope=name,
    )
    return layer.apply(inputs, training=training)
