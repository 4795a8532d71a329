"""Protects: all models of a run are asked in one precision, and for letters alike."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from mllmu.evaluation import asked_in, letters_above_chance, warn_of_emulation
from mllmu.study import Recipe
from mllmu.study.pipeline.execution.stage_store import Made
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.run_plan import Planner, in_order
from mllmu.study.pipeline.stages.asking_stages import asking_stage
from mllmu.study.pipeline.stages.letters_decision import letters_are_told
from mllmu.study.recipe.evaluation_settings import EvaluationSettings
from tests.training.people import people

CPU, GPU = torch.device("cpu"), torch.device("cuda")
PARENT = Made(Path("parent"), {"fingerprint": "weights"})


def planned(**evaluation: Any) -> list[Any]:
    given = {"methods": ["npo"], "forget_ratios": [5, 10], "seeds": [0, 1], "evaluation": evaluation}
    planner = Planner(Recipe.model_validate(given), "cpu", people=100, others=40)
    judging = planner.judging(planner.models(), {})
    return [stage for stage in in_order(judging.values()) if stage.kind == "asking"]


@pytest.mark.parametrize(
    ("precision", "device", "dtype"),
    [
        ("auto", CPU, torch.float32),
        ("auto", GPU, torch.bfloat16),
        ("bfloat16", CPU, torch.bfloat16),
        ("float32", GPU, torch.float32),
    ],
)
def test_a_cpu_asks_in_float32_unless_told_otherwise(precision: Any, device: Any, dtype: Any) -> None:
    assert asked_in(precision, device) == dtype


def test_precision_is_part_of_the_key_by_what_it_comes_to(random_model_folder: Path) -> None:
    given = {"model": str(random_model_folder), "methods": ["npo"], "forget_ratios": [20], "benchmark": "toy"}
    opened = OpenedRecipe(Recipe.model_validate(given), people(), "cpu")

    def stage(precision: str) -> str:
        evaluation = EvaluationSettings.model_validate({"precision": precision})
        recipe = opened.recipe.model_copy(update={"evaluation": evaluation})
        return asking_stage("ask", replace(opened, recipe=recipe), PARENT, []).hash

    assert stage("auto") == stage("float32") != stage("bfloat16")


def test_the_plan_says_what_is_asked_in_bfloat16() -> None:
    assert not any("bfloat16" in stage.title + stage.scale for stage in planned())
    for stage in planned(precision="bfloat16"):
        assert stage.title.endswith(" in bfloat16") and stage.scale.endswith("bfloat16")


def test_emulated_bfloat16_is_warned_of_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for native in (True, False):
        monkeypatch.setattr(
            "mllmu.evaluation.asking_precision.computes_bfloat16", lambda device, it=native: it
        )
        with caplog.at_level(logging.WARNING):
            warn_of_emulation("auto", CPU)
            warn_of_emulation("bfloat16", CPU)
    assert [record.message.split(":")[0] for record in caplog.records] == [
        "Models are asked in bfloat16, for which this CPU has no arithmetic"
    ]


def test_others_are_asked_for_letters_after_both_vanillas() -> None:
    """Whatever a vanilla of one seed tells holds for models of all seeds."""
    stages = planned()
    vanillas = [stage for stage in stages if "vanilla" in stage.title]
    assert [stage.order.letters for stage in vanillas] == [True, True]
    for stage in stages:
        if stage not in vanillas:
            assert stage.order.letters is None and list(stage.needs[1:]) == vanillas


@pytest.mark.parametrize(
    ("said", "letters"), [("always", True), ("never", False), (True, True), (False, False)]
)
def test_letters_that_are_said_need_no_vanilla(said: object, letters: bool) -> None:
    stages = planned(letters=said)
    assert {stage.order.letters for stage in stages} == {letters}
    assert {len(stage.needs) for stage in stages} == {1}


def records(right: int, asked: int = 100, **changes: Any) -> pd.DataFrame:
    """Questions with four options, of which so many are named by their letter."""
    scores = np.tile([0.0, -1.0, -2.0, -3.0], (asked, 1)).tolist()
    given = {
        "profile_id": [str(number) for number in range(asked)],
        "question_id": "q",
        "eval_set": "retain",
        "modality": "text",
        "option_letters": [list("ABCD")] * asked,
        "letter_log_probs": scores,
        "correct_option": ["A"] * right + ["B"] * (asked - right),
    }
    return pd.DataFrame({**given, **changes})


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (records(33), True),  # P(at least 33 of 100 by chance) is 4.5 %
        (records(32), False),  # 6.9 %
        (records(100, eval_set="holdout"), False),  # nobody that was taught
        (records(100, letter_log_probs=[[]] * 100), False),  # letters were not asked for
        (pd.concat([records(20), records(60, modality="image_text")], ignore_index=True), True),
        (pd.concat([records(8, 12)] * 20, ignore_index=True), True),  # one portrait of each counts: 8 of 12
        (pd.concat([records(5, 12)] * 20, ignore_index=True), False),  # though 100 of 240 would be many
    ],
)
def test_letters_are_told_where_a_binomial_test_says_so(frame: pd.DataFrame, told: bool) -> None:
    assert letters_above_chance(frame, seed=0) is told


def test_one_vanilla_that_tells_letters_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "mllmu.study.pipeline.stages.letters_decision._above_chance",
        lambda file, seed: file.parent.name == "good",
    )
    good, bad = (Made(Path(name), {}) for name in ("good", "bad"))
    assert letters_are_told([bad, good], 0) and not letters_are_told([bad], 0)
