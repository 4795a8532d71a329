"""Draw invented people whose facts cannot be guessed from other people or from the face."""

from __future__ import annotations

import re
from collections.abc import Collection

from mllmu.benchmark.language.comparable_text import without_accents
from mllmu.errors import UserError
from mllmu.synthesis import priors
from mllmu.synthesis.catalogue import load_catalogue
from mllmu.synthesis.categorical_distribution import CategoricalDistribution
from mllmu.synthesis.person import ATTRIBUTES, Person
from mllmu.synthesis.portraits import sample_appearance
from mllmu.synthesis.seed_derivation import derive_rng

POPULATIONS: tuple[str, ...] = ("fictitious", "celebrity", "holdout", "background")

_ID_FORMATS = {"fictitious": "{:03d}", "holdout": "H{:03d}", "background": "B{:04d}"}


def make_people(
    count: int, seed: int, population: str, start: int = 1, taken: Collection[str] = ()
) -> list[Person]:
    """Invent the people number ``start`` to ``start + count - 1`` of a population.

    A person depends on seed, population and number alone, except that a name somebody before them or
    in ``taken`` already has (accents do not tell names apart) is drawn again.

    Args:
        count: how many people, at least 0.
        seed: seed of the whole benchmark.
        population: one of ``POPULATIONS``; celebrities have professions that make famous.
        start: number of the first person, at least 1.
        taken: full names that nobody may have.

    Raises:
        UserError: if the population is unknown or a number is out of range.

    Example:
        >>> [person.profile_id for person in make_people(2, seed=0, population="fictitious")]
        ['001', '002']
    """
    if population not in POPULATIONS:
        raise UserError(f"population {population!r}: expected one of {', '.join(POPULATIONS)}")
    if count < 0 or start < 1:
        raise UserError(f"people {start} and the next {count}: expected start >= 1 and count >= 0")
    used = {ascii_name(name) for name in taken}
    people = []
    for number in range(1, start + count):
        names = _names(seed, population, number, used)
        if number >= start:
            people.append(_person(seed, population, number, *names))
    return people


def ascii_name(name: str) -> str:
    """Write a name as celebrities' ids are written: ``Zoë Wójcik`` gives ``Zoe_Wojcik``."""
    return re.sub(r"[^A-Za-z_-]", "", without_accents(name).replace(" ", "_"))


def _names(seed: int, population: str, number: int, used: set[str]) -> tuple[str, str, str, str]:
    """Draw heritage, gender, given and family name, and note the name as used."""
    heritage = priors.heritages().draw(derive_rng(seed, population, number, "heritage"))
    gender = priors.genders().draw(derive_rng(seed, population, number, "gender"))
    attempt = 0
    while True:
        rng = derive_rng(seed, population, number, "name", attempt)
        given = priors.given_names(heritage, gender).draw(rng)
        family = priors.family_names(heritage).draw(rng)
        key = ascii_name(f"{given} {family}")
        if key not in used:
            used.add(key)
            return heritage, gender, given, family
        attempt += 1


def _person(
    seed: int, population: str, number: int, heritage: str, gender: str, given: str, family: str
) -> Person:
    """Draw everything but the name, each part from a generator of its own."""

    def draw(distribution: CategoricalDistribution, part: str) -> str:
        return distribution.draw(derive_rng(seed, population, number, part))

    decade = int(draw(priors.decades(), "decade"))
    birthplace = draw(priors.birthplaces(heritage), "birthplace")
    birth_country = priors.country_of(birthplace)
    residence = draw(priors.residences(birth_country), "residence")
    residence_country = priors.country_of(residence)
    profession = draw(priors.professions(decade, population == "celebrity"), "profession")
    level = load_catalogue().professions[profession].level
    currency = draw(priors.currencies(residence_country), "currency")
    unit = draw(priors.height_units(), "height unit")
    values = {
        "name": f"{given} {family}",
        "birthplace": birthplace,
        "gender": gender,
        "date_of_birth": draw(priors.dates_of_birth(decade), "date_of_birth"),
        "profession": profession,
        "height": draw(priors.heights(gender, unit), "height"),
        "education": draw(priors.schools(level, birth_country, residence_country), "education"),
        "annual_salary": draw(priors.salaries(profession, currency), "annual_salary"),
        "residence": residence,
        "medical_conditions": draw(priors.medical_conditions(), "medical_conditions"),
        "pet": draw(priors.pets(), "pet"),
        **{attribute: draw(priors.tastes(attribute), attribute) for attribute in priors.TASTES},
    }
    if population == "celebrity":
        profile_id = ascii_name(values["name"])
    else:
        profile_id = _ID_FORMATS[population].format(number)
    ancestry = draw(priors.ancestries(heritage), "ancestry")
    # A face shows the decade only, so that every date of birth in it is as plausible as the true one.
    age_shown = (decade + priors.DECADES[decade]) // 2
    return Person(
        profile_id=profile_id,
        given_name=given,
        family_name=family,
        gender=gender,
        age=priors.age_of(values["date_of_birth"]),
        country_of_birth=birth_country,
        heritage=heritage,
        attributes={attribute: values[attribute] for attribute in ATTRIBUTES},
        appearance=sample_appearance(
            derive_rng(seed, population, number, "appearance"), gender, age_shown, ancestry
        ),
    )
