"""A step observer that writes one Chrome trace event per node; Perfetto opens the file."""
