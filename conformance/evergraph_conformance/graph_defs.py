"""GraphDefs as text, for the cases of importing."""

from __future__ import annotations

from typing import Any, Final

from google.protobuf import text_format

FLOAT: Final = 'attr { key: "T" value { type: DT_FLOAT } }'

#: A placeholder for two floats, named `p`.
P: Final = """
node { name: "p" op: "Placeholder"
       attr { key: "dtype" value { type: DT_FLOAT } }
       attr { key: "shape" value { shape { dim { size: 2 } } } } }
"""

#: Its negative, named `n`.
N: Final = 'node { name: "n" op: "Neg" input: "p" ' + FLOAT + " }\n"


def no_op(name: str, rest: str = "") -> str:
    """Return a NoOp node; `rest` are its other fields."""
    return f'node {{ name: "{name}" op: "NoOp" {rest} }}\n'


def graph_def(tf: Any, text: str, **versions: Any) -> Any:
    """Return a GraphDef of that text; of this version of TensorFlow unless another is given."""
    message = tf.GraphDef()
    text_format.Parse(text, message)
    current = tf.get_default_graph().graph_def_versions
    message.versions.producer = versions.pop("producer", current.producer)
    for key, value in versions.items():
        if isinstance(value, list):
            getattr(message.versions, key).extend(value)
        else:
            setattr(message.versions, key, value)
    return message


def imported(tf: Any, text: str, *arguments: Any, **options: Any) -> Any:
    """Import a GraphDef of that text, with the arguments of `import_graph_def`."""
    return tf.import_graph_def(graph_def(tf, text), *arguments, **options)


def names(tf: Any) -> list[str]:
    """Return the names of the operations of the default graph."""
    return [op.name for op in tf.get_default_graph().get_operations()]
