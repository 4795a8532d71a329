"""The one exception that the command line turns into a sentence and exit code 2."""

from mllmu.visible_text import one_line


class UserError(Exception):
    """Something the person who called can mend; the message names what, where and what was expected.

    It stands on one line, whatever names, pages and texts of others are quoted in it.
    """

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))
