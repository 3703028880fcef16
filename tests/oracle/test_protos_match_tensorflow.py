"""`evergraph.protos` against the messages of real TensorFlow."""

import os
import pickle
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

from evergraph import protos

tf = tensorflow.compat.v1

RECORDER = runpy.run_path(str(Path(__file__).with_name("record_protos.py")))
# Loading the modules puts TensorFlow's messages into the default pool.
RECORDED = RECORDER["record"]()

OURS = [thing for thing in vars(protos).values() if isinstance(thing, type | EnumTypeWrapper)]
MESSAGES = [thing for thing in OURS if isinstance(thing, type) and issubclass(thing, Message)]
ENUMS = [thing for thing in OURS if isinstance(thing, EnumTypeWrapper)]


def test_the_proto_files_are_what_the_recorder_writes():
    written = {path.name: path.read_text() for path in RECORDER["PROTOS"].glob("*.proto")}
    assert written == RECORDED


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.__name__)
def test_a_message_is_declared_as_tensorflows(message):
    theirs = descriptor_pool.Default().FindMessageTypeByName(message.DESCRIPTOR.full_name)
    assert described(message.DESCRIPTOR) == described(theirs)
    assert syntax(message.DESCRIPTOR) == syntax(theirs)


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.DESCRIPTOR.name)
def test_an_enum_is_declared_as_tensorflows(enum):
    theirs = descriptor_pool.Default().FindEnumTypeByName(enum.DESCRIPTOR.full_name)
    ours, expected = (descriptor_pb2.EnumDescriptorProto() for _ in range(2))
    enum.DESCRIPTOR.CopyToProto(ours)
    theirs.CopyToProto(expected)
    assert ours == expected


def test_the_only_fields_of_our_own_are_those_of_the_config():
    def fields(cls):
        return {(field.name, field.number) for field in cls.DESCRIPTOR.fields}

    own = fields(protos.ConfigProto) - fields(tf.ConfigProto)
    assert own == {("backend", 10001), ("backend_options", 10002)}


def test_a_graph_of_tensorflow_reads_the_same_here():
    theirs = tensorflow_graph()
    ours = protos.adopt(theirs, protos.GraphDef)
    assert str(ours) == str(theirs)
    assert ours.SerializeToString(deterministic=True) == theirs.SerializeToString(
        deterministic=True
    )


def test_tensorflow_imports_our_graph():
    ours = protos.adopt(tensorflow_graph())
    with tf.Graph().as_default(), tf.Session() as session:
        (y,) = tf.import_graph_def(
            tf.GraphDef.FromString(ours.SerializeToString()), return_elements=["y:0"]
        )
        assert session.run(y) == 42.0


def test_a_config_keeps_our_fields_on_the_way_through_tensorflow():
    ours = protos.ConfigProto(backend="jax", backend_options={"host": "any"})
    theirs = tf.ConfigProto.FromString(ours.SerializeToString())
    assert protos.adopt(theirs) == ours


def test_a_nested_message_of_tensorflow_is_adopted():
    theirs = tf.ConfigProto.Experimental(executor_type="x")
    assert protos.adopt(theirs) == protos.ConfigProto.Experimental(executor_type="x")


def test_a_nested_message_pickles_as_ours():
    ours = protos.ConfigProto.Experimental(executor_type="x")
    restored = pickle.loads(pickle.dumps(ours))
    assert type(restored) is protos.ConfigProto.Experimental


@pytest.mark.parametrize(
    "imports",
    [
        "from evergraph import protos; import tensorflow",
        "import tensorflow; from evergraph import protos",
    ],
)
def test_tensorflow_and_evergraph_share_a_process(imports):
    program = f"""
{imports}
tf = tensorflow.compat.v1
with tf.Graph().as_default() as graph, tf.Session(config=tf.ConfigProto()) as session:
    assert session.run(tf.constant(20.0) + 1.0) == 21.0
    theirs = graph.as_graph_def()
ours = protos.adopt(theirs)
assert type(ours) is protos.GraphDef is not tf.GraphDef
assert str(ours) == str(theirs)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
    )
    assert done.returncode == 0, done.stderr


def described(descriptor):
    """Return what a message declares, nested types included, less the fields of our own."""
    described = descriptor_pb2.DescriptorProto()
    descriptor.CopyToProto(described)
    normalise(described)
    return described


def normalise(message):
    own = set()
    if message.name == "ConfigProto":
        own = {"backend", "backend_options", "BackendOptionsEntry"}
    fields = [field for field in message.field if field.name not in own]
    nested = [nested for nested in message.nested_type if nested.name not in own]
    for field in fields:
        # Stored by some compilers; the same for all fields of one name.
        field.ClearField("json_name")
    # Ours are declared in the order of their numbers.
    fields.sort(key=lambda field: field.number)
    # The order of types depends on where entries of maps are counted.
    nested.sort(key=lambda nested: nested.name)
    for inner in nested:
        normalise(inner)
    del message.field[:], message.nested_type[:]
    message.field.extend(fields)
    message.nested_type.extend(nested)


def syntax(descriptor):
    file = descriptor_pb2.FileDescriptorProto()
    descriptor.file.CopyToProto(file)
    return file.syntax or "proto2"


def tensorflow_graph():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder_with_default(tf.constant(40.0), [], name="x")
        step = tf.cond(x > 0, lambda: tf.constant(2.0), lambda: tf.constant(3.0))
        tf.add(x, step, name="y")
    return graph.as_graph_def()
