"""Plant every fault, each in a fork, and name those whose place is gone."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from evergraph_broken.faults import FAULTS
from evergraph_broken.forks import forked
from evergraph_broken.planting import Fault, plant

#: Seconds for a fault, with what it has to import.
LIMIT = 30


def problem(fault: Fault) -> str:
    """Return why a fault cannot be planted, or ""."""

    def run() -> str:
        plant(fault)
        return "planted"

    answer = forked(run, LIMIT)
    return "" if answer == "planted" else answer or "planting it takes too long, or ends Python"


def main() -> int:
    """Print what is wrong; return whether anything is."""
    # ONNX Runtime is large, and not everywhere: without it, its faults are not looked at.
    absent = set() if find_spec("onnxruntime") else {"onnx"}
    found = {f.about: problem(f) for f in FAULTS.values() if f.backend not in absent}
    wrong = [f"{about}: {text}" for about, text in found.items() if text]
    print(*wrong, f"{len(found) - len(wrong)} of {len(FAULTS)} faults can be planted", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
