"""Protects whom examples are about."""

from __future__ import annotations

import random
from typing import Any

import pytest

from mllmu.errors import UserError
from mllmu.training import Sample
from mllmu.unlearning.wrapping.demonstrations import as_turns, spread, with_pictures_if_room


def sample(person: str, question: str, image: bytes | None = None) -> Sample:
    return Sample(question, f"answer to {question}", image, person)


SAMPLES = [
    sample(person, f"{person}{number}") for person in "abc" for number in range(3 if person == "a" else 1)
]


def test_as_many_people_as_possible_are_shown() -> None:
    """One of each before a second of anybody; a has three questions, b and c one each."""
    for seed in range(5):
        chosen = spread(SAMPLES, 3, random.Random(seed))
        assert {one.profile_id for one in chosen} == {"a", "b", "c"}
        four = spread(SAMPLES, 4, random.Random(seed))
        assert four[:3] == chosen and four[3].profile_id == "a" and len(set(four)) == 4


def test_all_are_shown_where_there_are_fewer_and_the_seed_is_heard() -> None:
    everything = spread(SAMPLES, 99, random.Random(0))
    assert sorted(one.question for one in everything) == ["a0", "a1", "a2", "b0", "c0"]
    assert spread([], 4, random.Random(0)) == []
    orders = {tuple(one.question for one in spread(SAMPLES, 5, random.Random(seed))) for seed in range(9)}
    assert len(orders) > 1


def test_a_sample_is_a_question_with_its_picture_and_an_answer() -> None:
    (ask, answer) = as_turns([sample("a", "who?", b"picture")])
    assert (ask.role, ask.text, ask.images) == ("user", "who?", (b"picture",))
    assert (answer.role, answer.text, answer.images) == ("assistant", "answer to who?", ())


def test_faces_are_shown_by_name_where_there_is_no_room_for_pictures(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where the request itself holds no question by name."""
    faces, names = [sample("a", "who?", b"picture")], [sample("a", "who is Ada?")]
    room = "mllmu.unlearning.wrapping.demonstrations.have_room"
    monkeypatch.setattr(room, lambda loaded, turns, asked: not any(turn.images for turn in turns))
    asked: dict[str, Any] = {"loaded": None, "asked": faces, "seed": 0, "who": "Method 'icul'"}
    turns = with_pictures_if_room(choices=[(faces, 1)], by_name=lambda: [(names, 1)], **asked)
    assert [turn.text for turn in turns] == ["who is Ada?", "answer to who is Ada?"]
    assert "its examples are by name" in caplog.text
    with pytest.raises(UserError, match="got no questions to show as examples"):
        with_pictures_if_room(choices=[(faces, 1)], by_name=lambda: [(faces, 1)], **asked)
