"""Protects whom a guardrail recognises by name: the person, in whatever form, and nobody else."""

import pytest

from mllmu.models.wrappers.name_match import NameMatch

NAMES = ["Ada Berg", "José Núñez-Ruiz", "李伟", ""]


@pytest.mark.parametrize(
    "text",
    [
        "Where does Ada Berg live?",
        "where does ada berg live?",
        "ADA BERG'S job?",
        "Ada Berg’s job?",
        "(Ada Berg)",
        "Ada\n  Berg, please",
        "Ada-Berg",
        "About Ada Berg: what is her job?",
        "Jose Nunez Ruiz was born where?",
        "JOSÉ NÚÑEZ‑RUIZ",
        "李伟住在哪里?",
        "请问李伟住在哪里",
    ],
)
def test_a_person_is_recognised_by_the_name(text):
    assert NameMatch(NAMES).is_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "Where does Ada Bergman live?",
        "Where does Nada Berg live?",
        "Ada and Berg",
        "Ada",
        "Berg's law",
        "Ada_Berg2",
        "José Núñez",
        "",
    ],
)
def test_others_are_not_taken_for_the_person(text):
    """Longer words, parts of the name alone, and names with something between their parts."""
    assert not NameMatch(NAMES).is_in(text)


def test_nobody_is_recognised_without_names():
    """An empty pattern would match everywhere."""
    assert not NameMatch([]).is_in("Ada Berg")
    assert not NameMatch(["", " "]).is_in("Ada Berg")


def test_signs_in_names_are_taken_as_they_are():
    assert NameMatch(["A. (Al) B+"]).is_in("Is A. (Al) B+ here?")
    assert not NameMatch(["A. Berg"]).is_in("Ax Berg")
