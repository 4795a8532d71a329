"""Data classes of the catalogue's JSON files, and their loader."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Heritage:
    """Names of one culture, with the ancestries and home countries of the people who have them.

    Attributes:
        weight: how common it is in the population, relative to the others.
        ancestry: weight of every ancestry that portraits know.
        homes: weight of the countries that most of its people are born in.
        female_names: given names, Latin script.
        male_names: given names, Latin script; none is also a female name of the same heritage.
        family_names: family names, Latin script.
    """

    weight: int
    ancestry: Mapping[str, int]
    homes: Mapping[str, int]
    female_names: tuple[str, ...]
    male_names: tuple[str, ...]
    family_names: tuple[str, ...]


@dataclass(frozen=True)
class Country:
    """One country.

    Attributes:
        cities: where people are born and live.
        universities: schools that lead to academic professions; no other country has one of that name.
        colleges: schools that lead to crafts and trades; no other country has one of that name.
        currency: sign that salaries of residents carry; empty where nobody in the benchmark lives.
        residents: how many people move there, relative to the other countries.
    """

    cities: tuple[str, ...]
    universities: tuple[str, ...]
    colleges: tuple[str, ...]
    currency: str = ""
    residents: int = 0


@dataclass(frozen=True)
class Profession:
    """One profession.

    Attributes:
        name: noun phrase without article.
        level: ``university`` or ``college``, the schooling it takes.
        youngest: years; nobody in it is younger.
        oldest: years; nobody in it is older.
        salary_from: lowest annual salary, thousands.
        salary_to: highest annual salary, thousands.
        famous: whether celebrities have it; nobody else does.
    """

    name: str
    level: str
    youngest: int
    oldest: int
    salary_from: int
    salary_to: int
    famous: bool = False


@dataclass(frozen=True)
class Catalogue:
    """All lists that invented people are drawn from."""

    heritages: Mapping[str, Heritage]
    countries: Mapping[str, Country]
    professions: Mapping[str, Profession]
    father_jobs: tuple[str, ...]
    mother_jobs: tuple[str, ...]
    hobbies: tuple[str, ...]
    foods: tuple[str, ...]
    animals: tuple[str, ...]
    pet_names: tuple[str, ...]
    medical_conditions: tuple[str, ...]


@lru_cache(maxsize=1)
def load_catalogue() -> Catalogue:
    """Read the catalogue's JSON files, once per process."""
    return Catalogue(
        heritages={key: Heritage(**_frozen(entry)) for key, entry in _read("names.json").items()},
        countries={key: Country(**_frozen(entry)) for key, entry in _read("places.json").items()},
        professions={entry["name"]: Profession(**entry) for entry in _read("professions.json")},
        **_frozen(_read("lives.json")),
    )


def _read(file_name: str) -> Any:
    return json.loads(files(__package__).joinpath(file_name).read_text(encoding="utf-8"))


def _frozen(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
