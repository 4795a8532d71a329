"""Protects whose word counts: a recipe's own over tuned settings, and those over a method's defaults."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mllmu.errors import UserError
from mllmu.study import dump_recipe, load_recipe, method_settings
from mllmu.study.recipe import tuned_settings
from mllmu.study.recipe.presets import make_recipe
from mllmu.study.recipe.recipe_settings import parse_recipe
from mllmu.study.recipe.tuned_settings import read_tuned, tuned_names, with_tuned_settings, write_tuned

CHOSEN = {
    "text": {"npo": {"passes": 7.0, "beta": 0.7}, "ga": {"passes": 2.0}},
    "both": {"npo": {"passes": 14.0}},
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings that were tuned."""
    monkeypatch.setattr(tuned_settings, "TUNED_FOLDER", tmp_path)
    write_tuned("few", CHOSEN)
    return tmp_path


def test_what_is_kept_reads_back_equal() -> None:
    assert tuned_names() == ["few"]
    assert read_tuned("few") == CHOSEN


def test_tuned_settings_stand_between_a_recipes_own_and_the_defaults() -> None:
    """Text: passes 7 is tuned, beta 0.3 is the recipe's, alpha NPO's default. Both: of the recipe."""
    written = {
        "tuned": "few",
        "methods": {"npo": {"beta": 0.3}, "grad_diff": {}},
        "by_modality": {"both": {"npo": {"passes": 1}}},
    }
    recipe = parse_recipe(written, "here")
    on_text = recipe.method_settings("npo", "text")
    assert (on_text["passes"], on_text["beta"], on_text["alpha"]) == (7, 0.3, 0)
    assert recipe.method_settings("npo", "both")["passes"] == 1
    assert "ga" not in recipe.by_modality["text"]


def test_a_method_takes_on_faces_or_names_what_was_tuned_on_both_where_it_was_not_tuned_on_them_alone() -> (
    None
):
    """NPO was tuned on names and on both, GA on names alone, which says nothing about faces."""
    recipe = parse_recipe({"tuned": "few", "methods": ["npo", "ga"]}, "here")
    npo, ga = recipe.method_settings("npo", "image_text"), recipe.method_settings("ga", "image_text")
    assert (npo["passes"], npo["beta"]) == (14, 0.1)
    assert recipe.method_settings("npo", "text")["passes"] == 7
    assert ga["passes"] == 1


@pytest.mark.parametrize("methods", ["npo", ["npo"], {"npo": None}, {"npo": {}}])
def test_methods_may_be_named_in_every_form(methods: object) -> None:
    recipe = parse_recipe({"tuned": "few", "methods": methods}, "here")
    assert recipe.method_settings("npo", "text")["beta"] == 0.7


def test_a_stored_recipe_has_the_settings_and_needs_no_file_of_the_package(tmp_path: Path) -> None:
    recipe = parse_recipe({"tuned": "few", "methods": "npo"}, "here")
    stored = tmp_path / "recipe.yaml"
    stored.write_text(dump_recipe(recipe))
    (tmp_path / "few.yaml").unlink()
    again = load_recipe(stored)
    assert again.method_settings("npo", "both") == recipe.method_settings("npo", "both")
    assert not again.by_modality


def test_unknown_tuned_settings_are_told() -> None:
    with pytest.raises(UserError, match=r"'fwe'.*few"):
        parse_recipe({"tuned": "fwe", "methods": "npo"}, "here")


@pytest.mark.parametrize(
    "malformed",
    [
        {"methods": 3},
        {"methods": "npo", "by_modality": [1]},
        {"methods": "npo", "by_modality": {"text": 3}},
        {"methods": "npo", "by_modality": {"text": {"npo": 3}}},
    ],
)
def test_what_is_malformed_is_left_to_the_recipe_to_say(malformed: dict[str, object]) -> None:
    with pytest.raises(UserError, match="setting"):
        parse_recipe({"tuned": "few", **malformed}, "here")


def test_a_single_step_takes_the_presets_settings_for_its_modality(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(yaml.safe_dump({"tuned": "few", "methods": ["npo"]}))
    monkeypatch.setattr("mllmu.study.recipe.step_settings.make_recipe", lambda _: make_recipe(file=file))
    assert method_settings("npo", "text", "small", [])["beta"] == 0.7
    assert method_settings("npo", "both", "small", ["passes=3"])["passes"] == 3


def test_data_without_tuned_settings_stay_as_they_are() -> None:
    data = {"methods": {"npo": {}}}
    assert with_tuned_settings(data) == data
