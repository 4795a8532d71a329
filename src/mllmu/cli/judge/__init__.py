"""``mllmu judge``: its commands, their options, and how agreement is shown."""
