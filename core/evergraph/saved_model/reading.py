"""Reading the message of a SavedModel, and what it says: its graphs, assets and initialisation."""

from __future__ import annotations

import os
from collections.abc import Collection

from google.protobuf import text_format
from google.protobuf.message import DecodeError

from evergraph import protos
from evergraph.errors import InvalidArgumentError, UnimplementedError
from evergraph.files import read_file
from evergraph.saved_model import layout


def read_saved_model(export_dir: str) -> protos.SavedModel:
    """Return the message in a SavedModel's directory, binary or text.

    Raises:
      OSError: there is none, or it is damaged.
      UnimplementedError: it is in pieces.
    """
    binary = os.path.join(export_dir, layout.SAVED_MODEL_FILENAME_PB)
    if os.path.exists(binary):
        try:
            return protos.SavedModel.FromString(read_file(os.fsencode(binary)))
        except DecodeError as error:
            raise OSError(f"Cannot parse file {binary}: {error}.") from error
    text = os.path.join(export_dir, layout.SAVED_MODEL_FILENAME_PBTXT)
    if os.path.exists(text):
        try:
            data = read_file(os.fsencode(text)).decode()
            return text_format.Parse(data, protos.SavedModel())
        except (text_format.ParseError, UnicodeDecodeError) as error:
            raise OSError(f"Cannot parse file {text}: {error}.") from error
    if os.path.exists(os.path.join(export_dir, layout.SAVED_MODEL_FILENAME_CPB)):
        raise UnimplementedError(
            None,
            None,
            f"{export_dir} has its graph in pieces ({layout.SAVED_MODEL_FILENAME_CPB}), which "
            "evergraph does not read",
        )
    raise OSError(
        f"SavedModel file does not exist at: {export_dir}{os.path.sep}"
        f"{{{layout.SAVED_MODEL_FILENAME_PBTXT}|{layout.SAVED_MODEL_FILENAME_PB}}}"
    )


def meta_graph_of(message: protos.SavedModel, tags: Collection[str]) -> protos.MetaGraphDef:
    """Return the graph that has exactly some tags.

    Raises:
      RuntimeError: there is none.
    """
    available = [set(m.meta_info_def.tags) for m in message.meta_graphs]
    for found, meta_graph in zip(available, message.meta_graphs, strict=True):
        if found == set(tags):
            return meta_graph
    raise RuntimeError(
        f"MetaGraphDef associated with tags {str(tags).strip('[]')} could not be found in "
        f"SavedModel, with available tags '{available}'."
    )


def asset_files(directory: str, meta_graph: protos.MetaGraphDef) -> dict[str, bytes]:
    """Return the paths of a graph's assets, by the names of the tensors that they are fed to.

    Raises:
      InvalidArgumentError: one lies outside of the model's directory, or a message is damaged.
    """
    assets = list(meta_graph.asset_file_def)
    if not assets and layout.ASSETS_KEY in meta_graph.collection_def:
        for packed in meta_graph.collection_def[layout.ASSETS_KEY].any_list.value:
            try:
                assets.append(protos.AssetFileDef.FromString(packed.value))
            except DecodeError as error:
                raise InvalidArgumentError(
                    None, None, f"an asset of SavedModel {directory} is damaged: {error}"
                ) from error
    return {
        asset.tensor_info.name: os.fsencode(layout.asset_path(directory, asset.filename))
        for asset in assets
    }


def init_op_name(meta_graph: protos.MetaGraphDef) -> str | None:
    """Return the name of what runs when a graph has been loaded; None if there is nothing.

    Raises:
      RuntimeError: there is more than one such operation.
    """
    key = layout.INIT_OP_SIGNATURE_KEY
    if key in meta_graph.signature_def:
        return meta_graph.signature_def[key].outputs[key].name
    for key in (layout.MAIN_OP_KEY, layout.LEGACY_INIT_OP_KEY):
        if key in meta_graph.collection_def:
            names = list(meta_graph.collection_def[key].node_list.value)
            if len(names) != 1:
                raise RuntimeError(
                    f"Expected exactly one SavedModel init op. Found {len(names)}: {names}."
                )
            return names[0]
    return None
