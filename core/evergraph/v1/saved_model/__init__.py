"""`tf.saved_model`: graphs with signatures, values and assets, in a directory."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_CONSTANTS = (
    "ASSETS_DIRECTORY ASSETS_KEY DEBUG_DIRECTORY DEBUG_INFO_FILENAME_PB LEGACY_INIT_OP_KEY "
    "MAIN_OP_KEY SAVED_MODEL_FILENAME_PB SAVED_MODEL_FILENAME_PBTXT SAVED_MODEL_SCHEMA_VERSION "
    "VARIABLES_DIRECTORY VARIABLES_FILENAME"
)
_OF_SIGNATURES = (
    "CLASSIFY_INPUTS CLASSIFY_METHOD_NAME CLASSIFY_OUTPUT_CLASSES CLASSIFY_OUTPUT_SCORES "
    "DEFAULT_SERVING_SIGNATURE_DEF_KEY PREDICT_INPUTS PREDICT_METHOD_NAME PREDICT_OUTPUTS "
    "REGRESS_INPUTS REGRESS_METHOD_NAME REGRESS_OUTPUTS"
)

_PUBLIC = table(
    {
        "evergraph.v1.saved_model.builder": "Builder=SavedModelBuilder builder= simple_save",
        "evergraph.v1.saved_model.constants": f"constants= {_CONSTANTS}",
        "evergraph.v1.saved_model.loader": (
            "contains_saved_model load loader= maybe_saved_model_directory"
        ),
        "evergraph.v1.saved_model.main_op": "main_op= main_op_with_restore",
        "evergraph.v1.saved_model.signature_constants": f"signature_constants= {_OF_SIGNATURES}",
        "evergraph.v1.saved_model.signature_def_utils": (
            "build_signature_def classification_signature_def is_valid_signature "
            "predict_signature_def regression_signature_def signature_def_utils="
        ),
        "evergraph.v1.saved_model.tag_constants": "GPU SERVING TPU TRAINING tag_constants=",
        "evergraph.v1.saved_model.utils": "build_tensor_info get_tensor_from_tensor_info utils=",
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
