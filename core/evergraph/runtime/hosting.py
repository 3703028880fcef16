"""Which nodes run on the host, beside a backend that compiles or has arrays of its own."""

from __future__ import annotations

from typing import Final

#: Op types on datasets and their iterators.
_DATASETS: Final = (
    "BatchDataset",
    "BatchDatasetV2",
    "CSVDataset",
    "CSVDatasetV2",
    "CacheDataset",
    "ConcatenateDataset",
    "DatasetToSingleElement",
    "FilterDataset",
    "FixedLengthRecordDataset",
    "FixedLengthRecordDatasetV2",
    "FlatMapDataset",
    "GeneratorDataset",
    "IgnoreErrorsDataset",
    "InterleaveDataset",
    "Iterator",
    "IteratorFromStringHandle",
    "IteratorFromStringHandleV2",
    "IteratorGetNext",
    "IteratorGetNextSync",
    "IteratorToStringHandle",
    "IteratorV2",
    "LegacyParallelInterleaveDatasetV2",
    "MakeIterator",
    "MapAndBatchDataset",
    "MapDataset",
    "MaxIntraOpParallelismDataset",
    "ModelDataset",
    "OneShotIterator",
    "OptimizeDataset",
    "OptionsDataset",
    "PaddedBatchDataset",
    "PaddedBatchDatasetV2",
    "ParallelBatchDataset",
    "ParallelFilterDataset",
    "ParallelInterleaveDataset",
    "ParallelInterleaveDatasetV2",
    "ParallelInterleaveDatasetV3",
    "ParallelInterleaveDatasetV4",
    "ParallelMapDataset",
    "ParallelMapDatasetV2",
    "PrefetchDataset",
    "PrivateThreadPoolDataset",
    "RandomDataset",
    "RangeDataset",
    "ReduceDataset",
    "RepeatDataset",
    "RewriteDataset",
    "ScanDataset",
    "ShardDataset",
    "ShuffleAndRepeatDataset",
    "ShuffleDataset",
    "ShuffleDatasetV3",
    "SkipDataset",
    "SparseTensorSliceDataset",
    "TFRecordDataset",
    "TakeDataset",
    "TakeWhileDataset",
    "TensorDataset",
    "TensorSliceDataset",
    "TextLineDataset",
    "UnbatchDataset",
    "UniqueDataset",
    "WindowDataset",
    "ZipDataset",
)

#: Op types that may be host nodes, with the reason. Any other op that a backend lacks is an error.
HOST_ONLY: Final[dict[str, str]] = dict.fromkeys(_DATASETS, "datasets live on the host") | {
    "Assert": "its data may be strings; it is checked before the step returns",
    "Print": "writes to the process's standard error",
    "PrintV2": "writes to the process's standard error",
    "Where": "the shape of its output depends on values",
    "Unique": "the shape of its output depends on values",
    "UniqueV2": "the shape of its output depends on values",
    "UniqueWithCounts": "the shape of its output depends on values",
    "UniqueWithCountsV2": "the shape of its output depends on values",
    "ListDiff": "the shape of its output depends on values",
    "DynamicPartition": "the shapes of its outputs depend on values",
    "AllCandidateSampler": "draws until it has what it needs",
    "FixedUnigramCandidateSampler": "draws until it has what it needs",
    "LearnedUnigramCandidateSampler": "draws until it has what it needs",
    "LogUniformCandidateSampler": "draws until it has what it needs",
    "ThreadUnsafeUnigramCandidateSampler": "draws until it has what it needs",
    "UniformCandidateSampler": "draws until it has what it needs",
    "ComputeAccidentalHits": "the shapes of its outputs depend on values",
    "DeleteSessionTensor": "the values that a session keeps are known to the host",
    "GetSessionHandle": "the values that a session keeps are known to the host",
    "GetSessionHandleV2": "the values that a session keeps are known to the host",
    "GetSessionTensor": "the values that a session keeps are known to the host",
    "PyFunc": "calls Python",
    "PyFuncStateless": "calls Python",
    "ReadFile": "reads files",
    "WriteFile": "writes files",
    "MatchingFiles": "looks for files",
    "SaveV2": "writes files",
    "RestoreV2": "reads files",
    "MergeV2Checkpoints": "writes files",
    "Save": "writes files",
    "SaveSlices": "writes files",
    "Restore": "reads files",
    "RestoreSlice": "reads files",
    "IdentityReader": "readers live on the host",
    "IdentityReaderV2": "readers live on the host",
    "WholeFileReader": "readers live on the host",
    "WholeFileReaderV2": "readers live on the host",
    "TextLineReader": "readers live on the host",
    "TextLineReaderV2": "readers live on the host",
    "FixedLengthRecordReader": "readers live on the host",
    "FixedLengthRecordReaderV2": "readers live on the host",
    "TFRecordReader": "readers live on the host",
    "TFRecordReaderV2": "readers live on the host",
    "ReaderRead": "readers live on the host",
    "ReaderReadV2": "readers live on the host",
    "ReaderReadUpTo": "readers live on the host",
    "ReaderReadUpToV2": "readers live on the host",
    "ReaderNumRecordsProduced": "readers live on the host",
    "ReaderNumRecordsProducedV2": "readers live on the host",
    "ReaderNumWorkUnitsCompleted": "readers live on the host",
    "ReaderNumWorkUnitsCompletedV2": "readers live on the host",
    "ReaderReset": "readers live on the host",
    "ReaderResetV2": "readers live on the host",
    "ReaderSerializeState": "readers live on the host",
    "ReaderSerializeStateV2": "readers live on the host",
    "ReaderRestoreState": "readers live on the host",
    "ReaderRestoreStateV2": "readers live on the host",
    "HashTable": "tables live on the host",
    "HashTableV2": "tables live on the host",
    "InitializeTable": "tables live on the host",
    "InitializeTableFromTextFile": "tables live on the host",
    "InitializeTableFromTextFileV2": "tables live on the host",
    "InitializeTableV2": "tables live on the host",
    "LookupTableExport": "tables live on the host",
    "LookupTableExportV2": "tables live on the host",
    "LookupTableFind": "tables live on the host",
    "LookupTableFindV2": "tables live on the host",
    "LookupTableImport": "tables live on the host",
    "LookupTableImportV2": "tables live on the host",
    "LookupTableInsert": "tables live on the host",
    "LookupTableInsertV2": "tables live on the host",
    "LookupTableRemoveV2": "tables live on the host",
    "LookupTableSize": "tables live on the host",
    "LookupTableSizeV2": "tables live on the host",
    "MutableDenseHashTable": "tables live on the host",
    "MutableDenseHashTableV2": "tables live on the host",
    "MutableHashTable": "tables live on the host",
    "MutableHashTableOfTensors": "tables live on the host",
    "MutableHashTableOfTensorsV2": "tables live on the host",
    "MutableHashTableV2": "tables live on the host",
    "FakeQueue": "queues live on the host",
    "FIFOQueue": "queues live on the host",
    "FIFOQueueV2": "queues live on the host",
    "PaddingFIFOQueue": "queues live on the host",
    "PaddingFIFOQueueV2": "queues live on the host",
    "RandomShuffleQueue": "queues live on the host",
    "RandomShuffleQueueV2": "queues live on the host",
    "PriorityQueue": "queues live on the host",
    "PriorityQueueV2": "queues live on the host",
    "QueueEnqueue": "queues live on the host",
    "QueueEnqueueV2": "queues live on the host",
    "QueueEnqueueMany": "queues live on the host",
    "QueueEnqueueManyV2": "queues live on the host",
    "QueueDequeue": "queues live on the host",
    "QueueDequeueV2": "queues live on the host",
    "QueueDequeueMany": "queues live on the host",
    "QueueDequeueManyV2": "queues live on the host",
    "QueueDequeueUpTo": "queues live on the host",
    "QueueDequeueUpToV2": "queues live on the host",
    "QueueClose": "queues live on the host",
    "QueueCloseV2": "queues live on the host",
    "QueueSize": "queues live on the host",
    "QueueSizeV2": "queues live on the host",
    "QueueIsClosed": "queues live on the host",
    "QueueIsClosedV2": "queues live on the host",
}

#: Op types on lists of tensors, and on optional values, which are lists as well.
LISTS: Final = frozenset(
    {
        "EmptyTensorList",
        "OptionalFromValue",
        "OptionalGetValue",
        "OptionalHasValue",
        "OptionalNone",
        "TensorListConcat",
        "TensorListConcatLists",
        "TensorListConcatV2",
        "TensorListElementShape",
        "TensorListFromTensor",
        "TensorListGather",
        "TensorListGetItem",
        "TensorListLength",
        "TensorListPopBack",
        "TensorListPushBack",
        "TensorListPushBackBatch",
        "TensorListReserve",
        "TensorListResize",
        "TensorListScatter",
        "TensorListScatterIntoExistingList",
        "TensorListScatterV2",
        "TensorListSetItem",
        "TensorListSplit",
        "TensorListStack",
    }
)

#: Op types that a backend which has kernels for lists gives lists to.
TAKE_LISTS: Final = (LISTS - {"TensorListPushBackBatch"}) | {
    "AddN",
    "Identity",
    "IdentityN",
    "StopGradient",
    "ZerosLike",
    "_Conditional",
    "_Given",
    "_Loop",
}

#: Op types that call functions of a graph.
CALLS: Final = frozenset(
    {
        "Case",
        "If",
        "PartitionedCall",
        "StatefulPartitionedCall",
        "StatelessCase",
        "StatelessIf",
        "StatelessWhile",
        "SymbolicGradient",
        "While",
    }
)

#: Op types of TensorArrays and stacks: planning makes ops of lists of them.
ARRAYS: Final = frozenset(
    [
        f"{kind}{name}{version}"
        for kind, names, versions in (
            (
                "TensorArray",
                " Grad Write Read Gather Scatter Concat Split Size Close",
                ("", "V2", "V3"),
            ),
            ("TensorArray", "Pack Unpack", ("",)),
            ("Stack", " Push Pop Close", ("", "V2")),
        )
        for name in names.split(" ")
        for version in versions
    ]
)

#: Op types that planning takes care of: they become constants, feeds, blocks or nothing at all.
PLANNED: Final = (
    CALLS
    | ARRAYS
    | {
        "Const",
        "ControlTrigger",
        "DisableCopyOnRead",
        "Enter",
        "Exit",
        "IsVariableInitialized",
        "LoopCond",
        "Merge",
        "NextIteration",
        "NoOp",
        "Placeholder",
        "PlaceholderV2",
        "ReadVariableOp",
        "RefEnter",
        "RefExit",
        "RefMerge",
        "RefNextIteration",
        "RefSwitch",
        "Switch",
        "VarHandleOp",
        "VarIsInitializedOp",
        "Variable",
        "VariableV2",
    }
)

#: Reasons that do not lie in the op type.
OF_LISTS: Final = "lists live on the host here"
STRINGS: Final = "strings live on the host"
HOST_INPUT: Final = "decides a shape or the structure of a node of the backend"
BY_OPTION: Final = "the backend has no kernel; allowed by backend_options['host'] = 'any'"
DRIVEN: Final = "runs what the host must do, or what decides shapes anew each time"

#: Op types that no graph has, only what is planned: why the host runs those that a backend lacks.
OWN: Final[dict[str, str]] = {
    "_Conditional": DRIVEN,
    "_Given": "looks whether a value is there at all",
    "_Loop": DRIVEN,
}
