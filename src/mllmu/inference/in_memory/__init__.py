"""The engine for a model in memory."""
