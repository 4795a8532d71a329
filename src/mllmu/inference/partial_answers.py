"""The error of an engine that fails after it has given some of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mllmu.errors import UserError


class PartialAnswersError(UserError):
    """An engine fails for good, and hands on the answers that it has.

    Args:
        message: what failed, in one sentence.
        answers: answers by the index of their request.
    """

    def __init__(self, message: str, answers: Mapping[int, Any]) -> None:
        super().__init__(message)
        self.answers = dict(answers)
