"""Methods that are a procedure on weights or neurons."""
