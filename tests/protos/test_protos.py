"""Tests of `evergraph.protos`."""

import ast
import copy
import pickle
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2, text_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

import evergraph.v1 as tf
from evergraph import protos

FOLDER = Path(protos.__file__).parent
SCRIPTS = Path(__file__).parents[1] / "oracle"

NAMES = """
AllocationDescription AllocationRecord AllocatorMemoryUsed Any AssetFileDef AttrValue
AutoParallelOptions BatchingOptions BundleEntryProto BundleHeaderProto BytesList CallableOptions
CheckpointState ClusterDef ClusterDeviceFilters Code CollectionDef CondContextDef ConfigProto
ControlFlowContextDef CostGraphDef DataClass DataType DebugOptions DebugTensorWatch
DebuggedSourceFile DebuggedSourceFiles DeviceAttributes DeviceLocality DeviceStepStats Event
Example Feature FeatureList FeatureLists Features FingerprintDef FloatList FullTypeDef FullTypeId
FunctionDef FunctionDefLibrary FunctionSpec GPUOptions GradientDef GraphDebugInfo GraphDef
GraphOptions HistogramProto Int64List InterconnectLink JobDef JobDeviceFilters KernelDef KernelList
LocalLinks LogMessage MemoryStats MetaGraphDef NameAttrList NamedTensorProto NodeDef NodeExecStats
NodeOutput OpDef OpDeprecation OpList OptimizerOptions QueueRunnerDef RPCOptions RegisteredGradient
ResourceHandleProto RewriterConfig RunMetadata RunOptions SaveSliceInfoDef SavedModel
SavedObjectGraph SavedSlice SavedTensorSliceMeta SavedTensorSlices SaverDef ScopedAllocatorOptions
SequenceExample ServerDef SessionLog SessionMetadata SignatureDef StepStats StructuredValue Summary
SummaryDescription SummaryMetadata TaggedRunMetadata TaskDeviceFilters TensorConnection
TensorDescription TensorInfo TensorProto TensorShapeProto TensorSliceProto ThreadPoolOptionProto
TrackableObjectGraph ValuesDef VariableAggregation VariableDef VariableSynchronization
VariantTensorDataProto VerifierConfig VersionDef WhileContextDef
"""


@pytest.mark.parametrize("name", NAMES.split())
def test_a_name_is_offered(name):
    assert isinstance(getattr(protos, name), type | EnumTypeWrapper)


def test_no_two_types_or_loose_values_share_a_name():
    seen = [name for name in dir(protos) if not name.startswith("_")]
    declared = ["POOL", "adopt"]
    for file in descriptors().file:
        declared += [message.name for message in file.message_type]
        declared += [enum.name for enum in file.enum_type]
        if file.package == "tensorflow":
            declared += [value.name for enum in file.enum_type for value in enum.value]
    assert sorted(declared) == sorted(seen)


def test_the_wire_format_is_tensorflows():
    graph = protos.GraphDef(node=[protos.NodeDef(name="x", op="NoOp")])
    assert graph.SerializeToString() == b"\n\x09\n\x01x\x12\x04NoOp"
    assert protos.GraphDef.FromString(b"\n\x09\n\x01x\x12\x04NoOp") == graph


def test_a_graph_survives_as_bytes():
    assert protos.GraphDef.FromString(small_graph().SerializeToString()) == small_graph()


def test_a_graph_survives_as_text():
    text = text_format.MessageToString(small_graph())
    assert text_format.Parse(text, protos.GraphDef()) == small_graph()


def test_the_text_format_is_tensorflows():
    text = (
        'node { name: "x" attr { key: "dtype" value { type: DT_INT32 } } } versions { producer: 9 }'
    )
    graph = text_format.Parse(text, protos.GraphDef())
    assert graph.node[0].attr["dtype"].type == protos.DT_INT32
    assert text_format.MessageToString(graph, as_one_line=True) == text


def test_a_default_of_proto2_has_presence():
    line = protos.GraphDebugInfo.FileLineCol(line=0)
    assert line.HasField("line")
    assert not line.HasField("col")


def test_the_value_of_an_attribute_is_a_oneof():
    value = protos.AttrValue(i=3)
    value.b = True
    assert value.WhichOneof("value") == "b"
    assert value.i == 0


def test_a_map_of_messages_makes_its_values():
    node = protos.NodeDef()
    node.attr["T"].type = protos.DT_HALF
    node.attr["axes"].list.i.extend([0, 1])
    assert set(node.attr) == {"T", "axes"}
    assert protos.NodeDef.FromString(node.SerializeToString()).attr["axes"].list.i == [0, 1]


def test_the_config_has_the_two_fields_of_evergraph():
    config = protos.ConfigProto(backend="jax")
    assert config.SerializeToString() == b"\x8a\xf1\x04\x03jax"
    config = protos.ConfigProto(backend_options={"host": "any"})
    assert config.SerializeToString() == b"\x92\xf1\x04\x0b\n\x04host\x12\x03any"


def test_the_fields_of_evergraph_can_be_written_as_text():
    config = text_format.Parse(
        'allow_soft_placement: true backend: "jax" backend_options { key: "a" value: "b" }',
        protos.ConfigProto(),
    )
    assert config.allow_soft_placement
    assert config.backend == "jax"
    assert dict(config.backend_options) == {"a": "b"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (protos.DT_FLOAT, 1),
        (protos.DT_STRING_REF, 107),
        (protos.DataType.DT_BFLOAT16, 14),
        (protos.DataType.Value("DT_RESOURCE"), 20),
        (protos.Code.NOT_FOUND, 5),
        (protos.VARIABLE_AGGREGATION_MEAN, 2),
        (protos.RunOptions.FULL_TRACE, 3),
        (protos.RunOptions.TraceLevel.Value("FULL_TRACE"), 3),
        (protos.OptimizerOptions.L0, -1),
    ],
    ids=[f"enum {i}" for i in range(9)],
)
def test_a_value_of_an_enum_has_tensorflows_number(value, expected):
    assert value == expected


def test_a_value_of_an_enum_has_a_name():
    assert protos.DataType.Name(9) == "DT_INT64"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("message", ["small_graph", "experimental", "any", "reached_by_a_field"])
def test_a_message_pickles(message, protocol):
    message = EXAMPLES[message]()
    restored = pickle.loads(pickle.dumps(message, protocol))
    assert type(restored) is type(message)
    assert restored == message


@pytest.mark.parametrize("message", ["small_graph", "experimental"])
def test_a_message_unpickles_in_a_new_process(message):
    message = EXAMPLES[message]()
    program = f"import pickle; print(pickle.loads({pickle.dumps(message)!r}))"
    assert in_a_new_process(program).strip() == str(message).strip()


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
@pytest.mark.parametrize("message", ["small_graph", "experimental", "any"])
def test_a_copy_is_independent(message, duplicate):
    message = EXAMPLES[message]()
    duplicated = duplicate(message)
    assert type(duplicated) is type(message)
    assert duplicated == message
    duplicated.Clear()
    assert duplicated != message


def test_every_class_is_found_under_its_name():
    def check(cls, path):
        assert (cls.__module__, cls.__qualname__) == ("evergraph.protos", path)
        for nested in cls.DESCRIPTOR.nested_types:
            check(getattr(cls, nested.name), f"{path}.{nested.name}")

    for name, cls in vars(protos).items():
        if isinstance(cls, type) and issubclass(cls, Message):
            check(cls, name)


def test_a_message_reached_by_a_field_has_the_class_that_is_offered():
    assert type(protos.ConfigProto().gpu_options) is protos.GPUOptions
    assert type(protos.NodeDef().attr["x"].list) is protos.AttrValue.ListValue


def test_examples_are_messages_of_tf_train():
    feature = tf.train.Feature(int64_list=tf.train.Int64List(value=[3]))
    example = tf.train.Example(features=tf.train.Features(feature={"a": feature}))
    content = example.SerializeToString()
    assert content == b"\n\x0c\n\n\n\x01a\x12\x05\x1a\x03\n\x01\x03"
    assert tf.train.Example.FromString(content) == example


def test_any_holds_our_messages():
    packed = EXAMPLES["any"]()
    assert packed.Is(protos.VersionDef.DESCRIPTOR)
    unpacked = protos.VersionDef()
    assert packed.Unpack(unpacked)
    assert unpacked == protos.VersionDef(producer=7)


def test_any_is_written_as_text_with_the_pool():
    text = text_format.MessageToString(EXAMPLES["any"](), descriptor_pool=protos.POOL)
    assert "[type.googleapis.com/tensorflow.VersionDef]" in text
    assert text_format.Parse(text, protos.Any(), descriptor_pool=protos.POOL) == EXAMPLES["any"]()


def test_the_default_pool_stays_empty():
    program = """
from evergraph import protos
from google.protobuf import descriptor_pool
for name in ("tensorflow.GraphDef", "tensorflow.DataType"):
    try:
        descriptor_pool.Default().FindFileContainingSymbol(name)
    except KeyError:
        print("absent")
"""
    assert in_a_new_process(program).split() == ["absent", "absent"]


def test_adopting_a_message_of_ours_gives_that_message():
    config = protos.ConfigProto(backend="numpy")
    assert protos.adopt(config) is config
    assert protos.adopt(config, protos.ConfigProto) is config


def test_adopting_a_message_of_another_pool_gives_ours():
    theirs = foreign_class("tensorflow.GraphDef").FromString(small_graph().SerializeToString())
    assert not isinstance(theirs, protos.GraphDef)
    assert protos.adopt(theirs, protos.GraphDef) == small_graph()


def test_adopting_a_nested_message_gives_ours():
    theirs = foreign_class("tensorflow.ConfigProto.Experimental")(executor_type="x")
    assert protos.adopt(theirs) == protos.ConfigProto.Experimental(executor_type="x")


def test_adopting_a_config_keeps_the_fields_that_it_does_not_know():
    ours = protos.ConfigProto(backend="jax", backend_options={"a": "b"}, log_device_placement=True)
    theirs = foreign_class("tensorflow.ConfigProto").FromString(ours.SerializeToString())
    assert not hasattr(theirs, "backend")
    assert protos.adopt(theirs) == ours


@pytest.mark.parametrize("other", [None, {"backend": "jax"}, descriptor_pb2.FileOptions()])
def test_adopting_anything_else_is_an_error(other):
    with pytest.raises(TypeError, match="expected a message of TensorFlow's, got "):
        protos.adopt(other)


def test_adopting_a_message_of_another_kind_is_an_error():
    with pytest.raises(TypeError, match="expected a message ConfigProto, got GraphDef"):
        protos.adopt(protos.GraphDef(), protos.ConfigProto)


def test_the_descriptors_are_those_of_the_proto_files():
    pytest.importorskip("grpc_tools", reason="compiling needs grpcio-tools")
    compiled = runpy.run_path(str(SCRIPTS / "compile_protos.py"))["compile_protos"]()
    assert [file.name for file in compiled.file] == [file.name for file in descriptors().file]
    assert ours_among(compiled) == ours_among(descriptors())


def test_the_stubs_are_those_of_the_descriptors():
    written = ast.parse((FOLDER / "__init__.pyi").read_text())
    expected = ast.parse(runpy.run_path(str(SCRIPTS / "stub_protos.py"))["stub"]())
    assert ast.dump(written) == ast.dump(expected)


def small_graph():
    graph = protos.GraphDef(versions={"producer": 1882})
    node = graph.node.add(name="c", op="Const", device="/cpu:0")
    node.attr["dtype"].type = protos.DT_FLOAT
    node.attr["value"].tensor.dtype = protos.DT_FLOAT
    node.attr["value"].tensor.tensor_shape.dim.add(size=2)
    node.attr["value"].tensor.float_val.extend([1.5, -2.0])
    graph.node.add(name="y", op="Neg", input=["c"])
    return graph


def packed_version():
    message = protos.Any()
    message.Pack(protos.VersionDef(producer=7))
    return message


EXAMPLES = {
    "small_graph": small_graph,
    "experimental": lambda: protos.ConfigProto.Experimental(executor_type="x"),
    "any": packed_version,
    "reached_by_a_field": lambda: small_graph().node[0].attr["value"].tensor.tensor_shape.dim[0],
}


def descriptors():
    return descriptor_pb2.FileDescriptorSet.FromString((FOLDER / "descriptors.binpb").read_bytes())


def ours_among(files):
    # Google's own files may change with the compiler.
    return [file for file in files.file if not file.name.startswith("google/")]


def foreign_class(name):
    """Return the class of a message as another program would have it, without our fields."""
    pool = DescriptorPool()
    for file in descriptors().file:
        for message in file.message_type:
            known = [field for field in message.field if field.number < 10001]
            del message.field[:]
            message.field.extend(known)
        pool.AddSerializedFile(file.SerializeToString())
    return GetMessageClass(pool.FindMessageTypeByName(name))


def in_a_new_process(program):
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
