"""Protects what holds for all losses: blindness to all but answers, and parts that add up to a step."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from mllmu.unlearning import losses
from mllmu.unlearning.losses import sample_log_probs, sample_means
from tests.unlearning.losses.tiny_batch import MASK, log_probs

LENGTHS = MASK.sum(-1)
ZEROS = torch.zeros(2)

BY_TOKEN: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "nll": losses.answer_nll,
    "ga": losses.gradient_ascent,
    "wga": lambda values, mask: losses.weighted_ascent(values, mask, 1.0),
    "satimp": lambda values, mask: losses.weighted_ascent(values, mask, 5.0, 1.0),
    "sum": lambda values, mask: sample_log_probs(values, mask).sum(),
    "npo": lambda values, mask: losses.negative_preference(sample_log_probs(values, mask), ZEROS, 0.1),
    "dpo": lambda values, mask: losses.direct_preference(
        ZEROS, ZEROS, sample_log_probs(values, mask), ZEROS, 0.1
    ),
    "simnpo": lambda values, mask: losses.simple_negative_preference(
        sample_log_probs(values, mask), LENGTHS, 4.5, 0.0
    ),
    "flat": lambda values, mask: losses.total_variation_contrast(
        ZEROS, sample_means(values[mask].exp(), mask)
    ),
    "kl from": lambda values, mask: losses.kl_divergence(
        torch.zeros(2, 3, 1), torch.where(mask, 0.0, values)[..., None], mask
    ),
    "kl": lambda values, mask: losses.kl_divergence(torch.zeros(2, 3, 1), values[..., None], mask),
}


@pytest.mark.parametrize("loss", BY_TOKEN)
@pytest.mark.parametrize("noise", [-50.0, -math.inf])
def test_prompt_and_padding_are_not_seen(loss: str, noise: float) -> None:
    """Neither the value nor the gradient depends on what stands outside the mask, be it infinite."""
    clean, noisy = log_probs(), log_probs(noise)
    expected, found = (BY_TOKEN[loss](values, MASK) for values in (clean, noisy))
    torch.testing.assert_close(found, expected)
    expected.backward()
    found.backward()
    torch.testing.assert_close(noisy.grad, clean.grad)
    assert not noisy.grad[~MASK].any()  # type: ignore[index]


# Three answer tokens over four words: two of the first sample, one of the second.
_RANDOM = torch.manual_seed(0)
LOGITS, FROZEN = torch.randn(3, 4, generator=_RANDOM), torch.randn(3, 4, generator=_RANDOM).log_softmax(-1)
TARGETS, READ = torch.tensor([2, 0, 1]), torch.tensor([False, True, True])
ROWS = (slice(0, 2), slice(2, 3))


def part_of(loss: str, sample: slice, rows: slice, tokens: int | None, samples: int | None) -> Tensor:
    """A loss of some samples, with the step's totals or, for the whole step, without."""
    values, mask = log_probs().detach()[sample], MASK[sample]
    sums, frozen = sample_log_probs(values, mask), torch.tensor([-1.0, -2.0])[sample]
    logits, given, targets = LOGITS[rows], FROZEN[rows], TARGETS[rows]
    predicted = logits.log_softmax(-1)
    fused = losses.mean_states(logits, mask)
    return {
        "nll": lambda: losses.answer_nll(values, mask, tokens),
        "satimp": lambda: losses.weighted_ascent(values, mask, 2.0, 1.0, tokens),
        "npo": lambda: losses.negative_preference(sums, frozen, 0.1, samples),
        "dpo": lambda: losses.direct_preference(frozen, frozen - 1, sums, frozen, 0.1, samples),
        "simnpo": lambda: losses.simple_negative_preference(sums, mask.sum(-1), 4.5, 0.2, samples),
        "flat": lambda: losses.total_variation_contrast(frozen.exp(), sums.exp(), samples),
        "kl": lambda: losses.kl_divergence(given, predicted, torch.ones(len(given)).bool(), tokens),
        "undial": lambda: losses.self_distillation(predicted, given, targets, 3.0, tokens),
        "ce_u": lambda: losses.others_cross_entropy(logits, targets, READ[rows], tokens and 2),
        "pdu": lambda: losses.logit_flattening(logits, tokens),
        "rmu": lambda: losses.state_distance(logits, torch.ones(4), mask, samples),
        "multidelete": lambda: losses.pooled_distance(fused, torch.ones(len(fused), 4), samples),
    }[loss]()


@pytest.mark.parametrize(
    "loss",
    ["nll", "satimp", "npo", "dpo", "simnpo", "flat", "kl", "undial", "ce_u", "pdu", "rmu", "multidelete"],
)
def test_parts_of_a_step_add_up(loss: str) -> None:
    """Divided by what the whole step holds (3 tokens, 2 samples), the samples' losses sum to the batch's."""
    whole = part_of(loss, slice(0, 2), slice(0, 3), None, None)
    parts = [part_of(loss, slice(i, i + 1), ROWS[i], 3, 2) for i in range(2)]
    torch.testing.assert_close(sum(parts), whole)
    assert whole.abs() > 1e-3
