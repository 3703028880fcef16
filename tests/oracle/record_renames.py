"""Record how `tf.raw_ops` names arguments otherwise than the OpDefs; runs where TensorFlow is.

    python tests/oracle/record_renames.py core/evergraph/renames.json

The table maps an op type to {name in raw_ops: name in the OpDef}.
"""

import json
import sys
from pathlib import Path

import tensorflow.compat.v1 as tf
from tensorflow.python.framework import op_def_registry


def main(path: str) -> None:
    """Write the table."""
    renames = {}
    for name in sorted(dir(tf.raw_ops)):
        op_def = op_def_registry.get(name)
        signature = getattr(getattr(tf.raw_ops, name), "__signature__", None)
        if op_def is None or signature is None:
            continue
        given = [p for p in signature.parameters if p != "name"]
        declared = [a.name for a in (*op_def.input_arg, *op_def.attr)]
        new = [p for p in given if p not in declared]
        inferred = {a.type_attr for a in op_def.input_arg}
        inferred |= {a.number_attr for a in op_def.input_arg}
        inferred |= {a.type_list_attr for a in op_def.input_arg}
        old = [d for d in declared if d not in given and d not in inferred]
        if len(new) == len(old) and new:
            renames[name] = dict(zip(new, old, strict=False))
    Path(path).write_text(json.dumps(renames, indent=0, sort_keys=True) + "\n")
    print(f"{len(renames)} op types")


if __name__ == "__main__":
    main(sys.argv[1])
