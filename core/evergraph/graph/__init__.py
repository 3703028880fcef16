"""Graphs: operations, tensors, scopes, import and export."""
