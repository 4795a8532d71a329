"""Protects: what is done to an adapter is stored on top of it, and asked as the merged model is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from mllmu.errors import UserError
from mllmu.inference import Request, TransformersEngine
from mllmu.models import LoadedModel, load_model, save_model, store_model, user_turn
from mllmu.models.storage.model_check import check_model
from mllmu.training import LoraSettings, TrainingSettings, fine_tune, training_samples
from mllmu.unlearning import apply_further_step, unlearn
from tests.training.people import people, portrait, small_model
from tests.training.stored_models import begin, is_adapter

BENCHMARK = people()
SPLIT = BENCHMARK.splits[20]
COMMON: dict[str, Any] = {"batch_size": 4, "learning_rate": 1e-2, "precision": "float32"}
LORA = {"r": 2, "alpha": 4.0}


def stored(loaded: LoadedModel, folder: Path) -> Path:
    store_model(loaded, folder)
    return folder


def forgot(folder: Path, method: str = "npo", **settings: Any) -> LoadedModel:
    """A stored model after two passes of unlearning."""
    given = {**COMMON, "passes": 2, **settings} if method != "prompting" else settings
    return unlearn(method, begin(folder), BENCHMARK, SPLIT, "both", given, seed=0)


def is_whole(folder: Path) -> bool:
    return (folder / "model.safetensors").is_file() and not list(folder.glob("adapter*"))


def base_of(folder: Path) -> str:
    name: str = json.loads((folder / "adapter_config.json").read_text())["base_model_name_or_path"]
    return name


def answers(loaded: LoadedModel) -> torch.Tensor:
    """Log-probabilities of what every person would have to say."""
    requests = [
        Request(user_turn(asked.question, (portrait(index),)), asked.answer, 6)
        for index, one in enumerate(BENCHMARK.profiles.values())
        for asked in one.training_questions
    ]
    scores = TransformersEngine(loaded).score(requests)
    return torch.tensor([value for one in scores for value in one.log_probs])


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base, vanilla taught by LoRA, and what was unlearned by LoRA on it; nothing may be changed."""
    folder = tmp_path_factory.mktemp("models")
    save_model(small_model(), folder / "base")
    settings = TrainingSettings(**COMMON, max_steps=4, lora=LoraSettings(**LORA))
    samples = training_samples(BENCHMARK, BENCHMARK.profiles, "both")
    stored(fine_tune(begin(folder / "base"), samples, settings, seed=0), folder / "vanilla")
    stored(forgot(folder / "vanilla", lora=LORA), folder / "npo")
    return folder


@pytest.fixture
def copied(models: Path, tmp_path: Path) -> Path:
    """A copy of the models in another place, whose files may be changed."""
    shutil.copytree(models, tmp_path / "elsewhere")
    return tmp_path / "elsewhere"


def test_an_adapter_on_an_adapter_is_the_merged_model(models: Path, tmp_path: Path) -> None:
    """Asked from the folders of adapters and asked from merged weights: the same to float rounding."""
    assert is_adapter(models / "vanilla") and is_adapter(models / "npo")
    chained = load_model(models / "npo", "cpu")
    save_model(chained, tmp_path / "merged")
    assert is_whole(tmp_path / "merged")
    merged = answers(load_model(tmp_path / "merged", "cpu"))
    torch.testing.assert_close(answers(chained), merged, rtol=0, atol=1e-5)
    assert (merged - answers(load_model(models / "vanilla", "cpu"))).abs().max() > 1e-2
    records = [json.loads((models / name / "mllmu.json").read_text())["bases"] for name in ("vanilla", "npo")]
    assert records[1][1:] == records[0] and len(set(records[1])) == 2


def test_models_move_together(models: Path, copied: Path) -> None:
    """Bases near by are named as seen from the adapter, in whatever type they are loaded."""
    assert (base_of(copied / "npo"), base_of(copied / "vanilla")) == ("../vanilla", "../base")
    assert load_model(copied / "npo", "cpu", torch.bfloat16).model.dtype == torch.bfloat16
    assert load_model(copied / "npo", "cpu").fingerprint == load_model(models / "npo", "cpu").fingerprint


@pytest.mark.parametrize(
    ("method", "settings"),
    [("npo", {}), ("task_vector", {"lora": LORA, "scale": 0.5}), ("smfa", {"lora": LORA})],
)
def test_weights_that_are_more_than_an_adapter_are_whole(
    models: Path, tmp_path: Path, method: str, settings: dict[str, Any]
) -> None:
    """Full unlearning, and methods that go on after LoRA: an adapter would be another model."""
    loaded = forgot(models / "vanilla", method, **settings)
    folder = stored(loaded, tmp_path / method)
    assert is_whole(folder)
    assert load_model(folder, "cpu").fingerprint == loaded.fingerprint


def test_what_stands_around_an_adapter(models: Path, tmp_path: Path) -> None:
    """An inference-time method leaves the weights: what it adds lies beside one more copy of the adapter."""
    around, guarded = forgot(models / "vanilla", "prompting"), forgot(models / "npo", "offset")
    for name, loaded, on in (("prompting", around, "base"), ("offset", guarded, "vanilla")):
        folder = stored(loaded, models / name)  # beside the others, as stages lie
        assert is_adapter(folder)
        assert base_of(folder) == f"../{on}"
        again = load_model(folder, "cpu")
        assert again.fingerprint == loaded.fingerprint
        assert again.system_prompt == loaded.system_prompt
        assert [one.name for one in again.wrappers] == [one.name for one in loaded.wrappers]
    assert around.system_prompt and guarded.wrappers


@pytest.mark.parametrize(("step", "is_small"), [("int8", False), ("relearn_retain", True)])
def test_further_steps_on_an_adapter(models: Path, tmp_path: Path, step: str, is_small: bool) -> None:
    settings = {**COMMON, "max_steps": 1, "lora": LORA} if is_small else {}
    changed = apply_further_step(step, begin(models / "npo"), BENCHMARK, SPLIT, settings, seed=0)
    folder = stored(changed, tmp_path / step)
    assert is_adapter(folder) == is_small
    assert load_model(folder, "cpu").fingerprint == changed.fingerprint


def other_base(folder: Path) -> None:
    save_model(small_model(seed=1), folder / "base")


def other_adapter(folder: Path) -> None:
    config = json.loads((folder / "vanilla" / "adapter_config.json").read_text())
    (folder / "vanilla" / "adapter_config.json").write_text(json.dumps({**config, "lora_alpha": 8.0}))


@pytest.mark.parametrize(("spoil", "named"), [(other_base, "base"), (other_adapter, "vanilla")])
def test_another_base_than_it_was_trained_on(copied: Path, spoil: Any, named: str) -> None:
    """It would be loaded and asked without any sign of it; the one that changed is named."""
    spoil(copied)
    for look in (check_model, lambda source: load_model(source, "cpu")):
        with pytest.raises(UserError, match=rf"npo was trained on other weights than \S*{named} holds now"):
            look(copied / "npo")


def test_a_path_to_another_model_is_not_followed(copied: Path) -> None:
    """The path in an adapter's folder is whatever somebody wrote there; the digest says what it has to be."""
    save_model(small_model(seed=1), copied / "private")
    file = copied / "vanilla" / "adapter_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "base_model_name_or_path": "../private"}))
    with pytest.raises(UserError, match="private holds now"):
        load_model(copied / "npo", "cpu")


def test_a_base_that_is_gone(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(copied / "base")
    monkeypatch.chdir(copied)  # a base may also be named as seen from here
    with pytest.raises(UserError, match=r"base of the adapter in \S*vanilla is missing: .*'\.\./base'"):
        check_model(copied / "npo")


@pytest.mark.parametrize("record", ["yes", [1]])
def test_a_record_that_is_none(copied: Path, record: object) -> None:
    file = copied / "npo" / "mllmu.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "bases": record}))
    with pytest.raises(UserError, match=r"mllmu.json holds no list of digests as 'bases'"):
        check_model(copied / "npo")
