"""Scripts for TensorFlow 1, from the first variable to the last `run`, and what they tell.

Like the programs, they import nothing but NumPy. `python scripts.py NAME …` runs them on what
`import tensorflow` finds, and `python -m evergraph run scripts.py NAME …` on evergraph.
"""

from __future__ import annotations

import sys
from typing import Any, Final

import numpy as np
from agents import AGENTS
from attentive import ATTENTIVE
from classics import CLASSICS
from filters import FILTERS
from generative import GENERATIVE
from images import IMAGES
from parts import Log, Script
from recurrent import RECURRENT
from structure import STRUCTURE
from tools import TOOLS

SCRIPTS: Final[dict[str, Script]] = {
    **CLASSICS,
    **IMAGES,
    **GENERATIVE,
    **RECURRENT,
    **ATTENTIVE,
    **FILTERS,
    **AGENTS,
    **STRUCTURE,
    **TOOLS,
}
SEED: Final = 4321
#: Which variables a script is recorded with. One feeds a variable, one fetches it beside its
#: update: both mean something for references alone.
KINDS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(SCRIPTS, ("ref", "resource")),
    **dict.fromkeys(("gumbel_softmax", "bandits"), ("ref",)),
}


def told(tf: Any, name: str, use_resource: bool = False) -> dict[str, np.ndarray[Any, Any]]:
    """Run a script in a graph of its own, and return what it has logged."""
    log = Log()
    with tf.Graph().as_default():
        tf.set_random_seed(SEED)
        with tf.variable_scope("", use_resource=use_resource):
            SCRIPTS[name](tf, log)
    return {k: np.array(v[0] if len(v) == 1 else v) for k, v in log.values.items()}


def main() -> None:
    """Run the scripts that are named, and print what they tell but their weights."""
    import tensorflow as tf

    for name in sys.argv[1:]:
        for key, values in told(tf, name).items():
            if not key.startswith("weights/"):
                print(name, key, values.ravel()[:1].tolist(), values.ravel()[-1:].tolist())


if __name__ == "__main__":
    main()
