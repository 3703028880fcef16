"""Lookup tables: HashTable, MutableHashTable …, what fills them and what asks them."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from evergraph import attributes
from evergraph.dtypes import from_numpy
from evergraph.errors import InvalidArgumentError, OutOfRangeError
from evergraph.files import read_file
from evergraph.op import define, no_gradient
from evergraph.ops.rules import with_rank
from evergraph.tables import Spec, Table
from evergraph.vocabulary import dtype_text

#: What a column of a file is that is none: the whole line, or its number.
_WHOLE_LINE, _LINE_NUMBER = -2, -1


def _invalid(message):
    return InvalidArgumentError(None, None, message)


def _found(context, container, shared_name, use_node_name_sharing, node, spec):
    """Return the table of a node, which is made if need be."""
    if shared_name.startswith("_"):
        raise _invalid(f"shared_name cannot start with '_':{shared_name}")
    name = shared_name or (node if use_node_name_sharing else f"_{node}")
    table = context.resource(
        container,
        f"table/{name}",
        lambda: Table(f"{container or 'localhost'} {name}", spec),
    )
    # TF: all else may differ, and is that of the first node.
    if (table.spec.key_dtype, table.spec.value_dtype) != (spec.key_dtype, spec.value_dtype):
        wanted, found = (
            tuple(dtype_text(d) for d in (s.key_dtype, s.value_dtype)) for s in (spec, table.spec)
        )
        raise _invalid(
            f"Conflicting key/value dtypes {'->'.join(wanted)} with {'-'.join(found)} for table "
            f"{name}"
        )
    return table


def _dtypes(*given):
    return [from_numpy(np.dtype(d)) for d in given]


def _spec(key_dtype, value_dtype, **more):
    keys, values = _dtypes(key_dtype, value_dtype)
    return Spec(keys, values, **more)


def hash_table(
    xp, context, *, container, shared_name, use_node_name_sharing, key_dtype, value_dtype, _node
):
    spec = _spec(key_dtype, value_dtype, once=True)
    return _found(context, container, shared_name, use_node_name_sharing, _node, spec)


def mutable_hash_table(
    xp, context, *, container, shared_name, use_node_name_sharing, key_dtype, value_dtype, _node
):
    spec = _spec(key_dtype, value_dtype)
    return _found(context, container, shared_name, use_node_name_sharing, _node, spec)


def mutable_hash_table_of_tensors(
    xp,
    context,
    *,
    container,
    shared_name,
    use_node_name_sharing,
    key_dtype,
    value_dtype,
    value_shape,
    _node,
):
    if value_shape is None or len(value_shape) > 1:
        raise _invalid(f"Default value must be a vector, got shape {value_shape}")
    spec = _spec(key_dtype, value_dtype, value_shape=value_shape)
    return _found(context, container, shared_name, use_node_name_sharing, _node, spec)


def mutable_dense_hash_table(
    xp,
    context,
    empty_key,
    deleted_key=None,
    *,
    container,
    shared_name,
    use_node_name_sharing,
    key_dtype,
    value_dtype,
    value_shape,
    _node,
):
    shape = np.shape(empty_key)
    reserved = []
    for name, key in (("empty_key", empty_key), ("deleted_key", deleted_key)):
        array = np.asarray(key)
        if array.shape != shape:
            raise _invalid("Empty and deleted keys must have same shape")
        reserved.append((tuple(array.ravel().tolist()) if shape else array.item(), name))
    if reserved[0][0] == reserved[1][0]:
        raise _invalid("Empty and deleted keys cannot be equal")
    shapes = {"value_shape": value_shape, "key_shape": shape}
    spec = _spec(key_dtype, value_dtype, **shapes, flat=True, reserved=tuple(reserved))
    return _found(context, container, shared_name, use_node_name_sharing, _node, spec)


def _table(handle):
    if not isinstance(handle, Table):
        raise _invalid(
            "Trying to access a handle's resource using the wrong type. The handle does not stand "
            "for a table."
        )
    return handle


def _check(kind, table, inputs, outputs=(), of_values=""):
    """Raise if the types of a node are not those of its table.

    Args:
      kind: the type of the handle, as errors show it.
      table: the table.
      inputs: the types of the node's other inputs.
      outputs: those of its outputs.
      of_values: what each of these is: k for a key, v for a value.
    """
    types = {"k": table.spec.key_dtype, "v": table.spec.value_dtype}
    given = _dtypes(*inputs, *outputs)
    wanted = [types[c] for c in of_values]
    if given == wanted:
        return
    count = len(inputs)

    def text(dtypes):
        parts = [dtype_text(d) for d in dtypes]
        return f"{', '.join([kind, *parts[:count]])}->{', '.join(parts[count:])}"

    raise _invalid(f"Signature mismatch, have: {text(given)} expected: {text(wanted)}")


# Kernels; the first argument is the type of the handle, as errors show it.


def find(kind, xp, context, table_handle, keys, default_value, *, Tin, Tout):
    table = _table(table_handle)
    _check(kind, table, (Tin, Tout), (Tout,), "kvv")
    return table.find(_array(keys), _array(default_value))


def _array(values):
    return values if isinstance(values, np.ndarray) else np.asarray(values, _kind(values))


def _kind(values):
    return object if isinstance(values, bytes | str) else None


def insert(kind, xp, context, table_handle, keys, values, *, Tin, Tout):
    table = _table(table_handle)
    _check(kind, table, (Tin, Tout), (), "kv")
    table.insert(_array(keys), _array(values))
    return ()


def remove(kind, xp, context, table_handle, keys, *, Tin):
    table = _table(table_handle)
    _check(kind, table, (Tin,), (), "k")
    table.remove(_array(keys))
    return ()


def size(kind, xp, context, table_handle):
    return np.int64(_table(table_handle).size())


def export(kind, xp, context, table_handle, *, Tkeys, Tvalues):
    table = _table(table_handle)
    _check(kind, table, (), (Tkeys, Tvalues), "kv")
    return table.export()


def replace(kind, xp, context, table_handle, keys, values, *, Tin, Tout):
    table = _table(table_handle)
    _check(kind, table, (Tin, Tout), (), "kv")
    table.replace(_array(keys), _array(values))
    return ()


def initialize(kind, xp, context, table_handle, keys, values, *, Tkey, Tval):
    table = _table(table_handle)
    _check(kind, table, (Tkey, Tval), (), "kv")
    table.fill(_array(keys), _array(values))
    return ()


def initialize_from_text_file(
    kind,
    xp,
    context,
    table_handle,
    filename,
    *,
    key_index,
    value_index,
    vocab_size=-1,
    delimiter="\t",
    offset=0,
):
    table = _table(table_handle)
    name = np.asarray(filename, object).item()
    if len(attributes.data(delimiter)) != 1:
        raise _invalid(f"delimiter should be only 1 char, found: {delimiter}")
    lines = read_file(name).split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    if not lines:
        raise OutOfRangeError(None, None, "Read less bytes than requested")
    if len(lines) < vocab_size:
        raise _invalid(
            f"Invalid vocab_size in {name.decode()}: expected {vocab_size} but got {len(lines)}"
        )
    lines = lines[: vocab_size if vocab_size > 0 else None]
    position = 0
    for line in lines:
        position += len(line) + 1
        if not line.rstrip(b"\r"):
            raise _invalid(
                f"Invalid content in {name.decode()}: empty line found at position {position}."
            )
    lines = [line.removesuffix(b"\r") for line in lines]
    column = partial(_column, lines, name, attributes.data(delimiter))
    keys = column(key_index, table.spec.key_dtype, offset if key_index == _LINE_NUMBER else 0)
    table.fill(
        keys,
        column(value_index, table.spec.value_dtype, offset if value_index == _LINE_NUMBER else 0),
    )
    return ()


def _column(lines, name, delimiter, index, dtype, offset):
    if index == _LINE_NUMBER:
        return np.arange(offset, offset + len(lines), dtype=dtype.numpy)
    made = np.empty(len(lines), dtype.numpy)
    for i, line in enumerate(lines):
        field = line
        if index != _WHOLE_LINE:
            fields = line.split(delimiter)
            if index >= len(fields):
                raise _invalid(
                    f"Invalid number of columns in {name.decode()} line {i} "
                    f"({line.decode(errors='replace')}) : expected at least {index + 1} got "
                    f"{len(fields)}"
                )
            field = fields[index]
        made[i] = _value(field, dtype, i)
    return made


def _value(field, dtype, line):
    if dtype.name == "string":
        return field
    try:
        return int(field) if dtype.is_integer else float(field)
    except ValueError as error:
        raise _invalid(
            f"Field {field.decode(errors='replace')} in line {line} is not a valid "
            f"{dtype_text(dtype)}."
        ) from error


# Shapes.


def _handle(version):
    shape = () if version else (2,)
    return lambda *inputs: shape


def nothing(*inputs):
    return []


def one(table_handle):
    return ()


def unknown(table_handle):
    return [None, None]


def looked_up(table_handle, keys, default_value):
    # What is no scalar may be the value of one key, or a value for every key.
    return keys if default_value == () else None


def filled(table_handle, keys, values):
    with_rank(keys, 1)
    with_rank(values, 1)
    return []


def filled_from_file(table_handle, filename):
    with_rank(filename, 0)
    return []


#: What makes tables, by op type.
_TABLES: dict[str, Any] = {
    "HashTable": hash_table,
    "MutableHashTable": mutable_hash_table,
    "MutableHashTableOfTensors": mutable_hash_table_of_tensors,
    "MutableDenseHashTable": mutable_dense_hash_table,
}
#: What uses them: the kernel, and the shape rule.
_OPS: dict[str, Any] = {
    "LookupTableFind": (find, looked_up),
    "LookupTableInsert": (insert, nothing),
    "LookupTableSize": (size, one),
    "LookupTableExport": (export, unknown),
    "LookupTableImport": (replace, nothing),
    "InitializeTable": (initialize, filled),
    "InitializeTableFromTextFile": (initialize_from_text_file, filled_from_file),
}
#: TF: are not registered as having no gradient.
_OTHERS = {"LookupTableExport", "LookupTableImport"}
for _version in ("", "V2"):
    for _type, _create in _TABLES.items():
        define(
            _type + _version,
            _create,
            shape=_handle(_version),
            effects="state",
            unknown_rank=True,
            context=True,
            gradient=no_gradient,
        )
    for _type, (_kernel, _rule) in _OPS.items():
        define(
            _type + _version,
            partial(_kernel, "resource" if _version else "string_ref"),
            shape=_rule,
            effects="state",
            unknown_rank=True,
            context=True,
            gradient=None if _type in _OTHERS else no_gradient,
        )
define(
    "LookupTableRemoveV2",
    partial(remove, "resource"),
    shape=nothing,
    effects="state",
    unknown_rank=True,
    context=True,
)
