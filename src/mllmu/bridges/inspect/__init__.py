"""Our questions as tasks of inspect_ai, for any model it reaches, and our models as models there."""
