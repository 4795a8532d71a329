"""What is wrong with a recipe, said before anybody is invented or trained on, and anything is written."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from pydantic import BaseModel

from mllmu.benchmark import Benchmark, Profile, load_benchmark
from mllmu.benchmark.requested_facts import require_attributes
from mllmu.errors import UserError
from mllmu.evaluation import get_protocol, warn_of_emulation
from mllmu.models import built_in_model, device_of
from mllmu.models.storage.model_check import check_model, require_whole_weights
from mllmu.study.pipeline.benchmark_source import choose_split
from mllmu.study.pipeline.forecast.memory_forecast import MemoryForecast
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.plan import plan_models
from mllmu.study.recipe.recipe_settings import SYNTHETIC, Recipe, SyntheticSettings, check_rehearsal
from mllmu.synthesis import check_sizes
from mllmu.synthesis.benchmark_synthesis import TEST_VIEWS
from mllmu.synthesis.celebrity_lessons import CELEBRITIES
from mllmu.synthesis.person import ATTRIBUTES
from mllmu.training import OptimizationSettings
from mllmu.training.rounded_weights import require_bitsandbytes
from mllmu.training.sharding.shardable import require_whole
from mllmu.training.trainers.step_shares import require_shares
from mllmu.unlearning import get_method
from mllmu.unlearning.lineage import TEACH, UNLEARN
from mllmu.unlearning.method_registry import make_further_step, make_method

_LOG = logging.getLogger(__name__)


def check_recipe(recipe: Recipe, device: str, workers: int = 1) -> OpenedRecipe | None:
    """Check what can be checked beforehand: model, device, memory, people, and what the methods read.

    Args:
        recipe: what is to be done.
        device: as the user said it.
        workers: how many processes are to share the device.

    Returns:
        The recipe with its benchmark at hand; None if its people are still to be made.

    Raises:
        UserError: naming the first fault.
    """
    check_rehearsal(recipe.model, recipe.fine_tuning)
    for method in recipe.methods_left_out:
        able = " or ".join(get_method(method).modalities)
        _LOG.warning("Method '%s' unlearns on %s alone, and is left out here.", method, able)
    named = {method for of_method in recipe.by_modality.values() for method in of_method}
    for method in sorted(named - set(recipe.methods)):
        _LOG.warning("'by_modality' has settings of method '%s', which is not among 'methods'.", method)
    _check_trainings(recipe)
    if recipe.benchmark == SYNTHETIC:
        _check_celebrities(recipe)
        check_people_to_come(
            recipe.synthetic,
            recipe.forget_ratios,
            recipe.split_seed,
            recipe.protocol,
            recipe.demonstrators,
            recipe.evaluation.seed,
            recipe.forget_attributes,
        )
    check_device_and_model(device, recipe.model)
    warn_of_emulation(recipe.evaluation.precision, device_of(device))
    require_whole_weights(recipe.model)
    if recipe.benchmark == SYNTHETIC:
        MemoryForecast(recipe, device, None).require(workers)
        return None
    opened = OpenedRecipe(recipe, load_benchmark(recipe.benchmark), device)
    _ = opened.items  # a mistake in who is forgotten or demonstrates is told now
    opened.require_methods()
    MemoryForecast(recipe, device, opened.benchmark).require(workers)
    return opened


def check_device_and_model(device: str, model: str) -> None:
    """Check the two without loading any weights.

    Raises:
        UserError: this machine has no such device, or the model is not there or lacks a file.
    """
    device_of(device)
    check_model(model)


def _check_trainings(recipe: Recipe) -> None:
    """Find a training before the first one begins that processes cannot share, or that lacks a library."""
    _check_training(recipe.fine_tuning)
    if recipe.trajectory is not None:
        require_whole("the setting 'trajectory'")
    for planned in plan_models(recipe):
        if planned.step.kind == UNLEARN:
            _check_training(make_method(planned.step.variant, planned.settings).settings)
        elif planned.step.kind != TEACH:
            settings = make_further_step(planned.step.kind, planned.settings).settings
            if rehearsal := getattr(settings, "rehearsal", 0):
                raise UserError(
                    f"setting 'rehearsal' of further step '{planned.step.kind}' is {rehearsal}, and only "
                    "fine-tuning has lessons to rehearse; expected 0"
                )
            _check_training(settings)


def _check_training(settings: BaseModel) -> None:
    require_shares(settings)
    if isinstance(settings, OptimizationSettings):
        require_bitsandbytes(settings)


def _check_celebrities(recipe: Recipe) -> None:
    """Keep people from being scored as known whom the built-in model never read about."""
    built_in = built_in_model(recipe.model)
    wanted = recipe.synthetic.celebrities
    if built_in and built_in.has_read_about_celebrities and wanted > CELEBRITIES:
        raise UserError(
            f"setting 'synthetic.celebrities' is {wanted}, and model {recipe.model!r} knows {CELEBRITIES} of "
            f"them; expected at most {CELEBRITIES}"
        )


def check_people_to_come(
    synthetic: SyntheticSettings,
    forget_ratios: Sequence[int],
    split_seed: int | None = None,
    protocol: str = "strict",
    demonstrators: str = "",
    seed: int = 0,
    attributes: Sequence[str] = (),
) -> None:
    """Draw whom to forget, and who demonstrates, among people who are not made yet.

    Args:
        synthetic: whom to make.
        forget_ratios: per cent of them to forget.
        split_seed: draws the splits; None for the benchmark's own.
        protocol: how questions will be put.
        demonstrators: who answers questions first, in the protocol's own words.
        seed: of what the protocol draws.
        attributes: what of the people to forget is to be forgotten; everything where there are none.

    Raises:
        UserError: such people cannot be made, so many cannot be forgotten, the demonstrators do not fit, or
            there is no such attribute.
    """
    require_attributes(attributes, ATTRIBUTES)
    check_sizes(**synthetic.model_dump(exclude={"seed"}))
    benchmark = _not_made_yet(synthetic)
    splits = [
        replace(choose_split(benchmark, ratio, split_seed), attributes=tuple(attributes))
        for ratio in forget_ratios
    ]
    get_protocol(protocol).check_demonstrators(benchmark, splits, demonstrators, seed)


def _not_made_yet(synthetic: SyntheticSettings) -> Benchmark:
    """People as they will be called, with as many test portraits as they will have, all of them empty."""
    nobody = Profile("", "", {}, b"", (), test_images=(b"",) * TEST_VIEWS)
    ids = [f"{number:03d}" for number in range(1, synthetic.profiles + 1)]
    people = {profile_id: replace(nobody, profile_id=profile_id) for profile_id in ids}
    return Benchmark("synthetic", people, {}, {}, {}, celebrities_are_fictitious=True)
