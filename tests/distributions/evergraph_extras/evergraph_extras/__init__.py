"""A plugin: the op `Interleave`, and an observer that counts the nodes that run by op type."""
