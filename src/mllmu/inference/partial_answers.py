"""How an engine ends that has given some of the answers: it fails, or somebody stops it."""

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

    def having(self, answers: Mapping[int, Any]) -> PartialAnswersError:
        """The same error with other answers."""
        return PartialAnswersError(str(self), answers)


class InterruptedAnswers(KeyboardInterrupt):
    """Somebody stops an engine, which hands on the answers that it has.

    Args:
        answers: answers by the index of their request.
    """

    def __init__(self, answers: Mapping[int, Any]) -> None:
        super().__init__()
        self.answers = dict(answers)

    def having(self, answers: Mapping[int, Any]) -> InterruptedAnswers:
        """The same with other answers."""
        return InterruptedAnswers(answers)
