"""Which samples a half of a batch is made of."""

from __future__ import annotations

from collections.abc import Sequence

from mllmu.training import Sample
from mllmu.unlearning.halves.altered_questions import blinded, mismatched, other_people, without_pictures
from mllmu.unlearning.halves.other_answers import alternatives, random_answers, refusals
from mllmu.unlearning.method import Job
from mllmu.unlearning.need import Half


def half_samples(half: Half, job: Job) -> Sequence[Sample]:
    """One sample of a half for each forget sample, or several in turns; all that are there to retain.

    Raises:
        UserError: if the benchmark has nothing that they could be made of.
    """
    forget, retain = job.forget, job.retain
    makers = {
        Half.FORGET: lambda: forget,
        Half.RETAIN: lambda: retain,
        Half.REFUSAL: lambda: refusals(forget, job.seed),
        Half.ALTERNATIVE: lambda: alternatives(forget, retain, job.seed),
        Half.RANDOM_ANSWER: lambda: random_answers(forget, retain, job.seed),
        Half.OTHER_PERSON: lambda: other_people(forget, retain, job.seed),
        Half.BLIND: lambda: blinded(forget, job.seed),
        Half.MISMATCHED: lambda: mismatched(forget),
        Half.TEXT_ONLY: lambda: without_pictures(forget),
    }
    return makers[half]()
