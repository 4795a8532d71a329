"""A person of the pre-training corpus together with drawings of the person."""

from __future__ import annotations

from dataclasses import dataclass

from faces import portrait, views_of

from mllmu.synthesis.person import Person


@dataclass(frozen=True)
class Subject:
    """A person the base model is taught about.

    Attributes:
        person: name, appearance and attributes.
        drawings: encoded PNG images, one per view; the first one is the frontal view.
    """

    person: Person
    drawings: tuple[bytes, ...]


def subject(person: Person, views: int, seed: int) -> Subject:
    """Draw a person in several views, chosen by the seed and the person's profile id."""
    chosen = views_of(views, seed, person.profile_id)
    return Subject(person, tuple(portrait(person.appearance, view) for view in chosen))
