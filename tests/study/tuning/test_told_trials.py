"""Protects: a search tells from the beginning what is to come, and how long trials took before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from unittest.mock import Mock

import pytest

from mllmu.study import Display, tune
from mllmu.study.pipeline.forecast.remaining_time import ExpectedStage
from mllmu.study.pipeline.forecast.time_estimate import Pace
from mllmu.study.tuning.trial_score import State
from tests.study.tuning.searches import search


class Planned(Display):
    """Remembers what was to come whenever it was told, what a trial of it takes, and what began."""

    def __init__(self) -> None:
        self.plans: list[tuple[list[str], float | None]] = []
        self.begun: list[str] = []
        self.skipped: list[str] = []
        self.expected = 0

    def expect(self, stages: int) -> None:
        self.expected = stages

    def skip(self, title: str) -> None:
        self.skipped.append(title)

    def plan(self, stages: Sequence[ExpectedStage], pace: Pace) -> None:
        seconds = {pace.seconds(stage.kind, stage.scale, stage.work) for stage in stages}
        self.plans.append(([stage.title for stage in stages], seconds.pop() if len(seconds) == 1 else None))

    def begin(self, title: str) -> None:
        self.begun.append(title)


def test_what_is_to_come_is_told_and_how_long_earlier_trials_took(
    random_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = State(1.0, 10, 40, 80)
    tried = Mock(side_effect=[({5.0: state, 15.0: state}, seconds) for seconds in (20.0, 40.0, 50.0)])
    monkeypatch.setattr("mllmu.study.tuning.tune_method.Trials.run", tried)
    first, more = Planned(), Planned()
    tune(search(random_model_folder, trials=2), tmp_path, "cpu", first)
    tune(search(random_model_folder, trials=3), tmp_path, "cpu", more)
    with_models, trials = first.plans
    assert with_models[0] == first.begun[-4:]
    assert trials == (["trial 1 of 2: npo", "trial 2 of 2: npo"], None)
    assert first.begun[-2:] == trials[0]
    assert more.plans[-1] == (["trial 3 of 3: npo"], 30.0) and more.begun == more.plans[-1][0]
    assert more.skipped[-2:] == ["trial 1 of 3: npo", "trial 2 of 3: npo"]
    assert {first.expected, more.expected} == {3 + 2, 3 + 3}
