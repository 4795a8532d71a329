"""Rows of tables as people, questions and splits."""
