"""Whole graphs as TensorFlow made them, with steps and their results: an .npz each.

`graph` is the GraphDef; arrays lie under `RUN/feed/TENSOR` and `RUN/fetch/TENSOR`; `RUN/targets`
names operations. Strings are stored as fixed-width bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent / "golden" / "graphs"


@dataclass(frozen=True)
class Run:
    """A step.

    Attributes:
      feeds: values by the names of tensors.
      fetches: what TensorFlow gave, by the names of tensors.
      targets: the names of the operations that run besides.
    """

    feeds: dict[str, Any]
    fetches: dict[str, Any]
    targets: list[str]


def names() -> list[str]:
    """Return the names of all graphs, sorted."""
    return sorted(p.stem for p in FOLDER.glob("*.npz"))


def write(name: str, graph_def: Any, runs: list[Run]) -> int:
    """Write a graph and its steps; return the size of the file."""
    arrays: dict[str, Any] = {"graph": np.frombuffer(graph_def.SerializeToString(), np.uint8)}
    for i, run in enumerate(runs):
        arrays[f"{i}/targets"] = np.array(run.targets, np.str_)
        for kind, values in (("feed", run.feeds), ("fetch", run.fetches)):
            for tensor, value in values.items():
                array = np.asarray(value)
                arrays[f"{i}/{kind}/{tensor}"] = (
                    array.astype(np.bytes_) if array.dtype == object else array
                )
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.npz"
    np.savez_compressed(path, **arrays)
    return path.stat().st_size


def read(tf: Any, name: str) -> tuple[Any, list[Run]]:
    """Return a graph as a GraphDef of this API, and its steps."""
    with np.load(FOLDER / f"{name}.npz") as arrays:
        graph_def = tf.GraphDef.FromString(arrays["graph"].tobytes())
        targets = [arrays[key].tolist() for key in arrays.files if key.endswith("/targets")]
        runs = [Run({}, {}, names) for names in targets]
        for key in arrays.files:
            number, _, rest = key.partition("/")
            kind, _, tensor = rest.partition("/")
            if kind in ("feed", "fetch"):
                array = arrays[key]
                value = array.astype(object) if array.dtype.kind == "S" else array
                run = runs[int(number)]
                (run.feeds if kind == "feed" else run.fetches)[tensor] = value
    return graph_def, runs
