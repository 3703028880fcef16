"""Readers of files: what a session keeps for every reader of its graph."""
