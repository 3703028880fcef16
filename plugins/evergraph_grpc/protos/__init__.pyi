"""Types of the service's messages, written by tests/oracle/compile_service.py: not to be edited."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from google.protobuf.internal.containers import (
    RepeatedCompositeFieldContainer,
    RepeatedScalarFieldContainer,
)
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

from evergraph.protos import ConfigProto, GraphDef, TensorDescription

SERVICE: Final[str]

class _Version(EnumTypeWrapper):
    NONE: Final = 0
    CURRENT: Final = 1

Version: Final[_Version]
NONE: Final = 0
CURRENT: Final = 1

class Status(Message):
    code: int
    message: str
    node: str
    def __init__(
        self, *, code: int | None = ..., message: str | None = ..., node: str | None = ...
    ) -> None: ...

class Value(Message):
    @property
    def dims(self) -> RepeatedScalarFieldContainer[int]: ...
    content: bytes
    transfer: str
    kept: str
    def __init__(
        self,
        *,
        dims: Iterable[int] | None = ...,
        content: bytes | None = ...,
        transfer: str | None = ...,
        kept: str | None = ...,
    ) -> None: ...
    def WhichOneof(
        self, oneof_group: Literal["where"]
    ) -> Literal["content", "transfer", "kept"] | None: ...

class Strings(Message):
    @property
    def item(self) -> RepeatedScalarFieldContainer[bytes]: ...
    def __init__(self, *, item: Iterable[bytes] | None = ...) -> None: ...

class NamedValue(Message):
    name: str
    @property
    def value(self) -> Value: ...
    def __init__(
        self, *, name: str | None = ..., value: Value | Mapping[str, object] | None = ...
    ) -> None: ...

class Empty(Message):
    @property
    def status(self) -> Status: ...
    def __init__(self, *, status: Status | Mapping[str, object] | None = ...) -> None: ...

class CreateSessionRequest(Message):
    version: int
    @property
    def config(self) -> ConfigProto: ...
    only_here: bool
    def __init__(
        self,
        *,
        version: int | str | None = ...,
        config: ConfigProto | Mapping[str, object] | None = ...,
        only_here: bool | None = ...,
    ) -> None: ...

class CreateSessionResponse(Message):
    @property
    def status(self) -> Status: ...
    session: str
    task: str
    backend: str
    lease_seconds: float
    def __init__(
        self,
        *,
        status: Status | Mapping[str, object] | None = ...,
        session: str | None = ...,
        task: str | None = ...,
        backend: str | None = ...,
        lease_seconds: float | None = ...,
    ) -> None: ...

class ExtendSessionRequest(Message):
    session: str
    @property
    def graph(self) -> GraphDef: ...
    transfer: str
    replaces: bool
    def __init__(
        self,
        *,
        session: str | None = ...,
        graph: GraphDef | Mapping[str, object] | None = ...,
        transfer: str | None = ...,
        replaces: bool | None = ...,
    ) -> None: ...

class Signature(Message):
    @property
    def feed(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def fetch(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def target(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def done(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self,
        *,
        feed: Iterable[str] | None = ...,
        fetch: Iterable[str] | None = ...,
        target: Iterable[str] | None = ...,
        done: Iterable[str] | None = ...,
    ) -> None: ...

class Options(Message):
    timeout_seconds: float
    trace: bool
    def __init__(
        self, *, timeout_seconds: float | None = ..., trace: bool | None = ...
    ) -> None: ...

class RunStepRequest(Message):
    session: str
    step: int
    @property
    def feed(self) -> RepeatedCompositeFieldContainer[NamedValue]: ...
    @property
    def fetch(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def target(self) -> RepeatedScalarFieldContainer[str]: ...
    partial_run: str
    @property
    def options(self) -> Options: ...
    @property
    def done(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self,
        *,
        session: str | None = ...,
        step: int | None = ...,
        feed: Iterable[NamedValue | Mapping[str, object]] | None = ...,
        fetch: Iterable[str] | None = ...,
        target: Iterable[str] | None = ...,
        partial_run: str | None = ...,
        options: Options | Mapping[str, object] | None = ...,
        done: Iterable[str] | None = ...,
    ) -> None: ...

class RunStepResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def value(self) -> RepeatedCompositeFieldContainer[Value]: ...
    @property
    def event(self) -> RepeatedCompositeFieldContainer[NodeEvent]: ...
    def __init__(
        self,
        *,
        status: Status | Mapping[str, object] | None = ...,
        value: Iterable[Value | Mapping[str, object]] | None = ...,
        event: Iterable[NodeEvent | Mapping[str, object]] | None = ...,
    ) -> None: ...

class NodeEvent(Message):
    name: str
    type: str
    @property
    def input(self) -> RepeatedScalarFieldContainer[str]: ...
    device: str
    start_ns: int
    end_ns: int
    @property
    def output(self) -> RepeatedCompositeFieldContainer[TensorDescription]: ...
    def __init__(
        self,
        *,
        name: str | None = ...,
        type: str | None = ...,
        input: Iterable[str] | None = ...,
        device: str | None = ...,
        start_ns: int | None = ...,
        end_ns: int | None = ...,
        output: Iterable[TensorDescription | Mapping[str, object]] | None = ...,
    ) -> None: ...

class PartialRunSetupRequest(Message):
    session: str
    @property
    def signature(self) -> Signature: ...
    @property
    def options(self) -> Options: ...
    def __init__(
        self,
        *,
        session: str | None = ...,
        signature: Signature | Mapping[str, object] | None = ...,
        options: Options | Mapping[str, object] | None = ...,
    ) -> None: ...

class PartialRunSetupResponse(Message):
    @property
    def status(self) -> Status: ...
    partial_run: str
    def __init__(
        self, *, status: Status | Mapping[str, object] | None = ..., partial_run: str | None = ...
    ) -> None: ...

class MakeCallableRequest(Message):
    session: str
    @property
    def signature(self) -> Signature: ...
    def __init__(
        self, *, session: str | None = ..., signature: Signature | Mapping[str, object] | None = ...
    ) -> None: ...

class MakeCallableResponse(Message):
    @property
    def status(self) -> Status: ...
    callable: int
    def __init__(
        self, *, status: Status | Mapping[str, object] | None = ..., callable: int | None = ...
    ) -> None: ...

class RunCallableRequest(Message):
    session: str
    step: int
    callable: int
    @property
    def feed(self) -> RepeatedCompositeFieldContainer[Value]: ...
    @property
    def options(self) -> Options: ...
    def __init__(
        self,
        *,
        session: str | None = ...,
        step: int | None = ...,
        callable: int | None = ...,
        feed: Iterable[Value | Mapping[str, object]] | None = ...,
        options: Options | Mapping[str, object] | None = ...,
    ) -> None: ...

class ReleaseCallableRequest(Message):
    session: str
    @property
    def callable(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self, *, session: str | None = ..., callable: Iterable[int] | None = ...
    ) -> None: ...

class DescribeStepRequest(Message):
    session: str
    @property
    def signature(self) -> Signature: ...
    def __init__(
        self, *, session: str | None = ..., signature: Signature | Mapping[str, object] | None = ...
    ) -> None: ...

class DescribeStepResponse(Message):
    @property
    def status(self) -> Status: ...
    backend: str
    @property
    def node(self) -> RepeatedCompositeFieldContainer[Placement]: ...
    @property
    def compilations(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def partition(self) -> RepeatedCompositeFieldContainer[GraphDef]: ...
    def __init__(
        self,
        *,
        status: Status | Mapping[str, object] | None = ...,
        backend: str | None = ...,
        node: Iterable[Placement | Mapping[str, object]] | None = ...,
        compilations: Iterable[int] | None = ...,
        partition: Iterable[GraphDef | Mapping[str, object]] | None = ...,
    ) -> None: ...

class Placement(Message):
    name: str
    type: str
    where: str
    device: str
    region: int
    reason: str
    def __init__(
        self,
        *,
        name: str | None = ...,
        type: str | None = ...,
        where: str | None = ...,
        device: str | None = ...,
        region: int | None = ...,
        reason: str | None = ...,
    ) -> None: ...

class KeptValueRequest(Message):
    class _Action(EnumTypeWrapper):
        CHECK: Final = 0
        FETCH: Final = 1
        FORGET: Final = 2

    Action: Final[_Action]
    CHECK: Final = 0
    FETCH: Final = 1
    FORGET: Final = 2
    session: str
    name: str
    action: int
    def __init__(
        self, *, session: str | None = ..., name: str | None = ..., action: int | str | None = ...
    ) -> None: ...

class KeptValueResponse(Message):
    @property
    def status(self) -> Status: ...
    exists: bool
    dtype: int
    @property
    def value(self) -> Value: ...
    def __init__(
        self,
        *,
        status: Status | Mapping[str, object] | None = ...,
        exists: bool | None = ...,
        dtype: int | None = ...,
        value: Value | Mapping[str, object] | None = ...,
    ) -> None: ...

class CancelRequest(Message):
    session: str
    step: int
    def __init__(self, *, session: str | None = ..., step: int | None = ...) -> None: ...

class CloseSessionRequest(Message):
    session: str
    def __init__(self, *, session: str | None = ...) -> None: ...

class ListDevicesRequest(Message):
    session: str
    def __init__(self, *, session: str | None = ...) -> None: ...

class ListDevicesResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def device(self) -> RepeatedCompositeFieldContainer[Device]: ...
    def __init__(
        self,
        *,
        status: Status | Mapping[str, object] | None = ...,
        device: Iterable[Device | Mapping[str, object]] | None = ...,
    ) -> None: ...

class Device(Message):
    name: str
    type: str
    memory_limit: int
    incarnation: int
    def __init__(
        self,
        *,
        name: str | None = ...,
        type: str | None = ...,
        memory_limit: int | None = ...,
        incarnation: int | None = ...,
    ) -> None: ...

class ResetRequest(Message):
    @property
    def container(self) -> RepeatedScalarFieldContainer[str]: ...
    only_here: bool
    def __init__(
        self, *, container: Iterable[str] | None = ..., only_here: bool | None = ...
    ) -> None: ...

class HealthRequest(Message):
    @property
    def session(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(self, *, session: Iterable[str] | None = ...) -> None: ...

class HealthResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def lost(self) -> RepeatedScalarFieldContainer[str]: ...
    version: int
    sessions: int
    def __init__(
        self,
        *,
        status: Status | Mapping[str, object] | None = ...,
        lost: Iterable[str] | None = ...,
        version: int | str | None = ...,
        sessions: int | None = ...,
    ) -> None: ...

class UploadResponse(Message):
    @property
    def status(self) -> Status: ...
    transfer: str
    def __init__(
        self, *, status: Status | Mapping[str, object] | None = ..., transfer: str | None = ...
    ) -> None: ...

class DownloadRequest(Message):
    session: str
    transfer: str
    def __init__(self, *, session: str | None = ..., transfer: str | None = ...) -> None: ...

class Chunk(Message):
    @property
    def status(self) -> Status: ...
    session: str
    total_bytes: int
    data: bytes
    def __init__(
        self,
        *,
        status: Status | Mapping[str, object] | None = ...,
        session: str | None = ...,
        total_bytes: int | None = ...,
        data: bytes | None = ...,
    ) -> None: ...
