"""Blocks of space moved into the batch or the channels, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.inference import constant_value
from evergraph.graph.operators import node, scope
from evergraph.graph.slicing import stack
from evergraph.v1._arguments import renamed
from evergraph.v1.filling import zeros


def space_to_batch(
    input: Any, paddings: Any, block_size: Any = None, name: Any = None, block_shape: Any = None
) -> Any:
    """Move blocks of the two spatial dimensions into the batch.

    Args:
      input: a tensor of rank 4.
      paddings: zeros added first, as a matrix of two columns.
      block_size: the size of a block.
      name: the name of the node.
      block_shape: another name of `block_size`.
    """
    block = _block(block_size, block_shape)
    result = node("SpaceToBatchND", name, input=input, block_shape=block, paddings=paddings)
    result.set_shape(result.shape.with_rank(4))
    return result


def batch_to_space(
    input: Any, crops: Any, block_size: Any, name: str | None = None, block_shape: Any = None
) -> Any:
    """Move entries of the batch into blocks of the two spatial dimensions.

    Args:
      input: a tensor of rank 4.
      crops: what is cut off last, as a matrix of two columns.
      block_size: the size of a block.
      name: the name of the node.
      block_shape: another name of `block_size`.
    """
    block = _block(block_size, block_shape)
    result = node("BatchToSpaceND", name, input=input, block_shape=block, crops=crops)
    result.set_shape(result.shape.with_rank(4))
    return result


def _block(block_size: Any, block_shape: Any) -> Any:
    size = renamed("block_shape", block_shape, "block_size", block_size)
    return np.array([size, size], np.int64)


def space_to_depth(
    input: Any, block_size: int, name: str | None = None, data_format: str = "NHWC"
) -> Any:
    """Move blocks of the two spatial dimensions into the channels."""
    attributes = {"block_size": block_size, "data_format": data_format}
    return node("SpaceToDepth", name, input=input, **attributes)


def depth_to_space(
    input: Any, block_size: int, name: str | None = None, data_format: str = "NHWC"
) -> Any:
    """Move channels into blocks of the two spatial dimensions."""
    attributes = {"block_size": block_size, "data_format": data_format}
    return node("DepthToSpace", name, input=input, **attributes)


def required_space_to_batch_paddings(
    input_shape: Any, block_shape: Any, base_paddings: Any = None, name: str | None = None
) -> Any:
    """Return the paddings, and the crops, that make spatial dimensions a multiple of the blocks.

    Args:
      input_shape: the spatial dimensions.
      block_shape: the blocks.
      base_paddings: paddings that are needed anyway.
      name: a name scope.
    """
    with scope(name, "required_space_to_batch_paddings", (input_shape, block_shape)):
        sizes: Any = convert_to_tensor(input_shape, dtypes.int32, "input_shape")
        blocks: Any = convert_to_tensor(block_shape, dtypes.int32, "block_shape")
        blocks.shape.assert_is_fully_defined()
        blocks.shape.assert_has_rank(1)
        count = blocks.shape[0].value
        if count == 0:
            return zeros([0, 2], dtypes.int32), zeros([0, 2], dtypes.int32)
        sizes.shape.assert_is_compatible_with([count])
        if base_paddings is None:
            base: Any = zeros([count, 2], dtypes.int32)
        else:
            base = convert_to_tensor(base_paddings, dtypes.int32, "base_paddings")
            base.shape.assert_is_compatible_with([count, 2])
        known = [constant_value(t) for t in (blocks, sizes, base)]
        if all(value is not None for value in known):
            blocks, sizes, base = known
        start, end = base[:, 0], base[:, 1]
        whole = sizes + start + end
        extra = (blocks - whole % blocks) % blocks
        stop = end + extra
        paddings = stack([[start[i], stop[i]] for i in range(count)], name="paddings")
        crops = stack([[0, extra[i]] for i in range(count)], name="crops")
        return paddings, crops
