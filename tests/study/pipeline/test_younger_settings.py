"""Protects: a setting that came later leaves what was made before it where it is looked up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mllmu.study import Recipe
from mllmu.study.pipeline.execution.stage_store import Made
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.plan import plan_models
from mllmu.study.pipeline.stages.model_stages import model_stage
from tests.training.people import people

PARENT = Made(Path("parent"), {"fingerprint": "weights"})


@pytest.mark.parametrize(("lineage", "parent"), [("vanilla", None), ("unlearned", PARENT)])
def test_checkpointing_and_frozen_weights_count_where_they_are_asked_for(
    random_model_folder: Path, lineage: str, parent: Made | None
) -> None:
    def settings(**chosen: Any) -> dict[str, Any]:
        given = {"model": str(random_model_folder), "forget_ratios": [20], "benchmark": "toy"}
        recipe = Recipe.model_validate({**given, "fine_tuning": chosen, "methods": {"npo": chosen}})
        planned = next(one for one in plan_models(recipe) if one.lineage.model == lineage)
        stage = model_stage(OpenedRecipe(recipe, people(), "cpu"), planned, parent)
        kept: dict[str, Any] = stage.ingredients["settings"]
        return kept

    assert "gradient_checkpointing" not in settings() and settings()["lora"] is None
    assert settings(gradient_checkpointing=True) == {**settings(), "gradient_checkpointing": True}
    adapted = settings(lora={"r": 2})
    assert "frozen_weights" not in adapted
    assert settings(lora={"r": 2}, frozen_weights="4bit") == {**adapted, "frozen_weights": "4bit"}
