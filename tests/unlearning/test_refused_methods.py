"""Protects what users are told when a method cannot do its work, and that the model is then as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from torch import nn

from mllmu.benchmark.types import Benchmark
from mllmu.errors import UserError
from mllmu.models import LoadedModel
from mllmu.training import TrainingModality, training_samples
from mllmu.unlearning import (
    apply_further_step,
    make_forget_request,
    make_method,
    mean_activations,
    unlearn,
)
from tests.families import mllama
from tests.training.people import changed, people, people_with_values, small_model, weights

BENCHMARK = people()
SPLIT = BENCHMARK.splits[20]
QUICK: dict[str, Any] = {"batch_size": 4, "precision": "float32", "passes": 0.5}


@pytest.fixture(scope="module")
def loaded() -> LoadedModel:
    return small_model()


@pytest.mark.parametrize(
    ("method", "missing", "sentence"),
    [
        ("null_space", "forget", "got nothing to forget; expected at least one question"),
        ("task_vector", "forget", "got nothing to forget; expected at least one question"),
        ("icul", "forget", "got nothing to forget; expected at least one question"),
        ("lumoe", "forget", "got nothing to forget; expected at least one question"),
        ("smfa", "forget", "got nothing to forget; expected at least one question"),
        ("smfa", "retain", "got nothing to retain; expected at least one question"),
        ("steering", "retain", "got nothing to retain; expected at least one question"),
        ("uld", "forget", "got nothing to forget; expected at least one question"),
        ("offset", "retain", "got nothing to retain; expected at least one question"),
        ("ga", "forget", "got nothing to forget; expected at least one question"),
        ("grad_diff", "retain", "got nothing to retain; expected at least one question"),
    ],
)
def test_a_method_says_what_it_lacks(loaded: LoadedModel, method: str, missing: str, sentence: str) -> None:
    before = weights(loaded)
    empty = replace(SPLIT, **{missing: ()})
    with pytest.raises(UserError, match=f"^Method '{method}' {sentence}\\.$"):
        unlearn(method, loaded, BENCHMARK, empty, "both", {}, seed=0)
    assert not changed(before, loaded)


@pytest.mark.parametrize(
    ("method", "modality", "what", "sentence"),
    [
        ("altpo", "text", "values", "no alternative answers to the 4 questions"),
        ("icul", "text", "others", "no answer about somebody else"),
        ("grad_diff", "text", "others", "no answer about somebody else"),
        ("mmunlearner", "image_text", "names", "has no name"),
        ("mip_editor", "image_text", "names", "has no name"),
        ("manu", "image_text", "names", "has no name"),
        ("prompting_names", "image_text", "names", "got nobody with a name"),
        ("guardrail", "text", "names", "has no name"),
    ],
)
def test_what_the_benchmark_lacks_is_told_before_there_is_a_model(
    method: str, modality: TrainingModality, what: str, sentence: str
) -> None:
    """Whoever runs a recipe would else have taught one for hours."""
    benchmark, settings = BENCHMARK, {"decouple": 1.0} if method == "grad_diff" else {}
    split = replace(SPLIT, retain=SPLIT.forget[:1], forget=SPLIT.forget[:1]) if what == "others" else SPLIT
    if what == "names":
        nameless = {key: replace(one, name="") for key, one in benchmark.profiles.items()}
        benchmark = replace(benchmark, profiles=nameless)
    with pytest.raises(UserError, match=sentence):
        request = make_forget_request(benchmark, split, modality, 0)
        make_method(method, settings).require(request)


def with_answers(answer: str) -> Benchmark:
    """The people, to whom every question is answered alike, by the value alone."""
    benchmark = people_with_values()
    profiles = {
        key: replace(
            one,
            biography={name: answer for name in ("birthplace", "pet")},
            training_questions=tuple(replace(item, answer=answer) for item in one.training_questions),
        )
        for key, one in benchmark.profiles.items()
    }
    return replace(benchmark, profiles=profiles)


def test_ce_u_refuses_answers_of_which_the_skipped_token_is_all(loaded: LoadedModel) -> None:
    """Else every loss is 0, and the model is returned as it was, without a word."""
    before, settings = weights(loaded), {**QUICK, "forget_tokens": "value"}
    benchmark = with_answers("In")
    sentence = (
        r"^Method 'ce_u' has no token to read in any of 4 forget answers with 'forget_tokens' value and "
        r"'skipped' 1; expected at least one\.$"
    )
    with pytest.raises(UserError, match=sentence):
        unlearn("ce_u", loaded, benchmark, SPLIT, "text", settings, seed=0)
    assert not changed(before, loaded)


def test_relearning_on_retained_people_needs_some(loaded: LoadedModel) -> None:
    before = weights(loaded)
    everybody = replace(SPLIT, retain=())
    with pytest.raises(UserError, match="Further step 'relearn_retain' got nobody to retain; expected at"):
        apply_further_step("relearn_retain", loaded, BENCHMARK, everybody, {}, seed=0)
    assert not changed(before, loaded)


def test_relearning_on_retained_people_leaves_those_to_forget_alone(
    loaded: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where facts are forgotten, the other facts of the same people are retained."""
    taught: list[str] = []
    monkeypatch.setattr(
        "mllmu.training.fine_tune",
        lambda loaded, samples, *others, **named: (taught.extend(s.profile_id for s in samples), loaded)[1],
    )
    benchmark = people_with_values()
    split = replace(benchmark.splits[20], attributes=("birthplace",))
    apply_further_step("relearn_retain", loaded, benchmark, split, {}, seed=0)
    assert taught and not set(taught) & set(split.forget)


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        ("null_space", r"needs .* tokens of the prompt; Mllama.* by cross-attention"),
        ("guardrail", r"Mllama.* gives no features of pictures; expected a model whose pictures are tokens"),
        ("lumoe", r"Mllama.* gives no features of pictures; expected a model whose pictures are tokens"),
    ],
)
def test_methods_that_need_pictures_as_tokens_say_so(method: str, sentence: str) -> None:
    """Mllama looks at pictures by cross-attention."""
    cross = mllama()
    before = weights(cross)
    with pytest.raises(UserError, match=sentence):
        unlearn(method, cross, BENCHMARK, SPLIT, "both", {}, seed=0)
    assert not changed(before, cross)


def without_vision_mlps(model: Any) -> None:
    for layer in [one for one in model.model.vision_tower.modules() if hasattr(one, "mlp")]:
        layer.mlp = nn.Identity()


def without_projector_matrices(model: Any) -> None:
    model.model.multi_modal_projector = nn.LayerNorm(model.config.vision_config.hidden_size)


@pytest.mark.parametrize(
    ("method", "settings", "spoil", "sentence"),
    [
        ("manu", {}, without_vision_mlps, r"No MLP was found in 'model\.vision_tower'; expected layers with"),
        (
            "ga",
            {**QUICK, "sine_projector": True},
            without_projector_matrices,
            r"projector 'model\.multi_modal_projector' has no weight matrix; expected one that can learn",
        ),
    ],
)
def test_parts_that_a_model_lacks_are_named(
    method: str, settings: dict[str, Any], spoil: Callable[[Any], None], sentence: str
) -> None:
    loaded = small_model()
    spoil(loaded.model)
    before = weights(loaded)
    with pytest.raises(UserError, match=sentence):
        unlearn(method, loaded, BENCHMARK, SPLIT, "both", settings, seed=0)
    assert not changed(before, loaded)


def test_activations_of_a_module_that_a_model_lacks_are_refused(loaded: LoadedModel) -> None:
    samples = training_samples(BENCHMARK, SPLIT.forget, "text")
    with pytest.raises(UserError, match=r"has no module 'model\.layers\.9'; expected a name of model\.named"):
        mean_activations(loaded, samples, ["model.layers.9"])
