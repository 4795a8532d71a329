"""A small model that has learned everybody, as tests of what forgets start from."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch

from mllmu.models import LoadedModel
from mllmu.training import TrainingSettings, fine_tune, training_samples
from mllmu.unlearning import unlearn
from tests.training.people import people, small_model, weights

BENCHMARK = people()
SPLIT = BENCHMARK.splits[20]
FORGET = training_samples(BENCHMARK, SPLIT.forget, "both")
RETAIN = training_samples(BENCHMARK, SPLIT.retain, "both")
MODALITIES = ("image_text", "text", "both")
QUICK: dict[str, Any] = {"learning_rate": 1e-3, "batch_size": 4, "precision": "float32"}


@cache
def _taught_once() -> tuple[LoadedModel, dict[str, torch.Tensor]]:
    loaded = small_model()
    settings = TrainingSettings(epochs=25, batch_size=8, learning_rate=5e-3, precision="float32")
    fine_tune(loaded, FORGET + RETAIN, settings, seed=0)
    return loaded, weights(loaded)


def taught_model() -> LoadedModel:
    """The model as it was when it had learned, whatever was done to it since."""
    loaded, state = _taught_once()
    loaded.model.load_state_dict(state)
    return loaded


def unlearned(loaded: LoadedModel, method: str, modality: Any = "both", **settings: Any) -> LoadedModel:
    """Unlearn in place with quick settings."""
    return unlearn(method, loaded, BENCHMARK, SPLIT, modality, settings, seed=0)
