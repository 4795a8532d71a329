"""The metrics: pure functions of records, with `Metric` objects that say what they are."""
