"""The tables that a run writes, gathered from its stages."""
