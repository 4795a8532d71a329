"""Terms that several methods' losses are made of, read off the halves of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllmu.unlearning import losses
from mllmu.unlearning.need import Need

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.pairing.step import Side, Step


def retained(alpha: float) -> frozenset[Need]:
    """The retain half, where it has a weight."""
    return frozenset({Need.RETAIN} if alpha > 0 else ())


def weighted_retain(step: Step, alpha: float) -> Tensor | float:
    """Alpha CE(r); 0, without a look at the retain half, where it has no weight."""
    return alpha * step.retain.nll if alpha > 0 else 0.0


def divergence(half: Side) -> Tensor:
    """KL(pi0 || pi) at the answer tokens of a half, whose frozen distributions have to be there."""
    predicted = half.answers.all_log_probs()
    every = predicted.new_ones(len(predicted)).bool()
    return losses.kl_divergence(half.reference_distributions, predicted, every, half.tokens)


def preferred(step: Step, half: Side, beta: float) -> Tensor:
    """DPO of a half's answers over the forget half's; both halves' frozen log-probabilities are read."""
    forget = step.forget
    return losses.direct_preference(
        half.sample_log_probs,
        half.reference_log_probs,
        forget.sample_log_probs,
        forget.reference_log_probs,
        beta,
        forget.samples,
    )


def mean_probability(half: Side) -> Tensor:
    """Mean probability of each answer's tokens, [b]."""
    return losses.sample_means(half.token_log_probs[half.mask].exp(), half.mask)


def unit_direction(width: int, seed: int) -> Tensor:
    """A direction of norm 1 with entries of one sign: uniform in [0, 1), then scaled; [width], on the CPU."""
    import torch

    from mllmu.training.seeds import part_seed

    drawn = torch.rand(width, generator=torch.Generator().manual_seed(part_seed(seed, "direction")))
    return drawn / drawn.norm()
