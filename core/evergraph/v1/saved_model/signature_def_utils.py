"""tf.saved_model.signature_def_utils: what a graph is fed and gives, as messages."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from evergraph import protos
from evergraph.dtypes import DType, as_dtype, float32, string
from evergraph.graph.tensor import Tensor
from evergraph.saved_model.layout import SAVED_MODEL_FILENAME_PBTXT
from evergraph.saved_model.reading import read_saved_model
from evergraph.v1.saved_model import signature_constants as names
from evergraph.v1.saved_model.saved_files import write_saved_model
from evergraph.v1.saved_model.utils import build_tensor_info


def build_signature_def(
    inputs: Mapping[str, Any] | None = None,
    outputs: Mapping[str, Any] | None = None,
    method_name: str | None = None,
    defaults: Mapping[str, Any] | None = None,
) -> protos.SignatureDef:
    """Return a signature.

    Args:
      inputs: `TensorInfo`s of what is fed, by name.
      outputs: `TensorInfo`s of what is fetched, by name.
      method_name: what a server is asked to do by it.
      defaults: constants for inputs that need not be fed.

    Raises:
      ValueError: a default is no constant.
    """
    made = protos.SignatureDef()
    for target, infos in ((made.inputs, inputs), (made.outputs, outputs)):
        for key, info in (infos or {}).items():
            target[key].CopyFrom(protos.adopt(info, protos.TensorInfo))
    if method_name is not None:
        made.method_name = method_name
    for key, value in (defaults or {}).items():
        if not isinstance(value, Tensor) or value.op.type != "Const":
            raise ValueError(
                f"Unable to convert object {value} of type {type(value)} to TensorProto."
            )
        made.defaults[key].CopyFrom(value.op.get_attr("value"))
    return made


def predict_signature_def(
    inputs: Mapping[str, Any] | None, outputs: Mapping[str, Any] | None
) -> protos.SignatureDef:
    """Return a signature for any tensors.

    Raises:
      ValueError: there are no inputs, or no outputs.
    """
    if not inputs:
        raise ValueError("Prediction `inputs` cannot be None or empty.")
    if not outputs:
        raise ValueError("Prediction `outputs` cannot be None or empty.")
    return build_signature_def(
        {key: build_tensor_info(tensor) for key, tensor in inputs.items()},
        {key: build_tensor_info(tensor) for key, tensor in outputs.items()},
        names.PREDICT_METHOD_NAME,
    )


def regression_signature_def(examples: Any, predictions: Any) -> protos.SignatureDef:
    """Return a signature from serialized `Example`s to numbers.

    Args:
      examples: a tensor of strings.
      predictions: a tensor of float32.

    Raises:
      ValueError: a tensor is missing, or of another type.
    """
    _check_examples("Regression", examples)
    if predictions is None:
        raise ValueError("Regression `predictions` cannot be None.")
    return build_signature_def(
        {names.REGRESS_INPUTS: _info("Regression input", examples, string)},
        {names.REGRESS_OUTPUTS: _info("Regression output", predictions, float32)},
        names.REGRESS_METHOD_NAME,
    )


def classification_signature_def(examples: Any, classes: Any, scores: Any) -> protos.SignatureDef:
    """Return a signature from serialized `Example`s to classes and their scores.

    Args:
      examples: a tensor of strings.
      classes: a tensor of strings, or None.
      scores: a tensor of float32, or None.

    Raises:
      ValueError: a tensor is missing, or of another type.
    """
    _check_examples("Classification", examples)
    if classes is None and scores is None:
        raise ValueError("Classification `classes` and `scores` cannot both be None.")
    outputs = {}
    if classes is not None:
        info = _info("Classification classes", classes, string)
        outputs[names.CLASSIFY_OUTPUT_CLASSES] = info
    if scores is not None:
        outputs[names.CLASSIFY_OUTPUT_SCORES] = _info("Classification scores", scores, float32)
    return build_signature_def(
        {names.CLASSIFY_INPUTS: _info("Classification input", examples, string)},
        outputs,
        names.CLASSIFY_METHOD_NAME,
    )


def _check_examples(what: str, examples: Any) -> None:
    if examples is None:
        raise ValueError(f"{what} `examples` cannot be None.")
    if not isinstance(examples, Tensor):
        raise ValueError(
            f"Expected {what.lower()} `examples` to be of type Tensor. Found `examples` of type "
            f"{type(examples)}."
        )


def _info(what: str, tensor: Any, dtype: DType) -> protos.TensorInfo:
    info = build_tensor_info(tensor)
    if info.dtype != dtype.as_datatype_enum:
        raise ValueError(
            f"{what} tensors must be of type {'float' if dtype is float32 else dtype.name}. Found "
            f"tensors with type {as_dtype(info.dtype).name}."
        )
    return info


#: By method: what the inputs must be, what the outputs may be, and whether these are all needed.
_FORMS: Final[dict[str, tuple[dict[str, DType], dict[str, DType], bool]]] = {
    names.CLASSIFY_METHOD_NAME: (
        {names.CLASSIFY_INPUTS: string},
        {names.CLASSIFY_OUTPUT_CLASSES: string, names.CLASSIFY_OUTPUT_SCORES: float32},
        False,
    ),
    names.REGRESS_METHOD_NAME: (
        {names.REGRESS_INPUTS: string},
        {names.REGRESS_OUTPUTS: float32},
        True,
    ),
}


def is_valid_signature(signature_def: Any) -> bool:
    """Return whether a server can use a signature: to predict, to classify or for a regression."""
    if signature_def is None:
        return False
    inputs, outputs = signature_def.inputs, signature_def.outputs
    if signature_def.method_name == names.PREDICT_METHOD_NAME:
        return bool(inputs) and bool(outputs)
    if signature_def.method_name not in _FORMS:
        return False
    fed, fetched, all_of_them = _FORMS[signature_def.method_name]
    return (
        set(inputs) == set(fed)
        and bool(outputs)
        and (set(outputs) == set(fetched) if all_of_them else set(outputs) <= set(fetched))
        and all(inputs[key].dtype == fed[key].as_datatype_enum for key in inputs)
        and all(outputs[key].dtype == fetched[key].as_datatype_enum for key in outputs)
    )


class MethodNameUpdater:
    """Changes what a server is asked to do by the signatures of a SavedModel.

    Args:
      export_dir: the directory of the SavedModel.

    Raises:
      OSError: there is none.
    """

    def __init__(self, export_dir: Any) -> None:
        self._directory = os.fsdecode(export_dir)
        self._message = read_saved_model(self._directory)

    def replace_method_name(self, signature_key: str, method_name: str, tags: Any = None) -> None:
        """Change the method of a signature.

        Args:
          signature_key: the signature's name.
          method_name: the method.
          tags: those of the graph that has it; by default all graphs.

        Raises:
          ValueError: an argument is empty; there is no such graph, or it has no such signature.
        """
        if not signature_key:
            raise ValueError("`signature_key` must be defined.")
        if not method_name:
            raise ValueError("`method_name` must be defined.")
        wanted = tags if tags is None or isinstance(tags, list) else [tags]
        graphs = [
            m
            for m in self._message.meta_graphs
            if wanted is None or set(wanted) == set(m.meta_info_def.tags)
        ]
        if not graphs:
            raise ValueError(
                f"MetaGraphDef associated with tags {wanted} could not be found in SavedModel."
            )
        for meta_graph in graphs:
            if signature_key not in meta_graph.signature_def:
                raise ValueError(
                    f"MetaGraphDef associated with tags {wanted} does not have a signature_def "
                    f"with key: '{signature_key}'."
                )
            meta_graph.signature_def[signature_key].method_name = method_name

    def save(self, new_export_dir: Any = None) -> None:
        """Write the SavedModel's message, as text if it was.

        Args:
          new_export_dir: where; by default where it was.

        Raises:
          OpError: it cannot be written; which type says why.
        """
        as_text = os.path.exists(os.path.join(self._directory, SAVED_MODEL_FILENAME_PBTXT))
        folder = self._directory if new_export_dir is None else os.fsdecode(new_export_dir)
        write_saved_model(self._message, folder, as_text)
