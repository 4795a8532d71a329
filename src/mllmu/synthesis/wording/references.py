"""How a question refers to a person: by name without an image, as "this person" with one."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from mllmu.benchmark.types import Modality


@dataclass(frozen=True)
class Reference:
    """The noun phrases that refer to one person.

    Attributes:
        person: as a noun phrase, ``the person in the image``.
        possessive: its short possessive, ``this person's`` (nobody says "the person in the image's").
    """

    person: str
    possessive: str


_THIS_PERSON = Reference("this person", "this person's")
_IN_TESTS = (
    Reference("the person shown here", "this person's"),
    Reference("the individual in this picture", "this individual's"),
)
_IMAGE_REFERENCES: Mapping[str, tuple[Reference, ...]] = {
    "training": (_THIS_PERSON,),
    "original": (_THIS_PERSON, Reference("the person in the image", "this person's")),
    "paraphrase": _IN_TESTS,
    "withheld": _IN_TESTS,
}


def pick_reference(pool: str, modality: Modality, name: str, rng: random.Random) -> Reference:
    """Draw how a question of a pool refers to the person.

    Args:
        pool: ``training``, ``original``, ``paraphrase`` or ``withheld``.
        modality: with an image the person stays anonymous, without one the name is used.
        name: full name.
        rng: drawn from once for ``image_text``, never for ``text``.
    """
    if modality is Modality.TEXT:
        return Reference(name, f"{name}'s")
    return rng.choice(_IMAGE_REFERENCES[pool])


def answer_reference(reference: Reference) -> Reference:
    """Give how the answer refers to the question's person: never longer than "this person"."""
    if not reference.possessive.startswith("this "):
        return reference
    return Reference(reference.possessive.removesuffix("'s"), reference.possessive)
