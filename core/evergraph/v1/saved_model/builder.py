"""tf.saved_model.builder: writing SavedModels."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from typing import Any

from evergraph import protos
from evergraph.errors import UnimplementedError
from evergraph.files import system_errors
from evergraph.graph.collections import GraphKeys
from evergraph.graph.operation import Operation
from evergraph.graph.stacks import get_default_graph
from evergraph.saved_model import layout
from evergraph.v1.saved_model import signature_constants, tag_constants
from evergraph.v1.saved_model.saved_files import copy_assets, named_assets, write_saved_model
from evergraph.v1.saved_model.signature_def_utils import predict_signature_def
from evergraph.v1.training.saver import Saver, all_saveable_objects

_LOG = logging.getLogger("evergraph")


class SavedModelBuilder:
    """Writes a SavedModel: one or more graphs that share the values of variables, and assets.

    Args:
      export_dir: its directory, which is made if need be.

    Raises:
      AssertionError: the directory is not empty.
      OpError: it cannot be made; which type says why.
    """

    def __init__(self, export_dir: Any) -> None:
        self._directory = os.fsdecode(export_dir)
        self._message = protos.SavedModel(
            saved_model_schema_version=layout.SAVED_MODEL_SCHEMA_VERSION
        )
        self._has_variables = False
        self._copied: set[str] = set()
        with system_errors(self._directory):
            if os.path.exists(self._directory) and os.listdir(self._directory):
                raise AssertionError(
                    f"Export directory {self._directory} already exists, and isn't empty. Please "
                    "choose a different export directory, or delete all the contents of the "
                    "specified directory."
                )
            os.makedirs(self._directory, exist_ok=True)

    def add_meta_graph_and_variables(
        self,
        sess: Any,
        tags: Iterable[str],
        signature_def_map: Mapping[str, Any] | None = None,
        assets_collection: Any = None,
        legacy_init_op: Any = None,
        clear_devices: bool = False,
        main_op: Any = None,
        strip_default_attrs: bool = False,
        saver: Any = None,
    ) -> None:
        """Add the default graph, and the values that its variables have in a session.

        It is the first graph; to add others say `add_meta_graph`.

        Args:
          sess: the session.
          tags: what the graph is for.
          signature_def_map: signatures by name.
          assets_collection: constants that are paths of files; these are copied.
          legacy_init_op: the old name of `main_op`.
          clear_devices: whether nodes lose their devices.
          main_op: an operation that runs when the graph has been loaded.
          strip_default_attrs: whether attributes that have their defaults are left out.
          saver: saves the variables; by default a sharded one, of all variables.

        Raises:
          AssertionError: variables have been saved before, or a signature has a tensor without
            name or type.
          KeyError: a signature has a name that is reserved.
          TypeError: an asset is no constant string, or `main_op` no operation.
          ValueError: the graph has such an operation already.
          FailedPreconditionError: a variable has no value.
          OpError: a file cannot be read or written; which type says why.
        """
        if self._has_variables:
            raise AssertionError(
                "Graph state including variables and assets has already been saved. Please invoke "
                "`add_meta_graph()` instead."
            )
        _check_signatures(signature_def_map or {})
        self._add_collections(assets_collection, legacy_init_op if main_op is None else main_op)
        saver = _saver(saver)
        prefix = layout.variables_prefix(self._directory)
        with system_errors(prefix):
            os.makedirs(os.path.dirname(prefix), exist_ok=True)
        saver.save(sess, prefix, write_meta_graph=False, write_state=False)
        self._add(saver, tags, signature_def_map, clear_devices, strip_default_attrs)
        self._has_variables = True

    def add_meta_graph(
        self,
        tags: Iterable[str],
        signature_def_map: Mapping[str, Any] | None = None,
        assets_collection: Any = None,
        legacy_init_op: Any = None,
        clear_devices: bool = False,
        main_op: Any = None,
        strip_default_attrs: bool = False,
        saver: Any = None,
    ) -> None:
        """Add the default graph, whose variables have the values that have been saved.

        The arguments are those of `add_meta_graph_and_variables`, as are the errors, with one more.

        Raises:
          AssertionError: no variables have been saved.
        """
        if not self._has_variables:
            raise AssertionError(
                "Graph state including variables and assets has not been saved yet. Please invoke "
                "`add_meta_graph_and_variables()` first."
            )
        _check_signatures(signature_def_map or {})
        self._add_collections(assets_collection, legacy_init_op if main_op is None else main_op)
        self._add(_saver(saver), tags, signature_def_map, clear_devices, strip_default_attrs)

    def save(
        self,
        as_text: bool = False,
        experimental_image_format: bool = False,
        experimental_image_writer_options: Any = None,
    ) -> bytes:
        """Write the SavedModel's message.

        Args:
          as_text: whether it is text.
          experimental_image_format: must be False.
          experimental_image_writer_options: has no effect.

        Returns:
          The path of the file.

        Raises:
          UnimplementedError: a message in pieces is wanted.
          OpError: it cannot be written; which type says why.
        """
        del experimental_image_writer_options
        if experimental_image_format:
            raise UnimplementedError(
                None, None, "evergraph writes no SavedModel in pieces (experimental_image_format)"
            )
        path = write_saved_model(self._message, self._directory, as_text)
        _LOG.info("SavedModel written to: %s", path)
        return os.fsencode(path)

    def _add_collections(self, assets: Any, main_op: Any) -> None:
        graph = get_default_graph()
        if assets is not None:
            messages, paths = named_assets(assets)
            for message in messages:
                packed = protos.Any()
                packed.Pack(message)
                graph.add_to_collection(layout.ASSETS_KEY, packed)
            if paths:
                copy_assets(paths, self._directory, self._copied)
        if main_op is None:
            return
        if not isinstance(main_op, Operation):
            raise TypeError(
                f"Expected {main_op} to be an Operation but got type {type(main_op)} instead."
            )
        for key in (layout.MAIN_OP_KEY, layout.LEGACY_INIT_OP_KEY):
            if graph.get_collection(key):
                raise ValueError(
                    f"Graph already contains one or more main ops under the collection {key}."
                )
        graph.add_to_collection(layout.MAIN_OP_KEY, main_op)

    def _add(
        self,
        saver: Any,
        tags: Iterable[str],
        signatures: Mapping[str, Any] | None,
        clear_devices: bool,
        strip_default_attrs: bool,
    ) -> None:
        meta_graph = saver.export_meta_graph(
            clear_devices=clear_devices, strip_default_attrs=strip_default_attrs
        )
        meta_graph.meta_info_def.tags.extend(tags)
        for key, signature in (signatures or {}).items():
            adopted = protos.adopt(signature, protos.SignatureDef)
            meta_graph.signature_def[key].CopyFrom(adopted)
        self._message.meta_graphs.append(meta_graph)


def _saver(saver: Any) -> Any:
    if saver:
        return saver
    return Saver(
        all_saveable_objects(), sharded=True, write_version=protos.SaverDef.V2, allow_empty=True
    )


def _check_signatures(signatures: Mapping[str, Any]) -> None:
    for signature in signatures.values():
        for infos in (signature.inputs, signature.outputs):
            for key in infos:
                _check_info(infos[key])
    reserved = {
        layout.INIT_OP_SIGNATURE_KEY: "initialization",
        layout.TRAIN_OP_SIGNATURE_KEY: "the train op",
    }
    for key, purpose in reserved.items():
        if key in signatures:
            raise KeyError(
                f'SignatureDef map key "{key}" is reserved for {purpose}. Please use a different '
                "key."
            )


def _check_info(info: Any) -> None:
    kind = info.WhichOneof("encoding")
    if kind is None:
        raise AssertionError(
            f"Invalid `tensor_info`: {info}. All TensorInfo protos used in the SignatureDefs must "
            "have one of the 'encoding' fields (e.g., name or coo_sparse) set."
        )
    if kind == "composite_tensor":
        for component in info.composite_tensor.components:
            _check_info(component)
    elif info.dtype == protos.DT_INVALID:
        raise AssertionError(
            f"Invalid `tensor_info`: {info}. All TensorInfo protos used in the SignatureDefs must "
            "have the dtype field set."
        )


def simple_save(
    session: Any,
    export_dir: Any,
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
    legacy_init_op: Any = None,
) -> None:
    """Write a SavedModel of the default graph, with one signature, for serving.

    Args:
      session: a session with the values of the variables.
      export_dir: the directory.
      inputs: tensors that are fed, by name.
      outputs: tensors that are fetched, by name.
      legacy_init_op: an operation that runs when the graph has been loaded.

    Raises:
      ValueError: there are no inputs, or no outputs.
      AssertionError, TypeError, OpError: see `SavedModelBuilder`.
    """
    signature = predict_signature_def(inputs, outputs)
    builder = SavedModelBuilder(export_dir)
    builder.add_meta_graph_and_variables(
        session,
        [tag_constants.SERVING],
        {signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY: signature},
        assets_collection=get_default_graph().get_collection(GraphKeys.ASSET_FILEPATHS),
        main_op=legacy_init_op,
        clear_devices=True,
    )
    builder.save()
