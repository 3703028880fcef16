"""Builders about texts: code points, templates, and strings joined along dimensions."""

from __future__ import annotations

from typing import Any

from evergraph.builder import build
from evergraph.dtypes import int32
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import scope
from evergraph.graph.slicing import shape as shape_of
from evergraph.graph.slicing import stack
from evergraph.v1._arguments import is_tensor, renamed
from evergraph.v1.filling import rank
from evergraph.v1.ragged_tensor import RaggedTensor
from evergraph.v1.sequences import range as range_of
from evergraph.v1.shaping import reshape

__all__ = [
    "reduce_join",
    "string_format",
    "unicode_decode",
    "unicode_decode_with_offsets",
    "unicode_encode",
]


def string_format(
    template: Any, inputs: Any, placeholder: str = "{}", summarize: int = 3, name: str | None = None
) -> Any:
    """Return a text with the values of tensors in it: a string scalar.

    Args:
      template: the text.
      inputs: a tensor, or a list of them.
      placeholder: what in the template stands for a tensor.
      summarize: how many elements of each dimension are shown at its beginning and its end; all,
        if it is -1.
      name: the name of the node.

    Raises:
      ValueError: there are more or fewer tensors than places for them.
    """
    inputs = [inputs] if is_tensor(inputs) else inputs
    places = template.count(placeholder)
    if places != len(inputs):
        raise ValueError(
            f"The template expects {places} tensors, but the inputs only has {len(inputs)}. Please "
            "ensure the number of placeholders in template matches inputs length."
        )
    arguments = {"inputs": inputs, "template": template, "placeholder": placeholder}
    return build("StringFormat", {**arguments, "summarize": summarize}, name)


def reduce_join(
    inputs: Any,
    axis: Any = None,
    keep_dims: bool | None = None,
    separator: str = "",
    name: str | None = None,
    reduction_indices: Any = None,
    keepdims: bool | None = None,
) -> Any:
    """Return strings joined along dimensions.

    Args:
      inputs: strings.
      axis: the dimensions, joined in this order; all, the last one first, by default.
      keep_dims: another name of `keepdims`.
      separator: what comes between them.
      name: the name of the node.
      reduction_indices: another name of `axis`.
      keepdims: whether the dimensions remain, of size 1.

    Raises:
      ValueError: there is no such dimension.
      InvalidArgumentError: the same, found when run.
    """
    keep = renamed("keepdims", keepdims, "keep_dims", keep_dims)
    axis = renamed("axis", axis, "reduction_indices", reduction_indices)
    with scope(None, "ReduceJoin", [inputs, axis]):
        texts = convert_to_tensor(inputs)
        if axis is None:
            dims = texts.ndim
            if dims is None:
                axis = range_of(rank(texts) - 1, -1, -1)
            else:
                axis = convert_to_tensor([*range(dims)][::-1], int32, name="Const")
        arguments = {"inputs": texts, "reduction_indices": axis, "keep_dims": bool(keep)}
        return build("ReduceJoin", {**arguments, "separator": separator}, name)


def unicode_decode(
    input: Any,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = 0xFFFD,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> Any:
    """Return the code points of texts, int32: a vector of one, a `RaggedTensor` of a vector.

    Args:
      input: a string scalar or a vector of strings.
      input_encoding: "UTF-8", "UTF-16-BE" or another one.
      errors: what becomes of bytes that stand for nothing: "replace", "ignore" or "strict".
      replacement_char: what replaces them.
      replace_control_characters: whether it replaces the code points below 32 as well.
      name: the name of the nodes' scope.

    Raises:
      ValueError: `input` has more dimensions, or how many is not known.
      InvalidArgumentError: when it runs, there is no such encoding, or bytes stand for nothing and
        `errors` is "strict".
    """
    with scope(name, "UnicodeDecode", [input]):
        options = _options(input_encoding, errors, replacement_char, replace_control_characters)
        points, _ = _decoded("UnicodeDecode", input, options)
        return points


def unicode_decode_with_offsets(
    input: Any,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = 0xFFFD,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> Any:
    """Return the code points of texts, and at which byte, int64, each begins.

    Args and errors are those of `unicode_decode`.
    """
    with scope(name, "UnicodeDecodeWithOffsets", [input]):
        options = _options(input_encoding, errors, replacement_char, replace_control_characters)
        return _decoded("UnicodeDecodeWithOffsets", input, options)


def _options(encoding: str, errors: str, replacement: int, controls: bool) -> dict[str, Any]:
    return {
        "input_encoding": encoding,
        "errors": errors,
        "replacement_char": replacement,
        "replace_control_characters": controls,
    }


def _decoded(type: str, input: Any, options: dict[str, Any]) -> tuple[Any, Any]:
    texts = convert_to_tensor(input, name="input")
    if texts.ndim is None:
        raise ValueError("Rank of `input` must be statically known.")
    if texts.ndim > 1:
        raise ValueError(
            f"`input` must be a scalar or a vector here, and has {texts.ndim} dimensions"
        )
    flat = reshape(texts, [-1])
    splits, *found = build(type, {"input": flat, **options}, None)
    if texts.ndim:
        found = [RaggedTensor.from_row_splits(v, splits, validate=False) for v in found]
    return found[0], found[-1]


def unicode_encode(
    input: Any,
    output_encoding: str,
    errors: str = "replace",
    replacement_char: int = 65533,
    name: str | None = None,
) -> Any:
    """Return the texts that code points make: a scalar of a vector, a vector of ragged rows.

    Args:
      input: int32: a vector, or a `RaggedTensor` of one ragged dimension.
      output_encoding: "UTF-8", "UTF-16-BE" or "UTF-32-BE".
      errors: what becomes of numbers that are no code points: "replace", "ignore" or "strict".
      replacement_char: what replaces them.
      name: the name of the nodes' scope.

    Raises:
      ValueError: `input` has another number of dimensions, or there is no such encoding.
      InvalidArgumentError: when it runs, a number is no code point and `errors` is "strict".
    """
    with scope(name, "UnicodeEncode", [input]):
        options: dict[str, Any] = {"output_encoding": output_encoding, "errors": errors}
        options["replacement_char"] = replacement_char
        if isinstance(input, RaggedTensor):
            rows = {"input_values": input.values, "input_splits": input.row_splits}
            return build("UnicodeEncode", {**rows, **options}, None)
        points = convert_to_tensor(input)
        if points.ndim is None:
            raise ValueError("Rank of input_tensor must be statically known.")
        if points.ndim != 1:
            raise ValueError("`input` must be a vector, or a RaggedTensor of one ragged dimension")
        splits = stack([0, shape_of(points, out_type=int32)[0]])
        row = RaggedTensor.from_row_splits(points, splits, validate=False)
        return reshape(unicode_encode(row, output_encoding, errors, replacement_char), [])
