"""Datasets: sequences of elements that steps take from, one after the other."""
