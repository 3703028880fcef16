"""Record the names of `tensorflow.compat.v1`, and what their arguments are; runs where it is.

python tests/oracle/record_api.py

`tf.layers` and `tf.nn.rnn_cell`, which TensorFlow 2.21 has lost, are those of `tf_keras`.
"""

import gzip
import inspect
import json
import os
import types
from pathlib import Path
from typing import Any

os.environ["TF_USE_LEGACY_KERAS"] = "1"

import tensorflow.compat.v1 as tf  # the environment is read when it is imported
from tf_keras.src.layers.rnn import legacy_cell_wrappers, legacy_cells
from tf_keras.src.legacy_tf_layers import convolutional, core, normalization, pooling

PATH = Path(__file__).resolve().parents[1] / "migration" / "compat_v1.json.gz"

#: What is out of scope, or is no interface of TensorFlow 1 for programs.
LEFT_OUT = (
    "app.flags",  # the same as flags
    "audio",
    "autograph",
    "compat",
    "config",
    "distribute",
    "estimator",
    "experimental",
    "feature_column",
    "flags.tf_decorator",
    "keras",
    "lite",
    "mixed_precision",
    "mlir",
    "profiler",
    "raw_ops",  # every op of the vocabulary has one
    "test.experimental",
    "tpu",
    "types",
    "xla",
)


def arguments_of(value: Any) -> list[str] | None:
    """Return the arguments, `name` or `name=default`; None if they cannot be told."""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return None
    return [described(p) for p in signature.parameters.values() if p.name != "self"]


def described(parameter: inspect.Parameter) -> str:
    """Return an argument and its default, a default that has no short form as `...`."""
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    name = stars.get(parameter.kind, "") + parameter.name
    if parameter.default is inspect.Parameter.empty:
        return name
    plain = isinstance(parameter.default, str | int | float | bool | None)
    return f"{name}={parameter.default!r}" if plain else f"{name}=..."


def walk(module: Any, prefix: str, found: dict[str, list[Any]]) -> None:
    """Note all public names of a namespace."""
    for name in sorted(dir(module)):
        full = prefix + name
        if name.startswith("_") or name == "experimental" or full in LEFT_OUT:
            continue
        value = getattr(module, name)
        if isinstance(value, types.ModuleType):
            if "tensorflow" in value.__name__ and full.count(".") < 4:
                walk(value, f"{full}.", found)
        else:
            note(full, value, found)


def note(full: str, value: Any, found: dict[str, list[Any]]) -> None:
    """Note a name: its kind and its arguments."""
    if inspect.isclass(value):
        found[full] = ["class", arguments_of(value.__init__)]
    elif callable(value):
        found[full] = ["function", arguments_of(value)]
    else:
        found[full] = ["value", None]


def main() -> None:
    """Write the names."""
    found: dict[str, list[Any]] = {}
    walk(tf, "", found)
    lost = {
        "layers": (convolutional, core, normalization, pooling),
        "nn.rnn_cell": (legacy_cells, legacy_cell_wrappers),
    }
    for prefix, modules in lost.items():
        for module in modules:
            for name, value in sorted(vars(module).items()):
                exported = getattr(value, "_keras_api_names_v1", ())
                if any(known.rpartition(".")[2] == name for known in exported):
                    note(f"{prefix}.{name}", value, found)
    data = json.dumps(found, indent=0, sort_keys=True).encode()
    PATH.write_bytes(gzip.compress(data, 9, mtime=0))
    print(f"{len(found)} names, {PATH.stat().st_size} bytes")


if __name__ == "__main__":
    main()
