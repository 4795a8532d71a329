"""The lessons about celebrities that a recipe's setting ``rehearsal`` asks for."""

from __future__ import annotations

from collections.abc import Sequence

from mllmu.synthesis.celebrity_lessons import CelebrityLessons
from mllmu.training import Sample, TrainingSettings
from mllmu.training.data.replay import Lessons
from mllmu.training.seeds import part_seed


def replay_of(settings: TrainingSettings, seed: int) -> Lessons | None:
    """Lessons about the celebrities that the built-in base was pre-trained on; None if none are wanted.

    Args:
        settings: say how many lessons about each celebrity every epoch repeats.
        seed: of the training; draws portraits, attributes and wordings.
    """
    if not settings.rehearsal:
        return None
    lessons = CelebrityLessons(settings.rehearsal, part_seed(seed, "rehearsal"))

    def samples(epoch: int) -> Sequence[Sample]:
        return [Sample(one.question, one.answer, one.image, one.profile_id) for one in lessons(epoch)]

    return samples
