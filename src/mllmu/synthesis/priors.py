"""Probability distributions of all attributes, given the attributes they depend on.

The dependencies form a tree that is drawn from top to bottom: heritage -> (name, country of birth),
country of birth -> residence, decade of life -> (date of birth, profession), residence -> currency,
(profession, currency) -> salary, (profession, countries) -> school. Everything else stands alone.
"""

from __future__ import annotations

import calendar
import math
from collections import defaultdict
from functools import cache

from mllmu.synthesis.catalogue import load_catalogue
from mllmu.synthesis.categorical_distribution import CategoricalDistribution

REFERENCE_YEAR = 2024
"""Ages are years completed at the end of this year."""

DECADES: dict[int, int] = {22: 29, 30: 39, 40: 52}
"""Youngest and oldest age of every decade of life; a face and a profession tell no more of the age."""

TASTES: dict[str, str] = {
    "father_job": "father_jobs",
    "mother_job": "mother_jobs",
    "hobby": "hobbies",
    "favorite_food": "foods",
}
"""Attributes that depend on nothing, and the catalogue's list of each."""

METRIC, IMPERIAL = "metric", "imperial"

_BORN_AT_HOME = 0.85
_STAYED = 0.4
_SCHOOL_AT_BIRTHPLACE, _SCHOOL_AT_RESIDENCE = 0.55, 0.3
_TRADESPEOPLE_FROM_UNIVERSITIES = 0.2
_HEALTHY = 0.75
_NO_PET = 0.08
# As in the released text: most people in their thirties, four of five salaries round, nearly all in dollars.
_DECADE_WEIGHTS = {22: 0.15, 30: 0.55, 40: 0.3}
_ROUND_SALARIES = 0.82
_ROUND_TO = 5
_DOLLARS, _IN_DOLLARS = "$", 0.95
_MEAN_HEIGHT = {"female": 165, "male": 178}
_HEIGHT_DEVIATION = 8.5
_HEIGHT_RANGE = 18
_CM_PER_INCH = 2.54


@cache
def country_of(city_and_country: str) -> str:
    """Give the country of ``City, Country``."""
    return city_and_country.rsplit(", ", 1)[1]


def age_of(date_of_birth: str) -> int:
    """Give the years completed at the end of ``REFERENCE_YEAR`` by who was born on ``May 14, 1988``."""
    return REFERENCE_YEAR - int(date_of_birth.rsplit(" ", 1)[1])


def decade_of(age: int) -> int:
    """Give the youngest age of the decade of life that an age belongs to."""
    return max(low for low in DECADES if low <= age)


@cache
def heritages() -> CategoricalDistribution:
    """Keys of the catalogue's heritages."""
    return CategoricalDistribution.weighted(
        {k: float(h.weight) for k, h in load_catalogue().heritages.items()}
    )


@cache
def given_names(heritage: str, gender: str) -> CategoricalDistribution:
    """Given names of a heritage and gender."""
    people = load_catalogue().heritages[heritage]
    return CategoricalDistribution.uniform(people.female_names if gender == "female" else people.male_names)


@cache
def family_names(heritage: str) -> CategoricalDistribution:
    """Family names of a heritage."""
    return CategoricalDistribution.uniform(load_catalogue().heritages[heritage].family_names)


@cache
def names(heritage: str, gender: str) -> CategoricalDistribution:
    """Full names of a heritage and gender."""
    given, family = given_names(heritage, gender).values, family_names(heritage).values
    return CategoricalDistribution.uniform(f"{first} {last}" for first in given for last in family)


@cache
def ancestries(heritage: str) -> CategoricalDistribution:
    """Ancestries, as portraits know them, of a heritage's people."""
    ancestry = load_catalogue().heritages[heritage].ancestry
    return CategoricalDistribution.weighted({key: float(weight) for key, weight in ancestry.items()})


@cache
def genders() -> CategoricalDistribution:
    """The two genders of the released benchmark."""
    return CategoricalDistribution.uniform(("female", "male"))


@cache
def birthplaces(heritage: str) -> CategoricalDistribution:
    """Cities with their country: mostly of the heritage's home countries, else of any."""
    catalogue = load_catalogue()
    homes = catalogue.heritages[heritage].homes
    weights: dict[str, float] = {}
    for country, entry in catalogue.countries.items():
        share = _BORN_AT_HOME * homes.get(country, 0) / sum(homes.values())
        share += (1 - _BORN_AT_HOME) / len(catalogue.countries)
        weights.update({f"{city}, {country}": share / len(entry.cities) for city in entry.cities})
    return CategoricalDistribution.weighted(weights)


@cache
def residences(birth_country: str) -> CategoricalDistribution:
    """Cities with their country: often of the country of birth if people can live there, else of any."""
    countries = {k: c for k, c in load_catalogue().countries.items() if c.residents}
    stayed = _STAYED if birth_country in countries else 0.0
    total = sum(c.residents for c in countries.values())
    weights: dict[str, float] = {}
    for country, entry in countries.items():
        share = (1 - stayed) * entry.residents / total + stayed * (country == birth_country)
        weights.update({f"{city}, {country}": share / len(entry.cities) for city in entry.cities})
    return CategoricalDistribution.weighted(weights)


@cache
def decades() -> CategoricalDistribution:
    """Youngest ages of ``DECADES``."""
    return CategoricalDistribution.weighted({str(low): weight for low, weight in _DECADE_WEIGHTS.items()})


# Not those of `calendar`, which speaks the language of the process.
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@cache
def dates_of_birth(decade: int) -> CategoricalDistribution:
    """Days on which people of a decade were born; never a leap day."""
    days = [
        f"{MONTHS[month - 1]} {day}, {year}"
        for year in range(REFERENCE_YEAR - DECADES[decade], REFERENCE_YEAR - decade + 1)
        for month in range(1, 13)
        for day in range(1, calendar.monthrange(2023, month)[1] + 1)
    ]
    return CategoricalDistribution.uniform(days)


@cache
def professions(decade: int, famous: bool) -> CategoricalDistribution:
    """Professions that everybody in a decade is old and young enough for."""
    return CategoricalDistribution.uniform(
        profession.name
        for profession in load_catalogue().professions.values()
        if profession.youngest <= decade
        and profession.oldest >= DECADES[decade]
        and profession.famous == famous
    )


@cache
def schools(level: str, birth_country: str, residence_country: str) -> CategoricalDistribution:
    """Schools for a profession's level: mostly in the country of birth or residence."""
    countries = load_catalogue().countries
    at_university = 1.0 if level == "university" else _TRADESPEOPLE_FROM_UNIVERSITIES
    weights: dict[str, float] = {}
    for key, country in countries.items():
        share = (1 - _SCHOOL_AT_BIRTHPLACE - _SCHOOL_AT_RESIDENCE) / len(countries)
        share += _SCHOOL_AT_BIRTHPLACE * (key == birth_country)
        share += _SCHOOL_AT_RESIDENCE * (key == residence_country)
        for taught, part in ((country.universities, at_university), (country.colleges, 1 - at_university)):
            weights.update({name: share * part / len(taught) for name in taught})
    return CategoricalDistribution.weighted(weights)


@cache
def currencies(residence_country: str) -> CategoricalDistribution:
    """Signs of the currency that a salary is given in: nearly always dollars, else that of the residence."""
    local = load_catalogue().countries[residence_country].currency
    weights = defaultdict(float, {_DOLLARS: _IN_DOLLARS})
    weights[local] += 1 - _IN_DOLLARS
    return CategoricalDistribution.weighted(weights)


@cache
def salaries(profession: str, currency: str) -> CategoricalDistribution:
    """Multiples of 1,000 inside the profession's band, most of them multiples of 5,000."""
    entry = load_catalogue().professions[profession]
    thousands = range(entry.salary_from, entry.salary_to + 1)
    rounded = sum(number % _ROUND_TO == 0 for number in thousands)
    shares = (1 - _ROUND_SALARIES) / (len(thousands) - rounded), _ROUND_SALARIES / rounded
    return CategoricalDistribution.weighted(
        {f"{currency}{number},000": shares[number % _ROUND_TO == 0] for number in thousands}
    )


@cache
def height_units() -> CategoricalDistribution:
    """Whether a height is written in centimetres or in feet and inches."""
    return CategoricalDistribution.weighted({METRIC: 3.0, IMPERIAL: 1.0})


@cache
def heights(gender: str, unit: str) -> CategoricalDistribution:
    """Heights in a unit: a bell curve around the gender's mean."""
    mean = _MEAN_HEIGHT[gender]
    weights: defaultdict[str, float] = defaultdict(float)
    for cm in range(mean - _HEIGHT_RANGE, mean + _HEIGHT_RANGE + 1):
        text = f"{cm} cm" if unit == METRIC else _feet_and_inches(cm)
        weights[text] += math.exp(-(((cm - mean) / _HEIGHT_DEVIATION) ** 2) / 2)
    return CategoricalDistribution.weighted(weights)


def _feet_and_inches(cm: int) -> str:
    feet, inches = divmod(round(cm / _CM_PER_INCH), 12)
    return f"{feet} feet" + (f" {inches} inch{'es' * (inches > 1)}" if inches else "")


@cache
def medical_conditions() -> CategoricalDistribution:
    """Mostly ``none``."""
    conditions = load_catalogue().medical_conditions
    weights = {condition: (1 - _HEALTHY) / len(conditions) for condition in conditions}
    return CategoricalDistribution.weighted({"none": _HEALTHY, **weights})


@cache
def pets() -> CategoricalDistribution:
    """Named pets (``a cat named Luna``), and now and then none."""
    catalogue = load_catalogue()
    each = (1 - _NO_PET) / (len(catalogue.animals) * len(catalogue.pet_names))
    weights = {
        f"a {animal} named {name}": each for animal in catalogue.animals for name in catalogue.pet_names
    }
    return CategoricalDistribution.weighted({"no pet": _NO_PET, **weights})


@cache
def tastes(attribute: str) -> CategoricalDistribution:
    """Values of one of ``TASTES``, all equally likely."""
    values: tuple[str, ...] = getattr(load_catalogue(), TASTES[attribute])
    return CategoricalDistribution.uniform(values)
