"""Recurrent networks: cells, and what runs a cell along a sequence."""
