"""The backends of the tests, installed for one process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from evergraph import discovery

TESTS: Final = Path(__file__).parents[2]
#: Where the package of each is.
FOLDERS: Final = {
    "broken": TESTS / "broken",
    "onnx": TESTS / "kit",
    "strict": TESTS / "distributions" / "evergraph_strict",
}


@contextmanager
def installed(*names: str) -> Iterator[None]:
    """Let those of the backends be found that are of `FOLDERS`; others must be installed."""
    path = list(sys.path)
    with TemporaryDirectory() as folder:
        for name in FOLDERS.keys() & set(names):
            info = Path(folder, f"evergraph_{name}-1.0.dist-info")
            info.mkdir()
            info.joinpath("METADATA").write_text(
                f"Metadata-Version: 2.1\nName: evergraph-{name}\nVersion: 1.0\n", encoding="utf-8"
            )
            info.joinpath("entry_points.txt").write_text(
                f"[evergraph.backends]\n{name} = evergraph_{name}.plugin\n", encoding="utf-8"
            )
        sys.path[:0] = [folder, *map(str, FOLDERS.values())]
        discovery.forget()
        try:
            yield
        finally:
            sys.path[:] = path
            discovery.forget()
