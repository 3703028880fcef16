"""tf.lookup.experimental: tables that change while the program runs."""

from evergraph.v1.mutable_tables import DenseHashTable as DenseHashTable
from evergraph.v1.mutable_tables import MutableHashTable as MutableHashTable

__all__ = ["DenseHashTable", "MutableHashTable"]
