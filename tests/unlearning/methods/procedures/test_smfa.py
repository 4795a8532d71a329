"""Protects SMFA: both fine-tunings begin at the same weights, and only what may change does."""

from __future__ import annotations

import pytest
import torch

from mllmu.errors import UserError
from mllmu.training import training_samples
from mllmu.unlearning import unlearn
from mllmu.unlearning.methods.procedures.smfa import SMFA, SMFASettings
from mllmu.unlearning.pairing.step import Step
from tests.training.people import answer_loss, changed, weights
from tests.unlearning.plain_loop import losses_seen, nll
from tests.unlearning.taught_model import BENCHMARK, MODALITIES, QUICK, SPLIT, taught_model, unlearned


@pytest.mark.parametrize("modality", MODALITIES)
def test_it_forgets(modality: str) -> None:
    loaded = taught_model()
    asked = training_samples(BENCHMARK, SPLIT.forget, modality)  # type: ignore[arg-type]
    before = answer_loss(loaded, asked)
    unlearned(loaded, "smfa", modality, **{**QUICK, "learning_rate": 5e-3}, passes=16)
    assert answer_loss(loaded, asked) > before + 1


def test_refusals_and_retain_questions_are_learned_and_then_these_alone() -> None:
    """CE(refusals) + CE(r), then CE(r), both from the same weights and by likelihoods of a plain loop.

    Taken away, retain answers would be unlearned.
    """
    seen: list[tuple[Step, float]] = []
    settings = {**QUICK, "passes": 0.5}
    with losses_seen(lambda *one: seen.append(one)):
        unlearned(taught_model(), "smfa", "image_text", **settings)
    (refusing, first), (keeping, second) = seen
    loaded = taught_model()
    assert first == pytest.approx(nll(loaded, refusing.refusal) + nll(loaded, refusing.retain), rel=1e-4)
    assert second == pytest.approx(nll(loaded, keeping.retain), rel=1e-4)


def test_taking_back_changes_the_outcome_only_by_making_entries_what_they_were() -> None:
    """With an endless k nothing is; with a small one, entries are as at the start or as without."""
    loaded = taught_model()
    state = weights(loaded)
    unlearned(loaded, "smfa", **QUICK, passes=2, strength=1e9)
    whole = weights(loaded)
    loaded = taught_model()
    unlearned(loaded, "smfa", **QUICK, passes=2, strength=0.1)
    sculpted = weights(loaded)
    taken = 0
    for name, tensor in sculpted.items():
        back = tensor != whole[name]
        assert torch.equal(tensor[back], state[name][back])
        taken += int(back.sum())
    assert taken > 0
    assert changed(state, loaded) - {"lm_head.weight"} <= SMFA(SMFASettings()).changes(loaded)


def test_progress_is_of_both_trainings_and_missing_questions_are_errors() -> None:
    seen: list[tuple[int, int]] = []
    settings = {**QUICK, "passes": 1}
    unlearn(
        "smfa",
        taught_model(),
        BENCHMARK,
        SPLIT,
        "text",
        settings,
        0,
        progress=lambda *done: seen.append(done),
    )
    total = seen[-1][1]
    assert seen[-1] == (total, total)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    alone = type(SPLIT)(20, SPLIT.forget, ())
    with pytest.raises(UserError, match="'smfa' got nothing to retain"):
        unlearn("smfa", taught_model(), BENCHMARK, alone, "text", {}, 0)
