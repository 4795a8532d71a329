"""Questions about the same people in two forms: with the face, and by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mllmu.errors import UserError

if TYPE_CHECKING:
    from mllmu.training import Sample


def by_sight_and_by_name(samples: Sequence[Sample], what: str) -> tuple[list[Sample], list[Sample]]:
    """The questions with a picture, and those without.

    Args:
        samples: questions.
        what: who needs both, for the message.

    Raises:
        UserError: if there are none of one form.
    """
    shown = [sample for sample in samples if sample.image is not None]
    named = [sample for sample in samples if sample.image is None]
    if not shown or not named:
        raise UserError(
            f"{what} got {len(shown)} questions with a picture and {len(named)} without; "
            "expected at least one of each."
        )
    return shown, named
