"""Protects: methods that look into a model find their way in architectures that skip some of their layers.

LLaVA does not read the last layer of its vision tower, Mllama passes by some layers where there is no picture
and embeds tokens within its decoder, and assistants lengthen hidden states and caches.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
import torch

from mllmu.errors import UserError
from mllmu.inference import Request, TransformersEngine
from mllmu.models import LoadedModel, user_turn
from mllmu.models.model_parts import layer_of_every_input
from mllmu.models.wrappers import LogitAssistants
from mllmu.training import TrainingModality, training_samples
from mllmu.unlearning import make_method, unlearn
from mllmu.unlearning.neurons.mlp_neurons import vision_mlps
from mllmu.unlearning.pairing.pair_trainer import UnlearningTrainer
from tests.families import build_family, mllama
from tests.training.people import changed, people_with_values, small_model, weights

BENCHMARK = people_with_values()
SPLIT = BENCHMARK.splits[20]
TRAINED: dict[str, Any] = {"learning_rate": 1e-3, "batch_size": 2, "precision": "float32", "passes": 0.5}
SETTINGS: dict[str, dict[str, Any]] = {
    "rmu": {"layer": 0.5, **TRAINED},
    "mip_editor": {"layer": 0.9, "steps": 2, "position": "answer", **TRAINED},
    "manu": {"share": 0.1},
    "steering": {},
    "uld": TRAINED,
    "offset": TRAINED,
}


@pytest.fixture(scope="module")
def families() -> dict[str, LoadedModel]:
    return {"llava": build_family("llava"), "llava_next": build_family("llava_next"), "mllama": mllama()}


def unlearned(
    loaded: LoadedModel, method: str, modality: TrainingModality = "both", **changes: Any
) -> LoadedModel:
    """A copy of a model, made to forget."""
    copy = replace(loaded, model=deepcopy(loaded.model))
    return unlearn(method, copy, BENCHMARK, SPLIT, modality, {**SETTINGS[method], **changes}, seed=0)


def written(loaded: LoadedModel) -> str:
    """What a model writes about somebody whom it does not see."""
    (text,) = TransformersEngine(loaded).generate(
        [Request(user_turn("Where is she?"), max_new_tokens=2)], [None]
    )
    return text


def log_probs(loaded: LoadedModel, modality: TrainingModality = "both") -> list[tuple[float, ...]]:
    """Of the tokens of every answer that is to be forgotten."""
    samples = training_samples(BENCHMARK, SPLIT.forget, modality)
    pictures: list[tuple[bytes, ...]] = [() if one.image is None else (one.image,) for one in samples]
    requests = [
        Request(user_turn(one.question, shown), one.answer)
        for one, shown in zip(samples, pictures, strict=True)
    ]
    return [scores.log_probs for scores in TransformersEngine(loaded).score(requests)]


def in_bfloat16() -> LoadedModel:
    """A small model as models are loaded on GPUs."""
    loaded = small_model()
    loaded.model.to(torch.bfloat16)
    return loaded


@pytest.mark.parametrize("family", ["llava", "llava_next", "mllama"])
@pytest.mark.parametrize("method", SETTINGS)
def test_methods_that_look_into_a_model_work_with_every_family(
    families: dict[str, LoadedModel], family: str, method: str
) -> None:
    """On text, on pictures, and on both; whoever is made can be asked."""
    modalities: list[TrainingModality] = (
        ["both"] if method in ("manu", "mip_editor") else ["image_text", "text", "both"]
    )
    for modality in modalities:
        made = unlearned(families[family], method, modality)
        assert isinstance(written(made), str)
        assert made.fingerprint != families[family].fingerprint
        assert log_probs(made, modality) != log_probs(families[family], modality)


def test_neurons_that_nobody_reads_are_not_counted(families: dict[str, LoadedModel]) -> None:
    """LLaVA reads its tower of two layers after the first; with -1 it reads all, with 1 the first again."""
    model = families["llava"].model
    assert [mlp.output.split(".")[-3] for mlp in vision_mlps(model)] == ["0"]
    config = deepcopy(model.config)
    for chosen, count in ((-1, 2), (1, 1), ([0, 2], 2)):
        model.config.vision_feature_layer = chosen
        assert len(vision_mlps(model)) == count, chosen
    model.config = config


def test_the_layer_that_is_read_is_one_that_texts_go_through(families: dict[str, LoadedModel]) -> None:
    """The middle one of Mllama's three looks at pictures."""
    assert [layer_of_every_input(families["mllama"].model, number) for number in range(3)] == [0, 0, 2]
    assert [layer_of_every_input(families["llava"].model, number) for number in range(2)] == [0, 1]


@pytest.mark.parametrize("method", ["uld", "offset"])
def test_one_model_has_assistants_once(method: str) -> None:
    with_assistants = unlearned(small_model(), method)
    with pytest.raises(UserError, match="has assistants already"):
        unlearned(with_assistants, "uld")
    silenced = unlearned(with_assistants, "manu")
    assert isinstance(written(silenced), str)
    assert log_probs(silenced) != log_probs(with_assistants)


@pytest.mark.parametrize("method", ["uld", "offset", "lumoe"])
@pytest.mark.parametrize("option", [{"sine_projector": True}, {"l1": 1e-4}])
def test_options_for_weights_that_stay_move_none_of_them(method: str, option: dict[str, Any]) -> None:
    """They are refused, or are about what learns: the assistant itself."""
    loaded = small_model()
    before = weights(loaded)
    try:
        unlearn(method, loaded, BENCHMARK, SPLIT, "both", {**TRAINED, **option}, seed=0)
    except UserError as error:
        assert f"'{next(iter(option))}' is" in str(error)
    after = weights(loaded)
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize(
    ("method", "changes"),
    [
        ("mip_editor", {"train_vision": False, "precision": "bfloat16"}),
        ("mip_editor", {"position": "answer", "precision": "bfloat16"}),
        ("offset", {"precision": "bfloat16"}),
        ("offset", {"precision": "float32"}),
        ("uld", {"precision": "bfloat16"}),
        ("uld", {"precision": "float32"}),
    ],
)
def test_weights_in_bfloat16_are_met_in_every_precision(
    method: str, changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What learns is float32 meanwhile, and all have their own type afterwards.

    What is frozen stays as it is meanwhile, if something casts between the two; but MIP-Editor may choose
    no neuron of a weight that it lets learn.
    """
    loaded = in_bfloat16()
    seen: dict[bool, set[torch.dtype]] = {True: set(), False: set()}
    compute_loss = UnlearningTrainer.compute_loss

    def noted(trainer: UnlearningTrainer, *given: Any, **named: Any) -> Any:
        for parameter in trainer.learner.parameters():
            seen[parameter.requires_grad].add(parameter.dtype)
        return compute_loss(trainer, *given, **named)

    monkeypatch.setattr(UnlearningTrainer, "compute_loss", noted)
    made = unlearned(loaded, method, **changes)
    frozen = seen[False] - ({torch.float32} if method == "mip_editor" else set())
    assert (seen[True], frozen) == ({torch.float32}, {getattr(torch, changes["precision"])})
    stacks = [one.stacks for one in made.wrappers if isinstance(one, LogitAssistants)]
    types = {parameter.dtype for part in (made.model, *stacks) for parameter in part.parameters()}
    assert types == {torch.bfloat16}
    assert (changed(weights(loaded), made) == set()) == (method in ("offset", "uld"))
    assert log_probs(made) != log_probs(loaded)


def test_an_assistant_in_bfloat16_is_heard_in_a_training_in_float32() -> None:
    """Asked for the same weights, the model answers otherwise with it; and so it learns otherwise."""
    loaded = in_bfloat16()
    with_assistant = unlearned(loaded, "uld", precision="bfloat16")
    assert log_probs(with_assistant) != log_probs(loaded)
    states = []
    for one in (with_assistant, loaded):
        unlearn("npo", one, BENCHMARK, SPLIT, "both", TRAINED, seed=0)
        states.append(weights(one))
    assert any(not torch.equal(states[0][name], alone) for name, alone in states[1].items())
    loaded.model.load_state_dict(states[0])
    assert log_probs(with_assistant) != log_probs(loaded)


def test_a_multiplier_that_never_moves_is_told(caplog: pytest.LogCaptureFixture) -> None:
    for passes, told in ((0.5, True), (1.5, False)):
        caplog.clear()
        settings = {**TRAINED, "passes": passes, "warmup": 1.0}
        unlearn("pdu", small_model(), BENCHMARK, SPLIT, "both", settings, seed=0)
        assert any("multiplier moves after 1 passes" in one for one in caplog.messages) == told


def test_a_tower_that_does_not_learn_cannot_be_asked_to() -> None:
    with pytest.raises(UserError, match="train_vision"):
        make_method("null_space", {"train_vision": True})
