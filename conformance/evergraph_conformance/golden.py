"""Golden values: TensorFlow's answers to the op cases, in one .npz a family.

For each case and mode (see `cases.MODES`) the file has either the outputs or the error's type, and
but for `fed` the static shapes as well. Arrays lie under `CASE/MODE/INDEX`; everything else in one
JSON text, `index`. Types that NumPy's format lacks are stored as integers of the same width, and
strings as JSON.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from evergraph_conformance.cases import dtype_of

FOLDER = Path(__file__).parent / "golden"


@dataclass(frozen=True)
class Answer:
    """What TensorFlow answered.

    Attributes:
      outputs: the output values; None if there was an error.
      static: the static shapes (a list of int or None, or None) of the outputs, but for `fed`.
      error: the class of the error, such as `InvalidArgumentError`.
      stage: where it came from: `build` or `run`.
      message: its text, without what names the node.
    """

    outputs: list[np.ndarray[Any, Any]] | None
    static: list[list[int | None] | None] | None = None
    error: str = ""
    stage: str = ""
    message: str = ""


def write(family: str, answers: dict[str, dict[str, Answer]]) -> None:
    """Write the answers of a family: by case, by mode."""
    arrays: dict[str, Any] = {}
    index: dict[str, Any] = {}
    for name, modes in answers.items():
        index[name] = {}
        for mode, answer in modes.items():
            if answer.outputs is None:
                entry: dict[str, Any] = {
                    "error": answer.error,
                    "stage": answer.stage,
                    "message": answer.message,
                }
            else:
                fed = modes["fed"].outputs if "fed" in modes else None
                same = mode != "fed" and fed is not None and _identical(fed, answer.outputs)
                entry = {
                    "outputs": "fed"
                    if same
                    else [
                        _pack(arrays, f"{name}/{mode}/{i}", a) for i, a in enumerate(answer.outputs)
                    ],
                }
                if answer.static is not None:
                    entry["static"] = answer.static
            index[name][mode] = entry
    path = FOLDER / f"{family}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(index, sort_keys=True)
    np.savez_compressed(path, index=np.array(text), **arrays)


def _identical(a: list[Any], b: list[Any]) -> bool:
    return len(a) == len(b) and all(
        x.dtype == y.dtype
        and x.shape == y.shape
        and (x.tolist() == y.tolist() if x.dtype == object else x.tobytes() == y.tobytes())
        for x, y in zip(a, b, strict=True)
    )


def _pack(arrays: dict[str, Any], key: str, a: np.ndarray[Any, Any]) -> dict[str, Any]:
    if a.dtype == object:
        items = [base64.b64encode(_as_bytes(v)).decode() for v in a.reshape(-1)]
        return {"strings": items, "shape": list(a.shape)}
    arrays[key] = a if a.dtype.kind in "biufc" else a.view(f"u{a.dtype.itemsize}")
    return {"array": key, "dtype": a.dtype.name}


def _as_bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@cache
def read(family: str) -> dict[str, dict[str, Answer]]:
    """Return the answers of a family: by case, by mode."""
    with np.load(FOLDER / f"{family}.npz") as file:
        index = json.loads(str(file["index"]))
        return {
            name: {mode: _answer(file, name, modes, mode) for mode in modes}
            for name, modes in index.items()
        }


def _answer(file: Any, name: str, modes: dict[str, Any], mode: str) -> Answer:
    entry = modes[mode]
    if "error" in entry:
        return Answer(None, None, entry["error"], entry["stage"], entry["message"])
    packed = modes["fed"]["outputs"] if entry["outputs"] == "fed" else entry["outputs"]
    return Answer([_unpack(file, p) for p in packed], entry.get("static"))


def _unpack(file: Any, packed: dict[str, Any]) -> np.ndarray[Any, Any]:
    if "strings" in packed:
        items = np.array([base64.b64decode(s) for s in packed["strings"]] + [None], dtype=object)
        return items[:-1].reshape(packed["shape"])
    a: np.ndarray[Any, Any] = file[packed["array"]]
    dtype = dtype_of(packed["dtype"])
    return a if a.dtype == dtype else a.view(dtype)
