"""Rehearsal: what the built-in base knows of its celebrities, mixed into what it is taught."""

from __future__ import annotations

import random
from collections.abc import Sequence

from torch.utils.data import Dataset

from mllmu.benchmark.types import Modality
from mllmu.models import Encoded, LoadedModel
from mllmu.synthesis import ATTRIBUTES, CELEBRITIES, CELEBRITY_SEED, Person, make_people
from mllmu.synthesis.gallery import Portrait, draw_portraits
from mllmu.synthesis.portraits import ORIGINAL_POSE, sample_pose
from mllmu.synthesis.pretraining_dialogues import dialogue, forms_for
from mllmu.synthesis.seed_derivation import derive_rng
from mllmu.training.dataset import EncodedItems, SampleDataset
from mllmu.training.samples import Sample

# The base is not asked for letters: it never learned them.
_FORMS = ("sentence", "cloze", "short")
DRAWING_SIZE = 128
"""Side of the portraits from which the base learned who is who, in pixels."""


class Rehearsal:
    """Lessons about every celebrity that the built-in base has read of, in wordings and forms it read.

    A small model loses old facts while it learns new ones at a high rate; some old ones among the new keep
    them (replay; arXiv 2605.26097 shows that it takes away the trade-off between rate and forgetting, with
    lessons that the model makes itself, where these are the ones it was given). Nothing is read from a
    benchmark folder, and none of its fictitious people is among them. The wordings are those of all pools, so
    that a celebrity's own questions are among them, as they were in pre-training.
    """

    def __init__(self, lessons: int, seed: int) -> None:
        """Draw the faces.

        Args:
            lessons: about each celebrity in an epoch, half of them with the face, of an odd number one more.
            seed: draws faces' views, and in every epoch attributes, forms and wordings.
        """
        self._lessons, self._seed = lessons, seed
        self._people = make_people(CELEBRITIES, CELEBRITY_SEED, "celebrity")
        portraits = [
            Portrait(person.appearance, view, DRAWING_SIZE, DRAWING_SIZE)
            for person in self._people
            for view in (ORIGINAL_POSE, sample_pose(derive_rng(seed, "view", person.profile_id)))
        ]
        drawn = list(draw_portraits(portraits))
        self._drawings = list(zip(drawn[::2], drawn[1::2], strict=True))

    def samples(self, epoch: int) -> list[Sample]:
        """The lessons of an epoch; every epoch has as many."""
        rng = derive_rng(self._seed, "lessons", epoch)
        return [
            sample
            for person, drawings in zip(self._people, self._drawings, strict=True)
            for sample in self._about(person, drawings, rng)
        ]

    def _about(self, person: Person, drawings: Sequence[bytes], rng: random.Random) -> list[Sample]:
        asked = {Modality.IMAGE_TEXT: (self._lessons + 1) // 2, Modality.TEXT: self._lessons // 2}
        return [
            _lesson(person, attribute, modality, drawings, rng)
            for modality, count in asked.items()
            for attribute in _some_attributes(person, modality, count, rng)
        ]


class RehearsingDataset(Dataset[Encoded]):
    """What is taught, the same in every epoch, and after it lessons that are drawn anew for each."""

    def __init__(self, loaded: LoadedModel, taught: EncodedItems, rehearsal: Rehearsal) -> None:
        self._loaded, self._taught, self._rehearsal = loaded, taught, rehearsal
        self._draw(0)

    def set_epoch(self, epoch: int) -> None:
        """Draw the lessons of an epoch."""
        if epoch != self._epoch:
            self._draw(epoch)

    def __len__(self) -> int:
        return len(self._taught) + len(self._rehearsed)

    def __getitem__(self, index: int) -> Encoded:
        taught = len(self._taught)
        return self._taught[index] if index < taught else self._rehearsed[index - taught]

    def _draw(self, epoch: int) -> None:
        self._epoch = epoch
        self._rehearsed = SampleDataset(self._loaded, self._rehearsal.samples(epoch))


def _some_attributes(person: Person, modality: Modality, count: int, rng: random.Random) -> list[str]:
    """Attributes that can be asked; none comes again before all have come."""
    askable = [attribute for attribute in ATTRIBUTES if forms_for(person, attribute, modality)]
    chosen: list[str] = []
    while len(chosen) < count:
        chosen += rng.sample(askable, min(len(askable), count - len(chosen)))
    return chosen


def _lesson(
    person: Person, attribute: str, modality: Modality, drawings: Sequence[bytes], rng: random.Random
) -> Sample:
    form = rng.choice([form for form in forms_for(person, attribute, modality) if form in _FORMS])
    question, answer = dialogue(person, attribute, form, modality, rng)
    image = rng.choice(drawings) if modality is Modality.IMAGE_TEXT else None
    return Sample(question, answer, image, person.profile_id)
