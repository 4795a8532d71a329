"""Wrong values for options, as plausible for a person as the true value."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache

from mllmu.synthesis import priors
from mllmu.synthesis.catalogue import load_catalogue
from mllmu.synthesis.categorical_distribution import CategoricalDistribution
from mllmu.synthesis.person import Person


def counterfactuals(
    person: Person, attribute: str, count: int, rng: random.Random, avoid: Collection[str] = ()
) -> list[str]:
    """Draw wrong values that all other facts about the person do not distinguish from the true one.

    Each comes from the attribute's distribution given every other attribute and the face: Bayes' rule on
    the distributions the person was drawn from (``priors``). ``CategoricalDistribution.decoys`` then chooses
    such that each option is the true one with the same probability. Exceptions: gender, which has two values,
    and medical conditions, where ``none`` is so common that it is always among the options.

    Args:
        person: whom the question is about; made by ``make_people``.
        attribute: one of ``ATTRIBUTES``.
        count: how many values, at least 1.
        rng: source of randomness.
        avoid: values not to use, e.g. the names of the others in the benchmark.

    Returns:
        ``count`` distinct values in random order, never the true one.

    Raises:
        ValueError: if the attribute has too few values (gender has one wrong value).

    Example:
        >>> from mllmu.synthesis import make_people
        >>> person = make_people(1, seed=0, population="fictitious")[0]
        >>> len(counterfactuals(person, "birthplace", 3, random.Random(0)))
        3
    """
    return distribution_given_the_rest(person, attribute).decoys(
        person.attributes[attribute], count, rng, avoid
    )


def distribution_given_the_rest(person: Person, attribute: str) -> CategoricalDistribution:
    """Give an attribute's distribution given all the other attributes and the face.

    Raises:
        KeyError: if there is no such attribute.
    """
    if attribute in priors.TASTES:
        return priors.tastes(attribute)
    return _POSTERIORS[attribute](person)


def _birthplace(person: Person) -> CategoricalDistribution:
    home, school = person.attributes["residence"], person.attributes["education"]
    return _birthplaces(person.heritage, home, school, _level(person))


# A person's questions ask for the same few distributions again and again.
@lru_cache(maxsize=64)
def _birthplaces(heritage: str, home: str, school: str, level: str) -> CategoricalDistribution:
    def likelihood(birthplace: str) -> float:
        country = priors.country_of(birthplace)
        schools = priors.schools(level, country, priors.country_of(home)).probabilities
        return priors.residences(country).probabilities[home] * schools.get(school, 0.0)

    return priors.birthplaces(heritage).given(likelihood)


def _residence(person: Person) -> CategoricalDistribution:
    school = person.attributes["education"]
    return _residences(person.country_of_birth, school, _level(person), _currency(person))


@lru_cache(maxsize=64)
def _residences(born: str, school: str, level: str, currency: str) -> CategoricalDistribution:
    def likelihood(residence: str) -> float:
        country = priors.country_of(residence)
        paid = priors.currencies(country).probabilities.get(currency, 0.0)
        return paid * priors.schools(level, born, country).probabilities.get(school, 0.0)

    return priors.residences(born).given(likelihood)


def _profession(person: Person) -> CategoricalDistribution:
    famous = load_catalogue().professions[person.attributes["profession"]].famous
    home, school, salary = (person.attributes[key] for key in ("residence", "education", "annual_salary"))
    decade = priors.decade_of(person.age)
    return _professions(decade, famous, person.country_of_birth, home, school, salary, _currency(person))


@lru_cache(maxsize=64)
def _professions(
    decade: int, famous: bool, born: str, home: str, school: str, salary: str, currency: str
) -> CategoricalDistribution:
    catalogue = load_catalogue().professions

    def likelihood(profession: str) -> float:
        salaries = priors.salaries(profession, currency).probabilities
        level = catalogue[profession].level
        schools = priors.schools(level, born, priors.country_of(home)).probabilities
        return salaries.get(salary, 0.0) * schools.get(school, 0.0)

    return priors.professions(decade, famous).given(likelihood)


def _education(person: Person) -> CategoricalDistribution:
    home = priors.country_of(person.attributes["residence"])
    return priors.schools(_level(person), person.country_of_birth, home)


def _annual_salary(person: Person) -> CategoricalDistribution:
    return priors.salaries(person.attributes["profession"], _currency(person))


def _height(person: Person) -> CategoricalDistribution:
    # Both units among the options could state the true height twice.
    unit = priors.METRIC if person.attributes["height"].endswith(" cm") else priors.IMPERIAL
    return priors.heights(person.gender, unit)


def _level(person: Person) -> str:
    return load_catalogue().professions[person.attributes["profession"]].level


def _currency(person: Person) -> str:
    return person.attributes["annual_salary"].rstrip("0123456789,")


_POSTERIORS: Mapping[str, Callable[[Person], CategoricalDistribution]] = {
    "name": lambda person: priors.names(person.heritage, person.gender),
    "birthplace": _birthplace,
    "gender": lambda person: priors.genders(),
    "date_of_birth": lambda person: priors.dates_of_birth(priors.decade_of(person.age)),
    "profession": _profession,
    "height": _height,
    "education": _education,
    "annual_salary": _annual_salary,
    "residence": _residence,
    "medical_conditions": lambda person: priors.medical_conditions(),
    "pet": lambda person: priors.pets(),
}
