"""Protects: adapters learn over weights of few bits, and end in the weights of the model as it was loaded."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from mllmu.errors import UserError
from mllmu.models import load_model, module_map, save_model, store_model
from mllmu.study import Recipe, run
from mllmu.training import LoraSettings, TrainingSettings, parse_settings
from mllmu.training.trainability import trainable
from mllmu.unlearning import UnlearningSettings
from tests.families import build_family
from tests.training.people import answer_loss, changed, small_model, weights
from tests.training.stored_models import begin, is_adapter
from tests.training.test_added_adapters import SAMPLES, taught

BITS = ["4bit", "8bit"]
ADAPTED: dict[str, Any] = {"lora": LoraSettings(r=2), "train_projector": False, "precision": "float32"}


@pytest.fixture
def bitsandbytes() -> Any:
    return pytest.importorskip("bitsandbytes", reason="needs pip install 'mllmu[gpu]'")


@pytest.mark.parametrize("kind", [TrainingSettings, UnlearningSettings])
@pytest.mark.parametrize("bits", BITS)
def test_rounded_weights_are_not_trained_in_full(kind: Any, bits: str) -> None:
    with pytest.raises(UserError, match=r"'frozen_weights' is '.bit', but should be null without 'lora'"):
        parse_settings("fine-tuning", kind, {"frozen_weights": bits})


def test_without_the_library_a_run_ends_before_it_begins(
    random_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    given = {"model": str(random_model_folder), "methods": {}}
    tuning = {"lora": {"r": 2}, "frozen_weights": "4bit"}
    recipe = Recipe.model_validate({**given, "fine_tuning": tuning})
    with pytest.raises(UserError, match=r"needs bitsandbytes; expected: pip install 'mllmu\[gpu\]'"):
        run(recipe, tmp_path / "run", "cpu")
    assert not (tmp_path / "run").exists()


def test_a_model_that_was_loaded_rounded_is_refused() -> None:
    model = small_model().model
    model.lm_head.weight = torch.nn.Parameter(torch.zeros(4, 4, dtype=torch.uint8), requires_grad=False)
    with (
        pytest.raises(UserError, match=r"'lm_head.weight' is of type uint8, .* cannot be trained"),
        trainable(model, TrainingSettings(), seed=0),
    ):
        pass


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("family", ["llava", "qwen2_5_vl"])
def test_meanwhile_the_decoder_is_rounded_and_afterwards_as_it_was(
    bitsandbytes: Any, bits: str, family: str
) -> None:
    loaded = build_family(family)
    before, names = weights(loaded), module_map(loaded.model).linear
    layer = {"4bit": bitsandbytes.nn.Linear4bit, "8bit": bitsandbytes.nn.Linear8bitLt}[bits]
    with trainable(loaded.model, TrainingSettings(frozen_weights=bits, **ADAPTED), seed=0) as learner:
        rounded = [one for one in learner.modules() if isinstance(one, layer)]
        assert len(rounded) == len(names) and not any(one.weight.is_floating_point() for one in rounded)
    assert changed(before, loaded) == set()
    assert tuple(weights(loaded)) == tuple(before)


@pytest.mark.parametrize("bits", BITS)
def test_what_was_learned_is_stored_and_loaded_to_the_last_bit(
    bitsandbytes: Any, bits: str, tmp_path: Path
) -> None:
    save_model(small_model(), tmp_path / "base")
    base = begin(tmp_path / "base")
    loss, before = answer_loss(base, SAMPLES), weights(base)
    trained = taught(base, frozen_weights=bits, train_projector=False, max_steps=10)
    assert answer_loss(trained, SAMPLES) < loss
    assert changed(before, trained) == {f"{name}.weight" for name in module_map(base.model).linear}
    store_model(trained, tmp_path / "stored")
    assert is_adapter(tmp_path / "stored")
    assert load_model(tmp_path / "stored", "cpu").fingerprint == trained.fingerprint
