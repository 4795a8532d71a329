"""Protects: what cannot fit into memory is refused before anything begins, with settings that would fit."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from mllmu.cli.forecast_view import forecast_table
from mllmu.errors import UserError
from mllmu.models import LoadedModel
from mllmu.study import Recipe, forecast_run, make_recipe, run
from mllmu.study.pipeline.forecast import memory_forecast
from mllmu.study.pipeline.forecast.memory_forecast import MemoryForecast
from mllmu.study.pipeline.plan import plan_models
from mllmu.training import LoraSettings
from mllmu.unlearning import make_method, method_names
from mllmu.unlearning.lineage import UNLEARN
from tests.study.small_runs import recipe

GIB = 2**30
FLOAT32 = "float32; frozen weights are in float32, passes in float32"


@pytest.fixture(scope="module")
def seven_billion() -> LoadedModel:
    """LLaVA-1.5-7B's modules and shapes, with no weights."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parents[4] / "benchmarks"))
        from llava_geometry import Size, llava

        return llava(Size(), torch.device("meta"))


def forecast(outline: LoadedModel, free: float, **changes: Any) -> MemoryForecast:
    """A run of the shipped recipe, with single fine-tuning settings changed, on a GPU."""
    shipped = make_recipe("llava-1.5-7b", None, ["methods=[kl_min]", "methods.kl_min.precision=bfloat16"])
    tuning = shipped.fine_tuning.model_copy(update={"precision": "bfloat16", **changes})
    made = MemoryForecast(shipped.model_copy(update={"fine_tuning": tuning}), "cuda", None)
    vars(made).update(_outline=outline, _where=torch.device("cuda"), _free=free * GIB)
    return made


def test_the_recipe_of_7b_fits_on_40_gib_and_training_it_in_full_is_refused(
    seven_billion: LoadedModel,
) -> None:
    """In full, weights, gradients and two moments in float32 are 16 bytes for each of 6.7 billion."""
    forecast(seven_billion, 39).require()
    whole = {"lora": None, "train_projector": True}
    with pytest.raises(UserError, match=r"vanilla .* takes about 1\d\d\.\d GiB \(weights") as told:
        forecast(seven_billion, 39, **whole).require()
    assert "39.0 GiB are free on cuda; expected lora: {r: 16," in str(told.value)
    assert "\n" not in str(told.value)


def test_what_is_advised_fits_and_less_is_not_advised(seven_billion: LoadedModel) -> None:
    """Half of the weights' own memory is not enough for anything; a third of an adapter's training is."""
    needs = {}
    for bits in (None, "4bit"):
        made = forecast(seven_billion, 999, frozen_weights=bits)
        needs[bits] = made.of_model(plan_models(made.recipe)[0])
    assert needs["4bit"].weights < needs[None].weights / 2
    assert needs["4bit"].beside > 2 * GIB > needs[None].beside
    # Loading takes the whole weights for a moment.
    assert needs["4bit"].total == needs["4bit"].loading
    unchecked = {"gradient_checkpointing": False, "batch_size": 16, "questions_per_image": 1}
    with pytest.raises(UserError, match=r"expected gradient_checkpointing: true, with which it takes about"):
        forecast(seven_billion, 24, **unchecked).require()
    with pytest.raises(UserError, match="a smaller model or more memory"):
        forecast(seven_billion, 8).require()


def test_asking_has_to_fit_too(seven_billion: LoadedModel) -> None:
    """In float32 the weights alone are 26 GiB, of which nobody would hear before everything was trained."""
    made = forecast(seven_billion, 24, frozen_weights="4bit", batch_size=4)
    asked = made.recipe.evaluation.model_copy(update={"precision": "float32"})
    trained_in_4_bits = {"methods": {}, "evaluation": asked}
    made = MemoryForecast(made.recipe.model_copy(update=trained_in_4_bits), "cuda", None)
    vars(made).update(_outline=seven_billion, _where=torch.device("cuda"), _free=24 * GIB)
    with pytest.raises(UserError, match=r"To ask a model takes about 26.* GiB .*precision: bfloat16"):
        made.require()


def test_workers_have_to_fit_on_a_gpu_together(seven_billion: LoadedModel) -> None:
    made = forecast(seven_billion, 25)
    made.require(1)
    with pytest.raises(UserError, match=r"takes each of 2 workers about .*; expected at most 1 of them\.$"):
        made.require(2)
    forecast(seven_billion, 999).require(2)


def test_portraits_wait_in_the_computers_memory(
    seven_billion: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """3 x 336 x 336 numbers of 4 bytes for each; processes that share a machine share its memory."""
    made = forecast(seven_billion, 999)
    people = made.recipe.synthetic.profiles + made.recipe.synthetic.celebrities
    need = made.of_model(plan_models(made.recipe)[0])
    assert need.beside == people * made._question.pixels
    assert made._question.pixels >= 3 * 336 * 336 * 4
    available = SimpleNamespace(available=1.5 * need.beside)
    monkeypatch.setattr(memory_forecast.psutil, "virtual_memory", lambda: available)
    assert made._fits(need) and not made._fits(need, workers=2)
    monkeypatch.setattr(memory_forecast, "process_count", lambda: 2)
    assert not made._fits(need)


@pytest.mark.parametrize("name", method_names())
def test_every_method_is_forecast_and_what_is_advised_is_accepted(
    seven_billion: LoadedModel, name: str
) -> None:
    """From shapes alone; adapters are no advice to a method that has its own."""
    recipe = make_recipe("llava-1.5-7b", None, [f"methods={{{name}: {{}}}}"])
    made = MemoryForecast(recipe, "cuda", None)
    vars(made).update(_outline=seven_billion, _where=torch.device("cuda"), _free=999 * GIB)
    planned = next(model for model in plan_models(recipe) if model.step.kind == UNLEARN)
    need = made.of_model(planned)
    assert need.total >= made.of_asking().total
    vars(made).update(_free=1.0)
    settings = make_method(name, planned.settings).settings
    assert made._advice(planned, settings).startswith("a smaller model or more memory")
    if name in ("null_space", "uld", "offset"):
        with pytest.raises(UserError, match="'lora' is"):
            made._work(planned, {"lora": LoraSettings()})


def test_a_run_and_its_dry_run_are_refused_alike_and_write_nothing(
    random_model_folder: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_forecast.MemoryForecast, "_free", 1e5)
    wanted = recipe(random_model_folder)
    for attempt in (run, forecast_run):
        with pytest.raises(UserError, match=r"vanilla \(seed 0\) takes about \d+ MiB .* and under 1 MiB are"):
            attempt(wanted, tmp_path / "run", "cpu")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("precision", "size"), [("float32", 4), ("bfloat16", 2)])
def test_asking_takes_the_weights_in_the_precision_asked_in(
    random_model_folder: Any, precision: str, size: int
) -> None:
    settings = {**recipe(random_model_folder).model_dump(), "evaluation": {"precision": precision}}
    made = MemoryForecast(Recipe.model_validate(settings), "cpu", None)
    weights = sum(weight.numel() for weight in made._outline.model.parameters())
    assert made.of_asking().total == weights * size


def test_a_dry_run_says_memory_and_precision_of_every_stage(random_model_folder: Any, tmp_path: Any) -> None:
    adapted = {"lora": {"r": 2}, "precision": "float32"}
    wanted = Recipe.model_validate({**recipe(random_model_folder).model_dump(), "fine_tuning": adapted})
    stages = {stage.title: stage for stage in forecast_run(wanted, tmp_path, "cpu")}
    taught, unlearned, asked = (
        next(stage for title, stage in stages.items() if title.startswith(start))
        for start in ("fine-tune", "unlearn 34 % with npo", "ask vanilla")
    )
    assert taught.memory and unlearned.memory and asked.memory
    assert min(taught.memory, unlearned.memory) > asked.memory
    assert taught.precision == f"adapters and projector in {FLOAT32}"
    assert unlearned.precision == f"all of the decoder and projector in {FLOAT32}"
    shown = [part for part in forecast_table(list(stages.values())).renderables if isinstance(part, str)]
    assert sum("What is trained: " in part for part in shown) == 2
