"""Protects the reading of attributes from wordings, which finds what one fact is asked about twice."""

from __future__ import annotations

import pytest

from mllmu.benchmark import TrainingQuestion
from mllmu.benchmark.language.attributes import asked_attribute
from mllmu.synthesis.wording import POOLS, Reference, fill, wordings


@pytest.mark.parametrize(
    ("question", "attribute"),
    [
        ("What is the name of this person?", "name"),
        ("What is the name of this person's father?", "father_name"),
        ("What does this person's father do?", "father_job"),
        ("What is the occupation of the mother of this person?", "mother_job"),
        ("What is the name of this person's pet cat?", "pet"),
        ("Are there any medical conditions this person lives with?", "medical_conditions"),
        ("Where does this individual reside?", "residence"),
        ("When was this person born?", "date_of_birth"),
        ("Where was this person born?", "birthplace"),
        ("What is this person's employment status?", "profession"),
        ("How many countries has this person traveled to?", ""),
        ("What position does the father of this person hold?", "father_job"),
        ("What post does this person's mother have as her job?", "mother_job"),
        ("What are the names of this person's parents?", ""),
        ("What is the name of this person's sister?", ""),
        ("What is the name of this person's favorite book?", ""),
        ("What is the name of the company of this person?", ""),
        ("What is this person's full name?", "name"),
        ("What is the name of the individual in this picture?", "name"),
        ("What is this person's passion outside of work?", "hobby"),
        ("What does this person enjoy at home?", "hobby"),
        ("What does this person like to cook at home?", ""),
        ("Which sport did this person play in high school?", ""),
        ("Where was this person in high school?", "education"),
        ("When did this person graduate?", ""),
        ("Where does this person work?", ""),
        ("When did this person start to work?", ""),
        ("Where does this person's father live?", ""),
        ("Where was this person's mother born?", ""),
        ("What does this person do with the mother on weekends?", ""),
        ("What do this person's father and mother do?", ""),
        ("What does this person's wife do for a living?", ""),
        ("Who does this person live with?", ""),
        ("What does this person spend money on?", ""),
        ("Which city does this person call home?", "residence"),
    ],
)
def test_wordings_of_the_release(question: str, attribute: str) -> None:
    assert asked_attribute(TrainingQuestion("001", question, "x")) == attribute


def test_a_stated_attribute_counts() -> None:
    assert asked_attribute(TrainingQuestion("001", "Where was she born?", "x", "origin")) == "origin"


@pytest.mark.parametrize("pool", POOLS)
def test_the_wordings_of_generated_people_are_read_as_what_they_ask(pool: str) -> None:
    """Every question of every pool; what stands in the pools under an attribute asks for it."""
    person = Reference("this person", "this person's")
    wrong = [
        (attribute, question)
        for attribute, entry in wordings(pool).items()
        for question in (*entry.classification, *(question for question, _ in entry.generation))
        if asked_attribute(TrainingQuestion("x", fill(question, person), "y"))
        != attribute.removeprefix("no_")
    ]
    assert wrong == []
