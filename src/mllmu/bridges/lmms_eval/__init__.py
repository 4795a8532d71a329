"""General ability by lmms-eval: its command line, our models as its models, and its results as a table."""
