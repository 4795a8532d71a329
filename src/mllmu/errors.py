"""The one exception that the command line turns into a sentence and exit code 2, and what others say."""

from mllmu.visible_text import one_line


def first_line(error: Exception) -> str:
    """What an error of another library says in its first line, or its kind where it says nothing."""
    said = str(error).strip()
    return said.splitlines()[0] if said else type(error).__name__


class UserError(Exception):
    """Something the person who called can mend; the message names what, where and what was expected.

    It stands on one line, whatever names, pages and texts of others are quoted in it.
    """

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class DivergedError(UserError):
    """A training came to infinite numbers, or to what is no number."""
