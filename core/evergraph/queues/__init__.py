"""Queues of tensors: what a session keeps for every queue of its graph."""
