"""Metrics of whole sets of answers: pure functions of records, and of the reference models' records."""
