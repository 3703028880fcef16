"""What a SavedModel's directory gets: its message, and copies of its assets."""

from __future__ import annotations

import filecmp
import logging
import os
import shutil
from collections.abc import Iterable
from typing import Any

from evergraph import protos
from evergraph.dtypes import string
from evergraph.files import system_errors
from evergraph.graph.tensor import Tensor
from evergraph.saved_model import layout
from evergraph.v1.graph_files import write_graph

_LOG = logging.getLogger("evergraph")


def write_saved_model(message: protos.SavedModel, directory: str, as_text: bool) -> str:
    """Write a SavedModel's message, and return its path.

    Raises:
      OpError: it cannot be written; which type says why.
    """
    name = layout.SAVED_MODEL_FILENAME_PBTXT if as_text else layout.SAVED_MODEL_FILENAME_PB
    return write_graph(message, directory, name, as_text)


def named_assets(tensors: Iterable[Any]) -> tuple[list[protos.AssetFileDef], dict[str, str]]:
    """Return what says which tensors are paths of assets, and the paths by the assets' names.

    Two files of the same name get different ones, unless they hold the same.

    Raises:
      TypeError: a tensor is no constant string.
      ValueError: it is empty.
    """
    assets: list[protos.AssetFileDef] = []
    paths: dict[str, str] = {}
    for tensor in tensors:
        path = _constant_path(tensor)
        if not path:
            raise ValueError(f"Asset filepath tensor {tensor} in is invalid.")
        name = _name(path, paths)
        paths[name] = path
        asset = protos.AssetFileDef(filename=name)
        asset.tensor_info.name = tensor.name
        assets.append(asset)
    return assets, paths


def _constant_path(tensor: Any) -> str:
    if not isinstance(tensor, Tensor):
        raise TypeError(f"Asset path tensor {tensor} must be a Tensor.")
    if tensor.op.type != "Const":
        raise TypeError(
            f"Asset path tensor {tensor} must be of type constant. Has type {tensor.op.type} "
            "instead."
        )
    if tensor.dtype != string:
        raise TypeError(
            f"Asset path tensor {tensor} must be of dtype string. Has type {tensor.dtype} instead."
        )
    values = tensor.op.get_attr("value").string_val
    if len(values) != 1:
        raise TypeError(f"Asset path tensor {tensor} must be a scalar.")
    return os.fsdecode(values[0])


def _name(path: str, paths: dict[str, str]) -> str:
    """Return the name that a file gets among the assets."""
    base = name = os.path.basename(path)
    number = 0
    while name in paths and not _same(path, paths[name]):
        number += 1
        name = f"{base}_{number}"
    return name


def _same(path: str, other: str) -> bool:
    if path == other:
        return True
    with system_errors(path):
        return filecmp.cmp(path, other, shallow=False)


def copy_assets(paths: dict[str, str], directory: str, copied: set[str]) -> None:
    """Copy assets into a SavedModel's directory.

    Args:
      paths: where the files are, by the assets' names; those that do not exist are left out.
      directory: that of the SavedModel.
      copied: the paths of copies that have been made; they stay as they are.

    Raises:
      InvalidArgumentError: a path names no file.
      OpError: a file cannot be copied; which type says why.
    """
    folder = os.path.join(directory, layout.ASSETS_DIRECTORY)
    with system_errors(folder):
        os.makedirs(folder, exist_ok=True)
    for name, path in paths.items():
        target = layout.asset_path(directory, name)
        if os.path.exists(path) and path != target and target not in copied:
            with system_errors(path):
                shutil.copyfile(path, target)
            copied.add(target)
    _LOG.info("Assets written to: %s", folder)
