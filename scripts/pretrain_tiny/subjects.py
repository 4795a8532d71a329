"""A person of the pre-training corpus together with drawings of the person."""

from __future__ import annotations

from dataclasses import dataclass

from faces import portrait, poses_of

from mllmu.synthesis.person import Person
from mllmu.synthesis.portraits import Appearance, as_seen


@dataclass(frozen=True)
class Subject:
    """A person the base model is taught about.

    Attributes:
        person: name, appearance and attributes.
        drawings: encoded PNG images, one per pose; the first one is the frontal pose.
        seen: the appearance in each drawing, with the clothes and the background of that drawing.
    """

    person: Person
    drawings: tuple[bytes, ...]
    seen: tuple[Appearance, ...]


def subject(person: Person, poses: int, seed: int) -> Subject:
    """Draw a person in several poses, chosen by the seed and the person's profile id."""
    chosen = poses_of(poses, seed, person.profile_id)
    return Subject(
        person,
        tuple(portrait(person.appearance, pose) for pose in chosen),
        tuple(as_seen(person.appearance, pose) for pose in chosen),
    )
