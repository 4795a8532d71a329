"""The stages of a run, each with everything that can change its result."""
