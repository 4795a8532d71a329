"""Protects how a failed question is asked again: the same fact, in new words, with nothing given away."""

import re
from dataclasses import replace

import pytest

from mllmu.benchmark.types import Modality, Split, Task
from mllmu.evaluation.recoverability.probes import PROBES, Probe, probe_items, probe_wordings
from mllmu.synthesis.benchmark_synthesis import describe
from mllmu.synthesis.population import make_people
from mllmu.synthesis.wording.pools import POOLS, wordings
from tests.evaluation.people import BENCHMARK


def forgetting(*people, attributes=()):
    return Split(50, people, (), attributes=attributes)


def with_values(values):
    """The two people, of whom each works and has a pet as `values` says."""

    def changed(profile):
        profession, pet = values[profile.profile_id]
        known = {"profession": profession, "pet": pet, "birthplace": "Riga, Latvia"}
        questions = tuple(replace(one, value=known[one.attribute]) for one in profile.questions)
        return replace(profile, questions=questions)

    return replace(BENCHMARK, profiles={key: changed(one) for key, one in BENCHMARK.profiles.items()})


PEOPLE = with_values({"001": ("nurse", "a cat"), "002": ("pilot", "a dog")})


def test_every_free_answer_question_is_asked_in_four_ways():
    asked = list(probe_items(PEOPLE, forgetting("001"), 1, 0))
    assert [(one.task, one.modality) for one, _ in asked] == [
        (task, modality) for modality in Modality for task in (Task.GENERATION, Task.CLOZE)
    ]
    question, items = asked[2]
    assert {probe: item.question.text for probe, item in items.items()} == {
        Probe.ORIGINAL: "What does person 001 do?",
        Probe.REWORDED: "What does person 001 get paid for doing, as what kind of worker?",
        Probe.INDIRECT: "Which trade union would take person 001 as a member, that of which workers?",
        Probe.NEGATED: "The answer is not pilot. What does person 001 do?",
    }
    assert all(item.question.value == "nurse" and item.image is None for item in items.values())
    assert len({item.question.question_id for item in items.values()}) == 4
    assert items[Probe.ORIGINAL].question == question


def test_the_portrait_is_shown_where_it_was_and_the_name_is_not_said():
    for question, items in probe_items(PEOPLE, forgetting("002"), 1, 0):
        if question.modality is Modality.IMAGE_TEXT:
            assert {item.image for item in items.values()} == {PEOPLE.profiles["002"].image}
            assert not any("person 002" in item.question.text for item in items.values())
            assert all("this person" in items[probe].question.text for probe in PROBES[:2])


def test_a_blank_stays_a_blank_after_a_denial_and_is_a_question_elsewhere():
    question, items = list(probe_items(PEOPLE, forgetting("001"), 1, 0))[3]
    assert question.task is Task.CLOZE and items[Probe.NEGATED].question.task is Task.CLOZE
    assert items[Probe.NEGATED].question.text == "The answer is not a dog. The pet of person 001 is __ ."
    assert {items[probe].question.task for probe in (Probe.REWORDED, Probe.INDIRECT)} == {Task.GENERATION}


def test_nobody_else_with_another_value_leaves_nothing_to_deny():
    alike = with_values({"001": ("nurse", "a cat"), "002": ("Nurse", "a dog")})
    assert {one.attribute for one, _ in probe_items(alike, forgetting("001"), 1, 0)} == {"pet"}


def test_people_are_drawn_by_seed_and_unknown_attributes_left_out():
    def drawn(seed, *ids):
        return {one.profile_id for one, _ in probe_items(PEOPLE, forgetting(*ids), 1, seed)}

    chosen = [drawn(seed, "001", "002") for seed in range(9)]
    assert {"001"} in chosen and {"002"} in chosen
    assert chosen == [drawn(seed, "002", "001") for seed in range(9)]
    strange = replace(
        PEOPLE,
        profiles={
            key: replace(
                one,
                questions=tuple(replace(q, attribute="shoe_size", text="Size __?") for q in one.questions),
            )
            for key, one in PEOPLE.profiles.items()
        },
    )
    assert list(probe_items(strange, forgetting("001"), 1, 0)) == []


def test_facts_that_are_not_to_be_forgotten_are_not_probed():
    split = forgetting("001", attributes=("pet",))
    assert {one.attribute for one, _ in probe_items(PEOPLE, split, 1, 0)} == {"pet"}


@pytest.mark.parametrize("attribute", sorted(probe_wordings()))
def test_wordings_are_new_and_name_the_person(attribute):
    """In no pool of the benchmark's wordings; "{person}" is written "{person's}" there."""
    own = probe_wordings()[attribute]
    assert set(own) == {Probe.REWORDED.value, Probe.INDIRECT.value} and len(set(own.values())) == 2
    for text in own.values():
        assert text.count("{person}") == 1 and text.endswith("?")
        for pool in POOLS:
            assert text.replace("{person}'s", "{person's}") not in str(wordings(pool))


def test_every_attribute_of_generated_people_that_can_be_asked_otherwise_has_probes():
    """Any wording about gender names both values, so that an echo would count as right."""
    assert set(wordings("original")) - {"name", "gender"} <= set(probe_wordings())
    assert "gender" not in probe_wordings()


def test_probes_ask_for_every_part_of_a_value():
    """An answer has to contain the whole value: of "Riga, Latvia" a town that is asked for is half."""
    parts = {
        "birthplace": ("town", "country"),
        "residence": ("city", "country"),
        "date_of_birth": ("day", "year"),
        "pet": ("animal", "called"),
    }
    of_parts = {
        question.attribute
        for person in make_people(20, 0, "fictitious")
        for question in describe(person, 0).questions
        if question.attribute in probe_wordings() and re.search(r", | named ", question.value or "")
    }
    assert of_parts == set(parts)
    for attribute, asked in parts.items():
        for wording in probe_wordings()[attribute].values():
            assert all(part in wording for part in asked), wording
