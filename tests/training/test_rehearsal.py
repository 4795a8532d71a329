"""Protects rehearsal: true lessons about every celebrity, other ones in every epoch, the same for a seed."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from mllmu.synthesis import CELEBRITIES, CELEBRITY_SEED, make_people
from mllmu.synthesis.portraits import ORIGINAL_VIEW, photo
from mllmu.synthesis.question_writer import NOTHING
from mllmu.training import Sample, TrainingSettings, fine_tune, training_samples
from mllmu.training.dataset import SampleDataset
from mllmu.training.rehearsal import Rehearsal, RehearsingDataset
from tests.training.people import people, small_model, weights

LESSONS = 5
CELEBRATED = make_people(CELEBRITIES, CELEBRITY_SEED, "celebrity")


@pytest.fixture(scope="module")
def rehearsal() -> Rehearsal:
    return Rehearsal(LESSONS, 0)


def test_every_celebrity_is_rehearsed_by_face_and_by_name(rehearsal: Rehearsal) -> None:
    """Of an odd number the face has one more; a name is only said where no face is shown."""
    samples = rehearsal.samples(0)
    names = {person.profile_id: person.name for person in CELEBRATED}
    assert Counter(sample.profile_id for sample in samples) == dict.fromkeys(names, LESSONS)
    assert sum(sample.image is not None for sample in samples) == CELEBRITIES * 3
    assert all((names[one.profile_id] in one.question) == (one.image is None) for one in samples)


def test_everybody_is_shown_with_their_own_face(rehearsal: Rehearsal) -> None:
    """In two portraits, of which one is the benchmark's; nobody else is shown with them."""
    shown: dict[str, set[bytes]] = {}
    for epoch in range(10):
        for sample in rehearsal.samples(epoch):
            if sample.image is not None:
                shown.setdefault(sample.profile_id, set()).add(sample.image)
    assert {len(portraits) for portraits in shown.values()} == {2}
    assert len(set().union(*shown.values())) == 2 * CELEBRITIES
    for person in CELEBRATED[:10]:
        assert photo(person.appearance, ORIGINAL_VIEW, 128, 128) in shown[person.profile_id]


def test_what_is_rehearsed_is_true(rehearsal: Rehearsal) -> None:
    """The answer states one of the person's own attributes, or that there is none of it; never a letter.

    Whom a question names its answer names, too, so that name says nothing about its truth.
    """
    people = {person.profile_id: person for person in CELEBRATED}
    samples = rehearsal.samples(0)
    without = []
    for sample in samples:
        person = people[sample.profile_id]
        said = sample.answer if sample.image else sample.answer.replace(person.name, "")
        facts = [value for value in person.attributes.values() if value not in NOTHING]
        if not any(re.search(rf"(?<!\w){re.escape(fact)}(?!\w)", said) for fact in facts):
            without.append(said)
    assert len(without) < len(samples) / 5
    assert all(any(word in said for word in ("no ", "not ", "without")) for said in without), without
    assert not any("\nA: " in one.question for one in samples)


def test_epochs_and_seeds_differ_and_repeat(rehearsal: Rehearsal) -> None:
    """An epoch can be drawn again; the next one, and another seed's, has other lessons, and as many."""
    first = rehearsal.samples(0)
    assert Rehearsal(LESSONS, 0).samples(0) == first
    for other in (rehearsal.samples(1), Rehearsal(LESSONS, 1).samples(0)):
        assert len(other) == len(first)
        assert len(set(other) & set(first)) < len(first) / 2


def test_no_attribute_comes_again_before_all_have_come() -> None:
    """Fourteen can be asked by name; 28 lessons are fourteen by name."""
    lessons = Rehearsal(28, 0)
    person = CELEBRATED[0]
    answers = Counter(
        one.answer for one in lessons.samples(0) if one.profile_id == person.profile_id and one.image is None
    )
    assert len(answers) == 14


def two_lessons(epoch: int) -> list[Sample]:
    """In place of 153 people: a lesson that says which epoch it is for, and one that never changes."""
    return [Sample("Which epoch?", f"Epoch {epoch}.", None, "x"), Sample("Who?", "Nobody.", None, "x")]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The epochs for which lessons are drawn, and before them how many a celebrity is to have."""
    told: list[int] = []

    def samples(_: Rehearsal, epoch: int) -> list[Sample]:
        told.append(epoch)
        return two_lessons(epoch)

    monkeypatch.setattr(Rehearsal, "__init__", lambda self, lessons, seed: told.append(lessons))
    monkeypatch.setattr(Rehearsal, "samples", samples)
    return told


@pytest.mark.usefixtures("asked")
def test_lessons_follow_what_is_taught_and_change_with_the_epoch() -> None:
    """What is taught stays where it is."""
    loaded = small_model()
    taught = SampleDataset(loaded, training_samples(people(), ["001"], "both"))
    items = RehearsingDataset(loaded, taught, Rehearsal(1, 0))
    assert len(items) == len(taught) + 2
    before = [items[index].input_ids.tolist() for index in range(len(items))]
    items.set_epoch(1)
    after = [items[index].input_ids.tolist() for index in range(len(items))]
    assert [a == b for a, b in zip(before, after, strict=True)] == [*[True] * len(taught), False, True]


def test_fine_tuning_rehearses_anew_in_every_epoch(asked: list[int]) -> None:
    """And only where it is asked to."""
    samples = training_samples(people(), ["001", "002"], "both")
    settings = TrainingSettings(epochs=3, batch_size=4, learning_rate=1e-3, precision="float32")
    plain = weights(fine_tune(small_model(), samples, settings, 0))
    assert asked == []
    rehearsed = weights(fine_tune(small_model(), samples, settings.model_copy(update={"rehearsal": 7}), 0))
    assert asked == [7, 0, 1, 2]
    assert any(not plain[name].equal(rehearsed[name]) for name in plain)
