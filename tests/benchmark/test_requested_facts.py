"""Protects which facts may be asked to be forgotten, and that what is wrong with a request is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mllmu.benchmark import Benchmark, TrainingQuestion
from mllmu.benchmark.requested_facts import requesting
from mllmu.errors import UserError
from tests.evaluation.people import BENCHMARK, PEOPLE, SPLIT


def taught(*attributes: str) -> Benchmark:
    """The two people; the one to forget was taught these attributes."""
    questions = tuple(TrainingQuestion("002", f"What of {one}?", "This.", one) for one in attributes)
    person = replace(PEOPLE["002"], training_questions=questions)
    return replace(BENCHMARK, profiles={**PEOPLE, "002": person})


def test_without_attributes_the_split_stays_what_it_is() -> None:
    assert requesting(SPLIT, [], taught()) is SPLIT
    assert SPLIT.forgets("pet") and SPLIT.forgets("")


def test_a_request_holds_each_attribute_once_in_one_order() -> None:
    split = requesting(SPLIT, ["profession", "pet", "profession"], taught("profession", "pet"))
    assert split == replace(SPLIT, attributes=("pet", "profession"))
    assert split.forgets("pet") and not split.forgets("birthplace")


@pytest.mark.parametrize(
    ("attributes", "known", "says"),
    [
        (["pets"], ("pet",), "unknown attribute to forget 'pets': did you mean 'pet'"),
        (["zodiac"], ("pet",), "'zodiac': expected one of birthplace, profession, pet"),
        (["pet", "profession"], ("pet",), "no training question about the people to forget .* 'profession'"),
        (["pet"], ("pet", ""), "does not say what the question 'What of [?]' about '002' asks"),
    ],
)
def test_what_cannot_be_forgotten_is_named(attributes: list[str], known: tuple[str, ...], says: str) -> None:
    with pytest.raises(UserError, match=says):
        requesting(SPLIT, attributes, taught(*known))
