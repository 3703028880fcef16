"""Record TensorFlow's op signatures as evergraph's vocabulary; runs where TensorFlow is installed.

python tests/oracle/record_vocabulary.py core/evergraph/vocabulary.binpb
"""

import sys
from pathlib import Path

from tensorflow.core.framework import op_def_pb2
from tensorflow.python.client import pywrap_tf_session


def main(path: str) -> None:
    """Write every registered OpDef, without descriptions, sorted by name."""
    buffer = pywrap_tf_session.TF_GetAllOpList()
    ops = op_def_pb2.OpList.FromString(pywrap_tf_session.TF_GetBuffer(buffer))
    recorded = op_def_pb2.OpList()
    for op in sorted(ops.op, key=lambda op: op.name):
        op.ClearField("summary")
        op.ClearField("description")
        for part in (*op.input_arg, *op.output_arg, *op.attr):
            part.ClearField("description")
        for argument in (*op.input_arg, *op.output_arg):
            argument.ClearField("experimental_full_type")
        recorded.op.append(op)
    data = recorded.SerializeToString(deterministic=True)
    Path(path).write_bytes(data)
    print(f"{len(recorded.op)} ops, {len(data)} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
