"""SavedModels that are damaged: a model or a clear error, within bounds."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from random import Random
from typing import Any

import pytest

import evergraph as eg
import evergraph.v1 as tf
from evergraph import protos

MODELS = Path(__file__).parents[2] / "conformance/evergraph_conformance/models/saved"
NAMES = ("v1_assets", "v1_functional_loop", "v1_hub", "v1_simple_save", "v2_two_signatures")
ALLOWED = (ValueError, TypeError, OSError, RuntimeError, tf.errors.OpError)
PUSH, LONG = 2000, 100_000
TEXTS = ("", "x", "x:0", ":0", "^x", "../x", "/etc/passwd", "a b", "é", "x" * 10_000, "save/Const")
NUMBERS = (0, 1, -1, 7, 2**31 - 1, 2**62)


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_model_is_a_model_or_an_error(name, sample, guard, tmp_path):
    with zipfile.ZipFile(MODELS / f"{name}.zip") as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "saved_model"
    whole = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    graph = folder / "saved_model.pb"
    index = next(folder.glob("variables/*.index"), graph)
    for i in range(sample.count(PUSH, LONG) // len(NAMES)):
        random = sample.random("saved_model", name, i)
        path = random.choice((graph, graph, graph, index))
        if path == graph and random.random() < 0.7:
            data = changed(whole[path], random)
        else:
            data = flipped(whole[path], random)
        path.write_bytes(data)
        with guard(f"try {i} of {name}; {sample}"):
            check(folder, random)
        path.write_bytes(whole[path])
    shutil.rmtree(folder)


def check(folder: Path, random: Random) -> None:
    """Load a model, and call it if that worked."""
    try:
        model = eg.load(folder, backend="numpy")
        values = dict.fromkeys(model.inputs, 1) if random.random() < 0.5 else {}
        try:
            model.run(values)
        finally:
            model.close()
    except ALLOWED as error:
        if isinstance(error, tf.errors.InternalError):
            raise


def flipped(data: bytes, random: Random) -> bytes:
    found = bytearray(data)
    for _ in range(random.choice((1, 1, 3))):
        found[random.randrange(len(found))] ^= 1 << random.randrange(8)
    return bytes(found[: random.choice((len(found), random.randrange(len(found))))])


def changed(data: bytes, random: Random) -> bytes:
    message = protos.SavedModel.FromString(data)
    for _ in range(random.choice((1, 1, 2, 4))):
        change(message.meta_graphs[0], random)
    return message.SerializePartialToString()


def change(message: Any, random: Random) -> None:
    """Change, drop or repeat something in a message, somewhere down."""
    present = [(f, v) for f, v in message.ListFields() if f.name != "stripped_op_list"]
    if not present:
        return
    field, value = random.choice(present)
    if random.random() < 0.1:
        message.ClearField(field.name)
    elif field.message_type is not None and field.message_type.GetOptions().map_entry:
        key = random.choice(list(value))
        if random.random() < 0.2 or not hasattr(value[key], "ListFields"):
            del value[key]
        else:
            change(value[key], random)
    elif field.is_repeated:
        at = random.randrange(len(value))
        if random.random() < 0.2:
            del value[at]
        elif field.message_type is not None:
            change(value[at], random)
        else:
            value[at] = other(field, value[at], random)
    elif field.message_type is not None:
        change(value, random)
    else:
        setattr(message, field.name, other(field, value, random))


def other(field: Any, value: Any, random: Random) -> Any:
    """Return another value of the type of a field."""
    if isinstance(value, str):
        return random.choice(TEXTS)
    if isinstance(value, bytes):
        return random.choice(TEXTS).encode()
    if isinstance(value, bool):
        return not value
    if isinstance(value, float):
        return random.choice((0.0, -1.0, float("nan"), 1e30))
    if field.enum_type is not None or field.cpp_type in (field.CPPTYPE_INT32, field.CPPTYPE_UINT32):
        return random.choice((0, 1, 3, 9, 20, 101))
    return random.choice([n for n in NUMBERS if n >= 0 or field.cpp_type == field.CPPTYPE_INT64])
