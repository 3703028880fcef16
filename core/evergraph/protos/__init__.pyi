"""Types of TensorFlow's messages, written by tests/oracle/stub_protos.py: not to be edited."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeVar, overload

from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.internal import well_known_types
from google.protobuf.internal.containers import (
    MessageMap,
    RepeatedCompositeFieldContainer,
    RepeatedScalarFieldContainer,
    ScalarMap,
)
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

_M = TypeVar("_M", bound=Message)

POOL: Final[DescriptorPool]

@overload
def adopt(message: object, kind: None = None) -> Message: ...
@overload
def adopt(message: object, kind: type[_M]) -> _M: ...

class AllocationDescription(Message):
    requested_bytes: int
    allocated_bytes: int
    allocator_name: str
    allocation_id: int
    has_single_reference: bool
    ptr: int
    def __init__(
        self,
        *,
        requested_bytes: int | None = ...,
        allocated_bytes: int | None = ...,
        allocator_name: str | None = ...,
        allocation_id: int | None = ...,
        has_single_reference: bool | None = ...,
        ptr: int | None = ...,
    ) -> None: ...

class TensorShapeProto(Message):
    class Dim(Message):
        size: int
        name: str
        def __init__(self, *, size: int | None = ..., name: str | None = ...) -> None: ...

    @property
    def dim(self) -> RepeatedCompositeFieldContainer[TensorShapeProto.Dim]: ...
    unknown_rank: bool
    def __init__(
        self,
        *,
        dim: Iterable[TensorShapeProto.Dim | Mapping[str, object]] | None = ...,
        unknown_rank: bool | None = ...,
    ) -> None: ...

class _DataType(EnumTypeWrapper):
    DT_INVALID: Final = 0
    DT_FLOAT: Final = 1
    DT_DOUBLE: Final = 2
    DT_INT32: Final = 3
    DT_UINT8: Final = 4
    DT_INT16: Final = 5
    DT_INT8: Final = 6
    DT_STRING: Final = 7
    DT_COMPLEX64: Final = 8
    DT_INT64: Final = 9
    DT_BOOL: Final = 10
    DT_QINT8: Final = 11
    DT_QUINT8: Final = 12
    DT_QINT32: Final = 13
    DT_BFLOAT16: Final = 14
    DT_QINT16: Final = 15
    DT_QUINT16: Final = 16
    DT_UINT16: Final = 17
    DT_COMPLEX128: Final = 18
    DT_HALF: Final = 19
    DT_RESOURCE: Final = 20
    DT_VARIANT: Final = 21
    DT_UINT32: Final = 22
    DT_UINT64: Final = 23
    DT_FLOAT8_E5M2: Final = 24
    DT_FLOAT8_E4M3FN: Final = 25
    DT_FLOAT8_E4M3FNUZ: Final = 26
    DT_FLOAT8_E4M3B11FNUZ: Final = 27
    DT_FLOAT8_E5M2FNUZ: Final = 28
    DT_INT4: Final = 29
    DT_UINT4: Final = 30
    DT_INT2: Final = 31
    DT_UINT2: Final = 32
    DT_FLOAT4_E2M1FN: Final = 33
    DT_FLOAT_REF: Final = 101
    DT_DOUBLE_REF: Final = 102
    DT_INT32_REF: Final = 103
    DT_UINT8_REF: Final = 104
    DT_INT16_REF: Final = 105
    DT_INT8_REF: Final = 106
    DT_STRING_REF: Final = 107
    DT_COMPLEX64_REF: Final = 108
    DT_INT64_REF: Final = 109
    DT_BOOL_REF: Final = 110
    DT_QINT8_REF: Final = 111
    DT_QUINT8_REF: Final = 112
    DT_QINT32_REF: Final = 113
    DT_BFLOAT16_REF: Final = 114
    DT_QINT16_REF: Final = 115
    DT_QUINT16_REF: Final = 116
    DT_UINT16_REF: Final = 117
    DT_COMPLEX128_REF: Final = 118
    DT_HALF_REF: Final = 119
    DT_RESOURCE_REF: Final = 120
    DT_VARIANT_REF: Final = 121
    DT_UINT32_REF: Final = 122
    DT_UINT64_REF: Final = 123
    DT_FLOAT8_E5M2_REF: Final = 124
    DT_FLOAT8_E4M3FN_REF: Final = 125
    DT_FLOAT8_E4M3FNUZ_REF: Final = 126
    DT_FLOAT8_E4M3B11FNUZ_REF: Final = 127
    DT_FLOAT8_E5M2FNUZ_REF: Final = 128
    DT_INT4_REF: Final = 129
    DT_UINT4_REF: Final = 130
    DT_INT2_REF: Final = 131
    DT_UINT2_REF: Final = 132
    DT_FLOAT4_E2M1FN_REF: Final = 133

DataType: Final[_DataType]
DT_INVALID: Final = 0
DT_FLOAT: Final = 1
DT_DOUBLE: Final = 2
DT_INT32: Final = 3
DT_UINT8: Final = 4
DT_INT16: Final = 5
DT_INT8: Final = 6
DT_STRING: Final = 7
DT_COMPLEX64: Final = 8
DT_INT64: Final = 9
DT_BOOL: Final = 10
DT_QINT8: Final = 11
DT_QUINT8: Final = 12
DT_QINT32: Final = 13
DT_BFLOAT16: Final = 14
DT_QINT16: Final = 15
DT_QUINT16: Final = 16
DT_UINT16: Final = 17
DT_COMPLEX128: Final = 18
DT_HALF: Final = 19
DT_RESOURCE: Final = 20
DT_VARIANT: Final = 21
DT_UINT32: Final = 22
DT_UINT64: Final = 23
DT_FLOAT8_E5M2: Final = 24
DT_FLOAT8_E4M3FN: Final = 25
DT_FLOAT8_E4M3FNUZ: Final = 26
DT_FLOAT8_E4M3B11FNUZ: Final = 27
DT_FLOAT8_E5M2FNUZ: Final = 28
DT_INT4: Final = 29
DT_UINT4: Final = 30
DT_INT2: Final = 31
DT_UINT2: Final = 32
DT_FLOAT4_E2M1FN: Final = 33
DT_FLOAT_REF: Final = 101
DT_DOUBLE_REF: Final = 102
DT_INT32_REF: Final = 103
DT_UINT8_REF: Final = 104
DT_INT16_REF: Final = 105
DT_INT8_REF: Final = 106
DT_STRING_REF: Final = 107
DT_COMPLEX64_REF: Final = 108
DT_INT64_REF: Final = 109
DT_BOOL_REF: Final = 110
DT_QINT8_REF: Final = 111
DT_QUINT8_REF: Final = 112
DT_QINT32_REF: Final = 113
DT_BFLOAT16_REF: Final = 114
DT_QINT16_REF: Final = 115
DT_QUINT16_REF: Final = 116
DT_UINT16_REF: Final = 117
DT_COMPLEX128_REF: Final = 118
DT_HALF_REF: Final = 119
DT_RESOURCE_REF: Final = 120
DT_VARIANT_REF: Final = 121
DT_UINT32_REF: Final = 122
DT_UINT64_REF: Final = 123
DT_FLOAT8_E5M2_REF: Final = 124
DT_FLOAT8_E4M3FN_REF: Final = 125
DT_FLOAT8_E4M3FNUZ_REF: Final = 126
DT_FLOAT8_E4M3B11FNUZ_REF: Final = 127
DT_FLOAT8_E5M2FNUZ_REF: Final = 128
DT_INT4_REF: Final = 129
DT_UINT4_REF: Final = 130
DT_INT2_REF: Final = 131
DT_UINT2_REF: Final = 132
DT_FLOAT4_E2M1FN_REF: Final = 133

class SerializedDType(Message):
    datatype: int
    def __init__(self, *, datatype: int | str | None = ...) -> None: ...

class ResourceHandleProto(Message):
    class DtypeAndShape(Message):
        dtype: int
        @property
        def shape(self) -> TensorShapeProto: ...
        def __init__(
            self,
            *,
            dtype: int | str | None = ...,
            shape: TensorShapeProto | Mapping[str, object] | None = ...,
        ) -> None: ...

    device: str
    container: str
    name: str
    hash_code: int
    maybe_type_name: str
    @property
    def dtypes_and_shapes(
        self,
    ) -> RepeatedCompositeFieldContainer[ResourceHandleProto.DtypeAndShape]: ...
    def __init__(
        self,
        *,
        device: str | None = ...,
        container: str | None = ...,
        name: str | None = ...,
        hash_code: int | None = ...,
        maybe_type_name: str | None = ...,
        dtypes_and_shapes: Iterable[ResourceHandleProto.DtypeAndShape | Mapping[str, object]]
        | None = ...,
    ) -> None: ...

class TensorProto(Message):
    dtype: int
    @property
    def tensor_shape(self) -> TensorShapeProto: ...
    version_number: int
    tensor_content: bytes
    @property
    def float_val(self) -> RepeatedScalarFieldContainer[float]: ...
    @property
    def double_val(self) -> RepeatedScalarFieldContainer[float]: ...
    @property
    def int_val(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def string_val(self) -> RepeatedScalarFieldContainer[bytes]: ...
    @property
    def scomplex_val(self) -> RepeatedScalarFieldContainer[float]: ...
    @property
    def int64_val(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def bool_val(self) -> RepeatedScalarFieldContainer[bool]: ...
    @property
    def dcomplex_val(self) -> RepeatedScalarFieldContainer[float]: ...
    @property
    def half_val(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def resource_handle_val(self) -> RepeatedCompositeFieldContainer[ResourceHandleProto]: ...
    @property
    def variant_val(self) -> RepeatedCompositeFieldContainer[VariantTensorDataProto]: ...
    @property
    def uint32_val(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def uint64_val(self) -> RepeatedScalarFieldContainer[int]: ...
    float8_val: bytes
    def __init__(
        self,
        *,
        dtype: int | str | None = ...,
        tensor_shape: TensorShapeProto | Mapping[str, object] | None = ...,
        version_number: int | None = ...,
        tensor_content: bytes | None = ...,
        float_val: Iterable[float] | None = ...,
        double_val: Iterable[float] | None = ...,
        int_val: Iterable[int] | None = ...,
        string_val: Iterable[bytes] | None = ...,
        scomplex_val: Iterable[float] | None = ...,
        int64_val: Iterable[int] | None = ...,
        bool_val: Iterable[bool] | None = ...,
        dcomplex_val: Iterable[float] | None = ...,
        half_val: Iterable[int] | None = ...,
        resource_handle_val: Iterable[ResourceHandleProto | Mapping[str, object]] | None = ...,
        variant_val: Iterable[VariantTensorDataProto | Mapping[str, object]] | None = ...,
        uint32_val: Iterable[int] | None = ...,
        uint64_val: Iterable[int] | None = ...,
        float8_val: bytes | None = ...,
    ) -> None: ...

class VariantTensorDataProto(Message):
    type_name: str
    metadata: bytes
    @property
    def tensors(self) -> RepeatedCompositeFieldContainer[TensorProto]: ...
    def __init__(
        self,
        *,
        type_name: str | None = ...,
        metadata: bytes | None = ...,
        tensors: Iterable[TensorProto | Mapping[str, object]] | None = ...,
    ) -> None: ...

class AttrValue(Message):
    class ListValue(Message):
        @property
        def s(self) -> RepeatedScalarFieldContainer[bytes]: ...
        @property
        def i(self) -> RepeatedScalarFieldContainer[int]: ...
        @property
        def f(self) -> RepeatedScalarFieldContainer[float]: ...
        @property
        def b(self) -> RepeatedScalarFieldContainer[bool]: ...
        @property
        def type(self) -> RepeatedScalarFieldContainer[int]: ...
        @property
        def shape(self) -> RepeatedCompositeFieldContainer[TensorShapeProto]: ...
        @property
        def tensor(self) -> RepeatedCompositeFieldContainer[TensorProto]: ...
        @property
        def func(self) -> RepeatedCompositeFieldContainer[NameAttrList]: ...
        def __init__(
            self,
            *,
            s: Iterable[bytes] | None = ...,
            i: Iterable[int] | None = ...,
            f: Iterable[float] | None = ...,
            b: Iterable[bool] | None = ...,
            type: Iterable[int | str] | None = ...,
            shape: Iterable[TensorShapeProto | Mapping[str, object]] | None = ...,
            tensor: Iterable[TensorProto | Mapping[str, object]] | None = ...,
            func: Iterable[NameAttrList | Mapping[str, object]] | None = ...,
        ) -> None: ...

    @property
    def list(self) -> AttrValue.ListValue: ...
    s: bytes
    i: int
    f: float
    b: bool
    type: int
    @property
    def shape(self) -> TensorShapeProto: ...
    @property
    def tensor(self) -> TensorProto: ...
    placeholder: str
    @property
    def func(self) -> NameAttrList: ...
    def __init__(
        self,
        *,
        list: AttrValue.ListValue | Mapping[str, object] | None = ...,
        s: bytes | None = ...,
        i: int | None = ...,
        f: float | None = ...,
        b: bool | None = ...,
        type: int | str | None = ...,
        shape: TensorShapeProto | Mapping[str, object] | None = ...,
        tensor: TensorProto | Mapping[str, object] | None = ...,
        placeholder: str | None = ...,
        func: NameAttrList | Mapping[str, object] | None = ...,
    ) -> None: ...
    def WhichOneof(
        self, oneof_group: Literal["value"]
    ) -> (
        Literal["list", "s", "i", "f", "b", "type", "shape", "tensor", "placeholder", "func"] | None
    ): ...

class NameAttrList(Message):
    name: str
    @property
    def attr(self) -> MessageMap[str, AttrValue]: ...
    def __init__(
        self, *, name: str | None = ..., attr: Mapping[str, AttrValue] | None = ...
    ) -> None: ...

class CheckpointState(Message):
    model_checkpoint_path: str
    @property
    def all_model_checkpoint_paths(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def all_model_checkpoint_timestamps(self) -> RepeatedScalarFieldContainer[float]: ...
    last_preserved_timestamp: float
    def __init__(
        self,
        *,
        model_checkpoint_path: str | None = ...,
        all_model_checkpoint_paths: Iterable[str] | None = ...,
        all_model_checkpoint_timestamps: Iterable[float] | None = ...,
        last_preserved_timestamp: float | None = ...,
    ) -> None: ...

class JobDef(Message):
    name: str
    @property
    def tasks(self) -> ScalarMap[int, str]: ...
    def __init__(
        self, *, name: str | None = ..., tasks: Mapping[int, str] | None = ...
    ) -> None: ...

class ClusterDef(Message):
    @property
    def job(self) -> RepeatedCompositeFieldContainer[JobDef]: ...
    def __init__(self, *, job: Iterable[JobDef | Mapping[str, object]] | None = ...) -> None: ...

class CoordinatedJob(Message):
    name: str
    num_tasks: int
    def __init__(self, *, name: str | None = ..., num_tasks: int | None = ...) -> None: ...

class CoordinationServiceConfig(Message):
    service_type: str
    service_leader: str
    enable_health_check: bool
    cluster_register_timeout_in_ms: int
    heartbeat_timeout_in_ms: int
    shutdown_barrier_timeout_in_ms: int
    agent_destruction_without_shutdown: bool
    @property
    def recoverable_jobs(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def coordinated_job_list(self) -> RepeatedCompositeFieldContainer[CoordinatedJob]: ...
    allow_new_incarnation_to_reconnect: bool
    force_disable: bool
    poll_for_error_from_service_at_startup: bool
    cluster_register_with_barrier: bool
    def __init__(
        self,
        *,
        service_type: str | None = ...,
        service_leader: str | None = ...,
        enable_health_check: bool | None = ...,
        cluster_register_timeout_in_ms: int | None = ...,
        heartbeat_timeout_in_ms: int | None = ...,
        shutdown_barrier_timeout_in_ms: int | None = ...,
        agent_destruction_without_shutdown: bool | None = ...,
        recoverable_jobs: Iterable[str] | None = ...,
        coordinated_job_list: Iterable[CoordinatedJob | Mapping[str, object]] | None = ...,
        allow_new_incarnation_to_reconnect: bool | None = ...,
        force_disable: bool | None = ...,
        poll_for_error_from_service_at_startup: bool | None = ...,
        cluster_register_with_barrier: bool | None = ...,
    ) -> None: ...

class CostGraphDef(Message):
    class Node(Message):
        class InputInfo(Message):
            preceding_node: int
            preceding_port: int
            def __init__(
                self, *, preceding_node: int | None = ..., preceding_port: int | None = ...
            ) -> None: ...

        class OutputInfo(Message):
            size: int
            alias_input_port: int
            @property
            def shape(self) -> TensorShapeProto: ...
            dtype: int
            def __init__(
                self,
                *,
                size: int | None = ...,
                alias_input_port: int | None = ...,
                shape: TensorShapeProto | Mapping[str, object] | None = ...,
                dtype: int | str | None = ...,
            ) -> None: ...

        name: str
        device: str
        id: int
        @property
        def input_info(self) -> RepeatedCompositeFieldContainer[CostGraphDef.Node.InputInfo]: ...
        @property
        def output_info(self) -> RepeatedCompositeFieldContainer[CostGraphDef.Node.OutputInfo]: ...
        temporary_memory_size: int
        is_final: bool
        @property
        def control_input(self) -> RepeatedScalarFieldContainer[int]: ...
        compute_cost: int
        host_temp_memory_size: int
        device_temp_memory_size: int
        persistent_memory_size: int
        compute_time: int
        memory_time: int
        device_persistent_memory_size: int
        inaccurate: bool
        def __init__(
            self,
            *,
            name: str | None = ...,
            device: str | None = ...,
            id: int | None = ...,
            input_info: Iterable[CostGraphDef.Node.InputInfo | Mapping[str, object]] | None = ...,
            output_info: Iterable[CostGraphDef.Node.OutputInfo | Mapping[str, object]] | None = ...,
            temporary_memory_size: int | None = ...,
            is_final: bool | None = ...,
            control_input: Iterable[int] | None = ...,
            compute_cost: int | None = ...,
            host_temp_memory_size: int | None = ...,
            device_temp_memory_size: int | None = ...,
            persistent_memory_size: int | None = ...,
            compute_time: int | None = ...,
            memory_time: int | None = ...,
            device_persistent_memory_size: int | None = ...,
            inaccurate: bool | None = ...,
        ) -> None: ...

    class AggregatedCost(Message):
        cost: float
        dimension: str
        def __init__(self, *, cost: float | None = ..., dimension: str | None = ...) -> None: ...

    @property
    def node(self) -> RepeatedCompositeFieldContainer[CostGraphDef.Node]: ...
    @property
    def cost(self) -> RepeatedCompositeFieldContainer[CostGraphDef.AggregatedCost]: ...
    def __init__(
        self,
        *,
        node: Iterable[CostGraphDef.Node | Mapping[str, object]] | None = ...,
        cost: Iterable[CostGraphDef.AggregatedCost | Mapping[str, object]] | None = ...,
    ) -> None: ...

class DebugTensorWatch(Message):
    node_name: str
    output_slot: int
    @property
    def debug_ops(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def debug_urls(self) -> RepeatedScalarFieldContainer[str]: ...
    tolerate_debug_op_creation_failures: bool
    def __init__(
        self,
        *,
        node_name: str | None = ...,
        output_slot: int | None = ...,
        debug_ops: Iterable[str] | None = ...,
        debug_urls: Iterable[str] | None = ...,
        tolerate_debug_op_creation_failures: bool | None = ...,
    ) -> None: ...

class DebugOptions(Message):
    @property
    def debug_tensor_watch_opts(self) -> RepeatedCompositeFieldContainer[DebugTensorWatch]: ...
    global_step: int
    reset_disk_byte_usage: bool
    def __init__(
        self,
        *,
        debug_tensor_watch_opts: Iterable[DebugTensorWatch | Mapping[str, object]] | None = ...,
        global_step: int | None = ...,
        reset_disk_byte_usage: bool | None = ...,
    ) -> None: ...

class DebuggedSourceFile(Message):
    host: str
    file_path: str
    last_modified: int
    bytes: int
    @property
    def lines(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self,
        *,
        host: str | None = ...,
        file_path: str | None = ...,
        last_modified: int | None = ...,
        bytes: int | None = ...,
        lines: Iterable[str] | None = ...,
    ) -> None: ...

class DebuggedSourceFiles(Message):
    @property
    def source_files(self) -> RepeatedCompositeFieldContainer[DebuggedSourceFile]: ...
    def __init__(
        self, *, source_files: Iterable[DebuggedSourceFile | Mapping[str, object]] | None = ...
    ) -> None: ...

class _FullTypeId(EnumTypeWrapper):
    TFT_UNSET: Final = 0
    TFT_VAR: Final = 1
    TFT_ANY: Final = 2
    TFT_PRODUCT: Final = 3
    TFT_NAMED: Final = 4
    TFT_FOR_EACH: Final = 20
    TFT_CALLABLE: Final = 100
    TFT_TENSOR: Final = 1000
    TFT_ARRAY: Final = 1001
    TFT_OPTIONAL: Final = 1002
    TFT_LITERAL: Final = 1003
    TFT_ENCODED: Final = 1004
    TFT_SHAPE_TENSOR: Final = 1005
    TFT_BOOL: Final = 200
    TFT_UINT8: Final = 201
    TFT_UINT16: Final = 202
    TFT_UINT32: Final = 203
    TFT_UINT64: Final = 204
    TFT_INT8: Final = 205
    TFT_INT16: Final = 206
    TFT_INT32: Final = 207
    TFT_INT64: Final = 208
    TFT_HALF: Final = 209
    TFT_FLOAT: Final = 210
    TFT_DOUBLE: Final = 211
    TFT_BFLOAT16: Final = 215
    TFT_COMPLEX64: Final = 212
    TFT_COMPLEX128: Final = 213
    TFT_STRING: Final = 214
    TFT_DATASET: Final = 10102
    TFT_RAGGED: Final = 10103
    TFT_ITERATOR: Final = 10104
    TFT_MUTEX_LOCK: Final = 10202
    TFT_LEGACY_VARIANT: Final = 10203

FullTypeId: Final[_FullTypeId]
TFT_UNSET: Final = 0
TFT_VAR: Final = 1
TFT_ANY: Final = 2
TFT_PRODUCT: Final = 3
TFT_NAMED: Final = 4
TFT_FOR_EACH: Final = 20
TFT_CALLABLE: Final = 100
TFT_TENSOR: Final = 1000
TFT_ARRAY: Final = 1001
TFT_OPTIONAL: Final = 1002
TFT_LITERAL: Final = 1003
TFT_ENCODED: Final = 1004
TFT_SHAPE_TENSOR: Final = 1005
TFT_BOOL: Final = 200
TFT_UINT8: Final = 201
TFT_UINT16: Final = 202
TFT_UINT32: Final = 203
TFT_UINT64: Final = 204
TFT_INT8: Final = 205
TFT_INT16: Final = 206
TFT_INT32: Final = 207
TFT_INT64: Final = 208
TFT_HALF: Final = 209
TFT_FLOAT: Final = 210
TFT_DOUBLE: Final = 211
TFT_BFLOAT16: Final = 215
TFT_COMPLEX64: Final = 212
TFT_COMPLEX128: Final = 213
TFT_STRING: Final = 214
TFT_DATASET: Final = 10102
TFT_RAGGED: Final = 10103
TFT_ITERATOR: Final = 10104
TFT_MUTEX_LOCK: Final = 10202
TFT_LEGACY_VARIANT: Final = 10203

class FullTypeDef(Message):
    type_id: int
    @property
    def args(self) -> RepeatedCompositeFieldContainer[FullTypeDef]: ...
    s: str
    i: int
    def __init__(
        self,
        *,
        type_id: int | str | None = ...,
        args: Iterable[FullTypeDef | Mapping[str, object]] | None = ...,
        s: str | None = ...,
        i: int | None = ...,
    ) -> None: ...
    def WhichOneof(self, oneof_group: Literal["attr"]) -> Literal["s", "i"] | None: ...

class NodeDef(Message):
    class ExperimentalDebugInfo(Message):
        @property
        def original_node_names(self) -> RepeatedScalarFieldContainer[str]: ...
        @property
        def original_func_names(self) -> RepeatedScalarFieldContainer[str]: ...
        def __init__(
            self,
            *,
            original_node_names: Iterable[str] | None = ...,
            original_func_names: Iterable[str] | None = ...,
        ) -> None: ...

    name: str
    op: str
    @property
    def input(self) -> RepeatedScalarFieldContainer[str]: ...
    device: str
    @property
    def attr(self) -> MessageMap[str, AttrValue]: ...
    @property
    def experimental_debug_info(self) -> NodeDef.ExperimentalDebugInfo: ...
    @property
    def experimental_type(self) -> FullTypeDef: ...
    def __init__(
        self,
        *,
        name: str | None = ...,
        op: str | None = ...,
        input: Iterable[str] | None = ...,
        device: str | None = ...,
        attr: Mapping[str, AttrValue] | None = ...,
        experimental_debug_info: NodeDef.ExperimentalDebugInfo | Mapping[str, object] | None = ...,
        experimental_type: FullTypeDef | Mapping[str, object] | None = ...,
    ) -> None: ...

class OpDef(Message):
    class ArgDef(Message):
        name: str
        description: str
        type: int
        type_attr: str
        number_attr: str
        type_list_attr: str
        @property
        def handle_data(
            self,
        ) -> RepeatedCompositeFieldContainer[ResourceHandleProto.DtypeAndShape]: ...
        is_ref: bool
        @property
        def experimental_full_type(self) -> FullTypeDef: ...
        def __init__(
            self,
            *,
            name: str | None = ...,
            description: str | None = ...,
            type: int | str | None = ...,
            type_attr: str | None = ...,
            number_attr: str | None = ...,
            type_list_attr: str | None = ...,
            handle_data: Iterable[ResourceHandleProto.DtypeAndShape | Mapping[str, object]]
            | None = ...,
            is_ref: bool | None = ...,
            experimental_full_type: FullTypeDef | Mapping[str, object] | None = ...,
        ) -> None: ...

    class AttrDef(Message):
        name: str
        type: str
        @property
        def default_value(self) -> AttrValue: ...
        description: str
        has_minimum: bool
        minimum: int
        @property
        def allowed_values(self) -> AttrValue: ...
        def __init__(
            self,
            *,
            name: str | None = ...,
            type: str | None = ...,
            default_value: AttrValue | Mapping[str, object] | None = ...,
            description: str | None = ...,
            has_minimum: bool | None = ...,
            minimum: int | None = ...,
            allowed_values: AttrValue | Mapping[str, object] | None = ...,
        ) -> None: ...

    name: str
    @property
    def input_arg(self) -> RepeatedCompositeFieldContainer[OpDef.ArgDef]: ...
    @property
    def output_arg(self) -> RepeatedCompositeFieldContainer[OpDef.ArgDef]: ...
    @property
    def attr(self) -> RepeatedCompositeFieldContainer[OpDef.AttrDef]: ...
    summary: str
    description: str
    @property
    def deprecation(self) -> OpDeprecation: ...
    is_aggregate: bool
    is_stateful: bool
    is_commutative: bool
    allows_uninitialized_input: bool
    @property
    def control_output(self) -> RepeatedScalarFieldContainer[str]: ...
    is_distributed_communication: bool
    def __init__(
        self,
        *,
        name: str | None = ...,
        input_arg: Iterable[OpDef.ArgDef | Mapping[str, object]] | None = ...,
        output_arg: Iterable[OpDef.ArgDef | Mapping[str, object]] | None = ...,
        attr: Iterable[OpDef.AttrDef | Mapping[str, object]] | None = ...,
        summary: str | None = ...,
        description: str | None = ...,
        deprecation: OpDeprecation | Mapping[str, object] | None = ...,
        is_aggregate: bool | None = ...,
        is_stateful: bool | None = ...,
        is_commutative: bool | None = ...,
        allows_uninitialized_input: bool | None = ...,
        control_output: Iterable[str] | None = ...,
        is_distributed_communication: bool | None = ...,
    ) -> None: ...

class OpDeprecation(Message):
    version: int
    explanation: str
    def __init__(self, *, version: int | None = ..., explanation: str | None = ...) -> None: ...

class OpList(Message):
    @property
    def op(self) -> RepeatedCompositeFieldContainer[OpDef]: ...
    def __init__(self, *, op: Iterable[OpDef | Mapping[str, object]] | None = ...) -> None: ...

class FunctionDefLibrary(Message):
    @property
    def function(self) -> RepeatedCompositeFieldContainer[FunctionDef]: ...
    @property
    def gradient(self) -> RepeatedCompositeFieldContainer[GradientDef]: ...
    @property
    def registered_gradients(self) -> RepeatedCompositeFieldContainer[RegisteredGradient]: ...
    def __init__(
        self,
        *,
        function: Iterable[FunctionDef | Mapping[str, object]] | None = ...,
        gradient: Iterable[GradientDef | Mapping[str, object]] | None = ...,
        registered_gradients: Iterable[RegisteredGradient | Mapping[str, object]] | None = ...,
    ) -> None: ...

class FunctionDef(Message):
    class ArgAttrs(Message):
        @property
        def attr(self) -> MessageMap[str, AttrValue]: ...
        def __init__(self, *, attr: Mapping[str, AttrValue] | None = ...) -> None: ...

    @property
    def signature(self) -> OpDef: ...
    @property
    def node_def(self) -> RepeatedCompositeFieldContainer[NodeDef]: ...
    @property
    def ret(self) -> ScalarMap[str, str]: ...
    @property
    def attr(self) -> MessageMap[str, AttrValue]: ...
    @property
    def control_ret(self) -> ScalarMap[str, str]: ...
    @property
    def arg_attr(self) -> MessageMap[int, FunctionDef.ArgAttrs]: ...
    @property
    def resource_arg_unique_id(self) -> ScalarMap[int, int]: ...
    def __init__(
        self,
        *,
        signature: OpDef | Mapping[str, object] | None = ...,
        node_def: Iterable[NodeDef | Mapping[str, object]] | None = ...,
        ret: Mapping[str, str] | None = ...,
        attr: Mapping[str, AttrValue] | None = ...,
        control_ret: Mapping[str, str] | None = ...,
        arg_attr: Mapping[int, FunctionDef.ArgAttrs] | None = ...,
        resource_arg_unique_id: Mapping[int, int] | None = ...,
    ) -> None: ...

class GradientDef(Message):
    function_name: str
    gradient_func: str
    def __init__(
        self, *, function_name: str | None = ..., gradient_func: str | None = ...
    ) -> None: ...

class RegisteredGradient(Message):
    gradient_func: str
    registered_op_type: str
    def __init__(
        self, *, gradient_func: str | None = ..., registered_op_type: str | None = ...
    ) -> None: ...

class GraphDebugInfo(Message):
    class FileLineCol(Message):
        file_index: int
        line: int
        col: int
        func: str
        code: str
        def __init__(
            self,
            *,
            file_index: int | None = ...,
            line: int | None = ...,
            col: int | None = ...,
            func: str | None = ...,
            code: str | None = ...,
        ) -> None: ...

    class StackTrace(Message):
        @property
        def file_line_cols(self) -> RepeatedCompositeFieldContainer[GraphDebugInfo.FileLineCol]: ...
        @property
        def frame_id(self) -> RepeatedScalarFieldContainer[int]: ...
        def __init__(
            self,
            *,
            file_line_cols: Iterable[GraphDebugInfo.FileLineCol | Mapping[str, object]]
            | None = ...,
            frame_id: Iterable[int] | None = ...,
        ) -> None: ...

    @property
    def files(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def traces(self) -> MessageMap[str, GraphDebugInfo.StackTrace]: ...
    @property
    def frames_by_id(self) -> MessageMap[int, GraphDebugInfo.FileLineCol]: ...
    @property
    def name_to_trace_id(self) -> ScalarMap[str, int]: ...
    @property
    def traces_by_id(self) -> MessageMap[int, GraphDebugInfo.StackTrace]: ...
    def __init__(
        self,
        *,
        files: Iterable[str] | None = ...,
        traces: Mapping[str, GraphDebugInfo.StackTrace] | None = ...,
        frames_by_id: Mapping[int, GraphDebugInfo.FileLineCol] | None = ...,
        name_to_trace_id: Mapping[str, int] | None = ...,
        traces_by_id: Mapping[int, GraphDebugInfo.StackTrace] | None = ...,
    ) -> None: ...

class VersionDef(Message):
    producer: int
    min_consumer: int
    @property
    def bad_consumers(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        producer: int | None = ...,
        min_consumer: int | None = ...,
        bad_consumers: Iterable[int] | None = ...,
    ) -> None: ...

class GraphDef(Message):
    @property
    def node(self) -> RepeatedCompositeFieldContainer[NodeDef]: ...
    @property
    def library(self) -> FunctionDefLibrary: ...
    version: int
    @property
    def versions(self) -> VersionDef: ...
    @property
    def debug_info(self) -> GraphDebugInfo: ...
    def __init__(
        self,
        *,
        node: Iterable[NodeDef | Mapping[str, object]] | None = ...,
        library: FunctionDefLibrary | Mapping[str, object] | None = ...,
        version: int | None = ...,
        versions: VersionDef | Mapping[str, object] | None = ...,
        debug_info: GraphDebugInfo | Mapping[str, object] | None = ...,
    ) -> None: ...

class VerifierConfig(Message):
    class _Toggle(EnumTypeWrapper):
        DEFAULT: Final = 0
        ON: Final = 1
        OFF: Final = 2

    Toggle: Final[_Toggle]
    DEFAULT: Final = 0
    ON: Final = 1
    OFF: Final = 2
    verification_timeout_in_ms: int
    structure_verifier: int
    def __init__(
        self,
        *,
        verification_timeout_in_ms: int | None = ...,
        structure_verifier: int | str | None = ...,
    ) -> None: ...

class AutoParallelOptions(Message):
    enable: bool
    num_replicas: int
    def __init__(self, *, enable: bool | None = ..., num_replicas: int | None = ...) -> None: ...

class ScopedAllocatorOptions(Message):
    @property
    def enable_op(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(self, *, enable_op: Iterable[str] | None = ...) -> None: ...

class RewriterConfig(Message):
    class _Toggle(EnumTypeWrapper):
        DEFAULT: Final = 0
        ON: Final = 1
        OFF: Final = 2
        AGGRESSIVE: Final = 3
        EXPERIMENTAL_MLIR: Final = 4
        EXPERIMENTAL_BOTH: Final = 5

    Toggle: Final[_Toggle]
    DEFAULT: Final = 0
    ON: Final = 1
    OFF: Final = 2
    AGGRESSIVE: Final = 3
    EXPERIMENTAL_MLIR: Final = 4
    EXPERIMENTAL_BOTH: Final = 5
    class _CpuLayout(EnumTypeWrapper):
        NO_CONVERSION_ON_CPU: Final = 0
        NCHW_TO_NHWC: Final = 1
        NHWC_TO_NCHW: Final = 2

    CpuLayout: Final[_CpuLayout]
    NO_CONVERSION_ON_CPU: Final = 0
    NCHW_TO_NHWC: Final = 1
    NHWC_TO_NCHW: Final = 2
    class _NumIterationsType(EnumTypeWrapper):
        DEFAULT_NUM_ITERS: Final = 0
        ONE: Final = 1
        TWO: Final = 2

    NumIterationsType: Final[_NumIterationsType]
    DEFAULT_NUM_ITERS: Final = 0
    ONE: Final = 1
    TWO: Final = 2
    class _MemOptType(EnumTypeWrapper):
        DEFAULT_MEM_OPT: Final = 0
        NO_MEM_OPT: Final = 1
        MANUAL: Final = 2
        SWAPPING_HEURISTICS: Final = 4
        RECOMPUTATION_HEURISTICS: Final = 5
        SCHEDULING_HEURISTICS: Final = 6
        HEURISTICS: Final = 3

    MemOptType: Final[_MemOptType]
    DEFAULT_MEM_OPT: Final = 0
    NO_MEM_OPT: Final = 1
    MANUAL: Final = 2
    SWAPPING_HEURISTICS: Final = 4
    RECOMPUTATION_HEURISTICS: Final = 5
    SCHEDULING_HEURISTICS: Final = 6
    HEURISTICS: Final = 3
    class CustomGraphOptimizer(Message):
        name: str
        @property
        def parameter_map(self) -> MessageMap[str, AttrValue]: ...
        def __init__(
            self, *, name: str | None = ..., parameter_map: Mapping[str, AttrValue] | None = ...
        ) -> None: ...

    layout_optimizer: int
    disable_model_pruning: bool
    constant_folding: int
    memory_optimization: int
    @property
    def auto_parallel(self) -> AutoParallelOptions: ...
    memory_optimizer_target_node_name_scope: str
    arithmetic_optimization: int
    dependency_optimization: int
    loop_optimization: int
    function_optimization: int
    debug_stripper: int
    meta_optimizer_iterations: int
    shape_optimization: int
    remapping: int
    scoped_allocator_optimization: int
    @property
    def scoped_allocator_opts(self) -> ScopedAllocatorOptions: ...
    min_graph_nodes: int
    pin_to_host_optimization: int
    disable_meta_optimizer: bool
    meta_optimizer_timeout_ms: int
    fail_on_optimizer_errors: bool
    implementation_selector: int
    auto_mixed_precision: int
    common_subgraph_elimination: int
    auto_mixed_precision_mkl: int
    experimental_disable_compressed_tensor_optimization: bool
    experimental_disable_folding_quantization_emulation: bool
    use_plugin_optimizers: int
    auto_mixed_precision_cpu: int
    experimental_conditional_code_motion: int
    auto_mixed_precision_onednn_bfloat16: int
    disable_tfg_optimizer: bool
    cpu_layout_conversion: int
    @property
    def optimizers(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def custom_optimizers(
        self,
    ) -> RepeatedCompositeFieldContainer[RewriterConfig.CustomGraphOptimizer]: ...
    @property
    def inter_optimizer_verifier_config(self) -> VerifierConfig: ...
    @property
    def post_optimization_verifier_config(self) -> VerifierConfig: ...
    def __init__(
        self,
        *,
        layout_optimizer: int | str | None = ...,
        disable_model_pruning: bool | None = ...,
        constant_folding: int | str | None = ...,
        memory_optimization: int | str | None = ...,
        auto_parallel: AutoParallelOptions | Mapping[str, object] | None = ...,
        memory_optimizer_target_node_name_scope: str | None = ...,
        arithmetic_optimization: int | str | None = ...,
        dependency_optimization: int | str | None = ...,
        loop_optimization: int | str | None = ...,
        function_optimization: int | str | None = ...,
        debug_stripper: int | str | None = ...,
        meta_optimizer_iterations: int | str | None = ...,
        shape_optimization: int | str | None = ...,
        remapping: int | str | None = ...,
        scoped_allocator_optimization: int | str | None = ...,
        scoped_allocator_opts: ScopedAllocatorOptions | Mapping[str, object] | None = ...,
        min_graph_nodes: int | None = ...,
        pin_to_host_optimization: int | str | None = ...,
        disable_meta_optimizer: bool | None = ...,
        meta_optimizer_timeout_ms: int | None = ...,
        fail_on_optimizer_errors: bool | None = ...,
        implementation_selector: int | str | None = ...,
        auto_mixed_precision: int | str | None = ...,
        common_subgraph_elimination: int | str | None = ...,
        auto_mixed_precision_mkl: int | str | None = ...,
        experimental_disable_compressed_tensor_optimization: bool | None = ...,
        experimental_disable_folding_quantization_emulation: bool | None = ...,
        use_plugin_optimizers: int | str | None = ...,
        auto_mixed_precision_cpu: int | str | None = ...,
        experimental_conditional_code_motion: int | str | None = ...,
        auto_mixed_precision_onednn_bfloat16: int | str | None = ...,
        disable_tfg_optimizer: bool | None = ...,
        cpu_layout_conversion: int | str | None = ...,
        optimizers: Iterable[str] | None = ...,
        custom_optimizers: Iterable[RewriterConfig.CustomGraphOptimizer | Mapping[str, object]]
        | None = ...,
        inter_optimizer_verifier_config: VerifierConfig | Mapping[str, object] | None = ...,
        post_optimization_verifier_config: VerifierConfig | Mapping[str, object] | None = ...,
    ) -> None: ...

class RPCOptions(Message):
    use_rpc_for_inprocess_master: bool
    compression_algorithm: str
    compression_level: int
    cache_rpc_response: bool
    disable_session_connection_sharing: bool
    num_channels_per_target: int
    def __init__(
        self,
        *,
        use_rpc_for_inprocess_master: bool | None = ...,
        compression_algorithm: str | None = ...,
        compression_level: int | None = ...,
        cache_rpc_response: bool | None = ...,
        disable_session_connection_sharing: bool | None = ...,
        num_channels_per_target: int | None = ...,
    ) -> None: ...

class TensorDescription(Message):
    dtype: int
    @property
    def shape(self) -> TensorShapeProto: ...
    @property
    def allocation_description(self) -> AllocationDescription: ...
    def __init__(
        self,
        *,
        dtype: int | str | None = ...,
        shape: TensorShapeProto | Mapping[str, object] | None = ...,
        allocation_description: AllocationDescription | Mapping[str, object] | None = ...,
    ) -> None: ...

class AllocationRecord(Message):
    alloc_micros: int
    alloc_bytes: int
    def __init__(
        self, *, alloc_micros: int | None = ..., alloc_bytes: int | None = ...
    ) -> None: ...

class AllocatorMemoryUsed(Message):
    allocator_name: str
    total_bytes: int
    peak_bytes: int
    live_bytes: int
    allocator_bytes_in_use: int
    @property
    def allocation_records(self) -> RepeatedCompositeFieldContainer[AllocationRecord]: ...
    def __init__(
        self,
        *,
        allocator_name: str | None = ...,
        total_bytes: int | None = ...,
        peak_bytes: int | None = ...,
        live_bytes: int | None = ...,
        allocator_bytes_in_use: int | None = ...,
        allocation_records: Iterable[AllocationRecord | Mapping[str, object]] | None = ...,
    ) -> None: ...

class NodeOutput(Message):
    slot: int
    @property
    def tensor_description(self) -> TensorDescription: ...
    def __init__(
        self,
        *,
        slot: int | None = ...,
        tensor_description: TensorDescription | Mapping[str, object] | None = ...,
    ) -> None: ...

class MemoryStats(Message):
    temp_memory_size: int
    device_temp_memory_size: int
    persistent_memory_size: int
    device_persistent_memory_size: int
    @property
    def persistent_tensor_alloc_ids(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def device_persistent_tensor_alloc_ids(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        temp_memory_size: int | None = ...,
        device_temp_memory_size: int | None = ...,
        persistent_memory_size: int | None = ...,
        device_persistent_memory_size: int | None = ...,
        persistent_tensor_alloc_ids: Iterable[int] | None = ...,
        device_persistent_tensor_alloc_ids: Iterable[int] | None = ...,
    ) -> None: ...

class NodeExecStats(Message):
    node_name: str
    all_start_micros: int
    op_start_rel_micros: int
    op_end_rel_micros: int
    all_end_rel_micros: int
    @property
    def memory(self) -> RepeatedCompositeFieldContainer[AllocatorMemoryUsed]: ...
    @property
    def output(self) -> RepeatedCompositeFieldContainer[NodeOutput]: ...
    timeline_label: str
    scheduled_micros: int
    thread_id: int
    @property
    def referenced_tensor(self) -> RepeatedCompositeFieldContainer[AllocationDescription]: ...
    @property
    def memory_stats(self) -> MemoryStats: ...
    all_start_nanos: int
    op_start_rel_nanos: int
    op_end_rel_nanos: int
    all_end_rel_nanos: int
    scheduled_nanos: int
    def __init__(
        self,
        *,
        node_name: str | None = ...,
        all_start_micros: int | None = ...,
        op_start_rel_micros: int | None = ...,
        op_end_rel_micros: int | None = ...,
        all_end_rel_micros: int | None = ...,
        memory: Iterable[AllocatorMemoryUsed | Mapping[str, object]] | None = ...,
        output: Iterable[NodeOutput | Mapping[str, object]] | None = ...,
        timeline_label: str | None = ...,
        scheduled_micros: int | None = ...,
        thread_id: int | None = ...,
        referenced_tensor: Iterable[AllocationDescription | Mapping[str, object]] | None = ...,
        memory_stats: MemoryStats | Mapping[str, object] | None = ...,
        all_start_nanos: int | None = ...,
        op_start_rel_nanos: int | None = ...,
        op_end_rel_nanos: int | None = ...,
        all_end_rel_nanos: int | None = ...,
        scheduled_nanos: int | None = ...,
    ) -> None: ...

class DeviceStepStats(Message):
    device: str
    @property
    def node_stats(self) -> RepeatedCompositeFieldContainer[NodeExecStats]: ...
    @property
    def thread_names(self) -> ScalarMap[int, str]: ...
    def __init__(
        self,
        *,
        device: str | None = ...,
        node_stats: Iterable[NodeExecStats | Mapping[str, object]] | None = ...,
        thread_names: Mapping[int, str] | None = ...,
    ) -> None: ...

class StepStats(Message):
    @property
    def dev_stats(self) -> RepeatedCompositeFieldContainer[DeviceStepStats]: ...
    def __init__(
        self, *, dev_stats: Iterable[DeviceStepStats | Mapping[str, object]] | None = ...
    ) -> None: ...

class GPUOptions(Message):
    class Experimental(Message):
        class VirtualDevices(Message):
            @property
            def memory_limit_mb(self) -> RepeatedScalarFieldContainer[float]: ...
            @property
            def priority(self) -> RepeatedScalarFieldContainer[int]: ...
            @property
            def device_ordinal(self) -> RepeatedScalarFieldContainer[int]: ...
            def __init__(
                self,
                *,
                memory_limit_mb: Iterable[float] | None = ...,
                priority: Iterable[int] | None = ...,
                device_ordinal: Iterable[int] | None = ...,
            ) -> None: ...

        class StreamMergeOptions(Message):
            merge_host_to_device_stream: bool
            merge_device_to_host_stream: bool
            merge_device_to_device_stream: bool
            def __init__(
                self,
                *,
                merge_host_to_device_stream: bool | None = ...,
                merge_device_to_host_stream: bool | None = ...,
                merge_device_to_device_stream: bool | None = ...,
            ) -> None: ...

        @property
        def virtual_devices(
            self,
        ) -> RepeatedCompositeFieldContainer[GPUOptions.Experimental.VirtualDevices]: ...
        use_unified_memory: bool
        num_dev_to_dev_copy_streams: int
        collective_ring_order: str
        timestamped_allocator: bool
        kernel_tracker_max_interval: int
        kernel_tracker_max_bytes: int
        kernel_tracker_max_pending: int
        internal_fragmentation_fraction: float
        use_cuda_malloc_async: bool
        disallow_retry_on_allocation_failure: bool
        gpu_host_mem_limit_in_mb: float
        gpu_host_mem_disallow_growth: bool
        num_virtual_devices_per_gpu: int
        gpu_system_memory_size_in_mb: int
        populate_pjrt_gpu_client_creation_info: bool
        node_id: int
        @property
        def stream_merge_options(self) -> GPUOptions.Experimental.StreamMergeOptions: ...
        def __init__(
            self,
            *,
            virtual_devices: Iterable[GPUOptions.Experimental.VirtualDevices | Mapping[str, object]]
            | None = ...,
            use_unified_memory: bool | None = ...,
            num_dev_to_dev_copy_streams: int | None = ...,
            collective_ring_order: str | None = ...,
            timestamped_allocator: bool | None = ...,
            kernel_tracker_max_interval: int | None = ...,
            kernel_tracker_max_bytes: int | None = ...,
            kernel_tracker_max_pending: int | None = ...,
            internal_fragmentation_fraction: float | None = ...,
            use_cuda_malloc_async: bool | None = ...,
            disallow_retry_on_allocation_failure: bool | None = ...,
            gpu_host_mem_limit_in_mb: float | None = ...,
            gpu_host_mem_disallow_growth: bool | None = ...,
            num_virtual_devices_per_gpu: int | None = ...,
            gpu_system_memory_size_in_mb: int | None = ...,
            populate_pjrt_gpu_client_creation_info: bool | None = ...,
            node_id: int | None = ...,
            stream_merge_options: GPUOptions.Experimental.StreamMergeOptions
            | Mapping[str, object]
            | None = ...,
        ) -> None: ...

    per_process_gpu_memory_fraction: float
    allocator_type: str
    deferred_deletion_bytes: int
    allow_growth: bool
    visible_device_list: str
    polling_active_delay_usecs: int
    polling_inactive_delay_msecs: int
    force_gpu_compatible: bool
    @property
    def experimental(self) -> GPUOptions.Experimental: ...
    def __init__(
        self,
        *,
        per_process_gpu_memory_fraction: float | None = ...,
        allocator_type: str | None = ...,
        deferred_deletion_bytes: int | None = ...,
        allow_growth: bool | None = ...,
        visible_device_list: str | None = ...,
        polling_active_delay_usecs: int | None = ...,
        polling_inactive_delay_msecs: int | None = ...,
        force_gpu_compatible: bool | None = ...,
        experimental: GPUOptions.Experimental | Mapping[str, object] | None = ...,
    ) -> None: ...

class OptimizerOptions(Message):
    class _Level(EnumTypeWrapper):
        L1: Final = 0
        L0: Final = -1

    Level: Final[_Level]
    L1: Final = 0
    L0: Final = -1
    class _GlobalJitLevel(EnumTypeWrapper):
        DEFAULT: Final = 0
        OFF: Final = -1
        ON_1: Final = 1
        ON_2: Final = 2

    GlobalJitLevel: Final[_GlobalJitLevel]
    DEFAULT: Final = 0
    OFF: Final = -1
    ON_1: Final = 1
    ON_2: Final = 2
    do_common_subexpression_elimination: bool
    do_constant_folding: bool
    opt_level: int
    do_function_inlining: bool
    global_jit_level: int
    max_folded_constant_in_bytes: int
    cpu_global_jit: bool
    def __init__(
        self,
        *,
        do_common_subexpression_elimination: bool | None = ...,
        do_constant_folding: bool | None = ...,
        opt_level: int | str | None = ...,
        do_function_inlining: bool | None = ...,
        global_jit_level: int | str | None = ...,
        max_folded_constant_in_bytes: int | None = ...,
        cpu_global_jit: bool | None = ...,
    ) -> None: ...

class GraphOptions(Message):
    enable_recv_scheduling: bool
    @property
    def optimizer_options(self) -> OptimizerOptions: ...
    build_cost_model: int
    infer_shapes: bool
    place_pruned_graph: bool
    enable_bfloat16_sendrecv: bool
    timeline_step: int
    build_cost_model_after: int
    @property
    def rewrite_options(self) -> RewriterConfig: ...
    def __init__(
        self,
        *,
        enable_recv_scheduling: bool | None = ...,
        optimizer_options: OptimizerOptions | Mapping[str, object] | None = ...,
        build_cost_model: int | None = ...,
        infer_shapes: bool | None = ...,
        place_pruned_graph: bool | None = ...,
        enable_bfloat16_sendrecv: bool | None = ...,
        timeline_step: int | None = ...,
        build_cost_model_after: int | None = ...,
        rewrite_options: RewriterConfig | Mapping[str, object] | None = ...,
    ) -> None: ...

class ThreadPoolOptionProto(Message):
    num_threads: int
    global_name: str
    def __init__(self, *, num_threads: int | None = ..., global_name: str | None = ...) -> None: ...

class SessionMetadata(Message):
    name: str
    version: int
    def __init__(self, *, name: str | None = ..., version: int | None = ...) -> None: ...

class ConfigProto(Message):
    class Experimental(Message):
        class _MlirBridgeRollout(EnumTypeWrapper):
            MLIR_BRIDGE_ROLLOUT_UNSPECIFIED: Final = 0
            MLIR_BRIDGE_ROLLOUT_ENABLED: Final = 1
            MLIR_BRIDGE_ROLLOUT_DISABLED: Final = 2

        MlirBridgeRollout: Final[_MlirBridgeRollout]
        MLIR_BRIDGE_ROLLOUT_UNSPECIFIED: Final = 0
        MLIR_BRIDGE_ROLLOUT_ENABLED: Final = 1
        MLIR_BRIDGE_ROLLOUT_DISABLED: Final = 2
        collective_group_leader: str
        executor_type: str
        recv_buf_max_chunk: int
        use_numa_affinity: bool
        collective_deterministic_sequential_execution: bool
        collective_nccl: bool
        share_session_state_in_clusterspec_propagation: bool
        disable_thread_spinning: bool
        share_cluster_devices_in_session: bool
        @property
        def session_metadata(self) -> SessionMetadata: ...
        optimize_for_static_graph: bool
        enable_mlir_bridge: bool
        disable_output_partition_graphs: bool
        xla_fusion_autotuner_thresh: int
        enable_mlir_graph_optimization: bool
        mlir_bridge_rollout: int
        use_tfrt: bool
        disable_functional_ops_lowering: bool
        xla_prefer_single_graph_cluster: bool
        @property
        def coordination_config(self) -> CoordinationServiceConfig: ...
        disable_optimize_for_static_graph: bool
        disable_eager_executor_streaming_enqueue: bool
        enable_multi_host: bool
        backend_server_port: int
        target_tpu: bool
        target_gpu: bool
        stream_merge_threshold: int
        tfrt_use_ifrt: bool
        finalize_function_library_runtime: bool
        finalize_resource_manager: bool
        tf2xla_dump_dir: str
        online_cost_analysis: bool
        def __init__(
            self,
            *,
            collective_group_leader: str | None = ...,
            executor_type: str | None = ...,
            recv_buf_max_chunk: int | None = ...,
            use_numa_affinity: bool | None = ...,
            collective_deterministic_sequential_execution: bool | None = ...,
            collective_nccl: bool | None = ...,
            share_session_state_in_clusterspec_propagation: bool | None = ...,
            disable_thread_spinning: bool | None = ...,
            share_cluster_devices_in_session: bool | None = ...,
            session_metadata: SessionMetadata | Mapping[str, object] | None = ...,
            optimize_for_static_graph: bool | None = ...,
            enable_mlir_bridge: bool | None = ...,
            disable_output_partition_graphs: bool | None = ...,
            xla_fusion_autotuner_thresh: int | None = ...,
            enable_mlir_graph_optimization: bool | None = ...,
            mlir_bridge_rollout: int | str | None = ...,
            use_tfrt: bool | None = ...,
            disable_functional_ops_lowering: bool | None = ...,
            xla_prefer_single_graph_cluster: bool | None = ...,
            coordination_config: CoordinationServiceConfig | Mapping[str, object] | None = ...,
            disable_optimize_for_static_graph: bool | None = ...,
            disable_eager_executor_streaming_enqueue: bool | None = ...,
            enable_multi_host: bool | None = ...,
            backend_server_port: int | None = ...,
            target_tpu: bool | None = ...,
            target_gpu: bool | None = ...,
            stream_merge_threshold: int | None = ...,
            tfrt_use_ifrt: bool | None = ...,
            finalize_function_library_runtime: bool | None = ...,
            finalize_resource_manager: bool | None = ...,
            tf2xla_dump_dir: str | None = ...,
            online_cost_analysis: bool | None = ...,
        ) -> None: ...

    @property
    def device_count(self) -> ScalarMap[str, int]: ...
    intra_op_parallelism_threads: int
    placement_period: int
    @property
    def device_filters(self) -> RepeatedScalarFieldContainer[str]: ...
    inter_op_parallelism_threads: int
    @property
    def gpu_options(self) -> GPUOptions: ...
    allow_soft_placement: bool
    log_device_placement: bool
    use_per_session_threads: bool
    @property
    def graph_options(self) -> GraphOptions: ...
    operation_timeout_in_ms: int
    @property
    def session_inter_op_thread_pool(
        self,
    ) -> RepeatedCompositeFieldContainer[ThreadPoolOptionProto]: ...
    @property
    def rpc_options(self) -> RPCOptions: ...
    @property
    def cluster_def(self) -> ClusterDef: ...
    isolate_session_state: bool
    @property
    def experimental(self) -> ConfigProto.Experimental: ...
    share_cluster_devices_in_session: bool
    @property
    def pluggable_device_options(self) -> GPUOptions: ...
    backend: str
    @property
    def backend_options(self) -> ScalarMap[str, str]: ...
    def __init__(
        self,
        *,
        device_count: Mapping[str, int] | None = ...,
        intra_op_parallelism_threads: int | None = ...,
        placement_period: int | None = ...,
        device_filters: Iterable[str] | None = ...,
        inter_op_parallelism_threads: int | None = ...,
        gpu_options: GPUOptions | Mapping[str, object] | None = ...,
        allow_soft_placement: bool | None = ...,
        log_device_placement: bool | None = ...,
        use_per_session_threads: bool | None = ...,
        graph_options: GraphOptions | Mapping[str, object] | None = ...,
        operation_timeout_in_ms: int | None = ...,
        session_inter_op_thread_pool: Iterable[ThreadPoolOptionProto | Mapping[str, object]]
        | None = ...,
        rpc_options: RPCOptions | Mapping[str, object] | None = ...,
        cluster_def: ClusterDef | Mapping[str, object] | None = ...,
        isolate_session_state: bool | None = ...,
        experimental: ConfigProto.Experimental | Mapping[str, object] | None = ...,
        share_cluster_devices_in_session: bool | None = ...,
        pluggable_device_options: GPUOptions | Mapping[str, object] | None = ...,
        backend: str | None = ...,
        backend_options: Mapping[str, str] | None = ...,
    ) -> None: ...

class RunOptions(Message):
    class _TraceLevel(EnumTypeWrapper):
        NO_TRACE: Final = 0
        SOFTWARE_TRACE: Final = 1
        HARDWARE_TRACE: Final = 2
        FULL_TRACE: Final = 3

    TraceLevel: Final[_TraceLevel]
    NO_TRACE: Final = 0
    SOFTWARE_TRACE: Final = 1
    HARDWARE_TRACE: Final = 2
    FULL_TRACE: Final = 3
    class Experimental(Message):
        class RunHandlerPoolOptions(Message):
            priority: int
            def __init__(self, *, priority: int | None = ...) -> None: ...

        collective_graph_key: int
        use_run_handler_pool: bool
        @property
        def run_handler_pool_options(self) -> RunOptions.Experimental.RunHandlerPoolOptions: ...
        def __init__(
            self,
            *,
            collective_graph_key: int | None = ...,
            use_run_handler_pool: bool | None = ...,
            run_handler_pool_options: RunOptions.Experimental.RunHandlerPoolOptions
            | Mapping[str, object]
            | None = ...,
        ) -> None: ...

    trace_level: int
    timeout_in_ms: int
    inter_op_thread_pool: int
    output_partition_graphs: bool
    @property
    def debug_options(self) -> DebugOptions: ...
    report_tensor_allocations_upon_oom: bool
    @property
    def experimental(self) -> RunOptions.Experimental: ...
    def __init__(
        self,
        *,
        trace_level: int | str | None = ...,
        timeout_in_ms: int | None = ...,
        inter_op_thread_pool: int | None = ...,
        output_partition_graphs: bool | None = ...,
        debug_options: DebugOptions | Mapping[str, object] | None = ...,
        report_tensor_allocations_upon_oom: bool | None = ...,
        experimental: RunOptions.Experimental | Mapping[str, object] | None = ...,
    ) -> None: ...

class RunMetadata(Message):
    class FunctionGraphs(Message):
        @property
        def partition_graphs(self) -> RepeatedCompositeFieldContainer[GraphDef]: ...
        @property
        def pre_optimization_graph(self) -> GraphDef: ...
        @property
        def post_optimization_graph(self) -> GraphDef: ...
        def __init__(
            self,
            *,
            partition_graphs: Iterable[GraphDef | Mapping[str, object]] | None = ...,
            pre_optimization_graph: GraphDef | Mapping[str, object] | None = ...,
            post_optimization_graph: GraphDef | Mapping[str, object] | None = ...,
        ) -> None: ...

    @property
    def step_stats(self) -> StepStats: ...
    @property
    def cost_graph(self) -> CostGraphDef: ...
    @property
    def partition_graphs(self) -> RepeatedCompositeFieldContainer[GraphDef]: ...
    @property
    def function_graphs(self) -> RepeatedCompositeFieldContainer[RunMetadata.FunctionGraphs]: ...
    @property
    def session_metadata(self) -> SessionMetadata: ...
    def __init__(
        self,
        *,
        step_stats: StepStats | Mapping[str, object] | None = ...,
        cost_graph: CostGraphDef | Mapping[str, object] | None = ...,
        partition_graphs: Iterable[GraphDef | Mapping[str, object]] | None = ...,
        function_graphs: Iterable[RunMetadata.FunctionGraphs | Mapping[str, object]] | None = ...,
        session_metadata: SessionMetadata | Mapping[str, object] | None = ...,
    ) -> None: ...

class TensorConnection(Message):
    from_tensor: str
    to_tensor: str
    def __init__(self, *, from_tensor: str | None = ..., to_tensor: str | None = ...) -> None: ...

class CallableOptions(Message):
    @property
    def feed(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def fetch(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def target(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def run_options(self) -> RunOptions: ...
    @property
    def tensor_connection(self) -> RepeatedCompositeFieldContainer[TensorConnection]: ...
    @property
    def feed_devices(self) -> ScalarMap[str, str]: ...
    @property
    def fetch_devices(self) -> ScalarMap[str, str]: ...
    fetch_skip_sync: bool
    def __init__(
        self,
        *,
        feed: Iterable[str] | None = ...,
        fetch: Iterable[str] | None = ...,
        target: Iterable[str] | None = ...,
        run_options: RunOptions | Mapping[str, object] | None = ...,
        tensor_connection: Iterable[TensorConnection | Mapping[str, object]] | None = ...,
        feed_devices: Mapping[str, str] | None = ...,
        fetch_devices: Mapping[str, str] | None = ...,
        fetch_skip_sync: bool | None = ...,
    ) -> None: ...

class BatchingOptions(Message):
    num_batch_threads: int
    max_batch_size: int
    batch_timeout_micros: int
    @property
    def allowed_batch_sizes(self) -> RepeatedScalarFieldContainer[int]: ...
    max_enqueued_batches: int
    def __init__(
        self,
        *,
        num_batch_threads: int | None = ...,
        max_batch_size: int | None = ...,
        batch_timeout_micros: int | None = ...,
        allowed_batch_sizes: Iterable[int] | None = ...,
        max_enqueued_batches: int | None = ...,
    ) -> None: ...

class ValuesDef(Message):
    @property
    def values(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def external_values(self) -> ScalarMap[str, str]: ...
    def __init__(
        self, *, values: Iterable[str] | None = ..., external_values: Mapping[str, str] | None = ...
    ) -> None: ...

class ControlFlowContextDef(Message):
    @property
    def cond_ctxt(self) -> CondContextDef: ...
    @property
    def while_ctxt(self) -> WhileContextDef: ...
    def __init__(
        self,
        *,
        cond_ctxt: CondContextDef | Mapping[str, object] | None = ...,
        while_ctxt: WhileContextDef | Mapping[str, object] | None = ...,
    ) -> None: ...
    def WhichOneof(
        self, oneof_group: Literal["ctxt"]
    ) -> Literal["cond_ctxt", "while_ctxt"] | None: ...

class CondContextDef(Message):
    context_name: str
    pred_name: str
    pivot_name: str
    branch: int
    @property
    def values_def(self) -> ValuesDef: ...
    @property
    def nested_contexts(self) -> RepeatedCompositeFieldContainer[ControlFlowContextDef]: ...
    def __init__(
        self,
        *,
        context_name: str | None = ...,
        pred_name: str | None = ...,
        pivot_name: str | None = ...,
        branch: int | None = ...,
        values_def: ValuesDef | Mapping[str, object] | None = ...,
        nested_contexts: Iterable[ControlFlowContextDef | Mapping[str, object]] | None = ...,
    ) -> None: ...

class WhileContextDef(Message):
    context_name: str
    parallel_iterations: int
    back_prop: bool
    swap_memory: bool
    pivot_name: str
    pivot_for_pred_name: str
    pivot_for_body_name: str
    @property
    def loop_exit_names(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def values_def(self) -> ValuesDef: ...
    @property
    def loop_enter_names(self) -> RepeatedScalarFieldContainer[str]: ...
    maximum_iterations_name: str
    @property
    def nested_contexts(self) -> RepeatedCompositeFieldContainer[ControlFlowContextDef]: ...
    def __init__(
        self,
        *,
        context_name: str | None = ...,
        parallel_iterations: int | None = ...,
        back_prop: bool | None = ...,
        swap_memory: bool | None = ...,
        pivot_name: str | None = ...,
        pivot_for_pred_name: str | None = ...,
        pivot_for_body_name: str | None = ...,
        loop_exit_names: Iterable[str] | None = ...,
        values_def: ValuesDef | Mapping[str, object] | None = ...,
        loop_enter_names: Iterable[str] | None = ...,
        maximum_iterations_name: str | None = ...,
        nested_contexts: Iterable[ControlFlowContextDef | Mapping[str, object]] | None = ...,
    ) -> None: ...

class InterconnectLink(Message):
    device_id: int
    type: str
    strength: int
    def __init__(
        self, *, device_id: int | None = ..., type: str | None = ..., strength: int | None = ...
    ) -> None: ...

class LocalLinks(Message):
    @property
    def link(self) -> RepeatedCompositeFieldContainer[InterconnectLink]: ...
    def __init__(
        self, *, link: Iterable[InterconnectLink | Mapping[str, object]] | None = ...
    ) -> None: ...

class DeviceLocality(Message):
    bus_id: int
    numa_node: int
    @property
    def links(self) -> LocalLinks: ...
    def __init__(
        self,
        *,
        bus_id: int | None = ...,
        numa_node: int | None = ...,
        links: LocalLinks | Mapping[str, object] | None = ...,
    ) -> None: ...

class DeviceAttributes(Message):
    name: str
    device_type: str
    memory_limit: int
    @property
    def locality(self) -> DeviceLocality: ...
    incarnation: int
    physical_device_desc: str
    xla_global_id: int
    def __init__(
        self,
        *,
        name: str | None = ...,
        device_type: str | None = ...,
        memory_limit: int | None = ...,
        locality: DeviceLocality | Mapping[str, object] | None = ...,
        incarnation: int | None = ...,
        physical_device_desc: str | None = ...,
        xla_global_id: int | None = ...,
    ) -> None: ...

class TaskDeviceFilters(Message):
    @property
    def device_filters(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(self, *, device_filters: Iterable[str] | None = ...) -> None: ...

class JobDeviceFilters(Message):
    name: str
    @property
    def tasks(self) -> MessageMap[int, TaskDeviceFilters]: ...
    def __init__(
        self, *, name: str | None = ..., tasks: Mapping[int, TaskDeviceFilters] | None = ...
    ) -> None: ...

class ClusterDeviceFilters(Message):
    @property
    def jobs(self) -> RepeatedCompositeFieldContainer[JobDeviceFilters]: ...
    def __init__(
        self, *, jobs: Iterable[JobDeviceFilters | Mapping[str, object]] | None = ...
    ) -> None: ...

class _Code(EnumTypeWrapper):
    OK: Final = 0
    CANCELLED: Final = 1
    UNKNOWN: Final = 2
    INVALID_ARGUMENT: Final = 3
    DEADLINE_EXCEEDED: Final = 4
    NOT_FOUND: Final = 5
    ALREADY_EXISTS: Final = 6
    PERMISSION_DENIED: Final = 7
    UNAUTHENTICATED: Final = 16
    RESOURCE_EXHAUSTED: Final = 8
    FAILED_PRECONDITION: Final = 9
    ABORTED: Final = 10
    OUT_OF_RANGE: Final = 11
    UNIMPLEMENTED: Final = 12
    INTERNAL: Final = 13
    UNAVAILABLE: Final = 14
    DATA_LOSS: Final = 15
    DO_NOT_USE_RESERVED_FOR_FUTURE_EXPANSION_USE_DEFAULT_IN_SWITCH_INSTEAD_: Final = 20

Code: Final[_Code]

class HistogramProto(Message):
    min: float
    max: float
    num: float
    sum: float
    sum_squares: float
    @property
    def bucket_limit(self) -> RepeatedScalarFieldContainer[float]: ...
    @property
    def bucket(self) -> RepeatedScalarFieldContainer[float]: ...
    def __init__(
        self,
        *,
        min: float | None = ...,
        max: float | None = ...,
        num: float | None = ...,
        sum: float | None = ...,
        sum_squares: float | None = ...,
        bucket_limit: Iterable[float] | None = ...,
        bucket: Iterable[float] | None = ...,
    ) -> None: ...

class _DataClass(EnumTypeWrapper):
    DATA_CLASS_UNKNOWN: Final = 0
    DATA_CLASS_SCALAR: Final = 1
    DATA_CLASS_TENSOR: Final = 2
    DATA_CLASS_BLOB_SEQUENCE: Final = 3

DataClass: Final[_DataClass]
DATA_CLASS_UNKNOWN: Final = 0
DATA_CLASS_SCALAR: Final = 1
DATA_CLASS_TENSOR: Final = 2
DATA_CLASS_BLOB_SEQUENCE: Final = 3

class SummaryDescription(Message):
    type_hint: str
    def __init__(self, *, type_hint: str | None = ...) -> None: ...

class SummaryMetadata(Message):
    class PluginData(Message):
        plugin_name: str
        content: bytes
        def __init__(
            self, *, plugin_name: str | None = ..., content: bytes | None = ...
        ) -> None: ...

    @property
    def plugin_data(self) -> SummaryMetadata.PluginData: ...
    display_name: str
    summary_description: str
    data_class: int
    def __init__(
        self,
        *,
        plugin_data: SummaryMetadata.PluginData | Mapping[str, object] | None = ...,
        display_name: str | None = ...,
        summary_description: str | None = ...,
        data_class: int | str | None = ...,
    ) -> None: ...

class Summary(Message):
    class Image(Message):
        height: int
        width: int
        colorspace: int
        encoded_image_string: bytes
        def __init__(
            self,
            *,
            height: int | None = ...,
            width: int | None = ...,
            colorspace: int | None = ...,
            encoded_image_string: bytes | None = ...,
        ) -> None: ...

    class Audio(Message):
        sample_rate: float
        num_channels: int
        length_frames: int
        encoded_audio_string: bytes
        content_type: str
        def __init__(
            self,
            *,
            sample_rate: float | None = ...,
            num_channels: int | None = ...,
            length_frames: int | None = ...,
            encoded_audio_string: bytes | None = ...,
            content_type: str | None = ...,
        ) -> None: ...

    class Value(Message):
        tag: str
        simple_value: float
        obsolete_old_style_histogram: bytes
        @property
        def image(self) -> Summary.Image: ...
        @property
        def histo(self) -> HistogramProto: ...
        @property
        def audio(self) -> Summary.Audio: ...
        @property
        def tensor(self) -> TensorProto: ...
        node_name: str
        @property
        def metadata(self) -> SummaryMetadata: ...
        def __init__(
            self,
            *,
            tag: str | None = ...,
            simple_value: float | None = ...,
            obsolete_old_style_histogram: bytes | None = ...,
            image: Summary.Image | Mapping[str, object] | None = ...,
            histo: HistogramProto | Mapping[str, object] | None = ...,
            audio: Summary.Audio | Mapping[str, object] | None = ...,
            tensor: TensorProto | Mapping[str, object] | None = ...,
            node_name: str | None = ...,
            metadata: SummaryMetadata | Mapping[str, object] | None = ...,
        ) -> None: ...
        def WhichOneof(
            self, oneof_group: Literal["value"]
        ) -> (
            Literal[
                "simple_value", "obsolete_old_style_histogram", "image", "histo", "audio", "tensor"
            ]
            | None
        ): ...

    @property
    def value(self) -> RepeatedCompositeFieldContainer[Summary.Value]: ...
    def __init__(
        self, *, value: Iterable[Summary.Value | Mapping[str, object]] | None = ...
    ) -> None: ...

class _WorkerHealth(EnumTypeWrapper):
    OK: Final = 0
    RECEIVED_SHUTDOWN_SIGNAL: Final = 1
    INTERNAL_ERROR: Final = 2
    SHUTTING_DOWN: Final = 3

WorkerHealth: Final[_WorkerHealth]
OK: Final = 0
RECEIVED_SHUTDOWN_SIGNAL: Final = 1
INTERNAL_ERROR: Final = 2
SHUTTING_DOWN: Final = 3

class _WorkerShutdownMode(EnumTypeWrapper):
    DEFAULT: Final = 0
    NOT_CONFIGURED: Final = 1
    WAIT_FOR_COORDINATOR: Final = 2
    SHUTDOWN_AFTER_TIMEOUT: Final = 3

WorkerShutdownMode: Final[_WorkerShutdownMode]
DEFAULT: Final = 0
NOT_CONFIGURED: Final = 1
WAIT_FOR_COORDINATOR: Final = 2
SHUTDOWN_AFTER_TIMEOUT: Final = 3

class Event(Message):
    wall_time: float
    step: int
    file_version: str
    graph_def: bytes
    @property
    def summary(self) -> Summary: ...
    @property
    def log_message(self) -> LogMessage: ...
    @property
    def session_log(self) -> SessionLog: ...
    @property
    def tagged_run_metadata(self) -> TaggedRunMetadata: ...
    meta_graph_def: bytes
    @property
    def source_metadata(self) -> SourceMetadata: ...
    def __init__(
        self,
        *,
        wall_time: float | None = ...,
        step: int | None = ...,
        file_version: str | None = ...,
        graph_def: bytes | None = ...,
        summary: Summary | Mapping[str, object] | None = ...,
        log_message: LogMessage | Mapping[str, object] | None = ...,
        session_log: SessionLog | Mapping[str, object] | None = ...,
        tagged_run_metadata: TaggedRunMetadata | Mapping[str, object] | None = ...,
        meta_graph_def: bytes | None = ...,
        source_metadata: SourceMetadata | Mapping[str, object] | None = ...,
    ) -> None: ...
    def WhichOneof(
        self, oneof_group: Literal["what"]
    ) -> (
        Literal[
            "file_version",
            "graph_def",
            "summary",
            "log_message",
            "session_log",
            "tagged_run_metadata",
            "meta_graph_def",
        ]
        | None
    ): ...

class SourceMetadata(Message):
    writer: str
    def __init__(self, *, writer: str | None = ...) -> None: ...

class LogMessage(Message):
    class _Level(EnumTypeWrapper):
        UNKNOWN: Final = 0
        DEBUGGING: Final = 10
        INFO: Final = 20
        WARN: Final = 30
        ERROR: Final = 40
        FATAL: Final = 50

    Level: Final[_Level]
    UNKNOWN: Final = 0
    DEBUGGING: Final = 10
    INFO: Final = 20
    WARN: Final = 30
    ERROR: Final = 40
    FATAL: Final = 50
    level: int
    message: str
    def __init__(self, *, level: int | str | None = ..., message: str | None = ...) -> None: ...

class SessionLog(Message):
    class _SessionStatus(EnumTypeWrapper):
        STATUS_UNSPECIFIED: Final = 0
        START: Final = 1
        STOP: Final = 2
        CHECKPOINT: Final = 3

    SessionStatus: Final[_SessionStatus]
    STATUS_UNSPECIFIED: Final = 0
    START: Final = 1
    STOP: Final = 2
    CHECKPOINT: Final = 3
    status: int
    checkpoint_path: str
    msg: str
    def __init__(
        self,
        *,
        status: int | str | None = ...,
        checkpoint_path: str | None = ...,
        msg: str | None = ...,
    ) -> None: ...

class TaggedRunMetadata(Message):
    tag: str
    run_metadata: bytes
    def __init__(self, *, tag: str | None = ..., run_metadata: bytes | None = ...) -> None: ...

class WatchdogConfig(Message):
    timeout_ms: int
    def __init__(self, *, timeout_ms: int | None = ...) -> None: ...

class RequestedExitCode(Message):
    exit_code: int
    def __init__(self, *, exit_code: int | None = ...) -> None: ...

class WorkerHeartbeatRequest(Message):
    shutdown_mode: int
    @property
    def watchdog_config(self) -> WatchdogConfig: ...
    @property
    def exit_code(self) -> RequestedExitCode: ...
    def __init__(
        self,
        *,
        shutdown_mode: int | str | None = ...,
        watchdog_config: WatchdogConfig | Mapping[str, object] | None = ...,
        exit_code: RequestedExitCode | Mapping[str, object] | None = ...,
    ) -> None: ...

class WorkerHeartbeatResponse(Message):
    health_status: int
    @property
    def worker_log(self) -> RepeatedCompositeFieldContainer[Event]: ...
    hostname: str
    def __init__(
        self,
        *,
        health_status: int | str | None = ...,
        worker_log: Iterable[Event | Mapping[str, object]] | None = ...,
        hostname: str | None = ...,
    ) -> None: ...

class BytesList(Message):
    @property
    def value(self) -> RepeatedScalarFieldContainer[bytes]: ...
    def __init__(self, *, value: Iterable[bytes] | None = ...) -> None: ...

class FloatList(Message):
    @property
    def value(self) -> RepeatedScalarFieldContainer[float]: ...
    def __init__(self, *, value: Iterable[float] | None = ...) -> None: ...

class Int64List(Message):
    @property
    def value(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(self, *, value: Iterable[int] | None = ...) -> None: ...

class Feature(Message):
    @property
    def bytes_list(self) -> BytesList: ...
    @property
    def float_list(self) -> FloatList: ...
    @property
    def int64_list(self) -> Int64List: ...
    def __init__(
        self,
        *,
        bytes_list: BytesList | Mapping[str, object] | None = ...,
        float_list: FloatList | Mapping[str, object] | None = ...,
        int64_list: Int64List | Mapping[str, object] | None = ...,
    ) -> None: ...
    def WhichOneof(
        self, oneof_group: Literal["kind"]
    ) -> Literal["bytes_list", "float_list", "int64_list"] | None: ...

class Features(Message):
    @property
    def feature(self) -> MessageMap[str, Feature]: ...
    def __init__(self, *, feature: Mapping[str, Feature] | None = ...) -> None: ...

class FeatureList(Message):
    @property
    def feature(self) -> RepeatedCompositeFieldContainer[Feature]: ...
    def __init__(
        self, *, feature: Iterable[Feature | Mapping[str, object]] | None = ...
    ) -> None: ...

class FeatureLists(Message):
    @property
    def feature_list(self) -> MessageMap[str, FeatureList]: ...
    def __init__(self, *, feature_list: Mapping[str, FeatureList] | None = ...) -> None: ...

class Example(Message):
    @property
    def features(self) -> Features: ...
    def __init__(self, *, features: Features | Mapping[str, object] | None = ...) -> None: ...

class SequenceExample(Message):
    @property
    def context(self) -> Features: ...
    @property
    def feature_lists(self) -> FeatureLists: ...
    def __init__(
        self,
        *,
        context: Features | Mapping[str, object] | None = ...,
        feature_lists: FeatureLists | Mapping[str, object] | None = ...,
    ) -> None: ...

class FingerprintDef(Message):
    saved_model_checksum: int
    graph_def_program_hash: int
    signature_def_hash: int
    saved_object_graph_hash: int
    checkpoint_hash: int
    @property
    def version(self) -> VersionDef: ...
    uuid: str
    def __init__(
        self,
        *,
        saved_model_checksum: int | None = ...,
        graph_def_program_hash: int | None = ...,
        signature_def_hash: int | None = ...,
        saved_object_graph_hash: int | None = ...,
        checkpoint_hash: int | None = ...,
        version: VersionDef | Mapping[str, object] | None = ...,
        uuid: str | None = ...,
    ) -> None: ...

class KernelDef(Message):
    class AttrConstraint(Message):
        name: str
        @property
        def allowed_values(self) -> AttrValue: ...
        def __init__(
            self,
            *,
            name: str | None = ...,
            allowed_values: AttrValue | Mapping[str, object] | None = ...,
        ) -> None: ...

    op: str
    device_type: str
    @property
    def constraint(self) -> RepeatedCompositeFieldContainer[KernelDef.AttrConstraint]: ...
    @property
    def host_memory_arg(self) -> RepeatedScalarFieldContainer[str]: ...
    label: str
    priority: int
    def __init__(
        self,
        *,
        op: str | None = ...,
        device_type: str | None = ...,
        constraint: Iterable[KernelDef.AttrConstraint | Mapping[str, object]] | None = ...,
        host_memory_arg: Iterable[str] | None = ...,
        label: str | None = ...,
        priority: int | None = ...,
    ) -> None: ...

class KernelList(Message):
    @property
    def kernel(self) -> RepeatedCompositeFieldContainer[KernelDef]: ...
    def __init__(
        self, *, kernel: Iterable[KernelDef | Mapping[str, object]] | None = ...
    ) -> None: ...

class Any(Message, well_known_types.Any):
    type_url: str
    value: bytes
    def __init__(self, *, type_url: str | None = ..., value: bytes | None = ...) -> None: ...

class StructuredValue(Message):
    @property
    def none_value(self) -> NoneValue: ...
    float64_value: float
    int64_value: int
    string_value: str
    bool_value: bool
    @property
    def tensor_shape_value(self) -> TensorShapeProto: ...
    tensor_dtype_value: int
    @property
    def tensor_spec_value(self) -> TensorSpecProto: ...
    @property
    def type_spec_value(self) -> TypeSpecProto: ...
    @property
    def bounded_tensor_spec_value(self) -> BoundedTensorSpecProto: ...
    @property
    def list_value(self) -> ListValue: ...
    @property
    def tuple_value(self) -> TupleValue: ...
    @property
    def dict_value(self) -> DictValue: ...
    @property
    def named_tuple_value(self) -> NamedTupleValue: ...
    @property
    def tensor_value(self) -> TensorProto: ...
    @property
    def numpy_value(self) -> TensorProto: ...
    def __init__(
        self,
        *,
        none_value: NoneValue | Mapping[str, object] | None = ...,
        float64_value: float | None = ...,
        int64_value: int | None = ...,
        string_value: str | None = ...,
        bool_value: bool | None = ...,
        tensor_shape_value: TensorShapeProto | Mapping[str, object] | None = ...,
        tensor_dtype_value: int | str | None = ...,
        tensor_spec_value: TensorSpecProto | Mapping[str, object] | None = ...,
        type_spec_value: TypeSpecProto | Mapping[str, object] | None = ...,
        bounded_tensor_spec_value: BoundedTensorSpecProto | Mapping[str, object] | None = ...,
        list_value: ListValue | Mapping[str, object] | None = ...,
        tuple_value: TupleValue | Mapping[str, object] | None = ...,
        dict_value: DictValue | Mapping[str, object] | None = ...,
        named_tuple_value: NamedTupleValue | Mapping[str, object] | None = ...,
        tensor_value: TensorProto | Mapping[str, object] | None = ...,
        numpy_value: TensorProto | Mapping[str, object] | None = ...,
    ) -> None: ...
    def WhichOneof(
        self, oneof_group: Literal["kind"]
    ) -> (
        Literal[
            "none_value",
            "float64_value",
            "int64_value",
            "string_value",
            "bool_value",
            "tensor_shape_value",
            "tensor_dtype_value",
            "tensor_spec_value",
            "type_spec_value",
            "bounded_tensor_spec_value",
            "list_value",
            "tuple_value",
            "dict_value",
            "named_tuple_value",
            "tensor_value",
            "numpy_value",
        ]
        | None
    ): ...

class NoneValue(Message):
    def __init__(self) -> None: ...

class ListValue(Message):
    @property
    def values(self) -> RepeatedCompositeFieldContainer[StructuredValue]: ...
    def __init__(
        self, *, values: Iterable[StructuredValue | Mapping[str, object]] | None = ...
    ) -> None: ...

class TupleValue(Message):
    @property
    def values(self) -> RepeatedCompositeFieldContainer[StructuredValue]: ...
    def __init__(
        self, *, values: Iterable[StructuredValue | Mapping[str, object]] | None = ...
    ) -> None: ...

class DictValue(Message):
    @property
    def fields(self) -> MessageMap[str, StructuredValue]: ...
    def __init__(self, *, fields: Mapping[str, StructuredValue] | None = ...) -> None: ...

class PairValue(Message):
    key: str
    @property
    def value(self) -> StructuredValue: ...
    def __init__(
        self, *, key: str | None = ..., value: StructuredValue | Mapping[str, object] | None = ...
    ) -> None: ...

class NamedTupleValue(Message):
    name: str
    @property
    def values(self) -> RepeatedCompositeFieldContainer[PairValue]: ...
    def __init__(
        self,
        *,
        name: str | None = ...,
        values: Iterable[PairValue | Mapping[str, object]] | None = ...,
    ) -> None: ...

class TensorSpecProto(Message):
    name: str
    @property
    def shape(self) -> TensorShapeProto: ...
    dtype: int
    def __init__(
        self,
        *,
        name: str | None = ...,
        shape: TensorShapeProto | Mapping[str, object] | None = ...,
        dtype: int | str | None = ...,
    ) -> None: ...

class BoundedTensorSpecProto(Message):
    name: str
    @property
    def shape(self) -> TensorShapeProto: ...
    dtype: int
    @property
    def minimum(self) -> TensorProto: ...
    @property
    def maximum(self) -> TensorProto: ...
    def __init__(
        self,
        *,
        name: str | None = ...,
        shape: TensorShapeProto | Mapping[str, object] | None = ...,
        dtype: int | str | None = ...,
        minimum: TensorProto | Mapping[str, object] | None = ...,
        maximum: TensorProto | Mapping[str, object] | None = ...,
    ) -> None: ...

class TypeSpecProto(Message):
    class _TypeSpecClass(EnumTypeWrapper):
        UNKNOWN: Final = 0
        SPARSE_TENSOR_SPEC: Final = 1
        INDEXED_SLICES_SPEC: Final = 2
        RAGGED_TENSOR_SPEC: Final = 3
        TENSOR_ARRAY_SPEC: Final = 4
        DATA_DATASET_SPEC: Final = 5
        DATA_ITERATOR_SPEC: Final = 6
        OPTIONAL_SPEC: Final = 7
        PER_REPLICA_SPEC: Final = 8
        VARIABLE_SPEC: Final = 9
        ROW_PARTITION_SPEC: Final = 10
        REGISTERED_TYPE_SPEC: Final = 12
        EXTENSION_TYPE_SPEC: Final = 13

    TypeSpecClass: Final[_TypeSpecClass]
    UNKNOWN: Final = 0
    SPARSE_TENSOR_SPEC: Final = 1
    INDEXED_SLICES_SPEC: Final = 2
    RAGGED_TENSOR_SPEC: Final = 3
    TENSOR_ARRAY_SPEC: Final = 4
    DATA_DATASET_SPEC: Final = 5
    DATA_ITERATOR_SPEC: Final = 6
    OPTIONAL_SPEC: Final = 7
    PER_REPLICA_SPEC: Final = 8
    VARIABLE_SPEC: Final = 9
    ROW_PARTITION_SPEC: Final = 10
    REGISTERED_TYPE_SPEC: Final = 12
    EXTENSION_TYPE_SPEC: Final = 13
    type_spec_class: int
    @property
    def type_state(self) -> StructuredValue: ...
    type_spec_class_name: str
    num_flat_components: int
    def __init__(
        self,
        *,
        type_spec_class: int | str | None = ...,
        type_state: StructuredValue | Mapping[str, object] | None = ...,
        type_spec_class_name: str | None = ...,
        num_flat_components: int | None = ...,
    ) -> None: ...

class DoubleValue(Message):
    value: float
    def __init__(self, *, value: float | None = ...) -> None: ...

class FloatValue(Message):
    value: float
    def __init__(self, *, value: float | None = ...) -> None: ...

class Int64Value(Message):
    value: int
    def __init__(self, *, value: int | None = ...) -> None: ...

class UInt64Value(Message):
    value: int
    def __init__(self, *, value: int | None = ...) -> None: ...

class Int32Value(Message):
    value: int
    def __init__(self, *, value: int | None = ...) -> None: ...

class UInt32Value(Message):
    value: int
    def __init__(self, *, value: int | None = ...) -> None: ...

class BoolValue(Message):
    value: bool
    def __init__(self, *, value: bool | None = ...) -> None: ...

class StringValue(Message):
    value: str
    def __init__(self, *, value: str | None = ...) -> None: ...

class BytesValue(Message):
    value: bytes
    def __init__(self, *, value: bytes | None = ...) -> None: ...

class TrackableObjectGraph(Message):
    class TrackableObject(Message):
        class ObjectReference(Message):
            node_id: int
            local_name: str
            def __init__(
                self, *, node_id: int | None = ..., local_name: str | None = ...
            ) -> None: ...

        class SerializedTensor(Message):
            name: str
            full_name: str
            checkpoint_key: str
            def __init__(
                self,
                *,
                name: str | None = ...,
                full_name: str | None = ...,
                checkpoint_key: str | None = ...,
            ) -> None: ...

        class SlotVariableReference(Message):
            original_variable_node_id: int
            slot_name: str
            slot_variable_node_id: int
            def __init__(
                self,
                *,
                original_variable_node_id: int | None = ...,
                slot_name: str | None = ...,
                slot_variable_node_id: int | None = ...,
            ) -> None: ...

        @property
        def children(
            self,
        ) -> RepeatedCompositeFieldContainer[
            TrackableObjectGraph.TrackableObject.ObjectReference
        ]: ...
        @property
        def attributes(
            self,
        ) -> RepeatedCompositeFieldContainer[
            TrackableObjectGraph.TrackableObject.SerializedTensor
        ]: ...
        @property
        def slot_variables(
            self,
        ) -> RepeatedCompositeFieldContainer[
            TrackableObjectGraph.TrackableObject.SlotVariableReference
        ]: ...
        @property
        def registered_saver(self) -> RegisteredSaver: ...
        @property
        def has_checkpoint_values(self) -> BoolValue: ...
        def __init__(
            self,
            *,
            children: Iterable[
                TrackableObjectGraph.TrackableObject.ObjectReference | Mapping[str, object]
            ]
            | None = ...,
            attributes: Iterable[
                TrackableObjectGraph.TrackableObject.SerializedTensor | Mapping[str, object]
            ]
            | None = ...,
            slot_variables: Iterable[
                TrackableObjectGraph.TrackableObject.SlotVariableReference | Mapping[str, object]
            ]
            | None = ...,
            registered_saver: RegisteredSaver | Mapping[str, object] | None = ...,
            has_checkpoint_values: BoolValue | Mapping[str, object] | None = ...,
        ) -> None: ...

    @property
    def nodes(self) -> RepeatedCompositeFieldContainer[TrackableObjectGraph.TrackableObject]: ...
    def __init__(
        self,
        *,
        nodes: Iterable[TrackableObjectGraph.TrackableObject | Mapping[str, object]] | None = ...,
    ) -> None: ...

class RegisteredSaver(Message):
    name: str
    object_name: str
    def __init__(self, *, name: str | None = ..., object_name: str | None = ...) -> None: ...

class _VariableSynchronization(EnumTypeWrapper):
    VARIABLE_SYNCHRONIZATION_AUTO: Final = 0
    VARIABLE_SYNCHRONIZATION_NONE: Final = 1
    VARIABLE_SYNCHRONIZATION_ON_WRITE: Final = 2
    VARIABLE_SYNCHRONIZATION_ON_READ: Final = 3

VariableSynchronization: Final[_VariableSynchronization]
VARIABLE_SYNCHRONIZATION_AUTO: Final = 0
VARIABLE_SYNCHRONIZATION_NONE: Final = 1
VARIABLE_SYNCHRONIZATION_ON_WRITE: Final = 2
VARIABLE_SYNCHRONIZATION_ON_READ: Final = 3

class _VariableAggregation(EnumTypeWrapper):
    VARIABLE_AGGREGATION_NONE: Final = 0
    VARIABLE_AGGREGATION_SUM: Final = 1
    VARIABLE_AGGREGATION_MEAN: Final = 2
    VARIABLE_AGGREGATION_ONLY_FIRST_REPLICA: Final = 3

VariableAggregation: Final[_VariableAggregation]
VARIABLE_AGGREGATION_NONE: Final = 0
VARIABLE_AGGREGATION_SUM: Final = 1
VARIABLE_AGGREGATION_MEAN: Final = 2
VARIABLE_AGGREGATION_ONLY_FIRST_REPLICA: Final = 3

class VariableDef(Message):
    variable_name: str
    initializer_name: str
    snapshot_name: str
    @property
    def save_slice_info_def(self) -> SaveSliceInfoDef: ...
    is_resource: bool
    initial_value_name: str
    trainable: bool
    synchronization: int
    aggregation: int
    def __init__(
        self,
        *,
        variable_name: str | None = ...,
        initializer_name: str | None = ...,
        snapshot_name: str | None = ...,
        save_slice_info_def: SaveSliceInfoDef | Mapping[str, object] | None = ...,
        is_resource: bool | None = ...,
        initial_value_name: str | None = ...,
        trainable: bool | None = ...,
        synchronization: int | str | None = ...,
        aggregation: int | str | None = ...,
    ) -> None: ...

class SaveSliceInfoDef(Message):
    full_name: str
    @property
    def full_shape(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def var_offset(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def var_shape(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        full_name: str | None = ...,
        full_shape: Iterable[int] | None = ...,
        var_offset: Iterable[int] | None = ...,
        var_shape: Iterable[int] | None = ...,
    ) -> None: ...

class SavedObjectGraph(Message):
    @property
    def nodes(self) -> RepeatedCompositeFieldContainer[SavedObject]: ...
    @property
    def concrete_functions(self) -> MessageMap[str, SavedConcreteFunction]: ...
    def __init__(
        self,
        *,
        nodes: Iterable[SavedObject | Mapping[str, object]] | None = ...,
        concrete_functions: Mapping[str, SavedConcreteFunction] | None = ...,
    ) -> None: ...

class SavedObject(Message):
    @property
    def children(
        self,
    ) -> RepeatedCompositeFieldContainer[TrackableObjectGraph.TrackableObject.ObjectReference]: ...
    @property
    def slot_variables(
        self,
    ) -> RepeatedCompositeFieldContainer[
        TrackableObjectGraph.TrackableObject.SlotVariableReference
    ]: ...
    @property
    def user_object(self) -> SavedUserObject: ...
    @property
    def asset(self) -> SavedAsset: ...
    @property
    def function(self) -> SavedFunction: ...
    @property
    def variable(self) -> SavedVariable: ...
    @property
    def bare_concrete_function(self) -> SavedBareConcreteFunction: ...
    @property
    def constant(self) -> SavedConstant: ...
    @property
    def resource(self) -> SavedResource: ...
    @property
    def captured_tensor(self) -> CapturedTensor: ...
    @property
    def saveable_objects(self) -> MessageMap[str, SaveableObject]: ...
    registered_name: str
    @property
    def serialized_user_proto(self) -> Any: ...
    @property
    def dependencies(
        self,
    ) -> RepeatedCompositeFieldContainer[TrackableObjectGraph.TrackableObject.ObjectReference]: ...
    registered_saver: str
    def __init__(
        self,
        *,
        children: Iterable[
            TrackableObjectGraph.TrackableObject.ObjectReference | Mapping[str, object]
        ]
        | None = ...,
        slot_variables: Iterable[
            TrackableObjectGraph.TrackableObject.SlotVariableReference | Mapping[str, object]
        ]
        | None = ...,
        user_object: SavedUserObject | Mapping[str, object] | None = ...,
        asset: SavedAsset | Mapping[str, object] | None = ...,
        function: SavedFunction | Mapping[str, object] | None = ...,
        variable: SavedVariable | Mapping[str, object] | None = ...,
        bare_concrete_function: SavedBareConcreteFunction | Mapping[str, object] | None = ...,
        constant: SavedConstant | Mapping[str, object] | None = ...,
        resource: SavedResource | Mapping[str, object] | None = ...,
        captured_tensor: CapturedTensor | Mapping[str, object] | None = ...,
        saveable_objects: Mapping[str, SaveableObject] | None = ...,
        registered_name: str | None = ...,
        serialized_user_proto: Any | Mapping[str, object] | None = ...,
        dependencies: Iterable[
            TrackableObjectGraph.TrackableObject.ObjectReference | Mapping[str, object]
        ]
        | None = ...,
        registered_saver: str | None = ...,
    ) -> None: ...
    def WhichOneof(
        self, oneof_group: Literal["kind"]
    ) -> (
        Literal[
            "user_object",
            "asset",
            "function",
            "variable",
            "bare_concrete_function",
            "constant",
            "resource",
            "captured_tensor",
        ]
        | None
    ): ...

class SavedUserObject(Message):
    identifier: str
    @property
    def version(self) -> VersionDef: ...
    metadata: str
    def __init__(
        self,
        *,
        identifier: str | None = ...,
        version: VersionDef | Mapping[str, object] | None = ...,
        metadata: str | None = ...,
    ) -> None: ...

class SavedAsset(Message):
    asset_file_def_index: int
    def __init__(self, *, asset_file_def_index: int | None = ...) -> None: ...

class SavedFunction(Message):
    @property
    def concrete_functions(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def function_spec(self) -> FunctionSpec: ...
    def __init__(
        self,
        *,
        concrete_functions: Iterable[str] | None = ...,
        function_spec: FunctionSpec | Mapping[str, object] | None = ...,
    ) -> None: ...

class CapturedTensor(Message):
    name: str
    concrete_function: str
    def __init__(self, *, name: str | None = ..., concrete_function: str | None = ...) -> None: ...

class SavedConcreteFunction(Message):
    @property
    def bound_inputs(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def canonicalized_input_signature(self) -> StructuredValue: ...
    @property
    def output_signature(self) -> StructuredValue: ...
    def __init__(
        self,
        *,
        bound_inputs: Iterable[int] | None = ...,
        canonicalized_input_signature: StructuredValue | Mapping[str, object] | None = ...,
        output_signature: StructuredValue | Mapping[str, object] | None = ...,
    ) -> None: ...

class SavedBareConcreteFunction(Message):
    concrete_function_name: str
    @property
    def argument_keywords(self) -> RepeatedScalarFieldContainer[str]: ...
    allowed_positional_arguments: int
    @property
    def function_spec(self) -> FunctionSpec: ...
    def __init__(
        self,
        *,
        concrete_function_name: str | None = ...,
        argument_keywords: Iterable[str] | None = ...,
        allowed_positional_arguments: int | None = ...,
        function_spec: FunctionSpec | Mapping[str, object] | None = ...,
    ) -> None: ...

class SavedConstant(Message):
    operation: str
    def __init__(self, *, operation: str | None = ...) -> None: ...

class SavedVariable(Message):
    dtype: int
    @property
    def shape(self) -> TensorShapeProto: ...
    trainable: bool
    synchronization: int
    aggregation: int
    name: str
    device: str
    @property
    def experimental_distributed_variable_components(
        self,
    ) -> RepeatedCompositeFieldContainer[SavedVariable]: ...
    def __init__(
        self,
        *,
        dtype: int | str | None = ...,
        shape: TensorShapeProto | Mapping[str, object] | None = ...,
        trainable: bool | None = ...,
        synchronization: int | str | None = ...,
        aggregation: int | str | None = ...,
        name: str | None = ...,
        device: str | None = ...,
        experimental_distributed_variable_components: Iterable[SavedVariable | Mapping[str, object]]
        | None = ...,
    ) -> None: ...

class FunctionSpec(Message):
    class _JitCompile(EnumTypeWrapper):
        DEFAULT: Final = 0
        ON: Final = 1
        OFF: Final = 2

    JitCompile: Final[_JitCompile]
    DEFAULT: Final = 0
    ON: Final = 1
    OFF: Final = 2
    @property
    def fullargspec(self) -> StructuredValue: ...
    is_method: bool
    @property
    def input_signature(self) -> StructuredValue: ...
    jit_compile: int
    def __init__(
        self,
        *,
        fullargspec: StructuredValue | Mapping[str, object] | None = ...,
        is_method: bool | None = ...,
        input_signature: StructuredValue | Mapping[str, object] | None = ...,
        jit_compile: int | str | None = ...,
    ) -> None: ...

class SavedResource(Message):
    device: str
    def __init__(self, *, device: str | None = ...) -> None: ...

class SaveableObject(Message):
    save_function: int
    restore_function: int
    def __init__(
        self, *, save_function: int | None = ..., restore_function: int | None = ...
    ) -> None: ...

class SaverDef(Message):
    class _CheckpointFormatVersion(EnumTypeWrapper):
        LEGACY: Final = 0
        V1: Final = 1
        V2: Final = 2

    CheckpointFormatVersion: Final[_CheckpointFormatVersion]
    LEGACY: Final = 0
    V1: Final = 1
    V2: Final = 2
    filename_tensor_name: str
    save_tensor_name: str
    restore_op_name: str
    max_to_keep: int
    sharded: bool
    keep_checkpoint_every_n_hours: float
    version: int
    def __init__(
        self,
        *,
        filename_tensor_name: str | None = ...,
        save_tensor_name: str | None = ...,
        restore_op_name: str | None = ...,
        max_to_keep: int | None = ...,
        sharded: bool | None = ...,
        keep_checkpoint_every_n_hours: float | None = ...,
        version: int | str | None = ...,
    ) -> None: ...

class MetaGraphDef(Message):
    class MetaInfoDef(Message):
        meta_graph_version: str
        @property
        def stripped_op_list(self) -> OpList: ...
        @property
        def any_info(self) -> Any: ...
        @property
        def tags(self) -> RepeatedScalarFieldContainer[str]: ...
        tensorflow_version: str
        tensorflow_git_version: str
        stripped_default_attrs: bool
        @property
        def function_aliases(self) -> ScalarMap[str, str]: ...
        def __init__(
            self,
            *,
            meta_graph_version: str | None = ...,
            stripped_op_list: OpList | Mapping[str, object] | None = ...,
            any_info: Any | Mapping[str, object] | None = ...,
            tags: Iterable[str] | None = ...,
            tensorflow_version: str | None = ...,
            tensorflow_git_version: str | None = ...,
            stripped_default_attrs: bool | None = ...,
            function_aliases: Mapping[str, str] | None = ...,
        ) -> None: ...

    @property
    def meta_info_def(self) -> MetaGraphDef.MetaInfoDef: ...
    @property
    def graph_def(self) -> GraphDef: ...
    @property
    def saver_def(self) -> SaverDef: ...
    @property
    def collection_def(self) -> MessageMap[str, CollectionDef]: ...
    @property
    def signature_def(self) -> MessageMap[str, SignatureDef]: ...
    @property
    def asset_file_def(self) -> RepeatedCompositeFieldContainer[AssetFileDef]: ...
    @property
    def object_graph_def(self) -> SavedObjectGraph: ...
    def __init__(
        self,
        *,
        meta_info_def: MetaGraphDef.MetaInfoDef | Mapping[str, object] | None = ...,
        graph_def: GraphDef | Mapping[str, object] | None = ...,
        saver_def: SaverDef | Mapping[str, object] | None = ...,
        collection_def: Mapping[str, CollectionDef] | None = ...,
        signature_def: Mapping[str, SignatureDef] | None = ...,
        asset_file_def: Iterable[AssetFileDef | Mapping[str, object]] | None = ...,
        object_graph_def: SavedObjectGraph | Mapping[str, object] | None = ...,
    ) -> None: ...

class CollectionDef(Message):
    class NodeList(Message):
        @property
        def value(self) -> RepeatedScalarFieldContainer[str]: ...
        def __init__(self, *, value: Iterable[str] | None = ...) -> None: ...

    class BytesList(Message):
        @property
        def value(self) -> RepeatedScalarFieldContainer[bytes]: ...
        def __init__(self, *, value: Iterable[bytes] | None = ...) -> None: ...

    class Int64List(Message):
        @property
        def value(self) -> RepeatedScalarFieldContainer[int]: ...
        def __init__(self, *, value: Iterable[int] | None = ...) -> None: ...

    class FloatList(Message):
        @property
        def value(self) -> RepeatedScalarFieldContainer[float]: ...
        def __init__(self, *, value: Iterable[float] | None = ...) -> None: ...

    class AnyList(Message):
        @property
        def value(self) -> RepeatedCompositeFieldContainer[Any]: ...
        def __init__(self, *, value: Iterable[Any | Mapping[str, object]] | None = ...) -> None: ...

    @property
    def node_list(self) -> CollectionDef.NodeList: ...
    @property
    def bytes_list(self) -> CollectionDef.BytesList: ...
    @property
    def int64_list(self) -> CollectionDef.Int64List: ...
    @property
    def float_list(self) -> CollectionDef.FloatList: ...
    @property
    def any_list(self) -> CollectionDef.AnyList: ...
    def __init__(
        self,
        *,
        node_list: CollectionDef.NodeList | Mapping[str, object] | None = ...,
        bytes_list: CollectionDef.BytesList | Mapping[str, object] | None = ...,
        int64_list: CollectionDef.Int64List | Mapping[str, object] | None = ...,
        float_list: CollectionDef.FloatList | Mapping[str, object] | None = ...,
        any_list: CollectionDef.AnyList | Mapping[str, object] | None = ...,
    ) -> None: ...
    def WhichOneof(
        self, oneof_group: Literal["kind"]
    ) -> Literal["node_list", "bytes_list", "int64_list", "float_list", "any_list"] | None: ...

class TensorInfo(Message):
    class CooSparse(Message):
        values_tensor_name: str
        indices_tensor_name: str
        dense_shape_tensor_name: str
        def __init__(
            self,
            *,
            values_tensor_name: str | None = ...,
            indices_tensor_name: str | None = ...,
            dense_shape_tensor_name: str | None = ...,
        ) -> None: ...

    class CompositeTensor(Message):
        @property
        def type_spec(self) -> TypeSpecProto: ...
        @property
        def components(self) -> RepeatedCompositeFieldContainer[TensorInfo]: ...
        def __init__(
            self,
            *,
            type_spec: TypeSpecProto | Mapping[str, object] | None = ...,
            components: Iterable[TensorInfo | Mapping[str, object]] | None = ...,
        ) -> None: ...

    name: str
    @property
    def coo_sparse(self) -> TensorInfo.CooSparse: ...
    @property
    def composite_tensor(self) -> TensorInfo.CompositeTensor: ...
    dtype: int
    @property
    def tensor_shape(self) -> TensorShapeProto: ...
    def __init__(
        self,
        *,
        name: str | None = ...,
        coo_sparse: TensorInfo.CooSparse | Mapping[str, object] | None = ...,
        composite_tensor: TensorInfo.CompositeTensor | Mapping[str, object] | None = ...,
        dtype: int | str | None = ...,
        tensor_shape: TensorShapeProto | Mapping[str, object] | None = ...,
    ) -> None: ...
    def WhichOneof(
        self, oneof_group: Literal["encoding"]
    ) -> Literal["name", "coo_sparse", "composite_tensor"] | None: ...

class SignatureDef(Message):
    @property
    def inputs(self) -> MessageMap[str, TensorInfo]: ...
    @property
    def outputs(self) -> MessageMap[str, TensorInfo]: ...
    method_name: str
    @property
    def defaults(self) -> MessageMap[str, TensorProto]: ...
    def __init__(
        self,
        *,
        inputs: Mapping[str, TensorInfo] | None = ...,
        outputs: Mapping[str, TensorInfo] | None = ...,
        method_name: str | None = ...,
        defaults: Mapping[str, TensorProto] | None = ...,
    ) -> None: ...

class AssetFileDef(Message):
    @property
    def tensor_info(self) -> TensorInfo: ...
    filename: str
    def __init__(
        self,
        *,
        tensor_info: TensorInfo | Mapping[str, object] | None = ...,
        filename: str | None = ...,
    ) -> None: ...

class NamedTensorProto(Message):
    name: str
    @property
    def tensor(self) -> TensorProto: ...
    def __init__(
        self, *, name: str | None = ..., tensor: TensorProto | Mapping[str, object] | None = ...
    ) -> None: ...

class QueueRunnerDef(Message):
    queue_name: str
    @property
    def enqueue_op_name(self) -> RepeatedScalarFieldContainer[str]: ...
    close_op_name: str
    cancel_op_name: str
    @property
    def queue_closed_exception_types(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        queue_name: str | None = ...,
        enqueue_op_name: Iterable[str] | None = ...,
        close_op_name: str | None = ...,
        cancel_op_name: str | None = ...,
        queue_closed_exception_types: Iterable[int | str] | None = ...,
    ) -> None: ...

class ReaderBaseState(Message):
    work_started: int
    work_finished: int
    num_records_produced: int
    current_work: bytes
    def __init__(
        self,
        *,
        work_started: int | None = ...,
        work_finished: int | None = ...,
        num_records_produced: int | None = ...,
        current_work: bytes | None = ...,
    ) -> None: ...

class SavedModel(Message):
    saved_model_schema_version: int
    @property
    def meta_graphs(self) -> RepeatedCompositeFieldContainer[MetaGraphDef]: ...
    def __init__(
        self,
        *,
        saved_model_schema_version: int | None = ...,
        meta_graphs: Iterable[MetaGraphDef | Mapping[str, object]] | None = ...,
    ) -> None: ...

class TensorSliceProto(Message):
    class Extent(Message):
        start: int
        length: int
        def __init__(self, *, start: int | None = ..., length: int | None = ...) -> None: ...
        def WhichOneof(
            self, oneof_group: Literal["has_length_hack"]
        ) -> Literal["length"] | None: ...

    @property
    def extent(self) -> RepeatedCompositeFieldContainer[TensorSliceProto.Extent]: ...
    def __init__(
        self, *, extent: Iterable[TensorSliceProto.Extent | Mapping[str, object]] | None = ...
    ) -> None: ...

class SavedSliceMeta(Message):
    name: str
    @property
    def shape(self) -> TensorShapeProto: ...
    type: int
    @property
    def slice(self) -> RepeatedCompositeFieldContainer[TensorSliceProto]: ...
    def __init__(
        self,
        *,
        name: str | None = ...,
        shape: TensorShapeProto | Mapping[str, object] | None = ...,
        type: int | str | None = ...,
        slice: Iterable[TensorSliceProto | Mapping[str, object]] | None = ...,
    ) -> None: ...

class SavedTensorSliceMeta(Message):
    @property
    def tensor(self) -> RepeatedCompositeFieldContainer[SavedSliceMeta]: ...
    @property
    def versions(self) -> VersionDef: ...
    def __init__(
        self,
        *,
        tensor: Iterable[SavedSliceMeta | Mapping[str, object]] | None = ...,
        versions: VersionDef | Mapping[str, object] | None = ...,
    ) -> None: ...

class SavedSlice(Message):
    name: str
    @property
    def slice(self) -> TensorSliceProto: ...
    @property
    def data(self) -> TensorProto: ...
    def __init__(
        self,
        *,
        name: str | None = ...,
        slice: TensorSliceProto | Mapping[str, object] | None = ...,
        data: TensorProto | Mapping[str, object] | None = ...,
    ) -> None: ...

class SavedTensorSlices(Message):
    @property
    def meta(self) -> SavedTensorSliceMeta: ...
    @property
    def data(self) -> SavedSlice: ...
    def __init__(
        self,
        *,
        meta: SavedTensorSliceMeta | Mapping[str, object] | None = ...,
        data: SavedSlice | Mapping[str, object] | None = ...,
    ) -> None: ...

class BundleHeaderProto(Message):
    class _Endianness(EnumTypeWrapper):
        LITTLE: Final = 0
        BIG: Final = 1

    Endianness: Final[_Endianness]
    LITTLE: Final = 0
    BIG: Final = 1
    num_shards: int
    endianness: int
    @property
    def version(self) -> VersionDef: ...
    def __init__(
        self,
        *,
        num_shards: int | None = ...,
        endianness: int | str | None = ...,
        version: VersionDef | Mapping[str, object] | None = ...,
    ) -> None: ...

class BundleEntryProto(Message):
    dtype: int
    @property
    def shape(self) -> TensorShapeProto: ...
    shard_id: int
    offset: int
    size: int
    crc32c: int
    @property
    def slices(self) -> RepeatedCompositeFieldContainer[TensorSliceProto]: ...
    def __init__(
        self,
        *,
        dtype: int | str | None = ...,
        shape: TensorShapeProto | Mapping[str, object] | None = ...,
        shard_id: int | None = ...,
        offset: int | None = ...,
        size: int | None = ...,
        crc32c: int | None = ...,
        slices: Iterable[TensorSliceProto | Mapping[str, object]] | None = ...,
    ) -> None: ...

class ServerDef(Message):
    @property
    def cluster(self) -> ClusterDef: ...
    job_name: str
    task_index: int
    @property
    def default_session_config(self) -> ConfigProto: ...
    protocol: str
    port: int
    @property
    def cluster_device_filters(self) -> ClusterDeviceFilters: ...
    replica: int
    def __init__(
        self,
        *,
        cluster: ClusterDef | Mapping[str, object] | None = ...,
        job_name: str | None = ...,
        task_index: int | None = ...,
        default_session_config: ConfigProto | Mapping[str, object] | None = ...,
        protocol: str | None = ...,
        port: int | None = ...,
        cluster_device_filters: ClusterDeviceFilters | Mapping[str, object] | None = ...,
        replica: int | None = ...,
    ) -> None: ...
