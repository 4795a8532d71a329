"""Protects: stages differ by the facts that are to be forgotten, and are as ever where none is named."""

from __future__ import annotations

from pathlib import Path

from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from tests.study.pipeline.stages.test_stage_identity import recipe, teaching, unlearning
from tests.training.people import people_with_values


def test_facts_to_forget_tell_all_stages_but_vanillas_apart(random_model_folder: Path) -> None:
    """Where none is named, ingredients are as ever."""

    def opened_with(*attributes: str) -> OpenedRecipe:
        changed = recipe(random_model_folder, forget_attributes=list(attributes))
        return OpenedRecipe(changed, people_with_values(), "cpu")

    whole, birthplace, both = opened_with(), opened_with("birthplace"), opened_with("pet", "birthplace")
    everything = (whole, birthplace, both)
    assert len({teaching(each).hash for each in everything}) == 1
    assert len({teaching(each, "retrained").hash for each in everything}) == 3
    assert len({unlearning(each).hash for each in everything}) == 3
    assert unlearning(both).hash == unlearning(opened_with("birthplace", "pet", "pet")).hash
    as_ever = "benchmark base profile_ids settings bfloat16 seed device"
    assert set(teaching(whole, "retrained").ingredients) == set(as_ever.split())
    as_ever = "benchmark parent forget retain settings bfloat16 seed device method modality"
    assert set(unlearning(whole).ingredients) == set(as_ever.split())
