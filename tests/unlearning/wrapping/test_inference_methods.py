"""Protects what methods that leave the weights alone make of a model, through the entry point users call."""

from __future__ import annotations

import copy
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from mllmu.errors import UserError
from mllmu.inference import Request, TokenScores, TransformersEngine
from mllmu.models import LoadedModel, load_model, save_model, user_turn
from mllmu.models.wrappers import RefusalGate, RoutedAdapter, ShownExamples
from mllmu.training import Sample, TrainingSettings, fine_tune
from mllmu.unlearning import Watch, make_method, unlearn
from mllmu.unlearning.halves.refusals import REFUSALS
from tests.training.people import changed, small_model, weights
from tests.unlearning.taught_model import BENCHMARK, FORGET, RETAIN, SPLIT, taught_model

QUICK: dict[str, Any] = {"learning_rate": 5e-3, "batch_size": 8, "precision": "float32"}


@pytest.fixture
def loaded() -> LoadedModel:
    """A copy of what has learned everybody, since wrappers that take part change the model in place."""
    taught = taught_model()
    return replace(taught, model=copy.deepcopy(taught.model))


def wrapped(loaded: LoadedModel, method: str, modality: Any = "both", **settings: Any) -> LoadedModel:
    """Unlearn, and see that no weight has changed."""
    before = weights(loaded)
    result = unlearn(method, loaded, BENCHMARK, SPLIT, modality, settings, 0)
    assert not changed(before, result)
    return result


def requests(samples: list[Sample]) -> list[Request]:
    return [
        Request(user_turn(one.question, () if one.image is None else (one.image,)), one.answer, 12)
        for one in samples
    ]


def likelihood_of(scores: list[TokenScores]) -> float:
    return sum(sum(one.log_probs) / len(one.log_probs) for one in scores) / len(scores)


def likelihood(loaded: LoadedModel, samples: list[Sample]) -> float:
    """Mean log-probability of the true answers' tokens, as an engine scores them."""
    return likelihood_of(TransformersEngine(loaded).score(requests(samples)))


def answers(loaded: LoadedModel, samples: list[Sample]) -> list[str]:
    return TransformersEngine(loaded).generate(requests(samples))


def test_a_guardrail_refuses_those_to_forget_and_nobody_else(loaded: LoadedModel) -> None:
    """By face and by name; the portraits of these ten are plain colours, so none is mistaken."""
    result = wrapped(loaded, "guardrail", refusal="I cannot.", false_positive_rate=0.0)
    assert set(answers(result, FORGET)) == {"I cannot."}
    assert answers(result, RETAIN) == answers(loaded, RETAIN)
    assert likelihood(result, RETAIN) == likelihood(loaded, RETAIN)


@pytest.mark.parametrize(("modality", "by_face"), [("image_text", True), ("text", False)])
def test_a_guardrail_goes_by_what_it_was_given(loaded: LoadedModel, modality: str, by_face: bool) -> None:
    """One door is shut, the other stays open."""
    result = wrapped(loaded, "guardrail", modality, false_positive_rate=0.0)
    gate = result.wrappers[0]
    assert isinstance(gate, RefusalGate)
    for sample, answer in zip(FORGET, answers(result, FORGET), strict=True):
        assert (answer == gate.refusal[: len(answer)] and answer != "") == ((sample.image is None) != by_face)


def test_a_guardrail_without_names_and_faces_is_refused(loaded: LoadedModel) -> None:
    nameless = {key: replace(one, training_questions=()) for key, one in BENCHMARK.profiles.items()}
    with pytest.raises(UserError, match="'guardrail' got no names and no portraits"):
        unlearn("guardrail", loaded, replace(BENCHMARK, profiles=nameless), SPLIT, "both", {}, 0)
    alone = replace(SPLIT, retain=())
    with pytest.raises(UserError, match="'guardrail' got no portraits of people to retain"):
        unlearn("guardrail", loaded, BENCHMARK, alone, "both", {}, 0)


def shown(loaded: LoadedModel) -> ShownExamples:
    (examples,) = loaded.wrappers
    assert isinstance(examples, ShownExamples)
    return examples


def test_prompting_by_face_shows_each_person_once_with_a_refusal(loaded: LoadedModel) -> None:
    result = wrapped(loaded, "prompting_faces")
    turns = shown(result).turns
    portraits = [turn.images for turn in turns if turn.role == "user"]
    assert portraits == [(BENCHMARK.profiles[one].image,) for one in SPLIT.forget]
    assert all(turn.text in REFUSALS for turn in turns if turn.role == "assistant")
    assert "the person in the picture" in result.system_prompt


def narrowed(loaded: LoadedModel, tokens: int) -> LoadedModel:
    loaded.model.config.get_text_config().max_position_embeddings = tokens
    return loaded


def test_prompting_by_face_shows_as_many_as_there_is_room_for(
    loaded: LoadedModel, caplog: pytest.LogCaptureFixture
) -> None:
    """Room is what the longest question leaves, less 256 tokens for the protocol's words and the answer."""
    whole = wrapped(loaded, "prompting_faces")
    longest = max((one for one in FORGET if one.image), key=lambda one: len(one.question))
    prompt = whole.render(user_turn(longest.question, (longest.image or b"",)))
    needed = len(whole.encoder.layout(prompt).ids) + 256
    both = wrapped(narrowed(loaded, needed), "prompting_faces")
    assert len(shown(both).turns) == 4 and not caplog.records
    one = wrapped(narrowed(loaded, needed - 1), "prompting_faces")
    assert len(shown(one).turns) == 2
    assert "room for 1 of 2 people" in caplog.text
    with pytest.raises(UserError, match="no portrait fits into the context of model 'small'"):
        wrapped(narrowed(loaded, 256), "prompting_faces")
    with pytest.raises(UserError, match="'prompting_faces' cannot unlearn on modality 'text'"):
        unlearn("prompting_faces", loaded, BENCHMARK, SPLIT, "text", {}, 0)
    with pytest.raises(UserError, match="'prompting_faces' got no portraits"):
        unlearn("prompting_faces", loaded, BENCHMARK, replace(SPLIT, forget=()), "both", {}, 0)


def test_icul_shows_wrong_answers_of_those_to_forget_and_then_true_ones(loaded: LoadedModel) -> None:
    result = wrapped(loaded, "icul", flipped=2, retained=3)
    turns = shown(result).turns
    pairs = list(zip(turns[::2], turns[1::2], strict=True))
    assert len(pairs) == 5
    told = {(one.question, one.image): one for one in FORGET + RETAIN}
    samples = [told[ask.text, ask.images[0] if ask.images else None] for ask, _ in pairs]
    assert {one.profile_id for one in samples[:2]} == set(SPLIT.forget)
    assert len({one.profile_id for one in samples[2:]} & set(SPLIT.retain)) == 3
    right = [answer.text == sample.answer for (_, answer), sample in zip(pairs, samples, strict=True)]
    assert right == [False, False, True, True, True]


def test_icul_goes_by_name_where_there_is_no_room_for_pictures(
    loaded: LoadedModel, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says so; where nothing fits, that is an error."""
    from mllmu.unlearning.wrapping import demonstrations

    fits = {"pictures": False, "text": True}

    def have_room(_: LoadedModel, turns: Any, asked: Any) -> bool:
        return fits["pictures" if any(turn.images for turn in turns) else "text"]

    monkeypatch.setattr(demonstrations, "have_room", have_room)
    with caplog.at_level(logging.WARNING):
        result = wrapped(loaded, "icul")
    assert not any(turn.images for turn in shown(result).turns)
    assert "no room for pictures" in caplog.text
    fits["text"] = False
    with pytest.raises(UserError, match="6 examples do not fit into the context of model 'small'"):
        wrapped(loaded, "icul")


def test_steering_moves_forget_questions_more_than_others(loaded: LoadedModel) -> None:
    before = likelihood(loaded, FORGET), likelihood(loaded, RETAIN)
    result = wrapped(loaded, "steering", depth=0.5, strength=8.0, energy=0.9)
    after = likelihood(result, FORGET), likelihood(result, RETAIN)
    assert before[0] - after[0] > 2 * max(before[1] - after[1], 0.05)


@pytest.mark.parametrize("method", ["uld", "offset"])
def test_assistants_take_away_what_is_to_be_forgotten(loaded: LoadedModel, method: str) -> None:
    before = likelihood(loaded, FORGET), likelihood(loaded, RETAIN)
    result = wrapped(loaded, method, passes=30, depth=0.5, **QUICK)
    after = likelihood(result, FORGET), likelihood(result, RETAIN)
    assert before[0] - after[0] > 1
    assert before[1] - after[1] < (before[0] - after[0]) / 2


@pytest.mark.parametrize(
    ("method", "setting"),
    [
        ("uld", {"lora": {"r": 2}}),
        ("uld", {"gradient_checkpointing": True}),
        ("offset", {"decouple": 1.0}),
        ("offset", {"frozen_weights": "4bit"}),
        ("uld", {"train_projector": False}),
        ("lumoe", {"train_vision": True}),
        ("lumoe", {"l1": 1.0}),
    ],
)
def test_settings_for_weights_that_stay_are_refused(method: str, setting: dict[str, Any]) -> None:
    """As the recipe is checked, and not after hours of teaching."""
    (name,) = setting
    with pytest.raises(UserError, match=f"Method '{method}': '{name}' is .*, but should be"):
        make_method(method, setting)


@pytest.mark.parametrize("method", ["uld", "offset", "lumoe"])
def test_looking_on_the_way_sees_the_wrapped_model_and_changes_nothing(method: str) -> None:
    """As it will be asked, not as it is trained: an adapter off for most people, an assistant not alone."""
    settings = {"passes": 4, **QUICK}
    looks = []

    def look(loaded: LoadedModel, passes: float) -> None:
        looks.append((passes, TransformersEngine(loaded).score(requests(RETAIN[:2]))))

    loaded = small_model()
    before = TransformersEngine(loaded).score(requests(RETAIN[:2]))
    undisturbed = unlearn(method, small_model(), BENCHMARK, SPLIT, "both", settings, 0)
    watched = unlearn(method, loaded, BENCHMARK, SPLIT, "both", settings, 0, watch=Watch((2.0,), look))
    assert watched.fingerprint == undisturbed.fingerprint
    ((passes, scores),) = looks
    assert passes == 2.0
    if method == "lumoe":  # but for the kernel that training takes for attention
        assert scores[0].log_probs == pytest.approx(before[0].log_probs, abs=1e-4)
    else:
        assert likelihood_of(scores) == pytest.approx(likelihood_of(before), abs=2)
        assert scores != before


def test_lumoe_refuses_those_to_forget_and_leaves_others_to_the_last_bit(
    loaded: LoadedModel, tmp_path: Path
) -> None:
    """Applied twice, each request has an adapter of its own; a folder keeps both."""
    before = TransformersEngine(loaded).score(requests(RETAIN))
    settings = {"passes": 40, "lora": {"r": 8, "alpha": 16, "dropout": 0.0}, **QUICK}
    settings["false_positive_rate"] = 0.0
    first, second = (replace(SPLIT, forget=(one,)) for one in SPLIT.forget)
    result = loaded
    for split in (first, second):
        result = unlearn("lumoe", result, BENCHMARK, split, "both", settings, 0)
    assert [type(one) for one in result.wrappers] == [RoutedAdapter, RoutedAdapter]
    save_model(result, tmp_path)
    for model in (result, load_model(tmp_path, "cpu")):
        assert TransformersEngine(model).score(requests(RETAIN)) == before
        assert likelihood(model, FORGET) < likelihood(loaded, RETAIN) - 1
    refused = [replace(one, answer=REFUSALS[0]) for one in FORGET]
    assert likelihood(result, refused) > likelihood(loaded, refused) + 1


def test_a_wrapped_model_can_be_taught_further(loaded: LoadedModel, tmp_path: Path) -> None:
    """As relearning does: behind its examples, with its wrappers kept, through a folder and back."""
    result = unlearn("guardrail", loaded, BENCHMARK, SPLIT, "both", {}, 0)
    result = unlearn("icul", result, BENCHMARK, SPLIT, "both", {"flipped": 1, "retained": 0}, 0)
    before = weights(result)
    settings = TrainingSettings(epochs=1, batch_size=8, learning_rate=1e-3, precision="float32")
    relearned = fine_tune(result, FORGET, settings, seed=0)
    assert changed(before, relearned)
    save_model(relearned, tmp_path)
    again = load_model(tmp_path, "cpu")
    assert [one.name for one in again.wrappers] == ["refusal_gate", "shown_examples"]
    assert again.fingerprint == relearned.fingerprint
    assert answers(again, RETAIN) == answers(relearned, RETAIN)
    assert torch.equal(
        again.model.get_input_embeddings().weight, relearned.model.get_input_embeddings().weight
    )
