"""Judges of free answers: one of rules, and one that asks a language model; both give 1 to 10 and a reason."""
