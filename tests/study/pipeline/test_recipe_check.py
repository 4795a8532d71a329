"""What is wrong with a recipe is said before anything is made or written."""

import json
import logging
from contextlib import nullcontext

import pytest
import yaml
from typer.testing import CliRunner

from mllmu.benchmark import write_benchmark
from mllmu.cli import app
from mllmu.errors import UserError
from mllmu.study import Recipe, run
from mllmu.study.pipeline.plan import plan_models
from mllmu.study.pipeline.recipe_check import check_recipe
from mllmu.study.recipe.recipe_settings import dump_recipe, parse_recipe
from tests.training.people import people

_SMALL = {
    "synthetic": {"profiles": 6, "celebrities": 2, "holdout": 0},
    "methods": {"prompting": {}},
    "forget_ratios": [34],
}


@pytest.mark.parametrize(
    ("changes", "device", "says"),
    [
        ({}, "cuda:99", "Device 'cuda:99'"),
        ({}, "abacus", "Unknown device 'abacus'"),
        ({"model": "./nowhere"}, "cpu", "no model './nowhere'"),
        (
            {"synthetic": {"profiles": 6, "celebrities": 154}},
            "cpu",
            "'synthetic.celebrities' is 154.*at most 153",
        ),
        ({"demonstrators": "draw:9"}, "cpu", "draw:9"),
        (
            {"further_steps": {"relearn_retain": {"rehearsal": 8}}},
            "cpu",
            "'rehearsal' of further step 'relearn_retain' is 8, .* expected 0",
        ),
        ({"demonstrators": "777"}, "cpu", "777"),
        ({"protocol": "official", "demonstrators": "777"}, "cpu", "unknown demonstrator '777'"),
        ({"protocol": "official", "demonstrators": "nowhere.json"}, "cpu", "nowhere.json cannot be read"),
        ({"forget_attributes": ["salary"]}, "cpu", "unknown attribute to forget 'salary': .*'annual_salary'"),
        (
            {"protocol": "official", "forget_attributes": ["pet"]},
            "cpu",
            "'official' asks .* whole people, and here pet alone .* 'strict'",
        ),
        ({"protocol": "official", "forget_ratios": [17]}, "cpu", "2 people who demonstrate cloze .* has 1"),
    ],
)
def test_a_fault_is_named_before_anything_is_written(changes, device, says, tmp_path):
    recipe = Recipe.model_validate({**_SMALL, **changes})
    with pytest.raises(UserError, match=says):
        run(recipe, tmp_path / "run", device)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"methods": {"npo": {}, "altpo": {}}, "forget_ratios": [20]}, "no alternative answers to the 8"),
        (
            {
                "methods": {"multidelete": {}},
                "forget_ratios": [10],
                "split_seed": 1,
                "modalities": ["image_text"],
            },
            "expected two people to forget, or more",
        ),
    ],
)
def test_what_a_method_lacks_in_a_benchmark_is_named_before_anybody_is_taught(changes, says, tmp_path):
    """The command ends with one sentence, and has written nothing."""
    write_benchmark(people(), tmp_path / "people")
    recipe = {"benchmark": str(tmp_path / "people"), **changes}
    (tmp_path / "recipe.yaml").write_text(json.dumps(recipe))
    arguments = ["run", "--recipe", tmp_path / "recipe.yaml", "--out", tmp_path / "run"]
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exit_code == 2 and says in " ".join(result.output.split()), result.output
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("index", "is_there"), [(0, True), (1, True), (2, False)])
def test_people_to_come_have_two_test_portraits_to_be_shown_with(index, is_there, tmp_path):
    """As many as they are made with."""
    file = tmp_path / "demonstrators.json"
    file.write_text(json.dumps({"test": {"cloze": {"images": {"003": index}}}}))
    recipe = Recipe.model_validate({**_SMALL, "protocol": "official", "demonstrators": str(file)})
    with nullcontext() if is_there else pytest.raises(UserError, match="Test image 2 of '003'"):
        check_recipe(recipe, "cpu")


def test_more_celebrities_are_fine_for_a_model_that_reads_about_them_elsewhere(random_model_folder):
    people = {"profiles": 6, "celebrities": 154}
    check_recipe(
        Recipe.model_validate({**_SMALL, "synthetic": people, "model": str(random_model_folder)}), "cpu"
    )


def test_a_method_that_cannot_is_left_out_with_a_word(caplog):
    """Of a preset of all methods one modality may be taken."""
    recipe = Recipe.model_validate({**_SMALL, "methods": ["ga", "multidelete"], "modalities": ["text"]})
    with caplog.at_level(logging.WARNING, "mllmu"):
        check_recipe(recipe, "cpu")
    assert "Method 'multidelete' unlearns on image_text alone, and is left out here." in caplog.messages
    assert "multidelete" not in {each.step.variant for each in plan_models(recipe)}
    assert parse_recipe(yaml.safe_load(dump_recipe(recipe)), "dumped") == recipe


def test_settings_by_modality_of_a_method_that_is_not_run_are_told(caplog):
    given = {"methods": ["ga"], "by_modality": {"text": {"kl_min": {"passes": 1}, "ga": {"passes": 2}}}}
    recipe = Recipe.model_validate({**_SMALL, **given})
    with caplog.at_level(logging.WARNING, "mllmu"):
        check_recipe(recipe, "cpu")
    assert caplog.messages == ["'by_modality' has settings of method 'kl_min', which is not among 'methods'."]


@pytest.mark.parametrize("seed", [-(2**63), -1, 2**63 - 1])
def test_seeds_that_result_files_hold_are_taken(seed):
    changes = {"seeds": [seed], "split_seed": seed, "evaluation": {"seed": seed}}
    check_recipe(Recipe.model_validate({**_SMALL, **changes}), "cpu")


@pytest.mark.parametrize(
    "changes",
    [{"seeds": [2**63]}, {"split_seed": -(2**63) - 1}, {"evaluation": {"seed": 2**64}}],
)
def test_other_seeds_get_one_sentence(changes):
    with pytest.raises(UserError, match=r"seed.*(less|greater) than"):
        parse_recipe({**_SMALL, **changes}, "recipe.yaml")
