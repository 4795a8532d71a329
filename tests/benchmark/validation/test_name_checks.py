"""Protects the check of names: two people of one name are seen, and worse where sets part them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mllmu.benchmark import Benchmark, Check, Severity, Split
from mllmu.benchmark.load_report import person_key
from mllmu.benchmark.validation.name_checks import shared_names
from mllmu.benchmark.validation_issues import Location
from tests.benchmark.conftest import a_celebrity, a_fictitious

LOCATIONS = {person_key(one): Location(one, 0, "image") for one in ("001", "002", "901", "Kal_Example")}


def of_one_name(first: str, second: str) -> Benchmark:
    """Two fictitious people, of whom one is forgotten at 50, a celebrity and a holdout person."""
    names = {first: "Zoë  Berg", second: "ZOE BERG"}
    fictitious, holdout = (a_fictitious(1), a_fictitious(2)), a_fictitious(901)
    people = (*fictitious, a_celebrity("Kal_Example", 9), holdout)
    one, two, celebrity, held_out = (
        replace(person, name=names.get(person.profile_id, person.name)) for person in people
    )
    return Benchmark("x", {"001": one, "002": two}, {"Kal_Example": celebrity}, {"901": held_out}, {})


@pytest.mark.parametrize("others", [("001", "901"), ("001", "Kal_Example"), ("Kal_Example", "901")])
def test_one_name_in_two_sets_is_an_error(others: tuple[str, str]) -> None:
    [issue] = shared_names(of_one_name(*others), LOCATIONS)
    assert (issue.severity, issue.check) == (Severity.ERROR, Check.SHARED_NAME)
    assert issue.location == Location(others[1], 0, "ID") and others[0] in issue.problem


def test_one_name_in_one_set_is_a_warning_until_one_of_them_is_forgotten() -> None:
    benchmark = of_one_name("001", "002")
    [issue] = shared_names(benchmark, LOCATIONS)
    assert issue.severity is Severity.WARNING
    split = replace(benchmark, splits={50: Split(50, ("002",), ("001",))})
    [issue] = shared_names(split, LOCATIONS)
    assert issue.severity is Severity.ERROR


def test_names_of_their_own_and_no_names_are_no_finding(benchmark: Benchmark) -> None:
    nameless = {key: replace(one, name="") for key, one in benchmark.celebrities.items()}
    assert list(shared_names(replace(benchmark, celebrities=nameless), {})) == []
