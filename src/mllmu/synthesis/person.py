"""Data class of an invented person: facts and appearance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mllmu.synthesis.portraits import Appearance

ATTRIBUTES: tuple[str, ...] = (
    "name",
    "birthplace",
    "gender",
    "date_of_birth",
    "profession",
    "height",
    "education",
    "annual_salary",
    "residence",
    "medical_conditions",
    "father_job",
    "mother_job",
    "hobby",
    "favorite_food",
    "pet",
)
"""Every attribute a person has, in the order biographies list them."""


@dataclass(frozen=True)
class Person:
    """One invented person.

    Attributes:
        profile_id: ``001``, ``H001``, ``B0001``, or the name with underscores for celebrities.
        given_name: first name, Latin script, may have accents.
        family_name: last name, Latin script, may have accents.
        gender: ``female`` or ``male``.
        age: years completed at the end of ``priors.REFERENCE_YEAR``, 22 to 70.
        country_of_birth: the country that the birthplace lies in.
        heritage: key of the catalogue's list that the name comes from, e.g. ``japanese``.
        attributes: display value of every one of ``ATTRIBUTES``: ``Riga, Latvia``, ``May 14, 1988``,
            ``$75,000``, ``168 cm``, ``mechanical engineer`` (jobs have no article), ``making pottery``,
            ``a cat named Luna`` or ``no pet``, ``asthma`` or ``none``.
        appearance: the features that make the face theirs.
    """

    profile_id: str
    given_name: str
    family_name: str
    gender: str
    age: int
    country_of_birth: str
    heritage: str
    attributes: Mapping[str, str] = field(hash=False)
    appearance: Appearance

    @property
    def name(self) -> str:
        """Full name, given name first."""
        return f"{self.given_name} {self.family_name}"
