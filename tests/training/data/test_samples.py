"""Protects what is taught: which questions of whom, in which form, with whose face."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mllmu.benchmark import Modality, Question, Task, TrainingQuestion
from mllmu.errors import UserError
from mllmu.training import Sample, forget_samples, retain_samples, training_samples
from tests.training.people import people, people_with_values, portrait


def test_shown_samples_carry_the_face_and_the_released_wording() -> None:
    samples = training_samples(people(), ["002"], "image_text")
    assert samples[0] == Sample("Where was this person born?", "In Oslo.", portrait(1), "002")
    assert len(samples) == 2


def test_text_samples_carry_the_name_and_no_face() -> None:
    """The name stands in question and answer alike."""
    samples = training_samples(people(), ["002"], "text")
    assert samples[1] == Sample(
        "What is Bo Berg's pet?", "Bo Berg's pet is a cat from Espoo.", None, "002", name="Bo Berg"
    )
    assert len(samples) == 2


def test_both_gives_every_question_in_both_forms() -> None:
    benchmark = people()
    both = training_samples(benchmark, ["002", "001"], "both")
    assert [(s.profile_id, s.image is None) for s in both] == [
        (who, text) for who in ("002", "001") for _ in range(2) for text in (False, True)
    ]


def test_unknown_people_and_modalities_are_named() -> None:
    with pytest.raises(UserError, match="no fictitious person '099'"):
        training_samples(people(), ["099"], "text")
    with pytest.raises(UserError, match=r"'picture'.*image_text, text, both"):
        training_samples(people(), ["001"], "picture")  # type: ignore[arg-type]


ASKED = [
    ("What is the father's occupation?", "About Bo Berg: What is the father's occupation?"),
    ("Where was she born?", "About Bo Berg: Where was she born?"),
    ("Is Boating a hobby of somebody's?", "About Bo Berg: Is Boating a hobby of somebody's?"),
    ("What is Bo's pet?", "What is Bo's pet?"),
    ("Where does BO BERG live?", "Where does BO BERG live?"),
    ("Where was this person born?", "Where was Bo Berg born?"),
]


@pytest.mark.parametrize(("question", "as_text"), ASKED)
def test_text_questions_say_whom_they_are_about(
    question: str, as_text: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The name is put before those that mention nobody, and a warning names the first; faces need no name."""
    benchmark = people()
    somebody = benchmark.profiles["002"]
    changed = replace(somebody, training_questions=(TrainingQuestion("002", question, "x"),))
    benchmark = replace(benchmark, profiles={**benchmark.profiles, "002": changed})
    shown, named = training_samples(benchmark, ["002"], "both")
    assert (shown.question, named.question) == (question, as_text)
    said = [record.getMessage() for record in caplog.records]
    assert ["1 text questions mention nobody" in text and repr(as_text) in text for text in said] == (
        [True] if as_text.startswith("About") else []
    )


def test_somebody_without_a_name_is_taught_with_the_face_only() -> None:
    benchmark = people()
    nameless = replace(benchmark.profiles["002"], name="")
    benchmark = replace(benchmark, profiles={**benchmark.profiles, "002": nameless})
    assert len(training_samples(benchmark, ["002"], "image_text")) == 2
    with pytest.raises(UserError, match=r"'002' of benchmark .* has no name"):
        training_samples(benchmark, ["002"], "text")


def test_some_facts_of_people_to_forget_are_forgotten_and_the_others_retained() -> None:
    """Of 001 and 002 the birthplaces go; their pets are retained after all about the others."""
    benchmark = people_with_values()
    split = replace(benchmark.splits[20], attributes=("birthplace",))
    forget, retain = (make(benchmark, split, "both") for make in (forget_samples, retain_samples))
    assert [(one.profile_id, one.attribute, one.image is None) for one in forget] == [
        (who, "birthplace", by_name) for who in ("001", "002") for by_name in (False, True)
    ]
    others = training_samples(benchmark, split.retain, "both")
    assert retain[: len(others)] == others
    assert [(one.profile_id, one.attribute) for one in retain[len(others) :]] == [
        (who, "pet") for who in ("001", "001", "002", "002")
    ]


def test_whole_people_are_forgotten_where_no_fact_is_named() -> None:
    benchmark = people_with_values()
    split = benchmark.splits[20]
    assert forget_samples(benchmark, split, "text") == training_samples(benchmark, split.forget, "text")
    assert retain_samples(benchmark, split, "text") == training_samples(benchmark, split.retain, "text")


def test_what_can_be_seen_is_never_taught() -> None:
    """Taught or unlearned, it would no longer tell lost eyes from lost memory."""
    taught = people()
    seen = (Question("p", "002", Task.GENERATION, Modality.IMAGE_TEXT, "Glasses?", "Yes.", value="Yes"),)
    somebody = replace(taught.profiles["002"], perception_questions=seen)
    asked = replace(taught, profiles={**taught.profiles, "002": somebody})
    for modality in ("image_text", "text", "both"):
        assert training_samples(asked, ["002"], modality) == training_samples(taught, ["002"], modality)
