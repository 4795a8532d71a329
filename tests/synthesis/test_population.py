"""Protects what a fair benchmark rests on: invented people are consistent, repeatable and unguessable."""

import calendar
import random
from collections import Counter, defaultdict

import pytest
from pytest import approx

from mllmu.errors import UserError
from mllmu.synthesis.alternatives import counterfactuals
from mllmu.synthesis.catalogue import load_catalogue
from mllmu.synthesis.person import ATTRIBUTES, Person
from mllmu.synthesis.population import ascii_name, make_people
from mllmu.synthesis.priors import REFERENCE_YEAR, dates_of_birth
from mllmu.synthesis.seed_derivation import derive_seed

UNGUESSABLE = (
    "birthplace",
    "date_of_birth",
    "profession",
    "height",
    "education",
    "annual_salary",
    "residence",
    "father_job",
    "mother_job",
    "hobby",
    "favorite_food",
    "pet",
)

FIRST = {
    "name": "Nawal Habashi",
    "birthplace": "Ismailia, Egypt",
    "gender": "female",
    "date_of_birth": "January 15, 1993",
    "profession": "museum guide",
    "height": "5 feet 6 inches",
    "education": "Rhodes University",
    "annual_salary": "$65,000",
    "residence": "Barcelona, Spain",
    "medical_conditions": "none",
    "father_job": "stonemason",
    "mother_job": "pediatrician",
    "hobby": "ice skating",
    "favorite_food": "fish and chips",
    "pet": "a dog named Socks",
}


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return make_people(500, 0, "fictitious")


@pytest.fixture(scope="module")
def background() -> list[Person]:
    return make_people(4000, 1, "background")


def test_same_seed_gives_the_same_people_whatever_the_count_and_the_start(people: list[Person]) -> None:
    assert make_people(60, 0, "fictitious") == people[:60]
    assert make_people(20, 0, "fictitious", start=481) == people[480:]
    assert make_people(60, 5, "fictitious") != people[:60]


def test_first_people_of_seed_zero_never_change(people: list[Person]) -> None:
    """Models and published numbers refer to these people; a changed catalogue has to be noticed."""
    assert people[0].attributes == FIRST
    assert derive_seed(0, "portrait", 1) != derive_seed(0, "portrait", "1")


def test_dates_do_not_speak_the_language_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """As they would after a host program's ``locale.setlocale``."""
    dates_of_birth.cache_clear()
    monkeypatch.setattr(calendar, "month_name", [f"Monat {number}" for number in range(13)])
    assert make_people(3, 0, "fictitious")[0].attributes == FIRST


def test_names_are_unique_and_avoid_those_taken(people: list[Person]) -> None:
    names = {ascii_name(person.name) for person in people}
    assert len(names) == len(people)
    others = make_people(500, 0, "fictitious", taken=[person.name for person in people])
    assert not names & {ascii_name(person.name) for person in others}
    changed = [
        attribute
        for before, after in zip(people, others, strict=True)
        for attribute in ATTRIBUTES
        if before.attributes[attribute] != after.attributes[attribute]
    ]
    assert set(changed) == {"name"}, "a new name must leave the rest of the life alone"


def test_ids_tell_the_population() -> None:
    assert make_people(1, 0, "fictitious")[0].profile_id == "001"
    assert make_people(1, 0, "holdout")[0].profile_id == "H001"
    assert make_people(1, 0, "background", start=12)[0].profile_id == "B0012"
    for celebrity in make_people(153, 0, "celebrity"):
        assert celebrity.profile_id.isascii()
        assert celebrity.profile_id == ascii_name(celebrity.name)
        assert load_catalogue().professions[celebrity.attributes["profession"]].famous


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Zoë Wójcik", "Zoe_Wojcik"), ("Rıza Çakır", "Riza_Cakir"), ("Ae-ri D'Angelo", "Ae-ri_DAngelo")],
)
def test_ascii_names(name: str, expected: str) -> None:
    assert ascii_name(name) == expected


def test_some_names_have_accents_but_most_do_not(background: list[Person]) -> None:
    share = sum(not person.name.isascii() for person in background) / len(background)
    assert 0.08 < share < 0.2


def test_everybody_has_every_attribute_in_few_words(people: list[Person]) -> None:
    for person in people:
        assert tuple(person.attributes) == ATTRIBUTES
        assert person.attributes["name"] == person.name == f"{person.given_name} {person.family_name}"
        assert all(1 <= len(value.split()) <= 6 for value in person.attributes.values())


def test_lives_are_consistent(people: list[Person]) -> None:
    catalogue = load_catalogue()
    at_home = 0
    for person in [*people, *make_people(100, 0, "celebrity")]:
        facts = person.attributes
        heritage = catalogue.heritages[person.heritage]
        pool = heritage.female_names if person.gender == "female" else heritage.male_names
        assert person.given_name in pool
        assert person.family_name in heritage.family_names
        at_home += person.country_of_birth in heritage.homes

        assert 22 <= person.age <= 52
        assert int(facts["date_of_birth"][-4:]) == REFERENCE_YEAR - person.age
        city, country = facts["birthplace"].split(", ")
        assert country == person.country_of_birth
        assert city in catalogue.countries[country].cities

        profession = catalogue.professions[facts["profession"]]
        assert profession.youngest <= person.age <= profession.oldest
        taught_at = [key for key, c in catalogue.countries.items() if facts["education"] in c.universities]
        assert profession.level == "college" or taught_at, "academic professions need a university"

        home = catalogue.countries[facts["residence"].split(", ")[1]]
        assert facts["annual_salary"][0] in ("$", home.currency)
        thousands = int(facts["annual_salary"][1:].removesuffix(",000"))
        assert profession.salary_from <= thousands <= profession.salary_to
    assert at_home / 600 > 0.75, "names fit the country of birth"


def test_salaries_and_ages_are_those_of_the_released_text(background: list[Person]) -> None:
    """There, 82 % are multiples of 5,000 and 97 % in dollars, and people were born 1972 to 2006."""
    salaries = [person.attributes["annual_salary"] for person in background]
    assert sum(int(s[1:].replace(",", "")) % 5000 == 0 for s in salaries) / len(salaries) == approx(
        0.82, abs=0.03
    )
    assert sum(s[0] == "$" for s in salaries) / len(salaries) == approx(0.97, abs=0.02)
    years = [int(person.attributes["date_of_birth"][-4:]) for person in background]
    assert (min(years), max(years)) == (1972, 2002)
    assert sum(1985 <= year <= 1994 for year in years) > len(years) / 2


def test_professors_and_surgeons_are_not_young(background: list[Person]) -> None:
    youngest: dict[str, int] = {}
    for person in background:
        job = person.attributes["profession"]
        youngest[job] = min(person.age, youngest.get(job, 99))
    assert youngest["university professor"] >= 40
    assert youngest["judge"] >= 40
    assert youngest["surgeon"] >= 30


def test_what_is_seen_does_not_give_values_away(background: list[Person]) -> None:
    """Guess the commonest value among others of the same heritage and gender, the most a face and name tell.

    Half of the people teach the guesser and the other half are guessed, so that chance agreement in
    small groups does not count as knowledge.
    """
    taught, guessed = background[::2], background[1::2]
    rates = {}
    for attribute in UNGUESSABLE:
        counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for person in taught:
            counts[person.heritage, person.gender][person.attributes[attribute]] += 1
        hits = sum(
            counts[person.heritage, person.gender].most_common(1)[0][0] == person.attributes[attribute]
            for person in guessed
        )
        rates[attribute] = hits / len(guessed)
    assert max(rates.values()) < 0.2, rates
    assert rates["annual_salary"] < 0.08, rates
    assert sum(rates.values()) / len(rates) < 0.08, rates


def test_unknown_population_is_a_user_error() -> None:
    with pytest.raises(UserError, match="celebrity"):
        make_people(1, 0, "martian")
    for count, start in ((-1, 1), (1, 0)):
        with pytest.raises(UserError, match=rf"people {start} and the next {count}: expected start >= 1"):
            make_people(count, 0, "fictitious", start)


def test_wrong_values_are_wrong_distinct_and_repeatable(people: list[Person]) -> None:
    for person in people[:100]:
        for attribute in ATTRIBUTES:
            count = 1 if attribute == "gender" else 3
            wrong = counterfactuals(person, attribute, count, random.Random(3))
            assert len({*wrong, person.attributes[attribute]}) == count + 1
            assert wrong == counterfactuals(person, attribute, count, random.Random(3))


def test_wrong_names_avoid_the_others(people: list[Person]) -> None:
    person = people[0]
    seen = {name for i in range(40) for name in counterfactuals(person, "name", 3, random.Random(i))}
    avoid = sorted(seen)[:20]
    for i in range(200):
        assert not set(avoid) & set(counterfactuals(person, "name", 3, random.Random(i), avoid=avoid))


def test_gender_has_one_wrong_value(people: list[Person]) -> None:
    with pytest.raises(ValueError, match="1 exist"):
        counterfactuals(people[0], "gender", 3, random.Random(0))


CONTEXTS = {
    "nothing": lambda person: "",
    "profession": lambda person: person.attributes["profession"],
    "heritage": lambda person: person.heritage,
    "country of birth": lambda person: person.country_of_birth,
    "country of residence": lambda person: person.attributes["residence"].split(", ")[1],
    "school": lambda person: person.attributes["education"],
    "decade": lambda person: person.age // 10,
}


@pytest.mark.parametrize("attribute", UNGUESSABLE)
def test_knowing_how_common_values_are_does_not_help_to_choose(
    attribute: str, background: list[Person]
) -> None:
    """A guesser who learned from 2,000 others what goes with what must stay near 25 %.

    Over 2,000 questions the standard error is 0.0097, so the bounds are four of them.
    """
    own = {
        "profession": "profession",
        "birthplace": "country of birth",
        "residence": "country of residence",
        "education": "school",
        "date_of_birth": "decade",
    }
    rng = random.Random(7)
    asked = []
    for person in background[1::2]:
        options = [person.attributes[attribute], *counterfactuals(person, attribute, 3, rng)]
        rng.shuffle(options)
        asked.append((person, options))
    for name, context in CONTEXTS.items():
        if name == own.get(attribute):
            continue
        common = Counter((context(person), person.attributes[attribute]) for person in background[::2])
        for choose in (max, min):
            hits = sum(
                choose(options, key=lambda value: common[context(person), value])
                == person.attributes[attribute]
                for person, options in asked
            )
            assert 0.21 < hits / len(asked) < 0.29, (name, choose)
