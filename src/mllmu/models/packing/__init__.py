"""Several sequences in one row: what they have in common stands once, and each sees that and itself."""
