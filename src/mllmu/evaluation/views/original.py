"""The portrait that a person was taught with."""

from __future__ import annotations

from collections.abc import Mapping

from mllmu.benchmark.types import Profile
from mllmu.evaluation.view import ORIGINAL


class OriginalView:
    """The portrait of the training questions, unchanged."""

    name = ORIGINAL
    title = "Original"

    def show(self, profile: Profile) -> Mapping[str, bytes]:
        """The one portrait, labelled ``original``."""
        return {self.name: profile.image}


ORIGINAL_VIEW = OriginalView()
