"""Several processes that make stages of one run at the same time."""
