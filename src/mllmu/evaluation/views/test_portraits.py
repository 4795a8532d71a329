"""Portraits of a person that no training shows."""

from __future__ import annotations

from collections.abc import Mapping

from mllmu.benchmark.types import Profile
from mllmu.errors import UserError
from mllmu.evaluation.view import TEST


class TestPortraitsView:
    """The test portraits of the benchmark, one after another."""

    name = TEST
    title = "Test portraits"

    def show(self, profile: Profile) -> Mapping[str, bytes]:
        """All test portraits, labelled ``test-1``, ``test-2`` and so on.

        Raises:
            UserError: there is none.
        """
        if not profile.test_images:
            raise UserError(
                f"Profile '{profile.profile_id}' has test questions about a picture but no test image."
            )
        return {portrait_label(index): image for index, image in enumerate(profile.test_images)}


TEST_VIEW = TestPortraitsView()


def portrait_label(index: int) -> str:
    """The label of the test portrait with an index from 0: ``test-1`` for 0."""
    return f"{TEST}-{index + 1}"


def portrait_index(label: str) -> int:
    """The index from 0 of a test portrait, by its label: 0 for ``test-1``."""
    return int(label.rsplit("-", 1)[1]) - 1
