"""Pieces of values are chunks on the wire, whoever writes and reads them."""

import pytest
from google.protobuf.message import DecodeError

from evergraph_grpc.pieces import read, written
from evergraph_grpc.protos import Chunk


@pytest.mark.parametrize("size", [0, 1, 127, 128, 16_383, 16_384, 1 << 20, (1 << 20) + 1])
def test_data_is_a_chunk(size):
    data = bytes(i % 251 for i in range(size))
    assert Chunk.FromString(written(memoryview(data))).data == data
    assert bytes(read(written(memoryview(data)))) == data
    message = Chunk(data=data).SerializeToString()
    assert bytes(read(message) if size else b"") == data


def test_a_chunk_that_has_more_is_a_message():
    for chunk in (Chunk(total_bytes=5), Chunk(session="s", data=b"x"), Chunk()):
        assert read(written(chunk)) == chunk


@pytest.mark.parametrize("data", [b'"', b'"\x05abc', b'"\xff\xff\xff\xff\xff\xff', b"\xff"])
def test_what_is_no_chunk_is_refused(data):
    with pytest.raises(DecodeError):
        read(data)


def test_data_before_another_field_is_a_message():
    data = Chunk(data=b"abc").SerializeToString() + Chunk(total_bytes=7).SerializeToString()
    assert read(data) == Chunk(data=b"abc", total_bytes=7)
