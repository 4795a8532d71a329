"""From records to scores with intervals, and the difference of two models."""
