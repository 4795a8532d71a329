"""Training on pairs of forget and retain samples, and looking on meanwhile."""
