"""``mllmu recoverability``: stages and the table it writes."""
