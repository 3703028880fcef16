"""`Saver`: variables into checkpoints, and back."""

from __future__ import annotations

import numbers
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from evergraph import protos
from evergraph.checkpoints.commits import exclusive
from evergraph.errors import (
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
    OpError,
)
from evergraph.graph.collections import GraphKeys
from evergraph.graph.stacks import get_default_graph
from evergraph.session.base import BaseSession
from evergraph.v1 import tf_logging
from evergraph.v1.saved_slices import prepended, stripped
from evergraph.v1.training.checkpoint_state import (
    checkpoint_exists,
    meta_graph_filename,
)
from evergraph.v1.training.kept_checkpoints import KeptCheckpoints
from evergraph.v1.training.saver_builders import BulkSaverBuilder
from evergraph.v1.training.steps import global_step as step_in

#: The names in a SaverDef.
_NAMES: Final = ("filename_tensor_name", "save_tensor_name", "restore_op_name")


class Saver(KeptCheckpoints):
    """Saves variables into checkpoints, and restores them.

    It adds nodes to the default graph that do so, and keeps track of what it has saved.

    Args:
      var_list: the variables, as a list or by the names they have in checkpoints; by default all
        global variables and saveable objects, by their own names.
      reshape: whether a variable may be restored from one of another shape with as many elements.
      sharded: whether the variables of each device are written to a file of their own.
      max_to_keep: how many checkpoints are kept; 0 or None for all.
      keep_checkpoint_every_n_hours: one for every so many hours is kept for good.
      name: a name scope for the nodes, "save" by default.
      restore_sequentially: whether variables are restored one after the other.
      saver_def: a `SaverDef` of nodes that exist; `name` is then the scope that they are in.
      builder: makes the nodes, by default a `BulkSaverBuilder`.
      defer_build: whether they are made by `build` only.
      allow_empty: whether there may be no variables.
      write_version: the version of the checkpoints, `SaverDef.V1` or `SaverDef.V2`.
      pad_step_number: whether steps in names of files are filled up with zeros to eight digits.
      save_relative_paths: whether the state file has paths relative to its folder.
      filename: the prefix of the checkpoint, if it is always the same.

    Raises:
      TypeError: something in `var_list` cannot be saved.
      ValueError: there are no variables; two have the same name; `saver_def` lacks a name; or
        `var_list` is given though the nodes are made later.
    """

    def __init__(
        self,
        var_list: Any = None,
        reshape: bool = False,
        sharded: bool = False,
        max_to_keep: int | None = 5,
        keep_checkpoint_every_n_hours: float = 10000.0,
        name: str | None = None,
        restore_sequentially: bool = False,
        saver_def: Any = None,
        builder: Any = None,
        defer_build: bool = False,
        allow_empty: bool = False,
        write_version: int = protos.SaverDef.V2,
        pad_step_number: bool = False,
        save_relative_paths: bool = False,
        filename: str | None = None,
    ) -> None:
        if defer_build and var_list:
            raise ValueError(
                "If `var_list` is provided then build cannot be deferred. Either set "
                "defer_build=False or var_list=None."
            )
        self._var_list = var_list
        self._reshape = reshape
        self._sharded = sharded
        self._max_to_keep = max_to_keep
        self._keep_checkpoint_every_n_hours = keep_checkpoint_every_n_hours
        self._name = name
        self._restore_sequentially = restore_sequentially
        self.saver_def: Any = _adopted(saver_def)
        self._builder = builder
        self._is_built = False
        self._allow_empty = allow_empty
        self._is_empty = False
        self._write_version = write_version
        self._pad_step_number = pad_step_number
        self._filename = filename
        KeptCheckpoints.__init__(self, save_relative_paths)
        self._by_objects: Saver | None = None
        if not defer_build:
            self.build()
        if self.saver_def:
            _check(self.saver_def)
            self._write_version = self.saver_def.version

    def build(self) -> None:
        """Make the nodes, unless they are made.

        Raises:
          TypeError, ValueError: see `Saver`.
        """
        if self._is_built:
            return
        self._is_built = True
        if not self.saver_def:
            if self._var_list is None:
                self._var_list = all_saveable_objects()
            if not self._var_list:
                if not self._allow_empty:
                    raise ValueError("No variables to save")
                self._is_empty = True
                return
            builder = self._builder or BulkSaverBuilder(self._write_version)
            self.saver_def = builder.build(
                self._var_list,
                reshape=self._reshape,
                sharded=self._sharded,
                max_to_keep=self._max_to_keep,
                keep_checkpoint_every_n_hours=self._keep_checkpoint_every_n_hours,
                name=self._name,
                restore_sequentially=self._restore_sequentially,
                filename=self._filename,
            )
        elif self._name:
            for name in _NAMES:
                setattr(self.saver_def, name, prepended(getattr(self.saver_def, name), self._name))
        _check(self.saver_def)
        self._start_counting()

    # As a message

    def as_saver_def(self) -> Any:
        """Return a `SaverDef` that describes this."""
        return self.saver_def

    def to_proto(self, export_scope: str | None = None) -> Any:
        """Return a `SaverDef` with names relative to a scope; None if they lie outside."""
        if export_scope is None:
            return self.saver_def
        if not all(getattr(self.saver_def, n).startswith(export_scope) for n in _NAMES):
            return None
        found = protos.SaverDef()
        found.CopyFrom(self.saver_def)
        for name in _NAMES:
            setattr(found, name, stripped(getattr(found, name), export_scope))
        return found

    @staticmethod
    def from_proto(saver_def: Any, import_scope: str | None = None) -> Saver:
        """Return the saver that a `SaverDef` describes; the graph must have its nodes."""
        return Saver(saver_def=saver_def, name=import_scope)

    # Saving

    def save(
        self,
        sess: Any,
        save_path: Any,
        global_step: Any = None,
        latest_filename: str | None = None,
        meta_graph_suffix: str = "meta",
        write_meta_graph: bool = True,
        write_state: bool = True,
        strip_default_attrs: bool = False,
        save_debug_info: bool = False,
    ) -> str | None:
        """Write a checkpoint with the values that the variables have in a session.

        It takes effect as a whole: whatever happens meanwhile, what was there before, or the new
        one, can be restored.

        Args:
          sess: the session.
          save_path: the prefix of the names of files.
          global_step: a number, or a tensor or the name of one, that is appended to the prefix.
          latest_filename: the name of the state file, "checkpoint" by default.
          meta_graph_suffix: the ending of the file of the MetaGraphDef.
          write_meta_graph: whether the graph is written as well.
          write_state: whether the state file is written, and old checkpoints are removed.
          strip_default_attrs: whether the graph leaves out attributes that have their defaults.
          save_debug_info: accepted; where nodes were made is not written.

        Returns:
          The prefix of the checkpoint, for `restore`; None if there are no variables.

        Raises:
          TypeError: `sess` is no session.
          ValueError: there is no such folder, or the name of the state file is not a mere name.
          RuntimeError: the nodes are not made.
          FailedPreconditionError: a variable has no value.
          AbortedError: somebody else writes this checkpoint.
          OpError: it cannot be written; which type says why.
        """
        if not self._is_built:
            raise RuntimeError("`build()` should be called before save if defer_build==True")
        latest_filename = "checkpoint" if latest_filename is None else latest_filename
        if os.path.split(latest_filename)[0]:
            raise ValueError("'latest_filename' must not contain path components")
        save_path = os.fsdecode(save_path)
        prefix = save_path
        if global_step is not None:
            if not isinstance(global_step, numbers.Integral):
                global_step = step_in(sess, global_step)
            width = 8 if self._pad_step_number else 0
            prefix = f"{save_path}-{int(global_step):0{width}d}"
        elif os.path.basename(save_path) == latest_filename and not self._sharded:
            raise ValueError(
                f"'latest_filename' collides with 'save_path': '{latest_filename}' and "
                f"'{save_path}'"
            )
        if not isinstance(sess, BaseSession):
            raise TypeError(f"'sess' must be a Session; {sess}")
        found = None
        if not self._is_empty:
            with _named_folder(save_path):
                found = self._run_save(sess, prefix)
        if write_meta_graph:
            with sess.graph.as_default():
                self.export_meta_graph(
                    meta_graph_filename(prefix, meta_graph_suffix),
                    strip_default_attrs=strip_default_attrs,
                    save_debug_info=save_debug_info,
                )
        # TF: before the graph is written, so that there may be a latest checkpoint without one.
        if found is not None and write_state:
            self._record(found, os.path.dirname(save_path), latest_filename)
            self._remove_old(meta_graph_suffix)
        return found

    def _run_save(self, sess: Any, prefix: str) -> str:
        names = self.saver_def
        with _sharded_alone(prefix) if names.sharded else _nothing():
            saved = sess.run(names.save_tensor_name, {names.filename_tensor_name: prefix})
        return os.fsdecode(saved)

    def export_meta_graph(
        self,
        filename: str | None = None,
        collection_list: Any = None,
        as_text: bool = False,
        export_scope: str | None = None,
        clear_devices: bool = False,
        clear_extraneous_savers: bool = False,
        strip_default_attrs: bool = False,
        save_debug_info: bool = False,
    ) -> Any:
        """Return the default graph as a MetaGraphDef with this saver.

        The arguments are those of `tf.train.export_meta_graph`.
        """
        from evergraph.v1.training.meta_graphs import export_meta_graph

        return export_meta_graph(
            filename=filename,
            graph_def=get_default_graph().as_graph_def(add_shapes=True),
            saver_def=self.saver_def,
            collection_list=collection_list,
            as_text=as_text,
            export_scope=export_scope,
            clear_devices=clear_devices,
            clear_extraneous_savers=clear_extraneous_savers,
            strip_default_attrs=strip_default_attrs,
            save_debug_info=save_debug_info,
        )

    # Restoring

    def restore(self, sess: Any, save_path: Any) -> None:
        """Give the variables the values of a checkpoint; they need not be initialized.

        Args:
          sess: the session.
          save_path: the prefix, as `save` and `latest_checkpoint` return it.

        Raises:
          ValueError: there is no checkpoint of that prefix, or it is None.
          NotFoundError: the checkpoint lacks a variable.
          InvalidArgumentError: a variable has another shape or type there.
          DataLossError: the checkpoint is damaged.
        """
        if self._is_empty:
            return
        if save_path is None:
            raise ValueError("Can't load save_path when it is None.")
        prefix = os.fsdecode(save_path)
        if not checkpoint_exists(prefix):
            raise ValueError(f"The passed save_path is not a valid checkpoint: {prefix}")
        tf_logging.info("Restoring parameters from %s", prefix)
        names = self.saver_def
        try:
            sess.run(names.restore_op_name, {names.filename_tensor_name: prefix})
        except NotFoundError as error:
            self._restore_by_objects(sess, prefix, error)
        except InvalidArgumentError as error:
            raise _explained(error, "a mismatch between the current graph and the graph") from error

    def _restore_by_objects(self, sess: Any, prefix: str, error: NotFoundError) -> None:
        """Restore from a checkpoint of TensorFlow 2's objects, which knows names as well."""
        from evergraph.v1.training.object_checkpoints import names_to_keys, saver_for

        keys = names_to_keys(prefix)
        if keys is None:
            raise _explained(error, "a Variable name or other graph key that is missing") from error
        with sess.graph.as_default():
            saver = saver_for(keys, self._var_list, self._builder, self._by_objects)
        self._by_objects = saver
        saver.restore(sess, prefix)


def all_saveable_objects(scope: str | None = None) -> list[Any]:
    """Return what a saver saves by default: global variables, and saveable objects."""
    graph = get_default_graph()
    return graph.get_collection(GraphKeys.GLOBAL_VARIABLES, scope) + graph.get_collection(
        GraphKeys.SAVEABLE_OBJECTS, scope
    )


def _adopted(saver_def: Any) -> Any:
    try:
        return None if saver_def is None else protos.adopt(saver_def, protos.SaverDef)
    except TypeError as error:
        raise ValueError(f"saver_def must be a saver_pb2.SaverDef: {saver_def}") from error


def _check(saver_def: Any) -> None:
    for name in ("save_tensor_name", "restore_op_name"):
        if not getattr(saver_def, name):
            raise ValueError(f"saver_def must specify the {name}: {saver_def}")


@contextmanager
def _named_folder(save_path: str) -> Iterator[None]:
    """Say of a folder that is missing what programs expect."""
    try:
        yield
    except (FailedPreconditionError, NotFoundError) as error:
        if os.path.isdir(os.path.dirname(save_path) or "."):
            raise
        raise ValueError(f"Parent directory of {save_path} doesn't exist, can't save.") from error


@contextmanager
def _sharded_alone(prefix: str) -> Iterator[None]:
    """Let nobody else write the parts of a sharded checkpoint, which have names of their own."""
    with exclusive(f"{prefix}_temp"):
        yield


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _explained(error: OpError, reason: str) -> OpError:
    return type(error)(
        error.node_def,
        error.op,
        f"Restoring from checkpoint failed. This is most likely due to {reason} from the "
        "checkpoint. Please ensure that you have not altered the graph expected based on the "
        f"checkpoint. Original error:\n\n{error.message}",
    )
