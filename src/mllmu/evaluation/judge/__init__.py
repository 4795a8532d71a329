"""Judges of free answers: rules, or a language model behind a server; both give 1 to 10 and a reason."""
