"""tf.nn.embedding_lookup: rows of a table, which may be in several parts."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, Final

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast, node, scope
from evergraph.graph.slicing import concat, stack
from evergraph.graph.slicing import shape as shape_of
from evergraph.graph.stacks import get_default_graph
from evergraph.shapes import TensorShape
from evergraph.v1.clipping import clip_by_norm
from evergraph.v1.filling import rank, size
from evergraph.v1.indexing import gather, where
from evergraph.v1.partitions import PartitionedVariable
from evergraph.v1.reductions import reduce_sum
from evergraph.v1.sequences import range
from evergraph.v1.shaping import reshape


def embedding_lookup(
    params: Any,
    ids: Any,
    partition_strategy: str = "mod",
    name: str | None = None,
    validate_indices: bool = True,
    max_norm: Any = None,
) -> Any:
    """Return rows of a table: a tensor of the shape of `ids` followed by that of a row.

    Args:
      params: the table; a list of tables whose rows have one shape; or a partitioned variable.
      ids: the rows, int32 or int64, of any shape.
      partition_strategy: how the rows of several tables are counted; "mod": in turns, one of each
        table, "div": table by table, of which the first have a row more if it does not come out
        even.
      name: the name of the node.
      validate_indices: not used.
      max_norm: a limit for the L2 norm of each row.

    Raises:
      ValueError: there is no table, the rows of the tables have several shapes, or the strategy is
        another one.
      InvalidArgumentError: when run, there is no such row.
    """
    del validate_indices
    if params is None:
        raise ValueError("params must be specified")
    if isinstance(params, list | tuple) and not params:
        raise ValueError("Length of params is currently 0. Need at least one param.")
    if isinstance(params, PartitionedVariable):
        params = list(params)
    tables = params if isinstance(params, list) else [params]
    with scope(name, "embedding_lookup", [*tables, ids]) as name:
        # Of a resource variable only the rows are read.
        if not any(hasattr(t, "handle") for t in tables):
            tables = [convert_to_tensor(t, name=f"params_{i}") for i, t in enumerate(tables)]
        ids = convert_to_tensor(ids, name="ids")
        if len(tables) == 1:
            with get_default_graph().colocate_with(tables[0]):
                rows = _limited(gather(tables[0], ids, name=name), ids, max_norm)
            return node("Identity", input=rows)
        return _limited(_rows_of(tables, ids, partition_strategy, name), ids, max_norm)


def _limited(rows: Any, ids: Any, max_norm: Any) -> Any:
    if max_norm is None:
        return rows
    axes: Any
    if ids.ndim and rows.ndim:
        axes = [*builtins.range(ids.ndim, rows.ndim)]
    else:
        axes = range(ids.ndim or rank(ids), rows.ndim or rank(rows))
    return clip_by_norm(rows, max_norm, axes)


def _rows_of(tables: list[Any], ids: Any, strategy: str, name: str) -> Any:
    """Return rows of several tables."""
    graph = get_default_graph()
    flat = reshape(ids, [-1])
    places = range(size(flat, out_type=dtypes.int32))
    if strategy not in _STRATEGIES:
        raise ValueError(
            f"Unrecognized partition strategy: {strategy}.Must be one of either `mod` or `div`."
        )
    owners, rows = _STRATEGIES[strategy](tables, flat)
    owners = cast(owners, dtypes.int32)
    divided = [
        node("DynamicPartition", data=data, partitions=owners, num_partitions=len(tables))
        for data in (rows, places)
    ]
    found = []
    for table, its_rows in zip(tables, divided[0], strict=True):
        with graph.device(None), graph.colocate_with(table):
            found.append(gather(table, its_rows))
    joined = node("ParallelDynamicStitch", name, indices=list(divided[1]), data=found)
    row: Any = TensorShape(tables[0].shape[1:])
    for table in tables[1:]:
        row = row.merge_with(table.shape[1:])
    row_shape = row
    if not row.is_fully_defined():
        with graph.colocate_with(tables[0]):
            first = shape_of(tables[0])
        row_shape = first[1:]
    result = reshape(joined, concat([shape_of(ids), row_shape], 0))
    result.set_shape(ids.shape.concatenate(row))
    return result


def _in_turns(tables: list[Any], ids: Any) -> tuple[Any, Any]:
    """Return the table of each row, and the row there, where tables take turns."""
    return ids % len(tables), ids // len(tables)


def _table_by_table(tables: list[Any], ids: Any) -> tuple[Any, Any]:
    """Return the table of each row, and the row there, where one table follows another."""
    total = _total(tables, ids.dtype)
    each = total // len(tables)
    extras = total % len(tables)
    owners = node("Maximum", x=ids // (each + 1), y=(ids - extras) // each)
    return owners, where(owners < extras, ids % (each + 1), (ids - extras) % each)


def _total(tables: list[Any], dtype: Any) -> Any:
    known = [t.shape.as_list()[0] for t in tables]
    if None not in known and sum(known):
        return convert_to_tensor(sum(known), dtype, "Const")
    sizes = []
    for table, count in zip(tables, known, strict=True):
        if count is None:
            with get_default_graph().colocate_with(table):
                count = shape_of(table)[0]
        sizes.append(count)
    return reduce_sum(cast(stack(sizes), dtype))


_STRATEGIES: Final[dict[str, Callable[[list[Any], Any], tuple[Any, Any]]]] = {
    "mod": _in_turns,
    "div": _table_by_table,
}
