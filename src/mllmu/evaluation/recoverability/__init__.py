"""Recoverability: what a model that fails a question still answers when it is asked another way."""
