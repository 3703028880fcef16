"""tf.io: files, the queues of their names, and what is in them."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        "evergraph.v1.graph_files": "write_graph",
        "evergraph.v1.io_gfile": "gfile=",
        "evergraph.v1.features": (
            "FixedLenFeature FixedLenSequenceFeature RaggedFeature SparseFeature VarLenFeature"
        ),
        "evergraph.v1.parsing": (
            "decode_csv decode_json_example parse_example parse_sequence_example "
            "parse_single_example parse_single_sequence_example"
        ),
        "evergraph.v1.string_ops": "decode_raw",
        "evergraph.v1.plain": (
            "decode_and_crop_jpeg decode_base64 decode_bmp decode_compressed decode_gif "
            "decode_jpeg decode_png encode_base64 encode_jpeg encode_png extract_jpeg_shape "
            "parse_tensor serialize_tensor"
        ),
        "evergraph.v1.image_files": "decode_image is_jpeg",
        "evergraph.v1.queues": "PaddingFIFOQueue PriorityQueue QueueBase RandomShuffleQueue",
        "evergraph.v1.readers": "match_filenames_once matching_files read_file write_file",
        "evergraph.v1.tf_record": (
            "TFRecordCompressionType TFRecordOptions TFRecordWriter tf_record_iterator"
        ),
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
