"""Protects SalUn: the share of weights that learn, all of them for a share of 1, and none besides."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from mllmu.errors import UserError
from mllmu.training import SampleDataset, training_samples
from mllmu.unlearning import Job, unlearn
from mllmu.unlearning.method import Method
from mllmu.unlearning.methods.procedures.salun import SalUn, SalUnSettings
from mllmu.unlearning.trained_method import TrainedMethod
from tests.training.people import answer_loss, weights
from tests.unlearning.plain_loop import SeenError
from tests.unlearning.taught_model import (
    BENCHMARK,
    FORGET,
    MODALITIES,
    QUICK,
    RETAIN,
    SPLIT,
    taught_model,
    unlearned,
)

DECAYING: dict[str, Any] = {**QUICK, "weight_decay": 0.1, "passes": 1}


@pytest.mark.parametrize("modality", MODALITIES)
def test_it_forgets(modality: str) -> None:
    loaded = taught_model()
    asked = training_samples(BENCHMARK, SPLIT.forget, modality)  # type: ignore[arg-type]
    before = answer_loss(loaded, asked)
    unlearned(loaded, "salun", modality, **{**QUICK, "learning_rate": 5e-3}, passes=16)
    assert answer_loss(loaded, asked) > before + 1


def apply(method: Method) -> dict[str, torch.Tensor]:
    loaded = taught_model()
    method.apply(Job(FORGET, RETAIN, seed=0, loaded=loaded))
    return weights(loaded)


def test_a_tenth_of_the_weights_learns_and_the_rest_stays_despite_decay() -> None:
    state = weights(taught_model())
    method = SalUn(SalUnSettings(**DECAYING, share=0.1))
    after = apply(method)
    names = [name for name, _ in taught_model().model.named_parameters()]
    moved = sum(int((after[name] != state[name]).sum()) for name in names)
    learning = [name for name in method.changes(taught_model()) if "vision" not in name]
    total = sum(state[name].numel() for name in learning)
    assert 0.095 * total < moved <= round(0.1 * total)
    changed = {name for name in names if not torch.equal(after[name], state[name])}
    assert changed <= method.changes(taught_model())


def test_those_learn_on_which_the_forget_answers_depend_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """The top tenth of |sum of gradients of CE(f)|, sample by sample, by a plain loop over unpadded rows.

    Rounding may put weights next to the least of them on either side of it.
    """
    chosen: dict[str, torch.Tensor] = {}

    def record(model: Any, masks: dict[str, torch.Tensor]) -> None:
        chosen.update(masks)
        raise SeenError

    loaded = taught_model()
    method = SalUn(SalUnSettings(**QUICK, share=0.1, saliency_batch=1, forget_tokens="answer"))
    with monkeypatch.context() as patch, pytest.raises(SeenError):
        patch.setattr("mllmu.unlearning.weights.masked_training.MaskedUpdates", record)
        method.apply(Job(FORGET, RETAIN, seed=0, loaded=loaded))
    for item in (SampleDataset(loaded, FORGET)[index] for index in range(len(FORGET))):
        logits = loaded.model(input_ids=item.input_ids[None], **item.vision).logits[0, :-1]
        read = item.answer_mask[1:]
        torch.nn.functional.cross_entropy(logits[read], item.input_ids[1:][read]).backward()
    sums = [loaded.model.get_parameter(name).grad for name in chosen]
    loaded.model.zero_grad()
    flat = torch.cat([each.abs().flatten() for each in sums])
    mask = torch.cat([each.flatten() for each in chosen.values()])
    least = flat.topk(round(0.1 * len(flat))).values[-1]
    clear = (flat / least - 1).abs() > 1e-2
    assert clear.float().mean() > 0.99
    assert torch.equal(mask[clear], (flat > least)[clear])


def test_with_every_weight_it_is_plain_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same losses on the same pairs, without preparation."""
    method = SalUn(SalUnSettings(**{**DECAYING, "weight_decay": 0.0}, share=1.0))
    masked = apply(method)
    monkeypatch.setattr(SalUn, "prepare", TrainedMethod.prepare)
    plain = apply(method)
    start = weights(taught_model())
    assert any(not torch.equal(tensor, start[name]) for name, tensor in plain.items())
    assert all(torch.equal(tensor, masked[name]) for name, tensor in plain.items())


def test_adapters_learn_by_b_alone() -> None:
    """A tenth of B; nothing would be selected if A, which has no gradient yet, were ranked too and won."""
    seen: dict[str, int] = {}
    method = SalUn(SalUnSettings(**QUICK, passes=1, share=0.1, lora={"r": 2, "dropout": 0.0}))
    original = method.prepare

    def prepare(job: Job, learner: Any) -> Any:
        callbacks = original(job, learner)
        seen.update({n: p.numel() for n, p in learner.named_parameters() if p.requires_grad})
        return callbacks

    method.prepare = prepare  # type: ignore[method-assign]
    state = weights(taught_model())
    after = apply(method)
    assert any("lora_B" in name for name in seen)
    assert not any("lora_A" in name for name in seen)
    assert any(not torch.equal(tensor, state[name]) for name, tensor in after.items())


def test_a_share_of_no_weight_is_an_error() -> None:
    with pytest.raises(UserError, match=r"a share of 1e-09 of the .* weights with a saliency is none"):
        unlearned(taught_model(), "salun", share=1e-9)
    alone = type(SPLIT)(20, SPLIT.forget, ())
    with pytest.raises(UserError, match="'salun' got nothing to retain"):
        unlearn("salun", taught_model(), BENCHMARK, alone, "text", {}, 0)
