"""Protects replay: true lessons about every celebrity, other ones in every epoch, the same for a seed."""

from __future__ import annotations

import hashlib
import re
from collections import Counter

import pytest

from mllmu.synthesis import CELEBRITIES, CELEBRITY_SEED, CelebrityLessons, celebrity_lessons, make_people
from mllmu.synthesis.portraits import ORIGINAL_POSE, photo
from mllmu.synthesis.question_writer import NOTHING

COUNT = 5
CELEBRITY_PEOPLE = make_people(CELEBRITIES, CELEBRITY_SEED, "celebrity")


@pytest.fixture(scope="module")
def lessons() -> CelebrityLessons:
    return CelebrityLessons(COUNT, 0)


def test_the_draws_of_stored_results_do_not_change(lessons: CelebrityLessons) -> None:
    """Models were fine-tuned with these; another text here would give them other scores."""
    lines = [f"{one.profile_id}|{one.question}|{one.answer}|{one.image is None}" for one in lessons(0)]
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16] == "f2c11f5c4c0b2774"


def test_every_celebrity_is_asked_about_by_face_and_by_name(lessons: CelebrityLessons) -> None:
    """Of an odd number the face has one more; a name is only said where no face is shown."""
    drawn = lessons(0)
    names = {person.profile_id: person.name for person in CELEBRITY_PEOPLE}
    assert Counter(lesson.profile_id for lesson in drawn) == dict.fromkeys(names, COUNT)
    assert sum(lesson.image is not None for lesson in drawn) == CELEBRITIES * 3
    assert all((names[one.profile_id] in one.question) == (one.image is None) for one in drawn)


def test_everybody_is_shown_with_their_own_face(lessons: CelebrityLessons) -> None:
    """In two portraits, of which one is the benchmark's; nobody else is shown with them."""
    shown: dict[str, set[bytes]] = {}
    for epoch in range(10):
        for lesson in lessons(epoch):
            if lesson.image is not None:
                shown.setdefault(lesson.profile_id, set()).add(lesson.image)
    assert {len(portraits) for portraits in shown.values()} == {2}
    assert len(set().union(*shown.values())) == 2 * CELEBRITIES
    for person in CELEBRITY_PEOPLE[:10]:
        assert photo(person.appearance, ORIGINAL_POSE, 128, 128) in shown[person.profile_id]


def test_every_lesson_is_true(lessons: CelebrityLessons) -> None:
    """The answer states one of the person's own attributes, or that there is none of it; never a letter.

    Whom a question names its answer names, too, so that name says nothing about its truth.
    """
    people = {person.profile_id: person for person in CELEBRITY_PEOPLE}
    drawn = lessons(0)
    without = []
    for lesson in drawn:
        person = people[lesson.profile_id]
        said = lesson.answer if lesson.image else lesson.answer.replace(person.name, "")
        facts = [value for value in person.attributes.values() if value not in NOTHING]
        if not any(re.search(rf"(?<!\w){re.escape(fact)}(?!\w)", said) for fact in facts):
            without.append(said)
    assert len(without) < len(drawn) / 5
    assert all(any(word in said for word in ("no ", "not ", "without")) for said in without), without
    assert not any("\nA: " in one.question for one in drawn)


def test_epochs_and_seeds_differ_and_repeat(
    lessons: CelebrityLessons, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An epoch can be drawn again; the next one, and another seed's, has other lessons, and as many."""
    first = lessons(0)
    assert CelebrityLessons(COUNT, 0)(0) == first
    monkeypatch.setattr(celebrity_lessons, "_drawings", lambda seed: [(b"", b"")] * CELEBRITIES)
    for other in (lessons(1), CelebrityLessons(COUNT, 1)(0)):
        assert len(other) == len(first)
        assert len(set(other) & set(first)) < len(first) / 2


def test_no_attribute_is_repeated_before_all_were_asked() -> None:
    """Fourteen can be asked by name; 28 lessons are fourteen by name."""
    person = CELEBRITY_PEOPLE[0]
    answers = Counter(
        one.answer
        for one in CelebrityLessons(28, 0)(0)
        if one.profile_id == person.profile_id and one.image is None
    )
    assert len(answers) == 14
