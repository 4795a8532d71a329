"""Record of what loading a benchmark repaired or left out, and the policy for unusable entries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from typing_extensions import override

from mllmu.benchmark.validation_issues import Location, ValidationIssue
from mllmu.errors import UserError

_Read = TypeVar("_Read")


class RowError(UserError):
    """A row that cannot be used."""

    def __init__(self, issue: ValidationIssue) -> None:
        super().__init__(str(issue))
        self.issue = issue


@dataclass
class LoadReport:
    """Collects repairs and omissions while a benchmark is loaded; an unusable entry raises an error.

    Attributes:
        notes: in the order of reading.
        locations: location of people and questions, by the keys that `person_key`, `training_key` and
            `test_key` make, and by the ids of evaluation questions.
    """

    notes: list[ValidationIssue] = field(default_factory=list)
    locations: dict[str, Location] = field(default_factory=dict)

    def attempt(self, read: Callable[[], _Read], instead: _Read) -> _Read:
        """Read a part of a row; an error ends the loading here, and is recorded in a `CollectingReport`.

        Args:
            read: reads it, or raises a `RowError`.
            instead: what to go on with if that is wanted in spite of an error.
        """
        return read()


class CollectingReport(LoadReport):
    """Records what cannot be used and goes on without it, so that one pass lists all that is wrong."""

    @override
    def attempt(self, read: Callable[[], _Read], instead: _Read) -> _Read:
        try:
            return read()
        except RowError as error:
            self.notes.append(error.issue)
            return instead


def person_key(profile_id: str) -> str:
    """Key of a person's original portrait in `LoadReport.locations`."""
    return f"{profile_id}/original"


def test_key(profile_id: str, number: int) -> str:
    """Key of a person's test portrait in `LoadReport.locations`; ``number`` counts from 0."""
    return f"{profile_id}/test/{number}"


def training_key(profile_id: str, number: int) -> str:
    """Key of a person's training question in `LoadReport.locations`; ``number`` counts from 0."""
    return f"{profile_id}/training/{number}"
