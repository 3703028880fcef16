"""Builders about strings, and what is printed."""

from __future__ import annotations

from typing import Any

from evergraph.builder import build
from evergraph.dtypes import float32, string
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import scope
from evergraph.v1._arguments import renamed
from evergraph.v1.sparse_tensor import SparseTensor


def Print(
    input_: Any,
    data: Any,
    message: str | None = None,
    first_n: int | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> Any:
    """Return `input_`; whenever it is computed, `data` is shown on standard error.

    Args:
      input_: a tensor.
      data: a list of tensors.
      message: what is shown before them.
      first_n: how often at most; always, if it is None or negative.
      summarize: how many elements of each tensor are shown, 3 by default; all, if it is negative.
      name: the name of the node.
    """
    arguments = {"input": input_, "data": data, "message": message}
    arguments |= {"first_n": first_n, "summarize": summarize}
    return build("Print", {k: v for k, v in arguments.items() if v is not None}, name)


def string_join(inputs: Any, separator: str = "", name: str | None = None) -> Any:
    """Return the strings at the same places of several tensors, joined; scalars go with all."""
    return build("StringJoin", {"inputs": inputs, "separator": separator}, name)


def string_length(input: Any, name: str | None = None, unit: str = "BYTE") -> Any:
    """Return the length of each string, int32, in bytes or (`unit="UTF8_CHAR"`) characters."""
    return build("StringLength", {"input": input, "unit": unit}, name)


def substr(input: Any, pos: Any, len: Any, name: str | None = None, unit: str = "BYTE") -> Any:
    """Return a part of each string.

    Args:
      input: strings.
      pos: where it begins, from the end if negative; one for all, or one for each string.
      len: how long it is at most; of the shape of `pos`.
      name: the name of the node.
      unit: what both count: `BYTE` or `UTF8_CHAR`.

    Raises:
      InvalidArgumentError: when it runs, a string is too short for `pos`.
    """
    return build("Substr", {"input": input, "pos": pos, "len": len, "unit": unit}, name)


def regex_full_match(input: Any, pattern: Any, name: str | None = None) -> Any:
    """Return whether each string as a whole matches a pattern of RE2's."""
    if isinstance(pattern, str | bytes):
        return build("StaticRegexFullMatch", {"input": input, "pattern": pattern}, name)
    return build("RegexFullMatch", {"input": input, "pattern": pattern}, name)


def regex_replace(
    input: Any, pattern: Any, rewrite: Any, replace_global: bool = True, name: str | None = None
) -> Any:
    r"""Return the strings with what matches a pattern of RE2's replaced.

    Args:
      input: strings.
      pattern: a string, or a scalar tensor.
      rewrite: what comes in its place, with `\1` for a group and `\0` for all that matched.
      replace_global: whether all places are replaced, or the first one.
      name: the name of the node.

    Raises:
      InvalidArgumentError: when it runs, it is no pattern.
    """
    static = isinstance(pattern, str | bytes) and isinstance(rewrite, str | bytes)
    arguments = {"input": input, "pattern": pattern, "rewrite": rewrite}
    type = "StaticRegexReplace" if static else "RegexReplace"
    return build(type, {**arguments, "replace_global": replace_global}, name)


def string_to_number(
    string_tensor: Any = None, out_type: Any = float32, name: str | None = None, input: Any = None
) -> Any:
    """Return the numbers that strings hold: float32, float64, int32 or int64.

    Raises:
      InvalidArgumentError: when it runs, a string holds no such number.
    """
    texts = renamed("input", input, "string_tensor", string_tensor)
    return build("StringToNumber", {"string_tensor": texts, "out_type": out_type}, name)


def decode_raw(
    input_bytes: Any = None,
    out_type: Any = None,
    little_endian: bool = True,
    name: str | None = None,
    bytes: Any = None,
) -> Any:
    """Return the numbers whose bytes are in strings, along one more dimension.

    Args:
      input_bytes: strings, all of one length.
      out_type: the type of the numbers.
      little_endian: whether their lowest byte comes first.
      name: the name of the node.
      bytes: another name of `input_bytes`.

    Raises:
      InvalidArgumentError: when it runs, the lengths differ, or are no whole count of numbers.
    """
    texts = renamed("input_bytes", input_bytes, "bytes", bytes)
    arguments = {"bytes": texts, "out_type": out_type, "little_endian": little_endian}
    return build("DecodeRaw", arguments, name)


def string_split(
    source: Any,
    sep: Any = None,
    skip_empty: bool = True,
    delimiter: Any = None,
    result_type: str = "SparseTensor",
    name: str | None = None,
) -> SparseTensor:
    """Return the parts of strings, a row of a sparse matrix for each.

    Args:
      source: strings, a vector.
      sep: where they are split: at each of these characters (by default at spaces), or between
        all bytes if it is empty.
      skip_empty: whether empty parts are left out.
      delimiter: another name of `sep`.
      result_type: "SparseTensor".
      name: the name of the node.

    Raises:
      ValueError: another `result_type`.
    """
    sep = renamed("sep", sep, "delimiter", delimiter)
    _check_sparse(result_type)
    with scope(name, "StringSplit", (source,)):
        delimiter = convert_to_tensor(" " if sep is None else sep, string)
        arguments = {"input": convert_to_tensor(source, string), "delimiter": delimiter}
        return SparseTensor(*build("StringSplit", {**arguments, "skip_empty": skip_empty}, None))


def string_split_v2(
    input: Any = None,
    sep: Any = None,
    maxsplit: int = -1,
    result_type: str = "SparseTensor",
    source: Any = None,
    name: str | None = None,
) -> SparseTensor:
    """Return the parts of strings as `str.split` makes them, a row of a sparse matrix for each.

    Args:
      input: strings, a vector.
      sep: a string; by default, white space of any length.
      maxsplit: how often each is split at most, if it is not negative.
      result_type: "SparseTensor".
      source: another name of `input`.
      name: the name of the node.

    Raises:
      ValueError: another `result_type`.
    """
    texts = renamed("input", input, "source", source)
    _check_sparse(result_type)
    with scope(name, "StringSplit", (texts,)):
        arguments = {"input": convert_to_tensor(texts, string, "input")}
        arguments["sep"] = convert_to_tensor("" if sep is None else sep, string)
        return SparseTensor(*build("StringSplitV2", {**arguments, "maxsplit": maxsplit}, None))


def _check_sparse(result_type: str) -> None:
    if result_type != "SparseTensor":
        raise ValueError(f"result_type must be 'SparseTensor', got {result_type!r}")


def string_to_hash_bucket_fast(input: Any, num_buckets: int, name: str | None = None) -> Any:
    """Return a number in [0, num_buckets) for each string, int64, the same for equal ones."""
    return build("StringToHashBucketFast", {"input": input, "num_buckets": num_buckets}, name)


__all__ = [
    "Print",
    "decode_raw",
    "regex_full_match",
    "regex_replace",
    "string_join",
    "string_length",
    "string_split",
    "string_split_v2",
    "string_to_hash_bucket_fast",
    "string_to_number",
    "substr",
]
