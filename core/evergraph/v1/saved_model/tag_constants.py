"""tf.saved_model.tag_constants: what the graphs of a SavedModel are for."""

from typing import Final

SERVING: Final = "serve"
TRAINING: Final = "train"
EVAL: Final = "eval"
GPU: Final = "gpu"
TPU: Final = "tpu"
