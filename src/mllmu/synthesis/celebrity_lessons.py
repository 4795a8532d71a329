"""Questions and answers about the celebrities that the built-in base model was pre-trained on.

A trainer replays them so that the base keeps what it knows while it is taught new people.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from mllmu.benchmark.types import Modality
from mllmu.synthesis.benchmark_synthesis import CELEBRITIES, CELEBRITY_SEED
from mllmu.synthesis.gallery import Portrait, draw_portraits
from mllmu.synthesis.person import ATTRIBUTES, Person
from mllmu.synthesis.population import make_people
from mllmu.synthesis.portraits import ORIGINAL_POSE, sample_pose
from mllmu.synthesis.pretraining_dialogues import dialogue, forms_for
from mllmu.synthesis.seed_derivation import derive_rng

# The form with lettered options is left out: the base model's letters are at chance.
_FORMS = ("sentence", "cloze", "short")
DRAWING_SIZE = 128
"""Width and height, in pixels, of the portraits that the base model was pre-trained on."""


@dataclass(frozen=True)
class Lesson:
    """One question with its answer.

    Attributes:
        question: what the user asks.
        answer: what the model is to answer.
        image: the encoded portrait (PNG) shown with the question; None for a question by name.
        profile_id: whom it is about.
    """

    question: str
    answer: str
    image: bytes | None = field(repr=False)
    profile_id: str


class CelebrityLessons:
    """True questions and answers about every celebrity, drawn anew for each epoch.

    They come from what the base model was pre-trained on: the same portraits, the wordings of all pools but
    the withheld one, and the forms of asking. Nothing is read from a benchmark folder, and none of its
    fictitious people is among them.

    Example:
        >>> lessons = CelebrityLessons(count=2, seed=0)
        >>> [lesson.image is None for lesson in lessons(0)[:2]]
        [False, True]
    """

    def __init__(self, count: int, seed: int) -> None:
        """Draw two portraits of every celebrity: the benchmark's, and one from a random view.

        Args:
            count: lessons about each celebrity in an epoch, at least 0; half of them are asked with the
                portrait, of an odd number one more.
            seed: decides the views, and in every epoch attributes, forms, wordings and portraits.
        """
        self._count, self._seed = count, seed
        self._people = _celebrities()
        self._drawings = _drawings(seed)

    def __call__(self, epoch: int) -> list[Lesson]:
        """The lessons of an epoch, ``count`` times the number of celebrities.

        Args:
            epoch: counted from 0; the same epoch gives the same lessons.
        """
        rng = derive_rng(self._seed, "lessons", epoch)
        return [
            lesson
            for person, drawings in zip(self._people, self._drawings, strict=True)
            for lesson in self._about(person, drawings, rng)
        ]

    def _about(self, person: Person, drawings: Sequence[bytes], rng: random.Random) -> list[Lesson]:
        counts = {Modality.IMAGE_TEXT: (self._count + 1) // 2, Modality.TEXT: self._count // 2}
        return [
            _lesson(person, attribute, modality, drawings, rng)
            for modality, count in counts.items()
            for attribute in _some_attributes(person, modality, count, rng)
        ]


@lru_cache
def _celebrities() -> list[Person]:
    return make_people(CELEBRITIES, CELEBRITY_SEED, "celebrity")


# Drawing takes seconds, and every model that is taught in a run rehearses with the same portraits.
@lru_cache(maxsize=4)
def _drawings(seed: int) -> list[tuple[bytes, bytes]]:
    """Two portraits of every celebrity: the benchmark's, and one from a view that the seed decides."""
    portraits = [
        Portrait(person.appearance, pose, DRAWING_SIZE, DRAWING_SIZE)
        for person in _celebrities()
        for pose in (ORIGINAL_POSE, sample_pose(derive_rng(seed, "view", person.profile_id)))
    ]
    drawn = draw_portraits(portraits)
    return list(zip(drawn[::2], drawn[1::2], strict=True))


def _some_attributes(person: Person, modality: Modality, count: int, rng: random.Random) -> list[str]:
    """Draw attributes that can be asked; none is repeated before all were drawn."""
    askable = [attribute for attribute in ATTRIBUTES if forms_for(person, attribute, modality)]
    chosen: list[str] = []
    while len(chosen) < count:
        chosen += rng.sample(askable, min(len(askable), count - len(chosen)))
    return chosen


def _lesson(
    person: Person, attribute: str, modality: Modality, drawings: Sequence[bytes], rng: random.Random
) -> Lesson:
    form = rng.choice([form for form in forms_for(person, attribute, modality) if form in _FORMS])
    question, answer = dialogue(person, attribute, form, modality, rng)
    image = rng.choice(drawings) if modality is Modality.IMAGE_TEXT else None
    return Lesson(question, answer, image, person.profile_id)
