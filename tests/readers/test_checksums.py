"""CRC-32C against its definition."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph.readers.checksums import crc32c, masked_crc32c


def by_bits(data: bytes) -> int:
    state = 0xFFFFFFFF
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = (state >> 1) ^ (0x82F63B78 if state & 1 else 0)
    return state ^ 0xFFFFFFFF


def test_known_checksums():
    assert crc32c(b"") == 0
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert masked_crc32c(b"first") == 0xE523FF55


@pytest.mark.parametrize("length", [1, 255, 5685, 11370, 11371, 11374, 30000, 100001])
def test_long_data_have_the_checksum_of_their_bytes(length):
    data = bytes(i * i % 251 for i in range(length))
    assert crc32c(data) == by_bits(data)


def test_checksums_go_on_where_others_end():
    data = np.random.default_rng(1).bytes(5_000_003)
    whole = crc32c(data)
    for cut in (0, 1, 3, 4_194_303, 4_194_304, len(data)):
        assert crc32c(data[cut:], crc32c(data[:cut])) == whole
