"""What is where in a SavedModel's directory, and under which keys in its message."""

from __future__ import annotations

import os
from typing import Any, Final

from evergraph.errors import InvalidArgumentError

ASSETS_DIRECTORY: Final = "assets"
EXTRA_ASSETS_DIRECTORY: Final = "assets.extra"
ASSETS_KEY: Final = "saved_model_assets"
LEGACY_INIT_OP_KEY: Final = "legacy_init_op"
MAIN_OP_KEY: Final = "saved_model_main_op"
TRAIN_OP_KEY: Final = "saved_model_train_op"
SAVED_MODEL_SCHEMA_VERSION: Final = 1
SAVED_MODEL_FILENAME_PB: Final = "saved_model.pb"
SAVED_MODEL_FILENAME_PBTXT: Final = "saved_model.pbtxt"
#: Larger than 2 GB, and in pieces.
SAVED_MODEL_FILENAME_CPB: Final = "saved_model.cpb"
DEBUG_DIRECTORY: Final = "debug"
DEBUG_INFO_FILENAME_PB: Final = "saved_model_debug_info.pb"
VARIABLES_DIRECTORY: Final = "variables"
VARIABLES_FILENAME: Final = "variables"
INIT_OP_SIGNATURE_KEY: Final = "__saved_model_init_op"
TRAIN_OP_SIGNATURE_KEY: Final = "__saved_model_train_op"

_FILES: Final = (SAVED_MODEL_FILENAME_PB, SAVED_MODEL_FILENAME_PBTXT, SAVED_MODEL_FILENAME_CPB)


def variables_prefix(directory: str) -> str:
    """Return the prefix of the checkpoint in a SavedModel's directory."""
    return os.path.join(directory, VARIABLES_DIRECTORY, VARIABLES_FILENAME)


def asset_path(directory: str, filename: str) -> str:
    """Return the path of an asset in a SavedModel's directory.

    Raises:
      InvalidArgumentError: the name leads out of the folder of the assets.
    """
    # Separators of every system: a model may come from another one.
    parts = filename.replace("\\", "/").split("/")
    if filename in ("", ".") or ".." in parts or not parts[0] or parts[0][1:2] == ":":
        raise InvalidArgumentError(
            None, None, f"asset {filename!r} of SavedModel {directory} lies outside of its assets"
        )
    return os.path.join(directory, ASSETS_DIRECTORY, filename)


def maybe_saved_model_directory(export_dir: Any) -> bool:
    """Return whether a directory has the file of a SavedModel."""
    directory = os.fsdecode(export_dir)
    return any(os.path.exists(os.path.join(directory, name)) for name in _FILES)
