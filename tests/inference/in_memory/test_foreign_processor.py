"""Protects: a processor of another model is told in a sentence, wherever the model is first run."""

from collections.abc import Callable
from typing import Any

import pytest

from mllmu.errors import UserError
from mllmu.inference import Request, TransformersEngine
from mllmu.models import LoadedModel, user_turn, wrap_model
from mllmu.training import TrainingSettings, fine_tune, training_samples
from mllmu.unlearning import unlearn
from tests.families import build_family
from tests.training.people import changed, people, portrait, small_model, weights

BENCHMARK = people()
SPLIT = BENCHMARK.splits[20]
SAMPLES = training_samples(BENCHMARK, SPLIT.forget, "both")
REQUEST = Request(user_turn("Who is this?", (portrait(0),)), "Ada", 2)


def with_larger_patches() -> LoadedModel:
    """One place for each picture, of which the model makes four features."""
    loaded = small_model()
    loaded.processor.patch_size = 64
    return wrap_model(loaded.model, loaded.processor, "foreign")


def with_larger_tiles() -> LoadedModel:
    """A fourth of the places."""
    loaded = build_family("qwen2_5_vl")
    loaded.processor.image_processor.merge_size = 4
    return wrap_model(loaded.model, loaded.processor, "foreign")


DEEDS: dict[str, Callable[[LoadedModel], Any]] = {
    "generate": lambda loaded: TransformersEngine(loaded).generate([REQUEST]),
    "score": lambda loaded: TransformersEngine(loaded).score([REQUEST]),
    "train": lambda loaded: fine_tune(loaded, SAMPLES, TrainingSettings(max_steps=1), seed=0),
    "unlearn": lambda loaded: unlearn("ga", loaded, BENCHMARK, SPLIT, "both", {}, seed=0),
    "wrap": lambda loaded: unlearn("guardrail", loaded, BENCHMARK, SPLIT, "image_text", {}, seed=0),
}


@pytest.mark.parametrize("build", [with_larger_patches, with_larger_tiles])
@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_it_is_refused(deed: Callable[[LoadedModel], Any], build: Callable[[], LoadedModel]) -> None:
    loaded = build()
    before = weights(loaded)
    sentence = (
        "makes 4 features of pictures for which prompts have 1 places; expected a processor that belongs"
    )
    with pytest.raises(UserError, match=sentence):
        deed(loaded)
    assert not changed(before, loaded)


def test_a_model_that_gives_no_features_is_asked_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefixes are shared by features; whoever gives none is asked row by row, and answers alike."""
    loaded = small_model()
    expected = TransformersEngine(loaded).score([REQUEST])
    monkeypatch.delattr(type(loaded.model), "get_image_features")
    (alone,) = TransformersEngine(loaded).score([REQUEST])
    assert alone.log_probs == pytest.approx(expected[0].log_probs, abs=1e-4)
