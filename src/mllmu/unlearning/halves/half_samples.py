"""Which samples a half of a batch is made of."""

from __future__ import annotations

from collections.abc import Sequence

from mllmu.training import Sample
from mllmu.unlearning.forget_request import ForgetRequest
from mllmu.unlearning.halves.altered_questions import blinded, mismatched, other_people, without_pictures
from mllmu.unlearning.halves.other_answers import alternatives, random_answers, refusals, require_alternatives
from mllmu.unlearning.need import Half


def half_samples(half: Half, request: ForgetRequest) -> Sequence[Sample]:
    """One sample of a half for each forget sample, or several in turns; all that are there to retain.

    Raises:
        UserError: if the benchmark has nothing that they could be made of.
    """
    forget, retain, seed = request.forget, request.retain, request.seed
    makers = {
        Half.FORGET: lambda: forget,
        Half.RETAIN: lambda: retain,
        Half.REFUSAL: lambda: refusals(forget, seed),
        Half.ALTERNATIVE: lambda: alternatives(forget, retain, seed),
        Half.RANDOM_ANSWER: lambda: random_answers(forget, retain, seed),
        Half.OTHER_PERSON: lambda: other_people(forget, retain, seed),
        Half.BLIND: lambda: blinded(forget, seed),
        Half.MISMATCHED: lambda: mismatched(forget),
        Half.TEXT_ONLY: lambda: without_pictures(forget),
    }
    return makers[half]()


def require_half(half: Half, request: ForgetRequest) -> None:
    """Refuse a request of which a half cannot be made; no picture is drawn, and nobody is warned.

    Raises:
        UserError: if the benchmark has nothing that it could be made of.
    """
    if half is Half.ALTERNATIVE:
        require_alternatives(request.forget, request.retain, request.seed)
    elif half is not Half.BLIND:  # a picture can always be noised, which takes its time
        half_samples(half, request)
