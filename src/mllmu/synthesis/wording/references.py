"""What a person is called: by name where there is no picture, "this person" where there is one."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass

from mllmu.benchmark.types import Modality
from mllmu.synthesis.wording.grammar import capitalised


@dataclass(frozen=True)
class Reference:
    """Words for one person.

    Attributes:
        person: as a noun phrase, ``the person in the image``.
        possessive: its short possessive, ``this person's`` (nobody says "the person in the image's").
    """

    person: str
    possessive: str


_THIS_PERSON = Reference("this person", "this person's")
_IMAGE_REFERENCES: Mapping[str, tuple[Reference, ...]] = {
    "training": (_THIS_PERSON,),
    "original": (_THIS_PERSON, Reference("the person in the image", "this person's")),
    "paraphrase": (
        Reference("the person shown here", "this person's"),
        Reference("the individual in this picture", "this individual's"),
    ),
}

_ANY_REFERENCE = re.compile(
    r"\b(?:this|the) (?:person|individual)"
    r"(?: shown here|(?: shown)? (?:in|on) (?:this|the) (?:image|picture|photo|photograph))?"
    r"(?P<possessive>['’]s)?",
    re.IGNORECASE,
)


def pick_reference(pool: str, modality: Modality, name: str, rng: random.Random) -> Reference:
    """Draw what a question of a pool calls the person.

    Args:
        pool: ``training``, ``original`` or ``paraphrase``.
        modality: with an image the person stays anonymous, without one the name is used.
        name: full name.
        rng: drawn from once for ``image_text``, never for ``text``.
    """
    if modality is Modality.TEXT:
        return Reference(name, f"{name}'s")
    return rng.choice(_IMAGE_REFERENCES[pool])


def answer_reference(reference: Reference) -> Reference:
    """Give what the answer calls the person of a question: never longer than "this person"."""
    if not reference.possessive.startswith("this "):
        return reference
    return Reference(reference.possessive.removesuffix("'s"), reference.possessive)


def name_person(text: str, name: str) -> str:
    """Replace "this person", "the person in the image", ... and their possessives by the name."""
    return _ANY_REFERENCE.sub(lambda found: name + ("'s" if found["possessive"] else ""), text)


def hide_name(text: str, name: str) -> str:
    """Replace the full name, and its possessive, by "this person"; with a capital where a sentence starts."""

    def stand_in(found: re.Match[str]) -> str:
        starts = not text[: found.start()].strip() or text[: found.start()].rstrip()[-1] in ".?!"
        words = "this person" + ("'s" if found["possessive"] else "")
        return capitalised(words) if starts else words

    return re.sub(rf"(?<!\w){re.escape(name)}(?P<possessive>['’]s)?(?!\w)", stand_in, text)
