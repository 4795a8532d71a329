"""Looking once what a kind of model supports, where many models of a kind are taught and asked little."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from mllmu.inference.engine_statistics import EngineStatistics
from mllmu.inference.in_memory import transformers_engine
from mllmu.inference.in_memory.limits import Limits
from mllmu.inference.prefix_sharing.shared_prefixes import SharedPrefixes
from mllmu.models import LoadedModel
from mllmu.training.packing import packing_trial


@pytest.fixture(scope="package", autouse=True)
def models_of_a_kind_are_tried_once() -> Iterator[None]:
    """Each engine and each training tries its own model, which takes longer than what tests ask and teach.

    That they do is protected in ``tests/inference`` and ``tests/training``.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transformers_engine, "sharing_engine", _remembered_sharing())
        patch.setattr(packing_trial, "_errors", _remembered_errors())
        yield


def _remembered_sharing() -> Any:
    look = transformers_engine.sharing_engine
    ways: dict[tuple[object, ...], bool | None] = {}

    def remembered(loaded: LoadedModel, limits: Limits, counts: EngineStatistics) -> SharedPrefixes | None:
        kind = *_kind(loaded.model), *map(type, loaded.wrappers)
        if kind not in ways:
            engine = look(loaded, limits, counts)
            ways[kind] = None if engine is None else engine.masks.bidirectional_images
        way = ways[kind]
        return None if way is None else SharedPrefixes(loaded, way, limits, counts)

    return remembered


def _remembered_errors() -> Any:
    measure = packing_trial._errors
    errors: dict[tuple[object, ...], dict[int, float]] = {}

    def remembered(learner: Any, packers: Any, items: Any, prompts: Any) -> dict[int, float]:
        learner.eval()  # as the trial leaves it
        kind = *_kind(learner), torch.is_autocast_enabled(learner.device.type)
        if kind not in errors:
            errors[kind] = measure(learner, packers, items, prompts)
        return errors[kind]

    return remembered


def _kind(model: Any) -> tuple[object, ...]:
    """What two models agree in that differ in their weights alone."""
    return type(model), model.config.to_json_string(), model.dtype, model.device
