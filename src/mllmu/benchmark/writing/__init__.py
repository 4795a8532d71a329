"""Writing a benchmark to a folder."""
