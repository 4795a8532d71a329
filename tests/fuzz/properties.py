"""What holds whatever is brought: no traceback but a `UserError`, in one line that a person can read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from mllmu.errors import UserError

_Made = TypeVar("_Made")
_LONGEST = 6000


def made_or_refused(make: Callable[[], _Made], *names: str) -> _Made | None:
    """What `make` gives, or None where it refuses; every other exception is a failure.

    Args:
        make: reads something of unknown origin.
        names: what the refusal has to name.
    """
    try:
        return make()
    except UserError as error:
        check_sentence(str(error), *names)
        return None


def check_sentence(sentence: str, *names: str) -> None:
    """A sentence stands on one line, can be encoded and printed, and names what it is about."""
    assert len(sentence) > 10 and len(sentence.splitlines()) == 1, repr(sentence)
    assert len(sentence) < _LONGEST, len(sentence)
    sentence.encode()
    for name in names:
        assert name in sentence, (name, sentence)
