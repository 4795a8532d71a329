"""Protects what each loss reads of the model: its first value against a plain loop over unpadded rows.

The loop knows nothing of masks that are shifted, padded or gathered; labels that stand one place off, places
of the prompt, and a loss that another branch writes over would all show.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial

import pytest
import torch

from mllmu.models import LoadedModel
from mllmu.unlearning import Step
from mllmu.unlearning.loss_terms import unit_direction
from tests.training.people import small_model
from tests.unlearning.plain_loop import first_step, mean, nll, read_logits, rows, token_log_probs

First = Callable[..., tuple[Step, float]]
ONE_FORM = pytest.mark.parametrize("modality", ["text", "image_text"])
HALVES_WITH_PICTURES = {
    "kl_min": ("forget", "retain"),
    "po": ("refusal", "retain"),
    "altpo": ("forget", "alternative"),
    "llmu": ("forget", "random_answer", "retain"),
    "vgid": ("forget", "blind", "retain"),
    "multidelete": ("forget", "mismatched", "retain"),
}


@pytest.fixture(scope="module")
def loaded() -> LoadedModel:
    """A model with random weights."""
    return small_model(layers=1)


@pytest.fixture
def peaked(loaded: LoadedModel) -> Iterator[None]:
    """Meanwhile the model is sure of what it says; else one token's loss is much like another's."""
    weight = loaded.model.get_output_embeddings().weight
    before = weight.detach().clone()
    with torch.no_grad():
        weight.mul_(10)
        yield
        weight.copy_(before)


@pytest.fixture
def first(loaded: LoadedModel) -> First:
    """The first step of a method, and its loss there."""
    return partial(first_step, loaded)


@pytest.mark.usefixtures("peaked")
@ONE_FORM
def test_undial(loaded: LoadedModel, first: First, modality: str) -> None:
    """The label is the token itself, never a place holder for what is not read."""
    step, value = first("undial", modality, beta=3.0)
    expected = []
    for token, z in read_logits(loaded, step.forget):
        lowered = z.clone()
        lowered[token] -= 3.0
        expected.append(-float((lowered.softmax(-1) * z.log_softmax(-1)).sum()))
    assert value == pytest.approx(mean(expected), rel=1e-5)


@ONE_FORM
def test_pdu(loaded: LoadedModel, first: First, modality: str) -> None:
    """Flatness where answers are predicted, not one place later; CE is its own bound at the start."""
    step, value = first("pdu", modality, multiplier=2.0, tolerance=1.5, slack=0.25)
    flatness = mean([float(z.max() - z.mean()) ** 2 for _, z in read_logits(loaded, step.forget)])
    retained = nll(loaded, step.retain)
    assert value == pytest.approx(flatness + 2.0 * (retained - 1.5 * retained - 0.25), rel=1e-5)


@pytest.mark.usefixtures("peaked")
@pytest.mark.parametrize(
    ("skipped", "tokens"), [(0, "answer"), (1, "answer"), (0, "new"), (1, "new"), (1, "value")]
)
@ONE_FORM
def test_ce_u(loaded: LoadedModel, first: First, modality: str, skipped: int, tokens: str) -> None:
    """What is skipped is the whole answer's first token, whether or not it is among those that are read."""
    whole, _ = first("ce_u", modality, forget_tokens="answer")
    step, value = first("ce_u", modality, skipped=skipped, forget_tokens=tokens)
    starts = [int(row.read.nonzero()[0]) for row in rows(loaded, whole.forget)]
    expected = []
    for start, row in zip(starts, rows(loaded, step.forget), strict=True):
        for position in row.read.nonzero().flatten().tolist():
            if position >= start + skipped:
                z = row.logits[position - 1]
                without = z.clone()
                without[row.ids[position]] = -math.inf
                each = without.softmax(-1) * z.log_softmax(-1)
                expected.append(-float(each.nan_to_num(neginf=0.0).sum()))
    assert value == pytest.approx(mean(expected), rel=1e-5)
    # Else a training of one token an answer would change nothing, without a word.
    assert len(expected) >= step.forget.samples


@ONE_FORM
def test_rmu(loaded: LoadedModel, first: First, modality: str) -> None:
    """The first of two layers; what is retained has not moved yet."""
    step, value = first("rmu", modality, layer=0.33, c=2.0)
    wanted = 2.0 * unit_direction(48, seed=0)
    expected = [
        float((row.states[1][row.read] - wanted).square().mean()) for row in rows(loaded, step.forget)
    ]
    assert value == pytest.approx(mean(expected), rel=1e-5)


@ONE_FORM
@pytest.mark.parametrize(("method", "half"), [("dpo", "refusal"), ("altpo", "alternative")])
def test_preferences_begin_at_two_over_beta_log_two(
    loaded: LoadedModel, first: First, modality: str, method: str, half: str
) -> None:
    """Both log-ratios are 0, whatever the answers; the retain term stands beside it, and over nothing."""
    step, value = first(method, modality, beta=0.5, alpha=3.0)
    assert getattr(step, half).samples == 4
    assert value == pytest.approx(4 * math.log(2) + 3 * nll(loaded, step.retain), rel=1e-5)


@ONE_FORM
def test_refusals_and_retain_questions_are_both_learned(
    loaded: LoadedModel, first: First, modality: str
) -> None:
    """SalUn adds alpha CE(r) to CE of the refusals; taken away, retain answers would be unlearned."""
    step, value = first("salun", modality, alpha=3.0)
    assert value == pytest.approx(nll(loaded, step.refusal) + 3 * nll(loaded, step.retain), rel=1e-5)


@ONE_FORM
@pytest.mark.parametrize("method", ["po", "llmu", "flat", "simnpo", "wga", "scrub", "vgid"])
def test_other_methods(loaded: LoadedModel, first: First, modality: str, method: str) -> None:
    """Divergences from the model itself are 0 at the start; a cross-entropy in their place would not be."""
    step, value = first(method, modality)
    of_samples = partial(token_log_probs, loaded)
    if method == "po":
        expected = nll(loaded, step.refusal) + nll(loaded, step.retain)
    elif method == "llmu":
        expected = nll(loaded, step.random_answer) - nll(loaded, step.forget)
    elif method == "flat":
        good, bad = (
            [math.tanh(mean([math.exp(one) for one in sample])) for sample in of_samples(side)]
            for side in (step.alternative, step.forget)
        )
        expected = (mean(bad) - mean(good)) / 2
    elif method == "simnpo":
        terms = [math.log(1 / (1 + math.exp(4.5 * mean(sample)))) for sample in of_samples(step.forget)]
        expected = -0.125 * 2 / 4.5 * mean(terms) + nll(loaded, step.retain)
    elif method == "wga":
        logs = [each for sample in of_samples(step.forget) for each in sample]
        expected = mean([math.exp(each) * each for each in logs]) + nll(loaded, step.retain)
    elif method == "scrub":
        expected = 0.0
    else:
        blind = step.blind.reference_distributions
        own = torch.stack([z.log_softmax(-1) for _, z in read_logits(loaded, step.forget)])
        expected = float((blind.exp() * (blind - own)).sum(-1).mean())
        assert expected > 1e-5
    assert value == pytest.approx(expected, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("method", HALVES_WITH_PICTURES)
def test_pictures_reach_every_half(first: First, method: str) -> None:
    """One for each sample; a half made of texts alone would train without a complaint."""
    step, _ = first(method, "image_text")
    for half in HALVES_WITH_PICTURES[method]:
        assert len(getattr(step, half)._batch["inputs"]["pixel_values"]) == 4
    if method == "multidelete":
        assert "pixel_values" not in step.text_only._batch["inputs"]


def test_what_refuses_is_read_as_a_whole(first: First) -> None:
    """Of true and alternative answers what is new is read, so that a ratio compares the same parts."""
    step, _ = first("dpo")
    ends = step.refusal._batch["inputs"]["answer_mask"].sum(-1)
    assert (ends >= 4).all()
    both, _ = first("altpo", forget_tokens="value")
    for half in (both.forget, both.alternative):
        assert half.tokens < step.refusal.tokens
