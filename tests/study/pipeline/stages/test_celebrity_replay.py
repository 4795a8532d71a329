"""Protects: what a recipe rehearses is the generator's lessons, drawn with the training's seed."""

from __future__ import annotations

import pytest

from mllmu.study.pipeline.stages.celebrity_replay import replay_of
from mllmu.synthesis import CELEBRITIES, celebrity_lessons
from mllmu.synthesis.celebrity_lessons import CelebrityLessons
from mllmu.training import TrainingSettings
from mllmu.training.seeds import part_seed


def test_as_many_lessons_as_the_setting_says_with_the_seed_of_the_training(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Portraits, which take long to draw, are told apart by the seed and by whom they show."""
    monkeypatch.setattr(
        celebrity_lessons,
        "_drawings",
        lambda seed: [
            (f"{seed} {number} a".encode(), f"{seed} {number} b".encode()) for number in range(CELEBRITIES)
        ],
    )
    replay = replay_of(TrainingSettings(rehearsal=1), 5)
    assert replay is not None
    expected = CelebrityLessons(1, part_seed(5, "rehearsal"))
    for epoch in (0, 1):
        lessons = [(one.question, one.answer, one.image, one.profile_id) for one in expected(epoch)]
        assert [(one.question, one.answer, one.image, one.profile_id) for one in replay(epoch)] == lessons


def test_nothing_is_rehearsed_where_that_is_not_set() -> None:
    assert replay_of(TrainingSettings(), 5) is None
