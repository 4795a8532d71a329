"""Protects: commands that share a folder share the people they invent, also at the same time."""

import threading
from dataclasses import replace

import pytest
import torch

from mllmu.study import Display
from mllmu.study.pipeline.execution.leases import Leases
from mllmu.study.pipeline.stages.synthesis_stage import synthesis_stage
from mllmu.study.recipe.recipe_settings import SyntheticSettings
from mllmu.study.steps import step_setting
from mllmu.study.steps.step_setting import CACHE, StepSetting, shown_benchmark


@pytest.fixture
def setting(tmp_path, monkeypatch):
    """Of a command that invents two people in an empty folder."""
    few = SyntheticSettings(profiles=2, celebrities=0, holdout=0, image_size=32, test_image_size=32)
    monkeypatch.setattr(step_setting, "SyntheticSettings", lambda: few)
    monkeypatch.chdir(tmp_path)
    return StepSetting("synthetic", "tiny", tmp_path / "out", 0, "cpu", Display())


def people(setting):
    with shown_benchmark(setting) as benchmark:
        return list(benchmark.profiles)


def test_a_command_waits_while_another_invents_the_people(setting):
    """As each process of torchrun but one does."""
    found = []
    other = threading.Thread(target=lambda: found.append(people(setting)))
    leases, key = Leases(CACHE / "stages"), synthesis_stage(step_setting.SyntheticSettings()).hash
    assert leases.claim(key)
    other.start()
    other.join(timeout=0.5)
    assert other.is_alive()
    leases.release(key)
    other.join(timeout=60)
    assert found == [["001", "002"]]


def test_what_a_killed_command_left_in_the_cache_is_swept_away(setting):
    leftover = CACHE / "stages" / ".tmp-0123456789ab-people"
    leftover.mkdir(parents=True)
    assert people(setting) == ["001", "002"]
    assert not leftover.exists()
    assert len(list((CACHE / "stages").iterdir())) == 1


def test_all_gpus_together_are_a_device_of_every_step(setting, monkeypatch):
    """Which the help of --device offers; a machine without GPU is told of as one that has two."""
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert people(replace(setting, device="all")) == ["001", "002"]
