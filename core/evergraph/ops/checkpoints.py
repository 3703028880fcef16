"""Checkpoints: SaveV2, RestoreV2, MergeV2Checkpoints, and Save and Restore of the first version."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from evergraph.checkpoints.first_version import write_first_version
from evergraph.checkpoints.opening import opened
from evergraph.checkpoints.slices import parsed, sizes
from evergraph.checkpoints.writing import Item, merge_checkpoints, write_checkpoint
from evergraph.errors import InvalidArgumentError, NotFoundError, OpError
from evergraph.files import path_of
from evergraph.op import ShapeError, define
from evergraph.ops.rules import scalar, with_rank
from evergraph.shapes import bracketed, compatible
from evergraph.vocabulary import dtype_text


def save(xp, prefix, tensor_names, shape_and_slices, tensors, *, _dtypes):
    specs = _vector(shape_and_slices, "shape_and_slices")
    write_checkpoint(_path(prefix, "prefix"), _items(tensor_names, specs, tensors, _dtypes))
    return ()


def save_first(xp, filename, tensor_names, data, *, _T):
    return save_slices(xp, filename, tensor_names, np.full(len(data), b"", object), data, _T=_T)


def save_slices(xp, filename, tensor_names, shapes_and_slices, data, *, _T):
    specs = _vector(shapes_and_slices, "shapes_and_slices")
    write_first_version(_path(filename, "filename"), _items(tensor_names, specs, data, _T))
    return ()


def _items(tensor_names, specs, tensors, types):
    names = _vector(tensor_names, "tensor_names")
    if not len(names) == len(specs) == len(tensors):
        raise _invalid(
            f"There are {len(names)} names and {len(specs)} slices for {len(tensors)} tensors"
        )
    values = zip(names, tensors, types, specs, strict=True)
    return [Item(name, np.asarray(value), dtype, spec) for name, value, dtype, spec in values]


def restore(xp, prefix, tensor_names, shape_and_slices, *, _dtypes):
    names = _vector(tensor_names, "tensor_names")
    specs = _vector(shape_and_slices, "shape_and_slices")
    if not len(names) == len(specs) == len(_dtypes):
        raise _invalid(
            f"There are {len(names)} names and {len(specs)} slices for {len(_dtypes)} tensors"
        )
    wanted = list(zip(names, specs, _dtypes, strict=True))
    with opened(_path(prefix, "prefix")) as source:
        missing = [name for name in sorted(names) if name not in source]
        if missing:
            raise NotFoundError(None, None, source.missing(missing))
        wrong = [_other_type(source, n, d) for n, _, d in wanted if source.dtype(n) is not d]
        if wrong:
            raise _invalid("\n".join(sorted(wrong)))
        return [_part(source, name, spec) for name, spec, _ in wanted]


def _other_type(source, name, dtype):
    return (
        f"tensor_name = {os.fsdecode(name)}; expected dtype {dtype_text(dtype)} does not equal "
        f"original dtype {dtype_text(source.dtype(name))}"
    )


def _part(source, name, spec):
    if not spec:
        return source.read(name)
    shape, part = parsed(spec)
    if shape != source.shape(name):
        raise _invalid(
            f"tensor_name = {os.fsdecode(name)}; shape in shape_and_slice spec {bracketed(shape)} "
            f"does not match the shape stored in checkpoint: {bracketed(source.shape(name))}"
        )
    return source.read(name, part)


def restore_first(xp, file_pattern, tensor_name, *, _dt):
    return restore_slice(xp, file_pattern, tensor_name, b"", _dt=_dt)


def restore_slice(xp, file_pattern, tensor_name, shape_and_slice, *, _dt):
    names, specs = np.reshape(tensor_name, (-1,)), np.reshape(shape_and_slice, (-1,))
    (found,) = restore(xp, file_pattern, names, specs, _dtypes=[_dt])
    return found


def merge(xp, checkpoint_prefixes, destination_prefix, *, delete_old_dirs, allow_missing_files):
    prefixes = [path_of(p) for p in _vector(checkpoint_prefixes, "checkpoint_prefixes")]
    destination = _path(destination_prefix, "destination_prefix")
    merge_checkpoints(prefixes, destination, delete_old_dirs, allow_missing_files)
    return ()


def sharded_filename(xp, basename, shard, num_shards):
    return b"%s-%05d-of-%05d" % (_scalar(basename, "basename"), int(shard), int(num_shards))


def sharded_filespec(xp, basename, num_shards):
    return b"%s-?????-of-%05d" % (_scalar(basename, "basename"), int(num_shards))


def _path(value, what):
    return path_of(_scalar(value, what))


def _scalar(value, what):
    if np.ndim(value):
        raise _invalid(f"{what} must be a scalar, but has shape {bracketed(np.shape(value))}")
    return np.asarray(value, object).item()


def _vector(value, what):
    if np.ndim(value) != 1:
        raise _invalid(f"{what} must be a vector, but has shape {bracketed(np.shape(value))}")
    return np.asarray(value, object).tolist()


def _invalid(message):
    return InvalidArgumentError(None, None, message)


def saved(prefix, tensor_names, shape_and_slices, tensors):
    with_rank(prefix, 0)
    _of_length(tensor_names, len(tensors))
    _of_length(shape_and_slices, len(tensors))
    return []


def saved_first(filename, tensor_names, data):
    with_rank(filename, 0)
    _of_length(tensor_names, len(data))
    return []


def _of_length(shape, length):
    if shape is not None and not compatible(with_rank(shape, 1), (length,)):
        raise ShapeError(f"Dimension must be {length} but is {shape[0]}")


def restored(prefix, tensor_names, shape_and_slices, *, dtypes):
    with_rank(prefix, 0)
    _of_length(tensor_names, len(dtypes))
    specs = [b""] * len(dtypes)
    if shape_and_slices is not None:
        _of_length(np.shape(shape_and_slices), len(dtypes))
        specs = np.asarray(shape_and_slices, object).tolist()
    return [_part_shape(spec) for spec in specs]


def _part_shape(spec):
    if not spec:
        return None
    try:
        return sizes(*parsed(spec))
    except OpError as error:
        raise ShapeError(error.message) from error


def restored_first(file_pattern, tensor_name):
    with_rank(file_pattern, 0)
    with_rank(tensor_name, 0)


def restored_slice(file_pattern, tensor_name, shape_and_slice):
    restored_first(file_pattern, tensor_name)
    if shape_and_slice is None:
        return None
    with_rank(np.shape(shape_and_slice), 0)
    return _part_shape(np.asarray(shape_and_slice, object).item())


def merged(checkpoint_prefixes, destination_prefix):
    with_rank(checkpoint_prefixes, 1)
    with_rank(destination_prefix, 0)
    return []


_WRITING: dict[str, Any] = {"effects": "fs_write", "unknown_rank": True}
_READING: dict[str, Any] = {"effects": "fs_read", "unknown_rank": True}
define("SaveV2", save, shape=saved, **_WRITING)
define("Save", save_first, shape=saved_first, **_WRITING)
define("SaveSlices", save_slices, shape=saved, **_WRITING)
define("MergeV2Checkpoints", merge, shape=merged, **_WRITING)
define("RestoreV2", restore, shape=restored, host="shape_and_slices", **_READING)
define("Restore", restore_first, shape=restored_first, **_READING)
define("RestoreSlice", restore_slice, shape=restored_slice, host="shape_and_slice", **_READING)
define("ShardedFilename", sharded_filename, shape=scalar, unknown_rank=True)
define("ShardedFilespec", sharded_filespec, shape=scalar, unknown_rank=True)
