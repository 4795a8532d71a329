"""Protects: what is trained by LoRA is stored as an adapter that gives the same model, to the last bit."""

from __future__ import annotations

import itertools
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from mllmu.models import LoadedModel, load_model, save_model, store_model
from mllmu.models.storage.model_source import ADAPTER_WEIGHTS
from mllmu.training import LoraSettings, TrainingSettings, fine_tune, training_samples
from tests.families import FAMILIES, build_family
from tests.training.people import people, small_model
from tests.training.stored_models import begin, is_adapter

SAMPLES = training_samples(people(), ["001", "002"], "both")
QUICK: dict[str, Any] = {"batch_size": 4, "learning_rate": 1e-2, "precision": "float32", "max_steps": 2}
LORA = LoraSettings(r=2, alpha=4)


def taught(loaded: LoadedModel, seed: int = 0, **settings: Any) -> LoadedModel:
    """A model after two steps by LoRA, or as the settings say."""
    chosen = TrainingSettings(**{**QUICK, "lora": LORA, **settings})
    return fine_tune(loaded, SAMPLES, chosen, seed)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    save_model(small_model(), tmp_path / "base")
    return tmp_path / "base"


@pytest.mark.parametrize(("vision", "projector"), list(itertools.product((False, True), repeat=2)))
def test_what_is_stored_is_what_was_trained(
    base: Path, tmp_path: Path, vision: bool, projector: bool
) -> None:
    """Projector and vision tower learn whole beside the adapters; nobody would notice if they got lost."""
    before = load_model(base, "cpu").fingerprint
    trained = taught(begin(base), train_vision=vision, train_projector=projector)
    store_model(trained, tmp_path / "stored")
    assert is_adapter(tmp_path / "stored")
    assert load_model(tmp_path / "stored", "cpu").fingerprint == trained.fingerprint != before


@pytest.mark.parametrize("family", FAMILIES)
def test_in_every_family(family: str, tmp_path: Path) -> None:
    """Names of modules, and where the projector lies, differ."""
    loaded = build_family(family)
    # Processors without videos cannot be saved; that of another family stands in for them on disk.
    shown = {"processor": small_model().processor, "source": str(tmp_path / "base")}
    save_model(replace(loaded, **shown), tmp_path / "base")
    origin = replace(loaded, source=str(tmp_path / "base")).with_origin()
    trained = taught(origin, train_vision=True)
    store_model(replace(trained, **shown), tmp_path / "stored")
    assert is_adapter(tmp_path / "stored")
    assert load_model(tmp_path / "stored", "cpu").fingerprint == trained.fingerprint


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_weights_of_low_precision(base: Path, tmp_path: Path, precision: str) -> None:
    """As on a GPU: the sum of bfloat16 weights and float32 adapters is rounded once, here and on loading."""
    trained = taught(load_model(base, "cpu", torch.bfloat16).with_origin(), precision=precision)
    store_model(trained, tmp_path / "stored")
    assert is_adapter(tmp_path / "stored")
    assert load_model(tmp_path / "stored", "cpu", torch.bfloat16).fingerprint == trained.fingerprint


@pytest.mark.parametrize(
    ("trained_in", "asked_in"), [(torch.bfloat16, torch.float32), (torch.float32, torch.bfloat16)]
)
def test_weights_are_those_that_were_trained_in_whatever_precision_they_are_asked(
    base: Path, tmp_path: Path, trained_in: torch.dtype, asked_in: torch.dtype
) -> None:
    """Merged in the precision of asking, small changes come back, or get lost, that training had not."""
    trained = taught(load_model(base, "cpu", trained_in).with_origin(), learning_rate=1e-4)
    for folder in (tmp_path / "stored", tmp_path / "copied"):
        store_model(trained, folder)
        loaded = load_model(folder, "cpu", asked_in)
        of_training, of_asking = trained.model.state_dict(), loaded.model.state_dict()
        assert all(torch.equal(of_training[name].to(asked_in), of_asking[name]) for name in of_training)
        assert loaded.model.dtype == asked_in
        trained = load_model(folder, "cpu", trained_in).with_origin()


def test_a_full_training_is_stored_whole(base: Path, tmp_path: Path) -> None:
    """Byte for byte as `save_model` writes it, whether or not somebody remembers where it came from."""
    trained = taught(begin(base), lora=None)
    store_model(trained, tmp_path / "stored")
    save_model(trained, tmp_path / "saved")
    stored, saved = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("stored", "saved")
    )
    assert stored == saved and "model.safetensors" in stored


def test_two_trainings_in_memory_are_stored_whole(base: Path, tmp_path: Path) -> None:
    """The second adapter alone does not give the model; neither would it if its base were forgotten."""
    for number, trained in enumerate((taught(taught(begin(base)), seed=1), taught(load_model(base, "cpu")))):
        folder = tmp_path / str(number)
        store_model(trained, folder)
        assert (folder / "model.safetensors").is_file() and not list(folder.glob("adapter_*"))
        assert load_model(folder, "cpu").fingerprint == trained.fingerprint


@pytest.mark.parametrize("change", ["overwritten", "deleted"])
def test_on_a_base_that_changed_meanwhile_it_is_stored_whole(
    base: Path, tmp_path: Path, change: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An adapter would be recorded as standing on whatever lies there now, and give another model."""
    trained = taught(begin(base))
    if change == "deleted":
        shutil.rmtree(base)
    else:
        save_model(taught(load_model(base, "cpu"), seed=1, lora=None), base)
    store_model(trained, tmp_path / "stored")
    assert load_model(tmp_path / "stored", "cpu").fingerprint == trained.fingerprint
    assert "has changed since it was loaded" in caplog.text


def test_an_adapter_that_changed_meanwhile_is_not_copied(base: Path, tmp_path: Path) -> None:
    """The model in memory is what it was."""
    for name, seed in (("one", 0), ("other", 1)):
        store_model(taught(begin(base), seed), tmp_path / name)
    loaded = begin(tmp_path / "one")
    shutil.copyfile(tmp_path / "other" / ADAPTER_WEIGHTS, tmp_path / "one" / ADAPTER_WEIGHTS)
    store_model(loaded, tmp_path / "stored")
    assert load_model(tmp_path / "stored", "cpu").fingerprint == loaded.fingerprint
