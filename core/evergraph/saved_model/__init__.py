"""SavedModels: directories with graphs, the values of their variables, and other files."""
