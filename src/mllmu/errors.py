"""The one exception that the command line turns into a sentence and exit code 2."""


class UserError(Exception):
    """Something the person who called can mend; the message names what, where and what was expected."""
