"""Protects: recipes of real models go through all stages on small models, and refuse what is odd."""

from importlib.resources import files
from shutil import copytree
from unittest.mock import Mock

import pytest
import transformers
import yaml
from typer.testing import CliRunner

from mllmu.benchmark import load_benchmark, write_benchmark
from mllmu.cli import app
from mllmu.errors import UserError
from mllmu.evaluation import SET_METRICS, ask, get_protocol
from mllmu.evaluation.scoring import set_scores
from mllmu.inference import TransformersEngine
from mllmu.models import load_model, save_model
from mllmu.study import Display, make_recipe, run
from mllmu.study.pipeline.carry_out import carry_out
from mllmu.study.pipeline.execution.executor import Executor
from mllmu.study.pipeline.execution.stage_store import Store
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.plan import plan_models
from mllmu.study.pipeline.stages.model_stages import model_stage
from mllmu.study.recipe.recipe_settings import parse_recipe
from mllmu.synthesis import synthesize
from mllmu.training import LoraSettings
from tests.families import build_family, mllama

RATIO = 34
FAMILY = {
    "idefics2-8b": "idefics2",
    "llama-3.2-vision-11b": "mllama",
    "llava-1.5-7b": "llava",
    "qwen2.5-vl-3b": "qwen2_5_vl",
    "qwen2.5-vl-7b": "qwen2_5_vl",
    "smolvlm": "idefics3",
}
METHODS = {"ga", "grad_diff", "kl_min", "npo", "prompting"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Six people and a celebrity in the released layout, its own split with it."""
    folder = tmp_path_factory.mktemp("released") / "people"
    made = synthesize(
        profiles=6, celebrities=2, holdout=0, image_size=32, test_image_size=32, ratios=(RATIO,)
    )
    write_benchmark(made, folder)
    return folder


@pytest.fixture
def model(request, tmp_path, monkeypatch):
    """A folder with a small random model of the family."""
    loaded = mllama() if request.param == "mllama" else build_family(request.param)
    save_model(loaded, tmp_path / "model")
    if request.param == "qwen2_5_vl":  # its own class reads videos as well, by torchvision
        whole = loaded.processor
        monkeypatch.setattr(transformers.AutoProcessor, "from_pretrained", lambda *_, **__: whole)
    return tmp_path / "model"


def small(preset, model, folder, *more):
    """The recipe with few people, few steps and few questions, and otherwise as it comes."""
    changes = [f"model={model}", f"benchmark={folder}", f"forget_ratios={RATIO}", "methods=[npo, prompting]"]
    changes += ["modalities=image_text", "fine_tuning.max_steps=2", "methods.npo.passes=0.3"]
    return make_recipe(preset, None, [*changes, "evaluation.limit=1", *more])


def written(preset):
    text = (files("mllmu.study.recipe") / "presets" / f"{preset}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


@pytest.fixture
def few_metrics(monkeypatch):
    """What is computed of records is the same for all families: one metric of whole sets will do."""
    monkeypatch.setattr(set_scores, "SET_METRICS", Mock(all=lambda: SET_METRICS.all()[:1]))


@pytest.mark.usefixtures("few_metrics")
@pytest.mark.parametrize("model", ["llava"], indirect=True)
def test_a_recipe_goes_from_people_to_the_report(model, folder, tmp_path):
    finished = run(small("llava-1.5-7b", model, folder), tmp_path / "run", "cpu")
    models = {("vanilla", ""), ("retrained", ""), ("unlearned", "npo"), ("unlearned", "prompting")}
    assert set(finished.results[["model", "method"]].itertuples(index=False, name=None)) == models
    assert finished.report_file.stat().st_size > 1000


# One of the two Qwens, which differ in size alone; the first family's run is above.
OTHERS = [preset for preset in FAMILY if preset not in ("llava-1.5-7b", "qwen2.5-vl-7b")]


@pytest.mark.usefixtures("few_metrics")
@pytest.mark.parametrize(
    ("preset", "model"), [(one, FAMILY[one]) for one in OTHERS], indirect=["model"], ids=OTHERS
)
def test_a_recipe_goes_through_all_stages_and_both_protocols(preset, model, folder, tmp_path):
    recipe = small(preset, model, folder, "methods=npo")
    outcome = carry_out(recipe, Executor(Store(tmp_path / "stages"), Display()), "cpu")
    assert [one.lineage.model for one in outcome.judged] == ["vanilla", "retrained", "unlearned"]
    assert all((one.made.folder / "scores.parquet").is_file() for one in outcome.judged)

    official = OpenedRecipe(
        small(preset, model, folder, "methods=npo", "protocol=official"), load_benchmark(folder), "cpu"
    )
    vanilla = load_model(outcome.judged[0].model.folder / "model", "cpu")
    records = ask(TransformersEngine(vanilla), official.items[RATIO], get_protocol("official"))
    assert set(records.task) == {"classification", "cloze", "generation"}
    planned = plan_models(recipe)[0]
    stages = [model_stage(opened, planned, None) for opened in (outcome.opened, official)]
    assert stages[0].hash == stages[1].hash  # so that both protocols ask the same models


@pytest.mark.parametrize("preset", FAMILY)
def test_a_recipe_has_what_recipes_of_real_models_share(preset):
    recipe = make_recipe(preset)
    assert (recipe.benchmark, recipe.protocol) == ("MLLMMU/MLLMU-Bench", "strict")
    assert set(recipe.methods) == METHODS
    trained = [recipe.fine_tuning.model_dump(), *(recipe.methods[name] for name in METHODS - {"prompting"})]
    packed = 1 if FAMILY[preset] == "mllama" else 4
    for settings in trained:
        assert settings["lora"] == LoraSettings().model_dump()
        assert settings["gradient_checkpointing"]
        assert (settings["batch_size"], settings["questions_per_image"]) == (4, packed)
        assert settings["learning_rate"] == 2e-5
    # Frozen weights are as they were loaded, so that nothing but adapters is ever float32.
    assert not any(settings["train_vision"] or settings["train_projector"] for settings in trained)


@pytest.mark.parametrize("preset", FAMILY)
def test_every_key_of_a_recipe_is_read(preset):
    """What is written is what is set, and a key that nobody reads is refused wherever it stands."""
    recipe, given = make_recipe(preset).model_dump(mode="json"), written(preset)
    assert _differences(given, recipe) == []
    for path in ((), ("fine_tuning",), ("fine_tuning", "lora"), ("methods", "npo"), ("methods", "prompting")):
        odd = written(preset)
        holder = odd
        for key in path:
            holder = holder[key]
        holder["unheard_of"] = 1
        with pytest.raises(UserError, match="unheard_of"):
            parse_recipe(odd, preset)


def _differences(given, read):
    """Dotted keys of what is written whose values were not taken over."""
    if not isinstance(given, dict):
        return [] if given == read else [f"{given} became {read}"]
    return [f"{key}: {each}" for key, value in given.items() for each in _differences(value, read[key])]


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_without_a_hub_one_sentence_says_what_could_not_be_had(options, tmp_path, monkeypatch):
    """Nothing is written; as the benchmark is at hand, it is the model."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "empty"))
    arguments = ["run", "--preset", "llava-1.5-7b", "--out", str(tmp_path / "out"), *options]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    (sentence,) = result.stderr.strip().splitlines()
    assert sentence.startswith("mllmu: llava-hf/llava-1.5-7b-hf is no folder here, and could not be had")
    assert not (tmp_path / "out").exists()


def test_without_a_hub_the_benchmark_is_named_where_the_model_is_here(random_model_folder, tmp_path):
    model = copytree(random_model_folder, tmp_path / "model")
    arguments = ["run", "--preset", "smolvlm", "--set", f"model={model}", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    (sentence,) = result.stderr.strip().splitlines()
    assert sentence.startswith("mllmu: MLLMMU/MLLMU-Bench is no folder here, and could not be had")
