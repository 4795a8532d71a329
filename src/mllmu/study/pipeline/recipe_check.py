"""What is wrong with a recipe, said before anybody is invented or trained on."""

from __future__ import annotations

from dataclasses import replace

from mllmu.benchmark import Benchmark, Profile
from mllmu.errors import UserError
from mllmu.evaluation import get_protocol
from mllmu.models import built_in_model, pick_device
from mllmu.models.model_check import check_model
from mllmu.study.pipeline.benchmark_source import choose_split
from mllmu.study.recipe.recipe_settings import SYNTHETIC, Recipe, SyntheticSettings, check_rehearsal
from mllmu.synthesis.celebrity_lessons import CELEBRITIES

_CHOOSES_BY_ID = "strict"


def check_recipe(recipe: Recipe, device: str) -> None:
    """Check what can be checked in seconds: model, device, and who is forgotten, demonstrates and is known.

    Raises:
        UserError: naming the first fault.
    """
    check_rehearsal(recipe.model, recipe.fine_tuning)
    if recipe.benchmark == SYNTHETIC:
        _check_celebrities(recipe)
        _check_people(recipe)
    check_device_and_model(device, recipe.model)


def check_device_and_model(device: str, model: str) -> None:
    """Check the two without loading any weights.

    Raises:
        UserError: this machine has no such device, or the model is not there or lacks a file.
    """
    pick_device("cuda" if device == "all" else device)
    check_model(model)


def _check_celebrities(recipe: Recipe) -> None:
    """Keep people from being scored as known whom the built-in model never read about."""
    built_in = built_in_model(recipe.model)
    wanted = recipe.synthetic.celebrities
    if built_in and built_in.has_read_about_celebrities and wanted > CELEBRITIES:
        raise UserError(
            f"setting 'synthetic.celebrities' is {wanted}, and model {recipe.model!r} knows {CELEBRITIES} of "
            f"them; expected at most {CELEBRITIES}"
        )


def _check_people(recipe: Recipe) -> None:
    """Draw whom to forget, and who demonstrates, among people of whom no more than the ids are known."""
    benchmark = _only_ids(recipe.synthetic)
    splits = [choose_split(benchmark, ratio, recipe.split_seed) for ratio in recipe.forget_ratios]
    if recipe.protocol == _CHOOSES_BY_ID:
        protocol = get_protocol(recipe.protocol)
        protocol.items(benchmark, splits, recipe.demonstrators, recipe.evaluation.seed)


def _only_ids(synthetic: SyntheticSettings) -> Benchmark:
    """People as they will be called, about whom nothing is asked yet."""
    nobody = Profile("", "", {}, b"", ())
    ids = [f"{number:03d}" for number in range(1, synthetic.profiles + 1)]
    people = {profile_id: replace(nobody, profile_id=profile_id) for profile_id in ids}
    return Benchmark("synthetic", people, {}, {}, {}, celebrities_are_fictitious=True)
