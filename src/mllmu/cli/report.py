"""``mllmu report``: show results again."""
