"""Protects: what a training is said to hold is near what it holds, and comes without any weights."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import torch
from torch import Tensor

from mllmu.errors import UserError
from mllmu.models import LoadedModel, collate, load_model, module_map
from mllmu.models.weightless import weightless_model
from mllmu.training import LoraSettings, SampleDataset, TrainingSettings, training_samples
from mllmu.training.checkpointing import checkpointed
from mllmu.training.memory_estimate import QuestionSize, training_need
from mllmu.training.trainability import trainable
from mllmu.training.trainers.answer_logits import answer_logits
from tests.families import build_family
from tests.training.people import people

CPU, GPU = torch.device("cpu"), torch.device("cuda")
SAMPLES = training_samples(people(), ["001", "002"], "image_text")
ADAPTED: dict[str, Any] = {"lora": LoraSettings(), "train_projector": False}
FACTOR = 1.25
"""By which activations may be off; all else is counted."""


def size_of(loaded: LoadedModel) -> tuple[QuestionSize, dict[str, Tensor]]:
    items: Any = SampleDataset(loaded, SAMPLES)
    batch = collate([items[index] for index in range(len(items))], loaded.encoder.pad_id)
    answer = max(int(items[index].answer_mask.sum()) for index in range(len(items)))
    return QuestionSize(picture=0, text=batch["input_ids"].shape[1], answer=answer), batch


def kept_bytes(loaded: LoadedModel, settings: TrainingSettings, batch: dict[str, Tensor]) -> int:
    """What a forward pass keeps for the backward pass, but for weights."""
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with trainable(loaded.model, settings, seed=0) as learner:
        learner.train()
        weights = {weight.untyped_storage().data_ptr() for weight in learner.parameters()}
        inside = checkpointed(loaded.model) if settings.gradient_checkpointing else nullcontext()
        with inside, torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            answers = answer_logits(learner, batch)  # held, so that nothing is freed and its place taken
        del answers
    return sum(size for pointer, size in kept.items() if pointer not in weights)


@pytest.mark.parametrize("family", ["llava", "idefics2", "qwen2_5_vl"])
@pytest.mark.parametrize("adapted", [{}, ADAPTED], ids=["full", "adapters"])
def test_activations_are_near_what_layers_keep(family: str, adapted: Any) -> None:
    """Checkpointed, the backward pass holds one layer at a time besides."""
    loaded = build_family(family)
    question, batch = size_of(loaded)
    plain = TrainingSettings(batch_size=len(SAMPLES), precision="float32", **adapted)
    saving = plain.model_copy(update={"gradient_checkpointing": True})
    whole = kept_bytes(loaded, plain, batch)
    layers = len(module_map(loaded.model).layers)
    for settings, measured in (
        (plain, whole),
        (saving, kept_bytes(loaded, saving, batch) + whole / layers),
    ):
        estimated = training_need(loaded.model, settings, question, CPU).activations
        assert 1 / FACTOR < estimated / measured < FACTOR


def test_weights_gradients_and_moments_are_counted_by_what_learns() -> None:
    """In full: float32 for all that learns, and for the rest where nothing casts; adapters: theirs alone."""
    model = build_family("llava").model
    parts, question = module_map(model), QuestionSize(4, 20, 5)
    sizes = {name: weight.numel() for name, weight in model.named_parameters()}
    tower = sum(size for name, size in sizes.items() if name.startswith(f"{parts.vision_tower}."))
    every, learned = sum(sizes.values()), sum(sizes.values()) - tower
    full = training_need(model, TrainingSettings(precision="bfloat16"), question, GPU)
    assert full.weights == 2 * tower + (4 + 2) * learned
    assert (full.gradients, full.optimizer) == (4 * learned, 8 * learned)
    assert full.loading == 2 * every
    rank = ADAPTED["lora"].r
    adapters = sum(rank * sum(model.get_parameter(f"{name}.weight").shape) for name in parts.linear)
    need = training_need(model, TrainingSettings(precision="float32", **ADAPTED), question, CPU)
    assert need.weights == 4 * (every + adapters)
    assert (need.gradients, need.optimizer) == (4 * adapters, 8 * adapters)


def test_the_shapes_are_those_of_the_model_and_take_no_memory(random_model_folder: Path) -> None:
    outline = weightless_model(random_model_folder).model
    whole = load_model(random_model_folder, "cpu").model
    shapes = {name: weight.shape for name, weight in whole.named_parameters()}
    assert {name: weight.shape for name, weight in outline.named_parameters()} == shapes
    assert {weight.device.type for weight in outline.parameters()} == {"meta"}


def test_a_model_without_a_config_is_told(random_model_folder: Path, tmp_path: Path) -> None:
    folder = copytree(random_model_folder, tmp_path / "model")
    (folder / "config.json").write_text("{")
    with pytest.raises(UserError, match=r"The size of model '.*' cannot be told"):
        weightless_model(folder)
