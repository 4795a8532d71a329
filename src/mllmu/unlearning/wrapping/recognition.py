"""Learning to recognise the people to forget from what a method is given of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from mllmu.errors import UserError
from mllmu.training.settings_base import Settings
from mllmu.unlearning.forget_request import ForgetRequest
from mllmu.unlearning.method import Job

if TYPE_CHECKING:
    from mllmu.models.wrappers import Recogniser
    from mllmu.training import Sample


class RecognitionSettings(Settings):
    """Settings of methods that act where they recognise somebody.

    Attributes:
        false_positive_rate: share of the portraits of people to retain that may be taken for somebody to
            forget; from it follows the threshold of the cosine.
    """

    model_config = ConfigDict(frozen=True)

    false_positive_rate: float = Field(default=0.02, ge=0, lt=1)


def recogniser(job: Job, settings: RecognitionSettings) -> Recogniser:
    """What recognises the people to forget: by name if it is given questions by name, by face likewise.

    Args:
        job: whom to forget, and whom to retain, as `require_recognisable` takes them.
        settings: how.
    """
    from mllmu.models.wrappers import FaceMatch, Recogniser

    loaded = job.loaded
    names, faces, others = _marks(job)
    rate = settings.false_positive_rate
    match = FaceMatch.of_portraits(loaded.model, loaded.encoder, faces, others, rate) if faces else None
    return Recogniser(names, match)


def require_recognisable(request: ForgetRequest, who: str) -> None:
    """Refuse a request with nothing to recognise its people by.

    Args:
        request: whom to forget, and whom to retain.
        who: who recognises them, as the sentence about a mistake begins.

    Raises:
        UserError: if they have neither names nor portraits, or there are portraits of nobody else.
    """
    names, faces, others = _marks(request)
    if not names and not faces:
        raise UserError(f"{who} got no names and no portraits; expected people to forget who have either.")
    if faces and not others:
        raise UserError(
            f"{who} got no portraits of people to retain; expected some, to choose its threshold on."
        )


def _marks(request: ForgetRequest) -> tuple[tuple[str, ...], list[bytes], list[bytes]]:
    """Names and portraits of those to forget, as far as they are asked about so, and others' portraits."""
    names = tuple(request.forget_names) if any(one.image is None for one in request.forget) else ()
    faces, retain = (_portraits(samples) for samples in (request.forget, request.retain))
    # Where some facts alone are to be forgotten, the same people are to be asked about the others.
    return names, faces, [portrait for portrait in retain if portrait not in faces]


def _portraits(samples: Sequence[Sample]) -> list[bytes]:
    return list(dict.fromkeys(sample.image for sample in samples if sample.image is not None))
