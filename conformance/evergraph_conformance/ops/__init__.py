"""The golden op cases, one file per family; the same families as the ops."""
