"""Datasets of what is in files, and of their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from evergraph import dtypes
from evergraph.builder import build
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.operators import cast
from evergraph.graph.slicing import shape
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape
from evergraph.v1.data import structure as structures
from evergraph.v1.data.base import int64
from evergraph.v1.data.dataset import Dataset
from evergraph.v1.flow import Assert, identity
from evergraph.v1.framework import control_dependencies, name_scope
from evergraph.v1.readers import matching_files
from evergraph.v1.shaping import reshape

#: How many bytes are read at a time; accepted, and left to the library.
_BUFFER: Final = 256 * 1024
_STRING: Final = structures.TensorLeaf(dtypes.string, TensorShape([]))


def _of_files(
    filenames: Any, read_one_file: Callable[[Any], Dataset], parallel: Any, what: str
) -> Dataset:
    """Return what is in files, one after the other.

    Args:
      filenames: a string, several, a tensor of them, or a dataset.
      read_one_file: returns the dataset of a file.
      parallel: how many files take turns; None for one after the other.
      what: the class, for errors.
    """
    if isinstance(filenames, Dataset):
        if structures.types_of(filenames._structure) != dtypes.string:
            raise TypeError(
                "The `filenames` argument must contain `tf.string` elements. Got "
                f"{structures.types_of(filenames._structure)!r} elements."
            )
        names = filenames
    else:
        tensor = convert_to_tensor(filenames, name=None)
        if tensor.dtype.base_dtype is not dtypes.string:
            raise TypeError(
                f"The `filenames` argument must contain `tf.string` elements. Got {tensor.dtype!r} "
                f"elements ({what})."
            )
        flat = reshape(tensor, [-1], name="flat_filenames")
        given = {"components": [flat], "output_shapes": [TensorShape([])], "is_files": True}
        names = Dataset._of(build("TensorSliceDataset", given), _STRING)
    if parallel is None:
        return names.flat_map(read_one_file)  # type: ignore[no-any-return]
    return names.interleave(  # type: ignore[no-any-return]
        read_one_file, cycle_length=parallel, num_parallel_calls=parallel
    )


class _FileDataset(Dataset):
    """What is in files: strings."""

    def __init__(
        self, filenames: Any, read_one_file: Callable[[Any], Dataset], parallel: Any
    ) -> None:
        found = _of_files(filenames, read_one_file, parallel, type(self).__name__)
        self._set(found._variant_tensor, _STRING)


class TextLineDataset(_FileDataset):
    """The lines of files, without their ends.

    Args:
      filenames: a string, several, a string tensor, or a dataset of strings.
      compression_type: "", "ZLIB" or "GZIP".
      buffer_size: accepted.
      num_parallel_reads: how many files take turns; by default they come one after the other.
      name: accepted.

    When it runs, it is a NotFoundError that a file does not exist.
    """

    def __init__(
        self,
        filenames: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
        name: str | None = None,
    ) -> None:
        del name

        def read_one_file(filename: Any) -> Dataset:
            given = {
                "filenames": filename,
                "compression_type": _compression(compression_type),
                "buffer_size": int64(
                    _BUFFER if buffer_size is None else buffer_size, "buffer_size"
                ),
            }
            return Dataset._of(build("TextLineDataset", given), _STRING)

        super().__init__(filenames, read_one_file, num_parallel_reads)


class TFRecordDataset(_FileDataset):
    """The records of TFRecord files.

    Args:
      filenames: a string, several, a string tensor, or a dataset of strings.
      compression_type: "", "ZLIB" or "GZIP".
      buffer_size: accepted.
      num_parallel_reads: how many files take turns; by default they come one after the other.
      name: accepted.

    When it runs, it is a NotFoundError that a file does not exist, and a DataLossError that it is
    damaged.
    """

    def __init__(
        self,
        filenames: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
        name: str | None = None,
    ) -> None:
        del name

        def read_one_file(filename: Any) -> Dataset:
            given = {
                "filenames": filename,
                "compression_type": _compression(compression_type),
                "buffer_size": int64(-1 if buffer_size is None else buffer_size, "buffer_size"),
            }
            return Dataset._of(build("TFRecordDataset", given), _STRING)

        super().__init__(filenames, read_one_file, num_parallel_reads)


class FixedLengthRecordDataset(_FileDataset):
    """Pieces of files, all of one length.

    Args:
      filenames: a string, several, a string tensor, or a dataset of strings.
      record_bytes: the length of a piece.
      header_bytes, footer_bytes: what is left out at the beginning and the end of a file.
      buffer_size: accepted.
      compression_type: "", "ZLIB" or "GZIP".
      num_parallel_reads: how many files take turns; by default they come one after the other.
      name: accepted.

    When it runs, it is a NotFoundError that a file does not exist, and an InvalidArgumentError that
    its length does not fit, or that `record_bytes` is not positive.
    """

    def __init__(
        self,
        filenames: Any,
        record_bytes: Any,
        header_bytes: Any = None,
        footer_bytes: Any = None,
        buffer_size: Any = None,
        compression_type: Any = None,
        num_parallel_reads: Any = None,
        name: str | None = None,
    ) -> None:
        del name

        def read_one_file(filename: Any) -> Dataset:
            given = {
                "filenames": filename,
                "record_bytes": int64(record_bytes, "record_bytes"),
                "header_bytes": int64(header_bytes or 0, "header_bytes"),
                "footer_bytes": int64(footer_bytes or 0, "footer_bytes"),
                "buffer_size": int64(
                    _BUFFER if buffer_size is None else buffer_size, "buffer_size"
                ),
                "compression_type": _compression(compression_type),
            }
            return Dataset._of(build("FixedLengthRecordDatasetV2", given), _STRING)

        super().__init__(filenames, read_one_file, num_parallel_reads)


def _compression(given: Any) -> Tensor:
    return _string("" if given is None else given, "compression_type")


def _string(value: Any, name: str) -> Tensor:
    return convert_to_tensor(value, dtypes.string, name=name)


class CsvDataset(Dataset):
    """The records of files of values that are separated by commas.

    Args:
      filenames: a string, several, or a string tensor.
      record_defaults: for each column, its type if it must have a value, or else a default.
      compression_type: "", "ZLIB" or "GZIP".
      buffer_size: accepted.
      header: whether the first line of a file is left out.
      field_delim: what separates values.
      use_quote_delim: whether values may be in quotation marks.
      na_value: what stands for no value, beside the empty string.
      select_cols: the numbers of the columns, in order; all by default.
      exclude_cols: the numbers of the columns that are left out, in place of `select_cols`.

    Raises:
      TypeError, ValueError: a default, or a number of a column, is not valid.
      InvalidArgumentError: when it runs, a record is not valid.
    """

    def __init__(
        self,
        filenames: Any,
        record_defaults: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        header: Any = False,
        field_delim: Any = ",",
        use_quote_delim: Any = True,
        na_value: Any = "",
        select_cols: Any = None,
        exclude_cols: Any = None,
    ) -> None:
        if select_cols is not None and exclude_cols is not None:
            raise ValueError("Only one of `select_cols` and `exclude_cols` can be used.")
        given: dict[str, Any] = {"filenames": _string(filenames, "filenames")}
        given["compression_type"] = _compression(compression_type)
        defaults = [
            constant([], default)
            if _is_type(default)
            else convert_to_tensor(default, name=f"record_defaults_{i}")
            for i, default in enumerate(record_defaults)
        ]
        structure = tuple(
            [structures.TensorLeaf(d.dtype.base_dtype, TensorShape([])) for d in defaults]
        )
        given["buffer_size"] = int64(4 << 20 if buffer_size is None else buffer_size, "buffer_size")
        given["header"] = convert_to_tensor(header, dtypes.bool, name="header")
        given["field_delim"] = _string(field_delim, "field_delim")
        given["use_quote_delim"] = convert_to_tensor(
            use_quote_delim, dtypes.bool, name="use_quote_delim"
        )
        given["na_value"] = _string(na_value, "na_value")
        given["select_cols"] = int64(select_cols or [], "select_cols")
        given["exclude_cols"] = int64(exclude_cols or [], "exclude_cols")
        given["record_defaults"] = defaults
        attributes = {"output_shapes": structures.flat_shapes(structure)}
        self._set(build("CSVDatasetV2", given | attributes), structure)


def _is_type(default: Any) -> bool:
    return isinstance(default, dtypes.DType | type)


def listed(file_pattern: Any, shuffle: Any, seed: Any, name: str | None) -> Dataset:
    """Return the dataset of names of files; see `Dataset.list_files`."""
    with name_scope("list_files"):
        pattern = convert_to_tensor(file_pattern, dtypes.string, name="file_pattern")
        found = matching_files(pattern)
        some = build("Greater", {"x": shape(found)[0], "y": 0}, "match_not_empty")
        with control_dependencies(
            [Assert(some, ["No files matched pattern: ", pattern], 1, "assert_not_empty")]
        ):
            found = identity(found)
        given = {"components": [found], "output_shapes": [TensorShape([])], "is_files": True}
        dataset = Dataset._of(build("TensorSliceDataset", given, name), _STRING)
        if shuffle:
            count = cast(shape(found)[0], dtypes.int64)
            size = build("Maximum", {"x": count, "y": 1})
            dataset = dataset.shuffle(size, seed=seed)
        return dataset
