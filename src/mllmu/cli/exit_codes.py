"""Exit codes of the commands, apart from 0 for success."""

INVALID = 1
"""``mllmu data validate`` reported an error in the benchmark."""

USER_ERROR = 2
"""The command cannot do what was asked; the message says why."""

INTERRUPTED = 130
"""The command was stopped with Ctrl-C (128 + the number of SIGINT)."""
