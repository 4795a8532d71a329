"""Protects the states of single commands: found by the same command alone, and gone when it is done."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from mllmu.errors import UserError
from mllmu.models import LoadedModel
from mllmu.study import Display, StepSetting
from mllmu.study.steps.unfinished_training import upkeep_beside
from tests.training.people import people, small_model


@pytest.fixture(scope="module")
def loaded() -> LoadedModel:
    return small_model()


def state_folder(
    out: Path, loaded: LoadedModel, rate: float, *, killed: bool = False, early: bool = False
) -> Path:
    """Where a training with this rate keeps its state; it may be killed, also before there is one."""
    setting = StepSetting("people", "small", out, 0, "cpu", Display())
    with upkeep_beside(setting, loaded, people(), {"learning_rate": rate}) as upkeep:
        assert upkeep.state_folder is not None
        upkeep.state_folder.mkdir(exist_ok=True)
        if not early:
            (upkeep.state_folder / "trainer_state.json").touch()
        if killed:
            raise KeyboardInterrupt
    return upkeep.state_folder


def test_the_same_command_goes_on_and_another_begins_anew(
    loaded: LoadedModel, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Each rate has a state of its own; whoever finds that of another for the same result is told so."""
    out = tmp_path / "vanilla"
    with pytest.raises(KeyboardInterrupt):
        state_folder(out, loaded, 0.1, killed=True)
    (left,) = tmp_path.iterdir()
    other = state_folder(out, loaded, 0.2)
    assert not other.exists() and other.parent != left
    assert f"{left} holds the state of an unfinished training with other settings for {out}" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        assert state_folder(out, loaded, 0.1).parent == left
    assert not caplog.text and not list(tmp_path.iterdir())


def test_the_state_lies_beside_a_result_that_is_the_current_folder(
    loaded: LoadedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inside of it, the folder would not be empty the next time, and be refused."""
    out = tmp_path / "vanilla"
    out.mkdir()
    monkeypatch.chdir(out)
    with pytest.raises(KeyboardInterrupt):
        state_folder(Path(), loaded, 0.1, killed=True)
    assert not list(out.iterdir())
    (left,) = (path for path in tmp_path.iterdir() if path != out)
    assert state_folder(out, loaded, 0.1).parent == left


def test_a_training_that_ends_before_it_keeps_a_state_leaves_nothing(
    loaded: LoadedModel, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    out = tmp_path / "vanilla"
    with pytest.raises(KeyboardInterrupt):
        state_folder(out, loaded, 0.1, killed=True, early=True)
    assert not list(tmp_path.iterdir())
    (tmp_path / ".vanilla-unfinished-killed" / "state").mkdir(parents=True)  # the process was killed
    state_folder(out, loaded, 0.2)
    assert not caplog.text


def test_two_of_the_same_command_do_not_share_a_state(loaded: LoadedModel, tmp_path: Path) -> None:
    """They would write over one another's."""
    setting = StepSetting("people", "small", tmp_path / "vanilla", 0, "cpu", Display())
    with (
        upkeep_beside(setting, loaded, people(), {}),
        pytest.raises(UserError, match="another mllmu is working in"),
        upkeep_beside(setting, loaded, people(), {}),
    ):
        raise AssertionError
